//! What a YAML scalar means: YAML 1.1 types, core tags, and CloudFormation's short tags.

use super::node::Value;
use granit_parser::Tag;
use regex::Regex;
use smol_str::{SmolStr, format_smolstr};
use std::borrow::Cow;
use std::sync::LazyLock;

/// What a node's tag asks for.
pub(super) enum Tagging {
    /// No tag, or one without a meaning here.
    Untagged,
    /// `!!str` or `!`: a string whatever it looks like.
    Text,
    /// Another core tag, `!!int`: what it looks like, even in quotes.
    Typed,
    /// A short-form intrinsic function, by its long name.
    Function(SmolStr),
}

impl Tagging {
    /// The meaning of `tag`. `!Ref` and `!Condition` keep their name, any other `!Name` is `Fn::Name`:
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>.
    pub(super) fn of(tag: Option<&Tag>) -> Self {
        let Some(tag) = tag else { return Self::Untagged };
        match tag.parts() {
            ("!", "") | ("", "!") => Self::Text,
            ("!", name @ ("Ref" | "Condition")) => Self::Function(name.into()),
            ("!", name) => Self::Function(format_smolstr!("Fn::{name}")),
            _ => match tag.core_suffix() {
                Some("str") => Self::Text,
                Some("int" | "float" | "bool" | "null") => Self::Typed,
                _ => Self::Untagged,
            },
        }
    }

    /// The value of a scalar that reads `text`, written `plain` or in quotes or as a block.
    pub(super) fn scalar(&self, text: Cow<'_, str>, plain: bool) -> Value {
        match self {
            Self::Untagged if plain => resolve(text),
            Self::Typed => resolve(text),
            // the argument of a function is text, `""` if there is none, as `!GetAZs` alone is written
            _ => Value::Str(text.into()),
        }
    }
}

/// Numbers as PyYAML's `resolver.py` knows them; dates, and account ids that are not octal, are none.
#[expect(clippy::unwrap_used, reason = "a constant pattern, which every test compiles")]
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    let float = r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)";
    let int = r"[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+";
    Regex::new(&format!("^(?:{float}|{int})$")).unwrap()
});

/// The value of a plain scalar under the YAML 1.1 rules that CloudFormation follows.
fn resolve(text: Cow<'_, str>) -> Value {
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
        number if is_number(number) => Value::Num(text.into()),
        _ => Value::Str(text.into()),
    }
}

/// Whether a plain scalar is a number; most scalars tell at a glance.
fn is_number(text: &str) -> bool {
    let (first, rest) = text.split_at_checked(1).unwrap_or_default();
    let is_digits = rest.bytes().all(|byte| byte.is_ascii_digit());
    match first.as_bytes() {
        [b'0'] if rest.is_empty() => true,
        [b'1'..=b'9'] if is_digits => true,
        // a date
        [b'0'..=b'9'] if rest.split_once('-').is_some_and(|(year, _)| year.bytes().all(|byte| byte.is_ascii_digit())) => false,
        [b'-' | b'+' | b'.' | b'0'..=b'9'] => NUMBER.is_match(text),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_have_the_types_of_yaml_1_1() {
        let shape = |text: &str| match resolve(text.into()) {
            Value::Null => "null",
            Value::Bool(true) => "yes",
            Value::Bool(false) => "no",
            Value::Num(as_written) if as_written == text => "number",
            Value::Str(as_written) if as_written == text => "string",
            other => panic!("{other:?}"),
        };
        let cases = [
            ("null", "~ null Null NULL"),
            ("yes", "yes Yes YES true True TRUE on On ON"),
            ("no", "no No NO false False FALSE off Off OFF"),
            ("number", "0 -1 +12 1_000 012345670123 0b101 0xFF 1:30 190:20:30.15 1.5 1. .5 1.0e+3 .inf -.INF .NaN"),
            ("string", "2012-10-17 2012-10 0.1.2 1e3 089 123456789012a nULL y n -.5 - + . .. 0x 1.2.3 arn:aws:s3:::b"),
        ];
        for (expected, texts) in cases {
            for text in texts.split(' ') {
                assert_eq!(shape(text), expected, "{text}");
            }
        }
    }
}
