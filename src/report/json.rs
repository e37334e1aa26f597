//! The report for programs, version 1. These types are the contract: fields are only ever added, at the end.

use super::{counts, fingerprint::fingerprints};
use crate::edit::{Edit, Fix};
use crate::finding::{BucketRef, Finding, Label};
use crate::iam::witness::Witness;
use crate::outcome::{AccessLine, BucketReport, Outcome};
use crate::source::{self, Sources, Span};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    summary: Summary<'a>,
    findings: Vec<FindingLine<'a>>,
    buckets: Vec<BucketLine<'a>>,
}

#[derive(Serialize)]
struct Summary<'a> {
    files: usize,
    templates: usize,
    buckets: usize,
    in_scope: usize,
    policies: usize,
    trails: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    control_accounts: &'a [String],
    account_note: Option<&'a str>,
    profile: &'a str,
    scenarios: usize,
    hidden: usize,
    suppressed: usize,
    in_baseline: usize,
    fixed: usize,
    rules_off: &'a [String],
    rules_replaced: Vec<Replaced<'a>>,
    ignored_files: &'a [String],
}

/// A rule, and the file whose rule stands in its place.
#[derive(Serialize)]
struct Replaced<'a> {
    rule: &'a str,
    by: &'a str,
}

#[derive(Serialize)]
struct FindingLine<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    bucket: Option<Bucket<'a>>,
    actions: &'a [String],
    principal: Option<&'a str>,
    location: Location<'a>,
    related: Vec<Related<'a>>,
    fingerprint: String,
    label: &'a str,
    witness: Option<WitnessLine<'a>>,
    when: BTreeMap<&'a str, &'a str>,
    buckets: Vec<Bucket<'a>>,
    fix: Option<FixLine<'a>>,
}

/// What to write, all of it or nothing.
#[derive(Serialize)]
struct FixLine<'a> {
    applicability: &'static str,
    edits: Vec<EditLine<'a>>,
}

/// A text for the place of another; where its start is its end, it is put in between.
#[derive(Serialize)]
struct EditLine<'a> {
    location: Location<'a>,
    text: &'a str,
}

/// A request that is refused; a condition key with an empty list is one the request does not carry.
#[derive(Serialize)]
pub(crate) struct WitnessLine<'a> {
    action: &'a str,
    resource: &'a str,
    principal: &'a str,
    context: BTreeMap<&'a str, &'a [String]>,
    statement: Option<usize>,
}

#[derive(Serialize)]
struct Bucket<'a> {
    file: &'a str,
    logical_id: Option<&'a str>,
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    location: Location<'a>,
}

/// A place in a file.
#[derive(Serialize)]
pub(crate) struct Location<'a> {
    file: &'a str,
    start: Position,
    end: Position,
}

/// Line and column from 1, the column in Unicode characters; the offset in bytes from 0.
#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
    offset: usize,
}

#[derive(Serialize)]
struct BucketLine<'a> {
    #[serde(flatten)]
    bucket: Bucket<'a>,
    in_scope: bool,
    reason: &'a str,
    ownership: &'a str,
    access: Vec<Access<'a>>,
    assumptions: &'a [String],
    coverage: Coverage<'a>,
    shared: bool,
    shared_reason: &'a str,
}

#[derive(Serialize)]
struct Access<'a> {
    action: &'a str,
    verdict: &'static str,
    location: Option<Location<'a>>,
    account: &'a str,
    witness: Option<WitnessLine<'a>>,
}

#[derive(Serialize)]
struct Coverage<'a> {
    read: &'static str,
    write: &'static str,
    trails: &'a [String],
}

/// The report as pretty-printed JSON with a newline at the end.
pub fn json(outcome: &Outcome) -> String {
    let ids = fingerprints(outcome, outcome.findings.iter());
    let report = Report {
        version: 1,
        summary: summary(outcome),
        findings: outcome.findings.iter().zip(ids).map(|(finding, id)| finding_line(&outcome.sources, finding, id)).collect(),
        buckets: outcome.buckets.iter().map(|report| bucket_line(&outcome.sources, report)).collect(),
    };
    pretty(&report)
}

