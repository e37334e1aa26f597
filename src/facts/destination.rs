//! `$.destinations`: entries of notification configurations that S3 refuses.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>

use super::Scene;
use super::fact::{Fact, title};
use crate::finding::Label;
use crate::inventory::{Destination, Filter, Notification, Notifications, Topic};
use crate::link::LinkedBucket;
use crate::source::Span;
use crate::syntax::node::Node;
use crate::text::Text;
use std::collections::BTreeMap;

/// The key that AWS manages for SNS, whose policy admits no service:
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>.
const MANAGED: &str = "alias/aws/sns";

/// One fact for each, of all configurations of buckets in scope.
pub(super) fn facts(scene: &Scene<'_>, configured: &[(&LinkedBucket, &Notifications)]) -> Vec<Node> {
    let topics: BTreeMap<String, &Topic> = scene.inventory.topics.iter().map(|topic| (topic.arn.to_string(), topic)).collect();
    let mut out: Vec<Node> = Vec::new();
    for (bucket, one) in configured.iter().filter(|(bucket, one)| bucket.in_scope && scene.asks(one.file)) {
        out.extend(overlaps(bucket, &one.entries));
        out.extend(elsewhere(scene, bucket, &one.entries));
        out.extend(managed(bucket, &one.entries, &topics));
    }
    out
}

fn fact(bucket: &LinkedBucket, span: Span, kind: &str, message: String, fix: &str, related: Vec<Label>) -> Node {
    Fact::at(span).bucket(bucket).text("kind", kind).text("message", message).text("fix", fix).related(related).node()
}

/// Two entries that would both take an event.
fn overlaps(bucket: &LinkedBucket, entries: &[Notification]) -> Option<Node> {
    let pairs = entries.iter().enumerate().flat_map(|(at, second)| entries[..at].iter().map(move |first| (first, second)));
    pairs.filter(|(first, second)| keys_overlap(first.filter.as_ref(), second.filter.as_ref())).find_map(|(first, second)| {
        let event = common(&first.events, &second.events)?;
        let message =
            format!("two entries of the notification configuration of {} overlap for {event}", title(&bucket.reference));
        let fix = "let their prefixes or suffixes exclude each other, or join them into one, whose topic passes the events on";
        let other = Label { span: first.span, message: "this one takes the same events".into() };
        Some(fact(bucket, second.span, "overlap", message, fix, vec![other]))
    })
}

/// Whether some key passes both: of the two prefixes one begins with the other, and of the suffixes one ends with the other.
fn keys_overlap(first: Option<&Filter>, second: Option<&Filter>) -> bool {
    let (Some(first), Some(second)) = (first, second) else { return false };
    let both = |one: &Text, two: &Text, within: fn(&str, &str) -> bool| match (one.as_known(), two.as_known()) {
        (Some(one), Some(two)) => within(one, two) || within(two, one),
        _ => one.as_known() == Some("") || two.as_known() == Some("") || one == two,
    };
    both(&first.prefix, &second.prefix, |long, short| long.starts_with(short))
        && both(&first.suffix, &second.suffix, |long, short| long.ends_with(short))
}

/// The narrower of two types of events that take the same.
fn common<'t>(first: &'t [Text], second: &'t [Text]) -> Option<&'t str> {
    let takes = |wide: &str, narrow: &str| wide == narrow || wide.strip_suffix('*').is_some_and(|kind| narrow.starts_with(kind));
    let pairs = first.iter().flat_map(|one| second.iter().map(move |two| (one, two)));
    pairs.filter_map(|(one, two)| Some((one.as_known()?, two.as_known()?))).find_map(|(one, two)| {
        match (takes(one, two), takes(two, one)) {
            (true, _) => Some(two),
            (false, true) => Some(one),
            (false, false) => None,
        }
    })
}

