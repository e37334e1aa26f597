//! Reads a template or policy, JSON or YAML, into the spanned tree.

use super::node::{Entry, Node};
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
    /// The first document that is not empty; `None` for an empty text or one that cannot be read.
    pub root: Option<Node>,
    /// What is wrong with the text, in the order it was found.
    pub problems: Vec<Problem>,
    /// How many documents the text holds; more than one only in YAML, separated by `---`.
    pub documents: usize,
    /// What JSON refuses in a text that opens like JSON and was read as YAML.
    pub not_json: Option<Problem>,
    /// The first thing in the YAML that CloudFormation's does not have, and what it is: "an alias".
    pub foreign: Option<(Span, &'static str)>,
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
        Self { problems: vec![problem], ..Self::of(format, None) }
    }

    /// A text without problems that `root` is read from, its only document.
    pub(super) fn of(format: Format, root: Option<Node>) -> Self {
        let documents = usize::from(root.is_some());
        Self { format, root, problems: Vec::new(), documents, not_json: None, foreign: None }
    }
}

/// Reads `text`, whose spans will be byte offsets into it (a byte order mark counts), into a tree.
///
/// A text that opens with `{` or `[` is read as JSON. What JSON refuses may still be flow-style YAML, such as a trailing
/// comma; if it is neither, or holds comments as JavaScript has them, which YAML takes for a part of what they stand
/// before, the fault reported is the one in the JSON.
pub fn parse(file: FileId, text: &str) -> Parsed {
    if !opens_like_json(text) {
        return yaml::parse(file, text);
    }
    json::parse(file, text).unwrap_or_else(|problem| {
        if json::is_comment(text, problem.span.start as usize) {
            return Parsed::failed(Format::Json, problem);
        }
        let parsed = yaml::parse(file, text);
        match parsed.root.as_ref().map(|root| comment(root, text)) {
            None => Parsed::failed(Format::Json, problem),
            Some(Some(at)) => Parsed::failed(Format::Json, Problem::syntax(at, json::NO_COMMENTS)),
            Some(None) => Parsed { not_json: Some(problem), ..parsed },
        }
    })
}

/// What JSON refuses in a text that opens like JSON.
pub fn not_json(file: FileId, text: &str) -> Option<Problem> {
    opens_like_json(text).then(|| json::parse(file, text).err()).flatten()
}

fn opens_like_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
}

/// A key or value that begins with a comment of JavaScript's.
fn comment(node: &Node, text: &str) -> Option<Span> {
    let opens = |span: Span| {
        let written = text.get(span.range()).unwrap_or_default();
        written.starts_with("/*") || written.starts_with("//") && written.contains(char::is_whitespace)
    };
    let mark = |span: Span| Span { end: span.start + 2, ..span };
    let key = |entry: &Entry| opens(entry.key.span).then(|| mark(entry.key.span)).or_else(|| comment(&entry.value, text));
    let own = (node.as_str().is_some() && opens(node.span)).then(|| mark(node.span));
    own.or_else(|| node.entries().iter().find_map(key)).or_else(|| node.items().iter().find_map(|item| comment(item, text)))
}

/// The bytes to underline for a fault found at byte `at`: the character there with the rest of its word,
/// or the last visible character before it where a line or the text ends.
pub(super) fn word_at(text: &str, at: usize) -> Range<usize> {
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    if after.chars().next().is_none_or(|c| matches!(c, '\r' | '\n')) {
        let before = before.trim_end();
        let last = before.chars().next_back().map_or(0, char::len_utf8);
        return before.len() - last..before.len();
    }
    let in_word = |(offset, c): &(usize, char)| *offset == 0 || c.is_alphanumeric() || matches!(c, '_' | '-');
    at..after.char_indices().take_while(in_word).last().map_or(at, |(offset, c)| at + offset + c.len_utf8())
}

#[cfg(test)]
mod tests;
