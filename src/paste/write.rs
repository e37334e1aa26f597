//! Values as YAML, in blocks or in brackets, and as JSON.

use serde_json::{Value as Json, json};
use serde_yaml::Value as Yaml;
use serde_yaml::value::{Tag, TaggedValue};

/// YAML by indentation, with `dash` between a key and the dashes of its list.
pub(super) fn block(value: &Json, dash: &str) -> String {
    let mut out = String::new();
    emit(&short_form(value), "", dash, &mut out);
    out
}

/// YAML in brackets on one line.
pub(super) fn flow(value: &Json) -> String {
    match value {
        Json::Object(map) => {
            if let Some((tag, argument)) = function(value) {
                return format!("!{tag} {}", flow(&argument));
            }
            let members: Vec<String> = map.iter().map(|(key, value)| flow_member(key, value)).collect();
            format!("{{{}}}", members.join(", "))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Json::String(text) if is_plain(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A member of a mapping in brackets.
pub(super) fn flow_member(key: &str, value: &Json) -> String {
    format!("{}: {}", flow(&json!(key)), flow(value))
}

/// JSON on several lines.
pub(super) fn pretty(value: &Json) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The members of a mapping on one line.
pub(super) fn json_member(whole: &Json) -> String {
    let text = whole.to_string();
    text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(&text).to_owned()
}

/// The members of a mapping on several lines.
pub(super) fn pretty_member(whole: &Json) -> String {
    let text = pretty(whole);
    let lines: Vec<&str> = text.lines().collect();
    let inner = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default();
    inner.iter().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// The lines of a text, each behind `indent`.
pub(super) fn indented(text: &str, indent: &str) -> String {
    text.trim_end().lines().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
}

/// Whether YAML takes a text in brackets for that text without quotes.
fn is_plain(text: &str) -> bool {
    is_simple(text) && (is_no_word(text) || matches!(serde_yaml::from_str(text), Ok(Yaml::String(_))))
}

/// Whether a text has no letters that may ask for quotes.
fn is_simple(text: &str) -> bool {
    let letter = |c: u8| c.is_ascii_alphanumeric() || b":/_.-".contains(&c);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(letter) && !text.ends_with(':')
}

/// Whether a simple text is none of the words that mean something else to YAML, which are short or `infinity`.
fn is_no_word(text: &str) -> bool {
    text.len() > "infinity".len() || text.bytes().any(|c| !c.is_ascii_alphabetic())
}

/// Appends lines at `indent`; a line that begins an item has its dash in the last two columns of it.
fn emit(value: &Yaml, indent: &str, dash: &str, out: &mut String) {
    match value {
        Yaml::Mapping(entries) => {
            for (key, value) in entries {
                *out += &format!("{indent}{}:", scalar(key));
                match value {
                    Yaml::Mapping(inner) if !inner.is_empty() => {
                        out.push('\n');
                        emit(value, &format!("{indent}  "), dash, out);
                    }
                    Yaml::Sequence(inner) if !inner.is_empty() => {
                        out.push('\n');
                        emit(value, &format!("{indent}{dash}"), dash, out);
                    }
                    _ => *out += &format!(" {}\n", scalar(value)),
                }
            }
        }
        Yaml::Sequence(items) => {
            for item in items {
                let from = out.len() + indent.len();
                emit(item, &format!("{indent}  "), dash, out);
                out.replace_range(from..=from, "-");
            }
        }
        _ => *out += &format!("{indent}{}\n", scalar(value)),
    }
}

/// A scalar as YAML writes it. A date is quoted: parsers of YAML 1.1 read it as one.
fn scalar(value: &Yaml) -> String {
    match value {
        Yaml::String(text) if text == "2012-10-17" => "\"2012-10-17\"".into(),
        // most are, and to ask the writer of YAML costs more than all else
        Yaml::String(text) if is_simple(text) && is_no_word(text) => text.clone(),
        _ => serde_yaml::to_string(value).unwrap_or_default().trim_end().into(),
    }
}

/// Long-form functions as YAML's tags: `{"Fn::GetAtt": ["A", "Arn"]}` becomes `!GetAtt A.Arn`.
fn short_form(value: &Json) -> Yaml {
    match value {
        Json::Object(map) => {
            if let Some((tag, argument)) = function(value) {
                return Yaml::Tagged(Box::new(TaggedValue { tag: Tag::new(tag), value: short_form(&argument) }));
            }
            Yaml::Mapping(map.iter().map(|(key, value)| (Yaml::from(key.as_str()), short_form(value))).collect())
        }
        Json::Array(items) => Yaml::Sequence(items.iter().map(short_form).collect()),
        Json::String(text) => Yaml::from(text.as_str()),
        other => serde_yaml::to_value(other).unwrap_or(Yaml::Null),
    }
}

/// A function in its short form: its tag and argument.
fn function(value: &Json) -> Option<(String, Json)> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    let (name, argument) = map.iter().next().filter(|(name, _)| *name == "Ref" || name.starts_with("Fn::"))?;
    let dotted = argument.as_array().filter(|_| name == "Fn::GetAtt");
    let dotted = dotted.map(|parts| json!(parts.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(".")));
    Some((name.trim_start_matches("Fn::").to_owned(), dotted.unwrap_or_else(|| argument.clone())))
}

/// A value with every function in the form that the text of an `Fn::Sub` has for it.
pub(super) fn without_functions(value: &Json) -> Json {
    match (value, function(value)) {
        (_, Some((name, Json::String(text)))) => match name.as_str() {
            "Sub" => json!(text),
            _ => json!(format!("${{{text}}}")),
        },
        (Json::Object(map), _) => Json::Object(map.iter().map(|(key, value)| (key.clone(), without_functions(value))).collect()),
        (Json::Array(items), _) => Json::Array(items.iter().map(without_functions).collect()),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simple_text_is_written_as_the_writer_of_yaml_does() {
        let words =
            ["s3:GetObject", "arn:aws:s3:::lab-data/x", "AWS::S3::Bucket", "a.b", "yes-no", "e1", "x_1", "nan.x", "inf-1"];
        let long = "abc-".repeat(60);
        for text in words.into_iter().chain([long.as_str(), "BucketOwnerEnforced"]) {
            assert!(is_simple(text) && is_no_word(text), "{text}");
            let tagged = Yaml::Tagged(Box::new(TaggedValue { tag: Tag::new("Ref"), value: text.into() }));
            for value in [Yaml::from(text), tagged] {
                assert_eq!(scalar(&value), serde_yaml::to_string(&value).unwrap().trim_end(), "{text}");
            }
            assert!(matches!(serde_yaml::from_str(text), Ok(Yaml::String(_))), "{text}");
        }
        for text in ["yes", "No", "null", "True", "infinity", "y", "NaN", "", "a:", "a b", "1a", "-a", "a#", "\u{e9}a", "a\nb"] {
            assert!(!is_simple(text) || !is_no_word(text), "{text}");
        }
    }
}
