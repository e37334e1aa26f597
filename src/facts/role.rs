//! The profile's say in what is required of a grant.

use crate::iam::caller::{self, Reach, Requester};
use crate::iam::decide::Question;
use crate::iam::resource::Scope;
use crate::iam::verdict::{self, Decision, Verdict, allows};
use crate::profile::{PrincipalForm, Profile};
use std::collections::BTreeSet;

/// Decides the profile's actions: for the whole control account, or, where a grant to one role will do, for the role that
/// is granted most.
pub(super) fn decide(profile: &Profile, question: &Question<'_>) -> Vec<Decision> {
    decide_as(profile.principal, question, &profile.actions, &|action| profile.scope(action))
}

/// The same for other actions.
pub(super) fn decide_as(
    form: PrincipalForm,
    question: &Question<'_>,
    actions: &[String],
    acts_on: &dyn Fn(&str) -> Scope,
) -> Vec<Decision> {
    let decide = |requester: &Requester| {
        let question = Question { requester, ..*question };
        verdict::decide_as(&question, actions, acts_on)
    };
    let granted = |decisions: &Vec<Decision>| decisions.iter().filter(|one| one.verdict == Verdict::Granted).count();
    let roles = if form == PrincipalForm::Role { named(question) } else { BTreeSet::new() };
    let each = roles.into_iter().map(|role| decide(&Requester { roles: vec![role], ..question.requester.clone() }));
    // of equals the first
    each.reduce(|best, next| if granted(&next) > granted(&best) { next } else { best })
        .unwrap_or_else(|| decide(question.requester))
}

/// The identities of the control account that policies name, unless the user says which matter.
fn named(question: &Question<'_>) -> BTreeSet<String> {
    let (account, partition) = (&question.requester.account, question.target.partition.as_str());
    let statements = question.policies.iter().flat_map(|policy| &policy.statements).filter(|statement| allows(statement));
    let principals = statements.flat_map(|statement| &statement.principals);
    let part = principals.filter(|principal| caller::reach_in(principal, account, partition) == Reach::Part);
    let unsaid = question.requester.roles.is_empty();
    part.filter(|_| unsaid).map(|principal| caller::identity_arn(principal, account, partition)).collect()
}
