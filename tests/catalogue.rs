//! Every rule against its fixtures: `fixtures/<group>/<rule>/broken/<case>` gives exactly the findings of the case's
//! `expected.json`, written by hand, and `fixtures/<group>/<rule>/quiet/<case>` gives none at all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, reason = "a test may panic and read files")]

mod common;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn names(dir: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut out: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    out.sort();
    out
}

/// The ids of the rule files, `<group>/<name>`.
fn rule_ids() -> BTreeSet<String> {
    let rules = root().join("rules");
    let groups = names(&rules).into_iter().filter(|group| rules.join(group).is_dir());
    let groups = groups.filter(|group| !["profiles", "packs"].contains(&group.as_str()));
    let of_group = |group: String| {
        let files = names(&folder(&group).join(&group));
        files.into_iter().map(move |file| format!("{group}/{}", file.strip_suffix(".yaml").expect("only YAML files")))
    };
    groups.chain(packs()).flat_map(of_group).collect()
}

/// The groups of rules that are in force only where they are asked for.
fn packs() -> Vec<String> {
    names(&root().join("rules/packs"))
}

/// The folder that holds the group of a rule.
fn folder(rule: &str) -> PathBuf {
    root().join(if pack(rule).is_some() { "rules/packs" } else { "rules" })
}

fn pack(rule: &str) -> Option<String> {
    packs().into_iter().find(|pack| rule.split('/').next() == Some(pack))
}

fn rule_text(rule: &str) -> String {
    std::fs::read_to_string(folder(rule).join(format!("{rule}.yaml"))).unwrap()
}

/// Case folders of one kind, `broken` or `quiet`, of one rule.
fn cases(rule: &str, kind: &str) -> Vec<PathBuf> {
    let dir = root().join("fixtures").join(rule).join(kind);
    names(&dir).into_iter().map(|name| dir.join(name)).collect()
}

/// Runs the program in the folder of a case of `rule`; the account is the fixtures' own unless the case has settings.
/// A rule of a pack is looked at alone: its cases are small, and the rest of the pack would find much to say.
fn check(rule: &str, case: &Path, flags: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bucketlint"));
    command.current_dir(case).args(["check", "--format", "json"]).args(flags);
    let alone = tempfile::NamedTempFile::new().unwrap();
    if !case.join("bucketlint.yaml").exists() {
        command.args(["--control-account", "123456789012"]);
        if let Some(pack) = pack(rule) {
            let others: String = rule_ids().iter().filter(|id| *id != rule).map(|id| format!("  {id}: off\n")).collect();
            std::fs::write(&alone, format!("packs: [{pack}]\nseverity:\n{others}")).unwrap();
            command.arg("--config").arg(alone.path());
        } else {
            command.arg("--no-config");
        }
    }
    let done = command.output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(matches!(done.status.code(), Some(0 | 1)), "{}: {said}", case.display());
    assert_eq!(said, "", "{}", case.display());
    serde_json::from_slice(&done.stdout).unwrap()
}

/// A finding in the form of `expected.json`, with the text that is underlined in the file as it is on disk.
fn shown(case: &Path, finding: &Value) -> Value {
    let (at, file) = (&finding["location"], finding["location"]["file"].as_str().unwrap());
    let bytes = std::fs::read(case.join(file)).unwrap();
    let offset = |end: &str| usize::try_from(at[end]["offset"].as_u64().unwrap()).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let mut out = json!({
        "rule": finding["rule"], "severity": finding["severity"], "file": file,
        "line": at["start"]["line"], "column": at["start"]["column"],
        "end_line": at["end"]["line"], "end_column": at["end"]["column"],
        "actions": finding["actions"], "text": &text[offset("start")..offset("end")],
    });
    // most findings hold whatever the parameters are
    if finding["when"] != json!({}) {
        out["when"] = finding["when"].clone();
    }
    out
}

#[test]
fn broken_fixtures_give_exactly_what_is_expected() {
    for rule in rule_ids() {
        let broken = cases(&rule, "broken");
        assert!(!broken.is_empty(), "{rule} has no broken fixture");
        for case in broken {
            let report = check(&rule, &case, &[]);
            let found: Vec<Value> = report["findings"].as_array().unwrap().iter().map(|one| shown(&case, one)).collect();
            let text = std::fs::read_to_string(case.join("expected.json")).expect("a broken case has expected.json");
            let expected: Vec<Value> = serde_json::from_str(&text).unwrap();
            assert!(expected.iter().any(|one| one["rule"] == rule.as_str()), "{} is about another rule", case.display());
            assert_eq!(found, expected, "{}", case.display());
        }
    }
}

#[test]
fn quiet_fixtures_give_nothing() {
    for rule in rule_ids() {
        let quiet = cases(&rule, "quiet");
        assert!(!quiet.is_empty(), "{rule} has no quiet fixture");
        for case in quiet {
            let report = check(&rule, &case, &[]);
            assert_eq!(report["findings"], json!([]), "{}", case.display());
            // a pack's rules are also about trails and keys
            assert!(pack(&rule).is_some() || report["summary"]["in_scope"] != 0, "{} checks nothing", case.display());
        }
    }
}

