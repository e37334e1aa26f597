//! `$.resources`: every resource as it is deployed.

use super::fact::Fact;
use crate::inventory::Deployed;
use crate::link::LinkedBucket;
use crate::source::Sources;
use crate::syntax::node::Node;

/// One fact for each, at its logical ID.
pub(super) fn facts(resources: Vec<Deployed>, buckets: &[LinkedBucket], sources: &Sources) -> Vec<Node> {
    let fact = |resource: Deployed| {
        let at = resource.id.span;
        let bucket = buckets.iter().find(|bucket| bucket.declared.is_some() && bucket.span == at);
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
