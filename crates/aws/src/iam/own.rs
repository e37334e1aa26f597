//! What belongs to the account a template is deployed to: the owner of the bucket, and another than the control account.

use super::document::{Statement, Test};
use super::operator::{Base, Operator, Quantifier};
use super::principal::{self, Principal, PrincipalKind};
use bucketlint_text::text::{Part, SymbolKind, Text};
use std::borrow::Cow;

/// Keys that hold the caller's account, ARN or unique ID, in lower case.
const OF_CALLER: [&str; 4] = ["aws:principalaccount", "aws:principalarn", "aws:userid", "kms:calleraccount"];

/// Whether `id` is the account the template is deployed to.
pub fn is_account(id: &Text) -> bool {
    id.as_symbol().is_some_and(|symbol| symbol.kind == SymbolKind::OwnAccount)
}

/// Whether a principal is that account, or an identity of it.
pub fn is_principal(principal: &Principal) -> bool {
    match &principal.kind {
        PrincipalKind::Account(id) | PrincipalKind::Identity { account: id, .. } => is_account(id),
        _ => false,
    }
}

/// Whether only callers of that account have `value` for `key`, which is in lower case.
pub fn is_value(key: &str, value: &Text) -> bool {
    let identity = || matches!(value.parts().first(), Some(Part::Sym(symbol)) if symbol.kind == SymbolKind::OwnIdentity);
    OF_CALLER.contains(&key)
        && (is_account(value) || identity() || principal::account_in(value).is_some_and(|id| is_account(&id)))
}

/// A test without the values that only callers of that account have, which no other request matches.
pub(super) fn left_out(test: &Test) -> Cow<'_, Test> {
    let key = test.key.to_ascii_lowercase();
    if !test.values.iter().any(|value| is_value(&key, value)) {
        return Cow::Borrowed(test);
    }
    let values = test.values.iter().filter(|value| !is_value(&key, value)).cloned().collect();
    Cow::Owned(Test { values, ..test.clone() })
}

/// Whether a statement names that account or an identity of it.
pub fn is_named(statement: &Statement) -> bool {
    let values = |test: &Test| {
        let key = test.key.to_ascii_lowercase();
        test.values.iter().any(|value| is_value(&key, value))
    };
    statement.principals.iter().any(is_principal) || statement.conditions.iter().any(values)
}

/// Whether a statement names nobody but that account and its identities, be it as principals or in a condition.
pub(super) fn is_alone(statement: &Statement) -> bool {
    let named = !statement.not_principal && !statement.principals.is_empty() && statement.principals.iter().all(is_principal);
    named || statement.conditions.iter().any(requires)
}

/// Whether no other caller meets a condition.
pub(super) fn requires(test: &Test) -> bool {
    let key = test.key.to_ascii_lowercase();
    let positive = |operator: Operator| {
        let compares = matches!(operator.base, Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike | Base::Arn);
        compares && !operator.negated && !operator.if_exists && operator.quantifier != Quantifier::ForAllValues
    };
    Operator::parse(&test.operator).is_some_and(positive)
        && !test.values.is_empty()
        && test.values.iter().all(|value| is_value(&key, value))
}
