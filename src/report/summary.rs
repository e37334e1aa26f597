//! What was looked at: without it, silence could mean that nothing was checked.

use super::plain::{clean, wrap};
use super::{Style, counts, known_as};
use crate::finding::{BucketRef, Finding, mendable};
use crate::outcome::{Altered, Outcome, Summary};

/// How many buckets, or assumptions, are listed before the rest is only counted.
const LISTED: usize = 10;

/// The counts of findings, what was checked, what was left out and why, and what was assumed.
pub(super) fn summary(outcome: &Outcome, style: Style) -> String {
    let mut out = String::new();
    let mut line = |indent: &str, text: &str| put(&mut out, indent, text, style);
    let (errors, warnings, notes) = counts(&outcome.findings);
    line("", &[count(errors, "error"), count(warnings, "warning"), count(notes, "note")].join(", "));
    if let Some(text) = fixable(&outcome.findings) {
        line("", &text);
    }
    if outcome.summary.hidden > 0 {
        line("", &format!("and {} that no changed file has to do with", count(outcome.summary.hidden, "finding")));
    }
    dismissed(outcome).iter().for_each(|text| line("", text));
    line("", &checked(&outcome.summary));
    altered(&outcome.summary.altered).iter().for_each(|text| line("", text));
    if let Some(note) = &outcome.summary.account_note {
        line("  ", note);
    }
    let skipped = outcome.buckets.iter().filter(|report| !report.in_scope);
    list(skipped.map(|report| format!("skipped {}: {}", described(&report.bucket), report.reason)), &mut line);
    list(assumed(outcome).into_iter(), &mut line);
    out + &nothing_line(outcome, style)
}

/// How many findings a program can mend.
fn fixable(findings: &[Finding]) -> Option<String> {
    match mendable(findings) {
        (0, 0) => None,
        (safe, 0) => Some(format!("{safe} can be mended with --fix")),
        (0, other) => Some(format!("{other} can be mended with --fix --unsafe-fixes; --diff shows how")),
        (safe, other) => Some(format!("{safe} can be mended with --fix, {other} more with --unsafe-fixes; --diff shows how")),
    }
}

/// What was taken for granted, each once: of which bucket, or of how many.
fn assumed(outcome: &Outcome) -> Vec<String> {
    let mut all: Vec<(&str, Vec<&BucketRef>)> = Vec::new();
    for report in &outcome.buckets {
        for text in &report.assumptions {
            match all.iter_mut().find(|(known, _)| known == text) {
                Some((_, buckets)) => buckets.push(&report.bucket),
                None => all.push((text, vec![&report.bucket])),
            }
        }
    }
    let told = all.into_iter().map(|(text, buckets)| match buckets.as_slice() {
        [only] => format!("assumed for {}: {text}", known_as(only).unwrap_or(&only.file)),
        several => format!("assumed for {}: {text}", count(several.len(), "bucket")),
    });
    told.collect()
}

/// That no bucket was judged and why, if that is so.
pub(super) fn nothing_line(outcome: &Outcome, style: Style) -> String {
    let mut out = String::new();
    // a bucket may be there only in some deployments
    let judged = outcome.buckets.iter().any(|report| report.in_scope);
    if let Some(why) = nothing(&outcome.summary).filter(|_| !judged) {
        put(&mut out, "", &format!("nothing was checked: {why}"), style);
    }
    out
}

/// What was found but is not reported, and what a baseline has besides.
fn dismissed(outcome: &Outcome) -> Vec<String> {
    let mut out = Vec::new();
    let (allowed, known) = outcome.dismissals();
    let are = |many: usize| if many == 1 { "is" } else { "are" };
    if allowed > 0 {
        out.push(format!("and {} that {} suppressed", count(allowed, "finding"), are(allowed)));
    }
    if known > 0 {
        out.push(format!("and {} that {} in the baseline", count(known, "finding"), are(known)));
    }
    let Some(baseline) = &outcome.baseline else { return out };
    if baseline.fixed > 0 {
        let fixed = format!("{} of the baseline {} fixed", count(baseline.fixed, "finding"), are(baseline.fixed));
        out.push(format!("{fixed}; write it again to keep it so"));
    }
    if baseline.written {
        let path = &baseline.path;
        out.push(format!("{path} was written; go by it with --baseline {path}, or with `baseline` in bucketlint.yaml"));
    }
    out
}

