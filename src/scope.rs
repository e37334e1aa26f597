//! Which files something in the settings is for.

use crate::disk;
use crate::source::Span;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::path::{Path, PathBuf};

/// Files by patterns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    /// The directory that the patterns are relative to.
    pub dir: PathBuf,
    /// Patterns as in `.gitignore`, and where they stand.
    pub patterns: Vec<(Span, String)>,
}

impl Scope {
    /// Those of `files`, paths as shown, that it is for.
    pub fn of<'p>(&self, files: impl Iterator<Item = &'p str>) -> Vec<&'p str> {
        let matcher = matcher(&self.dir, self.patterns.iter().map(|(_, line)| line.as_str()));
        let wanted = |path: &&str| {
            let below = disk::below(&self.dir, Path::new(path));
            below.is_some_and(|path| matcher.matched_path_or_any_parents(path, false).is_ignore())
        };
        files.filter(wanted).collect()
    }
}

/// Objects to what is no pattern for files.
///
/// # Errors
/// Tells what is wrong with it.
pub fn pattern(text: &str) -> Result<(), String> {
    if text.trim().is_empty() || text.starts_with('#') {
        return Err(format!("`{text}` matches nothing"));
    }
    match GitignoreBuilder::new("").add_line(None, text) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("`{text}` is not a pattern: {error}")),
    }
}

/// What matches `patterns`; one that is not well formed matches nothing.
fn matcher<'p>(dir: &Path, patterns: impl Iterator<Item = &'p str>) -> Gitignore {
    let mut builder = GitignoreBuilder::new(dir);
    for pattern in patterns {
        let _ = builder.add_line(None, pattern);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}
