//! The tests of rules, the lists of rules and the packs, asked from the command line.

use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

/// What the program prints, standard error behind standard output, and its exit status.
fn run(dir: &Path, args: &[&str]) -> (String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bucketlint"));
    command.current_dir(dir).args(args).env("LC_ALL", "C.UTF-8").env("COLUMNS", "120").env_remove("NO_COLOR");
    let done = command.output().unwrap();
    (String::from_utf8([done.stdout, done.stderr].concat()).unwrap(), done.status.code().unwrap())
}

const RULE: &str = "
title: The bucket has no name
severity: warning
since: 1.0.0
each: $.resources[?@.type == 'AWS::S3::Bucket']
at: '@.properties.BucketName'
check:
  - {some: '@.properties.BucketName', matches: ^lab-}
label: this
message: 'bucket {logical_id} is not one of the lab'
why: w
fix: f
reference: https://docs.aws.amazon.com/
";

/// The places and messages of a report of mistakes or misses: `file:line:column message`.
fn told(report: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut message = String::new();
    for line in report.lines() {
        if let Some((_, rest)) = line.split_once("× error: ") {
            message = rest.to_owned();
        } else if let (Some((_, place)), false) = (line.split_once("╭─["), message.is_empty()) {
            out.push(format!("{} {message}", place.trim_end_matches(']')));
            message.clear();
        }
    }
    out
}

#[test]
fn verdicts_are_those_of_the_rule() {
    let cases = "
- name: all four
  input: {Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: lab-a}}}}
  expectations: {rules: {own/name: PASS}}
- name: broken
  input: {Resources: {A: {Type: 'AWS::S3::Bucket'}}}
  expectations: {rules: {own/name: FAIL}}
- name: nothing to judge
  input: {Resources: {A: {Type: 'AWS::SQS::Queue'}}}
  expectations: {rules: {own/name: SKIP}}
- name: not to be told
  input:
    Parameters: {Name: {Type: String}}
    Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Ref Name}}}
  expectations: {rules: {own/name: UNDECIDED}}
- name: a value that is given
  parameters: {Name: lab-b}
  input:
    Parameters: {Name: {Type: String}}
    Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Ref Name}}}
  expectations: {rules: {own/name: PASS}}
- name: a built-in rule and a setting
  settings: {control_accounts: ['123456789012'], severity: {own/name: error}}
  input: {Resources: {A: {Type: 'AWS::S3::Bucket'}}}
  expectations: {rules: {own/name: [{severity: error}], policy/missing: FAIL, policy/denied: PASS, notification/conflict: SKIP}}
";
    let dir = folder(&[("rules/own/name.yaml", RULE), ("rules/tests/name_tests.yaml", cases)]);
    for path in ["rules", "rules/tests/name_tests.yaml"] {
        let (out, status) = run(dir.path(), &["test", path]);
        assert_eq!((status, out.lines().last()), (0, Some("6 cases: 6 passed, 0 failed")), "{out}");
    }
    // the same from inside, and with the tests elsewhere
    assert_eq!(run(&dir.path().join("rules"), &["test"]).1, 0);
    assert_eq!(run(&dir.path().join("rules/tests"), &["test", "name_tests.yaml", "--rules", ".."]).1, 0);
}

#[test]
fn misses_are_shown_at_what_was_expected() {
    let cases = "- name: two buckets
  input: |
    Resources:
      A: {Type: 'AWS::S3::Bucket'}
      B:
        Type: AWS::S3::Bucket
        Properties:
          BucketName: other
  expectations:
    rules:
      # the first fits both: it must leave B to the second
      own/name: [{message: of the lab}, {line: 6, at: other}]
- name: one too few
  input: {Resources: {A: {Type: 'AWS::S3::Bucket'}, B: {Type: 'AWS::S3::Bucket'}}}
  expectations: {rules: {own/name: [{bucket: B}]}}
- name: another one
  input: {Resources: {A: {Type: 'AWS::S3::Bucket'}}}
  expectations: {rules: {own/name: [{line: 3}]}}
- name: none at all
  input: {Resources: {A: {Type: 'AWS::SQS::Queue'}}}
  expectations: {rules: {own/name: PASS}}
";
    let dir = folder(&[("rules/own/name.yaml", RULE), ("rules/name_test.yaml", cases)]);
    let (out, status) = run(dir.path(), &["test", "rules"]);
    assert_eq!(status, 1);
    let head = "rules/name_test.yaml\n  pass  two buckets\n  FAIL  one too few\n  FAIL  another one\n  FAIL  none at all\n\n";
    assert!(out.starts_with(head), "{out}");
    assert!(out.ends_with("4 cases: 1 passed, 3 failed\n"), "{out}");
    let wanted = [
        "rules/name_test.yaml:15:26 one too few: expected 1 finding, got 2",
        "rules/name_test.yaml:18:38 another one: no finding is like this",
        "rules/name_test.yaml:21:36 none at all: expected PASS, got SKIP",
    ];
    assert_eq!(told(&out), wanted, "{out}");
}

