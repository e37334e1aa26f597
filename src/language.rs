//! Sets of strings written as patterns with `*` and `?`, decided exactly by walking all patterns at once.
//!
//! A word is made of letters; an opaque symbol is a letter of its own, equal to itself alone.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::collections::VecDeque;

/// One position of a pattern.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
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
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
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

/// How a pattern stands towards a word, or towards every word with a given beginning.
pub type Matches<'a> = &'a dyn Fn(usize) -> Option<bool>;

/// The answer of [`find`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// A shortest word that was looked for.
    Word(Vec<Letter>),
    /// There is none.
    None,
    /// More than [`MAX_STATES`] states: not decided.
    TooComplex,
}

/// States visited before a search gives up; a 20 KB policy of literal prefixes stays far below.
pub const MAX_STATES: usize = 20_000;

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

    /// The same pattern with symbols replaced by the characters they stand for.
    pub fn filled(&self, values: &[(SmolStr, String)]) -> Self {
        let mut out = Vec::with_capacity(self.0.len());
        for token in &self.0 {
            match values.iter().find(|(id, _)| matches!(token, Token::Sym(symbol) if symbol == id)) {
                Some((_, text)) => out.extend(text.chars().map(Token::Char)),
                None => out.push(token.clone()),
            }
        }
        Self(out)
    }

    /// Whether `word` is in the set.
    pub fn matches(&self, word: &[Letter]) -> bool {
        let nothing = Self::default();
        let walk = Walk::new(std::slice::from_ref(self), &nothing);
        let mut state = walk.close(walk.starts());
        for letter in word {
            state = walk.step(&state, letter);
        }
        walk.accepts(&state, 1)
    }
}

