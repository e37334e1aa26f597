//! The whole corpus of real templates, where the environment variable `BUCKETLINT_CORPUS` names its directory.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails on the spot, and says what it skips")]
#![allow(clippy::disallowed_methods, reason = "tests read and write files, and ask the environment")]

mod common;

use bucketlint::finding::Finding;
use bucketlint::load::{Loaded, load};
use bucketlint::outcome::Outcome;
use bucketlint::run::run;
use bucketlint::source::{Sources, Span};
use bucketlint::syntax::node::Node;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const CONTROL_ACCOUNT: &str = "111122223333";

const COUNTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus-counts.txt");

/// The files that neither Python's `json` nor PyYAML reads either, and why.
const UNPARSEABLE: [(&str, &str); 5] = [
    ("aws-cloudformation__aws-cloudformation-templates/LICENSE.txt", "prose"),
    ("aws__serverless-application-model/LICENSE", "prose"),
    ("bridgecrewio__checkov/LICENSE", "prose"),
    (
        "bridgecrewio__checkov/tests/cloudformation/parser/success_triple_quotes_string.json",
        "JSON with a string in Python's triple quotes",
    ),
    ("bridgecrewio__checkov/tests/cloudformation/runner/resources/invalid.json", "JSON with a brace left open on purpose"),
];

/// The corpus, or a line to say that there is none.
fn corpus() -> Option<PathBuf> {
    let found = common::corpus();
    if found.is_none() {
        eprintln!("skipped: BUCKETLINT_CORPUS does not name the directory of the corpus");
    }
    found
}

#[test]
fn the_corpus_is_checked_as_recorded() {
    let Some(base) = corpus() else { return };
    let mut told = String::new();
    for source in subdirectories(&base) {
        let name = source.file_name().unwrap().to_str().unwrap();
        writeln!(told, "[{name}]\n{}", counts(load_checked(&base, &source))).unwrap();
    }
    writeln!(told, "[all together]\n{}", counts(load_checked(&base, &base))).unwrap();
    if std::env::var_os("BLESS").is_some() {
        fs::write(COUNTS, &told).unwrap();
    }
    let recorded = fs::read_to_string(COUNTS).unwrap_or_default();
    assert!(told == recorded, "the counts differ from {COUNTS}; BLESS=1 rewrites it\n{}", differences(&recorded, &told));
}

