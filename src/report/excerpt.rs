//! The few lines of a file that one report quotes.
//!
//! miette walks a whole file for each label, panics beyond column 65,535 and at the end of a file, counts columns in
//! bytes, and prints what it is given. So it is given a small text of our own instead: the lines around the labels,
//! long ones cut, every character safe to print, with the labels moved to their place in it.

use super::plain::{clean, columns, push_clean, wrap};
use crate::finding::Label;
use crate::source::{Position, Source, Span};
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::collections::BTreeSet;
use std::ops::Range;

/// A label over more lines than this is drawn on its first line only.
const MOST_LINES: usize = 8;
/// Characters kept on either side of a label's ends in a line that is cut.
const LEAST: usize = 6;
/// Room for the sign that something was left out.
const GAP: usize = 3;
/// The columns of one tab stop, as miette draws them.
const TAB: usize = 4;

/// Quoted lines and the labels in them.
#[derive(Debug)]
pub(super) struct Excerpt {
    name: String,
    text: String,
    blocks: Vec<Block>,
    marks: Vec<Mark>,
    unicode: bool,
}

/// Consecutive lines of the file.
#[derive(Debug)]
struct Block {
    shown: Range<usize>,
    /// Zero-based number of the first line.
    line: usize,
    lines: usize,
}

/// A label in the quoted text.
#[derive(Debug)]
struct Mark {
    shown: Range<usize>,
    at: Position,
    message: String,
    primary: bool,
}

/// Where labels begin and end, in the file and in the quoted text.
struct Edges {
    real: Vec<usize>,
    shown: Vec<usize>,
    next: usize,
}

impl Excerpt {
    /// Quotes what `labels` of `source` point at, in `width` columns. The first of them is primary.
    pub(super) fn new(source: &Source, labels: &[&Label], width: usize, unicode: bool) -> Self {
        let spans: Vec<_> = labels.iter().map(|label| within(source, label.span)).collect();
        let lines: BTreeSet<usize> = spans.iter().flat_map(|span| lines_around(source, span)).collect();
        let number = lines.last().map_or(0, |last| (last + 1).to_string().len());
        let room = width.saturating_sub(number + 4);
        let name = clean(&source.path, unicode).replace('\n', " ");
        let mut made = Self { name, text: String::new(), blocks: Vec::new(), marks: Vec::new(), unicode };
        let mut edges = Edges::new(&spans);
        for line in primary_first(&lines, spans.first().map_or(0, |span| source.line_of(span.start))) {
            made.quote(source, line, &mut edges, room.max(24));
        }
        made.place(source, labels, &spans, &edges);
        made.untangle();
        made.break_messages(room);
        made
    }

