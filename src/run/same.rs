//! What a pass leaves as it is by default.

use super::variants::{Part, mark};
use super::world::{Usual, View, policies};
use crate::facts::{Decided, Earlier};
use crate::finding::BucketRef;
use crate::inventory::Inventory;
use crate::link::LinkedBucket;
use crate::source::FileId;
use std::collections::{BTreeMap, BTreeSet};

/// Compares the buckets of a pass with those of the default deployment.
pub(super) struct Same<'s> {
    usual: &'s View,
    view: &'s View,
    /// The files that are not as by default.
    changed: &'s BTreeSet<FileId>,
    by_reference: BTreeMap<&'s BucketRef, (&'s LinkedBucket, &'s Decided)>,
    trails: bool,
    access_points: bool,
}

impl<'s> Same<'s> {
    pub(super) fn of(usual: &'s Usual<'_>, view: &'s View, changed: &'s BTreeSet<FileId>) -> Self {
        let (before, after) = (&usual.view.inventory, &view.inventory);
        let buckets = usual.view.buckets.iter().zip(usual.decided);
        Self {
            usual: usual.view,
            view,
            changed,
            by_reference: buckets.map(|(bucket, decided)| (&bucket.reference, (bucket, decided))).collect(),
            trails: trails(before, changed) == trails(after, changed),
            access_points: mark(&before.access_points) == mark(&after.access_points),
        }
    }

    /// Whether what is told of resources that are no buckets may be other than by default only in the changed files, or of what
    /// belongs to a bucket that is not the same: no reference comes to nothing in other ways, as what is told elsewhere may say.
    pub(super) fn elsewhere(&self) -> bool {
        let none = Part::default();
        let part = |view: &'s View, file: &FileId| view.parts.get(file).map_or(&none, |part| part).inventory.broken();
        self.changed.iter().all(|file| part(self.usual, file) == part(self.view, file))
    }

    /// What was decided of a bucket by default, if it is there, and how much of that holds here too.
    pub(super) fn earlier(&self, bucket: &LinkedBucket) -> Option<Earlier<'s>> {
        let (before, decided) = *self.by_reference.get(&bucket.reference)?;
        let policies_of = |view: &'s View, bucket: &LinkedBucket| policies(&view.inventory, bucket).collect::<Vec<_>>();
        let now = policies_of(self.view, bucket);
        let grants = !self.changed.contains(&bucket.file)
            && before.span == bucket.span
            && before.in_scope == bucket.in_scope
            && before.reason == bucket.reason
            && before.shared == bucket.shared
            && before.target.name == bucket.target.name
            && before.target.partition == bucket.target.partition
            && before.policies.len() == bucket.policies.len()
            && now.iter().all(|(file, _)| !self.changed.contains(file))
            && now == policies_of(self.usual, before)
            && self.access_points;
        Some(Earlier { decided, grants, covered: grants && self.trails })
    }
}

/// A mark of the trails in `files`, without where their logs go, and of what may be one.
fn trails(inventory: &Inventory, files: &BTreeSet<FileId>) -> u64 {
    let own = inventory.trails.iter().filter(|found| files.contains(&found.file));
    let logs = own.map(|found| {
        let trail = &found.trail;
        let whose = (&trail.name, trail.span, &trail.logging, &trail.multi_region, &trail.organization);
        (&found.logical_id, &found.place, whose, &trail.selectors)
    });
    let opaque = inventory.opaque.iter().filter(|resource| files.contains(&resource.file));
    mark(&(logs.collect::<Vec<_>>(), opaque.map(|resource| resource.opaque.at).collect::<Vec<_>>()))
}
