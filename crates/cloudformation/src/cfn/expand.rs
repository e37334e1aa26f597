//! Loops written out: `Fn::ForEach` in sections and properties, before anything else is read.
//!
//! Each copy's nodes have the spans of the loop's body, so that findings point at the text that makes them.

use super::function::{self, SubPiece};
use super::judged;
use super::names;
use super::resolve::{Exports, Resolver};
use super::scenario::Scenario;
use super::template::Template;
use bucketlint_text::resolve::Unknown;
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::{Entry, Key, Node, Value};
use bucketlint_text::text::Text;
use smol_str::{SmolStr, SmolStrBuilder};
use std::collections::BTreeSet;

#[cfg(test)]
mod tests;

/// Copies may have so many nodes in all: far more than the megabyte a template may have.
const MAX_NODES: usize = 200_000;

/// Loops may give one mapping so many members: twice the 500 that CloudFormation takes.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const MAX_MEMBERS: usize = 1_000;

/// A collection that is not known and has more nodes than this is not copied: in loops of loops they double each other.
const MAX_COLLECTION: usize = 1_000;

/// A template with its loops written out.
#[derive(Clone, Debug)]
pub struct Expanded {
    /// The whole tree.
    pub root: Node,
    /// The loops of which it is not known what they go over, each at its collection, if they make something that is
    /// judged. Of such a loop there is one copy, in which the identifier is not known.
    pub open: Vec<Unknown>,
}

/// `template` with every loop written out, as `scenario` sets its parameters; `None` where it is the same as before.
///
/// A collection is a list, or what a function makes of parameters, mappings and literals. Condition names that YAML
/// takes for booleans become the names they are written as.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html>
pub fn expand(template: &Template<'_>, scenario: &Scenario) -> Option<Expanded> {
    static NONE: Exports = Exports::new();
    if !is_needed(template.root) {
        return None;
    }
    let resolver = Resolver::under(*template, &NONE, scenario);
    let mut expander = Expander { template, resolver, left: MAX_NODES, open: Vec::new(), judged: false };
    let root = expander.node(template.root, &mut Vec::new(), false);
    Some(Expanded { root, open: expander.open })
}