#[test]
fn fixtures_and_rules_are_of_one_mind() {
    let dir = root().join("fixtures");
    let mut folders = BTreeSet::new();
    // the README's example is no case
    for group in names(&dir).into_iter().filter(|group| group != "example") {
        for rule in names(&dir.join(&group)) {
            assert_eq!(names(&dir.join(&group).join(&rule)), ["broken", "quiet"], "{group}/{rule}");
            folders.insert(format!("{group}/{rule}"));
        }
    }
    assert_eq!(folders, rule_ids());
}

/// The list of the program is that of the folder, and each rule is explained under its own id.
#[test]
fn rules_are_known_by_their_path() {
    let run = |args: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_bucketlint")).args(args).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{args:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    let listed: BTreeSet<String> =
        run(&["rules", "--pack", "aws-s3"]).lines().map(|line| line.split_whitespace().next().unwrap().to_owned()).collect();
    assert_eq!(listed, rule_ids());
    for rule in rule_ids() {
        let text = run(&["explain", &rule]);
        assert!(text.starts_with(&rule), "{text}");
        // the file says what is a placeholder and what a brace; a reader sees neither doubled
        assert!(!text.contains("{{"), "{text}");
    }
}

/// A rule whose `each` selects nothing can never fire: in a broken fixture of its own it selects the place reported.
/// Asked through a rule of the user's with the same `each` and a check that nothing meets.
#[test]
fn every_rule_selects_its_subjects() {
    let dir = tempfile::tempdir().unwrap();
    let probe = dir.path().join("probe");
    std::fs::create_dir(&probe).unwrap();
    for rule in rule_ids() {
        let text = rule_text(&rule);
        let each = text.lines().find(|line| line.starts_with("each: ")).unwrap();
        let probing = format!(
            "title: t\nseverity: note\nsince: 0.1.0\n{each}\n{}check:\n  - every: \"@.no_such_member\"\n    exists: true\n\
             label: l\nmessage: m\nwhy: w\nfix: f\nreference: [https://docs.aws.amazon.com/]\n",
            places(&text)
        );
        std::fs::write(probe.join("selects.yaml"), probing).unwrap();
        let case = &cases(&rule, "broken")[0];
        let report = check(&rule, case, &["--rules", dir.path().to_str().unwrap()]);
        let findings = report["findings"].as_array().unwrap();
        let placed =
            |id: &str| -> Vec<&Value> { findings.iter().filter(|one| one["rule"] == id).map(|one| &one["location"]).collect() };
        let (selected, reported) = (placed("probe/selects"), placed(&rule));
        assert!(reported.iter().all(|place| selected.contains(place)), "{rule}: {selected:?}");
        // a quiet case of a pack's rule is one that has something to judge
        for case in cases(&rule, "quiet").iter().filter(|_| pack(&rule).is_some()) {
            let report = check(&rule, case, &["--rules", dir.path().to_str().unwrap()]);
            assert_ne!(report["findings"], json!([]), "{} checks nothing", case.display());
        }
    }
}

/// The lines of a rule that say where its findings point.
fn places(rule: &str) -> String {
    let lines = rule.lines().skip_while(|line| !line.starts_with("at:"));
    let more = |line: &&str| line.starts_with("at:") || line.starts_with(' ');
    lines.take_while(more).map(|line| format!("{line}\n")).collect()
}

/// Rules without an example: Latin-1 cannot be shown in a YAML file, and 257 scenarios take more lines than anybody reads.
const WITHOUT_EXAMPLE: [&str; 2] = ["source/unreadable", "template/too-many-scenarios"];

/// In the broken files of its example a rule finds something, in the fixed ones nothing. They are excerpts: other rules may
/// ask for more.
#[test]
fn examples_are_what_they_are_called() {
    for rule in common::rules().into_iter().chain(common::pack_rules()) {
        let Some(example) = &rule.example else {
            assert!(WITHOUT_EXAMPLE.contains(&rule.id.as_str()), "{} has no example", rule.id);
            continue;
        };
        for (files, broken) in [(&example.broken, true), (&example.fixed, false)] {
            let dir = tempfile::tempdir().unwrap();
            for file in files {
                let name = if file.text.starts_with('{') { "policy.json" } else { "stack.yaml" };
                std::fs::write(dir.path().join(file.name.as_deref().unwrap_or(name)), &file.text).unwrap();
            }
            if rule.id == "aws-s3/trail-not-logging" {
                // a profile that asks for a trail leaves this to the built-in rule
                let settings = "profile: read-only-consumer\npacks: [aws-s3]\n";
                std::fs::write(dir.path().join("bucketlint.yaml"), settings).unwrap();
            }
            let report = check(&rule.id, dir.path(), &[]);
            let findings = report["findings"].as_array().unwrap();
            assert_eq!(findings.iter().any(|one| one["rule"] == rule.id.as_str()), broken, "{}: {report:#}", rule.id);
            let unread = |one: &Value| one["rule"] == "source/syntax" && rule.id != "source/syntax";
            assert!(!findings.iter().any(unread), "{}: {report:#}", rule.id);
        }
    }
}

/// What is taken for granted without AWS's word is said in the rule.
#[test]
fn unconfirmed_behaviour_is_said() {
    for rule in ["ownership/acl-conflict", "policy/public-principal", "trail/invalid-selector"] {
        let text = rule_text(rule);
        assert!(text.contains("\nunconfirmed: "), "{rule}");
    }
}
