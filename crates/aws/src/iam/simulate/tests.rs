//! Labelled cases: a policy, a request, and AWS's answer by its documentation.

use super::*;
use crate::iam::read;
use bucketlint_text::resolve::Plain;

const ROLE: &str = "arn:aws:iam::111122223333:role/team/R";
const USER: &str = "arn:aws:iam::111122223333:user/team/ann";
const KEY: &str = "arn:aws:s3:::lab-data/raw/a.txt";

/// `s3:GetObject` on [`KEY`] with the given context, by [`ROLE`].
fn request(context: &[(&str, &[&str])]) -> Request {
    let values = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
    let context = context.iter().map(|(key, given)| ((*key).to_owned(), values(given))).collect();
    Request { action: "s3:GetObject".into(), resource: KEY.into(), principal: Caller::new(ROLE), context }
}

fn answer(version: &str, statements: &str, request: &Request) -> Outcome {
    let json = format!(r#"{{"Version": "{version}", "Statement": [{statements}]}}"#);
    simulate(&[&read::document(&bucketlint_text::syntax::testing::tree(&json), &Plain)], request)
}

fn allowed(statements: &str, request: &Request) -> bool {
    answer("2012-10-17", statements, request) == Outcome::Allowed { policy: 0, statement: 1 }
}

/// An Allow of everything to everybody, with `members` in the place of those of the same name.
fn allow(members: &str) -> String {
    let usual = [("Principal", "\"*\""), ("Action", "\"s3:*\""), ("Resource", "\"*\"")];
    // `NotAction` stands in the place of `Action`, and so on
    let rest =
        usual.iter().filter(|(name, _)| !members.contains(&format!("{name}\":"))).map(|(name, it)| format!(", \"{name}\": {it}"));
    let comma = if members.is_empty() { "" } else { ", " };
    format!(r#"{{"Effect": "Allow"{comma}{members}{}}}"#, rest.collect::<String>())
}

#[test]
fn each_operator_compares_as_documented() {
    let absent: &[&str] = &[];
    for (operator, wanted, given, expected) in [
        ("StringEquals", r#""a*""#, &["a*"][..], true),
        ("StringEquals", r#""a*""#, &["ab"], false),
        ("StringEquals", r#"["x", "ab"]"#, &["ab"], true),
        ("StringEquals", r#""ab""#, &["AB"], false),
        ("StringEquals", r#""ab""#, absent, false),
        ("StringNotEquals", r#"["x", "ab"]"#, &["ab"], false),
        ("StringNotEquals", r#""ab""#, absent, true),
        ("StringEqualsIgnoreCase", r#""ab""#, &["AB"], true),
        ("StringNotEqualsIgnoreCase", r#""ab""#, &["AB"], false),
        ("StringLike", r#""a?c*""#, &["abc/d"], true),
        ("StringLike", r#""a?c*""#, &["ac"], false),
        ("StringNotLike", r#""a*""#, &["ab"], false),
        ("StringEqualsIfExists", r#""ab""#, absent, true),
        ("StringEqualsIfExists", r#""ab""#, &["x"], false),
        ("NumericEquals", "10", &["10.0"], true),
        ("NumericNotEquals", "10", &["11"], true),
        ("NumericLessThan", "10", &["9"], true),
        ("NumericLessThan", "10", &["10"], false),
        ("NumericLessThanEquals", "10", &["10"], true),
        ("NumericGreaterThan", "10", &["9"], false),
        ("NumericGreaterThanEquals", "10", &["10"], true),
        ("NumericLessThan", "10", &["nine"], false),
        ("DateLessThan", r#""2026-01-01T00:00:00Z""#, &["2025-12-31T23:59:59Z"], true),
        ("DateGreaterThanEquals", r#""2026-01-01T00:00:00Z""#, &["2026-01-01T00:00:00Z"], true),
        ("DateEquals", r#""2026-01-01T00:00:00Z""#, &["2026-01-02T00:00:00Z"], false),
        ("Bool", r#""true""#, &["TRUE"], true),
        ("Bool", r#""true""#, &["false"], false),
        ("BinaryEquals", r#""QmluYXJ5""#, &["QmluYXJ5"], true),
        ("IpAddress", r#""10.0.0.0/8""#, &["10.200.0.1"], true),
        ("IpAddress", r#""10.0.0.0/8""#, &["11.0.0.1"], false),
        ("NotIpAddress", r#""10.0.0.0/8""#, &["11.0.0.1"], true),
        ("IpAddress", r#""2001:db8::/32""#, &["2001:db8::1"], true),
        ("ArnLike", r#""arn:aws:sns:*:1:t*""#, &["arn:aws:sns:eu-west-1:1:topic"], true),
        ("ArnEquals", r#""arn:aws:sns:*:1:t*""#, &["arn:aws:sns:eu-west-1:1:topic"], true),
        ("ArnLike", r#""arn:*:t*""#, &["arn:aws:sns:eu-west-1:1:topic"], false),
        ("ArnNotLike", r#""arn:aws:sns:*:1:t*""#, &["arn:aws:sns:eu-west-1:1:topic"], false),
        ("Null", r#""true""#, absent, true),
        ("Null", r#""true""#, &["x"], false),
        ("Null", r#""false""#, &["x"], true),
        ("Null", r#""false""#, absent, false),
        ("Null", r#""false""#, &[""], false),
        ("Null", r#""true""#, &[""], true),
        ("ForAllValues:StringEquals", r#"["a", "b"]"#, &["a", "b"], true),
        ("ForAllValues:StringEquals", r#"["a", "b"]"#, &["a", "c"], false),
        ("ForAllValues:StringEquals", r#"["a", "b"]"#, absent, true),
        ("ForAllValues:StringNotEquals", r#"["a", "b"]"#, &["c", "a"], false),
        ("ForAnyValue:StringEquals", r#"["a", "b"]"#, &["c", "a"], true),
        ("ForAnyValue:StringEquals", r#"["a", "b"]"#, &["c"], false),
        ("ForAnyValue:StringEquals", r#"["a", "b"]"#, absent, false),
        ("ForAnyValue:StringNotEquals", r#"["a", "b"]"#, &["a", "c"], true),
        ("ForAnyValue:StringNotEquals", r#"["a", "b"]"#, absent, false),
        ("stringEquals", r#""ab""#, &["ab"], false),
    ] {
        let statement = allow(&format!(r#""Condition": {{"{operator}": {{"aws:Given": {wanted}}}}}"#));
        let context = [("aws:given", given)];
        let context = if given.is_empty() { &[][..] } else { &context[..] };
        assert_eq!(allowed(&statement, &request(context)), expected, "{operator} {wanted} {given:?}");
    }
}

#[test]
fn keys_that_follow_from_the_caller_are_there() {
    let user = Request { principal: Caller::new(USER), ..request(&[]) };
    for (test, role, by_user) in [
        (r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/team/*"}"#, true, false),
        (r#""StringEquals": {"AWS:principalaccount": "111122223333"}"#, true, true),
        (r#""StringEquals": {"aws:PrincipalType": "User"}"#, false, true),
        (r#""StringEquals": {"aws:username": "ann"}"#, false, true),
        (r#""Null": {"aws:username": "true"}"#, true, false),
        // both tests must hold
        (r#""StringEquals": {"aws:PrincipalAccount": "111122223333", "aws:username": "ann"}"#, false, true),
    ] {
        let statement = allow(&format!(r#""Condition": {{{test}}}"#));
        assert_eq!((allowed(&statement, &request(&[])), allowed(&statement, &user)), (role, by_user), "{test}");
    }
}

#[test]
fn the_not_elements_cover_everything_else() {
    for (members, expected) in [
        (r#""Action": "S3:getobject""#, true),
        (r#""Action": "s3:Put*""#, false),
        (r#""NotAction": "s3:Put*""#, true),
        (r#""NotAction": ["s3:Put*", "s3:Get*"]"#, false),
        (r#""Resource": "arn:aws:s3:::lab-data/*""#, true),
        (r#""Resource": "arn:aws:s3:::lab-data/RAW/*""#, false),
        (r#""Resource": "arn:aws:s3:::lab-data/raw/?.txt""#, true),
        (r#""NotResource": "arn:aws:s3:::lab-data/raw/*""#, false),
        (r#""NotResource": "arn:aws:s3:::lab-data/open/*""#, true),
        (r#""Principal": {"AWS": "111122223333"}"#, true),
        (r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/team/R"}"#, true),
        (r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/R"}"#, false),
        (r#""NotPrincipal": {"AWS": "111122223333"}"#, false),
        // not supported in an Allow
        (r#""NotPrincipal": {"AWS": "444455556666"}"#, false),
    ] {
        assert_eq!(allowed(&allow(members), &request(&[])), expected, "{members}");
    }
}

#[test]
fn variables_take_the_requests_values() {
    for (version, members, context, expected) in [
        (
            "2012-10-17",
            r#""Resource": "arn:aws:s3:::lab-data/${aws:PrincipalTag/team}/*""#,
            &[("aws:principaltag/team", &["raw"][..])][..],
            true,
        ),
        (
            "2012-10-17",
            r#""Resource": "arn:aws:s3:::lab-data/${aws:PrincipalTag/team}/*""#,
            &[("aws:principaltag/team", &["open"])],
            false,
        ),
        // a star in a value is only a star
        (
            "2012-10-17",
            r#""Resource": "arn:aws:s3:::lab-data/${aws:PrincipalTag/team}/*""#,
            &[("aws:principaltag/team", &["*"])],
            false,
        ),
        ("2012-10-17", r#""Resource": "arn:aws:s3:::lab-data/${aws:PrincipalTag/team}/*""#, &[], false),
        // no wildcard stands for a service, or for colons before the bucket
        ("2012-10-17", r#""Resource": "arn:*:s3:*:*:lab-data/raw/*""#, &[], true),
        ("2012-10-17", r#""Resource": "arn:aws:*:::lab-data/raw/*""#, &[], false),
        ("2012-10-17", r#""Resource": "arn:aws:s3:*""#, &[], false),
        ("2012-10-17", r#""Resource": "**""#, &[], true),
        // but takes only itself out of a list, and of `NotResource`
        (
            "2012-10-17",
            r#""Resource": ["arn:aws:s3:::lab-data/${aws:PrincipalTag/team}/*", "arn:aws:s3:::lab-data/raw/*"]"#,
            &[],
            true,
        ),
        ("2012-10-17", r#""NotResource": "arn:aws:s3:::lab-data/${aws:PrincipalTag/team}/*""#, &[], true),
        (
            "2012-10-17",
            r#""NotResource": ["arn:aws:s3:::lab-data/${aws:PrincipalTag/team}/*", "arn:aws:s3:::lab-data/raw/*"]"#,
            &[],
            false,
        ),
        ("2012-10-17", r#""Resource": "arn:aws:s3:::lab-data/${aws:PrincipalTag/team, 'raw'}/*""#, &[], true),
        ("2008-10-17", r#""Resource": "arn:aws:s3:::lab-data/${aws:PrincipalTag/team, 'raw'}/*""#, &[], false),
        ("2012-10-17", r#""Resource": "arn:aws:s3:::lab-data/raw/${*}""#, &[], false),
        (
            "2012-10-17",
            r#""Condition": {"StringEquals": {"aws:SourceVpc": "${aws:PrincipalAccount}"}}"#,
            &[("aws:sourcevpc", &["111122223333"])],
            true,
        ),
        (
            "2008-10-17",
            r#""Condition": {"StringEquals": {"aws:SourceVpc": "${aws:PrincipalAccount}"}}"#,
            &[("aws:sourcevpc", &["111122223333"])],
            false,
        ),
        // no value, or several, match nothing
        (
            "2012-10-17",
            r#""Condition": {"StringNotEquals": {"aws:SourceVpc": "${aws:TagKeys}"}}"#,
            &[("aws:sourcevpc", &["a"]), ("aws:tagkeys", &["a", "b"])],
            true,
        ),
    ] {
        let found = answer(version, &allow(members), &request(context)) == Outcome::Allowed { policy: 0, statement: 1 };
        assert_eq!(found, expected, "{version} {members} {context:?}");
    }
}

#[test]
fn a_deny_wins_and_the_deciding_statement_is_told() {
    let deny = allow("").replace("Allow", "Deny");
    let other = allow(r#""Action": "s3:Put*""#);
    let ask = |statements: &[&str]| answer("2012-10-17", &statements.join(","), &request(&[]));
    assert_eq!(ask(&[]), Outcome::ImplicitDeny);
    assert_eq!(ask(&[&other]), Outcome::ImplicitDeny);
    assert_eq!(ask(&[&other, &allow("")]), Outcome::Allowed { policy: 0, statement: 2 });
    assert_eq!(ask(&[&other, &allow(""), &deny]), Outcome::ExplicitDeny { policy: 0, statement: 3 });
    assert_eq!(ask(&[&deny]), Outcome::ExplicitDeny { policy: 0, statement: 1 });
}

#[test]
fn several_policies_are_numbered_by_themselves() {
    let document = |statement: &str| {
        read::document(&bucketlint_text::syntax::testing::tree(&format!(r#"{{"Statement": {statement}}}"#)), &Plain)
    };
    let (open, shut) = (document(&allow("")), document(&allow("").replace("Allow", "Deny")));
    assert_eq!(simulate(&[&open, &shut], &request(&[])), Outcome::ExplicitDeny { policy: 1, statement: 1 });
}
