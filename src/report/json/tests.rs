use super::*;
use crate::edit::{Applicability, Edit, Fix};
use crate::finding::Severity;
use crate::iam::witness::Witness;
use crate::outcome;
use crate::report::fixture::{finding, label, outcome};

/// Start and end of a location as `(line, column, offset)`.
fn places(text: &str, range: std::ops::Range<usize>) -> [(usize, usize, usize); 2] {
    let outcome = outcome(&[("a.yaml", text)]);
    let place = location(&outcome.sources, label(0, range, "").span);
    [place.start, place.end].map(|at| (at.line, at.column, at.offset))
}

#[test]
fn positions_counted_by_hand() {
    assert_eq!(places("a: 1\nb: 2\n", 8..9), [(2, 4, 8), (2, 5, 9)], "plain");
    // é is two bytes, 😀 four, each one column
    assert_eq!(places("é: 😀x\n", 8..9), [(1, 5, 8), (1, 6, 9)], "multi-byte");
    assert_eq!(places("\ta:\tb\n", 4..5), [(1, 5, 4), (1, 6, 5)], "a tab is one column");
    assert_eq!(places("a: 1\r\nb: 2\r\n", 9..10), [(2, 4, 9), (2, 5, 10)], "CRLF");
    assert_eq!(places("\u{feff}a: b", 6..7), [(1, 4, 6), (1, 5, 7)], "the mark has bytes but no column");
    assert_eq!(places("a: 1", 3..4), [(1, 4, 3), (1, 5, 4)], "no newline at the end");
    assert_eq!(places("a: 1\n", 5..5), [(2, 1, 5), (2, 1, 5)], "after the last newline");
    assert_eq!(places("", 0..0), [(1, 1, 0), (1, 1, 0)], "empty file");
    assert_eq!(places("ab", 9..12), [(1, 3, 2), (1, 3, 2)], "out of range");
    assert_eq!(places("a: 1\nb: 2\n", 0..9), [(1, 1, 0), (2, 5, 9)], "over two lines");
}

#[test]
fn the_whole_contract() {
    let mut outcome = outcome(&[("a.yaml", "Data: x\n"), ("b.json", "{}")]);
    let data = BucketRef { file: "a.yaml".into(), logical_id: Some("Data".into()), name: None, construct: None, nested: None };
    let mut found = finding(label(0, 6..7, "here"));
    found.help = Some("line one\n  two".into());
    found.bucket = Some(data.clone());
    found.buckets = vec![data.clone(), BucketRef { file: "b.json".into(), name: Some("lab".into()), ..BucketRef::default() }];
    found.actions = vec!["s3:PutObject".into()];
    found.related = vec![label(1, 0..2, "there")];
    found.witness = Some(Witness {
        action: "s3:GetObject".into(),
        resource: "arn:aws:s3:::lab/x".into(),
        principal: "arn:aws:iam::123456789012:role/x".into(),
        session: None,
        context: vec![("aws:SourceVpce".into(), Vec::new())],
        deciding: vec!["aws:SourceVpce".into()],
        statement: Some(2),
    });
    let edit = Edit { span: label(0, 6..7, "").span, text: "y".into() };
    found.fix = Some(Fix::new(Applicability::Unsafe, edit));
    found.when = vec![("Access".into(), "PublicRead".into())];
    let mut bare = finding(label(1, 0..0, ""));
    bare.severity = Severity::Note;
    outcome.findings = vec![found, bare];
    outcome.summary = outcome::Summary { files: 2, templates: 1, buckets: 1, in_scope: 1, ..outcome::Summary::default() };
    outcome.summary.control_accounts = vec!["123456789012".into()];
    outcome.summary.profile = "quilt".into();
    let span = Some(label(0, 0..4, "").span);
    let line = |verdict, span| AccessLine {
        action: "s3:GetObject".into(),
        account: "123456789012".into(),
        verdict,
        span,
        witness: None,
    };
    outcome.buckets = vec![BucketReport {
        bucket: data,
        in_scope: true,
        reason: "named".into(),
        shared: true,
        shared_reason: "granted".into(),
        ownership: "missing".into(),
        access: vec![line("granted", span), line("missing", None)],
        assumptions: vec!["so".into()],
        coverage: outcome::CoverageLine { read: "full", write: "none", trails: vec!["Trail".into()] },
    }];
    let expected = include_str!("expected.json");
    assert_eq!(json(&outcome), expected);
}
