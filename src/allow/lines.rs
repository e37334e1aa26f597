//! Which lines the comments of a file cover.

use super::comment::{Directive, directive};
use super::{Cover, Item, Written};
use crate::source::{FileId, Source, Span};
use crate::syntax::comments::comments;
use crate::syntax::fields::Complaint;
use crate::syntax::node::{Node, Value};
use crate::syntax::parse::{Format, parse};
use bucketlint_terraform::{is_terraform, syntax as hcl};
use std::collections::BTreeMap;
use std::ops::Range;

/// Reads the comments of a file of YAML or HCL.
pub(super) fn read(file: FileId, source: &Source, out: &mut Written) {
    let mut ends = BTreeMap::new();
    let comments = if is_terraform(&source.path) {
        let Ok(body) = hcl::file(file, &source.text) else { return };
        let mut places = Vec::new();
        body.places(&mut places);
        places.into_iter().for_each(|place| note(place, source, &mut ends));
        hcl::comments(&source.text)
    } else {
        let parsed = parse(file, &source.text);
        let Some(root) = parsed.root.filter(|_| parsed.format == Format::Yaml) else { return };
        blocks(&root, source, &mut ends);
        comments(&source.text)
    };
    for range in comments {
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
    let signs: &[&str] = if is_terraform(&source.path) { &["#", "//", "/*"] } else { &["#"] };
    let bare = |line: usize| text(line).trim_start_matches('\u{feff}').trim_start();
    let is_comment = |line: usize| signs.iter().any(|sign| bare(line).starts_with(sign));
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
    match &node.value {
        Value::Seq(items) => {
            items.iter().for_each(|item| note(item.span, source, ends));
            items.iter().for_each(|item| blocks(item, source, ends));
        }
        Value::Map(entries) => {
            entries.iter().for_each(|entry| note(Span { end: entry.value.span.end, ..entry.key.span }, source, ends));
            entries.iter().for_each(|entry| blocks(&entry.value, source, ends));
        }
        _ => {}
    }
}

/// Notes that something that begins on the first line of `span` ends with it.
fn note(span: Span, source: &Source, ends: &mut BTreeMap<usize, u32>) {
    let known = ends.entry(source.line_of(span.start as usize)).or_default();
    *known = span.end.max(*known);
}
