//! Values of expressions, each with the place it is written at.

pub(crate) mod json;

use crate::syntax::{Name, Piece};
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::{Entry, Key, Node, Value as NodeValue};
use bucketlint_text::text::{Symbol, SymbolKind, Text};
use smol_str::SmolStr;
use std::cmp::Ordering;
use std::sync::Arc;

/// How long a text may get, in bytes.
pub(crate) const MAX_TEXT: usize = 1 << 16;
/// How many nodes a value is written out to.
const MAX_NODES: usize = 200_000;

/// A value. A literal keeps its place wherever it is used.
#[derive(Clone, Debug)]
pub struct Value {
    /// Where it is written, or what makes it.
    pub span: Span,
    /// What it is.
    pub kind: ValueKind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum ValueKind {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number, as written.
    Num(SmolStr),
    /// A string, of which pieces may not be known.
    Str(Str),
    /// A list, tuple or set.
    List(Arc<Vec<Value>>),
    /// A map or object.
    Map(Arc<Vec<Member>>),
    /// The text that `jsonencode` makes of a value.
    Json(Arc<Value>),
    /// A resource, data source or module, whose attributes are asked for one by one.
    Made(Arc<Made>),
    /// Not known.
    Unknown(Arc<Absence>),
    /// In a list: any number of items, none of them known.
    Rest(Arc<Absence>),
}

/// A string with where its characters are written.
#[derive(Clone, Debug, Default)]
pub struct Str {
    /// The string.
    pub text: Text,
    /// Which bytes of it, as [`Text::length`] counts them, are written where.
    pub pieces: Arc<Vec<Piece>>,
}

/// A member of a map.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its key.
    pub key: Name,
    /// Its value.
    pub value: Value,
}

/// One instance of a block that makes something.
#[derive(Clone, Debug)]
pub struct Made {
    /// Which instance of a module it is in.
    pub(crate) module: usize,
    /// Its block there.
    pub(crate) block: usize,
    /// For `module` blocks: the instance that it makes; `None` where its source is not read.
    pub(crate) child: Option<usize>,
    /// What `each` and `count` are.
    pub(crate) each: Arc<Each>,
    /// Such as `module.lab.aws_s3_bucket.raw["x"]`.
    pub address: SmolStr,
    /// Why it is not known how many there are.
    pub open: Option<Arc<Absence>>,
}

/// What `each` and `count` are in a block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Each {
    pub(crate) key: Option<Value>,
    pub(crate) value: Option<Value>,
    pub(crate) index: Option<Value>,
}

/// Why something is not known.
#[derive(Clone, Debug)]
pub struct Absence {
    /// What stands for it.
    pub symbol: Symbol,
    /// Whether Terraform would refuse it, so that `try` goes on to its next argument.
    pub wrong: bool,
}

impl Absence {
    /// Something of this identity that is not known.
    pub(crate) fn new(at: Span, id: impl Into<SmolStr>, shown: impl Into<SmolStr>, why: impl Into<SmolStr>) -> Self {
        let (id, shown, why) = (id.into(), shown.into(), why.into());
        Self { symbol: Symbol { id, shown, why, at, kind: SymbolKind::Other }, wrong: false }
    }
}

impl Value {
    pub(crate) fn new(span: Span, kind: ValueKind) -> Self {
        Self { span, kind }
    }

    pub(crate) fn null(span: Span) -> Self {
        Self::new(span, ValueKind::Null)
    }

    pub(crate) fn bool(span: Span, value: bool) -> Self {
        Self::new(span, ValueKind::Bool(value))
    }

    pub(crate) fn num(span: Span, value: impl Into<SmolStr>) -> Self {
        Self::new(span, ValueKind::Num(value.into()))
    }

    pub(crate) fn text(text: Text) -> Self {
        Self::new(text.span, ValueKind::Str(Str { text, pieces: Arc::default() }))
    }

    pub(crate) fn known(span: Span, text: impl Into<SmolStr>) -> Self {
        Self::text(Text::known(span, text))
    }

    pub(crate) fn list(span: Span, items: Vec<Value>) -> Self {
        Self::new(span, ValueKind::List(Arc::new(items)))
    }

