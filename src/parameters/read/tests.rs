use super::*;
use crate::syntax::testing::{marked, tree};
use crate::syntax::toml;

fn node(text: &str) -> Node {
    if text.starts_with("version =") { toml::parse(FileId(0), text).root.unwrap() } else { tree(text) }
}

/// `name=value` of each parameter, or the mistakes with what they underline.
fn told(text: &str, environment: Option<&str>) -> Vec<String> {
    match read(&node(text), text, environment) {
        Ok(given) => given.iter().map(|given| format!("{}={}", given.name, given.value)).collect(),
        Err(complaints) => marked(text, &complaints),
    }
}

#[test]
fn every_form_is_known_by_its_content() {
    for (text, expected) in [
        (r#"[{"ParameterKey": "A", "ParameterValue": "x"}, {"ParameterKey": "B", "UsePreviousValue": true}]"#, &["A=x"][..]),
        ("- ParameterKey: A\n  ParameterValue: 012\n  UsePreviousValue: false\n", &["A=012"]),
        (r#"["A=x", "B='y z'"]"#, &["A=x", "B=y z"]),
        (r#"{"Parameters": {"A": "x", "B": 1.50}, "Tags": {"team": "lab"}}"#, &["A=x", "B=1.50"]),
        (r#"{"StackName": "s", "Parameters": [{"ParameterKey": "A", "ParameterValue": "x"}]}"#, &["A=x"]),
        ("A: x\nB: [1, true, z]\nC: ''\nParameters: none\n", &["A=x", "B=1,true,z", "C=", "Parameters=none"]),
        ("{}", &[]),
        ("[]", &[]),
    ] {
        assert_eq!(told(text, None), expected, "{text}");
    }
}

const SAM: &str = "version = 0.1
[default.global.parameters]
stack_name = \"lab\"
[default.deploy.parameters]
parameter_overrides = \"A=1 B='2 3'\"
[prod.global.parameters]
parameter_overrides = [\"A=9\"]
";

#[test]
fn samconfig_has_environments() {
    assert_eq!(told(SAM, None), ["A=1", "B=2 3"]);
    assert_eq!(told(SAM, Some("prod")), ["A=9"]);
    assert_eq!(told(SAM, Some("dev")), ["default: no environment `dev` has parameter_overrides; these have: `default`, `prod`"]);
    let (_, only) = SAM.split_once("[prod").unwrap();
    assert_eq!(told(&format!("version = 0.1\n[prod{only}"), None), ["A=9"]);
    let two = SAM.replace("default", "dev");
    assert_eq!(
        told(&two, None),
        ["dev: several environments have parameter_overrides: `dev`, `prod`; put # and one of them behind the file's name"]
    );
    let yaml = "version: 0.1\ndefault: {deploy: {parameters: {parameter_overrides: [A=1, {B: 2}]}}}\n";
    assert_eq!(told(yaml, None), ["A=1", "B=2"]);
    let wrong = "version = 0.1\n[default.deploy.parameters]\nparameter_overrides = 7\n";
    assert_eq!(told(wrong, None), ["7: parameter_overrides should be a string or a list, not a number"]);
    let none = "version = 0.1\n[default.deploy.parameters]\nregion = 'x'\n";
    assert_eq!(told(none, None), ["version: no environment of this samconfig file has parameter_overrides"]);
}

#[test]
fn mistakes_are_told_where_they_stand() {
    for (text, expected) in [
        (
            "hello\n",
            &["hello: a string is no form of parameters: write a list of ParameterKey and ParameterValue, a mapping of \
            names to values, such a mapping under Parameters, or a samconfig file"][..],
        ),
        (
            "A: {x: 1}\nB: [a, ~]\n",
            &[
                "{x: 1}: the value of parameter `A` should be a string, number or boolean, not a mapping",
                "~: the value of parameter `B` should be a string, number or boolean, not nothing",
            ],
        ),
        (
            r#"[{"ParameterKey": "A", "ParameterValue": 1}, {"ParameterKey": "A", "ParameterValue": 2}]"#,
            &["\"A\": parameter `A` is given twice"],
        ),
        (
            r#"[{"ParameterKey": "A", "ParmeterValue": 1}, 7]"#,
            &[
                "\"ParameterKey\": `ParameterValue` is missing",
                "\"ParmeterValue\": unknown key `ParmeterValue`; did you mean `ParameterValue`?",
                "7: a parameter should be a mapping, not a number",
            ],
        ),
        (
            r#"[{"ParameterKey": "A", "ParameterValue": "x", "UsePreviousValue": true}]"#,
            &["\"x\": `A` has a value and is to keep its previous one as well"],
        ),
    ] {
        assert_eq!(told(text, None), expected, "{text}");
    }
    assert_eq!(told("A: 1\n", Some("prod")), ["A: there is no environment `prod` here: this is not a samconfig file"]);
}

#[test]
fn flags_have_places_too() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let (source, read) = flags(&[pair("A", "x=y"), pair("B", "")], FileId(4));
    let given = read.unwrap();
    assert_eq!(&*source.text, "A=x=y\nB=\n");
    assert_eq!((source.slice(given[0].at), source.slice(given[0].span)), ("A", "x=y"));
    assert_eq!((source.slice(given[1].at), source.slice(given[1].span), given[1].span.file), ("B", "B=", FileId(4)));
    let (source, read) = flags(&[pair("A", "1"), pair("A", "2")], FileId(0));
    let complaints = read.unwrap_err();
    assert_eq!(
        (source.position(complaints[0].span.start as usize).line, complaints[0].message.as_str()),
        (2, "parameter `A` is given twice")
    );
}
