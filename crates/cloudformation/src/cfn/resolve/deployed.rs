//! Resources as they are deployed: every function replaced by what it makes, what is not known marked as such.

use super::{Resolver, inserted};
use crate::cfn::function::{self, Call};
use bucketlint_text::resolve::{Followed, Resolve};
use bucketlint_text::source::{Sources, Span};
use bucketlint_text::syntax::embedded::parse_embedded;
use bucketlint_text::syntax::node::{Entry, Node, Value};
use bucketlint_text::syntax::parse::Format;
use bucketlint_text::text::Text;

impl Resolver<'_> {
    /// `node` with every function in it replaced by its value; `None` if it is removed. JSON in a string is read.
    pub fn deployed(&self, node: &Node, sources: &Sources) -> Option<Node> {
        match self.follow(node) {
            Followed::Node(node) => Some(self.value(node, sources)),
            Followed::Absent => None,
            Followed::Unknown(unknown) => Some(Node::hidden(node.span, unknown.why, true)),
        }
    }

    fn value(&self, node: &Node, sources: &Sources) -> Node {
        if let Some(call) = function::call(node) {
            return self.called(call, node, sources);
        }
        let value = match &node.value {
            Value::Seq(_) => Value::Seq(self.list(node).into_iter().map(|item| self.item(item, sources)).collect()),
            Value::Map(entries) => {
                if let Some(entry) = node.entry("Fn::Transform") {
                    return Node::hidden(node.span, inserted(&entry.value), true);
                }
                let member = |entry: &Entry| Some(Entry { key: entry.key.clone(), value: self.deployed(&entry.value, sources)? });
                Value::Map(entries.iter().filter_map(member).collect())
            }
            Value::Str(_) => return self.literal_node(node, sources),
            scalar => scalar.clone(),
        };
        Node::new(node.span, value)
    }

    fn item(&self, item: Followed<'_>, sources: &Sources) -> Node {
        match item {
            Followed::Node(node) => self.value(node, sources),
            Followed::Unknown(unknown) => Node::hidden(unknown.at, unknown.why, true),
            Followed::Absent => Node::default(),
        }
    }

    fn called(&self, call: Call<'_>, node: &Node, sources: &Sources) -> Node {
        if call.name == "FindInMap"
            && let Ok(found) = self.find_in_map(call.argument, call.span)
        {
            return Node { span: node.span, ..self.value(found, sources) };
        }
        match self.values(node) {
            Some(Ok(items)) => {
                let items = items.into_iter().map(|item| of_text(&item, node.span)).collect();
                Node::new(node.span, Value::Seq(items))
            }
            Some(Err(unknown)) => Node::hidden(node.span, unknown.why, false),
            None if self.is_number(call) => number(&self.text(node), node.span),
            None => match of_text(&self.text(node), node.span) {
                made if holds_json(&made) => Node::hidden(node.span, "a function makes its JSON text", false),
                made => made,
            },
        }
    }

    /// A string as it is written, or the JSON in it.
    fn literal_node(&self, node: &Node, sources: &Sources) -> Node {
        let made = of_text(&self.text(node), node.span);
        if !holds_json(&made) {
            return made;
        }
        let parsed = parse_embedded(node, &sources.get(node.span.file).text);
        match parsed.root.filter(|_| parsed.format == Format::Json && parsed.problems.is_empty()) {
            Some(root) => normal(root),
            None => made,
        }
    }

    /// Whether `call` is `Ref` of a parameter that is a number.
    fn is_number(&self, call: Call<'_>) -> bool {
        let name = call.argument.as_str().filter(|_| call.name == "Ref");
        let parameter = name.and_then(|name| self.template.member("Parameters", name));
        parameter.and_then(|parameter| parameter.get("Type")).and_then(Node::as_str) == Some("Number")
    }
}

/// CloudFormation takes `"true"` and `"false"` for booleans, and parameters have no others.
fn of_text(text: &Text, at: Span) -> Node {
    match (text.as_known(), text.symbols().next()) {
        (Some("true"), _) => Node::new(at, Value::Bool(true)),
        (Some("false"), _) => Node::new(at, Value::Bool(false)),
        (Some(known), _) => Node::string(at, known),
        (None, symbol) => Node::hidden(at, symbol.map(|symbol| symbol.why.clone()).unwrap_or_default(), false),
    }
}

/// A JSON text with its booleans as CloudFormation takes them.
fn normal(node: Node) -> Node {
    let value = match node.value {
        Value::Seq(items) => Value::Seq(items.into_iter().map(normal).collect()),
        Value::Map(entries) => {
            Value::Map(entries.into_iter().map(|entry| Entry { value: normal(entry.value), ..entry }).collect())
        }
        Value::Str(text) => return of_text(&Text::known(node.span, text), node.span),
        value => value,
    };
    Node::new(node.span, value)
}

fn number(text: &Text, at: Span) -> Node {
    match text.as_known().filter(|known| known.parse::<f64>().is_ok()) {
        Some(known) => Node::new(at, Value::Num(known.into())),
        None => of_text(text, at),
    }
}

fn holds_json(node: &Node) -> bool {
    node.as_str().is_some_and(|text| text.trim_start().starts_with('{') && text.trim_end().ends_with('}'))
}

#[cfg(test)]
mod tests;