/// A shortest word of `universe` for which `wanted` says yes, given which of `patterns` match it.
///
/// `wanted` is asked with every answer known (`Some`) for whole words, and with `None` for patterns still open
/// where it may prune: there it returns `Some(false)` only if no continuation can be wanted.
pub fn find(patterns: &[Pattern], universe: &Pattern, mut wanted: impl FnMut(Matches<'_>) -> Option<bool>) -> Found {
    let walk = Walk::new(patterns, universe);
    let first = walk.close(walk.starts());
    let mut seen: FxHashMap<State, usize> = FxHashMap::default();
    let mut trail: Vec<(usize, Option<Letter>)> = vec![(0, None)];
    let mut queue = VecDeque::from([(first.clone(), 0)]);
    seen.insert(first, 0);
    while let Some((state, at)) = queue.pop_front() {
        if walk.accepts(&state, 0) && wanted(&|pattern| Some(walk.accepts(&state, pattern + 1))) == Some(true) {
            return Found::Word(spell(&trail, at));
        }
        if wanted(&|pattern| walk.outlook(&state, pattern + 1)) == Some(false) {
            continue;
        }
        for letter in walk.letters(&state) {
            let next = walk.step(&state, &letter);
            if !walk.alive(&next, 0) || seen.contains_key(&next) {
                continue;
            }
            if seen.len() >= MAX_STATES {
                return Found::TooComplex;
            }
            trail.push((at, Some(letter)));
            seen.insert(next.clone(), trail.len() - 1);
            queue.push_back((next, trail.len() - 1));
        }
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

/// The word on the way to step `at`.
fn spell(trail: &[(usize, Option<Letter>)], mut at: usize) -> Vec<Letter> {
    let mut word = Vec::new();
    while let (before, Some(letter)) = &trail[at] {
        word.push(letter.clone());
        at = *before;
    }
    word.reverse();
    word
}

/// Active positions of all patterns, numbered through, sorted.
type State = Box<[u32]>;

/// All patterns laid end to end; number 0 is the universe.
struct Walk<'a> {
    patterns: Vec<&'a [Token]>,
    /// Number of each pattern's first position, and one past the last pattern's end.
    offsets: Vec<u32>,
}

impl<'a> Walk<'a> {
    fn new(patterns: &'a [Pattern], universe: &'a Pattern) -> Self {
        let patterns: Vec<&[Token]> = std::iter::once(universe).chain(patterns).map(|pattern| pattern.0.as_slice()).collect();
        let mut offsets = vec![0];
        let mut end = 0;
        for pattern in &patterns {
            end += pattern.len() as u32 + 1;
            offsets.push(end);
        }
        Self { patterns, offsets }
    }

    fn starts(&self) -> Vec<u32> {
        self.offsets[..self.patterns.len()].to_vec()
    }

    /// Which pattern position `at` belongs to, and where in it.
    fn locate(&self, at: u32) -> (usize, usize) {
        let pattern = self.offsets.partition_point(|&start| start <= at) - 1;
        (pattern, (at - self.offsets[pattern]) as usize)
    }

    fn token(&self, at: u32) -> Option<&'a Token> {
        let (pattern, within) = self.locate(at);
        self.patterns[pattern].get(within)
    }

    /// Adds what `*` reaches without a letter, and drops what a later `*` of the same pattern makes superfluous.
    fn close(&self, mut active: Vec<u32>) -> State {
        let mut at = 0;
        while at < active.len() {
            if self.token(active[at]) == Some(&Token::Many) {
                active.push(active[at] + 1);
            }
            at += 1;
        }
        active.sort_unstable();
        active.dedup();
        let mut kept: Vec<u32> = Vec::with_capacity(active.len());
        let mut passed = None;
        for &position in active.iter().rev() {
            let pattern = self.locate(position).0;
            if passed == Some(pattern) {
                continue;
            }
            if self.token(position) == Some(&Token::Many) {
                passed = Some(pattern);
            }
            kept.push(position);
        }
        kept.reverse();
        kept.into()
    }

    fn step(&self, state: &State, letter: &Letter) -> State {
        let mut next = Vec::with_capacity(state.len());
        for &at in state {
            match (self.token(at), letter) {
                (Some(Token::Many), _) => next.push(at),
                (Some(Token::One), Letter::Char(_)) | (Some(Token::Any), _) => next.push(at + 1),
                (Some(Token::Char(wanted)), Letter::Char(given)) if wanted == given => next.push(at + 1),
                (Some(Token::Fold(wanted)), Letter::Char(given)) if *wanted == given.to_ascii_lowercase() => next.push(at + 1),
                (Some(Token::Sym(wanted)), Letter::Sym(given)) if wanted == given => next.push(at + 1),
                _ => {}
            }
        }
        self.close(next)
    }

    /// The active positions of one pattern.
    fn of<'s>(&self, state: &'s State, pattern: usize) -> &'s [u32] {
        let from = state.partition_point(|&at| at < self.offsets[pattern]);
        let to = state.partition_point(|&at| at < self.offsets[pattern + 1]);
        &state[from..to]
    }

    fn alive(&self, state: &State, pattern: usize) -> bool {
        !self.of(state, pattern).is_empty()
    }

    fn accepts(&self, state: &State, pattern: usize) -> bool {
        self.of(state, pattern).last() == Some(&(self.offsets[pattern + 1] - 1))
    }

    /// Whether every continuation matches `pattern`, none does, or it depends.
    fn outlook(&self, state: &State, pattern: usize) -> Option<bool> {
        let active = self.of(state, pattern);
        let end = self.offsets[pattern + 1] - 1;
        match active {
            [] => Some(false),
            [.., star, last] if *last == end && star + 1 == end && self.token(*star) == Some(&Token::Many) => Some(true),
            _ => None,
        }
    }

    /// One letter for each way the walk can go on within the universe.
    fn letters(&self, state: &State) -> Vec<Letter> {
        let universe = self.of(state, 0);
        let open = universe.iter().any(|&at| matches!(self.token(at), Some(Token::Many | Token::One | Token::Any)));
        let considered: &[u32] = if open { state } else { universe };
        let mut letters: Vec<Letter> = Vec::new();
        for &at in considered {
            match self.token(at) {
                Some(Token::Char(letter)) => letters.push(Letter::Char(*letter)),
                Some(Token::Fold(letter)) => {
                    letters.extend([Letter::Char(*letter), Letter::Char(letter.to_ascii_uppercase())]);
                }
                Some(Token::Sym(symbol)) => letters.push(Letter::Sym(symbol.clone())),
                _ => {}
            }
        }
        if open {
            let fresh = |letter: &char| !letters.contains(&Letter::Char(*letter));
            letters.extend(PLAIN.chars().chain('\u{100}'..).find(fresh).map(Letter::Char));
        }
        letters.sort_by_key(|letter| match letter {
            Letter::Char(letter) => (0, PLAIN.find(*letter).unwrap_or(usize::MAX), *letter as u32, SmolStr::default()),
            Letter::Sym(symbol) => (1, 0, 0, symbol.clone()),
        });
        letters.dedup();
        letters
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
            let answers: Vec<Option<bool>> = (0..count).map(matches).collect();
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
        let both = |matches: Matches<'_>| (0..2).map(matches).collect::<Option<Vec<_>>>().map(|all| all == [true, true]);
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
