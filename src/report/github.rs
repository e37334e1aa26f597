//! GitHub workflow commands, which become annotations on the changed lines.

use super::extent::{Extent, one_line};
use super::plain::clean;
use crate::finding::{Finding, Severity};
use crate::outcome::Outcome;
use crate::source::Sources;

/// One command a finding:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message>.
pub(super) fn github(outcome: &Outcome) -> String {
    outcome.findings.iter().map(|finding| command(&outcome.sources, finding)).collect()
}

fn command(sources: &Sources, finding: &Finding) -> String {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let Extent { path, start, end } = Extent::of(sources, finding.primary.span);
    // columns are only taken where the range is on one line
    let columns = if start.line == end.line { format!(",col={},endColumn={}", start.column, end.column) } else { String::new() };
    format!(
        "::{word} file={},line={},endLine={}{columns},title={}::{}\n",
        property(path),
        start.line,
        end.line,
        property(&finding.rule),
        data(&one_line(finding, "\n"))
    )
}

/// What the runner decodes in a message, as its own toolkit encodes it:
/// <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>. No character of the input steers what shows
/// the annotation.
fn data(text: &str) -> String {
    clean(text, true).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{finding, label, outcome};

    #[test]
    fn commands_with_their_escapes() {
        let mut outcome = outcome(&[("a,b:c.yaml", "é: 😀x\nb: 2\n")]);
        outcome.findings = vec![finding(label(0, 4..9, "")), finding(label(0, 8..14, ""))];
        outcome.findings[0].help = Some("write:\n  50%".into());
        outcome.findings[1].severity = Severity::Note;
        let text = "the control account cannot write to this bucket";
        assert_eq!(
            github(&outcome),
            format!(
                "::error file=a%2Cb%3Ac.yaml,line=1,endLine=1,col=4,endColumn=6,title=policy/missing-actions::{text}%0Awrite:%0A  50%25\n\
                 ::notice file=a%2Cb%3Ac.yaml,line=1,endLine=2,title=policy/missing-actions::{text}\n"
            )
        );
    }
}
