//! Templates with their loops written out.

use super::{FileModel, template_of};
use crate::cfn::expand::expand;
use crate::cfn::given::Given;
use crate::cfn::scenario::Scenario;
use crate::resolve::Unknown;
use crate::sniff::Kind;
use crate::source::Sources;

/// Writes the loops of every template out in place, with the parameter values in `given`, and
/// tells which loops go over something that is not known.
pub fn expand_all(files: &mut [FileModel], sources: &Sources, given: &Given) -> Vec<Unknown> {
    let mut unknown = Vec::new();
    for model in files.iter_mut().filter(|model| model.kind == Kind::Template) {
        let template = template_of(model, sources);
        if let Some(expanded) = expand(&template, &Scenario::given(given.of(template.path))) {
            unknown.extend(expanded.open);
            model.root = expanded.root;
        }
    }
    unknown
}