    /// A map; of members of the same key the last one counts.
    pub(crate) fn map(span: Span, members: Vec<Member>) -> Self {
        let mut seen = std::collections::BTreeSet::new();
        let mut kept: Vec<Member> = Vec::with_capacity(members.len());
        for member in members.into_iter().rev() {
            if seen.insert(member.key.text.clone()) {
                kept.push(member);
            }
        }
        kept.reverse();
        Self::new(span, ValueKind::Map(Arc::new(kept)))
    }

    pub(crate) fn lacking(lack: Absence) -> Self {
        Self::new(lack.symbol.at, ValueKind::Unknown(Arc::new(lack)))
    }

    /// Not known, for a reason that is of this place alone.
    pub(crate) fn unknown(at: Span, why: impl Into<SmolStr>) -> Self {
        let why = why.into();
        Self::lacking(Absence::new(at, smol_str::format_smolstr!("{} at {}: {why}", at.file.0, at.start), "${…}", why))
    }

    /// What Terraform refuses.
    pub(crate) fn wrong(at: Span, why: impl Into<SmolStr>) -> Self {
        let mut out = Self::unknown(at, why);
        if let ValueKind::Unknown(lack) = &mut out.kind {
            Arc::make_mut(lack).wrong = true;
        }
        out
    }

    pub(crate) fn of_lack(span: Span, lack: &Arc<Absence>) -> Self {
        Self::new(span, ValueKind::Unknown(Arc::clone(lack)))
    }

    /// Why it is not known, if nothing of it is.
    pub fn lack(&self) -> Option<&Arc<Absence>> {
        match &self.kind {
            ValueKind::Unknown(lack) | ValueKind::Rest(lack) => Some(lack),
            _ => None,
        }
    }

    /// The string, if all of it is known.
    pub fn as_known(&self) -> Option<&str> {
        match &self.kind {
            ValueKind::Str(text) => text.text.as_known(),
            _ => None,
        }
    }

    /// The members of a map.
    pub fn members(&self) -> &[Member] {
        match &self.kind {
            ValueKind::Map(members) => members,
            _ => &[],
        }
    }

