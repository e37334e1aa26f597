//! Checkstyle's XML report.

use super::extent::{Extent, one_line};
use super::plain::clean;
use super::xml;
use crate::finding::Severity;
use crate::outcome::Outcome;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(rename = "checkstyle")]
struct Report<'a> {
    #[serde(rename = "@version")]
    version: &'static str,
    file: Vec<File<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    #[serde(rename = "@name")]
    name: &'a str,
    error: Vec<Error>,
}

#[derive(Serialize)]
struct Error {
    #[serde(rename = "@line")]
    line: usize,
    #[serde(rename = "@column")]
    column: usize,
    #[serde(rename = "@severity")]
    severity: &'static str,
    #[serde(rename = "@message")]
    message: String,
    #[serde(rename = "@source")]
    source: String,
}

/// One `error` a finding, by file: <https://checkstyle.org/> describes it by its
/// `XMLLogger`.
pub(super) fn checkstyle(outcome: &Outcome) -> String {
    let mut files: BTreeMap<&str, Vec<Error>> = BTreeMap::new();
    for finding in &outcome.findings {
        let Extent { path, start, .. } = Extent::of(&outcome.sources, finding.primary.span);
        files.entry(path).or_default().push(Error {
            line: start.line,
            column: start.column,
            severity: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "info",
            },
            // no character of the input steers what shows the report
            message: clean(&one_line(finding, "\n"), true),
            source: format!("bucketlint.{}", finding.rule),
        });
    }
    let file = files.into_iter().map(|(name, error)| File { name, error }).collect();
    xml::document(&Report { version: "4.3", file })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{finding, label, outcome};

    #[test]
    fn errors_by_file_at_places_counted_by_hand() {
        let mut outcome = outcome(&[("a.yaml", "é: 😀x\n"), ("b&c.json", "{\"a\": 1}")]);
        outcome.findings = vec![finding(label(0, 8..9, "")), finding(label(1, 6..7, ""))];
        outcome.findings[0].message = "<a> \"b\" \u{7}".into();
        outcome.findings[1].severity = Severity::Note;
        assert_eq!(
            checkstyle(&outcome),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<checkstyle version="4.3">
  <file name="a.yaml">
    <error line="1" column="5" severity="error" message="&lt;a&gt; &quot;b&quot; ␇" source="bucketlint.policy/missing-actions"/>
  </file>
  <file name="b&amp;c.json">
    <error line="1" column="7" severity="info" message="the control account cannot write to this bucket" source="bucketlint.policy/missing-actions"/>
  </file>
</checkstyle>
"#
        );
    }
}
