//! GitLab's code quality report.

use super::extent::Extent;
use super::fingerprint::fingerprints;
use crate::finding::Severity;
use crate::outcome::Outcome;
use serde::Serialize;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    positions: Positions,
}

#[derive(Serialize)]
struct Positions {
    begin: Place,
    end: Place,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
}

/// The members GitLab asks for: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.
pub(super) fn gitlab(outcome: &Outcome) -> String {
    let ids = fingerprints(outcome, outcome.findings.iter());
    let issues: Vec<Issue<'_>> = outcome
        .findings
        .iter()
        .zip(ids)
        .map(|(finding, fingerprint)| {
            let Extent { path, start, end } = Extent::of(&outcome.sources, finding.primary.span);
            let place = |at: crate::source::Position| Place { line: at.line, column: at.column };
            Issue {
                description: finding.headline(),
                check_name: &finding.rule,
                fingerprint,
                severity: match finding.severity {
                    Severity::Error => "major",
                    Severity::Warning => "minor",
                    Severity::Note => "info",
                },
                location: Location { path, positions: Positions { begin: place(start), end: place(end) } },
            }
        })
        .collect();
    // only maps with other keys than strings, and types that refuse, can fail: there are none here
    serde_json::to_string_pretty(&issues).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{finding, label, outcome};
    use serde_json::json;

    #[test]
    fn issues_at_places_counted_by_hand() {
        let mut outcome = outcome(&[("a.yaml", "a: 1\né: 😀x\n")]);
        outcome.findings = vec![finding(label(0, 13..14, ""))];
        let issues: serde_json::Value = serde_json::from_str(&gitlab(&outcome)).unwrap();
        assert_eq!(
            issues,
            json!([{
                "description": "the control account cannot write to this bucket",
                "check_name": "policy/missing-actions",
                "fingerprint": fingerprints(&outcome, outcome.findings.iter())[0],
                "severity": "major",
                "location": {"path": "a.yaml", "positions": {"begin": {"line": 2, "column": 5}, "end": {"line": 2, "column": 6}}},
            }])
        );
        outcome.findings.clear();
        assert_eq!(gitlab(&outcome), "[]\n");
    }
}
