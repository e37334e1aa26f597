//! One condition test against the values a request is known to have.

use super::instant::Instant;
use super::network;
use super::number::Decimal;
use super::operator::{Base, Operator, Quantifier};
use super::wildcard::{self, Case, Token};

/// Whether `operator` holds where the request has the values `present` for its key and the policy wants `wanted`.
///
/// `present` is none if the request lacks the key, and has several values only for a multivalued key. `wanted` are the
/// values as in a policy of `Version` 2012-10-17: `${*}` is a plain star, and a value with any other variable that has no
/// default matches nothing. Use [`holds_tokens`] for another version, or where variables have been filled in.
pub fn holds(operator: &Operator, present: Option<&[&str]>, wanted: &[&str]) -> bool {
    let wanted: Vec<_> = wanted.iter().map(|text| wildcard::parse(text, true)).collect();
    holds_tokens(operator, present, &wanted)
}

/// As [`holds`], with the policy's values already split into tokens.
///
/// Any one wanted value is enough; for a negated operator none may match. A malformed value matches nothing. An absent
/// key fails, but satisfies a negated operator, `…IfExists` and `ForAllValues:`; `ForAnyValue:` fails even when negated.
/// What is open by [`why_open`] is answered in one of the ways that it may be meant.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html>
pub fn holds_tokens(operator: &Operator, present: Option<&[&str]>, wanted: &[Vec<Token>]) -> bool {
    let values = present.unwrap_or_default();
    if operator.base == Base::Null {
        // "the key exists and its value is not null"
        let absent = if values.iter().all(|value| value.is_empty()) { "true" } else { "false" };
        return wanted.iter().any(|tokens| matches(Base::Bool, absent, tokens));
    }
    if values.is_empty() && operator.if_exists {
        return true;
    }
    let matches_any = |value: &str| wanted.iter().any(|tokens| matches(operator.base, value, tokens));
    let satisfies = |value: &&str| matches_any(value) != operator.negated;
    // AWS counts a set of empty strings as an empty set
    let nothing = values.iter().all(|value| value.is_empty());
    match operator.quantifier {
        Quantifier::None => values.iter().any(|value| matches_any(value)) != operator.negated,
        Quantifier::ForAllValues => nothing || values.iter().all(satisfies),
        Quantifier::ForAnyValue => !nothing && values.iter().any(satisfies),
    }
}

pub(super) const WITHOUT_SET: &str =
    "without `ForAllValues:` or `ForAnyValue:` AWS does not define how a key with several values is compared";

/// Why it is open whether a test holds, where AWS's pages contradict each other or do not define it; `wanted` with its
/// variables.
pub fn why_open(operator: &Operator, present: Option<&[&str]>, wanted: &[Vec<Token>]) -> Option<&'static str> {
    let values = present.unwrap_or_default();
    let variable = || wanted.iter().flatten().any(|token| matches!(token, Token::Variable { .. }));
    match operator.quantifier {
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
        Quantifier::None if operator.base != Base::Null && values.len() > 1 => Some(WITHOUT_SET),
        // true by the text, "no match" by the table for negated operators:
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
        Quantifier::ForAllValues if operator.negated && !operator.if_exists && values.is_empty() => {
            Some("AWS's pages do not agree on `ForAllValues:` with a negated operator where a request lacks the key")
        }
        // variables are for strings and ARNs, but examples have them for Booleans too:
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
        _ if operator.base == Base::Bool && !values.is_empty() && variable() => {
            Some("AWS's pages do not agree on policy variables under `Bool`")
        }
        _ => None,
    }
}

/// Whether one value of the request matches one of the policy, leaving negation aside.
pub(super) fn matches(base: Base, value: &str, wanted: &[Token]) -> bool {
    match base {
        Base::StringLike => wildcard::matches_tokens(wanted, value, Case::Sensitive),
        Base::Arn => wildcard::matches_arn(wanted, value),
        _ => wildcard::literal(wanted).is_some_and(|wanted| equals(base, value, &wanted)),
    }
}

/// As [`matches`], for the operators that know no wildcards.
fn equals(base: Base, value: &str, wanted: &str) -> bool {
    match base {
        Base::StringEqualsIgnoreCase => value.to_lowercase() == wanted.to_lowercase(),
        Base::Numeric(relation) => {
            Decimal::parse(value).zip(Decimal::parse(wanted)).is_some_and(|(value, wanted)| relation.allows(value.cmp(&wanted)))
        }
        Base::Date(relation) => {
            Instant::parse(value).zip(Instant::parse(wanted)).is_some_and(|(value, wanted)| relation.allows(value.cmp(&wanted)))
        }
        Base::Bool | Base::Null => {
            ["true", "false"].iter().any(|word| word.eq_ignore_ascii_case(value) && word.eq_ignore_ascii_case(wanted))
        }
        Base::IpAddress => network::contains(wanted, value),
        Base::StringEquals | Base::BinaryEquals | Base::StringLike | Base::Arn => value == wanted,
    }
}

#[cfg(test)]
mod tests;
