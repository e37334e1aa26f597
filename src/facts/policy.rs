//! Facts about policies apart from what they grant: attachment, grammar, action names, public statements.

use super::fact::Fact;
use super::remedy::is_for_us;
use super::{Scene, public_access};
use crate::edit::{Applicability, Fix};
use crate::finding::Label;
use crate::iam::action;
use crate::iam::anonymous;
use crate::iam::document::{Document, Effect, FaultKind, Statement};
use crate::iam::principal::PrincipalKind;
use crate::iam::public;
use crate::iam::resource::Target;
use crate::iam::wildcard::{self, Case};
use crate::inventory::Policy;
use crate::link::LinkedBucket;
use crate::paste::Style;
use crate::syntax::node::Node;
use serde_json::json;

/// `$.policies`: one for each policy attached to a bucket.
pub(super) fn policies(scene: &Scene<'_>) -> Vec<Node> {
    let of_bucket = |bucket: &'_ LinkedBucket| -> Vec<Node> {
        let all = bucket.policies.iter().map(|&at| &scene.inventory.policies[at]);
        // of two that may not be there, one may be there where the other is not
        let (certain, doubtful): (Vec<&Policy>, Vec<&Policy>) = all.partition(|policy| policy.doubts.is_empty());
        let (first, count) = (certain.first().copied(), certain.len().max(1));
        let places = certain.into_iter().enumerate().chain(doubtful.into_iter().map(|policy| (0, policy)));
        let each = places.map(|(place, policy)| {
            let first = first.filter(|_| place > 0);
            let related = first.map(|first| Label { span: first.span, message: "the first policy for this bucket".into() });
            Fact::at(policy.span)
                .bucket(bucket)
                .flag("excluded", bucket.excluded)
                .number("place", place + 1)
                .number("count", count)
                .number("statements", policy.document.statements.len())
                .related(related)
                .node()
        });
        each.collect()
    };
    scene.asked().flat_map(of_bucket).collect()
}

/// Every policy that matters, with the bucket it belongs to: one that is judged, or none that is known.
pub(super) fn judged<'a>(scene: &Scene<'a>) -> impl Iterator<Item = (&'a Policy, Option<&'a LinkedBucket>, bool)> {
    let (scene, buckets, told) = (*scene, scene.buckets, scene.told);
    let mut owners: Vec<Option<usize>> = vec![None; scene.inventory.policies.len()];
    let weight = |at: usize| (buckets[at].in_scope, !buckets[at].excluded);
    for (at, bucket) in buckets.iter().enumerate() {
        for &policy in &bucket.policies {
            // of several that are worth the same, the first
            if owners[policy].is_none_or(|known| weight(known) < weight(at)) {
                owners[policy] = Some(at);
            }
        }
    }
    let asked = move |(policy, owner): &(&Policy, Option<usize>)| owner.map_or(scene.asks(policy.file), |at| !told.contains(&at));
    let all = scene.inventory.policies.iter().zip(owners).filter(asked);
    all.map(|(policy, owner)| {
        let owner = owner.map(|at| &buckets[at]);
        (policy, owner, owner.is_none_or(|bucket| bucket.in_scope))
    })
}

pub(super) fn about(fact: Fact, owner: Option<&LinkedBucket>, in_scope: bool) -> Fact {
    match owner {
        Some(bucket) => fact.bucket(bucket).flag("excluded", bucket.excluded),
        None => fact.flag("in_scope", in_scope).flag("excluded", false),
    }
}

/// A request without credentials that a public statement allows, for example `s3:GetObject on arn:aws:s3:::lab-data/x`.
pub(super) fn open_to_all(
    scene: &Scene<'_>,
    policy: &Policy,
    owner: Option<&LinkedBucket>,
    statement: &Statement,
) -> Option<String> {
    if !public::is_public(statement) {
        return None;
    }
    let all = owner.map(|bucket| bucket.policies.iter().map(|&at| &scene.inventory.policies[at].document).collect());
    let documents: Vec<&Document> = all.unwrap_or_else(|| vec![&policy.document]);
    let at = documents.iter().position(|document| std::ptr::eq(*document, &policy.document))?;
    let nameless = || Target { name: policy.bucket.clone().unwrap_or_default(), partition: "aws".into() };
    let target = owner.map_or_else(nameless, |bucket| bucket.target.clone());
    let open = anonymous::open(&documents, at, statement.number, &target)?;
    Some(format!("{} on {}", open.action, open.resource))
}

/// `$.grammar`: one for each thing the policy grammar forbids.
pub(super) fn grammar(scene: &Scene<'_>) -> Vec<Node> {
    let each = judged(scene).flat_map(|(policy, owner, in_scope)| {
        let faults = policy.document.faults.iter().filter(|fault| fault.kind == FaultKind::Grammar);
        faults.map(move |fault| {
            let place = fault.statement.map(|number| format!("statement {number}: "));
            // S3 refuses the policy as it is, and what was meant is certain
            let fix = fault.write.filter(|_| !policy.is_output()).map(|word| {
                let style = Style::of(scene.sources.get(fault.span.file)).within(policy.text);
                Fix::new(Applicability::Safe, style.value_edit(&json!(word), fault.span))
            });
            about(Fact::at(fault.span), owner, in_scope)
                .fix(fix)
                .text("message", fault.message.as_str())
                .text("fix", fault.fix.as_str())
                .text("place", place.unwrap_or_default())
                .node()
        })
    });
    each.collect()
}

