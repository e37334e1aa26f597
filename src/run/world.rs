//! The files of a run as they are deployed by default, and in each pass.

use super::basis::{Basis, Given};
use super::deployments::Assignment;
use super::merge::{Seen, Touched};
use super::nested::Nested;
use super::passes::Pass;
use super::same::Same;
use super::touch::{self, Common, Watchers};
use super::trade::Trade;
use super::variants::{Part, Parts};
use super::{Plan, found, root, trace};
use crate::cfn::fragment::Fragment;
use crate::cfn::place::Place;
use crate::cfn::resolve::Exports;
use crate::cfn::template::Template;
use crate::facts::{self, Decided, Earlier, Facts, InputProblem, Scene};
use crate::finding::BucketRef;
use crate::iam::caller::Requester;
use crate::inventory::{self, Deployment, FileModel, FoundTrail, Inventory};
use crate::link::{self, Index, Joins, KeyIndex, LinkedBucket};
use crate::outcome::BucketReport;
use crate::rule::Rule;
use crate::sniff::{Kind, LostPolicy};
use crate::source::{FileId, Sources, Span};
use crate::syntax::node::{Entry, Node};
use crate::text::Text;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
    /// Files that are parts of a template.
    pub(super) fragments: &'r BTreeMap<FileId, Fragment>,
    /// Policies in files that cannot be read.
    pub(super) lost: &'r [LostPolicy],
    /// Templates that ask for their Region or name other partitions.
    pub(super) regional: &'r BTreeSet<FileId>,
    /// Which templates may take values from which.
    pub(super) trade: &'r Trade,
}

/// What there is when everything is deployed by default, or in one pass.
pub(super) struct View {
    /// What is made of each file.
    pub(super) parts: Parts,
    pub(super) inventory: Inventory,
    pub(super) buckets: Vec<LinkedBucket>,
}

impl View {
    /// The references that several buckets have.
    pub(super) fn doubled(&self) -> BTreeSet<&BucketRef> {
        let mut all = BTreeSet::new();
        self.buckets.iter().map(|bucket| &bucket.reference).filter(|reference| !all.insert(*reference)).collect()
    }

    /// The references that several buckets of one place have.
    fn twins(&self) -> BTreeSet<(&BucketRef, Span)> {
        let mut all = BTreeSet::new();
        self.buckets.iter().map(|bucket| (&bucket.reference, bucket.span)).filter(|one| !all.insert(*one)).collect()
    }

    /// Whether what is told of a bucket may hang on how many others there are: an output that does not say which bucket it is
    /// of is of the one there is.
    pub(super) fn counts(&self) -> bool {
        let mut in_scope = self.buckets.iter().filter(|bucket| bucket.in_scope);
        !self.inventory.ownership.is_empty() && in_scope.next().is_some() && in_scope.next().is_none()
    }

    /// The buckets that are not `alike`.
    fn unlike(&self, alike: &BTreeSet<&BucketRef>) -> Vec<&LinkedBucket> {
        self.buckets.iter().filter(|bucket| !alike.contains(&bucket.reference)).collect()
    }

    /// Where its buckets are declared, or named.
    pub(super) fn homes(&self) -> BTreeSet<Span> {
        self.buckets.iter().map(|bucket| bucket.span).collect()
    }
}

/// The default deployment, decided: what a pass does not change is as it is here.
pub(super) struct Usual<'r> {
    pub(super) view: &'r View,
    pub(super) common: &'r Common,
    pub(super) seen: &'r Touched,
    pub(super) decided: &'r [Decided],
    /// Where its buckets are declared, or named.
    pub(super) homes: &'r BTreeSet<Span>,
    /// The references that several of its buckets have.
    pub(super) doubled: &'r BTreeSet<&'r BucketRef>,
    /// Whether a pass may be asked about some buckets and not about others.
    pub(super) apart: bool,
}

/// How many resources of some types a template has, be they deployed or not.
pub(super) fn declared(model: &FileModel, is_one: impl Fn(&str) -> bool) -> usize {
    let resources = model.root.get("Resources").filter(|_| model.kind == Kind::Template).map(Node::entries).unwrap_or_default();
    resources.iter().filter(|entry| entry.value.get("Type").and_then(Node::as_str).is_some_and(&is_one)).count()
}

