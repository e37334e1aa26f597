//! The table of `docs/field-mistakes.md`: each mistake is found by the rule it names, in the fixture it names, and no other
//! rule finds anything there.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

fn rows() -> Vec<Vec<String>> {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/field-mistakes.md")).unwrap();
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    // after the head and the line below it
    page.lines().filter(|line| line.starts_with('|')).skip(2).map(cells).collect()
}

/// The rules of the findings in a folder.
fn found(case: &Path) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bucketlint"));
    command.current_dir(case).args(["check", "--format", "json"]);
    if !case.join("bucketlint.yaml").exists() {
        command.args(["--no-config", "--control-account", "123456789012"]);
    }
    let report: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    report["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_mistake_is_found_or_said_to_be_out_of_sight() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rows = rows();
    let numbers: Vec<String> = rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(numbers, (1..=25).map(|number| number.to_string()).collect::<Vec<_>>());
    let mut out_of_sight = Vec::new();
    for row in &rows {
        let [number, .., rule, fixture] = row.as_slice() else { panic!("{row:?}") };
        let Some((rule, page)) = rule.strip_prefix('[').and_then(|link| link.strip_suffix(')')?.split_once("](")) else {
            assert!(rule.starts_with("cannot be seen: ") && fixture.is_empty(), "{row:?}");
            out_of_sight.push(number.as_str());
            continue;
        };
        assert!(root.join("rules").join(format!("{rule}.yaml")).exists(), "{number}: no rule {rule}");
        assert_eq!(page, format!("rules/{rule}.md"), "{number}");
        assert!(root.join("docs").join(page).exists(), "{number}: no page {page}");
        let case = root.join("fixtures").join(rule).join("broken").join(fixture.trim_matches('`'));
        let found = found(&case);
        assert!(!found.is_empty() && found.iter().all(|one| one == rule), "{number}: {} gives {found:?}", case.display());
    }
    assert_eq!(out_of_sight, ["16"]);
}
