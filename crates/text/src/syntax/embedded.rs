//! JSON (or flow-style YAML) inside a string of another document, with spans in that document.

use super::node::{Node, Value};
use super::parse::{Format, Parsed, Problem, parse};
use crate::source::Span;
use std::ops::Range;

mod offsets;
use offsets::Offsets;

/// Reads the text of the string node `outer` as a document of its own.
///
/// `source_text` is the whole text of the file that `outer` is in, and the spans of the result point into it: each
/// slices to a token as it is escaped there. Where a string's characters cannot be found one by one (folded block
/// scalars, plain scalars of several lines), every span is that of `outer`. Anything but a string gives no tree.
pub fn parse_embedded(outer: &Node, source_text: &str) -> Parsed {
    let Some(text) = outer.as_str() else {
        return Parsed::of(Format::Json, None);
    };
    let mut parsed = parse(outer.span.file, text);
    let place = Place::of(outer, source_text);
    if let Some(root) = &mut parsed.root {
        place.node(root);
    }
    parsed.problems.iter_mut().chain(&mut parsed.not_json).for_each(|problem| place.problem(problem));
    parsed.foreign.iter_mut().for_each(|(at, _)| place.span(at));
    parsed
}

/// Where the characters of a string node stand in its file.
pub struct Place {
    outer: Span,
    offsets: Option<Offsets>,
}

impl Place {
    /// Follows the string node `outer` of the file with this text.
    pub fn of(outer: &Node, source_text: &str) -> Self {
        let written = source_text.get(outer.span.range()).unwrap_or("");
        Self { outer: outer.span, offsets: outer.as_str().and_then(|text| Offsets::new(written, text)) }
    }

    /// The file's span of the bytes `range` of the string, or that of all of it where they cannot be told.
    pub fn span_of(&self, range: Range<usize>) -> Span {
        let Some(offsets) = &self.offsets else { return self.outer };
        let range = offsets.written(range);
        let base = self.outer.start as usize;
        Span::new(self.outer.file, base + range.start, base + range.end)
    }

    fn span(&self, span: &mut Span) {
        *span = self.span_of(span.range());
    }

    fn node(&self, node: &mut Node) {
        self.span(&mut node.span);
        match &mut node.value {
            Value::Seq(items) => items.iter_mut().for_each(|item| self.node(item)),
            Value::Map(entries) => entries.iter_mut().for_each(|entry| {
                self.span(&mut entry.key.span);
                self.node(&mut entry.value);
            }),
            _ => {}
        }
    }

    fn problem(&self, problem: &mut Problem) {
        self.span(&mut problem.span);
        if let Some((span, _)) = &mut problem.related {
            self.span(span);
        }
    }
}

#[cfg(test)]
mod tests;
