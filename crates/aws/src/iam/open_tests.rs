//! What AWS's pages tell of the keys of a request that follow from who asks, and what they leave open.

use super::caller::Requester;
use super::decide::Question;
use super::read;
use super::resource::{Scope, Target};
use super::verdict;
use bucketlint_text::resolve::Plain;
use bucketlint_text::source::Span;
use bucketlint_text::text::Text;

const ACCOUNT: &str = "111122223333";
const TRAIL: &str = "cloudtrail.amazonaws.com";

/// The verdict on `s3:GetObject` of `lab-data/<key>` by `caller`, with the values of some keys (none: absent) and everything
/// allowed to it, under statements that use `BUCKET` for the bucket's ARN; and the reason where it is open.
fn said(caller: &str, keys: &[(&str, &[&str])], key: &str, statements: &str) -> (&'static str, String) {
    let statements = statements.replace("BUCKET", "arn:aws:s3:::lab-data");
    let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    let document = read::document(&bucketlint_text::syntax::testing::tree(&json), &Plain);
    let mut requester = match caller {
        TRAIL => Requester::service(TRAIL),
        role => Requester { account: ACCOUNT.into(), roles: vec![role.into()], ..Requester::default() },
    };
    let values = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    requester.assume.extend(keys.iter().map(|(key, given)| ((*key).to_owned(), values(given))));
    let name = Text::known(Span::default(), format!("arn:aws:s3:::lab-data/{key}"));
    let target = Target { name, partition: "aws".into() };
    let question = Question { policies: &[&document], target: &target, requester: &requester };
    let decision = verdict::decide_as(&question, &["s3:GetObject".into()], &|_| Scope::Named).pop().unwrap();
    (decision.verdict.word(), decision.unknown.map(|(_, why)| why).unwrap_or_default())
}

const ALLOW: &str = r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333", "Service": "cloudtrail.amazonaws.com"},
    "Action": "s3:*", "Resource": "BUCKET/*"}"#;

fn denied_if(condition: &str) -> String {
    format!(
        r#"{ALLOW}, {{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "BUCKET/*", "Condition": {condition}}}"#
    )
}

