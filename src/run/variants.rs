//! What each scenario of a template makes that the default does not. Scenarios that make the same are one.

use super::touch::{self, Files};
use crate::iam::resource::same;
use crate::inventory::{Deployed, Inventory};
use crate::source::FileId;
use crate::text::Text;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Write};
use std::hash::{DefaultHasher, Hasher};
use std::sync::{Arc, OnceLock};

/// What is made of one file.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) inventory: Inventory,
    /// Its resources as they are deployed, where a rule asks about them.
    pub(super) resources: Vec<Deployed>,
    /// Its mark, once that is asked for.
    pub(super) mark: OnceLock<u64>,
}

/// What is made of several files.
pub(super) type Parts = BTreeMap<FileId, Arc<Part>>;

/// A scenario of a template that makes something else than by default.
#[derive(Debug)]
pub(super) struct Variant {
    pub(super) file: FileId,
    /// The first of the scenarios that make this.
    pub(super) number: usize,
    /// What is made of those files that it matters to.
    pub(super) parts: Parts,
    /// How each of those differs from what is made by default.
    pub(super) changes: BTreeMap<FileId, Change>,
    /// The template and those that take values from it: other files are only like it in what their parameters are.
    pub(super) heirs: BTreeSet<FileId>,
}

/// How what is made of a file differs from what is made of it by default.
#[derive(Debug)]
pub(super) struct Change {
    /// Tells it from other changes.
    pub(super) mark: u64,
    /// Whether it is in what looks at the buckets of all files: trails, keys, topics.
    pub(super) watches: bool,
    /// Whether it is in what names buckets of other files.
    pub(super) reaches_out: bool,
    /// The names by which it is seen from other files, here and by default; `None` where it may be seen from anywhere.
    pub(super) names: Option<BTreeSet<Text>>,
}

impl Variant {
    /// Whether what `files` tell of together is not as by default, for this scenario.
    pub(super) fn concerns(&self, files: &Files) -> bool {
        let is_seen =
            |file: &FileId, change: &Change| files.own.contains(file) || change.watches && files.watching.contains(file);
        self.changes.iter().any(|(file, change)| is_seen(file, change)) && files.meet(&self.heirs)
    }
}

/// All of them.
pub(super) struct Variants {
    pub(super) all: Vec<Variant>,
    /// For each template, the scenarios that make the same, by the first of them.
    alike: BTreeMap<FileId, BTreeMap<usize, BTreeSet<usize>>>,
}

impl Variants {
    /// `made` tells for scenarios of templates, in order of their numbers, what is made of the files it matters to; `heirs`
    /// which files take values from a template, itself included.
    pub(super) fn of(default: &Parts, made: Vec<(FileId, usize, Parts)>, heirs: impl Fn(FileId) -> BTreeSet<FileId>) -> Self {
        let mut all = Vec::new();
        let mut alike: BTreeMap<FileId, BTreeMap<usize, BTreeSet<usize>>> = BTreeMap::new();
        let mut known: BTreeMap<FileId, BTreeMap<BTreeMap<FileId, u64>, usize>> = BTreeMap::new();
        for (file, number, parts) in made {
            let change = |(other, part): (&FileId, &Arc<Part>)| {
                let none = Part::default();
                (*other, part.change(default.get(other).map_or(&none, |usual| usual)))
            };
            let changes: BTreeMap<FileId, Change> = parts.iter().map(change).collect();
            let marks = changes.iter().map(|(other, change)| (*other, change.mark)).collect();
            let known = known.entry(file).or_insert_with(|| BTreeMap::from([(BTreeMap::new(), 0)]));
            let first = *known.entry(marks).or_insert(number);
            let alike = alike.entry(file).or_insert_with(|| BTreeMap::from([(0, BTreeSet::from([0]))]));
            alike.entry(first).or_default().insert(number);
            if first == number {
                all.push(Variant { file, number, parts, changes, heirs: heirs(file) });
            }
        }
        Self { all, alike }
    }

    /// The scenarios of a template that make what the one of this number makes.
    pub(super) fn alike(&self, file: FileId, number: usize) -> BTreeSet<usize> {
        self.alike.get(&file).and_then(|alike| alike.get(&number)).cloned().unwrap_or_else(|| BTreeSet::from([number]))
    }
}

impl Part {
    /// Tells it from what else may be made of the file.
    pub(super) fn mark(&self) -> u64 {
        *self.mark.get_or_init(|| mark(&(&self.inventory, &self.resources)))
    }

    fn change(&self, usual: &Self) -> Change {
        let (it, before) = (&self.inventory, &usual.inventory);
        let (now, then) = (touch::seen(it), touch::seen(before));
        let new = now.iter().filter(|(mark, _)| !then.contains_key(mark));
        let gone = then.iter().filter(|(mark, _)| !now.contains_key(mark));
        let names = new.chain(gone).map(|(_, names)| names.clone()).collect::<Option<Vec<_>>>();
        let names = names.map(|names| names.into_iter().flatten().collect());
        let watches = it.watchers() != before.watchers();
        Change { mark: self.mark(), watches, reaches_out: it.outward() != before.outward(), names }
    }
}

impl Inventory {
    /// A mark of what looks at all buckets.
    fn watchers(&self) -> u64 {
        mark(&(&self.trails, &self.opaque, &self.event_stores, &self.keys, &self.aliases, &self.topics, &self.topic_policies))
    }

    /// A mark of references to nothing.
    pub(super) fn broken(&self) -> u64 {
        mark(&(&self.invalid, &self.lost))
    }

    /// A mark of what names buckets that are not in it.
    fn outward(&self) -> u64 {
        let own = |name: &Text| self.buckets.iter().any(|bucket| same(name, &bucket.name) == Some(true));
        let policies: Vec<_> = self.policies.iter().filter(|policy| !policy.bucket.as_ref().is_some_and(own)).collect();
        let notifications: Vec<_> = self.notifications.iter().filter(|one| !own(&one.bucket)).collect();
        let points: Vec<_> = self.access_points.iter().filter(|point| !own(&point.bucket)).collect();
        let logs: Vec<_> = self.log_receivers.iter().filter(|one| !own(&one.bucket)).collect();
        mark(&(policies, notifications, points, logs, &self.opaque))
    }
}

/// What tells two things apart. Texts are equal wherever they stand and for whatever reason they are not known; `Debug`
/// tells that too.
pub(super) fn mark(what: &impl Debug) -> u64 {
    struct Marker(DefaultHasher);
    impl Write for Marker {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }
    let mut marker = Marker(DefaultHasher::new());
    // a hasher takes all that is written
    let _ = write!(marker, "{what:?}");
    marker.0.finish()
}
