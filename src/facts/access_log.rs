//! `$.access_logs`: whether the buckets that receive access logs let S3 write them.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>

use super::fact::{Fact, title};
use super::{Scene, ownership, reference};
use crate::finding::Label;
use crate::iam::caller::Requester;
use crate::iam::decide::Question;
use crate::iam::resource::{Scope, Target};
use crate::iam::verdict::{self, Verdict};
use crate::inventory::LogReceiver;
use crate::link::LinkedBucket;
use crate::source::Span;
use crate::syntax::node::Node;
use crate::text::Text;
use std::collections::BTreeMap;

/// The service that writes access logs.
const LOGGING: &str = "logging.s3.amazonaws.com";

/// One fact for each bucket in scope whose access logs go to a bucket of the linted files, where that is named.
pub(super) fn facts(scene: &Scene<'_>) -> Vec<Node> {
    let by_span: BTreeMap<Span, &LinkedBucket> = scene.buckets.iter().map(|bucket| (bucket.span, bucket)).collect();
    let each = scene.inventory.log_receivers.iter().filter_map(|receiver| {
        let source = by_span.get(&receiver.from).filter(|bucket| bucket.in_scope && scene.asks(bucket.file))?;
        let target = scene.index.named(&receiver.bucket).find(|target| target.declared.is_some())?;
        Some(fact(scene, receiver, source, target))
    });
    each.collect()
}

fn fact(scene: &Scene<'_>, receiver: &LogReceiver, source: &LinkedBucket, target: &LinkedBucket) -> Node {
    let verdict = verdict(scene, receiver, source, target);
    let arn = target.target.arn();
    let prefix = receiver.prefix.as_ref().map(ToString::to_string).unwrap_or_default();
    Fact::at(receiver.named)
        .bucket(source)
        .text("receiver", title(&target.reference))
        .text("service", LOGGING)
        .text("files", format!("{arn}/{prefix}*"))
        .text("verdict", verdict.word())
        .related([Label { span: target.span, message: "this bucket receives the logs".into() }])
        .node()
}

/// What the receiver's policies make of a log file; open where its ACL may let the service write, or a policy is not seen.
fn verdict(scene: &Scene<'_>, receiver: &LogReceiver, source: &LinkedBucket, target: &LinkedBucket) -> Verdict {
    let by_acl = !["BucketOwnerEnforced", "missing"].contains(&ownership::word(scene, target).as_str());
    let unseen = target.policies.is_empty()
        && (!target.possible.is_empty() || !target.opaque.is_empty() || reference::hides(scene, target));
    if by_acl || unseen {
        return Verdict::Unresolved;
    }
    let documents: Vec<_> = target.policies.iter().map(|&at| &scene.inventory.policies[at].document).collect();
    let text = |known: String| Text::known(target.span, known);
    let mut name = text(format!("arn:{}:s3:::", target.target.partition));
    name.push(&target.target.name);
    name.push_str("/");
    if let Some(prefix) = &receiver.prefix {
        name.push(prefix);
    }
    // the name of the file
    name.push_str("2026-11-28-00-00-00-0123456789ABCDEF");
    let mut from = text(format!("arn:{}:s3:::", source.target.partition));
    from.push(&source.target.name);
    let mut requester = Requester::service(LOGGING);
    requester.carried.insert("aws:sourcearn".into(), vec![from]);
    let tests = documents.iter().flat_map(|document| &document.statements).flat_map(|statement| &statement.conditions);
    // the account is the bucket's own, whichever that is
    let owner = tests.filter(|test| test.key.eq_ignore_ascii_case("aws:SourceAccount")).flat_map(|test| &test.values).next();
    requester
        .carried
        .insert("aws:sourceaccount".into(), vec![owner.cloned().unwrap_or_else(|| text("${AWS::AccountId}".into()))]);
    let file = Target { name, partition: target.target.partition.clone() };
    let question = Question { policies: &documents, target: &file, requester: &requester };
    let decided = verdict::decide_as(&question, &["s3:PutObject".to_owned()], &|_| Scope::Named).pop();
    decided.map_or(Verdict::Unresolved, |decision| decision.verdict)
}
