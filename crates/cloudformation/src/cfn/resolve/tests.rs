use super::*;
use crate::cfn::scenario::Setting;
use bucketlint_text::source::FileId;
use bucketlint_text::syntax::testing::tree;
use std::collections::BTreeMap;

const SECTIONS: [(&str, &str); 4] = [
    (
        "Parameters",
        r#"{"Env": {"Type": "String", "Default": "prod"}, "Open": {"Type": "String"}, "Only": {"Type": "String", "AllowedValues": ["one"]}, "Empty": {"Type": "String", "Default": ""}, "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a"}, "Names": {"Type": "CommaDelimitedList", "Default": "a, b,c"}, "Unset": {"Type": "List<String>"}}"#,
    ),
    (
        "Mappings",
        r#"{"M": {"prod": {"name": "logs", "list": ["x", "y"]}, "dev": {"name": {"Fn::FindInMap": ["M", "dev", "name"]}}}}"#,
    ),
    (
        "Conditions",
        r#"{"Holds": {"Fn::Equals": ["a", "a"]}, "Never": {"Fn::Equals": ["a", "b"]}, "Maybe": {"Fn::Equals": ["a", {"Ref": "Open"}]}}"#,
    ),
    (
        "Resources",
        r#"{"Named": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "${Env}-data"}}}, "Plain": {"Type": "AWS::S3::Bucket"}, "Loop": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "Loop"}}}, "Stack": {"Type": "AWS::CloudFormation::Stack"}}"#,
    ),
];

/// A template whose one output has this value, written in JSON, in YAML's long form, or as it stands in block YAML.
fn template(value: &str, json: bool) -> Node {
    let section = |(name, body): &(&str, &str)| if json { format!("{name:?}: {body},\n") } else { format!("{name}: {body}\n") };
    let sections: String = SECTIONS.iter().map(section).collect();
    tree(&match json {
        true => format!("{{{sections}\"Outputs\": {{\"V\": {{\"Value\": {value}}}}}}}"),
        false => format!("{sections}Outputs:\n  V:\n    Value: {value}\n"),
    })
}

fn scenario() -> Scenario {
    let mut scenario = Scenario::open();
    scenario.conditions = [("Holds".into(), true), ("Never".into(), false)].into();
    scenario
}

