//! Real templates in which any node becomes another: of the same template, of another one, or something odd.
#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use bucketlint_fuzz::{check, seeds};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

/// What templates do not often hold in a place.
fn odd(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let all = [
        json!(null), json!([]), json!({}), json!(""), json!("*"), json!(true), json!(-1), json!(1.5e300), json!([[]]), json!([null]),
        json!({"Ref": "AWS::NoValue"}), json!({"Ref": "AWS::AccountId"}), json!({"Ref": 1}), json!({"Ref": "Data"}),
        json!({"Fn::If": ["A", "b", {"Ref": "AWS::NoValue"}]}), json!({"Fn::If": []}), json!({"Condition": "A"}),
        json!({"Fn::Sub": "${Data}${Data.Arn}${AWS::Region}${!x}${"}), json!({"Fn::Sub": ["${a}", {"a": {"Ref": "Data"}}]}),
        json!({"Fn::GetAtt": "Data.Arn"}), json!({"Fn::GetAtt": ["Data"]}), json!({"Fn::Select": ["1", {"Fn::Split": [",", "a,b"]}]}),
        json!({"Fn::Transform": {"Name": "M"}}), json!({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "k"]}),
        json!({"Fn::Join": ["", ["a", {"Ref": "Data"}, []]]}), json!({"Fn::ImportValue": {"Fn::Sub": "${Data}"}}),
        json!({"Fn::ForEach::X": ["I", ["a", "b"], {"${I}": {"Type": "AWS::S3::Bucket"}}]}), json!({"Fn::Length": [[1], 2]}),
        json!({"Fn::ToJsonString": {"a": {"Ref": "Data"}}}), json!({"Fn::Equals": ["a"]}), json!({"Fn::GetStackOutput": {}}),
        json!("arn:aws:s3:::*"), json!("${*}"), json!("{{resolve:ssm:/a}}"), json!("AWS::S3::Bucket"), json!("AWS::S3::BucketPolicy"),
        json!("AWS::CloudTrail::Trail"), json!("AWS::KMS::Key"), json!("AWS::CloudFormation::Stack"), json!("{\"Statement\": [{}]}"),
    ];
    Ok(bytes.choose(&all)?.clone())
}

/// A template with some of its nodes changed.
fn changed(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let mut tree = bytes.choose(&seeds::TREES)?.clone();
    for _ in 0..bytes.int_in_range(1..=4)? {
        let at = bytes.int_in_range(0..=seeds::count(&tree) - 1)?;
        let other = match bytes.int_in_range(0..=3)? {
            0 => odd(bytes)?,
            1 => {
                let from = bytes.int_in_range(0..=seeds::count(&tree) - 1)?;
                seeds::node(&mut tree, from).clone()
            }
            2 => {
                let mut donor = bytes.choose(&seeds::TREES)?.clone();
                let from = bytes.int_in_range(0..=seeds::count(&donor) - 1)?;
                seeds::node(&mut donor, from).take()
            }
            _ => json!([seeds::node(&mut tree, at).clone(), odd(bytes)?]),
        };
        *seeds::node(&mut tree, at) = other;
    }
    Ok(tree)
}

#[derive(Debug)]
struct Files(Vec<Value>);

impl<'a> Arbitrary<'a> for Files {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        (0..bytes.int_in_range(1..=2)?).map(|_| changed(bytes)).collect::<Result<_>>().map(Self)
    }
}

fuzz_target!(|files: Files| {
    let file = |(at, tree): (usize, &Value)| (format!("{at}.json"), tree.to_string().into_bytes());
    check(files.0.iter().enumerate().map(file).collect());
});