/// `$.actions`: one for each value of `Action` and `NotAction`.
pub(super) fn actions(scene: &Scene<'_>) -> Vec<Node> {
    let mut out = Vec::new();
    for (policy, owner, in_scope) in judged(scene) {
        for statement in &policy.document.statements {
            for item in &statement.actions.items {
                let Some(text) = item.as_known() else { continue };
                let meant = suggestion(text).map(|name| format!("s3:{name}"));
                // the name is a guess: it gives nothing to others, nor takes it from them
                let fix = meant.as_ref().filter(|_| is_for_us(scene, statement)).map(|name| {
                    let edit = Style::of(scene.sources.get(item.span.file)).value_edit(&json!(name), item.span);
                    Fix::new(Applicability::Unsafe, edit)
                });
                let fact = about(Fact::at(item.span), owner, in_scope)
                    .text("text", text)
                    .flag("known", is_action(text))
                    .text("statement", statement.title())
                    .text("effect", effect_of(statement))
                    .flag("not_action", statement.actions.not)
                    .maybe("suggestion", meant.map(|name| format!("; did you mean `{name}`?")).or_else(|| belongs(text)))
                    .fix(fix);
                out.push(fact.node());
            }
        }
    }
    out
}

/// Whether a value names at least one S3 action.
fn is_action(text: &str) -> bool {
    action::covered(text).next().is_some()
}

/// Where an action of another service belongs.
fn belongs(text: &str) -> Option<String> {
    let (service, _) = text.split_once(':').filter(|(service, _)| !service.eq_ignore_ascii_case("s3"))?;
    Some(match service.to_ascii_lowercase().as_str() {
        "kms" => "; actions on a key belong in the policy of the key (KeyPolicy), which decides beside this one".into(),
        "sns" => "; actions on a topic belong in the policy of the topic (AWS::SNS::TopicPolicy)".into(),
        "sqs" => "; actions on a queue belong in the policy of the queue (AWS::SQS::QueuePolicy)".into(),
        _ => format!("; actions of `{service}` are for policies of roles, or of its own resources"),
    })
}

/// The S3 action that was meant by a value that names none.
pub(super) fn suggestion(text: &str) -> Option<&'static str> {
    if is_action(text) {
        return None;
    }
    let name = text.split_once(':').map_or(text, |(_, name)| name);
    action::find(name).map(|known| known.name).or_else(|| action::suggest(name))
}

pub(super) fn effect_of(statement: &Statement) -> &'static str {
    match statement.effect {
        Some(Effect::Allow) => "Allow",
        Some(Effect::Deny) => "Deny",
        None => "unknown",
    }
}

/// Whether a statement denies everybody, the bucket's owner included, to put another policy in the place of this one.
fn freezes(statement: &Statement, owner: Option<&LinkedBucket>) -> bool {
    let Some(name) = owner.map(|bucket| bucket.target.name.to_string()) else { return false };
    let everyone = statement.principals.iter().any(|principal| principal.kind == PrincipalKind::Everyone);
    let mut named = statement.actions.items.iter().filter_map(|item| item.as_known());
    let puts = named.any(|pattern| action::matches(pattern, "s3:PutBucketPolicy")) != statement.actions.not;
    let mut resources = statement.resources.items.iter();
    // whichever way the partition is written
    let is_bucket =
        |item: &str| wildcard::matches(item.split_once(":s3:::").map_or(item, |(_, path)| path), &name, Case::Sensitive);
    let on = resources.any(|item| is_bucket(&item.to_string())) != statement.resources.not;
    let sure = statement.unknown.is_empty() && statement.conditions.is_empty() && !statement.not_principal;
    sure && statement.effect == Some(Effect::Deny) && everyone && puts && on
}

/// `$.statements`: one for each statement, reported at its principals.
pub(super) fn statements(scene: &Scene<'_>) -> Vec<Node> {
    let mut out = Vec::new();
    for (policy, owner, in_scope) in judged(scene) {
        for statement in &policy.document.statements {
            let principals = statement.principals.iter().map(|principal| principal.text.to_string());
            let fact = about(Fact::at(statement.principal_span.unwrap_or(statement.span)), owner, in_scope)
                .text("effect", effect_of(statement))
                .text("statement", statement.title())
                .texts("principals", principals)
                .flag("everyone", statement.principals.iter().any(|principal| principal.kind == PrincipalKind::Everyone))
                .flag("not_principal", statement.not_principal)
                .flag("not_action", statement.actions.not)
                .pieces("actions_named", &statement.actions.items)
                .texts("resources", statement.resources.items.iter().map(ToString::to_string))
                .texts("condition_keys", statement.conditions.iter().map(|test| test.key.as_str()))
                .flag("public", public::is_public(statement))
                .flag("blocked", public_access::blocked(scene, owner))
                .flag("freezes", freezes(statement, owner))
                .maybe("anonymous", open_to_all(scene, policy, owner, statement));
            out.push(fact.node());
        }
    }
    out
}
