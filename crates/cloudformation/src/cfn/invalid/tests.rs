use super::*;
use bucketlint_text::source::FileId;
use bucketlint_text::syntax::testing::tree;

/// `text under the span: message; fix`.
fn told(text: &str) -> Vec<String> {
    let root = tree(text);
    let found = invalid(&Template { file: FileId(0), path: "t", root: &root }, text);
    found.iter().map(|one| format!("{}: {}; {}", &text[one.at.range()], one.message, one.fix)).collect()
}

/// What is told of a value of a bucket, in a template with one parameter, mapping and condition, in both notations.
fn of_value(long: &str, short: &str) -> String {
    let sections = r#""Parameters": {"Name": {"Type": "String"}}, "Mappings": {"M": {"a": {"b": "c"}}}, "Conditions": {"Has": {"Fn::Equals": ["a", "b"]}}"#;
    let resources = |value: &str| {
        format!(
            r#""Resources": {{"Data": {{"Type": "AWS::S3::Bucket", "Properties": {{"BucketName": {value}}}}}, "Key": {{"Type": "AWS::KMS::Key"}}, "Trail": {{"Type": "AWS::CloudTrail::Trail"}}, "Topic": {{"Type": "AWS::SNS::Topic"}}, "Role": {{"Type": "AWS::IAM::Role"}}}}"#
        )
    };
    let json = told(&format!("{{{sections}, {}}}", resources(long)));
    let block = |value: &str| format!("{}\n{}\n", sections.replace("}, \"", "}\n\""), resources(value));
    let yaml = told(&block(short));
    let after = |all: &[String]| all.iter().map(|one| one.split_once(": ").unwrap().1.to_owned()).collect::<Vec<_>>().join(" | ");
    assert_eq!(json.len(), yaml.len(), "{long} {json:?} {yaml:?}");
    let flow = told(&block(long));
    assert_eq!(flow.len(), yaml.len(), "{flow:?}");
    after(&yaml)
}

