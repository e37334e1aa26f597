use super::*;
use bucketlint_text::source::FileId;
use bucketlint_text::syntax::testing::tree;

fn expanded(text: &str, given: &[(&str, &str)]) -> Expanded {
    let root = tree(text);
    let scenario = Scenario::given(&given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect());
    expand(&Template { file: FileId(0), path: "t", root: &root }, &scenario).unwrap()
}

fn whys(expanded: &Expanded) -> Vec<&str> {
    expanded.open.iter().map(|open| open.why.as_str()).collect()
}

/// The body of a loop over `a` and `b-c`, and what is made of it, in YAML and in JSON.
#[test]
fn identifiers_are_replaced_everywhere() {
    let cases = [
        ("'x${Id}': ['${Id}', !Ref Id, !Ref Other]", "{xa: [a, a, !Ref Other], xb-c: [b-c, b-c, !Ref Other]}"),
        ("'x&{Id}': '&{Id}-${Id}'", "{xa: a-a, xbc: bc-b-c}"),
        (
            "'x${Id}': !Sub '${Id}-${AWS::Region}-${!Id}'",
            "{xa: !Sub 'a-${AWS::Region}-${!Id}', xb-c: !Sub 'b-c-${AWS::Region}-${!Id}'}",
        ),
        ("'x${Id}': !Sub ['${Id}${V}', {V: !Ref Id}]", "{xa: !Sub ['a${V}', {V: a}], xb-c: !Sub ['b-c${V}', {V: b-c}]}"),
        ("'x${Id}': !GetAtt [!Sub 'B${Id}', Arn]", "{xa: !GetAtt [Ba, Arn], xb-c: !GetAtt [Bb-c, Arn]}"),
        ("'x${Id}': {Ref: 'B${Id}'}", "{xa: !Ref Ba, xb-c: !Ref Bb-c}"),
        (
            "'x${Id}': {'k${Id}': {Condition: 'Has${Id}', DependsOn: ['B${Id}']}}",
            "{xa: {ka: {Condition: Hasa, DependsOn: [Ba]}}, xb-c: {kb-c: {Condition: Hasb-c, DependsOn: [Bb-c]}}}",
        ),
        ("Fn::ForEach::In: [Two, [!Ref Id, y], {'x${Id}${Two}': 1}]", "{xaa: 1, xay: 1, xb-cb-c: 1, xb-cy: 1}"),
        ("Fn::ForEach::In: [Id, [z], {'x${Id}': 1}]", "{xz: 1}"),
        ("'x${Nothing}': '${ Id }'", "{'x${Nothing}': '${ Id }'}"),
    ];
    for (body, made) in cases {
        let made = tree(&format!("Resources: {made}\n"));
        let yaml = expanded(&format!("Resources:\n  Fn::ForEach::Out: [Id, [a, b-c], {{{body}}}]\n"), &[]);
        assert_eq!(yaml.root, made, "{body}");
        let long = format!("{{Resources: {{Fn::ForEach::Out: [Id, [a, b-c], {{{body}}}]}}}}");
        assert_eq!(expanded(&long, &[]).root, made, "{body}");
        assert!(yaml.open.is_empty());
    }
    let json = r#"{"Resources": {"Fn::ForEach::L": ["Id", ["a", "b"], {"X${Id}": {"Fn::Sub": "${Id}"}}]}}"#;
    assert_eq!(expanded(json, &[]).root, tree("Resources: {Xa: a, Xb: b}"));
}

#[test]
fn loops_stand_in_every_section_and_in_properties() {
    let text = "
Conditions: {'Fn::ForEach::C': [I, [a], {'Is${I}': !Equals [!Ref P, !Ref I]}]}
Resources:
  First: {Type: X}
  B:
    Properties:
      Kept: 1
      Fn::ForEach::P: [I, [a, b], {'Prop${I}': !Ref I}]
  'Fn::ForEach::R': [I, [a], {'R${I}': {Type: X}}]
  Last: {Type: X}
Outputs: {'Fn::ForEach::O': [I, [a], {'O${I}': {Value: !Ref I}}]}
";
    let made = "
Conditions: {Isa: !Equals [!Ref P, a]}
Resources: {First: {Type: X}, B: {Properties: {Kept: 1, Propa: a, Propb: b}}, Ra: {Type: X}, Last: {Type: X}}
Outputs: {Oa: {Value: a}}
";
    let root = expanded(text, &[]).root;
    assert_eq!(root, tree(made));
    let order: Vec<&str> = root.get("Resources").unwrap().entries().iter().map(|entry| entry.key.text.as_str()).collect();
    assert_eq!(order, ["First", "B", "Ra", "Last"]);
}

#[test]
fn copies_stand_where_the_body_does() {
    let text =
        "Resources:\n  Fn::ForEach::L:\n    - Id\n    - [logs, data]\n    - Bucket${Id}:\n        Name: !Sub 'lab-${Id}'\n";
    let root = expanded(text, &[]).root;
    let copies = root.get("Resources").unwrap().entries();
    for (copy, name) in copies.iter().zip(["lab-logs", "lab-data"]) {
        assert_eq!(&text[copy.key.span.range()], "Bucket${Id}");
        let value = copy.value.get("Name").unwrap();
        assert_eq!((value.as_str(), &text[value.span.range()]), (Some(name), "!Sub 'lab-${Id}'"));
    }
    assert_eq!(copies.len(), 2);
}