fn is_loop(key: &str) -> bool {
    key.strip_prefix("Fn::ForEach").is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn is_needed(node: &Node) -> bool {
    node.items().iter().any(is_needed)
        || node.entries().iter().any(|entry| is_loop(&entry.key.text) || names::is_condition_of(entry) || is_needed(&entry.value))
}

struct Expander<'t, 'n> {
    template: &'t Template<'n>,
    resolver: Resolver<'n>,
    left: usize,
    open: Vec<Unknown>,
    /// Whether this is in a resource that is judged.
    judged: bool,
}

/// An identifier with the item it stands for.
struct Binding {
    name: SmolStr,
    item: Item,
}

enum Item {
    Known(SmolStr),
    /// A function that would pick the item.
    Unknown(Node),
}

impl Expander<'_, '_> {
    /// A copy of `node`. What is `exact` names something: it stays text even where an identifier in it is not known.
    fn node(&mut self, node: &Node, scope: &mut Vec<Binding>, exact: bool) -> Node {
        self.left = self.left.saturating_sub(usize::from(!scope.is_empty()));
        if let Some(made) = function::call(node).and_then(|call| self.call(call, scope, exact)) {
            return made;
        }
        match &node.value {
            Value::Str(text) if !scope.is_empty() => string(text, node.span, scope, exact),
            Value::Seq(items) => {
                let items = items.iter().map(|item| self.node(item, scope, exact)).collect();
                Node::new(node.span, Value::Seq(items))
            }
            Value::Map(entries) => {
                let mut out = Vec::new();
                entries.iter().for_each(|entry| self.entry(entry, scope, &mut out));
                let mut seen = BTreeSet::new();
                out.retain(|entry| seen.insert(entry.key.text.clone()));
                Node::new(node.span, Value::Map(out))
            }
            _ => node.clone(),
        }
    }

    fn entry(&mut self, entry: &Entry, scope: &mut Vec<Binding>, out: &mut Vec<Entry>) {
        if is_loop(&entry.key.text) {
            return self.each(entry, scope, out);
        }
        let exact = matches!(entry.key.text.as_str(), "Ref" | "Fn::GetAtt" | "DependsOn")
            || entry.key.text == "Condition" && entry.value.as_str().is_some();
        let key = Key { span: entry.key.span, text: replaced(&entry.key.text, scope) };
        let outside = self.judged;
        self.judged |= is_judged(&entry.value);
        let mut value = self.node(&entry.value, scope, exact);
        self.judged = outside;
        names::write_condition(self.template, &entry.key.text, &mut value);
        out.push(Entry { key, value });
    }

    /// `Ref` to an identifier, and `Fn::Sub` with one.
    fn call(&mut self, call: function::Call<'_>, scope: &mut Vec<Binding>, exact: bool) -> Option<Node> {
        let (name, at) = (call.name, call.span);
        match name {
            "Ref" => {
                let wanted = call.argument.as_str()?;
                match &scope.iter().rev().find(|binding| binding.name == wanted)?.item {
                    Item::Known(text) => Some(Node::string(at, text.clone())),
                    Item::Unknown(picked) => Some(Node::new(at, picked.value.clone())),
                }
            }
            "Sub" if !scope.is_empty() => {
                let template = call.argument.items().first().unwrap_or(call.argument);
                let text = replaced(template.as_str()?, scope);
                if exact && call.argument.as_str().is_some() {
                    return Some(Node::string(at, text));
                }
                let own = call.argument.items().get(1).map(|own| self.node(own, scope, false));
                Some(substituted(Node::string(template.span, text), own, at, scope))
            }
            _ => None,
        }
    }

    fn each(&mut self, entry: &Entry, scope: &mut Vec<Binding>, out: &mut Vec<Entry>) {
        let outside = self.judged;
        self.judged |= makes_judged(&entry.value);
        self.written_out(entry, scope, out);
        self.judged = outside;
    }

    fn written_out(&mut self, entry: &Entry, scope: &mut Vec<Binding>, out: &mut Vec<Entry>) {
        let (name, collection, body) = match entry.value.items() {
            [Node { value: Value::Str(name), .. }, collection, body] if body.is_map() => (name, collection, body),
            _ => {
                self.tell(entry.key.span, "`Fn::ForEach` takes an identifier, a collection and a mapping");
                return out.push(entry.clone());
            }
        };
        let collection = self.node(collection, scope, false);
        for item in self.items(&collection) {
            if self.left == 0 || out.len() >= MAX_MEMBERS {
                return self.tell(entry.key.span, "the loops make more than a template can hold");
            }
            self.left -= 1;
            scope.push(Binding { name: name.clone(), item });
            body.entries().iter().for_each(|entry| self.entry(entry, scope, out));
            scope.pop();
        }
    }

    fn tell(&mut self, at: Span, why: &str) {
        let unknown = Unknown { at, why: why.into() };
        if self.judged && !self.open.contains(&unknown) {
            self.open.push(unknown);
        }
    }

    /// What a loop goes over: one unknown item where that is not known.
    fn items(&mut self, collection: &Node) -> Vec<Item> {
        let texts = self.resolver.elements(collection);
        let texts = texts.unwrap_or_else(|unknown| vec![unknown.text()]);
        let unknown = texts.iter().find_map(|text| text.symbols().next());
        if let Some(symbol) = unknown {
            self.tell(collection.span, &symbol.why);
            if count(collection) > MAX_COLLECTION {
                return Vec::new();
            }
        }
        let item = |(at, text): (usize, &Text)| match text.as_known() {
            Some(known) => Item::Known(known.into()),
            None => Item::Unknown(picked(at, collection)),
        };
        texts.iter().enumerate().map(item).collect()
    }
}

fn is_judged(resource: &Node) -> bool {
    resource.get("Type").and_then(Node::as_str).is_some_and(judged::is_judged)
}

fn makes_judged(node: &Node) -> bool {
    is_judged(node) || node.items().iter().any(makes_judged) || node.entries().iter().any(|entry| makes_judged(&entry.value))
}

fn count(node: &Node) -> usize {
    let items = node.items().iter().map(count).sum::<usize>();
    1 + items + node.entries().iter().map(|entry| count(&entry.value)).sum::<usize>()
}

/// The item at `index` of a collection.
fn picked(index: usize, collection: &Node) -> Node {
    let index = Node::new(collection.span, Value::Num(index.to_string().into()));
    long_form("Fn::Select", Node::new(collection.span, Value::Seq(vec![index, collection.clone()])), collection.span)
}

fn long_form(name: &'static str, argument: Node, span: Span) -> Node {
    let key = Key { span, text: SmolStr::new_static(name) };
    Node::new(span, Value::Map(vec![Entry { key, value: argument }]))
}

fn string(text: &str, span: Span, scope: &[Binding], exact: bool) -> Node {
    let node = Node::string(span, replaced(text, scope));
    let open = !exact && unknowns(node.as_str().unwrap_or_default(), scope).next().is_some();
    if open { substituted(node, None, span, scope) } else { node }
}

/// `Fn::Sub` with the identifiers that are not known among its values; a string where nothing is left to substitute.
fn substituted(template: Node, own: Option<Node>, span: Span, scope: &[Binding]) -> Node {
    let text = template.as_str().unwrap_or_default();
    if own.is_none() && !text.contains("${") {
        return Node::new(span, template.value);
    }
    let mut values = own.as_ref().map(|own| own.entries().to_vec()).unwrap_or_default();
    for (name, item) in unknowns(text, scope) {
        if values.iter().all(|entry| entry.key.text != *name) {
            values.push(Entry { key: Key { span, text: name.clone() }, value: item.clone() });
        }
    }
    let argument = match (&own, values.is_empty()) {
        (None, true) => template,
        _ => {
            let at = own.map_or(span, |own| own.span);
            Node::new(span, Value::Seq(vec![template, Node::new(at, Value::Map(values))]))
        }
    };
    long_form("Fn::Sub", argument, span)
}

/// The identifiers in `text` that are not known.
fn unknowns<'s>(text: &str, scope: &'s [Binding]) -> impl Iterator<Item = (&'s SmolStr, &'s Node)> {
    let pieces = if scope.is_empty() { Vec::new() } else { function::sub_pieces(text) };
    let named: BTreeSet<SmolStr> =
        pieces.iter().filter_map(|piece| if let SubPiece::Name(name) = piece { Some((*name).into()) } else { None }).collect();
    scope.iter().filter_map(move |binding| match &binding.item {
        Item::Unknown(node) if named.contains(&binding.name) => Some((&binding.name, node)),
        _ => None,
    })
}

