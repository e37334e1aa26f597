//! Event notifications of buckets, and the topics they go to.

use super::{Inventory, followed_text};
use crate::cfn::document::policy_of;
use crate::cfn::doubt::Doubt;
use crate::cfn::resolve::Resolver;
use crate::cfn::sam::BucketEvent;
use crate::cfn::template::{Resource, Template};
use crate::iam::document::Document;
use crate::resolve::{Followed, Resolve, Unknown};
use crate::source::{FileId, Span};
use crate::syntax::node::Node;
use crate::syntax::parse::ProblemKind;
use crate::text::Text;
use smol_str::SmolStr;

/// Where events are sent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Destination {
    /// An SNS topic.
    Topic,
    /// An SQS queue.
    Queue,
    /// A Lambda function.
    Function,
    /// Amazon EventBridge, which gets every event.
    EventBridge,
}

/// One configured destination.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Where it is written.
    pub span: Span,
    /// What kind of destination.
    pub kind: Destination,
    /// Its ARN; EventBridge has none.
    pub to: Option<Text>,
    /// The event types, such as `s3:ObjectCreated:*`.
    pub events: Vec<Text>,
    /// Whether a filter leaves keys out.
    pub filtered: bool,
    /// Which keys it lets pass; `None` where that cannot be read.
    pub filter: Option<Filter>,
}

/// Which keys an entry is for; an empty text leaves none out.
#[derive(Clone, Debug)]
pub struct Filter {
    /// How they begin.
    pub prefix: Text,
    /// How they end.
    pub suffix: Text,
}

/// What one resource configures for a bucket. Deployment replaces all that the bucket has:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html>.
/// Whatever else writes such a configuration, as events of SAM functions do, belongs here too.
#[derive(Clone, Debug)]
pub struct Notifications {
    /// The file it is in.
    pub file: FileId,
    /// Where the configuration is written.
    pub span: Span,
    /// The bucket's name.
    pub bucket: Text,
    /// The destinations.
    pub entries: Vec<Notification>,
    /// What of it cannot be known.
    pub unknown: Vec<Unknown>,
    /// What keeps from knowing whether it is there.
    pub doubts: Vec<Doubt>,
}

/// An `AWS::SNS::Topic`.
#[derive(Clone, Debug)]
pub struct Topic {
    /// The file that declares it.
    pub file: FileId,
    /// Its logical ID.
    pub logical_id: SmolStr,
    /// Where the logical ID is written.
    pub span: Span,
    /// Its ARN.
    pub arn: Text,
    /// `KmsMasterKeyId`, where it is encrypted.
    pub key: Option<Text>,
    /// What keeps from knowing whether it is there.
    pub doubts: Vec<Doubt>,
}

/// An `AWS::SNS::TopicPolicy`, or an `AWS::SNS::TopicInlinePolicy`, which is the policy of one topic:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sns-topicinlinepolicy.html>.
#[derive(Clone, Debug)]
pub struct TopicPolicy {
    /// The ARNs of its topics.
    pub topics: Vec<Text>,
    /// The statements.
    pub document: Document,
    /// Whether the document is a string that cannot be parsed.
    pub unparsed: bool,
    /// What keeps from knowing whether it is there.
    pub doubts: Vec<Doubt>,
}

/// The lists of a configuration with the key of their destinations.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-s3-bucket-notificationconfiguration.html>
const LISTS: [(&str, Destination, [&str; 2]); 4] = [
    ("TopicConfigurations", Destination::Topic, ["Topic", "TopicArn"]),
    ("QueueConfigurations", Destination::Queue, ["Queue", "QueueArn"]),
    ("LambdaConfigurations", Destination::Function, ["Function", "LambdaFunctionArn"]),
    ("LambdaFunctionConfigurations", Destination::Function, ["Function", "LambdaFunctionArn"]),
];

impl Inventory {
    /// The `NotificationConfiguration` of a bucket, or of CDK's `Custom::S3BucketNotifications`, which is written as in
    /// the S3 API.
    pub(super) fn notifications(
        &mut self,
        template: &Template<'_>,
        resolver: &Resolver<'_>,
        resource: Resource<'_>,
        bucket: Text,
    ) {
        let Some(followed) = resource.properties().and_then(|all| resolver.member(all, "NotificationConfiguration")) else {
            return;
        };
        let mut read = Reader::new(resolver);
        let span = match followed {
            Followed::Node(node) => {
                read.configuration(node);
                node.span
            }
            Followed::Unknown(unknown) => {
                read.unknown.push(unknown.clone());
                unknown.at
            }
            Followed::Absent => return,
        };
        self.notifications.push(Notifications {
            file: template.file,
            span,
            bucket,
            entries: read.entries,
            unknown: read.unknown,
            doubts: resolver.doubts(&resource),
        });
    }