/// What is said of one repository does not hang on another that has nothing in common with it. Of what no trail logs, which
/// is told once, the buckets alone are compared: a trail for all buckets is one for all that are checked, and how grave it is
/// that none logs a bucket hangs on whether any file declares one.
#[test]
fn repositories_checked_together_give_the_union_of_their_findings() {
    let Some(base) = corpus() else { return };
    let (plan, rules) = (common::plan(CONTROL_ACCOUNT), common::rules());
    let told = |dir: &Path| -> BTreeSet<String> {
        let outcome = run(load(common::inputs(&base, dir)), &plan, &rules);
        let place = |span: Span| (outcome.sources.get(span.file).path.to_string(), span.start, span.end);
        let shown = outcome.findings.iter().flat_map(|finding| {
            if finding.rule == "trail/uncovered-bucket" {
                let buckets = if finding.buckets.is_empty() { finding.bucket.as_slice() } else { &finding.buckets };
                return buckets.iter().map(|bucket| format!("{} {bucket:?}", finding.rule)).collect::<Vec<_>>();
            }
            let related: Vec<_> = finding.related.iter().map(|label| (place(label.span), &label.message)).collect();
            let at = place(finding.primary.span);
            let text = (&finding.message, &finding.help, related);
            vec![format!("{at:?} {} {:?} {:?} {:?} {text:?}", finding.rule, finding.severity, finding.bucket, finding.when)]
        });
        shown.collect()
    };
    let apart: BTreeSet<String> = subdirectories(&base).iter().flat_map(|source| told(source)).collect();
    let together = told(&base);
    assert!(!apart.is_empty());
    let differing: Vec<&String> = apart.symmetric_difference(&together).take(10).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

#[test]
fn every_file_can_be_named_alone() {
    let Some(base) = corpus() else { return };
    let (plan, rules) = (common::plan(CONTROL_ACCOUNT), common::rules());
    for path in all_files(&base) {
        let outcome = run(load(vec![common::input(&base, &path, true)]), &plan, &rules);
        check_outcome(&outcome);
    }
}

/// Loads what a walk finds under `dir`, with every place in its trees looked at.
fn load_checked(base: &Path, dir: &Path) -> (usize, Loaded) {
    let inputs = common::inputs(base, dir);
    let walked = inputs.len();
    let loaded = load(inputs);
    loaded.models.iter().for_each(|model| check_tree(&model.root, &loaded.sources));
    (walked, loaded)
}

fn counts((walked, loaded): (usize, Loaded)) -> String {
    let mut out = format!("files walked: {walked}\n");
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for model in &loaded.models {
        *kinds.entry(model.kind.word()).or_default() += 1;
    }
    for (kind, count) in kinds {
        writeln!(out, "files of kind {kind}: {count}").unwrap();
    }
    let outcome = run(loaded, &common::plan(CONTROL_ACCOUNT), &common::rules());
    check_outcome(&outcome);
    let seen = &outcome.summary;
    writeln!(out, "buckets: {} ({} in scope)", seen.buckets, seen.in_scope).unwrap();
    writeln!(out, "policies: {}\ntrails: {}", seen.policies, seen.trails).unwrap();
    let mut found: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in &outcome.findings {
        *found.entry((&finding.rule, finding.severity.word())).or_default() += 1;
    }
    for ((rule, severity), count) in found {
        writeln!(out, "{rule} {severity}: {count}").unwrap();
    }
    let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in outcome.buckets.iter().flat_map(|bucket| &bucket.access) {
        *verdicts.entry(line.verdict).or_default() += 1;
    }
    for (verdict, count) in verdicts {
        writeln!(out, "verdict {verdict}: {count}").unwrap();
    }
    out
}

fn check_tree(node: &Node, sources: &Sources) {
    check_span(node.span, sources);
    for entry in node.entries() {
        check_span(entry.key.span, sources);
        check_tree(&entry.value, sources);
    }
    node.items().iter().for_each(|item| check_tree(item, sources));
}

fn check_outcome(outcome: &Outcome) {
    for finding in &outcome.findings {
        check_finding(finding, &outcome.sources);
    }
    for span in outcome.buckets.iter().flat_map(|bucket| &bucket.access).filter_map(|line| line.span) {
        check_span(span, &outcome.sources);
    }
    // the reports index into the texts as well
    bucketlint::report::json(outcome);
    for width in [40, 80] {
        bucketlint::report::human(outcome, bucketlint::report::Style { width, unicode: true, colour: false });
    }
}

fn check_finding(finding: &Finding, sources: &Sources) {
    for label in std::iter::once(&finding.primary).chain(&finding.related) {
        check_span(label.span, sources);
    }
    let path = sources.get(finding.primary.span.file).path.as_ref();
    let known = UNPARSEABLE.iter().any(|(known, _)| *known == path);
    assert!(finding.rule != "source/syntax" || known, "{path}: {}", finding.message);
}

fn check_span(span: Span, sources: &Sources) {
    let source = sources.get(span.file);
    assert!(source.text.get(span.range()).is_some(), "{span:?} is not in {} of {} bytes", source.path, source.text.len());
}

/// The lines only one of two texts has, marked like a diff, section by section.
fn differences(recorded: &str, told: &str) -> String {
    let sections = |text: &str| -> Vec<(String, String)> {
        let mut section = String::new();
        let mut out = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            if line.starts_with('[') {
                section = line.to_owned();
            }
            out.push((section.clone(), line.to_owned()));
        }
        out
    };
    let (old, new) = (sections(recorded), sections(told));
    let gone = old.iter().filter(|line| !new.contains(line)).map(|(section, line)| format!("{section} - {line}\n"));
    let come = new.iter().filter(|line| !old.contains(line)).map(|(section, line)| format!("{section} + {line}\n"));
    gone.chain(come).collect()
}

fn subdirectories(dir: &Path) -> Vec<PathBuf> {
    entries(dir).into_iter().filter(|path| path.is_dir()).collect()
}

fn all_files(dir: &Path) -> Vec<PathBuf> {
    entries(dir).into_iter().flat_map(|path| if path.is_dir() { all_files(&path) } else { vec![path] }).collect()
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    out.sort();
    out
}
