use super::*;
use crate::source::FileId;

/// The text under the span of each key and value of the document embedded in `P`, in order.
fn slices(text: &str) -> Vec<&str> {
    fn walk<'t>(text: &'t str, node: &Node, out: &mut Vec<&'t str>) {
        out.push(&text[node.span.range()]);
        node.items().iter().for_each(|item| walk(text, item, out));
        for entry in node.entries() {
            out.push(&text[entry.key.span.range()]);
            walk(text, &entry.value, out);
        }
    }
    let parsed = parse_embedded(&outer(text), text);
    assert_eq!(parsed.problems, []);
    let mut out = Vec::new();
    walk(text, &parsed.root.unwrap(), &mut out);
    out
}

fn outer(text: &str) -> Node {
    parse(FileId(0), text).root.unwrap().get("P").unwrap().clone()
}

#[test]
fn json_in_a_json_string() {
    let text = r#"{"é": 1, "P": "{\"a\": [\"\\u00e9\", \"\ud83d\ude00\u00e9\",\n \u007b\"b\": \"é\"}]}"}"#;
    assert_eq!(
        slices(text),
        [
            r#"{\"a\": [\"\\u00e9\", \"\ud83d\ude00\u00e9\",\n \u007b\"b\": \"é\"}]}"#,
            r#"\"a\""#,
            r#"[\"\\u00e9\", \"\ud83d\ude00\u00e9\",\n \u007b\"b\": \"é\"}]"#,
            r#"\"\\u00e9\""#,
            r#"\"\ud83d\ude00\u00e9\""#,
            r#"\u007b\"b\": \"é\"}"#,
            r#"\"b\""#,
            r#"\"é\""#,
        ]
    );
    let inner = parse_embedded(&outer(text), text).root.unwrap();
    assert_eq!(inner.get("a").unwrap().items()[1].as_str(), Some("😀é"));
}

#[test]
fn json_in_yaml_scalars() {
    let cases: [(&str, &[&str]); 6] = [
        ("P: '{\"a\": \"it''s\",\n  \"b\": 1}'\n", &["{\"a\": \"it''s\",\n  \"b\": 1}", "\"a\"", "\"it''s\"", "\"b\"", "1"]),
        (
            "P: \"{\\\"a\\\": \\x31,\\\n  \\\"\\_\\\": 2}\"\n",
            &["{\\\"a\\\": \\x31,\\\n  \\\"\\_\\\": 2}", "\\\"a\\\"", "\\x31", "\\\"\\_\\\"", "2"],
        ),
        (
            "P: |\n  {\n    \"a\": \"é\",\n\n    \"b\": [1,\n  2]\n  }\n\nq: 1\n",
            &["{\n    \"a\": \"é\",\n\n    \"b\": [1,\n  2]\n  }", "\"a\"", "\"é\"", "\"b\"", "[1,\n  2]", "1", "2"],
        ),
        ("P: |-\r\n  {\"a\": 1,\r\n   \"b\": 2}\r\n", &["{\"a\": 1,\r\n   \"b\": 2}", "\"a\"", "1", "\"b\"", "2"]),
        ("P: !!str 17\n", &["17"]),
        ("P: >\n  {\"a\":\n  1}\n", &[">\n  {\"a\":\n  1}"; 3]),
    ];
    for (text, expected) in cases {
        assert_eq!(slices(text), expected, "{text:?}");
    }
}

#[test]
fn problems_point_into_the_outer_file() {
    let text = r#"{"P": "{\"a\": 1, \"a\": 2}"}"#;
    let problem = &parse_embedded(&outer(text), text).problems[0];
    assert_eq!((problem.span.range(), problem.related.as_ref().unwrap().0.range()), (18..23, 8..13));
    let text = "P: |\n  {\"a\": 1\n  \"b\": 2\n";
    let parsed = parse_embedded(&outer(text), text);
    assert_eq!(parsed.problems[0].message, "expected `,` or `}`");
    assert_eq!(&text[parsed.problems[0].span.range()], "\"b");
    assert!(parse_embedded(&1.into(), text).root.is_none());
}
