//! Rules from their text to what they find.

mod checking;
mod clauses;
mod guard;
mod loading;
mod readme;
mod unknown;

use super::Rule;
use super::check::{Checked, check};
use super::load::load;
use crate::syntax::testing::tree;
use std::collections::BTreeMap;

/// A sound rule file over `$.s[*]`, in which `key: value` replaces the line of the same key or is added.
fn rule_text(changes: &[(&str, &str)]) -> String {
    let mut lines = vec![
        ("title", "Things are good"),
        ("severity", "error"),
        ("since", "0.1.0"),
        ("each", "$.s[*]"),
        ("check", "[{every: '@.v', equals: good}]"),
        ("label", "this"),
        ("message", "'{n} is bad'"),
        ("why", "so"),
        ("fix", "do {paste}"),
        ("reference", "[https://docs.aws.amazon.com/]"),
    ];
    for change in changes {
        match lines.iter_mut().find(|(key, _)| *key == change.0) {
            Some(line) => *line = *change,
            None => lines.push(*change),
        }
    }
    lines.into_iter().map(|(key, value)| format!("{key}: {value}\n")).collect()
}

fn rule(changes: &[(&str, &str)]) -> Rule {
    load("group/name", &tree(&rule_text(changes))).unwrap()
}

/// What the rule with these changes makes of `facts`, at the rules' own levels.
fn run(changes: &[(&str, &str)], facts: &str) -> Checked {
    check(&[rule(changes)], &tree(facts), &BTreeMap::new())
}
