//! Which files are asked about a bucket: its own and its policies', and those of what looks at it.

use super::variants::mark;
use super::world::View;
use crate::iam::resource::same;
use crate::inventory::{FoundTrail, Inventory};
use crate::link::{KeyIndex, LinkedBucket};
use crate::source::{FileId, Sources, Span, shared_folders};
use crate::text::{SymbolKind, Text};
use crate::trail::selector::{AdvancedSelector, Condition, DataResource, FieldSelector, Selectors, Test};
use std::collections::{BTreeMap, BTreeSet};

/// The files that are asked about a bucket.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Files {
    /// Its own and its policies'.
    pub(super) own: BTreeSet<FileId>,
    /// Those of trails that may log it or deliver to it, of its key, and of topics that it sends events to.
    pub(super) watching: BTreeSet<FileId>,
}

impl Files {
    /// Whether one of `files` is among them.
    pub(super) fn meet(&self, files: &BTreeSet<FileId>) -> bool {
        !self.own.is_disjoint(files) || !self.watching.is_disjoint(files)
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = FileId> {
        self.own.union(&self.watching).copied()
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.own.extend(&other.own);
        self.watching.extend(&other.watching);
    }
}

/// What trails there may be, in whatever deployment.
pub(super) struct Common {
    /// The files that declare them.
    pub(super) trails: BTreeSet<FileId>,
    /// Whether there is none by default: then any at all matters to every bucket.
    pub(super) none: bool,
    /// The files in which a trail may be that is not seen, with how many folders they share with the nearest bucket in scope.
    /// To buckets as near it matters which trails there are.
    pub(super) hidden: Vec<(FileId, Option<usize>)>,
}

/// What looks at the buckets of a view, by what it looks at.
pub(super) struct Watchers<'v> {
    common: &'v Common,
    sources: &'v Sources,
    inventory: &'v Inventory,
    keys: KeyIndex<'v>,
    aliases: BTreeMap<String, BTreeSet<FileId>>,
    /// The files of trails, of those that log any bucket, of those that log the buckets of some names, and of those that deliver
    /// to a bucket.
    trails: BTreeSet<FileId>,
    general: BTreeSet<FileId>,
    naming: BTreeMap<Text, BTreeSet<FileId>>,
    delivering: BTreeMap<&'v Text, BTreeSet<FileId>>,
    /// The topics that the buckets of a name send events to, and the files that tell of each.
    sending: BTreeMap<&'v Text, Vec<&'v Text>>,
    topics: BTreeMap<&'v Text, BTreeSet<FileId>>,
}

