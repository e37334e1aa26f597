//! The JSON Schema of the settings says what the program takes, and what it goes by where nothing is said.

use bucketlint::app::SCHEMA;
use bucketlint::cli::Chosen;
use bucketlint::config::{Config, KEYS};
use bucketlint::profile;
use bucketlint::settings::Settings;
use bucketlint::source::FileId;
use bucketlint::syntax::parse::parse;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

fn read(text: &str) -> Option<Config> {
    Config::read(&parse(FileId(0), text).root.unwrap_or_default(), Path::new("")).ok()
}

/// Whether the schema takes settings, and whether the program does.
fn taken(text: &str) -> (bool, bool) {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let value: Value = serde_yaml::from_str(text).unwrap();
    (validator.is_valid(&value), read(text).is_some())
}

/// One key as JSON, which is YAML too.
fn one(key: &str, value: &Value) -> String {
    format!("{key}: {value}\n")
}

#[test]
fn schema_and_program_know_the_same_keys() {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    let keys: BTreeSet<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, BTreeSet::from(KEYS));
    let profiles: BTreeSet<&str> = schema["properties"]["profile"]["anyOf"][0]["enum"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    assert_eq!(profiles, BTreeSet::from(profile::names()));
    assert_eq!(schema["$defs"]["pack"]["enum"], serde_json::json!(bucketlint::rule::catalog::packs()));
}

/// A wrong key is answered with all that are known, which the schema then has to know too.
#[test]
fn schema_and_program_know_the_same_inner_keys() {
    let schema = schema();
    let mut compared = 0;
    for key in KEYS {
        let setting = &schema["properties"][key];
        for (inner, list) in [(setting, false), (&setting["items"], true), (&setting["anyOf"][1], false)] {
            let Some(properties) = inner["properties"].as_object() else { continue };
            let text = if list { format!("{key}: [{{zzzzzzzzzzzzzz: 1}}]\n") } else { format!("{key}: {{zzzzzzzzzzzzzz: 1}}\n") };
            let complaints = Config::read(&parse(FileId(0), &text).root.unwrap(), Path::new("")).unwrap_err();
            let known = complaints.iter().find_map(|one| one.message.split_once("; known are ")).unwrap().1;
            let known: BTreeSet<&str> = known.split(", ").map(|name| name.trim_matches('`')).collect();
            assert_eq!(known, properties.keys().map(String::as_str).collect(), "{key}");
            compared += 1;
        }
    }
    assert!(compared >= 4, "at least those of buckets, parameters, allow and trail");
}

#[test]
fn every_key_has_a_description_a_default_and_an_example() {
    for (key, setting) in schema()["properties"].as_object().unwrap() {
        assert!(setting["description"].as_str().unwrap().ends_with('.'), "{key}");
        let examples = setting["examples"].as_array().unwrap();
        assert!(!examples.is_empty(), "{key}");
        for example in examples {
            assert_eq!(taken(&one(key, example)), (true, true), "{key}: {example}");
            assert_ne!(*example, setting["default"], "{key}");
        }
    }
}

/// What `bucketlint config` shows for a key that is not set is what a run goes by.
#[test]
fn defaults_are_those_of_the_program() {
    let unset = Settings::resolve(Config::default(), &Chosen::default());
    for (key, setting) in schema()["properties"].as_object().unwrap() {
        let default = setting.get("default").unwrap();
        if default.is_null() {
            continue;
        }
        let mut said = Settings::resolve(read(&one(key, default)).unwrap(), &Chosen::default());
        said.account_origin = unset.account_origin;
        assert_eq!(said, unset, "{key}: {default}");
    }
}

#[test]
fn schema_and_program_refuse_the_same() {
    for right in [
        "",
        "{}",
        "control_accounts: '012345678901'",
        "control_accounts: 123456789012",
        "control_accounts: ['123456789012', 123456789012]",
        "profile: ./ours.yml",
        "profile: dir/ours",
        "buckets: {}",
        "buckets: {include: lab}",
        "severity: {trail/uncovered-bucket: off, policy/missing: 'off', policy/denied: note}",
        "rules: lint",
        "trail: elsewhere",
        "trail: {}",
        "trail: {place: elsewhere, read_by_platform: false}",
        "partition: aws",
        "partition: aws-us-gov",
        "principals: arn:aws-cn:iam::123456789012:role/path/Reader",
        "assume: {'aws:SecureTransport': true, 'aws:SourceVpce': [vpce-1, 2]}",
        "parameters: []",
        "parameters: [{templates: '!a.yaml', values: {A: 1, B: [x, true]}}]",
        "parameters: [{templates: [a, b/], file: samconfig.toml#prod}]",
        "accounts: {a.yaml: 123456789012, 'b/': ['123456789012', '210987654321']}",
        "regions: {a.yaml: us-gov-west-1}",
        "allow: [{rule: [a/b, c/d], reason: r, until: '2027-01-31', paths: [x/, y.yaml], buckets: lab-*}]",
        "allow: [{rule: a/b, paths: x}]",
        "baseline: known.json",
        "packs: aws-s3",
    ] {
        assert_eq!(taken(right), (true, true), "{right}");
    }
    for wrong in [
        "[]",
        "control_account: '123456789012'",
        "control_accounts: 12345",
        "control_accounts: '1234-5678-9012'",
        "control_accounts: [true]",
        "control_accounts: {}",
        "profile: qiult",
        "profile: 1",
        "buckets: lab",
        "buckets: {include: ['']}",
        "buckets: {only: x}",
        "severity: {policy/missing: fatal}",
        "severity: {policy/missing: true}",
        "severity: off",
        "rules: {}",
        "rules: ['']",
        "trail: there",
        "trail: []",
        "trail: {place: there}",
        "trail: {read: true}",
        "trail: {read_by_platform: 'yes'}",
        "fail_on: 1",
        "partition: AWS",
        "partition: aws2",
        "principals: arn:aws:iam::123456789012:root",
        "principals: [arn:aws:iam::123456789012:role/*]",
        "principals: arn:aws:iam::12345:role/R",
        "assume: {PrincipalOrgID: o-abc}",
        "assume: {'aws:x': {}}",
        "assume: {'aws:x': []}",
        "parameters: {}",
        "parameters: [b]",
        "parameters: [{values: {A: b}}]",
        "parameters: [{templates: a, value: {}}]",
        "parameters: [{templates: '#a'}]",
        "parameters: [{templates: ' '}]",
        "parameters: [{templates: []}]",
        "accounts: '123456789012'",
        "accounts: {'!a': '123456789012'}",
        "accounts: {a: []}",
        "accounts: {a: eu-west-1}",
        "regions: {a: west}",
        "regions: {a: 1}",
        "allow: {}",
        "allow: [{rule: a/b}]",
        "allow: [{paths: a}]",
        "allow: [{rule: [], paths: x}]",
        "allow: [{rule: a/b, paths: x, until: soon}]",
        "allow: [{rule: a/b, paths: x, bucket: b}]",
        "baseline: [a]",
        "packs: [aws-s4]",
        "parameters: [{templates: ''}]",
        "parameters: [{templates: a, file: 1}]",
        "parameters: [{templates: a, values: {A: {}}}]",
        "parameters: [{templates: a, values: {A: ~}}]",
        "parameters: [{templates: a, values: []}]",
    ] {
        assert_eq!(taken(wrong), (false, false), "{wrong}");
    }
}
