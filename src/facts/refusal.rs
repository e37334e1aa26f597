//! `$.refusals`: what S3 refuses a bucket policy for, grammar aside.

use super::Scene;
use super::fact::Fact;
use super::policy::{about, judged};
use super::remedy::{Remedy, is_for_us};
use crate::finding::Label;
use crate::iam::action::{self, Level};
use crate::iam::document::{Document, Fault, FaultKind, Statement};
use crate::iam::refusal::{self, LIMIT, Misfit, within};
use crate::inventory::Policy;
use crate::link::LinkedBucket;
use crate::paste::Addition;
use crate::syntax::node::Node;

/// What S3 refuses a policy for as that of `owner`, its grammar and what its file alone tells of its principals included.
///
/// [`written`] is told of apart.
pub(super) fn of(policy: &Policy, owner: Option<&LinkedBucket>) -> Vec<Fault> {
    let known = owner.filter(|bucket| bucket.partition_given).map(|bucket| bucket.target.partition.as_str());
    let found = refusal::refusals(&policy.document, owner.map(|bucket| &bucket.target), known, policy.logical_id.is_some());
    policy.document.faults.iter().chain(&policy.misnamed).cloned().chain(found).collect()
}

/// Whether a fault is why a statement does not grant the action `wanted`.
pub(super) fn spoils(fault: &Fault, document: &Document, statement: &Statement, bucket: &LinkedBucket, wanted: &str) -> bool {
    match fault.kind {
        FaultKind::Action => {
            let misfits = refusal::misfits(statement, Some(&bucket.target));
            let mut named = misfits.iter().flat_map(|misfit| &misfit.actions).filter_map(|item| item.as_known());
            fault.statement == Some(statement.number) && named.any(|pattern| action::matches(pattern, wanted))
        }
        FaultKind::Partition => {
            let known = bucket.partition_given.then_some(bucket.target.partition.as_str());
            let foreign = refusal::foreign(document, known).map(|(_, arns)| arns).unwrap_or_default();
            foreign.iter().any(|(text, _)| within(text.span, statement))
        }
        FaultKind::Principal | FaultKind::Resource => fault.statement == Some(statement.number),
        FaultKind::Grammar | FaultKind::Size => false,
    }
}

/// One fact for each, where it stands.
pub(super) fn facts(scene: &Scene<'_>) -> Vec<Node> {
    let mut out = Vec::new();
    for (policy, owner, in_scope) in judged(scene) {
        let faults = of(policy, owner).into_iter().chain(written(scene, policy));
        for fault in faults.filter(|fault| fault.kind != FaultKind::Grammar) {
            let place = fault.statement.map(|number| format!("statement {number}: "));
            let misfit = misfit(policy, owner, &fault);
            let paste = misfit.as_ref().zip(owner).and_then(|(misfit, bucket)| paste(scene, policy, bucket, misfit, &fault));
            let actions = misfit.map(|misfit| misfit.actions).unwrap_or_default();
            let fact = about(Fact::at(fault.span).used(fault.used), owner, in_scope)
                .text("kind", fault.kind.word())
                .flag("certain", fault.kind != FaultKind::Size || policy.document.size > LIMIT)
                .text("message", fault.message.as_str())
                .text("fix", fault.fix.as_str())
                .text("place", place.unwrap_or_default())
                .texts("actions", actions.into_iter().map(ToString::to_string))
                .maybe("paste", paste.as_ref().map(|added| added.text.as_str()))
                .fix(paste.as_ref().and_then(Addition::fix).filter(|_| mends_ours(scene, policy, owner, &fault)))
                .related(related(owner, &fault));
            out.push(fact.node());
        }
    }
    out
}

/// A policy on its own that is too long only if white space counts.
fn written(scene: &Scene<'_>, policy: &Policy) -> Option<Fault> {
    let (document, text) = (&policy.document, scene.sources.slice(policy.document.span));
    let whole = policy.logical_id.is_none() && scene.sources.get(policy.file).text.trim_ascii() == text;
    (whole && document.size <= LIMIT && text.len() > LIMIT).then(|| {
        let message = format!("the policy has {} bytes as it is written; S3 takes {LIMIT}", text.len());
        let fix = format!("leave out the white space: {} bytes are left", document.size);
        Fault::new(FaultKind::Size, refusal::beginning(document), message, fix)
    })
}

/// The actions a fault is about, where it is about their kind.
fn misfit<'a>(policy: &'a Policy, owner: Option<&LinkedBucket>, fault: &Fault) -> Option<Misfit<'a>> {
    let statement = policy.document.statements.iter().find(|one| Some(one.number) == fault.statement)?;
    let at_resources = statement.resources.span == Some(fault.span);
    let misfits = refusal::misfits(statement, owner.map(|bucket| &bucket.target));
    misfits.into_iter().find(|one| fault.kind == FaultKind::Action && one.resource_helps() == at_resources)
}

/// The resource that actions are in need of.
fn paste(scene: &Scene<'_>, policy: &Policy, bucket: &LinkedBucket, misfit: &Misfit<'_>, fault: &Fault) -> Option<Addition> {
    let remedy = Remedy { scene, bucket, account: "" };
    let [whole, objects] = remedy.resources(Some(policy));
    let missing = if misfit.level == Level::Bucket { whole } else { objects };
    misfit.resource_helps().then(|| remedy.style(policy).extended("Resource", &[missing], fault.span))
}

/// Whether a fault is in a statement that is for the control accounts alone.
fn mends_ours(scene: &Scene<'_>, policy: &Policy, owner: Option<&LinkedBucket>, fault: &Fault) -> bool {
    if !owner.is_some_and(|bucket| (Remedy { scene, bucket, account: "" }).can_be_written(Some(policy))) {
        return false;
    }
    let mut statements = policy.document.statements.iter().filter(|one| Some(one.number) == fault.statement);
    statements.any(|statement| is_for_us(scene, statement))
}

/// The same mistake elsewhere, and the bucket a resource is not of.
fn related(owner: Option<&LinkedBucket>, fault: &Fault) -> Vec<Label> {
    // a few show what is meant
    let also = fault.also.iter().take(3).map(|span| Label { span: *span, message: "and here".into() });
    let apart = |bucket: &&LinkedBucket| bucket.declared.is_some() && bucket.span.file != fault.span.file;
    let bucket = owner.filter(|_| fault.kind == FaultKind::Resource).filter(apart);
    let declared = bucket.map(|bucket| Label { span: bucket.span, message: "this policy's bucket is declared here".into() });
    also.chain(declared).collect()
}
