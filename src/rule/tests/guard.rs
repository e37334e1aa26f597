//! The tables of `docs/from-cfn-guard.md` are what they say they are.

use super::run;
use crate::rule::catalog::{builtin_files, pack_files};
use crate::rule::selector::Query;
use crate::syntax::node::Node;
use crate::syntax::testing::tree;

const PAGE: &str = include_str!("../../../docs/from-cfn-guard.md");

/// The rows of the table below the heading `heading`, each the contents of its cells, backquotes stripped.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let part = PAGE.split("\n## ").find(|part| part.starts_with(heading)).unwrap();
    let rows = part.lines().filter(|line| line.starts_with("| `"));
    let cell = |cell: &str| cell.trim().trim_start_matches('`').trim_end_matches('`').replace("\\|", "|");
    rows.map(|row| row.trim_matches('|').split(" | ").map(cell).collect()).collect()
}

#[test]
fn each_clause_holds_and_fails_as_shown() {
    let rows = rows("Clauses");
    assert!(rows.len() >= 25, "{}", rows.len());
    for row in rows {
        let [guard, clause, holds, fails] = row.as_slice() else { panic!("{row:?}") };
        for (subject, found) in [(holds, 0), (fails, 1)] {
            let checked = run(&[("check", &format!("[{clause}]"))], &format!("s: [{subject}]"));
            assert_eq!(checked.undecided, [], "{guard}: {clause} on {subject}");
            assert_eq!(checked.findings.len(), found, "{guard}: {clause} on {subject}");
        }
    }
}

#[test]
fn each_path_selects_what_is_shown() {
    let rows = rows("Queries");
    assert!(rows.len() >= 8, "{}", rows.len());
    for row in rows {
        let [guard, path, on, selected] = row.as_slice() else { panic!("{row:?}") };
        let (root, wanted) = (tree(on), tree(selected));
        let query = Query::compile(path.strip_prefix('$').unwrap(), true).unwrap();
        let found: Vec<Node> = query.select(&root).into_iter().cloned().collect();
        assert_eq!(found, wanted.items(), "{guard}: {path}");
    }
}

#[test]
fn each_rule_of_the_registry_has_ours() {
    let known: Vec<&str> = builtin_files().into_iter().chain(pack_files()).map(|(id, _)| id).collect();
    let rows = rows("The rules registry");
    // of S3, CloudTrail and KMS
    assert_eq!(rows.len(), 17 + 6 + 2);
    let mut named: Vec<String> = Vec::new();
    for row in rows {
        named.extend(row[1].split('`').filter(|part| part.contains('/')).map(str::to_owned));
    }
    assert!(named.iter().all(|id| known.contains(&id.as_str())), "{named:?}");
    // and no rule of the pack is missing
    let missing: Vec<&str> =
        pack_files().into_iter().map(|(id, _)| id).filter(|id| !named.iter().any(|name| name == id)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}
