//! What is released agrees with itself: versions, names and the hooks' commands.

use bucketlint::cli::{Cli, Command};
use clap::Parser;
use std::fs;
use std::path::Path;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// A version's numbers, to be compared.
fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap()).collect()
}

#[test]
fn the_changelog_has_a_section_for_what_comes_next_or_for_this_version() {
    let text = read("CHANGELOG.md");
    let headings: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let released: Vec<(&str, &str)> = headings.iter().filter_map(|heading| heading.split_once(" - ")).collect();
    assert!(headings[0] == "Unreleased" || released[0].0 == VERSION, "{headings:?}");
    assert_eq!(headings.len() - released.len(), usize::from(headings[0] == "Unreleased"), "{headings:?}");
    for (_, date) in &released {
        assert!(date.len() == 10 && date.chars().all(|letter| letter.is_ascii_digit() || letter == '-'), "{date}");
    }
    assert!(released.windows(2).all(|pair| numbers(pair[0].0) > numbers(pair[1].0)), "the latest is the first: {released:?}");
    assert!(released.iter().all(|(version, _)| numbers(version) <= numbers(VERSION)), "{released:?}");
}

#[test]
fn pages_name_this_version() {
    for page in ["README.md", "docs/ci.md", "docs/pre-commit.md"] {
        let text = read(page);
        let mut named = 0;
        for lead in ["rev: v", "bucketlint@v", "/download/v", "bucketlint-"] {
            for rest in text.split(lead).skip(1).filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit())) {
                let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap();
                assert_eq!(rest[..end].trim_end_matches('.'), VERSION, "{page}: {lead}");
                named += 1;
            }
        }
        assert!(named > 0, "{page}");
    }
}

#[test]
fn the_wheel_says_of_itself_what_the_crate_says() {
    let (cargo, wheel) = (read("Cargo.toml"), read("pyproject.toml"));
    for key in ["name", "description", "license", "readme", "keywords"] {
        let line = cargo.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
        assert!(wheel.lines().any(|other| other == line), "{line}");
    }
}

#[test]
fn hooks_call_what_there_is() {
    let text = read(".pre-commit-hooks.yaml");
    let entries: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("  entry: ")).collect();
    let changed = |entry: &&str| match Cli::try_parse_from(entry.split(' ').chain(["a.yaml"])).unwrap().command {
        Command::Check(options) => options.changed,
        other => panic!("{other:?}"),
    };
    assert_eq!(entries.iter().map(changed).collect::<Vec<_>>(), [false, true]);
}
