//! Mappings hold each key once: duplicate keys and YAML's merge keys.

use super::node::{Entry, Node, Value};
use super::parse::{Problem, ProblemKind};
use smol_str::SmolStr;

/// Up to this many keys, comparing each with each is faster than sorting.
const FEW: usize = 8;

/// Drops every entry that a later one of the same key overrides, and reports the later one.
pub(super) fn keep_last(entries: &mut Vec<Entry>, problems: &mut Vec<Problem>) {
    let overridden = duplicates(entries);
    if overridden.is_empty() {
        return;
    }
    problems.extend(overridden.iter().map(|pair| {
        let key = &entries[pair.again].key;
        let first = entries[pair.first].key.span;
        Problem {
            span: key.span,
            kind: ProblemKind::DuplicateKey,
            message: format!("key `{}` is written twice in this mapping; the last one counts", key.text),
            related: Some((first, "first written here".into())),
        }
    }));
    remove(entries, overridden.iter().map(|pair| pair.dropped));
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
    let overridden = duplicates(&all);
    remove(&mut all, overridden.iter().map(|pair| pair.dropped));
    *entries = all;
    Ok(())
}

/// A key's repetition: where the key first stands, where again, and which of the entries that drops.
struct Repeat {
    first: usize,
    again: usize,
    dropped: usize,
}

/// Every repetition, ordered by where it stands.
fn duplicates(entries: &[Entry]) -> Vec<Repeat> {
    let text = |at: usize| -> &SmolStr { &entries[at].key.text };
    if entries.len() <= FEW && !(1..entries.len()).any(|at| (0..at).any(|before| text(before) == text(at))) {
        return Vec::new();
    }
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|&a, &b| text(a).cmp(text(b))); // stable, so equal keys stay in order
    let mut found = Vec::new();
    for same in order.chunk_by(|&a, &b| text(a) == text(b)) {
        found.extend(same.windows(2).map(|pair| Repeat { first: same[0], again: pair[1], dropped: pair[0] }));
    }
    found.sort_by_key(|repeat| repeat.again);
    found
}

fn remove(entries: &mut Vec<Entry>, dropped: impl Iterator<Item = usize>) {
    let mut keep = vec![true; entries.len()];
    dropped.for_each(|at| keep[at] = false);
    let mut keep = keep.into_iter();
    entries.retain(|_| keep.next().unwrap_or(true));
}
