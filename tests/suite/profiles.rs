//! The JSON Schema of profiles says what the program takes.

use bucketlint::profile::{self, ACTION_KEYS, KEYS, NOTIFICATION_KEYS, Profile};
use bucketlint::source::FileId;
use bucketlint::syntax::parse::parse;
use serde_json::Value;
use std::collections::BTreeSet;

fn schema() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/profiles/profile.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Whether the schema takes a profile, and whether the program does.
fn taken(text: &str) -> (bool, bool) {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let value: Value = serde_yaml::from_str(text).unwrap();
    let read = Profile::read("p", &parse(FileId(0), text).root.unwrap());
    (validator.is_valid(&value), read.is_ok())
}

#[test]
fn built_in_profiles_validate() {
    assert!(jsonschema::meta::is_valid(&schema()));
    for name in profile::names() {
        assert_eq!(taken(profile::builtin(name).unwrap()), (true, true), "{name}");
    }
}

#[test]
fn schema_and_program_know_the_same_keys() {
    let schema = schema();
    let keys =
        |pointer: &str| -> BTreeSet<String> { schema.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect() };
    let known = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(keys("/properties"), known(&KEYS));
    assert_eq!(keys("/properties/notifications/properties"), known(&NOTIFICATION_KEYS));
    assert_eq!(keys("/$defs/action/anyOf/1/properties"), known(&ACTION_KEYS));
}

#[test]
fn schema_and_program_refuse_the_same() {
    let with = |rest: &str| format!("title: t\nactions: [s3:GetObject]\n{rest}\n");
    for right in [
        "",
        "principal: role",
        "ownership: any",
        "trail: none",
        "kms: []",
        "kms: kms:Decrypt",
        "topic: [sns:Subscribe]",
        "notifications: {}",
        "notifications: {installs: true, reuses: none}",
        "reference: https://docs.aws.amazon.com/",
    ] {
        assert_eq!(taken(&with(right)), (true, true), "{right}");
    }
    for wrong in [
        "principle: role",
        "principal: roles",
        "ownership: BucketOwnerEnforced",
        "trail: true",
        "kms: [kms:Generate*]",
        "kms: [s3:GetObject]",
        "topic: [sns:Subscribe, sns:Subscribe]",
        "notifications: sns",
        "notifications: {installs: sns}",
        "notifications: {reuses: sqs}",
        "reference: 1",
    ] {
        assert_eq!(taken(&with(wrong)), (false, false), "{wrong}");
    }
    for (actions, expected) in [
        ("s3:GetObject", true),
        ("[]", false),
        ("[s3:Get*]", false),
        ("['s3:']", false),
        ("[{action: s3:Future, level: bucket}, s3:GetObject]", true),
        ("[{action: s3:Future}]", true),
        ("[{level: bucket}]", false),
        ("[{action: s3:Future, level: account}]", false),
        ("[[s3:GetObject]]", false),
    ] {
        assert_eq!(taken(&format!("title: t\nactions: {actions}\n")), (expected, expected), "{actions}");
    }
    assert_eq!(taken("title: ' '\nactions: [s3:GetObject]\n"), (false, false));
    assert_eq!(taken("actions: [s3:GetObject]\n"), (false, false));
}
