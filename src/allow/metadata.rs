//! `Metadata: {bucketlint: {allow: […]}}` of templates and resources.

use super::item::{Item, KEYS};
use super::{Allow, Cover, Written};
use crate::cfn::template::Template;
use crate::inventory::FileModel;
use crate::sniff::Kind;
use crate::source::Span;
use crate::syntax::fields::{Complaint, Fields};
use crate::syntax::node::{Entry, Node};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads those of a template. The copies that a loop makes of a resource have one allow together.
pub(super) fn read(model: &FileModel, path: &Arc<str>, out: &mut Written) {
    if model.kind != Kind::Template {
        return;
    }
    let template = Template { file: model.file, path, root: &model.root };
    let Written { allows: made, metadata: complaints, .. } = out;
    made.extend(allows(&model.root, &|| Cover::Template(path.clone()), complaints));
    let first = made.len();
    for entry in template.section("Resources") {
        let cover =
            || Cover::Resource { file: path.clone(), ids: BTreeSet::from([entry.key.text.to_string()]), places: places(entry) };
        for allow in allows(&entry.value, &cover, complaints) {
            let same = made[first..].iter_mut().find(|other| other.at == allow.at);
            match (same.map(|other| &mut other.cover), allow.cover) {
                (Some(Cover::Resource { ids, places, .. }), Cover::Resource { ids: more, places: further, .. }) => {
                    ids.extend(more);
                    places.extend(further);
                }
                (_, cover) => made.push(Allow { cover, ..allow }),
            }
        }
    }
}

/// Where a resource is written: from its logical ID on, and elsewhere if it is included.
fn places(entry: &Entry) -> Vec<Span> {
    let (key, value) = (entry.key.span, entry.value.span);
    if key.file == value.file && key.start <= value.end { vec![Span { end: value.end, ..key }] } else { vec![key, value] }
}

/// The allows in the `Metadata` of `node`, a template or a resource.
fn allows(node: &Node, cover: &dyn Fn() -> Cover, out: &mut Vec<Complaint>) -> Vec<Allow> {
    let ours = node.path(&["Metadata", "bucketlint"]);
    let fields = ours.and_then(|ours| Fields::of(ours, "`bucketlint` in `Metadata`", &["allow"], out));
    let items = fields.and_then(|fields| fields.need("allow", out)).map_or(&[][..], Node::one_or_many);
    let mut made = Vec::new();
    for item in items {
        let told = out.len();
        let Some(fields) = Fields::of(item, "an item of `allow`", &KEYS, out) else { continue };
        let mut item = Item::read(fields, out);
        if out.len() > told {
            // a misspelt key may be the reason: that is one mistake, not two
            item.reason.get_or_insert_with(|| "not understood".into());
        }
        made.extend(item.allows(cover));
    }
    made
}
