//! Building one fact: a mapping node whose span is the place to report.

use crate::edit::Fix;
use crate::finding::{BucketRef, Label};
use crate::link::LinkedBucket;
use crate::source::Span;
use crate::syntax::node::{Entry, Key, Node, Value};
use crate::text::Text;
use smol_str::SmolStr;

/// A fact under construction.
#[derive(Debug)]
pub(crate) struct Fact {
    span: Span,
    entries: Vec<Entry>,
}

impl Fact {
    /// A fact to be reported at `span`.
    pub(crate) fn at(span: Span) -> Self {
        Self { span, entries: Vec::new() }
    }

    /// A fact to be reported where `text` is to be changed.
    pub(crate) fn on(text: &Text) -> Self {
        let place = text.place();
        Self::at(place).used((place != text.span).then_some(text.span))
    }

    /// Adds where what is to be changed is used, if that is elsewhere.
    pub(crate) fn used(self, at: Option<Span>) -> Self {
        match at {
            Some(at) => self.with("used", Value::Seq(vec![Node::new(at, Value::Null)])),
            None => self,
        }
    }

    /// Adds a member.
    pub(crate) fn with(mut self, key: &'static str, value: Value) -> Self {
        let key = Key { span: self.span, text: SmolStr::new_static(key) };
        self.entries.push(Entry { key, value: Node::new(self.span, value) });
        self
    }

    /// Adds a fact of its own, with its own place.
    pub(crate) fn inner(self, key: &'static str, inner: Fact) -> Self {
        self.node_of(key, inner.node())
    }

    /// Adds a value that has its own place.
    pub(crate) fn node_of(mut self, key: &'static str, value: Node) -> Self {
        let key = Key { span: value.span, text: SmolStr::new_static(key) };
        self.entries.push(Entry { key, value });
        self
    }

    /// Adds a string.
    pub(crate) fn text(self, key: &'static str, text: impl Into<SmolStr>) -> Self {
        self.with(key, Value::Str(text.into()))
    }

    /// Adds a string where there is one; an absent member otherwise.
    pub(crate) fn maybe(self, key: &'static str, text: Option<impl Into<SmolStr>>) -> Self {
        match text {
            Some(text) => self.text(key, text),
            None => self,
        }
    }

    /// Adds a boolean.
    pub(crate) fn flag(self, key: &'static str, value: bool) -> Self {
        self.with(key, Value::Bool(value))
    }

    /// Adds a count.
    pub(crate) fn number(self, key: &'static str, value: usize) -> Self {
        self.with(key, Value::Num(value.to_string().into()))
    }

    /// Adds a list of strings.
    pub(crate) fn texts<T: Into<SmolStr>>(self, key: &'static str, items: impl IntoIterator<Item = T>) -> Self {
        let span = self.span;
        let items = items.into_iter().map(|item| Node::string(span, item)).collect();
        self.with(key, Value::Seq(items))
    }

    /// Adds a list of strings, each at its own place.
    pub(crate) fn pieces(self, key: &'static str, items: &[Text]) -> Self {
        let items = items.iter().map(|item| Node::string(item.span, item.to_string())).collect();
        self.with(key, Value::Seq(items))
    }

    /// Adds a list of strings under a key that is not known beforehand.
    pub(crate) fn texts_of<'t>(mut self, key: &str, items: impl Iterator<Item = &'t str>) -> Self {
        let items = items.map(|item| Node::string(self.span, item)).collect();
        let key = Key { span: self.span, text: key.into() };
        self.entries.push(Entry { key, value: Node::new(self.span, Value::Seq(items)) });
        self
    }

    /// Adds the bucket the fact is about.
    pub(crate) fn bucket(self, bucket: &LinkedBucket) -> Self {
        let LinkedBucket { reference: bucket, in_scope, shared, .. } = bucket;
        let made = Fact::at(self.span)
            .text("file", bucket.file.as_str())
            .maybe("logical_id", bucket.logical_id.as_deref())
            .maybe("name", bucket.name.as_deref())
            .maybe("construct", bucket.construct.as_deref())
            .maybe("nested", bucket.nested.as_deref())
            .text("title", title(bucket));
        self.with("bucket", made.node().value).flag("in_scope", *in_scope).flag("shared", *shared)
    }

    /// Adds the changes that would mend what is told, where there are some.
    pub(crate) fn fix(self, fix: Option<Fix>) -> Self {
        self.fix_as("edits", fix)
    }

    /// Adds those that would mend what is told of it and of others together, with [`ITEMS`](crate::finding::ITEMS).
    pub(crate) fn fix_of_all(self, fix: Option<Fix>) -> Self {
        self.fix_as("edits_of_all", fix)
    }

    fn fix_as(self, key: &'static str, fix: Option<Fix>) -> Self {
        let Some(Fix { applicability, edits }) = fix else { return self };
        let edits = edits.into_iter().map(|edit| Node::string(edit.span, edit.text)).collect();
        let inner = Fact::at(self.span).text("applicability", applicability.word()).with("texts", Value::Seq(edits));
        self.inner(key, inner)
    }

    /// Leaves a member out.
    pub(crate) fn without(mut self, key: &str) -> Self {
        self.entries.retain(|entry| entry.key.text != key);
        self
    }

    /// Adds places that explain the fact.
    pub(crate) fn related(self, labels: impl IntoIterator<Item = Label>) -> Self {
        let each = |label: Label| Fact::at(label.span).text("message", label.message).node();
        let items = labels.into_iter().map(each).collect();
        self.with("related", Value::Seq(items))
    }

    /// The finished fact.
    pub(crate) fn node(self) -> Node {
        Node::new(self.span, Value::Map(self.entries))
    }
}

/// A bucket in a sentence: `lab-data`, or its logical ID where the name is not known; where CDK has it from, and the nested
/// stack it belongs to.
pub(crate) fn title(bucket: &BucketRef) -> String {
    let mut title = bucket.name.clone().or_else(|| bucket.logical_id.clone()).unwrap_or_else(|| "(name unknown)".into());
    if let Some(path) = &bucket.construct {
        title += &format!(" (CDK construct {path})");
    }
    if let Some(stack) = &bucket.nested {
        title += &format!(" (nested stack {stack})");
    }
    title
}
