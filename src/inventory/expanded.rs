//! Templates with their loops written out.

use super::{FileModel, template_of};
use crate::cfn::expand::expand;
use crate::cfn::scenario::Scenario;
use crate::resolve::Unknown;
use crate::sniff::Kind;
use crate::source::{FileId, Sources};
use std::collections::BTreeMap;

/// Writes the loops of every template out in place, each with its parameters as `given` has them for its file, and
/// tells which loops go over something that is not known.
pub fn expand_all(files: &mut [FileModel], sources: &Sources, given: &BTreeMap<FileId, Scenario>) -> Vec<Unknown> {
    let open = Scenario::open();
    let mut unknown = Vec::new();
    for model in files.iter_mut().filter(|model| model.kind == Kind::Template) {
        if let Some(expanded) = expand(&template_of(model, sources), given.get(&model.file).unwrap_or(&open)) {
            unknown.extend(expanded.open);
            model.root = expanded.root;
        }
    }
    unknown
}
