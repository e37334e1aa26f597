//! The one spanned tree that templates, policies, rules and facts are made of, and its JSONPath view.

use crate::source::Span;
use crate::text::Text;
use jsonpath_rust::query::queryable::Queryable;
use smol_str::SmolStr;
use std::borrow::Cow;

/// A value with the bytes it was written in. Equality looks at the value alone.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// Where it stands: a block collection spans its first to its last child.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// A mapping's key with its own span.
#[derive(Clone, Debug)]
pub struct Key {
    /// Where the key stands; for a short-form intrinsic function, its tag.
    pub span: Span,
    /// The key's text.
    pub text: SmolStr,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Node,
}

/// What a node is. Numbers keep their text, so that `012345670123` stays what was written.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// `null`, `~`, or nothing at all.
    #[default]
    Null,
    /// A boolean as YAML 1.1 or JSON spells it.
    Bool(bool),
    /// A number, as written.
    Num(SmolStr),
    /// A string, decoded.
    Str(SmolStr),
    /// A sequence.
    Seq(Vec<Node>),
    /// A mapping in source order, each key once.
    Map(Vec<Entry>),
    /// A string of which pieces are not known or stand elsewhere; no file has such, but what is evaluated does.
    Text(Box<Text>),
    /// A value that is not known; no file has such, but facts do.
    Hidden(Box<Hidden>),
}

/// Why a value is not known, and what may stand below it, which is not known either.
#[derive(Clone, Debug)]
pub struct Hidden {
    /// The reason, as the end of a sentence: "parameter `Name` has no default".
    pub why: SmolStr,
    /// Whether there may be no value at all.
    pub may_be_absent: bool,
    below: Vec<Node>,
}

/// How many lists inside each other a path may enter in a value that is not known.
const HIDDEN_LISTS: usize = 3;

impl Node {
    /// A node of `value` at `span`.
    pub fn new(span: Span, value: Value) -> Self {
        Self { span, value }
    }

    /// A string node.
    pub fn string(span: Span, text: impl Into<SmolStr>) -> Self {
        Self::new(span, Value::Str(text.into()))
    }

    /// A value that is not known, for the reason `why`. Every path below it leads to what is not known either, and may not
    /// be there.
    pub fn hidden(span: Span, why: impl Into<SmolStr>, may_be_absent: bool) -> Self {
        let why = why.into();
        let hide =
            |may_be_absent, below| Self::new(span, Value::Hidden(Box::new(Hidden { why: why.clone(), may_be_absent, below })));
        let below = (0..HIDDEN_LISTS).fold(Vec::new(), |below, _| vec![hide(true, below)]);
        hide(may_be_absent, below)
    }

    /// Why this is not known, if it is not.
    pub fn as_hidden(&self) -> Option<&Hidden> {
        match &self.value {
            Value::Hidden(hidden) => Some(hidden),
            _ => None,
        }
    }

    /// The first thing in this node, or this node itself, that is not known.
    pub fn first_hidden(&self) -> Option<&Hidden> {
        let inside = || self.items().iter().chain(self.entries().iter().map(|entry| &entry.value));
        self.as_hidden().or_else(|| inside().find_map(Node::first_hidden))
    }

    /// The member called `key`, if this is a mapping that has one.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The member called `key` with the key's own span.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key.text == key)
    }

    /// The node reached by following `keys` down through mappings.
    pub fn path(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The members of a mapping; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Seq(items) => items,
            _ => &[],
        }
    }

    /// The items of a sequence, or the node itself where one bare value stands for a list.
    pub fn one_or_many(&self) -> &[Node] {
        match &self.value {
            Value::Seq(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The text of a string; `None` for anything else.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The text of any scalar but null: a boolean or number counts as it would be written in JSON.
    pub fn scalar_text(&self) -> Option<SmolStr> {
        match &self.value {
            Value::Str(text) | Value::Num(text) => Some(text.clone()),
            Value::Bool(value) => Some(SmolStr::new_static(if *value { "true" } else { "false" })),
            _ => None,
        }
    }

    /// A boolean, also when written as the strings `"true"` and `"false"`, as CloudFormation takes it.
    pub fn truth(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(value) => Some(*value),
            Value::Str(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::Str(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// Whether this is a mapping.
    pub fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// What kind of value this is, in words fit for a message.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Num(_) => "a number",
            Value::Str(_) | Value::Text(_) => "a string",
            Value::Seq(_) => "a list",
            Value::Map(_) => "a mapping",
            Value::Hidden(_) => "not known",
        }
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Num(a), Value::Num(b)) => a == b || matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(a), Ok(b)) if a == b),
            (Value::Str(a), Value::Str(b)) => a == b,
            (Value::Seq(a), Value::Seq(b)) => a == b,
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len() && a.iter().all(|entry| other.get(&entry.key.text).is_some_and(|value| *value == entry.value))
            }
            _ => false,
        }
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::string(Span::default(), text)
    }
}
impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::string(Span::default(), text)
    }
}
impl From<bool> for Node {
    fn from(value: bool) -> Self {
        Self::new(Span::default(), Value::Bool(value))
    }
}
impl From<i64> for Node {
    fn from(value: i64) -> Self {
        Self::new(Span::default(), Value::Num(value.to_string().into()))
    }
}
impl From<f64> for Node {
    fn from(value: f64) -> Self {
        Self::new(Span::default(), Value::Num(value.to_string().into()))
    }
}
impl From<Vec<Node>> for Node {
    fn from(items: Vec<Node>) -> Self {
        Self::new(Span::default(), Value::Seq(items))
    }
}

impl Queryable for Node {
    fn get(&self, key: &str) -> Option<&Self> {
        match self.as_hidden() {
            // what is below a member is no more hidden than the member
            Some(hidden) if hidden.may_be_absent => Some(self),
            Some(hidden) => hidden.below.first(),
            None => Node::get(self, key),
        }
    }
    fn as_array(&self) -> Option<&Vec<Self>> {
        match &self.value {
            Value::Seq(items) => Some(items),
            Value::Hidden(hidden) => Some(&hidden.below),
            _ => None,
        }
    }
    fn as_object(&self) -> Option<Vec<(&str, &Self)>> {
        match &self.value {
            Value::Map(entries) => Some(entries.iter().map(|entry| (entry.key.text.as_str(), &entry.value)).collect()),
            _ => None,
        }
    }
    fn as_str(&self) -> Option<&str> {
        Node::as_str(self)
    }
    fn as_i64(&self) -> Option<i64> {
        match &self.value {
            Value::Num(text) => text.parse().ok(),
            _ => None,
        }
    }
    fn as_f64(&self) -> Option<f64> {
        match &self.value {
            Value::Num(text) => text.parse().ok(),
            _ => None,
        }
    }
    fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }
    fn null() -> Self {
        Self::default()
    }
    /// The membership functions of jsonpath-rust's grammar, which its default answers with null.
    fn extension_custom(name: &str, args: Vec<Cow<'_, Self>>) -> Self {
        let [left, right] = args.as_slice() else { return Self::null() };
        let all = |left: &Self, right: &Self| left.items().iter().all(|item| right.items().contains(item));
        let any = |left: &Self, right: &Self| left.items().iter().any(|item| right.items().contains(item));
        match name {
            "in" => right.items().contains(left).into(),
            "nin" => (!right.items().contains(left)).into(),
            "any_of" => any(left, right).into(),
            "none_of" => (!any(left, right)).into(),
            "subset_of" => all(left, right).into(),
            _ => Self::null(),
        }
    }
}