#[test]
fn collections_come_from_parameters_and_mappings() {
    let text = |collection: &str| {
        format!(
            "Parameters: {{L: {{Type: CommaDelimitedList, Default: 'a, b'}}, P: {{Type: String, Default: m}}}}
Mappings: {{M: {{m: {{k: [x, y]}}}}}}
Resources: {{Fn::ForEach::L: [I, {collection}, {{'R${{I}}': 1}}]}}\n"
        )
    };
    let ids = |collection: &str, given: &[(&str, &str)]| {
        let made = expanded(&text(collection), given);
        assert!(made.open.is_empty(), "{:?}", made.open);
        made.root.get("Resources").unwrap().entries().iter().map(|entry| entry.key.text.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids("!Ref L", &[]), ["Ra", "Rb"]);
    assert_eq!(ids("!Ref L", &[("L", "q")]), ["Rq"]);
    assert_eq!(ids("[!Ref P, z]", &[]), ["Rm", "Rz"]);
    assert_eq!(ids("!FindInMap [M, !Ref P, k]", &[]), ["Rx", "Ry"]);
    assert_eq!(ids("!Split [',', 'a,a']", &[]), ["Ra"]);
    assert_eq!(ids("[]", &[]), [""; 0]);
}

#[test]
fn what_a_loop_goes_over_may_not_be_known() {
    let text = "
Parameters: {L: {Type: CommaDelimitedList}}
Resources:
  Fn::ForEach::L: [I, !Ref L, {'R${I}': {Type: AWS::S3::Bucket, Name: 'x-${I}', A: !Sub '${I}', B: !Ref I, C: !GetAtt [!Sub 'R${I}', Arn], D: !Ref 'R${I}'}}]
";
    let made = expanded(text, &[]);
    assert_eq!(whys(&made), ["parameter `L` has no default"]);
    assert_eq!(&text[made.open[0].at.range()], "!Ref L");
    let copy = "
    'R${I}':
      Type: AWS::S3::Bucket
      Name: !Sub ['x-${I}', {I: !Select [0, !Ref L]}]
      A: !Sub ['${I}', {I: !Select [0, !Ref L]}]
      B: !Select [0, !Ref L]
      C: !GetAtt ['R${I}', Arn]
      D: !Ref 'R${I}'
";
    assert_eq!(*made.root.get("Resources").unwrap(), tree(copy));
    let odd =
        expanded("Resources: {B: {Type: AWS::S3::Bucket, Tags: {'Fn::ForEach::L': [I, [a]]}}, X: {'Fn::ForEach::L': 1}}", &[]);
    assert_eq!(whys(&odd), ["`Fn::ForEach` takes an identifier, a collection and a mapping"]);
}

#[test]
fn loops_in_loops_come_to_an_end() {
    let items = (0..100).map(|at| at.to_string()).collect::<Vec<_>>().join(", ");
    let inner = (0..20).fold("{'R${I0}': {Type: AWS::S3::Bucket}}".to_owned(), |body, at| {
        format!("{{Fn::ForEach::L{at}: [I{at}, [{items}], {body}]}}")
    });
    let made = expanded(&format!("Resources: {inner}\n"), &[]);
    assert_eq!(whys(&made)[0], "the loops make more than a template can hold");
}

#[test]
fn no_more_resources_are_made_than_a_template_can_hold() {
    let items = (0..2_000).map(|at| at.to_string()).collect::<Vec<_>>().join(", ");
    let made = expanded(&format!("Resources: {{Fn::ForEach::L: [I, [{items}], {{'R${{I}}': {{Type: AWS::S3::Bucket}}}}]}}"), &[]);
    assert_eq!(made.root.get("Resources").unwrap().entries().len(), 1_000);
    assert_eq!(whys(&made), ["the loops make more than a template can hold"]);
}

#[test]
fn unknown_items_that_double_each_other_come_to_an_end() {
    let body = "{'R${I0}': {Type: AWS::S3::Bucket}}".to_owned();
    let nested =
        (0..40).fold(body, |body, at| format!("{{Fn::ForEach::L{at}: [I{at}, [!Ref I{0}, !Ref I{0}], {body}]}}", at + 1));
    let text = format!("Parameters: {{I40: {{Type: String}}}}\nResources: {nested}\n");
    assert_eq!(whys(&expanded(&text, &[]))[0], "parameter `I40` has no default");
}

#[test]
fn conditions_may_look_like_booleans() {
    let text = "
Conditions: {Yes: !Equals [a, a], Off: !Not [{Condition: yes}]}
Resources:
  A: {Condition: YES, P: !If [on, 1, !If [off, !If [No, 2, 3], 4]]}
  B: {P: !If [Yes, {Condition: {Bool: {a: true}}}, b]}
";
    let made = "
Conditions: {Yes: !Equals [a, a], Off: !Not [{Condition: 'Yes'}]}
Resources:
  A: {Condition: 'Yes', P: !If ['Yes', 1, !If ['Off', !If ['Off', 2, 3], 4]]}
  B: {P: !If ['Yes', {Condition: {Bool: {a: true}}}, b]}
";
    assert_eq!(expanded(text, &[]).root, tree(made));
    let same = tree("Conditions: {Yes: 1}\nResources: {A: !If ['Yes', 1, 2]}\n");
    assert!(expand(&Template { file: FileId(0), path: "t", root: &same }, &Scenario::open()).is_none());
}
