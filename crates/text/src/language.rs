//! Sets of strings written as patterns with `*` and `?`, decided exactly by walking all patterns at once.
//!
//! A word is made of letters; an opaque symbol is a letter of its own, equal to itself alone.

use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use std::borrow::Borrow;
use std::cell::Cell;
use std::rc::Rc;

/// One position of a pattern.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Token {
    /// Exactly this character.
    Char(char),
    /// This character in either case; held in lower case.
    Fold(char),
    /// An opaque symbol, by its id.
    Sym(SmolStr),
    /// `?`: any one character.
    One,
    /// Any one letter: a character or a symbol.
    Any,
    /// `*`: any characters and symbols, or none.
    Many,
}

/// A pattern: the set of words it matches from end to end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Pattern(pub Vec<Token>);

/// A letter of a word.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Letter {
    /// A character.
    Char(char),
    /// An opaque symbol, by its id.
    Sym(SmolStr),
}

impl Letter {
    /// The character, where it is one.
    pub fn plain(&self) -> Option<char> {
        match self {
            Self::Char(letter) => Some(*letter),
            Self::Sym(_) => None,
        }
    }
}

/// How patterns stand towards a word, or towards every word with a given beginning.
#[derive(Clone, Copy, Debug)]
pub struct Matches<'a> {
    standing: &'a [Standing],
    active: &'a [u32],
    whole: bool,
}

impl Matches<'_> {
    /// Whether the pattern of this number matches; `None` if that depends on how the word goes on.
    pub fn of(self, pattern: usize) -> Option<bool> {
        self.answer(pattern + 1)
    }

    /// The numbers and answers of the patterns that match or still may: all others do not.
    pub fn open(self) -> impl Iterator<Item = (usize, Option<bool>)> {
        // number 0 is the universe
        let patterns = self.active.iter().filter(|&&owner| owner > 0);
        patterns.map(move |&owner| (owner as usize - 1, self.answer(owner as usize)))
    }

    fn answer(self, owner: usize) -> Option<bool> {
        let Standing { accepts, outlook } = self.standing[owner];
        if self.whole { Some(accepts) } else { outlook }
    }
}

/// The answer of [`find`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// A shortest word that was looked for.
    Word(Vec<Letter>),
    /// There is none.
    None,
    /// The budget did not suffice: not decided.
    TooComplex,
}

/// The work that searches may still do together, in pattern positions looked at. What is left bounds time and memory.
#[derive(Debug)]
pub struct Budget(Cell<usize>);

/// What a step costs beside its positions.
const STEP: usize = 16;

impl Default for Budget {
    /// Some 20 ms at worst; a 20 KB policy of literal prefixes needs a twentieth.
    fn default() -> Self {
        Self(Cell::new(1_500_000))
    }
}

impl Budget {
    /// As much as so many searches have alone.
    pub fn of(searches: usize) -> Self {
        Self(Cell::new(Self::default().0.get().saturating_mul(searches)))
    }

    /// Takes one step over `positions` off; false where it is used up.
    fn spend(&self, positions: usize) -> bool {
        self.0.set(self.0.get().saturating_sub(STEP + positions));
        self.0.get() > 0
    }
}

/// Characters tried, in this order, where any character will do.
const PLAIN: &str = "xyzabcdefghijklmnopqrstuvw0123456789-_.XYZABCDEFGHIJKLMNOPQRSTUVW/";

impl Pattern {
    /// The pattern that matches `text` alone.
    pub fn literal(text: &str) -> Self {
        Self(text.chars().map(Token::Char).collect())
    }

    /// `text` with `*` and `?` as wildcards.
    pub fn glob(text: &str) -> Self {
        let token = |letter| match letter {
            '*' => Token::Many,
            '?' => Token::One,
            other => Token::Char(other),
        };
        Self(text.chars().map(token).collect())
    }

    /// This pattern followed by `more`.
    pub fn then(mut self, more: &Pattern) -> Self {
        self.0.extend_from_slice(&more.0);
        self
    }

