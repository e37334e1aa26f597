//! What a repository under test cannot do: lead outside itself, be silent about itself, or show what is to stay unseen.

use crate::program::{Done, folder, run};
use std::path::Path;

const CHECK: [&str; 6] = ["check", "--control-account", "123456789012", "--trail", "elsewhere", "--format"];

fn check(dir: &Path, more: &[&str]) -> Done {
    run(dir, &[&CHECK[..], &["json"], more].concat())
}

const INCLUDING: &str = "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties:\n      Fn::Transform: {Name: 'AWS::Include', Parameters: {Location: PLACE}}\n";

#[test]
fn nothing_is_included_from_outside_the_repository() {
    let inside = "BucketName: lab-secret-name\n";
    let dir = folder(&[
        ("outside.yaml", inside),
        ("repo/.git/HEAD", ""),
        ("repo/.hidden/part.yaml", inside),
        ("repo/part.yaml", inside),
    ]);
    let repository = dir.path().join("repo");
    let mut places = vec![("../outside.yaml", false), ("../repo/.hidden/part.yaml", false), ("part.yaml", true)];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(dir.path().join("outside.yaml"), repository.join("link.yaml")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", repository.join("endless.yaml")).unwrap();
        places.extend([("link.yaml", false), ("endless.yaml", false)]);
    }
    for (place, read) in places {
        std::fs::write(repository.join("t.yaml"), INCLUDING.replace("PLACE", place)).unwrap();
        let done = check(&repository, &["--no-config", "t.yaml"]);
        assert_eq!(done.out.contains("lab-secret-name"), read, "{place}: {}", done.out);
        assert_eq!(done.out.contains("only plain files of this repository"), !read, "{place}: {}", done.out);
    }
}

#[test]
fn settings_lead_outside_only_by_flags() {
    let dir = folder(&[
        ("out/profile.yaml", "title: Mine\nactions: [s3:GetObject]\n"),
        ("out/rules/a.yaml", ""),
        ("out/values.json", "{}"),
        ("out/known.json", "{}"),
        ("repo/.git/HEAD", ""),
        ("repo/t.yaml", "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n"),
    ]);
    let repository = dir.path().join("repo");
    for setting in [
        "profile: ../out/profile.yaml",
        "rules: ../out/rules",
        "parameters: [{templates: '*', file: ../out/values.json}]",
        "baseline: ../out/known.json",
    ] {
        std::fs::write(repository.join("bucketlint.yaml"), format!("{setting}\n")).unwrap();
        let done = check(&repository, &[]);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{setting}");
        assert!(done.err.contains("only plain files of this repository"), "{setting}: {}", done.err);
    }
    std::fs::remove_file(repository.join("bucketlint.yaml")).unwrap();
    assert_eq!(check(&repository, &["--profile", "../out/profile.yaml"]).status, 1, "a flag may");
}

#[test]
fn ignore_files_above_the_repository_hide_nothing() {
    let template = "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n";
    let dir = folder(&[(".gitignore", "*.yaml\n"), ("repo/.git/HEAD", ""), ("repo/t.yaml", template)]);
    assert_eq!(check(&dir.path().join("repo"), &["--no-config"]).json()["summary"]["templates"], 1);
    assert_eq!(check(&dir.path().join("repo"), &["--no-config", "."]).json()["summary"]["templates"], 1);
}

/// A `NoEcho` default, the value of a secret condition key, and credentials, in every place they may come from.
const SECRETS: [&str; 5] =
    ["canary-name-one", "canary-referer-two", "canary-agent-three", "canary-agent-four", "AKIAIOSFODNN7CANARY1"];

const CANARIES: &str = r#"Description: made with AKIAIOSFODNN7CANARY1
Parameters:
  Name: {Type: String, NoEcho: true, Default: canary-name-one}
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Ref Name}
  DataPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Statement:
          - {Sid: AKIAIOSFODNN7CANARY1, Effect: Allow, Principal: {AWS: "123456789012"}, Action: "s3:*", Resource: !Sub "arn:aws:s3:::${Name}/*", Condition: {StringLike: {"aws:Referer": ["canary-referer-two/*"]}}}
          - Effect: Deny
            Principal: "*"
            Action: s3:GetObject
            Resource: [!GetAtt Data.Arn, !Sub "${Data.Arn}/*"]
            Condition: {StringNotEquals: {AWS:useragent: canary-agent-three}}
"#;

const WRAPPED: &str = r#"{"Policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"123456789012\"}, \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::lab-wrapped/*\", \"Condition\": {\"StringEquals\": {\"aws:UserAgent\": \"canary-agent-four\"}}}]}"}"#;

/// Secrets too short to be taken out of every text they are a part of: a default, and values in policies that are texts.
#[test]
fn facts_show_no_short_secret_where_it_is_written() {
    let template = r#"Parameters:
  Pin: {Type: Number, NoEcho: true, Default: 4711}
  Policy: {Type: String, Default: '{"Statement": [{"Effect": "Allow", "Condition": {"StringEquals": {"aws:Referer": "q7x"}}}]}'}
Resources:
  Data:
    Type: AWS::S3::Bucket
    Metadata: {Text: q7x4711}
"#;
    let dir = folder(&[("t.yaml", template)]);
    let done = run(dir.path(), &["facts", "--each", "$.templates[*].body", "--no-config", "t.yaml"]);
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    assert!(done.out.contains("Text: q7x4711"), "that is something else: {}", done.out);
    let rest = done.out.replace("q7x4711", "");
    assert!(!rest.contains("4711") && !rest.contains("q7x") && rest.contains("***"), "{rest}");
}

#[test]
fn no_report_shows_a_secret() {
    let dir = folder(&[("t.yaml", CANARIES), ("wrapped.json", WRAPPED)]);
    for format in ["pretty", "short", "json", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjsonl"] {
        let args = [&CHECK[..], &[format, "--no-config", "--verbose", "."]].concat();
        let done = run(dir.path(), &args);
        assert_eq!(done.status, 1, "{format}: {}", done.err);
        let told = done.out + &done.err;
        assert!(told.contains("policy/"), "{format}: {told}");
        for secret in SECRETS {
            assert!(!told.contains(secret), "{format} shows {secret}: {told}");
        }
    }
    for format in ["yaml", "json"] {
        let done = run(dir.path(), &["facts", "--control-account", "123456789012", "--no-config", "--format", format, "."]);
        assert_eq!((done.status, done.err.as_str()), (0, ""), "{format}");
        for list in ["statements", "resources", "templates"] {
            assert!(done.out.contains(list), "{format}: {}", done.out);
        }
        for secret in SECRETS {
            assert!(!done.out.contains(secret), "facts as {format} show {secret}: {}", done.out);
        }
    }
    let decide = ["decide", "--policy", "t.yaml", "--bucket", "Data", "--principal", "123456789012", "--action", "s3:GetObject"];
    let done = run(dir.path(), &decide);
    for secret in SECRETS {
        assert!(!(done.out.clone() + &done.err).contains(secret), "decide shows {secret}: {}{}", done.out, done.err);
    }
}
