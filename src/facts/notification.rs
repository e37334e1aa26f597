//! Facts about event notifications: what buckets configure themselves, and what the policies of their topics allow.

use super::Scene;
use super::fact::{Fact, title};
use super::grant::{Grant, uses};
use crate::iam::caller::Requester;
use crate::iam::resource::Target;
use crate::iam::sns::{self, TopicUse};
use crate::inventory::{Destination, Notification, Notifications, Topic, TopicPolicy};
use crate::link::LinkedBucket;
use crate::paste::{self, Style};
use crate::source::Span;
use crate::syntax::node::Node;
use crate::text::{SymbolKind, Text};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Every configuration with its bucket, one of the same file before those that are called like it elsewhere.
pub(super) fn configured<'a>(scene: &Scene<'a>) -> Vec<(&'a LinkedBucket, &'a Notifications)> {
    let all = scene.inventory.notifications.iter().flat_map(|one| {
        let named = || scene.index.named(&one.bucket);
        let near = named().any(|bucket| bucket.file == one.file);
        named().filter(move |bucket| !near || bucket.file == one.file).map(move |bucket| (bucket, one))
    });
    all.filter(|(_, one)| !one.entries.is_empty() || !one.unknown.is_empty()).collect()
}

/// `$.notifications`: one for each notification configuration of a bucket. `granted` are the buckets on which a control
/// account may do something.
pub(super) fn notifications(scene: &Scene<'_>, granted: &[&LinkedBucket]) -> Vec<Node> {
    let asked: BTreeSet<Span> = scene.asked().map(|bucket| bucket.span).collect();
    let configured = configured(scene).into_iter().filter(|(bucket, _)| asked.contains(&bucket.span));
    let each = configured.map(|(bucket, one)| {
        let mut kinds: Vec<Destination> = one.entries.iter().map(|entry| entry.kind).collect();
        kinds.sort();
        kinds.dedup();
        let unknown = unknown(one);
        Fact::at(one.entries.first().filter(|_| one.entries.len() == 1).map_or(one.span, |only| only.span))
            .bucket(bucket)
            .flag("granted", granted.iter().any(|one| one.span == bucket.span))
            .texts("destinations", kinds.iter().map(|kind| word(*kind)))
            .flag("eventbridge_only", kinds == [Destination::EventBridge])
            .flag("installs", scene.profile.installs)
            .flag("fits", scene.profile.reuses_topic && reusable(one).is_some())
            .flag("known", unknown.is_none())
            .maybe("reason", unknown)
            .text("profile", scene.profile.name.as_str())
            .node()
    });
    each.collect()
}

fn word(kind: Destination) -> &'static str {
    match kind {
        Destination::Topic => "an SNS topic",
        Destination::Queue => "an SQS queue",
        Destination::Function => "a Lambda function",
        Destination::EventBridge => "EventBridge",
    }
}

/// Why it is not known what a configuration sends where.
fn unknown(one: &Notifications) -> Option<String> {
    let stated = one.unknown.first().map(|unknown| unknown.why.to_string());
    let event = one.entries.iter().flat_map(|entry| &entry.events).flat_map(Text::symbols).next();
    stated.or_else(|| event.map(|symbol| symbol.why.to_string()))
}

/// The topic that gets every creation and every removal, unfiltered; other events than these do not matter.
fn reusable(one: &Notifications) -> Option<&Text> {
    let sends = |entry: &&Notification, event: &str| {
        !entry.filtered && entry.events.iter().any(|sent| matches!(sent.as_known(), Some(sent) if sent == event))
    };
    let topics = || one.entries.iter().filter(|entry| entry.kind == Destination::Topic);
    let created = topics().filter(|entry| sends(entry, "s3:ObjectCreated:*"));
    created
        .filter_map(|entry| entry.to.as_ref())
        .find(|to| topics().any(|entry| sends(&entry, "s3:ObjectRemoved:*") && entry.to.as_ref() == Some(to)))
}

/// A bucket that sends to a topic, and where that is written.
type Sender<'a> = (&'a LinkedBucket, &'a Notifications, Span);

/// `$.topics`: what the policies of each declared topic allow S3, and each control account that is to subscribe.
pub(super) fn topics(scene: &Scene<'_>) -> Vec<Node> {
    let configured = configured(scene);
    let asked = scene.inventory.topics.iter().filter(|topic| scene.asks(topic.file));
    asked.flat_map(|topic| topic_facts(scene, topic, &senders(topic, &configured))).collect()
}

fn senders<'a>(topic: &Topic, configured: &[(&'a LinkedBucket, &'a Notifications)]) -> Vec<Sender<'a>> {
    let in_scope = configured.iter().filter(|(bucket, _)| bucket.in_scope);
    let each = in_scope.filter_map(|(bucket, one)| {
        let to = one.entries.iter().filter_map(|entry| entry.to.as_ref()).find(|to| **to == topic.arn)?;
        Some((*bucket, *one, to.span))
    });
    each.collect()
}