/// What of the checks the repository turns off or has otherwise, a line each.
fn altered(found: &Altered) -> Vec<String> {
    let mut out = Vec::new();
    let by = found.settings.as_ref().map_or_else(|| "flags".to_owned(), Clone::clone);
    if !found.off.is_empty() {
        out.push(format!("{} off by {by}: {}", count(found.off.len(), "rule"), first(found.off.iter())));
    }
    if !found.replaced.is_empty() {
        let each: Vec<String> = found.replaced.iter().map(|(rule, by)| format!("{rule} by {by}")).collect();
        out.push(format!("{} replaced: {}", count(each.len(), "rule"), first(each.iter())));
    }
    if !found.ignored.is_empty() {
        let what = count(found.ignored.len(), "file");
        out.push(format!("{what} tracked by git but hidden by ignore files, not checked: {}", first(found.ignored.iter())));
    }
    out
}

/// The first few of a list, and how many more there are.
fn first<'t>(all: impl ExactSizeIterator<Item = &'t String>) -> String {
    let more = all.len().saturating_sub(LISTED);
    let shown = all.take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more (see --format json)") }
}

fn checked(seen: &Summary) -> String {
    let accounts = match seen.control_accounts.as_slice() {
        [] => "control account unknown".to_owned(),
        [one] => format!("control account {one}"),
        many => format!("control accounts {}", many.join(", ")),
    };
    let policies = if seen.policies == 1 { "1 policy".to_owned() } else { format!("{} policies", seen.policies) };
    // a template that is deployed in one way only needs no word
    let several = seen.scenarios > seen.templates;
    let scenarios = if several { format!(" in {}", count(seen.scenarios, "scenario")) } else { String::new() };
    let files = format!(
        "{}: {}{scenarios}, {policies}, {}",
        count(seen.files, "file"),
        count(seen.templates, "template"),
        count(seen.trails, "trail")
    );
    let buckets = format!("{}, {} in scope", count(seen.buckets, "bucket"), seen.in_scope);
    format!("checked {files}; {buckets} (profile {}, {accounts})", seen.profile)
}

/// Why no bucket was judged, if none was.
fn nothing(seen: &Summary) -> Option<&'static str> {
    match seen {
        Summary { in_scope: 1.., .. } => None,
        Summary { files: 0, .. } => Some("no template or policy was found"),
        Summary { buckets: 0, .. } => Some("no bucket was found"),
        _ => Some("no bucket is in scope"),
    }
}

/// `1 finding`, `2 findings`.
pub(crate) fn count(many: usize, what: &str) -> String {
    format!("{many} {what}{}", if many == 1 { "" } else { "s" })
}

/// `lab-data (a.yaml, Data)`, or `Data (a.yaml)` where the name is not known.
fn described(bucket: &BucketRef) -> String {
    match (&bucket.name, &bucket.logical_id) {
        (Some(name), Some(id)) => format!("{name} ({}, {id})", bucket.file),
        (Some(one), None) | (None, Some(one)) => format!("{one} ({})", bucket.file),
        (None, None) => format!("a bucket in {}", bucket.file),
    }
}

fn list(items: impl Iterator<Item = String>, line: &mut impl FnMut(&str, &str)) {
    let mut items = items.peekable();
    items.by_ref().take(LISTED).for_each(|item| line("  ", &item));
    let more = items.count();
    if more > 0 {
        line("  ", &format!("and {more} more (see --format json)"));
    }
}

