//! What a walk passes by, for those who ask.

use super::{STDIN, builder, is_ours, shown};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What a walk left out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LeftOut {
    /// Files and whole directories by path as shown, and why; sorted.
    pub paths: Vec<(String, &'static str)>,
    /// How many files have other endings than ours.
    pub others: usize,
}

/// What [`super::collect`] leaves out of the same `paths`.
pub fn left_out(paths: &[PathBuf], exclude: &[PathBuf]) -> LeftOut {
    let exclude: Vec<PathBuf> = exclude.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    let mut out = LeftOut::default();
    for root in paths.iter().filter(|path| path.as_os_str() != STDIN && path.is_dir()) {
        let Ok(real) = fs::canonicalize(root) else { continue };
        let given = |path: &Path| shown(&path.strip_prefix(&real).map_or_else(|_| path.into(), |below| root.join(below)));
        // every path that the walk comes by, and whether it is a directory
        let entries = builder(&real, &exclude).build().flatten();
        let met: BTreeMap<PathBuf, bool> = entries
            .map(|entry| {
                let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
                let is_link = entry.path_is_symlink() && entry.depth() > 0;
                if is_link {
                    out.paths.push((given(entry.path()), "a symbolic link"));
                } else if !is_dir && !is_ours(&entry) {
                    out.others += 1;
                }
                (entry.into_path(), is_dir)
            })
            .collect();
        for (dir, _) in met.iter().filter(|(_, is_dir)| **is_dir) {
            let children = fs::read_dir(dir).into_iter().flatten().flatten().map(|child| child.path());
            for path in children.filter(|path| !met.contains_key(path)) {
                let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
                let why = match (exclude.contains(&path), hidden) {
                    (true, _) => "read as settings, rules or values",
                    (false, true) => "hidden",
                    (false, false) => "left out by .gitignore or .ignore",
                };
                out.paths.push((given(&path), why));
            }
        }
    }
    out.paths.sort();
    out.paths.dedup();
    out
}
