//! Operators: what a clause asks of one selected node.

use super::clause::{Clause, Truth, all};
use super::selector::{Path, Scene};
use crate::source::Span;
use crate::syntax::node::{Node, Value};
use regex::Regex;

/// Why something could be told neither true nor false, and at which node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Doubt {
    pub(super) at: Span,
    pub(super) reason: String,
}

/// A test of one node. Where the node's kind does not fit, the result is a [`Doubt`]; null is equal to null alone.
#[derive(Clone, Debug)]
pub(super) enum Operator {
    Empty(bool),
    Equals(Operand),
    In(Operand),
    Matches(Regex),
    Compare(Order, Operand),
    Not(Box<Operator>),
    /// A kind, as [`Node::kind`] has it.
    Is(&'static str),
    /// All the clauses hold, with the node in place of the subject.
    Holds(Vec<Clause>),
}

/// The right-hand side: a value, or `{from: path}`.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Literal(Node),
    From(Path),
}

/// A numeric comparison and the word for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) word: &'static str,
    holds: fn(f64, f64) -> bool,
}

/// The kinds a node may be, by the word for them in rules.
pub(super) const KINDS: [(&str, &str); 6] = [
    ("string", "a string"),
    ("number", "a number"),
    ("boolean", "a boolean"),
    ("list", "a list"),
    ("mapping", "a mapping"),
    ("null", "nothing"),
];

/// Every numeric comparison.
pub(super) const ORDERS: [Order; 4] = [
    Order { word: "less_than", holds: |a, b| a < b },
    Order { word: "at_most", holds: |a, b| a <= b },
    Order { word: "greater_than", holds: |a, b| a > b },
    Order { word: "at_least", holds: |a, b| a >= b },
];

impl Operator {
    /// Whether it holds for `node`.
    pub(super) fn holds(&self, node: &Node, scene: Scene<'_, '_>) -> Result<bool, Doubt> {
        let doubt = |reason| Doubt { at: node.span, reason };
        match self {
            Self::Not(inner) => inner.holds(node, scene).map(|holds| !holds),
            Self::Holds(clauses) => match all(clauses, Scene { subject: node, ..scene }) {
                Truth::Holds => Ok(true),
                Truth::Fails(_) => Ok(false),
                Truth::Undecided(doubt) => Err(doubt),
            },
            _ if node.as_hidden().is_some() => Err(doubt(unknown(node).unwrap_or_default())),
            Self::Is(kind) => Ok(node.kind() == *kind),
            Self::Empty(wanted) => empty(node).map(|is| is == *wanted).map_err(doubt),
            Self::Matches(regex) => match node.as_str() {
                Some(text) => Ok(regex.is_match(text)),
                None => Err(doubt(needs("matches", "a string", node))),
            },
            Self::Equals(wanted) => wanted.one(scene).and_then(|wanted| equal(node, wanted)).map_err(doubt),
            Self::In(wanted) => contains(&wanted.many(scene), node).map_err(doubt),
            Self::Compare(order, wanted) => {
                let ordered = |wanted: &Node| Ok((order.holds)(number(order.word, node)?, number(order.word, wanted)?));
                wanted.one(scene).and_then(ordered).map_err(doubt)
            }
        }
    }
}

impl Operand {
    fn one<'n>(&'n self, scene: Scene<'_, 'n>) -> Result<&'n Node, String> {
        let path = match self {
            Self::Literal(node) => return Ok(node),
            Self::From(path) => path,
        };
        match path.select(scene).as_slice() {
            [only] => Ok(only),
            several => Err(format!("`{}` selects {} values where one is needed", path.text, several.len())),
        }
    }

    /// The values of a list; of a path those it selects, where a list stands for its items.
    fn many<'n>(&'n self, scene: Scene<'_, 'n>) -> Vec<&'n Node> {
        match self {
            Self::Literal(node) => node.items().iter().collect(),
            Self::From(path) => path.select(scene).into_iter().flat_map(Node::one_or_many).collect(),
        }
    }
}

fn comparable(a: &Node, b: &Node) -> bool {
    a.is_null() || b.is_null() || a.kind() == b.kind()
}

/// Why something in `node` is not known, if anything is.
fn unknown(node: &Node) -> Option<String> {
    node.first_hidden().map(|hidden| format!("the value is not known: {}", hidden.why))
}

fn equal(node: &Node, wanted: &Node) -> Result<bool, String> {
    match unknown(node).or_else(|| unknown(wanted)) {
        Some(why) => Err(why),
        None if comparable(node, wanted) => Ok(node == wanted),
        None => Err(needs("equals", wanted.kind(), node)),
    }
}

fn contains(values: &[&Node], node: &Node) -> Result<bool, String> {
    if values.contains(&node) {
        return Ok(true);
    }
    if let Some(why) = unknown(node).or_else(|| values.iter().find_map(|value| unknown(value))) {
        return Err(why);
    }
    match values.first() {
        Some(first) if !values.iter().any(|value| comparable(node, value)) => Err(needs("in", first.kind(), node)),
        _ => Ok(false),
    }
}

fn empty(node: &Node) -> Result<bool, String> {
    match &node.value {
        Value::Str(text) => Ok(text.is_empty()),
        Value::Seq(items) => match items.iter().all(|item| item.as_hidden().is_some_and(|hidden| hidden.may_be_absent)) {
            true if !items.is_empty() => Err(unknown(node).unwrap_or_default()),
            _ => Ok(items.is_empty()),
        },
        Value::Map(entries) => Ok(entries.is_empty()),
        _ => Err(needs("empty", "a string, list or mapping", node)),
    }
}

fn number(word: &str, node: &Node) -> Result<f64, String> {
    let value = if let Value::Num(text) = &node.value { text.parse().ok() } else { None };
    value.ok_or_else(|| needs(word, "a decimal number", node))
}

fn needs(word: &str, wanted: &str, node: &Node) -> String {
    format!("`{word}` needs {wanted}, and this is {}", node.kind())
}
