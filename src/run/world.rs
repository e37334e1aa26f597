//! The files of a run as one assignment of scenarios has them.

use super::deployments::{Assignment, Pass};
use super::merge::Seen;
use super::nested::Nested;
use super::{Plan, found, root};
use crate::cfn::place::Place;
use crate::facts::{self, Facts, InputProblem, Scene};
use crate::finding::BucketRef;
use crate::iam::caller::Requester;
use crate::inventory::{self, Deployment, FileModel, Inventory};
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

/// Files that have a say on many buckets.
struct Common {
    trails: BTreeSet<FileId>,
    keys: BTreeSet<FileId>,
    topics: BTreeSet<FileId>,
    importers: BTreeSet<FileId>,
    exporters: BTreeSet<FileId>,
}

/// How many resources of some types a template has, whether they are deployed or not.
fn declared(model: &FileModel, is_one: impl Fn(&str) -> bool) -> usize {
    let resources = model.root.get("Resources").filter(|_| model.kind == Kind::Template).map(Node::entries).unwrap_or_default();
    resources.iter().filter(|entry| entry.value.get("Type").and_then(Node::as_str).is_some_and(&is_one)).count()
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
        self.given_to_platform(&mut inventory);
        let hidden = self.problems.iter().filter(|problem| problem.kind == "unresolved");
        inventory.hidden = hidden.map(|problem| problem.span).collect();
        let mut buckets = link::link(&inventory, self.sources, &self.plan.buckets, self.plan.partition.as_deref());
        for bucket in &mut buckets {
            bucket.reference.nested = self.nested.title(bucket.file).map(str::to_owned);
        }
        View { assignment, inventory, buckets }
    }

    /// Moves deployments of the platform to where their value is given as nothing.
    fn given_to_platform(&self, inventory: &mut Inventory) {
        // a template with values is deployed with these, and with the defaults of its other parameters
        for one in &mut inventory.deployments {
            one.by_default &= one.template.as_deref().is_none_or(|path| self.plan.given.of(path).is_empty());
        }
        for (template, span) in &self.plan.given.no_trail_bucket {
            let mut own = inventory.deployments.iter_mut().filter(|one| one.own && one.template == *template);
            match (own.next(), template) {
                (Some(one), _) => one.at = *span,
                (None, None) => inventory.deployments.push(Deployment::of_file(*span)),
                // a nested stack has its value from the template around it
                (None, Some(_)) => {}
            }
        }
    }

    /// Tells every template where it is deployed: with the outermost stack it is in, or where the stack set says.
    fn place(&self, assignment: &mut Assignment) {
        for (file, scenario) in assignment.iter_mut().filter(|(_, scenario)| !scenario.stack.apart) {
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
            logs_read: self.plan.logs_read,
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
        let (inventory, common) = (&view.inventory, self.common(view));
        let logs_encrypted =
            inventory.trails.iter().any(|found| found.delivery.as_ref().is_some_and(|delivery| delivery.key.is_some()));
        let files = |bucket: &LinkedBucket| {
            let policies = bucket.policies.iter().chain(&bucket.possible).map(|&at| inventory.policies[at].file);
            let mut files: BTreeSet<FileId> = policies.chain([bucket.file]).collect();
            files.extend(&common.trails);
            let declared = bucket.declared.map(|at| &inventory.buckets[at]);
            if logs_encrypted || declared.is_some_and(|bucket| bucket.encryption.is_some()) {
                files.extend(&common.keys);
            }
            if declared.is_some() && !inventory.notifications.is_empty() {
                files.extend(&common.topics);
            }
            self.with_related(files, &common)
        };
        view.buckets.iter().map(|bucket| (bucket.reference.clone(), files(bucket))).collect()
    }

    /// For every file, those it has a bucket in common with, or may have: buckets that are not there in `view` may be
    /// anybody's.
    pub(super) fn together(&self, view: &View) -> BTreeMap<FileId, BTreeSet<FileId>> {
        let mut out: BTreeMap<FileId, BTreeSet<FileId>> = BTreeMap::new();
        let mut groups: BTreeSet<BTreeSet<FileId>> = self.touched(view).into_values().collect();
        let common = self.common(view);
        let unattached = view.buckets.iter().filter(|bucket| bucket.declared.is_none()).map(|bucket| bucket.file);
        let unattached: BTreeSet<FileId> = unattached.collect();
        for model in self.models.iter().filter(|model| self.hides(model, view)) {
            let sets = [&common.trails, &common.keys, &common.topics, &unattached];
            let files = sets.into_iter().flatten().copied().chain([model.file]).collect();
            groups.insert(self.with_related(files, &common));
        }
        for group in groups {
            group.iter().for_each(|file| out.entry(*file).or_default().extend(&group));
        }
        out
    }

    /// Whether a template has buckets or bucket policies that are not there in `view`.
    fn hides(&self, model: &FileModel, view: &View) -> bool {
        let (buckets, policies) = (&view.inventory.buckets, &view.inventory.policies);
        let there = buckets.iter().filter(|bucket| bucket.file == model.file).count()
            + policies.iter().filter(|policy| policy.file == model.file).count();
        let is_one = |kind: &str| matches!(kind, "AWS::S3::Bucket" | "AWS::S3::BucketPolicy");
        there < declared(model, is_one)
    }

    /// The files whose resources concern many buckets, be they there in `view` or not.
    fn common(&self, view: &View) -> Common {
        let inventory = &view.inventory;
        let all = |is_one: fn(&str) -> bool| {
            self.models.iter().filter(move |model| declared(model, is_one) > 0).map(|model| model.file)
        };
        let trails = all(|kind| kind == "AWS::CloudTrail::Trail");
        let keys = all(|kind| matches!(kind, "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" | "AWS::KMS::Alias"));
        let topics = all(|kind| matches!(kind, "AWS::SNS::Topic" | "AWS::SNS::TopicPolicy"));
        Common {
            trails: inventory.trails.iter().map(|found| found.file).chain(trails).collect(),
            keys: keys.collect(),
            topics: topics.collect(),
            importers: self.importers(),
            exporters: self.exporters(),
        }
    }

    /// `files` with what they import from, and the stacks that pass values to each other.
    fn with_related(&self, mut files: BTreeSet<FileId>, common: &Common) -> BTreeSet<FileId> {
        if files.iter().any(|file| common.importers.contains(file)) {
            files.extend(&common.exporters);
        }
        let related: Vec<FileId> = files.iter().flat_map(|file| self.nested.family(*file)).collect();
        files.extend(related);
        files
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
