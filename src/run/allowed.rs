//! What of the findings is allowed, and what is to be said of that.

use super::Plan;
use crate::allow::{self, Suppression};
use crate::facts::{self, AllowScene, InputProblem};
use crate::finding::Finding;
use crate::inventory::FileModel;
use crate::outcome::Dismissed;
use crate::rule::{Rule, catalog};
use crate::source::Sources;
use crate::syntax::node::{Node, Value};

/// Every suppression of a run.
pub(super) struct Allowed(Vec<Suppression>);

impl Allowed {
    /// Reads those that are written in the files, and adds those of the settings.
    pub(super) fn read(models: &[FileModel], sources: &Sources, plan: &Plan, problems: &mut Vec<InputProblem>) -> Self {
        let allow::Written { allows, comments, metadata } = allow::read(models, sources);
        let comments = comments.into_iter().map(|one| {
            InputProblem::of_allow(
                one,
                "write: # bucketlint: allow RULE until 2027-01-31 why; `until` with its day may be left out",
            )
        });
        let metadata = metadata.into_iter().map(|one| {
            InputProblem::of_allow(one, "write: {allow: [{rule: RULE, reason: why, until: 2027-01-31}]}; `until` may be left out")
        });
        problems.extend(comments.chain(metadata));
        Self(allows.into_iter().chain(plan.allowing.settings.iter().cloned()).collect())
    }

    /// Takes what is allowed out of `findings`, and writes into `root` what is to be said of the allows.
    pub(super) fn take(
        &self,
        findings: &mut Vec<Finding>,
        sources: &Sources,
        plan: &Plan,
        rules: &[Rule],
        partial: bool,
        root: &mut Node,
    ) -> Vec<Dismissed> {
        let today = plan.allowing.today;
        // what is wrong there may keep from being found what the allow is for
        let causes: Vec<Finding> = findings.iter().filter(|finding| hides_others(&finding.rule)).cloned().collect();
        let judged = |allow: &Suppression| !partial && !causes.iter().any(|cause| allow.covers(cause, sources));
        let judged = |(used, allow): (usize, &Suppression)| (used, used > 0 || judged(allow));
        let (mut dismissed, used) = allow::apply(&self.0, today, sources, findings);
        allow::join(&mut dismissed);
        let mut known: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        let mut off: Vec<&str> = plan.levels.iter().filter(|(_, level)| level.is_none()).map(|(id, _)| id.as_str()).collect();
        // a rule of a pack that was not asked for is known, and off
        let idle = catalog::pack_files().into_iter().map(|(id, _)| id).filter(|id| !known.contains(id));
        let idle: Vec<&str> = idle.collect();
        known.extend(&idle);
        off.extend(&idle);
        let used: Vec<(usize, bool)> = used.into_iter().zip(&self.0).map(judged).collect();
        let facts = facts::allows(&AllowScene { sources, known: &known, off: &off, today, used: &used }, &self.0);
        if let Value::Map(entries) = &mut root.value {
            entries.retain(|entry| entry.key.text != "allows");
            entries.push(facts::member("allows", facts));
        }
        dismissed
    }
}

/// Whether findings of this rule keep others from being made about the same thing.
fn hides_others(rule: &str) -> bool {
    rule.starts_with("template/") || rule == "policy/invalid"
}
