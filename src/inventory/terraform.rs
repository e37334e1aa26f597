//! The models of what a root module of Terraform or OpenTofu deploys, from the tree that
//! [`Unit::node`](bucketlint_terraform::unit::Unit::node) makes of it.
//!
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs>

mod bucket;
mod receiver;
mod trail;

use super::{
    AccessPoint, Alias, Delivery, Destination, FileModel, Filter, FoundTrail, Inventory, Key, LogReceiver, Notification,
    Notifications, OpaqueResource, Policy, Topic, TopicPolicy, attached, key::unusable,
};
use crate::cfn::doubt::Doubt;
use crate::cfn::opaque::Opaque;
use crate::cfn::place::Place;
use crate::cfn::pseudo;
use crate::iam::document::{Document, Fault};
use crate::iam::read;
use crate::resolve::{Followed, Plain, Resolve, Unknown};
use crate::source::{FileId, Span};
use crate::syntax::node::{Node, Value};
use crate::syntax::parse::{Problem, ProblemKind};
use crate::text::Text;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// The types of resources that are read.
const TYPES: [&str; 25] = [
    "aws_s3_bucket",
    "aws_s3_bucket_versioning",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_acl",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_notification",
    "aws_s3_bucket_logging",
    "aws_s3_access_point",
    "aws_s3control_access_point_policy",
    "aws_kms_key",
    "aws_kms_replica_key",
    "aws_kms_external_key",
    "aws_kms_key_policy",
    "aws_kms_alias",
    "aws_cloudtrail",
    "aws_cloudtrail_event_data_store",
    "aws_sns_topic",
    "aws_sns_topic_policy",
    "aws_flow_log",
    "aws_lb",
    "aws_elb",
    "aws_cloudfront_distribution",
    "aws_config_delivery_channel",
];

/// Whether resources of this type are read.
pub fn is_read(kind: &str) -> bool {
    TYPES.contains(&kind)
}

/// A resource of the tree.
#[derive(Clone, Copy)]
struct Resource<'n> {
    file: FileId,
    node: &'n Node,
}

impl<'n> Resource<'n> {
    fn word(&self, key: &str) -> &'n str {
        self.node.get(key).and_then(Node::as_str).unwrap_or_default()
    }

    fn kind(&self) -> &'n str {
        self.word("kind")
    }

    fn address(&self) -> SmolStr {
        self.word("address").into()
    }

    /// Where its name is written.
    fn span(&self) -> Span {
        self.node.get("kind").map_or(self.node.span, |kind| kind.span)
    }

    fn argument(&self, name: &str) -> Option<&'n Node> {
        self.node.get("body")?.get(name)
    }

    fn text(&self, name: &str) -> Option<Text> {
        self.argument(name).map(|node| Plain.text(node))
    }

    /// Its name or ARN.
    fn own(&self, key: &str) -> Text {
        self.node.get(key).map(|node| Plain.text(node)).unwrap_or_else(|| Text::empty(self.span()))
    }

    /// The first block called `name`.
    fn block(&self, name: &str) -> Option<&'n Node> {
        first(self.argument(name)?)
    }

    /// The bucket that the resource is about.
    fn bucket(&self) -> Text {
        self.text("bucket").map(|bucket| attached::to(bucket).0).unwrap_or_default()
    }

    fn doubts(&self) -> Vec<Doubt> {
        let open = self.node.get("open").and_then(|open| Some((open.span, open.as_hidden()?.why.clone())));
        let about = |(at, why): (Span, SmolStr)| {
            // what hangs on the same value is there together
            let what = why.split_once(", as ").map_or(why.as_str(), |(_, what)| what).into();
            Doubt::about(self.file, what, Unknown { at, why })
        };
        open.map(about).into_iter().collect()
    }

    fn place(&self) -> Place {
        let known = |key: &str| -> BTreeSet<SmolStr> { self.own(key).as_known().map(SmolStr::from).into_iter().collect() };
        Place {
            home: Some((self.file, Some(self.word("provider").into()))),
            accounts: known("account"),
            regions: known("region"),
            ..Place::unknown()
        }
    }

    fn partition(&self) -> Option<SmolStr> {
        self.own("region").as_known().map(|region| pseudo::partition_of(region).into())
    }

    /// The policy document that it has as `policy`.
    fn document(&self, all: &Resources<'_>) -> Option<Document> {
        let node = self.argument("policy")?;
        // of what cannot be read nothing more is to be said
        let read = if all.spoil(node.span) { Document::default() } else { read::document(node, &Plain) };
        Some(Document { span: node.span, ..read })
    }
}

