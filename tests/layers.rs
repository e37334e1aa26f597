//! Dependencies between modules point one way.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails on the spot")]
#![allow(clippy::disallowed_methods, reason = "reads the sources")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every module of the crate, the lowest first: a module uses only those above it in this list.
const ORDER: [&str; 36] = [
    "date",
    "progress",
    "source",
    "finding",
    "text",
    "language",
    "syntax",
    "resolve",
    "outcome",
    "iam",
    "trail",
    "cfn",
    "sniff",
    "inventory",
    "secret",
    "buckets",
    "allow",
    "link",
    "paste",
    "profile",
    "facts",
    "rule",
    "report",
    "disk",
    "scope",
    "baseline",
    "walk",
    "load",
    "parameters",
    "config",
    "cli",
    "settings",
    "run",
    "ask",
    "trial",
    "app",
];

#[test]
fn modules_use_only_lower_ones() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut upward = Vec::new();
    for file in files(&src) {
        let inner = file.strip_prefix(&src).unwrap();
        let module = inner.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let at = rank(&module);
        for used in used(&fs::read_to_string(&file).unwrap()) {
            if rank(&used) > at {
                upward.push(format!("{} uses {used}", inner.display()));
            }
        }
    }
    assert_eq!(upward, Vec::<String>::new());
}

#[test]
fn the_order_names_every_module_and_the_program_uses_the_top_ones() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let modules: BTreeSet<String> = read("src/lib.rs")
        .lines()
        .filter_map(|line| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned()))
        .collect();
    assert_eq!(modules, ORDER.iter().map(|name| (*name).to_owned()).collect());
    let main = read("src/main.rs");
    let used: BTreeSet<&str> = main.split("bucketlint::").skip(1).map(word).collect();
    assert_eq!(used, BTreeSet::from(["app", "cli"]));
}

fn rank(module: &str) -> usize {
    ORDER.iter().position(|known| *known == module).unwrap_or_else(|| panic!("{module} is not in the order"))
}

/// The modules a text names by `crate::`, comments left out.
fn used(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    code.split("crate::").skip(1).map(word).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn word(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len());
    &text[..end]
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
    out.sort();
    out
}