    /// The labels as miette takes them.
    pub(super) fn labels(&self) -> impl Iterator<Item = LabeledSpan> + '_ {
        self.marks.iter().map(|mark| {
            let message = Some(mark.message.clone()).filter(|message| !message.is_empty());
            let span = SourceSpan::from(mark.shown.clone());
            if mark.primary {
                LabeledSpan::new_primary_with_span(message, span)
            } else {
                LabeledSpan::new_with_span(message, span)
            }
        })
    }

    /// Appends one line of the file, cut to about `room` characters around the label ends in it.
    fn quote(&mut self, source: &Source, line: usize, edges: &mut Edges, room: usize) {
        let follows = |block: &Block| block.line + block.lines == line;
        if !self.blocks.is_empty() && !self.blocks.last().is_some_and(follows) {
            // so that no place is in two blocks, which miette would draw as one
            self.text.push('\n');
        }
        let start = self.text.len();
        let (range, content) = (source.line_range(line), content(source, line));
        let gap = if self.unicode { "…" } else { "..." };
        let mut at = content.start;
        edges.go_to(at);
        for piece in kept(&source.text, &content, &edges.real, room) {
            if piece.start > at {
                self.text.push_str(gap);
            }
            for (offset, c) in source.text[piece.clone()].char_indices() {
                edges.reach(piece.start + offset, self.text.len());
                push_clean(&mut self.text, c, self.unicode);
            }
            at = piece.end;
            edges.reach(at, self.text.len());
        }
        if at < content.end {
            self.text.push_str(gap);
        }
        edges.reach(range.end.saturating_sub(1).max(content.end), self.text.len());
        self.text.push('\n');
        edges.reach(range.end, self.text.len());
        let end = self.text.len();
        match self.blocks.last_mut() {
            Some(block) if follows(block) => {
                block.shown.end = end;
                block.lines += 1;
            }
            _ => self.blocks.push(Block { shown: start..end, line, lines: 1 }),
        }
    }

    fn place(&mut self, source: &Source, labels: &[&Label], spans: &[Range<usize>], edges: &Edges) {
        let shown = |real: usize| edges.shown[edges.real.partition_point(|&edge| edge < real)];
        let marks = labels.iter().zip(spans).enumerate().map(|(nth, (label, span))| {
            let message = clean(&label.message, self.unicode);
            Mark { shown: shown(span.start)..shown(span.end), at: source.position(span.start), message, primary: nth == 0 }
        });
        self.marks = marks.collect();
    }

    /// Makes labels that share a line disjoint: miette would draw the second of two overlapping ones beside its text.
    fn untangle(&mut self) {
        self.marks.sort_by_key(|mark| (mark.shown.start, mark.shown.end, !mark.primary));
        self.marks.dedup_by(|later, kept| {
            let same = later.shown == kept.shown;
            if same && !kept.message.lines().any(|line| line == later.message) {
                kept.message = format!("{}\n{}", kept.message, later.message).trim_start().to_owned();
            }
            kept.primary |= same && later.primary;
            same
        });
        for at in 1..self.marks.len() {
            let (before, from) = self.marks.split_at_mut(at);
            let (Some(last), Some(next)) = (before.last_mut(), from.first_mut()) else { return };
            let one_line = !self.text[last.shown.start..last.shown.end.max(next.shown.end)].contains('\n');
            if one_line && next.shown.start < last.shown.end {
                if next.shown.start <= last.shown.start {
                    next.shown.start = last.shown.end.min(next.shown.end);
                } else {
                    last.shown.end = next.shown.start;
                }
            }
        }
    }

    /// Breaks label messages so that they end within `room` columns from where miette will put them.
    fn break_messages(&mut self, room: usize) {
        let text = &self.text;
        let many_lines = |mark: &Mark| text[mark.shown.clone()].contains('\n');
        let deep = self.marks.iter().filter(|mark| many_lines(mark)).count();
        let gutter = if deep == 0 { 0 } else { deep + 3 };
        for mark in &mut self.marks {
            let from = text[..mark.shown.start].rfind('\n').map_or(0, |at| at + 1);
            let before =
                text[from..mark.shown.start].chars().map(|c| if c == '\t' { TAB } else { columns(c.encode_utf8(&mut [0; 4])) });
            // miette hangs the message from the middle of the underline
            let middle = if many_lines(mark) { 0 } else { before.sum::<usize>() + columns(&text[mark.shown.clone()]) / 2 };
            let left = room.saturating_sub(gutter + middle + 4);
            mark.message = wrap(&mark.message, left, left).join("\n");
        }
    }
}

impl Edges {
    fn new(spans: &[Range<usize>]) -> Self {
        let mut real: Vec<usize> = spans.iter().flat_map(|span| [span.start, span.end]).collect();
        real.sort_unstable();
        real.dedup();
        Self { shown: vec![0; real.len()], real, next: 0 }
    }

    /// Goes on with the first edge from byte `real` of the file.
    fn go_to(&mut self, real: usize) {
        self.next = self.real.partition_point(|&edge| edge < real);
    }

    /// Settles the edges up to `real`: in the quoted text they are at `shown`.
    fn reach(&mut self, real: usize, shown: usize) {
        while self.real.get(self.next).is_some_and(|&edge| edge <= real) {
            self.shown[self.next] = shown;
            self.next += 1;
        }
    }
}

