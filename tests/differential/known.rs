//! Where the package is known to answer otherwise than AWS documents: each with a case, the documented answer, and how to
//! tell a request that it may concern.

use serde_json::{Value, json};

/// A way in which the package differs.
pub struct Difference {
    pub name: &'static str,
    /// Where AWS documents its own answer.
    pub reference: &'static str,
    /// A policy and a request by which it shows.
    pub example: fn() -> (Value, Request),
    /// What the documentation has the example come to.
    pub allowed: bool,
    /// Whether a request to a policy may meet it.
    pub concerns: fn(&str, &Request) -> bool,
}

/// Principal, action, resource and context.
#[derive(Clone, Debug)]
pub struct Request {
    pub principal: String,
    pub action: String,
    pub resource: String,
    pub context: Vec<(String, Vec<String>)>,
}

const ROLE: &str = "arn:aws:iam::111122223333:role/R";
const POLICIES: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/";

fn get(key: &str, context: &[(&str, &str)]) -> Request {
    let context = context.iter().map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()])).collect();
    let resource = format!("arn:aws:s3:::lab-data/{key}");
    Request { principal: ROLE.into(), action: "s3:GetObject".into(), resource, context }
}

fn allow(resource: &str, rest: Value) -> Value {
    let mut out =
        json!({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": resource});
    out.as_object_mut().unwrap().extend(rest.as_object().cloned().unwrap_or_default());
    out
}

fn policy(version: &str, statements: Value) -> Value {
    json!({"Version": version, "Statement": statements})
}

pub const DIFFERENCES: &[Difference] = &[
    Difference {
        name: "variables are read under every Version",
        reference: "reference_policies_elements_version.html",
        example: || {
            let statement = allow("arn:aws:s3:::lab-data/${aws:PrincipalTag/dept}", json!({}));
            (policy("2008-10-17", json!([statement])), get("red", &[("aws:PrincipalTag/dept", "red")]))
        },
        allowed: false,
        concerns: |policy, _| policy.contains("${") && !policy.contains("2012-10-17"),
    },
    Difference {
        name: "a negated test holds where its variable has no value",
        reference: "reference_policies_variables.html",
        example: || {
            let test = json!({"Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/dept}"}}});
            let statement = allow("arn:aws:s3:::lab-data/*", test);
            (policy("2012-10-17", json!([statement])), get("x", &[("aws:PrincipalTag/team", "red")]))
        },
        allowed: true,
        concerns: |policy, _| policy.contains("Not") && policy.contains("${aws:"),
    },
    Difference {
        name: "a `*` in a key is no character that `${*}` stands for",
        reference: "reference_policies_variables.html",
        example: || {
            let allow = allow("arn:aws:s3:::lab-data/*", json!({}));
            let mut deny = allow.clone();
            deny["Effect"] = json!("Deny");
            deny["Resource"] = json!("arn:aws:s3:::lab-data/${*}");
            (policy("2012-10-17", json!([allow, deny])), get("*", &[]))
        },
        allowed: false,
        concerns: |_, request| request.resource.contains(['*', '?', '$']),
    },
    Difference {
        name: "no wildcard matches a line break",
        reference: "reference_policies_elements_resource.html",
        example: || (policy("2012-10-17", json!([allow("arn:aws:s3:::lab-data/*", json!({}))])), get("a\nb", &[])),
        allowed: true,
        concerns: |_, request| request.resource.contains('\n'),
    },
    Difference {
        name: "a Deny with NotPrincipal spares whoever is listed, its account or not",
        reference: "reference_policies_elements_notprincipal.html",
        example: || {
            let mut deny = allow("arn:aws:s3:::lab-data/*", json!({"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}}));
            deny.as_object_mut().unwrap().remove("Principal");
            (policy("2012-10-17", json!([allow("arn:aws:s3:::lab-data/*", json!({})), deny])), get("x", &[]))
        },
        allowed: false,
        concerns: |policy, _| policy.contains("NotPrincipal"),
    },
];

impl Difference {
    pub fn address(&self) -> String {
        format!("{POLICIES}{}", self.reference)
    }
}
