//! Which buckets are shared with a control account, as far as anything shows: only there is all of the checks' weight asked
//! for.

use super::index::{Named, by_name, places};
use super::{KeyIndex, LinkedBucket};
use crate::buckets::BucketGlobs;
use crate::iam::plausible;
use crate::inventory::Inventory;
use crate::source::Sources;

/// Tells of each bucket whether something grants one of `accounts` something on it, or seems meant to, or `wanted` names it.
/// Where no account is known, who is granted half of `actions` may be one.
pub fn share(
    buckets: &mut [LinkedBucket],
    (inventory, sources): (&Inventory, &Sources),
    accounts: &[&str],
    actions: &[String],
    wanted: &BucketGlobs,
) {
    let keys = KeyIndex::of(inventory, sources);
    let points = by_name(inventory.access_points.iter().map(|point| &point.bucket));
    let accounts = if accounts.is_empty() { &[""] } else { accounts };
    for bucket in buckets {
        let named = wanted.included_by(&bucket.reference).map(|glob| format!("named by `{glob}`"));
        let granted = || accounts.iter().find_map(|account| evidence(bucket, (inventory, &keys, &points), account, actions));
        let evidence = named.or_else(granted);
        bucket.shared = evidence.is_some();
        bucket.shared_reason = evidence.unwrap_or_else(|| "nothing grants it to a control account".into());
    }
}

/// What of a bucket's policies, its key's and its access points' is for `account`, as it seems.
fn evidence(
    bucket: &LinkedBucket,
    (inventory, keys, points): (&Inventory, &KeyIndex<'_>, &Named<'_>),
    account: &str,
    actions: &[String],
) -> Option<String> {
    let encryption = bucket.declared.and_then(|at| inventory.buckets[at].encryption.as_ref());
    let key = encryption.and_then(|encryption| keys.find(encryption.key.as_ref()?, bucket.file).1);
    let key = key.map(|at| &inventory.keys[at]);
    let points = places(points, &bucket.target.name).iter().map(|&at| &inventory.access_points[at]);
    let policies = bucket.policies.iter().map(|&at| (&inventory.policies[at].document, "its policy".to_owned()));
    let points = points.map(|point| (&point.document, format!("access point {}", point.logical_id)));
    let key = key.and_then(|key| Some((key.policy.as_ref()?, format!("key {}", key.logical_id))));
    let sharing = |document, actions| plausible::sharing(document, account, actions);
    let mut found = policies.chain(points).filter_map(|(document, whose)| Some((sharing(document, actions)?, whose)));
    // every key policy lets its own account do everything
    let (statement, whose) = found.next().or_else(|| key.and_then(|(document, whose)| Some((sharing(document, &[])?, whose))))?;
    Some(format!("{} of {whose} seems meant for the control account", statement.title()))
}
