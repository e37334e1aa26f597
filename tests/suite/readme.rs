//! What the README and `rules/README.md` say is what happens; `docs.rs` runs the commands they show.

use crate::common;
use bucketlint::cli::Cli;
use bucketlint::config::Config;
use bucketlint::iam::caller::Requester;
use bucketlint::load::load;
use bucketlint::profile::{self, Profile};
use bucketlint::source::FileId;
use bucketlint::syntax::node::{Node, Value};
use bucketlint::syntax::parse::parse;
use bucketlint::{facts, inventory, link, run};
use clap::CommandFactory;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

/// The contents of the fenced blocks that are marked with `word`.
fn blocks<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    let opening = format!("\n```{word}\n");
    text.split(&opening).skip(1).map(|rest| &rest[..rest.find("\n```").unwrap() + 1]).collect()
}

fn tree(text: &str) -> Node {
    let parsed = parse(FileId(0), text);
    assert_eq!(parsed.problems, []);
    parsed.root.unwrap()
}

/// What the program writes, on 80 columns and in Unicode, and its exit status.
fn program(words: &[&str]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bucketlint"));
    command
        .args(words)
        .current_dir(ROOT)
        .env_remove("NO_COLOR")
        .env_remove("COLUMNS")
        .env("LC_ALL", "C.UTF-8")
        .env("TERM", "xterm");
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[test]
fn the_other_commands_are_those_that_work() {
    let readme = read("README.md");
    assert_eq!(blocks(&readme, "sh"), ["cargo test --locked\n"]);
    for shown in ["bucketlint rules", "bucketlint explain RULE", "cargo install --path ."] {
        assert!(readme.contains(&format!("`{shown}`")), "{shown}");
    }
    assert_eq!(program(&["rules"]).1, Some(0));
    assert_eq!(program(&["explain", "policy/missing"]).1, Some(0));
    assert!(read("Cargo.toml").contains("rust-version = \"1.89\"") && readme.contains("Rust 1.89"));
}

#[test]
fn the_example_fits_a_terminal() {
    let (out, status) = program(&["check", "--control-account", common::EXAMPLE_ACCOUNT, "fixtures/example"]);
    assert_eq!(status, Some(1));
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
}

#[test]
fn every_flag_is_told_with_its_value() {
    let readme = read("README.md");
    let command = Cli::command();
    let check = command.find_subcommand("check").unwrap();
    for flag in check.get_arguments().filter_map(|argument| argument.get_long().map(|long| (long, argument))) {
        let (long, argument) = flag;
        let takes = argument.get_action().takes_values();
        let value = takes.then(|| argument.get_value_names().unwrap()[0].replace('|', "\\|"));
        let shown = value.map_or(format!("| `--{long}` |"), |value| format!("| `--{long} {value}` |"));
        assert!(readme.contains(&shown), "{shown}");
    }
}

#[test]
fn settings_and_profiles_are_read_as_shown() {
    let readme = read("README.md");
    let settings = tree(blocks(&readme, "settings")[0]);
    let config = Config::read(&settings, Path::new("")).unwrap();
    let rules = common::rules();
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(config.unknown_rules(&ids), []);
    // a wrong key is answered with all those there are
    let complaints = Config::read(&tree("? no-such-key\n: 1\n"), Path::new("")).unwrap_err();
    let known = &complaints[0].message;
    for entry in settings.entries() {
        assert!(known.contains(entry.key.text.as_str()), "{known}");
    }
    assert_eq!(known.matches('`').count() / 2 - 1, settings.entries().len(), "{known}");
    let quilt = Profile::read("quilt", &tree(profile::builtin("quilt").unwrap())).unwrap();
    assert_eq!(blocks(&readme, "quilt")[0].lines().collect::<Vec<_>>(), quilt.actions);
    Profile::read("shown", &tree(blocks(&readme, "profile")[0])).unwrap();
    for name in profile::names() {
        assert!(readme.contains(&format!("`{name}`")));
    }
}

#[test]
fn the_json_report_has_exactly_the_members_shown() {
    let readme = read("README.md");
    let shown: serde_json::Value = serde_json::from_str(blocks(&readme, "json")[0]).unwrap();
    let (out, _) = program(&["check", "--format", "json", "--control-account", common::EXAMPLE_ACCOUNT, "fixtures/example"]);
    let real: serde_json::Value = serde_json::from_str(&out).unwrap();
    let (mut told, mut found) = (BTreeSet::new(), BTreeSet::new());
    members("", &shown, &mut told);
    members("", &real, &mut found);
    assert_eq!(told, found);
    assert_eq!(shown["summary"], real["summary"]);
    assert_eq!(shown["findings"][0]["location"], real["findings"][0]["location"]);
}

fn members(at: &str, value: &serde_json::Value, out: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            let path = format!("{at}.{key}");
            out.insert(path.clone());
            members(&path, value, out);
        }),
        serde_json::Value::Array(items) => items.iter().for_each(|item| members(&format!("{at}[]"), item, out)),
        _ => {}
    }
}

