//! What `.ci/new-rule.sh` begins a rule with passes at once.
#![cfg(unix)]

use crate::program::{folder, run};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

fn begin(id: &str, root: &Path) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/new-rule.sh");
    Command::new("bash").arg(script).arg(id).arg(root).output().unwrap()
}

#[test]
fn a_new_rule_passes_at_once() {
    let dir = folder(&[]);
    let done = begin("probe/new-one", dir.path());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let rules = dir.path().join("rules");
    let found = |case: &str| {
        let case = dir.path().join("fixtures/probe/new-one").join(case);
        let report = run(&case, &["check", "--format", "json", "--rules", rules.to_str().unwrap()]).json();
        assert_eq!(report["summary"]["in_scope"], 1);
        report["findings"].as_array().unwrap().clone()
    };
    let broken = found("broken/first");
    let text = std::fs::read_to_string(dir.path().join("fixtures/probe/new-one/broken/first/expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let at = |end: &str, what: &str| broken[0]["location"][end][what].clone();
    let told = json!([{
        "rule": broken[0]["rule"], "severity": broken[0]["severity"], "file": broken[0]["location"]["file"],
        "line": at("start", "line"), "column": at("start", "column"),
        "end_line": at("end", "line"), "end_column": at("end", "column"), "actions": broken[0]["actions"], "text": "Data",
    }]);
    assert_eq!((broken.len(), told), (1, expected));
    assert_eq!(found("quiet/first"), Vec::<Value>::new());
}

#[test]
fn nothing_is_written_over_and_ids_are_ids() {
    let dir = folder(&[("rules/probe/there.yaml", "mine")]);
    for id in ["probe/there", "there", "Probe/x", "../x/y"] {
        let done = begin(id, dir.path());
        assert_eq!(done.status.code(), Some(2), "{id}");
        assert!(!done.stderr.is_empty());
    }
    assert_eq!(std::fs::read_to_string(dir.path().join("rules/probe/there.yaml")).unwrap(), "mine");
    assert!(!dir.path().join("fixtures").exists());
}