fn topic_facts(scene: &Scene<'_>, topic: &Topic, senders: &[Sender<'_>]) -> Vec<Node> {
    let Some((first, ..)) = senders.first() else { return Vec::new() };
    let own = |policy: &&TopicPolicy| policy.topics.contains(&topic.arn);
    let policies: Vec<&TopicPolicy> = scene.inventory.topic_policies.iter().filter(own).collect();
    let documents: Vec<_> = policies.iter().map(|policy| &policy.document).collect();
    let target = Target { name: topic.arn.clone(), partition: first.target.partition.clone() };
    let asked = TopicUse { policies: &documents, topic: &target };
    let style = Style::of(scene.sources.get(topic.span.file));
    let grant = |principal: String, decisions| Grant {
        home: topic.span,
        told: uses,
        sources: scene.sources,
        style,
        documents: documents.clone(),
        unparsed: policies.iter().any(|policy| policy.unparsed),
        principal,
        decisions,
    };
    let id = topic.logical_id.as_str();
    let reused = |one: &Notifications| scene.profile.reuses_topic && reusable(one) == Some(&topic.arn);
    let subscribed = scene.profile.installs && !scene.profile.topic.is_empty() && senders.iter().any(|(_, one, _)| reused(one));
    let subscribers: Vec<(&Requester, String)> = scene
        .requesters
        .iter()
        .filter(|_| subscribed)
        .map(|one| (one, format!("arn:{}:iam::{}:root", target.partition, one.account)))
        .collect();
    let control = scene.requesters.first().map_or("", |requester| requester.account.as_str());
    let published = senders
        .iter()
        .filter_map(|(bucket, _, at)| Some((title(&bucket.reference), *at, asked.publishes(&bucket.target, control)?)));
    let shared = senders.iter().any(|(bucket, ..)| bucket.shared);
    let publish = grant(sns::S3.into(), published.collect());
    let mut out = publish.facts(
        |fact| fact.text("topic", id).flag("service", true).flag("shared", shared),
        |_| publishing(topic, first),
        |needed| {
            let others = subscribers.iter().map(|(_, principal)| subscribing(topic, principal, &scene.profile.topic));
            ("Resources", whole(&style, topic, std::iter::once(needed.clone()).chain(others).collect()))
        },
    );
    // a topic without a policy is one mistake, told with all that the policy needs
    for (requester, principal) in subscribers.iter().filter(|_| !policies.is_empty()) {
        let decided = senders.iter().filter(|(_, one, _)| reused(one)).flat_map(|(bucket, _, at)| {
            asked
                .allows(requester, &scene.profile.topic)
                .into_iter()
                .map(move |decision| (title(&bucket.reference), *at, decision))
        });
        let subscribe = grant(principal.clone(), decided.collect());
        out.extend(subscribe.facts(
            |fact| {
                let fact = fact.text("topic", id).flag("service", false).flag("shared", shared);
                fact.text("account", requester.account.as_str())
            },
            |actions| subscribing(topic, principal, actions),
            |needed| ("Resources", whole(&style, topic, vec![needed.clone()])),
        ));
    }
    out.into_iter().map(Fact::node).collect()
}

/// Lets S3 publish. The bucket cannot be referred to: it depends on its topic's policy.
fn publishing(topic: &Topic, bucket: &LinkedBucket) -> Json {
    let generated = bucket.target.name.symbols().any(|symbol| symbol.kind == SymbolKind::Generated);
    let arn = match (generated, bucket.target.name.as_known()) {
        (true, _) => json!("arn:*:s3:::*"),
        (_, Some(_)) => json!(bucket.target.arn()),
        _ => json!({ "Fn::Sub": bucket.target.arn() }),
    };
    json!({
        "Sid": "PublishBucketEvents",
        "Effect": "Allow",
        "Principal": { "Service": sns::S3 },
        "Action": "sns:Publish",
        "Resource": { "Ref": topic.logical_id.as_str() },
        "Condition": {
            "ArnLike": { "aws:SourceArn": arn },
            "StringEquals": { "aws:SourceAccount": { "Ref": "AWS::AccountId" } },
        },
    })
}

fn subscribing(topic: &Topic, principal: &str, actions: &[String]) -> Json {
    json!({
        "Sid": "CrossAccountSubscription",
        "Effect": "Allow",
        "Principal": { "AWS": principal },
        "Action": actions,
        "Resource": { "Ref": topic.logical_id.as_str() },
    })
}

/// A topic policy for a topic that has none.
fn whole(style: &Style<'_>, topic: &Topic, statements: Vec<Json>) -> String {
    let id = topic.logical_id.as_str();
    let properties = json!({ "Topics": [{ "Ref": id }], "PolicyDocument": paste::document(statements) });
    style.added(&format!("{id}Policy"), &json!({ "Type": "AWS::SNS::TopicPolicy", "Properties": properties }), topic.span, 0)
}
