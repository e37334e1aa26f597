use super::*;
use crate::syntax::embedded::parse_embedded;
use crate::syntax::node::Value;
use proptest::prelude::*;

const TEMPLATES: [&str; 3] = [
    "Resources:\n  B: # ö\n    Type: AWS::S3::Bucket\n    Properties: &p\n      Name: !Sub '${A}-b'\n      Tags:\n      - {Key: \"é\\u00e9\", V: *x}\n      <<: *p\n  T: |\n    {\"a\": [1,\n    2]}\n",
    "{\"Version\": \"2012-10-17\", \"P\": \"{\\\"a\\\": \\\"\\\\u00e9\\\"}\", \"S\": [{\"Effect\": true, \"n\": -1.5e3}, null]}",
    "? [a, *b]\n: >-\n  x\n\n  y\r\n--- !Ref &a \"x\\\n  y\"\n...\n- - 'it''s'\n  -\n",
];

fn check_span(text: &str, span: Span) {
    assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
}

fn check_node(text: &str, node: &Node) {
    check_span(text, node.span);
    node.items().iter().for_each(|item| check_node(text, item));
    for entry in node.entries() {
        check_span(text, entry.key.span);
        check_node(text, &entry.value);
    }
    if matches!(node.value, Value::Str(_)) {
        let inner = parse_embedded(node, text);
        check_spans(text, &inner, false);
    }
}

fn check_spans(text: &str, parsed: &Parsed, within: bool) {
    for problem in &parsed.problems {
        check_span(text, problem.span);
        problem.related.iter().for_each(|(span, _)| check_span(text, *span));
    }
    match &parsed.root {
        Some(root) if within => check_node(text, root),
        Some(root) => check_span(text, root.span),
        None => {}
    }
}

fn check(text: &str) {
    let parsed = parse(FileId(0), text);
    check_spans(text, &parsed, true);
}

fn broken_template() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..3usize, "[-\\[\\]{}:,&*!|>'\"#?%@ \n\r\té\\\\0-9a-c]{0,4}");
    (prop::sample::select(&TEMPLATES[..]), prop::collection::vec(edit, 0..6)).prop_map(|(text, edits)| {
        let mut chars: Vec<char> = text.chars().collect();
        for (at, removed, added) in edits {
            let at = at.index(chars.len() + 1);
            let end = (at + removed).min(chars.len());
            chars.splice(at..end, added.chars());
        }
        chars.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn any_string_is_read_or_refused_within_its_bounds(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_bytes_too(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn damaged_templates_too(text in broken_template()) {
        check(&text);
    }
}

#[test]
fn deep_trees_fit_a_small_stack() {
    let deep = ["[", "{\"a\":", "- ", "!Not [", "{a: "].map(|unit| unit.repeat(200));
    let closed = format!("{}{}", "!Not [".repeat(200), "]".repeat(200));
    let run = move || deep.iter().chain([&closed]).filter(|text| parse(FileId(0), text).root.is_some()).count();
    let read = std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
    assert_eq!(read, 2);
}

#[test]
fn a_fault_is_underlined_by_its_word_or_the_last_character_before() {
    let cases = [
        ("a é-x,", 2, "é-x"),
        ("a é", 3, "é"),
        ("ab \n", 3, "b"),
        ("a\tb", 1, "\tb"),
        ("", 0, ""),
        ("\n", 9, ""),
        (": x", 0, ":"),
    ];
    for (text, at, word) in cases {
        assert_eq!(&text[word_at(text, at)], word, "{text:?}");
    }
}
