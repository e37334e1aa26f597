//! Text to paste, in the style of the place it goes to: YAML with short-form functions, in blocks or in brackets, or JSON,
//! at its indentation.

mod edit;
mod hcl;
mod write;

use crate::edit::{Applicability, Edit, Fix};
use crate::inventory::InText;
use crate::source::{Source, Span};
use bucketlint_terraform::is_terraform;
use serde_json::{Value as Json, json};
use std::borrow::Cow;

/// How one document is written: a file, or a string in it.
#[derive(Clone, Copy, Debug)]
pub struct Style<'s> {
    source: &'s Source,
    json: bool,
    /// Where the document begins in the file.
    from: usize,
    /// Whether it is in double quotes.
    escaped: bool,
    functions: Functions,
}

/// What becomes of CloudFormation's functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Functions {
    /// They are called.
    Called,
    /// The document is the text of an `Fn::Sub`.
    Substituted,
    /// It is a text like any other.
    Text,
    /// They are references of HCL.
    Hcl,
}

/// How one place of a file is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// YAML by indentation.
    Block,
    /// YAML in brackets.
    Flow,
    /// JSON.
    Json,
}

/// Text to paste, and what to do with it.
#[derive(Clone, Debug)]
pub struct Addition {
    /// `add to Action`, `add to Statement, in front of the others`; or `write`, of a member to put in the place of that one.
    pub how: String,
    /// The text.
    pub text: String,
    /// The same as changes to the file; none where they cannot be told to the byte.
    pub edits: Vec<Edit>,
}

impl Addition {
    /// What no text can say.
    pub fn words(how: impl Into<String>) -> Self {
        Self { how: how.into(), text: String::new(), edits: Vec::new() }
    }

    /// The changes as a fix that somebody has to want, as it grants something.
    pub fn fix(&self) -> Option<Fix> {
        let edits = self.edits.clone();
        (!edits.is_empty()).then_some(Fix { applicability: Applicability::Unsafe, edits })
    }
}

impl<'s> Style<'s> {
    /// The style of `source`: JSON if it opens with a bracket.
    pub fn of(source: &'s Source) -> Self {
        if let Some(part) = source.part() {
            return Self::inside(source, part, Functions::Called);
        }
        if is_terraform(&source.path) {
            return Self { source, json: true, from: 0, escaped: false, functions: Functions::Hcl };
        }
        let json = source.text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
        Self { source, json, from: 0, escaped: false, functions: Functions::Called }
    }

    /// The style of a document that is written as `text`.
    pub fn within(self, text: Option<InText>) -> Self {
        let Some(InText { span, substituted }) = text else { return self };
        Self::inside(self.source, span, if substituted { Functions::Substituted } else { Functions::Text })
    }

    /// The style of a document that is no template, so that nothing is a function in it.
    pub fn plain(self) -> Self {
        Self { functions: Functions::Text, ..self }
    }

    fn inside(source: &'s Source, span: Span, functions: Functions) -> Self {
        let written = source.slice(span);
        let head = match written.as_bytes().first() {
            Some(b'"' | b'\'') => 1,
            Some(b'|' | b'>') => written.find('\n').map_or(0, |end| end + 1),
            _ => 0,
        };
        let escaped = written.starts_with('"');
        let json = written[head..].trim_start_matches("\\n").trim_start().starts_with(['{', '[']);
        Self { source, json, from: span.start as usize + head, escaped, functions }
    }

