use crate::source::FileId;
use crate::syntax::node::{Node, Value};
use crate::syntax::parse::{Format, Problem, parse};

/// Every node and key in order: what it is, and the text under its span.
fn outline(text: &str) -> Vec<String> {
    let parsed = parse(FileId(0), text);
    assert_eq!(parsed.problems, [], "{text:?}");
    let mut lines = Vec::new();
    walk(text, &parsed.root.expect("a root"), &mut lines);
    lines
}

fn walk(text: &str, node: &Node, lines: &mut Vec<String>) {
    let slice = &text[node.span.range()];
    lines.push(match &node.value {
        Value::Null => format!("null at {} {slice:?}", node.span.start),
        Value::Bool(value) => format!("{value} {slice:?}"),
        Value::Num(number) => format!("num {number} {slice:?}"),
        Value::Str(string) => format!("str {string:?} {slice:?}"),
        Value::Seq(_) => format!("seq {slice:?}"),
        Value::Map(_) => format!("map {slice:?}"),
        Value::Text(_) | Value::Hidden(_) => format!("hidden {slice:?}"),
    });
    node.items().iter().for_each(|item| walk(text, item, lines));
    for entry in node.entries() {
        lines.push(format!("key {} {:?}", entry.key.text, &text[entry.key.span.range()]));
        walk(text, &entry.value, lines);
    }
}

/// The only problem of a text that cannot be read, and the text under its span.
fn refusal(text: &str) -> (String, String) {
    let parsed = parse(FileId(0), text);
    assert!(parsed.root.is_none(), "{text:?}");
    let [Problem { span, message, .. }] = parsed.problems.as_slice() else { panic!("{:?}", parsed.problems) };
    (message.clone(), text[span.range()].to_owned())
}

fn root(text: &str) -> Node {
    parse(FileId(0), text).root.unwrap_or_else(|| panic!("{:?}", refusal(text)))
}

