//! The values with which a condition on the caller holds for the control account, or spares it.

use crate::iam::document::{Statement, Test};
use crate::iam::operator::{Base, Operator};

/// The value that all principals of `account` have for the key of `test`, where its operator can tell them by one.
pub(super) fn value(test: &Test, partition: &str, account: &str) -> Option<String> {
    let wild = matches!(Operator::parse(&test.operator)?.base, Base::StringLike | Base::Arn);
    match test.key.to_ascii_lowercase().as_str() {
        "aws:principalaccount" | "kms:calleraccount" => Some(account.to_owned()),
        "aws:principalarn" if wild => Some(format!("arn:{partition}:iam::{account}:*")),
        _ => None,
    }
}

/// What to write into a Deny that spares some callers, so that it spares those of `account` too.
pub(super) fn sparing(statement: &Statement, partition: &str, account: &str) -> Option<String> {
    let spares = |test: &&Test| Operator::parse(&test.operator).is_some_and(|operator| operator.negated);
    let mut tests = statement.conditions.iter().filter(spares);
    tests.find_map(|test| Some(format!("add \"{}\" to the values of {}", value(test, partition, account)?, test.key)))
}