    /// The document up to byte `at` of the file; of one in quotes a good part.
    fn before(&self, at: usize) -> Cow<'s, str> {
        let text = self.source.text.get(self.from.min(at)..at).unwrap_or_default();
        if !self.escaped {
            return text.into();
        }
        let mut from = text.len().saturating_sub(ENOUGH);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let line = if from == 0 { 0 } else { text[from..].find("\\n").map_or(from, |end| from + end + 2) };
        decoded(&text[line..])
    }

    /// What stands at `span`.
    fn written(&self, span: Span) -> Cow<'s, str> {
        let text = self.source.slice(span);
        if self.escaped { decoded(text) } else { text.into() }
    }

    /// A text as it is put into the file.
    fn encoded(&self, text: String) -> String {
        if self.is_hcl() {
            return hcl::unmarked(&text);
        }
        if !self.escaped {
            return text;
        }
        // what is put below a line begins with a line break
        let text = if text.starts_with(' ') || !self.json && text.contains('\n') { format!("\n{text}") } else { text };
        quoted(&text)
    }

    /// A value as the document can hold it.
    fn spelled(&self, value: &Json) -> Json {
        match self.functions {
            Functions::Called => value.clone(),
            Functions::Hcl => hcl::spelled(value),
            Functions::Substituted | Functions::Text => write::without_functions(value),
        }
    }

    /// Blanks between a YAML key and the dashes of its list.
    fn dash(&self) -> &'static str {
        if self.source.has_indented_dashes() { "  " } else { "" }
    }

    /// How what stands at byte `at` is written.
    fn form(&self, at: usize) -> Form {
        match self.json {
            true => Form::Json,
            false if in_brackets(&self.before(at)) => Form::Flow,
            false => Form::Block,
        }
    }

    /// The text of the line up to byte `at`.
    fn line_before(&self, at: usize) -> String {
        let text = self.before(at);
        text[text.rfind('\n').map_or(0, |end| end + 1)..].to_owned()
    }

    /// The blanks that open the line of byte `at`.
    fn indent(&self, at: usize) -> String {
        let line = self.line_before(at);
        line[..line.len() - line.trim_start_matches([' ', '\t']).len()].to_owned()
    }

    /// Blanks up to the column of the first key on the line of byte `at`, which a list's dash may be in front of.
    fn column(&self, at: usize) -> String {
        let line = self.line_before(at);
        let mut rest = line.trim_start_matches([' ', '\t']);
        while let Some(item) = rest.strip_prefix("- ") {
            rest = item.trim_start_matches(' ');
        }
        line[..line.len() - rest.len()].replace('-', " ")
    }

    /// Whether more stands on the line in front of byte `at` than the key of what begins there.
    fn is_inline(&self, at: usize) -> bool {
        self.line_before(at).contains(['{', '['])
    }

    /// `"key": value` as a member, at the column of the key that the line of `span` begins with and `levels` deeper.
    pub fn member(&self, key: &str, value: &Json, span: Span, levels: usize) -> String {
        self.encoded(self.plain_member(key, value, span, levels))
    }

    /// Whether it is HCL.
    pub fn is_hcl(&self) -> bool {
        self.functions == Functions::Hcl
    }

    /// A member as HCL has it, where that is not what JSON has.
    fn hcl_member(&self, key: &str, value: &Json) -> Option<String> {
        if self.is_hcl() { hcl::member(key, value) } else { None }
    }

    /// The resource that sets `ObjectOwnership` for the bucket with this address.
    pub fn hcl_ownership(&self, address: &str, value: &str) -> Option<String> {
        self.is_hcl().then(|| hcl::ownership(address, value)).map(|text| self.encoded(text))
    }

    fn plain_member(&self, key: &str, value: &Json, span: Span, levels: usize) -> String {
        if let Some(text) = self.hcl_member(key, value) {
            return text;
        }
        let (at, value) = (span.start as usize, &self.spelled(value));
        let whole = json!({ key: value });
        match self.form(at) {
            Form::Block => write::indented(&write::block(&whole, self.dash()), &(self.column(at) + &"  ".repeat(levels))),
            Form::Flow => write::flow_member(key, value),
            Form::Json if self.is_inline(at) => write::json_member(&whole),
            Form::Json => write::indented(&write::pretty_member(&whole), &(self.indent(at) + &"  ".repeat(levels))),
        }
    }

    /// A member to add in front of others: in brackets, a comma follows.
    pub fn added(&self, key: &str, value: &Json, span: Span, levels: usize) -> String {
        let alone = self.form(span.start as usize) == Form::Block || self.hcl_member(key, value).is_some();
        let comma = if alone { "" } else { "," };
        self.encoded(self.plain_member(key, value, span, levels) + comma)
    }

    /// A member to add to the mapping at `body`.
    pub fn property(&self, key: &str, value: &Json, body: Span) -> String {
        let written = self.written(body);
        let Some(inner) = written.strip_prefix('{') else { return self.added(key, value, body, 0) };
        let text = match (self.json, written.contains('\n')) {
            (true, true) => self.plain_member(key, value, body, 1),
            (true, false) => write::json_member(&json!({ key: value })),
            _ => write::flow_member(key, value),
        };
        self.encoded(text + comma(inner))
    }

    /// One or more values for the member `key`, whose value stands at `span`: items where that is a list, otherwise the
    /// member as a list that holds what is there too.
    pub fn extended(&self, key: &str, values: &[Json], span: Span) -> Addition {
        let (written, edits) = (self.written(span), self.extended_edit(key, values, span).into_iter().collect());
        // the blocks of a document that is a data source
        if self.is_hcl() && key == "Statement" && !written.starts_with('[') {
            let text = self.encoded(hcl::statements(values));
            return Addition { how: "add to the policy document".into(), text, edits: Vec::new() };
        }
        if let Some(inner) = written.strip_prefix('[') {
            let front = if comma(inner).is_empty() { "" } else { ", in front of the others" };
            return Addition { how: format!("add to {key}{front}"), text: self.items(values, span), edits };
        }
        if written.starts_with("- ") && !self.json {
            return Addition { how: format!("add to {key}"), text: self.items(values, span), edits };
        }
        if makes_list(&written) || key == "Statement" && called(&written).is_some() {
            let values: Vec<Json> = values.iter().map(|value| self.spelled(value)).collect();
            let text = match self.json {
                true => values.iter().map(write::pretty).collect::<Vec<_>>().join(",\n"),
                false => write::block(&json!(values), self.dash()).trim_end().to_owned(),
            };
            return Addition { how: format!("add to each list that {key} may be"), text, edits };
        }
        Addition { how: "write".into(), text: self.encoded(self.as_list(key, values, span)), edits }
    }

    /// The member `key` with the lone value at `span` and `values` as its list.
    fn as_list(&self, key: &str, values: &[Json], span: Span) -> String {
        let (at, written) = (span.start as usize, self.written(span));
        let values: Vec<Json> = values.iter().map(|value| self.spelled(value)).collect();
        let inside = |text: String| format!("[{written}, {text}]");
        match self.form(at) {
            Form::Json => format!("\"{key}\": {}", inside(each(&values, Json::to_string))),
            Form::Flow => format!("{key}: {}", inside(each(&values, write::flow))),
            Form::Block => {
                let key_end = self.source.text[..at].trim_end().len();
                let column = self.column(key_end.saturating_sub(1));
                let dashes = format!("{column}{}", self.dash());
                // what hangs below the first line keeps its place towards it
                let deep = self.line_before(at).chars().count();
                let below = |line: &str| {
                    let blanks = line.len() - line.trim_start_matches(' ').len();
                    format!("\n{dashes}  {}", &line[blanks.min(deep)..])
                };
                let mut lines = written.lines();
                let first = lines.next().unwrap_or_default();
                let rest: String = lines.map(below).collect();
                let more = write::indented(&write::block(&Json::Array(values), self.dash()), &dashes);
                format!("{column}{key}:\n{dashes}- {first}{rest}\n{more}")
            }
        }
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
            Some(whole) => write::json_member(&whole),
            None if sub => json!({ "Fn::Sub": text }).to_string(),
            None => json!(text).to_string(),
        }
    }

    /// One more item of a list, at the indentation of the line of the item at `span`; in brackets, in front of it.
    pub fn item(&self, value: &Json, span: Span) -> String {
        if let Some(block) = self.is_hcl().then(|| hcl::selector(value)).flatten() {
            return self.encoded(block);
        }
        let (at, value) = (span.start as usize, &self.spelled(value));
        let text = match self.form(at) {
            Form::Block => write::indented(&write::block(&json!([value]), self.dash()), &self.indent(at)),
            Form::Flow => write::flow(value) + ",",
            Form::Json if self.is_inline(at) => format!("{value},"),
            Form::Json => write::indented(&format!("{},", write::pretty(value)), &self.indent(at)),
        };
        self.encoded(text)
    }

    /// A value on one line, as an item of a list.
    pub fn inline(&self, value: &Json) -> String {
        let value = self.spelled(value);
        let text = if self.json { value.to_string() } else { write::block(&json!([value]), "").trim_end()[2..].to_owned() };
        self.encoded(text)
    }

    /// A value that stands by itself, a mapping as its members.
    pub fn alone(&self, value: &Json) -> String {
        let value = self.spelled(value);
        if self.json { write::pretty_member(&value) } else { write::block(&value, self.dash()).trim_end().to_owned() }
    }

    /// Whether a function makes what stands at `span`.
    pub fn is_call(&self, span: Span) -> bool {
        called(&self.written(span)).is_some()
    }

    /// The outermost member around `span` whose key begins with `key`, as far as indentation tells.
    pub fn enclosing(&self, span: Span, key: &str) -> Option<Span> {
        let text = self.before(span.start as usize);
        let mut found: Option<(usize, usize)> = None;
        for (at, _) in text.rmatch_indices(key) {
            let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
            let column = text[line..].len() - text[line..].trim_start_matches(' ').len();
            match found {
                Some((_, inner)) if column >= inner => break,
                _ => found = Some((at, column)),
            }
        }
        let at = self.from + found?.0;
        Some(Span::new(span.file, at, at))
    }

    /// A lone string, quoted where the file quotes it.
    pub fn scalar(&self, value: &str, span: Span) -> String {
        let written = self.written(span);
        // in a list of overrides, as `Name=value`
        let inside = self.source.text[..span.start as usize].ends_with('=');
        let own = written.get(..1).filter(|quote| ["'", "\""].contains(quote)).unwrap_or("");
        // YAML takes digits after a zero for an octal number
        let octal = value.starts_with('0') && value.bytes().all(|byte| byte.is_ascii_digit());
        let quote = if own.is_empty() && !inside && (self.json || octal) { "\"" } else { own };
        self.encoded(format!("{quote}{value}{quote}"))
    }

    /// A value in the place of the one at `span`.
    pub fn value(&self, value: &Json, span: Span) -> String {
        let value = self.spelled(value);
        match value.as_str() {
            Some(text) => self.scalar(text, span),
            None if self.json => self.encoded(value.to_string()),
            None => self.encoded(write::flow(&value)),
        }
    }

    /// Items to add to the list at `span`, at the indentation of the first of those it has: `- x`, or `"x",` to stand in
    /// front of it.
    pub fn items(&self, values: &[Json], span: Span) -> String {
        let values: Vec<Json> = values.iter().map(|value| self.spelled(value)).collect();
        self.encoded(self.plain_items(&values, span))
    }

    fn plain_items(&self, values: &[Json], span: Span) -> String {
        let (at, written) = (span.start as usize, self.written(span));
        let Some(inner) = written.strip_prefix('[') else {
            let column = " ".repeat(self.line_before(at).chars().count());
            return write::indented(&write::block(&json!(values), self.dash()), &column);
        };
        let text = |value: &Json| if self.json { value.to_string() } else { write::flow(value) };
        if !written.contains('\n') {
            return each(values, text) + comma(inner);
        }
        let first = &inner[..inner.len() - inner.trim_start().len()];
        let indent = match first.rsplit_once('\n') {
            Some((_, blanks)) => blanks.to_owned(),
            None => self.first_indent(span),
        };
        let text = |value: &Json| if self.json { write::pretty(value) } else { write::flow(value) };
        let all: Vec<String> = values.iter().map(|value| write::indented(&text(value), &indent)).collect();
        all.join(",\n") + comma(inner)
    }
}

