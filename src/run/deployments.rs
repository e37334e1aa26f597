//! The ways each template may be deployed, and which of them are checked together.

use super::nested::Nested;
use crate::cfn::given::{Given, Values};
use crate::cfn::mention::conditions_of;
use crate::cfn::scenario::Scenario;
use crate::cfn::scenarios::{Scenarios, scenarios};
use crate::cfn::template::Template;
use crate::inventory::{self, FileModel};
use crate::sniff::Kind;
use crate::source::{FileId, Sources};
use std::collections::{BTreeMap, BTreeSet};

/// A way to deploy every template.
pub(super) type Assignment = BTreeMap<FileId, Scenario>;

/// The scenarios of every template that can change what is judged.
pub(super) struct Deployments {
    by_file: BTreeMap<FileId, Scenarios>,
}

/// Templates deployed otherwise than by default, in one pass over all files.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Pass {
    /// The number of each one's scenario.
    pub(super) varied: BTreeMap<FileId, usize>,
    /// These, and all they have a bucket in common with.
    taken: BTreeSet<FileId>,
}

impl Deployments {
    /// The scenarios of `models`, the values in `given` before others.
    pub(super) fn of(models: &[FileModel], sources: &Sources, given: &Given, nested: &Nested) -> Self {
        let of_template = |model: &FileModel| {
            let path = &*sources.get(model.file).path;
            let template = Template { file: model.file, path, root: &model.root };
            (model.file, ways(&template, nested.linked(model.file), nested.given(model.file, path, given)))
        };
        Self { by_file: models.iter().filter(|model| model.kind == Kind::Template).map(of_template).collect() }
    }

    /// Every template as its defaults and the given values have it.
    pub(super) fn default(&self) -> Assignment {
        let first = |(file, found): (&FileId, &Scenarios)| Some((*file, found.all.first()?.clone()));
        self.by_file.iter().filter_map(first).collect()
    }

    /// Every template as `pass` has it.
    pub(super) fn assignment(&self, pass: &Pass) -> Assignment {
        let mut out = self.default();
        let varied = |(file, number): (&FileId, &usize)| Some((*file, self.by_file.get(file)?.all.get(*number)?.clone()));
        out.extend(pass.varied.iter().filter_map(varied));
        out
    }

    /// How many scenarios a template has; one for a file that is none.
    pub(super) fn count(&self, file: FileId) -> usize {
        self.by_file.get(&file).map_or(1, |found| found.all.len())
    }

    /// All of them, each template's own counted.
    pub(super) fn total(&self) -> usize {
        self.by_file.values().map(|found| found.all.len()).sum()
    }

    /// Templates with more scenarios than were looked at.
    pub(super) fn capped(&self) -> impl Iterator<Item = (FileId, usize)> {
        self.by_file.iter().filter(|(_, found)| found.capped).map(|(file, found)| (*file, found.all.len()))
    }

    /// What it takes to come to a scenario.
    pub(super) fn when(&self, file: FileId, number: usize) -> Vec<(String, String)> {
        let when = self.by_file.get(&file).and_then(|found| found.all.get(number)).map_or(&[][..], |scenario| &scenario.when);
        when.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    /// The passes it takes to see each scenario of each template but the first, the others being deployed by default.
    /// Templates that have no bucket in common, as `together` tells, do not see each other and share a pass: so the
    /// number of passes grows with the scenarios of one template, not with the templates.
    pub(super) fn passes(&self, together: &BTreeMap<FileId, BTreeSet<FileId>>) -> Vec<Pass> {
        let mut out: Vec<Pass> = Vec::new();
        for (file, found) in &self.by_file {
            let near = together.get(file).cloned().unwrap_or_default();
            let mut from = 0;
            for number in 1..found.all.len() {
                let free = (from..out.len()).find(|&at| !out[at].taken.contains(file));
                let at = free.unwrap_or_else(|| {
                    out.push(Pass::default());
                    out.len() - 1
                });
                out[at].varied.insert(*file, number);
                out[at].taken.insert(*file);
                out[at].taken.extend(&near);
                from = at + 1;
            }
        }
        out
    }
}

/// The scenarios of a template that differ in what is judged, or in the nested stacks called `linked`.
pub(super) fn ways<'t>(template: &Template<'t>, linked: impl Iterator<Item = &'t str>, given: &Values) -> Scenarios {
    let judged = template.resources().filter(|resource| resource.kind().is_some_and(inventory::is_read));
    let asked = conditions_of(template, judged.map(|resource| resource.id.text.as_str()).chain(linked));
    scenarios(template, &asked, given)
}
