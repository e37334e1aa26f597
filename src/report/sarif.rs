//! SARIF 2.1.0, for code scanning. These types are the contract, as the schema has it:
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use super::fingerprint::fingerprints;
use crate::edit::{Applicability, Edit, Fix};
use crate::finding::{Finding, Label, Severity};
use crate::outcome::{Dismissal, Outcome};
use crate::rule::{self, Rule};
use crate::source::{FileId, Source, Sources, Span};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What stays as it is in the path of a URI: <https://www.rfc-editor.org/rfc/rfc3986#section-3.3>.
const PATH: AsciiSet = NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'static str,
    invocations: [Invocation; 1],
    results: Vec<SarifResult<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Descriptor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    id: &'a str,
    short_description: Text<'a>,
    full_description: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'a str>,
    help: Help,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    code_flows: Vec<CodeFlow<'a>>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixLine<'a>>,
    /// With a baseline, every result has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression<'a>>,
}

/// All of it is made, or nothing.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixLine<'a> {
    description: Text<'a>,
    artifact_changes: Vec<Change<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    artifact_location: Artifact,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Text<'a>,
}

/// Why a result is not to be shown.
#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeFlow<'a> {
    thread_flows: [ThreadFlow<'a>; 1],
}

#[derive(Serialize)]
struct ThreadFlow<'a> {
    locations: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    location: Location<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

/// Lines and columns from 1, columns in UTF-16 code units; the end is one past the last.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

/// The whole report as one run.
pub(super) fn sarif(outcome: &Outcome, rules: &[Rule]) -> String {
    let dismissed = outcome.dismissed.iter().map(|one| (&one.finding, Some(&one.by)));
    let all: Vec<(&Finding, Option<&Dismissal>)> =
        outcome.findings.iter().map(|finding| (finding, None)).chain(dismissed).collect();
    let found: BTreeSet<&str> = all.iter().map(|(finding, _)| finding.rule.as_str()).collect();
    let rules: Vec<&Rule> = rules.iter().filter(|rule| found.contains(rule.id.as_str())).collect();
    let ids = fingerprints(outcome, all.iter().map(|(finding, _)| *finding));
    let results = all.iter().zip(ids).map(|((finding, by), id)| SarifResult {
        baseline_state: outcome.baseline.as_ref().map(|_| match by {
            Some(Dismissal::Known) => "unchanged",
            _ => "new",
        }),
        suppressions: by.iter().map(|by| suppression(outcome, by)).collect(),
        ..result(&outcome.sources, finding, id, &rules)
    });
    let results = results.collect();
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: env!("CARGO_PKG_NAME"),
                semantic_version: env!("CARGO_PKG_VERSION"),
                information_uri: env!("CARGO_PKG_REPOSITORY"),
                rules: rules.iter().map(|rule| descriptor(rule)).collect(),
            },
        },
        column_kind: "utf16CodeUnits",
        invocations: [Invocation { execution_successful: true }],
        results,
    };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    // only maps with other keys than strings, and types that refuse, can fail: there are none here
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn descriptor(rule: &Rule) -> Descriptor<'_> {
    Descriptor {
        id: &rule.id,
        short_description: Text { text: &rule.title },
        full_description: Text { text: rule.told().why.trim() },
        help_uri: rule.told().reference.first().map(String::as_str),
        help: Help { text: rule::explain(rule), markdown: rule::markdown(rule) },
        default_configuration: Configuration { level: level(rule.severity) },
    }
}

fn level(severity: Severity) -> &'static str {
    severity.word()
}

