//! What a run came to against what was expected of it.

use super::{Case, Expectation, Verdict, Wanted, Wish};
use crate::finding::{Claim, Finding, Label};
use crate::outcome::Outcome;
use crate::source::Span;
use std::path::Path;

/// An expectation that is not met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Miss {
    /// The rule.
    pub rule: String,
    /// Where the expectation is written.
    pub at: Span,
    /// What was expected, and what there is.
    pub message: String,
    /// What was found instead.
    pub found: Vec<Label>,
}

/// What in `outcome` is not as `case` expects it.
pub fn misses(case: &Case, outcome: &Outcome) -> Vec<Miss> {
    let unread = unread(case, outcome).into_iter();
    unread.chain(case.expectations.iter().flat_map(|expectation| of_rule(expectation, outcome))).collect()
}

/// Input that could not be read, unless the case is about that: nothing said of it would mean anything.
fn unread(case: &Case, outcome: &Outcome) -> Vec<Miss> {
    let is_unread = |finding: &&Finding| ["source/syntax", "source/unreadable"].contains(&finding.rule.as_str());
    let expected = |finding: &&Finding| case.expectations.iter().any(|one| one.rule == finding.rule);
    let found = outcome.findings.iter().filter(|finding| is_unread(finding) && !expected(finding));
    let miss = |finding: &Finding| Miss {
        rule: finding.rule.clone(),
        at: case.span,
        message: format!("the input was not read: {}", finding.message),
        found: vec![label(finding)],
    };
    found.map(miss).collect()
}

fn of_rule(expectation: &Expectation, outcome: &Outcome) -> Vec<Miss> {
    let all: Vec<&Finding> = outcome.findings.iter().filter(|finding| finding.rule == expectation.rule).collect();
    let found: Vec<&Finding> = all.iter().copied().filter(|finding| finding.claim != Claim::Undecided).collect();
    let miss = |at: Span, message: String, shown: &[&Finding]| Miss {
        rule: expectation.rule.clone(),
        at,
        message,
        found: shown.iter().map(|finding| label(finding)).collect(),
    };
    match &expectation.wanted {
        Wanted::Verdict(wanted) => {
            let verdict = match (found.as_slice(), all.as_slice()) {
                ([_, ..], _) => Verdict::Fail,
                ([], [_, ..]) => Verdict::Undecided,
                _ if outcome.considered.get(&expectation.rule).is_some_and(|count| *count > 0) => Verdict::Pass,
                _ => Verdict::Skip,
            };
            let message = || format!("expected {}, got {}", wanted.word(), verdict.word());
            if verdict == *wanted { Vec::new() } else { vec![miss(expectation.at, message(), &all)] }
        }
        Wanted::Findings(wishes) => {
            let (unmet, left) = pair(wishes, &found, outcome);
            if let ([], [_, ..]) = (unmet.as_slice(), left.as_slice()) {
                let message = format!("expected {} of {}, got {}", wishes.len(), findings(wishes.len()), found.len());
                return vec![miss(expectation.span, message.replacen(" of ", " ", 1), &left)];
            }
            let none = || if found.is_empty() { "nothing was found" } else { "no finding is like this" };
            unmet.into_iter().map(|wish| miss(wish.span, none().into(), if left.is_empty() { &all } else { &left })).collect()
        }
    }
}

fn findings(count: usize) -> &'static str {
    if count == 1 { "finding" } else { "findings" }
}

fn label(finding: &Finding) -> Label {
    Label { span: finding.primary.span, message: format!("{}: {}", finding.severity.word(), finding.headline()) }
}

/// The wishes that no finding is left for, and the findings that no wish is for, when as many as can be are paired.
fn pair<'w, 'f>(wishes: &'w [Wish], found: &[&'f Finding], outcome: &Outcome) -> (Vec<&'w Wish>, Vec<&'f Finding>) {
    let fits: Vec<Vec<bool>> =
        wishes.iter().map(|wish| found.iter().map(|finding| is_like(wish, finding, outcome)).collect()).collect();
    let mut taken: Vec<Option<usize>> = vec![None; found.len()];
    for wish in 0..wishes.len() {
        take(wish, &fits, &mut taken, &mut vec![false; found.len()]);
    }
    let unmet = wishes.iter().enumerate().filter(|(at, _)| !taken.contains(&Some(*at))).map(|(_, wish)| wish);
    let left = found.iter().zip(&taken).filter(|(_, taken)| taken.is_none()).map(|(finding, _)| *finding);
    (unmet.collect(), left.collect())
}

/// Gives `wish` a finding, by moving other wishes to other findings if need be.
fn take(wish: usize, fits: &[Vec<bool>], taken: &mut [Option<usize>], tried: &mut [bool]) -> bool {
    for finding in 0..taken.len() {
        if fits[wish][finding] && !std::mem::replace(&mut tried[finding], true) {
            let free = match taken[finding] {
                None => true,
                Some(other) => take(other, fits, taken, tried),
            };
            if free {
                taken[finding] = Some(wish);
                return true;
            }
        }
    }
    false
}

fn is_like(wish: &Wish, finding: &Finding, outcome: &Outcome) -> bool {
    let source = outcome.sources.get(finding.primary.span.file);
    let buckets = || finding.bucket.iter().chain(&finding.buckets);
    let named = |wanted: &String| {
        buckets().any(|bucket| [&bucket.name, &bucket.logical_id].into_iter().flatten().any(|name| name == wanted))
    };
    wish.line.is_none_or(|line| source.position(finding.primary.span.start as usize).line == line)
        && wish.file.as_ref().is_none_or(|file| Path::new(&*source.path).ends_with(file))
        && wish.at.as_ref().is_none_or(|text| source.slice(finding.primary.span).starts_with(text.as_str()))
        && wish.bucket.as_ref().is_none_or(named)
        && wish.severity.as_ref().is_none_or(|word| finding.severity.word() == word)
        && wish.message.as_ref().is_none_or(|part| finding.headline().contains(part.as_str()))
}
