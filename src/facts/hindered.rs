//! What a Deny would refuse if it were allowed: two causes, so that whoever mends the one knows of the other.

use super::{Scene, access, own_account, role};
use crate::iam::caller::Requester;
use crate::iam::decide::Question;
use crate::iam::document::{Document, Effect};
use crate::iam::verdict::{Decision, Verdict};
use crate::link::LinkedBucket;

/// The decisions on actions that nothing grants, as they would be if the account were granted them, where a Deny is in the way.
pub(super) fn decisions(scene: &Scene<'_>, bucket: &LinkedBucket, requester: &Requester, decided: &[Decision]) -> Vec<Decision> {
    let missing = decided.iter().filter(|decision| decision.verdict == Verdict::Missing);
    let missing: Vec<String> = missing.map(|decision| decision.action.clone()).collect();
    let documents: Vec<&Document> = bucket.policies.iter().map(|&at| &scene.inventory.policies[at].document).collect();
    let denies = |document: &&Document| document.statements.iter().any(|statement| statement.effect == Some(Effect::Deny));
    if missing.is_empty() || !documents.iter().any(denies) {
        return Vec::new();
    }
    let allowing = own_account::allowing(bucket, &requester.account, &missing);
    let policies: Vec<&Document> = documents.iter().copied().chain([&allowing]).collect();
    let question = Question { policies: &policies, target: &bucket.target, requester };
    let profile = scene.profile;
    let mut out = role::decide_as(profile.principal, &question, &missing, &|action| profile.scope(action));
    out.retain(|decision| {
        let cause = decision.cause.as_ref().and_then(|cause| access::statement(documents.get(cause.policy)?, cause.statement));
        let by_deny = cause.is_some_and(|statement| statement.effect == Some(Effect::Deny));
        by_deny && matches!(decision.verdict, Verdict::Denied | Verdict::Conditional)
    });
    out
}
