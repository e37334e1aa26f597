//! YAML to the spanned tree: the parser's events with their positions made exact.
//!
//! granit-parser places plain and quoted scalars, flow collections and tags exactly. The rest is mended here: a block
//! scalar starts at its header, an empty value stands behind its colon, a sequence starts at its first dash.

mod anchors;
mod tree;

use super::parse::{Format, MAX_DEPTH, Parsed, Problem, word_at};
use super::scalar::Tagging;
use crate::source::{FileId, Span};
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span as Place, StructureStyle, Tag};
use std::borrow::Cow;
use std::ops::Range;
use tree::{Collection, Properties, Tree};

/// Reads every document and keeps the first.
pub(super) fn parse(file: FileId, text: &str) -> Parsed {
    let mut options = granit_parser::options! {
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    options.set_emit_comments(false);
    let mut reader = Reader { text, file, behind: 0, documents: 0, tree: Tree::new(file, text) };
    for step in Parser::new_from_str_with_options(text, options) {
        let done = match step {
            Ok((event, place)) => reader.event(event, &place),
            Err(error) => Err(reader.scan_problem(&error)),
        };
        if let Err(problem) = done {
            return Parsed::failed(Format::Yaml, problem);
        }
    }
    let (root, problems) = reader.tree.finish();
    Parsed { format: Format::Yaml, root, problems, documents: reader.documents }
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    /// The end of the last token seen.
    behind: usize,
    documents: usize,
    tree: Tree<'t>,
}

impl<'t> Reader<'t> {
    fn event(&mut self, event: Event<'t>, place: &Place) -> Result<(), Problem> {
        let range = place.byte_range().unwrap_or(self.behind..self.behind);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                self.behind = self.behind.max(range.end);
                Ok(())
            }
            // later documents are only checked for being well formed
            _ if self.documents > 1 => Ok(()),
            Event::Scalar(text, style, anchor, tag) => {
                let properties = self.properties(anchor, tag.as_deref(), place);
                self.scalar(text, style, properties, range)
            }
            Event::SequenceStart(style, anchor, tag) => {
                let properties = self.properties(anchor, tag.as_deref(), place);
                self.open(Collection::Seq(Vec::new()), style, properties, range)
            }
            Event::MappingStart(style, anchor, tag) => {
                let properties = self.properties(anchor, tag.as_deref(), place);
                self.open(Collection::map(), style, properties, range)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&range),
            Event::Alias(anchor) => {
                self.behind = range.end;
                self.tree.alias(anchor, range)
            }
            _ => Ok(()),
        }
    }

    fn properties(&mut self, anchor: usize, tag: Option<&Tag>, place: &Place) -> Properties {
        let tag_range = place.tag_span().and_then(|tag| tag.byte_range());
        if let Some(tag) = &tag_range {
            self.behind = self.behind.max(tag.end);
        }
        Properties { anchor, tagging: Tagging::of(tag), tag_range: tag_range.unwrap_or(0..0) }
    }

    fn scalar(
        &mut self,
        mut text: Cow<'t, str>,
        style: ScalarStyle,
        properties: Properties,
        mut range: Range<usize>,
    ) -> Result<(), Problem> {
        let plain = style == ScalarStyle::Plain;
        if plain && range.is_empty() {
            // granit gives it the text `~`
            text = Cow::Borrowed("");
            let at = self.nothing(range.start).max(properties.tag_range.end);
            range = at..at;
        } else if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            range = self.block_scalar(range.end);
        }
        self.behind = self.behind.max(range.end);
        self.tree.scalar(text, plain, properties, range)
    }

    /// Where an empty value stands that granit puts at `at`: behind its colon, or behind its dash.
    fn nothing(&self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        if bytes.get(at) == Some(&b':') {
            return at + 1;
        }
        if !self.tree.in_mapping()
            && let Some(dash) = self.indicator(at, b"-")
        {
            return dash + 1;
        }
        let blanks = bytes[..at].iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
        (at - blanks).max(self.behind)
    }

    /// From the header to the end of the last line that is not blank, its line break left out;
    /// granit's `end` is where the next token starts.
    fn block_scalar(&self, end: usize) -> Range<usize> {
        let start = self.indicator(end, b"|>").unwrap_or(self.behind);
        let mut written = &self.text[start..end.max(start)];
        while let Some((before, last)) = written.rsplit_once('\n')
            && last.trim().is_empty()
        {
            written = before;
        }
        start..start + written.trim_end_matches('\r').len()
    }

    fn open(
        &mut self,
        body: Collection,
        style: StructureStyle,
        properties: Properties,
        range: Range<usize>,
    ) -> Result<(), Problem> {
        let flow = style == StructureStyle::Flow;
        let mut start = range.start;
        if !flow && matches!(body, Collection::Seq(_)) && self.tree.in_mapping() {
            // granit is already past the dash if the sequence is not indented
            start = self.indicator(start, b"-").unwrap_or(start);
        }
        self.behind = self.behind.max(range.end);
        self.tree.open(body, flow, properties, start)
    }

    fn close(&mut self, range: &Range<usize>) -> Result<(), Problem> {
        // a block collection ends at the next token, which is of no use
        let bracket = (!range.is_empty()).then_some(range.end);
        self.behind = self.behind.max(bracket.unwrap_or(0));
        self.tree.close(bracket)
    }

    /// The first of `wanted` between the last token and `end`, past comments and an anchor.
    fn indicator(&self, end: usize, wanted: &[u8]) -> Option<usize> {
        let bytes = self.text.as_bytes().get(..end)?;
        let mut at = self.behind;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                _ if wanted.contains(&byte) => return Some(at),
                b'#' => at += bytes[at..].iter().position(|&byte| matches!(byte, b'\n' | b'\r'))?,
                b'&' => at += bytes[at..].iter().position(u8::is_ascii_whitespace)?,
                _ => at += 1,
            }
        }
        None
    }

    fn scan_problem(&self, error: &ScanError) -> Problem {
        let at = error.marker().byte_offset().unwrap_or(self.behind);
        let range = word_at(self.text, at);
        let span = Span::new(self.file, range.start, range.end);
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => Problem::too_deep(span),
            ErrorKind::UnknownAnchor => Problem::syntax(span, "this alias names no anchor above it"),
            _ => Problem::syntax(span, error.info()),
        }
    }
}

#[cfg(test)]
mod tests;
