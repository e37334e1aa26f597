//! `$.replica_buckets`: buckets that are to receive replicas, which takes versions.

use super::Scene;
use super::fact::Fact;
use crate::syntax::node::Node;

/// The action that a profile requires of buckets for replicas.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html>
const REPLICATE: &str = "s3:ReplicateObject";

/// One for each declared bucket in scope, where it says whether it keeps versions.
pub(super) fn facts(scene: &Scene<'_>) -> Vec<Node> {
    if !scene.profile.actions.iter().any(|action| action == REPLICATE) {
        return Vec::new();
    }
    let each = scene.asked().filter(|bucket| bucket.in_scope).filter_map(|bucket| {
        let versioning = scene.inventory.buckets[bucket.declared?].versioning.as_ref();
        let status = versioning.map_or("none", |status| status.as_known().unwrap_or("unknown"));
        let fact = versioning.map_or_else(|| Fact::at(bucket.span), Fact::on);
        Some(fact.bucket(bucket).text("versioning", status).node())
    });
    each.collect()
}
