//! Which lines the comments of a file cover.

use super::comment::{Directive, directive};
use super::{Cover, Item, Written};
use crate::source::{FileId, Source, Span};
use crate::syntax::comments::comments;
use crate::syntax::fields::Complaint;
use crate::syntax::node::{Node, Value};
use crate::syntax::parse::{Format, parse};
use std::collections::BTreeMap;
use std::ops::Range;

/// Reads the comments of a YAML file.
pub(super) fn read(file: FileId, source: &Source, out: &mut Written) {
    let parsed = parse(file, &source.text);
    let Some(root) = parsed.root.filter(|_| parsed.format == Format::Yaml) else { return };
    let mut ends = BTreeMap::new();
    blocks(&root, source, &mut ends);
    for range in comments(&source.text) {
        let Some(found) = source.text.get(range.clone()).and_then(directive) else { continue };
        let place = |inner: &Range<usize>| Span::new(file, range.start + inner.start, range.start + inner.end);
        let Directive { rules, reason, until, problems } = found;
        if !problems.is_empty() {
            // what is not understood, such as a day there is not, suppresses nothing
            out.comments.extend(problems.into_iter().map(|(inner, message)| Complaint::new(place(&inner), message)));
            continue;
        }
        let block = line_covered(source, range.start).map(|line| {
            let written = source.line_range(line);
            let end = ends.get(&line).map_or(written.end, |&end| written.end.max(end as usize));
            Span::new(file, written.start, end)
        });
        let rules = rules.into_iter().map(|(inner, rule)| (place(&inner), rule)).collect();
        let item = Item { rules, reason, until: until.map(|(inner, last)| (place(&inner), last)) };
        out.allows.extend(item.allows(&|| Cover::Text(block)));
    }
}

/// The line a comment is about: its own, or if it stands there alone, the next one that holds more than a comment. An
/// empty line cuts it off.
fn line_covered(source: &Source, at: usize) -> Option<usize> {
    let mut line = source.line_of(at);
    let text = |line: usize| source.text.get(source.line_range(line)).unwrap_or_default();
    let is_comment = |line: usize| text(line).trim_start_matches('\u{feff}').trim_start().starts_with('#');
    if !is_comment(line) {
        return Some(line);
    }
    while line < source.line_count() && is_comment(line) {
        line += 1;
    }
    let holds = |line: &usize| !text(*line).trim().is_empty();
    Some(line).filter(|line| *line < source.line_count()).filter(holds)
}

/// For each line, where the last of the keys and items ends that begin on it.
fn blocks(node: &Node, source: &Source, ends: &mut BTreeMap<usize, u32>) {
    let mut note = |start: u32, end: u32| {
        let known = ends.entry(source.line_of(start as usize)).or_default();
        *known = end.max(*known);
    };
    match &node.value {
        Value::Seq(items) => {
            items.iter().for_each(|item| note(item.span.start, item.span.end));
            items.iter().for_each(|item| blocks(item, source, ends));
        }
        Value::Map(entries) => {
            entries.iter().for_each(|entry| note(entry.key.span.start, entry.value.span.end));
            entries.iter().for_each(|entry| blocks(&entry.value, source, ends));
        }
        _ => {}
    }
}
