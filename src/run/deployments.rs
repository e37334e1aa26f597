//! The ways each template may be deployed.

use super::Plan;
use super::nested::Nested;
use super::world::declared;
use crate::cfn::given::Values;
use crate::cfn::mention::asked;
use crate::cfn::place::Place;
use crate::cfn::resolve::is_stored;
use crate::cfn::scenario::{Scenario, Setting};
use crate::cfn::scenarios::{Scenarios, scenarios};
use crate::cfn::template::Template;
use crate::inventory::FileModel;
use crate::sniff::Kind;
use crate::source::{FileId, Sources};
use crate::syntax::node::{Entry, Node};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// A way to deploy every template.
pub(super) type Assignment = BTreeMap<FileId, Scenario>;

/// The scenarios of every template that can change what is judged.
pub(super) struct Deployments {
    by_file: BTreeMap<FileId, Scenarios>,
    /// The parameters that each template has, with the values they may have where those are listed. Not those that a
    /// value was given for, and not those of nested stacks, which have theirs from the stack around.
    parameters: BTreeMap<FileId, BTreeMap<SmolStr, Option<Vec<SmolStr>>>>,
    /// Templates of which fewer scenarios are looked at than there are, as those of all are too many, with how many there are.
    cut: BTreeMap<FileId, usize>,
}

/// How much a run looks at for the scenarios of its templates, but the first of each: every file that has a bucket in common
/// with the template once for each of them, and for each of a template with a trail every trail in those files once for every
/// bucket there. All that a run does grows with that. A hundred templates for one bucket may have a hundred scenarios each.
///
/// Four million looks took 2.5 s of one core: 80 templates of eight scenarios, each with a trail that logs all buckets or one.
pub const MOST_LOOKS: usize = 4_000_000;

impl Deployments {
    /// The scenarios of `models`, the values that `plan` gives before others.
    pub(super) fn of(models: &[FileModel], sources: &Sources, plan: &Plan, nested: &Nested) -> Self {
        let of_template = |model: &FileModel| {
            let path = &*sources.get(model.file).path;
            let template = Template { file: model.file, path, root: &model.root };
            let place = nested.place(model.file, sources, plan);
            (model.file, ways(&template, nested.linked(model.file), nested.given(model.file, path, &plan.given), &place))
        };
        let templates = || models.iter().filter(|model| model.kind == Kind::Template);
        let standing = templates().filter(|model| !nested.is_stack(model.file));
        let parameters = standing.map(|model| {
            let given = plan.given.of(&sources.get(model.file).path);
            (model.file, settable(&model.root, given))
        });
        let parameters = parameters.collect();
        let by_file = templates().map(of_template).collect();
        Self { by_file, parameters, cut: BTreeMap::new() }
    }

    /// Leaves out scenarios that cost more than `most` looks. Those fewest steps from the defaults stay, of every template as
    /// many as of others. `together` tells of each file those it has a bucket in common with.
    pub(super) fn bound(&mut self, models: &[FileModel], together: &BTreeMap<FileId, BTreeSet<FileId>>, most: usize) {
        let count = |kind: &str| -> BTreeMap<FileId, usize> {
            let counts = models.iter().map(|model| (model.file, declared(model, |one| one == kind)));
            counts.filter(|(_, count)| *count > 0).collect()
        };
        let (trails, buckets) = (count("AWS::CloudTrail::Trail"), count("AWS::S3::Bucket"));
        let cost = |file: FileId| {
            let none = BTreeSet::new();
            let near = together.get(&file).unwrap_or(&none);
            let sum = |counts: &BTreeMap<FileId, usize>| -> usize { near.iter().filter_map(|file| counts.get(file)).sum() };
            let watched = if trails.contains_key(&file) { sum(&trails).saturating_mul(sum(&buckets)) } else { 0 };
            near.len().max(1).saturating_add(watched)
        };
        let costs: BTreeMap<FileId, usize> = self.by_file.keys().map(|file| (*file, cost(*file))).collect();
        let mut others: Vec<(usize, FileId)> = self.others().into_iter().map(|(file, number)| (number, file)).collect();
        others.sort_unstable();
        let mut left = most;
        for (number, file) in others.into_iter() {
            if self.cut.contains_key(&file) {
                continue;
            }
            let cost = costs.get(&file).copied().unwrap_or_default();
            match (left.checked_sub(cost), self.by_file.get_mut(&file)) {
                (Some(rest), _) => left = rest,
                (None, Some(found)) => {
                    self.cut.insert(file, found.all.len());
                    found.keep(number);
                }
                (None, None) => {}
            }
        }
    }

    /// Of how many scenarios of a template not all are looked at, as those of all templates are too many.
    pub(super) fn cut(&self, file: FileId) -> Option<usize> {
        self.cut.get(&file).copied()
    }

