//! JUnit's XML report: a test case for each finding, or one that passes where there is none.

use super::extent::{Extent, one_line};
use super::plain::clean;
use super::xml;
use crate::finding::{Finding, Severity};
use crate::outcome::Outcome;
use crate::source::Sources;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename = "testsuites")]
struct Suites {
    testsuite: Suite,
}

#[derive(Serialize)]
struct Suite {
    #[serde(rename = "@name")]
    name: &'static str,
    #[serde(rename = "@tests")]
    tests: usize,
    #[serde(rename = "@failures")]
    failures: usize,
    #[serde(rename = "@errors")]
    errors: usize,
    #[serde(rename = "@skipped")]
    skipped: usize,
    testcase: Vec<Case>,
}

#[derive(Serialize)]
struct Case {
    #[serde(rename = "@classname")]
    classname: String,
    #[serde(rename = "@name")]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
    #[serde(rename = "system-out", skip_serializing_if = "Option::is_none")]
    output: Option<String>,
}

#[derive(Serialize)]
struct Failure {
    #[serde(rename = "@message")]
    message: String,
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "$text")]
    text: String,
}

/// Errors and warnings are failures; a note is a test that passes with a word. The attributes are those of Jenkins's schema:
/// <https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd>.
pub(super) fn junit(outcome: &Outcome) -> String {
    let mut testcase: Vec<Case> = outcome.findings.iter().map(|finding| case(&outcome.sources, finding)).collect();
    let failures = testcase.iter().filter(|case| case.failure.is_some()).count();
    if testcase.is_empty() {
        let checked = format!("files checked: {}", outcome.summary.files);
        testcase.push(Case { classname: "bucketlint".into(), name: checked, failure: None, output: None });
    }
    let testsuite = Suite { name: "bucketlint", tests: testcase.len(), failures, errors: 0, skipped: 0, testcase };
    xml::document(&Suites { testsuite })
}

fn case(sources: &Sources, finding: &Finding) -> Case {
    let Extent { path, start, .. } = Extent::of(sources, finding.primary.span);
    let place = format!("{path}:{}:{}", start.line, start.column);
    let failed = finding.severity > Severity::Note;
    // no character of the input steers what shows the report
    let said = |text: &str| clean(text, true);
    let text = format!("{place}\n{}", said(&one_line(finding, "\n")));
    let failure = || Failure { message: said(&finding.headline()), kind: finding.severity.word(), text: text.clone() };
    Case {
        classname: path.to_owned(),
        name: format!("{} at {}:{}", finding.rule, start.line, start.column),
        failure: failed.then(failure),
        output: (!failed).then(|| text.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{finding, label, outcome};

    #[test]
    fn a_case_each_at_places_counted_by_hand() {
        let mut outcome = outcome(&[("a.yaml", "é: 😀x\n")]);
        outcome.summary.files = 1;
        assert_eq!(
            junit(&outcome),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="bucketlint" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="bucketlint" name="files checked: 1"/>
  </testsuite>
</testsuites>
"#
        );
        outcome.findings = vec![finding(label(0, 8..9, "")), finding(label(0, 0..2, ""))];
        outcome.findings[0].help = Some("a < b".into());
        outcome.findings[1].severity = Severity::Note;
        assert_eq!(
            junit(&outcome),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="bucketlint" tests="2" failures="1" errors="0" skipped="0">
    <testcase classname="a.yaml" name="policy/missing-actions at 1:5">
      <failure message="the control account cannot write to this bucket" type="error">a.yaml:1:5
the control account cannot write to this bucket
a &lt; b</failure>
    </testcase>
    <testcase classname="a.yaml" name="policy/missing-actions at 1:1">
      <system-out>a.yaml:1:1
the control account cannot write to this bucket</system-out>
    </testcase>
  </testsuite>
</testsuites>
"#
        );
    }
}
