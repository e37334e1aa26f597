//! Reads a template or policy, JSON or YAML, into the spanned tree.

use super::node::Node;
use super::{json, yaml};
use crate::source::{FileId, Span};
use std::ops::Range;

/// How many collections may be nested in each other; what is deeper is refused, so that walks may recurse.
pub const MAX_DEPTH: usize = 200;

/// The notation a text turned out to be in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Strict JSON.
    Json,
    /// YAML 1.1 with CloudFormation's short tags, in block or flow style.
    Yaml,
    /// TOML, which no template is written in.
    Toml,
}

/// What kind of fault a text has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// The text cannot be read, so there is no tree.
    Syntax,
    /// A mapping has a key twice; the last one counts.
    DuplicateKey,
}

/// A fault in a text and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The offending characters.
    pub span: Span,
    /// What kind of fault it is.
    pub kind: ProblemKind,
    /// What is wrong, for a person, without a full stop.
    pub message: String,
    /// Another place that explains it, and what is there.
    pub related: Option<(Span, String)>,
}

/// What a text was read into. Without a [`ProblemKind::Syntax`] problem every document was well formed.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The notation that could read the text.
    pub format: Format,
    /// The first document; `None` for an empty text or one that cannot be read.
    pub root: Option<Node>,
    /// What is wrong with the text, in the order it was found.
    pub problems: Vec<Problem>,
    /// How many documents the text holds; more than one only in YAML, separated by `---`.
    pub documents: usize,
}

impl Problem {
    pub(super) fn syntax(span: Span, message: impl Into<String>) -> Self {
        Self { span, kind: ProblemKind::Syntax, message: message.into(), related: None }
    }

    pub(super) fn too_deep(span: Span) -> Self {
        Self::syntax(span, format!("nested deeper than {MAX_DEPTH} levels"))
    }
}

impl Parsed {
    pub(super) fn failed(format: Format, problem: Problem) -> Self {
        Self { format, root: None, problems: vec![problem], documents: 0 }
    }
}

/// Reads `text`, whose spans will be byte offsets into it (a byte order mark counts), into a tree.
///
/// A text that opens with `{` or `[` is read as JSON. What JSON refuses may still be flow-style YAML, such as a trailing
/// comma; if it is neither, the fault reported is the one in the JSON.
pub fn parse(file: FileId, text: &str) -> Parsed {
    if !text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']) {
        return yaml::parse(file, text);
    }
    json::parse(file, text).unwrap_or_else(|problem| {
        let parsed = yaml::parse(file, text);
        if parsed.root.is_some() { parsed } else { Parsed::failed(Format::Json, problem) }
    })
}

/// The bytes to underline for a fault found at byte `at`: the character there with the rest of its word,
/// or the last visible character before it where a line or the text ends.
pub(super) fn word_at(text: &str, at: usize) -> Range<usize> {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    if text[at..].chars().next().is_none_or(|c| matches!(c, '\r' | '\n')) {
        let before = text[..at].trim_end();
        let last = before.chars().next_back().map_or(0, char::len_utf8);
        return before.len() - last..before.len();
    }
    let in_word = |(offset, c): &(usize, char)| *offset == 0 || c.is_alphanumeric() || matches!(c, '_' | '-');
    at..text[at..].char_indices().take_while(in_word).last().map_or(at, |(offset, c)| at + offset + c.len_utf8())
}

#[cfg(test)]
mod tests;
