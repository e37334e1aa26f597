//! The examples that AWS's own pages give with their answers. Where an example is of an identity-based policy or of another
//! service, everybody is its Principal, and nothing else is changed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Answer, Caller, Request, answer};

/// Context keys with their values.
type Held<'a> = &'a [(&'a str, &'a [&'a str])];

const MATCH: Answer = Answer::Allow;
const NO_MATCH: Answer = Answer::Deny;

fn user(account: &str, name: &str) -> Caller {
    Caller::User { account: account.to_owned(), path: "/".to_owned(), name: name.to_owned() }
}

fn role(account: &str, name: &str) -> Caller {
    Caller::Role { account: account.to_owned(), path: "/".to_owned(), name: name.to_owned() }
}

fn session(account: &str, name: &str, session: &str) -> Caller {
    let (account, path, name) = (account.to_owned(), "/".to_owned(), name.to_owned());
    Caller::Session { account, path, name, session: session.to_owned() }
}

fn ask(policy: &Value, caller: Caller, action: &str, resource: &str, context: Held<'_>) -> Answer {
    let values = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
    let context: BTreeMap<_, _> = context.iter().map(|(key, held)| (key.to_ascii_lowercase(), values(held))).collect();
    answer(policy, &Request { caller, action: action.to_owned(), resource: resource.to_owned(), context })
}

/// A policy that lets everybody do everything under `condition`.
fn under(condition: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition
    }})
}

