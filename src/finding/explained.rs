//! A doubt about a value goes where another finding says why it cannot be told.

use super::{Claim, Finding, Severity};
use crate::source::Span;

/// Drops doubts, which are no errors, about a value in which a reference is invalid or something cannot be read.
pub(super) fn drop_explained(findings: &mut Vec<Finding>) {
    let reasons = findings.iter().filter(|finding| finding.claim == Claim::Reason);
    let reasons: Vec<Span> = reasons.map(|finding| finding.primary.span).collect();
    findings.retain(|finding| {
        let doubt = finding.severity < Severity::Error && finding.claim == Claim::Doubt;
        !doubt || !reasons.iter().any(|reason| finding.primary.span.contains(*reason))
    });
}
