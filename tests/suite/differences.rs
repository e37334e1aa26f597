//! What findings differ in, for people, and what they would have to be.

use serde_json::Value;
use std::path::Path;

/// What is expected but not found, and what is found but not expected, one line for each finding and, where one takes the
/// place of another, for each of its members; `None` where both are the same.
pub(crate) fn differences(expected: &[Value], found: &[Value]) -> Option<String> {
    let without = |all: &[Value], other: &[Value]| all.iter().filter(|one| !other.contains(one)).cloned().collect::<Vec<_>>();
    let (missing, mut surplus) = (without(expected, found), without(found, expected));
    let mut out = Vec::new();
    for one in missing {
        let alike = |other: &Value| ["rule", "file", "line"].iter().filter(|key| other[**key] == one[**key]).count();
        let nearest = (0..surplus.len()).filter(|at| surplus[*at]["rule"] == one["rule"]).max_by_key(|at| alike(&surplus[*at]));
        match nearest {
            Some(at) => out.push(changes(&one, &surplus.remove(at))),
            None => out.push(format!("  not found: {one}")),
        }
    }
    out.extend(surplus.iter().map(|one| format!("  not expected: {one}")));
    if out.is_empty() && expected != found {
        out.push("  the same findings, but in another order or another number".to_owned());
    }
    (!out.is_empty()).then(|| out.join("\n"))
}

/// The members in which a finding is not what is expected.
fn changes(expected: &Value, found: &Value) -> String {
    let keys: Vec<&String> = [expected, found].into_iter().filter_map(Value::as_object).flat_map(|one| one.keys()).collect();
    let mut out = format!("  {} at {}:{}", word(&expected["rule"]), word(&expected["file"]), expected["line"]);
    for (at, key) in keys.iter().enumerate().filter(|(_, key)| expected[**key] != found[**key]) {
        if !keys[..at].contains(key) {
            out.push_str(&format!("\n    {key}: expected {}, found {}", expected[*key], found[*key]));
        }
    }
    out
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Writes what was found beside the `expected.json` of `case`, for somebody to read and to take over by hand, and says so.
pub(crate) fn propose(case: &Path, found: &[Value]) -> String {
    let path = case.join("expected.json.new");
    std::fs::write(&path, format!("{}\n", serde_json::to_string_pretty(found).unwrap())).unwrap();
    "expected.json.new beside it has what was found; read it before you rename it".to_owned()
}

#[test]
fn differences_are_told_finding_by_finding() {
    let finding =
        |rule: &str, line: u32, text: &str| serde_json::json!({"rule": rule, "file": "a.yaml", "line": line, "text": text});
    let (one, two, three) = (finding("g/one", 1, "x"), finding("g/one", 2, "y"), finding("g/three", 3, "z"));
    let told = |expected: &[&Value], found: &[&Value]| {
        let owned = |all: &[&Value]| all.iter().map(|one| (*one).clone()).collect::<Vec<_>>();
        differences(&owned(expected), &owned(found))
    };
    assert_eq!(told(&[&one, &two], &[&one, &two]), None);
    let moved = finding("g/one", 2, "w");
    let want = "  g/one at a.yaml:2\n    text: expected \"y\", found \"w\"\n  \
                not expected: {\"rule\":\"g/three\",\"file\":\"a.yaml\",\"line\":3,\"text\":\"z\"}";
    assert_eq!(told(&[&one, &two], &[&one, &moved, &three]).as_deref(), Some(want));
    let want = "  not found: {\"rule\":\"g/three\",\"file\":\"a.yaml\",\"line\":3,\"text\":\"z\"}";
    assert_eq!(told(&[&one, &three], &[&one]).as_deref(), Some(want));
    for found in [&[&two, &one][..], &[&one, &two, &two]] {
        assert_eq!(told(&[&one, &two], found).as_deref(), Some("  the same findings, but in another order or another number"));
    }
}

#[test]
fn what_is_proposed_leaves_the_expected_findings_alone() {
    let case = tempfile::tempdir().unwrap();
    std::fs::write(case.path().join("expected.json"), "[]").unwrap();
    let found = [serde_json::json!({"rule": "g/one", "actions": ["s3:GetObject"]})];
    propose(case.path(), &found);
    assert_eq!(std::fs::read_to_string(case.path().join("expected.json")).unwrap(), "[]");
    let proposed = std::fs::read_to_string(case.path().join("expected.json.new")).unwrap();
    assert_eq!(proposed, "[\n  {\n    \"rule\": \"g/one\",\n    \"actions\": [\n      \"s3:GetObject\"\n    ]\n  }\n]\n");
}
