//! The values that CloudFormation takes for a parameter:
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>.

use super::resolve::{is_stored, kind};
use bucketlint_text::syntax::node::Node;
use regex::RegexBuilder;

/// So many bytes a compiled `AllowedPattern` may take; a larger one is taken to allow anything.
const MAX_PATTERN: usize = 1 << 20;

/// Types whose values are IDs of resources, and how those begin.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html>
const IDS: [(&str, &str); 6] = [
    ("AWS::EC2::Image::Id", "ami-"),
    ("AWS::EC2::Instance::Id", "i-"),
    ("AWS::EC2::SecurityGroup::Id", "sg-"),
    ("AWS::EC2::Subnet::Id", "subnet-"),
    ("AWS::EC2::VPC::Id", "vpc-"),
    ("AWS::EC2::Volume::Id", "vol-"),
];

/// Whether a parameter may have `value`, by its type and its constraints other than `AllowedValues`. What is written in a way
/// that is not understood allows anything.
pub(super) fn admits(parameter: &Node, value: &str) -> bool {
    if is_stored(parameter) {
        // constraints are on the name that it is stored by; it is not empty, and has the type in the brackets
        let kind = kind(parameter).split_once('<').and_then(|(_, kind)| kind.strip_suffix('>')).unwrap_or_default();
        return !value.is_empty() && is_of(kind, value);
    }
    is_of(kind(parameter), value)
        && within(parameter, "MinLength", "MaxLength", value.chars().count() as f64)
        && value.parse().map_or(true, |number| within(parameter, "MinValue", "MaxValue", number))
        && fits(parameter, value)
}

fn is_of(kind: &str, value: &str) -> bool {
    if let Some(inner) = kind.strip_prefix("List<").and_then(|kind| kind.strip_suffix('>')) {
        return value.split(',').all(|item| is_of(inner, item.trim()));
    }
    match kind {
        "Number" => value.parse::<f64>().is_ok_and(f64::is_finite),
        _ if kind.starts_with("AWS::") => {
            let start = IDS.iter().find(|(name, _)| *name == kind).map_or("", |(_, start)| start);
            !value.is_empty() && value.starts_with(start)
        }
        _ => true,
    }
}

/// Whether a number lies within two constraints, as far as there are any.
fn within(parameter: &Node, least: &str, most: &str, number: f64) -> bool {
    let bound = |name: &str| parameter.get(name).and_then(Node::scalar_text)?.trim().parse::<f64>().ok();
    bound(least).is_none_or(|least| number >= least) && bound(most).is_none_or(|most| number <= most)
}

/// Whether `AllowedPattern` matches the whole value, or each one of a list.
fn fits(parameter: &Node, value: &str) -> bool {
    let Some(pattern) = parameter.get("AllowedPattern").and_then(Node::as_str) else { return true };
    let whole = RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(MAX_PATTERN).build();
    // Java knows more than this, such as to look ahead
    let Ok(whole) = whole else { return true };
    match kind(parameter) {
        "CommaDelimitedList" => value.split(',').all(|item| whole.is_match(item.trim())),
        _ => whole.is_match(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bucketlint_text::syntax::testing::tree;

    #[test]
    fn what_cloudformation_refuses_is_not_taken() {
        for (parameter, taken, refused) in [
            ("{Type: String}", &["", "a"][..], &[][..]),
            ("{}", &[""], &[]),
            (r"{Type: String, AllowedPattern: '\d{12}'}", &["123456789012"], &["", "1234567890123", "x123456789012"]),
            ("{Type: String, AllowedPattern: 'a|b'}", &["a", "b"], &["ab", "xb"]),
            ("{Type: String, AllowedPattern: '(?=a)a'}", &["a", ""], &[]),
            ("{Type: String, AllowedPattern: '(a{1000}){1000}{1000}'}", &["", "b"], &[]),
            ("{Type: CommaDelimitedList, AllowedPattern: '[a-z]+'}", &["a,b", "a, b"], &["", "a,,b", "a,1"]),
            ("{Type: String, MinLength: 2, MaxLength: '3'}", &["ab", "äöü"], &["", "a", "abcd"]),
            ("{Type: Number}", &["0", "-1.5", "012"], &["", "a", "inf", "NaN"]),
            ("{Type: Number, MinValue: 1, MaxValue: 5.5}", &["1", "5.5"], &["0", "6"]),
            ("{Type: List<Number>}", &["1", "1, 2"], &["", "1,", "a"]),
            ("{Type: 'AWS::EC2::VPC::Id'}", &["vpc-1"], &["", "none"]),
            ("{Type: 'List<AWS::EC2::Subnet::Id>'}", &["subnet-1,subnet-2"], &["", "subnet-1,x"]),
            ("{Type: 'AWS::EC2::KeyPair::KeyName'}", &["any"], &[""]),
            ("{Type: 'AWS::SSM::Parameter::Name'}", &["/a"], &[""]),
            ("{Type: 'AWS::SSM::Parameter::Value<String>', MaxLength: 1, AllowedPattern: '/.*'}", &["prod"], &[""]),
            ("{Type: 'AWS::SSM::Parameter::Value<AWS::EC2::VPC::Id>'}", &["vpc-1"], &["", "x"]),
        ] {
            let node = tree(parameter);
            for (values, expected) in [(taken, true), (refused, false)] {
                values.iter().for_each(|value| assert_eq!(admits(&node, value), expected, "{parameter} {value:?}"));
            }
        }
    }
}
