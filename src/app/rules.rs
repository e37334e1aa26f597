//! `rules` and `explain`: what the rules are.

use super::desk::Desk;
use super::{Answer, Trouble, done};
use crate::cli::{ListFormat, RulesOptions};
use crate::report;
use crate::rule::{self, Rule, catalog};
use crate::syntax::fields::did_you_mean;
use std::path::PathBuf;

/// Lists the rules in force.
pub(super) fn list(options: &RulesOptions) -> Result<Answer, Trouble> {
    let mut desk = Desk::default();
    let rules = desk.rules(&options.rules, &options.packs);
    let origins = std::mem::take(&mut desk.origins);
    let rules = desk.settle(rules)?;
    match options.format {
        ListFormat::Json => done(report::rules(&rules, &origins)),
        ListFormat::Text => {
            let widest = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
            let line = |rule: &Rule| format!("{:widest$}  {:7}  {}\n", rule.id, rule.severity.word(), rule.title);
            done(rules.iter().map(line).collect())
        }
    }
}

/// Everything there is to say about the rule called `id`, which may be in one of `dirs`.
pub(super) fn explain(id: &str, dirs: &[PathBuf]) -> Result<Answer, Trouble> {
    let mut desk = Desk::default();
    let rules = desk.rules(dirs, &catalog::packs());
    let rules = desk.settle(rules)?;
    match rules.iter().find(|rule| rule.id == id) {
        Some(rule) => done(rule::explain(rule)),
        None => {
            let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
            // the last part alone tells which rule is meant
            let last = ids.iter().find(|known| known.rsplit('/').next() == Some(id));
            let hint = last.map_or_else(|| did_you_mean(id, &ids), |known| format!("; did you mean `{known}`?"));
            Err(Trouble::Plain(format!("there is no rule `{id}`{hint}")))
        }
    }
}
