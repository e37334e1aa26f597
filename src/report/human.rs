//! The report for people, drawn by miette.

use super::excerpt::Excerpt;
use super::plain::{clean, wrap};
use super::{Style, summary::nothing_line, summary::summary};
use crate::finding::{Finding, Label, Severity};
use crate::outcome::Outcome;
use crate::source::{FileId, Sources};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles};
use std::fmt;

/// Columns by which miette moves what it nests.
const NESTED: usize = 6;
/// Columns of miette's sign or bar before a message.
const BAR: usize = 4;
/// What stands before the further lines of the help.
const INDENT: &str = "        ";

/// One report as miette takes it: a finding, or the places in another file that explain it.
#[derive(Debug)]
struct Report {
    rule: Option<String>,
    severity: miette::Severity,
    message: String,
    excerpt: Excerpt,
    related: Vec<Report>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.rule.as_ref().map(|rule| Box::new(rule) as _)
    }
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.labels()))
    }
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.related.iter().map(|report| report as _)))
    }
}

/// Every finding with the source it is about, errors first, then what was checked.
///
/// No line of ours is wider than `style.width` columns but for single words. A help's first line is prose and may be
/// broken; its further lines are to be pasted and stay as they are. No character of the input steers the terminal.
pub fn human(outcome: &Outcome, style: Style) -> String {
    findings(&outcome.sources, &outcome.findings, style) + &summary(outcome, style)
}

/// The findings, and that nothing was checked if that is so.
pub fn brief(outcome: &Outcome, style: Style) -> String {
    findings(&outcome.sources, &outcome.findings, style) + &nothing_line(outcome, style)
}

/// The findings alone, for mistakes in settings and rules.
pub fn findings(sources: &Sources, findings: &[Finding], style: Style) -> String {
    let theme = theme(style);
    // no wrapping by miette: it would break names at their hyphens and reflow the source lines of nested reports
    let handler = GraphicalReportHandler::new_themed(theme.clone())
        .with_width(usize::from(u16::MAX))
        .with_wrap_lines(false)
        .with_links(false)
        .with_show_related_as_nested(true);
    let mut out = String::new();
    // a stable sort: those as grave as each other stay in the order of their places
    let mut findings: Vec<&Finding> = findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    for finding in findings {
        let report = report(sources, finding, style);
        // writing to a string cannot fail, and the excerpt holds every label
        let _ = handler.render_report(&mut out, &report);
        out += &advice(finding, &theme, style);
        out.push('\n');
    }
    out
}

fn theme(style: Style) -> GraphicalTheme {
    GraphicalTheme {
        characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
        styles: if style.colour { ThemeStyles::ansi() } else { ThemeStyles::none() },
    }
}

fn report(sources: &Sources, finding: &Finding, style: Style) -> Report {
    let severity = match finding.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
        Severity::Note => miette::Severity::Advice,
    };
    let home = finding.primary.span.file;
    let (near, far): (Vec<&Label>, Vec<&Label>) = finding.related.iter().partition(|label| label.span.file == home);
    let near: Vec<&Label> = std::iter::once(&finding.primary).chain(near).collect();
    // miette itself tells how bad a finding is by a sign and a colour alone
    let message = format!("{}: {}", finding.severity.word(), clean(&finding.headline(), style.unicode));
    let room = style.width.saturating_sub(BAR);
    Report {
        rule: Some(clean(&finding.rule, style.unicode)).filter(|rule| !rule.is_empty()),
        severity,
        message: wrap(&message, room, room).join("\n"),
        excerpt: Excerpt::new(sources.get(home), &near, style.width, style.unicode),
        related: by_file(far).iter().map(|(file, labels)| elsewhere(sources, *file, labels, style)).collect(),
    }
}

/// Labels grouped by file, in the order in which the files come up.
fn by_file(labels: Vec<&Label>) -> Vec<(FileId, Vec<&Label>)> {
    let mut groups: Vec<(FileId, Vec<&Label>)> = Vec::new();
    for label in labels {
        match groups.iter_mut().find(|(file, _)| *file == label.span.file) {
            Some((_, group)) => group.push(label),
            None => groups.push((label.span.file, vec![label])),
        }
    }
    groups
}

/// The places in another file: advice, so that it is not taken for a finding of its own.
fn elsewhere(sources: &Sources, file: FileId, labels: &[&Label], style: Style) -> Report {
    Report {
        rule: None,
        severity: miette::Severity::Advice,
        message: "see also".into(),
        excerpt: Excerpt::new(sources.get(file), labels, style.width.saturating_sub(NESTED), style.unicode),
        related: Vec::new(),
    }
}

/// The help and where to read more. What is to be pasted stands from the first column on: miette would indent it.
fn advice(finding: &Finding, theme: &GraphicalTheme, style: Style) -> String {
    let room = style.width.saturating_sub(INDENT.len());
    let entry = |name: &str, text: &str| {
        let text = wrap(text, room, room).join(&format!("\n{INDENT}"));
        format!("  {} {text}\n", theme.styles.help.style(name))
    };
    let mut out = String::new();
    if let Some(help) = &finding.help {
        let help = clean(help, style.unicode);
        let (help, example) = without_example(help.trim_end());
        let (sentence, paste) = help.split_once('\n').unwrap_or((help, ""));
        out += &entry("help:", sentence);
        let paste = paste.trim_end().trim_start_matches('\n');
        if !paste.is_empty() {
            out += &format!("\n{paste}\n\n");
        }
        if let Some(example) = example {
            out += &format!("{INDENT}{}\n", wrap(example, room, room).join(&format!("\n{INDENT}")));
        }
    }
    // settings and questions have no rule to explain
    if finding.rule.contains('/') {
        out += &entry("more:", &format!("bucketlint explain {}", clean(&finding.rule, style.unicode)));
    }
    out
}

/// The help, and a request that stands as its last line: that one is to be read, not to be pasted.
fn without_example(help: &str) -> (&str, Option<&str>) {
    match help.rsplit_once('\n') {
        Some((help, last)) if last.starts_with("for example ") => (help, Some(last)),
        _ => (help, None),
    }
}

#[cfg(test)]
mod tests;
