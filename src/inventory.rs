//! Buckets, bucket policies, trails and the like of all files, as typed models with places but without joins.

mod access_point;
mod attached;
mod bucket;
mod custom;
mod delivery;
mod doubtful;
mod key;
mod log_receiver;
mod notification;
mod opaque;
mod placeholder;
mod platform;
mod public_access;
mod stack_set;
mod terraform;

pub use access_point::AccessPoint;
pub use bucket::Bucket;
pub use delivery::Delivery;
pub use key::{Alias, Encryption, Key};
pub use log_receiver::LogReceiver;
pub use notification::{Destination, Filter, Notification, Notifications, Topic, TopicPolicy};
pub use opaque::OpaqueResource;
pub use platform::{Deployment, TRAIL_BUCKET, is_empty};
pub use public_access::PublicAccess;
pub use terraform::is_read as is_read_in_terraform;

use crate::cfn::document::policy_of;
use crate::cfn::doubt::Doubt;
use crate::cfn::exports::exports;
use crate::cfn::function;
use crate::cfn::invalid::{Invalid, invalid};
use crate::cfn::lost::lost;
use crate::cfn::place::Place;
use crate::cfn::resolve::{Exports, Resolver};
use crate::cfn::sam::bucket_events;
use crate::cfn::scenario::Scenario;
use crate::cfn::template::{Resource, Template};
use crate::iam::document::{Document, Fault};
use crate::iam::read;
use crate::resolve::{Followed, Plain, Resolve, Unknown};
use crate::sniff::Kind;
use crate::source::{FileId, Sources, Span};
use crate::syntax::embedded::parse_embedded;
use crate::syntax::node::Node;
use crate::syntax::parse::{self, Problem, ProblemKind};
use crate::text::Text;
use crate::trail::selector::{Ternary, Trail};
use smol_str::SmolStr;
use std::collections::BTreeMap;

mod deployed;
mod expanded;
pub use deployed::{Deployed, deployed};
pub use expanded::expand_all;

/// One parsed file of ours.
#[derive(Debug)]
pub struct FileModel {
    /// The file.
    pub file: FileId,
    /// What it is.
    pub kind: Kind,
    /// Its tree.
    pub root: Node,
}

/// A bucket policy, attached to a bucket by name.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The file it is in.
    pub file: FileId,
    /// The policy resource's logical ID, in a template.
    pub logical_id: Option<SmolStr>,
    /// The logical ID, or the document's first element.
    pub span: Span,
    /// The bucket it is attached to; `None` for a document that does not say.
    pub bucket: Option<Text>,
    /// The statements.
    pub document: Document,
    /// Where the document is written as text.
    pub text: Option<InText>,
    /// The partition its template is deployed to, where the scenario tells.
    pub partition: Option<SmolStr>,
    /// Whether the document is a string that cannot be parsed.
    pub unparsed: bool,
    /// What is wrong with `Bucket`, if that is no bucket's name or none at all.
    pub misnamed: Option<Fault>,
    /// What keeps from knowing whether it is there.
    pub doubts: Vec<Doubt>,
}

impl Policy {
    /// Whether it is what `aws s3api get-bucket-policy` printed, which deploys nothing: a text in a document of its own.
    pub fn is_output(&self) -> bool {
        self.logical_id.is_none() && self.text.is_some()
    }
}

/// A bucket policy that is not there in this scenario.
#[derive(Clone, Debug)]
pub struct AbsentPolicy {
    /// The file it is in.
    pub file: FileId,
    /// Its logical ID.
    pub logical_id: SmolStr,
    /// The bucket it is attached to.
    pub bucket: Text,
    /// The condition that does not hold.
    pub condition: SmolStr,
}

/// A document that is written as text.
#[derive(Clone, Copy, Debug)]
pub struct InText {
    /// The string.
    pub span: Span,
    /// Whether `Fn::Sub` takes it.
    pub substituted: bool,
}

/// `ObjectOwnership` as a command's output tells it; it does not say of which bucket.
#[derive(Clone, Debug)]
pub struct OwnershipOutput {
    /// The value.
    pub value: Text,
}

