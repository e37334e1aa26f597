//! How many findings there are of each rule, and how many a program can mend.

use crate::finding::{Finding, Severity, mendable};
use crate::outcome::Outcome;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// One line for each rule, the most frequent first.
pub fn statistics(outcome: &Outcome) -> String {
    let mut rules: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &outcome.findings {
        rules.entry(&finding.rule).or_default().push(finding);
    }
    let mut all: Vec<(&str, Vec<&Finding>)> = rules.into_iter().collect();
    all.sort_by_key(|(_, findings)| Reverse(findings.len()));
    let digits = all.iter().map(|(_, findings)| findings.len().to_string().len()).max().unwrap_or(0);
    let wide = all.iter().map(|(rule, _)| rule.len()).max().unwrap_or(0);
    let line = |(rule, findings): &(&str, Vec<&Finding>)| {
        let gravest = findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Note);
        let text = format!("{:>digits$}  {:<7}  {rule:<wide$}  {}", findings.len(), gravest.word(), told(findings));
        text.trim_end().to_owned() + "\n"
    };
    all.iter().map(line).collect()
}

fn told(findings: &[&Finding]) -> String {
    match mendable(findings.iter().copied()) {
        (0, 0) => String::new(),
        (safe, 0) => format!("{safe} with --fix"),
        (0, other) => format!("{other} with --fix --unsafe-fixes"),
        (safe, other) => format!("{safe} with --fix, {other} more with --unsafe-fixes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Applicability, Edit, Fix};
    use crate::report::fixture::{finding, label, outcome};
    use crate::source::{FileId, Span};

    #[test]
    fn the_most_frequent_rule_comes_first() {
        let mut outcome = outcome(&[("a.yaml", "a: 1\n")]);
        let span = Span::new(FileId(0), 0, 1);
        let of = |rule: &str, severity, applicability: Option<Applicability>| Finding {
            rule: rule.into(),
            severity,
            fix: applicability.map(|kind| Fix::new(kind, Edit { span, text: "b".into() })),
            ..finding(label(0, 0..1, ""))
        };
        outcome.findings = vec![of("a/b", Severity::Note, None)];
        outcome.findings.extend((0..10).map(|_| of("c/long", Severity::Warning, Some(Applicability::Safe))));
        outcome.findings.push(of("c/long", Severity::Error, Some(Applicability::Unsafe)));
        let expected = "11  error    c/long  10 with --fix, 1 more with --unsafe-fixes\n 1  note     a/b\n";
        assert_eq!(statistics(&outcome), expected);
    }
}
