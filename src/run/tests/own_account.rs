//! The account that templates are deployed to, where the settings or a stack set tell it.

use super::*;
use crate::cfn::place::Place;

const OTHER: &str = "210987654321";

/// A plan that has `file` deployed to `accounts`.
fn deployed(file: &str, accounts: &[&str]) -> Plan {
    let accounts = accounts.iter().map(|account| (*account).into()).collect();
    let places = [(file.to_owned(), Place { accounts, ..Place::unknown() })].into();
    Plan { given: Given { places, ..Given::default() }, ..plan() }
}

/// A bucket whose policy has these statements, with what stands before its resources.
fn stack(before: &str, statements: &str) -> String {
    format!(
        "{before}Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: lab-data, OwnershipControls: {{Rules: [{{ObjectOwnership: BucketOwnerEnforced}}]}}}}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties: {{Bucket: !Ref Data, PolicyDocument: {{Version: '2012-10-17', Statement: [{statements}]}}}}
"
    )
}

fn grant(principal: &str) -> String {
    format!(
        "{{Effect: Allow, Principal: {{AWS: {principal}}}, Action: 's3:*', Resource: ['arn:aws:s3:::lab-data', 'arn:aws:s3:::lab-data/*']}}"
    )
}

/// The verdicts on all required actions of the one bucket, each once.
fn verdicts(files: &[(&str, &str)], plan: &Plan) -> BTreeSet<&'static str> {
    let outcome = check_files(files, plan, &rules());
    assert_eq!(outcome.buckets.len(), 1);
    outcome.buckets[0].access.iter().map(|line| line.verdict).collect()
}

const OWN: &str = "!Sub 'arn:aws:iam::${AWS::AccountId}:root'";

#[test]
fn a_template_deployed_to_the_control_account_is_of_that() {
    let deny = "{Effect: Deny, Principal: '*', Action: 's3:*', Resource: ['arn:aws:s3:::lab-data', 'arn:aws:s3:::lab-data/*'], Condition: {StringNotEquals: {'aws:PrincipalAccount': !Ref 'AWS::AccountId'}}}";
    let denying = format!("{}, {deny}", grant("'123456789012'"));
    for (accounts, granted, denied) in [
        (&[][..], "missing", "denied"),
        // a grant to an account that is told by its digits
        (&[OTHER], "wrong-principal", "denied"),
        (&[OTHER, "444455556666"], "missing", "denied"),
        (&[ACCOUNT], "granted", "granted"),
        (&[ACCOUNT, OTHER], "unresolved", "unresolved"),
    ] {
        let plan = deployed("a.yaml", accounts);
        for (statements, verdict) in [(grant(OWN), granted), (denying.clone(), denied)] {
            assert_eq!(verdicts(&[("a.yaml", &stack("", &statements))], &plan), [verdict].into(), "{accounts:?} {statements}");
        }
    }
}

#[test]
fn other_templates_are_where_they_were() {
    let elsewhere = deployed("b.yaml", &[ACCOUNT]);
    let empty = "Resources: {Wait: {Type: 'AWS::CloudFormation::WaitConditionHandle'}}\n";
    assert_eq!(verdicts(&[("a.yaml", &stack("", &grant(OWN))), ("b.yaml", empty)], &elsewhere), ["missing"].into());
}

#[test]
fn conditions_and_mappings_ask_for_that_account() {
    let before = "Mappings: {Hubs: {'123456789012': {Root: 'arn:aws:iam::123456789012:root'}, '210987654321': {Root: 'arn:aws:iam::444455556666:root'}}}
Conditions: {Hub: !Equals [!Ref 'AWS::AccountId', '123456789012']}
";
    let mapped = grant("!FindInMap [Hubs, !Ref 'AWS::AccountId', Root]");
    let chosen = format!("!If [Hub, {}, {}]", grant("'123456789012'"), grant("'444455556666'"));
    for statements in [mapped, chosen] {
        let text = stack(before, &statements);
        let told = |accounts: &[&str]| {
            let outcome = check_files(&[("a.yaml", &text)], &deployed("a.yaml", accounts), &rules());
            let wrong = outcome.findings.iter().filter(|finding| finding.rule == "policy/wrong-principal");
            wrong.map(|finding| finding.headline().contains("when AWS::AccountId")).collect::<Vec<_>>()
        };
        assert_eq!(told(&[ACCOUNT]), [] as [bool; 0], "{statements}");
        assert_eq!(told(&[OTHER]), [false], "{statements}");
        assert_eq!(told(&[ACCOUNT, OTHER]), [true], "{statements}");
    }
}

#[test]
fn what_stacks_pass_on_is_of_the_account_they_are_in() {
    let child = stack("Parameters: {Hub: {Type: String}}\n", &grant("!Sub 'arn:aws:iam::${Hub}:root'"));
    let parent = |kind: &str, more: &str| {
        format!(
            "Resources:
  Inner:
    Type: AWS::CloudFormation::{kind}
    Properties:
      TemplateURL: child.yaml
{more}"
        )
    };
    let nested = parent("Stack", "      Parameters: {Hub: !Ref 'AWS::AccountId'}\n");
    let set = parent(
        "StackSet",
        "      PermissionModel: SELF_MANAGED
      StackSetName: inner
      Parameters: [{ParameterKey: Hub, ParameterValue: !Ref 'AWS::AccountId'}]
",
    );
    for (parent, accounts, verdict) in [
        (&nested, &[ACCOUNT][..], "granted"),
        (&nested, &[OTHER], "wrong-principal"),
        (&nested, &[], "missing"),
        (&set, &[ACCOUNT], "granted"),
        (&set, &[OTHER], "wrong-principal"),
        // a parameter where an account belongs
        (&set, &[], "granted"),
    ] {
        let files = [("parent.yaml", &**parent), ("child.yaml", &*child)];
        assert_eq!(verdicts(&files, &deployed("parent.yaml", accounts)), [verdict].into(), "{accounts:?} {parent}");
    }
}
