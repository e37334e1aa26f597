//! Strings that may be known only in part: literal pieces and opaque symbols.

use crate::source::Span;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::fmt::Write;
use std::sync::Arc;

/// A value that is not known here, such as a parameter without a default. Equal to itself alone.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// What makes two symbols the same, for example `parameter a.yaml Name`.
    pub id: SmolStr,
    /// How it is written, for example `${Name}`.
    pub shown: SmolStr,
    /// Why it is not known, as the end of a sentence: "parameter `Name` has no default".
    pub why: SmolStr,
    /// Where it is used.
    pub at: Span,
    /// What may stand in its place.
    pub kind: SymbolKind,
}

/// What an opaque symbol stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SymbolKind {
    /// The name CloudFormation generates for a resource that is given none; no literal is equal to it.
    Generated,
    /// `AWS::Partition`.
    Partition,
    /// `AWS::AccountId`: the account the template is deployed to.
    OwnAccount,
    /// The unique ID of a role of the template, which no identity of another account has.
    OwnIdentity,
    /// A template parameter without a value.
    Parameter,
    /// Anything else that is not known.
    Other,
}

impl PartialEq for Symbol {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl Eq for Symbol {}

impl PartialOrd for Symbol {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Symbol {
    fn cmp(&self, other: &Self) -> Ordering {
        self.id.cmp(&other.id)
    }
}

/// A piece of a [`Text`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    /// Known characters, never empty.
    Lit(SmolStr),
    /// An unknown value.
    Sym(Arc<Symbol>),
}

/// A string made of known and unknown pieces, with the place it was written. Equality and order ignore the place.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// Where it was written.
    pub span: Span,
    parts: Vec<Part>,
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}
impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts.cmp(&other.parts)
    }
}

impl Text {
    /// An empty text at `span`, to be pushed to.
    pub fn empty(span: Span) -> Self {
        Self { span, parts: Vec::new() }
    }

    /// A wholly known text.
    pub fn known(span: Span, text: impl Into<SmolStr>) -> Self {
        let mut made = Self::empty(span);
        made.push_str(&text.into());
        made
    }

    /// A text that is one unknown value.
    pub fn symbol(span: Span, symbol: Symbol) -> Self {
        Self { span, parts: vec![Part::Sym(Arc::new(symbol))] }
    }

    /// The same text, written at `span`.
    pub fn at(self, span: Span) -> Self {
        Self { span, ..self }
    }

    /// Appends known characters.
    pub fn push_str(&mut self, more: &str) {
        if more.is_empty() {
            return;
        }
        if let Some(Part::Lit(last)) = self.parts.last_mut() {
            *last = SmolStr::from_iter([last.as_str(), more]);
        } else {
            self.parts.push(Part::Lit(more.into()));
        }
    }

    /// How many known bytes and unknown pieces it has.
    pub fn length(&self) -> usize {
        self.parts.iter().map(|part| if let Part::Lit(text) = part { text.len() } else { 1 }).sum()
    }

    /// Appends another text's pieces.
    pub fn push(&mut self, more: &Text) {
        for part in &more.parts {
            match part {
                Part::Lit(text) => self.push_str(text),
                Part::Sym(_) => self.parts.push(part.clone()),
            }
        }
    }

    /// The pieces: adjacent literals are one, and none is empty.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The whole string, if every piece is known.
    pub fn as_known(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Lit(text)] => Some(text),
            _ => None,
        }
    }

    /// The unknown values in it.
    pub fn symbols(&self) -> impl Iterator<Item = &Arc<Symbol>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Sym(symbol) => Some(symbol),
            Part::Lit(_) => None,
        })
    }

    /// The one symbol this text consists of.
    pub fn as_symbol(&self) -> Option<&Arc<Symbol>> {
        match self.parts.as_slice() {
            [Part::Sym(symbol)] => Some(symbol),
            _ => None,
        }
    }

    /// What follows `prefix`, if the text begins with those known characters.
    pub fn strip_prefix(&self, prefix: &str) -> Option<Text> {
        if prefix.is_empty() {
            return Some(self.clone());
        }
        let Some(Part::Lit(first)) = self.parts.first() else { return None };
        let rest = first.strip_prefix(prefix)?;
        let mut out = Self::known(self.span, rest);
        out.parts.extend_from_slice(&self.parts[1..]);
        Some(out)
    }

    /// Cuts at the first known `separator`: what stands before it and what follows it.
    pub fn split_once(&self, separator: char) -> Option<(Text, Text)> {
        self.split_at(separator.encode_utf8(&mut [0; 4]))
    }

    /// As [`Text::split_once`], at several characters that stand together.
    pub fn split_at(&self, separator: &str) -> Option<(Text, Text)> {
        let (at, (before, after)) = self.parts.iter().enumerate().find_map(|(at, part)| match part {
            Part::Lit(text) => Some((at, text.split_once(separator)?)),
            Part::Sym(_) => None,
        })?;
        let mut left = Text { span: self.span, parts: self.parts[..at].to_vec() };
        left.push_str(before);
        let mut right = Text::known(self.span, after);
        right.parts.extend_from_slice(&self.parts[at + 1..]);
        Some((left, right))
    }
}

/// Unknown pieces as they are written, `${Name}`.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Lit(text) => f.write_str(text),
            Part::Sym(symbol) => f.write_str(&symbol.shown),
        })
    }
}

/// `text` with what cannot be seen in it named, `lab-raw<U+00A0>`; blanks, and accents of their own, can be.
pub fn visible(text: &str) -> Cow<'_, str> {
    // as the second character, since an accent alone would be escaped
    let is_seen = |c: char| matches!(c, '"' | '\'' | '\\') || format!("x{c}").escape_debug().count() == 2;
    if text.chars().all(is_seen) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            c if is_seen(c) => out.push(c),
            // a string takes all that is written
            c => drop(write!(out, "<U+{:04X}>", u32::from(c))),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> Text {
        let symbol =
            Symbol { id: "p".into(), shown: "${Name}".into(), why: "".into(), at: Span::default(), kind: SymbolKind::Parameter };
        Text::symbol(Span::default(), symbol)
    }

    #[test]
    fn only_what_cannot_be_seen_is_named() {
        for (text, expected) in [
            ("lab-raw\u{a0}", "lab-raw<U+00A0>"),
            ("\u{feff}lab\u{200b}raw", "<U+FEFF>lab<U+200B>raw"),
            ("lab-raw\n", "lab-raw\\n"),
            ("lab\u{202e}raw\u{7}", "lab<U+202E>raw<U+0007>"),
            ("Übergabe データ \"it's\" a\\b e\u{301}", "Übergabe データ \"it's\" a\\b e\u{301}"),
            ("", ""),
        ] {
            assert_eq!(visible(text), expected);
        }
    }

    #[test]
    fn literals_merge_and_cuts_keep_symbols() {
        let mut text = Text::known(Span::default(), "arn:aws:");
        text.push_str("s3:::");
        text.push(&name());
        text.push_str("/a/b");
        assert_eq!(text.to_string(), "arn:aws:s3:::${Name}/a/b");
        assert_eq!(text.parts().len(), 3);
        let rest = text.strip_prefix("arn:aws:s3:::").unwrap();
        let (bucket, key) = rest.split_once('/').unwrap();
        assert_eq!(bucket, name());
        assert_eq!(key.as_known(), Some("a/b"));
        assert!(text.strip_prefix("arn:aws-cn").is_none());
    }
}
