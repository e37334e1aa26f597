//! One word, one thing: no public type has its name from another one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Names that are declared in more than one file so far. This list only ever gets shorter.
const SHARED: [&str; 37] = [
    "Answer",
    "Baseline",
    "Case",
    "Cause",
    "Checked",
    "Clause",
    "Condition",
    "Cover",
    "Delivery",
    "Deployed",
    "Doubt",
    "Entry",
    "Fault",
    "Format",
    "Found",
    "Given",
    "Group",
    "Key",
    "Level",
    "Operand",
    "Operator",
    "Outcome",
    "Part",
    "Place",
    "Problem",
    "Reach",
    "Scene",
    "Scope",
    "Seen",
    "Style",
    "Target",
    "Template",
    "Test",
    "Token",
    "Value",
    "Verdict",
    "Written",
];

#[test]
fn a_type_name_is_declared_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for dir in ["src", "crates"] {
        let entries = walkdir::WalkDir::new(root.join(dir)).into_iter().map(Result::unwrap);
        for path in entries.map(walkdir::DirEntry::into_path).filter(|path| path.extension().is_some_and(|end| end == "rs")) {
            let shown = path.strip_prefix(root).unwrap().display().to_string();
            if dir == "crates" && !shown.contains("/src/") {
                continue;
            }
            for name in fs::read_to_string(&path).unwrap().lines().filter_map(declared) {
                files.entry(name.to_owned()).or_default().insert(shown.clone());
            }
        }
    }
    assert!(files.len() > 200, "{} types are found", files.len());
    files.retain(|_, places| places.len() > 1);
    let new: Vec<_> = files.iter().filter(|(name, _)| !SHARED.contains(&name.as_str())).collect();
    assert!(new.is_empty(), "these names are taken; see GLOSSARY.md for words: {new:#?}");
    let gone: Vec<_> = SHARED.iter().filter(|name| !files.contains_key(**name)).collect();
    assert!(gone.is_empty(), "declared once by now, so take them out of the list: {gone:?}");
}

/// The type that a line declares for more than its own file.
fn declared(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub")?;
    let rest = rest.strip_prefix('(').map_or(rest, |scope| scope.split_once(')').map_or("", |(_, rest)| rest));
    let (word, name) = rest.strip_prefix(' ')?.split_once(' ')?;
    let end = name.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(name.len());
    ["struct", "enum", "trait", "type"].contains(&word).then(|| &name[..end])
}

#[test]
fn declarations_are_seen() {
    for line in
        ["pub struct Name {", "    pub(super) enum Name<'a> {", "pub(crate) type Name = X;", "pub(in crate::a) trait Name: X {"]
    {
        assert_eq!(declared(line), Some("Name"), "{line}");
    }
    for line in ["struct Name;", "pub fn structure()", "pub use a::Name;", "// pub struct Name", "pub const Name: u8 = 1;"] {
        assert_eq!(declared(line), None, "{line}");
    }
}
