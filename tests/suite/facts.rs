//! What `bucketlint facts` shows: what rules select from.

use crate::program::{command, finish, folder, run};
use serde_json::{Value, json};

const TEMPLATE: &str = "\
Parameters:
  Logs: {Type: String}
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: lab-é-data
      LoggingConfiguration: {DestinationBucketName: !Ref Logs}
  Queue:
    Type: AWS::SQS::Queue
";

#[test]
fn facts_are_shown_with_their_places() {
    let dir = folder(&[("t.yaml", TEMPLATE)]);
    let done = run(dir.path(), &["facts", "--each", "$.resources[?@.type == 'AWS::S3::Bucket'].properties", "t.yaml"]);
    let want = "\
- # t.yaml:7:7-8:63
  BucketName: \"lab-é-data\" # t.yaml:7:19-7:29
  LoggingConfiguration: # t.yaml:8:29-8:63
    DestinationBucketName: # t.yaml:8:53-8:62; not known: parameter `Logs` has no default
";
    assert_eq!((done.status, done.out.as_str(), done.err.as_str()), (0, want, ""));
    let done = run(dir.path(), &["facts", "--format", "json", "--each", "$.resources[*]", "t.yaml"]).json();
    assert_eq!(done["facts"][1]["type"], "AWS::SQS::Queue");
    let place = json!({"file": "t.yaml", "start": {"line": 9, "column": 3, "offset": 191}, "end": {"line": 9, "column": 8, "offset": 196}});
    assert_eq!(done["places"]["$[1]"], place);
    let path = "$[0].properties.LoggingConfiguration.DestinationBucketName";
    assert_eq!(done["not_known"][path], json!({"why": "parameter `Logs` has no default", "may_be_absent": false}));
}

/// A rule that selects the same has its findings there.
#[test]
fn places_are_those_of_findings() {
    let rule = "title: t\nseverity: note\nsince: 0.1.0\neach: $.statements[*]\ncheck: [{every: '@.no_such_member', exists: true}]\n\
                label: l\nmessage: m\nwhy: w\nfix: f\nreference: [https://docs.aws.amazon.com/]\n";
    let policy = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab-data/*"},
  {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::lab-data/*"}]}"#;
    let dir = folder(&[("policy.json", policy), ("mine/probe/all.yaml", rule)]);
    let args = ["--no-config", "--control-account", "123456789012", "--format", "json", "policy.json"];
    let report = run(dir.path(), &[&["check", "--rules", "mine"], &args[..]].concat()).json();
    let found = report["findings"].as_array().unwrap().iter().filter(|one| one["rule"] == "probe/all");
    let found: Vec<&Value> = found.map(|one| &one["location"]).collect();
    let facts = run(dir.path(), &[&["facts", "--each", "$.statements[*]"], &args[..]].concat()).json();
    assert_eq!(found, [&facts["places"]["$[0]"], &facts["places"]["$[1]"]]);
    assert_eq!(found[1]["start"], json!({"line": 2, "column": 35, "offset": 153}));
}

#[test]
fn settings_and_flags_count_as_for_a_check() {
    let dir = folder(&[
        ("bucketlint.yaml", "control_accounts: ['111122223333']\nprofile: read-only-consumer\n"),
        ("t.yaml", "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n"),
    ]);
    let ask = |args: &[&str]| run(dir.path(), &[&["facts", "--format", "json"], args].concat()).json()["facts"]["run"][0].clone();
    assert_eq!((&ask(&[])["control_accounts"], &ask(&[])["profile"]), (&json!(["111122223333"]), &json!("read-only-consumer")));
    let flags = ask(&["--control-account", "123456789012", "--no-config"]);
    assert_eq!((&flags["control_accounts"], &flags["profile"]), (&json!(["123456789012"]), &json!("quilt")));
}

#[test]
fn all_lists_are_there_in_every_run() {
    let dir = folder(&[("empty/a.txt", ""), ("t.yaml", TEMPLATE)]);
    let lists = |path: &str| {
        let done = run(dir.path(), &["facts", "--no-config", "--format", "json", path]);
        assert_eq!((done.status, done.err.as_str()), (0, ""));
        done.json()["facts"].as_object().unwrap().clone()
    };
    let (with, without) = (lists("t.yaml"), lists("empty"));
    let done = run(dir.path(), &["facts", "--no-config", "--allow-empty", "--each", "$.run[*].in_scope", "empty"]);
    assert_eq!((done.status, done.out.as_str()), (0, "- 0\n"));
    let mut keys: Vec<Vec<&String>> = [&with, &without].map(|lists| lists.keys().collect()).into();
    keys.iter_mut().for_each(|keys| keys.sort());
    assert_eq!(keys[0], keys[1]);
    assert_eq!((with["resources"].as_array().unwrap().len(), &without["resources"]), (2, &json!([])));
    assert_eq!((&with["unchecked"], without["unchecked"].as_array().unwrap().len()), (&json!([]), 1));
}

#[test]
fn what_cannot_be_shown_is_told() {
    let dir = folder(&[("t.yaml", TEMPLATE)]);
    let done = run(dir.path(), &["facts", "--no-config", "--each", "$.input[*]", "missing.yaml"]);
    assert_eq!(done.status, 2);
    assert!(done.out.starts_with("- # missing.yaml:1:1-1:1\n  kind: unreadable\n"), "{}", done.out);
    assert_eq!(done.err, "bucketlint: something could not be read; the facts say what under `input`\n");
    for (path, why) in [("resources", "a path begins with `$`"), ("$.a[", "not a JSONPath: expected selector")] {
        let done = run(dir.path(), &["facts", "--each", path, "t.yaml"]);
        assert_eq!((done.status, done.out, done.err), (2, String::new(), format!("bucketlint: --each {path}: {why}\n")));
    }
}

#[test]
fn threads_change_nothing() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for format in ["yaml", "json"] {
        let with = |threads: &str| {
            let mut command =
                command(root, &["facts", "--control-account", "123456789012", "--format", format, "fixtures/example"]);
            command.env("RAYON_NUM_THREADS", threads);
            finish(command).out
        };
        let out = with("1");
        assert!(out.contains("fixtures/example/") && out == with("4"));
    }
}