/// Whether what is not seen at a place in a template may be a trail: it makes resources there, or is a nested stack. A loop
/// is no such place, as there is a copy of all it makes.
fn may_hold_trail(model: &FileModel, at: Span) -> bool {
    let holds = |node: &Node| node.span.contains(at);
    let mut resources = model.root.get("Resources").map(Node::entries).unwrap_or_default().iter();
    let kind = |entry: &Entry| entry.value.get("Type").and_then(Node::as_str).map(str::to_owned);
    let of_resource = resources.find(|entry| holds(&entry.value)).map(kind);
    let makes = |kind: Option<String>| kind.is_none_or(|kind| kind.starts_with("AWS::CloudFormation::Stack"));
    model.root.get("Transform").is_some_and(holds) || of_resource.is_some_and(makes)
}

/// What a pass over some scenarios brought.
pub(super) struct Varied {
    pub(super) seen: Seen,
    /// How many subjects each rule judged.
    pub(super) considered: BTreeMap<String, usize>,
    pub(super) reports: Vec<BucketReport>,
}

impl<'r> World<'r> {
    /// The model of a file: they are in the order of these.
    pub(super) fn model(&self, file: FileId) -> Option<&'r FileModel> {
        self.models.binary_search_by_key(&file, |model| model.file).ok().map(|at| &self.models[at])
    }

    pub(super) fn template(&self, model: &'r FileModel) -> Template<'r> {
        Template { file: model.file, path: &self.sources.get(model.file).path, root: &model.root }
    }

    /// Tells every template of `assignment` where it is deployed, and what it is given and passed.
    pub(super) fn settle(&self, assignment: &mut Assignment) {
        for (file, scenario) in assignment.iter_mut().filter(|(file, _)| !self.nested.is_stack(**file)) {
            let given = self.plan.given.written.get(&*self.sources.get(*file).path);
            scenario.given = given.cloned().unwrap_or_default();
        }
        // nested stacks are where the ones around them are
        self.place(assignment);
        self.nested.bind(self, assignment);
        self.place(assignment);
    }

    /// What is made of `models` under a settled assignment and what is exported then.
    pub(super) fn parts<'m>(
        &self,
        models: impl Iterator<Item = &'m FileModel>,
        assignment: &Assignment,
        exports: &Exports,
    ) -> Parts {
        let bucket = self.plan.standalone_bucket.as_deref();
        let part = |model: &FileModel| Part {
            inventory: inventory::part(model, self.sources, bucket, assignment, exports),
            resources: match self.resources {
                true => inventory::deployed(model, self.sources, assignment, exports),
                false => Vec::new(),
            },
            ..Part::default()
        };
        models.map(|model| (model.file, Arc::new(part(model)))).collect()
    }

    /// What is made of files where the templates of `changed` are deployed so, and not by default.
    pub(super) fn differing(&self, base: &Basis, view: &View, changed: &Assignment) -> Parts {
        let Given { exports, importing } = base.exports(self, changed);
        let files: BTreeSet<FileId> = changed.keys().chain(&importing).copied().collect();
        let models = files.iter().filter_map(|file| self.model(*file));
        let mut parts = self.parts(models, &base.with(changed, &files), &exports);
        parts.retain(|file, part| view.parts.get(file).is_none_or(|usual| part.mark() != usual.mark()));
        parts
    }

    /// Everything there is under some values, whichever conditions hold.
    pub(super) fn open_view(&self) -> View {
        let open = Assignment::new();
        let exports = if self.trade.is_empty() { Exports::new() } else { inventory::exported(self.models, self.sources, &open) };
        self.view(self.parts(self.models.iter(), &open, &exports))
    }

    /// Links what is made of all files.
    pub(super) fn view(&self, parts: Parts) -> View {
        let mut inventory = Inventory::of(parts.values().map(|part| &part.inventory));
        inventory.invalid.extend(self.nested.circles.iter().cloned());
        self.given_to_platform(&mut inventory);
        let hidden = self.problems.iter().filter(|problem| problem.kind == "unresolved");
        inventory.hidden = hidden.map(|problem| problem.span).collect();
        let may_hold = |at: &&Span| self.models.iter().any(|model| model.file == at.file && may_hold_trail(model, **at));
        inventory.hidden_trails = inventory.hidden.iter().filter(may_hold).copied().collect();
        inventory.hidden_trails.extend(inventory.opaque.iter().map(|resource| resource.opaque.at));
        let mut buckets = link::link(&inventory, self.sources, &self.plan.buckets, self.plan.partition.as_deref());
        for bucket in &mut buckets {
            bucket.reference.nested = self.nested.title(bucket.file).map(str::to_owned);
        }
        View { parts, inventory, buckets }
    }

    /// Tells which of its buckets are shared with a control account.
    pub(super) fn share(&self, view: &mut View, requesters: &[Requester]) {
        let accounts: Vec<&str> = requesters.iter().map(|requester| requester.account.as_str()).collect();
        link::share(
            &mut view.buckets,
            (&view.inventory, self.sources),
            &accounts,
            &self.plan.profile.actions,
            &self.plan.buckets,
        );
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
            let place = self.plan.place(&self.sources.get(home).path, &self.sources.get(*file).path);
            scenario.stack.place = Place { home: Some((home, None)), ..place };
        }
    }

    /// What is decided of `view`, as far as `earlier` does not tell it; of the buckets in `told`, by their place, nothing is
    /// to be said, of other resources only of those in `files`, if there are any, and of what hangs on nothing else only of that
    /// in `own`.
    pub(super) fn facts(
        &self,
        view: &View,
        requesters: &[Requester],
        earlier: &[Option<Earlier<'_>>],
        (told, files, own): (&BTreeSet<usize>, Option<&BTreeSet<FileId>>, Option<&BTreeSet<FileId>>),
    ) -> Facts {
        let joins = Joins::of(&view.buckets, self.sources);
        let scene = Scene {
            sources: self.sources,
            inventory: &view.inventory,
            buckets: &view.buckets,
            told,
            files,
            index: &Index::of(&view.buckets, &view.inventory, self.sources),
            joins: &joins,
            requesters,
            profile: &self.plan.profile,
            trail_elsewhere: self.plan.trail_elsewhere,
            logs_read: self.plan.logs_read,
            scenarios: self.scenarios,
            fragments: self.fragments,
            lost: self.lost,
            regional: self.regional,
        };
        let embedded = view.inventory.problems.iter().cloned().map(InputProblem::from_parser);
        let unread = view.inventory.unread.iter().cloned().map(InputProblem::unread);
        let problems: Vec<InputProblem> = self.problems.iter().cloned().chain(embedded).chain(unread).collect();
        let mut facts = facts::compute(&scene, &problems, earlier);
        let asked = view.parts.iter().filter(|(file, _)| own.is_none_or(|own| own.contains(file)));
        let resources = asked.flat_map(|(_, part)| &part.resources).cloned().collect();
        facts.members.push(facts::resources(resources, &view.buckets, self.sources));
        facts
    }

    /// The findings of `pass`.
    pub(super) fn vary(&self, usual: &Usual<'_>, pass: &Pass<'_>, requesters: &[Requester], rules: &[Rule]) -> Varied {
        let mut parts = usual.view.parts.clone();
        let made = pass.variants.iter().flat_map(|variant| &variant.parts);
        parts.extend(made.clone().map(|(file, part)| (*file, Arc::clone(part))));
        let changed: BTreeSet<FileId> = made.map(|(file, _)| *file).collect();
        let mut view = self.view(parts);
        self.share(&mut view, requesters);
        let kept_by = Same::of(usual, &view, &changed);
        let mut earlier: Vec<Option<Earlier<'_>>> = view.buckets.iter().map(|bucket| kept_by.earlier(bucket)).collect();
        let (apart, reaches_out) = (usual.apart && !view.counts(), pass.reaches_out());
        let doubled = view.doubled();
        let watchers = Watchers::of(&view, usual.common, self.sources);
        let is_one = |bucket: &LinkedBucket| ![usual.doubled, &doubled].iter().any(|all| all.contains(&bucket.reference));
        let twins = [usual.view, &view].map(View::twins);
        let is_alone = |bucket: &LinkedBucket| !twins.iter().any(|all| all.contains(&(&bucket.reference, bucket.span)));
        let (mut seen, mut told, mut usually) = (Seen::default(), BTreeSet::new(), BTreeSet::new());
        // the buckets that are as by default, and the places of those that are asked about by the same files
        let (mut alike, mut kept) = (BTreeSet::new(), BTreeSet::new());
        for (at, (bucket, earlier)) in view.buckets.iter().zip(&mut earlier).enumerate() {
            let before = usual.seen.get(&bucket.reference);
            let as_before = before.filter(|_| earlier.as_ref().is_some_and(|earlier| earlier.grants));
            let files = match as_before {
                Some((_, before)) if !reaches_out => Cow::Borrowed(before),
                _ => Cow::Owned(watchers.files(bucket)),
            };
            if as_before.is_some() {
                alike.insert(&bucket.reference);
            }
            // whatever becomes of other buckets is not for this pass to tell
            let is_about = pass.is_about(&files) || before.is_some_and(|(_, before)| pass.is_about(before));
            let is_same = earlier.as_ref().is_some_and(|earlier| earlier.grants && earlier.covered) && !reaches_out;
            if let Some(earlier) = earlier.as_mut().filter(|_| !is_about) {
                (earlier.grants, earlier.covered) = (true, true);
            }
            let is_told = is_same && is_alone(bucket) || !is_about && is_one(bucket);
            if before.is_some() && apart && earlier.is_some() && is_told {
                told.insert(at);
                usually.insert((&bucket.reference, bucket.span));
            }
            match before {
                Some((place, before)) if *before == *files => drop(kept.insert(place)),
                _ => drop(seen.touched.insert(bucket.reference.clone(), files.into_owned())),
            }
        }
        seen.changed = (0..usual.seen.count()).filter(|place| !kept.contains(place)).collect();
        let unlike = [usual.view, &view].map(|view| (view, view.unlike(&alike)));
        let looking_at = || self.looking_at(changed.clone(), &unlike);
        let files = (apart && !reaches_out && kept_by.elsewhere()).then(looking_at);
        let homes = unlike.iter().flat_map(|(_, buckets)| buckets).map(|bucket| bucket.file);
        let own: BTreeSet<FileId> = homes.chain(changed.iter().copied()).collect();
        let own = (!told.is_empty() || files.is_some()).then_some(&own);
        let facts = self.facts(&view, requesters, &earlier, (&told, files.as_ref(), own));
        let considered;
        (seen.findings, considered) = found(rules, &root(facts.members, Vec::new(), self.sources), &self.plan.levels);
        trace(&mut seen.findings, &view.inventory.moved);
        seen.homes = view.homes().difference(usual.homes).copied().collect();
        if own.is_some() {
            let places = usual.view.buckets.iter().enumerate();
            let told =
                places.filter(|(_, bucket)| usually.contains(&(&bucket.reference, bucket.span))).map(|(at, _)| at).collect();
            let decided = |decided| Some(Earlier { decided, grants: true, covered: true });
            let decided: Vec<Option<Earlier<'_>>> = usual.decided.iter().map(decided).collect();
            let facts = self.facts(usual.view, requesters, &decided, (&told, files.as_ref(), own));
            seen.before = Some(found(rules, &root(facts.members, Vec::new(), self.sources), &self.plan.levels).0);
        }
        Varied { seen, considered, reports: facts.reports }
    }

    /// The files `changed`, and those of trails, keys and topics of which is told what buckets that are `unlike` in a view make
    /// of them.
    fn looking_at(&self, mut changed: BTreeSet<FileId>, unlike: &[(&View, Vec<&LinkedBucket>)]) -> BTreeSet<FileId> {
        for (View { inventory, .. }, buckets) in unlike {
            let names: BTreeSet<&Text> = buckets.iter().map(|bucket| &bucket.target.name).collect();
            let named = |name: &Text| names.contains(name);
            let known = KeyIndex::of(inventory, self.sources);
            let logs = |found: &&FoundTrail| found.trail.log_bucket.as_ref().is_some_and(named);
            changed.extend(inventory.trails.iter().filter(logs).map(|found| found.file));
            let keys = buckets.iter().filter_map(|bucket| {
                let key = inventory.buckets[bucket.declared?].encryption.as_ref()?.key.as_ref()?;
                Some(inventory.keys[known.find(key, bucket.file).1?].file)
            });
            changed.extend(keys);
            let sending = inventory.notifications.iter().filter(|one| named(&one.bucket)).flat_map(|one| &one.entries);
            let topics: BTreeSet<&Text> = sending.filter_map(|entry| entry.to.as_ref()).collect();
            changed.extend(inventory.topics.iter().filter(|topic| topics.contains(&topic.arn)).map(|topic| topic.file));
        }
        changed
    }

    /// The files that are asked about each bucket.
    pub(super) fn touched(&self, view: &View, common: &Common) -> Touched {
        let watchers = Watchers::of(view, common, self.sources);
        Touched::new(view.buckets.iter().map(|bucket| (bucket.reference.clone(), watchers.files(bucket))))
    }

    /// For every file, those it has a bucket in common with in one of `views`; with what looks at the buckets, if that is
    /// `watched`.
    pub(super) fn together(&self, views: [&View; 2], common: &Common, watched: bool) -> BTreeMap<FileId, BTreeSet<FileId>> {
        let mut out: BTreeMap<FileId, BTreeSet<FileId>> = BTreeMap::new();
        let mut groups: BTreeSet<BTreeSet<FileId>> = BTreeSet::new();
        for view in views {
            let watchers = Watchers::of(view, common, self.sources);
            let files = view.buckets.iter().map(|bucket| watchers.files(bucket));
            groups.extend(files.map(|files| if watched { files.all().collect() } else { files.own }));
        }
        let groups: BTreeSet<BTreeSet<FileId>> = groups.into_iter().map(|group| self.with_related(group)).collect();
        let mut of: BTreeMap<FileId, Vec<&BTreeSet<FileId>>> = BTreeMap::new();
        groups.iter().for_each(|group| group.iter().for_each(|file| of.entry(*file).or_default().push(group)));
        // files of the same groups, such as those of trails, which are in all, have the same files in common
        let mut known: BTreeMap<Vec<&BTreeSet<FileId>>, BTreeSet<FileId>> = BTreeMap::new();
        for (file, groups) in of {
            let all = |groups: &[&BTreeSet<FileId>]| groups.iter().flat_map(|group| group.iter().copied()).collect();
            let together = known.entry(groups).or_insert_with_key(|groups| all(groups)).clone();
            out.insert(file, together);
        }
        out
    }

    /// The names in each file, in one of `views`, by which what is in another may be seen.
    pub(super) fn names(&self, views: [&View; 2]) -> BTreeMap<FileId, BTreeSet<Text>> {
        let mut out: BTreeMap<FileId, BTreeSet<Text>> = BTreeMap::new();
        for (file, part) in views.into_iter().flat_map(|view| &view.parts) {
            out.entry(*file).or_default().extend(touch::names(&part.inventory));
        }
        out
    }

    /// What trails there may be, where `view` is the default.
    pub(super) fn common(&self, view: &View) -> Common {
        let declaring = self.models.iter().filter(|model| declared(model, |kind| kind == "AWS::CloudTrail::Trail") > 0);
        let found = view.inventory.trails.iter().map(|found| found.file);
        Common {
            trails: found.chain(declaring.map(|model| model.file)).collect(),
            none: view.inventory.trails.is_empty(),
            hidden: Index::of(&view.buckets, &view.inventory, self.sources).hidden_trails().to_vec(),
        }
    }

    /// `files` with what they import from, and the stacks that pass values to each other.
    fn with_related(&self, mut files: BTreeSet<FileId>) -> BTreeSet<FileId> {
        files = self.trade.with_givers(files);
        let related: Vec<FileId> = files.iter().flat_map(|file| self.nested.family(*file)).collect();
        files.extend(related);
        files
    }

    /// A file, and those that take values from it.
    pub(super) fn heirs(&self, file: FileId) -> BTreeSet<FileId> {
        self.trade.with_heirs(self.nested.family(file).chain([file]).collect())
    }
}
