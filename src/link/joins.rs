//! Which bucket a name that is not known may turn out to be.

use super::LinkedBucket;
use crate::iam::resource::same;
use crate::source::{self, FileId, Sources};
use crate::text::{SymbolKind, Text};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The buckets of a run, to be asked what a name in a file may mean.
///
/// A name that is not known is looked for where it stands: in its folder, then in the folders around it; the first of them
/// that has a bucket it may be ends the search.
#[derive(Debug)]
pub struct Joins<'a> {
    buckets: &'a [LinkedBucket],
    sources: &'a Sources,
    /// The names of declared buckets.
    declared: BTreeSet<&'a Text>,
    /// How many folders a name in a file shares with the nearest bucket in scope that it may be.
    nearest: RefCell<BTreeMap<(FileId, Text), usize>>,
}

impl<'a> Joins<'a> {
    /// The joins of `buckets`.
    pub fn of(buckets: &'a [LinkedBucket], sources: &'a Sources) -> Self {
        let declared = buckets.iter().filter(|bucket| bucket.declared.is_some()).map(|bucket| &bucket.target.name).collect();
        Self { buckets, sources, declared, nearest: RefCell::default() }
    }

    /// Whether `name` may turn out to be that of `bucket`, which has another.
    pub fn may_be(&self, name: &Text, bucket: &LinkedBucket) -> bool {
        // two resources are two buckets
        if self.declared.contains(name) || !may_name(name, bucket) {
            return false;
        }
        let file = name.span.file;
        let known = self.nearest.borrow().get(&(file, name.clone())).copied();
        let nearest = known.unwrap_or_else(|| {
            let all = self.buckets.iter().filter(|other| other.in_scope && may_name(name, other));
            let nearest = all.map(|other| shared_folders(file, other.file, self.sources)).max().unwrap_or(0);
            self.nearest.borrow_mut().insert((file, name.clone()), nearest);
            nearest
        });
        shared_folders(file, bucket.file, self.sources) >= nearest
    }
}

/// Whether what is called `name` may turn out to be a bucket that is not called so.
pub(super) fn may_name(name: &Text, bucket: &LinkedBucket) -> bool {
    let own = &bucket.target.name;
    // what a stack generates cannot be one of its own parameters
    let generated = own.as_symbol().filter(|symbol| symbol.kind == SymbolKind::Generated).map(|symbol| symbol.at.file);
    let in_one_template = generated.is_some_and(|file| name.symbols().any(|symbol| symbol.at.file == file));
    !in_one_template && same(name, own).is_none()
}

/// How many folders two files have in common.
pub(super) fn shared_folders(one: FileId, other: FileId, sources: &Sources) -> usize {
    source::shared_folders(&sources.get(one).path, &sources.get(other).path)
}