    /// The same pattern with characters matching in either case.
    pub fn fold_case(self) -> Self {
        let fold = |token| match token {
            Token::Char(letter) => Token::Fold(letter.to_ascii_lowercase()),
            other => other,
        };
        Self(self.0.into_iter().map(fold).collect())
    }

    /// Whether `word` is in the set.
    pub fn matches(&self, word: &[Letter]) -> bool {
        let (mut at, mut from) = (0, 0);
        // only the last `*` ever needs to take more: what lies before it was found at its first possible place
        let mut star = None;
        loop {
            match (self.0.get(at), word.get(from)) {
                (Some(Token::Many), _) => {
                    at += 1;
                    star = Some((at, from));
                }
                (None, None) => return true,
                (Some(token), Some(letter)) if token.takes(letter) => {
                    at += 1;
                    from += 1;
                }
                _ => match star {
                    Some((after, taken)) if taken < word.len() => {
                        star = Some((after, taken + 1));
                        (at, from) = (after, taken + 1);
                    }
                    _ => return false,
                },
            }
        }
    }
}

impl Token {
    /// Whether this token, which is no `*`, takes the letter.
    fn takes(&self, letter: &Letter) -> bool {
        match (self, letter) {
            (Self::Any, _) | (Self::One, Letter::Char(_)) => true,
            (Self::Char(wanted), Letter::Char(given)) => wanted == given,
            (Self::Fold(wanted), Letter::Char(given)) => *wanted == given.to_ascii_lowercase(),
            (Self::Sym(wanted), Letter::Sym(given)) => wanted == given,
            _ => false,
        }
    }
}

/// A shortest word of `universe` for which `wanted` says yes, given which of `patterns` match it.
///
/// `wanted` is asked with every answer known (`Some`) for whole words, and with `None` for patterns still open
/// where it may prune: there it returns `Some(false)` only if no continuation can be wanted.
pub fn find(patterns: &[Pattern], universe: &Pattern, wanted: impl FnMut(Matches<'_>) -> Option<bool>) -> Found {
    find_within(&Budget::default(), patterns, universe, wanted)
}

/// As [`find`], with a budget that several searches share.
pub fn find_within<P: Borrow<Pattern>>(
    budget: &Budget,
    patterns: &[P],
    universe: &Pattern,
    mut wanted: impl FnMut(Matches<'_>) -> Option<bool>,
) -> Found {
    let walk = Walk::new(std::iter::once(universe).chain(patterns.iter().map(Borrow::borrow)));
    let mut next = Vec::new();
    walk.close(walk.starts.iter().copied(), &mut next);
    let first: Rc<[u32]> = next.as_slice().into();
    let mut seen = FxHashSet::from_iter([Rc::clone(&first)]);
    let mut trail: Vec<Step> = vec![(first, 0, None)];
    let mut standing = vec![Standing::OUT; walk.starts.len()];
    let (mut active, mut letters) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some((state, ..)) = trail.get(at) {
        if !budget.spend(state.len() + patterns.len()) {
            return Found::TooComplex;
        }
        let state = Rc::clone(state);
        walk.stand(&state, &mut standing, &mut active);
        let matches = |whole| Matches { standing: &standing, active: &active, whole };
        if standing[0].accepts && wanted(matches(true)) == Some(true) {
            return Found::Word(walk.spell(&trail, at));
        }
        if wanted(matches(false)) != Some(false) {
            walk.letters(&state, &mut letters);
            for &letter in &letters {
                if !budget.spend(state.len()) {
                    return Found::TooComplex;
                }
                walk.step(&state, letter, &mut next);
                let alive = next.first().is_some_and(|&at| walk.places[at as usize].owner == 0);
                if !alive || seen.contains(next.as_slice()) {
                    continue;
                }
                let new: Rc<[u32]> = next.as_slice().into();
                seen.insert(Rc::clone(&new));
                trail.push((new, at, Some(letter)));
            }
        }
        at += 1;
    }
    Found::None
}

/// Three-valued "or".
pub fn any_of(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut unsure = false;
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            None => unsure = true,
            Some(false) => {}
        }
    }
    (!unsure).then_some(false)
}

/// A state with how it was reached: the step before, and a letter.
type Step = (Rc<[u32]>, usize, Option<Symbol>);

