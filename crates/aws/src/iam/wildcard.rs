//! Patterns with `*`, `?` and policy variables, and matching them in at worst quadratic time.

use bucketlint_text::text::{Part, Symbol, SymbolKind, Text};
use smol_str::SmolStr;
use std::borrow::{Borrow, Cow};
use std::sync::Arc;

/// Whether letters must have the same case. Only ASCII letters are ever taken as equal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Case {
    /// `a` is not `A`.
    Sensitive,
    /// `a` is `A`.
    Insensitive,
}

/// A piece of a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Token {
    /// This character.
    Char(char),
    /// `?`: any one character.
    One,
    /// `*`: any number of any characters.
    Many,
    /// `${key}` or `${key, 'default'}`: the value of a condition key of the request.
    Variable {
        /// The condition key as written.
        key: SmolStr,
        /// What stands in for a key without a value.
        default: Option<SmolStr>,
    },
}

/// Splits a value into tokens.
///
/// With `variables`, which is how a policy of `Version` 2012-10-17 is read, `${*}`, `${?}` and `${$}` are those
/// characters themselves and any other `${…}` is a variable; without, as in an older policy, `$` means nothing.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
pub fn parse(text: &str, variables: bool) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if variables && let Some((inner, after)) = rest.strip_prefix("${").and_then(|inside| inside.split_once('}')) {
            tokens.push(variable(inner));
            rest = after;
            continue;
        }
        tokens.push(plain(first));
        rest = &rest[first.len_utf8()..];
    }
    tokens
}

