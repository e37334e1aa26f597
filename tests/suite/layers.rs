//! Dependencies between modules point one way.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The crates, the lowest first, each with its modules, the lowest first: a module uses only those above it.
/// Between crates cargo sees to that.
const CRATES: [(&str, &[&str]); 5] = [
    ("crates/text/src", &["date", "source", "text", "language", "syntax", "resolve"]),
    ("crates/aws/src", &["iam", "trail", "bucket_policy"]),
    ("crates/cloudformation/src", &["cfn", "sniff"]),
    ("crates/terraform/src", &["syntax", "value", "module", "eval", "unit"]),
    (
        "src",
        &[
            "progress",
            "parallel",
            "edit",
            "finding",
            "outcome",
            "parallel",
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
        ],
    ),
];

#[test]
fn modules_use_only_lower_ones() {
    let mut upward = Vec::new();
    for (src, order) in CRATES {
        let src = root().join(src);
        for file in files(&src) {
            let inner = file.strip_prefix(&src).unwrap();
            let module = inner.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
            if ["lib", "main"].contains(&module.as_str()) {
                continue;
            }
            let at = rank(order, &module).unwrap_or_else(|| panic!("{module} is not in the order"));
            for used in used(&fs::read_to_string(&file).unwrap()) {
                // what is not in the order comes from a crate below
                if rank(order, &used).is_some_and(|rank| rank > at) {
                    upward.push(format!("{} uses {used}", inner.display()));
                }
            }
        }
    }
    assert_eq!(upward, Vec::<String>::new());
}

#[test]
fn the_order_names_every_module_and_the_program_uses_the_top_ones() {
    let read = |name: &str| fs::read_to_string(root().join(name)).unwrap();
    let mut crates = Vec::new();
    for (src, order) in CRATES {
        let modules: BTreeSet<String> = read(&format!("{src}/lib.rs"))
            .lines()
            .filter_map(|line| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned()))
            .collect();
        assert_eq!(modules, order.iter().map(|name| (*name).to_owned()).collect(), "{src}");
        crates.push(src.trim_end_matches("/src").to_owned());
    }
    let there: BTreeSet<String> =
        fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(crates.iter().filter_map(|name| Some(name.strip_prefix("crates/")?.to_owned())).collect::<BTreeSet<_>>(), there);
    let main = read("src/main.rs");
    let used: BTreeSet<&str> = main.split("bucketlint::").skip(1).map(word).collect();
    assert_eq!(used, BTreeSet::from(["app", "cli"]));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rank(order: &[&str], module: &str) -> Option<usize> {
    order.iter().position(|known| *known == module)
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
