//! JSON texts: those that values make, and values of those that are written.

use crate::syntax::{Name, Piece};
use crate::value::{Absence, MAX_TEXT, Member, Str, Value, ValueKind, canonical};
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::{Node, Value as NodeValue};
use bucketlint_text::syntax::parse::{Format, Problem, ProblemKind, parse};
use bucketlint_text::text::{Part, Symbol, Text};
use std::ops::Range;
use std::sync::Arc;

/// The text `jsonencode` makes: without blanks, members in the order of their keys.
/// <https://developer.hashicorp.com/terraform/language/functions/jsonencode>
pub(crate) fn render(value: &Value) -> Text {
    render_within(value, &mut MAX_TEXT.clone())
}

/// As [`render`], while `left` lasts: what is shared as a value is written out as a text.
fn render_within(value: &Value, left: &mut usize) -> Text {
    let mut out = Writer { text: Text::empty(value.span), known: String::new() };
    out.write(value, left);
    if *left > 0 {
        out.flush();
        return out.text;
    }
    let at = value.span;
    let id = format!("{} at {}", at.file.0, at.start);
    symbol(at, &Absence::new(at, id, "${…}", "it takes too much to evaluate"))
}

fn symbol(at: Span, lack: &Absence) -> Text {
    Text::symbol(at, Symbol { at, ..lack.symbol.clone() })
}

struct Writer {
    text: Text,
    /// Known characters that are not in the text yet, as adding to it takes as long as it is.
    known: String,
}

impl Writer {
    fn flush(&mut self) {
        self.text.push_str(&std::mem::take(&mut self.known));
    }

    fn push(&mut self, more: &Text) {
        self.flush();
        self.text.push(more);
    }

    fn write(&mut self, value: &Value, left: &mut usize) {
        let weight = if let ValueKind::Str(text) = &value.kind { 1 + text.text.length() } else { 1 };
        *left = left.saturating_sub(weight);
        if *left == 0 {
            return;
        }
        match &value.kind {
            ValueKind::Null => self.known.push_str("null"),
            ValueKind::Bool(value) => self.known.push_str(if *value { "true" } else { "false" }),
            ValueKind::Num(number) => self.known.push_str(&canonical(number)),
            ValueKind::Str(text) => self.string(&text.text),
            ValueKind::Json(inner) => {
                let text = render_within(inner, left);
                // each level of quotes doubles the escapes of the one within
                *left = left.saturating_sub(text.length());
                if *left > 0 {
                    self.string(&text);
                }
            }
            ValueKind::List(items) => {
                self.known.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        self.known.push(',');
                    }
                    self.write(item, left);
                }
                self.known.push(']');
            }
            ValueKind::Map(members) => {
                let mut members: Vec<&Member> = members.iter().collect();
                members.sort_by(|one, other| one.key.text.cmp(&other.key.text));
                self.known.push('{');
                for (at, member) in members.into_iter().enumerate() {
                    if at > 0 {
                        self.known.push(',');
                    }
                    self.string(&Text::known(member.key.span, member.key.text.clone()));
                    self.known.push(':');
                    self.write(&member.value, left);
                }
                self.known.push('}');
            }
            ValueKind::Made(made) => {
                let why = format!("all of `{}` is known only once it is deployed", made.address);
                let lack = Absence::new(value.span, made.address.clone(), format!("${{{}}}", made.address), why);
                self.push(&symbol(value.span, &lack));
            }
            ValueKind::Unknown(lack) | ValueKind::Rest(lack) => self.push(&symbol(value.span, lack)),
        }
    }

    fn string(&mut self, text: &Text) {
        self.known.push('"');
        for part in text.parts() {
            match part {
                Part::Lit(known) => known.chars().for_each(|letter| self.letter(letter)),
                Part::Sym(symbol) => self.push(&Text::symbol(text.span, Symbol::clone(symbol))),
            }
        }
        self.known.push('"');
    }

    fn letter(&mut self, letter: char) {
        match letter {
            '"' => self.known.push_str("\\\""),
            '\\' => self.known.push_str("\\\\"),
            '\n' => self.known.push_str("\\n"),
            '\r' => self.known.push_str("\\r"),
            '\t' => self.known.push_str("\\t"),
            // Go escapes what HTML takes for its own
            '<' | '>' | '&' => self.known.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter if letter.is_control() => self.known.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => self.known.push(letter),
        }
    }
}

/// Marks around the number of an unknown piece while a text is parsed.
const OPEN: char = '\u{f0000}';
const CLOSE: char = '\u{f0001}';

/// Why a text cannot be read as JSON.
pub(crate) struct Fault {
    /// Where it goes wrong.
    pub(crate) problem: Problem,
    /// Whether it does whatever its unknown pieces are.
    pub(crate) sure: bool,
}

