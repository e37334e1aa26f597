//! `Metadata: {bucketlint: {allow: […]}}` of templates and resources.

use super::item::{Item, KEYS};
use super::{Cover, Suppression, Written};
use crate::cfn::template::Template;
use crate::inventory::FileModel;
use crate::sniff::Kind;
use crate::source::{Sources, Span};
use crate::syntax::fields::{Complaint, Fields};
use crate::syntax::node::{Entry, Node};
use std::collections::{BTreeMap, BTreeSet};

/// Reads those of all templates. One text that makes several resources, as a loop does, has one suppression for all of them.
pub(super) fn read(models: &[FileModel], sources: &Sources, out: &mut Written) {
    let Written { allows: made, metadata: complaints, .. } = out;
    let mut resources: BTreeMap<Span, Suppression> = BTreeMap::new();
    for model in models.iter().filter(|model| model.kind == Kind::Template) {
        let path = &sources.get(model.file).path;
        made.extend(allows(&model.root, &|| Cover::Template(path.clone()), complaints));
        let template = Template { file: model.file, path, root: &model.root };
        for entry in template.section("Resources") {
            let declared = || BTreeSet::from([(path.clone(), entry.key.text.to_string())]);
            let cover = || Cover::Resource { declared: declared(), places: places(entry) };
            for allow in allows(&entry.value, &cover, complaints) {
                match resources.get_mut(&allow.at).map(|same| &mut same.cover) {
                    Some(Cover::Resource { declared: all, places: further }) => {
                        all.extend(declared());
                        further.extend(places(entry));
                    }
                    _ => drop(resources.insert(allow.at, allow)),
                }
            }
        }
    }
    made.extend(resources.into_values());
}

/// Where a resource is written: from its logical ID on, and elsewhere if it is included.
fn places(entry: &Entry) -> Vec<Span> {
    let (key, value) = (entry.key.span, entry.value.span);
    if key.file == value.file && key.start <= value.end { vec![Span { end: value.end, ..key }] } else { vec![key, value] }
}

/// The suppressions in the `Metadata` of `node`, a template or a resource.
fn allows(node: &Node, cover: &dyn Fn() -> Cover, out: &mut Vec<Complaint>) -> Vec<Suppression> {
    let ours = node.path(&["Metadata", "bucketlint"]);
    let fields = ours.and_then(|ours| Fields::of(ours, "`bucketlint` in `Metadata`", &["allow"], out));
    let items = fields.and_then(|fields| fields.need("allow", out)).map_or(&[][..], Node::one_or_many);
    let mut made = Vec::new();
    for item in items {
        let told = out.len();
        let Some(fields) = Fields::of(item, "an item of `allow`", &KEYS, out) else { continue };
        let item = Item::read(fields, out);
        // what is not understood, such as a day there is not, suppresses nothing
        if out.len() == told {
            made.extend(item.allows(cover));
        }
    }
    made
}
