//! One line a finding.

use super::plain::clean;
use crate::outcome::Outcome;

/// `file:line:column: severity[rule]: message`, with no character of the input that steers the terminal.
pub(super) fn short(outcome: &Outcome) -> String {
    let line = |finding: &crate::finding::Finding| {
        let source = outcome.sources.get(finding.primary.span.file);
        let at = source.position(finding.primary.span.start as usize);
        let (severity, rule) = (finding.severity.word(), &finding.rule);
        let text = format!("{}:{}:{}: {severity}[{rule}]: {}", source.path, at.line, at.column, finding.headline());
        clean(&text, true).replace('\n', " ") + "\n"
    };
    outcome.findings.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{finding, label, outcome};

    #[test]
    fn a_line_each_at_places_counted_by_hand() {
        let mut outcome = outcome(&[("a.yaml", "é: 😀x\r\nb: 2\r\n")]);
        outcome.findings = vec![finding(label(0, 8..9, "")), finding(label(0, 14..15, ""))];
        outcome.findings[1].message = "two\nlines \u{1b}[31m".into();
        assert_eq!(
            short(&outcome),
            "a.yaml:1:5: error[policy/missing-actions]: the control account cannot write to this bucket\n\
             a.yaml:2:4: error[policy/missing-actions]: two lines ␛[31m\n"
        );
    }
}
