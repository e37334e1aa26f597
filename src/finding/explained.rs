//! What is said of a template as such explains what cannot be told because of it.

use super::{Finding, Severity};
use crate::source::Span;

/// Rules that say, where they are no errors, that something cannot be told, and how their messages then begin.
const DOUBTS: [(&str, &str); 6] = [
    ("kms/unresolved-key", ""),
    ("notification/conflict", "whether "),
    ("ownership/unresolved", ""),
    ("policy/unknown-bucket", ""),
    ("policy/unresolved", ""),
    ("trail/unknown-coverage", ""),
];

/// Drops doubts, which are no errors, about a value in which a reference is invalid or something cannot be read.
pub(super) fn drop_explained(findings: &mut Vec<Finding>) {
    let of_template = |finding: &&Finding| finding.rule.starts_with("template/");
    let causes: Vec<Span> = findings.iter().filter(of_template).map(|finding| finding.primary.span).collect();
    let holds = |outer: Span, inner: &Span| outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end;
    findings.retain(|finding| {
        let is = |(rule, begins): &(&str, &str)| finding.rule == *rule && finding.message.starts_with(begins);
        let doubt = finding.severity < Severity::Error && DOUBTS.iter().any(is);
        !doubt || !causes.iter().any(|cause| holds(finding.primary.span, cause))
    });
}
