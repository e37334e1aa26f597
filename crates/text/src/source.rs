//! File ids, text, byte spans, and the way from a byte offset to a line and column.

use std::sync::{Arc, OnceLock};

/// Which linted file. Ids follow the sorted display paths, so ordering by id orders by path; files that templates include
/// come after all others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct FileId(pub u32);

/// A half-open byte range `start..end` in one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span {
    /// The file the range lies in.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span over `start..end` of `file`.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { file, start: clamp(start), end: clamp(end) }
    }

    /// Whether both have bytes in common; a span without bytes has none.
    pub fn overlaps(self, other: Self) -> bool {
        self.file == other.file && self.start.max(other.start) < self.end.min(other.end)
    }

    /// Whether `inner` lies within it, or is the same.
    pub fn contains(self, inner: Self) -> bool {
        self.file == inner.file && self.start <= inner.start && inner.end <= self.end
    }

    /// The range in bytes.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The folder of a path with `/` separators.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// How many folders two paths have in common, from the outermost: the more, the nearer the files are.
pub fn shared_folders(one: &str, other: &str) -> usize {
    let folders = |path| folder(path).split('/').filter(|name| !matches!(*name, "" | "."));
    folders(one).zip(folders(other)).take_while(|(one, other)| one == other).count()
}

/// A place as an editor shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode characters, from 1.
    pub column: usize,
    /// Byte offset, from 0.
    pub offset: usize,
}

/// One file's text with its line table.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as reported, with `/` separators.
    pub path: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
    lines: Arc<[u32]>,
    indented_dashes: Arc<OnceLock<bool>>,
    /// How many characters begin before every byte whose offset is a multiple of [`STRIDE`].
    counted: Arc<OnceLock<Vec<usize>>>,
    part: Option<Span>,
}

/// What is counted at a time, in bytes, so that a column far into a long line costs no more than one at its start.
const STRIDE: usize = 1024;

/// How many characters begin in these bytes of UTF-8.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

impl Source {
    /// Indexes `text` by line; `\n` ends a line, so CRLF needs no special care.
    pub fn new(path: &str, text: &str) -> Self {
        let starts = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Self { path: path.into(), text: text.into(), lines, indented_dashes: Arc::default(), counted: Arc::default(), part: None }
    }

    /// The same text, of which only the string at `span` is a document.
    pub fn with_part(self, span: Span) -> Self {
        Self { part: Some(span), ..self }
    }

    /// The string that is the document, where that is not the whole text.
    pub fn part(&self) -> Option<Span> {
        self.part
    }

    /// Writes over what is in `ranges`, bytes of the text: every character becomes one of as many bytes, so that all other
    /// places stay where they are. Line breaks stay.
    fn mask(&mut self, ranges: impl Iterator<Item = std::ops::Range<usize>>) {
        let mut text = self.text.to_string();
        for range in ranges {
            let Some(written) = self.text.get(range.clone()) else { continue };
            let stand_in = |c: char| match c.len_utf8() {
                _ if c.is_whitespace() => c,
                1 => '*',
                2 => '\u{b7}',
                3 => '\u{2022}',
                _ => '\u{1f512}',
            };
            let masked: String = written.chars().map(stand_in).collect();
            text.replace_range(range, &masked);
        }
        self.text = text.into();
    }

