//! A bucket, and how a template declares one.

use super::{Encryption, PublicAccess, followed_text, key, public_access};
use crate::cfn::doubt::Doubt;
use crate::cfn::function;
use crate::cfn::place::Place;
use crate::cfn::resolve::Resolver;
use crate::cfn::template::{Resource, Template};
use crate::resolve::{Followed, Resolve};
use crate::source::{FileId, Span};
use crate::syntax::node::Node;
use crate::text::Text;
use smol_str::SmolStr;

/// A bucket as a template declares it.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// The file that declares it.
    pub file: FileId,
    /// Its logical ID.
    pub logical_id: SmolStr,
    /// Where the logical ID is written.
    pub span: Span,
    /// Where its properties, or the function that makes them, are written, or the resource where it has none.
    pub body: Span,
    /// Whether it has properties.
    pub has_properties: bool,
    /// Its name.
    pub name: Text,
    /// `ObjectOwnership`, where something is declared.
    pub ownership: Option<Text>,
    /// `AccessControl`, where it is declared.
    pub acl: Option<Text>,
    /// The path of the construct it comes from, which CDK writes into its metadata:
    /// <https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html>
    pub construct: Option<SmolStr>,
    /// The status of its versioning, where one is declared.
    pub versioning: Option<Text>,
    /// Its default encryption, where that is declared.
    pub encryption: Option<Encryption>,
    /// Where it chooses objects by their tags.
    pub tag_filter: Option<Span>,
    /// Its tags, where policies may go by them: `AbacStatus` is `Enabled`.
    pub tags: Option<Vec<(SmolStr, Text)>>,
    /// Its settings about public access, where any are declared.
    pub public_access: Option<PublicAccess>,
    /// Where it is deployed.
    pub place: Place,
    /// What keeps from knowing whether it is there.
    pub doubts: Vec<Doubt>,
    /// The partition it is deployed to, where the scenario tells.
    pub partition: Option<SmolStr>,
    /// The condition that it is there on.
    pub condition: Option<SmolStr>,
    /// The macros that may make something else of it.
    pub macros: Option<String>,
}

/// The bucket that `resource` is.
pub(super) fn read(template: &Template<'_>, resolver: &Resolver<'_>, resource: Resource<'_>) -> Bucket {
    let text = |key: &str| resolver.member(resource.properties()?, key).map(|value| followed_text(resolver, value));
    let ownership = || {
        let controls = resolver.member(resource.properties()?, "OwnershipControls")?;
        let Followed::Node(controls) = controls else { return Some(followed_text(resolver, controls)) };
        let rules = resolver.list(controls.get("Rules")?);
        let rule = rules.into_iter().next()?;
        let Followed::Node(rule) = rule else { return Some(followed_text(resolver, rule)) };
        resolver.member(rule, "ObjectOwnership").map(|value| followed_text(resolver, value))
    };
    let versioning = || match resolver.member(resource.properties()?, "VersioningConfiguration")? {
        Followed::Node(node) => resolver.member(node, "Status").map(|value| followed_text(resolver, value)),
        unknown => Some(followed_text(resolver, unknown)),
    };
    // properties that a function makes may be none in this scenario, and are written all the same
    let written = template.resource(&resource.id.text).and_then(|resource| resource.properties());
    let body = written.filter(|written| function::call(written).is_some()).or(resource.properties());
    let macros: Vec<&str> = template.macros().collect();
    Bucket {
        file: template.file,
        logical_id: resource.id.text.clone(),
        span: resource.id.span,
        body: body.unwrap_or(resource.node).span,
        has_properties: body.is_some(),
        name: resolver.physical_name(&resource.id.text, "BucketName", resource.id.span),
        ownership: ownership(),
        acl: text("AccessControl"),
        versioning: versioning(),
        construct: resource.node.path(&["Metadata", "aws:cdk:path"]).and_then(Node::as_str).map(SmolStr::from),
        encryption: key::encryption(resolver, resource),
        public_access: public_access::read(resolver, resource),
        tag_filter: resource.properties().and_then(tag_filter),
        tags: tags(resolver, resource),
        place: resolver.place().clone(),
        doubts: resolver.doubts(&resource),
        partition: resolver.partition(),
        condition: resource.node.get("Condition").and_then(Node::as_str).map(SmolStr::from),
        macros: (!macros.is_empty()).then(|| macros.join(", ")),
    }
}

/// The tags of a bucket whose policies may go by them; nothing of those whose key is not known.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html>
fn tags(resolver: &Resolver<'_>, resource: Resource<'_>) -> Option<Vec<(SmolStr, Text)>> {
    let properties = resource.properties()?;
    let status = followed_text(resolver, resolver.member(properties, "AbacStatus")?);
    let tag = |item: Followed<'_>| {
        let Followed::Node(item) = item else { return None };
        let text = |name: &str| resolver.member(item, name).map(|value| followed_text(resolver, value));
        Some((SmolStr::from(text("Key")?.as_known()?), text("Value")?))
    };
    let all = || properties.get("Tags").map(|tags| resolver.list(tags)).unwrap_or_default();
    (status.as_known() == Some("Enabled")).then(|| all().into_iter().filter_map(tag).collect())
}

/// The first filter by tags among a bucket's properties, such as a lifecycle rule's.
fn tag_filter(node: &Node) -> Option<Span> {
    let named = node.entries().iter().find(|entry| ["TagFilters", "TagFilter"].contains(&entry.key.text.as_str()));
    let inner = || node.entries().iter().map(|entry| &entry.value).chain(node.items()).find_map(tag_filter);
    named.map(|entry| entry.key.span).or_else(inner)
}