    /// The member of a map called `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.members().iter().find(|member| member.key.text == key).map(|member| &member.value)
    }

    /// The items of a list.
    pub fn items(&self) -> &[Value] {
        match &self.kind {
            ValueKind::List(items) => items,
            _ => &[],
        }
    }

    /// Whether two values are the same, as far as that is known.
    pub(crate) fn same(&self, other: &Value) -> Option<bool> {
        self.same_within(other, &mut MAX_NODES.clone())
    }

    /// As [`Value::same`], looking at no more than `left` values.
    fn same_within(&self, other: &Value, left: &mut usize) -> Option<bool> {
        *left = left.checked_sub(1)?;
        match (&self.kind, &other.kind) {
            (ValueKind::Null, ValueKind::Null) => Some(true),
            (ValueKind::Null, ValueKind::Unknown(_)) | (ValueKind::Unknown(_), ValueKind::Null) => None,
            (ValueKind::Unknown(one), ValueKind::Unknown(other)) if one.symbol == other.symbol => Some(true),
            (ValueKind::Unknown(_) | ValueKind::Rest(_), _) | (_, ValueKind::Unknown(_) | ValueKind::Rest(_)) => None,
            (ValueKind::Bool(one), ValueKind::Bool(other)) => Some(one == other),
            (ValueKind::Num(one), ValueKind::Num(other)) => Some(number(one) == number(other)),
            (ValueKind::Str(one), ValueKind::Str(other)) => same_text(&one.text, &other.text),
            (ValueKind::Json(one), ValueKind::Json(other)) => one.same_within(other, left),
            (ValueKind::List(one), ValueKind::List(other)) if Arc::ptr_eq(one, other) => Some(true),
            (ValueKind::Map(one), ValueKind::Map(other)) if Arc::ptr_eq(one, other) => Some(true),
            (ValueKind::List(one), ValueKind::List(other)) => {
                if one.iter().chain(other.iter()).any(|item| matches!(item.kind, ValueKind::Rest(_))) {
                    return None;
                }
                if one.len() != other.len() {
                    return Some(false);
                }
                all(one.iter().zip(other.iter()).map(|(one, other)| one.same_within(other, left)))
            }
            (ValueKind::Map(one), ValueKind::Map(many)) => {
                if one.len() != many.len() {
                    return Some(false);
                }
                all(one
                    .iter()
                    .map(|member| other.get(&member.key.text).map_or(Some(false), |value| member.value.same_within(value, left))))
            }
            (ValueKind::Made(one), ValueKind::Made(other)) if one.open.is_none() && other.open.is_none() => {
                Some(one.address == other.address)
            }
            (ValueKind::Made(_), _)
            | (_, ValueKind::Made(_))
            | (ValueKind::Json(_), ValueKind::Str(_))
            | (ValueKind::Str(_), ValueKind::Json(_)) => None,
            _ => Some(false),
        }
    }

    /// As a tree: what is not known is hidden, and strings with unknown pieces keep them.
    pub fn node(&self) -> Node {
        self.node_within(&mut MAX_NODES.clone())
    }

    /// As [`Value::node`], of at most `left` nodes: what is shared here is written out there.
    fn node_within(&self, left: &mut usize) -> Node {
        if *left == 0 {
            return Node::hidden(self.span, "it is too much to look at", true);
        }
        *left -= 1;
        let value = match &self.kind {
            ValueKind::Null => NodeValue::Null,
            ValueKind::Bool(value) => NodeValue::Bool(*value),
            ValueKind::Num(number) => NodeValue::Num(canonical(number)),
            ValueKind::Str(text) => return text_node(text.text.clone()),
            ValueKind::Json(value) => return text_node(json::render(value)),
            ValueKind::List(items) => NodeValue::Seq(items.iter().map(|item| item.node_within(left)).collect()),
            ValueKind::Map(members) => NodeValue::Map(
                members
                    .iter()
                    .map(|member| Entry {
                        key: Key { span: member.key.span, text: member.key.text.clone() },
                        value: member.value.node_within(left),
                    })
                    .collect(),
            ),
            ValueKind::Made(made) => {
                return Node::hidden(self.span, format!("all of `{}` is known only once it is deployed", made.address), false);
            }
            ValueKind::Unknown(lack) => return Node::hidden(self.span, lack.symbol.why.clone(), false),
            ValueKind::Rest(lack) => return Node::hidden(self.span, lack.symbol.why.clone(), true),
        };
        Node::new(self.span, value)
    }
}

/// A string as a node.
pub(crate) fn text_node(text: Text) -> Node {
    match text.as_known() {
        // what is put together of several places has to keep those
        Some(known) if text.origins().next().is_none() => Node::string(text.span, known),
        _ => Node::new(text.span, NodeValue::Text(Box::new(text))),
    }
}

fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut out = Some(true);
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            None => out = None,
            Some(true) => {}
        }
    }
    out
}

/// Texts with unknown pieces are the same if they are made alike; otherwise they may be.
fn same_text(one: &Text, other: &Text) -> Option<bool> {
    match (one.as_known(), other.as_known()) {
        (Some(one), Some(other)) => Some(one == other),
        _ => (one == other).then_some(true),
    }
}

/// A number to calculate with.
pub(crate) fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// A number as Terraform writes it: no zeros before it, and no exponent unless it is written with one.
pub(crate) fn canonical(text: &str) -> SmolStr {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let bare = text.trim_start_matches('0');
        return if bare.is_empty() { "0".into() } else { bare.into() };
    }
    let value = number(text);
    if value.is_finite() && value.abs() < 1e15 { smol_str::format_smolstr!("{value}") } else { text.into() }
}

/// The order in which Terraform goes through the keys of maps and the items of sets.
pub(crate) fn order(one: &Value, other: &Value) -> Ordering {
    match (&one.kind, &other.kind) {
        (ValueKind::Num(one), ValueKind::Num(other)) => number(one).total_cmp(&number(other)),
        (ValueKind::Str(one), ValueKind::Str(other)) => one.text.cmp(&other.text),
        _ => Ordering::Equal,
    }
}