fn denied_on(resource: &str) -> String {
    format!(r#"{ALLOW}, {{"Effect": "Deny", "Principal": "*", "Action": "s3:*", {resource}}}"#)
}

const ROLE: &str = "arn:aws:iam::111122223333:role/app/writer";
const USER: &str = "arn:aws:iam::111122223333:user/ann";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/writer/s1";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/bo";
const ROOT: &str = "arn:aws:iam::111122223333:root";

#[test]
fn user_ids_have_the_shape_of_who_asks() {
    for (caller, value, expected) in [
        (USER, "*:s1", "granted"),
        (USER, "AIDA*", "denied"),
        (USER, "AROA*", "granted"),
        // it may be this one
        (USER, "AIDAEXAMPLE", "conditional"),
        (ROLE, "AIDA*", "granted"),
        (ROLE, "AROA*:*", "denied"),
        (ROLE, "AROAEXAMPLE:*", "conditional"),
        (ROLE, "111122223333", "granted"),
        (ROLE, "*:*:*", "granted"),
        (SESSION, "*:s1", "denied"),
        (SESSION, "*:s2", "granted"),
        (SESSION, "anonymous", "granted"),
        (FEDERATED, "111122223333:bo", "denied"),
        (FEDERATED, "111122223333:b", "granted"),
        (ROOT, "111122223333", "denied"),
        (ROOT, "A*", "granted"),
    ] {
        let condition = format!(r#"{{"StringLike": {{"aws:userid": "{value}"}}}}"#);
        assert_eq!(said(caller, &[], "a", &denied_if(&condition)).0, expected, "{caller} {value}");
    }
    let own = denied_on(r#""Resource": "BUCKET/${aws:userid}/*""#);
    assert_eq!(said(ROLE, &[], "home/bob/f", &own).0, "granted");
    assert_eq!(said(ROLE, &[], "AROA/f", &own).0, "granted");
    assert_eq!(said(ROLE, &[], "AROAEXAMPLE:s1/f", &own).0, "unresolved");
    assert_eq!(said(SESSION, &[], "AROAEXAMPLE:s2/f", &own).0, "granted");
}

#[test]
fn the_path_of_a_sessions_role_is_not_known_in_resources_either() {
    let own = denied_on(r#""Resource": "BUCKET/${aws:PrincipalArn}/*""#);
    assert_eq!(said(SESSION, &[], "home/f", &own).0, "granted");
    assert_eq!(said(SESSION, &[], "arn:aws:iam::111122223333:role/reader/f", &own).0, "granted");
    assert_eq!(said(SESSION, &[], "arn:aws:iam::111122223333:role/app/writer/f", &own).0, "unresolved");
    assert_eq!(said(ROLE, &[], "arn:aws:iam::111122223333:role/app/writer/f", &own).0, "denied");
}

#[test]
fn an_empty_value_counts_or_does_not() {
    let tag = |values: &'static [&'static str]| [("aws:principaltag/team", values)];
    let own = denied_on(r#""Resource": "BUCKET/${aws:PrincipalTag/team, 'shared'}/f""#);
    for (value, key, expected) in [
        (&[""][..], "home/f", "granted"),
        (&[""], "shared/f", "unresolved"),
        (&[""], "/f", "unresolved"),
        (&[], "shared/f", "denied"),
        (&["red"], "red/f", "denied"),
    ] {
        assert_eq!(said(ROLE, &tag(value), key, &own).0, expected, "{value:?} {key}");
    }
    // the default is the same
    assert_eq!(said(ROLE, &tag(&[""]), "/f", &own.replace("shared", "")).0, "denied");
    let from = |vpc| denied_if(r#"{"StringLike": {"aws:SourceVpc": "VPC${aws:PrincipalTag/team, 'x'}"}}"#).replace("VPC", vpc);
    let keys = [("aws:principaltag/team", &[""][..]), ("aws:sourcevpc", &["vpc-1"])];
    assert_eq!(said(ROLE, &keys, "a", &from("vpc-2")).0, "granted");
    assert_eq!(said(ROLE, &keys, "a", &from("*")).0, "unresolved");
}

#[test]
fn services_have_the_keys_of_all_signed_requests() {
    for key in ["aws:userid", "aws:PrincipalType", "aws:PrincipalArn", "aws:PrincipalAccount"] {
        let test = |operator: &str, value: &str| {
            said(TRAIL, &[], "a", &denied_if(&format!(r#"{{"{operator}": {{"{key}": "{value}"}}}}"#)))
        };
        assert_eq!(test("Null", "false").0, "denied", "{key}");
        assert_eq!(test("Null", "true").0, "granted", "{key}");
        assert_eq!(test("StringLike", "*").0, "denied", "{key}");
        // none that a policy names is theirs, but which it is no page tells
        assert_eq!(test("StringEquals", "User").0, "granted", "{key}");
        assert_eq!(test("StringNotEquals", "User").0, "denied", "{key}");
        let (verdict, why) = test("StringLike", "*a*");
        assert_eq!(verdict, "unresolved", "{key}");
        assert!(why.contains("aws:PrincipalServiceName"), "{why}");
        let own = denied_on(&format!(r#""Resource": "BUCKET/${{{key}}}/*""#));
        assert_eq!(said(TRAIL, &[], "a/b", &own).0, "unresolved", "{key}");
    }
    assert_eq!(said(TRAIL, &[], "a", &denied_if(r#"{"StringEquals": {"aws:PrincipalType": "Service"}}"#)).0, "unresolved");
    assert_eq!(said(TRAIL, &[], "a", &denied_if(r#"{"Null": {"aws:PrincipalOrgID": "true"}}"#)).0, "denied");
    let but = |name: &str| {
        let deny = r#"{"Effect": "Deny", "NotPrincipal": NAME, "Action": "s3:*", "Resource": "BUCKET/*"}"#;
        said(TRAIL, &[], "a", &format!("{ALLOW}, {}", deny.replace("NAME", name)))
    };
    assert_eq!(but(r#"{"Service": "cloudtrail.amazonaws.com"}"#).0, "granted");
    assert_eq!(but(r#"{"AWS": "111122223333"}"#).0, "denied");
    let (verdict, why) = but(r#""*""#);
    assert_eq!(verdict, "unresolved");
    assert!(why.contains("whether `*` is AWS services too"), "{why}");
}

#[test]
fn what_the_pages_leave_open_of_variables_is_not_decided() {
    let open = |keys: &[(&str, &[&str])], key: &str, statements: &str| {
        let (verdict, why) = said(ROLE, keys, key, statements);
        assert_eq!(verdict, "unresolved", "{statements}");
        why
    };
    let several = ALLOW.replace("BUCKET/*", "BUCKET/${aws:CalledVia}/*");
    assert!(open(&[], "a/b", &several).contains("`aws:CalledVia` may have several values"));
    assert_eq!(said(ROLE, &[], "a", &several).0, "wrong-resource", "nothing that stands for it fits");

    let vpc = [("aws:sourcevpc", &["vpc-1"][..])];
    let list =
        |values: &str| denied_if(&format!(r#"{{"StringEquals": {{"aws:SourceVpc": ["vpc-${{aws:username}}", "{values}"]}}}}"#));
    assert!(open(&vpc, "a", &list("vpc-1")).contains("takes the other values along"));
    assert_eq!(said(ROLE, &vpc, "a", &list("vpc-2")).0, "granted");

    let paths = [("aws:principalorgpaths", &["o-1/r-1/"][..])];
    let plain = denied_if(r#"{"StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}}"#);
    assert!(open(&paths, "a", &plain).contains("`ForAnyValue:`"));
    assert_eq!(said(ROLE, &paths, "a", &plain.replace("StringLike", "ForAnyValue:StringLike")).0, "denied");
}