fn result<'a>(sources: &Sources, finding: &'a Finding, fingerprint: String, rules: &[&Rule]) -> SarifResult<'a> {
    let related = finding.related.iter().enumerate();
    SarifResult {
        rule_id: &finding.rule,
        rule_index: rules.iter().position(|rule| rule.id == finding.rule),
        level: level(finding.severity),
        message: Message { text: super::extent::one_line(finding, "\n\n") },
        locations: [location(sources, &finding.primary, None)],
        related_locations: related.map(|(id, label)| location(sources, label, Some(id))).collect(),
        code_flows: flow(sources, finding).into_iter().collect(),
        partial_fingerprints: BTreeMap::from([("bucketlint/v1", fingerprint)]),
        fixes: finding.fix.iter().map(|fix| fix_line(sources, fix)).collect(),
        baseline_state: None,
        suppressions: Vec::new(),
    }
}

fn fix_line<'a>(sources: &Sources, fix: &'a Fix) -> FixLine<'a> {
    let mut files: BTreeMap<FileId, Vec<Replacement<'_>>> = BTreeMap::new();
    for Edit { span, text } in &fix.edits {
        let deleted_region = region(sources.get(span.file), *span);
        files.entry(span.file).or_default().push(Replacement { deleted_region, inserted_content: Text { text } });
    }
    let change = |(file, replacements)| Change { artifact_location: artifact(sources.get(file)), replacements };
    let text = match fix.applicability {
        Applicability::Safe => "safe: it neither widens access nor takes any",
        Applicability::Unsafe => "to be looked at: it changes what is granted, or to whom",
    };
    FixLine { description: Text { text }, artifact_changes: files.into_iter().map(change).collect() }
}

/// What keeps a finding out of the report: a comment or `Metadata` is in the source, settings and baseline are not.
fn suppression<'a>(outcome: &'a Outcome, by: &Dismissal) -> Suppression<'a> {
    match by {
        Dismissal::Allowed { place, reason, until } => {
            let until = until.map(|last| format!("until {last}"));
            let words: Vec<String> = reason.iter().cloned().chain(until).collect();
            let place = place.map(|span| self::place(&outcome.sources, span));
            Suppression {
                kind: if place.is_some() { "inSource" } else { "external" },
                justification: Some(words.join(", ")).filter(|words| !words.is_empty()),
                location: place,
            }
        }
        Dismissal::Known => {
            let path = outcome.baseline.as_ref().map_or("", |baseline| &baseline.path);
            Suppression { kind: "external", justification: Some(format!("in the baseline {path}")), location: None }
        }
    }
}

/// From the causes in other files to the place to change.
fn flow<'a>(sources: &Sources, finding: &'a Finding) -> Option<CodeFlow<'a>> {
    let elsewhere = finding.related.iter().any(|label| label.span.file != finding.primary.span.file);
    let steps = finding.related.iter().chain(std::iter::once(&finding.primary));
    let locations = steps.map(|label| Step { location: location(sources, label, None) }).collect();
    elsewhere.then_some(CodeFlow { thread_flows: [ThreadFlow { locations }] })
}

fn location<'a>(sources: &Sources, label: &'a Label, id: Option<usize>) -> Location<'a> {
    let message = (!label.message.is_empty()).then_some(Text { text: &label.message });
    Location { id, message, ..place(sources, label.span) }
}

fn place<'a>(sources: &Sources, span: Span) -> Location<'a> {
    let source = sources.get(span.file);
    let physical_location = Physical { artifact_location: artifact(source), region: region(source, span) };
    Location { id: None, physical_location, message: None }
}

fn artifact(source: &Source) -> Artifact {
    Artifact { uri: utf8_percent_encode(&source.path, &PATH).to_string() }
}

fn region(source: &Source, span: Span) -> Region {
    let place = |offset: u32| {
        let at = source.position(offset as usize);
        let before = &source.text[source.line_range(at.line - 1).start..at.offset];
        (at.line, before.trim_start_matches('\u{feff}').encode_utf16().count() + 1)
    };
    let ((start_line, start_column), (end_line, end_column)) = (place(span.start), place(span.end.max(span.start)));
    Region { start_line, start_column, end_line, end_column }
}

#[cfg(test)]
mod tests;