#[test]
fn every_function_is_checked_in_both_forms() {
    let cases = [
        (r#"{"Ref": "Name"}"#, "!Ref Name", ""),
        (r#"{"Ref": "AWS::Region"}"#, "!Ref AWS::Region", ""),
        (r#"{"Ref": "Nmae"}"#, "!Ref Nmae", "`Nmae` is neither a parameter nor a resource of this template; write `Name`"),
        (
            r#"{"Ref": "AWS::Acount"}"#,
            "!Ref AWS::Acount",
            "`AWS::Acount` is neither a parameter nor a resource of this template; write `AWS::AccountId`",
        ),
        (r#"{"Fn::GetAtt": ["Role", "Anything"]}"#, "!GetAtt Role.Anything", ""),
        (
            r#"{"Fn::GetAtt": ["Data", "MetadataTableConfiguration.S3TablesDestination.TableArn"]}"#,
            "!GetAtt Data.MetadataTableConfiguration.S3TablesDestination.TableArn",
            "",
        ),
        (
            r#"{"Fn::GetAtt": ["Data", "ARN"]}"#,
            "!GetAtt Data.ARN",
            "AWS::S3::Bucket has no attribute `ARN`; its attributes are `Arn`, `DomainName`, `DualStackDomainName`, `RegionalDomainName`, `WebsiteURL`",
        ),
        (
            r#"{"Fn::GetAtt": ["Key", "Id"]}"#,
            "!GetAtt Key.Id",
            "AWS::KMS::Key has no attribute `Id`; its attributes are `Arn`, `KeyId`",
        ),
        (
            r#"{"Fn::GetAtt": ["Trail", "Name"]}"#,
            "!GetAtt Trail.Name",
            "AWS::CloudTrail::Trail has no attribute `Name`; its attributes are `Arn`, `SnsTopicArn`",
        ),
        (
            r#"{"Fn::GetAtt": ["Topic", "Arn"]}"#,
            "!GetAtt Topic.Arn",
            "AWS::SNS::Topic has no attribute `Arn`; its attributes are `TopicArn`, `TopicName`",
        ),
        (
            r#"{"Fn::GetAtt": ["Name", "Arn"]}"#,
            "!GetAtt Name.Arn",
            "`Name` is no resource of this template, so it has no attributes; define `Name`, or refer to something that is",
        ),
        (
            r#"{"Fn::GetAtt": ["Data"]}"#,
            "!GetAtt Data",
            "`Fn::GetAtt` takes a logical ID and an attribute; add the attribute: `LogicalId.Attribute`",
        ),
        (r#"{"Fn::Sub": "a-${Name}-${!x}"}"#, "!Sub 'a-${Name}-${!x}'", ""),
        (r#"{"Fn::Sub": ["${X}", {"X": {"Ref": "Name"}}]}"#, "!Sub ['${X}', {X: !Ref Name}]", ""),
        (
            r#"{"Fn::Sub": "${aws:username}"}"#,
            "!Sub '${aws:username}'",
            "`aws:username` is neither a parameter nor a resource of this template; a policy variable is written `${!aws:username}`",
        ),
        (
            r#"{"Fn::Sub": "${Lost.Arn}"}"#,
            "!Sub '${Lost.Arn}'",
            "`Lost` is no resource of this template, so it has no attributes; define `Lost`, or refer to something that is",
        ),
        (
            r#"{"Fn::Sub": ["a", {}, "b"]}"#,
            "!Sub [a, {}, b]",
            "`Fn::Sub` takes a string and a mapping, and has 3 arguments; give it a string, and a mapping of values",
        ),
        (r#"{"Fn::If": ["Has", "a", "b"]}"#, "!If [Has, a, b]", ""),
        (r#"{"Fn::If": ["Hsa", "a", "b"]}"#, "!If [Hsa, a, b]", "condition `Hsa` is not defined; write `Has`"),
        (
            r#"{"Fn::If": ["Has", "a"]}"#,
            "!If [Has, a]",
            "`Fn::If` takes a condition and two values, and has 2 arguments; give it a condition and two values",
        ),
        (
            r#"{"Fn::Join": ["a"]}"#,
            "!Join [a]",
            "`Fn::Join` takes a separator and a list, and has 1 argument; give it a separator and a list",
        ),
        (r#"{"Fn::Select": "a"}"#, "!Select a", "`Fn::Select` takes an index and a list; write a list of an index and a list"),
        (r#"{"Fn::Split": ["a", "b"]}"#, "!Split [a, b]", ""),
        (r#"{"Fn::FindInMap": ["M", "a", "b"]}"#, "!FindInMap [M, a, b]", ""),
        (r#"{"Fn::FindInMap": ["N", "a", "b"]}"#, "!FindInMap [N, a, b]", "mapping `N` is not defined; write `M`"),
        (r#"{"Fn::FindInMap": ["M", "a", "q"]}"#, "!FindInMap [M, a, q]", "mapping `M` has no `a.q`; add the key to the mapping"),
        (r#"{"Fn::FindInMap": ["M", "a", "q", {"DefaultValue": "x"}]}"#, "!FindInMap [M, a, q, {DefaultValue: x}]", ""),
        (
            r#"{"Fn::ImportValue": {"Ref": "Gone"}}"#,
            "{\"Fn::ImportValue\": !Ref Gone}",
            "`Gone` is neither a parameter nor a resource of this template; define `Gone`, or refer to something that is",
        ),
    ];
    for (long, short, expected) in cases {
        assert_eq!(of_value(long, short), expected, "{short}");
    }
}

#[test]
fn mistakes_stand_on_their_place() {
    let text = "
Conditions:
  A: !Not [!Condition B]
  B: !Or [!Condition A, !Equals [!Ref Data, x], !Equals [x]]
  Elsewhere: !Condition Nothing
Resources:
  Data:
    Type: AWS::S3::Bucket
    Condition: A
    DependsOn: [Nowhere, Role]
    Properties: {BucketName: !Sub 'x-${Missing}'}
  Policy:
    Type: AWS::S3::BucketPolicy
    Condition: Unheard
    Properties: {Bucket: !Ref Data, PolicyDocument: {Statement: [{Principal: {AWS: !GetAtt Role.Arn}}]}}
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref Lost}}
  Other: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref NotOurs}}
";
    let expected = [
        "!Condition A: condition `A` leads back to itself; break the circle",
        "!Ref Data: `Data` is a resource, and conditions know parameters only; compare a parameter",
        "!Equals [x]: `Fn::Equals` takes two values, and has 1 argument; give it two values",
        "Nowhere: `Nowhere` is no resource of this template; define `Nowhere`, or refer to something that is",
        "${Missing}: `Missing` is neither a parameter nor a resource of this template; define `Missing`, or refer to something that is",
        "Unheard: condition `Unheard` is not defined; define `Unheard` under Conditions",
        "!Ref Lost: `Lost` is neither a parameter nor a resource of this template; define `Lost`, or refer to something that is",
    ];
    assert_eq!(told(text), expected);
}

#[test]
fn names_that_others_make_are_left_alone() {
    let bucket = "Data: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref FnRole}}";
    assert_eq!(told(&format!("Resources: {{{bucket}}}\n")).len(), 1);
    assert_eq!(told(&format!("Transform: AWS::LanguageExtensions\nResources: {{{bucket}}}\n")).len(), 1);
    for quiet in [
        format!("Transform: [Mine]\nResources: {{{bucket}}}\n"),
        format!("Resources: {{{bucket}, 'Fn::Transform': {{Name: 'AWS::Include'}}}}\n"),
        format!("Resources: {{{bucket}, Fn: {{Type: AWS::Serverless::Function}}}}\n"),
        format!("Resources: {{{bucket}, Fn: {{Type: Acme::S3::Data::MODULE}}}}\n"),
        format!("Resources: {{{bucket}, 'B${{I}}': {{Type: AWS::S3::Bucket}}}}\n"),
    ] {
        assert_eq!(told(&quiet), [""; 0], "{quiet}");
    }
}

#[test]
fn long_circles_are_no_trouble() {
    let links: String = (0..20_000).map(|at| format!("  C{at}: !Not [!Condition C{}]\n", (at + 1) % 20_000)).collect();
    let text = format!("Conditions:\n{links}Resources: {{B: {{Type: AWS::S3::Bucket, Condition: C0}}}}\n");
    assert_eq!(told(&text), ["!Condition C0: condition `C0` leads back to itself; break the circle"]);
}
