//! Policies that may be for a bucket which has none: what they would grant, were they its own.

use super::fact::{Fact, title};
use super::{Scene, role};
use crate::finding::Label;
use crate::iam::caller::Requester;
use crate::iam::decide::Question;
use crate::iam::resource::Target;
use crate::iam::verdict::Verdict;
use crate::inventory::Policy;
use crate::link::{LinkedBucket, partition_of};
use crate::source::Span;
use crate::syntax::node::Node;
use crate::text::Text;
use smol_str::SmolStr;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The policies that some bucket in scope may have.
pub(super) struct Possible<'a> {
    scene: &'a Scene<'a>,
    /// The actions that each grants, or may grant, to each of the requesters, on the bucket it is for.
    grants: BTreeMap<usize, Vec<Rc<BTreeSet<String>>>>,
    /// What was asked of other buckets and requesters.
    asked: RefCell<BTreeMap<Asked, Rc<BTreeSet<String>>>>,
}

/// A policy, the name and partition of a bucket, an account, and whether ACLs are off there.
type Asked = (usize, Text, SmolStr, String, bool);

impl<'a> Possible<'a> {
    pub(super) fn of(scene: &'a Scene<'a>) -> Self {
        let in_scope = scene.asked().filter(|bucket| bucket.in_scope);
        let all: BTreeSet<usize> = in_scope.flat_map(|bucket| bucket.possible.iter().copied()).collect();
        let each = |at: usize| {
            let policy = &scene.inventory.policies[at];
            let partition = partition_of(std::iter::once(&policy.document));
            let target = Target { name: policy.bucket.clone().unwrap_or_default(), partition };
            scene.requesters.iter().map(|one| granted(scene, policy, &target, one).into()).collect()
        };
        let named = all.into_iter().filter(|at| scene.inventory.policies[*at].bucket.is_some());
        Self { scene, grants: named.map(|at| (at, each(at))).collect(), asked: RefCell::default() }
    }

    /// The actions that a policy would grant to `requester`, were it the bucket's.
    fn of_bucket(&self, bucket: &LinkedBucket, at: usize, requester: &Requester) -> Rc<BTreeSet<String>> {
        let known = self.scene.requesters.iter().position(|one| std::ptr::eq(one, requester));
        let known = self.grants.get(&at).zip(known).and_then(|(all, number)| all.get(number));
        if let Some(known) = known {
            return Rc::clone(known);
        }
        // a policy that does not say which bucket it is for may say what its statements are about
        let Target { name, partition } = &bucket.target;
        let key = (at, name.clone(), partition.clone(), requester.account.clone(), requester.acls_off);
        let granted = || granted(self.scene, &self.scene.inventory.policies[at], &bucket.target, requester).into();
        Rc::clone(self.asked.borrow_mut().entry(key).or_insert_with(granted))
    }

    /// Where a policy stands that would grant `action` on the bucket, were it its own, and why that is not known.
    pub(super) fn grants(&self, bucket: &LinkedBucket, requester: &Requester, action: &str) -> Option<(Span, String)> {
        let grants = |at: &usize| self.of_bucket(bucket, *at, requester).contains(action);
        let at = bucket.possible.iter().copied().find(grants)?;
        let policy = &self.scene.inventory.policies[at];
        Some((place(policy), may_be_for(policy, bucket)))
    }

    /// `$.possible_policies`: one for each bucket in scope and each policy that leaves open what is granted on it.
    pub(super) fn facts(&self) -> Vec<Node> {
        let in_scope = self.scene.asked().filter(|bucket| bucket.in_scope);
        let all = in_scope.flat_map(|bucket| bucket.possible.iter().map(move |&at| (bucket, at)));
        let opens = |(bucket, at): &(&LinkedBucket, usize)| {
            let policy = &self.scene.inventory.policies[*at];
            // that it names none is told there
            let told = policy.bucket.is_none() && policy.misnamed.is_some();
            !told && self.scene.requesters.iter().any(|requester| !self.of_bucket(bucket, *at, requester).is_empty())
        };
        let fact = |(bucket, at): (&LinkedBucket, usize)| {
            let policy = &self.scene.inventory.policies[at];
            let declared = Label { span: bucket.span, message: format!("it may be for bucket {}", title(&bucket.reference)) };
            let fact = Fact::at(place(policy)).bucket(bucket);
            fact.text("reason", may_be_for(policy, bucket)).related([declared]).node()
        };
        all.filter(opens).map(fact).collect()
    }
}

/// Where the bucket of a policy is written.
pub(super) fn place(policy: &Policy) -> Span {
    policy.bucket.as_ref().map_or(policy.span, |name| name.span)
}

/// The actions that a policy grants, or may grant, where it is `target`'s.
fn granted(scene: &Scene<'_>, policy: &Policy, target: &Target, requester: &Requester) -> BTreeSet<String> {
    let decisions = role::decide(scene.profile, &Question { policies: &[&policy.document], target, requester });
    let lets_in = |verdict| matches!(verdict, Verdict::Granted | Verdict::Conditional | Verdict::Unresolved);
    decisions.into_iter().filter(|one| lets_in(one.verdict)).map(|one| one.action).collect()
}

/// Why a policy may be a bucket's, and may not.
fn may_be_for(policy: &Policy, bucket: &LinkedBucket) -> String {
    let why = |name: &Text| name.symbols().next().map(|symbol| format!(": {}", symbol.why)).unwrap_or_default();
    match &policy.bucket {
        None => "it does not say which bucket it is for".into(),
        Some(name) if name.as_known().is_some() => {
            format!("the name of bucket {} is not known{}", title(&bucket.reference), why(&bucket.target.name))
        }
        Some(name) => format!("its bucket (`{name}`) is not known{}", why(name)),
    }
}
