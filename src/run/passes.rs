//! Which scenarios of templates are checked together.

use super::touch::Files;
use super::variants::{Change, Variant};
use crate::source::FileId;
use crate::text::Text;
use std::collections::{BTreeMap, BTreeSet};

/// What the files have in common.
pub(super) struct Near {
    /// For each file, those it has a bucket in common with, as far as trails, keys and topics are what they are by default.
    pub(super) apart: BTreeMap<FileId, BTreeSet<FileId>>,
    /// With all that looks at the buckets.
    pub(super) watched: BTreeMap<FileId, BTreeSet<FileId>>,
    /// The names in each file by which what is in another may be seen.
    pub(super) names: BTreeMap<FileId, BTreeSet<Text>>,
}

/// Variants that are looked at in one pass over all files, the rest being deployed by default.
#[derive(Clone, Debug, Default)]
pub(super) struct Pass<'v> {
    pub(super) variants: Vec<&'v Variant>,
    /// The variant of each template that is varied.
    varied: BTreeMap<FileId, &'v Variant>,
    /// The variants that make something of each file.
    making: BTreeMap<FileId, Vec<usize>>,
    side: Side<'v>,
}

impl<'v> Pass<'v> {
    fn add(&mut self, variant: &'v Variant, side: Side<'v>) {
        variant.parts.keys().for_each(|file| self.making.entry(*file).or_default().push(self.variants.len()));
        self.varied.insert(variant.file, variant);
        self.variants.push(variant);
        self.side.add(side);
    }

    /// What is varied that concerns what `files` tell of together.
    pub(super) fn concerning(&self, files: &Files) -> impl Iterator<Item = &'v Variant> {
        let making = files.all().filter_map(|file| self.making.get(&file)).flatten();
        let places: BTreeSet<usize> = making.copied().filter(|at| self.variants[*at].concerns(files)).collect();
        places.into_iter().map(|at| self.variants[at])
    }

    /// Whether something is varied that looks at the buckets of other files, or names them.
    pub(super) fn reaches_out(&self) -> bool {
        self.side.changes.values().any(|change| change.watches || change.reaches_out)
    }

    /// Whether a bucket that `files` are asked about is one that a template which is varied has a say on.
    pub(super) fn is_about(&self, files: &Files) -> bool {
        files.meet(&self.side.heirs)
    }
}

/// One of two that may be looked at in one pass: what it changes, and what would be seen in it of the other.
#[derive(Clone, Debug, Default)]
struct Side<'v> {
    changes: BTreeMap<FileId, &'v Change>,
    /// The files of those changes that may be seen from anywhere, of those that watch, and of those of each name.
    wide: BTreeSet<FileId>,
    watching: BTreeSet<FileId>,
    named: BTreeMap<&'v Text, BTreeSet<FileId>>,
    heirs: BTreeSet<FileId>,
    /// The files that have a bucket in common with the heirs, trails and the like left aside or not.
    apart: BTreeSet<FileId>,
    watched: BTreeSet<FileId>,
    /// The names in all of those files.
    names: BTreeSet<&'v Text>,
}

impl<'v> Side<'v> {
    fn of(variant: &'v Variant, near: &'v Near) -> Self {
        let all = |near: &BTreeMap<FileId, BTreeSet<FileId>>| {
            variant.heirs.iter().flat_map(|heir| near.get(heir)).flatten().chain(&variant.heirs).copied().collect()
        };
        let mut out = Self { apart: all(&near.apart), watched: all(&near.watched), ..Self::default() };
        for (file, change) in &variant.changes {
            out.changes.insert(*file, change);
            out.watching.extend(change.watches.then_some(file));
            match &change.names {
                Some(names) => names.iter().for_each(|name| out.named.entry(name).or_default().extend([*file])),
                None => out.wide.extend([*file]),
            }
        }
        let own = variant.heirs.iter().chain(variant.changes.keys()).filter_map(|file| near.names.get(file)).flatten();
        out.names = own.chain(out.named.keys().copied()).collect();
        out.heirs = variant.heirs.clone();
        out
    }

    fn add(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.wide.extend(other.wide);
        self.watching.extend(other.watching);
        other.named.into_iter().for_each(|(name, files)| self.named.entry(name).or_default().extend(files));
        self.heirs.extend(other.heirs);
        self.apart.extend(other.apart);
        self.watched.extend(other.watched);
        self.names.extend(other.names);
    }

    /// Whether nothing of `other` is seen here that is not here already.
    fn is_blind_to(&self, other: &Self) -> bool {
        let is_other = |file: &FileId| !self.changes.contains_key(file);
        let same = |(file, change): (&FileId, &&Change)| other.changes.get(file).is_none_or(|one| one.mark == change.mark);
        let named = || match self.names.len() < other.named.len() {
            true => self.names.iter().filter_map(|name| other.named.get(*name)).flatten().any(is_other),
            false => other.named.iter().filter(|(name, _)| self.names.contains(*name)).flat_map(|(_, files)| files).any(is_other),
        };
        self.changes.iter().all(same)
            && !other.wide.iter().any(is_other)
            && !meet(&self.apart, &other.changes, is_other)
            && !other.watching.intersection(&self.watched).any(is_other)
            && !named()
    }
}

/// Whether one of `files` is changed and `is_other`.
fn meet(files: &BTreeSet<FileId>, changes: &BTreeMap<FileId, &Change>, is_other: impl Fn(&FileId) -> bool) -> bool {
    match files.len() < changes.len() {
        true => files.iter().any(|file| changes.contains_key(file) && is_other(file)),
        false => changes.keys().any(|file| files.contains(file) && is_other(file)),
    }
}

/// The passes it takes to see each variant once. Those that do not see each other, as they have no bucket in common or
/// change the same about it, share a pass: so the number of passes grows with the variants of one template, not with the
/// templates.
pub(super) fn passes<'v>(variants: &'v [Variant], near: &'v Near) -> Vec<Pass<'v>> {
    let mut out: Vec<Pass<'v>> = Vec::new();
    for variant in variants {
        let side = Side::of(variant, near);
        let is_free = |pass: &&mut Pass<'_>| {
            !pass.varied.contains_key(&variant.file) && pass.side.is_blind_to(&side) && side.is_blind_to(&pass.side)
        };
        match out.iter_mut().find(is_free) {
            Some(pass) => pass.add(variant, side),
            None => {
                let mut pass = Pass::default();
                pass.add(variant, side);
                out.push(pass);
            }
        }
    }
    out
}
