//! Trees and trails for tests, written as JSON; spans number the nodes in the order they are read.

use super::selector::Trail;
use bucketlint_text::resolve::{Followed, Resolve};
use bucketlint_text::source::{FileId, Span};
use bucketlint_text::syntax::node::{Entry, Key, Node, Value};
use bucketlint_text::text::{Symbol, SymbolKind, Text};

/// Turns JSON into a tree. Node and key number `n` spans byte `n` alone.
pub(super) fn node(json: &serde_json::Value) -> Node {
    build(json, &mut 0)
}

fn next(count: &mut usize) -> Span {
    *count += 1;
    Span::new(FileId(0), *count, *count + 1)
}

fn build(json: &serde_json::Value, count: &mut usize) -> Node {
    use serde_json::Value as Json;
    let span = next(count);
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(value) => Value::Num(value.to_string().into()),
        Json::String(value) => Value::Str(value.into()),
        Json::Array(items) => Value::Seq(items.iter().map(|item| build(item, count)).collect()),
        Json::Object(members) => {
            let entry = |(key, value): (&String, &Json)| {
                let key = Key { span: next(count), text: key.into() };
                Entry { key, value: build(value, count) }
            };
            Value::Map(members.iter().map(entry).collect())
        }
    };
    Node::new(span, value)
}

/// Reads `${Name}` in any string, and `{"Ref": "Name"}`, as symbols: a parameter where the name begins with `P`,
/// otherwise a bucket's name.
pub(super) struct Subs;

impl Resolve for Subs {
    fn text(&self, node: &Node) -> Text {
        match (node.get("Ref"), node.scalar_text()) {
            (Some(name), _) => sub(node.span, &format!("${{{}}}", name.as_str().unwrap_or_default())),
            (None, Some(text)) => sub(node.span, &text),
            (None, None) => Text::symbol(node.span, symbol(node.span, "PElse")),
        }
    }
    fn follow<'n>(&'n self, node: &'n Node) -> Followed<'n> {
        Followed::Node(node)
    }
}

fn symbol(at: Span, name: &str) -> Symbol {
    let kind = if name.starts_with('P') { SymbolKind::Parameter } else { SymbolKind::Generated };
    let why = format!("parameter `{name}` has no default").into();
    Symbol { id: name.into(), shown: format!("${{{name}}}").into(), why, at, kind }
}

/// A text in which `${Name}` is a symbol.
pub(super) fn sub(span: Span, mut text: &str) -> Text {
    let mut made = Text::empty(span);
    while let Some((before, rest)) = text.split_once("${") {
        let (name, after) = rest.split_once('}').unwrap();
        made.push_str(before);
        made.push(&Text::symbol(span, symbol(span, name)));
        text = after;
    }
    made.push_str(text);
    made
}

/// A trail called `name` with these properties; it is logging unless they say otherwise.
pub(super) fn trail(name: &str, mut properties: serde_json::Value) -> Trail {
    if properties.get("IsLogging").is_none() {
        properties["IsLogging"] = true.into();
    }
    let span = Span::new(FileId(0), 0, 1);
    Trail::of_resource(Text::known(span, name), span, &node(&properties), &Subs)
}
