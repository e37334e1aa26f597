//! What is wrong with basic event selectors.

use super::item::{Fault, S3_OBJECT, type_fault};
use crate::trail::arn::{Shape, UNFILLED, shape};
use crate::trail::selector::{BasicSelector, DataResource};
use bucketlint_text::text::Text;

/// Basic selectors a trail may have. <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
pub const MAX_SELECTORS: usize = 5;
/// Data resources over all basic selectors of a trail; values for all buckets do not count. Same source.
const MAX_RESOURCES: usize = 250;

pub(super) fn basic_faults(selectors: &[BasicSelector], out: &mut Vec<Fault>) {
    for selector in selectors {
        if let Some(text) = &selector.read_write {
            out.extend(read_write_fault(text));
        }
        selector.data.iter().for_each(|resource| resource_faults(resource, out));
    }
    if let Some(selector) = selectors.get(MAX_SELECTORS) {
        let problem = format!("is one more than the {MAX_SELECTORS} event selectors a trail may have");
        out.push(Fault::new(selector.span, "EventSelectors", problem));
    }
    let values = selectors.iter().flat_map(|selector| &selector.data).flat_map(|resource| &resource.values);
    if let Some(value) = values.filter(|value| shape(value) != Shape::AllBuckets).nth(MAX_RESOURCES) {
        let problem = format!("is one more than the {MAX_RESOURCES} data resources a trail may have");
        out.push(Fault::new(value.span, value, problem));
    }
}

fn read_write_fault(text: &Text) -> Option<Fault> {
    let types = ["All", "ReadOnly", "WriteOnly"];
    let known = text.as_known().filter(|known| !types.contains(known))?;
    let meant = types.iter().find(|right| right.eq_ignore_ascii_case(known)).map(|right| right.to_string());
    Some(Fault::new(text.span, known, "is not `All`, `ReadOnly` or `WriteOnly`").write(meant))
}

fn resource_faults(resource: &DataResource, out: &mut Vec<Fault>) {
    let Some(kind) = &resource.kind else { return };
    let Some(known) = kind.as_known() else { return };
    let fault = type_fault(kind.span, known, true);
    let objects_meant = known == S3_OBJECT || fault.as_ref().is_some_and(|fault| fault.suggestion.is_some());
    out.extend(fault);
    if objects_meant {
        out.extend(resource.values.iter().filter_map(value_fault));
    }
}

/// Judges a value of type `AWS::S3::Object`.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html>; that CloudTrail refuses a
/// bucket without `/` and wildcards: <https://github.com/hashicorp/terraform-provider-aws/issues/4043>,
/// <https://github.com/cloud-gov/terraform-provision/issues/414>.
fn value_fault(value: &Text) -> Option<Fault> {
    let fault = |problem: &str| Some(Fault::new(value.span, value, problem));
    match shape(value) {
        Shape::AllBuckets | Shape::Objects { .. } | Shape::Open => None,
        Shape::Unfilled => Some(fault(UNFILLED)?.write(value.to_string()).accepted()),
        Shape::BucketOnly => Some(fault("names a bucket without the `/` that ends its name")?.write(format!("{value}/"))),
        Shape::AnyBucket(all) => Some(fault("has a wildcard, which no value may have")?.write(all)),
        Shape::StarInName => fault("has a wildcard in the bucket's name, which no value may have"),
        Shape::StarInKey(before) => {
            let problem = "has a wildcard, but values are beginnings of ARNs: at best it matches keys that hold `*` themselves";
            Some(fault(problem)?.write(before).accepted().unconfirmed())
        }
        Shape::Doubled(inner) => Some(fault("has an ARN within an ARN")?.write(repaired(&inner))),
        Shape::NoBucket => fault("names no bucket"),
        Shape::NotS3 => Some(fault("is not the ARN of S3, of a bucket or of objects")?.write(guessed(value))),
    }
}

/// The innermost of nested ARNs, itself put right where that is needed.
pub(super) fn repaired(inner: &Text) -> Option<String> {
    let mut inner = inner.clone();
    // no one nests deeper, and each step copies the rest
    for _ in 0..4 {
        match shape(&inner) {
            Shape::Doubled(next) => inner = next,
            _ => return value_fault(&inner).map_or_else(|| Some(inner.to_string()), |fault| fault.suggestion),
        }
    }
    None
}

/// The value meant by a bare bucket name, with or without a key, or an S3 URI.
pub(super) fn guessed(value: &Text) -> Option<String> {
    let known = value.as_known()?;
    let path = known.strip_prefix("s3://").unwrap_or(known);
    let (name, key) = path.split_once('/').unwrap_or((path, ""));
    let letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '.' | '-');
    let is_name = (3..=63).contains(&name.len()) && name.chars().all(letter);
    let key = key.split('*').next().unwrap_or_default();
    is_name.then(|| format!("arn:aws:s3:::{name}/{key}"))
}

#[cfg(test)]
mod tests {
    use crate::trail::fault::{Fault, faults};
    use crate::trail::testing::trail;
    use serde_json::json;

    fn of(kind: &str, values: serde_json::Value) -> Vec<Fault> {
        faults(&trail("T", json!({"EventSelectors": [{"DataResources": [{"Type": kind, "Values": values}]}]})))
    }

