//! Values that the settings give to template parameters.

use crate::parameters::{self, Given};
use crate::source::Span;
use crate::syntax::fields::{Complaint, Fields};
use crate::syntax::node::Node;
use std::path::{Path, PathBuf};

/// Values for some templates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateValues {
    /// Patterns as in `.gitignore`, relative to the settings file; at least one.
    pub templates: Vec<(Span, String)>,
    /// Parameter files, the weakest first.
    pub files: Vec<PathBuf>,
    /// Values, which take precedence over those of the files.
    pub values: Vec<Given>,
}

/// Reads the list under `parameters`.
pub(super) fn read(fields: Fields<'_>, dir: &Path, out: &mut Vec<Complaint>) -> Vec<TemplateValues> {
    let items = fields.list("parameters", out).unwrap_or_default();
    items.iter().filter_map(|item| entry(item, dir, out)).collect()
}

fn entry(item: &Node, dir: &Path, out: &mut Vec<Complaint>) -> Option<TemplateValues> {
    let fields = Fields::of(item, "an item of `parameters`", &["templates", "file", "values"], out)?;
    let templates = super::patterns(fields, "templates", out)?;
    let files = fields.texts("file", out).into_iter().map(|(_, path)| dir.join(path)).collect();
    let values = fields.get("values").map_or(Ok(Vec::new()), parameters::values);
    let values = values.unwrap_or_else(|complaints| {
        out.extend(complaints);
        Vec::new()
    });
    Some(TemplateValues { templates, files, values }).filter(|entry| !entry.templates.is_empty())
}