/// A [`Letter`] with its symbol's number, so that it is copied cheaply.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Symbol {
    Char { rank: u32, letter: char },
    Opaque(u32),
}

impl Symbol {
    /// Characters are tried in the order of [`PLAIN`], then all others.
    fn char(letter: char) -> Self {
        let ranked = u8::try_from(letter).ok().and_then(|byte| RANKS.get(byte as usize)).copied();
        Self::Char { rank: ranked.unwrap_or(u32::MAX), letter }
    }
}

/// Place of every ASCII character in [`PLAIN`].
const RANKS: [u32; 128] = {
    let mut ranks = [u32::MAX; 128];
    let mut at = 0;
    while at < PLAIN.len() {
        ranks[PLAIN.as_bytes()[at] as usize] = at as u32;
        at += 1;
    }
    ranks
};

/// What may come next at a position of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    Char(char),
    Fold(char),
    Opaque(u32),
    One,
    Any,
    Many,
    End,
}

/// One position of one pattern.
#[derive(Clone, Copy, Debug)]
struct Place {
    next: Next,
    /// The pattern's number; 0 is the universe.
    owner: u32,
}

/// How a pattern stands in a state.
#[derive(Clone, Copy, Debug)]
struct Standing {
    /// Whether it matches the word so far.
    accepts: bool,
    /// Whether every continuation matches, none does, or it depends.
    outlook: Option<bool>,
}

impl Standing {
    /// Matches nothing that begins so.
    const OUT: Self = Self { accepts: false, outlook: Some(false) };
}

/// All patterns laid end to end. A state is the sorted active positions.
struct Walk<'a> {
    places: Vec<Place>,
    starts: Vec<u32>,
    symbols: Vec<&'a SmolStr>,
}

impl<'a> Walk<'a> {
    fn new(patterns: impl Iterator<Item = &'a Pattern>) -> Self {
        let mut walk = Self { places: Vec::new(), starts: Vec::new(), symbols: Vec::new() };
        for (owner, pattern) in patterns.enumerate() {
            walk.starts.push(walk.places.len() as u32);
            for token in &pattern.0 {
                let next = walk.next(token);
                walk.places.push(Place { next, owner: owner as u32 });
            }
            walk.places.push(Place { next: Next::End, owner: owner as u32 });
        }
        walk
    }

    fn next(&mut self, token: &'a Token) -> Next {
        match token {
            Token::Char(letter) => Next::Char(*letter),
            Token::Fold(letter) => Next::Fold(*letter),
            Token::One => Next::One,
            Token::Any => Next::Any,
            Token::Many => Next::Many,
            Token::Sym(symbol) => Next::Opaque(self.number(symbol).unwrap_or_else(|| {
                self.symbols.push(symbol);
                self.symbols.len() as u32 - 1
            })),
        }
    }

    fn number(&self, symbol: &SmolStr) -> Option<u32> {
        self.symbols.iter().position(|known| *known == symbol).map(|at| at as u32)
    }

    /// From rising positions to a state: adds what `*` reaches without a letter, and drops what a later `*` of the same
    /// pattern makes superfluous.
    fn close(&self, active: impl Iterator<Item = u32>, kept: &mut Vec<u32>) {
        kept.clear();
        for mut at in active {
            if kept.last().is_some_and(|&last| last >= at) {
                continue;
            }
            while self.places[at as usize].next == Next::Many {
                let owner = self.places[at as usize].owner;
                while kept.last().is_some_and(|&before| self.places[before as usize].owner == owner) {
                    kept.pop();
                }
                kept.push(at);
                at += 1;
            }
            kept.push(at);
        }
    }

    fn step(&self, state: &[u32], letter: Symbol, out: &mut Vec<u32>) {
        let after = |&at: &u32| match (self.places[at as usize].next, letter) {
            (Next::Many, _) => Some(at),
            (Next::Any, _) | (Next::One, Symbol::Char { .. }) => Some(at + 1),
            (Next::Char(wanted), Symbol::Char { letter, .. }) => (wanted == letter).then_some(at + 1),
            (Next::Fold(wanted), Symbol::Char { letter, .. }) => (wanted == letter.to_ascii_lowercase()).then_some(at + 1),
            (Next::Opaque(wanted), Symbol::Opaque(given)) => (wanted == given).then_some(at + 1),
            _ => None,
        };
        self.close(state.iter().filter_map(after), out);
    }

