use crate::source::FileId;
use crate::syntax::node::{Node, Value};
use crate::syntax::parse::{Format, parse};
use proptest::prelude::*;

/// The message, the text under the span, and the text under the related span.
fn refusal(text: &str) -> (String, &str, Option<&str>) {
    let parsed = parse(FileId(0), text);
    assert!(parsed.root.is_none() && parsed.format == Format::Json, "{text:?}");
    let problem = &parsed.problems[0];
    let related = problem.related.as_ref().map(|(span, _)| &text[span.range()]);
    (problem.message.clone(), &text[problem.span.range()], related)
}

fn root(text: &str) -> Node {
    let parsed = parse(FileId(0), text);
    assert_eq!((parsed.format, parsed.problems.len(), parsed.documents), (Format::Json, 0, 1), "{text:?}");
    parsed.root.unwrap()
}

#[test]
fn every_span_is_exact() {
    let text = "\u{feff} { \"é\" : [ 1.50, \"\\ud83d\\ude00\\n\" , null ],\r\n\t\"b\":{\"c\":true} } \n";
    let root = root(text);
    let slice = |node: &Node| &text[node.span.range()];
    assert_eq!((root.span.start, root.span.end as usize), (4, text.len() - 2));
    let list = root.entry("é").unwrap();
    assert_eq!((list.key.span.start, list.key.span.end), (6, 10));
    assert_eq!(slice(&list.value), "[ 1.50, \"\\ud83d\\ude00\\n\" , null ]");
    let items: Vec<_> = list.value.items().iter().map(slice).collect();
    assert_eq!(items, ["1.50", "\"\\ud83d\\ude00\\n\"", "null"]);
    assert_eq!(list.value.items()[1].as_str(), Some("😀\n"));
    assert!(matches!(&list.value.items()[0].value, Value::Num(text) if text == "1.50"));
    let inner = root.path(&["b"]).unwrap();
    assert_eq!((slice(inner), slice(&inner.entries()[0].value)), ("{\"c\":true}", "true"));
}

#[test]
fn refusals_say_what_was_expected_and_where() {
    let cases = [
        ("{\"é\": 1 \"b\": 2}", "expected `,` or `}`", "\"b", None),
        ("[\"x\"\n1]", "expected `,` or `]`", "1", None),
        ("{\"a\" 1}", "expected `:`", "1", None),
        ("{\"a\": \u{e9}\"x\": 1}", "expected a value", "\u{e9}", None),
        ("{\"a\": [1, 2 \n", "expected `,` or `]`, but the text ends here", "2", Some("[")),
        ("{", "expected a key in double quotes, but the text ends here", "{", Some("{")),
        ("{\"a\": \"x", "this string is not closed", "\"x", None),
        ("{\"a\": \"\\qé\"}", "there is no such escape in JSON", "\\q", None),
        ("{\"a\": \"\\u12é4\"}", "`\\u` needs four hexadecimal digits", "\\u12é", None),
        ("{\"a\": \"é\\udc00\"}", "this is half of a surrogate pair", "\\udc00", None),
        ("{\"a\": \"x\ny\", \"b\": ]}", "control characters in a string must be escaped", "\n", None),
        ("{\"a\": -} }", "this number lacks a digit at its end", "-", None),
        ("{\"a\": 1} {\"b\": 2}", "expected nothing more after the JSON value", "{", None),
        ("{\"a\": 1}]", "expected nothing more after the JSON value", "]", None),
    ];
    for (text, message, under, related) in cases {
        assert_eq!(refusal(text), (message.to_owned(), under, related), "{text:?}");
    }
}

#[test]
fn flow_style_yaml_is_read_where_json_is_not() {
    for text in ["{\"a\": [1, 2,], }", "{a: [1, 2]} # c", "{\"a\":\t[1, 2]\n# c\n}"] {
        let parsed = parse(FileId(0), text);
        assert_eq!((parsed.format, parsed.root), (Format::Yaml, Some(root("{\"a\": [1, 2]}"))), "{text:?}");
    }
}

