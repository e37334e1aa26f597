//! Facts about deployments of the platform.

use super::Scene;
use super::fact::{Fact, title};
use crate::finding::Label;
use crate::inventory::{Deployment, is_empty};
use crate::link::LinkedBucket;
use crate::syntax::node::Node;

/// `$.deployments`: one for each deployment of the platform that is asked for the bucket of a trail.
pub(super) fn deployments(scene: &Scene<'_>) -> Vec<Node> {
    scene.inventory.deployments.iter().map(|one| fact(scene, one)).collect()
}

fn fact(scene: &Scene<'_>, one: &Deployment) -> Node {
    let foreign: Vec<&LinkedBucket> = scene.buckets.iter().filter(|bucket| is_foreign(scene, one, bucket)).collect();
    let value = match one.value.as_known() {
        Some(value) if is_empty(value) => "empty",
        Some(_) => "given",
        None => "unknown",
    };
    let mut logs = scene.inventory.trails.iter().filter_map(|found| found.trail.log_bucket.as_ref()?.as_known());
    Fact::at(one.at)
        .text("title", one.title.as_str())
        .text("value", value)
        .flag("by_default", one.by_default)
        .text("buckets", foreign.iter().map(|bucket| title(&bucket.reference)).collect::<Vec<_>>().join(", "))
        .number("count", foreign.len())
        .flag("required", scene.profile.logged && !scene.requesters.is_empty())
        .maybe("paste", logs.next().map(|name| format!("in the linted files that is {name}")))
        // a few show what is meant
        .related(foreign.iter().take(3).map(|bucket| Label {
            span: bucket.span,
            message: format!("bucket {} is of another account", title(&bucket.reference)),
        }))
        .node()
}

/// Whether a bucket is of another account than the platform: the control account, which buckets are not in unless the
/// settings or the template itself say so.
fn is_foreign(scene: &Scene<'_>, one: &Deployment, bucket: &LinkedBucket) -> bool {
    let place = bucket.declared.map(|at| &scene.inventory.buckets[at].place);
    let control = |account: &smol_str::SmolStr| scene.requesters.iter().any(|requester| requester.account == account.as_str());
    let inside = place.is_some_and(|place| {
        let known = !place.accounts.is_empty();
        one.place.is_with(place) || known && (place.accounts == one.place.accounts || place.accounts.iter().all(control))
    });
    bucket.in_scope && !inside
}