/// Whether `condition` holds for a user under each of these contexts.
fn table(condition: Value, rows: &[(Held<'_>, Answer)]) {
    let policy = under(condition);
    for (context, expected) in rows {
        let found = ask(&policy, user("222222222222", "Ana"), "s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/key", context);
        assert_eq!(found, *expected, "{policy} {context:?}");
    }
}

/// `reference_policies_elements_condition_operators`, "Example string condition operator".
#[test]
fn string_equals_an_absent_tag() {
    let rows: [(Held<'_>, _); 3] = [
        (&[("aws:PrincipalTag/job-category", &["iamuser-admin"])], MATCH),
        (&[("aws:PrincipalTag/job-category", &["dev-ops"])], NO_MATCH),
        (&[], NO_MATCH),
    ];
    table(json!({"StringEquals": {"aws:PrincipalTag/job-category": "iamuser-admin"}}), &rows);
}

/// `reference_policies_elements_condition_operators`, "Example using a policy variable with a string condition operator".
#[test]
fn string_like_with_the_user_name() {
    let policy = under(json!({"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/"]}}));
    let list = |caller, prefix: &str| ask(&policy, caller, "s3:ListBucket", "arn:aws:s3:::b", &[("s3:prefix", &[prefix])]);
    assert_eq!(list(user("222222222222", "martha_rivera"), "home/martha_rivera/"), MATCH);
    assert_eq!(list(user("222222222222", "nikki_wolf"), "home/nikki_wolf/"), MATCH);
    assert_eq!(list(user("222222222222", "nikki_wolf"), "home/martha_rivera/"), NO_MATCH);
    assert_eq!(list(user("222222222222", "nikki_wolf"), ""), MATCH);
    // "No aws:username in the request context: No match"; for a prefix that stands in the list itself the page is read twice
    assert_eq!(list(role("222222222222", "r"), "home/martha_rivera/"), NO_MATCH);
    assert!(matches!(list(role("222222222222", "r"), "home/"), Answer::Open(_)));
}

/// `reference_policies_elements_condition_operators`, "Example using ForAnyValue with a string condition operator".
#[test]
fn for_any_value_beside_a_tag() {
    let tags: (&str, &[&str]) = ("aws:TagKeys", &["environment"]);
    let rows: [(Held<'_>, _); 7] = [
        (&[tags, ("aws:RequestTag/environment", &["preprod"])], MATCH),
        (&[("aws:TagKeys", &["environment", "costcenter"]), ("aws:RequestTag/environment", &["PreProd"])], MATCH),
        (&[("aws:TagKeys", &["Environment"]), ("aws:RequestTag/Environment", &["preprod"])], NO_MATCH),
        (&[("aws:TagKeys", &["costcenter"]), ("aws:RequestTag/environment", &["preprod"])], NO_MATCH),
        (&[("aws:RequestTag/environment", &["storage"])], NO_MATCH),
        (&[tags], NO_MATCH),
        (&[], NO_MATCH),
    ];
    table(
        json!({
            "StringEqualsIgnoreCase": {"aws:RequestTag/environment": ["preprod", "storage"]},
            "ForAnyValue:StringEquals": {"aws:TagKeys": "environment"}
        }),
        &rows,
    );
}

/// `reference_policies_elements_condition_operators`, "Multivalued string condition operators": "None of the values of the
/// context key in the request can match any of the context key values in your policy." The table under "Wildcard matching" has
/// the reverse, and "No match" without the key, where the text has `ForAllValues` hold.
#[test]
fn for_all_values_negated() {
    let rows: [(Held<'_>, _); 3] = [
        (&[("aws:ResourceOrgPaths", &["o-acorg/r-acroot/ou-acroot-sportsou/costcenter/"])], NO_MATCH),
        (&[("aws:ResourceOrgPaths", &["o-acorg/r-acroot/ou-acroot-mediaou/costcenter/"])], MATCH),
        (&[], Answer::Open("ForAllValues with a negated operator on a key that is not there")),
    ];
    let paths = ["o-acorg/r-acroot/ou-acroot-mediaou/", "o-acorg/r-acroot/ou-acroot-sportsou/*"];
    table(json!({"ForAllValues:StringNotLike": {"aws:ResourceOrgPaths": paths}}), &rows);
}

/// `reference_policies_elements_condition_operators`, "Numeric condition operators": "can list up to 10 objects".
#[test]
fn numbers() {
    let rows: [(Held<'_>, _); 4] = [
        (&[("s3:max-keys", &["10"])], MATCH),
        (&[("s3:max-keys", &["9"])], MATCH),
        (&[("s3:max-keys", &["100"])], NO_MATCH),
        (&[], NO_MATCH),
    ];
    table(json!({"NumericLessThanEquals": {"s3:max-keys": "10"}}), &rows);
}

/// `reference_policies_elements_condition_operators`, "Date condition operators".
#[test]
fn dates() {
    let rows: [(Held<'_>, _); 5] = [
        (&[("aws:TokenIssueTime", &["2020-01-01T00:00:02Z"])], MATCH),
        (&[("aws:TokenIssueTime", &["2020-01-01T00:00:01Z"])], NO_MATCH),
        (&[("aws:TokenIssueTime", &["2020-01-01T01:00:01+01:00"])], NO_MATCH),
        (&[("aws:TokenIssueTime", &["1577836802"])], MATCH),
        (&[], NO_MATCH),
    ];
    table(json!({"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}}), &rows);
}

/// `reference_policies_elements_condition_operators`, "Example boolean condition operator".
#[test]
fn booleans() {
    let rows: [(Held<'_>, _); 3] =
        [(&[("aws:SecureTransport", &["false"])], MATCH), (&[("aws:SecureTransport", &["true"])], NO_MATCH), (&[], NO_MATCH)];
    table(json!({"Bool": {"aws:SecureTransport": "false"}}), &rows);
}

/// `reference_policies_elements_condition_operators`, "Binary condition operators".
#[test]
fn binaries() {
    let rows: [(Held<'_>, _); 3] = [
        (&[("example:key", &["QmluYXJ5VmFsdWVJbkJhc2U2NA=="])], MATCH),
        (&[("example:key", &["ASIAIOSFODNN7EXAMPLE"])], NO_MATCH),
        (&[], NO_MATCH),
    ];
    table(json!({"BinaryEquals": {"example:key": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}), &rows);
}

/// `reference_policies_elements_condition_operators`, "Example IP address condition operator" and the one that mixes IPv4 and
/// IPv6.
#[test]
fn addresses() {
    let rows: [(Held<'_>, _); 5] = [
        (&[("aws:SourceIp", &["203.0.113.1"])], MATCH),
        (&[("aws:SourceIp", &["198.51.100.1"])], NO_MATCH),
        (&[("aws:SourceIp", &["2001:db8:1234:5678::9"])], MATCH),
        (&[("aws:SourceIp", &["2001:db8:1234:5679::9"])], NO_MATCH),
        (&[], NO_MATCH),
    ];
    table(json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}}), &rows);
}

/// `reference_policies_elements_condition_operators`, "Example ARN condition operator".
#[test]
fn arns() {
    let topic = "arn:aws:sns:us-west-2:123456789012:TOPIC-ID";
    let rows: [(Held<'_>, _); 3] = [
        (&[("aws:SourceArn", &[topic])], MATCH),
        (&[("aws:SourceArn", &["arn:aws:sns:us-west-2:777788889999:TOPIC-ID"])], NO_MATCH),
        (&[], NO_MATCH),
    ];
    table(json!({"ArnEquals": {"aws:SourceArn": topic}}), &rows);
}

/// `reference_policies_elements_condition_operators` as of 2022: "The first asterisk matches only us-east-2 and fails on
/// 999999999999:store/abc:" for `ArnLike`, while `StringLike` succeeds.
#[test]
fn arn_like_checks_each_component() {
    let pattern = "arn:aws:someservice:*:111122223333:finance/*";
    let value = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
    table(json!({"StringLike": {"aws:SourceArn": pattern}}), &[(&[("aws:SourceArn", &[value])], MATCH)]);
    table(json!({"ArnLike": {"aws:SourceArn": pattern}}), &[(&[("aws:SourceArn", &[value])], NO_MATCH)]);
}

/// `reference_policies_elements_condition_operators`, "Example using ForAllValues with an ARN condition operator", but that
/// its first value is `distribution/*`, which covers the `distribution/admin` that its table has as "No match".
#[test]
fn for_all_values_of_arns() {
    let of = |name: &str| format!("arn:aws:cloudfront::123456789012:distribution/{name}");
    let (center, support, admin) = (of("costcenter"), of("support2025"), of("admin"));
    let key = "logs:LogGeneratingResourceArns";
    let policy = json!({"ForAllValues:ArnLike": {key: [of("cost*"), of("support*")]}});
    let rows: [(Held<'_>, _); 5] = [
        (&[(key, &[&center])], MATCH),
        (&[(key, &[&center, &support])], MATCH),
        (&[(key, &[&center, &admin])], NO_MATCH),
        (&[(key, &["arn:aws:cloudfront::777788889999:distribution/costcenter"])], NO_MATCH),
        (&[], MATCH),
    ];
    table(policy, &rows);
    // "or if the context key value resolves to a null dataset, such as an empty string"
    table(json!({"ForAllValues:ArnLike": {key: of("*")}}), &[(&[(key, &[""])], MATCH), (&[(key, &[])], MATCH)]);
}

/// `reference_policies_elements_condition_operators`, "Example using IfExists".
#[test]
fn if_exists() {
    let rows: [(Held<'_>, _); 3] =
        [(&[("ec2:InstanceType", &["t1.micro"])], MATCH), (&[("ec2:InstanceType", &["m2.micro"])], NO_MATCH), (&[], MATCH)];
    table(json!({"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*", "m3.*"]}}), &rows);
}

/// `reference_policies_elements_condition_operators`: "If you are using an "Effect": "Deny" element with a negated condition
/// operator like StringNotEqualsIfExists, the request is still denied even if the condition key is not present."
#[test]
fn if_exists_negated() {
    table(
        json!({"StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}),
        &[(&[], MATCH), (&[("aws:SourceVpc", &["vpc-1"])], NO_MATCH)],
    );
}

/// `reference_policies_elements_condition_operators`, "Condition operator to check existence of condition keys".
#[test]
fn null() {
    let issued: Held<'_> = &[("aws:TokenIssueTime", &["2020-01-01T00:00:02Z"])];
    table(json!({"Null": {"aws:TokenIssueTime": "false"}}), &[(issued, MATCH), (&[], NO_MATCH)]);
    table(json!({"Null": {"aws:TokenIssueTime": true}}), &[(issued, NO_MATCH), (&[], MATCH)]);
}

/// `reference_policies_condition-single-vs-multi-valued-context-keys`, "ForAllValues" and "ForAnyValue".
#[test]
fn set_operators() {
    let keys: (&str, Vec<&str>) = ("aws:TagKeys", vec!["environment", "cost-center"]);
    let row = |held: &'static [&'static str]| [(keys.0, held)];
    let all = json!({"ForAllValues:StringEquals": {keys.0: keys.1}, "Null": {keys.0: "false"}});
    let any = json!({"ForAnyValue:StringEquals": {keys.0: keys.1}});
    for (held, for_all, for_any) in [
        (row(&["environment"]), MATCH, MATCH),
        (row(&["cost-center"]), MATCH, MATCH),
        (row(&["environment", "cost-center"]), MATCH, MATCH),
        (row(&["environment", "dept"]), NO_MATCH, MATCH),
        (row(&["dept"]), NO_MATCH, NO_MATCH),
    ] {
        table(all.clone(), &[(&held, for_all)]);
        table(any.clone(), &[(&held, for_any)]);
    }
    table(all, &[(&[], NO_MATCH)]);
    table(any, &[(&[], NO_MATCH)]);
}

/// `reference_policies_condition-logic-multiple-context-keys-or-values`: both its tables.
#[test]
fn several_keys_and_values() {
    let tags = json!({"aws:PrincipalTag/department": ["finance", "hr", "legal"], "aws:PrincipalTag/role": ["audit", "security"]});
    let people = json!({"aws:PrincipalArn": ["arn:aws:iam::222222222222:user/Ana", "arn:aws:iam::222222222222:user/Mary"]});
    let policy = |operator: &str| {
        json!({"Version": "2012-10-17", "Statement": [{
            "Sid": "ExamplePolicy", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
            "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket",
            "Condition": {"StringEquals": tags, operator: people}
        }]})
    };
    let tagged = |operator, name: &str, department: Option<&str>, role: Option<&str>| {
        let (department, role): (Vec<_>, Vec<_>) = (department.into_iter().collect(), role.into_iter().collect());
        let held = [("aws:PrincipalTag/department", &department[..]), ("aws:PrincipalTag/role", &role[..])];
        let held: Vec<_> = held.into_iter().filter(|(_, values)| !values.is_empty()).collect();
        ask(&policy(operator), user("222222222222", name), "s3:ListBucket", "arn:aws:s3:::amzn-s3-demo-bucket", &held)
    };
    for (operator, name, department, role, expected) in [
        ("ArnLike", "Mary", Some("legal"), Some("audit"), MATCH),
        ("ArnLike", "Nikki", Some("hr"), Some("audit"), NO_MATCH),
        ("ArnLike", "Mary", Some("hr"), Some("payroll"), NO_MATCH),
        ("ArnLike", "Mary", Some("hr"), None, NO_MATCH),
        ("ArnLike", "Mary", None, None, NO_MATCH),
        ("ArnNotLike", "Nikki", Some("legal"), Some("audit"), MATCH),
        ("ArnNotLike", "Mary", Some("hr"), Some("audit"), NO_MATCH),
        ("ArnNotLike", "Nikki", Some("hr"), Some("payroll"), NO_MATCH),
        ("ArnNotLike", "Nikki", Some("hr"), None, NO_MATCH),
        ("ArnNotLike", "Nikki", None, None, NO_MATCH),
    ] {
        assert_eq!(tagged(operator, name, department, role), expected, "{operator} {name} {department:?} {role:?}");
    }
}

/// `reference_policies_variables`, "Policy variables with no value": "Access is explicitly denied when aws:principaltag/Team is
/// not set."
#[test]
fn a_variable_without_a_value_in_a_negated_condition() {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
         "Condition": {"StringNotEquals": {"s3:ExistingObjectTag/Team": "${aws:PrincipalTag/Team}"}}}
    ]});
    let read = |context: Held<'_>| {
        ask(&policy, user("222222222222", "Ana"), "s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/key", context)
    };
    let object: (&str, &[&str]) = ("s3:ExistingObjectTag/Team", &["red"]);
    assert_eq!(read(&[object, ("aws:PrincipalTag/Team", &["red"])]), Answer::Allow);
    assert_eq!(read(&[object, ("aws:PrincipalTag/Team", &["blue"])]), Answer::Deny);
    assert_eq!(read(&[object]), Answer::Deny);
    assert_eq!(read(&[]), Answer::Deny);
}

/// `reference_policies_variables`, "Resource element", "Special characters" and the note on `Version`.
#[test]
fn variables_in_a_resource() {
    let policy = |version: &str, key: &str| {
        let resource = format!("arn:aws:s3:::mybucket/{key}");
        json!({"Version": version, "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": resource}})
    };
    let read = |version, key, caller, object: &str| {
        ask(&policy(version, key), caller, "s3:GetObject", &format!("arn:aws:s3:::mybucket/{object}"), &[])
    };
    let david = || user("222222222222", "David");
    assert_eq!(read("2012-10-17", "${aws:username}/*", david(), "David/a"), Answer::Allow);
    assert_eq!(read("2012-10-17", "${aws:username}/*", david(), "Mary/a"), Answer::Deny);
    assert_eq!(read("2012-10-17", "${AWS:UserName}/*", david(), "David/a"), Answer::Allow);
    // "the resource that includes a policy variable with no value will not match any resource"
    assert_eq!(read("2012-10-17", "${aws:username}*", role("222222222222", "r"), "David/a"), Answer::Deny);
    // "treated as literal strings in the policy"
    assert_eq!(read("2008-10-17", "${aws:username}/*", david(), "David/a"), Answer::Deny);
    assert_eq!(read("2008-10-17", "${aws:username}/*", david(), "${aws:username}/a"), Answer::Allow);
    assert_eq!(read("2012-10-17", "a${*}", david(), "a*"), Answer::Allow);
    assert_eq!(read("2012-10-17", "a${*}", david(), "ab"), Answer::Deny);
    assert_eq!(read("2012-10-17", "a${?}", david(), "a?"), Answer::Allow);
    assert_eq!(read("2012-10-17", "${$}{a}", david(), "${a}"), Answer::Allow);
}

/// `reference_policies_variables`, "Specifying default values".
#[test]
fn a_default_value() {
    let resource = "arn:aws:s3:::amzn-s3-demo-bucket-${aws:PrincipalTag/team, 'company-wide'}";
    let policy =
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": resource}});
    let list = |team: Held<'_>, bucket| ask(&policy, user("222222222222", "Ana"), "s3:ListBucket", bucket, team);
    let (yellow, wide) = ("arn:aws:s3:::amzn-s3-demo-bucket-yellow", "arn:aws:s3:::amzn-s3-demo-bucket-company-wide");
    let team: Held<'_> = &[("aws:PrincipalTag/team", &["yellow"])];
    assert_eq!((list(team, yellow), list(team, wide)), (Answer::Allow, Answer::Deny));
    assert_eq!((list(&[], yellow), list(&[], wide)), (Answer::Deny, Answer::Allow));
}

/// `reference_policies_elements_resource`, "Using wildcards in resource ARNs".
#[test]
fn wildcards_in_a_resource() {
    let resource = "arn:aws:s3:::amzn-s3-demo-bucket/*/test/*";
    let policy = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": resource}});
    let read = |key: &str| {
        ask(&policy, user("222222222222", "Ana"), "s3:GetObject", &format!("arn:aws:s3:::amzn-s3-demo-bucket/{key}"), &[])
    };
    for key in ["1/test/object.jpg", "1/2/test/object.jpg", "1/2/test/3/object.jpg", "1/2/3/test/4/object.jpg"] {
        assert_eq!(read(key), Answer::Allow, "{key}");
    }
    for key in ["1///test///object.jpg", "1/test/.jpg", "/test/object.jpg", "1/test/"] {
        assert_eq!(read(key), Answer::Allow, "{key}");
    }
    for key in ["1-test/object.jpg", "test/object.jpg", "1/2/test.jpg"] {
        assert_eq!(read(key), Answer::Deny, "{key}");
    }
}

/// `reference_policies_elements_action`: "iam:ListAccessKeys is the same as IAM:listaccesskeys", and `iam:*AccessKey*`.
#[test]
fn actions() {
    let policy = |action| json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}});
    let call = |allowed, action| ask(&policy(allowed), user("222222222222", "Ana"), action, "arn:aws:s3:::b", &[]);
    assert_eq!(call("IAM:listaccesskeys", "iam:ListAccessKeys"), Answer::Allow);
    for action in ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys", "iam:UpdateAccessKey"] {
        assert_eq!(call("iam:*AccessKey*", action), Answer::Allow, "{action}");
    }
    assert_eq!(call("iam:*AccessKey*", "iam:ListUsers"), Answer::Deny);
    assert_eq!(call("s3:*", "s3:GetObject"), Answer::Allow);
}

fn denied_but(element: &str, principals: Value, condition: Value) -> Value {
    let mut deny =
        json!({"Effect": "Deny", "Action": "s3:*", "Resource": ["arn:aws:s3:::BUCKETNAME", "arn:aws:s3:::BUCKETNAME/*"]});
    deny[element] = principals;
    if !condition.is_null() {
        deny["Condition"] = condition;
    }
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}, deny]})
}

