//! Several files that share buckets and have conditions of their own: a run ends in time, whatever hangs on what.
#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use bucketlint_fuzz::check;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// What a run over a dozen small files may take: 0.6 s alone, ten times that on a machine with ten times too much to do.
const BUDGET: Duration = Duration::from_secs(18);

const NAMES: &[&str] = &["lab-a", "lab-b", "lab-c"];
const WORDS: &[&str] = &["dev", "prod", "test", ""];
const PARAMETERS: &[&str] = &["Stage", "Share", "Region", "AWS::Region"];

#[derive(Debug)]
struct Files(Vec<Value>);

fn condition(bytes: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    let kind = if depth == 0 { 0 } else { bytes.int_in_range(0..=4)? };
    Ok(match kind {
        0 | 1 => json!({"Fn::Equals": [{"Ref": bytes.choose(PARAMETERS)?}, bytes.choose(WORDS)?]}),
        2 => json!({"Fn::Not": [condition(bytes, depth - 1)?]}),
        3 => json!({"Fn::And": [condition(bytes, depth - 1)?, {"Condition": "C0"}]}),
        _ => json!({"Fn::Or": [condition(bytes, depth - 1)?, condition(bytes, depth - 1)?]}),
    })
}

/// The bucket of this name, or what comes to one.
fn bucket(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let name = *bytes.choose(NAMES)?;
    Ok(match bytes.int_in_range(0..=3)? {
        0 => json!({"Fn::Sub": format!("{name}-${{Stage}}")}),
        1 => json!({"Fn::If": ["C0", name, *bytes.choose(NAMES)?]}),
        _ => json!(name),
    })
}

fn resource(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let name = bucket(bytes)?;
    let statement = json!({"Effect": bytes.choose(&["Allow", "Deny"])?, "Principal": {"AWS": "111122223333"}, "Action": "s3:*",
        "Resource": {"Fn::Sub": ["arn:aws:s3:::${B}/*", {"B": name.clone()}]}});
    let (kind, properties) = match bytes.int_in_range(0..=4)? {
        0 | 1 => ("AWS::S3::Bucket", json!({"BucketName": name})),
        2 => ("AWS::S3::BucketPolicy", json!({"Bucket": name, "PolicyDocument": {"Statement": [statement]}})),
        3 => {
            let values = json!([{"Fn::Sub": ["arn:aws:s3:::${B}/", {"B": name}]}]);
            let selectors = json!([{"DataResources": [{"Type": "AWS::S3::Object", "Values": values}]}]);
            ("AWS::CloudTrail::Trail", json!({"IsLogging": true, "S3BucketName": "lab-a", "EventSelectors": selectors}))
        }
        _ => ("AWS::CloudFormation::Stack", json!({"TemplateURL": format!("./{}.json", bytes.int_in_range(0..=11)?)})),
    };
    let mut out = json!({"Type": kind, "Properties": properties});
    if bytes.arbitrary()? {
        out["Condition"] = json!(format!("C{}", bytes.int_in_range(0..=2)?));
    }
    Ok(out)
}

fn template(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let parameter = |bytes: &mut Unstructured<'_>, name: &str| -> Result<(String, Value)> {
        let mut out = json!({"Type": "String", "Default": bytes.choose(WORDS)?});
        if bytes.arbitrary()? {
            out["AllowedValues"] = json!(WORDS);
        }
        Ok((name.to_owned(), out))
    };
    let parameters = ["Stage", "Share", "Region"].iter().map(|name| parameter(bytes, name)).collect::<Result<Map<_, _>>>()?;
    let conditions = (0..3).map(|at| Ok((format!("C{at}"), condition(bytes, 2)?))).collect::<Result<Map<_, _>>>()?;
    let count = bytes.int_in_range(1..=5)?;
    let resources = (0..count).map(|at| Ok((format!("R{at}"), resource(bytes)?))).collect::<Result<Map<_, _>>>()?;
    Ok(json!({"Parameters": parameters, "Conditions": conditions, "Resources": resources}))
}

impl<'a> Arbitrary<'a> for Files {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        (0..bytes.int_in_range(2..=12)?).map(|_| template(bytes)).collect::<Result<_>>().map(Self)
    }
}

fuzz_target!(|files: Files| {
    let file = |(at, tree): (usize, &Value)| (format!("{at}.json"), tree.to_string().into_bytes());
    let start = Instant::now();
    check(files.0.iter().enumerate().map(file).collect());
    assert!(start.elapsed() < BUDGET, "it took {:?}", start.elapsed());
});
