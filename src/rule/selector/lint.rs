//! Refuses queries that jsonpath-rust takes without a word and then answers with nothing.

use jsonpath_rust::parser::model::{
    Comparable, Filter, FilterAtom, FnArg, JpQuery, Literal, Segment, Selector, Test, TestFunction,
};
use regex::Regex;

/// The crate's grammar backtracks: an unclosed call in a call costs three times the one around it.
const MAX_BRACKETS: usize = 8;

type Lint = Result<(), String>;

/// Checks what only the text tells, string literals left out.
pub(super) fn text(rest: &str, from_root: bool) -> Lint {
    let (mut quote, mut depth, mut escaped) = (None, 0_usize, false);
    let bare = rest.chars().map(|char| {
        let inside = quote.is_some();
        match char {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '\'' | '"' if quote == Some(char) => quote = None,
            '\'' | '"' if !inside => quote = Some(char),
            _ => {}
        }
        if inside || quote.is_some() { '\'' } else { char }
    });
    let bare: Vec<char> = bare.collect();
    for char in &bare {
        match char {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '$' if !from_root => return Err("`$` in a filter is the whole tree only in a path that begins with `$`".into()),
            _ => {}
        }
        if depth > MAX_BRACKETS {
            return Err(format!("nested deeper than {MAX_BRACKETS} brackets"));
        }
    }
    blanks(&bare)
}

/// A blank between two names is no error to the grammar but part of one long name.
fn blanks(bare: &[char]) -> Lint {
    let named = |char: &char| char.is_alphanumeric() || *char == '_';
    let words: Vec<&[char]> = bare.split(|char| char.is_whitespace()).filter(|word| !word.is_empty()).collect();
    for pair in words.windows(2) {
        let before: String = pair[0].rsplit(|char| !named(char)).next().unwrap_or_default().iter().collect();
        let after: String = pair[1].iter().copied().take_while(named).collect();
        if !before.is_empty() && !after.is_empty() {
            return Err(format!("`{before} {after}` has a blank between two names, which JSONPath takes for one name"));
        }
    }
    Ok(())
}

/// Checks the filters and function calls of a parsed query.
pub(super) fn query(query: &JpQuery) -> Lint {
    query.segments.iter().try_for_each(segment)
}

fn segment(segment: &Segment) -> Lint {
    match segment {
        Segment::Descendant(inner) => self::segment(inner),
        Segment::Selector(one) => selector(one),
        Segment::Selectors(several) => several.iter().try_for_each(selector),
    }
}

fn selector(selector: &Selector) -> Lint {
    if let Selector::Filter(inner) = selector { filter(inner) } else { Ok(()) }
}

fn filter(filter: &Filter) -> Lint {
    match filter {
        Filter::Or(parts) | Filter::And(parts) => parts.iter().try_for_each(self::filter),
        Filter::Atom(FilterAtom::Filter { expr, .. }) => self::filter(expr),
        Filter::Atom(FilterAtom::Test { expr, .. }) => test(expr),
        Filter::Atom(FilterAtom::Comparison(comparison)) => {
            let (left, right) = comparison.vals();
            [left, right].into_iter().try_for_each(|side| match side {
                Comparable::Function(call) => function(call),
                _ => Ok(()),
            })
        }
    }
}

fn test(test: &Test) -> Lint {
    match test {
        Test::RelQuery(segments) => {
            if segments.first().is_some_and(filters) {
                return Err("a filter directly on `@` selects nothing; name a member first".into());
            }
            segments.iter().try_for_each(segment)
        }
        Test::AbsQuery(inner) => query(inner),
        // RFC 9535, 2.4.9: what they give is a value, which is neither true nor false
        Test::Function(call) if gives_value(call) => {
            Err("`length`, `count` and `value` give a value, which has to be compared, as in `length(@.name) > 0`".into())
        }
        Test::Function(call) => function(call),
    }
}

fn gives_value(call: &TestFunction) -> bool {
    matches!(call, TestFunction::Length(_) | TestFunction::Count(_) | TestFunction::Value(_))
}

fn filters(segment: &Segment) -> bool {
    match segment {
        Segment::Descendant(inner) => filters(inner),
        Segment::Selector(one) => matches!(one, Selector::Filter(_)),
        Segment::Selectors(several) => several.iter().any(|one| matches!(one, Selector::Filter(_))),
    }
}

fn function(call: &TestFunction) -> Lint {
    match call {
        TestFunction::Length(inner) => argument(inner),
        TestFunction::Value(inner) | TestFunction::Count(inner) => argument(inner),
        TestFunction::Match(left, right) | TestFunction::Search(left, right) => {
            if let FnArg::Literal(Literal::String(pattern)) = right {
                Regex::new(pattern).map_err(|error| regex_fault(&error))?;
            }
            argument(left)?;
            argument(right)
        }
        TestFunction::Custom(name, arguments) => {
            if matches!(arguments.get(1), Some(FnArg::Literal(_))) {
                return Err(format!("`{name}` takes a path to a list, not a literal, as its second argument"));
            }
            arguments.iter().try_for_each(argument)
        }
    }
}

fn argument(argument: &FnArg) -> Lint {
    match argument {
        FnArg::Literal(_) => Ok(()),
        FnArg::Test(inner) => test(inner),
        FnArg::Filter(inner) => filter(inner),
    }
}

/// The one line of a regex error that says what is wrong.
pub(in crate::rule) fn regex_fault(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    format!("bad regular expression: {}", last.trim_start_matches("error: "))
}