#[test]
fn mistakes_in_test_files_are_shown_on_their_place() {
    let cases = "settings: {profil: x}
cases:
  - nam: a
    input: x
    expectations: {rules: {own/nam: PASS}}
  - name: b
    input: {}
    files: [a.yaml]
    expectations: {rules: {own/name: PAS}}
  - name: c
    expectations: {rules: {own/name: [{lin: 1, line: 0, severity: eror}]}}
  - name: d
    input: []
    parameters: {A: []}
    expectations: {}
";
    let dir = folder(&[("rules/own/name.yaml", RULE), ("rules/name_test.yaml", cases)]);
    let (out, status) = run(dir.path(), &["test", "rules"]);
    assert_eq!(status, 2);
    let wanted: Vec<String> = [
        "1:12 unknown key `profil`; did you mean `profile`?",
        "3:5 `name` is missing",
        "3:5 unknown key `nam`; did you mean `name`?",
        "8:12 `files` cannot stand beside `input`",
        "9:38 unknown verdict `PAS`; did you mean `PASS`?",
        "10:5 `input` is missing, or `files` in its place",
        "11:40 unknown key `lin`; did you mean `line`?",
        "11:54 `line` should be a number from 1",
        "11:67 unknown severity `eror`; did you mean `error`?",
        "13:12 `input` should be a template or policy, or its text, not a list",
        "14:21 the value of `A` should be a string, number or boolean",
        "15:19 `rules` is missing",
    ]
    .map(|place| format!("rules/name_test.yaml:{place}"))
    .to_vec();
    assert_eq!(told(&out), wanted, "{out}");
    let unknown = "- name: a\n  input: {}\n  expectations: {rules: {own/nam: PASS}}\n";
    std::fs::write(dir.path().join("rules/name_test.yaml"), unknown).unwrap();
    let (out, status) = run(dir.path(), &["test", "rules"]);
    let place = "rules/name_test.yaml:3:26 there is no rule `own/nam`; did you mean `own/name`?";
    assert_eq!((status, told(&out)), (2, vec![place.to_owned()]), "{out}");
    let (out, status) = run(dir.path(), &["test", "rules/own"]);
    assert_eq!(
        (status, out.as_str()),
        (2, "bucketlint: rules/own: holds no test file; those end in _test.yaml or _tests.yaml\n")
    );
    assert_eq!(run(dir.path(), &["test", "none"]), ("bucketlint: none: cannot be read: No such file or directory\n".into(), 2));
}

