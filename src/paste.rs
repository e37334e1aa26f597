//! Text to paste, in the style of the file it goes into: YAML with short-form functions or JSON, at its indentation.

use crate::iam::resource::Target;
use crate::link::LinkedBucket;
use crate::source::{Source, Span};
use serde_json::{Value as Json, json};
use serde_yaml::Value as Yaml;
use serde_yaml::value::{Tag, TaggedValue};

/// How one file is written.
#[derive(Clone, Debug)]
pub struct Style<'s> {
    source: &'s Source,
    json: bool,
}

impl<'s> Style<'s> {
    /// The style of `source`: JSON if it opens with a bracket.
    pub fn of(source: &'s Source) -> Self {
        let json = source.text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
        Self { source, json }
    }

    /// `value`, indented like the line `span` begins on.
    pub fn block(&self, value: &Json, span: Span) -> String {
        let indent = self.source.indent_at(span.start as usize);
        let text = if self.json { serde_json::to_string_pretty(value).unwrap_or_default() } else { yaml(value) };
        indented(&text, indent)
    }

    /// `"key": value` as a member, indented like the line `span` begins on.
    pub fn member(&self, key: &str, value: &Json, span: Span) -> String {
        let indent = self.source.indent_at(span.start as usize);
        let whole = json!({ key: value });
        if !self.json {
            return indented(&yaml(&whole), indent);
        }
        let text = serde_json::to_string_pretty(&whole).unwrap_or_default();
        let inner: Vec<&str> = text.lines().collect();
        let inner = inner.get(1..inner.len().saturating_sub(1)).unwrap_or_default();
        inner.iter().map(|line| format!("{indent}{}", line.strip_prefix("  ").unwrap_or(line))).collect::<Vec<_>>().join("\n")
    }

    /// A lone string, quoted where the file quotes it.
    pub fn scalar(&self, value: &str, span: Span) -> String {
        let written = self.source.slice(span);
        let quote = if self.json { "\"" } else { written.get(..1).filter(|quote| ["'", "\""].contains(quote)).unwrap_or("") };
        format!("{quote}{value}{quote}")
    }

    /// List items one a line: `- x` or `"x",`, indented like the items already in the list at `span`.
    pub fn items(&self, values: &[Json], span: Span) -> String {
        let indent = self.item_indent(span);
        let each = |value: &Json| {
            let text = if self.json { format!("{value},") } else { yaml(&json!([value])) };
            indented(text.trim_end(), &indent)
        };
        values.iter().map(each).collect::<Vec<_>>().join("\n")
    }

    /// The blanks before the last line of a list, which is how its items are indented.
    fn item_indent(&self, span: Span) -> String {
        let text = self.source.slice(span);
        let spread = text.contains('\n');
        let last_item = text.trim_end().trim_end_matches(']').trim_end();
        let at = if spread { span.start as usize + last_item.len() } else { span.start as usize };
        self.source.indent_at(at).to_owned()
    }
}

fn indented(text: &str, indent: &str) -> String {
    text.trim_end().lines().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
}

fn yaml(value: &Json) -> String {
    serde_yaml::to_string(&short_form(value)).unwrap_or_default()
}

/// Long-form functions as YAML's tags: `{"Fn::GetAtt": ["A", "Arn"]}` becomes `!GetAtt A.Arn`.
fn short_form(value: &Json) -> Yaml {
    match value {
        Json::Object(map) => {
            if let Some((name, argument)) = map.iter().next().filter(|(name, _)| map.len() == 1 && is_function(name)) {
                let argument = match argument.as_array().filter(|_| name == "Fn::GetAtt") {
                    Some(parts) => parts.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(".").into(),
                    None => short_form(argument),
                };
                let tag = Tag::new(name.strip_prefix("Fn::").unwrap_or(name));
                return Yaml::Tagged(Box::new(TaggedValue { tag, value: argument }));
            }
            Yaml::Mapping(map.iter().map(|(key, value)| (Yaml::from(key.as_str()), short_form(value))).collect())
        }
        Json::Array(items) => Yaml::Sequence(items.iter().map(short_form).collect()),
        Json::String(text) => Yaml::from(text.as_str()),
        other => serde_yaml::to_value(other).unwrap_or(Yaml::Null),
    }
}

fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

/// The two `Resource` values a grant on a bucket and its objects needs.
pub fn resources(bucket: &LinkedBucket, same_template: bool) -> [Json; 2] {
    match bucket.reference.logical_id.as_deref().filter(|_| same_template && bucket.declared.is_some()) {
        Some(id) => [json!({ "Fn::GetAtt": [id, "Arn"] }), json!({ "Fn::Sub": format!("${{{id}.Arn}}/*") })],
        None => arns(&bucket.target),
    }
}

fn arns(target: &Target) -> [Json; 2] {
    let arn = target.arn();
    let whole = |text: String| if text.contains("${") { json!({ "Fn::Sub": text }) } else { json!(text) };
    [whole(arn.clone()), whole(format!("{arn}/*"))]
}

/// A statement that grants `actions` to `principal`.
pub fn statement(actions: &[String], principal: &str, resources: [Json; 2]) -> Json {
    json!({
        "Sid": "CrossAccountAccess",
        "Effect": "Allow",
        "Principal": { "AWS": principal },
        "Action": actions,
        "Resource": resources,
    })
}

/// A whole policy document with one statement.
pub fn document(statement: &Json) -> Json {
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn yaml_uses_short_forms_at_the_files_indentation() {
        let source = Source::new("a.yaml", "A:\n  Action:\n    - s3:GetObject\n");
        let at = source.text.find("- s3").unwrap();
        let style = Style::of(&source);
        let list = Span::new(FileId(0), at, source.text.len() - 1);
        assert_eq!(
            style.items(&[json!("s3:PutObject"), json!({"Fn::GetAtt": ["B", "Arn"]})], list),
            "    - s3:PutObject\n    - !GetAtt B.Arn"
        );
        let block = style.block(&json!({"a": [1], "b": {"Ref": "X"}}), Span::new(FileId(0), 3, 4));
        assert_eq!(block, "  a:\n  - 1\n  b: !Ref X");
    }

    #[test]
    fn json_stays_json() {
        let source = Source::new("a.json", "{\n  \"Action\": [\n    \"s3:GetObject\"\n  ]\n}\n");
        let style = Style::of(&source);
        let list = Span::new(FileId(0), source.text.find('[').unwrap(), source.text.find(']').unwrap() + 1);
        assert_eq!(style.items(&[json!("s3:PutObject")], list), "    \"s3:PutObject\",");
        let member = style.member("AWS", &json!(["x"]), Span::new(FileId(0), 4, 5));
        assert_eq!(member, "  \"AWS\": [\n    \"x\"\n  ]");
    }
}