/// The first item of a list, unless how many there are is not known.
fn first(list: &Node) -> Option<&Node> {
    list.one_or_many().first()
}

/// A member of a block.
fn member(block: &Node, name: &str) -> Option<Text> {
    block.get(name).map(|node| Plain.text(node))
}

/// All resources of a tree, to be asked for what is about a bucket.
struct Resources<'n> {
    all: Vec<Resource<'n>>,
    /// Where files of the module cannot be read.
    lost: &'n [Node],
    /// Policies whose text cannot be read as JSON: what is wrong, where.
    problems: &'n [Node],
}

impl<'n> Resources<'n> {
    /// Whether the text of the policy at `span` cannot be read.
    fn spoil(&self, span: Span) -> bool {
        self.problems.iter().any(|problem| span.contains(problem.span))
    }

    fn of(&self, kind: &'static str) -> impl Iterator<Item = Resource<'n>> + '_ {
        self.all.iter().copied().filter(move |resource| resource.kind() == kind)
    }
}

/// The models of a root module.
pub(super) fn read_all(model: &FileModel) -> Inventory {
    let mut out = Inventory::default();
    let nodes = model.root.get("resources").map(Node::items).unwrap_or_default();
    let all = nodes.iter().map(|node| Resource { file: model.file, node }).collect();
    let list = |name: &str| model.root.get(name).map(Node::items).unwrap_or_default();
    let all = Resources { all, lost: list("lost"), problems: list("problems") };
    out.problems.extend(all.problems.iter().map(|node| Problem {
        span: node.span,
        kind: ProblemKind::Syntax,
        message: node.as_str().unwrap_or_default().to_owned(),
        related: None,
    }));
    for resource in &all.all {
        out.terraform(*resource, &all);
    }
    for call in list("unread") {
        out.unread_module(model.file, call);
    }
    out
}

impl Inventory {
    fn terraform(&mut self, resource: Resource<'_>, all: &Resources<'_>) {
        self.log_receivers.extend(receiver::read(resource));
        match resource.kind() {
            "aws_s3_bucket" => {
                self.buckets.push(bucket::read(resource, all));
                if let Some(document) = resource.document(all) {
                    let name = resource.own("name");
                    self.policies.push(policy(resource, Some(name), None, document, all));
                }
            }
            "aws_s3_bucket_policy" => {
                let (name, misnamed) = match resource.text("bucket") {
                    Some(name) => {
                        let (name, fault) = attached::to(name);
                        let fix = "write the name of the bucket, which is its `id`".to_owned();
                        (Some(name), fault.map(|fault| Fault { fix, ..fault }))
                    }
                    None => (None, None),
                };
                let document = resource.document(all).unwrap_or_default();
                self.policies.push(policy(resource, name, misnamed, document, all));
            }
            "aws_s3_bucket_notification" => self.notifications.push(notifications(resource)),
            "aws_s3_access_point" => {
                let own = [resource.own("arn"), resource.own("name")];
                let of = |policy: &Resource<'_>| policy.text("access_point_arn").is_some_and(|arn| own.contains(&arn));
                let apart = all.of("aws_s3control_access_point_policy").find(of);
                let document = apart.unwrap_or(resource).document(all).unwrap_or_default();
                self.access_points.push(AccessPoint {
                    logical_id: resource.address(),
                    span: resource.span(),
                    bucket: resource.bucket(),
                    document,
                    doubts: resource.doubts(),
                });
            }
            "aws_kms_key" | "aws_kms_replica_key" | "aws_kms_external_key" => self.keys.push(key(resource, all)),
            "aws_kms_alias" => {
                let target = resource.text("target_key_id");
                self.aliases.extend(target.map(|target| Alias { file: resource.file, name: resource.own("name"), target }));
            }
            "aws_cloudtrail" => self.trails.push(trail::read(resource)),
            "aws_cloudtrail_event_data_store" => self.event_stores.push((resource.address(), resource.span())),
            "aws_sns_topic" => {
                let arn = resource.own("arn");
                let document = resource.document(all);
                self.topic_policies.extend(document.map(|document| topic_policy(resource, arn.clone(), document, all)));
                self.topics.push(Topic {
                    file: resource.file,
                    logical_id: resource.address(),
                    span: resource.span(),
                    arn,
                    key: resource.text("kms_master_key_id").filter(|key| key.as_known() != Some("")),
                    doubts: resource.doubts(),
                });
            }
            "aws_sns_topic_policy" => {
                let policy = resource.text("arn").zip(resource.document(all));
                self.topic_policies.extend(policy.map(|(arn, document)| topic_policy(resource, arn, document, all)));
            }
            _ => {}
        }
    }