    /// Every template as its defaults and the given values have it.
    pub(super) fn default(&self) -> Assignment {
        let first = |(file, found): (&FileId, &Scenarios)| Some((*file, found.all.first()?.clone()));
        self.by_file.iter().filter_map(first).collect()
    }

    /// The scenarios of every template but the first of each, by number.
    pub(super) fn others(&self) -> Vec<(FileId, usize)> {
        self.by_file.iter().flat_map(|(file, found)| (1..found.all.len()).map(|number| (*file, number))).collect()
    }

    /// The templates that are not as by default where `file` is in the scenario of that number: a parameter that has the same
    /// name in another template that has a bucket in common, as `together` tells, has the same value there.
    pub(super) fn changed(&self, file: FileId, number: usize, together: &BTreeMap<FileId, BTreeSet<FileId>>) -> Assignment {
        let Some(varied) = self.by_file.get(&file).and_then(|found| found.all.get(number)) else { return Assignment::new() };
        let mut out = Assignment::new();
        if self.parameters.contains_key(&file) {
            for other in together.get(&file).into_iter().flatten().filter(|other| **other != file) {
                out.extend(self.following(*other, varied).map(|scenario| (*other, scenario)));
            }
        }
        out.insert(file, varied.clone());
        out
    }

    /// The scenario of a template in which those of its parameters that `leader` sets have the same values.
    fn following(&self, file: FileId, leader: &Scenario) -> Option<Scenario> {
        let (found, known) = (self.by_file.get(&file)?, self.parameters.get(&file)?);
        let value = |(name, setting): (&SmolStr, &Setting)| match setting {
            Setting::Is(value) | Setting::Key(value) => Some((name.clone(), setting.clone(), value.clone())),
            Setting::Not(_) => None,
        };
        let may_be = |name: &SmolStr, value: &SmolStr| {
            name.starts_with("AWS::")
                || known.get(name).is_some_and(|allowed| allowed.as_ref().is_none_or(|allowed| allowed.contains(value)))
        };
        let shared = leader.parameters.iter().filter_map(value).filter(|(name, _, value)| may_be(name, value));
        let shared: Vec<_> = shared.collect();
        let is = |scenario: &Scenario, name: &SmolStr, setting: &Setting| scenario.parameters.get(name) == Some(setting);
        let follows = |scenario: &&Scenario| {
            shared.iter().all(|(name, setting, _)| match found.all.iter().any(|one| is(one, name, setting)) {
                true => is(scenario, name, setting),
                false => !matches!(scenario.parameters.get(name), Some(Setting::Is(_) | Setting::Key(_))),
            })
        };
        let mut scenario = found.all.iter().find(follows).filter(|_| !shared.is_empty())?.clone();
        for (name, setting, _) in shared {
            scenario.parameters.entry(name).or_insert(setting);
        }
        Some(scenario)
    }

    /// How many scenarios a template has; one for a file that is none.
    pub(super) fn count(&self, file: FileId) -> usize {
        self.by_file.get(&file).map_or(1, |found| found.all.len())
    }

    /// All of them, each template's own counted.
    pub(super) fn total(&self) -> usize {
        self.by_file.values().map(|found| found.all.len()).sum()
    }

    /// Templates with more scenarios than are looked at.
    pub(super) fn capped(&self) -> impl Iterator<Item = (FileId, usize)> {
        self.by_file.iter().filter(|(_, found)| found.capped).map(|(file, found)| (*file, found.all.len()))
    }

    /// What it takes to come to a scenario.
    pub(super) fn when(&self, file: FileId, number: usize) -> Vec<(String, String)> {
        let when = self.by_file.get(&file).and_then(|found| found.all.get(number)).map_or(&[][..], |scenario| &scenario.when);
        when.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    /// The fewest values it takes to come to scenarios of a template that are in `wanted`, and to no other.
    pub(super) fn smallest(&self, file: FileId, wanted: &BTreeSet<usize>) -> Vec<(String, String)> {
        let when = self.by_file.get(&file).map(|found| found.smallest(wanted)).unwrap_or_default();
        when.into_iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }
}

/// The parameters whose values follow those of other templates.
fn settable(root: &Node, given: &Values) -> BTreeMap<SmolStr, Option<Vec<SmolStr>>> {
    let entries = root.get("Parameters").map(Node::entries).unwrap_or_default();
    let own = entries.iter().filter(|entry| !given.contains_key(&entry.key.text) && !is_stored(&entry.value));
    let allowed = |entry: &Entry| Some(entry.value.get("AllowedValues")?.items().iter().filter_map(Node::scalar_text).collect());
    own.map(|entry| (entry.key.text.clone(), allowed(entry))).collect()
}

/// The scenarios of a template that differ in what is judged, or in the nested stacks called `linked`.
pub(super) fn ways<'t>(
    template: &Template<'t>,
    linked: impl Iterator<Item = &'t str>,
    given: &Values,
    place: &Place,
) -> Scenarios {
    scenarios(template, &asked(template, linked), given, place)
}
