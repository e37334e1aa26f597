//! Condition operators and their names.

use super::closest::closest;
use std::cmp::Ordering;

/// How two ordered values must compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// The same.
    Equal,
    /// The request's value is the lesser.
    Less,
    /// The lesser or the same.
    LessOrEqual,
    /// The request's value is the greater.
    Greater,
    /// The greater or the same.
    GreaterOrEqual,
}

impl Relation {
    /// Whether the request's value, which stands in `order` to the policy's, satisfies this.
    pub fn allows(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// What an operator compares, and how, leaving aside whether it is negated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Base {
    /// The same characters; wildcards mean nothing.
    StringEquals,
    /// The same characters in any case; wildcards mean nothing.
    StringEqualsIgnoreCase,
    /// A match with `*` and `?`, case-sensitive.
    StringLike,
    /// Integers or decimals.
    Numeric(Relation),
    /// Points in time.
    Date(Relation),
    /// `true` or `false`, in any case.
    Bool,
    /// The same base64 text.
    BinaryEquals,
    /// An address in a range.
    IpAddress,
    /// `ArnEquals` and `ArnLike`, which are one: a match of each part of an ARN.
    Arn,
    /// Whether the key is absent.
    Null,
}

/// How the values of a multivalued key are taken together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quantifier {
    /// No set operator.
    None,
    /// `ForAllValues:`, true where there is no value.
    ForAllValues,
    /// `ForAnyValue:`, false where there is no value.
    ForAnyValue,
}

/// A condition operator, for example `ForAnyValue:StringNotLikeIfExists`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operator {
    /// The comparison.
    pub base: Base,
    /// Whether it holds where the comparison does not: the operators with `Not`.
    pub negated: bool,
    /// Whether it holds where the key is absent: `…IfExists`.
    pub if_exists: bool,
    /// The set operator before it.
    pub quantifier: Quantifier,
}

const QUANTIFIERS: [(&str, Quantifier); 3] =
    [("", Quantifier::None), ("ForAllValues:", Quantifier::ForAllValues), ("ForAnyValue:", Quantifier::ForAnyValue)];

/// Every operator with whether it is negated:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.
const NAMES: [(&str, Base, bool); 27] = [
    ("StringEquals", Base::StringEquals, false),
    ("StringNotEquals", Base::StringEquals, true),
    ("StringEqualsIgnoreCase", Base::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Base::StringEqualsIgnoreCase, true),
    ("StringLike", Base::StringLike, false),
    ("StringNotLike", Base::StringLike, true),
    ("NumericEquals", Base::Numeric(Relation::Equal), false),
    ("NumericNotEquals", Base::Numeric(Relation::Equal), true),
    ("NumericLessThan", Base::Numeric(Relation::Less), false),
    ("NumericLessThanEquals", Base::Numeric(Relation::LessOrEqual), false),
    ("NumericGreaterThan", Base::Numeric(Relation::Greater), false),
    ("NumericGreaterThanEquals", Base::Numeric(Relation::GreaterOrEqual), false),
    ("DateEquals", Base::Date(Relation::Equal), false),
    ("DateNotEquals", Base::Date(Relation::Equal), true),
    ("DateLessThan", Base::Date(Relation::Less), false),
    ("DateLessThanEquals", Base::Date(Relation::LessOrEqual), false),
    ("DateGreaterThan", Base::Date(Relation::Greater), false),
    ("DateGreaterThanEquals", Base::Date(Relation::GreaterOrEqual), false),
    ("Bool", Base::Bool, false),
    ("BinaryEquals", Base::BinaryEquals, false),
    ("IpAddress", Base::IpAddress, false),
    ("NotIpAddress", Base::IpAddress, true),
    ("ArnEquals", Base::Arn, false),
    ("ArnNotEquals", Base::Arn, true),
    ("ArnLike", Base::Arn, false),
    ("ArnNotLike", Base::Arn, true),
    ("Null", Base::Null, false),
];

impl Operator {
    /// Reads an operator's name, case-sensitively: AWS refuses others with "Invalid Condition type : stringEquals"
    /// (<https://github.com/ministryofjustice/modernisation-platform-environments/pull/8893>). `Null` takes no `IfExists`.
    pub fn parse(text: &str) -> Option<Self> {
        let (quantifier, rest) =
            QUANTIFIERS.iter().rev().find_map(|(prefix, quantifier)| Some((*quantifier, text.strip_prefix(prefix)?)))?;
        let (name, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |name| (name, true));
        let (_, base, negated) = *NAMES.iter().find(|(known, ..)| *known == name)?;
        let valid = !(if_exists && base == Base::Null);
        valid.then_some(Self { base, negated, if_exists, quantifier })
    }

    /// The operator that was meant by `text`, if that is not one but is spelt much like one.
    pub fn suggest(text: &str) -> Option<String> {
        if Self::parse(text).is_some() {
            return None;
        }
        let spelled = |(prefix, _): &(&str, Quantifier)| {
            let prefix = (*prefix).to_owned();
            NAMES.iter().flat_map(move |(name, ..)| ["", "IfExists"].map(|suffix| format!("{prefix}{name}{suffix}")))
        };
        let every: Vec<String> = QUANTIFIERS.iter().flat_map(spelled).filter(|name| Self::parse(name).is_some()).collect();
        closest(text, every.iter().map(String::as_str)).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let any_not_like =
            Operator { base: Base::StringLike, negated: true, if_exists: true, quantifier: Quantifier::ForAnyValue };
        assert_eq!(Operator::parse("ForAnyValue:StringNotLikeIfExists"), Some(any_not_like));
        assert_eq!(Operator::parse("ArnEquals"), Operator::parse("ArnLike"));
        for (name, base, negated) in NAMES {
            let expected = Operator { base, negated, if_exists: false, quantifier: Quantifier::None };
            assert_eq!(Operator::parse(name), Some(expected), "{name}");
            assert_eq!(negated, name.contains("Not"), "{name}");
        }
        let wrong =
            ["", "IfExists", "stringEquals", "NullIfExists", "BinaryNotEquals", "BoolNot", "StringEqualsIfExistsIfExists"];
        for name in wrong.into_iter().chain(["ForAllValues:", "ForAllValues:ForAnyValue:Bool", "forAllValues:StringLike"]) {
            assert_eq!(Operator::parse(name), None, "{name}");
        }
    }

    #[test]
    fn suggestions() {
        let cases = [
            ("stringEquals", Some("StringEquals")),
            ("STRINGLIKE", Some("StringLike")),
            ("StringEqual", Some("StringEquals")),
            ("StringEqualsIgnoresCase", Some("StringEqualsIgnoreCase")),
            ("ForAllValue:StringLike", Some("ForAllValues:StringLike")),
            ("ForAnyValues:StringEqualsIfExist", Some("ForAnyValue:StringEqualsIfExists")),
            ("Boolean", None),
            ("StringLike", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Operator::suggest(text).as_deref(), expected, "{text}");
        }
    }
}
