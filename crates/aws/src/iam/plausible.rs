//! Which statements were meant for the control account, so that only their slips are reported as slips.

use super::action;
use super::caller::{self, Reach, Requester};
use super::decide::Question;
use super::document::{Document, Effect, Statement, Test};
use super::own;
use super::principal::{self, Principal, PrincipalKind};
use bucketlint_text::source::Span;
use bucketlint_text::text::Text;

/// The statements of a question that look meant for the control account.
#[derive(Clone, Debug, Default)]
pub(super) struct Plausible {
    /// Policy index and statement number of each.
    meant: Vec<(usize, usize)>,
    /// The one to add missing actions to: policy, statement number, and its action list.
    pub(super) best: Option<(usize, usize, Span)>,
}

impl Plausible {
    /// Looks at every Allow of the question's policies against the required actions.
    pub(super) fn new(question: &Question<'_>, actions: &[String]) -> Self {
        let mut out = Self::default();
        let mut most = None;
        for (policy, document) in question.policies.iter().enumerate() {
            for statement in document.statements.iter().filter(|statement| statement.effect == Some(Effect::Allow)) {
                let Requester { account, beside, .. } = question.requester;
                if !is_meant(statement, account, actions) || is_for_others(statement, account, beside) {
                    continue;
                }
                let held = held(statement, actions);
                out.meant.push((policy, statement.number));
                let reaches = statement
                    .principals
                    .iter()
                    .any(|p| matches!(caller::reach(p, &question.requester.account), Reach::Whole | Reach::Assumed));
                // missing actions go to the statement that reaches the account and holds most of them already
                let rank = (reaches, held);
                if !statement.not_principal && !statement.actions.not && most.is_none_or(|most| rank > most) {
                    out.best = statement.actions.span.map(|span| (policy, statement.number, span));
                    most = Some(rank);
                }
            }
        }
        out
    }

    /// Whether this statement was meant for the control account.
    pub(super) fn meant(&self, policy: usize, statement: &Statement) -> bool {
        self.meant.contains(&(policy, statement.number))
    }
}

/// Whether an Allow looks meant for `account`: it names that, or grants anybody but services half of `actions`.
fn is_meant(statement: &Statement, account: &str, actions: &[String]) -> bool {
    let service = !statement.principals.is_empty() && statement.principals.iter().all(|p| p.kind == PrincipalKind::Service);
    let held = held(statement, actions);
    // what the owner lets itself do is a slip of the pen only where it is just what is asked for
    let many = if own::is_alone(statement) { held >= actions.len() } else { held * 2 >= actions.len() };
    statement.principals.iter().any(|principal| near(principal, account)) || held > 0 && many && !service
}

/// Whether an Allow names another of the control accounts, or identities of it, and not `account`.
fn is_for_others(statement: &Statement, account: &str, others: &[String]) -> bool {
    let reaches = |principal: &Principal, account: &str| {
        principal.kind != PrincipalKind::Everyone && matches!(caller::reach(principal, account), Reach::Whole | Reach::Part)
    };
    let names = |account: &str| statement.principals.iter().any(|principal| reaches(principal, account));
    !statement.not_principal && !names(account) && others.iter().any(|other| names(other))
}

/// How many of `actions` the statement names; where it is for the owner's own account, in so many words.
fn held(statement: &Statement, actions: &[String]) -> usize {
    let names = if own::is_alone(statement) { lists } else { holds };
    actions.iter().filter(|action| names(statement, action)).count()
}

/// The first statement that shares what the policy is for with `account`, or seems meant to: one that is meant for it, or
/// one for everybody in an organization or of that account, as its conditions say.
pub fn sharing<'d>(document: &'d Document, account: &str, actions: &[String]) -> Option<&'d Statement> {
    let whole = |statement: &Statement| statement.principals.iter().any(|one| one.kind == PrincipalKind::Everyone);
    let asks = |test: &Test| match test.key.to_ascii_lowercase().as_str() {
        "aws:principalorgid" | "aws:principalorgpaths" => true,
        "aws:principalaccount" | "aws:principalarn" => test.values.iter().any(|value| value.to_string().contains(account)),
        _ => false,
    };
    let shares = |statement: &&Statement| {
        is_meant(statement, account, actions) || whole(statement) && statement.conditions.iter().any(asks)
    };
    document.statements.iter().filter(|statement| statement.effect == Some(Effect::Allow)).find(shares)
}

/// A policy without the grants that are plainly for others: every key policy lets its own account do everything, which is no
/// slip of a grant to `account`.
pub(super) fn concerning(document: &Document, account: &str) -> Document {
    let other = |principal: &Principal| caller::reach(principal, account) == Reach::Other && !near(principal, account);
    let plainly = |statement: &Statement| {
        let named = !statement.not_principal && !statement.principals.is_empty() && statement.unknown.is_empty();
        let others = named && statement.principals.iter().all(other);
        statement.effect == Some(Effect::Allow) && (others || own::is_alone(statement) && !narrowed_to_own(statement))
    };
    let statements = document.statements.iter().filter(|statement| !plainly(statement)).cloned().collect();
    Document { statements, ..document.clone() }
}

/// Whether a statement is for everybody who asks through S3, but for a condition that keeps it to the template's own account: it
/// would do for others if that condition named them.
fn narrowed_to_own(statement: &Statement) -> bool {
    let everyone = statement.principals.iter().any(|one| one.kind == PrincipalKind::Everyone);
    let through_s3 = |test: &Test| {
        test.key.eq_ignore_ascii_case("kms:ViaService") && test.values.iter().any(|value| value.strip_prefix("s3.").is_some())
    };
    let mut others = statement.conditions.iter().filter(|test| !own::requires(test));
    everyone && statement.conditions.iter().any(through_s3) && others.all(through_s3)
}

/// Whether the statement names the action.
fn holds(statement: &Statement, action: &str) -> bool {
    let named = statement.actions.items.iter().any(|item| item.as_known().is_some_and(|item| action::matches(item, action)));
    named != statement.actions.not
}

/// Whether the statement has the action in its list, without a wildcard.
fn lists(statement: &Statement, action: &str) -> bool {
    let same = |item: &Text| item.as_known().is_some_and(|item| item.eq_ignore_ascii_case(action));
    !statement.actions.not && statement.actions.items.iter().any(same)
}

/// Whether a principal is the control account, one of its identities, a slip of the pen for it, or a placeholder.
fn near(principal: &Principal, account: &str) -> bool {
    let id = match &principal.kind {
        PrincipalKind::Placeholder => return true,
        PrincipalKind::Everyone => return false,
        PrincipalKind::Account(id) | PrincipalKind::Identity { account: id, .. } => id,
        PrincipalKind::Unknown => &principal.text,
        PrincipalKind::Invalid(_) => {
            return principal
                .text
                .to_string()
                .split(':')
                .any(|field| principal::near_miss(field, account).is_some() || field == account);
        }
        _ => return false,
    };
    match id.as_known() {
        Some(known) => known == account || principal::near_miss(known, account).is_some(),
        None => !matches!(caller::reach(principal, account), Reach::Other | Reach::Unknown),
    }
}
