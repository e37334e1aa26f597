//! TOML to the spanned tree: <https://toml.io/en/v1.0.0>.

use super::node::{Entry, Key, Node, Value};
use super::parse::{Format, Parsed, Problem, word_at};
use crate::source::{FileId, Span};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// Reads a TOML text, whose spans will be byte offsets into it. The span of a table is that of its header.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let reader = Reader { file, text };
    match DeTable::parse(text) {
        Ok(table) => {
            let root = reader.node(table.span(), Value::Map(reader.entries(table.get_ref())));
            Parsed::of(Format::Toml, Some(root))
        }
        Err(error) => {
            let word = word_at(text, error.span().map_or(0, |range| range.start));
            let message = error.message().trim_end_matches('.').replace('\n', ", ");
            Parsed::failed(Format::Toml, Problem::syntax(reader.span(word), message))
        }
    }
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
}

impl Reader<'_> {
    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range.start, range.end)
    }

    fn node(&self, range: Range<usize>, value: Value) -> Node {
        Node::new(self.span(range), value)
    }

    /// The crate sorts a table by key; here it is in source order again.
    fn entries(&self, table: &DeTable<'_>) -> Vec<Entry> {
        let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let text: &std::borrow::Cow<'_, str> = key.get_ref();
            Entry { key: Key { span: self.span(key.span()), text: text.as_ref().into() }, value: self.value(value) }
        };
        let mut entries: Vec<Entry> = table.iter().map(entry).collect();
        entries.sort_by_key(|entry| entry.key.span);
        entries
    }

    fn value(&self, value: &Spanned<DeValue<'_>>) -> Node {
        let written = || self.text.get(value.span()).unwrap_or_default();
        let made = match value.get_ref() {
            DeValue::String(text) => Value::Str(text.as_ref().into()),
            DeValue::Integer(number) => Value::Num(decimal(number).unwrap_or_else(|| written()).into()),
            DeValue::Float(number) => Value::Num(number.as_str().into()),
            DeValue::Boolean(truth) => Value::Bool(*truth),
            DeValue::Datetime(_) => Value::Str(written().into()),
            DeValue::Array(items) => Value::Seq(items.iter().map(|item| self.value(item)).collect()),
            DeValue::Table(table) => Value::Map(self.entries(table)),
        };
        self.node(value.span(), made)
    }
}

/// The digits of a decimal number, its underscores left out.
fn decimal<'n>(number: &'n DeInteger<'_>) -> Option<&'n str> {
    (number.radix() == 10).then(|| number.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_place() {
        let text = "version = 0.1\n[b.c]\nkey = 'a b'\nlist = [1_000, true]\n[a]\nat = 2020-01-01\n";
        let root = parse(FileId(3), text).root.unwrap();
        let keys: Vec<&str> = root.entries().iter().map(|entry| &text[entry.key.span.range()]).collect();
        assert_eq!(keys, ["version", "b", "a"]);
        let key = root.path(&["b", "c"]).unwrap().entry("key").unwrap();
        assert_eq!((key.key.span, key.value.span), (Span::new(FileId(3), 20, 23), Span::new(FileId(3), 26, 31)));
        assert_eq!(key.value.as_str(), Some("a b"));
        let list = root.path(&["b", "c", "list"]).unwrap();
        assert_eq!(&text[list.span.range()], "[1_000, true]");
        let items: Vec<_> = list.items().iter().map(|item| item.scalar_text().unwrap()).collect();
        assert_eq!(items, ["1000", "true"]);
        assert_eq!(root.path(&["a", "at"]).unwrap().as_str(), Some("2020-01-01"));
    }

    #[test]
    fn mistakes_are_told_where_they_stand() {
        for (text, at, message) in
            [("a = 1\na = 2\n", "a", "duplicate key"), ("a = \n", "=", "string values must be quoted, expected literal string")]
        {
            let parsed = parse(FileId(0), text);
            assert_eq!((&text[parsed.problems[0].span.range()], parsed.problems[0].message.as_str()), (at, message), "{text}");
            assert!(parsed.root.is_none());
        }
        // the crate's own limit, well before the stack's
        for deep in [
            format!("a = {}", "[".repeat(100_000)),
            format!("[a{}]", ".a".repeat(100_000)),
            format!("a{} = 1", ".a".repeat(100_000)),
        ] {
            assert!(parse(FileId(0), &deep).root.is_none());
        }
    }
}
