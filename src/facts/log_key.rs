//! Facts about the key that a trail encrypts its logs with.

use super::delivery::End;
use super::fact::Fact;
use super::grant::Grant;
use super::{Scene, kms, trail};
use crate::iam::caller::Requester;
use crate::iam::cloudtrail::CLOUDTRAIL;
use crate::iam::document::Document;
use crate::iam::log_key::LogKey;
use crate::iam::resource::Target;
use crate::iam::verdict::Decision;
use crate::inventory::Key;
use crate::paste::Style;
use crate::syntax::node::Node;
use crate::text::Text;
use serde_json::{Value as Json, json};

/// The key of a trail's logs, where a linted file declares it.
fn of<'a>(scene: &Scene<'a>, end: &End<'a>) -> Option<(&'a Key, &'a Text)> {
    let text = end.delivery.key.as_ref()?;
    let at = scene.index.keys.find(text, end.found.file).1?;
    Some((&scene.inventory.keys[at], text))
}

/// What the key allows CloudTrail.
pub(super) fn encrypting(scene: &Scene<'_>, end: &End<'_>) -> Vec<Node> {
    facts(scene, end, CLOUDTRAIL.into(), |key| key.encrypts(), |fact| fact.flag("waits", true))
}

/// What the key allows a control account that reads the logs.
pub(super) fn decrypting(scene: &Scene<'_>, end: &End<'_>, requester: &Requester, principal: &str) -> Vec<Node> {
    let account = requester.account.as_str();
    facts(scene, end, principal.into(), |key| key.decrypts(requester), |fact| fact.text("account", account))
}

fn facts(
    scene: &Scene<'_>,
    end: &End<'_>,
    principal: String,
    decide: impl Fn(&LogKey<'_>) -> Vec<Decision>,
    extended: impl Fn(Fact) -> Fact,
) -> Vec<Node> {
    let Some((key, text)) = of(scene, end) else { return Vec::new() };
    let documents: Vec<&Document> = key.policy.iter().collect();
    let target = Target { name: key.arn.clone(), partition: end.target.partition.clone() };
    let asked = LogKey { delivery: end.asked(&documents), key: &target };
    let decisions = decide(&asked).into_iter().map(|decision| (end.title(), text.span, decision)).collect();
    let grant = Grant {
        home: key.span,
        told: |_| "this trail encrypts its logs with it".into(),
        sources: scene.sources,
        style: Style::of(
            scene.sources.get(key.policy.as_ref().and_then(|policy| policy.statement_span).unwrap_or(key.span).file),
        ),
        documents: documents.clone(),
        unparsed: key.unparsed,
        principal,
        decisions,
    };
    let facts = grant.facts(
        |fact| {
            let fact = fact.text("trail", trail::name(end.found)).text("holder", format!("key {}", key.logical_id));
            extended(fact)
        },
        |actions| statement(&grant.principal, actions),
        |needed| ("the properties of the key", kms::whole(&grant.style, key, needed)),
    );
    facts.into_iter().map(Fact::node).collect()
}

/// Lets a service or an account use the key.
fn statement(principal: &str, actions: &[String]) -> Json {
    let whom = if principal == CLOUDTRAIL { json!({ "Service": principal }) } else { json!({ "AWS": principal }) };
    json!({ "Sid": "TrailLogs", "Effect": "Allow", "Principal": whom, "Action": actions, "Resource": "*" })
}
