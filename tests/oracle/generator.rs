//! Random policies and requests.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::evaluator::{Caller, Request};
use crate::random::Random;
use crate::vocabulary::{
    ACCOUNTS, ACTION_ENTRIES, BUCKET, BUCKET_ACTIONS, CONDITION_KEYS, Carried, KEYS, Key, Kind, OBJECT_ACTIONS, RESOURCE_ENTRIES,
    ROLES, SERVICES, SESSIONS, USERS, variable,
};

/// A policy and a request to it.
pub(crate) fn case(seed: u64) -> (Value, Request) {
    let mut random = Random::new(seed);
    let policy = policy(&mut random);
    let request = request(&mut random);
    (policy, request)
}

fn request(random: &mut Random) -> Request {
    let caller = caller(random);
    let (action, resource) = if random.chance(25) {
        (random.pick(&BUCKET_ACTIONS), format!("arn:aws:s3:::{BUCKET}"))
    } else {
        (random.pick(&OBJECT_ACTIONS), format!("arn:aws:s3:::{BUCKET}/{}", random.pick(&KEYS)))
    };
    let mut context = BTreeMap::new();
    for key in CONDITION_KEYS.iter().filter(|key| !key.held.is_empty()) {
        let there = match (key.carried)(&caller, action) {
            Carried::Always => true,
            Carried::Maybe => random.chance(60),
            Carried::Never => false,
        };
        if there {
            let mut values = vec![random.pick(key.held).to_owned()];
            while key.multivalued && random.chance(40) {
                let more = random.pick(key.held).to_owned();
                if !values.contains(&more) {
                    values.push(more);
                }
            }
            context.insert(key.name.to_ascii_lowercase(), values);
        }
    }
    Request { caller, action: action.to_owned(), resource, context }
}

fn caller(random: &mut Random) -> Caller {
    let account = random.pick(&ACCOUNTS).to_owned();
    let (user, role) = (random.pick(&USERS), random.pick(&ROLES));
    match random.below(10) {
        0..=2 => Caller::User { account, path: user.0.to_owned(), name: user.1.to_owned() },
        3..=4 => Caller::Role { account, path: role.0.to_owned(), name: role.1.to_owned() },
        5..=6 => {
            let session = random.pick(&SESSIONS).to_owned();
            Caller::Session { account, path: role.0.to_owned(), name: role.1.to_owned(), session }
        }
        7..=8 => Caller::Service(random.pick(&SERVICES).to_owned()),
        _ => Caller::Anonymous,
    }
}

fn policy(random: &mut Random) -> Value {
    let count = 1 + random.below(4);
    let statements: Vec<Value> = (0..count).map(|at| statement(random, at == 0)).collect();
    let mut policy = Map::new();
    match random.below(10) {
        0 => policy.insert("Version".into(), json!("2008-10-17")),
        1 => None,
        _ => policy.insert("Version".into(), json!("2012-10-17")),
    };
    policy.insert("Statement".into(), Value::Array(statements));
    Value::Object(policy)
}

/// One entry, or a list of a few.
fn some(random: &mut Random, mut one: impl FnMut(&mut Random) -> String) -> Value {
    let count = random.pick(&[1, 1, 1, 2, 2, 3]);
    let mut entries: Vec<String> = (0..count).map(|_| one(random)).collect();
    entries.sort();
    entries.dedup();
    if entries.len() == 1 && random.chance(50) { json!(entries[0]) } else { json!(entries) }
}

fn statement(random: &mut Random, first: bool) -> Value {
    let deny = !first && random.chance(50);
    let mut out = Map::new();
    out.insert("Effect".into(), json!(if deny { "Deny" } else { "Allow" }));
    if deny && random.chance(25) {
        out.insert("NotPrincipal".into(), excepted(random));
    } else {
        out.insert("Principal".into(), principal(random));
    }
    let negated = random.chance(12);
    let actions = some(random, |random| random.pick(&ACTION_ENTRIES).to_owned());
    out.insert(if negated { "NotAction" } else { "Action" }.into(), actions);
    let negated = random.chance(12);
    let resources = some(random, |random| match random.below(14) {
        0 => "*".to_owned(),
        1 => "arn:aws:s3:::*".to_owned(),
        2 => "arn:aws:s3:::lab-*".to_owned(),
        3 => "arn:*:s3:::lab-data/*".to_owned(),
        _ => format!("arn:aws:s3:::{BUCKET}{}", random.pick(&RESOURCE_ENTRIES)),
    });
    out.insert(if negated { "NotResource" } else { "Resource" }.into(), resources);
    if random.chance(if deny { 80 } else { 50 }) {
        out.insert("Condition".into(), condition(random));
    }
    Value::Object(out)
}

