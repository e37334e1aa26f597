//! The program against a second reading of AWS's pages, over many random policies and requests.
//!
//! `BUCKETLINT_ORACLE_REQUESTS` says how many, and `BUCKETLINT_SEED` which.
#![allow(clippy::unwrap_used, reason = "a test fails on the spot")]

mod evaluator;
mod generator;
mod known;
mod program;
mod random;
mod shrink;
mod vocabulary;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use evaluator::{Answer, Request, answer};
use known::{ANSWERED, DIFFERENT, Known, REFUSED};
use program::{Reply, reply};
use serde_json::Value;

/// How the two answers to one request stand to each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Same,
    /// Both leave it open.
    Open,
    /// They differ in a way that a table has.
    Known(&'static str, &'static str),
    /// They differ; the words tell one kind from another.
    Different(String),
}

fn outcome(policy: &Value, request: &Request) -> Outcome {
    let known = |table: &[Known], kind: String| {
        let row = table.iter().find(|row| kind.contains(row.words) && (row.of)(policy, request));
        row.map_or(Outcome::Different(kind), |row| Outcome::Known(row.words, row.why))
    };
    match (answer(policy, request), reply(policy, request)) {
        (Answer::Allow, Reply::Allow) | (Answer::Deny, Reply::Deny) => Outcome::Same,
        (Answer::Open(_), Reply::Unresolved(_)) => Outcome::Open,
        (pages, Reply::Refused(why)) => known(REFUSED, format!("{pages:?}, refused: {why}")),
        (Answer::Open(reason), said) => known(ANSWERED, format!("{reason}, program {said:?}")),
        (pages, Reply::Unresolved(why)) => known(DIFFERENT, format!("{pages:?}, unresolved: {why}")),
        (pages, said) => known(DIFFERENT, format!("{pages:?}, program {said:?}")),
    }
}

/// The setting of this name, or else the one by default.
#[allow(clippy::disallowed_methods, reason = "a test is told how long to run")]
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn the_program_reads_as_the_pages_do() {
    let (seed, requests) = (setting("BUCKETLINT_SEED", 20_240_501), setting("BUCKETLINT_ORACLE_REQUESTS", 3_000));
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    let mut different = Vec::new();
    let mut answers: BTreeMap<&str, usize> = BTreeMap::new();
    for at in seed..seed + requests {
        let (policy, request) = generator::case(at);
        let word = match answer(&policy, &request) {
            Answer::Allow => "allow",
            Answer::Deny => "deny",
            Answer::Open(_) => "open",
        };
        *answers.entry(word).or_default() += 1;
        let outcome = outcome(&policy, &request);
        if matches!(outcome, Outcome::Different(_)) {
            different.push(at);
        }
        *counts.entry(outcome).or_default() += 1;
    }
    println!("{requests} requests from seed {seed}; the pages say {answers:?}");
    for (outcome, count) in &counts {
        match outcome {
            Outcome::Same | Outcome::Open => println!("{count:>6} {outcome:?}"),
            Outcome::Known(words, why) => println!("{count:>6} {words}: {why}"),
            Outcome::Different(kind) => println!("{count:>6} {kind}"),
        }
    }
    let report = report(&different);
    assert!(report.is_empty(), "the program and AWS's pages differ\n{report}");
}

/// One example, as small as it can be, of each kind among the cases of these seeds.
fn report(seeds: &[u64]) -> String {
    let mut kinds: BTreeMap<(Outcome, String), (usize, String)> = BTreeMap::new();
    let mut examined: BTreeMap<Outcome, usize> = BTreeMap::new();
    for &seed in seeds {
        let (policy, request) = generator::case(seed);
        let outcome = outcome(&policy, &request);
        let count = examined.entry(outcome.clone()).or_default();
        *count += 1;
        if *count > EXAMINED {
            continue;
        }
        let (policy, request) = shrink::shrink(policy, request, &|policy, request| self::outcome(policy, request) == outcome);
        let shape = shrink::shape(&policy, &request);
        let asks = program::principal(&request.caller);
        let said = program::line(&policy, &request);
        let Request { action, resource, context, .. } = &request;
        let shown = format!("{policy}\n    {action} on {resource} by {asks} with {context:?}\n    {said} (seed {seed})");
        kinds.entry((outcome, shape)).or_insert((0, shown)).0 += 1;
    }
    let mut out = String::new();
    for ((outcome, shape), (count, shown)) in kinds {
        writeln!(out, "{count} times: {outcome:?} {shape}\n    {shown}").unwrap();
    }
    out
}

/// How many cases that differ alike are made small, which takes far longer than finding them.
const EXAMINED: usize = 12;
