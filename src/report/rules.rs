//! The list of rules for programs, version 1. These types are the contract: fields are only ever added, at the end.

use crate::rule::Rule;
use crate::rule::catalog::Origin;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct List<'a> {
    version: u32,
    rules: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    title: &'a str,
    severity: &'static str,
    since: &'a str,
    references: &'a [String],
    why: &'a str,
    unconfirmed: Option<&'a str>,
    origin: Place<'a>,
    replaces: Option<Place<'a>>,
}

/// `built-in`, `pack` or `user`, with the pack's name or the file's path.
#[derive(Serialize)]
struct Place<'a> {
    kind: &'static str,
    pack: Option<&'a str>,
    file: Option<&'a str>,
}

impl<'a> From<&'a Origin> for Place<'a> {
    fn from(origin: &'a Origin) -> Self {
        match origin {
            Origin::BuiltIn => Self { kind: "built-in", pack: None, file: None },
            Origin::Pack(pack) => Self { kind: "pack", pack: Some(pack), file: None },
            Origin::User(file) => Self { kind: "user", pack: None, file: Some(file) },
        }
    }
}

/// Where each rule comes from, by its id, and what it replaces.
pub type Origins = BTreeMap<String, (Origin, Option<Origin>)>;

/// The `rules` with their `origins`, ending in a line break.
pub fn rules(rules: &[Rule], origins: &Origins) -> String {
    let lines = rules.iter().filter_map(|rule| Some(line(rule, origins.get(&rule.id)?)));
    let list = List { version: 1, rules: lines.collect() };
    serde_json::to_string_pretty(&list).unwrap_or_default() + "\n"
}

fn line<'a>(rule: &'a Rule, (origin, replaced): &'a (Origin, Option<Origin>)) -> Line<'a> {
    Line {
        id: &rule.id,
        title: &rule.title,
        severity: rule.severity.word(),
        since: &rule.since,
        references: &rule.told().reference,
        why: &rule.told().why,
        unconfirmed: rule.told().unconfirmed.as_deref(),
        origin: origin.into(),
        replaces: replaced.as_ref().map(Place::from),
    }
}
