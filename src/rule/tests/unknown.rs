//! Values that are not known, and paths through them.

use super::rule;
use crate::rule::check::check;
use crate::syntax::node::{Entry, Node, Value};
use crate::syntax::testing::tree;
use std::collections::BTreeMap;

/// A tree in which `?why` is a value that is not known, and `??why` one that may be absent as well.
fn facts(text: &str) -> Node {
    fn hide(node: Node) -> Node {
        let value = match node.value {
            Value::Seq(items) => Value::Seq(items.into_iter().map(hide).collect()),
            Value::Map(entries) => {
                Value::Map(entries.into_iter().map(|entry| Entry { value: hide(entry.value), ..entry }).collect())
            }
            Value::Str(text) if text.starts_with('?') => {
                return Node::hidden(node.span, text.trim_start_matches('?'), text.starts_with("??"));
            }
            value => value,
        };
        Node::new(node.span, value)
    }
    hide(tree(text))
}

/// `good`, `bad` or the reason of the doubt.
fn verdict(clause: &str, subject: &str) -> String {
    let facts = facts(&format!("s: [{subject}]\n"));
    let checked = check(&[rule(&[("check", &format!("[{clause}]"))])], &facts, &BTreeMap::new());
    match (checked.findings.as_slice(), checked.undecided.as_slice()) {
        ([], []) => "good".into(),
        ([_], []) => "bad".into(),
        ([], [doubt]) => doubt.reason.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_operator_decides_on_what_is_not_known() {
    let doubt = "the value is not known: so";
    for operator in
        ["equals: a", "equals: null", "in: [a]", "matches: a", "less_than: 1", "empty: true", "is: string", "not: {equals: a}"]
    {
        for subject in ["{v: '?so'}", "{v: '??so'}"] {
            assert_eq!(verdict(&format!("{{every: '@.v', {operator}}}"), subject), doubt, "{operator}");
        }
    }
    for (clause, subject, want) in [
        ("{every: '@.v', equals: [a, b]}", "{v: [a, '?so']}", doubt),
        ("{every: '@.v', in: [[a, b]]}", "{v: [a, '?so']}", doubt),
        ("{every: '@.v', in: {from: '@.l'}}", "{v: a, l: [b, '?so']}", doubt),
        ("{every: '@.v', in: {from: '@.l'}}", "{v: a, l: [a, '?so']}", "good"),
        ("{every: '@.v', empty: true}", "{v: ['??so']}", doubt),
        ("{every: '@.v', empty: true}", "{v: ['?so']}", "bad"),
        ("{every: '@.v[*]', equals: a}", "{v: [b, '?so']}", "bad"),
        ("{some: '@.v[*]', equals: a}", "{v: [a, '?so']}", "good"),
        ("{some: '@.v[*]', equals: a}", "{v: [b, '?so']}", doubt),
    ] {
        assert_eq!(verdict(clause, subject), want, "{clause} on {subject}");
    }
}

#[test]
fn what_is_not_known_may_be_absent() {
    let doubt = "whether it is there is not known: so";
    for (path, subject, want) in [
        ("@.v", "{v: '?so'}", "good"),
        ("@.v", "{v: '??so'}", doubt),
        ("@.v.a", "{v: '?so'}", doubt),
        ("@.v.a.b[*].c[0].d", "{v: '?so'}", doubt),
        ("@.v[*]", "{v: [a, '??so']}", "good"),
        ("@.v", "{}", "bad"),
    ] {
        assert_eq!(verdict(&format!("{{every: '{path}', exists: true}}"), subject), want, "{path} of {subject}");
    }
    assert_eq!(verdict("{every: '@.v.a', exists: false}", "{v: '?so'}"), doubt);
    // in a filter it is equal to nothing
    assert_eq!(verdict("{some: \"@.v[?@.a == 'x']\", exists: true}", "{v: [{a: '?so'}]}"), "bad");
    assert_eq!(verdict("{some: '@.v[*]', holds: [{some: '@.a', equals: x}]}", "{v: [{a: '?so'}]}"), "the value is not known: so");
    assert_eq!(verdict("{some: '@..a', equals: x}", "{v: '?so', a: y}"), "the value is not known: so");
}