fn principal(random: &mut Random) -> Value {
    match random.below(10) {
        0..=2 => json!("*"),
        3 => json!({"AWS": "*"}),
        4 => json!({"Service": some(random, |random| random.pick(&SERVICES).to_owned())}),
        5 => json!({"AWS": some(random, arn), "Service": random.pick(&SERVICES)}),
        6..=7 => json!({"AWS": some(random, |random| format!("arn:aws:iam::{}:root", random.pick(&ACCOUNTS)))}),
        _ => json!({"AWS": some(random, arn)}),
    }
}

/// An account, user, role or session; a user now and then with the path of another. A role has its own path, since the names
/// of roles are unique in an account whatever their paths, and S3 takes no role that is not there.
fn arn(random: &mut Random) -> String {
    let account = random.pick(&ACCOUNTS);
    let (mut user, role) = (random.pick(&USERS), random.pick(&ROLES));
    if random.chance(10) {
        user.0 = random.pick(&USERS).0;
    }
    match random.below(8) {
        0 => account.to_owned(),
        1 => format!("arn:aws:iam::{account}:root"),
        2..=3 => format!("arn:aws:iam::{account}:user{}{}", user.0, user.1),
        4..=5 => format!("arn:aws:iam::{account}:role{}{}", role.0, role.1),
        _ => format!("arn:aws:sts::{account}:assumed-role/{}/{}", role.1, random.pick(&SESSIONS)),
    }
}

/// A `NotPrincipal`, mostly with all that AWS's page asks for.
fn excepted(random: &mut Random) -> Value {
    if random.chance(30) {
        return principal(random);
    }
    let account = random.pick(&ACCOUNTS);
    let (user, role) = (random.pick(&USERS), random.pick(&ROLES));
    let mut names = vec![format!("arn:aws:iam::{account}:root")];
    if random.chance(50) {
        names.push(format!("arn:aws:iam::{account}:user{}{}", user.0, user.1));
    } else {
        names.push(format!("arn:aws:iam::{account}:role{}{}", role.0, role.1));
        names.push(format!("arn:aws:sts::{account}:assumed-role/{}/{}", role.1, random.pick(&SESSIONS)));
    }
    json!({"AWS": names})
}

fn condition(random: &mut Random) -> Value {
    let mut block = Map::new();
    for _ in 0..random.pick(&[1, 1, 1, 2, 3]) {
        let key = &CONDITION_KEYS[random.below(CONDITION_KEYS.len())];
        let operator = operator(random, key);
        let values = values(random, key, &operator);
        let keys = block.entry(operator).or_insert_with(|| json!({}));
        // one operator may hold several keys
        if let Some(keys) = keys.as_object_mut() {
            keys.insert(key.name.to_owned(), values);
        }
    }
    Value::Object(block)
}

fn operator(random: &mut Random, key: &Key) -> String {
    if random.chance(12) {
        return "Null".to_owned();
    }
    let texts = [
        "StringEquals",
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringLike",
        "StringNotLike",
    ];
    let arns = ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "StringLike", "StringNotEquals", "StringEquals"];
    let name = match key.kind {
        Kind::Text => random.pick(&texts),
        Kind::Arn => random.pick(&arns),
        Kind::Bool => "Bool",
        Kind::Address => random.pick(&["IpAddress", "NotIpAddress"]),
        Kind::Number => random.pick(&[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ]),
        Kind::Date => random.pick(&[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ]),
    };
    let set =
        if random.chance(if key.multivalued { 90 } else { 6 }) { random.pick(&["ForAnyValue:", "ForAllValues:"]) } else { "" };
    let if_exists = if random.chance(20) { "IfExists" } else { "" };
    format!("{set}{name}{if_exists}")
}

fn values(random: &mut Random, key: &Key, operator: &str) -> Value {
    if operator == "Null" {
        return [json!("true"), json!("false"), json!(true), json!(["false"])][random.below(4)].clone();
    }
    let is_text = operator.contains("String") && key.kind == Kind::Text;
    some(random, |random| {
        let own = [key.held, key.written].concat();
        if is_text && random.chance(8) { variable(random.below(9)).to_owned() } else { random.pick(&own).to_owned() }
    })
}
