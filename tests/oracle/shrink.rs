//! Making a policy and a request as small as they can be for what is to be shown.

use serde_json::Value;

use crate::evaluator::{Caller, Request};

/// The smallest of what `policy` and `request` hold under which `still` holds.
pub(crate) fn shrink(mut policy: Value, mut request: Request, still: &dyn Fn(&Value, &Request) -> bool) -> (Value, Request) {
    loop {
        if let Some(smaller) = less(&policy).into_iter().find(|one| still(one, &request)) {
            policy = smaller;
            continue;
        }
        let without = |key: &String| {
            let mut fewer = request.clone();
            fewer.context.remove(key);
            fewer
        };
        match request.context.keys().map(without).find(|one| still(&policy, one)) {
            Some(fewer) => request = fewer,
            None => return (policy, request),
        }
    }
}

/// `value` with one entry, member or list less.
fn less(value: &Value) -> Vec<Value> {
    let mut out = Vec::new();
    match value {
        Value::Array(entries) => {
            for at in 0..entries.len() {
                if entries.len() > 1 {
                    let mut fewer = entries.clone();
                    fewer.remove(at);
                    out.push(Value::Array(fewer));
                }
                for one in less(&entries[at]) {
                    let mut changed = entries.clone();
                    changed[at] = one;
                    out.push(Value::Array(changed));
                }
            }
        }
        Value::Object(members) => {
            for (name, inner) in members {
                if members.len() > 1 && !["Effect", "Statement"].contains(&name.as_str()) {
                    let mut fewer = members.clone();
                    fewer.remove(name);
                    out.push(Value::Object(fewer));
                }
                for one in less(inner) {
                    let mut changed = members.clone();
                    changed.insert(name.clone(), one);
                    out.push(Value::Object(changed));
                }
            }
        }
        _ => {}
    }
    out
}

/// What a policy that is as small as it can be is made of, so that those alike count as one kind.
pub(crate) fn shape(policy: &Value, request: &Request) -> String {
    let caller = match request.caller {
        Caller::User { .. } => "user",
        Caller::Role { .. } => "role",
        Caller::Session { .. } => "session",
        Caller::Root { .. } => "root",
        Caller::Service(_) => "service",
        Caller::Anonymous => "anonymous",
    };
    let mut words = vec![caller.to_owned()];
    for statement in policy["Statement"].as_array().into_iter().flatten().filter_map(Value::as_object) {
        words.push(statement["Effect"].to_string());
        words.extend(statement.keys().filter(|name| name.starts_with("Not")).cloned());
        for (operator, keys) in statement.get("Condition").and_then(Value::as_object).into_iter().flatten() {
            words.extend(keys.as_object().into_iter().flatten().map(|(key, _)| format!("{operator} {key}")));
        }
    }
    let text = policy.to_string();
    words.extend(text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| format!("${{{name}}}")));
    words.join(" ")
}
