//! The pages under `docs/rules` are what the rule files say; `BLESS=1` writes them anew.

use crate::common;
use bucketlint::rule::{Rule, markdown};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every page by its path below `docs/rules`.
fn pages(rules: &[Rule]) -> BTreeMap<PathBuf, String> {
    let page = |rule: &Rule| (PathBuf::from(format!("{}.md", rule.id)), markdown(rule));
    let packs = common::pack_rules();
    let mut pages: BTreeMap<PathBuf, String> = rules.iter().chain(&packs).map(page).collect();
    pages.insert("README.md".into(), index(rules, &packs));
    pages
}

fn index(rules: &[Rule], packs: &[Rule]) -> String {
    let line = |rule: &Rule| format!("| [{0}]({0}.md) | {1} | {2} |\n", rule.id, rule.severity.word(), rule.title);
    let lines = |rules: &[Rule]| rules.iter().map(line).collect::<String>();
    format!(
        "# Rules\n\nWritten from the files under [rules](../../rules). `bucketlint explain RULE` prints the same.\n\n\
         | rule | severity | what it finds |\n|-|-|-|\n{}\n\
         ## The pack aws-s3\n\nIn force with `--pack aws-s3` or `packs: [aws-s3]` in the settings.\n\n\
         | rule | severity | what it finds |\n|-|-|-|\n{}",
        lines(rules),
        lines(packs)
    )
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn every_rule_has_its_page_and_there_is_no_other() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    let wanted = pages(&common::rules());
    if std::env::var_os("BLESS").is_some() {
        let _ = fs::remove_dir_all(&dir);
        for (path, text) in &wanted {
            fs::create_dir_all(dir.join(path).parent().unwrap()).unwrap();
            fs::write(dir.join(path), text).unwrap();
        }
    }
    let found: BTreeMap<PathBuf, String> = files(&dir)
        .into_iter()
        .map(|path| (path.strip_prefix(&dir).unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
        .collect();
    let stale: Vec<&PathBuf> = wanted.keys().chain(found.keys()).filter(|path| wanted.get(*path) != found.get(*path)).collect();
    assert_eq!(stale, Vec::<&PathBuf>::new(), "BLESS=1 cargo test --test suite rule_pages writes these pages");
}