fn with<T>(root: &Node, scenario: &Scenario, ask: impl FnOnce(&Resolver<'_>, &Node) -> T) -> T {
    let network = tree("Outputs: {O: {Export: {Name: !Sub '${AWS::StackName}-vpc'}, Value: v}}");
    let mut exports = Resolver::new(Template { file: FileId(1), path: "net", root: &network }, &Exports::new()).exports();
    let known = |text| Text::known(Span::default(), text);
    exports.push(Export { output: "Name".into(), name: Some(known("prod-name")), value: known("imported"), path: "net".into() });
    let resolver = Resolver::under(Template { file: FileId(0), path: "t", root }, &exports, scenario);
    ask(&resolver, root.path(&["Outputs", "V", "Value"]).unwrap())
}

/// The strings a value makes, ` | ` between them, then why the rest is not known.
fn shown(root: &Node) -> String {
    with(root, &scenario(), |resolver, node| {
        let (texts, unknown) = resolver.texts(node);
        let whys = unknown.iter().map(|unknown| format!("?{}", unknown.why));
        let made: Vec<String> = texts.iter().map(ToString::to_string).chain(whys).collect();
        assert!(texts.iter().all(|text| text.span.start >= node.span.start), "{made:?} is not where it is used");
        made.join(" | ")
    })
}

/// Why a value is not known.
fn why(root: &Node) -> String {
    with(root, &scenario(), |resolver, node| {
        resolver.text(node).symbols().next().map_or_else(|| "known".into(), |symbol| symbol.why.to_string())
    })
}

/// The long form, the short form, and the strings they make.
const VALUES: &[(&str, &str, &str)] = &[
    (r#"{"Ref": "Env"}"#, "!Ref Env", "prod"),
    (r#"{"Ref": "Only"}"#, "!Ref Only", "one"),
    (r#"{"Ref": "Open"}"#, "!Ref Open", "${Open}"),
    (r#"{"Ref": "Named"}"#, "!Ref Named", "prod-data"),
    (r#"{"Ref": "Plain"}"#, "!Ref Plain", "${Plain}"),
    (r#"{"Ref": "Names"}"#, "!Ref Names", "a | b | c"),
    (r#"[{"Ref": "Names"}, "d"]"#, "[!Ref Names, d]", "a | b | c | d"),
    (r#"{"Ref": "AWS::NoValue"}"#, "!Ref AWS::NoValue", ""),
    (r#"["a", {"Ref": "AWS::NoValue"}]"#, "[a, !Ref AWS::NoValue]", "a"),
    (r#"{"Fn::GetAtt": ["Named", "Arn"]}"#, "!GetAtt [Named, Arn]", "arn:${AWS::Partition}:s3:::prod-data"),
    (r#"{"Fn::GetAtt": "Named.Arn"}"#, "!GetAtt Named.Arn", "arn:${AWS::Partition}:s3:::prod-data"),
    (r#"{"Fn::GetAtt": "Stack.Outputs.A"}"#, "!GetAtt Stack.Outputs.A", "${Stack.Outputs.A}"),
    (r#"{"Fn::Sub": "${Named}/${!Env}/${ Env }"}"#, "!Sub '${Named}/${!Env}/${ Env }'", "prod-data/${Env}/prod"),
    (r#"{"Fn::Sub": ["${A}-${Env}", {"A": {"Fn::Sub": "${Env}"}}]}"#, "!Sub ['${A}-${Env}', {A: !Sub '${Env}'}]", "prod-prod"),
    (r#"{"Fn::Sub": ["${Env}", {"Env": "mine"}]}"#, "!Sub ['${Env}', {Env: mine}]", "mine"),
    (
        r#"{"Fn::Join": ["-", ["a", {"Ref": "AWS::NoValue"}, {"Ref": "Env"}]]}"#,
        "!Join ['-', [a, !Ref AWS::NoValue, !Ref Env]]",
        "a-prod",
    ),
    (r#"{"Fn::Join": ["+", {"Ref": "Names"}]}"#, "!Join ['+', !Ref Names]", "a+b+c"),
    (r#"{"Fn::Join": ["/", {"Fn::Split": [":", "a:b"]}]}"#, "!Join ['/', !Split [':', 'a:b']]", "a/b"),
    (r#"{"Fn::Select": [1, ["a", {"Ref": "Env"}]]}"#, "!Select [1, [a, !Ref Env]]", "prod"),
    (r#"{"Fn::Select": ["2", {"Ref": "Names"}]}"#, "!Select ['2', !Ref Names]", "c"),
    (
        r#"{"Fn::Select": [5, {"Fn::Split": [":", {"Fn::GetAtt": ["Plain", "Arn"]}]}]}"#,
        "!Select [5, !Split [':', !GetAtt Plain.Arn]]",
        "${Plain}",
    ),
    (r#"{"Fn::Split": [",", "a,b"]}"#, "!Split [',', 'a,b']", "a | b"),
    (r#"{"Fn::FindInMap": ["M", {"Ref": "Env"}, "name"]}"#, "!FindInMap [M, !Ref Env, name]", "logs"),
    (r#"{"Fn::FindInMap": ["M", "prod", "list"]}"#, "!FindInMap [M, prod, list]", "x | y"),
    (
        r#"{"Fn::FindInMap": ["M", "qa", "name", {"DefaultValue": {"Ref": "Env"}}]}"#,
        "!FindInMap [M, qa, name, {DefaultValue: !Ref Env}]",
        "prod",
    ),
    (r#"{"Fn::If": ["Holds", "a", "b"]}"#, "!If [Holds, a, b]", "a"),
    (r#"{"Fn::If": ["Never", "a", {"Fn::If": ["Holds", ["c", "d"], "e"]}]}"#, "!If [Never, a, !If [Holds, [c, d], e]]", "c | d"),
    (r#"{"Fn::If": ["Maybe", "a", "b"]}"#, "!If [Maybe, a, b]", "?it depends on condition `Maybe`"),
    (r#"{"Fn::ImportValue": {"Fn::Sub": "${Env}-name"}}"#, "\n      Fn::ImportValue: !Sub '${Env}-name'", "imported"),
    (r#"{"Fn::Base64": {"Ref": "Env"}}"#, "\n      Fn::Base64: !Ref Env", "cHJvZA=="),
    (r#"{"Fn::Length": {"Ref": "Names"}}"#, "\n      Fn::Length: !Ref Names", "3"),
    (r#"{"Fn::Length": ["a", "b"]}"#, "!Length [a, b]", "2"),
    (
        r#"{"Fn::ToJsonString": {"a": ["\"", {"Ref": "Open"}, 1], "b": {"Ref": "AWS::NoValue"}}}"#,
        "!ToJsonString {a: ['\"', !Ref Open, 1], b: !Ref AWS::NoValue}",
        r#"{"a":["\"","${Open}",1]}"#,
    ),
    (r#""a-{{resolve:ssm:/n}}-b""#, "'a-{{resolve:ssm:/n}}-b'", "a-{{resolve:ssm:/n}}-b"),
    (r#"{"Fn::GetAZs": ""}"#, "!GetAZs", "${Fn::GetAZs}"),
];

#[test]
fn every_function_has_its_value_in_both_forms_and_notations() {
    for (long, short, expected) in VALUES {
        assert_eq!(shown(&template(long, true)), *expected, "{long}");
        assert_eq!(shown(&template(long, false)), *expected, "{long} in YAML");
        assert_eq!(shown(&template(short, false)), *expected, "{short}");
    }
}

#[test]
fn what_is_not_known_says_why() {
    let cases = [
        ("!Ref Open", "parameter `Open` has no default"),
        ("!Ref Empty", "parameter `Empty` is empty by default"),
        ("!Ref Stored", "parameter `Stored` is read from Parameter Store"),
        ("!Ref Nothing", "`Nothing` is neither a parameter nor a resource of this template"),
        ("!Ref Names", "a list of 3 values stands where a string belongs"),
        ("!Ref Loop", "the reference leads back to itself"),
        ("!GetAtt Named", "`Fn::GetAtt` takes a logical ID and an attribute"),
        ("!GetAtt Stack.Outputs.A", "`Stack.Outputs.A` is an output of a nested stack"),
        ("!Join [',', !Ref Unset]", "parameter `Unset` has no default"),
        ("!Join [',', a, b]", "`Fn::Join` takes a separator and a list"),
        ("!Select [3, [a]]", "`Fn::Select` asks for item 3 of a list of 1"),
        ("!Select [a, [a]]", "`a` is not an index"),
        ("!Select [0, !Ref Unset]", "parameter `Unset` has no default"),
        ("!Select [1, [!If [Maybe, a, !Ref AWS::NoValue], b]]", "it depends on condition `Maybe`"),
        ("!Split ['-', !Ref Plain]", "`Plain` has no `BucketName`, so CloudFormation generates it"),
        ("!Split ['', a]", "`Fn::Split` needs a delimiter"),
        ("!FindInMap [M, !Ref Open, name]", "parameter `Open` has no default"),
        ("!FindInMap [M, qa, name]", "mapping `M` has no `qa.name`"),
        ("!FindInMap [M, dev, name]", "a mapping holds plain values, not functions"),
        ("!If [Gone, a, b]", "condition `Gone` is not defined"),
        ("!If [Holds, a]", "`Fn::If` takes a condition and two values"),
        ("!Cidr [10.0.0.0/8, 1, 8]", "`Fn::Cidr` makes address blocks when the template is deployed"),
        ("!GetAZs ''", "`Fn::GetAZs` depends on the account it is deployed to"),
        ("!ImportValue other", "no linted template exports `other`"),
        (
            "!ImportValue net-vpc",
            "no linted template exports `net-vpc`; one exports `${AWS::StackName}-vpc`, and the name of its stack is not known",
        ),
        ("!Sub [!Ref Env, {}]", "`Fn::Sub` needs a literal string"),
        ("!Sub '{{resolve:ssm:${Env}}}'", "a dynamic reference is read when the template is deployed"),
        (
            "!Transform {Name: 'AWS::Include', Parameters: {}}",
            "`AWS::Include` inserts a file from S3 when the template is deployed",
        ),
        ("!Transform {Name: Mine}", "a macro writes it when the template is deployed"),
        ("!Nonsense a", "`Fn::Nonsense` is not resolved"),
        ("!Rain::Env A", "`Rain::Env` is not resolved"),
        ("{\"Rain::Env\": A}", "`Rain::Env` is not resolved"),
        ("[a]", "a list stands where a string belongs"),
    ];
    for (value, expected) in cases {
        assert_eq!(why(&template(value, false)), expected, "{value}");
    }
}

#[test]
fn a_scenario_sets_parameters() {
    let root = template("!Sub '${Env} ${Names} ${AWS::Region} ${Open}'", false);
    let given = [("Env", "dev"), ("Names", "z"), ("AWS::Region", "eu-west-1")].map(|(name, value)| (name.into(), value.into()));
    let mut scenario = Scenario::given(&BTreeMap::from(given));
    scenario.parameters.insert("Open".into(), Setting::Not(vec!["a".into(), "b".into()]));
    with(&root, &scenario, |resolver, node| {
        let text = resolver.text(node);
        assert_eq!(text.to_string(), "dev z eu-west-1 ${Open}");
        assert_eq!(text.symbols().next().unwrap().why, "parameter `Open` is taken not to be `a` or `b`");
    });
}

#[test]
fn the_id_of_the_stack_has_parts_and_the_suffix_is_that_of_the_partition() {
    let part = |at: usize| shown(&template(&format!("!Select [{at}, !Split [':', !Ref 'AWS::StackId']]"), false));
    assert_eq!(
        [0, 1, 2, 3, 4].map(part),
        ["arn", "${AWS::Partition}", "cloudformation", "${AWS::Region}", "${AWS::AccountId}"].map(String::from)
    );
    let guid = "!Select [2, !Split ['/', !Ref 'AWS::StackId']]";
    assert_eq!(shown(&template(guid, false)), "${GUID of AWS::StackId}");
    assert_eq!(shown(&template("!Select [1, !Split ['/', !Ref 'AWS::StackId']]", false)), "${AWS::StackName}");

    let suffix = template("!Ref AWS::URLSuffix", false);
    assert_eq!(shown(&suffix), "amazonaws.com");
    let told = |scenario: &Scenario| with(&suffix, scenario, |resolver, node| resolver.text(node).to_string());
    let mut there = Scenario::open();
    there.stack.place.regions = ["cn-north-1".into()].into();
    assert_eq!(told(&there), "amazonaws.com.cn");
    there.stack.place.partition = Some("aws-iso".into());
    assert_eq!(told(&there), "c2s.ic.gov", "what is told goes before what Regions imply");
    let spelled = |text: &str| {
        let root = tree(text);
        let resolver = Resolver::under(Template { file: FileId(0), path: "t", root: &root }, &NONE, &OPEN);
        resolver.text(&tree("!Ref AWS::URLSuffix")).to_string()
    };
    assert_eq!(spelled("{A: ['arn:aws-cn:s3:::a'], B: !Sub 'arn:aws-cn:iam::${X}:root'}"), "amazonaws.com.cn");
    assert_eq!(spelled("{A: 'arn:aws-cn:s3:::a', B: 'arn:aws:s3:::a'}"), "amazonaws.com", "both are there");
    assert_eq!(spelled("{A: 'arn:nowhere:s3:::a'}"), "amazonaws.com");
}

static NONE: Exports = Exports::new();

#[test]
fn what_is_written_twice_has_one_value() {
    let same = |one: &str, other: &str| {
        let root = template(&format!("[{one}, {other}]"), false);
        with(&root, &scenario(), |resolver, node| {
            let texts: Vec<Text> = node.items().iter().map(|item| resolver.text(item)).collect();
            assert!(texts.iter().all(|text| text.as_symbol().is_some()));
            texts[0] == texts[1]
        })
    };
    let guid = "!Select [4, !Split ['-', !Select [2, !Split ['/', !Ref 'AWS::StackId']]]]";
    for (one, other, expected) in [
        ("!Select [0, !Ref Unset]", "!Select ['0', !Ref Unset]", true),
        ("!Select [0, !Ref Unset]", "!Select [1, !Ref Unset]", false),
        (guid, guid, true),
        ("!If [Maybe, a, b]", "!If [Maybe, a, b]", true),
        ("!If [Maybe, a, b]", "!If [Maybe, b, a]", false),
        ("!GetAZs ''", "!GetAZs ''", true),
        // a macro may make something else each time
        ("!Transform {Name: Mine}", "!Transform {Name: Mine}", false),
    ] {
        assert_eq!(same(one, other), expected, "{one} {other}");
    }
}

#[test]
fn doubling_names_and_deep_nesting_come_to_an_end() {
    let buckets: Vec<String> = (0..60)
        .map(|at| format!("B{at}: {{Type: AWS::S3::Bucket, Properties: {{BucketName: !Sub '${{B{0}}}${{B{0}}}'}}}}", at + 1))
        .collect();
    let root = tree(&format!("Resources: {{{}}}\nOutputs: {{V: {{Value: !Ref B0}}}}", buckets.join(", ")));
    with(&root, &scenario(), |resolver, node| assert!(resolver.text(node).as_known().is_none()));
    let long = "x".repeat(150_000);
    for value in [format!("!Sub ['${{A}}${{A}}', {{A: {long}}}]"), format!("!Join ['-', [{long}, {long}]]")] {
        assert_eq!(why(&template(&value, false)), "what it makes is too long to be followed");
    }
    let nested = format!("{}a{}", "{\"Fn::Select\": [0, [".repeat(60), "]]}".repeat(60)).replace('a', "\"a\"");
    assert!(["a", "${…}"].contains(&shown(&template(&nested, true)).as_str()));
}
