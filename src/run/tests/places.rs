//! Where values stand that are used elsewhere.

use super::*;

/// Parameters on the first line, and a bucket with a policy of these statements.
fn stack(parameters: &str, name: &str, statements: &str) -> String {
    format!(
        "Parameters: {{{parameters}}}
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: {name}, OwnershipControls: {{Rules: [{{ObjectOwnership: BucketOwnerEnforced}}]}}}}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Version: '2012-10-17'
        Statement: [{statements}]
"
    )
}

fn grant(principal: &str) -> String {
    format!("{{Effect: Allow, Principal: {{AWS: {principal}}}, Action: 's3:*', Resource: ['*']}}")
}

/// For each finding of `rule` what it underlines, the first line of its help, and each related place with what is there.
fn told(files: &[(&str, &str)], rule: &str) -> Vec<(String, String, Vec<String>)> {
    let outcome = check_files(files, &plan(), &rules());
    let text = |span: Span| outcome.sources.slice(span).to_owned();
    let each = outcome.findings.iter().filter(|finding| finding.rule == rule).map(|finding| {
        // the element, where it holds but one value
        let shown = |span: Span| text(span).trim_start_matches("{AWS: ").trim_end_matches('}').to_owned();
        let related = finding.related.iter().map(|label| format!("{}: {}", label.message, shown(label.span))).collect();
        let help = finding.help.as_deref().unwrap_or_default().lines().next().unwrap_or_default().to_owned();
        (text(finding.primary.span), help, related)
    });
    each.collect()
}

fn one(parameters: &str, statements: &str, rule: &str) -> (String, String, Vec<String>) {
    let found = told(&[("a.yaml", &stack(parameters, "lab-data", statements))], rule);
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

#[test]
fn what_is_wrong_is_reported_where_it_stands() {
    let peer = "Peer: {Type: String, Default: '444455556666'}";
    let list = |default: &str| format!("Peers: {{Type: CommaDelimitedList, Default: '{default}'}}");
    let used = |what: &str| vec![format!("used here: {what}")];
    for (parameters, principal, underlined, write, related) in [
        (peer.to_owned(), "!Ref Peer", "'444455556666'", "'123456789012'", used("!Ref Peer")),
        (
            peer.to_owned(),
            "!Join ['', ['arn:aws:iam::', !Ref Peer, ':root']]",
            "'444455556666'",
            "'123456789012'",
            used("!Join ['', ['arn:aws:iam::', !Ref Peer, ':root']]"),
        ),
        // the one item that resembles it
        (
            list("444455556666, 123456789021"),
            "!Ref Peers",
            "'444455556666, 123456789021'",
            "'444455556666, 123456789012'",
            used("!Ref Peers"),
        ),
        (
            list("arn:aws:iam::444455556666:root"),
            "!Ref Peers",
            "'arn:aws:iam::444455556666:root'",
            "'arn:aws:iam::123456789012:root'",
            used("!Ref Peers"),
        ),
    ] {
        let expected = (underlined.to_owned(), format!("write: {write}"), related);
        assert_eq!(one(&parameters, &grant(principal), "policy/wrong-principal"), expected, "{principal}");
    }
}

#[test]
fn a_value_that_is_only_a_part_of_what_is_wrong_is_a_related_place() {
    let peer = "Peer: {Type: String, Default: '444455556666'}";
    let arn = "!Sub 'arn:aws:iam::${Peer}:role/Reader'";
    let (at, write, related) = one(peer, &grant(arn), "policy/wrong-principal");
    assert_eq!(at, arn);
    assert!(write.starts_with("leave this statement, which is for others, and add to Statement"), "{write}");
    assert_eq!(related, ["its value is written here: '444455556666'"]);
    let deny = "{Effect: Deny, Principal: '*', Action: 's3:*', Resource: '*', Condition: {StringNotEquals: {'aws:PrincipalAccount': !Ref Peer}}}";
    let (at, _, related) = one(peer, &format!("{}, {deny}", grant("'123456789012'")), "policy/denied");
    assert_eq!((&*at, related), (deny, vec!["a value of aws:PrincipalAccount is written here: '444455556666'".to_owned()]));
    let actions = grant("'123456789012'").replace("'s3:*'", "!Ref Actions");
    let list = "Actions: {Type: CommaDelimitedList, Default: 's3:Get*,s3:Lst*'}";
    let (at, _, related) = one(list, &actions, "policy/unknown-action");
    assert_eq!((&*at, related), ("!Ref Actions", vec!["its value is written here: 's3:Get*,s3:Lst*'".to_owned()]));
}

#[test]
fn values_from_parameter_store_stand_nowhere() {
    let stored = "Peer: {Type: 'AWS::SSM::Parameter::Value<String>', Default: '444455556666'}";
    let found = told(&[("a.yaml", &stack(stored, "lab-data", &grant("!Ref Peer")))], "policy/wrong-principal");
    assert_eq!(found, []);
}

/// One wrong value that several buckets' policies use is one mistake.
#[test]
fn a_value_in_use_at_several_places_is_told_once() {
    let owner = "Resources: {W: {Type: 'AWS::CloudFormation::WaitConditionHandle'}}\nOutputs: {Peer: {Value: '444455556666', Export: {Name: peer}}}\n";
    let user = |name: &str| stack("", name, &grant("!ImportValue peer"));
    let files = [("a.yaml", &*user("lab-a")), ("b.yaml", &*user("lab-b")), ("owner.yaml", owner)];
    let found = told(&files, "policy/wrong-principal");
    let place = ("'444455556666'".to_owned(), "write: '123456789012'".to_owned());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0].0, &found[0].1), (&place.0, &place.1));
    let uses = found[0].2.iter().filter(|related| *related == "used here: !ImportValue peer").count();
    assert_eq!(uses, 2, "{found:?}");
}
