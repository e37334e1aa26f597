//! Conditions on the ACL of an upload, which a bucket without ACLs cannot meet:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>.

use super::fact::Fact;
use super::policy::{about, judged};
use super::{Scene, ownership};
use crate::iam::action;
use crate::iam::document::{Effect, Statement, Test};
use crate::iam::operator::{Base, Operator};
use crate::iam::wildcard::{self, Case};
use crate::link::LinkedBucket;
use crate::syntax::node::Node;

/// The one ACL that an upload to a bucket without ACLs may carry.
const ACCEPTED: &str = "bucket-owner-full-control";

/// `$.acl_conditions`: one for each condition on `s3:x-amz-acl`, where it is written.
pub(super) fn facts(scene: &Scene<'_>) -> Vec<Node> {
    let mut out = Vec::new();
    for (policy, owner, in_scope) in judged(scene) {
        let owned = owner.map_or_else(|| "unknown".into(), |bucket| ownership::word(scene, bucket));
        for statement in &policy.document.statements {
            for test in statement.conditions.iter().filter(|test| is_acl(test)) {
                let values: Vec<String> = test.values.iter().map(ToString::to_string).collect();
                let fact = about(Fact::at(test.span), owner, in_scope)
                    .text("statement", statement.title())
                    .text("values", values.join(" or "))
                    .text("ownership", owned.as_str())
                    .flag("shuts_out", shuts_out(statement, test));
                out.push(fact.node());
            }
        }
    }
    out
}

/// Whether a condition on ACLs in `statement` is why nothing can be uploaded to `bucket`.
pub(super) fn explains(scene: &Scene<'_>, bucket: &LinkedBucket, statement: &Statement, wanted: &str) -> bool {
    let acls = || statement.conditions.iter().filter(|test| is_acl(test));
    wanted == "s3:PutObject"
        && ownership::word(scene, bucket) == "BucketOwnerEnforced"
        && acls().any(|test| shuts_out(statement, test))
}

fn is_acl(test: &Test) -> bool {
    test.key.eq_ignore_ascii_case("s3:x-amz-acl")
}

/// Whether a statement lets no upload pass but those with ACLs that such a bucket refuses: an Allow that asks for one, or a
/// Deny of all that lack one.
fn shuts_out(statement: &Statement, test: &Test) -> bool {
    let Some(operator) = Operator::parse(&test.operator) else { return false };
    let puts = statement.actions.items.iter().filter_map(|item| item.as_known());
    let puts = puts.into_iter().any(|pattern| action::matches(pattern, "s3:PutObject")) != statement.actions.not;
    let case = if operator.base == Base::StringEqualsIgnoreCase { Case::Insensitive } else { Case::Sensitive };
    let accepts = |known: &str| match operator.base {
        Base::StringLike => wildcard::matches(known, ACCEPTED, Case::Sensitive),
        _ if case == Case::Insensitive => known.eq_ignore_ascii_case(ACCEPTED),
        _ => known == ACCEPTED,
    };
    let compares = matches!(operator.base, Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike);
    let other = test.values.iter().all(|value| value.as_known().is_some_and(|known| !accepts(known)));
    let shuts = match statement.effect {
        Some(Effect::Allow) => !operator.negated && !operator.if_exists,
        // an upload without the header meets the negated test as well
        Some(Effect::Deny) => operator.negated && statement.conditions.len() == 1,
        None => false,
    };
    puts && compares && other && shuts && !test.values.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::read;
    use crate::resolve::Plain;

    #[test]
    fn acls_that_no_upload_may_carry_shut_everybody_out() {
        for (effect, test, expected) in [
            ("Allow", r#""StringEquals": {"s3:x-amz-acl": "public-read"}"#, true),
            ("Allow", r#""StringEquals": {"s3:x-amz-acl": ["public-read", "bucket-owner-full-control"]}"#, false),
            ("Allow", r#""StringEquals": {"S3:X-Amz-Acl": "bucket-owner-full-control"}"#, false),
            ("Allow", r#""StringLike": {"s3:x-amz-acl": "bucket-owner-*"}"#, false),
            ("Allow", r#""StringLike": {"s3:x-amz-acl": "public-*"}"#, true),
            ("Allow", r#""StringEqualsIfExists": {"s3:x-amz-acl": "public-read"}"#, false),
            ("Allow", r#""StringNotEquals": {"s3:x-amz-acl": "public-read"}"#, false),
            ("Deny", r#""StringEquals": {"s3:x-amz-acl": "public-read"}"#, false),
            ("Deny", r#""StringNotEquals": {"s3:x-amz-acl": "log-delivery-write"}"#, true),
            ("Deny", r#""StringNotEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}"#, false),
        ] {
            let json = format!(
                r#"{{"Statement": {{"Effect": "{effect}", "Principal": "*", "Action": "s3:Put*", "Resource": "*",
                    "Condition": {{{test}}}}}}}"#
            );
            let document = read::document(&crate::syntax::testing::tree(&json), &Plain);
            let statement = &document.statements[0];
            assert_eq!(shuts_out(statement, &statement.conditions[0]), expected, "{effect} {test}");
        }
    }
}
