//! The values of one condition key that its tests can tell apart.

use super::context::{self, Present};
use super::document::Test;
use super::operator::{Base, Operator, Quantifier};
use super::symbols::Symbols;
use super::wildcard::{self, Token};
use super::{boundary, condition, keys};
use bucketlint_text::language::{self, Budget, Found, Letter, Matches, Pattern};
use bucketlint_text::text::SymbolKind;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A test with its values split into tokens.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The key in lower case.
    pub(super) key: String,
    /// The operator; `None` for one that is none.
    pub(super) operator: Option<Operator>,
    /// The values, with variables where the policy's version has them.
    pub(super) wanted: Vec<Vec<Token>>,
    /// Lower-case keys of the policy variables in them.
    variables: Vec<String>,
    /// What the characters of unknown values stand for.
    symbols: Rc<Symbols>,
}

/// Values of one key considered; more than this is not decided.
const MAX_VALUES: usize = 64;

impl Condition {
    /// Reads a test; an unknown parameter where an account ID belongs is taken for `account`, if that is given.
    pub(super) fn new(test: &Test, variables: bool, account: Option<&str>, partition: &str, symbols: &Rc<Symbols>) -> Self {
        let key = test.key.to_ascii_lowercase();
        let parse = |value| {
            let value = wildcard::closed(value, variables);
            let tokens = wildcard::parse(&symbols.encode(&value, partition, account), variables);
            if context::alias(&key) == context::RESOURCE_ACCOUNT { own_account(tokens, symbols) } else { tokens }
        };
        let wanted: Vec<Vec<Token>> = test.values.iter().map(parse).collect();
        let variable = |token: &Token| match token {
            // equal to itself whatever it is
            Token::Variable { key: own, .. } if own == context::RESOURCE_ACCOUNT && context::alias(&key) == own => None,
            Token::Variable { key, .. } => Some(key.to_ascii_lowercase()),
            _ => None,
        };
        let variables = wanted.iter().flatten().filter_map(variable).collect();
        Self { operator: Operator::parse(&test.operator), wanted, variables, key, symbols: Rc::clone(symbols) }
    }

    /// Every key it looks at, in lower case.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.key.as_str()).chain(self.variables())
    }

    /// What its operator compares.
    pub(super) fn base(&self) -> Option<Base> {
        self.operator.map(|operator| operator.base)
    }

    /// Lower-case keys of the policy variables in its values.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(String::as_str)
    }

    /// Whether a value has a piece that is not known.
    pub(super) fn has_symbol(&self) -> bool {
        self.wanted.iter().any(|tokens| self.is_open(tokens))
    }

    fn is_open(&self, tokens: &[Token]) -> bool {
        tokens.iter().any(|token| matches!(token, Token::Char(letter) if self.symbols.get(*letter).is_some()))
    }

    /// Whether it compares with nothing that is not known, and requests have nothing such.
    pub(super) fn is_plain(&self) -> bool {
        self.symbols.is_empty() && self.variables.is_empty()
    }

    /// Whether it has a `?` for a letter of something that is not known.
    pub(super) fn counts_letters(&self, present: &Present) -> bool {
        let open = || present.iter().flatten().any(|value| self.is_open(&plain(value)));
        !self.symbols.is_empty() && self.wanted.iter().flatten().any(|token| *token == Token::One) && open()
    }

    /// Whether it holds for `present` whatever the unknown values are, its own values being `wanted`.
    pub(super) fn holds_always(&self, present: &Present, wanted: &[Vec<Token>]) -> Option<bool> {
        let operator = self.operator?;
        let values: Option<Vec<&str>> = present.as_ref().map(|values| values.iter().map(String::as_str).collect());
        if operator.base == Base::Null {
            return (!self.has_symbol()).then(|| condition::holds_tokens(&operator, values.as_deref(), wanted));
        }
        let holds = |matched: &dyn Fn(&str, &[Token]) -> bool| {
            let matched = |value: &&&str| wanted.iter().any(|tokens| matched(value, tokens));
            let found = values.iter().flatten().filter(matched).map(|value| plain(value)).collect::<Vec<_>>();
            condition::holds_tokens(&Operator { base: Base::StringEquals, ..operator }, values.as_deref(), &found)
        };
        let least = holds(&|value, tokens| self.matches(operator.base, value, tokens, false));
        let most = holds(&|value, tokens| self.matches(operator.base, value, tokens, true));
        (least == most).then_some(least)
    }

    /// Whether one value matches another with whatever the unknown pieces of both are, or, `possibly`, with something.
    fn matches(&self, base: Base, value: &str, wanted: &[Token], possibly: bool) -> bool {
        let letters = plain(value);
        let open = self.is_open(&letters);
        match possibly && (open || self.is_open(wanted)) {
            // one letter is not known to be what is not known
            false => condition::matches(base, value, wanted) && !(open && wanted.contains(&Token::One)),
            true if !is_textual(base) => true,
            true => {
                let opened = |pattern: Pattern| Pattern(pattern.0.into_iter().map(|token| self.symbols.opened(token)).collect());
                let value = opened(Pattern::literal(value));
                let patterns = patterns(base, &[wanted.to_vec()]).into_iter().map(opened).collect::<Vec<_>>();
                language::find(&patterns, &value, |matches| matches.of(0)) != Found::None
            }
        }
    }

    /// The sets of strings its values without variables stand for.
    pub(super) fn patterns(&self) -> Vec<Pattern> {
        self.base().map_or_else(Vec::new, |base| patterns(base, &self.wanted))
    }

    /// Whether it holds for `present`, variables taken for values that match nothing; `None` if that is open.
    fn holds(&self, present: &Present) -> Option<bool> {
        let values: Option<Vec<&str>> = present.as_ref().map(|values| values.iter().map(String::as_str).collect());
        let operator = self.operator?;
        let open = condition::why_open(&operator, values.as_deref(), &self.wanted).is_some();
        (!open).then(|| condition::holds_tokens(&operator, values.as_deref(), &self.wanted))
    }
}

