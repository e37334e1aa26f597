//! Strings that may be known only in part: literal pieces and opaque symbols.

use crate::source::Span;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::fmt::Write;
use std::ops::Range;
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

/// A value that stands elsewhere than where it is used: a default, a mapping's, one given in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Origin {
    span: Span,
    /// The whole value.
    value: SmolStr,
    /// Whether it is a scalar of its own, and not a part of one such as `Name=value`.
    is_scalar: bool,
}

/// A piece of a text that was not written where the text was.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Borrowed {
    /// Which piece, as [`Text::length`] counts.
    at: Range<usize>,
    /// Where the piece begins in the value of its origin.
    from: usize,
    origin: Arc<Origin>,
}

/// A string made of known and unknown pieces, with the place it was written. Equality and order ignore the place and where
/// pieces are from.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// Where it was written.
    pub span: Span,
    parts: Vec<Part>,
    /// In order.
    borrowed: Vec<Borrowed>,
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
        Self { span, ..Self::default() }
    }

    /// A wholly known text.
    pub fn known(span: Span, text: impl Into<SmolStr>) -> Self {
        let mut made = Self::empty(span);
        made.push_str(&text.into());
        made
    }

    /// A text that is one unknown value.
    pub fn symbol(span: Span, symbol: Symbol) -> Self {
        Self { parts: vec![Part::Sym(Arc::new(symbol))], ..Self::empty(span) }
    }

    /// The same text, written at `span`.
    pub fn at(self, span: Span) -> Self {
        Self { span, ..self }
    }

    /// The same text as it is in another account: what is of the own one is of `account`, or of one that is not known.
    pub fn abroad(mut self, account: Option<&SmolStr>) -> Self {
        if !self.symbols().any(|symbol| matches!(symbol.kind, SymbolKind::OwnAccount | SymbolKind::OwnIdentity)) {
            return self;
        }
        for part in std::mem::take(&mut self.parts) {
            match (part, account) {
                (Part::Lit(text), _) => self.push_str(&text),
                (Part::Sym(symbol), Some(account)) if symbol.kind == SymbolKind::OwnAccount => self.push_str(account),
                (Part::Sym(symbol), _) => {
                    let kind = match symbol.kind {
                        SymbolKind::OwnAccount => SymbolKind::Parameter,
                        SymbolKind::OwnIdentity => SymbolKind::Other,
                        kind => kind,
                    };
                    self.parts.push(Part::Sym(Arc::new(Symbol { kind, ..(*symbol).clone() })));
                }
            }
        }
        // the pieces are others now
        self.borrowed.clear();
        self
    }

    /// The same text, which is a scalar at `place` and is used where its span is. Pieces that are from elsewhere stay so.
    pub fn standing_at(self, place: Span) -> Self {
        self.from(place, true)
    }

    /// As [`Text::standing_at`], but as a part of a scalar such as `Name=value`.
    pub fn standing_within(self, place: Span) -> Self {
        self.from(place, false)
    }

    fn from(mut self, span: Span, is_scalar: bool) -> Self {
        if self.borrowed.is_empty()
            && let Some(value) = self.as_known().map(SmolStr::from)
        {
            let origin = Arc::new(Origin { span, value, is_scalar });
            self.borrowed.push(Borrowed { at: 0..self.length(), from: 0, origin });
        }
        self
    }

    /// The one piece that is all of it and is from elsewhere.
    fn whole(&self) -> Option<&Borrowed> {
        match self.borrowed.as_slice() {
            [only] if only.at == (0..self.length()) => Some(only),
            _ => None,
        }
    }

    /// Where to change it: the one place elsewhere that all of it is from, or where it was written.
    pub fn place(&self) -> Span {
        self.whole().map_or(self.span, |piece| piece.origin.span)
    }

    /// Whether it is just what is written as a scalar at its place.
    pub fn is_scalar(&self) -> bool {
        match self.whole() {
            Some(Borrowed { origin, .. }) => origin.is_scalar && self.as_known() == Some(&*origin.value),
            None => self.borrowed.is_empty(),
        }
    }

    /// What its place elsewhere holds once this text is `new`: that place may hold more than this text.
    pub fn replaced(&self, new: &str) -> Option<String> {
        let Borrowed { at, from, origin } = self.whole()?;
        let (before, rest) = origin.value.split_at_checked(*from)?;
        Some(format!("{before}{new}{}", rest.get(at.len()..)?))
    }

    /// The places elsewhere that pieces of it are from.
    pub fn origins(&self) -> impl Iterator<Item = Span> {
        self.borrowed.iter().map(|piece| piece.origin.span)
    }

    /// Takes over what `other` has from elsewhere in `range`, whose beginning is at `to` here.
    fn borrow(&mut self, other: &Text, range: Range<usize>, to: usize) {
        let first = other.borrowed.partition_point(|piece| piece.at.end <= range.start);
        let within = other.borrowed[first..].iter().take_while(|piece| piece.at.start < range.end);
        self.borrowed.extend(within.map(|piece| {
            let (start, end) = (piece.at.start.max(range.start), piece.at.end.min(range.end));
            let at = start - range.start + to..end - range.start + to;
            Borrowed { at, from: piece.from + start - piece.at.start, origin: Arc::clone(&piece.origin) }
        }));
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
        if !more.borrowed.is_empty() {
            self.borrow(more, 0..more.length(), self.length());
        }
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

    /// The bytes and unknown pieces in `range`, as [`Text::length`] counts them; nothing where that cuts a letter.
    pub fn slice(&self, range: Range<usize>) -> Text {
        let (mut out, mut at) = (Self::empty(self.span), 0);
        for part in &self.parts {
            let length = if let Part::Lit(text) = part { text.len() } else { 1 };
            let (from, to) = (range.start.clamp(at, at + length) - at, range.end.clamp(at, at + length) - at);
            at += length;
            match part {
                Part::Lit(text) => out.push_str(text.get(from..to).unwrap_or_default()),
                Part::Sym(_) if from < to => out.parts.push(part.clone()),
                Part::Sym(_) => {}
            }
        }
        out.borrow(self, range, 0);
        out
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
        out.borrow(self, prefix.len()..self.length(), 0);
        Some(out)
    }

    /// The pieces between known `delimiter`s, of which there is at least one.
    pub fn split(&self, delimiter: &str) -> Vec<Text> {
        let (mut items, mut item, mut start) = (Vec::new(), Self::empty(self.span), 0);
        let close = |mut item: Text, start: usize| {
            item.borrow(self, start..start + item.length(), 0);
            item
        };
        for part in &self.parts {
            match part {
                Part::Lit(text) => {
                    for (number, piece) in text.split(delimiter).enumerate() {
                        if number > 0 {
                            let done = std::mem::replace(&mut item, Self::empty(self.span));
                            let end = start + done.length() + delimiter.len();
                            items.push(close(done, std::mem::replace(&mut start, end)));
                        }
                        item.push_str(piece);
                    }
                }
                Part::Sym(_) => item.parts.push(part.clone()),
            }
        }
        items.push(close(item, start));
        items
    }

    /// A wholly known text without the blanks around it.
    pub fn trim(self) -> Self {
        let Some(known) = self.as_known().filter(|known| known.trim().len() < known.len()) else { return self };
        let mut out = Self::known(self.span, known.trim());
        let start = known.len() - known.trim_start().len();
        out.borrow(&self, start..start + out.length(), 0);
        out
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
        let mut left = Text { parts: self.parts[..at].to_vec(), ..Text::empty(self.span) };
        left.push_str(before);
        let mut right = Text::known(self.span, after);
        right.parts.extend_from_slice(&self.parts[at + 1..]);
        if !self.borrowed.is_empty() {
            let cut = left.length();
            left.borrow(self, 0..cut, 0);
            right.borrow(self, cut + separator.len()..self.length(), 0);
        }
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
    let is_seen = |c: char| matches!(c, ' '..='~') || format!("x{c}").escape_debug().count() == 2;
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

    #[test]
    fn pieces_keep_where_they_are_from() {
        let place = |start: usize| Span::new(crate::source::FileId(1), start, start + 9);
        let list = Text::known(place(5), "a, 111122223333,x").standing_at(place(5)).at(place(40));
        let items: Vec<Text> = list.split(",").into_iter().map(Text::trim).collect();
        assert_eq!(items.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a", "111122223333", "x"]);
        assert_eq!(items.iter().map(Text::place).collect::<Vec<_>>(), [place(5); 3]);
        assert!(!items[1].is_scalar(), "more stands there");
        let mut arn = Text::known(place(80), "arn:aws:iam::");
        arn.push(&items[1]);
        arn.push_str(":role/");
        arn.push(&Text::known(place(70), "Reader").standing_within(place(70)));
        assert_eq!((arn.place(), arn.replaced("x")), (place(80), None));
        assert_eq!(arn.origins().collect::<Vec<_>>(), [place(5), place(70)]);
        let (account, role) = arn.strip_prefix("arn:aws:iam::").unwrap().split_once(':').unwrap();
        assert_eq!((account.place(), account.replaced("444455556666")), (place(5), Some("a, 444455556666,x".into())));
        let (_, role) = role.split_once('/').unwrap();
        assert_eq!((role.place(), role.is_scalar(), role.replaced("Writer")), (place(70), false, Some("Writer".into())));
        // the innermost place is the one to change
        let whole = Text::known(place(1), "a").standing_at(place(1)).at(place(2)).standing_at(place(2));
        assert_eq!((whole.place(), whole.span, whole.is_scalar()), (place(1), place(2), true));
        // what is not known is nowhere
        assert_eq!(name().standing_at(place(3)).place(), name().span);
    }
}
