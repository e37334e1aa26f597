//! Reads mappings whose keys are known: rules, settings, profiles. Every mistake is noted, none stops the reading.

use super::node::{Node, Value};
use crate::source::Span;
use std::fmt;

/// A mistake in a file that was written for this program.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Complaint {
    /// The exact key or value that is wrong; for something missing, the mapping's first key.
    pub span: Span,
    /// What is wrong and what to write, without a full stop.
    pub message: String,
}

impl Complaint {
    /// A complaint of `message` at `span`.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}

/// A mapping being read. The getters give `None` for what is missing or of the wrong kind, having complained into `out`.
#[derive(Clone, Copy)]
pub struct Fields<'n> {
    node: &'n Node,
}

impl<'n> Fields<'n> {
    /// Takes `node`, which messages call `what` ("a rule"), and complains of every key that is not `known`.
    /// `None` if it is no mapping.
    pub fn of(node: &'n Node, what: &str, known: &[&str], out: &mut Vec<Complaint>) -> Option<Self> {
        if !node.is_map() {
            out.push(Complaint::new(node.span, format!("{what} should be a mapping, not {}", node.kind())));
            return None;
        }
        for entry in node.entries().iter().filter(|entry| !known.contains(&entry.key.text.as_str())) {
            let hint = did_you_mean(&entry.key.text, known);
            out.push(Complaint::new(entry.key.span, format!("unknown key `{}`{hint}", entry.key.text)));
        }
        Some(Self { node })
    }

    /// The value of `key`, of any kind.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.node.get(key)
    }

    /// The value of `key`, of any kind, which must be there.
    pub fn need(&self, key: &str, out: &mut Vec<Complaint>) -> Option<&'n Node> {
        let found = self.get(key);
        if found.is_none() {
            out.push(Complaint::new(self.head(), format!("`{key}` is missing")));
        }
        found
    }

    /// The string under `key`.
    pub fn text(&self, key: &str, out: &mut Vec<Complaint>) -> Option<&'n str> {
        text(key, self.get(key)?, out)
    }

    /// The string under `key`, which must be there and hold more than blanks.
    pub fn need_text(&self, key: &str, out: &mut Vec<Complaint>) -> Option<&'n str> {
        let node = self.need(key, out)?;
        let text = text(key, node, out)?;
        if text.trim().is_empty() {
            out.push(Complaint::new(node.span, format!("`{key}` is empty")));
            return None;
        }
        Some(text)
    }

    /// The boolean under `key`.
    pub fn flag(&self, key: &str, out: &mut Vec<Complaint>) -> Option<bool> {
        flag(key, self.get(key)?, out)
    }

    /// The items of the list under `key`.
    pub fn list(&self, key: &str, out: &mut Vec<Complaint>) -> Option<&'n [Node]> {
        list(key, self.get(key)?, out)
    }

    /// The strings under `key`, with their nodes; one bare string counts as a list of one.
    pub fn texts(&self, key: &str, out: &mut Vec<Complaint>) -> Vec<(&'n Node, &'n str)> {
        let items = self.get(key).map_or(&[][..], Node::one_or_many);
        items
            .iter()
            .filter_map(|item| Some((item, typed(format_args!("an item of `{key}`"), "a string", item, item.as_str(), out)?)))
            .collect()
    }

    /// Complains of an empty list under `key`.
    pub fn not_empty(&self, key: &str, out: &mut Vec<Complaint>) {
        if let Some(node) = self.get(key).filter(|node| matches!(&node.value, Value::Seq(items) if items.is_empty())) {
            out.push(Complaint::new(node.span, format!("`{key}` is empty")));
        }
    }

    /// Where to say that something is missing: the first key, as the whole mapping may be a whole file.
    pub fn head(&self) -> Span {
        self.node.entries().first().map_or(self.node.span, |entry| entry.key.span)
    }
}

/// The string that `node`, the value of `key`, should be.
pub fn text<'n>(key: &str, node: &'n Node, out: &mut Vec<Complaint>) -> Option<&'n str> {
    typed(format_args!("`{key}`"), "a string", node, node.as_str(), out)
}

