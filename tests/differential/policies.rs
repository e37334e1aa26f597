//! Random bucket policies and requests from small alphabets in which statements often meet.

use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub const ACTIONS: [&str; 4] = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:GetBucketNotification"];
pub const ROLES: [&str; 4] = [
    "arn:aws:iam::111122223333:role/R",
    "arn:aws:iam::111122223333:role/app/S",
    "arn:aws:iam::111122223333:user/u",
    "arn:aws:iam::111122223333:role/any",
];

/// Sessions of the first of them.
const SESSIONS: [&str; 2] = ["arn:aws:sts::111122223333:assumed-role/R/s", "arn:aws:sts::111122223333:assumed-role/S/s"];

/// One statement, ready to be written as JSON.
#[derive(Clone, Debug)]
pub struct Statement {
    pub allow: bool,
    principal: (bool, Vec<&'static str>),
    actions: (bool, Vec<&'static str>),
    resources: (bool, Vec<&'static str>),
    conditions: Vec<(&'static str, &'static str, Vec<&'static str>)>,
}

#[derive(Debug)]
/// Values a test may compare a key with, and values a request may have for it.
struct Key {
    name: &'static str,
    operators: &'static [&'static str],
    wanted: &'static [&'static str],
    given: &'static [&'static [&'static str]],
    variable: bool,
}

const STRINGS: &[&str] =
    &["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIfExists", "StringNotLikeIfExists"];
const ARNS: &[&str] = &["ArnLike", "ArnNotLike", "ArnEquals", "StringLike"];
const SETS: &[&str] =
    &["ForAllValues:StringEquals", "ForAnyValue:StringEquals", "ForAnyValue:StringLike", "ForAllValues:StringNotEquals"];
const PLAIN_SETS: &[&str] = &["StringEquals", "StringNotLike", "Null"];
const DATES: &[&str] = &["DateLessThan", "DateGreaterThanEquals"];
const ADDRESSES: &[&str] = &["IpAddress", "NotIpAddress"];

const fn key(
    name: &'static str,
    operators: &'static [&'static str],
    wanted: &'static [&'static str],
    given: &'static [&'static [&'static str]],
) -> Key {
    Key { name, operators, wanted, given, variable: false }
}

#[rustfmt::skip]
const KEYS: &[Key] = &[
    key("aws:SourceVpce", STRINGS, &["vpce-1", "vpce-2", "vpce-*", "VPCE-1"], &[&[], &["vpce-1"], &["vpce-2"], &["vpce-3"]]),
    key("aws:PrincipalOrgID", STRINGS, &["o-1", "o-2", "o-?"], &[&[], &["o-1"], &["o-2"], &["o-33"]]),
    key("aws:PrincipalOrgID", &["Null"], &["true", "false"], &[]),
    key("aws:PrincipalArn", ARNS, &["arn:aws:iam::111122223333:role/*", "arn:aws:iam::111122223333:role/R", "arn:aws:iam::*:user/u", "arn:aws:iam::111122223333:role/app/*"], &[]),
    key("aws:PrincipalAccount", &["StringEquals", "StringNotEquals"], &["111122223333", "444455556666"], &[]),
    key("aws:SourceIp", ADDRESSES, &["10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0"], &[&[], &["10.0.0.0"], &["10.1.255.255"], &["192.0.2.7"]]),
    key("aws:SecureTransport", &["Bool", "BoolIfExists"], &["true", "false"], &[&["true"]]),
    key("s3:prefix", STRINGS, &["a/*", "a", "b?*"], &[&[], &["a"], &["a/c"], &["bb"]]),
    key("s3:x-amz-acl", STRINGS, &["private", "bucket-owner-full-control"], &[&[], &["private"], &["public-read"]]),
    key("s3:RequestObjectTagKeys", SETS, &["a", "b"], &[&[], &["a"], &["b"], &["a", "b"], &["a", "c"]]),
    Key { variable: true, ..key("s3:RequestObjectTagKeys", PLAIN_SETS, &["a", "true"], &[]) },
    key("aws:CurrentTime", DATES, &["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"], &[&["2025-06-01T00:00:00Z"], &["2026-01-01T00:00:00Z"], &["2028-01-01T00:00:00Z"]]),
    key("aws:SourceArn", ARNS, &["arn:aws:sns:*:*:topic"], &[&[]]),
    key("aws:username", &["StringEquals", "StringNotEquals"], &["u", "v"], &[]),
    key("aws:PrincipalTag/team", STRINGS, &["red", "r*"], &[&[], &["red"], &["rose"], &["blue"]]),
    Key { variable: true, ..key("aws:PrincipalTag/team", STRINGS, &["${aws:PrincipalTag/dept}", "${aws:username}", "${aws:PrincipalTag/dept}-*"], &[]) },
    Key { variable: true, ..key("aws:PrincipalTag/dept", STRINGS, &["red", "u"], &[&[], &["red"], &["u"], &["blue"]]) },
];

const PRINCIPALS: [&str; 10] = [
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    ROLES[0],
    ROLES[1],
    ROLES[2],
    "arn:aws:iam::444455556666:root",
    SESSIONS[0],
    "arn:aws:iam::111122223334:root",
    SESSIONS[1],
];
const NAMED: [&str; 13] = [
    "*",
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:List*",
    "s3:*Object",
    "s3:GetBucketNotification",
    "s3:?utObject",
    "s3:DeleteObject",
    "ec2:*",
];
pub const PLAIN: [&str; 14] = [
    "*",
    "arn:aws:s3:::lab-data",
    "arn:aws:s3:::lab-data/*",
    "arn:aws:s3:::lab-data*",
    "arn:aws:s3:::lab-data/a/*",
    "arn:aws:s3:::lab-data/a*",
    "arn:aws:s3:::lab-data/?",
    "arn:aws:s3:::lab-data/??*",
    "arn:aws:s3:::lab-data/*/b",
    "arn:aws:s3:::*",
    "arn:aws:s3:::other/*",
    "arn:aws:s3:::lab-dat?/*",
    "arn:aws:s3:::lab-data/a",
    "arn:aws:s3:::lab-data/*b*",
];
const VARIABLE: [&str; 7] = [
    "arn:aws:s3:::lab-data/${aws:username}/*",
    "arn:aws:s3:::lab-data/${aws:PrincipalTag/dept, 'a'}*",
    "arn:aws:s3:::lab-data/${*}",
    "arn:aws:s3:::lab-data/${aws:PrincipalAccount}/*",
    "arn:aws:s3:::lab-data/${aws:username}/${aws:PrincipalTag/dept}*",
    "arn:aws:s3:::lab-${aws:PrincipalTag/dept, 'data'}/a*",
    "arn:aws:s3:::lab-data/${aws:PrincipalTag/dept}",
];

/// A list of one to `most` of `all`.
fn some(all: Vec<&'static str>, most: usize) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(all, 1..=most)
}

fn rarely() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.12)
}