/// The sets of strings that those of `wanted` without variables stand for.
pub(super) fn patterns(base: Base, wanted: &[Vec<Token>]) -> Vec<Pattern> {
    let wild = matches!(base, Base::StringLike | Base::Arn);
    let token = |token: &Token| match token {
        Token::Char(letter) => Some(language::Token::Char(*letter)),
        Token::One => Some(if wild { language::Token::One } else { language::Token::Char('?') }),
        Token::Many => Some(if wild { language::Token::Many } else { language::Token::Char('*') }),
        Token::Variable { .. } => None,
    };
    let pattern = |tokens: &Vec<Token>| tokens.iter().map(token).collect::<Option<Vec<_>>>().map(Pattern);
    let fold = base == Base::StringEqualsIgnoreCase;
    let patterns = wanted.iter().filter_map(pattern);
    patterns.map(|pattern| if fold { pattern.fold_case() } else { pattern }).collect()
}

/// A value as the tokens that match it alone.
fn plain(value: &str) -> Vec<Token> {
    value.chars().map(Token::Char).collect()
}

/// The account a template is deployed to is the bucket's, as only that account may set its policy:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>.
fn own_account(tokens: Vec<Token>, symbols: &Symbols) -> Vec<Token> {
    let own = |letter| symbols.get(letter).is_some_and(|symbol| symbol.kind == SymbolKind::OwnAccount);
    let itself = || Token::Variable { key: context::RESOURCE_ACCOUNT.into(), default: None };
    let token = |token| if matches!(token, Token::Char(letter) if own(letter)) { itself() } else { token };
    tokens.into_iter().map(token).collect()
}

/// Whether an operator compares characters.
pub(super) fn is_textual(base: Base) -> bool {
    matches!(base, Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike | Base::Arn | Base::BinaryEquals)
}

/// Keys that every request has.
pub(super) const ALWAYS: [&str; 8] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:userid",
    "aws:requestedregion",
    "aws:resourceaccount",
    "s3:resourceaccount",
    "s3:authtype",
    "s3:signatureversion",
];

/// Keys whose values are always numbers, instants, addresses or booleans, as the operators for them have it:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.
const ORDERED: [&str; 13] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:tokenissuetime",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:securetransport",
    "aws:sourceip",
    "aws:vpcsourceip",
    "s3:max-keys",
    "s3:signatureage",
    "s3:tlsversion",
    "s3:object-lock-remaining-retention-days",
    "s3:object-lock-retain-until-date",
];

/// The values an unknown key may have, one of each kind its tests tell apart, all of them `like` a pattern; absence comes
/// last. A key `used` as a policy variable also differs by being there. `None` if there are too many.
pub(super) fn of(
    key: &str,
    tests: &[&Condition],
    used: bool,
    like: Option<&Pattern>,
    sample: &dyn Fn(&str) -> Option<String>,
    budget: &Budget,
) -> Option<Vec<Present>> {
    // what is compared with something unknown may begin with anything
    let like = like.filter(|_| !tests.iter().any(|test| test.has_symbol()));
    let mut single = singles(tests, like, budget)?;
    let open = used || tests.iter().any(|test| !test.variables.is_empty());
    let instances = tests.iter().flat_map(|test| &test.wanted).filter_map(|tokens| instance(tokens, sample));
    single.extend(instances.collect::<BTreeSet<_>>());
    if key == "s3:prefix" || key == "s3:delimiter" || key.contains("tag/") {
        single.push(String::new());
    }
    // what is no number, instant or address is on neither side of an edge
    if !ORDERED.contains(&key) {
        single.push("x".into());
    }
    if let Some(like) = like {
        single.retain(|value| like.matches(&letters(value)));
    }
    let outcome = |present: &Present| outcome(tests, present);
    let absent = (!ALWAYS.contains(&key)).then_some(None);
    let mut seen: BTreeSet<Vec<Option<bool>>> = absent.iter().map(outcome).collect();
    let mut values = BTreeSet::new();
    let mut out: Vec<Present> = Vec::new();
    for value in single.iter().filter(|value| values.insert(value.as_str())) {
        let present = Some(vec![value.clone()]);
        if seen.insert(outcome(&present)) || open {
            out.push(present);
        }
    }
    let as_sets = || tests.iter().any(|test| test.operator.is_some_and(|operator| operator.quantifier != Quantifier::None));
    if keys::find(key).map_or_else(as_sets, |known| known.multivalued) {
        // what a set does to each test follows from what a smaller set and one more value do
        let mut at = 0;
        while let Some(Some(set)) = out.get(at).cloned() {
            for value in single.iter().filter(|value| !set.contains(value)) {
                let larger = Some(set.iter().chain([value]).cloned().collect());
                if seen.insert(outcome(&larger)) {
                    out.push(larger);
                }
            }
            if out.len() > MAX_VALUES {
                return None;
            }
            at += 1;
        }
    }
    out.extend(absent);
    (out.len() <= MAX_VALUES).then_some(out)
}