    #[test]
    fn values_are_judged() {
        // value; what to write; whether rejected; whether unconfirmed
        for (value, write, rejected, unconfirmed) in [
            ("arn:aws:s3:::lab", Some("arn:aws:s3:::lab/"), true, false),
            ("arn:aws:s3:::${Name}", Some("arn:aws:s3:::${Name}/"), true, false),
            ("arn:${PPartition}:s3:::lab", Some("arn:${PPartition}:s3:::lab/"), true, false),
            ("arn:aws:s3:::lab/*", Some("arn:aws:s3:::lab/"), false, true),
            ("${PArn}/*", Some("${PArn}/"), false, true),
            ("arn:aws:s3:::*", Some("arn:aws:s3"), true, false),
            ("arn:aws-cn:s3:::*/*", Some("arn:aws-cn:s3"), true, false),
            ("arn:aws:s3:::pre-*/*", None, true, false),
            ("arn:aws:s3:::arn:aws:s3:::lab", Some("arn:aws:s3:::lab/"), true, false),
            ("arn:aws:s3:::arn:aws:s3:::lab/", Some("arn:aws:s3:::lab/"), true, false),
            ("arn:aws:s3:::arn:aws:s3:::arn:aws:s3:::lab", Some("arn:aws:s3:::lab/"), true, false),
            ("arn:aws:s3:::/", None, true, false),
            ("lab-data", Some("arn:aws:s3:::lab-data/"), true, false),
            ("s3://lab-data/raw/*", Some("arn:aws:s3:::lab-data/raw/"), true, false),
            ("arn:aws:lambda", None, true, false),
            ("*", None, true, false),
        ] {
            let found = of("AWS::S3::Object", json!([value]));
            assert_eq!(found.len(), 1, "{value}");
            let fault = &found[0];
            assert_eq!(fault.value, value);
            assert_eq!(
                (fault.suggestion.as_deref(), fault.rejected, fault.unconfirmed),
                (write, rejected, unconfirmed),
                "{value}"
            );
        }
    }

    #[test]
    fn nesting_without_end_is_given_up() {
        let found = of("AWS::S3::Object", json!(["arn:aws:s3:::".repeat(50_000)]));
        assert_eq!((found.len(), found[0].suggestion.as_deref()), (1, None));
    }

    #[test]
    fn what_may_be_right_is_left_alone() {
        let right = json!(["arn:aws:s3", "arn:aws:s3:::", "arn:aws:s3:::b/", "arn:aws:s3:::b/x", "arn:aws:s3:::${PName}", {"Ref": "PList"}]);
        assert_eq!(of("AWS::S3::Object", right), []);
        assert_eq!(of("AWS::Lambda::Function", json!(["arn:aws:lambda"])), []);
        assert_eq!(of("${PType}", json!(["arn:aws:s3:::b"])), []);
    }

    #[test]
    fn types_are_judged_and_their_values_too() {
        let found = of("AWS::S3::Bucket", json!(["arn:aws:s3:::lab/*"]));
        let written: Vec<_> = found.iter().map(|fault| (fault.value.as_str(), fault.suggestion.as_deref())).collect();
        assert_eq!(written, [("AWS::S3::Bucket", Some("AWS::S3::Object")), ("arn:aws:s3:::lab/*", Some("arn:aws:s3:::lab/"))]);
        // nodes and keys in reading order: 1 map, 2+3 EventSelectors, 4 map, 5+6 DataResources, 7 map, 8+9 Type, 10+11 Values, 12
        assert_eq!(found.iter().map(|fault| fault.span.start).collect::<Vec<_>>(), [9, 12]);
        let access_point = of("AWS::S3::AccessPoint", json!(["arn:aws:s3:us-east-1:1:accesspoint/a"]));
        assert!(matches!(access_point.as_slice(), [fault] if fault.unconfirmed && fault.suggestion.is_none()));
    }

    #[test]
    fn the_first_thing_too_many_is_named() {
        let selectors: Vec<_> = (0..7).map(|_| json!({})).collect();
        let found = faults(&trail("T", json!({"EventSelectors": selectors})));
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].span.start, found[0].problem.as_str()),
            (9, "is one more than the 5 event selectors a trail may have")
        );
        let values: Vec<String> = (0..250).map(|at| format!("arn:aws:s3:::b{at}/")).collect();
        assert_eq!(of("AWS::S3::Object", json!(values)), []);
        let more: Vec<String> = std::iter::once("arn:aws:s3".into()).chain(values).chain(["arn:aws:s3:::last/".into()]).collect();
        let found = of("AWS::S3::Object", json!(more));
        assert_eq!(found.iter().map(|fault| fault.value.as_str()).collect::<Vec<_>>(), ["arn:aws:s3:::last/"]);
    }

    #[test]
    fn read_write_type_is_one_of_three() {
        let of = |text: &str| faults(&trail("T", json!({"EventSelectors": [{"ReadWriteType": text}]})));
        assert_eq!(of("WriteOnly"), []);
        assert_eq!(of("${PType}"), []);
        assert_eq!(of("readonly")[0].suggestion.as_deref(), Some("ReadOnly"));
        assert_eq!(of("Write")[0].suggestion, None);
    }
}
