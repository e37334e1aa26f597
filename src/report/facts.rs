//! The tree that rules select over, with the place of each fact.

use super::json::{Location, location, pretty};
use super::plain::clean;
use crate::source::{Source, Sources, Span};
use crate::syntax::node::{Node, Value};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A tree for programs, version 1: members are only ever added, at the end.
#[derive(Serialize)]
struct Tree<'a> {
    version: u32,
    facts: Json,
    /// By path, of what has another place than what it is in.
    places: Map<String, Json>,
    /// By path, of what is null in `facts`.
    not_known: BTreeMap<String, NotKnown<'a>>,
}

#[derive(Serialize)]
struct NotKnown<'a> {
    why: &'a str,
    may_be_absent: bool,
}

/// The tree as JSON, in which paths of rules select what they select in a run, with places beside it.
pub fn facts_json(sources: &Sources, root: &Node) -> String {
    let mut tree = Tree { version: 1, facts: Json::Null, places: Map::new(), not_known: BTreeMap::new() };
    tree.facts = tree.value(sources, root, root.span, "$");
    pretty(&tree)
}

impl<'a> Tree<'a> {
    fn value(&mut self, sources: &Sources, node: &'a Node, around: Span, path: &str) -> Json {
        if path != "$" && is_placed(sources, node, around) {
            let place: Location<'_> = location(sources, node.span);
            self.places.insert(path.to_owned(), serde_json::to_value(place).unwrap_or_default());
        }
        match &node.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Num(digits) => digits.parse().map_or_else(|_| Json::String(digits.to_string()), Json::Number),
            Value::Str(text) => Json::String(text.to_string()),
            Value::Text(text) => Json::String(text.to_string()),
            Value::Seq(items) => {
                let items = items.iter().enumerate();
                items.map(|(at, item)| self.value(sources, item, node.span, &format!("{path}[{at}]"))).collect()
            }
            Value::Map(entries) => {
                let members = entries.iter().map(|entry| {
                    let below = format!("{path}{}", step(&entry.key.text));
                    (entry.key.text.to_string(), self.value(sources, &entry.value, node.span, &below))
                });
                Json::Object(members.collect())
            }
            Value::Hidden(hidden) => {
                let not_known = NotKnown { why: &hidden.why, may_be_absent: hidden.may_be_absent };
                self.not_known.insert(path.to_owned(), not_known);
                Json::Null
            }
        }
    }
}

/// Whether a node has another place than what it is in. Lists of facts have none, so that each fact in them has.
fn is_placed(sources: &Sources, node: &Node, around: Span) -> bool {
    let is_fact = || around == Span::default() && matches!(node.value, Value::Map(_)) && sources.iter().next().is_some();
    node.span != around || is_fact()
}

/// The step of a JSONPath to the member called `name`.
fn step(name: &str) -> String {
    let is_word = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    match is_word {
        true => format!(".{name}"),
        false => format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'")),
    }
}

/// The tree as YAML, with places in comments.
pub fn facts_yaml(sources: &Sources, root: &Node) -> String {
    let mut yaml = Yaml { sources, out: String::new() };
    match &root.value {
        Value::Map(entries) if !entries.is_empty() => yaml.members(root, 0),
        Value::Seq(items) if !items.is_empty() => yaml.items(root, 0),
        _ => {
            yaml.value(root, root.span, 0);
            yaml.out = yaml.out.trim_start().to_owned();
        }
    }
    yaml.out
}

struct Yaml<'s> {
    sources: &'s Sources,
    out: String,
}

impl Yaml<'_> {
    fn members(&mut self, node: &Node, depth: usize) {
        for entry in node.entries() {
            self.indent(depth);
            self.out.push_str(&word(&entry.key.text));
            self.out.push(':');
            self.value(&entry.value, node.span, depth + 1);
        }
    }

    fn items(&mut self, node: &Node, depth: usize) {
        for item in node.items() {
            self.indent(depth);
            self.out.push('-');
            self.value(item, node.span, depth + 1);
        }
    }

    /// What stands behind a key or a dash, and below it at `depth`.
    fn value(&mut self, node: &Node, around: Span, depth: usize) {
        let mut notes = Vec::new();
        if is_placed(self.sources, node, around) {
            notes.push(place(self.sources.get(node.span.file), node.span));
        }
        if let Value::Hidden(hidden) = &node.value {
            let absent = if hidden.may_be_absent { ", and there may be none" } else { "" };
            notes.push(format!("not known: {}{absent}", hidden.why));
        }
        let note =
            if notes.is_empty() { String::new() } else { format!(" # {}", clean(&notes.join("; "), true).replace('\n', " ")) };
        match &node.value {
            Value::Map(entries) if !entries.is_empty() => {
                self.line(&note);
                self.members(node, depth);
            }
            Value::Seq(items) if !items.is_empty() => {
                self.line(&note);
                self.items(node, depth);
            }
            Value::Str(text) if is_block(text) => {
                let (body, keep) = text.strip_suffix('\n').map_or((text.as_str(), "-"), |body| (body, ""));
                // the first line may begin with blanks
                self.line(&format!(" |2{keep}{note}"));
                for line in body.split('\n') {
                    if !line.is_empty() {
                        self.indent(depth);
                    }
                    self.line(line);
                }
            }
            Value::Null => self.line(&format!(" null{note}")),
            // only a comment tells it from null
            Value::Hidden(_) => self.line(&note),
            Value::Bool(value) => self.line(&format!(" {value}{note}")),
            Value::Num(digits) => self.line(&format!(" {digits}{note}")),
            Value::Str(text) => self.line(&format!(" {}{note}", word(text))),
            Value::Text(text) => self.line(&format!(" {}{note}", word(&text.to_string()))),
            Value::Seq(_) => self.line(&format!(" []{note}")),
            Value::Map(_) => self.line(&format!(" {{}}{note}")),
        }
    }

    fn indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n("  ", depth));
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }
}