impl<'v> Watchers<'v> {
    pub(super) fn of(view: &'v View, common: &'v Common, sources: &'v Sources) -> Self {
        let inventory = &view.inventory;
        let keys = KeyIndex::of(inventory, sources);
        let (mut trails, mut general, mut aliases) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::<_, BTreeSet<_>>::new());
        let (mut naming, mut delivering) = (BTreeMap::<_, BTreeSet<_>>::new(), BTreeMap::<_, BTreeSet<_>>::new());
        for found in &inventory.trails {
            trails.insert(found.file);
            match logged(&found.trail.selectors) {
                Logged::Any => general.extend([found.file]),
                Logged::Named(names) => names.into_iter().for_each(|name| naming.entry(name).or_default().extend([found.file])),
            }
            found.trail.log_bucket.iter().for_each(|name| delivering.entry(name).or_default().extend([found.file]));
        }
        for alias in &inventory.aliases {
            aliases.entry(alias.name.to_string()).or_default().insert(alias.file);
        }
        let mut sending: BTreeMap<&Text, Vec<&Text>> = BTreeMap::new();
        for one in &inventory.notifications {
            sending.entry(&one.bucket).or_default().extend(one.entries.iter().filter_map(|entry| entry.to.as_ref()));
        }
        let mut topics: BTreeMap<&Text, BTreeSet<FileId>> = BTreeMap::new();
        for (file, part) in &view.parts {
            let own = part.inventory.topics.iter().map(|topic| &topic.arn);
            let policies = part.inventory.topic_policies.iter().flat_map(|policy| &policy.topics);
            own.chain(policies).for_each(|arn| topics.entry(arn).or_default().extend([*file]));
        }
        Self { common, sources, inventory, keys, aliases, trails, general, naming, delivering, sending, topics }
    }

    /// The files that are asked about a bucket.
    pub(super) fn files(&self, bucket: &LinkedBucket) -> Files {
        let own = policies(self.inventory, bucket).map(|(file, _)| file).chain([bucket.file]).collect();
        Files { own, watching: self.watching(bucket) }
    }

    fn watching(&self, bucket: &LinkedBucket) -> BTreeSet<FileId> {
        let name = &bucket.target.name;
        let mut out = BTreeSet::new();
        let at = |file: FileId| &*self.sources.get(file).path;
        let near = |file: FileId| shared_folders(at(file), at(bucket.file));
        let exposed = |(file, nearest): &(FileId, Option<usize>)| nearest.is_none_or(|nearest| near(*file) >= nearest);
        if self.common.none || self.common.hidden.iter().any(exposed) {
            out.extend(&self.common.trails);
            out.extend(&self.trails);
        } else if is_certain(name) {
            out.extend(&self.general);
            out.extend(self.naming.get(name).into_iter().flatten());
        } else {
            out.extend(&self.trails);
        }
        out.extend(self.delivering.get(name).into_iter().flatten());
        let declared = bucket.declared.map(|at| &self.inventory.buckets[at]);
        if let Some(key) = declared.and_then(|bucket| bucket.encryption.as_ref()?.key.as_ref()) {
            out.extend(self.keys.find(key, bucket.file).1.map(|at| self.inventory.keys[at].file));
            out.extend(alias(key).and_then(|alias| self.aliases.get(&alias)).into_iter().flatten());
        }
        let topics = self.sending.get(name).into_iter().flatten();
        out.extend(topics.filter_map(|topic| self.topics.get(topic)).flatten());
        out
    }
}

/// The policies that are a bucket's or may be, and the resources that may be its policy.
pub(super) fn policies<'v>(inventory: &'v Inventory, bucket: &'v LinkedBucket) -> impl Iterator<Item = (FileId, Span)> + 'v {
    let all = bucket.policies.iter().chain(&bucket.possible);
    let opaque = bucket.opaque.iter().map(|&at| (inventory.opaque[at].file, inventory.opaque[at].opaque.at));
    all.map(|&at| (inventory.policies[at].file, inventory.policies[at].span)).chain(opaque)
}

/// The alias by which a key is named, alone or in an ARN.
fn alias(key: &Text) -> Option<String> {
    let shown = key.to_string();
    let at = shown.find("alias/")?;
    Some(shown[at..].to_owned())
}

/// The buckets that a trail may log objects of.
pub(super) enum Logged {
    /// Whichever.
    Any,
    /// Those of these names.
    Named(BTreeSet<Text>),
}

/// The buckets that are logged by `selectors`, or would be if they were right.
pub(super) fn logged(selectors: &Selectors) -> Logged {
    let is_s3 = |kind: &Text| kind.as_known().is_none_or(|kind| kind.starts_with("AWS::S3::"));
    let basic = selectors.basic.iter().flat_map(|one| &one.data).filter(|data| data.kind.as_ref().is_none_or(is_s3));
    let basic = basic.map(|DataResource { values, .. }| values.iter().map(bucket).collect::<Option<Vec<_>>>());
    let advanced = selectors.advanced.iter().filter(|one| !is_management(one)).map(objects);
    match basic.chain(advanced).collect::<Option<Vec<_>>>() {
        Some(names) => Logged::Named(names.into_iter().flatten().collect()),
        None => Logged::Any,
    }
}

/// Whether a selector is for management events alone.
fn is_management(selector: &AdvancedSelector) -> bool {
    let named = |field: &&FieldSelector| field.field.as_ref().and_then(Text::as_known) == Some("eventCategory");
    let mut values =
        selector.fields.iter().filter(named).flat_map(|field| &field.conditions).flat_map(|one| &one.values).peekable();
    values.peek().is_some() && values.all(|value| value.as_known() == Some("Management"))
}

