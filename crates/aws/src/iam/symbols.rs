//! The unknown values of one question, each of which travels through condition values as a character of its own.

use super::caller::Requester;
use super::document::Document;
use super::wildcard;
use bucketlint_text::language::Token;
use bucketlint_text::text::{Part, Symbol, SymbolKind, Text};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One character for each unknown value, which occurs in none of the texts otherwise.
#[derive(Clone, Debug, Default)]
pub(super) struct Symbols {
    letters: BTreeMap<SmolStr, char>,
    symbols: BTreeMap<char, Arc<Symbol>>,
}

impl Symbols {
    /// Numbers the unknown values in `texts`; `plain` are further strings that meet them.
    pub(super) fn new<'t>(texts: impl Iterator<Item = &'t Text>, plain: impl Iterator<Item = &'t str>) -> Self {
        let (mut symbols, mut taken) = (BTreeMap::new(), BTreeSet::new());
        // characters that people write lie below
        let mut take = |text: &str| taken.extend(text.chars().filter(|letter| *letter >= FIRST));
        for part in texts.flat_map(Text::parts) {
            match part {
                Part::Lit(text) => take(text),
                Part::Sym(symbol) => {
                    symbols.entry(symbol.id.clone()).or_insert(symbol);
                }
            }
        }
        plain.for_each(take);
        let free = (FIRST..=char::MAX).chain('\u{100}'..FIRST).filter(|letter| !taken.contains(letter));
        let mut out = Self::default();
        for ((id, symbol), letter) in symbols.into_iter().zip(free) {
            out.letters.insert(id, letter);
            out.symbols.insert(letter, Arc::clone(symbol));
        }
        out
    }

    /// Those in the conditions of policies, and in what requests carry.
    pub(super) fn of(policies: &[&Document], requester: &Requester) -> Self {
        let statements = policies.iter().flat_map(|policy| &policy.statements);
        let tests = statements.flat_map(|one| one.conditions.iter().map(|test| (one.variables, test)));
        let values = tests.flat_map(|(variables, test)| test.values.iter().map(move |value| wildcard::closed(value, variables)));
        let compared: Vec<Cow<'_, Text>> = values.collect();
        let Requester { account, roles, assume, carried, .. } = requester;
        let stated = assume.values().flatten().chain(roles).chain([account]).map(String::as_str);
        Self::new(compared.iter().map(Cow::as_ref).chain(carried.values().flatten()), stated)
    }

    /// What the requests carry, all of it as strings.
    pub(super) fn settled(&self, requester: &Requester, partition: &str) -> Requester {
        let mut out = requester.clone();
        let strings = |values: Vec<Text>| values.iter().map(|value| self.encode(value, partition, None)).collect();
        out.assume.extend(std::mem::take(&mut out.carried).into_iter().map(|(key, values)| (key, strings(values))));
        out
    }

    /// A value as a plain string. An unknown parameter where an account ID belongs is taken for `account`.
    pub(super) fn encode(&self, text: &Text, partition: &str, account: Option<&str>) -> String {
        let mut out = String::new();
        for part in text.parts() {
            match part {
                Part::Lit(text) => out.push_str(text),
                Part::Sym(symbol) if symbol.kind == SymbolKind::Partition => out.push_str(partition),
                Part::Sym(symbol) => {
                    let assumed = symbol.kind == SymbolKind::Parameter && account_belongs_here(&out, text);
                    match account.filter(|_| assumed) {
                        Some(account) => out.push_str(account),
                        None => out.extend(self.letters.get(&symbol.id)),
                    }
                }
            }
        }
        out
    }

    /// The value that [`Symbols::encode`] made a string of.
    pub(super) fn decode(&self, value: &str) -> Text {
        let mut out = Text::default();
        for letter in value.chars() {
            match self.symbols.get(&letter) {
                Some(symbol) => out.push(&Text::symbol(symbol.at, symbol.as_ref().clone())),
                None => out.push_str(letter.encode_utf8(&mut [0; 4])),
            }
        }
        out
    }

    /// Whether everything is known.
    pub(super) fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    /// The unknown value that a character stands for.
    pub(super) fn get(&self, letter: char) -> Option<&Symbol> {
        self.symbols.get(&letter).map(Arc::as_ref)
    }

    /// `*` for a character that may turn out as any text; a generated name is like no text that is known.
    pub(super) fn opened(&self, token: Token) -> Token {
        match token {
            Token::Char(letter) | Token::Fold(letter) if self.is_open(letter) => Token::Many,
            other => other,
        }
    }

    fn is_open(&self, letter: char) -> bool {
        self.get(letter).is_some_and(|symbol| symbol.kind != SymbolKind::Generated)
    }
}

const FIRST: char = '\u{F0000}';

/// Whether what follows `before` is the account field of an ARN, or the whole value.
pub(super) fn account_belongs_here(before: &str, whole: &Text) -> bool {
    whole.as_symbol().is_some() || (before.starts_with("arn:") && before.matches(':').count() == 4 && before.ends_with(':'))
}
