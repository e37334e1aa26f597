//! Every resource of the templates as it is deployed, for rules that ask about properties.

use super::{FileModel, template_of};
use crate::cfn::resolve::{Exports, Resolver};
use crate::cfn::scenario::Scenario;
use crate::sniff::Kind;
use crate::source::{FileId, Sources};
use crate::syntax::node::{Entry, Key, Node, Value};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// A resource with every function in it replaced by its value.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// The template.
    pub file: FileId,
    /// The logical ID.
    pub id: Key,
    /// The resource type.
    pub kind: SmolStr,
    /// `Properties`; an empty mapping where there is none.
    pub properties: Node,
    /// What stands beside them, such as `DeletionPolicy`.
    pub attributes: Node,
}

/// The resources of a template as its scenario has it, with what is imported from `exports`.
pub fn deployed(
    model: &FileModel,
    sources: &Sources,
    scenarios: &BTreeMap<FileId, Scenario>,
    exports: &Exports,
) -> Vec<Deployed> {
    let open = Scenario::open();
    let scenario = scenarios.get(&model.file).unwrap_or(&open);
    if model.kind != Kind::Template || scenario.stack.absent {
        return Vec::new();
    }
    let template = template_of(model, sources);
    let resolver = Resolver::under(template, exports, scenario);
    let there = template.resources().filter(|resource| resolver.is_there(resource.node));
    let each = there.filter_map(|resource| {
        let kind = resource.kind()?;
        let value = |node: &Node| resolver.deployed(node, sources);
        let none = || Node::new(resource.id.span, Value::Map(Vec::new()));
        let beside = resource.node.entries().iter().filter(|entry| !["Type", "Properties"].contains(&&*entry.key.text));
        let beside = beside.filter_map(|entry| Some(Entry { key: entry.key.clone(), value: value(&entry.value)? }));
        Some(Deployed {
            file: template.file,
            id: resource.id.clone(),
            kind: kind.into(),
            properties: resource.node.get("Properties").and_then(value).unwrap_or_else(none),
            attributes: Node::new(resource.id.span, Value::Map(beside.collect())),
        })
    });
    each.collect()
}
