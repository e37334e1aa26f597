//! Which scenarios of templates are checked together.

use super::variants::{Change, Variant};
use crate::source::FileId;
use std::collections::{BTreeMap, BTreeSet};

/// For each file, those it has a bucket in common with.
pub(super) struct Near {
    /// As far as trails, keys and topics are what they are by default.
    pub(super) apart: BTreeMap<FileId, BTreeSet<FileId>>,
    /// With all that looks at the buckets.
    pub(super) watched: BTreeMap<FileId, BTreeSet<FileId>>,
}

/// Variants that are looked at in one pass over all files, the rest being deployed by default.
#[derive(Clone, Debug, Default)]
pub(super) struct Pass<'v> {
    pub(super) variants: Vec<&'v Variant>,
    side: Side<'v>,
}

impl<'v> Pass<'v> {
    fn of(variant: &'v Variant, near: &Near) -> Self {
        Self { variants: vec![variant], side: Side::of(variant, near) }
    }

    /// The number of the scenario that a template is in, if that is varied.
    pub(super) fn number(&self, file: FileId) -> Option<usize> {
        self.variants.iter().find(|variant| variant.file == file).map(|variant| variant.number)
    }

    /// What is varied that concerns what `files` tell of together.
    pub(super) fn concerning(&self, files: &BTreeSet<FileId>) -> impl Iterator<Item = &'v Variant> {
        self.variants.iter().copied().filter(|variant| variant.concerns(files))
    }

    /// Whether something is varied that looks at the buckets of other files, or names them.
    pub(super) fn reaches_out(&self) -> bool {
        self.side.changes.values().any(|change| change.watches || change.reaches_out)
    }

    /// Whether a bucket that `files` are asked about is one that a template which is varied has a say on.
    pub(super) fn is_about(&self, files: &BTreeSet<FileId>) -> bool {
        !self.side.heirs.is_disjoint(files)
    }
}

/// One of two that may be looked at in one pass: what it changes, and what would be seen in it of the other.
#[derive(Clone, Debug, Default)]
struct Side<'v> {
    changes: BTreeMap<FileId, &'v Change>,
    heirs: BTreeSet<FileId>,
    /// The files that have a bucket in common with the heirs, trails and the like left aside or not.
    apart: BTreeSet<FileId>,
    watched: BTreeSet<FileId>,
}

impl<'v> Side<'v> {
    fn of(variant: &'v Variant, near: &Near) -> Self {
        let all = |near: &BTreeMap<FileId, BTreeSet<FileId>>| {
            variant.heirs.iter().flat_map(|heir| near.get(heir)).flatten().chain(&variant.heirs).copied().collect()
        };
        let changes = variant.changes.iter().map(|(file, change)| (*file, change)).collect();
        Self { changes, heirs: variant.heirs.clone(), apart: all(&near.apart), watched: all(&near.watched) }
    }

    fn add(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.heirs.extend(other.heirs);
        self.apart.extend(other.apart);
        self.watched.extend(other.watched);
    }

    /// Whether nothing of `other` is seen here that is not here already.
    fn is_blind_to(&self, other: &Self) -> bool {
        other.changes.iter().all(|(file, change)| match self.changes.get(file) {
            Some(own) => own.mark == change.mark,
            None => {
                let near = if change.watches { &self.watched } else { &self.apart };
                !change.reaches_out && !near.contains(file) && !self.shares_name(*file, change, other)
            }
        })
    }

    /// Whether a bucket here has a name that is also in a file which is changed in `other` alone.
    fn shares_name(&self, file: FileId, change: &Change, other: &Self) -> bool {
        let seen = |own: &FileId| !other.changes.contains_key(own) || self.heirs.contains(own);
        let mut own = self.changes.iter().filter(|(own, _)| **own != file && seen(own));
        own.any(|(_, own)| !own.names.is_disjoint(&change.names))
    }
}

/// The passes it takes to see each variant once. Those that do not see each other, as they have no bucket in common or
/// change the same about it, share a pass: so the number of passes grows with the variants of one template, not with the
/// templates.
pub(super) fn passes<'v>(variants: &'v [Variant], near: &Near) -> Vec<Pass<'v>> {
    let mut out: Vec<Pass<'v>> = Vec::new();
    for variant in variants {
        let made = Pass::of(variant, near);
        let is_free = |pass: &&mut Pass<'_>| {
            pass.number(variant.file).is_none() && pass.side.is_blind_to(&made.side) && made.side.is_blind_to(&pass.side)
        };
        match out.iter_mut().find(is_free) {
            Some(pass) => {
                pass.variants.push(variant);
                pass.side.add(made.side);
            }
            None => out.push(made),
        }
    }
    out
}