#[test]
fn input_that_is_not_read_passes_nothing() {
    let cases = "- name: a
  files: [none.yaml]
  expectations: {rules: {own/name: SKIP}}
- name: b
  input: |
    Resources: {A: {Type: 'AWS::S3::Bucket'
  expectations: {rules: {own/name: SKIP}}
- name: c
  input: {}
  expectations: {rules: {own/name: SKIP}}
- name: d
  files: [none.yaml]
  expectations: {rules: {source/unreadable: FAIL}}
";
    let dir = folder(&[("rules/own/name.yaml", RULE), ("rules/name_test.yaml", cases)]);
    let (out, status) = run(dir.path(), &["test", "rules"]);
    let told = told(&out);
    assert_eq!((status, told.len()), (1, 2), "{out}");
    assert!(told[0].starts_with("rules/name_test.yaml:1:3 a: the input was not read: "), "{out}");
    assert!(told[1].starts_with("rules/name_test.yaml:4:3 b: the input was not read: "), "{out}");
}

#[test]
fn hostile_test_files_end() {
    for text in ["", "[]", "x", "cases: []", "- 1", "- {name: a, input: {a: *b}}", "{", "- name: ü\n  input: \u{7}", "null"] {
        let dir = folder(&[("a_test.yaml", text)]);
        assert_eq!(run(dir.path(), &["test"]).1, 2, "{text}");
    }
}

#[test]
fn the_list_tells_where_rules_come_from() {
    let dir = folder(&[("own/own/name.yaml", RULE), ("own/policy/denied.yaml", RULE), ("own/aws-s3/versioning.yaml", RULE)]);
    let list = |args: &[&str]| -> Vec<Value> {
        let (out, status) = run(dir.path(), &[&["rules", "--format", "json"], args].concat());
        assert_eq!(status, 0, "{out}");
        let list: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(list["version"], 1);
        list["rules"].as_array().unwrap().clone()
    };
    let of = |list: &[Value], id: &str| list.iter().find(|rule| rule["id"] == id).cloned();
    let plain = list(&[]);
    let built_in = json!({"kind": "built-in", "pack": null, "file": null});
    let denied = of(&plain, "policy/denied").unwrap();
    assert_eq!((&denied["origin"], &denied["replaces"], &denied["severity"]), (&built_in, &Value::Null, &json!("error")));
    assert!(denied["references"][0].as_str().unwrap().starts_with("https://docs.aws.amazon.com/"));
    assert_eq!(of(&plain, "aws-s3/versioning"), None);
    let all = list(&["--pack", "aws-s3", "--rules", "own"]);
    let pack = json!({"kind": "pack", "pack": "aws-s3", "file": null});
    let user = |file: &str| json!({"kind": "user", "pack": null, "file": file});
    let origin = |id: &str| of(&all, id).map(|rule| [rule["origin"].clone(), rule["replaces"].clone()]).unwrap();
    assert_eq!(origin("aws-s3/replication"), [pack.clone(), Value::Null]);
    assert_eq!(origin("aws-s3/versioning"), [user("own/aws-s3/versioning.yaml"), pack]);
    assert_eq!(origin("policy/denied"), [user("own/policy/denied.yaml"), built_in]);
    assert_eq!(origin("own/name"), [user("own/own/name.yaml"), Value::Null]);
    let (out, status) = run(dir.path(), &["explain", "own/name", "--rules", "own"]);
    assert!(status == 0 && out.starts_with("own/name (warning, since 1.0.0)\n"), "{out}");
    let (out, status) = run(dir.path(), &["rules", "--pack", "aws-s4"]);
    assert!(status == 2 && out.contains("unknown pack `aws-s4`; did you mean `aws-s3`?"), "{out}");
}

/// A template that all rules of the pack are content with.
const SOUND: &str = r#"
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: lab-data
      ObjectLockEnabled: true
      VersioningConfiguration: {Status: Enabled}
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
      LoggingConfiguration: {DestinationBucketName: lab-logs}
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms", KMSMasterKeyID: !GetAtt Key.Arn}
      ReplicationConfiguration:
        Role: arn:aws:iam::210987654321:role/replication
        Rules: [{Status: Enabled, Destination: {Bucket: "arn:aws:s3:::lab-copy"}}]
  Reads:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::123456789012:root"}
            Action: s3:GetObject
            Resource: arn:aws:s3:::lab-data/*
          - Effect: Deny
            Principal: "*"
            Action: s3:*
            Resource: [arn:aws:s3:::lab-data, arn:aws:s3:::lab-data/*]
            Condition: {Bool: {"aws:SecureTransport": false}}
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Statement:
          Effect: Allow
          Principal: {AWS: "arn:aws:iam::210987654321:root"}
          Action: kms:*
          Resource: "*"
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      IsMultiRegionTrail: true
      EnableLogFileValidation: true
      KMSKeyId: alias/audit
      S3BucketName: lab-audit
      CloudWatchLogsLogGroupArn: arn:aws:logs:eu-west-1:210987654321:log-group:audit:*
      EventSelectors: [{DataResources: [{Type: "AWS::S3::Object", Values: ["arn:aws:s3:::"]}]}]
"#;

/// The pack's findings on a template, as `level rule line`, and how many parameters each takes.
fn pack(template: &str) -> Vec<(String, usize)> {
    let dir = folder(&[("a.yaml", template)]);
    let args = ["check", "--no-config", "--control-account", "123456789012", "--pack", "aws-s3", "--format", "json", "a.yaml"];
    let report: Value = serde_json::from_str(&run(dir.path(), &args).0).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let of_pack = findings.filter(|one| one["rule"].as_str().unwrap().starts_with("aws-s3/"));
    let shown = |one: &Value| {
        let word = |name: &str| one[name].as_str().unwrap().to_owned();
        let place = &one["location"]["start"]["line"];
        (format!("{} {} {place}", word("severity"), &word("rule")[7..]), one["when"].as_object().unwrap().len())
    };
    of_pack.map(shown).collect()
}

#[test]
fn the_pack_can_be_content() {
    assert_eq!(pack(SOUND), []);
}

#[test]
fn what_nobody_can_tell_is_a_note() {
    let open = "
Parameters:
  P: {Type: String}
  List: {Type: CommaDelimitedList}
Conditions:
  C: !Equals [!ImportValue x, y]
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      ObjectLockEnabled: !Ref P
      AccessControl: !Ref P
      VersioningConfiguration: {Status: !Ref P}
      PublicAccessBlockConfiguration: !If [C, {BlockPublicAcls: true}, !Ref AWS::NoValue]
      LoggingConfiguration: !If [C, {DestinationBucketName: a}, !Ref AWS::NoValue]
      BucketEncryption:
        ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: !Ref P}}]
      ReplicationConfiguration: {Role: r, Rules: [{Status: !Ref P}]}
  Reads:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Statement:
          - {Effect: !Ref P, Principal: !Ref P, Action: !Ref List, Resource: !Ref P}
          - {Effect: Deny, Principal: '*', Action: 's3:*', Resource: '*', Condition: {Bool: {'aws:SecureTransport': !Ref P}}}
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: !Ref P
      KeyPolicy: !Ref P
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      S3BucketName: a
      IsLogging: !Ref P
      IsMultiRegionTrail: !Ref P
      EnableLogFileValidation: !Ref P
      KMSKeyId: !If [C, a, !Ref AWS::NoValue]
      CloudWatchLogsLogGroupArn: !If [C, a, !Ref AWS::NoValue]
      EventSelectors: !If [C, [{ReadWriteType: All}], !Ref AWS::NoValue]
";
    let found = pack(open);
    // both ways of a condition are looked at: what one of them leaves out is missing then
    assert!(found.iter().all(|(one, when)| one.starts_with("note ") || *when > 0), "{found:#?}");
    let rules = ["object-lock", "public-acl", "versioning", "public-access-block", "encryption", "replication", "tls-only"];
    for rule in rules.iter().chain(&["key-rotation", "trail-multi-region", "trail-log-validation", "trail-encryption"]) {
        assert!(found.iter().any(|(one, _)| one.contains(&format!(" {rule} "))), "{rule}: {found:#?}");
    }
}

#[test]
fn a_finding_of_a_pack_says_when_it_holds() {
    let template = "
Parameters:
  Keep: {Type: String, Default: 'yes', AllowedValues: ['yes', 'no']}
Conditions:
  Keeps: !Equals [!Ref Keep, 'yes']
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: !If [Keeps, Enabled, Suspended]}
";
    let dir = folder(&[("a.yaml", template)]);
    let args = ["check", "--no-config", "--control-account", "123456789012", "--pack", "aws-s3", "--format", "short", "a.yaml"];
    let (out, _) = run(dir.path(), &args);
    let wanted =
        "a.yaml:10:62: warning[aws-s3/versioning]: bucket Data does not keep old versions of its objects, when Keep = no";
    assert!(out.contains(wanted), "{out}");
}

#[test]
fn rules_of_a_pack_can_be_allowed_whether_it_is_in_force_or_not() {
    let template = "Resources:\n  # bucketlint: allow aws-s3/versioning scratch data only\n  Data:\n    Type: AWS::S3::Bucket\n";
    let dir = folder(&[("a.yaml", template)]);
    for pack in [&[][..], &["--pack", "aws-s3"]] {
        let args = [&["check", "--no-config", "--control-account", "123456789012", "--format", "short", "a.yaml"], pack].concat();
        let (out, _) = run(dir.path(), &args);
        assert!(!out.contains("allow/") && !out.contains("[aws-s3/versioning]"), "{out}");
        assert_eq!(out.contains("[aws-s3/replication]"), !pack.is_empty(), "{out}");
    }
}
