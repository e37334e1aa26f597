//! Resources that may be anything, and the buckets they name.

use super::attached;
use crate::cfn::function;
use crate::cfn::opaque::{Opaque, opaque};
use crate::cfn::resolve::Resolver;
use crate::cfn::template::{Resource, Template};
use crate::resolve::{Followed, Resolve};
use crate::source::FileId;
use crate::syntax::node::Node;
use crate::text::Text;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// A resource that may be a bucket, a trail, or the policy of a bucket that it names.
#[derive(Clone, Debug)]
pub struct OpaqueResource {
    /// The file it is in.
    pub file: FileId,
    /// Its logical ID.
    pub logical_id: SmolStr,
    /// What keeps from knowing what it is.
    pub opaque: Opaque,
    /// Every text in it that may be a bucket's name.
    pub names: BTreeSet<Text>,
}

impl OpaqueResource {
    /// `resource`, if it is one.
    pub(super) fn read(template: &Template<'_>, resolver: &Resolver<'_>, resource: Resource<'_>) -> Option<Self> {
        let opaque = opaque(resource.node)?;
        let mut names = BTreeSet::new();
        for entry in resource.node.entries().iter().filter(|entry| !["Type", "Metadata"].contains(&entry.key.text.as_str())) {
            read_names(&entry.value, resolver, &mut names);
        }
        for id in resource.node.get("DependsOn").map(Node::one_or_many).unwrap_or_default() {
            let bucket = id.as_str().and_then(|id| template.resource(id)).filter(|one| one.kind() == Some("AWS::S3::Bucket"));
            names.extend(bucket.map(|one| resolver.physical_name(&one.id.text, "BucketName", id.span)));
        }
        Some(Self { file: template.file, logical_id: resource.id.text.clone(), opaque, names })
    }
}

/// Whether a text is a pseudo parameter or another resource's ARN, which are no bucket's name.
fn is_other(text: &Text) -> bool {
    text.as_symbol().is_some_and(|symbol| symbol.shown.starts_with("${AWS::") || symbol.shown.ends_with("Arn}"))
}

/// Adds every string in `node`, and what functions make.
fn read_names(node: &Node, resolver: &Resolver<'_>, names: &mut BTreeSet<Text>) {
    let Followed::Node(node) = resolver.follow(node) else { return };
    if node.as_str().is_some() || function::call(node).is_some() {
        let (name, _) = attached::to(resolver.text(node));
        names.extend((!name.parts().is_empty() && !is_other(&name)).then_some(name));
    } else {
        node.items().iter().for_each(|item| read_names(item, resolver, names));
        node.entries().iter().for_each(|entry| read_names(&entry.value, resolver, names));
    }
}