#[test]
fn scalars_and_block_collections_span_what_is_written() {
    let cases: &[(&str, &[&str])] = &[
        ("a: 'it''s' # c\n", &["map \"a: 'it''s'\"", "key a \"a\"", "str \"it's\" \"'it''s'\""]),
        ("\"a\" : \"\\u00e9\"\n", &[r#"map "\"a\" : \"\\u00e9\"""#, r#"key a "\"a\"""#, r#"str "é" "\"\\u00e9\"""#]),
        ("é: ü # ö\nb: yes\n", &["map \"é: ü # ö\\nb: yes\"", "key é \"é\"", "str \"ü\" \"ü\"", "key b \"b\"", "true \"yes\""]),
        (
            "a:\r\n  - 1\r\n  - x y\r\n",
            &[
                "map \"a:\\r\\n  - 1\\r\\n  - x y\"",
                "key a \"a\"",
                "seq \"- 1\\r\\n  - x y\"",
                "num 1 \"1\"",
                "str \"x y\" \"x y\"",
            ],
        ),
        ("\u{feff}a: 1\n", &["map \"a: 1\"", "key a \"a\"", "num 1 \"1\""]),
        (
            "a: [x, {b: 2} ] # c\n",
            &[
                "map \"a: [x, {b: 2} ]\"",
                "key a \"a\"",
                "seq \"[x, {b: 2} ]\"",
                "str \"x\" \"x\"",
                "map \"{b: 2}\"",
                "key b \"b\"",
                "num 2 \"2\"",
            ],
        ),
        (
            "- - a\n  - b\n- c\n",
            &["seq \"- - a\\n  - b\\n- c\"", "seq \"- a\\n  - b\"", "str \"a\" \"a\"", "str \"b\" \"b\"", "str \"c\" \"c\""],
        ),
        ("yes: !!str 123\n", &["map \"yes: !!str 123\"", "key yes \"yes\"", "str \"123\" \"123\""]),
        (
            "a: !!int '3'\nb: !mine",
            &[
                "map \"a: !!int '3'\\nb: !mine\"",
                "key a \"a\"",
                "num 3 \"'3'\"",
                "key b \"b\"",
                "map \"!mine\"",
                "key Fn::mine \"!mine\"",
                "str \"\" \"\"",
            ],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(outline(text), *expected, "{text:?}");
    }
}

#[test]
fn nothing_stands_behind_its_colon() {
    assert_eq!(
        outline("a:\nb: ~\nc: \n"),
        [
            "map \"a:\\nb: ~\\nc:\"",
            "key a \"a\"",
            "null at 2 \"\"",
            "key b \"b\"",
            "null at 6 \"~\"",
            "key c \"c\"",
            "null at 10 \"\"",
        ]
    );
    for text in ["- \n- a\n", "-\n- a\n", "-   # c\n- a\n"] {
        assert_eq!(outline(text)[1..], ["null at 1 \"\"", "str \"a\" \"a\""], "{text:?}");
    }
    assert_eq!(outline("- a\n- \n\n")[0], "seq \"- a\\n-\"");
    assert_eq!(outline("{a: , b}"), ["map \"{a: , b}\"", "key a \"a\"", "null at 3 \"\"", "key b \"b\"", "null at 7 \"\""]);
}

#[test]
fn a_sequence_without_indentation_starts_at_its_dash() {
    let text = "k: # - no\n# - no\n- a\n- b: 1\nl: &x-y\n- c\n";
    assert_eq!(outline(text)[2], "seq \"- a\\n- b: 1\"");
    assert_eq!(outline(text)[4], "map \"b: 1\"");
    assert_eq!(outline(text)[8], "seq \"- c\"");
    let tagged = "k: !My-Join\n- a\n";
    assert_eq!(outline(tagged)[2..5], ["map \"!My-Join\\n- a\"", "key Fn::My-Join \"!My-Join\"", "seq \"- a\""]);
}

#[test]
fn block_scalars_span_header_to_last_written_line() {
    let cases = [
        ("a: |\n  x\n  y\n\n# c\nb: 1\n", "str \"x\\ny\\n\" \"|\\n  x\\n  y\""),
        ("a: |-\n  x\n", "str \"x\" \"|-\\n  x\""),
        ("a: |+\n  x\n\n\nb: 1\n", "str \"x\\n\\n\\n\" \"|+\\n  x\""),
        ("a: >2 # |\n    x\n   y\n  z", "str \"  x\\n y\\nz\" \">2 # |\\n    x\\n   y\\n  z\""),
        ("a: # | >\n  |\r\n  x\r\n  é\r\nb: 1\r\n", "str \"x\\né\\n\" \"|\\r\\n  x\\r\\n  é\""),
        ("a: &x|y |\n  x", "str \"x\" \"|\\n  x\""),
        ("a: |", "str \"\" \"|\""),
        ("a: |\n", "str \"\" \"|\""),
    ];
    for (text, expected) in cases {
        assert_eq!(outline(text)[2], expected, "{text:?}");
    }
    assert_eq!(outline("a:\n  b: |\n    x\n\n\nc: 1\n")[2], "map \"b: |\\n    x\"");
}

#[test]
fn short_tags_become_their_long_form() {
    assert_eq!(
        outline("a: !Ref x"),
        ["map \"a: !Ref x\"", "key a \"a\"", "map \"!Ref x\"", "key Ref \"!Ref\"", "str \"x\" \"x\""]
    );
    let cases = [
        ("!GetAtt A.B", "Fn::GetAtt"),
        ("!Sub '${A}'", "Fn::Sub"),
        ("!Join [a, [b]]", "Fn::Join"),
        ("!If\n- c\n- a\n", "Fn::If"),
        ("!Condition x", "Condition"),
        ("!Sub |\n  x", "Fn::Sub"),
        ("&a !Transform\nName: x\n", "Fn::Transform"),
    ];
    for (text, name) in cases {
        let node = root(text);
        assert_eq!(node.entries()[0].key.text, name);
        assert!(text[node.span.range()].starts_with('!') && text.trim_end().ends_with(&text[node.span.range()]), "{text}");
    }
    assert_eq!(root("!Sub 12").get("Fn::Sub"), Some(&"12".into()));
    assert_eq!(outline("!GetAZs")[2], "str \"\" \"\"");
    assert_eq!(outline("- !If [a, !Ref b]\n")[1..3], ["map \"!If [a, !Ref b]\"", "key Fn::If \"!If\""]);
}

#[test]
fn aliases_copy_with_the_spans_of_their_anchor() {
    let lines = outline("a: &x {k: 1}\nb: *x\n");
    assert_eq!(lines[0], "map \"a: &x {k: 1}\\nb: *x\"");
    assert_eq!(lines[6..], ["map \"{k: 1}\"", "key k \"k\"", "num 1 \"1\""]);
    assert_eq!(outline("&x a: 1\nb: {*x : 2}\n")[4..6], ["map \"{*x : 2}\"", "key a \"*x\""]);
}

#[test]
fn merge_keys_give_way() {
    let text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\none:\n  <<: *x\n  b: 3\nmany: {<<: [*y, *x], d: 4}\nno: {'<<': 1}\n";
    let tree = root(text);
    assert_eq!(tree.get("one"), Some(&root("{a: 1, b: 3}")));
    assert_eq!(tree.get("many"), Some(&root("{a: 1, b: 2, c: 2, d: 4}")));
    assert_eq!(&text[tree.path(&["one"]).unwrap().span.range()], "<<: *x\n  b: 3");
    assert_eq!(tree.path(&["no", "<<"]), Some(&1.into()));
    assert_eq!(refusal("a: 1\n<<: [b]\n"), ("`<<` needs a mapping or a list of mappings".into(), "[b]".into()));
}

#[test]
fn keys_that_are_no_scalars_are_their_source() {
    assert_eq!(
        outline("? [a, b]\n: 1\n{{ x }}: 2\n")[1..],
        ["key [a, b] \"[a, b]\"", "num 1 \"1\"", "key {{ x }} \"{{ x }}\"", "num 2 \"2\""]
    );
    assert_eq!(outline("? - a\n  - b\n: 1\n")[1], "key - a\n  - b \"- a\\n  - b\"");
}

#[test]
fn only_the_first_document_is_kept() {
    let parsed = parse(FileId(0), "a: 1\n---\nb: *c\n");
    assert_eq!((parsed.documents, parsed.problems.len()), (0, 1));
    let parsed = parse(FileId(0), "---\na: 1\n---\nb: 2\n...\n---\n- [[]]\n");
    assert_eq!((parsed.documents, parsed.format, parsed.root), (3, Format::Yaml, Some(root("a: 1"))));
    for empty in ["", "\u{feff}", " \n# only a comment\n"] {
        let parsed = parse(FileId(0), empty);
        assert!(parsed.root.is_none() && parsed.problems.is_empty() && parsed.documents == 0, "{empty:?}");
    }
}

#[test]
fn what_cannot_be_read_is_underlined() {
    let cases = [
        ("é: ü\nb: *nö\n", "this alias names no anchor above it", "*nö"),
        ("a: &x [1, *x]\n", "this alias stands inside of what it names", "*x"),
        ("ä: 1\n\tb: 2\n", "while scanning a plain scalar, found a tab", "1"),
        ("ä: 'x\n", "unclosed quote", "'x"),
        ("é: [1, 2\nb: c\n", "illegal placement of ':' indicator", ":"),
        ("é: b: c\n", "mapping values are not allowed in this context", ":"),
    ];
    for (text, message, under) in cases {
        assert_eq!(refusal(text), (message.to_owned(), under.to_owned()), "{text:?}");
    }
}

#[test]
fn alias_bombs_and_deep_nesting_are_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let refs = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{refs}]\n"));
    }
    assert_eq!(refusal(&bomb).0, "aliases expand to more than 500000 nodes");
    let deep = format!("a: &a {}{}\nb: {}*a{}\n", "[".repeat(150), "]".repeat(150), "[".repeat(60), "]".repeat(60));
    assert_eq!(refusal(&deep), ("nested deeper than 200 levels".into(), "*a".into()));
    for unit in ["[", "a: {a: [", "- ", "? ", "a: [{"] {
        assert_eq!(refusal(&unit.repeat(100_000)).0, "nested deeper than 200 levels", "{unit}");
    }
    let (message, under) = refusal(&format!("{}x", "- ".repeat(201)));
    assert_eq!((message.as_str(), under.as_str()), ("nested deeper than 200 levels", "-"));
    assert!(parse(FileId(0), &format!("{}x", "- ".repeat(200))).root.is_some());
}