/// Of the values a key is known to have, one of each kind its tests tell apart.
pub(super) fn among(values: Vec<Present>, tests: &[&Condition], used: bool) -> Vec<Present> {
    let open = used || tests.iter().any(|test| !test.variables.is_empty());
    let mut seen = BTreeSet::new();
    let tells = |present: &Present| seen.insert(outcome(tests, present)) || open;
    values.into_iter().filter(tells).collect()
}

/// Which of the tests hold.
fn outcome(tests: &[&Condition], present: &Present) -> Vec<Option<bool>> {
    tests.iter().map(|test| test.holds(present)).collect()
}

/// Single values on both sides of everything the tests compare with, the textual ones `like` a pattern. `None` if there are
/// too many.
pub(super) fn singles(tests: &[&Condition], like: Option<&Pattern>, budget: &Budget) -> Option<Vec<String>> {
    let mut out: Vec<String> = Vec::new();
    let textual = tests.iter().filter(|test| test.base().is_some_and(is_textual));
    let mut groups: Vec<Vec<Pattern>> = textual.map(|test| test.patterns()).collect();
    if let Some(like) = like {
        // no part has a colon of its own
        let colons = like.0.iter().filter(|token| **token == language::Token::Char(':')).count();
        let longer = Pattern::glob(&format!("{}*", "*:".repeat(colons + 1)));
        groups.push(vec![longer.clone()]);
        out.extend(representatives(&groups, like, budget)?);
        out.retain(|word| !longer.matches(&letters(word)));
    } else if !groups.is_empty() {
        out.extend(representatives(&groups, &Pattern::glob("?*"), budget)?);
    }
    // sorted, so that no order of statements or values matters
    let mut edges = BTreeSet::new();
    for test in tests {
        let known = test.wanted.iter().filter_map(|tokens| wildcard::literal(tokens));
        edges.extend(known.flat_map(|value| test.base().map(|base| boundary::values(base, &value)).unwrap_or_default()));
    }
    out.extend(edges);
    if tests.iter().any(|test| test.base() == Some(Base::IpAddress)) {
        out.extend(["203.0.113.1".into(), "2001:db8::1".into()]);
    }
    if out.is_empty() {
        out.push("x".into());
    }
    Some(out)
}

fn letters(word: &str) -> Vec<Letter> {
    word.chars().map(Letter::Char).collect()
}

/// A shortest text that a value with variables stands for.
fn instance(tokens: &[Token], sample: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    if !tokens.iter().any(|token| matches!(token, Token::Variable { .. })) {
        return None;
    }
    let filled = wildcard::fill(tokens, |key| sample(&key.to_ascii_lowercase()))?;
    let letter = |token| match token {
        Token::Char(letter) => Some(letter),
        Token::One => Some('x'),
        _ => None,
    };
    Some(filled.into_iter().filter_map(letter).collect())
}

/// One shortest word for each way the groups of patterns can match and not match. `None` if there are too many.
pub(super) fn representatives(groups: &[Vec<Pattern>], universe: &Pattern, budget: &Budget) -> Option<Vec<String>> {
    let patterns: Vec<&Pattern> = groups.iter().flatten().collect();
    let outcome = |matches: Matches<'_>| {
        let mut from = 0;
        let each = groups.iter().map(|group| {
            let range = from..from + group.len();
            from = range.end;
            language::any_of(range.map(|pattern| matches.of(pattern)))
        });
        each.collect::<Option<Vec<bool>>>()
    };
    let mut seen: BTreeSet<Vec<bool>> = BTreeSet::new();
    let mut out = Vec::new();
    while out.len() <= MAX_VALUES {
        let mut new = Vec::new();
        let found = language::find_within(budget, &patterns, universe, |matches| {
            let outcome = outcome(matches)?;
            let unseen = !seen.contains(&outcome);
            new = outcome;
            Some(unseen)
        });
        match found {
            Found::Word(word) => out.push(word.iter().filter_map(Letter::plain).collect()),
            Found::None => return Some(out),
            Found::TooComplex => return None,
        }
        seen.insert(new);
    }
    None
}
