//! Buckets in the account that asks: within one account its own policies are enough, and a bucket policy can only take away.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use super::Scene;
use super::fact::title;
use crate::iam::document::{Document, Effect, List, Statement};
use crate::iam::principal;
use crate::link::LinkedBucket;
use crate::text::Text;

/// Whether a bucket is deployed to `account`, and to no other.
pub(super) fn is_in(scene: &Scene<'_>, bucket: &LinkedBucket, account: &str) -> bool {
    let place = bucket.declared.map(|at| &scene.inventory.buckets[at].place);
    place.and_then(|place| place.account()).is_some_and(|own| own == account)
}

/// What is taken for granted of such a bucket.
pub(super) fn assumption(bucket: &LinkedBucket, account: &str) -> String {
    format!("the roles of {account} may use {} by their own policies, as it is in that account", title(&bucket.reference))
}

/// A policy that allows `account` all of `actions` on a bucket and its objects.
pub(super) fn allowing(bucket: &LinkedBucket, account: &str, actions: &[String]) -> Document {
    let at = bucket.span;
    let text = |known: &str| Text::known(at, known);
    let statement = Statement {
        span: at,
        number: 1,
        variables: true,
        sid: None,
        effect: Some(Effect::Allow),
        not_principal: false,
        principal_span: None,
        principals: vec![principal::aws(text(account))],
        actions: List { not: false, span: None, items: actions.iter().map(|action| text(action)).collect() },
        resources: List { not: false, span: None, items: vec![text("*")] },
        conditions: Vec::new(),
        condition_span: None,
        unknown: Vec::new(),
        faulty: false,
    };
    Document { span: at, statements: vec![statement], ..Document::default() }
}
