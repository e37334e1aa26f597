//! `$.opaque_resources`: resources of which it is not known what they are.

use super::Scene;
use super::fact::{Fact, title};
use crate::finding::Label;
use crate::link::LinkedBucket;
use crate::syntax::node::Node;

/// One fact for each, at its type.
pub(super) fn facts(scene: &Scene<'_>) -> Vec<Node> {
    let fact = |(at, resource): (usize, &crate::inventory::OpaqueResource)| {
        let is_its = |bucket: &&LinkedBucket| bucket.in_scope && bucket.opaque.contains(&at);
        let buckets: Vec<&LinkedBucket> = scene.buckets.iter().filter(is_its).collect();
        let label = |bucket: &&LinkedBucket| Label {
            span: bucket.span,
            message: format!("it may be the policy of bucket {}", title(&bucket.reference)),
        };
        Fact::at(resource.opaque.at)
            .text("logical_id", resource.logical_id.as_str())
            .text("reason", resource.opaque.why)
            .text("fix", resource.opaque.fix)
            .flag("decides", !buckets.is_empty())
            .related(buckets.iter().map(label))
            .node()
    };
    scene.inventory.opaque.iter().enumerate().map(fact).collect()
}
