use super::*;
use crate::source::FileId;

/// The span of `part` in a text.
fn at(source: &Source, part: &str) -> Span {
    let from = source.text.find(part).unwrap();
    Span::new(FileId(0), from, from + part.len())
}

#[test]
fn yaml_uses_short_forms_at_the_files_indentation() {
    let source = Source::new("a.yaml", "A:\n  Action:\n    - s3:GetObject\n");
    let style = Style::of(&source);
    let list = at(&source, "- s3:GetObject");
    assert_eq!(
        style.items(&[json!("s3:PutObject"), json!({"Fn::GetAtt": ["B", "Arn"]})], list),
        "    - s3:PutObject\n    - !GetAtt B.Arn"
    );
    let value = json!({"a": [1, {"x": "2012-10-17", "y": []}], "b": {"Ref": "X"}});
    assert_eq!(
        style.member("k", &value, at(&source, "Action"), 0),
        "  k:\n    a:\n      - 1\n      - x: \"2012-10-17\"\n        y: []\n    b: !Ref X"
    );
    let flat = Source::new("b.yaml", "A:\n- x\n");
    assert_eq!(Style::of(&flat).member("k", &json!([1]), Span::new(FileId(0), 0, 1), 1), "  k:\n  - 1");
}

#[test]
fn items_of_a_list_of_mappings_stand_where_its_first_dash_does() {
    let text = "S:\n  - Sid: A\n    Resource:\n      - x\n      - y\n";
    let source = Source::new("a.yaml", text);
    let list = at(&source, text[5..].trim_end());
    let added = Style::of(&source).extended("S", &[json!({"Sid": "B", "Resource": ["z"]})], list);
    assert_eq!((&*added.how, &*added.text), ("add to S", "  - Sid: B\n    Resource:\n      - z"));
}

#[test]
fn what_stands_in_brackets_is_added_to_in_brackets() {
    let source = Source::new("a.yaml", "- S: [{A: b}]\n  T: []\n  U: [\n    x,\n    y]\n");
    let style = Style::of(&source);
    let added = |key: &str, value: Json, part: &str| {
        let Addition { how, text, .. } = style.extended(key, &[value], at(&source, part));
        (how, text)
    };
    let value = json!({"A": {"Fn::Sub": "${B.Arn}/*"}, "C": "12", "D": [{"Fn::GetAtt": ["B", "Arn"]}]});
    let flow = "{A: !Sub \"${B.Arn}/*\", C: \"12\", D: [!GetAtt B.Arn]}";
    assert_eq!(added("S", value, "[{A: b}]"), ("add to S, in front of the others".into(), format!("{flow},")));
    assert_eq!(added("T", json!("s3:GetObject"), "[]"), ("add to T".into(), "s3:GetObject".into()));
    assert_eq!(added("U", json!("*"), "[\n    x,\n    y]").1, "    \"*\",");
    assert_eq!(added("A", json!("c"), "b}"), ("write".into(), "A: [b}, c]".into()));
}

#[test]
fn a_lone_value_becomes_the_first_of_a_list() {
    let text = "P:\n  Statement:\n      Sid: A\n      Action:\n        - x\n  - Resource: !Sub a\n";
    let source = Source::new("a.yaml", text);
    let style = Style::of(&source);
    let lone = at(&source, "Sid: A\n      Action:\n        - x");
    assert_eq!(
        style.extended("Statement", &[json!({"Sid": "B"})], lone).text,
        "  Statement:\n    - Sid: A\n      Action:\n        - x\n    - Sid: B"
    );
    assert_eq!(
        style.extended("Resource", &[json!({"Fn::Sub": "b"})], at(&source, "!Sub a")).text,
        "    Resource:\n      - !Sub a\n      - !Sub b"
    );
    let source = Source::new("a.json", "{\"Statement\": {\"Sid\": \"A\"}}");
    let added = Style::of(&source).extended("Statement", &[json!({"Sid": "B"})], at(&source, "{\"Sid\": \"A\"}"));
    assert_eq!(added.text, "\"Statement\": [{\"Sid\": \"A\"}, {\"Sid\":\"B\"}]");
}

#[test]
fn members_go_into_braces_where_there_are_some() {
    let source = Source::new("a.yaml", "A:\n  Properties: {}\nB:\n  Properties: {X: y}\nC:\n  - Properties:\n      X: z\n");
    let style = Style::of(&source);
    let into = |part: &str| style.property("K", &json!({"L": [1]}), at(&source, part));
    assert_eq!(["{}", "{X: y}", "X: z"].map(into), ["K: {L: [1]}", "K: {L: [1]},", "      K:\n        L:\n          - 1"]);
    let source = Source::new("a.json", "{\"A\": {}, \"B\": {\"X\": 1}}");
    let style = Style::of(&source);
    let into = |part: &str| style.property("K", &json!(2), at(&source, part));
    assert_eq!(["{}", "{\"X\": 1}"].map(into), ["\"K\":2", "\"K\":2,"]);
}

#[test]
fn replacements_need_functions_for_what_is_not_literal() {
    let (yaml, json) = (Source::new("a.yaml", "a: 1\n"), Source::new("a.json", "{}"));
    let both = |text: &str| [Style::of(&yaml), Style::of(&json)].map(|style| style.replacement(text, true));
    assert_eq!(both("AWS::S3::Object"), ["AWS::S3::Object", "\"AWS::S3::Object\""]);
    assert_eq!(both("${A.Arn}/"), ["!Sub \"${A.Arn}/\"", "{\"Fn::Sub\":\"${A.Arn}/\"}"]);
    assert_eq!(both("StartsWith: [\"a/\"]"), ["StartsWith: [\"a/\"]", "\"StartsWith\":[\"a/\"]"]);
    assert_eq!(both("StartsWith: [\"${A}/\"]")[0], "StartsWith: [!Sub \"${A}/\"]");
    assert_eq!(both("{Field: readOnly}")[1], "{\"Field\":\"readOnly\"}");
    assert_eq!(Style::of(&yaml).replacement("${A}/", false), "${A}/");
}

#[test]
fn json_stays_json() {
    let source = Source::new("a.json", "{\n  \"Action\": [\n    \"s3:GetObject\"\n  ]\n}\n");
    let style = Style::of(&source);
    let list = Span::new(FileId(0), source.text.find('[').unwrap(), source.text.find(']').unwrap() + 1);
    assert_eq!(style.items(&[json!("s3:PutObject")], list), "    \"s3:PutObject\",");
    let member = style.member("AWS", &json!(["x"]), Span::new(FileId(0), 4, 5), 0);
    assert_eq!(member, "  \"AWS\": [\n    \"x\"\n  ]");
    let source = Source::new("b.json", "{\"Statement\": [{\"Sid\": \"A\"}]}");
    let list = at(&source, "[{\"Sid\": \"A\"}]");
    assert_eq!(Style::of(&source).items(&[json!({"Sid": "B"})], list), "{\"Sid\":\"B\"},");
}
