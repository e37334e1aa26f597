//! Spanned trees for tests, straight from the YAML parser's events.

use super::fields::Complaint;
use super::node::{Entry, Key, Node, Value};
use crate::source::{FileId, Span};
use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

/// The tree of a small YAML (or JSON) text in file 0.
pub(crate) fn tree(text: &str) -> Node {
    let mut events = Parser::new_from_str(text).map(Result::unwrap).filter_map(|(event, span)| {
        let range = span.byte_range().unwrap_or(0..0);
        (!matches!(event, Event::Comment(..) | Event::StreamStart | Event::DocumentStart(..) | Event::StreamEnd))
            .then_some((event, Span::new(FileId(0), range.start, range.end)))
    });
    let Some((event, span)) = events.next() else { return Node::default() };
    node(event, span, text, &mut events)
}

/// Complaints as `text under the span: message`.
pub(crate) fn marked(text: &str, complaints: &[Complaint]) -> Vec<String> {
    complaints.iter().map(|complaint| format!("{}: {}", &text[complaint.span.range()], complaint.message)).collect()
}

fn node<'t>(event: Event<'t>, mut span: Span, source: &str, rest: &mut dyn Iterator<Item = (Event<'t>, Span)>) -> Node {
    let flow = matches!(event, Event::MappingStart(StructureStyle::Flow, ..) | Event::SequenceStart(StructureStyle::Flow, ..));
    let (mut items, mut entries, mut end) = (Vec::new(), Vec::new(), span.end);
    let mapping = match event {
        Event::Scalar(text, style, ..) => {
            let value = scalar(&text, style == ScalarStyle::Plain, span);
            let written = source[span.range()].trim_end().len();
            span.end = span.start + written as u32;
            return Node::new(span, value);
        }
        Event::MappingStart(..) => true,
        _ => false,
    };
    while let Some((event, at)) = rest.next() {
        if matches!(event, Event::MappingEnd | Event::SequenceEnd) {
            span.end = if flow { at.end } else { end };
            break;
        }
        let child = node(event, at, source, rest);
        end = child.span.end.max(end);
        if !mapping {
            items.push(child);
            continue;
        }
        let (event, at) = rest.next().unwrap();
        let value = node(event, at, source, rest);
        end = value.span.end.max(end);
        entries.push(Entry { key: Key { span: child.span, text: child.scalar_text().unwrap() }, value });
    }
    Node::new(span, if mapping { Value::Map(entries) } else { Value::Seq(items) })
}

fn scalar(text: &str, plain: bool, span: Span) -> Value {
    match text {
        _ if plain && span.start == span.end => Value::Null,
        "null" | "~" if plain => Value::Null,
        "true" | "false" if plain => Value::Bool(text == "true"),
        _ if plain && text.parse::<f64>().is_ok() => Value::Num(text.into()),
        _ => Value::Str(text.into()),
    }
}
