//! What resources do of which it is not known whether they are there: it is not known whether they do it.

use super::Inventory;
use crate::cfn::doubt::Doubt;
use crate::iam::document::Document;
use crate::text::Text;
use std::collections::BTreeMap;

impl Inventory {
    /// Leaves open whether the statements of policies and the configurations hold that may not be there. What hangs on the
    /// same condition as its bucket or topic is there wherever that is. A key that a bucket uses needs no word: without it
    /// CloudFormation deploys nothing, as the bucket refers to it.
    pub(super) fn leave_open(&mut self) {
        let buckets = about(self.buckets.iter().map(|bucket| (&bucket.name, &bucket.doubts)));
        let topics = about(self.topics.iter().map(|topic| (&topic.arn, &topic.doubts)));
        for policy in self.policies.iter_mut().filter(|policy| !policy.doubts.is_empty()) {
            weaken(&mut policy.document, &mut policy.doubts, policy.bucket.as_ref().and_then(|name| buckets.get(name)));
        }
        for point in self.access_points.iter_mut().filter(|point| !point.doubts.is_empty()) {
            weaken(&mut point.document, &mut point.doubts, buckets.get(&point.bucket));
        }
        for policy in self.topic_policies.iter_mut().filter(|policy| !policy.doubts.is_empty()) {
            let same = policy.topics.first().and_then(|topic| topics.get(topic));
            weaken(&mut policy.document, &mut policy.doubts, same);
        }
        for configured in self.notifications.iter_mut().filter(|one| !one.doubts.is_empty()) {
            let same = buckets.get(&configured.bucket).map(Vec::as_slice).unwrap_or_default();
            Doubt::settle(&mut configured.doubts, same);
            configured.unknown.extend(configured.doubts.first().map(|doubt| doubt.unknown.clone()));
        }
    }
}

/// What things of a name have doubts about them.
fn about<'t>(named: impl Iterator<Item = (&'t Text, &'t Vec<Doubt>)>) -> BTreeMap<Text, Vec<Doubt>> {
    named.filter(|(_, doubts)| !doubts.is_empty()).map(|(name, doubts)| (name.clone(), doubts.clone())).collect()
}

/// Leaves open whether any statement holds, unless what it is for is there only with it.
fn weaken(document: &mut Document, doubts: &mut Vec<Doubt>, same: Option<&Vec<Doubt>>) {
    Doubt::settle(doubts, same.map(Vec::as_slice).unwrap_or_default());
    let Some(doubt) = doubts.first() else { return };
    for statement in &mut document.statements {
        statement.unknown.push(doubt.unknown.clone());
    }
}
