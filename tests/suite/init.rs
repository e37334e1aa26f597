//! `init` writes settings that suit the repository and are read without complaint; `config` shows what holds.

use crate::common;
use crate::program::folder;
use bucketlint::app::SCHEMA;
use bucketlint::cli::Chosen;
use bucketlint::config::{Config, KEYS};
use bucketlint::settings::Settings;
use bucketlint::source::FileId;
use bucketlint::syntax::parse::parse;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Status, standard output and standard error.
fn run(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_bucketlint")).current_dir(dir).args(args).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
}

fn read(text: &str) -> Config {
    let parsed = parse(FileId(0), text);
    assert_eq!(parsed.problems, []);
    Config::read(&parsed.root.unwrap_or_default(), Path::new("")).unwrap()
}

/// Reads settings that the schema has to take, too.
fn valid(text: &str) -> Config {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&serde_yaml::from_str(text).unwrap())
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{text}");
    read(text)
}

/// The same settings with every key that is only shown, set.
fn uncommented(text: &str) -> String {
    let is_value = |rest: &str| {
        let key = rest.split(':').next().unwrap_or_default();
        KEYS.contains(&key) || rest.starts_with("  ") || rest.starts_with("- ")
    };
    let line = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if is_value(rest) => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::012345678901:role/Catalogue"},
   "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::lab-data", "arn:aws:s3:::lab-data/*"]},
  {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::lab-data/*"}
]}"#;

#[test]
fn what_is_written_suits_the_repository() {
    let dir = folder(&[
        ("infra/policy.json", POLICY),
        ("infra/bucket.yaml", "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: lab-data}\n"),
        ("params/prod.json", "[{\"ParameterKey\": \"Stage\", \"ParameterValue\": \"prod\"}]"),
        ("params/test.json", "{\"Parameters\": {\"Stage\": \"test\"}}"),
        ("package.json", "{\"name\": \"x\"}"),
    ]);
    let (status, out, err) = run(dir.path(), &["init"]);
    assert_eq!((status, err.as_str()), (0, ""));
    assert_eq!(
        out,
        "wrote bucketlint.yaml, having seen 1 bucket and 0 trails in 2 files\n\
         control account: 012345678901\n\
         next: bucketlint check\n"
    );
    let written = fs::read_to_string(dir.path().join("bucketlint.yaml")).unwrap();
    let config = valid(&written);
    assert_eq!(config.control_accounts, ["012345678901"], "which the first zero must not make a number");
    assert_eq!((config.trail, config.parameters.len()), (None, 0), "what cannot be told is left to the reader");
    for remark in [
        "# The policies seen here grant to 012345678901 (2 times), 123456789012 (1 times).",
        "# Seen and judged: lab-data.",
        "# No trail was seen here.",
        "# Seen: params/prod.json, params/test.json.",
        "# - arn:aws:iam::012345678901:role/Catalogue",
    ] {
        assert!(written.lines().any(|line| line == remark), "{remark} in {written}");
    }
    let set = valid(&uncommented(&written));
    assert_eq!(set.principals, ["arn:aws:iam::012345678901:role/Catalogue"]);
    assert_eq!(set.parameters[0].files, [Path::new("params/prod.json")]);
    for key in KEYS {
        let shown = |line: &str| line.trim_start_matches("# ").starts_with(&format!("{key}:"));
        assert_eq!(written.lines().filter(|line| shown(line)).count(), 1, "{key}");
    }
    // the check goes by it
    assert!(run(dir.path(), &["check"]).1.contains("control account 012345678901"));
}

#[test]
fn nothing_is_overwritten_unless_that_is_asked_for() {
    let dir = folder(&[("bucketlint.yml", "fail_on: note\n")]);
    let (status, out, err) = run(dir.path(), &["init"]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert_eq!(err, "bucketlint: bucketlint.yml is there already; --force replaces it, --stdout shows what would be written\n");
    let (status, shown, _) = run(dir.path(), &["init", "--stdout", "--control-account", "123456789012"]);
    assert_eq!(status, 0);
    assert_eq!(fs::read_to_string(dir.path().join("bucketlint.yml")).unwrap(), "fail_on: note\n");
    assert_eq!(run(dir.path(), &["init", "--force", "--control-account", "123456789012"]).0, 0);
    assert_eq!(fs::read_to_string(dir.path().join("bucketlint.yml")).unwrap(), shown);
    assert_eq!(valid(&shown).control_accounts, ["123456789012"]);
    let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["bucketlint.yml"]);
    assert_eq!(run(dir.path(), &["init", "none"]).2, "bucketlint: none is no directory\n");
}

#[test]
fn nobody_is_asked_where_nobody_can_answer() {
    let dir = folder(&[]);
    let (status, out, err) = run(dir.path(), &["init", "."]);
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.contains("the control account is not known: put it into bucketlint.yaml\n"), "{out}");
    let written = fs::read_to_string(dir.path().join("bucketlint.yaml")).unwrap();
    assert_eq!(valid(&written).control_accounts, Vec::<String>::new());
    assert!(written.contains("\n# control_accounts:\n# - '123456789012'\n"), "{written}");
}

const SETTINGS: &str = "\
# what holds here
control_accounts: ['123456789012']
profile: quilt-8
severity:
  policy/missing: off
rules: lint
parameters:
- templates: a.yaml
  values: {Stage: prod}
";

#[test]
fn the_settings_that_hold_are_shown_with_where_they_are_from() {
    let dir = folder(&[("bucketlint.yaml", SETTINGS), ("lint/README", ""), ("more/README", ""), ("infra/a.yaml", "")]);
    let args = ["config", "infra/a.yaml", "--profile", "quilt", "--rules", "more", "--parameter", "Count=2", "--bucket", "lab-*"];
    let (status, out, err) = run(dir.path(), &args);
    assert_eq!((status, err.as_str()), (0, ""));
    let line = |key: &str| {
        let found = out.lines().find(|line| line.trim_start_matches("# ").starts_with(&format!("{key}:"))).unwrap();
        let (value, from) = found.split_once("  # ").unwrap();
        (value.trim().to_owned(), from.to_owned())
    };
    let says = |value: &str, from: &str| (value.to_owned(), from.to_owned());
    assert_eq!(out.lines().next(), Some("# bucketlint.yaml"));
    assert_eq!(line("control_accounts"), says("control_accounts: [\"123456789012\"]", "bucketlint.yaml:2"));
    assert_eq!(line("profile"), says("profile: quilt", "--profile"));
    assert_eq!(line("buckets"), says("buckets: {\"include\": [\"lab-*\"]}", "--bucket"));
    assert_eq!(line("severity"), says("severity: {\"policy/missing\": \"off\"}", "bucketlint.yaml:4"));
    assert_eq!(line("rules"), says("rules: [\"lint\", \"more\"]", "bucketlint.yaml:6, --rules"));
    assert_eq!(line("fail_on"), says("fail_on: warning", "default"));
    assert_eq!(line("partition"), says("# partition:", "default"));
    assert_eq!(line("parameters").1, "bucketlint.yaml:7, --parameter");
    assert_eq!(out.lines().count(), 1 + KEYS.len());
    // what is shown is a settings file to the same effect
    let shown = Settings::resolve(valid(&out), &Chosen::default());
    assert_eq!(shown.rules, [Path::new("lint"), Path::new("more")]);
    assert_eq!((shown.buckets.include, shown.parameters.len()), (vec!["lab-*".to_owned()], 2));

    let json = [&args[..], &["--format", "json"]].concat();
    let report: Value = serde_json::from_str(&run(dir.path(), &json).1).unwrap();
    assert_eq!((&report["version"], &report["file"]), (&json!(1), &json!("bucketlint.yaml")));
    let settings = report["settings"].as_object().unwrap();
    assert_eq!(settings.keys().map(String::as_str).collect::<Vec<_>>(), KEYS);
    let from = json!([{"kind": "file", "file": "bucketlint.yaml", "line": 6}, {"kind": "flag", "flag": "--rules"}]);
    assert_eq!(settings["rules"], json!({"value": ["lint", "more"], "from": from}));
    assert_eq!(settings["fail_on"], json!({"value": "warning", "from": [{"kind": "default"}]}));
    assert_eq!(settings["partition"]["value"], Value::Null);
}

#[test]
fn settings_with_mistakes_are_not_shown() {
    let dir = folder(&[("bucketlint.yaml", "trail: there\n")]);
    let (status, out, err) = run(dir.path(), &["config"]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(err.contains("`trail` should be one of here, elsewhere, not `there`"), "{err}");
    assert_eq!(run(dir.path(), &["config", "--no-config"]).1.lines().next(), Some("# there is no settings file"));
}

#[test]
fn every_key_has_a_section_in_the_documentation() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md")).unwrap();
    let rules = common::rules();
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    for key in KEYS {
        let section = page.split(&format!("\n### `{key}`\n")).nth(1).unwrap_or_else(|| panic!("no section {key}"));
        let block = section.split("\n```yaml\n").nth(1).unwrap().split("\n```").next().unwrap();
        assert!(block.starts_with(&format!("{key}:")), "{block}");
        assert_eq!(valid(block).unknown_rules(&ids), [], "{block}");
    }
}
