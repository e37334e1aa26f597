//! Matching with the wildcards `*` and `?`.

use super::context::Request;
use super::template::{Part, fill};
use super::truth::Truth;

/// How what the pages leave open is read.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    /// Whether a `*` or `?` that came with a variable is a wildcard.
    brought_wild: bool,
    /// Whether wildcards stay between colons, but for a `*` that ends its segment.
    segments: bool,
}

impl Reading {
    /// Wildcards match every character.
    pub(super) const LOOSE: Self = Self { brought_wild: false, segments: false };
}

const BROUGHT: &str = "whether a wildcard that came with a variable is one";
const COLON: &str = "whether a wildcard spans a colon of an object key";

/// Whether `text` matches `pattern` in this reading.
pub(super) fn like(pattern: &[Part], text: &str, reading: Reading) -> bool {
    let text: Vec<char> = text.chars().collect();
    // the ends that the pattern so far can reach
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for (at, part) in pattern.iter().enumerate() {
        let (sign, wild) = match *part {
            Part::Written(sign) => (sign, true),
            Part::Plain(sign) => (sign, false),
            Part::Brought(sign) => (sign, reading.brought_wild),
            Part::Unknown => ('*', true),
        };
        let ends_segment = matches!(pattern.get(at + 1), None | Some(Part::Written(':')));
        let passes = |one: char| !reading.segments || one != ':';
        let mut next = vec![false; text.len() + 1];
        for end in 0..=text.len() {
            next[end] = match sign {
                '*' if wild => {
                    reached[end] || end > 0 && next[end - 1] && (ends_segment || *part == Part::Unknown || passes(text[end - 1]))
                }
                '?' if wild => end > 0 && reached[end - 1] && passes(text[end - 1]),
                _ => end > 0 && reached[end - 1] && text[end - 1] == sign,
            };
        }
        reached = next;
    }
    reached[text.len()]
}

/// Whether `text` matches `pattern`, whose wildcards match every character.
pub(super) fn like_agreed(pattern: &[Part], text: &str) -> Truth {
    let reading = |brought_wild| like(pattern, text, Reading { brought_wild, segments: false });
    Truth::agreed(&[reading(false), reading(true)], BROUGHT)
}

/// Whether the resource of `request` matches an entry of `Resource`; `None` where a variable in it has no value.
///
/// `reference_policies_elements_resource`: "You can use wildcard characters (* and ?) within the individual segments of an
/// ARN (the parts separated by colons)", and "If the * wildcard is the last character of a resource ARN segment, it can
/// expand to match beyond the colon boundaries". An object key may hold colons, of which the page says nothing: what hangs
/// on it is open.
pub(super) fn resource(entry: &str, variables: bool, request: &Request) -> Option<Truth> {
    // reference_policies_variables: "only in the resource portion of the ARN. This portion of the ARN appears after the
    // fifth colon"; what happens elsewhere is not said
    if variables && entry.find("${").is_some_and(|at| entry[..at].matches(':').count() < 5) {
        return Some(Truth::Open("a variable before the fifth colon of a resource"));
    }
    // reference_policies_elements_resource: "You can't use a wildcard in the service segment"
    if entry.split(':').nth(2).is_some_and(|service| service.contains(['*', '?'])) {
        return Some(Truth::Open("a wildcard in the service segment of a resource"));
    }
    fill(entry, variables, request).read(|parts| {
        let reading = |brought_wild, segments| like(parts, &request.resource, Reading { brought_wild, segments });
        let reason = if reading(false, false) == reading(true, false) { COLON } else { BROUGHT };
        Truth::agreed(&[reading(false, false), reading(true, false), reading(false, true), reading(true, true)], reason)
    })
}

/// Whether the ARN `text` matches `pattern` by an ARN operator.
///
/// `reference_policies_elements_condition_operators`: "Each of the six colon-delimited components of the ARN is checked
/// separately and each can include multi-character match wildcards (*) or single-character match wildcards (?)."
pub(super) fn arn(pattern: &[Part], text: &str) -> Truth {
    if pattern.contains(&Part::Unknown) {
        return like_agreed(pattern, text);
    }
    let values: Vec<&str> = text.splitn(6, ':').collect();
    let is_colon = |part: &Part| matches!(part, Part::Written(':') | Part::Plain(':') | Part::Brought(':'));
    let patterns: Vec<&[Part]> = pattern.splitn(6, is_colon).collect();
    if patterns.len() < 6 {
        return Truth::Open("an ARN operator with a value of fewer than six components");
    }
    if values.len() < 6 || values[0] != "arn" {
        return Truth::Open("an ARN operator on a key whose value is no ARN");
    }
    super::truth::all(patterns.iter().zip(values).map(|(pattern, value)| like_agreed(pattern, value)))
}

/// Whether some text matches both.
pub(super) fn meet(one: &[Part], other: &[Part]) -> bool {
    let many = |part: &Part| matches!(part, Part::Written('*') | Part::Unknown);
    match (one, other) {
        ([], []) => true,
        ([first, rest @ ..], _) if many(first) => meet(rest, other) || !other.is_empty() && meet(one, &other[1..]),
        (_, [first, rest @ ..]) if many(first) => meet(one, rest) || !one.is_empty() && meet(&one[1..], other),
        ([first, rest @ ..], [second, others @ ..]) => same_sign(*first, *second) && meet(rest, others),
        _ => false,
    }
}

fn same_sign(one: Part, other: Part) -> bool {
    let sign = |part| match part {
        Part::Written('?') | Part::Unknown => None,
        Part::Written(sign) | Part::Plain(sign) | Part::Brought(sign) => Some(sign),
    };
    sign(one).zip(sign(other)).is_none_or(|(one, other)| one == other)
}