/// Everything found, in file order.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Buckets declared by templates.
    pub buckets: Vec<Bucket>,
    /// Bucket policies.
    pub policies: Vec<Policy>,
    /// Bucket policies that are not there.
    pub absent_policies: Vec<AbsentPolicy>,
    /// Trails.
    pub trails: Vec<FoundTrail>,
    /// Outputs of `get-bucket-ownership-controls`.
    pub ownership: Vec<OwnershipOutput>,
    /// Keys.
    pub keys: Vec<Key>,
    /// Aliases of keys.
    pub aliases: Vec<Alias>,
    /// Notification configurations of buckets.
    pub notifications: Vec<Notifications>,
    /// Topics.
    pub topics: Vec<Topic>,
    /// Topic policies.
    pub topic_policies: Vec<TopicPolicy>,
    /// CloudTrail Lake's event data stores.
    pub event_stores: Vec<(SmolStr, Span)>,
    /// Access points.
    pub access_points: Vec<AccessPoint>,
    /// Buckets that receive logs.
    pub log_receivers: Vec<LogReceiver>,
    /// Deployments of the platform that ask for a trail's bucket.
    pub deployments: Vec<Deployment>,
    /// Macros that may change all of a file.
    pub macros: Vec<(FileId, SmolStr)>,
    /// Stack sets whose template is not read.
    pub unread: Vec<Unknown>,
    /// Resources that may be anything.
    pub opaque: Vec<OpaqueResource>,
    /// Mistakes in documents inside strings.
    pub problems: Vec<Problem>,
    /// References to nothing, and the like.
    pub invalid: Vec<Invalid>,
    /// Names of conditions that are not known because of one of those.
    pub lost: Vec<Span>,
    /// Where templates may hold more than is seen.
    pub hidden: Vec<Span>,
    /// Values that stand elsewhere than where they are used: each use with the place of its value.
    pub moved: Vec<(Span, Span)>,
    /// Those of them where that may be a trail.
    pub hidden_trails: Vec<Span>,
}

/// A trail with the file it is in.
#[derive(Clone, Debug)]
pub struct FoundTrail {
    /// The file.
    pub file: FileId,
    /// The logical ID, in a template.
    pub logical_id: Option<SmolStr>,
    /// The trail.
    pub trail: Trail,
    /// How its logs are delivered; a command's output does not tell.
    pub delivery: Option<Delivery>,
    /// Where it is deployed.
    pub place: Place,
    /// What keeps from knowing whether it is there.
    pub doubts: Vec<Doubt>,
}

/// Collects the models of all files, each template as its scenario has it; without one its conditions are open.
/// `bucket` is the name standalone documents belong to that do not say.
pub fn collect(
    files: &[FileModel],
    sources: &Sources,
    bucket: Option<&str>,
    scenarios: &BTreeMap<FileId, Scenario>,
) -> Inventory {
    let exports = exported(files, sources, scenarios);
    let parts: Vec<Inventory> = files.iter().map(|model| part(model, sources, bucket, scenarios, &exports)).collect();
    Inventory::of(&parts)
}

/// What the templates export, each as its scenario has it.
pub fn exported(files: &[FileModel], sources: &Sources, scenarios: &BTreeMap<FileId, Scenario>) -> Exports {
    let open = Scenario::open();
    let deployed = files.iter().filter(|model| model.kind == Kind::Template).filter_map(|model| {
        let scenario = scenarios.get(&model.file).unwrap_or(&open);
        (!scenario.stack.absent).then(|| (template_of(model, sources), scenario))
    });
    exports(&deployed.collect::<Vec<_>>())
}

