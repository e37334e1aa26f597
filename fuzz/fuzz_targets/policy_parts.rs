//! Policies built from parts that often meet: a verdict other than `granted` comes with a request that is refused, and
//! under `granted` no request that can be made of the same parts is refused.
#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use bucketlint::iam::action;
use bucketlint::iam::caller::Caller;
use bucketlint::iam::keys;
use bucketlint::iam::simulate::Request;
use bucketlint::iam::verdict::Verdict;
use bucketlint_fuzz::{ACCOUNT, ACTIONS, allows, decide, document};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const OBJECT: &[&str] = &["a", "b", "/", "A", ".", "é", "\n", "*", "?"];
const PATTERN: &[&str] =
    &["*", "?", "a", "b", "/", "A", "${*}", "${?}", "${$}", "${aws:username}", "${aws:PrincipalTag/dept}", "${aws:PrincipalAccount}", "é", "${", "${aws:PrincipalTag/dept, 'a'}"];
const BUCKETS: &[&str] = &["arn:aws:s3:::lab-data/", "arn:aws:s3:::lab-data", "arn:aws:s3:::", "arn:aws:s3:::lab-dat?", "arn:*:s3:*::lab-data/", "arn:aws:s*:::lab-data/", "arn:aws:", ""];
const NAMED: &[&str] = &["s3:*", "*", "s3:GetObject", "s3:putobject", "s3:List*", "s3:Get*", "s3:*Object", "s3:?etBucket*", "ec2:*"];
const PRINCIPALS: &[&str] = &[
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:role/R",
    "arn:aws:iam::111122223333:user/a",
    "arn:aws:sts::111122223333:assumed-role/R/s",
    "444455556666",
    "arn:aws:iam::444455556666:role/R",
    "arn:aws:iam::1:root",
];
const CALLERS: &[&str] = &[
    "arn:aws:iam::111122223333:role/R",
    "arn:aws:iam::111122223333:user/a",
    "arn:aws:iam::111122223333:role/b",
    "arn:aws:sts::111122223333:assumed-role/R/s",
];
const BASES: &[&str] = &[
    "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
    "ArnLike", "ArnNotEquals", "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals", "Bool",
    "DateEquals", "DateLessThan", "DateGreaterThan", "IpAddress", "NotIpAddress", "Null", "BinaryEquals",
];
/// Keys, and values that tests compare with or requests have.
const KEYS: &[(&str, &[&str])] = &[
    ("aws:PrincipalTag/dept", PATTERN),
    ("aws:PrincipalTag/team", PATTERN),
    ("aws:SourceVpce", &["vpce-1", "vpce-2", "vpce-*", "VPCE-1", ""]),
    ("aws:SourceIp", &["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "2001:db8::/32", "::1", "192.0.2.7"]),
    ("aws:CurrentTime", &["2026-01-01T00:00:00Z", "2026-01-01", "1767225600", "2027-06-01T00:00:00+02:00"]),
    ("s3:max-keys", &["0", "1", "10", "-1", "1.5", "1000"]),
    ("s3:prefix", PATTERN),
    ("s3:x-amz-acl", &["private", "public-read", "bucket-owner-full-control"]),
    ("s3:RequestObjectTagKeys", &["a", "b", "A"]),
    ("aws:MultiFactorAuthPresent", &["true", "false", "TRUE"]),
    ("aws:SecureTransport", &["true", "false"]),
    ("aws:PrincipalArn", &["arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:user/a", "arn:aws:iam::111122223333:role/R", "*"]),
    ("aws:PrincipalAccount", &["111122223333", "444455556666"]),
    ("aws:PrincipalType", &["User", "AssumedRole"]),
    ("aws:username", &["a", "b", "?"]),
    ("aws:SourceArn", &["arn:aws:s3:::*", "true"]),
];

#[derive(Debug)]
struct Case {
    policy: Value,
    requests: Vec<Asked>,
}

/// A request, but for its action.
#[derive(Debug)]
struct Asked {
    caller: &'static str,
    key: String,
    context: BTreeMap<String, Vec<String>>,
}

fn some<T>(u: &mut Unstructured<'_>, most: usize, each: impl Fn(&mut Unstructured<'_>) -> Result<T>) -> Result<Vec<T>> {
    (0..u.int_in_range(0..=most)?).map(|_| each(u)).collect()
}

fn word(u: &mut Unstructured<'_>, pieces: &[&'static str], most: usize) -> Result<String> {
    Ok(some(u, most, |u| u.choose(pieces).copied())?.concat())
}