/// `lines` in runs without a gap, the one that holds line `primary` before the others: it is what the reader is after.
fn primary_first(lines: &BTreeSet<usize>, primary: usize) -> impl Iterator<Item = usize> {
    let mut first = primary;
    while first > 0 && lines.contains(&(first - 1)) {
        first -= 1;
    }
    let run = (first..).take_while(|line| lines.contains(line));
    let end = run.clone().last().unwrap_or(primary);
    run.chain(lines.iter().copied().filter(move |&line| line < first || line > end))
}

/// The part of `span` that lies in `source`, on character boundaries, and not more lines of it than can be read.
fn within(source: &Source, span: Span) -> Range<usize> {
    let start = boundary(&source.text, span.range().start);
    let end = boundary(&source.text, span.range().end).max(start);
    let (first, last) = ends(source, &(start..end));
    if last - first < MOST_LINES { start..end } else { start..content(source, first).end.max(start) }
}

fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// First and last line of `span`.
fn ends(source: &Source, span: &Range<usize>) -> (usize, usize) {
    (source.line_of(span.start), source.line_of(span.end.saturating_sub(1).max(span.start)))
}

/// The lines of `span` and one on either side, but not the empty one that a final newline opens.
fn lines_around(source: &Source, span: &Range<usize>) -> Range<usize> {
    let (first, last) = ends(source, span);
    let after = if content(source, last + 1).is_empty() && last + 2 >= source.line_count() { last } else { last + 1 };
    first.saturating_sub(1)..after + 1
}

/// The bytes of a line without its line break.
fn content(source: &Source, line: usize) -> Range<usize> {
    let range = source.line_range(line);
    let text = &source.text[range.clone()];
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    range.start..range.start + text.len()
}

/// What to show of a line: all if it has at most `room` characters, else as much around each label end as fits.
fn kept(text: &str, line: &Range<usize>, edges: &[usize], room: usize) -> Vec<Range<usize>> {
    let end_of = |count: usize| text[line.clone()].char_indices().nth(count).map_or(line.end, |(at, _)| line.start + at);
    let mut kept = vec![line.clone()];
    if end_of(room) == line.end {
        return kept;
    }
    let from = edges.partition_point(|&edge| edge < line.start);
    let near = &edges[from..edges.partition_point(|&edge| edge <= line.end)];
    if near.is_empty() {
        kept[0].end = end_of(room - GAP);
        return kept;
    }
    let size = |pieces: &[Range<usize>]| pieces.iter().map(|piece| text[piece.clone()].chars().count() + GAP).sum::<usize>();
    let fits = (LEAST..room / 2).rev().map(|margin| around(text, line, near, margin)).find(|pieces| size(pieces) < room);
    fits.unwrap_or_else(|| around(text, line, near, LEAST))
}

/// `margin` characters of a line on either side of each of `edges`.
fn around(text: &str, line: &Range<usize>, edges: &[usize], margin: usize) -> Vec<Range<usize>> {
    let mut kept: Vec<Range<usize>> = Vec::new();
    for &edge in edges {
        let (before, after) = (&text[line.start..edge], &text[edge..line.end]);
        let start = before.char_indices().nth_back(margin - 1).map_or(line.start, |(at, _)| line.start + at);
        let end = after.char_indices().nth(margin).map_or(line.end, |(at, _)| edge + at);
        match kept.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            _ => kept.push(start..end),
        }
    }
    kept
}

impl SourceCode for Excerpt {
    /// Without context lines, only the place of a label is asked for: that is told as it is in the file.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let wanted = span.offset()..span.offset().saturating_add(span.len());
        let holds = |block: &&Block| block.shown.start <= wanted.start && wanted.end <= block.shown.end;
        let block = self.blocks.iter().find(holds).ok_or(MietteError::OutOfBounds)?;
        let mark = self.marks.iter().find(|mark| mark.shown == wanted && before == 0 && after == 0);
        let (line, column) = mark.map_or((block.line, 0), |mark| (mark.at.line - 1, mark.at.column - 1));
        let data = &self.text.as_bytes()[block.shown.clone()];
        let place = SourceSpan::from(block.shown.clone());
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, place, line, column, block.lines)))
    }
}

#[cfg(test)]
mod tests;