/// How much of a document in quotes in front of a place is looked at, in bytes.
const ENOUGH: usize = 1 << 14;

/// A text as a part of a string in double quotes.
fn quoted(text: &str) -> String {
    let quoted = json!(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The text of a part of a string in double quotes.
fn decoded(text: &str) -> Cow<'_, str> {
    serde_json::from_str::<String>(&format!("\"{text}\"")).map_or(text.into(), Cow::Owned)
}

/// The function that a value calls, as it is written.
fn called(written: &str) -> Option<&str> {
    let name = |text: &'_ str| text.split(|c: char| !c.is_ascii_alphanumeric()).next().map(str::len).unwrap_or_default();
    let short = written.strip_prefix('!').map(|rest| &rest[..name(rest)]);
    let bare = written.trim_start_matches(['{', ' ', '\n', '"', '\'']);
    let long = bare.strip_prefix("Fn::").map(|rest| &rest[..name(rest)]);
    short.or(long).or(Some("Ref").filter(|_| bare.starts_with("Ref:") || bare.starts_with("Ref\"")))
}

/// Whether a value may be a list that a function makes.
fn makes_list(written: &str) -> bool {
    called(written).is_some_and(|name| ["If", "Ref", "FindInMap", "Split"].contains(&name))
}

/// What follows an addition in front of what stands behind a bracket.
fn comma(inner: &str) -> &'static str {
    if inner.trim_start().starts_with([']', '}']) { "" } else { "," }
}

fn each(values: &[Json], text: impl Fn(&Json) -> String) -> String {
    values.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// Whether YAML text ends inside brackets. Their lines end with a comma or a bracket.
fn in_brackets(text: &str) -> bool {
    let mut closed = 0_usize;
    for (at, letter) in text.char_indices().rev() {
        match letter {
            '}' | ']' => closed += 1,
            '{' | '[' if closed == 0 => return true,
            '{' | '[' => closed -= 1,
            '\n' if !text[..at].trim_end().ends_with([',', '{', '[']) => return false,
            _ => {}
        }
    }
    false
}

/// A text, by `Fn::Sub` where it holds `${…}`.
pub fn substituted(text: String) -> Json {
    if text.contains("${") { json!({ "Fn::Sub": text }) } else { json!(text) }
}

/// A statement that grants `actions` to `principal`.
pub fn statement(actions: &[String], principal: &Json, resources: [Json; 2]) -> Json {
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
mod tests;
