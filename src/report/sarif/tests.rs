use super::*;
use crate::report::fixture::{finding, label, outcome};
use crate::rule::catalog::{builtin_files, load_files};
use serde_json::{Value, json};

fn places(text: &str, range: std::ops::Range<usize>) -> [usize; 4] {
    let outcome = outcome(&[("a.yaml", text)]);
    let region = region(outcome.sources.get(crate::source::FileId(0)), label(0, range, "").span);
    [region.start_line, region.start_column, region.end_line, region.end_column]
}

#[test]
fn columns_are_utf16_code_units_counted_by_hand() {
    assert_eq!(places("a: 1\nb: 2\n", 8..9), [2, 4, 2, 5], "plain");
    // é is one unit, 😀 two
    assert_eq!(places("é: 😀x\n", 8..9), [1, 6, 1, 7], "beyond the basic plane");
    assert_eq!(places("\ta:\tb\n", 4..5), [1, 5, 1, 6], "a tab is one column");
    assert_eq!(places("a: 1\r\nb: 2\r\n", 9..10), [2, 4, 2, 5], "CRLF");
    assert_eq!(places("\u{feff}a: b", 6..7), [1, 4, 1, 5], "the mark is no column");
    assert_eq!(places("", 0..0), [1, 1, 1, 1], "empty file");
}

#[test]
fn causes_elsewhere_make_a_flow() {
    let mut outcome = outcome(&[("a dir/é#.yaml", "Data: x\n"), ("b.json", "{}")]);
    let mut found = finding(label(0, 6..7, "here"));
    found.help = Some("write:\n  y".into());
    found.related = vec![label(1, 0..2, "there")];
    let mut same = finding(label(0, 0..4, ""));
    same.severity = Severity::Note;
    same.related = vec![label(0, 0..4, "same file")];
    outcome.findings = vec![found, same];
    let tree = crate::syntax::testing::tree;
    let files: Vec<_> = builtin_files().into_iter().map(|(id, text)| (id.to_owned(), tree(text))).collect();
    let (rules, _) = load_files(&files);
    let log: Value = serde_json::from_str(&sarif(&outcome, &rules)).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 1, "only the rules that found something");
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "policy/missing-actions");
    let result = &run["results"][0];
    assert_eq!((&result["ruleIndex"], &result["level"]), (&json!(0), &json!("error")));
    assert_eq!(result["message"]["text"], "the control account cannot write to this bucket\n\nwrite:\n  y");
    let here = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": "a%20dir/%C3%A9%23.yaml"},
            "region": {"startLine": 1, "startColumn": 7, "endLine": 1, "endColumn": 8},
        },
        "message": {"text": "here"},
    });
    assert_eq!(result["locations"], json!([here]));
    assert_eq!(result["codeFlows"][0]["threadFlows"][0]["locations"][1]["location"], here);
    assert_eq!(result["relatedLocations"][0]["id"], 0);
    let second = &run["results"][1];
    assert_eq!((&second["level"], second.get("codeFlows")), (&json!("note"), None));
    assert_ne!(result["partialFingerprints"], second["partialFingerprints"]);
}
