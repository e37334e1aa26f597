//! What a pass leaves as it is by default.

use super::touch::policies;
use super::variants::{Part, mark};
use super::world::{Usual, View};
use crate::facts::{Decided, Earlier};
use crate::finding::BucketRef;
use crate::inventory::{Bucket, Inventory};
use crate::link::LinkedBucket;
use crate::source::{FileId, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Compares the buckets of a pass with those of the default deployment.
pub(super) struct Same<'s> {
    usual: &'s View,
    view: &'s View,
    /// The files that are not as by default.
    changed: &'s BTreeSet<FileId>,
    /// By reference and place: several buckets that no template declares may have one reference.
    known: BTreeMap<(&'s BucketRef, Span), (&'s LinkedBucket, &'s Decided)>,
    trails: bool,
    access_points: bool,
    /// Whether the same references come to nothing.
    references: bool,
}

impl<'s> Same<'s> {
    pub(super) fn of(usual: &'s Usual<'_>, view: &'s View, changed: &'s BTreeSet<FileId>) -> Self {
        let (before, after) = (&usual.view.inventory, &view.inventory);
        let none = Part::default();
        let broken = |view: &'s View, file| view.parts.get(file).map_or(&none, |part| part).inventory.broken();
        let buckets = usual.view.buckets.iter().zip(usual.decided);
        Self {
            usual: usual.view,
            view,
            changed,
            known: buckets.map(|(bucket, decided)| ((&bucket.reference, bucket.span), (bucket, decided))).collect(),
            trails: trails(before, changed) == trails(after, changed),
            access_points: mark(&before.access_points) == mark(&after.access_points),
            references: changed.iter().all(|file| broken(usual.view, file) == broken(view, file)),
        }
    }

    /// Whether what is told of resources that are no buckets may be other than by default only in the changed files, or of what
    /// belongs to a bucket that is not the same: no reference comes to nothing in other ways, as what is told elsewhere may say.
    pub(super) fn elsewhere(&self) -> bool {
        self.references
    }

    /// What was decided of a bucket by default, if it is there, and how much of that holds here too.
    pub(super) fn earlier(&self, bucket: &LinkedBucket) -> Option<Earlier<'s>> {
        let (before, decided) = *self.known.get(&(&bucket.reference, bucket.span))?;
        let policies_of = |view: &'s View, bucket: &LinkedBucket| policies(&view.inventory, bucket).collect::<Vec<_>>();
        let now = policies_of(self.view, bucket);
        let usually = policies_of(self.usual, before);
        let same = before.span == bucket.span
            && before.in_scope == bucket.in_scope
            && before.shared == bucket.shared
            && before.target.name == bucket.target.name
            && before.target.partition == bucket.target.partition;
        let grants = same
            && !self.changed.contains(&bucket.file)
            && before.reason == bucket.reason
            && before.policies.len() == bucket.policies.len()
            && now.iter().all(|(file, _)| !self.changed.contains(file))
            && now == usually
            && self.access_points;
        // of the policies only that there are some, or what may be one, has a say on what trails log
        let is_open = |bucket: &LinkedBucket| bucket.policies.is_empty() && !bucket.possible.is_empty();
        let covered = same && !is_open(before) && !is_open(bucket) && self.references && self.stays(before, bucket);
        Some(Earlier { decided, grants, covered: self.trails && (grants || covered) })
    }

    /// Whether a bucket is declared, at the same place and under the same doubts, as by default.
    fn stays(&self, before: &LinkedBucket, bucket: &LinkedBucket) -> bool {
        let declared = |view: &'s View, bucket: &LinkedBucket| bucket.declared.map(|at| &view.inventory.buckets[at]);
        let (before, now) = (declared(self.usual, before), declared(self.view, bucket));
        let marked = |one: Option<&Bucket>| one.map(|one| mark(&(&one.name, &one.place, &one.doubts)));
        marked(before) == marked(now)
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
