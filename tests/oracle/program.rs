//! The same question put to the program.

use std::collections::BTreeMap;

use bucketlint::ask::{Ask, Ruling, Said, ask};
use bucketlint::cfn::given::Given;
use bucketlint::load::{Input, load};
use serde_json::{Value, json};

use crate::evaluator::{Caller, Request};
use crate::vocabulary::{BUCKET, CONDITION_KEYS, Carried};

/// What the program says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Allow,
    Deny,
    /// With its reason.
    Unresolved(String),
    /// That it cannot be asked, or that S3 refuses the policy.
    Refused(String),
}

pub(crate) fn reply(policy: &Value, request: &Request) -> Reply {
    match ruling(policy, request) {
        Err(why) => Reply::Refused(why),
        Ok(ruling) => match ruling.said {
            Said::Allow => Reply::Allow,
            Said::Deny => Reply::Deny,
            Said::Unresolved => Reply::Unresolved(ruling.decision.unknown.map_or_else(String::new, |(_, why)| why)),
        },
    }
}

/// The line that the program prints.
pub(crate) fn line(policy: &Value, request: &Request) -> String {
    ruling(policy, request).map_or_else(|why| why, |ruling| ruling.line)
}

fn ruling(policy: &Value, request: &Request) -> Result<Ruling, String> {
    // a template says which bucket the policy belongs to
    let properties = json!({"Bucket": BUCKET, "PolicyDocument": policy});
    let template = json!({"Resources": {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}});
    let input = Input { shown: "stack.json".into(), named: true, bytes: Ok(template.to_string().into_bytes()) };
    ask(load(vec![input]), &question(request), &Given::default())
}

fn question(request: &Request) -> Ask {
    let mut context = BTreeMap::new();
    for key in CONDITION_KEYS.iter().filter(|key| !key.held.is_empty()) {
        // what no request for this action carries is not asked about; of the rest no value means that it is not there
        let anybody = Caller::User { account: String::new(), path: "/".into(), name: String::new() };
        let service = Caller::Service(String::new());
        if [anybody, service].iter().any(|caller| (key.carried)(caller, &request.action) != Carried::Never) {
            context.insert(key.name.to_owned(), request.context.get(&key.name.to_ascii_lowercase()).cloned().unwrap_or_default());
        }
    }
    let key = request.resource.split_once('/').map(|(_, key)| key.to_owned());
    Ask { bucket: BUCKET.into(), principal: principal(&request.caller), action: request.action.clone(), key, context }
}

pub(crate) fn principal(caller: &Caller) -> String {
    match caller {
        Caller::User { account, path, name } => format!("arn:aws:iam::{account}:user{path}{name}"),
        Caller::Role { account, path, name } => format!("arn:aws:iam::{account}:role{path}{name}"),
        Caller::Session { account, name, session, .. } => format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"),
        Caller::Root { account } => format!("arn:aws:iam::{account}:root"),
        Caller::Service(name) => name.clone(),
        Caller::Anonymous => "*".to_owned(),
    }
}
