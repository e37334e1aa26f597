//! Hostile texts in every place of a template that a report may quote: each report is still what its format says.
#![no_main]

use bucketlint_fuzz::check;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|texts: [&str; 4]| {
    let [name, sid, value, path] = texts;
    let statement = json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": value}, "Action": ["s3:GetObject", value],
        "Resource": [{"Fn::Sub": format!("arn:aws:s3:::${{{name}}}/*")}, value], "Condition": {value: {sid: [value]}}});
    let template = json!({
        "Parameters": {name: {"Type": "String", "AllowedValues": [value, sid], "Default": value}},
        "Conditions": {sid: {"Fn::Equals": [{"Ref": name}, value]}},
        "Resources": {
            name: {"Type": "AWS::S3::Bucket", "Condition": sid, "Metadata": {"aws:cdk:path": value},
                "Properties": {"BucketName": value, "AccessControl": sid}},
            format!("{name}P"): {"Type": "AWS::S3::BucketPolicy",
                "Properties": {"Bucket": {"Ref": name}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}},
            format!("{name}T"): {"Type": "AWS::CloudTrail::Trail", "Properties": {"TrailName": sid, "IsLogging": value,
                "EventSelectors": [{"DataResources": [{"Type": "AWS::S3::Object", "Values": [value]}]}]}},
        }
    });
    // once in each notation: what is quoted is the text as it is written
    let json = template.to_string().into_bytes();
    let yaml = format!("Resources:\n  B:\n    Type: AWS::S3::Bucket # bucketlint: allow {sid} {value}\n    Properties: {{BucketName: {name}}}\n");
    check(vec![(format!("{path}.json"), json), (format!("{path}.yaml"), yaml.into_bytes())]);
});