fn value(u: &mut Unstructured<'_>, values: &'static [&'static str], pieces: &[&'static str]) -> Result<String> {
    if std::ptr::eq(values, PATTERN) { word(u, pieces, 3) } else { Ok((*u.choose(values)?).into()) }
}

fn resource(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(format!("{}{}", u.choose(BUCKETS)?, word(u, PATTERN, 4)?))
}

fn condition(u: &mut Unstructured<'_>) -> Result<(String, String, Value)> {
    let (key, values) = u.choose(KEYS)?;
    let set = if u.ratio(1, 4)? { *u.choose(&["ForAllValues:", "ForAnyValue:"])? } else { "" };
    let base = *u.choose(BASES)?;
    let end = if base != "Null" && u.ratio(1, 4)? { "IfExists" } else { "" };
    let values = match base {
        "Null" => json!(u.arbitrary::<bool>()?.to_string()),
        _ => json!(some(u, 2, |u| value(u, values, PATTERN))?),
    };
    Ok((format!("{set}{base}{end}"), (*key).to_owned(), values))
}

fn statement(u: &mut Unstructured<'_>) -> Result<Value> {
    let mut out = Map::new();
    let mut add = |u: &mut Unstructured<'_>, name: &str, value: Value| -> Result<()> {
        let not = if u.ratio(1, 6)? { "Not" } else { "" };
        out.insert(format!("{not}{name}"), value);
        Ok(())
    };
    let principals = if u.ratio(1, 2)? { vec![PRINCIPALS[1]] } else { some(u, 2, |u| u.choose(PRINCIPALS).copied())? };
    add(u, "Principal", json!({ "AWS": principals }))?;
    let actions = if u.ratio(1, 2)? { vec![NAMED[0]] } else { some(u, 3, |u| u.choose(NAMED).copied())? };
    add(u, "Action", json!(actions))?;
    let resources = some(u, 4, resource)?;
    add(u, "Resource", json!(resources))?;
    out.insert("Effect".into(), json!(u.choose(&["Allow", "Deny"])?));
    let mut conditions: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for (operator, key, values) in some(u, 3, condition)? {
        conditions.entry(operator).or_default().insert(key, values);
    }
    out.insert("Condition".into(), json!(conditions));
    Ok(Value::Object(out))
}

fn asked(u: &mut Unstructured<'_>) -> Result<Asked> {
    // keys whose values are given, as they follow from the caller, TLS, or that no service calls
    let fixed = |key: &str| key.starts_with("aws:Principal") && !key.contains('/');
    let fixed = |key: &str| fixed(key) || ["aws:SecureTransport", "aws:username", "aws:SourceArn"].contains(&key);
    let mut context = BTreeMap::from([("aws:securetransport".to_owned(), vec!["true".to_owned()])]);
    for (key, values) in KEYS.iter().filter(|(key, _)| !fixed(key)) {
        let most = if keys::find(key).is_some_and(|key| key.multivalued) { 2 } else { 1 };
        let values = some(u, most, |u| value(u, values, OBJECT))?;
        if !values.is_empty() {
            context.insert(key.to_ascii_lowercase(), values);
        }
    }
    Ok(Asked { caller: u.choose(CALLERS)?, key: format!("{}{}", u.choose(OBJECT)?, word(u, OBJECT, 4)?), context })
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let version = u.choose(&[Some("2012-10-17"), Some("2012-10-17"), Some("2008-10-17"), None])?;
        let statements = some(u, 5, statement)?;
        let mut policy = json!({ "Statement": statements });
        if let Some(version) = version {
            policy["Version"] = json!(version);
        }
        Ok(Self { policy, requests: some(u, 6, asked)? })
    }
}

impl Asked {
    fn request(&self, action: &str) -> Request {
        let known = action::find(action.trim_start_matches("s3:"));
        let has = |key: &str| !key.starts_with("s3:") || known.is_some_and(|known| action::has_condition_key(known, key));
        let objects = action.ends_with("Object");
        let resource = if objects { format!("arn:aws:s3:::lab-data/{}", self.key) } else { "arn:aws:s3:::lab-data".into() };
        let context = self.context.clone().into_iter().filter(|(key, _)| has(key)).collect();
        Request { action: action.into(), resource, principal: Caller::new(self.caller), context }
    }
}

fuzz_target!(|case: Case| {
    let Some(document) = document(&case.policy.to_string()) else { return };
    for decision in decide(&document).iter().filter(|decision| decision.verdict == Verdict::Granted) {
        for request in case.requests.iter().map(|asked| asked.request(&decision.action)) {
            assert!(allows(&document, &request), "refused for {ACCOUNT}, but granted: {request:?}\n{}", case.policy);
        }
    }
    assert_eq!(ACTIONS.len(), decide(&document).len());
});