/// The models of one file, as [`collect`] collects those of all.
pub fn part(
    model: &FileModel,
    sources: &Sources,
    bucket: Option<&str>,
    scenarios: &BTreeMap<FileId, Scenario>,
    exports: &Exports,
) -> Inventory {
    let mut out = Inventory::default();
    let open = Scenario::open();
    let scenario = scenarios.get(&model.file).unwrap_or(&open);
    if scenario.stack.absent {
        return out;
    }
    let (source, path) = (&sources.get(model.file).text, &*sources.get(model.file).path);
    match model.kind {
        Kind::Template => {
            let template = template_of(model, sources);
            let resolver = Resolver::under(template, exports, scenario);
            let mistakes = invalid(&template, source);
            out.lost.extend(lost(&template, &mistakes));
            out.invalid.extend(mistakes);
            out.macros.extend(template.macros().map(|name| (model.file, name.into())));
            out.platform(&template, &resolver);
            template.resources().for_each(|resource| out.log_receivers(&resolver, resource));
            for resource in template.resources().filter(|resource| resolver.is_there(resource.node)) {
                let settled = resolver.settled(resource.node);
                out.resource(&template, &resolver, Resource { node: &settled, ..resource }, sources);
            }
            let absent = template.of_type("AWS::S3::BucketPolicy").filter(|resource| !resolver.is_there(resource.node));
            out.absent_policies.extend(absent.filter_map(|resource| absent_policy(&template, &resolver, resource)));
            bucket_events(&template, &resolver).into_iter().for_each(|event| out.event(&template, event));
            out.moved = resolver.moved();
        }
        Kind::Policy => {
            // what is called YAML is made into JSON before S3 gets it
            let is_yaml = [".yaml", ".yml"].iter().any(|end| path.ends_with(end));
            let not_json = parse::not_json(model.file, source).filter(|_| !is_yaml);
            out.standalone(model.file, path, &model.root, not_json.as_ref(), bucket, None);
        }
        Kind::WrappedPolicy => {
            let inner = model.root.get("Policy").or_else(|| model.root.as_str().is_some().then_some(&model.root));
            if let Some(inner) = inner {
                let parsed = parse_embedded(inner, source);
                out.problems.extend(parsed.problems);
                if let Some(root) = parsed.root {
                    let text = InText { span: inner.span, substituted: false };
                    out.standalone(model.file, path, &root, parsed.not_json.as_ref(), bucket, Some(text));
                }
            }
        }
        Kind::EventSelectors => {
            // the output does not tell whether the trail is logging; one that is asked about is taken to be
            let trail = Trail::of_output(&model.root, Ternary::Yes(model.root.span), &Plain);
            out.trails.extend(trail.map(|trail| {
                let place = place_of(&trail.name);
                FoundTrail { file: model.file, logical_id: None, trail, delivery: None, place, doubts: Vec::new() }
            }));
        }
        Kind::Terraform => return terraform::read_all(model),
        Kind::Ownership => {
            let value =
                model.root.path(&["OwnershipControls", "Rules"]).and_then(|rules| rules.items().first()?.get("ObjectOwnership"));
            out.ownership.extend(value.map(|value| OwnershipOutput { value: Plain.text(value) }));
        }
    }
    out
}

/// The account and Region in the ARN of a trail.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html>
fn place_of(arn: &Text) -> Place {
    let parts: Vec<&str> = arn.as_known().map(|arn| arn.splitn(6, ':').collect()).unwrap_or_default();
    match parts[..] {
        ["arn", _, "cloudtrail", region, account, _] => {
            Place { accounts: [account.into()].into(), regions: [region.into()].into(), ..Place::unknown() }
        }
        _ => Place::default(),
    }
}

fn template_of<'m>(model: &'m FileModel, sources: &'m Sources) -> Template<'m> {
    Template { file: model.file, path: &sources.get(model.file).path, root: &model.root }
}

