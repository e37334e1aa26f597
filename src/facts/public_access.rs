//! What Block Public Access makes of public policies:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.

use super::Scene;
use super::fact::{Fact, title};
use super::policy::{judged, open_to_all};
use crate::finding::Label;
use crate::iam::document::{Effect, Statement};
use crate::iam::public;
use crate::link::LinkedBucket;
use crate::source::Span;
use crate::syntax::node::Node;
use crate::trail::selector::Ternary;

/// What becomes of a public policy.
#[derive(Debug)]
pub(super) enum Blocking {
    /// S3 refuses it: `BlockPublicPolicy` is on.
    Rejected(SwitchedOn),
    /// Other accounts are cut off: `RestrictPublicBuckets` is on.
    CutOff(Span),
    /// One of the two may be on.
    Unknown {
        /// Which.
        setting: &'static str,
        /// Why that is not known.
        why: String,
        /// Where.
        at: Span,
    },
    /// Neither is on.
    Open,
}

/// Where a setting is switched on.
#[derive(Debug)]
pub(super) enum SwitchedOn {
    /// Here.
    Written(Span),
    /// Nowhere: it is the default of new buckets.
    Default,
}

/// What becomes of a public policy of `bucket`; nothing is known of one that no template declares.
pub(super) fn outcome(scene: &Scene<'_>, bucket: &LinkedBucket) -> Option<Blocking> {
    let Some(declared) = &scene.inventory.buckets[bucket.declared?].public_access else {
        return Some(Blocking::Rejected(SwitchedOn::Default));
    };
    Some(match (&declared.block, &declared.restrict) {
        (Ternary::Yes(at), _) => Blocking::Rejected(SwitchedOn::Written(*at)),
        // whether or not the policy is refused, nobody else gets in
        (_, Ternary::Yes(at)) => Blocking::CutOff(*at),
        (Ternary::Unknown { why, at }, _) => Blocking::Unknown { setting: "BlockPublicPolicy", why: why.clone(), at: *at },
        (_, Ternary::Unknown { why, at }) => Blocking::Unknown { setting: "RestrictPublicBuckets", why: why.clone(), at: *at },
        (Ternary::No(_), Ternary::No(_)) => Blocking::Open,
    })
}

/// Whether what public access a policy of `bucket` grants is blocked for certain.
pub(super) fn blocked(scene: &Scene<'_>, bucket: Option<&LinkedBucket>) -> bool {
    let outcome = bucket.and_then(|bucket| outcome(scene, bucket));
    matches!(outcome, Some(Blocking::Rejected(_) | Blocking::CutOff(_)))
}

/// `$.public_access`: one for each public statement in the policy of a bucket that a template declares, at its principals.
pub(super) fn facts(scene: &Scene<'_>) -> Vec<Node> {
    let mut out = Vec::new();
    for (policy, owner, _) in judged(scene) {
        let Some((bucket, outcome)) = owner.and_then(|bucket| Some((bucket, outcome(scene, bucket)?))) else { continue };
        for statement in policy.document.statements.iter().filter(|statement| public::is_public(statement)) {
            let anonymous = open_to_all(scene, policy, owner, statement);
            let narrowed = anonymous.is_none() && denies(policy.document.statements.iter());
            out.push(fact(scene, bucket, statement, &outcome).flag("narrowed", narrowed).maybe("anonymous", anonymous).node());
        }
    }
    out
}

/// Whether anything is denied.
fn denies<'a>(mut statements: impl Iterator<Item = &'a Statement>) -> bool {
    statements.any(|statement| statement.effect == Some(Effect::Deny))
}

fn fact(scene: &Scene<'_>, bucket: &LinkedBucket, statement: &Statement, outcome: &Blocking) -> Fact {
    let (word, setting, at, said) = match outcome {
        Blocking::Rejected(SwitchedOn::Written(at)) => {
            ("rejected", Some("BlockPublicPolicy"), *at, "BlockPublicPolicy is on here")
        }
        Blocking::Rejected(SwitchedOn::Default) => {
            ("rejected", Some("BlockPublicPolicy"), bucket.span, "declares no PublicAccessBlockConfiguration, so all of it is on")
        }
        Blocking::CutOff(at) => ("cut-off", Some("RestrictPublicBuckets"), *at, "RestrictPublicBuckets is on here"),
        Blocking::Unknown { setting, at, .. } => ("unknown", Some(*setting), *at, "not known here"),
        Blocking::Open => ("open", None, Span::default(), ""),
    };
    let default = matches!(outcome, Blocking::Rejected(SwitchedOn::Default));
    let how = if default { "is on by default" } else { "is on" };
    let cut: Vec<String> =
        scene.requesters.iter().map(|one| format!("arn:{}:iam::{}:root", bucket.target.partition, one.account)).collect();
    let fact = Fact::at(statement.principal_span.unwrap_or(statement.span))
        .bucket(bucket)
        .flag("excluded", bucket.excluded)
        .text("statement", statement.title())
        .text("outcome", word)
        .maybe("setting", setting)
        .text("how", how)
        .flag("default", default)
        .text("accounts", if cut.is_empty() { "every other account".to_owned() } else { cut.join(", ") });
    let fact = match outcome {
        Blocking::Unknown { why, .. } => fact.text("reason", why.as_str()),
        _ => fact,
    };
    let name = title(&bucket.reference);
    let message = if default { format!("bucket {name} {said}") } else { said.to_owned() };
    fact.related(setting.map(|_| Label { span: at, message }))
}
