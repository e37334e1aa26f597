//! Every mistake planted in the templates of the corpus, mended by the fixes of its findings until there is none left to make:
//! it ends, nothing else is wrong afterwards, and no other resource is touched.

use crate::common;
use crate::plant::{Mistake, Plot, check, plan, plots, said};
use bucketlint::edit::{Edit, Fix, edited};
use bucketlint::finding::Severity;
use bucketlint::outcome::Outcome;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// More than any template needs; after ten `--fix` asks to be run again.
const ROUNDS: usize = 40;

/// How it ended with a mistake.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum End {
    /// Nothing is said any more that was not said before it was planted.
    Mended,
    /// No fix was made: the help shows what to write, or what to decide.
    Shown,
    /// Fixes were made, and something is left that none mends.
    Left,
}

/// The fixes of an outcome that do not meet, the first ones first, with their rules.
fn fixes(outcome: &Outcome) -> Vec<(&str, &Fix)> {
    let mut out: Vec<(&str, &Fix)> = Vec::new();
    for finding in &outcome.findings {
        if let Some(fix) = finding.fix.as_ref().filter(|fix| !out.iter().any(|(_, other)| other.meets(fix))) {
            out.push((&finding.rule, fix));
        }
    }
    out
}

/// How a mistake ends, and what is wrong with that.
fn repaired(plot: &Plot, mistake: &Mistake, as_yaml: bool) -> (End, Vec<String>) {
    let planted = plot.planted(mistake);
    let (path, mut text) = match as_yaml {
        true => (plot.path.replace(".json", ".yaml"), serde_yaml::to_string(&planted).unwrap()),
        false => (plot.path.clone(), serde_json::to_string_pretty(&planted).unwrap()),
    };
    let plan = plan(mistake);
    let mut outcome = check(&path, text.clone(), &plan);
    let first = said(&outcome);
    let (mut made, mut wrong) = (BTreeSet::new(), Vec::new());
    for round in 0.. {
        let fixes = fixes(&outcome);
        // what was written and is to be written again has mended nothing
        for (rule, fix) in fixes.iter().filter(|(_, fix)| fix.edits.iter().all(|edit| made.contains(&edit.text))) {
            wrong.push(format!("mends nothing: {rule} by {fix:?}"));
        }
        if fixes.is_empty() || !wrong.is_empty() {
            break;
        }
        assert!(round < ROUNDS, "{path} does not end");
        let edits: Vec<&Edit> = fixes.into_iter().flat_map(|(_, fix)| &fix.edits).collect();
        made.extend(edits.iter().map(|edit| edit.text.clone()));
        text = edited(&text, edits);
        outcome = check(&path, text.clone(), &plan);
    }
    let left = said(&outcome);
    let wrongs: Vec<_> = left.difference(&plot.before).filter(|(_, severity, _)| *severity > Severity::Note).collect();
    for (rule, _, message) in &wrongs {
        if !made.is_empty() && !first.iter().any(|(known, ..)| known == rule) {
            wrong.push(format!("new: {rule}: {message}"));
        }
    }
    match (wrongs.is_empty(), made.is_empty()) {
        (_, true) => (End::Shown, wrong),
        (true, _) => (End::Mended, wrong),
        (false, _) => (End::Left, wrong),
    }
}

#[test]
fn every_planted_mistake_is_mended_or_left_alone() {
    let Some(base) = common::corpus() else { return eprintln!("skipped: BUCKETLINT_CORPUS names no corpus") };
    let (plots, _) = plots(&base);
    let ends: Vec<(&Mistake, End, Vec<String>)> = plots
        .par_iter()
        .enumerate()
        .flat_map_iter(|(number, plot)| {
            plot.mistakes().map(move |mistake| {
                let as_yaml = number % 2 == 0;
                let (end, wrong) = repaired(plot, mistake, as_yaml);
                let at = |told| format!("{} {:?} {}: {told}", plot.path, mistake.0, mistake.1);
                (mistake, end, wrong.into_iter().map(at).collect())
            })
        })
        .collect();
    let mut counts: BTreeMap<(&str, Option<usize>), BTreeMap<End, usize>> = BTreeMap::new();
    for ((number, rule, _), end, _) in &ends {
        *counts.entry((rule, *number)).or_default().entry(*end).or_default() += 1;
    }
    for ((rule, number), counts) in &counts {
        eprintln!("{rule} {number:?}: {counts:?}");
    }
    let wrong: Vec<&String> = ends.iter().flat_map(|(.., wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
    let mended = ends.iter().filter(|(_, end, _)| *end == End::Mended).count();
    assert!(mended * 3 > ends.len(), "only {mended} of {} are mended", ends.len());
}
