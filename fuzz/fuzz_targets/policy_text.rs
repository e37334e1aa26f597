//! Any text as a policy document, alone and as the document of a template: a verdict, and never a panic or a hang.
#![no_main]

use bucketlint_fuzz::{check, decide, document};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|text: &str| {
    if let Some(document) = document(text) {
        decide(&document);
    }
    let policy = |document| {
        let properties = json!({ "Bucket": "lab-data", "PolicyDocument": document });
        json!({ "Resources": { "P": { "Type": "AWS::S3::BucketPolicy", "Properties": properties } } }).to_string().into_bytes()
    };
    let sub = json!({ "Fn::Sub": text });
    check(vec![("plain.json".into(), policy(json!(text))), ("sub.json".into(), policy(sub)), ("text".into(), text.into())]);
});
