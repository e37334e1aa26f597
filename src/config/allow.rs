//! What the settings allow.

use super::{checked, not_empty, patterns};
use crate::allow::{Cover, Item, KEYS, Suppression};
use crate::load::Loaded;
use crate::scope::Scope;
use crate::source::{Source, Span};
use crate::syntax::fields::{Complaint, Fields};
use crate::syntax::node::Node;
use std::collections::BTreeSet;
use std::path::Path;

/// Leave not to report rules in some files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AllowIn {
    /// Which rules, why and until when.
    pub item: Item,
    /// Patterns as in `.gitignore`, relative to the settings file, and where they stand; at least one.
    pub paths: Vec<(Span, String)>,
    /// Globs of the buckets that findings have to be about; none for all findings.
    pub buckets: Vec<String>,
}

/// Reads the list under `allow`.
pub(super) fn read(fields: Fields<'_>, out: &mut Vec<Complaint>) -> Vec<AllowIn> {
    let items = fields.list("allow", out).unwrap_or_default();
    items.iter().filter_map(|item| entry(item, out)).collect()
}

fn entry(item: &Node, out: &mut Vec<Complaint>) -> Option<AllowIn> {
    let keys = [&KEYS[..], &["paths", "buckets"]].concat();
    let fields = Fields::of(item, "an item of `allow`", &keys, out)?;
    let item = Item::read(fields, out);
    let paths = patterns(fields, "paths", out)?;
    let buckets = checked(fields, "buckets", not_empty, out);
    Some(AllowIn { item, paths, buckets })
}

/// Brings what the settings allow to the files of a run. `text` is the settings file, which lies in `dir`; whether the run
/// looks at the `whole` of that: otherwise patterns that match none of its files are for others.
pub fn allows(allow: &[AllowIn], text: Source, dir: &Path, whole: bool, loaded: &mut Loaded) -> Vec<Suppression> {
    let file = loaded.sources.push(text);
    let linted: Vec<&str> = loaded.sources.iter().filter(|(id, _)| *id != file).map(|(_, source)| &*source.path).collect();
    let mut out = Vec::new();
    for AllowIn { item, paths, buckets } in allow {
        let scope = Scope { dir: dir.to_path_buf(), patterns: paths.clone() };
        let files: BTreeSet<String> = scope.of(linted.iter().copied()).into_iter().map(str::to_owned).collect();
        if files.is_empty() && !whole {
            continue;
        }
        let shown = paths.first().map_or(String::new(), |(_, pattern)| pattern.clone());
        let cover = || Cover::Files { shown: shown.clone(), files: files.clone(), buckets: buckets.clone() };
        out.extend(item.clone().in_file(file).allows(&cover));
    }
    out
}
