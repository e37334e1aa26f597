//! `$.condition_slips`: tests of conditions that cannot do what they are written for.

use super::Scene;
use super::access::statement;
use super::fact::Fact;
use super::policy::{about, effect_of, judged};
use crate::iam::context;
use crate::iam::document::{Document, Effect, Statement};
use crate::iam::slip::{Slip, SlipKind, slips};
use crate::iam::verdict::{Decision, Verdict};
use crate::link::LinkedBucket;
use crate::source::Span;
use crate::syntax::node::Node;
use std::collections::BTreeSet;

/// One fact for each, where it stands; `blamed` are the tests for which an action is not granted.
pub(super) fn facts(scene: &Scene<'_>, blamed: &BTreeSet<Span>) -> Vec<Node> {
    let mut out = Vec::new();
    for (policy, owner, in_scope) in judged(scene) {
        for statement in &policy.document.statements {
            for slip in slips(statement) {
                let spares = statement.effect == Some(Effect::Deny) && slip.holds == Some(false);
                let fact = about(Fact::at(slip.at), owner, in_scope)
                    .text("kind", slip.kind.word())
                    .text("statement", statement.title())
                    .text("effect", effect_of(statement))
                    .text("message", slip.message.as_str())
                    .text("outcome", slip.outcome(statement.effect))
                    .text("fix", slip.fix.as_str())
                    .flag("decides", blamed.contains(&slip.test) && !spares);
                out.push(fact.node());
            }
        }
    }
    out
}

/// The tests with a slip that is why an action is not granted.
pub(super) fn blamed(scene: &Scene<'_>, bucket: &LinkedBucket, decision: &Decision) -> Vec<Span> {
    let cause = decision.cause.as_ref().filter(|_| decision.verdict != Verdict::Granted);
    let found = cause.and_then(|cause| {
        let document: &Document = &scene.inventory.policies[*bucket.policies.get(cause.policy)?].document;
        let statement = statement(document, cause.statement)?;
        let bears = |slip: &Slip| bears(statement, slip, cause.span, &decision.action);
        Some(slips(statement).into_iter().filter(bears).map(|slip| slip.test).collect())
    });
    found.unwrap_or_default()
}

/// Whether a slip is what stands at `cause`, for the place of which an action is not granted.
fn bears(statement: &Statement, slip: &Slip, cause: Span, action: &str) -> bool {
    let alone = || statement.conditions.len() == 1 && cause == statement.span;
    let test = statement.conditions.iter().find(|test| test.span == slip.test);
    let lacks = || test.is_some_and(|test| !context::exists_for(&test.key.to_ascii_lowercase(), action));
    // a value that matches nothing beside others that may is not what decides
    let matters = match slip.kind {
        SlipKind::Key => true,
        SlipKind::Action => lacks(),
        SlipKind::Value => slip.holds.is_some(),
    };
    matters && (cause == slip.test || Some(cause) == statement.condition_span || alone())
}
