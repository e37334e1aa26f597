//! A span as line and column, for the formats of others.

use crate::finding::Finding;
use crate::source::{Position, Sources, Span};

/// Where a span starts and ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent<'s> {
    /// The file as shown.
    pub(super) path: &'s str,
    /// Its first character.
    pub(super) start: Position,
    /// One past its last.
    pub(super) end: Position,
}

impl<'s> Extent<'s> {
    /// The extent of `span`.
    pub(super) fn of(sources: &'s Sources, span: Span) -> Self {
        let source = sources.get(span.file);
        let at = |offset: u32| source.position(offset as usize);
        Self { path: &source.path, start: at(span.start), end: at(span.end.max(span.start)) }
    }
}

/// What is wrong and, after `between`, what to write.
pub(super) fn one_line(finding: &Finding, between: &str) -> String {
    match &finding.help {
        Some(help) => format!("{}{between}{help}", finding.headline()),
        None => finding.headline(),
    }
}