/// The value of a JSON text, its places those in which it is written.
///
/// # Errors
/// What is wrong with a text that is known; of one that is not, why it cannot be read.
pub(crate) fn read(text: &Str) -> Result<Value, Fault> {
    let mut reader = BodyReader { text, symbols: Vec::new(), starts: Vec::new() };
    let filled = reader.fill();
    let parsed = parse(text.text.span.file, &filled);
    if let Some(first) = parsed.problems.into_iter().chain(parsed.not_json).find(|one| one.kind == ProblemKind::Syntax) {
        let (span, sure) =
            (reader.span(first.span.range()), !filled.get(first.span.range()).is_some_and(|at| at.starts_with(OPEN)));
        return Err(Fault { problem: Problem { span, related: None, ..first }, sure });
    }
    match parsed.root {
        Some(root) if parsed.format == Format::Json => Ok(reader.value(&root)),
        _ => {
            let message = "this text is not JSON".to_owned();
            let problem = Problem { span: text.text.span, kind: ProblemKind::Syntax, message, related: None };
            Err(Fault { problem, sure: text.text.as_known().is_some() })
        }
    }
}

struct BodyReader<'t> {
    text: &'t Str,
    symbols: Vec<Arc<Symbol>>,
    /// Where each part begins: in what is parsed, and as the text counts.
    starts: Vec<(usize, usize)>,
}

impl BodyReader<'_> {
    fn fill(&mut self) -> String {
        let (mut filled, mut counted) = (String::new(), 0);
        for part in self.text.text.parts() {
            self.starts.push((filled.len(), counted));
            match part {
                Part::Lit(text) => {
                    filled.push_str(text);
                    counted += text.len();
                }
                Part::Sym(symbol) => {
                    filled.push_str(&format!("{OPEN}{}{CLOSE}", self.symbols.len()));
                    self.symbols.push(Arc::clone(symbol));
                    counted += 1;
                }
            }
        }
        self.starts.push((filled.len(), counted));
        filled
    }

    /// How the text counts what stands at byte `at` of what is parsed.
    fn counted(&self, at: usize) -> usize {
        let index = self.starts.partition_point(|(filled, _)| *filled <= at).saturating_sub(1);
        let Some((filled, counted)) = self.starts.get(index) else { return at };
        let end = self.starts.get(index + 1).map_or(usize::MAX, |(_, end)| *end);
        (counted + at - filled).min(end)
    }

    /// Where a range of what is parsed is written.
    fn span(&self, range: Range<usize>) -> Span {
        let range = self.counted(range.start)..self.counted(range.end);
        let whole = self.text.text.span;
        let pieces = &self.text.pieces;
        let first = pieces.iter().find(|piece| piece.at.end > range.start);
        let last = pieces.iter().rev().find(|piece| piece.at.start < range.end.max(range.start + 1));
        let (Some(first), Some(last)) = (first, last) else { return whole };
        let (from, to) = (range.start.max(first.at.start), range.end.min(last.at.end));
        let start = first.written(&(from..to.clamp(from, first.at.end)));
        let end = last.written(&(from.clamp(last.at.start, to.max(last.at.start))..to.max(last.at.start)));
        if start.file != end.file || end.end < start.start { whole } else { Span { end: end.end, ..start } }
    }

    fn value(&self, node: &Node) -> Value {
        let span = self.span(node.span.range());
        match &node.value {
            NodeValue::Bool(value) => Value::bool(span, *value),
            NodeValue::Num(number) => Value::num(span, number.clone()),
            NodeValue::Str(text) => Value::text(self.string(text, node.span.range(), span)),
            NodeValue::Seq(items) => Value::list(span, items.iter().map(|item| self.value(item)).collect()),
            NodeValue::Map(entries) => {
                let member = |entry: &bucketlint_text::syntax::node::Entry| Member {
                    // of an unknown key nothing but its look is kept
                    key: Name {
                        span: self.span(entry.key.span.range()),
                        text: self.filled(&entry.key.text, span).to_string().into(),
                    },
                    value: self.value(&entry.value),
                };
                Value::map(span, entries.iter().map(member).collect())
            }
            NodeValue::Null | NodeValue::Hidden(_) | NodeValue::Text(_) => Value::null(span),
        }
    }

    /// A string that is parsed from `range`, quotes included: with its unknown pieces again, and those from elsewhere.
    fn string(&self, decoded: &str, range: Range<usize>, span: Span) -> Text {
        let filled = self.filled(decoded, span);
        let inside = self.text.text.slice(self.counted(range.start + 1)..self.counted(range.end.saturating_sub(1)));
        // without escapes it is what stands between the quotes
        if inside == filled { inside.at(span) } else { filled }
    }

    /// A string with its unknown pieces again.
    fn filled(&self, text: &str, span: Span) -> Text {
        let (mut out, mut rest) = (Text::empty(span), text);
        while let Some((before, after)) = rest.split_once(OPEN) {
            let Some((number, after)) = after.split_once(CLOSE) else { break };
            out.push_str(before);
            if let Some(symbol) = number.parse::<usize>().ok().and_then(|at| self.symbols.get(at)) {
                out.push(&Text::symbol(span, Symbol::clone(symbol)));
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// Pieces moved by `by`, as they are in a text that has something before them.
pub(crate) fn moved(pieces: &[Piece], by: usize) -> impl Iterator<Item = Piece> + '_ {
    pieces.iter().map(move |piece| Piece { at: piece.at.start + by..piece.at.end + by, span: piece.span })
}
