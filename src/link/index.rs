//! What is linked, by name and by owner: nothing has to be looked for among all of it.

use super::joins::shared_folders;
use super::{KeyIndex, LinkedBucket};
use crate::inventory::{AccessPoint, Inventory};
use crate::source::{FileId, Sources};
use crate::text::Text;
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// Places of what has a name, by that name.
pub(super) type Named<'a> = BTreeMap<&'a Text, Vec<usize>>;

/// The buckets of a view and what of its inventory belongs to them.
#[derive(Debug)]
pub struct Index<'a> {
    buckets: &'a [LinkedBucket],
    inventory: &'a Inventory,
    sources: &'a Sources,
    /// The keys.
    pub keys: KeyIndex<'a>,
    /// How many buckets are in scope.
    pub in_scope: usize,
    named: Named<'a>,
    points: Named<'a>,
    /// The declared buckets that each policy belongs to.
    owners: Vec<Vec<usize>>,
    hidden: OnceCell<Vec<(FileId, Option<usize>)>>,
}

impl<'a> Index<'a> {
    /// The index of `buckets`, which were linked from `inventory`.
    pub fn of(buckets: &'a [LinkedBucket], inventory: &'a Inventory, sources: &'a Sources) -> Self {
        let mut owners = vec![Vec::new(); inventory.policies.len()];
        for (at, bucket) in buckets.iter().enumerate().filter(|(_, bucket)| bucket.declared.is_some()) {
            bucket.policies.iter().for_each(|&policy| owners[policy].push(at));
        }
        Self {
            buckets,
            inventory,
            sources,
            keys: KeyIndex::of(inventory, sources),
            in_scope: buckets.iter().filter(|bucket| bucket.in_scope).count(),
            named: by_name(buckets.iter().map(|bucket| &bucket.target.name)),
            points: by_name(inventory.access_points.iter().map(|point| &point.bucket)),
            owners,
            hidden: OnceCell::new(),
        }
    }

    /// The buckets of a name, in their order.
    pub fn named(&self, name: &Text) -> impl Iterator<Item = &'a LinkedBucket> {
        places(&self.named, name).iter().map(|&at| &self.buckets[at])
    }

    /// The access points of a bucket.
    pub fn points(&self, bucket: &LinkedBucket) -> impl Iterator<Item = &'a AccessPoint> {
        places(&self.points, &bucket.target.name).iter().map(|&at| &self.inventory.access_points[at])
    }

    /// The first declared bucket beside `bucket` that one of its policies belongs to as well.
    pub fn namesake(&self, bucket: &LinkedBucket) -> Option<&'a LinkedBucket> {
        let others = bucket.policies.iter().flat_map(|&policy| &self.owners[policy]);
        let others = others.filter(|&&at| self.buckets[at].span != bucket.span);
        others.min().map(|&at| &self.buckets[at])
    }

    /// The files in which a trail may be that is not seen, each with how many folders it shares with the nearest bucket in
    /// scope.
    pub fn hidden_trails(&self) -> &[(FileId, Option<usize>)] {
        self.hidden.get_or_init(|| {
            let mut files: Vec<FileId> = self.inventory.hidden_trails.iter().map(|at| at.file).collect();
            files.sort_unstable();
            files.dedup();
            let nearest = |file: FileId| {
                let in_scope = self.buckets.iter().filter(|bucket| bucket.in_scope);
                in_scope.map(|bucket| shared_folders(file, bucket.file, self.sources)).max()
            };
            files.into_iter().map(|file| (file, nearest(file))).collect()
        })
    }
}

/// The places of `names`.
pub(super) fn by_name<'a>(names: impl Iterator<Item = &'a Text>) -> Named<'a> {
    let mut out = Named::new();
    for (at, name) in names.enumerate() {
        out.entry(name).or_default().push(at);
    }
    out
}

/// The places of a name.
pub(super) fn places<'n>(named: &'n Named<'_>, name: &Text) -> &'n [usize] {
    named.get(name).map(Vec::as_slice).unwrap_or_default()
}