#[test]
fn what_json_refuses_in_flow_style_yaml_is_kept() {
    for (text, message, under) in [
        ("{\"a\": [1, 2,]}", "JSON takes no comma before `]`", ","),
        ("{\"a\": {\"é\": 1 ,\n}}", "JSON takes no comma before `}`", ","),
        ("{a: [1, 2]}", "expected a key in double quotes", "a"),
        ("{'a': 1}", "JSON takes double quotes only", "'a"),
        ("{\"a\": 'b'}", "JSON takes double quotes only", "'b"),
        ("{\"a\": [1, 2] # c\n}", "JSON has no comments", "#"),
    ] {
        let parsed = parse(FileId(0), text);
        assert!(parsed.root.is_some(), "{text:?}");
        let problem = parsed.not_json.unwrap();
        assert_eq!((problem.message.as_str(), &text[problem.span.range()]), (message, under), "{text:?}");
    }
    for text in ["{\"a\": [1, 2]}", "a: {b: 1,}"] {
        assert_eq!(parse(FileId(0), text).not_json, None, "{text:?}");
    }
}

#[test]
fn comments_of_javascript_are_no_part_of_what_they_stand_before() {
    for (text, at) in [
        ("{\"a\": 1,\n // c\n \"b\": 2}", 10),
        ("{// c\n \"a\": 1}", 1),
        ("{\"a\": /* é */ 1}", 6),
        ("[1 /**/]", 3),
        ("{\"a\": 1}\n// c", 9),
        ("{a: 1,\n // c\n b: 2}", 8),
        ("{a: [é, // c\n \"d\"]}", 9),
        ("{a: /* b */ c}", 4),
    ] {
        let parsed = parse(FileId(0), text);
        assert!(parsed.root.is_none(), "{text:?}");
        let problem = &parsed.problems[0];
        assert_eq!((problem.message.as_str(), problem.span.range()), ("JSON has no comments", at..at + 2), "{text:?}");
    }
    for text in ["{\"a\": \"https://b/*c*/\"}", "{a: https://b, c: //d, e: '// f'}", "{a: b//c, d: 1/*2}"] {
        assert!(parse(FileId(0), text).root.is_some(), "{text:?}");
    }
}

#[test]
fn the_last_of_a_repeated_key_counts() {
    let text = "{\"a\": 1, \"b\": 2, \"a\": 3, \"\\u0061\": 4}";
    let parsed = parse(FileId(0), text);
    let root = parsed.root.unwrap();
    let keys: Vec<_> = root.entries().iter().map(|entry| &text[entry.key.span.range()]).collect();
    assert_eq!(keys, ["\"b\"", "\"\\u0061\""]);
    assert_eq!(root.get("a"), Some(&4.into()));
    let places: Vec<_> =
        parsed.problems.iter().map(|problem| (problem.span.start, problem.related.as_ref().unwrap().0.start)).collect();
    assert_eq!(places, [(17, 1), (25, 1)]);
    assert_eq!(parsed.problems[0].message, "key `a` is written twice in this mapping; the last one counts");
    let many: Vec<_> = (0..50).map(|at| format!("\"k{}\": {at}", at % 49)).collect();
    let parsed = parse(FileId(0), &format!("{{{}}}", many.join(",")));
    assert_eq!((parsed.problems.len(), parsed.root.unwrap().entries().len()), (1, 49));
}

#[test]
fn deep_nesting_is_refused_at_the_bracket() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(FileId(0), &nested(200)).root.is_some());
    let parsed = parse(FileId(0), &nested(201));
    assert_eq!(
        (parsed.problems[0].message.as_str(), parsed.problems[0].span.range()),
        ("nested deeper than 200 levels", 200..201)
    );
    for unit in ["[", "{\"a\":", "[{\"a\":"] {
        assert_eq!(refusal(&unit.repeat(100_000)).0, "nested deeper than 200 levels");
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        (-1e9..1e9f64).prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((any::<String>(), inner), 0..6).prop_map(|all| all.into_iter().collect()),
        ]
    })
}

fn same(node: &Node, value: &serde_json::Value) -> bool {
    match (&node.value, value) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Bool(a), serde_json::Value::Bool(b)) => a == b,
        (Value::Num(a), serde_json::Value::Number(b)) => *a == b.to_string(),
        (Value::Str(a), serde_json::Value::String(b)) => a == b,
        (Value::Seq(a), serde_json::Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Map(a), serde_json::Value::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, (key, b))| a.key.text == *key && same(&a.value, b))
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn values_are_those_serde_json_wrote(value in any_json()) {
        let value = serde_json::json!([value]);
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            prop_assert!(same(&root(&text), &value), "{}", text);
        }
    }
}
