//! Mappings hold each key once: duplicate keys and YAML's merge keys.

use super::node::{Entry, Key, Node, Value};
use super::parse::{Problem, ProblemKind};
use crate::source::Span;
use std::collections::BTreeSet;

/// Up to this many keys, comparing each with each is faster than sorting.
const FEW: usize = 8;

/// Drops every entry that a later one of the same key overrides, and reports the later one.
pub(super) fn keep_last(entries: &mut Vec<Entry>, problems: &mut Vec<Problem>) {
    let repeats = repeats(entries);
    problems.extend(repeats.iter().map(|repeat| Problem {
        span: repeat.again.span,
        kind: ProblemKind::DuplicateKey,
        message: format!("key `{}` is written twice in this mapping; the last one counts", repeat.again.text),
        related: Some((repeat.first, "first written here".into())),
    }));
    remove(entries, &repeats);
}

/// Puts what `merged` mappings hold before `entries`, which win, as PyYAML's `flatten_mapping` does.
/// Of the merged ones the later wins; a list of mappings counts from its last to its first.
///
/// # Errors
/// Gives back the value that is neither a mapping nor a list of mappings.
pub(super) fn merge(entries: &mut Vec<Entry>, merged: Vec<Node>) -> Result<(), Node> {
    let mut all = Vec::new();
    for node in merged {
        match node.value {
            Value::Map(more) => all.extend(more),
            Value::Seq(items) if items.iter().all(Node::is_map) => {
                all.extend(items.into_iter().rev().flat_map(|item| match item.value {
                    Value::Map(more) => more,
                    _ => Vec::new(),
                }));
            }
            _ => return Err(node),
        }
    }
    all.append(entries);
    let repeats = repeats(&all);
    remove(&mut all, &repeats);
    *entries = all;
    Ok(())
}

/// A key's repetition.
struct Repeat {
    /// Where the key first stands.
    first: Span,
    /// The key where it stands again, and the number of that entry.
    again: Key,
    number: usize,
    /// The number of the entry that this drops.
    dropped: usize,
}

/// Every repetition, ordered by where it stands.
fn repeats(entries: &[Entry]) -> Vec<Repeat> {
    let is_new = |(at, entry): (usize, &Entry)| entries.iter().take(at).all(|before| before.key.text != entry.key.text);
    if entries.len() <= FEW && entries.iter().enumerate().all(is_new) {
        return Vec::new();
    }
    let mut order: Vec<(usize, &Key)> = entries.iter().map(|entry| &entry.key).enumerate().collect();
    order.sort_by(|(_, a), (_, b)| a.text.cmp(&b.text)); // stable, so equal keys stay in order
    let mut found = Vec::new();
    for same in order.chunk_by(|(_, a), (_, b)| a.text == b.text) {
        let (once, again) = (same.iter(), same.iter().skip(1));
        found.extend(same.iter().take(1).cycle().zip(once.zip(again)).map(|((_, first), ((dropped, _), (number, key)))| {
            Repeat { first: first.span, again: (*key).clone(), number: *number, dropped: *dropped }
        }));
    }
    found.sort_by_key(|repeat| repeat.number);
    found
}

fn remove(entries: &mut Vec<Entry>, repeats: &[Repeat]) {
    if repeats.is_empty() {
        return;
    }
    let dropped: BTreeSet<usize> = repeats.iter().map(|repeat| repeat.dropped).collect();
    let mut numbers = 0..;
    entries.retain(|_| numbers.next().is_none_or(|number| !dropped.contains(&number)));
}
