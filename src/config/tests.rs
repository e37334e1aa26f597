use super::*;
use crate::syntax::testing::{marked, tree};

fn read(text: &str) -> Config {
    Config::read(&tree(text), Path::new("conf")).unwrap()
}

fn said(text: &str) -> Vec<String> {
    marked(text, &Config::read(&tree(text), Path::new("conf")).unwrap_err())
}

const FULL: &str = r##"
control_accounts: ["012345678901", 123456789012, "123456789012"]
profile: quilt-8
buckets: {include: ["lab-*"], exclude: ["*-logs", "data.yaml#Raw"]}
severity: {policy/missing: warning, trail/uncovered-bucket: "off", policy/other: false}
rules: [lint/rules]
trail: elsewhere
fail_on: note
partition: aws-cn
principals: ["arn:aws-cn:iam::123456789012:role/path/Reader"]
assume: {"aws:PrincipalOrgID": o-abc, "aws:SourceVpce": [vpce-1, vpce-2], "aws:SecureTransport": true}
parameters:
- {templates: stacks/*.yaml, file: [base.json, sam.toml#prod], values: {Stage: prod, Zones: [a, b]}}
- {templates: [a.yaml, b/], values: {Count: 2}}
accounts: {"stacks/*.yaml": 123456789012, b/: ["012345678901", "123456789012"]}
regions: {/a.yaml: us-gov-east-1}
"##;

#[test]
fn everything_said_is_read() {
    let config = read(FULL);
    assert_eq!(config.control_accounts, ["012345678901", "123456789012"]);
    assert_eq!(config.profile, Some(ProfileSource::Builtin("quilt-8")));
    assert_eq!(config.buckets.include, ["lab-*"]);
    assert_eq!(config.buckets.exclude, ["*-logs", "data.yaml#Raw"]);
    let levels: Vec<_> = config.severity.iter().map(|(id, level)| (id.as_str(), level.severity)).collect();
    let want = [("policy/missing", Some(Severity::Warning)), ("policy/other", None), ("trail/uncovered-bucket", None)];
    assert_eq!(levels, want);
    assert_eq!(config.rules, [Path::new("conf/lint/rules")]);
    assert_eq!((config.trail, config.fail_on), (Some(TrailPlace::Elsewhere), Some(FailOn::Note)));
    assert_eq!(config.partition.as_deref(), Some("aws-cn"));
    assert_eq!(config.principals, ["arn:aws-cn:iam::123456789012:role/path/Reader"]);
    let assumed =
        [("aws:PrincipalOrgID", &["o-abc"][..]), ("aws:SecureTransport", &["true"]), ("aws:SourceVpce", &["vpce-1", "vpce-2"])];
    let assumed = assumed.map(|(key, values)| (key.to_owned(), values.iter().map(|&value| value.to_owned()).collect()));
    assert_eq!(config.assume, BTreeMap::from(assumed));
    let [first, second] = &config.parameters[..] else { panic!("{:?}", config.parameters) };
    assert_eq!(first.templates[0].1, "stacks/*.yaml");
    assert_eq!(first.files, [Path::new("conf/base.json"), Path::new("conf/sam.toml#prod")]);
    let values: Vec<_> = first.values.iter().map(|given| (given.name.as_str(), given.value.as_str())).collect();
    assert_eq!(values, [("Stage", "prod"), ("Zones", "a,b")]);
    assert_eq!((second.templates.len(), second.values[0].value.as_str()), (2, "2"));
    let placed = |all: &[Deployed]| all.iter().map(|one| format!("{} {}", one.pattern, one.to.join(" "))).collect::<Vec<_>>();
    assert_eq!(placed(&config.accounts), ["stacks/*.yaml 123456789012", "b/ 012345678901 123456789012"]);
    assert_eq!(placed(&config.regions), ["/a.yaml us-gov-east-1"]);
}

#[test]
fn nothing_and_single_values_will_do() {
    assert_eq!(Config::read(&Node::default(), Path::new("conf")), Ok(Config::default()));
    assert_eq!(read("{}"), Config::default());
    assert_eq!(read("control_accounts: 123456789012").control_accounts, ["123456789012"]);
    let config = read("rules: lint\nbuckets: {include: lab}\nprofile: mine.yaml\n");
    assert_eq!((config.rules, config.buckets.include), (vec!["conf/lint".into()], vec!["lab".to_owned()]));
    assert_eq!(config.profile, Some(ProfileSource::File("conf/mine.yaml".into())));
}

#[test]
fn an_account_has_twelve_digits() {
    assert_eq!(
        said("control_accounts: [012345670123, 12345, '1234-5678-9012', true]\n"),
        [
            "012345670123: put the account ID in quotes: \"012345670123\"",
            "12345: `12345` is not an AWS account ID, which has twelve digits and nothing else",
            "'1234-5678-9012': `1234-5678-9012` is not an AWS account ID, which has twelve digits and nothing else",
            "true: an AWS account ID should be a string of twelve digits, not a boolean",
        ]
    );
}

#[test]
fn every_mistake_is_told_in_text_order() {
    let text = r#"
control_account: "123456789012"
profile: qiult
buckets: {include: [''], only: x}
severity: {policy/missing: fatal, policy/other: true}
rules: {}
trail: there
fail_on: 1
partition: AWS
principals:
- arn:aws:iam::123456789012:root
- arn:aws:iam::123456789012:role/*
- arn:aws:iam::12345:role/R
- arn:aws:sts::123456789012:assumed-role/R/session
assume: {PrincipalOrgID: o-abc, "aws:x": {}, "AWS:X": []}
parameters: [{values: {A: ~}}, {templates: ['', '{a', b], value: {}}, b]
"#;
    let no_role = |arn: &str| format!("{arn}: `{arn}` is not a role's ARN, such as arn:aws:iam::123456789012:role/Name");
    let mut want = [
        "control_account: unknown key `control_account`; did you mean `control_accounts`?",
        "qiult: unknown profile `qiult`; did you mean `quilt`?",
        "'': an empty string matches nothing",
        "only: unknown key `only`; known are `include`, `exclude`",
        "fatal: the severity of `policy/missing` should be one of error, warning, note, off",
        "true: the severity of `policy/other` should be one of error, warning, note, off",
        "{}: an item of `rules` should be a string, not a mapping",
        "there: `trail` should be one of here, elsewhere, not `there`",
        "1: `fail_on` should be a string, not a number",
        "AWS: `AWS` is not an AWS partition, such as aws, aws-cn or aws-us-gov",
    ]
    .map(str::to_owned)
    .to_vec();
    want.push(no_role("arn:aws:iam::123456789012:root"));
    want.push(no_role("arn:aws:iam::123456789012:role/*"));
    want.push(no_role("arn:aws:iam::12345:role/R"));
    want.push(no_role("arn:aws:sts::123456789012:assumed-role/R/session"));
    want.push("PrincipalOrgID: `PrincipalOrgID` is not a condition key; those are written like `aws:PrincipalOrgID`".into());
    want.push("{}: a value of `aws:x` should be a string, not a mapping".into());
    want.push("\"AWS:X\": `AWS:X` is assumed twice; case makes no difference".into());
    want.push("[]: `AWS:X` is assumed to have no value; list at least one".into());
    want.push("values: `templates` is missing".into());
    want.push("'': `` matches nothing".into());
    want.push("'{a': `{a` is not a pattern: error parsing glob '{a': unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)".into());
    want.push("value: unknown key `value`; did you mean `values`?".into());
    want.push("b: an item of `parameters` should be a mapping, not a string".into());
    assert_eq!(said(text), want);
}

#[test]
fn a_trail_is_a_word_or_a_mapping() {
    let of = |text: &str| {
        let config = read(text);
        (config.trail, config.logs_read)
    };
    assert_eq!(of("trail: here\n"), (Some(TrailPlace::Here), false));
    assert_eq!(of("trail: {place: elsewhere, read_by_platform: true}\n"), (Some(TrailPlace::Elsewhere), true));
    assert_eq!(of("trail: {read_by_platform: true}\n"), (None, true));
    assert_eq!(
        said("trail: {place: there, read_by_platform: maybe, read: true}\n"),
        [
            "there: `place` should be one of here, elsewhere, not `there`",
            "maybe: `read_by_platform` should be true or false, not a string",
            "read: unknown key `read`; known are `place`, `read_by_platform`",
        ]
    );
    assert_eq!(said("trail: [here]\n"), ["[here]: `trail` should be a string, not a list"]);
}

#[test]
fn places_are_told_by_patterns() {
    let text = r#"
accounts: {"{a": "123456789012", "!b.yaml": [], c.yaml: [12345, ~], d.yaml: 012345670123}
regions: {a: Ireland, b: [eu-west, eu-west-one, 1], c: {}, "": us-east-1}
"#;
    let account = |text: &str| format!("`{text}` is not an AWS account ID, which has twelve digits and nothing else");
    let region = |text: &str| format!("{text}: `{text}` is not an AWS Region, such as eu-west-1");
    let want = [
        "\"{a\": `{a` is not a pattern: error parsing glob '{a': unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)".into(),
        "\"!b.yaml\": `!b.yaml` takes nothing in; a later pattern replaces an earlier one".into(),
        "[]: `!b.yaml` under `accounts` needs at least one value".into(),
        format!("12345: {}", account("12345")),
        "~: an AWS account ID should be a string of twelve digits, not nothing".into(),
        "012345670123: put the account ID in quotes: \"012345670123\"".into(),
        region("Ireland"),
        region("eu-west"),
        region("eu-west-one"),
        "1: a Region should be a string, not a number".into(),
        "{}: a Region should be a string, not a mapping".into(),
        "\"\": `` matches nothing".into(),
    ];
    assert_eq!(said(text), want);
    assert_eq!(said("accounts: [a]\n"), ["[a]: `accounts` should be a mapping, not a list"]);
}

#[test]
fn only_a_mapping_holds_settings() {
    assert_eq!(said("- a\n"), ["- a: the settings should be a mapping, not a list"]);
    assert_eq!(said("severity: off\n"), ["off: `severity` should be a mapping, not a boolean"]);
    assert_eq!(said("buckets: lab\n"), ["lab: `buckets` should be a mapping, not a string"]);
}

#[test]
fn severities_are_for_rules_there_are() {
    let text = "severity: {trail/uncoverd: note, policy/missing: note, a: note}\n";
    assert_eq!(
        marked(text, &read(text).unknown_rules(&["policy/missing", "trail/uncovered"])),
        [
            "trail/uncoverd: unknown rule `trail/uncoverd`; did you mean `trail/uncovered`?",
            "a: unknown rule `a`; known are `policy/missing`, `trail/uncovered`",
        ]
    );
}

#[test]
fn a_run_fails_from_a_severity_up() {
    let counted = |fail_on: FailOn| Severity::ALL.into_iter().filter(|(level, _)| fail_on.counts(*level)).count();
    assert_eq!([FailOn::Never, FailOn::Error, FailOn::Warning, FailOn::Note].map(counted), [0, 1, 2, 3]);
}
