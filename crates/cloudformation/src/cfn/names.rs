//! Condition names that YAML takes for something else than text: `Yes`, `On`, `1`.

use super::template::Template;
use bucketlint_text::syntax::node::{Entry, Node, Value};
use smol_str::SmolStr;

/// Whether a member names a condition by something that is not text.
pub(super) fn is_condition_of(entry: &Entry) -> bool {
    named(&entry.key.text, &entry.value).is_some_and(is_odd)
}

/// Puts the name of the condition in its place: a key of `Conditions` is the same boolean where it is spelled as one.
/// CloudFormation reads both by YAML 1.1.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>
pub(super) fn write_condition(template: &Template<'_>, key: &str, value: &mut Node) {
    if !named(key, value).is_some_and(is_odd) {
        return;
    }
    let place = match &mut value.value {
        Value::Seq(items) => items.first_mut(),
        _ => Some(value),
    };
    if let Some(node) = place {
        let text = node.scalar_text().unwrap_or_default();
        let known = template.section("Conditions").iter().map(|entry| &entry.key.text);
        let same = |name: &&SmolStr| **name == text || matches!(&node.value, Value::Bool(value) if spelled(name) == Some(*value));
        node.value = Value::Str(known.into_iter().find(same).cloned().unwrap_or(text));
    }
}

/// The node that names a condition.
fn named<'n>(key: &str, value: &'n Node) -> Option<&'n Node> {
    match key {
        "Fn::If" => value.items().first(),
        "Condition" => Some(value),
        _ => None,
    }
}

fn is_odd(node: &Node) -> bool {
    matches!(node.value, Value::Bool(_) | Value::Num(_))
}

/// <https://yaml.org/type/bool.html>
fn spelled(name: &str) -> Option<bool> {
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => None,
    }
}
