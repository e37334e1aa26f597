//! How typed models read a tree that may hold intrinsic functions, without knowing what those mean.

use crate::source::Span;
use crate::syntax::node::{Node, Value};
use crate::text::{Symbol, SymbolKind, Text};
use smol_str::{SmolStr, format_smolstr};

/// Something that cannot be told from the linted files, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unknown {
    /// The place that is not known.
    pub at: Span,
    /// Why, as the end of a sentence: "parameter `Name` has no default".
    pub why: SmolStr,
}

impl Unknown {
    /// A string of which nothing is known, equal to that of no other place; the reason tells apart what a loop writes there.
    pub fn text(&self) -> Text {
        let (at, why) = (self.at, self.why.clone());
        let id = format_smolstr!("{} at {}: {why}", at.file.0, at.start);
        Text::symbol(at, Symbol { id, shown: "${…}".into(), why, at, kind: SymbolKind::Other })
    }
}

/// What a node comes to once the functions that choose between nodes are followed.
#[derive(Clone, Debug)]
pub enum Followed<'n> {
    /// A plain node: scalar, list, mapping, or a function that makes a string.
    Node(&'n Node),
    /// Removed by `AWS::NoValue`.
    Absent,
    /// Not to be known here.
    Unknown(Unknown),
}

/// Meaning of intrinsic functions, given by whoever knows the document they stand in.
pub trait Resolve {
    /// Follows functions that stand for a whole node.
    fn follow<'n>(&'n self, node: &'n Node) -> Followed<'n>;

    /// The string a scalar or string function makes; unknown pieces become symbols.
    fn text(&self, node: &Node) -> Text;

    /// The member `key` of a mapping, followed; absent counts as `None`.
    fn member<'n>(&'n self, map: &'n Node, key: &str) -> Option<Followed<'n>> {
        match self.follow(map.get(key)?) {
            Followed::Absent => None,
            other => Some(other),
        }
    }

    /// The items of a list, each followed; a bare value is a list of one. Removed items are left out.
    fn list<'n>(&'n self, node: &'n Node) -> Vec<Followed<'n>> {
        let mut out = Vec::new();
        match self.follow(node) {
            Followed::Node(list) => {
                for item in list.one_or_many() {
                    match self.follow(item) {
                        Followed::Absent => {}
                        // a list in its place is a mistake, and is told as one: what was meant are its items
                        Followed::Node(chosen) if matches!(chosen.value, Value::Seq(_)) => {
                            out.extend(self.list(chosen));
                        }
                        followed => out.push(followed),
                    }
                }
            }
            Followed::Absent => {}
            unknown @ Followed::Unknown(_) => out.push(unknown),
        }
        out
    }

    /// The items of a list, or the node itself where one value stands for a list; what cannot be followed stays as it
    /// is, for [`Resolve::text`] to make a symbol of.
    fn items<'n>(&'n self, node: &'n Node) -> Vec<&'n Node> {
        let followed = |node: &'n Node| match self.follow(node) {
            Followed::Node(node) => Some(node),
            Followed::Unknown(_) => Some(node),
            Followed::Absent => None,
        };
        followed(node).into_iter().flat_map(Node::one_or_many).filter_map(followed).collect()
    }

    /// The strings of a list or single value, and what in it cannot be known.
    fn texts(&self, node: &Node) -> (Vec<Text>, Vec<Unknown>) {
        let (mut texts, mut unknown) = (Vec::new(), Vec::new());
        for item in self.list(node) {
            match item {
                Followed::Node(item) => texts.push(self.text(item)),
                Followed::Unknown(why) => unknown.push(why),
                Followed::Absent => {}
            }
        }
        (texts, unknown)
    }
}

/// A tree without functions, such as a standalone policy document, or one of values that are evaluated already.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl Resolve for Plain {
    fn follow<'n>(&'n self, node: &'n Node) -> Followed<'n> {
        match node.as_hidden() {
            Some(hidden) => Followed::Unknown(Unknown { at: node.span, why: hidden.why.clone() }),
            None => Followed::Node(node),
        }
    }

    fn text(&self, node: &Node) -> Text {
        match (&node.value, node.as_hidden()) {
            (Value::Text(text), _) => text.clone().at(node.span),
            (_, Some(hidden)) => Unknown { at: node.span, why: hidden.why.clone() }.text(),
            _ => Text::known(node.span, node.scalar_text().unwrap_or_default()),
        }
    }
}
