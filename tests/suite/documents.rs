//! What the documents for contributors name is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The links to code in a page: the name that is shown, and the file.
fn code_links(page: &str) -> Vec<(String, String)> {
    let link = |rest: &str| {
        let (name, rest) = rest.split_once("`](")?;
        let (file, _) = rest.split_once(')')?;
        (file.ends_with(".rs") && !name.contains(char::is_whitespace)).then(|| (name.to_owned(), file.to_owned()))
    };
    page.split("[`").skip(1).filter_map(link).collect()
}

/// Whether a source declares something of that name.
fn declares(source: &str, name: &str) -> bool {
    let words = ["fn", "struct", "enum", "trait", "type", "const", "static"];
    words.iter().any(|word| {
        let start = format!("{word} {name}");
        let ends = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_');
        source.match_indices(&start).any(|(at, _)| ends(&source[at + start.len()..]))
    })
}

#[test]
fn the_architecture_names_what_is_there() {
    let links = code_links(&read("ARCHITECTURE.md"));
    let missing: Vec<&(String, String)> = links.iter().filter(|(name, file)| !declares(&read(file), name)).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names what is not there: {missing:?}");
    assert!(links.len() > 20, "{links:?}");
    assert!(declares("pub fn load(x)", "load") && !declares("pub fn loaded()", "load"));
}

#[test]
fn the_glossary_is_in_order_and_has_each_word_once() {
    let page = read("GLOSSARY.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | ")).skip(1);
    let words: Vec<&str> = rows.map(|(word, _)| word).collect();
    let sorted: BTreeSet<&str> = words.iter().copied().collect();
    assert_eq!(words, sorted.into_iter().collect::<Vec<_>>());
    assert!(words.len() > 30);
}

/// Every script that CI runs, and the one that begins a rule, is named where contributors look.
#[test]
fn contributing_names_every_step_of_ci() {
    let page = read("CONTRIBUTING.md");
    let ci = read(".ci/run");
    let steps = ci.lines().filter_map(|line| line.split_once("step ")).map(|(_, step)| step.trim());
    let mut named = 0;
    for step in steps.filter(|step| !step.starts_with('(') && !step.starts_with("rustup")) {
        let words: Vec<&str> = step.split_whitespace().take_while(|word| !word.starts_with(['-', '"', '$'])).collect();
        assert!(
            page.contains(&format!("`{}", words.join(" "))),
            "CONTRIBUTING.md does not say how long `{}` takes",
            words.join(" ")
        );
        named += 1;
    }
    assert!(named > 8, "{ci}");
    assert!(page.contains(".ci/new-rule.sh"));
}
