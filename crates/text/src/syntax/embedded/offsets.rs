//! Which bytes of a string as written each byte of its decoded text comes from.

use std::ops::Range;

/// The decoded text in pieces. A piece as long as it is written is verbatim, any other one is a single escape.
#[derive(Default)]
pub(super) struct Offsets {
    pieces: Vec<Piece>,
}

struct Piece {
    decoded: Range<usize>,
    written: Range<usize>,
}

impl Piece {
    fn is_verbatim(&self) -> bool {
        self.decoded.len() == self.written.len()
    }
}

impl Offsets {
    /// Follows a scalar as `written`, quotes or block header included, along its `decoded` text.
    /// `None` if they cannot be brought together.
    pub(super) fn new(written: &str, decoded: &str) -> Option<Self> {
        let mut offsets = Self::default();
        match written.as_bytes().first()? {
            b'"' => offsets.quoted(written.strip_suffix('"')?, decoded, double_quoted)?,
            b'\'' => offsets.quoted(written.strip_suffix('\'')?, decoded, single_quoted)?,
            b'|' => offsets.literal(written, decoded)?,
            _ if written == decoded => offsets.push(decoded.len(), 0..written.len()),
            _ => return None,
        }
        Some(offsets)
    }

    /// The bytes as written of the decoded bytes `range`.
    pub(super) fn written(&self, range: Range<usize>) -> Range<usize> {
        if range.is_empty() {
            let at = self.start(range.start);
            return at..at;
        }
        let start = self.start(range.start);
        start..self.end(range.end).max(start)
    }

    /// The piece with decoded byte `at`, or the last one.
    fn piece(&self, at: usize) -> Option<&Piece> {
        let index = self.pieces.partition_point(|piece| piece.decoded.end <= at);
        self.pieces.get(index).or(self.pieces.last())
    }

    fn start(&self, at: usize) -> usize {
        self.piece(at).map_or(0, |piece| match at {
            _ if at >= piece.decoded.end => piece.written.end,
            _ if piece.is_verbatim() => piece.written.start + (at - piece.decoded.start),
            _ => piece.written.start,
        })
    }

    fn end(&self, at: usize) -> usize {
        self.piece(at - 1).map_or(0, |piece| match at {
            _ if piece.is_verbatim() && at < piece.decoded.end => piece.written.start + (at - piece.decoded.start),
            _ => piece.written.end,
        })
    }

    /// Adds the next `length` decoded bytes, joining verbatim neighbours.
    fn push(&mut self, length: usize, written: Range<usize>) {
        let from = self.pieces.last().map_or(0, |piece| piece.decoded.end);
        let piece = Piece { decoded: from..from + length, written };
        match self.pieces.last_mut() {
            Some(last) if last.is_verbatim() && piece.is_verbatim() && last.written.end == piece.written.start => {
                last.decoded.end = piece.decoded.end;
                last.written.end = piece.written.end;
            }
            _ => self.pieces.push(piece),
        }
    }

    /// A quoted scalar without its closing quote; `unit` tells the first unit's length and what it stands for.
    fn quoted(&mut self, written: &str, decoded: &str, unit: fn(&str) -> Option<Unit>) -> Option<()> {
        let (mut at, mut left) = (1, decoded);
        while let Some(rest) = written.get(at..).filter(|rest| !rest.is_empty()) {
            let unit = match line_break(rest) {
                Some(fold) => fold,
                None => unit(rest)?,
            };
            left = unit.means.strip_from(left)?;
            self.push(unit.means.len(), at..at + unit.length);
            at += unit.length;
        }
        left.is_empty().then_some(())
    }

    /// A literal block scalar: each line is what is left of the written one without its indentation.
    fn literal(&mut self, written: &str, decoded: &str) -> Option<()> {
        let mut lines = decoded.split_inclusive('\n');
        let (header, body) = written.split_once('\n')?;
        let mut at = header.len() + 1;
        for raw in body.split_inclusive('\n') {
            let Some(line) = lines.next() else { break };
            let text = line.trim_end_matches('\n');
            let bare = raw.trim_end_matches('\n').trim_end_matches('\r');
            let indent = bare.strip_suffix(text)?;
            if !indent.bytes().all(|byte| byte == b' ') {
                return None;
            }
            self.push(text.len(), at + indent.len()..at + bare.len());
            self.push(line.len() - text.len(), at + bare.len()..at + raw.len());
            at += raw.len();
        }
        // line breaks that the scalar keeps but its span leaves out
        lines.all(|line| line == "\n").then_some(())
    }
}

/// The first unit of a string as written.
struct Unit {
    /// How many bytes it is written in.
    length: usize,
    means: Meaning,
}

enum Meaning {
    Char(char),
    /// A fold of blank lines: so many line breaks, or nothing at all.
    Breaks(usize),
}

impl Meaning {
    fn len(&self) -> usize {
        match self {
            Self::Char(c) => c.len_utf8(),
            Self::Breaks(count) => *count,
        }
    }

    fn strip_from<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Char(c) => text.strip_prefix(*c),
            Self::Breaks(count) => {
                text.get(..*count).filter(|start| start.bytes().all(|byte| byte == b'\n')).and(text.get(*count..))
            }
        }
    }
}

const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// Blanks and line breaks, if there is a break among them: YAML folds one break to a space and drops one of several.
fn line_break(text: &str) -> Option<Unit> {
    let blanks = text.strip_suffix(text.trim_start_matches(BLANKS))?;
    let breaks = blanks.matches('\n').count();
    let means = match breaks {
        0 => return None,
        1 => Meaning::Char(' '),
        _ => Meaning::Breaks(breaks - 1),
    };
    Some(Unit { length: blanks.len(), means })
}

fn single_quoted(text: &str) -> Option<Unit> {
    let c = text.chars().next()?;
    let length = if text.starts_with("''") { 2 } else { c.len_utf8() };
    Some(Unit { length, means: Meaning::Char(c) })
}

/// The escapes of JSON and of YAML, of which JSON's are a part.
fn double_quoted(text: &str) -> Option<Unit> {
    let mut chars = text.chars();
    let first = chars.next()?;
    if first != '\\' {
        return Some(Unit { length: first.len_utf8(), means: Meaning::Char(first) });
    }
    let kind = chars.next()?;
    let means = match kind {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' | 'u' | 'U' => return hexadecimal(text, kind),
        '\r' | '\n' => {
            let folded = text.strip_suffix(text.strip_prefix('\\')?.trim_start_matches(BLANKS))?;
            let breaks = folded.matches('\n').count();
            return Some(Unit { length: folded.len(), means: Meaning::Breaks(breaks.saturating_sub(1)) });
        }
        other => other,
    };
    Some(Unit { length: 1 + kind.len_utf8(), means: Meaning::Char(means) })
}

/// `\xNN`, `\uNNNN` or `\UNNNNNNNN`, and the two halves of a surrogate pair as one.
fn hexadecimal(text: &str, kind: char) -> Option<Unit> {
    let length = match kind {
        'x' => 4,
        'u' => 6,
        _ => 10,
    };
    let code = u32::from_str_radix(text.get(2..length)?, 16).ok()?;
    if !(0xd800..0xdc00).contains(&code) {
        return Some(Unit { length, means: Meaning::Char(char::from_u32(code)?) });
    }
    let low = u32::from_str_radix(text.get(length..)?.strip_prefix("\\u")?.get(..4)?, 16).ok()?;
    let code = 0x10000 + ((code - 0xd800) << 10) + low.checked_sub(0xdc00)?;
    Some(Unit { length: length + 6, means: Meaning::Char(char::from_u32(code)?) })
}