/// Pretty-printed JSON with a newline at the end.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    // only maps with other keys than strings, and types that refuse, can fail: there are none here
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

fn summary(outcome: &Outcome) -> Summary<'_> {
    let (errors, warnings, notes) = counts(&outcome.findings);
    let (suppressed, in_baseline) = outcome.dismissals();
    let seen = &outcome.summary;
    Summary {
        files: seen.files,
        templates: seen.templates,
        buckets: seen.buckets,
        in_scope: seen.in_scope,
        policies: seen.policies,
        trails: seen.trails,
        errors,
        warnings,
        notes,
        control_accounts: &seen.control_accounts,
        account_note: seen.account_note.as_deref(),
        profile: &seen.profile,
        scenarios: seen.scenarios,
        hidden: seen.hidden,
        suppressed,
        in_baseline,
        fixed: outcome.baseline.as_ref().map_or(0, |baseline| baseline.fixed),
        rules_off: &seen.altered.off,
        rules_replaced: seen.altered.replaced.iter().map(|(rule, by)| Replaced { rule, by }).collect(),
        ignored_files: &seen.altered.ignored,
    }
}

/// A request as it is written.
pub(crate) fn witness_line(witness: &Witness) -> WitnessLine<'_> {
    WitnessLine {
        action: &witness.action,
        resource: &witness.resource,
        principal: witness.session.as_ref().unwrap_or(&witness.principal),
        context: witness.context.iter().map(|(key, values)| (key.as_str(), values.as_slice())).collect(),
        statement: witness.statement,
    }
}

fn finding_line<'a>(sources: &'a Sources, finding: &'a Finding, fingerprint: String) -> FindingLine<'a> {
    let related = |label: &'a Label| Related { message: &label.message, location: location(sources, label.span) };
    FindingLine {
        rule: &finding.rule,
        severity: finding.severity.word(),
        message: &finding.message,
        help: finding.help.as_deref(),
        bucket: finding.bucket.as_ref().map(bucket),
        actions: &finding.actions,
        principal: finding.principal.as_deref(),
        location: location(sources, finding.primary.span),
        related: finding.related.iter().map(related).collect(),
        fingerprint,
        label: &finding.primary.message,
        witness: finding.witness.as_ref().map(witness_line),
        when: finding.when.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        buckets: finding.buckets.iter().map(bucket).collect(),
        fix: finding.fix.as_ref().map(|fix| fix_line(sources, fix)),
    }
}

fn fix_line<'a>(sources: &'a Sources, fix: &'a Fix) -> FixLine<'a> {
    let edit = |edit: &'a Edit| EditLine { location: location(sources, edit.span), text: &edit.text };
    FixLine { applicability: fix.applicability.word(), edits: fix.edits.iter().map(edit).collect() }
}

fn bucket(bucket: &BucketRef) -> Bucket<'_> {
    Bucket { file: &bucket.file, logical_id: bucket.logical_id.as_deref(), name: bucket.name.as_deref() }
}

fn bucket_line<'a>(sources: &'a Sources, report: &'a BucketReport) -> BucketLine<'a> {
    let access = |line: &'a AccessLine| Access {
        action: &line.action,
        verdict: line.verdict,
        location: line.span.map(|span| location(sources, span)),
        account: &line.account,
        witness: line.witness.as_ref().map(witness_line),
    };
    let coverage = &report.coverage;
    BucketLine {
        bucket: bucket(&report.bucket),
        in_scope: report.in_scope,
        reason: &report.reason,
        ownership: &report.ownership,
        access: report.access.iter().map(access).collect(),
        assumptions: &report.assumptions,
        coverage: Coverage { read: coverage.read, write: coverage.write, trails: &coverage.trails },
        shared: report.shared,
        shared_reason: &report.shared_reason,
    }
}

/// A place as it is written.
pub(crate) fn location(sources: &Sources, span: Span) -> Location<'_> {
    let source = sources.get(span.file);
    let position = |offset: u32| {
        let source::Position { line, column, offset } = source.position(offset as usize);
        Position { line, column, offset }
    };
    Location { file: &source.path, start: position(span.start), end: position(span.end.max(span.start)) }
}

#[cfg(test)]
mod tests;
