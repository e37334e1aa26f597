//! Copies of objects that have tags need more than reading and writing:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>.

use super::Scene;
use super::access::statement;
use super::fact::{Fact, title};
use crate::finding::Label;
use crate::iam::caller::Requester;
use crate::iam::decide::Question;
use crate::iam::verdict::{self, Decision, Verdict};
use crate::link::LinkedBucket;
use crate::paste::Style;
use crate::source::Span;
use crate::syntax::node::Node;
use serde_json::json;

/// The actions on tags that a copy takes, of its source and of its target.
const TAGGING: [&str; 2] = ["s3:GetObjectTagging", "s3:PutObjectTagging"];

/// `$.tagging`: at most one for a bucket and a control account that may read and write its objects but not their tags, where
/// something shows that objects have tags.
pub(super) fn fact(scene: &Scene<'_>, bucket: &LinkedBucket, requester: &Requester, decisions: &[Decision]) -> Option<Node> {
    let granted = |decisions: &[Decision], name: &str| {
        decisions.iter().find(|one| one.action == name && one.verdict == Verdict::Granted).cloned()
    };
    let (read, write) = (granted(decisions, "s3:GetObject")?, granted(decisions, "s3:PutObject")?);
    if scene.profile.actions.iter().any(|action| TAGGING.contains(&action.as_str())) {
        return None;
    }
    let (evidence, told) = evidence(scene, bucket)?;
    let documents: Vec<_> = bucket.policies.iter().map(|&at| &scene.inventory.policies[at].document).collect();
    let question = Question { policies: &documents, target: &bucket.target, requester };
    let decided = verdict::decide(&question, &TAGGING.map(str::to_owned));
    let missing: Vec<&str> = TAGGING.into_iter().filter(|name| granted(&decided, name).is_none()).collect();
    if missing.is_empty() || decided.iter().any(|one| one.verdict == Verdict::Unresolved) {
        return None;
    }
    let cause = write.cause.or(read.cause)?;
    let place = statement(documents[cause.policy], cause.statement)?;
    let span = place.actions.span.unwrap_or(place.span);
    let items: Vec<_> = missing.iter().map(|name| json!(name)).collect();
    let style = Style::of(scene.sources.get(span.file));
    let added = style.extended("Action", &items, span);
    let fact = Fact::at(span)
        .bucket(bucket)
        .text("account", requester.account.as_str())
        .text("principal", format!("arn:{}:iam::{}:root", bucket.target.partition, requester.account))
        .text("statement", place.title())
        .text("needs", missing.join(" and "))
        .texts("actions", missing)
        .text("how", format!("{}:", added.how))
        .text("paste", added.text.as_str())
        .fix(added.fix())
        .related([Label { span: evidence, message: format!("{told} in {}", title(&bucket.reference)) }]);
    Some(fact.node())
}

/// What shows that objects of the bucket have tags.
fn evidence(scene: &Scene<'_>, bucket: &LinkedBucket) -> Option<(Span, &'static str)> {
    let filter = bucket.declared.and_then(|at| scene.inventory.buckets[at].tag_filter);
    let documents = bucket.policies.iter().map(|&at| &scene.inventory.policies[at].document);
    let mut statements = documents.flat_map(|document| &document.statements);
    let by_policy = statements.find_map(|statement| {
        let tests = statement.conditions.iter().map(|test| (test.key.to_ascii_lowercase(), test.span));
        let tags = |key: &str| key.starts_with("s3:existingobjecttag/") || key.starts_with("s3:requestobjecttag");
        let tested = tests.into_iter().find(|(key, _)| tags(key)).map(|(_, span)| (span, "this tests objects' tags"));
        let named = statement.actions.items.iter().filter_map(|item| Some((item.as_known()?, item.span)));
        // a value with a star is about more than tags
        let exact = named.into_iter().find(|(text, _)| TAGGING.iter().any(|name| name.eq_ignore_ascii_case(text)));
        tested.or(exact.map(|(_, span)| (span, "this is about objects' tags")))
    });
    filter.map(|span| (span, "this chooses objects by their tags")).or(by_policy)
}