#[test]
fn verdicts_are_told_in_both_texts() {
    let words = ["granted", "denied", "conditional", "wrong-principal", "wrong-resource", "missing", "unresolved"];
    let source = read("crates/aws/src/iam/verdict.rs");
    let (readme, rules) = (read("README.md"), read("rules/README.md"));
    for word in words {
        assert!(source.contains(&format!("=> \"{word}\"")), "{word}");
        assert!(readme.contains(&format!("| `{word}` |")) && rules.contains(&format!("`{word}`")), "{word}");
    }
}

/// The members that `rules/README.md` documents for each list of facts; those that all have are under the empty name.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let text = read("rules/README.md");
    let facts = text.split("\n## Facts\n").nth(1).unwrap();
    let mut out = BTreeMap::new();
    let mut list = String::new();
    for line in facts.lines() {
        if let Some(name) = line.strip_prefix("### `$.") {
            list = name.trim_end_matches('`').to_owned();
            out.insert(list.clone(), BTreeSet::new());
        } else if let Some(row) = line.strip_prefix("| `") {
            let (names, _) = row.split_once(" | ").unwrap();
            let names = names.split(", `").map(|name| name.trim_end_matches('?').trim_end_matches('`').to_owned());
            out.entry(list.clone()).or_default().extend(names);
        }
    }
    out
}

/// Every fact of the files in `dir`.
fn facts_of(dir: &Path) -> Node {
    let loaded = load(common::inputs(Path::new(ROOT), dir));
    let plan = common::plan(common::EXAMPLE_ACCOUNT);
    let inventory = inventory::collect(&loaded.models, &loaded.sources, None, &std::collections::BTreeMap::new());
    let buckets = link::link(&inventory, &loaded.sources, &plan.buckets, None);
    let requester = Requester { account: plan.control_accounts[0].clone(), ..Requester::default() };
    let scene = facts::Scene {
        sources: &loaded.sources,
        inventory: &inventory,
        buckets: &buckets,
        files: None,
        told: &std::collections::BTreeSet::new(),
        index: &link::Index::of(&buckets, &inventory, &loaded.sources),
        joins: &link::Joins::of(&buckets, &loaded.sources),
        requesters: &[requester],
        profile: &plan.profile,
        trail_elsewhere: false,
        logs_read: true,
        scenarios: &[],
        fragments: &std::collections::BTreeMap::new(),
        lost: &[],
        regional: &BTreeSet::new(),
    };
    let mut facts = facts::compute(&scene, &loaded.problems, &[]);
    let scenarios = std::collections::BTreeMap::new();
    let deployed = |model| inventory::deployed(model, &loaded.sources, &scenarios, &Vec::new());
    let deployed = loaded.models.iter().flat_map(deployed).collect();
    facts.members.push(facts::resources(deployed, &buckets, &loaded.sources));
    run::root(facts.members, loaded.models, &loaded.sources)
}

#[test]
fn every_fact_is_documented() {
    let told = documented();
    let subdirs = |dir: PathBuf| fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    // fixtures/<group>/<rule>/<broken or quiet>/<case>: together they would all have a say on one bucket
    let cases = subdirs(Path::new(ROOT).join("fixtures")).flat_map(subdirs).flat_map(subdirs).flat_map(subdirs);
    let mut near_misses = 0;
    for tree in cases.map(|case| facts_of(&case)) {
        let lists: BTreeSet<&str> = tree.entries().iter().map(|entry| entry.key.text.as_str()).collect();
        assert_eq!(told.keys().map(String::as_str).filter(|name| !name.is_empty()).collect::<BTreeSet<_>>(), lists);
        for list in tree.entries() {
            for member in list.value.items().iter().flat_map(Node::entries) {
                let (list, name) = (list.key.text.as_str(), member.key.text.as_str());
                assert!(told[list].contains(name) || told[""].contains(name), "$.{list}[*].{name} is not documented");
            }
        }
        near_misses += tree.get("access").unwrap().items().iter().filter(|fact| fact.get("near_miss").is_some()).count();
        assert!(matches!(tree.get("run").unwrap().value, Value::Seq(_)));
    }
    assert!(near_misses > 0, "some fixture has a near miss");
}

#[test]
fn every_documented_fact_is_made() {
    let mut source = read("src/run.rs");
    let files = walkdir::WalkDir::new(Path::new(ROOT).join("src/facts")).into_iter().map(Result::unwrap);
    for file in files.filter(|file| file.file_type().is_file()) {
        source += &fs::read_to_string(file.path()).unwrap();
    }
    for (list, members) in documented() {
        for member in members {
            assert!(source.contains(&format!("\"{member}\"")), "nothing makes $.{list}[*].{member}");
        }
    }
}
