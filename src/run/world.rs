//! The files of a run as one assignment of scenarios has them.

use super::deployments::{Assignment, Pass};
use super::merge::Seen;
use super::nested::Nested;
use super::{Plan, found, root};
use crate::cfn::place::Place;
use crate::facts::{self, Facts, InputProblem, Scene};
use crate::finding::BucketRef;
use crate::iam::caller::Requester;
use crate::inventory::{self, FileModel, Inventory};
use crate::link::{self, LinkedBucket};
use crate::outcome::BucketReport;
use crate::rule::Rule;
use crate::sniff::Kind;
use crate::source::{FileId, Sources};
use crate::syntax::node::Node;
use std::collections::{BTreeMap, BTreeSet};

/// What all passes look at.
#[derive(Clone, Copy)]
pub(super) struct World<'r> {
    pub(super) sources: &'r Sources,
    pub(super) models: &'r [FileModel],
    pub(super) nested: &'r Nested,
    pub(super) plan: &'r Plan,
    /// Whether a rule asks about resources as they are deployed.
    pub(super) resources: bool,
    /// What could not be read, whatever the scenario.
    pub(super) problems: &'r [InputProblem],
    /// What is to be said of scenarios.
    pub(super) scenarios: &'r [Node],
}

/// What there is under one assignment.
pub(super) struct View {
    /// What its templates are deployed with.
    assignment: Assignment,
    pub(super) inventory: Inventory,
    pub(super) buckets: Vec<LinkedBucket>,
}

/// What a pass over some scenarios brought.
pub(super) struct Varied {
    pub(super) seen: Seen,
    /// How many subjects each rule judged.
    pub(super) considered: BTreeMap<String, usize>,
    pub(super) reports: Vec<BucketReport>,
}

impl<'r> World<'r> {
    /// Models and links under `assignment`.
    pub(super) fn view(&self, assignment: &Assignment) -> View {
        let bucket = self.plan.standalone_bucket.as_deref();
        let mut assignment = assignment.clone();
        self.nested.bind(self.models, self.sources, &mut assignment);
        self.place(&mut assignment);
        let mut inventory = inventory::collect(self.models, self.sources, bucket, &assignment);
        inventory.invalid.extend(self.nested.circles.iter().cloned());
        let hidden = self.problems.iter().filter(|problem| problem.kind == "unresolved");
        inventory.hidden = hidden.map(|problem| problem.span).collect();
        let mut buckets = link::link(&inventory, self.sources, &self.plan.buckets, self.plan.partition.as_deref());
        for bucket in &mut buckets {
            bucket.reference.nested = self.nested.title(bucket.file).map(str::to_owned);
        }
        View { assignment, inventory, buckets }
    }

    /// Tells every template where it is deployed: with the outermost stack it is in.
    fn place(&self, assignment: &mut Assignment) {
        for (file, scenario) in assignment {
            let home = scenario.stack.home.unwrap_or(*file);
            let told = [home, *file].map(|file| self.plan.given.places.get(&*self.sources.get(file).path));
            let place = told.into_iter().flatten().next().cloned().unwrap_or_default();
            scenario.stack.place = Place { home: Some((home, None)), ..place };
        }
    }

    /// What is decided of `view`; of resources those of `files` alone, if that is given.
    pub(super) fn facts(&self, view: &View, requesters: &[Requester], files: Option<&BTreeSet<FileId>>) -> Facts {
        let scene = Scene {
            sources: self.sources,
            inventory: &view.inventory,
            buckets: &view.buckets,
            requesters,
            profile: &self.plan.profile,
            trail_elsewhere: self.plan.trail_elsewhere,
            scenarios: self.scenarios,
        };
        let embedded = view.inventory.problems.iter().cloned().map(InputProblem::from_parser);
        let unread = view.inventory.unread.iter().cloned().map(InputProblem::unread);
        let problems: Vec<InputProblem> = self.problems.iter().cloned().chain(embedded).chain(unread).collect();
        let mut facts = facts::compute(&scene, &problems);
        let resources = match self.resources {
            true => inventory::deployed(self.models, self.sources, &view.assignment, files),
            false => Vec::new(),
        };
        facts.members.push(facts::resources(resources, &view.buckets, self.sources));
        facts
    }

