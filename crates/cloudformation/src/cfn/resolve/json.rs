//! `Fn::ToJsonString`: a tree as the JSON text it makes, unknown values as symbols in it.

use super::Resolver;
use crate::cfn::function;
use bucketlint_text::resolve::{Followed, Resolve};
use bucketlint_text::syntax::node::{Node, Value};
use bucketlint_text::text::{Part, Text};

impl Resolver<'_> {
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ToJsonString.html>
    pub(super) fn json(&self, node: &Node) -> Text {
        let Some(_level) = self.levels.enter() else { return self.circle(node.span) };
        let node = match self.follow(node) {
            Followed::Node(node) => node,
            Followed::Absent => return Text::known(node.span, "null"),
            Followed::Unknown(unknown) => return unknown.text(),
        };
        match &node.value {
            _ if function::call(node).is_some() => self.json_call(node),
            Value::Seq(_) => self.json_list(node),
            Value::Map(_) => self.json_map(node),
            Value::Str(_) => quoted(&self.text(node)),
            Value::Null => Text::known(node.span, "null"),
            Value::Bool(_) | Value::Num(_) | Value::Text(_) | Value::Hidden(_) => self.text(node),
        }
    }

    fn json_call(&self, node: &Node) -> Text {
        match self.values(node) {
            Some(Ok(items)) => joined(node, '[', items.iter().map(quoted), ']'),
            _ => quoted(&self.text(node)),
        }
    }

    fn json_list(&self, node: &Node) -> Text {
        let items = self.list(node).into_iter().filter_map(|item| match item {
            Followed::Node(item) => Some(self.json(item)),
            Followed::Unknown(unknown) => Some(unknown.text()),
            Followed::Absent => None,
        });
        joined(node, '[', items, ']')
    }

    fn json_map(&self, node: &Node) -> Text {
        let entries = node.entries().iter().filter(|entry| !matches!(self.follow(&entry.value), Followed::Absent));
        let members = entries.map(|entry| {
            let mut member = quoted(&Text::known(entry.key.span, entry.key.text.clone()));
            member.push_str(":");
            member.push(&self.json(&entry.value));
            member
        });
        joined(node, '{', members, '}')
    }
}

fn joined(node: &Node, open: char, items: impl Iterator<Item = Text>, close: char) -> Text {
    let mut out = Text::known(node.span, open.to_string());
    for (number, item) in items.enumerate() {
        if number > 0 {
            out.push_str(",");
        }
        out.push(&item);
    }
    out.push_str(&close.to_string());
    out
}

/// A JSON string; its symbols are taken to need no escapes.
fn quoted(text: &Text) -> Text {
    let mut out = Text::known(text.span, "\"");
    for part in text.parts() {
        match part {
            Part::Lit(text) => {
                let whole = serde_json::Value::from(text.as_str()).to_string();
                out.push_str(whole.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&whole));
            }
            Part::Sym(symbol) => out.push(&Text::symbol(text.span, symbol.as_ref().clone())),
        }
    }
    out.push_str("\"");
    out
}
