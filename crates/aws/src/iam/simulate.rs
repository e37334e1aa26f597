//! What policies answer to one concrete request, statement by statement.

use super::action;
use super::caller::{self, Caller};
use super::condition;
use super::document::{Document, Effect, Statement, Test};
use super::operator::Operator;
use super::wildcard;
use std::collections::BTreeMap;

/// A concrete request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// For example `s3:GetObject`.
    pub action: String,
    /// The ARN of the bucket or object.
    pub resource: String,
    /// Who asks.
    pub principal: Caller,
    /// Values by lower-case condition key; keys that follow from the caller, such as `aws:PrincipalArn`, need not be here.
    pub context: BTreeMap<String, Vec<String>>,
}

/// The policies' answer; statements by their policy's index and their number in it, from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A statement allows it and none denies it.
    Allowed {
        /// The policy's index.
        policy: usize,
        /// The first statement that allows it.
        statement: usize,
    },
    /// A statement denies it.
    ExplicitDeny {
        /// The policy's index.
        policy: usize,
        /// The first statement that denies it.
        statement: usize,
    },
    /// No statement allows it.
    ImplicitDeny,
}

/// Evaluates `request` against resource policies without unknown pieces; an explicit Deny wins:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>. What AWS's pages leave open
/// is answered in one of the ways that it may be meant.
pub fn simulate(documents: &[&Document], request: &Request) -> Outcome {
    let first = |effect: Effect| {
        let statements = documents.iter().enumerate().flat_map(|(policy, one)| one.statements.iter().map(move |it| (policy, it)));
        let mut applying = statements.filter(|(_, it)| it.effect == Some(effect) && applies(it, request));
        applying.next().map(|(policy, it)| (policy, it.number))
    };
    if let Some((policy, statement)) = first(Effect::Deny) {
        return Outcome::ExplicitDeny { policy, statement };
    }
    match first(Effect::Allow) {
        Some((policy, statement)) => Outcome::Allowed { policy, statement },
        None => Outcome::ImplicitDeny,
    }
}

impl Request {
    /// The caller's account.
    fn account(&self) -> &str {
        self.principal.arn.split(':').nth(4).unwrap_or_default()
    }

    /// The values of a condition key; none if the request lacks it.
    fn values(&self, key: &str) -> Vec<String> {
        let key = key.to_ascii_lowercase();
        match key.as_str() {
            "aws:principalarn" => vec![self.principal.principal_arn()],
            "aws:principalaccount" => vec![self.account().to_owned()],
            "aws:principaltype" => vec![self.principal.kind().to_owned()],
            "aws:username" => self.principal.user_name().map(str::to_owned).into_iter().collect(),
            _ => self.context.get(&key).cloned().unwrap_or_default(),
        }
    }

    /// What a policy variable stands for: the value of a key that has exactly one.
    fn value(&self, key: &str) -> Option<String> {
        let mut values = self.values(key).into_iter();
        values.next().filter(|_| values.next().is_none())
    }
}

fn applies(statement: &Statement, request: &Request) -> bool {
    let action = statement.actions.items.iter().any(|item| action::matches(&item.to_string(), &request.action));
    action != statement.actions.not
        && resource_applies(statement, request)
        && caller::covers(statement, &request.principal, request.account()) == Some(true)
        && statement.conditions.iter().all(|test| holds(test, statement.variables, request))
}

/// A resource with a variable that has no value matches nothing.
fn resource_applies(statement: &Statement, request: &Request) -> bool {
    let named = statement.resources.items.iter().any(|item| {
        let tokens = wildcard::parse(&item.to_string(), statement.variables);
        let filled = wildcard::fill(&tokens, |key| request.value(key));
        filled.is_some_and(|tokens| wildcard::matches_resource(&tokens, &request.resource))
    });
    named != statement.resources.not
}

/// A value with a variable that has no value matches nothing.
fn holds(test: &Test, variables: bool, request: &Request) -> bool {
    let Some(operator) = Operator::parse(&test.operator) else { return false };
    let filled = |text: String| wildcard::fill(&wildcard::parse(&text, variables), |key| request.value(key));
    let wanted: Vec<_> = test.values.iter().filter_map(|value| filled(value.to_string())).collect();
    let present = request.values(&test.key);
    let present: Vec<&str> = present.iter().map(String::as_str).collect();
    condition::holds_tokens(&operator, (!present.is_empty()).then_some(&present), &wanted)
}

#[cfg(test)]
mod tests;
