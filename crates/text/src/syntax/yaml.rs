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

/// So many comments right behind another token are taken; for each the text is read once more.
const MAX_TIGHT: usize = 64;

/// Reads every document and keeps the first that is not empty.
///
/// A comment may stand right behind a bracket, quote or comma, as PyYAML and libyaml have it, though YAML asks for white
/// space between: <https://yaml.org/spec/1.1/#id863390>.
pub(super) fn parse(file: FileId, text: &str) -> Parsed {
    let mut outcome = read(file, text);
    let mut spaced = Cow::Borrowed(text);
    for _ in 0..MAX_TIGHT {
        let Err(Failure { tight: Some(at), .. }) = outcome else { break };
        let rest = spaced.get(at..).unwrap_or_default();
        let comment = rest.find(['\n', '\r']).unwrap_or(rest.len());
        spaced.to_mut().replace_range(at..at + comment, &" ".repeat(comment));
        outcome = read(file, &spaced);
    }
    outcome.unwrap_or_else(|failure| Parsed::failed(Format::Yaml, failure.problem))
}

/// Why a text cannot be read.
struct Failure {
    problem: Problem,
    /// Where a comment begins right behind another token, if that is why.
    tight: Option<usize>,
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem, tight: None }
    }
}

fn read(file: FileId, text: &str) -> Result<Parsed, Failure> {
    let mut options = granit_parser::options! {
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    options.set_emit_comments(false);
    let tree = Tree::new(file, text);
    let mut reader = Reader { text, file, behind: 0, documents: 0, beyond: false, foreign: None, tree };
    for step in Parser::new_from_str_with_options(text, options) {
        match step {
            Ok((event, place)) => reader.event(event, &place)?,
            Err(error) => return Err(reader.scan_failure(&error)),
        }
    }
    let Reader { documents, foreign, tree, .. } = reader;
    let (root, problems) = tree.finish();
    Ok(Parsed { problems, documents, foreign, ..Parsed::of(Format::Yaml, root) })
}

/// Core tags that CloudFormation does not take:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>.
const FOREIGN: [&str; 5] = ["binary", "omap", "pairs", "set", "timestamp"];

fn is_foreign(tag: &Tag) -> bool {
    let (handle, name) = tag.parts();
    format!("{handle}{name}").strip_prefix("tag:yaml.org,2002:").is_some_and(|name| FOREIGN.contains(&name))
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    /// The end of the last token seen.
    behind: usize,
    documents: usize,
    /// Whether this document comes after the one that is kept.
    beyond: bool,
    foreign: Option<(Span, &'static str)>,
    tree: Tree<'t>,
}

impl<'t> Reader<'t> {
    fn event(&mut self, event: Event<'t>, place: &Place) -> Result<(), Problem> {
        let range = place.byte_range().unwrap_or(self.behind..self.behind);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                self.beyond = self.tree.has_content();
                self.behind = self.behind.max(range.end);
                Ok(())
            }
            // later documents are only checked for being well formed
            _ if self.beyond => Ok(()),
            Event::Scalar(text, style, anchor, tag) => {
                if style == ScalarStyle::Plain && text == "<<" && self.tree.expects_key() {
                    self.note(range.clone(), "a merge key");
                }
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
                self.note(range.clone(), "an alias");
                self.tree.alias(anchor, range)
            }
            _ => Ok(()),
        }
    }

    fn properties(&mut self, anchor: usize, tag: Option<&Tag>, place: &Place) -> Properties {
        let tag_range = place.tag_span().and_then(|tag| tag.byte_range());
        if let Some(range) = &tag_range {
            self.behind = self.behind.max(range.end);
            if tag.is_some_and(is_foreign) {
                self.note(range.clone(), "this tag");
            }
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
        let blanks = bytes.iter().take(at).rev().take_while(|byte| byte.is_ascii_whitespace()).count();
        (at - blanks).max(self.behind)
    }

    /// From the header to the end of the last line that is not blank, its line break left out;
    /// granit's `end` is where the next token starts.
    fn block_scalar(&self, end: usize) -> Range<usize> {
        let start = self.indicator(end, b"|>").unwrap_or(self.behind);
        let mut written = self.text.get(start..end).unwrap_or_default();
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
                b'#' => at += bytes.get(at..)?.iter().position(|&byte| matches!(byte, b'\n' | b'\r'))?,
                b'&' => at += bytes.get(at..)?.iter().position(u8::is_ascii_whitespace)?,
                _ => at += 1,
            }
        }
        None
    }

    /// Notes what CloudFormation's YAML does not have, if it is the first.
    fn note(&mut self, range: Range<usize>, what: &'static str) {
        let span = Span::new(self.file, range.start, range.end);
        self.foreign.get_or_insert((span, what));
    }

    fn scan_failure(&self, error: &ScanError) -> Failure {
        let at = error.marker().byte_offset().filter(|_| matches!(error.kind(), ErrorKind::CommentNotSeparated));
        // `{#` is what a template engine fills in
        let tight = at.filter(|at| self.text.get(..*at).is_some_and(|before| !before.ends_with('{')));
        Failure { problem: self.scan_problem(error), tight }
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