    /// An S3 event of a SAM function: it becomes part of what its bucket configures.
    pub(super) fn event(&mut self, template: &Template<'_>, event: BucketEvent) {
        let entry = Notification {
            span: event.span,
            kind: Destination::Function,
            to: None,
            events: Vec::new(),
            filtered: false,
            filter: None,
        };
        let mut own = self.notifications.iter_mut().filter(|one| one.file == template.file);
        match own.find(|one| one.bucket == event.bucket) {
            Some(one) => one.entries.push(entry),
            None => self.notifications.push(Notifications {
                file: template.file,
                span: event.span,
                bucket: event.bucket,
                entries: vec![entry],
                unknown: Vec::new(),
                doubts: Vec::new(),
            }),
        }
    }

    pub(super) fn topic(&mut self, template: &Template<'_>, resolver: &Resolver<'_>, resource: Resource<'_>) {
        let (id, span) = (resource.id.text.clone(), resource.id.span);
        let arn = resolver.attribute(&id, "TopicArn", span);
        let key = resource.properties().and_then(|all| resolver.member(all, "KmsMasterKeyId"));
        let key = key.map(|key| followed_text(resolver, key));
        self.topics.push(Topic { file: template.file, logical_id: id, span, arn, key, doubts: resolver.doubts(&resource) });
    }

    pub(super) fn topic_policy(&mut self, resolver: &Resolver<'_>, resource: Resource<'_>, source: &str) {
        let Some(topics) = resource.property("Topics").or_else(|| resource.property("TopicArn")) else { return };
        let Some((document, problems)) = policy_of(resource, "PolicyDocument", resolver, source) else { return };
        let unparsed = problems.iter().any(|problem| problem.kind == ProblemKind::Syntax);
        self.problems.extend(problems);
        let (topics, doubts) = (resolver.texts(topics).0, resolver.doubts(&resource));
        self.topic_policies.push(TopicPolicy { topics, document, unparsed, doubts });
    }
}

/// Reads a configuration as the S3 API and CloudFormation write it.
pub(super) struct Reader<'r> {
    resolver: &'r dyn Resolve,
    pub(super) entries: Vec<Notification>,
    pub(super) unknown: Vec<Unknown>,
}

impl<'r> Reader<'r> {
    pub(super) fn new(resolver: &'r dyn Resolve) -> Self {
        Self { resolver, entries: Vec::new(), unknown: Vec::new() }
    }

    pub(super) fn configuration(&mut self, node: &Node) {
        let resolver = self.resolver;
        for (list, kind, target) in LISTS {
            for item in node.get(list).map(|list| resolver.list(list)).unwrap_or_default() {
                match item {
                    Followed::Node(item) => self.entries.push(entry(resolver, item, kind, target)),
                    Followed::Unknown(unknown) => self.unknown.push(unknown),
                    Followed::Absent => {}
                }
            }
        }
        match resolver.member(node, "EventBridgeConfiguration") {
            Some(Followed::Node(bridge)) => {
                // the API's form has no switch: to be there is to be on
                let switch = resolver.member(bridge, "EventBridgeEnabled").map(|value| followed_text(resolver, value));
                if switch.is_none_or(|switch| switch.as_known() != Some("false")) {
                    let (kind, events) = (Destination::EventBridge, Vec::new());
                    self.entries.push(Notification { span: bridge.span, kind, to: None, events, filtered: false, filter: None });
                }
            }
            Some(Followed::Unknown(unknown)) => self.unknown.push(unknown),
            Some(Followed::Absent) | None => {}
        }
    }
}

fn entry(resolver: &dyn Resolve, item: &Node, kind: Destination, target: [&str; 2]) -> Notification {
    let to = target.iter().find_map(|key| resolver.member(item, key)).map(|value| followed_text(resolver, value));
    let events = ["Event", "Events"].iter().filter_map(|key| item.get(key)).flat_map(|node| resolver.texts(node).0).collect();
    let filtered = match resolver.member(item, "Filter") {
        Some(Followed::Node(filter)) => !filter.entries().is_empty(),
        other => other.is_some(),
    };
    Notification { span: item.span, kind, to, events, filtered, filter: filter(resolver, item) }
}

/// The rules on keys, as CloudFormation (`S3Key`, `Rules`) and the API (`Key`, `FilterRules`) write them.
fn filter(resolver: &dyn Resolve, item: &Node) -> Option<Filter> {
    let empty = Text::known(item.span, "");
    let mut out = Filter { prefix: empty.clone(), suffix: empty };
    let Some(filter) = resolver.member(item, "Filter").map(known) else { return Some(out) };
    let filter = filter?;
    let Some(keys) = ["S3Key", "Key"].iter().find_map(|name| resolver.member(filter, name)).map(known) else { return Some(out) };
    for rule in ["Rules", "FilterRules"].iter().filter_map(|name| keys?.get(name)).flat_map(|rules| resolver.list(rules)) {
        let rule = known(rule)?;
        let text = |name: &str| resolver.member(rule, name).map(|value| followed_text(resolver, value));
        match text("Name")?.as_known()?.to_ascii_lowercase().as_str() {
            "prefix" => out.prefix = text("Value")?,
            "suffix" => out.suffix = text("Value")?,
            _ => return None,
        }
    }
    keys.map(|_| out)
}

fn known(followed: Followed<'_>) -> Option<&Node> {
    match followed {
        Followed::Node(node) => Some(node),
        Followed::Unknown(_) | Followed::Absent => None,
    }
}