/// The buckets whose objects a selector names, if it names some.
fn objects(selector: &AdvancedSelector) -> Option<Vec<Text>> {
    let named = |field: &&FieldSelector| field.field.as_ref().and_then(Text::as_known) == Some("resources.ARN");
    let field = selector.fields.iter().find(named)?;
    let is_plain = |condition: &Condition| {
        condition.operator.is_some_and(|one| !one.negated && matches!(one.test, Test::Equals | Test::StartsWith))
    };
    let conditions = Some(&field.conditions).filter(|all| !all.is_empty() && all.iter().all(is_plain))?;
    conditions.iter().flat_map(|condition| &condition.values).map(bucket).collect()
}

/// The bucket in the ARN of some of its objects, if no other can be meant.
fn bucket(value: &Text) -> Option<Text> {
    let rest = (0..4).try_fold(value.strip_prefix("arn:")?, |rest, _| Some(rest.split_once(':')?.1))?;
    let (name, _) = rest.split_once('/')?;
    let is_one = name.as_known().is_none_or(|name| !name.is_empty() && !name.contains(['*', '?', ':']));
    (is_one && is_certain(&name)).then_some(name)
}

/// Whether what is called so is called nothing else: a name that is known, or one that CloudFormation gives.
fn is_certain(name: &Text) -> bool {
    name.as_known().is_some() || name.as_symbol().is_some_and(|symbol| symbol.kind == SymbolKind::Generated)
}

/// What of a file's is seen from others, by its mark, with the names it is seen by; `None` where it may be seen from anywhere.
pub(super) fn seen(inventory: &Inventory) -> BTreeMap<u64, Option<BTreeSet<Text>>> {
    let mut out: BTreeMap<u64, Option<BTreeSet<Text>>> = BTreeMap::new();
    let some = |names: &[&Text]| Some(names.iter().map(|name| (*name).clone()).collect::<BTreeSet<Text>>());
    let own = |name: &Text| inventory.buckets.iter().any(|bucket| same(name, &bucket.name) == Some(true));
    // what stands in a bucket is seen in its own file alone, and so are the policies there
    out.extend(inventory.buckets.iter().map(|one| (mark(&("bucket", &one.name, one.span)), some(&[&one.name]))));
    for one in &inventory.policies {
        match &one.bucket {
            Some(name) if own(name) => out.insert(mark(&("policy", name, one.span)), some(&[name])),
            Some(name) if name.as_known().is_some() => out.insert(mark(one), some(&[name])),
            _ => out.insert(mark(one), None),
        };
    }
    for one in &inventory.notifications {
        let mark = if own(&one.bucket) { mark(&("notifications", &one.bucket, one.span)) } else { mark(one) };
        out.insert(mark, some(&[&one.bucket]));
    }
    out.extend(inventory.access_points.iter().map(|one| (mark(one), some(&[&one.bucket]))));
    out.extend(inventory.log_receivers.iter().map(|one| (mark(one), some(&[&one.bucket]))));
    out.extend(inventory.trails.iter().map(|one| (mark(one), trail(one))));
    out.extend(inventory.keys.iter().map(|one| (mark(one), some(&[&one.id, &one.arn]))));
    out.extend(inventory.aliases.iter().map(|one| (mark(one), some(&[&one.name, &one.target]))));
    out.extend(inventory.topics.iter().map(|one| (mark(one), some(&[&one.arn]))));
    out.extend(inventory.topic_policies.iter().map(|one| (mark(one), Some(one.topics.iter().cloned().collect()))));
    out.extend(inventory.opaque.iter().map(|one| (mark(one), None)));
    out.extend(inventory.deployments.iter().map(|one| (mark(one), None)));
    out
}

/// The names of the buckets that a trail looks at.
fn trail(found: &FoundTrail) -> Option<BTreeSet<Text>> {
    let Logged::Named(names) = logged(&found.trail.selectors) else { return None };
    Some(names.into_iter().chain(found.trail.log_bucket.clone()).collect())
}

/// Every name in a file by which something of another may be seen.
pub(super) fn names(inventory: &Inventory) -> BTreeSet<Text> {
    let mut out: BTreeSet<Text> = seen(inventory).into_values().flatten().flatten().collect();
    let keys = inventory.buckets.iter().filter_map(|bucket| bucket.encryption.as_ref()?.key.as_ref());
    out.extend(keys.clone().cloned());
    out.extend(keys.filter_map(|key| Some(Text::known(key.span, alias(key)?))));
    out.extend(inventory.notifications.iter().flat_map(|one| &one.entries).filter_map(|entry| entry.to.clone()));
    out
}