#[test]
fn a_comment_may_stand_right_behind_another_token() {
    for (text, same) in [
        ("a: [1, 2]#é c\nb: 3\n", "a: [1, 2]\nb: 3\n"),
        ("a: {b: 1,#c\r\n  d: 2}#\n", "a: {b: 1,\r\n  d: 2}\n"),
        ("a: \"x#y\"#c\nb: 'z'#d", "a: \"x#y\"\nb: 'z'"),
        ("a: x#y\nb: [z#w]#c\n", "a: x#y\nb: [z#w]\n"),
    ] {
        assert_eq!(root(text), root(same), "{text:?}");
    }
    let text = "a: [1, 2]#é c\nb: 3\n";
    assert_eq!(
        outline(text),
        [
            "map \"a: [1, 2]#é c\\nb: 3\"",
            "key a \"a\"",
            "seq \"[1, 2]\"",
            "num 1 \"1\"",
            "num 2 \"2\"",
            "key b \"b\"",
            "num 3 \"3\""
        ]
    );
    let many = |count: usize| "- []#c\n".repeat(count);
    assert_eq!(root(&many(64)).items().len(), 64);
    let told = |text: &str| refusal(text).0;
    assert_eq!(told(&many(65)), "comments must be separated from other tokens by whitespace");
    assert_eq!(told("a: {# for b in c #}\n"), "comments must be separated from other tokens by whitespace");
    assert_eq!(refusal("a: []#c\nb: [\n").1, "[");
}

#[test]
fn the_first_document_that_is_not_empty_counts() {
    for (text, documents) in
        [("---\n---\na: 1\n", 2), ("# c\n---\n# d\n...\n---\na: 1\n---\na: 2\n", 3), ("--- ~\n--- {a: 1}\n", 2)]
    {
        let parsed = parse(FileId(0), text);
        assert_eq!((parsed.root.unwrap(), parsed.documents), (root("a: 1"), documents), "{text:?}");
    }
}

#[test]
fn what_cloudformation_does_not_take_is_noted_where_it_first_stands() {
    for (text, expected) in [
        ("a: &x 1\nb: *x\nc: *x\n", Some((11, 13, "an alias"))),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", Some((18, 20, "a merge key"))),
        ("a: !!set {b, c}\n", Some((3, 8, "this tag"))),
        ("a: !<tag:yaml.org,2002:timestamp> 2026-11-28\n", Some((3, 33, "this tag"))),
        ("a: &x !!str 1\nb: '<<'\nc: <<\n'<<': !Ref d\n", None),
    ] {
        let found = parse(FileId(0), text).foreign.map(|(at, what)| (at.start, at.end, what));
        assert_eq!(found, expected, "{text:?}");
    }
}
