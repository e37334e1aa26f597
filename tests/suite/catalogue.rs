//! Every rule against its fixtures: `fixtures/<group>/<rule>/broken/<case>` gives exactly the findings of the case's
//! `expected.json`, written by hand, and `fixtures/<group>/<rule>/quiet/<case>` gives none at all.

use crate::common;
use crate::differences::{differences, propose};
use crate::program::{run, run_inside, serve_inside};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

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

/// How a case of `rule` is checked.
struct Asked {
    args: Vec<String>,
    /// The settings that `args` name.
    _settings: NamedTempFile,
}

impl Asked {
    /// The account is the fixtures' own unless the case has settings. A rule of a pack is looked at alone: its cases are
    /// small, and the rest of the pack would find much to say.
    fn of(rule: &str, case: &Path) -> Self {
        let alone = NamedTempFile::new().unwrap();
        let mut args = ["check", "--format", "json", "--quiet"].map(str::to_owned).to_vec();
        if !case.join("bucketlint.yaml").exists() {
            args.extend(["--control-account", "123456789012"].map(str::to_owned));
            if let Some(pack) = pack(rule) {
                let others: String = rule_ids().iter().filter(|id| *id != rule).map(|id| format!("  {id}: off\n")).collect();
                std::fs::write(&alone, format!("packs: [{pack}]\nseverity:\n{others}")).unwrap();
                args.extend(["--config".to_owned(), alone.path().to_str().unwrap().to_owned()]);
            } else {
                args.push("--no-config".to_owned());
            }
        }
        Self { args, _settings: alone }
    }

    fn args(&self) -> Vec<&str> {
        self.args.iter().map(String::as_str).collect()
    }
}

/// The report on a case of `rule`.
fn check(rule: &str, case: &Path, flags: &[&str]) -> Value {
    let asked = Asked::of(rule, case);
    let args = [&asked.args()[..], flags].concat();
    let done = if depends_on_folder(rule, case) { run(case, &args) } else { run_inside(case, &args) };
    assert!(matches!(done.status, 0 | 1), "{}: {}", case.display(), done.err);
    assert_eq!(done.err, "", "{}", case.display());
    done.json()
}

/// Whether what is said depends on the folder the program is started in: from there it tells where settings are, and what
/// to run where nothing was checked.
fn depends_on_folder(rule: &str, case: &Path) -> bool {
    case.join("bucketlint.yaml").exists() || rule == "source/nothing-checked"
}

/// What the tests here see is what the program prints: a few cases of each kind that it is not started for.
#[test]
fn reports_are_those_of_the_program() {
    let of_rule = |rule: String| {
        let cases = ["broken", "quiet"].into_iter().flat_map(|kind| cases(&rule, kind)).collect::<Vec<_>>();
        cases.into_iter().map(move |case| (rule.clone(), case))
    };
    let all: Vec<_> = rule_ids().into_iter().flat_map(of_rule).filter(|(rule, case)| !depends_on_folder(rule, case)).collect();
    for of_pack in [false, true] {
        let kind: Vec<_> = all.iter().filter(|(rule, _)| pack(rule).is_some() == of_pack).collect();
        assert!(kind.len() > 20, "few cases of packs ({of_pack})");
        for (rule, case) in kind.iter().step_by(kind.len() / 5) {
            let asked = Asked::of(rule, case);
            let (inside, outside) = (run_inside(case, &asked.args()), run(case, &asked.args()));
            assert_eq!(inside.out, outside.out, "{}", case.display());
            assert_eq!((inside.status, inside.err), (outside.status, outside.err), "{}", case.display());
        }
    }
}

