//! `$.resources`: every resource as it is deployed.

use super::fact::Fact;
use crate::inventory::Deployed;
use crate::link::LinkedBucket;
use crate::source::{Sources, Span};
use crate::syntax::node::Node;
use std::collections::BTreeMap;

/// One fact for each, at its logical ID.
pub(super) fn facts(resources: Vec<Deployed>, buckets: &[LinkedBucket], sources: &Sources) -> Vec<Node> {
    let mut declared: BTreeMap<Span, &LinkedBucket> = BTreeMap::new();
    for bucket in buckets.iter().filter(|bucket| bucket.declared.is_some()) {
        declared.entry(bucket.span).or_insert(bucket);
    }
    let fact = |resource: Deployed| {
        let at = resource.id.span;
        let bucket = declared.get(&at).copied();
        let made = Fact::at(at)
            .text("file", sources.get(resource.file).path.as_ref())
            .text("logical_id", resource.id.text)
            .text("type", resource.kind)
            .node_of("properties", resource.properties)
            .node_of("attributes", resource.attributes);
        match bucket {
            Some(bucket) => made.bucket(bucket).node(),
            None => made.node(),
        }
    };
    resources.into_iter().map(fact).collect()
}
