//! Facts about reading a trail's logs: what the log bucket, and the key of encrypted logs, allow the control accounts.

use super::delivery::{End, ends};
use super::fact::Fact;
use super::{Scene, log_key, role, trail};
use crate::iam::caller::Requester;
use crate::iam::decide::Question;
use crate::iam::resource::Scope;
use crate::iam::verdict::Decision;
use crate::syntax::node::Node;
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

/// `$.log_access`: what lets each control account read the logs of each trail, where the settings say that it does.
pub(super) fn facts(scene: &Scene<'_>) -> Vec<Node> {
    let all = ends(scene).filter(|_| scene.logs_read);
    let pairs = all.flat_map(|end| scene.requesters.iter().map(move |requester| (end.clone(), requester)));
    pairs.flat_map(|(end, requester)| of(scene, &end, requester)).collect()
}

fn of(scene: &Scene<'_>, end: &End<'_>, requester: &Requester) -> Vec<Node> {
    let principal = format!("arn:{}:iam::{}:root", end.target.partition, requester.account);
    let mut out = Vec::new();
    // within one account a role's own policy is enough
    let own = |accounts: &std::collections::BTreeSet<SmolStr>| accounts.iter().eq([requester.account.as_str()]);
    let inside = end.bucket.and_then(|bucket| bucket.declared).is_some_and(|at| own(&scene.inventory.buckets[at].place.accounts));
    if !inside {
        out.extend(bucket_facts(scene, end, requester, &principal));
    }
    out.extend(log_key::decrypting(scene, end, requester, &principal));
    out
}

fn bucket_facts(scene: &Scene<'_>, end: &End<'_>, requester: &Requester, principal: &str) -> Vec<Node> {
    let Some(bucket) = end.bucket else { return Vec::new() };
    let Some(policies) = end.policies(scene) else { return Vec::new() };
    let documents: Vec<_> = policies.iter().map(|policy| &policy.document).collect();
    let delivery = end.asked(&documents);
    let file = delivery.file_target();
    let ask = |target, action: &str, scope| {
        let question = Question { policies: &documents, target, requester };
        role::decide_as(scene.profile.principal, &question, &[action.into()], &|_| scope)
    };
    let mut decisions: Vec<Decision> = ask(&file, "s3:GetObject", Scope::Named);
    decisions.extend(ask(&bucket.target, "s3:ListBucket", Scope::Bucket));
    let place = end.found.trail.log_bucket.as_ref().map_or(end.found.trail.span, |name| name.span);
    let grant = end.grant(scene, &policies, principal, decisions, place);
    let facts = grant.facts(
        |fact| {
            let fact = fact.text("trail", trail::name(end.found)).text("holder", format!("log bucket {}", end.title()));
            fact.text("account", requester.account.as_str())
        },
        |actions| statement(end, principal, actions),
        |needed| ("Resources", end.policy(&grant.style, needed)),
    );
    facts.into_iter().map(Fact::node).collect()
}

/// Lets an account list the bucket and read its objects.
fn statement(end: &End<'_>, principal: &str, actions: &[String]) -> Json {
    let arn = end.target.arn();
    let text = |text: String| if text.contains("${") { json!({ "Fn::Sub": text }) } else { json!(text) };
    let resource = |action: &String| text(if action.ends_with("GetObject") { format!("{arn}/*") } else { arn.clone() });
    let resources: Vec<Json> = actions.iter().map(resource).collect();
    json!({ "Sid": "ReadLogs", "Effect": "Allow", "Principal": { "AWS": principal }, "Action": actions, "Resource": resources })
}