    /// How every pattern stands; `active` are those that still may match, in order, and were before.
    fn stand(&self, state: &[u32], out: &mut [Standing], active: &mut Vec<u32>) {
        active.drain(..).for_each(|owner| out[owner as usize] = Standing::OUT);
        let mut before = None;
        for &at in state {
            let Place { next, owner } = self.places[at as usize];
            // a `*` with nothing behind it takes whatever comes
            let forever =
                next == Next::End && at > 0 && before == Some(at - 1) && self.places[at as usize - 1].next == Next::Many;
            let outlook = if forever && self.places[at as usize - 1].owner == owner { Some(true) } else { None };
            out[owner as usize] = Standing { accepts: next == Next::End, outlook };
            if active.last() != Some(&owner) {
                active.push(owner);
            }
            before = Some(at);
        }
    }

    /// One letter for each way the walk can go on within the universe.
    fn letters(&self, state: &[u32], letters: &mut Vec<Symbol>) {
        letters.clear();
        let universe = &state[..state.partition_point(|&at| self.places[at as usize].owner == 0)];
        let open = universe.iter().any(|&at| matches!(self.places[at as usize].next, Next::Many | Next::One | Next::Any));
        for &at in if open { state } else { universe } {
            match self.places[at as usize].next {
                Next::Char(letter) => letters.push(Symbol::char(letter)),
                Next::Fold(letter) => letters.extend([letter, letter.to_ascii_uppercase()].map(Symbol::char)),
                Next::Opaque(symbol) => letters.push(Symbol::Opaque(symbol)),
                _ => {}
            }
        }
        letters.sort_unstable();
        letters.dedup();
        if open {
            let fresh = PLAIN.chars().chain('\u{100}'..).map(Symbol::char).find(|letter| letters.binary_search(letter).is_err());
            let at = letters.partition_point(|letter| Some(*letter) < fresh);
            fresh.into_iter().for_each(|letter| letters.insert(at, letter));
        }
    }

    /// The word on the way to step `at`.
    fn spell(&self, trail: &[Step], mut at: usize) -> Vec<Letter> {
        let mut word = Vec::new();
        while let (_, before, Some(letter)) = &trail[at] {
            word.push(match letter {
                Symbol::Char { letter, .. } => Letter::Char(*letter),
                Symbol::Opaque(symbol) => Letter::Sym(self.symbols[*symbol as usize].clone()),
            });
            at = *before;
        }
        word.reverse();
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A shortest word of `universe` that no pattern matches.
    fn gap(universe: &str, patterns: &[&str]) -> Option<String> {
        let patterns: Vec<Pattern> = patterns.iter().map(|text| Pattern::glob(text)).collect();
        let count = patterns.len();
        let none = |matches: Matches<'_>| {
            let answers: Vec<Option<bool>> = (0..count).map(|pattern| matches.of(pattern)).collect();
            if answers.contains(&Some(true)) {
                return Some(false);
            }
            answers.iter().all(|answer| *answer == Some(false)).then_some(true)
        };
        match find(&patterns, &Pattern::glob(universe), none) {
            Found::Word(word) => Some(text(&word)),
            Found::None => None,
            Found::TooComplex => Some("too complex".into()),
        }
    }

    fn text(word: &[Letter]) -> String {
        word.iter()
            .map(|letter| match letter {
                Letter::Char(letter) => letter.to_string(),
                Letter::Sym(symbol) => format!("${{{symbol}}}"),
            })
            .collect()
    }

