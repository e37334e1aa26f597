use super::*;
use crate::cfn::resolve::Exports;
use crate::cfn::scenario::Scenario;
use crate::cfn::template::Template;
use bucketlint_text::source::{FileId, Source};
use bucketlint_text::syntax::parse::parse;

const HEAD: &str = "
Parameters:
  Days: {Type: Number, Default: 30}
  On: {Type: String, Default: 'true'}
  Open: {Type: String}
  Names: {Type: CommaDelimitedList, Default: 'a, b'}
Mappings:
  M: {k: {n: 7, l: [x, 'false']}}
Conditions:
  Holds: !Equals [a, a]
  Maybe: !Equals [a, !Ref Open]
Value:
";

/// A node in one line; what is not known as its reason in angle brackets, with a question mark if it may be absent.
fn shown(node: &Node) -> String {
    let join = |items: Vec<String>| items.join(", ");
    match &node.value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Num(text) => text.to_string(),
        Value::Str(text) => format!("'{text}'"),
        Value::Text(text) => format!("'{text}'"),
        Value::Seq(items) => format!("[{}]", join(items.iter().map(shown).collect())),
        Value::Map(entries) => {
            format!("{{{}}}", join(entries.iter().map(|entry| format!("{}: {}", entry.key.text, shown(&entry.value))).collect()))
        }
        Value::Hidden(hidden) => format!("<{}{}>", hidden.why, if hidden.may_be_absent { "?" } else { "" }),
    }
}

/// What a value is once it is deployed; indented text of YAML.
fn deployed(value: &str) -> String {
    let text = format!("{HEAD}  {value}\n");
    let sources = Sources::new(vec![Source::new("t.yaml", &text)]);
    let root = parse(FileId(0), &text).root.unwrap();
    let exports = Exports::new();
    let mut scenario = Scenario::open();
    scenario.conditions = [("Holds".into(), true)].into();
    let resolver = Resolver::under(Template { file: FileId(0), path: "t.yaml", root: &root }, &exports, &scenario);
    let made = resolver.deployed(root.get("Value").unwrap(), &sources);
    made.as_ref().map_or("removed".into(), shown)
}

#[test]
fn functions_are_replaced_by_what_they_make() {
    for (value, want) in [
        ("{a: 1, b: 'true', c: 'x', d: null, e: [no]}", "{a: 1, b: true, c: 'x', d: null, e: [false]}"),
        ("{a: !Ref Days, b: !Ref On, c: !Sub 'v-${On}', d: !Ref Names}", "{a: 30, b: true, c: 'v-true', d: ['a', 'b']}"),
        ("{a: !FindInMap [M, k, n], b: !FindInMap [M, k, l]}", "{a: 7, b: ['x', false]}"),
        ("{a: !If [Holds, {b: !Ref On}, 1], c: !If [Holds, !Ref AWS::NoValue, 1]}", "{a: {b: true}}"),
        ("[!If [Holds, [1, 2], 3], !If [Holds, !Ref AWS::NoValue, 4], 5]", "[1, 2, 5]"),
        ("!If [Holds, !Ref AWS::NoValue, 4]", "removed"),
        ("'{\"a\": [\"true\", 1]}'", "{a: [true, 1]}"),
        ("'{\"a\": '", "'{\"a\": '"),
    ] {
        assert_eq!(deployed(value), want, "{value}");
    }
}

#[test]
fn what_is_not_known_says_why() {
    let open = "parameter `Open` has no default";
    for (value, want) in [
        ("{a: !Ref Open}", format!("{{a: <{open}>}}")),
        ("{a: !Sub 'x-${Open}'}", format!("{{a: <{open}>}}")),
        ("{a: !If [Maybe, 1, 2]}", "{a: <it depends on condition `Maybe`?>}".into()),
        ("[1, !If [Maybe, 1, !Ref AWS::NoValue]]", "[1, <it depends on condition `Maybe`?>]".into()),
        ("{Fn::Transform: {Name: Own}, a: 1}", "<a macro writes it when the template is deployed?>".into()),
        ("!Sub '{\"a\": \"${On}\"}'", "<a function makes its JSON text>".into()),
    ] {
        assert_eq!(deployed(value), want, "{value}");
    }
}

#[test]
fn values_keep_their_places() {
    let text = format!("{HEAD}  Policy: '{{\"Effect\": \"Deny\"}}'\n  On: !Ref On\n");
    let sources = Sources::new(vec![Source::new("t.yaml", &text)]);
    let root = parse(FileId(0), &text).root.unwrap();
    let exports = Exports::new();
    let scenario = Scenario::open();
    let resolver = Resolver::under(Template { file: FileId(0), path: "t.yaml", root: &root }, &exports, &scenario);
    let made = resolver.deployed(root.get("Value").unwrap(), &sources).unwrap();
    let under = |path: &[&str]| &text[made.path(path).unwrap().span.range()];
    assert_eq!((under(&["Policy", "Effect"]), under(&["On"])), ("\"Deny\"", "!Ref On"));
}