/// `reference_policies_elements_notprincipal`, "Example IAM user in the same or a different account" and "Example IAM role in
/// the same or different account" as of 2022.
#[test]
fn not_principal() {
    let read = |policy: &Value, caller| ask(policy, caller, "s3:GetObject", "arn:aws:s3:::BUCKETNAME/key", &[]);
    let (bob, account) = ("arn:aws:iam::444455556666:user/Bob", "arn:aws:iam::444455556666:root");
    let policy = denied_but("NotPrincipal", json!({"AWS": [bob, account]}), Value::Null);
    assert_eq!(read(&policy, user("444455556666", "Bob")), Answer::Allow);
    assert_eq!(read(&policy, user("111122223333", "Bob")), Answer::Deny);
    assert_eq!(read(&policy, Caller::Anonymous), Answer::Deny);
    // "If the NotPrincipal element contained only Bob's ARN, the effect of the policy might be to explicitly deny access"
    let policy = denied_but("NotPrincipal", json!({"AWS": bob}), Value::Null);
    assert!(matches!(read(&policy, user("444455556666", "Bob")), Answer::Open(_)));
    let (session_arn, role_arn) = (
        "arn:aws:sts::444455556666:assumed-role/cross-account-read-only-role/cross-account-audit-app",
        "arn:aws:iam::444455556666:role/cross-account-read-only-role",
    );
    let policy = denied_but("NotPrincipal", json!({"AWS": [session_arn, role_arn, account]}), Value::Null);
    let audit = |name| session("444455556666", "cross-account-read-only-role", name);
    assert_eq!(read(&policy, audit("cross-account-audit-app")), Answer::Allow);
    assert!(matches!(read(&policy, audit("another")), Answer::Open(_)));
    assert_eq!(read(&policy, session("111122223333", "cross-account-read-only-role", "cross-account-audit-app")), Answer::Deny);
}