fn condition(variables: bool) -> impl Strategy<Value = (&'static str, &'static str, Vec<&'static str>)> {
    let keys: Vec<&'static Key> = KEYS.iter().filter(|key| variables || !key.variable).collect();
    select(keys).prop_flat_map(|key| {
        let most = if key.operators == ["Null"] || key.name == "aws:SecureTransport" { 1 } else { 2.min(key.wanted.len()) };
        (Just(key.name), select(key.operators), some(key.wanted.to_vec(), most))
    })
}

/// Statements; with `variables`, policy variables too. Without `free`, nothing that the reference implementation is known
/// to read otherwise than the documentation.
pub fn statement(free: bool) -> impl Strategy<Value = Statement> {
    let resources = if free { [&PLAIN[..], &VARIABLE].concat() } else { PLAIN.to_vec() };
    let conditions = prop_oneof![
        3 => Just(Vec::new()),
        2 => prop::collection::vec(condition(free), 1..3),
    ];
    // the reference takes a session's ARN for that of a role without a path
    let named = if free { PRINCIPALS.to_vec() } else { PRINCIPALS[..9].to_vec() };
    let principals = prop_oneof![3 => Just(vec!["111122223333"]), 2 => some(named, 3)];
    let actions = prop_oneof![2 => Just(vec!["s3:*"]), 3 => some(NAMED.to_vec(), 3)];
    let resources = prop_oneof![
        3 => Just(vec!["arn:aws:s3:::lab-data", "arn:aws:s3:::lab-data/*"]),
        4 => some(resources, 3),
    ];
    let parts = (prop::bool::weighted(0.65), rarely(), principals, rarely(), actions, rarely(), resources, conditions);
    parts.prop_map(move |(allow, np, principals, na, actions, nr, resources, conditions)| Statement {
        allow,
        principal: (np && free, principals),
        actions: (na, actions),
        resources: (nr, resources),
        conditions,
    })
}

pub fn statements(free: bool) -> impl Strategy<Value = Vec<Statement>> {
    prop::collection::vec(statement(free), 0..6)
}

