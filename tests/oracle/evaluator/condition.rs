//! The `Condition` element.

use std::cmp::Ordering;
use std::net::IpAddr;

use serde_json::Value;

use super::context::{Held, Request, multivalued};
use super::pattern;
use super::template::{Part, fill};
use super::truth::{Truth, all, any};
use super::values::{self, date, in_range, list, number};

/// Whether all of a condition block holds.
///
/// `reference_policies_condition-logic-multiple-context-keys-or-values`: operators, and the keys of one operator, "are
/// evaluated using a logical AND".
pub(super) fn holds(block: &Value, variables: bool, request: &Request) -> Truth {
    let Some(block) = block.as_object() else { return Truth::Open("a Condition that is not a map") };
    all(block.iter().map(|(name, keys)| match (Operator::named(name), keys.as_object()) {
        (Some(operator), Some(keys)) => {
            all(keys.iter().map(|(key, entries)| operator.holds(key, list(Some(entries)), variables, request)))
        }
        _ => Truth::Open("a condition operator that AWS's pages do not name"),
    }))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text {
        ignore_case: bool,
        wildcards: bool,
    },
    /// What the key's value may be to the policy's.
    Number(&'static [Ordering]),
    Date(&'static [Ordering]),
    Bool,
    Binary,
    Address,
    Arn,
    Null,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    One,
    ForAllValues,
    ForAnyValue,
}

struct Operator {
    kind: Kind,
    negated: bool,
    set: Set,
    if_exists: bool,
}

const FORMAT: &str = "a value not in the operator's format";
const EQUAL: &[Ordering] = &[Ordering::Equal];
const LESS: &[Ordering] = &[Ordering::Less];
const LESS_OR_EQUAL: &[Ordering] = &[Ordering::Less, Ordering::Equal];
const GREATER: &[Ordering] = &[Ordering::Greater];
const GREATER_OR_EQUAL: &[Ordering] = &[Ordering::Greater, Ordering::Equal];

impl Operator {
    /// The operators of `reference_policies_elements_condition_operators`.
    fn named(name: &str) -> Option<Self> {
        let (set, rest) = match name.split_once(':') {
            None => (Set::One, name),
            Some(("ForAllValues", rest)) => (Set::ForAllValues, rest),
            Some(("ForAnyValue", rest)) => (Set::ForAnyValue, rest),
            Some(_) => return None,
        };
        let if_exists = rest.ends_with("IfExists");
        let exact = Kind::Text { ignore_case: false, wildcards: false };
        let (kind, negated) = match rest.strip_suffix("IfExists").unwrap_or(rest) {
            "StringEquals" => (exact, false),
            "StringNotEquals" => (exact, true),
            "StringEqualsIgnoreCase" => (Kind::Text { ignore_case: true, wildcards: false }, false),
            "StringNotEqualsIgnoreCase" => (Kind::Text { ignore_case: true, wildcards: false }, true),
            "StringLike" => (Kind::Text { ignore_case: false, wildcards: true }, false),
            "StringNotLike" => (Kind::Text { ignore_case: false, wildcards: true }, true),
            "NumericEquals" => (Kind::Number(EQUAL), false),
            "NumericNotEquals" => (Kind::Number(EQUAL), true),
            "NumericLessThan" => (Kind::Number(LESS), false),
            "NumericLessThanEquals" => (Kind::Number(LESS_OR_EQUAL), false),
            "NumericGreaterThan" => (Kind::Number(GREATER), false),
            "NumericGreaterThanEquals" => (Kind::Number(GREATER_OR_EQUAL), false),
            "DateEquals" => (Kind::Date(EQUAL), false),
            "DateNotEquals" => (Kind::Date(EQUAL), true),
            "DateLessThan" => (Kind::Date(LESS), false),
            "DateLessThanEquals" => (Kind::Date(LESS_OR_EQUAL), false),
            "DateGreaterThan" => (Kind::Date(GREATER), false),
            "DateGreaterThanEquals" => (Kind::Date(GREATER_OR_EQUAL), false),
            "Bool" => (Kind::Bool, false),
            "BinaryEquals" => (Kind::Binary, false),
            "IpAddress" => (Kind::Address, false),
            "NotIpAddress" => (Kind::Address, true),
            // "The ArnEquals and ArnLike condition operators behave identically."
            "ArnEquals" | "ArnLike" => (Kind::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Kind::Arn, true),
            // "You can add IfExists to the end of any condition operator name except the Null condition"
            "Null" if !if_exists && set == Set::One => (Kind::Null, false),
            _ => return None,
        };
        Some(Self { kind, negated, set, if_exists })
    }

    fn holds(&self, key: &str, entries: &[Value], variables: bool, request: &Request) -> Truth {
        let held = request.held(key);
        if self.kind == Kind::Null {
            return null(held, entries);
        }
        let given = match held {
            Held::Values(values) => values,
            Held::Absent if self.if_exists => return Truth::Yes,
            Held::Absent => return self.without_value(),
            Held::Present(shape, reason) => {
                let matched = any(entries.iter().map(|entry| self.shaped(entry, &shape, reason, variables, request)));
                return if self.negated { matched.not() } else { matched };
            }
            Held::Unsaid(reason) => return Truth::Open(reason),
        };
        let one = |value: &String| {
            let matched = self.matches(entries, value, variables, request);
            if self.negated { matched.not() } else { matched }
        };
        match (&given[..], self.set) {
            ([], _) if self.if_exists => Truth::Open("IfExists on a key without a value"),
            ([], _) => self.without_value(),
            // "returns true if there are no context keys in the request or if the context key value resolves to a null
            // dataset, such as an empty string"
            ([empty], Set::ForAllValues) if empty.is_empty() => Truth::Yes,
            // an earlier version of the same page: "ForAnyValue returns false" of such a set
            ([empty], Set::ForAnyValue) if empty.is_empty() && one(empty) != Truth::No => {
                Truth::Open("ForAnyValue on a key with an empty value")
            }
            // "None of the values of the context key in the request can match any", for a negated one
            (values, Set::ForAllValues) => all(values.iter().map(one)),
            (values, Set::ForAnyValue) => any(values.iter().map(one)),
            // reference_policies_condition-single-vs-multi-valued-context-keys: "Multivalued context keys require a condition
            // set operator"; what happens without one is not said
            (_, Set::One) if multivalued(&key.to_ascii_lowercase()) => Truth::Open("a multivalued key without a set operator"),
            ([value], Set::One) => one(value),
            (_, Set::One) => Truth::Open("a key with several values without a set operator"),
        }
    }

    /// What it says of a key that is not there, or holds nothing.
    fn without_value(&self) -> Truth {
        match self.set {
            // "the values do not match and the condition is false. If the policy condition requires that the key is not
            // matched, such as StringNotLike or ArnNotLike, and the right key is not present, the condition is true."
            Set::One => Truth::from(self.negated),
            // "It also returns true if there are no context keys in the request"; yet the table of ForAllValues:StringNotLike
            // says "No match" of a request without the key
            Set::ForAllValues if self.negated => Truth::Open("ForAllValues with a negated operator on a key that is not there"),
            Set::ForAllValues => Truth::Yes,
            // "For no matching context key or if the key does not exist, the condition returns false."
            Set::ForAnyValue => Truth::No,
        }
    }

    /// Whether `value` of the key matches one of the policy's `entries`, before it is negated.
    ///
    /// `reference_policies_condition-logic-multiple-context-keys-or-values`: the values of a key "are evaluated using a
    /// logical OR", and those of a negated operator "using a logical NOR".
    fn matches(&self, entries: &[Value], value: &str, variables: bool, request: &Request) -> Truth {
        // reference_policies_variables: "You can't use a policy variable with ... Boolean"; of Bool
        // reference_policies_elements_condition_operators has "Policy variables – Supported"
        let varied = |entry: &Value| values::text(entry).is_some_and(|text| text.contains("${"));
        if variables && self.kind == Kind::Bool && entries.iter().any(varied) {
            return Truth::Open("a variable with Bool");
        }
        let found: Vec<_> = entries.iter().map(|entry| self.entry(entry, value, variables, request)).collect();
        let without_value = found.iter().any(Option::is_none);
        match any(found.into_iter().flatten()) {
            // reference_policies_variables: "operators like StringEquals or StringLike do not match, and the policy statement
            // does not take effect", which may be meant of the whole list: reference_policies_elements_condition_operators
            // says "No match" of ["home/", "home/${aws:username}/"] without aws:username
            Truth::Yes if without_value && !self.negated => Truth::Open("a list with a variable that has no value"),
            other => other,
        }
    }

    /// Whether one entry matches a value of which only its shape is known.
    fn shaped(&self, entry: &Value, shape: &[Part], reason: &'static str, variables: bool, request: &Request) -> Truth {
        let (Kind::Text { ignore_case, wildcards }, Some(text)) = (self.kind, values::text(entry)) else {
            return Truth::Open(reason);
        };
        let compare = |parts: &[Part]| {
            let exact = if wildcards { parts.to_vec() } else { plain(parts, ignore_case) };
            let shape = if ignore_case { plain(shape, true) } else { shape.to_vec() };
            match exact[..] {
                _ if !pattern::meet(&exact, &shape) => Truth::No,
                [Part::Written('*')] => Truth::Yes,
                _ => Truth::Open(reason),
            }
        };
        fill(&text, variables, request).read(compare).unwrap_or(Truth::No)
    }

    /// Whether `value` matches one entry; `None` where a variable in the entry has no value.
    fn entry(&self, entry: &Value, value: &str, variables: bool, request: &Request) -> Option<Truth> {
        let Some(text) = values::text(entry) else { return Some(Truth::Open("a condition value that is no scalar")) };
        let filled = |compare: &dyn Fn(&[Part]) -> Truth| fill(&text, variables, request).read(compare);
        let read = |found: Option<bool>| found.map_or(Truth::Open(FORMAT), Truth::from);
        Some(match self.kind {
            Kind::Text { wildcards: true, .. } => return filled(&|parts| pattern::like_agreed(parts, value)),
            Kind::Text { ignore_case, .. } => {
                let value = if ignore_case { value.to_lowercase() } else { value.to_owned() };
                return filled(&|parts| Truth::from(pattern::like(&plain(parts, ignore_case), &value, pattern::Reading::LOOSE)));
            }
            Kind::Arn => return filled(&|parts| pattern::arn(parts, value)),
            Kind::Bool => {
                let sound = |text| ["true", "false"].contains(&text);
                read((sound(text.as_str()) && sound(value)).then_some(text == value))
            }
            Kind::Number(allowed) => read(
                number(value)
                    .zip(number(&text))
                    .map(|(value, text)| value.partial_cmp(&text).is_some_and(|order| allowed.contains(&order))),
            ),
            Kind::Date(allowed) => read(date(value).zip(date(&text)).map(|(value, text)| allowed.contains(&value.cmp(&text)))),
            // "compares the value of the specified key byte for byte against a base-64 encoded representation": its table has
            // the key's value so encoded too
            Kind::Binary => Truth::from(text == value),
            Kind::Address => value.parse::<IpAddr>().map_or(Truth::Open(FORMAT), |address| in_range(&text, address, FORMAT)),
            Kind::Null => Truth::Open("a set operator with Null"),
        })
    }
}

/// "Exact matching": the characters without wildcards, but for what is not known.
fn plain(parts: &[Part], ignore_case: bool) -> Vec<Part> {
    let lower = |sign: char| if ignore_case { sign.to_lowercase().collect() } else { vec![sign] };
    let plain = |part: &Part| match *part {
        Part::Written(sign) | Part::Plain(sign) | Part::Brought(sign) => lower(sign).into_iter().map(Part::Plain).collect(),
        Part::Unknown => vec![Part::Unknown],
    };
    parts.iter().flat_map(plain).collect()
}

/// "true (the key doesn't exist — it is null) or false (the key exists and its value is not null)".
fn null(held: Held, entries: &[Value]) -> Truth {
    let absent = match held {
        Held::Absent => Truth::Yes,
        Held::Present(..) => Truth::No,
        Held::Unsaid(reason) => Truth::Open(reason),
        Held::Values(values) => match &values[..] {
            [] => Truth::Yes,
            // "context keys with empty values" are among what Null is to catch, of multivalued keys
            [empty] if empty.is_empty() => Truth::Open("whether an empty value is null"),
            _ => Truth::No,
        },
    };
    any(entries.iter().map(|entry| match values::text(entry).as_deref() {
        Some("true") => absent,
        Some("false") => absent.not(),
        _ => Truth::Open("a value of Null that is neither true nor false"),
    }))
}