    /// The findings of `pass`, on those buckets alone that what is varied has a say on.
    pub(super) fn vary(&self, assignment: &Assignment, pass: &Pass, requesters: &[Requester], rules: &[Rule]) -> Varied {
        let mut view = self.view(assignment);
        let mut touched = self.touched(&view);
        touched.retain(|_, files| files.iter().any(|file| pass.varied.contains_key(file)));
        view.buckets.retain(|bucket| touched.contains_key(&bucket.reference));
        let files = pass.varied.keys().copied().collect();
        let facts = self.facts(&view, requesters, Some(&files));
        let (findings, considered) = found(rules, &root(facts.members, Vec::new(), self.sources), &self.plan.levels);
        Varied { seen: Seen { findings, touched }, considered, reports: facts.reports }
    }

    /// The files that have a say on each bucket: its own, its policies', those of trails, of keys if it is encrypted and of
    /// topics if it sends events, and what these import from.
    pub(super) fn touched(&self, view: &View) -> BTreeMap<BucketRef, BTreeSet<FileId>> {
        let inventory = &view.inventory;
        let trails: BTreeSet<FileId> = inventory.trails.iter().map(|found| found.file).collect();
        let keys: BTreeSet<FileId> = inventory
            .keys
            .iter()
            .map(|key| key.span.file)
            .chain(inventory.aliases.iter().map(|alias| alias.name.span.file))
            .collect();
        let topics = inventory.topics.iter().map(|topic| topic.span.file);
        let topics: BTreeSet<FileId> =
            topics.chain(inventory.topic_policies.iter().map(|policy| policy.document.span.file)).collect();
        let (importers, exporters) = (self.importers(), self.exporters());
        let files = |bucket: &LinkedBucket| {
            let policies = bucket.policies.iter().chain(&bucket.possible).map(|&at| inventory.policies[at].file);
            let mut files: BTreeSet<FileId> = policies.chain([bucket.file]).collect();
            files.extend(&trails);
            let declared = bucket.declared.map(|at| &inventory.buckets[at]);
            if declared.is_some_and(|bucket| bucket.encryption.is_some()) {
                files.extend(&keys);
            }
            if declared.is_some() && !inventory.notifications.is_empty() {
                files.extend(&topics);
            }
            if files.iter().any(|file| importers.contains(file)) {
                files.extend(&exporters);
            }
            let related: Vec<FileId> = files.iter().flat_map(|file| self.nested.family(*file)).collect();
            files.extend(related);
            files
        };
        view.buckets.iter().map(|bucket| (bucket.reference.clone(), files(bucket))).collect()
    }

    /// For every file, those it has a bucket in common with.
    pub(super) fn together(&self, view: &View) -> BTreeMap<FileId, BTreeSet<FileId>> {
        let mut out: BTreeMap<FileId, BTreeSet<FileId>> = BTreeMap::new();
        let groups: BTreeSet<BTreeSet<FileId>> = self.touched(view).into_values().collect();
        for group in groups {
            group.iter().for_each(|file| out.entry(*file).or_default().extend(&group));
        }
        out
    }

    fn importers(&self) -> BTreeSet<FileId> {
        let imports = |model: &&FileModel| memchr::memmem::find(self.text(model), b"ImportValue").is_some();
        self.models.iter().filter(imports).map(|model| model.file).collect()
    }

    fn exporters(&self) -> BTreeSet<FileId> {
        let exports = |model: &&FileModel| model.kind == Kind::Template && model.root.get("Outputs").is_some();
        self.models.iter().filter(exports).map(|model| model.file).collect()
    }

    fn text(&self, model: &FileModel) -> &'r [u8] {
        self.sources.get(model.file).text.as_bytes()
    }
}
