//! Nested blocks, those that `dynamic` makes among them.
//! <https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks>

use super::{Evaluator, Scope, operate};
use crate::syntax::{Block, Body, Expr, Name, Syntax};
use crate::value::json;
use crate::value::{Absence, Member, Value, ValueKind};
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::{Entry, Key, Node, Value as NodeValue};
use smol_str::SmolStr;
use std::sync::Arc;

/// A nested block.
pub(crate) enum NestedBlock<'b> {
    /// One, with where it is written and what names stand for in it.
    Block(Span, &'b Body, Scope),
    /// Any number of them.
    Unknown(Span, Arc<Absence>),
}

impl Evaluator<'_> {
    /// The blocks called `kind` in a body, in source order.
    pub(crate) fn blocks<'b>(&self, body: &'b Body, kind: &str, scope: &Scope) -> Vec<NestedBlock<'b>> {
        let mut out = Vec::new();
        for block in &body.blocks {
            if block.kind.text == kind {
                out.push(NestedBlock::Block(block.span, &block.body, scope.clone()));
            } else if block.kind.text == "dynamic" && block.label(0) == kind {
                self.dynamic(block, scope, &mut out);
            }
        }
        out
    }

    fn dynamic<'b>(&self, block: &'b Block, scope: &Scope, out: &mut Vec<NestedBlock<'b>>) {
        let Some(content) = block.body.blocks("content").next() else { return };
        let Some(each) = block.body.get("for_each") else { return };
        let iterator = match block.body.get("iterator").map(|name| &name.kind) {
            Some(Syntax::Name(name)) => name.clone(),
            Some(Syntax::Str(name)) => name.text.clone(),
            _ => block.label(0).into(),
        };
        let each = self.eval(each, scope);
        let pairs = match self.each_of(&each) {
            Ok(pairs) => pairs,
            // a loop over null makes none
            Err(_) if matches!(each.kind, ValueKind::Null) => return,
            Err(_) => return out.push(NestedBlock::Unknown(block.span, operate::lack_of(&each))),
        };
        for (key, value) in pairs {
            if let ValueKind::Rest(lack) = &value.kind {
                out.push(NestedBlock::Unknown(block.span, Arc::clone(lack)));
                continue;
            }
            let name = |text: &str| Name { span: block.span, text: text.into() };
            let members = vec![Member { key: name("key"), value: key }, Member { key: name("value"), value }];
            let inner = scope.with(&iterator, Value::map(block.span, members));
            out.push(NestedBlock::Block(content.span, &content.body, inner));
        }
    }

    /// A body as a tree: attributes by their names, and blocks as lists by theirs.
    pub(crate) fn body_node(&self, span: Span, body: &Body, scope: &Scope) -> Node {
        let mut entries = Vec::new();
        for attribute in &body.attributes {
            if attribute.name.text == "depends_on" {
                entries.push(Entry { key: key(&attribute.name), value: self.addresses(&attribute.value, scope) });
                continue;
            }
            let value = self.eval(&attribute.value, scope);
            // null is as if it were left out
            if !matches!(value.kind, ValueKind::Null) {
                let node = if attribute.name.text == "policy" { self.policy_node(&value) } else { value.node() };
                entries.push(Entry { key: key(&attribute.name), value: node });
            }
        }
        let mut kinds: Vec<(SmolStr, Name)> = Vec::new();
        for block in &body.blocks {
            let (kind, name) = match block.kind.text.as_str() {
                "dynamic" => (SmolStr::from(block.label(0)), block.labels.first().unwrap_or(&block.kind)),
                // these say how to deploy, not what
                "lifecycle" | "provisioner" | "connection" | "timeouts" => continue,
                _ => (block.kind.text.clone(), &block.kind),
            };
            if kinds.iter().all(|(known, _)| *known != kind) {
                kinds.push((kind, name.clone()));
            }
        }
        for (kind, name) in kinds {
            let nested = self.blocks(body, &kind, scope).into_iter().map(|nested| match nested {
                NestedBlock::Block(span, body, scope) => self.body_node(span, body, &scope),
                NestedBlock::Unknown(span, lack) => Node::hidden(span, lack.symbol.why.clone(), true),
            });
            let items: Vec<Node> = nested.collect();
            let whole = items.first().map_or(name.span, |first| first.span);
            if !items.is_empty() {
                entries.push(Entry { key: key(&name), value: Node::new(whole, NodeValue::Seq(items)) });
            }
        }
        Node::new(span, NodeValue::Map(entries))
    }

    /// The addresses in `depends_on`, without the number or key of an instance.
    fn addresses(&self, list: &Expr, scope: &Scope) -> Node {
        let path = &self.instance(scope.instance).path;
        let items: &[Expr] = if let Syntax::List(items) = &list.kind { items } else { &[] };
        let named = |item: &Expr| Some(Node::string(item.span, format!("{path}{}", address(item)?)));
        Node::new(list.span, NodeValue::Seq(items.iter().filter_map(named).collect()))
    }

    /// A policy as the tree of its document, however it is written. A text that cannot be read is told of, if it is known.
    fn policy_node(&self, value: &Value) -> Node {
        match &value.kind {
            ValueKind::Json(inner) => Node { span: value.span, ..inner.node() },
            ValueKind::Str(text) => match json::read(text) {
                Ok(document) => Node { span: value.span, ..document.node() },
                Err(fault) => {
                    let whole = text.text.as_symbol().map(|symbol| symbol.why.clone());
                    if fault.sure {
                        self.problems.borrow_mut().push(fault.problem);
                    }
                    Node::hidden(value.span, whole.unwrap_or_else(|| "its text cannot be read as JSON".into()), false)
                }
            },
            _ => value.node(),
        }
    }
}

/// `aws_s3_bucket.raw` in an expression that refers to it or to something of it.
fn address(expr: &Expr) -> Option<String> {
    match &expr.kind {
        Syntax::Name(name) => Some(name.to_string()),
        Syntax::Attr(base, name) => Some(format!("{}.{}", address(base)?, name.text)),
        Syntax::Index(base, _) => address(base),
        _ => None,
    }
}

fn key(name: &Name) -> Key {
    Key { span: name.span, text: name.text.clone() }
}