    /// How many lines the file has; a final newline opens one more, empty line.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Zero-based line that holds byte `offset`.
    pub fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|&start| start as usize <= offset).saturating_sub(1)
    }

    /// Byte range of zero-based `line`, its line break included.
    pub fn line_range(&self, line: usize) -> std::ops::Range<usize> {
        let at = |line: usize| self.lines.get(line).map_or(self.text.len(), |&start| start as usize);
        at(line)..at(line + 1)
    }

    /// Line and column of byte `offset`, which is moved back to a character boundary within the text.
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_of(offset);
        let start = self.line_range(line).start;
        let before = &self.text[start..offset];
        // a byte order mark takes no room in an editor
        let unseen = before.chars().take_while(|letter| *letter == '\u{feff}').count();
        let column = self.characters_before(offset) - self.characters_before(start) - unseen + 1;
        Position { line: line + 1, column, offset }
    }

    /// How many characters begin before byte `offset`.
    fn characters_before(&self, offset: usize) -> usize {
        let bytes = self.text.as_bytes();
        let counted = self.counted.get_or_init(|| {
            let before = bytes.chunks(STRIDE).scan(0, |count, block| {
                let before = *count;
                *count += begun(block);
                Some(before)
            });
            before.collect()
        });
        let last = (offset / STRIDE).min(counted.len().saturating_sub(1));
        counted.get(last).map_or(0, |before| before + begun(&bytes[last * STRIDE..offset]))
    }

    /// The text under `span`, empty if the span is not of this text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Whether, in YAML, the first list below a key stands deeper than the key.
    pub fn has_indented_dashes(&self) -> bool {
        *self.indented_dashes.get_or_init(|| {
            let blanks = |line: &str| line.len() - line.trim_start().len();
            let mut pairs = self.text.lines().zip(self.text.lines().skip(1));
            let first = pairs.find(|(key, item)| key.trim_end().ends_with(':') && item.trim_start().starts_with("- "));
            first.is_some_and(|(key, item)| blanks(key) < blanks(item) && !key.trim_start().starts_with("- "))
        })
    }

    /// The blanks that open the line on which byte `offset` lies.
    pub fn indent_at(&self, offset: usize) -> &str {
        let line = &self.text[self.line_range(self.line_of(offset.min(self.text.len())))];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }
}

/// Every linted file, by id.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Takes the files in id order.
    pub fn new(files: Vec<Source>) -> Self {
        Self { files }
    }

    /// Adds one more file and tells its id.
    pub fn push(&mut self, source: Source) -> FileId {
        self.files.push(source);
        FileId(self.files.len() as u32 - 1)
    }

    /// The file with this id.
    pub fn get(&self, id: FileId) -> &Source {
        &self.files[id.0 as usize]
    }

    /// Writes over what is under `spans` of the file with this id, so that all other places stay where they are.
    pub fn mask(&mut self, id: FileId, spans: &[Span]) {
        if let Some(source) = self.files.get_mut(id.0 as usize) {
            source.mask(spans.iter().map(|span| span.range()));
        }
    }

    /// Every file with its id, in id order.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(at, source)| (FileId(at as u32), source))
    }

    /// The text under `span`.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).slice(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("a.json", "{\n\"é\": \"Bucket\"}\n");
        let at = source.text.find("\"Bucket").unwrap();
        let position = source.position(at);
        assert_eq!((position.line, position.column), (2, 6));
        assert_eq!(source.position(usize::MAX).line, 3);
    }

    #[test]
    fn columns_of_long_lines_are_counted_in_blocks() {
        let text = format!("\u{feff}a\n\u{feff}{}\n{}", "é日x".repeat(2 * STRIDE), "b".repeat(STRIDE));
        for text in [text.as_str(), "", &"c".repeat(STRIDE), &"é".repeat(STRIDE / 2)] {
            let source = Source::new("a.json", text);
            for (offset, _) in text.char_indices().step_by(37).chain([(text.len(), ' ')]) {
                let line = text[..offset].rsplit('\n').next().unwrap();
                let column = line.trim_start_matches('\u{feff}').chars().count() + 1;
                assert_eq!(source.position(offset).column, column, "{offset} of {}", text.len());
            }
        }
    }

    #[test]
    fn what_is_written_over_moves_nothing() {
        let mut source = Source::new("a.yaml", "k: a é → 😀\nb: 2\n");
        source.mask(std::iter::once(3.."k: a é → 😀".len()));
        assert_eq!(&*source.text, "k: * \u{b7} \u{2022} \u{1f512}\nb: 2\n");
        assert_eq!(source.position(source.text.find('b').unwrap()).line, 2);
    }

    #[test]
    fn crlf_ends_a_line_once() {
        let source = Source::new("a.yaml", "a: 1\r\n  b: 2\r\n");
        let at = source.text.find('b').unwrap();
        assert_eq!((source.position(at).line, source.position(at).column), (2, 3));
        assert_eq!(source.indent_at(at), "  ");
    }

    #[test]
    fn a_byte_order_mark_has_no_column() {
        let source = Source::new("a.yaml", "\u{feff}a: 1\n");
        assert_eq!(source.position(3).column, 1);
    }
}