/// `text` with each `${Identifier}`, and each `&{Identifier}` without what is neither letter nor digit.
fn replaced(text: &str, scope: &[Binding]) -> SmolStr {
    if scope.is_empty() || !text.contains('{') {
        return text.into();
    }
    let mut out = SmolStrBuilder::new();
    let mut rest = text;
    while let Some((before, mark, value, behind)) = next(rest, scope) {
        out.push_str(before);
        match mark {
            "&" => value.chars().filter(char::is_ascii_alphanumeric).for_each(|letter| out.push(letter)),
            _ => out.push_str(value),
        }
        rest = behind;
    }
    out.push_str(rest);
    out.finish()
}

/// What stands before the next identifier that is known, the mark it begins with, its item, and what stands behind it.
fn next<'t, 's>(text: &'t str, scope: &'s [Binding]) -> Option<(&'t str, &'t str, &'s str, &'t str)> {
    text.match_indices(['$', '&']).find_map(|(at, mark)| {
        let (before, after) = text.split_at_checked(at)?;
        let (name, behind) = after.strip_prefix(mark)?.strip_prefix('{')?.split_once('}')?;
        let binding = scope.iter().rev().find(|binding| binding.name == name)?;
        let Item::Known(value) = &binding.item else { return None };
        Some((before, mark, value.as_str(), behind))
    })
}
