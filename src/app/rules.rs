//! The command `rules`.

use super::{Answer, Desk, Trouble, done};
use crate::cli::{ListFormat, RulesOptions};
use crate::report;
use crate::rule::Rule;

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
