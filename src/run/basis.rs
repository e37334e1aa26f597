//! The default deployment of all templates, and what becomes of it where some are deployed otherwise.

use super::deployments::Assignment;
use super::trade::Names;
use super::world::World;
use crate::cfn::exports::exports;
use crate::cfn::resolve::{Export, Exports, Resolver};
use crate::cfn::scenario::Scenario;
use crate::sniff::Kind;
use crate::source::FileId;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Every template as it is by default, and what they export.
pub(super) struct Basis {
    /// As their own scenarios have them.
    own: Assignment,
    /// The same, told where they are deployed and what they are given and passed.
    pub(super) settled: Assignment,
    pub(super) exports: Exports,
    /// The exports of each file: those of all, one after the other.
    by_file: BTreeMap<FileId, Exports>,
    /// The files that export each name, and those that export names which are not known.
    named: BTreeMap<SmolStr, BTreeSet<FileId>>,
    open: BTreeSet<FileId>,
}

/// The exports of a deployment that differs from the default, and the files that import what differs.
pub(super) struct Given<'b> {
    pub(super) exports: Cow<'b, Exports>,
    pub(super) importing: BTreeSet<FileId>,
}

impl Basis {
    pub(super) fn of(world: &World<'_>, own: Assignment) -> Self {
        let mut settled = own.clone();
        world.settle(&mut settled);
        let exports = if world.trade.is_empty() { Exports::new() } else { deployed(world, |file| settled.get(&file)) };
        let mut out = Self { own, settled, exports, by_file: BTreeMap::new(), named: BTreeMap::new(), open: BTreeSet::new() };
        let mut rest = out.exports.iter();
        for model in world.models.iter().filter(|model| !out.exports.is_empty() && world.trade.exports(model.file)) {
            let Some(scenario) = out.settled.get(&model.file).filter(|scenario| !scenario.stack.absent) else { continue };
            let count = Resolver::under(world.template(model), &out.exports, scenario).exports().len();
            let own: Exports = rest.by_ref().take(count).cloned().collect();
            for name in own.iter().filter_map(|export| export.name.as_ref()) {
                match name.as_known() {
                    Some(name) => drop(out.named.entry(name.into()).or_default().insert(model.file)),
                    None => drop(out.open.insert(model.file)),
                }
            }
            out.by_file.insert(model.file, own);
        }
        out
    }

    /// The templates of `changed`, each in a scenario of its own, and the stacks that these pass other values to: those that
    /// are deployed otherwise than by default, and how.
    pub(super) fn settle(&self, world: &World<'_>, mut changed: Assignment) -> Assignment {
        let related: BTreeSet<FileId> = changed.keys().flat_map(|file| world.nested.family(*file)).collect();
        // what a stack imports may be passed on
        let heirs = world.trade.with_heirs(related.clone());
        let all = heirs.iter().any(|file| world.trade.imports(*file) && world.nested.is_related(*file));
        let stacks = related.iter().filter(|file| world.nested.is_related(**file));
        let beside = if all { self.own.keys().copied().collect() } else { stacks.copied().collect::<BTreeSet<_>>() };
        for file in beside {
            if let Some(own) = self.own.get(&file) {
                changed.entry(file).or_insert_with(|| own.clone());
            }
        }
        world.settle(&mut changed);
        changed.retain(|file, scenario| self.settled.get(file) != Some(scenario));
        changed
    }

    /// The scenario of a file where `changed` are not as by default.
    fn scenario<'s>(&'s self, changed: &'s Assignment, file: FileId) -> Option<&'s Scenario> {
        changed.get(&file).or_else(|| self.settled.get(&file))
    }

    /// What is exported where `changed` are not as by default.
    pub(super) fn exports<'b>(&'b self, world: &World<'_>, changed: &Assignment) -> Given<'b> {
        if world.trade.is_empty() {
            return Given { exports: Cow::Borrowed(&self.exports), importing: BTreeSet::new() };
        }
        let none = Exports::new();
        let before = |file: &FileId| self.by_file.get(file).unwrap_or(&none);
        let mut other: BTreeMap<FileId, Exports> = BTreeMap::new();
        for (file, scenario) in changed.iter().filter(|(file, _)| world.trade.exports(**file)) {
            let Some(model) = world.model(*file) else { continue };
            let now = match scenario.stack.absent {
                true => Exports::new(),
                false => Resolver::under(world.template(model), &self.exports, scenario).exports(),
            };
            if differing(before(file), &now).next().is_some() {
                other.insert(*file, now);
            }
        }
        let names = Names::of(other.iter().flat_map(|(file, now)| differing(before(file), now)));
        let importing = if other.is_empty() { BTreeSet::new() } else { world.trade.importing(&names) };
        let asking: BTreeSet<FileId> =
            changed.keys().copied().filter(|file| world.trade.imports(*file)).chain(importing.iter().copied()).collect();
        if other.is_empty() || asking.is_empty() {
            return Given { exports: Cow::Borrowed(&self.exports), importing };
        }
        let mut files: BTreeSet<FileId> = match world.trade.asked(&asking) {
            None => self.by_file.keys().copied().collect(),
            Some(names) => names.iter().filter_map(|name| self.named.get(name)).flatten().chain(&self.open).copied().collect(),
        };
        files.extend(other.keys());
        let of = |file: &FileId| other.get(file).unwrap_or_else(|| before(file));
        let exports: Exports = files.iter().flat_map(of).cloned().collect();
        let hands_on = |file: &FileId| {
            let (Some(model), Some(scenario)) = (world.model(*file), self.scenario(changed, *file)) else { return false };
            let exports = || Resolver::under(world.template(model), &exports, scenario).exports();
            world.trade.exports(*file) && !scenario.stack.absent && differing(of(file), &exports()).next().is_some()
        };
        if !asking.iter().any(hands_on) {
            return Given { exports: Cow::Owned(exports), importing };
        }
        let exports = deployed(world, |file| self.scenario(changed, file));
        let names = Names::of(differing(&self.exports, &exports));
        Given { importing: world.trade.importing(&names), exports: Cow::Owned(exports) }
    }

    /// `changed`, with the scenarios by default of `files`.
    pub(super) fn with(&self, changed: &Assignment, files: &BTreeSet<FileId>) -> Assignment {
        files.iter().filter_map(|file| Some((*file, self.scenario(changed, *file)?.clone()))).collect()
    }
}

/// What all templates export, each in its scenario.
fn deployed<'s>(world: &World<'s>, scenario: impl Fn(FileId) -> Option<&'s Scenario>) -> Exports {
    let templates = world.models.iter().filter(|model| model.kind == Kind::Template);
    let deployed = templates.filter_map(|model| Some((world.template(model), scenario(model.file)?)));
    exports(&deployed.filter(|(_, scenario)| !scenario.stack.absent).collect::<Vec<_>>())
}

/// Exports that are in one of two lists only, told apart by all there is to tell of them.
fn differing<'e>(before: &'e [Export], now: &'e [Export]) -> impl Iterator<Item = &'e Export> {
    let marked = |all: &'e [Export]| all.iter().map(|export| (format!("{export:?}"), export)).collect::<BTreeMap<_, _>>();
    let (before, now) = (marked(before), marked(now));
    let gone: Vec<&Export> = before.iter().filter(|(mark, _)| !now.contains_key(*mark)).map(|(_, export)| *export).collect();
    let new: Vec<&Export> = now.iter().filter(|(mark, _)| !before.contains_key(*mark)).map(|(_, export)| *export).collect();
    gone.into_iter().chain(new)
}