/// A finding in the form of `expected.json`, with the text that is underlined in the file as it is on disk.
fn shown(case: &Path, finding: &Value) -> Value {
    let (at, file) = (&finding["location"], finding["location"]["file"].as_str().unwrap());
    let bytes = std::fs::read(case.join(file)).unwrap_or_else(|error| panic!("{}: {error}: {finding}", case.display()));
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
    let mut wrong = Vec::new();
    for rule in rule_ids() {
        let broken = cases(&rule, "broken");
        if broken.is_empty() {
            wrong.push(format!("{rule} has no broken fixture"));
        }
        for case in broken {
            let report = check(&rule, &case, &[]);
            let found: Vec<Value> = report["findings"].as_array().unwrap().iter().map(|one| shown(&case, one)).collect();
            let expected = expected(&case);
            if !expected.iter().any(|one| one["rule"] == rule.as_str()) {
                wrong.push(format!("{} is about another rule", case.display()));
            }
            if let Some(differences) = differences(&expected, &found) {
                let proposal = std::env::var_os("BLESS").map(|_| propose(&case, &found));
                let hint = proposal.unwrap_or_else(|| "BLESS=1 proposes expected.json.new beside it".to_owned());
                wrong.push(format!("{}: {hint}\n{differences}", case.join("expected.json").display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a broken case has to find; nothing where that is not written yet.
fn expected(case: &Path) -> Vec<Value> {
    let path = case.join("expected.json");
    let Ok(text) = std::fs::read_to_string(&path) else { return Vec::new() };
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn quiet_fixtures_give_nothing() {
    let mut wrong = Vec::new();
    for rule in rule_ids() {
        let quiet = cases(&rule, "quiet");
        if quiet.is_empty() {
            wrong.push(format!("{rule} has no quiet fixture"));
        }
        for case in quiet {
            let report = check(&rule, &case, &[]);
            let found: Vec<Value> = report["findings"].as_array().unwrap().iter().map(|one| shown(&case, one)).collect();
            wrong.extend(differences(&[], &found).map(|differences| format!("{}\n{differences}", case.display())));
            // a pack's rules are also about trails and keys
            if pack(&rule).is_none() && report["summary"]["in_scope"] == 0 {
                wrong.push(format!("{} checks nothing", case.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
    assert_same_ids("below fixtures/", &folders, "below rules/", &rule_ids());
}

/// Two sets of ids are the same, or what only one of them has is told.
fn assert_same_ids(here: &str, one: &BTreeSet<String>, there: &str, other: &BTreeSet<String>) {
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).map(|id| format!("\n  {id}")).collect::<String>();
    assert!(one == other, "only {here}:{}\nonly {there}:{}", only(one, other), only(other, one));
}

/// The list of the program is that of the folder, and each rule is explained under its own id.
#[test]
fn rules_are_known_by_their_path() {
    let run = |args: &[&str]| {
        let done = serve_inside(args);
        assert_eq!(done.status, 0, "{args:?}: {}", done.err);
        done.out
    };
    let listed: BTreeSet<String> =
        run(&["rules", "--pack", "aws-s3"]).lines().map(|line| line.split_whitespace().next().unwrap().to_owned()).collect();
    assert_same_ids("in the list", &listed, "below rules/", &rule_ids());
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
        let broken = cases(&rule, "broken");
        let case = broken.first().unwrap_or_else(|| panic!("{rule} has no broken fixture"));
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

/// Rules without an example: Latin-1 cannot be shown in a YAML file, and 257 scenarios or 20 KB take more lines than anybody
/// reads.
const WITHOUT_EXAMPLE: [&str; 3] = ["source/unreadable", "template/too-many-scenarios", "policy/too-large"];

/// In the broken files of its example a rule finds something, in the fixed ones nothing. They are excerpts: other rules may
/// ask for more.
#[test]
fn examples_are_what_they_are_called() {
    for rule in common::rules().into_iter().chain(common::pack_rules()) {
        let Some(example) = &rule.told().example else {
            assert!(WITHOUT_EXAMPLE.contains(&rule.id.as_str()), "{} has no example", rule.id);
            continue;
        };
        for (files, broken) in [(&example.broken, true), (&example.fixed, false)] {
            let dir = tempfile::tempdir().unwrap();
            for file in files {
                let name = if file.text.starts_with('{') { "policy.json" } else { "stack.yaml" };
                std::fs::write(dir.path().join(file.name.as_deref().unwrap_or(name)), &file.text).unwrap();
            }
            let settings = match rule.id.as_str() {
                // a profile that asks for a trail leaves this to the built-in rule
                "aws-s3/trail-not-logging" => Some("profile: read-only-consumer\npacks: [aws-s3]\n"),
                "replication/versioning" => Some("profile: replication-destination\n"),
                _ => None,
            };
            if let Some(settings) = settings {
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