impl Inventory {
    /// Everything that is in `parts`, in their order.
    pub fn of<'p>(parts: impl IntoIterator<Item = &'p Self>) -> Self {
        let mut out = Self::default();
        for part in parts {
            // names every field, so that none is forgotten
            let Self {
                buckets,
                policies,
                absent_policies,
                trails,
                ownership,
                keys,
                aliases,
                notifications,
                topics,
                topic_policies,
                event_stores,
                access_points,
                log_receivers,
                deployments,
                macros,
                unread,
                opaque,
                problems,
                invalid,
                lost,
                hidden,
                moved,
                hidden_trails,
            } = part;
            out.buckets.extend_from_slice(buckets);
            out.policies.extend_from_slice(policies);
            out.absent_policies.extend_from_slice(absent_policies);
            out.trails.extend_from_slice(trails);
            out.ownership.extend_from_slice(ownership);
            out.keys.extend_from_slice(keys);
            out.aliases.extend_from_slice(aliases);
            out.notifications.extend_from_slice(notifications);
            out.topics.extend_from_slice(topics);
            out.topic_policies.extend_from_slice(topic_policies);
            out.event_stores.extend_from_slice(event_stores);
            out.access_points.extend_from_slice(access_points);
            out.log_receivers.extend_from_slice(log_receivers);
            out.deployments.extend_from_slice(deployments);
            out.macros.extend_from_slice(macros);
            out.unread.extend_from_slice(unread);
            out.opaque.extend_from_slice(opaque);
            out.problems.extend_from_slice(problems);
            out.invalid.extend_from_slice(invalid);
            out.lost.extend_from_slice(lost);
            out.hidden.extend_from_slice(hidden);
            out.moved.extend_from_slice(moved);
            out.hidden_trails.extend_from_slice(hidden_trails);
        }
        out.leave_open();
        out
    }

    fn resource(&mut self, template: &Template<'_>, resolver: &Resolver<'_>, resource: Resource<'_>, sources: &Sources) {
        // a resource may stand in a file that the template includes
        let source = &*sources.get(resource.id.span.file).text;
        match resource.kind() {
            Some("AWS::S3::Bucket") => {
                let bucket = bucket::read(template, resolver, resource);
                self.notifications(template, resolver, resource, bucket.name.clone());
                self.buckets.push(bucket);
            }
            Some("Custom::S3BucketNotifications") => {
                let name = resource.property("BucketName").map(|name| resolver.text(name));
                self.notifications(template, resolver, resource, name.unwrap_or_default());
            }
            Some("Custom::S3") => self.existing_bucket(template, resolver, resource),
            Some("Custom::AWS") => self.api_call(template, resolver, resource, source),
            Some("AWS::KMS::Key" | "AWS::KMS::ReplicaKey") => self.key(template, resolver, resource, source),
            Some("AWS::KMS::Alias") => self.alias(template, resolver, resource),
            Some("AWS::SNS::Topic") => self.topic(template, resolver, resource),
            Some("AWS::SNS::TopicPolicy" | "AWS::SNS::TopicInlinePolicy") => self.topic_policy(resolver, resource, source),
            Some("AWS::S3::BucketPolicy") => self.policy(template, resolver, resource, source),
            Some("AWS::CloudFormation::Stack") => self.nested_platform(template, resolver, resource),
            Some("AWS::CloudFormation::StackSet") => self.stack_set(resolver, resource, sources),
            Some("AWS::S3::AccessPoint") => {
                let read = AccessPoint::read(resource, resolver, source);
                self.problems.extend(read.iter().flat_map(|(_, problems)| problems.iter().cloned()));
                self.access_points.extend(read.map(|(point, _)| point));
            }
            Some("AWS::CloudTrail::EventDataStore") => self.event_stores.push((resource.id.text.clone(), resource.id.span)),
            Some("AWS::CloudTrail::Trail") => {
                let name = resolver.physical_name(&resource.id.text, "TrailName", resource.id.span);
                let none = Node::default();
                let trail = Trail::of_resource(name, resource.id.span, resource.properties().unwrap_or(&none), resolver);
                let delivery = Some(Delivery::read(resolver, resource));
                let (logical_id, place) = (Some(resource.id.text.clone()), resolver.place().clone());
                let doubts = resolver.doubts(&resource);
                self.trails.push(FoundTrail { file: template.file, logical_id, trail, delivery, place, doubts });
            }
            _ => self.opaque.extend(OpaqueResource::read(template, resolver, resource)),
        }
    }

    /// An `AWS::S3::BucketPolicy`, whose document may be a JSON string.
    fn policy(&mut self, template: &Template<'_>, resolver: &Resolver<'_>, resource: Resource<'_>, source: &str) {
        let mut unparsed = false;
        let document = match policy_of(resource, "PolicyDocument", resolver, source) {
            Some((document, problems)) => {
                unparsed = problems.iter().any(|problem| problem.kind == ProblemKind::Syntax);
                self.problems.extend(problems);
                document
            }
            None => Document { span: resource.id.span, ..Document::default() },
        };
        let (bucket, misnamed) = attached::of(resource, resolver);
        self.policies.push(Policy {
            file: template.file,
            logical_id: Some(resource.id.text.clone()),
            span: resource.id.span,
            bucket,
            document,
            text: resource.property("PolicyDocument").and_then(|node| in_text(node, resolver)),
            partition: resolver.partition(),
            unparsed,
            misnamed,
            doubts: resolver.doubts(&resource),
        });
    }

    /// A policy document on its own: its bucket is the one its resources name, or the one given.
    fn standalone(
        &mut self,
        file: FileId,
        path: &str,
        root: &Node,
        not_json: Option<&Problem>,
        given: Option<&str>,
        text: Option<InText>,
    ) {
        let mut document = read::document(root, &Plain);
        document.faults.extend(not_json.map(Fault::of_text));
        placeholder::open(&mut document, path);
        let named = named_bucket(&document).or_else(|| given.map(|name| Text::known(root.span, name)));
        self.policies.push(Policy {
            file,
            logical_id: None,
            span: document.statement_span.unwrap_or(root.span),
            bucket: named,
            document,
            text,
            partition: None,
            unparsed: false,
            misnamed: None,
            doubts: Vec::new(),
        });
    }
}

