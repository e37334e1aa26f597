//! Where wrong values of a policy are from, if they do not stand where they are used: a parameter's default, a mapping, a
//! file of parameters.

use crate::finding::Label;
use crate::iam::document::{Statement, Test};
use crate::iam::principal::{self, Principal, PrincipalKind};
use crate::source::Span;
use crate::text::Text;
use std::collections::BTreeMap;

/// A value to be changed elsewhere than where it is used.
pub(super) struct Elsewhere {
    /// Where it stands.
    pub(super) place: Span,
    /// The whole value to write there.
    pub(super) value: String,
}

/// Where to change what a principal comes to into `expected`, the root of `account`.
pub(super) fn of(principal: &Principal, expected: &str, account: &str) -> Option<Elsewhere> {
    let text = &principal.text;
    let (wrong, right) = match &principal.kind {
        PrincipalKind::Account(id) => (id.clone(), account),
        PrincipalKind::Identity { .. } => (text.clone(), expected),
        PrincipalKind::Placeholder | PrincipalKind::Invalid(_) => match principal::root_of(text) {
            Some(id) => (id, account),
            None if text.strip_prefix("arn:").is_some() => (text.clone(), expected),
            None => (text.clone(), account),
        },
        _ => return None,
    };
    Some(Elsewhere { place: wrong.place(), value: wrong.replaced(right)? })
}

/// What is said of the place of a value that is used elsewhere.
pub const WRITTEN_HERE: &str = "its value is written here";

/// Where the principals at `cause` and the values of conditions in it are from, as far as that is elsewhere.
pub(super) fn labels(statement: &Statement, cause: Span) -> Vec<Label> {
    let elsewhere = |text: &Text| (text.place() != text.span).then(|| text.place());
    let named = |principal: &&Principal| [Some(principal.span), statement.principal_span].contains(&Some(cause));
    let account = |principal: &Principal| match &principal.kind {
        PrincipalKind::Identity { account, .. } => elsewhere(account),
        _ => elsewhere(&principal.text),
    };
    let principals = statement.principals.iter().filter(named).filter_map(account).map(|at| (at, WRITTEN_HERE.into()));
    let within = |test: &&Test| cause.contains(test.span);
    let values = |test: &'_ Test| {
        let message = format!("a value of {} is written here", test.key);
        test.values.iter().filter_map(elsewhere).map(|at| (at, message.clone())).collect::<Vec<_>>()
    };
    let tested = statement.conditions.iter().filter(within).flat_map(values);
    let places: BTreeMap<Span, String> = principals.chain(tested).collect();
    // a few show what is meant
    places.into_iter().take(3).map(|(span, message)| Label { span, message }).collect()
}