/// The boolean that `node`, the value of `key`, should be.
pub fn flag(key: &str, node: &Node, out: &mut Vec<Complaint>) -> Option<bool> {
    let value = if let Value::Bool(value) = node.value { Some(value) } else { None };
    typed(format_args!("`{key}`"), "true or false", node, value, out)
}

/// The items of the list that `node`, the value of `key`, should be.
pub fn list<'n>(key: &str, node: &'n Node, out: &mut Vec<Complaint>) -> Option<&'n [Node]> {
    let items = matches!(node.value, Value::Seq(_)).then(|| node.items());
    typed(format_args!("`{key}`"), "a list", node, items, out)
}

fn typed<T>(what: fmt::Arguments<'_>, wanted: &str, node: &Node, value: Option<T>, out: &mut Vec<Complaint>) -> Option<T> {
    if value.is_none() {
        out.push(Complaint::new(node.span, format!("{what} should be {wanted}, not {}", node.kind())));
    }
    value
}

/// The end of a message about an unknown `word`: the nearest of the `known` ones, or all of them.
pub fn did_you_mean(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(known) => format!("; did you mean `{known}`?"),
        None if known.is_empty() => String::new(),
        None => format!("; known are `{}`", known.join("`, `")),
    }
}

/// The first of the `known` words that `word` is nearest to, if it may be a misspelling of that.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let far = |known: &&'k str| (strsim::damerau_levenshtein(word, known), *known);
    let (far, known) = known.iter().map(far).min_by_key(|(far, _)| *far)?;
    (far <= (word.chars().count() / 3).max(1)).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::testing::{marked, tree};

    fn complaints(text: &str, read: impl Fn(Fields<'_>, &mut Vec<Complaint>)) -> Vec<String> {
        let node = tree(text);
        let mut out = Vec::new();
        if let Some(fields) = Fields::of(&node, "a thing", &["name", "on", "items"], &mut out) {
            read(fields, &mut out);
        }
        marked(text, &out)
    }

    #[test]
    fn getters_give_what_is_right() {
        let text = "name: n\non: true\nitems: [a, b]\n";
        let node = tree(text);
        let mut out = Vec::new();
        let fields = Fields::of(&node, "a thing", &["name", "on", "items", "rest"], &mut out).unwrap();
        assert_eq!(fields.need_text("name", &mut out), Some("n"));
        assert_eq!(fields.text("rest", &mut out), None);
        assert_eq!(fields.flag("on", &mut out), Some(true));
        assert_eq!(fields.list("items", &mut out).unwrap().len(), 2);
        let texts = |key: &str| fields.texts(key, &mut Vec::new()).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
        assert_eq!((texts("items"), texts("name"), texts("rest")), (vec!["a", "b"], vec!["n"], vec![]));
        assert_eq!(out, []);
    }

    #[test]
    fn every_mistake_is_told_where_it_stands() {
        let read = |fields: Fields<'_>, out: &mut Vec<Complaint>| {
            fields.need_text("name", out);
            fields.flag("on", out);
            fields.texts("items", out);
            fields.not_empty("items", out);
            fields.list("items", out);
        };
        assert_eq!(complaints("[]", read), ["[]: a thing should be a mapping, not a list"]);
        assert_eq!(
            complaints("nmae: 1\non: 'yes'\nitems: 7\n", read),
            [
                "nmae: unknown key `nmae`; did you mean `name`?",
                "nmae: `name` is missing",
                "'yes': `on` should be true or false, not a string",
                "7: an item of `items` should be a string, not a number",
                "7: `items` should be a list, not a number",
            ]
        );
        assert_eq!(complaints("name: n\nitems: []\n", read), ["[]: `items` is empty"]);
        assert_eq!(
            complaints("name: ' '\nzebra: 1\n", read),
            ["zebra: unknown key `zebra`; known are `name`, `on`, `items`", "' ': `name` is empty"]
        );
    }
}
