//! Strict JSON to the spanned tree.

use super::keys::keep_last;
use super::node::{Entry, Key, Node, Value};
use super::parse::{Format, MAX_DEPTH, Parsed, Problem, word_at};
use crate::source::{FileId, Span};
use hifijson::SliceLexer;
use hifijson::escape::Error as EscapeError;
use hifijson::num::Lex as _;
use hifijson::str::{Error as StringError, LexAlloc as _};
use hifijson::token::Lex as _;
use hifijson::{Read as _, token};
use smol_str::SmolStr;

/// Reads one JSON value, with nothing but white space around it.
pub(super) fn parse(file: FileId, text: &str) -> Result<Parsed, Problem> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lexer = SliceLexer::new(body.as_bytes());
    let mut reader = Reader { file, text, lexer, open: Vec::new(), problems: Vec::new() };
    let root = reader.value()?;
    if reader.peek().is_some() {
        return Err(reader.fail("expected nothing more after the JSON value"));
    }
    Ok(Parsed { problems: reader.problems, ..Parsed::of(Format::Json, Some(root)) })
}

/// What is said of a comment.
pub(super) const NO_COMMENTS: &str = "JSON has no comments";

/// Whether a comment as JavaScript has them stands at byte `at`.
pub(super) fn is_comment(text: &str, at: usize) -> bool {
    text.get(at..).is_some_and(|rest| rest.starts_with("//") || rest.starts_with("/*"))
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    lexer: SliceLexer<'t>,
    /// Where the collections that are not closed yet begin.
    open: Vec<usize>,
    problems: Vec<Problem>,
}

impl<'t> Reader<'t> {
    /// How many bytes have been read.
    fn at(&self) -> usize {
        self.text.len() - self.lexer.as_slice().len()
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(self.file, start, self.at())
    }

    fn peek(&mut self) -> Option<u8> {
        token::Lex::ws_peek(&mut self.lexer)
    }

