//! reviewdog's diagnostics, one JSON object a line.

use super::extent::one_line;
use crate::edit::Edit;
use crate::finding::{Finding, Label, Severity};
use crate::outcome::Outcome;
use crate::rule::Rule;
use crate::source::{Source, Sources, Span};
use serde::Serialize;

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location<'a>,
    severity: &'static str,
    source: Tool,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'a>>,
}

/// A text for a range of the file the diagnostic is in.
#[derive(Serialize)]
struct Suggestion<'a> {
    range: Range,
    text: &'a str,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Place,
    end: Place,
}

/// Line from 1, and column from 1 in bytes of UTF-8:
/// <https://github.com/reviewdog/reviewdog/blob/master/proto/rdf/reviewdog.proto>.
#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
}

/// Every finding as a diagnostic.
pub(super) fn rdjsonl(outcome: &Outcome, rules: &[Rule]) -> String {
    // only maps with other keys than strings, and types that refuse, can fail: there are none here
    let line = |finding| serde_json::to_string(&diagnostic(&outcome.sources, finding, rules)).unwrap_or_default() + "\n";
    outcome.findings.iter().map(line).collect()
}

fn diagnostic<'a>(sources: &'a Sources, finding: &'a Finding, rules: &'a [Rule]) -> Diagnostic<'a> {
    let rule = rules.iter().find(|rule| rule.id == finding.rule);
    let related = |label: &'a Label| Related { message: &label.message, location: location(sources, label.span) };
    Diagnostic {
        message: one_line(finding, "\n"),
        location: location(sources, finding.primary.span),
        severity: match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Note => "INFO",
        },
        source: Tool { name: env!("CARGO_PKG_NAME"), url: env!("CARGO_PKG_REPOSITORY") },
        code: Code { value: &finding.rule, url: rule.and_then(|rule| rule.told().reference.first()).map(String::as_str) },
        related_locations: finding.related.iter().map(related).collect(),
        suggestions: suggestions(sources, finding),
    }
}

/// The fix, where it is all in the file of the finding: each suggestion is one that can be taken by itself.
fn suggestions<'a>(sources: &Sources, finding: &'a Finding) -> Vec<Suggestion<'a>> {
    let edits = finding.fix.as_ref().map_or(&[][..], |fix| &fix.edits);
    let [Edit { span, text }] = edits else { return Vec::new() };
    if span.file != finding.primary.span.file {
        return Vec::new();
    }
    vec![Suggestion { range: range(sources.get(span.file), *span), text }]
}

fn location(sources: &Sources, span: Span) -> Location<'_> {
    let source = sources.get(span.file);
    Location { path: &source.path, range: range(source, span) }
}

fn range(source: &Source, span: Span) -> Range {
    Range { start: place(source, span.start), end: place(source, span.end.max(span.start)) }
}

fn place(source: &Source, offset: u32) -> Place {
    let at = source.position(offset as usize);
    Place { line: at.line, column: at.offset - source.line_range(at.line - 1).start + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{finding, label, outcome};
    use serde_json::{Value, json};

    #[test]
    fn columns_are_bytes_counted_by_hand() {
        let mut outcome = outcome(&[("a.yaml", "a: 1\r\né: 😀x\r\n"), ("b.json", "{}")]);
        // é is two bytes and 😀 four, so x is byte 9 of its line
        outcome.findings = vec![finding(label(0, 14..15, ""))];
        outcome.findings[0].related = vec![label(1, 0..2, "there")];
        let text = rdjsonl(&outcome, &[]);
        assert_eq!(text.matches('\n').count(), 1);
        let place = |line: usize, from: usize, to: usize| json!({"start": {"line": line, "column": from}, "end": {"line": line, "column": to}});
        assert_eq!(
            serde_json::from_str::<Value>(&text).unwrap(),
            json!({
                "message": "the control account cannot write to this bucket",
                "location": {"path": "a.yaml", "range": place(2, 9, 10)},
                "severity": "ERROR",
                "source": {"name": "bucketlint", "url": "https://github.com/bucketlint/bucketlint"},
                "code": {"value": "policy/missing-actions"},
                "related_locations": [{"message": "there", "location": {"path": "b.json", "range": place(1, 1, 3)}}],
            })
        );
    }
}
