//! Policy variables: what stands in a value once the request is known.

use super::context::{Held, Request, multivalued};
use super::truth::Truth;

/// One character of a value, or a stretch that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A character of the policy, a wildcard where it is `*` or `?` and the place takes wildcards.
    Written(char),
    /// A character that is never a wildcard: `${*}`, `${?}`, `${$}`.
    Plain(char),
    /// A character that came with a variable. The pages do not say whether a `*` in it is a wildcard.
    Brought(char),
    /// Any text: the value of a variable that is not known here.
    Unknown,
}

/// A value of the policy once its variables are replaced, in each of the readings that the pages leave; they differ for
/// `reason`. `None` stands for no value. `reference_policies_variables`, "Policy variables with no value": "the value is
/// effectively null. There is no equal or like value."
pub(super) struct Filled {
    readings: Vec<Option<Vec<Part>>>,
    reason: &'static str,
}

impl Filled {
    /// What `compare` says in all readings, `None` for no value.
    ///
    /// Whatever a part that is not known may be, a text that does not match with any text in its place does not match.
    pub(super) fn read(&self, compare: impl Fn(&[Part]) -> Truth) -> Option<Truth> {
        let read = |parts: &Vec<Part>| match compare(parts) {
            Truth::Yes if parts.contains(&Part::Unknown) => Truth::Open(self.reason),
            said => said,
        };
        let said: Vec<_> = self.readings.iter().map(|parts| parts.as_ref().map(read)).collect();
        let first = said.first().copied().flatten();
        if said.iter().all(|one| *one == first) {
            return first;
        }
        // what matches nothing is not told from what has no value
        let nothing = said.iter().flatten().all(|one| *one == Truth::No);
        if nothing && said.contains(&None) { None } else { Some(Truth::Open(self.reason)) }
    }
}

/// `text` as it is written.
pub(super) fn literal(text: &str) -> Vec<Part> {
    text.chars().map(Part::Written).collect()
}

/// `text` with its variables replaced, as far as the policy has `variables` at all.
///
/// `reference_policies_variables`: "If you don't include the Version element and set it to an appropriate version date,
/// variables like ${aws:username} are treated as literal strings in the policy."
pub(super) fn fill(text: &str, variables: bool, request: &Request) -> Filled {
    let mut filled = Filled { readings: vec![Some(Vec::new())], reason: "" };
    let mut rest = text;
    while let Some(at) = rest.find("${").filter(|_| variables) {
        filled.push(&[Some(literal(&rest[..at]))]);
        let end = rest[at..].find('}');
        let (readings, reason) = match end {
            Some(end) => variable(&rest[at + 2..at + end], request),
            None => anything("a ${ that is never closed"),
        };
        filled.push(&readings);
        if !reason.is_empty() {
            filled.reason = reason;
        }
        rest = end.map_or("", |end| &rest[at + end + 1..]);
    }
    filled.push(&[Some(literal(rest))]);
    filled
}

impl Filled {
    /// Each reading so far with each of `more` after it.
    fn push(&mut self, more: &[Option<Vec<Part>>]) {
        let with = |before: &Option<Vec<Part>>, after: &Option<Vec<Part>>| Some([before.as_deref()?, after.as_deref()?].concat());
        self.readings = self.readings.iter().flat_map(|before| more.iter().map(move |after| with(before, after))).collect();
    }
}

/// Readings, and the reason if they are not one that is known.
type Readings = (Vec<Option<Vec<Part>>>, &'static str);

fn value(text: &str) -> Option<Vec<Part>> {
    Some(text.chars().map(Part::Brought).collect())
}

fn anything(reason: &'static str) -> Readings {
    (vec![Some(vec![Part::Unknown]), None], reason)
}

/// What stands for `${inner}`. `reference_policies_variables`: the special characters, and "Specifying default values":
/// "surround the default value with single quotes (' '), and separate the variable text and the default value with a comma
/// and space".
fn variable(inner: &str, request: &Request) -> Readings {
    if let "*" | "?" | "$" = inner {
        return (vec![Some(inner.chars().map(Part::Plain).collect())], "");
    }
    let (key, default) = match inner.split_once(", '") {
        None => (inner, None),
        Some((key, quoted)) => match quoted.strip_suffix('\'') {
            Some(default) if !default.contains('\'') => (key, Some(default)),
            _ => return anything("a variable whose default value is not in one pair of quotes"),
        },
    };
    if key.is_empty() || key.contains([' ', ',', '\'', '$', '{']) || !key.contains(':') {
        return anything("a variable that is not the name of a context key");
    }
    // reference_policies_condition-single-vs-multi-valued-context-keys: "you cannot use a multivalued context key as a policy
    // variable"; what happens if one does, is not said
    if multivalued(&key.to_ascii_lowercase()) {
        return anything("a multivalued key as a variable");
    }
    // "For users without team tags, it sets a default value of company-wide"
    let absent = default.and_then(value);
    match request.held(key) {
        Held::Absent => (vec![absent], ""),
        Held::Values(values) => match &values[..] {
            [] => (vec![absent], ""),
            // "a condition context key that has no value" may be one whose value is empty: the same page has "If the tag has
            // no value, or has any other value"
            [empty] if empty.is_empty() => (vec![value(""), absent], "a variable whose key has an empty value"),
            [one] => (vec![value(one)], ""),
            _ => anything("a variable whose key has several values"),
        },
        Held::Present(shape, reason) => (vec![Some(shape)], reason),
        Held::Unsaid(reason) => anything(reason),
    }
}