    /// Takes `byte` if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.lexer.take_next();
        }
        found
    }

    fn value(&mut self) -> Result<Node, Problem> {
        let next = self.peek();
        let start = self.at();
        let value = match next {
            Some(b'"') => Value::Str(self.string()?),
            Some(b'{') => self.object()?,
            Some(b'[') => self.array()?,
            Some(b'-' | b'0'..=b'9') => Value::Num(self.number()?.into()),
            Some(b'a'..=b'z') => self.literal()?,
            _ => return Err(self.fail("expected a value")),
        };
        Ok(Node::new(self.span_from(start), value))
    }

    fn object(&mut self) -> Result<Value, Problem> {
        self.enter()?;
        let mut entries = Vec::new();
        let mut more = !self.take(b'}');
        while more {
            let key = self.key()?;
            if !self.take(b':') {
                return Err(self.fail("expected `:`"));
            }
            entries.push(Entry { key, value: self.value()? });
            more = self.separator(b'}', "expected `,` or `}`")?;
        }
        self.open.pop();
        keep_last(&mut entries, &mut self.problems);
        Ok(Value::Map(entries))
    }

    fn array(&mut self) -> Result<Value, Problem> {
        self.enter()?;
        let mut items = Vec::new();
        let mut more = !self.take(b']');
        while more {
            items.push(self.value()?);
            more = self.separator(b']', "expected `,` or `]`")?;
        }
        self.open.pop();
        Ok(Value::Seq(items))
    }

    /// Takes the opening bracket.
    fn enter(&mut self) -> Result<(), Problem> {
        let start = self.at();
        self.lexer.take_next();
        if self.open.len() == MAX_DEPTH {
            return Err(Problem::too_deep(self.span_from(start)));
        }
        self.open.push(start);
        Ok(())
    }

    /// Takes the comma before another member, or the closing bracket, and tells whether it was the comma.
    fn separator(&mut self, close: u8, otherwise: &str) -> Result<bool, Problem> {
        if self.take(b',') {
            let comma = self.at() - 1;
            if self.peek() == Some(close) {
                let message = format!("JSON takes no comma before `{}`", char::from(close));
                return Err(Problem::syntax(Span::new(self.file, comma, comma + 1), message));
            }
            Ok(true)
        } else if self.take(close) {
            Ok(false)
        } else {
            Err(self.fail(otherwise))
        }
    }

    fn key(&mut self) -> Result<Key, Problem> {
        if self.peek() != Some(b'"') {
            return Err(self.fail("expected a key in double quotes"));
        }
        let start = self.at();
        let text = self.string()?;
        Ok(Key { span: self.span_from(start), text })
    }

    fn string(&mut self) -> Result<SmolStr, Problem> {
        let start = self.at();
        self.lexer.take_next();
        if let Some(text) = self.plain_string() {
            return Ok(text);
        }
        match self.lexer.str_string() {
            Ok(text) => Ok(text.into()),
            Err(error) => Err(self.bad_string(start, &error)),
        }
    }

    /// The rest of a string that ends before anything that is not just itself, as most do; nothing is taken otherwise.
    fn plain_string(&mut self) -> Option<SmolStr> {
        let rest = self.text.get(self.at()..)?;
        let end = rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\')?;
        let (text, after) = rest.split_at_checked(end)?;
        self.lexer = SliceLexer::new(after.strip_prefix('"')?.as_bytes());
        Some(text.into())
    }

    fn bad_string(&self, start: usize, error: &StringError) -> Problem {
        let message = match error {
            StringError::Control => {
                let at = self.at() - 1;
                return Problem::syntax(Span::new(self.file, at, at + 1), "control characters in a string must be escaped");
            }
            StringError::Escape(EscapeError::Eof) | StringError::Eof | StringError::Utf8(_) => {
                return Problem::syntax(self.span_from(start), "this string is not closed");
            }
            StringError::Escape(EscapeError::InvalidKind(_)) => "there is no such escape in JSON",
            StringError::Escape(EscapeError::InvalidHex(_)) => "`\\u` needs four hexadecimal digits",
            StringError::Escape(_) => "this is half of a surrogate pair",
        };
        let read = self.text.as_bytes().get(..self.at()).unwrap_or_default();
        let backslash = read.iter().rposition(|&byte| byte == b'\\').unwrap_or(start);
        let mut end = self.at();
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Problem::syntax(Span::new(self.file, backslash, end), message)
    }

    fn number(&mut self) -> Result<&'t str, Problem> {
        let start = self.at();
        let valid = self.lexer.num_ignore().validate().is_ok();
        let text = self.text.get(start..self.at()).filter(|_| valid);
        text.ok_or_else(|| Problem::syntax(self.span_from(start), "this number lacks a digit at its end"))
    }

    fn literal(&mut self) -> Result<Value, Problem> {
        let start = self.at();
        match self.lexer.null_or_bool() {
            Some(None) => Ok(Value::Null),
            Some(Some(value)) => Ok(Value::Bool(value)),
            None => Err(self.fail_at(start, "expected a value")),
        }
    }

    fn fail(&self, message: &str) -> Problem {
        self.fail_at(self.at(), message)
    }

    fn fail_at(&self, at: usize, message: &str) -> Problem {
        let range = if is_comment(self.text, at) { at..at + 2 } else { word_at(self.text, at) };
        let message = match self.text.as_bytes().get(at..).unwrap_or_default() {
            [b'/', b'/' | b'*', ..] | [b'#', ..] => NO_COMMENTS,
            [b'\'', ..] => "JSON takes double quotes only",
            _ => message,
        };
        let mut problem = Problem::syntax(Span::new(self.file, range.start, range.end), message);
        if at == self.text.len() {
            problem.message.push_str(", but the text ends here");
            let open = self.open.last().map(|&open| Span::new(self.file, open, open + 1));
            problem.related = open.map(|open| (open, "opened here".into()));
        }
        problem
    }
}

#[cfg(test)]
mod tests;
