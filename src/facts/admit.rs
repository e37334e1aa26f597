//! The values with which a condition on the caller holds for the control account, or spares it.

use crate::iam::document::{Statement, Test};
use crate::iam::operator::{Base, Operator};
use crate::iam::principal::PrincipalKind;
use crate::paste::{Addition, Style};
use serde_json::json;

/// The value that all principals of `account` have for the key of `test`, where its operator can tell them by one.
pub(super) fn value(test: &Test, partition: &str, account: &str) -> Option<String> {
    let wild = matches!(Operator::parse(&test.operator)?.base, Base::StringLike | Base::Arn);
    match test.key.to_ascii_lowercase().as_str() {
        "aws:principalaccount" | "kms:calleraccount" => Some(account.to_owned()),
        "aws:principalarn" if wild => Some(format!("arn:{partition}:iam::{account}:*")),
        _ => None,
    }
}

/// What to write into a Deny so that it spares `account`, and nobody else whom it does not spare now.
pub(super) fn spared(statement: &Statement, partition: &str, account: &str, style: &Style<'_>) -> Addition {
    const SPARED: &str = "so that this Deny spares the account";
    let negated = |test: &&Test| Operator::parse(&test.operator).is_some_and(|operator| operator.negated);
    let mut sparing = statement.conditions.iter().filter(negated);
    if let Some((test, value)) = sparing.find_map(|test| Some((test, value(test, partition, account)?))) {
        let added = style.extended(&test.key, &[json!(value)], test.values_span);
        return Addition { how: format!("{SPARED}, {}", added.how), ..added };
    }
    if !statement.not_principal && !statement.principals.iter().any(|one| one.kind == PrincipalKind::Everyone) {
        return Addition::words("except the account from this Deny, or narrow its actions and resources");
    }
    let (operator, key, account) = ("StringNotEquals", "aws:PrincipalAccount", json!(account));
    let beside = statement.conditions.iter().find(|test| test.operator == operator);
    let (into, text, edit) = match (beside, statement.condition_span) {
        (Some(test), _) => {
            let edit = style.beside_edit(key, &account, test.span);
            (format!("{operator} of its Condition"), style.added(key, &account, test.span, 0), Some(edit))
        }
        (None, Some(body)) => {
            let except = json!({ key: account });
            ("its Condition".into(), style.property(operator, &except, body), style.property_edit(operator, &except, body))
        }
        (None, None) => {
            let (condition, body) = (json!({ operator: { key: account } }), statement.span);
            (statement.title(), style.property("Condition", &condition, body), style.property_edit("Condition", &condition, body))
        }
    };
    Addition { how: format!("{SPARED}, add to {into}"), text, edits: edit.into_iter().collect() }
}