/// `reference_policies_elements_notprincipal`, "Alternatives to the NotPrincipal element", and
/// `reference_policies_elements_principal`, "All principals".
#[test]
fn denied_by_principal_arn_or_service() {
    let read = |policy: &Value, caller| ask(policy, caller, "s3:GetObject", "arn:aws:s3:::BUCKETNAME/key", &[]);
    let condition = json!({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/read-only-role"}});
    let policy = denied_but("Principal", json!("*"), condition);
    assert_eq!(read(&policy, role("444455556666", "read-only-role")), Answer::Allow);
    assert_eq!(read(&policy, session("444455556666", "read-only-role", "anyone")), Answer::Allow);
    assert_eq!(read(&policy, role("444455556666", "other")), Answer::Deny);
    assert_eq!(read(&policy, Caller::Anonymous), Answer::Deny);
    let condition = json!({"StringNotEqualsIfExists": {"aws:PrincipalServiceName": "codebuild.amazonaws.com"}});
    let mut policy = denied_but("Principal", json!("*"), condition);
    policy["Statement"][0]["Principal"] = json!({"Service": ["codebuild.amazonaws.com", "cloudtrail.amazonaws.com"]});
    assert_eq!(read(&policy, Caller::Service("codebuild.amazonaws.com".to_owned())), Answer::Allow);
    assert_eq!(read(&policy, Caller::Service("cloudtrail.amazonaws.com".to_owned())), Answer::Deny);
}

/// `reference_policies_condition-keys`, "aws:PrincipalIsAWSService": "access to the bucket is restricted unless the request
/// originates from vpc-111bbb22 or is from a service principal, such as CloudTrail."
#[test]
fn expected_network_or_service() {
    let mut policy = denied_but(
        "Principal",
        json!("*"),
        json!({
            "StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-111bbb22"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}
        }),
    );
    policy["Statement"][0]["Principal"] = json!({"AWS": "*", "Service": "cloudtrail.amazonaws.com"});
    let write = |caller, context: Held<'_>| ask(&policy, caller, "s3:PutObject", "arn:aws:s3:::BUCKETNAME/AWSLogs", context);
    assert_eq!(write(Caller::Service("cloudtrail.amazonaws.com".to_owned()), &[]), Answer::Allow);
    assert_eq!(write(user("222222222222", "Ana"), &[("aws:SourceVpc", &["vpc-111bbb22"])]), Answer::Allow);
    assert_eq!(write(user("222222222222", "Ana"), &[("aws:SourceVpc", &["vpc-2"])]), Answer::Deny);
    assert_eq!(write(user("222222222222", "Ana"), &[]), Answer::Deny);
}

/// `reference_policies_elements_principal`: accounts, users, roles and services.
#[test]
fn principals() {
    let policy = |principal| json!({"Statement": {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}});
    let read = |principal, caller| ask(&policy(principal), caller, "s3:GetObject", "arn:aws:s3:::b/k", &[]);
    for account in ["arn:aws:iam::123456789012:root", "123456789012"] {
        // "does not limit permissions to only the root user of the account"
        assert_eq!(read(json!({"AWS": account}), user("123456789012", "Ana")), Answer::Allow);
        assert_eq!(read(json!({"AWS": account}), Caller::Root { account: "123456789012".to_owned() }), Answer::Allow);
        assert_eq!(read(json!({"AWS": account}), user("555555555555", "Ana")), Answer::Deny);
        assert_eq!(read(json!({"AWS": account}), Caller::Anonymous), Answer::Deny);
    }
    assert_eq!(read(json!({"AWS": ["123456789012", "555555555555"]}), user("555555555555", "Ana")), Answer::Allow);
    // "the user name part of the ARN is case sensitive"
    assert_eq!(read(json!({"AWS": "arn:aws:iam::123456789012:user/Ana"}), user("123456789012", "Ana")), Answer::Allow);
    assert_eq!(read(json!({"AWS": "arn:aws:iam::123456789012:user/ana"}), user("123456789012", "Ana")), Answer::Deny);
    let trusted = "arn:aws:iam::123456789012:role/r";
    assert_eq!(read(json!({"AWS": trusted}), session("123456789012", "r", "s")), Answer::Allow);
    let one = "arn:aws:sts::123456789012:assumed-role/r/s";
    assert_eq!(read(json!({"AWS": one}), session("123456789012", "r", "s")), Answer::Allow);
    assert_eq!(read(json!({"AWS": one}), session("123456789012", "r", "t")), Answer::Deny);
    let services = json!({"Service": ["ecs.amazonaws.com", "elasticloadbalancing.amazonaws.com"]});
    assert_eq!(read(services.clone(), Caller::Service("ecs.amazonaws.com".to_owned())), Answer::Allow);
    assert_eq!(read(services, Caller::Service("s3.amazonaws.com".to_owned())), Answer::Deny);
    // "For anonymous users, the following elements are equivalent"
    assert_eq!(read(json!("*"), Caller::Anonymous), Answer::Allow);
    assert_eq!(read(json!({"AWS": "*"}), Caller::Anonymous), Answer::Allow);
}
