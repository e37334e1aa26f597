//! Which buckets are made for logs.

use super::LinkedBucket;
use super::index::{Named, places};
use crate::iam::action;
use crate::iam::document::{Effect, Statement};
use crate::iam::principal::PrincipalKind;
use crate::inventory::Inventory;

/// Services that deliver logs to buckets, as the principals they do it by. That of S3's access logs is not among them:
/// templates made to be safe grant it on every bucket.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html>,
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html>,
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html>,
/// <https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html>
const SERVICES: [&str; 4] = [
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "logdelivery.elasticloadbalancing.amazonaws.com",
];

/// What tells that a bucket is there to receive logs: a resource that delivers them to it, which are the `receivers`; else its
/// ACL or its policy, where nobody but services is granted anything.
pub(super) fn received(bucket: &LinkedBucket, inventory: &Inventory, receivers: &Named<'_>) -> Option<String> {
    let named = places(receivers, &bucket.target.name).iter().map(|&at| &inventory.log_receivers[at]);
    // a bucket that keeps its own access logs holds data all the same
    if let Some(one) = named.clone().find(|one| one.from != bucket.span) {
        return Some(format!("receives {}", one.logs));
    }
    let policies = bucket.policies.iter().map(|&at| &inventory.policies[at].document);
    let grants: Vec<&Statement> =
        policies.flat_map(|document| &document.statements).filter(|one| one.effect != Some(Effect::Deny)).collect();
    if !grants.iter().all(|statement| is_for_services(statement)) {
        return None;
    }
    let acl = bucket.declared.and_then(|at| inventory.buckets[at].acl.as_ref()).and_then(|acl| acl.as_known());
    if acl == Some("LogDeliveryWrite") {
        return Some("its ACL LogDeliveryWrite is for buckets that receive logs".into());
    }
    let service = grants.iter().find_map(|statement| delivers(statement))?;
    Some(format!("its policy grants services alone, {service} to deliver logs"))
}

fn is_for_services(statement: &Statement) -> bool {
    let services = statement.principals.iter().all(|principal| principal.kind == PrincipalKind::Service);
    services && !statement.not_principal && !statement.principals.is_empty()
}

/// The service that a statement lets write log files.
fn delivers(statement: &Statement) -> Option<&str> {
    let mut actions = statement.actions.items.iter().filter_map(|item| item.as_known());
    let puts = !statement.actions.not && actions.any(|pattern| action::matches(pattern, "s3:PutObject"));
    let mut services = statement.principals.iter().filter_map(|principal| principal.text.as_known());
    services.find(|service| puts && SERVICES.contains(service))
}
