//! From an [`Outcome`] to text, for people and for programs.

mod checkstyle;
mod excerpt;
mod extent;
mod facts;
mod fingerprint;
mod format;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod plain;
mod rdjsonl;
mod rules;
mod sarif;
mod short;
mod statistics;
mod summary;
mod xml;

pub use facts::{facts_json, facts_yaml};
pub(crate) use fingerprint::{fingerprint, home, subject};
pub use format::Format;
pub use human::{brief, findings, human};
pub use json::json;
pub(crate) use json::{Location, WitnessLine, location, pretty, witness_line};
pub use rules::{Origins, rules};
pub use statistics::statistics;
pub(crate) use summary::count;

use crate::finding::{BucketRef, Finding, Severity};

/// How the report for people is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Columns of the terminal.
    pub width: usize,
    /// Box-drawing characters; plain ASCII otherwise. Quoted source keeps its own characters.
    pub unicode: bool,
    /// ANSI colours.
    pub colour: bool,
}

/// How many errors, warnings and notes there are, in that order.
pub fn counts(findings: &[Finding]) -> (usize, usize, usize) {
    let of = |level| findings.iter().filter(|finding| finding.severity == level).count();
    (of(Severity::Error), of(Severity::Warning), of(Severity::Note))
}

/// What a bucket goes by: its name where it is known, else its logical ID.
fn known_as(bucket: &BucketRef) -> Option<&str> {
    bucket.name.as_deref().or(bucket.logical_id.as_deref())
}

#[cfg(test)]
pub(crate) mod fixture {
    use super::*;
    use crate::finding::Label;
    use crate::outcome::Outcome;
    use crate::source::{FileId, Source, Sources, Span};

    /// Files by path and text, the first with id 0.
    pub(crate) fn outcome(files: &[(&str, &str)]) -> Outcome {
        let sources = Sources::new(files.iter().map(|(path, text)| Source::new(path, text)).collect());
        Outcome { sources, ..Outcome::default() }
    }

    /// A label on bytes `start..end` of `file`.
    pub(crate) fn label(file: u32, range: std::ops::Range<usize>, message: &str) -> Label {
        Label { span: Span::new(FileId(file), range.start, range.end), message: message.into() }
    }

    /// An error with nothing but a place.
    pub(crate) fn finding(primary: Label) -> Finding {
        Finding::new("policy/missing-actions", Severity::Error, "the control account cannot write to this bucket", primary)
    }
}