impl Statement {
    fn json(&self) -> Value {
        let mut out = Map::new();
        let named = |name: &str, not: bool| if not { format!("Not{name}") } else { name.to_owned() };
        out.insert("Effect".into(), if self.allow { "Allow" } else { "Deny" }.into());
        out.insert(named("Principal", self.principal.0), json!({ "AWS": self.principal.1 }));
        out.insert(named("Action", self.actions.0), json!(self.actions.1));
        out.insert(named("Resource", self.resources.0), json!(self.resources.1));
        let mut conditions: BTreeMap<&str, BTreeMap<&str, &Vec<&str>>> = BTreeMap::new();
        for (key, operator, values) in &self.conditions {
            conditions.entry(operator).or_default().insert(key, values);
        }
        if !conditions.is_empty() {
            out.insert("Condition".into(), json!(conditions));
        }
        Value::Object(out)
    }

    /// The same with every list the other way round and action names in other cases.
    pub fn disguised(&self) -> Self {
        let mut out = self.clone();
        out.principal.1.reverse();
        out.resources.1.reverse();
        out.actions.1.reverse();
        out.conditions.iter_mut().for_each(|(.., values)| values.reverse());
        let other = |name: &&'static str| match *name {
            "s3:GetObject" => "s3:gETobject",
            "s3:List*" => "S3:lIST*",
            other => other,
        };
        out.actions.1 = out.actions.1.iter().map(other).collect();
        out
    }
}

/// The whole policy, of the newer version.
pub fn policy(statements: &[Statement]) -> Value {
    versioned(statements, Some("2012-10-17"))
}

/// The whole policy.
pub fn versioned(statements: &[Statement], version: Option<&str>) -> Value {
    let mut out = json!({ "Statement": statements.iter().map(Statement::json).collect::<Vec<_>>() });
    if let Some(version) = version {
        out["Version"] = version.into();
    }
    out
}

/// Mostly the newer version, which alone knows variables.
#[allow(dead_code, reason = "the properties in the library keep to the newer one")]
pub fn version() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![5 => Just(Some("2012-10-17")), 1 => Just(Some("2008-10-17")), 1 => Just(None)]
}

/// A caller, and values of every key that some test may look at; `known` tells whether requests for the action have a key.
#[derive(Clone, Debug)]
pub struct Circumstances {
    pub caller: &'static str,
    pub session: Option<&'static str>,
    pub context: BTreeMap<String, Vec<String>>,
    key: Index,
}

pub fn circumstances() -> impl Strategy<Value = Circumstances> {
    let values: Vec<_> = KEYS.iter().filter(|key| !key.given.is_empty()).map(|key| (Just(key.name), select(key.given))).collect();
    (select(&ROLES[..]), any::<bool>(), values, any::<Index>()).prop_map(|(caller, session, values, key)| {
        let of = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
        let values = values.into_iter().filter(|(_, values)| !values.is_empty());
        let context = values.map(|(key, values)| (key.to_ascii_lowercase(), of(values))).collect();
        let own = ROLES.iter().zip(SESSIONS).find(|(role, _)| **role == caller).map(|(_, session)| session);
        let session = own.filter(|_| session);
        Circumstances { caller, session, context, key }
    })
}

impl Circumstances {
    /// A resource the action acts on, cut from the literals of the policies.
    pub fn resource(&self, action: &str) -> String {
        if !action.ends_with("Object") {
            return "arn:aws:s3:::lab-data".into();
        }
        let mut keys = Vec::new();
        for cut in PLAIN.iter().chain(&VARIABLE).filter_map(|text| text.strip_prefix("arn:aws:s3:::lab-data/")) {
            for (star, one) in [("", "a"), ("b", "b"), ("a/b", "a"), ("q", "/")] {
                let exact =
                    cut.replace("${*}", "*").replace("${aws:username}", "u").replace("${aws:PrincipalTag/dept, 'a'}", "red");
                let exact = exact.replace("${aws:PrincipalTag/dept}", "red").replace("${aws:PrincipalAccount}", "111122223333");
                let exact = exact.replace('*', star).replace('?', one);
                keys.extend([
                    format!("{exact}x"),
                    format!("{exact}/n/b"),
                    exact[..exact.len().saturating_sub(1)].to_owned(),
                    exact,
                ]);
            }
        }
        keys.retain(|key| !key.is_empty());
        format!("arn:aws:s3:::lab-data/{}", self.key.get(&keys))
    }
}
