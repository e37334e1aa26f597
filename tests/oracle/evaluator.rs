//! What a bucket policy answers to one request from another account, written from AWS's own pages alone.
//!
//! It knows nothing of the program it is held against: no type, no table and no helper is shared, so that a mistake in
//! reading AWS's pages has to be made twice to go unseen. Every rule names the page it comes from; the pages of the *IAM
//! User Guide* lie under <https://docs.aws.amazon.com/IAM/latest/UserGuide/>, as `reference_policies_variables` does.
//! Where the pages leave a question open, or contradict each other, the answer says so rather than choosing.

mod condition;
mod context;
mod pages;
mod pattern;
mod principal;
mod template;
mod truth;
mod values;

use serde_json::Value;

pub(crate) use context::{Caller, Request};
use truth::Truth;

/// What the policy says to a request, for its own account allowing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The policy lets the request in.
    Allow,
    /// The policy denies it, explicitly or by saying nothing.
    Deny,
    /// AWS's pages do not settle it, for this reason.
    Open(&'static str),
}

/// The answer of `policy` to `request`.
///
/// `reference_policies_evaluation-logic_policy-eval-denyallow`: all requests are denied by default, must be "explicitly
/// allowed", and "An explicit deny overrides an explicit allow."
pub(crate) fn answer(policy: &Value, request: &Request) -> Answer {
    // reference_policies_elements_version: without a Version the policy is of 2008-10-17
    let variables = policy.get("Version").and_then(Value::as_str) == Some("2012-10-17");
    let (mut allow, mut deny) = (Truth::No, Truth::No);
    for statement in values::list(policy.get("Statement")) {
        let applies = applies(statement, variables, request);
        match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => allow = allow.or(applies),
            Some("Deny") => deny = deny.or(applies),
            // reference_policies_elements_effect: "Valid values for Effect are Allow and Deny", case-sensitive
            _ => return Answer::Open("an Effect that is neither Allow nor Deny"),
        }
    }
    match allow.and(deny.not()) {
        Truth::Yes => Answer::Allow,
        Truth::No => Answer::Deny,
        Truth::Open(reason) => Answer::Open(reason),
    }
}

/// Whether every element of `statement` matches `request`.
fn applies(statement: &Value, variables: bool, request: &Request) -> Truth {
    let condition = statement.get("Condition").map_or(Truth::Yes, |block| condition::holds(block, variables, request));
    principal::matches(statement, &request.caller)
        .and(action(statement, request))
        .and(resource(statement, variables, request))
        .and(condition)
}

/// `reference_policies_elements_action`: "The prefix and the action name are case insensitive", with the wildcards `*` and
/// `?`; `reference_policies_elements_notaction`: `NotAction` "matches everything except the specified list of actions".
fn action(statement: &Value, request: &Request) -> Truth {
    let named = |element: &Value| {
        truth::any(values::strings(element).map(|one| {
            let pattern = template::literal(&one.to_ascii_lowercase());
            Truth::from(pattern::like(&pattern, &request.action.to_ascii_lowercase(), pattern::Reading::LOOSE))
        }))
    };
    match (statement.get("Action"), statement.get("NotAction")) {
        (Some(element), None) => named(element),
        (None, Some(element)) => named(element).not(),
        // reference_policies_elements_action: "Statements must include either an Action or NotAction element"
        _ => Truth::Open("a statement without exactly one of Action and NotAction"),
    }
}

/// `reference_policies_elements_resource` and `reference_policies_elements_notresource`.
fn resource(statement: &Value, variables: bool, request: &Request) -> Truth {
    let named = |element: &Value| {
        let entries: Vec<_> = values::strings(element).map(|one| pattern::resource(one, variables, request)).collect();
        let without_value = entries.iter().any(Option::is_none);
        (truth::any(entries.into_iter().flatten()), without_value)
    };
    match (statement.get("Resource"), statement.get("NotResource")) {
        // reference_policies_variables: "the resource that includes a policy variable with no value will not match any
        // resource"
        (Some(element), None) => named(element).0,
        (None, Some(element)) => match named(element) {
            // the same sentence names NotResource, and lets itself be read of the entry or of the whole statement
            (Truth::No, true) => Truth::Open("NotResource with a variable that has no value"),
            (named, _) => named.not(),
        },
        _ => Truth::Open("a statement without exactly one of Resource and NotResource"),
    }
}
