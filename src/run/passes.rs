//! Which scenarios of templates are checked together.

use super::variants::Variant;
use crate::source::FileId;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// Variants that are looked at in one pass over all files, the rest being deployed by default.
#[derive(Clone, Debug, Default)]
pub(super) struct Pass<'v> {
    pub(super) variants: Vec<&'v Variant>,
    /// The files these have a say on, or share a bucket with.
    taken: BTreeSet<FileId>,
    /// The names of their buckets.
    names: BTreeSet<SmolStr>,
}

impl<'v> Pass<'v> {
    /// The number of the scenario that a template is in, if that is varied.
    pub(super) fn number(&self, file: FileId) -> Option<usize> {
        self.variants.iter().find(|variant| variant.file == file).map(|variant| variant.number)
    }

    /// What is varied that concerns one of `files`.
    pub(super) fn concerning(&self, files: &BTreeSet<FileId>) -> impl Iterator<Item = &'v Variant> {
        self.variants.iter().copied().filter(|variant| variant.concerns(files))
    }
}

/// The passes it takes to see each variant once. Those whose files have no bucket in common, as `near` tells, do not see
/// each other and share a pass: so the number of passes grows with the variants of one template, not with the templates.
pub(super) fn passes<'v>(variants: &'v [Variant], near: &BTreeMap<FileId, BTreeSet<FileId>>) -> Vec<Pass<'v>> {
    let mut out: Vec<Pass<'v>> = Vec::new();
    let (wide, narrow): (Vec<&Variant>, Vec<&Variant>) = variants.iter().partition(|variant| variant.wide);
    for variant in narrow {
        let own: BTreeSet<FileId> = variant.parts.keys().copied().chain([variant.file]).collect();
        let is_free = |pass: &Pass<'_>| pass.taken.is_disjoint(&own) && pass.names.is_disjoint(&variant.names);
        let at = out.iter().position(is_free).unwrap_or_else(|| {
            out.push(Pass::default());
            out.len() - 1
        });
        out[at].variants.push(variant);
        out[at].taken.extend(own.iter().flat_map(|file| near.get(file)).flatten());
        out[at].taken.extend(own);
        out[at].names.extend(variant.names.iter().cloned());
    }
    out.extend(wide.into_iter().map(|variant| Pass { variants: vec![variant], ..Pass::default() }));
    out
}