    /// A module that is not read: it may be anything, a bucket of its own and the policy of one that it is passed.
    fn unread_module(&mut self, file: FileId, call: &Node) {
        let mut names = BTreeSet::new();
        call.get("arguments").into_iter().for_each(|arguments| bucket_names(arguments, &mut names));
        self.opaque.push(OpaqueResource {
            file,
            logical_id: call.get("address").and_then(Node::as_str).unwrap_or_default().into(),
            opaque: Opaque {
                at: call.span,
                why: "what this module makes is not among these files",
                fix: "check the plan of a run that has it, or a copy of the module beside these files",
            },
            names,
        });
    }
}

/// Every text in what a module is passed that may be a bucket's name.
fn bucket_names(node: &Node, names: &mut BTreeSet<Text>) {
    match &node.value {
        Value::Str(_) | Value::Text(_) => drop(names.insert(attached::to(Plain.text(node)).0)),
        Value::Seq(items) => items.iter().for_each(|item| bucket_names(item, names)),
        Value::Map(entries) => entries.iter().for_each(|entry| bucket_names(&entry.value, names)),
        _ => {}
    }
}

fn policy(
    resource: Resource<'_>,
    bucket: Option<Text>,
    misnamed: Option<Fault>,
    document: Document,
    all: &Resources<'_>,
) -> Policy {
    let unparsed = all.spoil(document.span);
    Policy {
        file: resource.file,
        logical_id: Some(resource.address()),
        span: resource.span(),
        bucket,
        document,
        text: None,
        partition: resource.partition(),
        unparsed,
        misnamed,
        doubts: resource.doubts(),
    }
}

fn topic_policy(resource: Resource<'_>, arn: Text, document: Document, all: &Resources<'_>) -> TopicPolicy {
    let unparsed = all.spoil(document.span);
    TopicPolicy { topics: vec![arn], document, unparsed, doubts: resource.doubts() }
}

/// A key, whose policy may be in a resource of its own.
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key_policy>
fn key(resource: Resource<'_>, all: &Resources<'_>) -> Key {
    let arn = resource.own("arn");
    let id = arn.split(":").last().and_then(|rest| rest.strip_prefix("key/")).unwrap_or_else(|| arn.clone());
    let is_its = |policy: &Resource<'_>| policy.text("key_id").is_some_and(|key| key == id || key == arn);
    let policy = all.of("aws_kms_key_policy").filter(is_its).last().unwrap_or(resource).document(all);
    let unparsed = policy.as_ref().is_some_and(|policy| all.spoil(policy.span));
    // <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key>
    let unusable = unusable(&|property| match property {
        "Enabled" => resource.text("is_enabled"),
        "KeySpec" => resource.text("customer_master_key_spec"),
        "KeyUsage" => resource.text("key_usage"),
        _ => None,
    });
    Key { file: resource.file, logical_id: resource.address(), span: resource.span(), id, arn, policy, unparsed, unusable }
}

/// Which keys an entry is for.
fn filter(item: &Node) -> Filter {
    let text = |name: &str| member(item, name).unwrap_or_else(|| Text::known(item.span, ""));
    Filter { prefix: text("filter_prefix"), suffix: text("filter_suffix") }
}

/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_notification>
fn notifications(resource: Resource<'_>) -> Notifications {
    let (mut entries, mut unknown) = (Vec::new(), Vec::new());
    for (block, kind, target) in [
        ("topic", Destination::Topic, "topic_arn"),
        ("queue", Destination::Queue, "queue_arn"),
        ("lambda_function", Destination::Function, "lambda_function_arn"),
    ] {
        for item in resource.argument(block).map(|list| Plain.list(list)).unwrap_or_default() {
            match item {
                Followed::Node(item) => entries.push(Notification {
                    span: item.span,
                    kind,
                    to: member(item, target),
                    events: item.get("events").map(|events| Plain.texts(events).0).unwrap_or_default(),
                    filtered: item.get("filter_prefix").is_some() || item.get("filter_suffix").is_some(),
                    filter: Some(filter(item)),
                }),
                Followed::Unknown(why) => unknown.push(why),
                Followed::Absent => {}
            }
        }
    }
    if let Some(bridge) = resource.argument("eventbridge").filter(|bridge| bridge.truth() != Some(false)) {
        let (kind, events) = (Destination::EventBridge, Vec::new());
        entries.push(Notification { span: bridge.span, kind, to: None, events, filtered: false, filter: None });
    }
    Notifications {
        file: resource.file,
        span: resource.node.span,
        bucket: resource.bucket(),
        entries,
        unknown,
        doubts: resource.doubts(),
    }
}