/// Where the policy document `node` is text, and not its elements.
fn in_text(node: &Node, resolver: &Resolver<'_>) -> Option<InText> {
    let Followed::Node(node) = resolver.follow(node) else { return None };
    let text = |span, substituted| Some(InText { span, substituted });
    if node.as_str().is_some() {
        return text(node.span, false);
    }
    let call = function::call(node).filter(|call| call.name != "ToJsonString")?;
    match call.name {
        "Sub" => text(call.argument.items().first().unwrap_or(call.argument).span, true),
        _ => text(node.span, false),
    }
}

fn absent_policy(template: &Template<'_>, resolver: &Resolver<'_>, resource: Resource<'_>) -> Option<AbsentPolicy> {
    let bucket = resolver.text(resource.property("Bucket")?);
    let condition = resource.node.get("Condition")?.as_str()?.into();
    Some(AbsentPolicy { file: template.file, logical_id: resource.id.text.clone(), bucket, condition })
}

/// The text of what was followed; what is not known becomes a symbol that is equal to nothing but this very place.
fn followed_text(resolver: &dyn Resolve, followed: Followed<'_>) -> Text {
    match followed {
        Followed::Node(node) => resolver.text(node),
        Followed::Absent => Text::default(),
        Followed::Unknown(unknown) => unknown.text(),
    }
}

/// The one bucket all the resources of a document name, wildcards left aside.
fn named_bucket(document: &Document) -> Option<Text> {
    let resources = document.statements.iter().flat_map(|statement| &statement.resources.items);
    let mut names = resources.filter_map(|resource| {
        let known = |resource: &Text| {
            // the last of several, as an ARN written into another is a mistake
            let name = resource.as_known()?.strip_prefix("arn:")?.rsplit_once(":s3:::")?.1.split(['/', ':']).next()?;
            Some(Text::known(resource.span, name))
        };
        let name = known(resource).or_else(|| placeholder::bucket(resource))?;
        let shown = name.to_string();
        (!shown.is_empty() && !shown.contains(['*', '?'])).then_some(name)
    });
    let first = names.next()?;
    names.all(|name| name == first).then_some(first)
}