    #[test]
    fn unions_that_only_look_complete_are_found_out() {
        assert_eq!(gap("b/?*", &["b/*"]), None);
        assert_eq!(gap("b/?*", &["b*"]), None);
        assert_eq!(gap("b/?*", &["b/?*"]), None);
        assert_eq!(gap("b/?*", &["b/a*", "b/b*"]).as_deref(), Some("b/x"));
        assert_eq!(gap("b/?*", &["b/*/*"]).as_deref(), Some("b/x"));
        assert_eq!(gap("b/?*", &["b/?", "b/??*"]), None);
        assert_eq!(gap("b/?*", &["b/*/*", "b/?"]).as_deref(), Some("b/xx"));
        assert_eq!(gap("b", &["b/*"]).as_deref(), Some("b"));
    }

    #[test]
    fn many_stars_stay_small() {
        let pattern = format!("b/{}*", "*a".repeat(200));
        assert_eq!(gap("b/?*", &[&pattern]).as_deref(), Some("b/x"));
    }

    #[test]
    fn a_search_that_grows_without_end_is_given_up() {
        let pattern = format!("*a{}", "?".repeat(40));
        assert_eq!(gap("*", &[&pattern, "*"]), None);
        let both = |matches: Matches<'_>| {
            (0..2).map(|pattern| matches.of(pattern)).collect::<Option<Vec<_>>>().map(|all| all == [true, true])
        };
        let patterns = [Pattern::glob(&pattern), Pattern::glob(&format!("*b{}", "?".repeat(40)))];
        assert_eq!(find(&patterns, &Pattern::glob("*"), both), Found::TooComplex);
    }

    #[test]
    fn a_symbol_is_matched_by_itself_and_by_a_star_only() {
        let name = Pattern(vec![Token::Sym("n".into())]);
        let word = [Letter::Sym("n".into())];
        assert!(name.matches(&word));
        assert!(Pattern::glob("*").matches(&word));
        assert!(!Pattern::glob("?").matches(&word));
        assert!(!Pattern(vec![Token::Sym("m".into())]).matches(&word));
    }

    /// The plain recursive definition.
    fn brute(pattern: &[Token], text: &[char]) -> bool {
        match (pattern, text) {
            ([], rest) => rest.is_empty(),
            ([Token::Many, more @ ..], rest) => brute(more, rest) || (!rest.is_empty() && brute(pattern, &rest[1..])),
            ([Token::One, more @ ..], [_, rest @ ..]) => brute(more, rest),
            ([Token::Char(wanted), more @ ..], [given, rest @ ..]) => wanted == given && brute(more, rest),
            _ => false,
        }
    }

    /// Every word over `a`, `b`, `x` of up to `length` letters.
    fn words(length: usize) -> Vec<Vec<char>> {
        let mut all = vec![vec![]];
        let mut from = 0;
        for _ in 0..length {
            let to = all.len();
            for at in from..to {
                for letter in ['a', 'b', 'x'] {
                    let mut word = all[at].clone();
                    word.push(letter);
                    all.push(word);
                }
            }
            from = to;
        }
        all
    }

    proptest! {
        #[test]
        fn membership_is_the_plain_definition(pattern in "[ab*?]{0,6}", word in "[abx]{0,6}") {
            let letters: Vec<char> = word.chars().collect();
            let made: Vec<Letter> = letters.iter().map(|letter| Letter::Char(*letter)).collect();
            let pattern = Pattern::glob(&pattern);
            prop_assert_eq!(pattern.matches(&made), brute(&pattern.0, &letters));
        }

        #[test]
        fn a_gap_is_a_shortest_uncovered_word(patterns in prop::collection::vec("[ab*?]{0,4}", 0..4)) {
            let shown: Vec<&str> = patterns.iter().map(String::as_str).collect();
            let globs: Vec<Pattern> = shown.iter().map(|text| Pattern::glob(text)).collect();
            let covered = |word: &[char]| globs.iter().any(|glob| brute(&glob.0, word));
            let expected = words(5).into_iter().find(|word| !covered(word)).map(|word| word.len());
            match (gap("*", &shown), expected) {
                (Some(word), shortest) => {
                    let word: Vec<char> = word.chars().collect();
                    prop_assert!(!covered(&word));
                    prop_assert!(shortest.is_none_or(|length| length == word.len()));
                }
                (None, shortest) => prop_assert_eq!(shortest, None),
            }
        }
    }
}
