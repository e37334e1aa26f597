//! The tree under construction: open collections, anchors, tags.

use super::anchors::Anchors;
use crate::source::{FileId, Span};
use crate::syntax::keys::{keep_last, merge};
use crate::syntax::node::{Entry, Key, Node, Value};
use crate::syntax::parse::{MAX_DEPTH, Problem, word_at};
use crate::syntax::scalar::Tagging;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::ops::Range;

/// What may stand before a node's content.
pub(super) struct Properties {
    /// The anchor's number, 0 for none.
    pub(super) anchor: usize,
    pub(super) tagging: Tagging,
    /// Where the tag stands, empty without one.
    pub(super) tag_range: Range<usize>,
}

/// The contents so far of an open collection.
pub(super) enum Collection {
    Seq(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        /// A key that waits for its value.
        key: Option<PendingKey>,
        /// The values of `<<`.
        merged: Vec<Node>,
    },
}

pub(super) enum PendingKey {
    Merge,
    Plain(Key),
}

impl Collection {
    pub(super) fn map() -> Self {
        Self::Map { entries: Vec::new(), key: None, merged: Vec::new() }
    }
}

struct Open {
    body: Collection,
    flow: bool,
    properties: Properties,
    start: usize,
    /// The end of the last child.
    end: usize,
}

pub(super) struct Tree<'t> {
    file: FileId,
    text: &'t str,
    open: Vec<Open>,
    anchors: Anchors,
    root: Option<Node>,
    problems: Vec<Problem>,
}

impl<'t> Tree<'t> {
    pub(super) fn new(file: FileId, text: &'t str) -> Self {
        Self { file, text, open: Vec::new(), anchors: Anchors::default(), root: None, problems: Vec::new() }
    }

    pub(super) fn finish(self) -> (Option<Node>, Vec<Problem>) {
        (self.root, self.problems)
    }

    /// Whether the innermost open collection is a mapping.
    pub(super) fn in_mapping(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.body, Collection::Map { .. }))
    }

    /// Whether a document was read that is more than nothing.
    pub(super) fn has_content(&self) -> bool {
        self.root.as_ref().is_some_and(|root| !matches!(root.value, Value::Null))
    }

    pub(super) fn expects_key(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.body, Collection::Map { key: None, .. }))
    }

    fn span(&self, range: &Range<usize>) -> Span {
        Span::new(self.file, range.start, range.end)
    }

    /// What stands at a place that the parser gave.
    fn written(&self, range: &Range<usize>) -> SmolStr {
        self.text.get(range.clone()).unwrap_or_default().into()
    }

    pub(super) fn scalar(
        &mut self,
        text: Cow<'t, str>,
        plain: bool,
        properties: Properties,
        range: Range<usize>,
    ) -> Result<(), Problem> {
        if !self.expects_key() {
            let node = Node::new(self.span(&range), properties.tagging.scalar(text, plain));
            return self.complete(node, properties, range);
        }
        if properties.anchor != 0 {
            let node = Node::new(self.span(&range), properties.tagging.scalar(text.clone(), plain));
            self.anchors.define(properties.anchor, &node)?;
        }
        if plain && text == "<<" {
            self.key(PendingKey::Merge, &range);
        } else {
            // a key is text even if it looks like a boolean or number
            self.named(text.into(), range);
        }
        Ok(())
    }

    pub(super) fn open(&mut self, body: Collection, flow: bool, properties: Properties, start: usize) -> Result<(), Problem> {
        if self.open.len() == MAX_DEPTH {
            return Err(Problem::too_deep(self.span(&word_at(self.text, start))));
        }
        self.open.push(Open { body, flow, properties, start, end: start });
        Ok(())
    }

    /// Closes the innermost collection, at the end of its `bracket` if it has one.
    pub(super) fn close(&mut self, bracket: Option<usize>) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let range = open.start..bracket.filter(|_| open.flow).unwrap_or(open.end).max(open.start);
        let value = match open.body {
            Collection::Seq(items) => Value::Seq(items),
            Collection::Map { mut entries, merged, .. } => {
                keep_last(&mut entries, &mut self.problems);
                if !merged.is_empty() {
                    merge(&mut entries, merged)
                        .map_err(|node| Problem::syntax(node.span, "`<<` needs a mapping or a list of mappings"))?;
                }
                Value::Map(entries)
            }
        };
        self.complete(Node::new(self.span(&range), value), open.properties, range)
    }

    /// Puts a copy of the anchored node, with the spans it has there, in the place of the alias at `range`.
    pub(super) fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<(), Problem> {
        let node = self.anchors.expand(anchor, self.open.len(), self.span(&range))?;
        if self.expects_key() {
            let text = node.scalar_text().unwrap_or_else(|| self.written(&range));
            self.named(text, range);
        } else {
            self.add(node, range.end);
        }
        Ok(())
    }

    /// A finished node gets its tag, its anchor and its place.
    fn complete(&mut self, node: Node, properties: Properties, range: Range<usize>) -> Result<(), Problem> {
        let node = match properties.tagging {
            Tagging::Function(name) => {
                let key = Key { span: self.span(&properties.tag_range), text: name };
                let span = self.span(&(properties.tag_range.start..range.end));
                Node::new(span, Value::Map(vec![Entry { key, value: node }]))
            }
            _ => node,
        };
        if properties.anchor != 0 {
            self.anchors.define(properties.anchor, &node)?;
        }
        if self.expects_key() {
            self.named(self.written(&range), range);
        } else {
            self.add(node, range.end);
        }
        Ok(())
    }

    fn named(&mut self, text: SmolStr, range: Range<usize>) {
        let key = Key { span: self.span(&range), text };
        self.key(PendingKey::Plain(key), &range);
    }

    fn key(&mut self, pending: PendingKey, range: &Range<usize>) {
        let Some(open) = self.open.last_mut() else { return };
        let Collection::Map { entries, key, merged } = &mut open.body else { return };
        if !open.flow && entries.is_empty() && merged.is_empty() {
            open.start = range.start;
        }
        *key = Some(pending);
        open.end = open.end.max(range.end);
    }

    fn add(&mut self, node: Node, end: usize) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        open.end = open.end.max(end);
        match &mut open.body {
            Collection::Seq(items) => items.push(node),
            Collection::Map { entries, key, merged } => match key.take() {
                Some(PendingKey::Plain(key)) => entries.push(Entry { key, value: node }),
                Some(PendingKey::Merge) => merged.push(node),
                None => {}
            },
        }
    }
}