/// `stack.yaml:3:5-4:12`; lines and columns from 1, the end exclusive.
fn place(source: &Source, span: Span) -> String {
    let (start, end) = (source.position(span.start as usize), source.position(span.end.max(span.start) as usize));
    format!("{}:{}:{}-{}:{}", source.path, start.line, start.column, end.line, end.column)
}

/// Whether a text of several lines reads best as it is.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let is_kept = |line: &str| !line.ends_with(' ') && clean(line, true) == line && !line.contains(['\t', '\u{feff}']);
    body.contains('\n') && !body.starts_with('\n') && !body.ends_with('\n') && body.split('\n').all(is_kept)
}

/// A text as it is where YAML takes it for one, in quotes elsewhere.
fn word(text: &str) -> String {
    let taken = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || " _./:*()-,@+=${}'`;?".contains(letter))
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !taken.contains(&text.to_ascii_lowercase().as_str());
    if is_plain {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for letter in text.chars() {
        let shown = clean(letter.encode_utf8(&mut [0; 4]), true) == letter.to_string();
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ if shown && letter != '\u{feff}' => out.push(letter),
            // writing to memory cannot fail
            _ => drop(write!(out, "\\U{:08x}", letter as u32)),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::node::{Entry, Key};
    use crate::syntax::testing::tree;

    fn sources(text: &str) -> Sources {
        Sources::new(vec![Source::new("t.yaml", text)])
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "a:\n  - {é: x, n: 012}\nb: |\n  two\n   lines\n";
        let (sources, root) = (sources(text), tree(text));
        let want = "\
a: # t.yaml:2:3-2:19
  - # t.yaml:2:5-2:19
    \"é\": x # t.yaml:2:9-2:10
    \"n\": 012 # t.yaml:2:15-2:18
b: |2 # t.yaml:3:4-5:9
  two
   lines
";
        assert_eq!(facts_yaml(&sources, &root), want);
        let json: Json = serde_json::from_str(&facts_json(&sources, &root)).unwrap();
        assert_eq!(json["facts"], serde_json::json!({"a": [{"é": "x", "n": "012"}], "b": "two\n lines\n"}));
        let places: Vec<&String> = json["places"].as_object().unwrap().keys().collect();
        assert_eq!(places, ["$.a", "$.a[0]", "$.a[0]['é']", "$.a[0].n", "$.b"]);
        let at = &json["places"]["$.a[0].n"]["start"];
        assert_eq!((&at["line"], &at["column"], &at["offset"]), (&2.into(), &15.into(), &18.into()));
    }

    #[test]
    fn what_is_not_known_is_null_with_a_reason() {
        let span = Span::new(FileId(0), 0, 1);
        let key = Key { span, text: "a".into() };
        let value = Node::hidden(span, "parameter `P` has no default", true);
        let root = Node::new(span, Value::Map(vec![Entry { key, value }]));
        let sources = sources("x");
        assert_eq!(facts_yaml(&sources, &root), "a: # not known: parameter `P` has no default, and there may be none\n");
        let json: Json = serde_json::from_str(&facts_json(&sources, &root)).unwrap();
        assert_eq!(json["facts"], serde_json::json!({"a": null}));
        let want = serde_json::json!({"$.a": {"why": "parameter `P` has no default", "may_be_absent": true}});
        assert_eq!(json["not_known"], want);
    }

    #[test]
    fn texts_read_back_as_they_are() {
        for text in [
            "",
            "a",
            "yes",
            "Null",
            "12",
            "-",
            "a: b",
            "a #b",
            "a:",
            " a",
            "a ",
            "'a",
            "\"",
            "\\",
            "a\nb",
            "a\nb\n",
            "\na",
            "a\n\n",
            "a \nb",
            "  a\nb",
            "a\n\n  b\n",
            "a\tb\nc",
            "\u{1b}[31m\nx",
            "\u{202e}",
            "\u{feff}a",
            "é",
            "[a]",
            "{a}",
            "!Ref a",
            "arn:aws:s3:::${A}/*",
            "\r\n",
        ] {
            for root in [
                Node::new(Span::default(), Value::Seq(vec![Node::string(Span::default(), text)])),
                Node::new(
                    Span::default(),
                    Value::Map(vec![Entry {
                        key: Key { span: Span::default(), text: text.into() },
                        value: Node::new(Span::default(), Value::Seq(vec![Node::string(Span::default(), text)])),
                    }]),
                ),
            ] {
                let yaml = facts_yaml(&sources(""), &root);
                let read = tree(&yaml);
                assert!(read == root, "{text:?}: {yaml}");
                assert!(!yaml.contains(['\u{1b}', '\u{202e}', '\u{feff}', '\r']), "{yaml:?}");
            }
        }
    }
}