/// Destinations in another Region than the bucket's, each once.
fn elsewhere(scene: &Scene<'_>, bucket: &LinkedBucket, entries: &[Notification]) -> Vec<Node> {
    let regions = bucket.declared.map(|at| &scene.inventory.buckets[at].place.regions).filter(|regions| !regions.is_empty());
    let Some(regions) = regions else { return Vec::new() };
    let mut told: BTreeMap<&str, (&Text, &str, Vec<Label>)> = BTreeMap::new();
    for to in entries.iter().filter_map(|entry| entry.to.as_ref()) {
        let Some(known) = to.as_known() else { continue };
        let Some(region) = known.split(':').nth(3).filter(|region| !region.is_empty() && !regions.contains(*region)) else {
            continue;
        };
        let label = Label { span: to.span, message: "it is named here too".into() };
        told.entry(known).and_modify(|(.., others)| others.push(label)).or_insert((to, region, Vec::new()));
    }
    let own: Vec<&str> = regions.iter().map(|region| region.as_str()).collect();
    let each = told.into_values().map(|(to, region, others)| {
        let message = format!("`{to}` is in {region}, and bucket {} in {}", title(&bucket.reference), own.join(", "));
        fact(bucket, to.span, "region", message, "send to one in the bucket's Region, which may pass the events on", others)
    });
    each.collect()
}

/// A topic that S3 cannot publish to for its key.
fn managed(bucket: &LinkedBucket, entries: &[Notification], topics: &BTreeMap<String, &Topic>) -> Option<Node> {
    let sent = entries.iter().filter(|entry| entry.kind == Destination::Topic).filter_map(|entry| entry.to.as_ref());
    sent.filter_map(|to| Some((to, *topics.get(&to.to_string()).filter(|topic| topic.arn == *to)?))).find_map(|(to, topic)| {
        let key = topic.key.as_ref().filter(|key| key.as_known().is_some_and(|known| known.ends_with(MANAGED)))?;
        let message =
            format!("topic {} is encrypted with {MANAGED}, which S3 cannot use, so it gets no events", topic.logical_id);
        let fix = "take a key of your own whose policy allows s3.amazonaws.com kms:GenerateDataKey and kms:Decrypt, or none";
        let user = Label { span: to.span, message: format!("bucket {} sends to it", title(&bucket.reference)) };
        Some(fact(bucket, key.span, "key", message, fix, vec![user]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(known: &str) -> Text {
        Text::known(Span::default(), known)
    }

    #[test]
    fn filters_that_let_a_key_pass_both() {
        let filter = |(prefix, suffix): (&str, &str)| Filter { prefix: text(prefix), suffix: text(suffix) };
        for (one, two, expected) in [
            (("", ""), ("in/", ""), true),
            (("in/", ""), ("in/raw/", ".csv"), true),
            (("in/", ""), ("out/", ""), false),
            (("", ".csv"), ("", ".json"), false),
            (("", ".csv.gz"), ("", ".gz"), true),
            (("in/", ".csv"), ("in/", ".json"), false),
        ] {
            assert_eq!(keys_overlap(Some(&filter(one)), Some(&filter(two))), expected, "{one:?} {two:?}");
            assert_eq!(keys_overlap(Some(&filter(two)), Some(&filter(one))), expected, "{two:?} {one:?}");
        }
        assert!(!keys_overlap(None, Some(&filter(("", "")))));
    }

    #[test]
    fn types_of_events_that_take_the_same() {
        for (one, two, expected) in [
            ("s3:ObjectCreated:*", "s3:ObjectCreated:Put", Some("s3:ObjectCreated:Put")),
            ("s3:ObjectCreated:Put", "s3:ObjectCreated:*", Some("s3:ObjectCreated:Put")),
            ("s3:ObjectCreated:Put", "s3:ObjectCreated:Put", Some("s3:ObjectCreated:Put")),
            ("s3:ObjectCreated:*", "s3:ObjectRemoved:*", None),
            ("s3:ObjectCreated:Put", "s3:ObjectCreated:Post", None),
        ] {
            assert_eq!(common(&[text(one)], &[text(two)]), expected, "{one} {two}");
        }
    }
}
