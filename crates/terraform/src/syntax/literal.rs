//! Known text of a template or string, and where each of its characters is written.

use bucketlint_text::source::{FileId, Span};
use smol_str::SmolStr;
use std::ops::Range;

/// Text as it counts, with where it is written.
#[derive(Clone, Debug, Default)]
pub struct Literal {
    /// The text: escapes are decoded, and the indentation of a `<<-` heredoc is gone.
    pub text: SmolStr,
    /// Which bytes of it are written where, in order; none where that cannot be told.
    pub pieces: Vec<Piece>,
}

/// A range of bytes that is written in one place: letter by letter if both are as long.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// The bytes of the text.
    pub at: Range<usize>,
    /// Where they are written.
    pub span: Span,
}

impl Piece {
    /// Where the bytes `range` of the text, which lie within it, are written.
    pub fn written(&self, range: &Range<usize>) -> Span {
        if self.at.len() != (self.span.end - self.span.start) as usize {
            return self.span;
        }
        let start = self.span.start as usize + range.start - self.at.start;
        Span::new(self.span.file, start, start + range.len())
    }
}

impl Literal {
    /// `text`, written as `source` from byte `start` of `file` on.
    pub(super) fn new(file: FileId, text: &str, source: &str, start: usize) -> Self {
        let mut pieces = Pieces { file, start, out: Vec::new() };
        if text == source {
            pieces.push(0..text.len(), 0..source.len());
        } else if pieces.follow(text, source).is_none() {
            pieces.out.clear();
        }
        Self { text: text.into(), pieces: pieces.out }
    }

    /// Without the blanks that open it or that end it, as the `~` of a neighbour asks.
    pub(super) fn strip(&mut self, start: bool, end: bool) {
        let text = self.text.clone();
        let from = if start { text.len() - text.trim_start().len() } else { 0 };
        let to = if end { text.trim_end().len().max(from) } else { text.len() };
        self.text = text.get(from..to).unwrap_or_default().into();
        let pieces = std::mem::take(&mut self.pieces).into_iter().filter_map(|piece| {
            let at = piece.at.start.max(from)..piece.at.end.min(to);
            let span = (at.start < at.end).then(|| piece.written(&at))?;
            Some(Piece { at: at.start - from..at.end - from, span })
        });
        self.pieces = pieces.collect();
    }
}

struct Pieces {
    file: FileId,
    start: usize,
    out: Vec<Piece>,
}

impl Pieces {
    fn push(&mut self, at: Range<usize>, written: Range<usize>) {
        if at.is_empty() {
            return;
        }
        let span = Span::new(self.file, self.start + written.start, self.start + written.end);
        let verbatim = |at: &Range<usize>, span: Span| at.len() == (span.end - span.start) as usize;
        match self.out.last_mut() {
            Some(last) if verbatim(&last.at, last.span) && verbatim(&at, span) && last.span.end == span.start => {
                last.at.end = at.end;
                last.span.end = span.end;
            }
            _ => self.out.push(Piece { at, span }),
        }
    }

    /// Brings the text and what is written together, unit by unit. Blanks that open a line may be gone, as `<<-` takes them.
    fn follow(&mut self, text: &str, source: &str) -> Option<()> {
        let (mut at, mut from) = (0, 0);
        // how a heredoc's first line is indented is not seen from a literal that follows something on its line
        let mut line_start = true;
        while at < text.len() {
            let rest = text.get(at..)?;
            if line_start {
                from += blanks(source.get(from..)?).saturating_sub(blanks(rest));
            }
            let written = source.get(from..)?;
            let letter = rest.chars().next()?;
            let (length, means) = unit(written)?;
            if means.is_some_and(|means| rest.starts_with(means)) {
                let means = means?.len();
                self.push(at..at + means, from..from + length);
                (at, from) = (at + means, from + length);
            } else if means.is_none() {
                // `\uXXXX`
                self.push(at..at + letter.len_utf8(), from..from + length);
                (at, from) = (at + letter.len_utf8(), from + length);
            } else {
                return None;
            }
            line_start = letter == '\n';
        }
        Some(())
    }
}

/// How many blanks open a text.
fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// How long the first unit of a text as written is, and what it stands for; `None` for a letter given by its number.
fn unit(written: &str) -> Option<(usize, Option<&str>)> {
    for (escape, means) in
        [("$${", "${"), ("%%{", "%{"), ("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t"), ("\\\"", "\""), ("\\\\", "\\")]
    {
        if written.starts_with(escape) {
            return Some((escape.len(), Some(means)));
        }
    }
    for (escape, digits) in [("\\u", 4), ("\\U", 8)] {
        if written
            .strip_prefix(escape)
            .is_some_and(|rest| rest.bytes().take(digits).filter(u8::is_ascii_hexdigit).count() == digits)
        {
            return Some((escape.len() + digits, None));
        }
    }
    let first = written.chars().next()?.len_utf8();
    Some((first, written.get(..first)))
}
