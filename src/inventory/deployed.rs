//! Every resource of the templates as it is deployed, for rules that ask about properties.

use super::{FileModel, exports, template_of};
use crate::cfn::resolve::Resolver;
use crate::cfn::scenario::Scenario;
use crate::sniff::Kind;
use crate::source::{FileId, Sources};
use crate::syntax::node::{Entry, Key, Node, Value};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

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

/// The resources of the templates, of `files` alone if that is given, each as its scenario has it.
pub fn deployed(
    models: &[FileModel],
    sources: &Sources,
    scenarios: &BTreeMap<FileId, Scenario>,
    files: Option<&BTreeSet<FileId>>,
) -> Vec<Deployed> {
    let open = Scenario::open();
    let scenario = |file: FileId| scenarios.get(&file).unwrap_or(&open);
    let templates: Vec<_> = models
        .iter()
        .filter(|model| model.kind == Kind::Template && !scenario(model.file).stack.absent)
        .map(|model| (template_of(model, sources), scenario(model.file)))
        .collect();
    let exports = exports(&templates);
    let mut out = Vec::new();
    for (template, scenario) in templates.iter().filter(|(template, _)| files.is_none_or(|files| files.contains(&template.file)))
    {
        let resolver = Resolver::under(*template, &exports, scenario);
        for resource in template.resources().filter(|resource| resolver.is_there(resource.node)) {
            let Some(kind) = resource.kind() else { continue };
            let value = |node: &Node| resolver.deployed(node, sources);
            let none = || Node::new(resource.id.span, Value::Map(Vec::new()));
            let beside = resource.node.entries().iter().filter(|entry| !["Type", "Properties"].contains(&&*entry.key.text));
            let beside = beside.filter_map(|entry| Some(Entry { key: entry.key.clone(), value: value(&entry.value)? }));
            out.push(Deployed {
                file: template.file,
                id: resource.id.clone(),
                kind: kind.into(),
                properties: resource.node.get("Properties").and_then(value).unwrap_or_else(none),
                attributes: Node::new(resource.id.span, Value::Map(beside.collect())),
            });
        }
    }
    out
}
