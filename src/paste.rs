//! Text to paste, in the style of the file it goes into: YAML with short-form functions or JSON, at its indentation.

use crate::iam::resource::Target;
use crate::link::LinkedBucket;
use crate::source::{Source, Span};
use serde_json::{Value as Json, json};
use serde_yaml::Value as Yaml;
use serde_yaml::value::{Tag, TaggedValue};

/// How one file is written.
#[derive(Clone, Copy, Debug)]
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

    /// Blanks between a YAML key and the dashes of its list.
    fn dash(&self) -> &'static str {
        if self.source.has_indented_dashes() { "  " } else { "" }
    }

    /// `"key": value` as a member, indented like the line `span` begins on and `levels` deeper.
    pub fn member(&self, key: &str, value: &Json, span: Span, levels: usize) -> String {
        let indent = self.source.indent_at(span.start as usize).to_owned() + &"  ".repeat(levels);
        let whole = json!({ key: value });
        if !self.json {
            return indented(&self.yaml(&whole), &indent);
        }
        let text = serde_json::to_string_pretty(&whole).unwrap_or_default();
        let inner: Vec<&str> = text.lines().collect();
        let inner = inner.get(1..inner.len().saturating_sub(1)).unwrap_or_default();
        inner.iter().map(|line| format!("{indent}{}", line.strip_prefix("  ").unwrap_or(line))).collect::<Vec<_>>().join("\n")
    }

    /// A member to add in front of others: in JSON, a comma follows.
    pub fn added(&self, key: &str, value: &Json, span: Span, levels: usize) -> String {
        self.member(key, value, span, levels) + if self.json { "," } else { "" }
    }

    /// A member to add to the mapping at `body`.
    pub fn property(&self, key: &str, value: &Json, body: Span) -> String {
        // a block mapping begins with its first key, any other with a bracket on the line of its own key
        let bracket = self.source.slice(body).starts_with('{');
        self.added(key, value, body, usize::from(bracket))
    }

    /// Whether what stands at `span` is a list with its items on lines of their own, to which more can be added.
    pub fn is_spread(&self, span: Span) -> bool {
        let text = self.source.slice(span);
        text.contains('\n') && text.starts_with(['[', '-'])
    }

    /// Text that replaces a value or member and is written as in YAML: `StartsWith: ["x"]`, `AWS::S3::Object`. What
    /// holds `${…}` needs `Fn::Sub` in a `template`.
    pub fn replacement(&self, text: &str, template: bool) -> String {
        let mapping = serde_yaml::from_str::<Json>(text).ok().filter(Json::is_object);
        let sub = template && text.contains("${");
        match mapping {
            _ if !self.json && sub => {
                let (before, value) =
                    text.split_once('"').map_or(("", text), |(key, rest)| (key, rest.split('"').next().unwrap_or(rest)));
                let after = if before.is_empty() { "" } else { "]" };
                format!("{before}!Sub \"{value}\"{after}")
            }
            _ if !self.json => text.to_owned(),
            Some(whole) if text.starts_with('{') => whole.to_string(),
            Some(whole) => whole.to_string().trim_start_matches('{').trim_end_matches('}').to_owned(),
            None if sub => json!({ "Fn::Sub": text }).to_string(),
            None => json!(text).to_string(),
        }
    }

    /// One more item of a list, indented like the line of the item at `span`.
    pub fn item(&self, value: &Json, span: Span) -> String {
        self.lines(value, self.source.indent_at(span.start as usize))
    }

    /// A value on one line, as an item of a list.
    pub fn inline(&self, value: &Json) -> String {
        if self.json { value.to_string() } else { self.yaml(&json!([value])).trim_end().trim_start_matches("- ").to_owned() }
    }

    fn lines(&self, value: &Json, indent: &str) -> String {
        let text = if self.json {
            format!("{},", serde_json::to_string_pretty(value).unwrap_or_default())
        } else {
            self.yaml(&json!([value]))
        };
        indented(text.trim_end(), indent)
    }

    fn yaml(&self, value: &Json) -> String {
        let mut out = String::new();
        self.emit(&short_form(value), "", &mut out);
        out
    }

    /// Appends lines at `indent`; a line that begins an item has its dash in the last two columns of it.
    fn emit(&self, value: &Yaml, indent: &str, out: &mut String) {
        match value {
            Yaml::Mapping(entries) => {
                for (key, value) in entries {
                    *out += &format!("{indent}{}:", scalar(key));
                    match value {
                        Yaml::Mapping(inner) if !inner.is_empty() => {
                            out.push('\n');
                            self.emit(value, &format!("{indent}  "), out);
                        }
                        Yaml::Sequence(inner) if !inner.is_empty() => {
                            out.push('\n');
                            self.emit(value, &format!("{indent}{}", self.dash()), out);
                        }
                        _ => *out += &format!(" {}\n", scalar(value)),
                    }
                }
            }
            Yaml::Sequence(items) => {
                for item in items {
                    let from = out.len() + indent.len();
                    self.emit(item, &format!("{indent}  "), out);
                    out.replace_range(from..=from, "-");
                }
            }
            _ => *out += &format!("{indent}{}\n", scalar(value)),
        }
    }

    /// A lone string, quoted where the file quotes it.
    pub fn scalar(&self, value: &str, span: Span) -> String {
        let written = self.source.slice(span);
        // in a list of overrides, as `Name=value`
        let inside = self.source.text[..span.start as usize].ends_with('=');
        let own = written.get(..1).filter(|quote| ["'", "\""].contains(quote)).unwrap_or("");
        // YAML takes digits after a zero for an octal number
        let octal = value.starts_with('0') && value.bytes().all(|byte| byte.is_ascii_digit());
        let quote = if own.is_empty() && !inside && (self.json || octal) { "\"" } else { own };
        format!("{quote}{value}{quote}")
    }

    /// List items one a line: `- x` or `"x",`, indented like the items already in the list at `span`.
    pub fn items(&self, values: &[Json], span: Span) -> String {
        let indent = self.item_indent(span);
        values.iter().map(|value| self.lines(value, &indent)).collect::<Vec<_>>().join("\n")
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

/// A scalar as YAML writes it. A date is quoted: parsers of YAML 1.1 read it as one.
fn scalar(value: &Yaml) -> String {
    match value.as_str() {
        Some("2012-10-17") => "\"2012-10-17\"".into(),
        _ => serde_yaml::to_string(value).unwrap_or_default().trim_end().into(),
    }
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

/// A whole policy document.
pub fn document(statements: Vec<Json>) -> Json {
    json!({ "Version": "2012-10-17", "Statement": statements })
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
        let at = Span::new(FileId(0), 5, 6);
        let value = json!({"a": [1, {"x": "2012-10-17", "y": []}], "b": {"Ref": "X"}});
        assert_eq!(
            style.member("k", &value, at, 0),
            "  k:\n    a:\n      - 1\n      - x: \"2012-10-17\"\n        y: []\n    b: !Ref X"
        );
        let flat = Source::new("b.yaml", "A:\n- x\n");
        assert_eq!(Style::of(&flat).member("k", &json!([1]), Span::new(FileId(0), 0, 1), 1), "  k:\n  - 1");
    }

    #[test]
    fn replacements_need_functions_for_what_is_not_literal() {
        let (yaml, json) = (Source::new("a.yaml", "a: 1\n"), Source::new("a.json", "{}"));
        let both = |text: &str| [Style::of(&yaml), Style::of(&json)].map(|style| style.replacement(text, true));
        assert_eq!(both("AWS::S3::Object"), ["AWS::S3::Object", "\"AWS::S3::Object\""]);
        assert_eq!(both("${A.Arn}/"), ["!Sub \"${A.Arn}/\"", "{\"Fn::Sub\":\"${A.Arn}/\"}"]);
        assert_eq!(both("StartsWith: [\"a/\"]"), ["StartsWith: [\"a/\"]", "\"StartsWith\":[\"a/\"]"]);
        assert_eq!(both("StartsWith: [\"${A}/\"]")[0], "StartsWith: [!Sub \"${A}/\"]");
        assert_eq!(both("{Field: readOnly}")[1], "{\"Field\":\"readOnly\"}");
        assert_eq!(Style::of(&yaml).replacement("${A}/", false), "${A}/");
    }

    #[test]
    fn json_stays_json() {
        let source = Source::new("a.json", "{\n  \"Action\": [\n    \"s3:GetObject\"\n  ]\n}\n");
        let style = Style::of(&source);
        let list = Span::new(FileId(0), source.text.find('[').unwrap(), source.text.find(']').unwrap() + 1);
        assert_eq!(style.items(&[json!("s3:PutObject")], list), "    \"s3:PutObject\",");
        let member = style.member("AWS", &json!(["x"]), Span::new(FileId(0), 4, 5), 0);
        assert_eq!(member, "  \"AWS\": [\n    \"x\"\n  ]");
    }
}