/// The same text with each policy variable whose key is known in part, as in `${aws:PrincipalTag/…}`, as one unknown value.
pub fn closed(text: &Text, variables: bool) -> Cow<'_, Text> {
    let unclosed = |part: &Part| matches!(part, Part::Lit(text) if text.rfind("${").is_some_and(|at| !text[at..].contains('}')));
    if !variables || text.as_known().is_some() || !text.parts().iter().any(unclosed) {
        return Cow::Borrowed(text);
    }
    let mut out = Text::empty(text.span);
    // the variable that has begun: its text, and the first unknown value in it
    let mut begun: Option<(String, Option<Arc<Symbol>>)> = None;
    for part in text.parts() {
        match (part, &mut begun) {
            (Part::Sym(symbol), Some((shown, first))) => {
                shown.push_str(&symbol.shown);
                first.get_or_insert_with(|| Arc::clone(symbol));
            }
            (Part::Sym(symbol), None) => out.push(&Text::symbol(text.span, symbol.as_ref().clone())),
            (Part::Lit(literal), _) => {
                let mut rest = literal.as_str();
                if let Some((shown, Some(first))) = &mut begun {
                    let Some((inside, after)) = rest.split_once('}') else {
                        shown.push_str(rest);
                        continue;
                    };
                    let shown = SmolStr::new(format!("{shown}{inside}}}"));
                    let symbol = Symbol { id: shown.clone(), shown, kind: SymbolKind::Other, ..first.as_ref().clone() };
                    out.push(&Text::symbol(text.span, symbol));
                    (begun, rest) = (None, after);
                }
                match rest.rfind("${").filter(|at| !rest[*at..].contains('}')) {
                    Some(at) => {
                        out.push_str(&rest[..at]);
                        begun = Some((rest[at..].to_owned(), None));
                    }
                    None => out.push_str(rest),
                }
            }
        }
    }
    // never closed, so no variable
    if begun.is_some() { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

fn plain(letter: char) -> Token {
    match letter {
        '*' => Token::Many,
        '?' => Token::One,
        other => Token::Char(other),
    }
}

/// The token for what stands between `${` and `}`.
fn variable(inner: &str) -> Token {
    match inner {
        "*" => Token::Char('*'),
        "?" => Token::Char('?'),
        "$" => Token::Char('$'),
        _ => {
            let quoted = |text: &str| Some(SmolStr::new(text.trim().strip_prefix('\'')?.strip_suffix('\'')?));
            let split = inner.split_once(',').and_then(|(key, default)| Some((key, quoted(default)?)));
            let (key, default) = split.map_or((inner, None), |(key, default)| (key, Some(default)));
            Token::Variable { key: key.trim().into(), default }
        }
    }
}

/// Puts the values that `value_of` knows, else the defaults, in the place of variables; none if one has neither. A `*` or
/// `?` in such a value is that character, not a wildcard.
pub fn fill(tokens: &[Token], value_of: impl Fn(&str) -> Option<String>) -> Option<Vec<Token>> {
    let mut filled = Vec::with_capacity(tokens.len());
    for token in tokens {
        match token {
            Token::Variable { key, default } => {
                let value = value_of(key).or_else(|| default.as_ref().map(ToString::to_string))?;
                filled.extend(value.chars().map(Token::Char));
            }
            other => filled.push(other.clone()),
        }
    }
    Some(filled)
}

/// The text the tokens stand for where wildcards mean nothing: `*` and `?` are themselves. None if a variable has no value.
pub fn literal(tokens: &[Token]) -> Option<String> {
    fill(tokens, |_| None)?
        .iter()
        .map(|token| match token {
            Token::Char(plain) => Some(*plain),
            Token::One => Some('?'),
            Token::Many => Some('*'),
            Token::Variable { .. } => None,
        })
        .collect()
}

/// Whether the whole of `text` matches `pattern`, in which `$` means nothing.
pub fn matches(pattern: &str, text: &str, case: Case) -> bool {
    matches_plain(pattern.chars().map(plain), text, case)
}

/// Whether the whole of `text` matches. A variable matches its default, or nothing if it has none.
pub fn matches_tokens(tokens: &[Token], text: &str, case: Case) -> bool {
    if tokens.iter().any(|token| matches!(token, Token::Variable { .. })) {
        return fill(tokens, |_| None).is_some_and(|filled| matches_plain(filled.iter(), text, case));
    }
    matches_plain(tokens.iter(), text, case)
}

/// Whether `text` is an ARN that matches: each of the six parts by itself, so that no wildcard crosses one of the first
/// five colons. A pattern with fewer than six parts matches nothing.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
pub fn matches_arn(tokens: &[Token], text: &str) -> bool {
    let wanted: Vec<_> = tokens.splitn(6, |token| *token == Token::Char(':')).collect();
    let parts: Vec<_> = text.splitn(6, ':').collect();
    wanted.len() == 6
        && parts.len() == 6
        && wanted.iter().zip(parts).all(|(tokens, part)| matches_tokens(tokens, part, Case::Sensitive))
}

/// Whether a `Resource` matches the ARN `text`: `*` does, and else each part by itself, the service without wildcards. What
/// AWS's pages tell in two ways, whether a `*` that ends a part stands for colons too, does not count.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
pub fn matches_resource(tokens: &[Token], text: &str) -> bool {
    let service = tokens.split(|token| *token == Token::Char(':')).nth(2).unwrap_or_default();
    let wild = service.iter().any(|token| matches!(token, Token::One | Token::Many));
    let all = !tokens.is_empty() && tokens.iter().all(|token| *token == Token::Many);
    all || !wild && matches_arn(tokens, text)
}

/// Goes forward through both, and back only to the last `*`, which then takes one character more: an earlier `*` never
/// needs to, since what lies between the two has been found at its first possible place.
fn matches_plain<T: Borrow<Token>>(mut tokens: impl Iterator<Item = T> + Clone, text: &str, case: Case) -> bool {
    let mut rest = text.chars();
    let mut last_star = None;
    loop {
        let (mut after, mut ahead) = (tokens.clone(), rest.clone());
        match (after.next().as_ref().map(Borrow::borrow), ahead.next()) {
            (Some(Token::Many), _) => {
                if after.clone().next().is_none() {
                    return true;
                }
                last_star = Some((after.clone(), rest.clone()));
                tokens = after;
                continue;
            }
            (None, None) => return true,
            (Some(token), Some(found)) if accepts(token, found, case) => {
                (tokens, rest) = (after, ahead);
                continue;
            }
            _ => {}
        }
        let Some((after_star, from)) = &mut last_star else { return false };
        if from.next().is_none() {
            return false;
        }
        (tokens, rest) = (after_star.clone(), from.clone());
    }
}

fn accepts(token: &Token, found: char, case: Case) -> bool {
    match token {
        Token::One => true,
        Token::Char(wanted) if case == Case::Insensitive => wanted.eq_ignore_ascii_case(&found),
        Token::Char(wanted) => *wanted == found,
        Token::Many | Token::Variable { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, _) => text.is_empty(),
            (Some(('*', rest)), _) => (0..=text.len()).any(|taken| naive(rest, &text[taken..])),
            (Some((wanted, rest)), Some((found, more))) => (*wanted == '?' || wanted == found) && naive(rest, more),
            (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_naive_matcher(pattern in "[abé*?]{0,8}", text in "[abé]{0,8}") {
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(matches(&pattern, &text, Case::Sensitive), naive(&p, &t));
        }

        #[test]
        fn any_text_parses_and_matches_itself_escaped(text in ".{0,20}") {
            let escaped: String = text.chars().map(|c| if "*?$".contains(c) { format!("${{{c}}}") } else { c.to_string() }).collect();
            let tokens = parse(&escaped, true);
            prop_assert!(matches_tokens(&tokens, &text, Case::Sensitive));
            prop_assert_eq!(literal(&tokens), Some(text.clone()));
            parse(&text, true);
            prop_assert_eq!(literal(&parse(&text, false)), Some(text));
        }
    }

    #[test]
    fn case_is_as_asked() {
        assert!(matches("GET*", "getObject", Case::Insensitive));
        assert!(!matches("GET*", "getObject", Case::Sensitive));
        assert!(!matches("É", "é", Case::Insensitive));
    }

    #[test]
    fn many_stars_do_not_hang() {
        let pattern = "*a".repeat(2000) + "b";
        assert!(!matches(&pattern, &"a".repeat(10_000), Case::Sensitive));
    }

    fn named(key: &str, default: Option<&str>) -> Token {
        Token::Variable { key: key.into(), default: default.map(Into::into) }
    }

    #[test]
    fn escapes_and_variables() {
        use Token::{Char, Many};
        let cases = [
            ("a${*}*", vec![Char('a'), Char('*'), Many]),
            ("${?}${$}", vec![Char('?'), Char('$')]),
            ("${aws:username}/*", vec![named("aws:username", None), Char('/'), Many]),
            ("${aws:userid, 'no one'}", vec![named("aws:userid", Some("no one"))]),
            ("${aws:userid,''}", vec![named("aws:userid", Some(""))]),
            ("${aws:userid, x}", vec![named("aws:userid, x", None)]),
            ("${}", vec![named("", None)]),
            ("${", vec![Char('$'), Char('{')]),
            ("$a", vec![Char('$'), Char('a')]),
        ];
        for (text, tokens) in cases {
            assert_eq!(parse(text, true), tokens, "{text}");
        }
        assert_eq!(parse("${*}", false), [Char('$'), Char('{'), Many, Char('}')]);
    }

    #[test]
    fn a_variable_with_an_unknown_key_is_unknown_itself() {
        let symbol = Symbol {
            id: "parameter Tag".into(),
            shown: "${Tag}".into(),
            why: "parameter `Tag` has no default".into(),
            at: Default::default(),
            kind: SymbolKind::Parameter,
        };
        let text = |before: &str, after: &str| {
            let mut text = Text::known(Default::default(), before);
            text.push(&Text::symbol(Default::default(), symbol.clone()));
            text.push_str(after);
            text
        };
        let ids = |text: &Text| text.symbols().map(|symbol| symbol.id.to_string()).collect::<Vec<_>>();
        let inside = text("a/${aws:PrincipalTag/", "}/${aws:username}");
        let closed = closed(&inside, true);
        assert_eq!(ids(&closed), ["${aws:PrincipalTag/${Tag}}"]);
        assert_eq!(closed.to_string(), inside.to_string());
        for (before, after, variables) in [("a/", "/b}", true), ("${a}/", "}", true), ("${", "/b", true), ("${", "}", false)] {
            assert_eq!(*super::closed(&text(before, after), variables), text(before, after));
        }
    }

    #[test]
    fn variables_take_values_then_defaults() {
        let known = |key: &str| (key == "aws:username").then(|| "a*".to_owned());
        let filled = |text| fill(&parse(text, true), known).map(|tokens| matches_tokens(&tokens, "a*/x", Case::Sensitive));
        assert_eq!(filled("${aws:username}/?"), Some(true));
        assert_eq!(filled("${aws:userid, 'a*'}/x"), Some(true));
        assert_eq!(filled("${aws:userid}/x"), None);
        let star_is_plain = fill(&parse("${aws:username}", true), known).unwrap();
        assert!(!matches_tokens(&star_is_plain, "ab", Case::Sensitive));
        assert!(!matches_tokens(&parse("${aws:userid}", true), "", Case::Sensitive));
        assert!(matches_tokens(&parse("${aws:userid, 'x'}", true), "x", Case::Sensitive));
        assert_eq!(literal(&parse("a?${*}${aws:userid}", true)), None);
    }

    #[test]
    fn arns_match_part_by_part() {
        let cases = [
            ("arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/a/b", true),
            ("arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:user/a", false),
            ("arn:*:role/*", "arn:aws:iam::111122223333:role/a", false),
            ("arn:aws:x:*:111122223333:f/*", "arn:aws:x:us-east-2:999999999999:s/a:111122223333:f/d", false),
            ("arn:aws:sns:*:1:*", "arn:aws:sns:eu-west-1:1:topic:part", true),
            ("ARN:aws:sns::1:t", "arn:aws:sns::1:t", false),
            ("*", "arn:aws:sns::1:t", false),
            ("*:*:*:*:*:*", "arn:aws:sns::1:t", true),
            ("*:*:*:*:*:*", "not an arn", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches_arn(&parse(pattern, true), text), expected, "{pattern} {text}");
        }
    }
}