/// Appends `text` in lines of at most the style's width, continued four columns deeper.
fn put(out: &mut String, indent: &str, text: &str, style: Style) {
    let first = style.width.saturating_sub(indent.len());
    for (nth, line) in wrap(&clean(text, style.unicode), first, first.saturating_sub(4)).iter().enumerate() {
        let deeper = if nth == 0 { "" } else { "    " };
        *out += &format!("{indent}{deeper}{line}\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Baseline, BucketReport, Dismissal, Dismissed};

    const STYLE: Style = Style { width: 80, unicode: false, colour: false };

    fn skipped(name: &str) -> BucketReport {
        let bucket = BucketRef {
            file: "a.yaml".into(),
            logical_id: Some("Logs".into()),
            name: Some(name.into()),
            construct: None,
            nested: None,
        };
        BucketReport { bucket, reason: "receives CloudTrail logs".into(), ..BucketReport::default() }
    }

    #[test]
    fn says_what_was_seen_skipped_and_assumed() {
        let summary = Summary {
            files: 3,
            templates: 2,
            buckets: 2,
            in_scope: 1,
            policies: 1,
            trails: 1,
            scenarios: 5,
            hidden: 1,
            control_accounts: vec!["123456789012".into()],
            account_note: Some("taken from the stack's parameter ControlAccount".into()),
            profile: "quilt".into(),
            altered: Altered {
                settings: Some("bucketlint.yaml".into()),
                off: vec!["policy/missing".into(), "trail/disabled".into()],
                replaced: vec![("policy/denied".into(), "lint/policy/denied.yaml".into())],
                ignored: vec!["infra/hidden.yaml".into()],
            },
        };
        let mut data = skipped("lab-data");
        data.in_scope = true;
        data.assumptions = vec!["no service control policy forbids the access".into()];
        let mut outcome = Outcome { summary, buckets: vec![skipped("log-\u{1b}bucket"), data], ..Outcome::default() };
        let found = crate::report::fixture::finding(crate::report::fixture::label(0, 0..0, ""));
        let allowed = Dismissal::Allowed { place: None, reason: None, until: None };
        outcome.dismissed =
            [allowed, Dismissal::Known, Dismissal::Known].map(|by| Dismissed { finding: found.clone(), by }).to_vec();
        outcome.baseline = Some(Baseline { path: "b.json".into(), fixed: 2, written: true });
        let expected = "\
0 errors, 0 warnings, 0 notes
and 1 finding that no changed file has to do with
and 1 finding that is suppressed
and 2 findings that are in the baseline
2 findings of the baseline are fixed; write it again to keep it so
b.json was written; go by it with --baseline b.json, or with `baseline` in
    bucketlint.yaml
checked 3 files: 2 templates in 5 scenarios, 1 policy, 1 trail; 2 buckets, 1 in
    scope (profile quilt, control account 123456789012)
2 rules off by bucketlint.yaml: policy/missing, trail/disabled
1 rule replaced: policy/denied by lint/policy/denied.yaml
1 file tracked by git but hidden by ignore files, not checked: infra/hidden.yaml
  taken from the stack's parameter ControlAccount
  skipped log-?bucket (a.yaml, Logs): receives CloudTrail logs
  assumed for lab-data: no service control policy forbids the access
";
        assert_eq!(super::summary(&outcome, STYLE), expected);
    }

    #[test]
    fn a_run_that_checked_nothing_says_so() {
        let mut outcome = Outcome::default();
        let says = |outcome: &Outcome| summary(outcome, STYLE).lines().last().unwrap().to_owned();
        assert_eq!(says(&outcome), "nothing was checked: no template or policy was found");
        outcome.summary.files = 1;
        assert_eq!(says(&outcome), "nothing was checked: no bucket was found");
        outcome.summary.buckets = 1;
        assert_eq!(says(&outcome), "nothing was checked: no bucket is in scope");
        outcome.summary.in_scope = 1;
        assert!(!says(&outcome).contains("nothing"));
    }

    #[test]
    fn a_long_list_is_cut() {
        let buckets = (0..25).map(|nth| skipped(&format!("logs-{nth}"))).collect();
        let outcome = Outcome { buckets, ..Outcome::default() };
        let text = summary(&outcome, STYLE);
        assert_eq!(text.matches("skipped").count(), 10);
        assert!(text.contains("  skipped logs-9 (a.yaml, Logs): receives CloudTrail logs\n  and 15 more (see --format json)\n"));
    }
}
