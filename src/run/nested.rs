//! Templates that deploy other linted ones as nested stacks: each of those is read once for every stack it makes.

use super::deployments::{Assignment, ways};
use super::world::World;
use super::{Plan, sets};
use crate::cfn::exports::exports;
use crate::cfn::given::{Given, Values};
use crate::cfn::invalid::Invalid;
use crate::cfn::place::Place;
use crate::cfn::resolve::{Exports, Resolver};
use crate::cfn::scenario::{Scenario, Setting};
use crate::cfn::stack::{self, Passed, moved, output, pin};
use crate::cfn::template::Template;
use crate::facts::InputProblem;
use crate::finding::{Finding, Label};
use crate::inventory::FileModel;
use crate::resolve::{Followed, Resolve, Unknown};
use crate::sniff::Kind;
use crate::source::{FileId, Sources, Span};
use crate::syntax::node::{Entry, Node};
use crate::text::Text;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// So many stacks are read at most, and so deep in each other.
const MAX_STACKS: usize = 256;
const MAX_DEPTH: usize = 16;

/// Values may be handed to and fro between stacks so often, and grow so long.
const MAX_ROUNDS: usize = 8;
const MAX_LENGTH: usize = 4_096;

/// A stack that another one makes, read as a file of its own.
struct Stack {
    file: FileId,
    parent: FileId,
    /// The outermost stack it is in.
    top: FileId,
    /// The outermost stack in the same account: instances of a stack set are in others.
    home: FileId,
    id: SmolStr,
    /// Where the logical ID is written.
    at: Span,
    /// `Data in parent.yaml`, both if two make the same one.
    title: String,
    /// What it is read with by default.
    passed: BTreeMap<SmolStr, Text>,
    is_set: bool,
}

/// A resource that deploys another linted template.
pub(super) struct Link {
    pub(super) id: SmolStr,
    pub(super) at: Span,
    pub(super) location: Span,
    pub(super) child: FileId,
    /// Whether it is a stack set.
    pub(super) is_set: bool,
}

/// All nested stacks, every one after the one that makes it.
#[derive(Default)]
pub(super) struct Nested {
    stacks: Vec<Stack>,
    /// The templates of those as they are written.
    written: Vec<FileModel>,
    links: BTreeMap<FileId, Vec<Link>>,
    /// Which file a stack's reading is a copy of.
    copies: BTreeMap<FileId, FileId>,
    /// Templates that are part of another file.
    bodies: BTreeSet<FileId>,
    /// Stacks that lead back to themselves.
    pub(super) circles: Vec<Invalid>,
}

impl Nested {
    /// Replaces the templates in `models` that others deploy by one reading for each stack they make. A reading is a copy
    /// under a file id of its own, with what is passed to it for the defaults of its parameters.
    pub(super) fn of(models: &mut Vec<FileModel>, sources: &mut Sources, plan: &Plan, problems: &mut Vec<InputProblem>) -> Self {
        let sets = sets::bodies(models, sources, problems);
        let bodies = sets.iter().map(|(_, link)| link.child).collect();
        let mut out = Self { links: links(models, sources), bodies, ..Self::default() };
        sets.into_iter().for_each(|(file, link)| out.links.entry(file).or_default().push(link));
        if out.links.is_empty() {
            return out;
        }
        let children: BTreeSet<FileId> = out.links.values().flatten().map(|link| link.child).collect();
        let (nested, standing) = std::mem::take(models).into_iter().partition(|model| children.contains(&model.file));
        (out.written, *models) = (nested, standing);
        let mut reading = Reading { nested: &mut out, sources, plan, defaults: Assignment::new(), problems };
        for at in 0..models.len() {
            reading.below(models, at);
        }
        // what is in no stack but those of a circle starts one itself
        let files: Vec<FileId> = reading.nested.written.iter().map(|model| model.file).collect();
        for file in files {
            if models.iter().all(|model| model.file != file) {
                let copy = reading.nested.written.iter().find(|model| model.file == file).map(|model| model.root.clone());
                models.extend(copy.map(|root| FileModel { file, kind: Kind::Template, root }));
                reading.below(models, models.len() - 1);
            }
        }
        models.sort_by_key(|model| model.file);
        out
    }

    /// Whether a file is read as a stack that another template deploys.
    pub(super) fn is_stack(&self, file: FileId) -> bool {
        self.stacks.iter().any(|stack| stack.file == file)
    }

    fn original(&self, file: FileId) -> FileId {
        self.copies.get(&file).copied().unwrap_or(file)
    }

    /// Logical IDs of the stacks that a template makes of linted ones.
    pub(super) fn linked(&self, file: FileId) -> impl Iterator<Item = &str> {
        self.links.get(&self.original(file)).into_iter().flatten().map(|link| link.id.as_str())
    }

    /// The values given to a template: those of a nested stack come from the one around it.
    pub(super) fn given<'g>(&self, file: FileId, path: &str, given: &'g Given) -> &'g Values {
        static NONE: Values = Values::new();
        if self.is_stack(file) { &NONE } else { given.of(path) }
    }

    /// Where a template is deployed, as far as the settings tell: a nested stack with the outermost one. What they say of the
    /// template of a stack set holds not for its instances.
    pub(super) fn place(&self, file: FileId, sources: &Sources, plan: &Plan) -> Place {
        let stack = self.stacks.iter().find(|stack| stack.file == file);
        let apart = stack.is_some_and(|stack| stack.is_set || stack.home != stack.top);
        let home = stack.map_or(file, |stack| stack.home);
        let path = |file: FileId| &*sources.get(file).path;
        if apart { Place::unknown() } else { plan.place(path(home), path(file)) }
    }

    /// Whether a file is a nested stack or has some.
    pub(super) fn is_related(&self, file: FileId) -> bool {
        self.stacks.iter().any(|stack| stack.file == file || stack.top == file)
    }

    /// The nested stack a file is read as.
    pub(super) fn title(&self, file: FileId) -> Option<&str> {
        self.stacks.iter().find(|stack| stack.file == file && !stack.is_set).map(|stack| stack.title.as_str())
    }

    /// A file and all stacks that have to do with it: they pass values to each other.
    pub(super) fn family(&self, file: FileId) -> impl Iterator<Item = FileId> {
        let top = self.stacks.iter().find(|stack| stack.file == file).map_or(file, |stack| stack.top);
        self.stacks.iter().filter(move |stack| stack.top == top).map(|stack| stack.file).chain([top])
    }

    /// The stacks alone, and the templates as they are written, each once.
    pub(super) fn into_written(mut self, models: Vec<FileModel>) -> (Self, Vec<FileModel>) {
        let mut written = std::mem::take(&mut self.written);
        let children: BTreeSet<FileId> = written.iter().map(|model| model.file).collect();
        written.retain(|model| !self.bodies.contains(&model.file));
        let is_written = |model: &FileModel| !children.contains(&model.file) && !self.copies.contains_key(&model.file);
        let mut out: Vec<FileModel> = models.into_iter().filter(is_written).chain(written).collect();
        out.sort_by_key(|model| model.file);
        (self, out)
    }

    /// Tells in each finding which stack the template is deployed by.
    pub(super) fn explain(&self, findings: &mut [Finding]) {
        for finding in findings {
            let file = finding.primary.span.file;
            if let Some(stack) = self.stacks.iter().find(|stack| stack.file == file) {
                let message = if stack.is_set { "deployed by this stack set" } else { "deployed as a nested stack here" };
                finding.related.push(Label { span: stack.at, message: message.into() });
            }
        }
    }

    /// Passes parameters down and outputs back up, every template as `assignment` has it, which has all stacks that have to do
    /// with each other, and all templates if one of them imports. A stack that is passed other
    /// values than by default has the conditions that follow from what it is passed.
    pub(super) fn bind(&self, world: &World<'_>, assignment: &mut Assignment) {
        if self.stacks.is_empty() {
            return;
        }
        let World { models, sources, .. } = *world;
        let deployed = || assignment.keys().filter_map(|file| world.model(*file));
        let templates: BTreeMap<FileId, Template<'_>> = deployed().map(|model| (model.file, template(model, sources))).collect();
        let imports = templates.keys().any(|file| world.trade.imports(*file));
        let mut known = Exports::new();
        for round in 0..MAX_ROUNDS {
            let before: Vec<crate::cfn::stack::Stack> = assignment.values().map(|scenario| scenario.stack.clone()).collect();
            for stack in &self.stacks {
                self.pass_down(stack, &templates, &known, world, assignment, round == 0);
            }
            for stack in self.stacks.iter().rev() {
                pass_up(stack, &templates, &known, assignment);
            }
            if assignment.values().map(|scenario| &scenario.stack).eq(&before) {
                return;
            }
            if !imports {
                continue;
            }
            let deployed = models.iter().filter(|model| model.kind == Kind::Template);
            let deployed = deployed.filter_map(|model| Some((template(model, sources), assignment.get(&model.file)?)));
            known = exports(&deployed.filter(|(_, scenario)| !scenario.stack.absent).collect::<Vec<_>>());
        }
    }

    fn pass_down(
        &self,
        stack: &Stack,
        templates: &BTreeMap<FileId, Template<'_>>,
        known: &Exports,
        world: &World<'_>,
        assignment: &mut Assignment,
        first: bool,
    ) {
        let (Some(parent), Some(child)) = (templates.get(&stack.parent), templates.get(&stack.file)) else { return };
        let Some(around) = assignment.get(&stack.parent) else { return };
        let resolver = Resolver::under(*parent, known, around);
        let there = parent.resource(&stack.id).is_some_and(|resource| resolver.is_there(resource.node));
        let absent = around.stack.absent || !there;
        let doubts = parent.resource(&stack.id).map(|resource| resolver.doubts(&resource)).unwrap_or_default();
        let apart = around.stack.apart || stack.is_set;
        let set = parent.resource(&stack.id).filter(|_| stack.is_set);
        let outermost = around.stack.home.unwrap_or(stack.parent);
        let place = match set {
            Some(set) => world.plan.marked(sets::place(outermost, &resolver, &set)),
            None => around.stack.place.clone(),
        };
        let parameters = passed(parent, &stack.id, &resolver);
        let Some(scenario) = assignment.get_mut(&stack.file) else { return };
        let changed = |(name, text): (&SmolStr, &Text)| {
            let other = stack.passed.get(name) != Some(text) && !scenario.parameters.contains_key(name);
            text.as_known().filter(|_| other).map(|text| (name.clone(), SmolStr::from(text)))
        };
        let changes: Values = parameters.iter().filter_map(changed).collect();
        if first && !changes.is_empty() {
            let ways = ways(child, self.linked(stack.file), &changes, &place);
            *scenario = ways.all.into_iter().next().unwrap_or_default();
        }
        scenario.stack.home = Some(stack.home);
        scenario.stack.absent = absent;
        scenario.stack.doubts = doubts;
        scenario.stack.apart = apart;
        scenario.stack.place = place;
        scenario.stack.parameters = parameters;
    }
}

fn pass_up(stack: &Stack, templates: &BTreeMap<FileId, Template<'_>>, known: &Exports, assignment: &mut Assignment) {
    let (Some(child), Some(scenario)) = (templates.get(&stack.file), assignment.get(&stack.file)) else { return };
    let resolver = Resolver::under(*child, known, scenario);
    let there = child.section("Outputs").iter().filter(|entry| resolver.is_there(&entry.value));
    let value = |entry: &Entry| Some((output(&stack.id, &entry.key.text), resolver.text(entry.value.get("Value")?)));
    let outputs: Vec<(SmolStr, Text)> = there.filter_map(value).filter(|(_, text)| is_short(text)).collect();
    if let Some(parent) = assignment.get_mut(&stack.parent) {
        parent.stack.outputs.extend(outputs);
    }
}

fn is_short(text: &Text) -> bool {
    text.length() <= MAX_LENGTH
}

/// What the stack called `id` is passed.
fn passed(parent: &Template<'_>, id: &str, resolver: &Resolver<'_>) -> BTreeMap<SmolStr, Text> {
    let resource = parent.resource(id);
    let parameters = resource.and_then(|resource| resolver.member(resource.properties()?, "Parameters"));
    let Some(Followed::Node(parameters)) = parameters else { return BTreeMap::new() };
    let value = |(name, value): (SmolStr, &Node)| match resolver.follow(value) {
        Followed::Absent => None,
        Followed::Unknown(unknown) => Some((name, unknown.text())),
        Followed::Node(node) => Some((name, resolver.text(node))),
    };
    let given = stack::parameters(parameters).into_iter().filter_map(value).filter(|(_, text)| is_short(text));
    // what all instances have in its place
    let replaced = resource.filter(|resource| resource.kind() == Some(sets::TYPE));
    let is_set = replaced.is_some();
    let replaced = replaced.map(|set| sets::overrides(resolver, &set)).unwrap_or_default();
    let given = given.filter(|(name, _)| !replaced.get(name).is_some_and(|overrides| overrides.everywhere));
    let there = |text: Text| if is_set { text.abroad(resolver.place().account()) } else { text };
    given.map(|(name, text)| (name, there(text))).collect()
}

fn template<'m>(model: &'m FileModel, sources: &'m Sources) -> Template<'m> {
    Template { file: model.file, path: &sources.get(model.file).path, root: &model.root }
}

/// The stacks that each template makes of other linted ones.
fn links(models: &[FileModel], sources: &Sources) -> BTreeMap<FileId, Vec<Link>> {
    let templates = || models.iter().filter(|model| model.kind == Kind::Template);
    let files: BTreeMap<String, FileId> = templates().map(|model| (plain(&sources.get(model.file).path), model.file)).collect();
    let mut out: BTreeMap<FileId, Vec<Link>> = BTreeMap::new();
    for template in templates().map(|model| template(model, sources)) {
        let beside = template.path.rsplit_once('/').map_or("", |(beside, _)| beside);
        for resource in template.resources() {
            let Some((path, location)) = stack::location(&resource) else { continue };
            let child = files.get(&plain(&format!("{beside}/{path}"))).filter(|_| !path.starts_with('/'));
            if let Some(&child) = child {
                let is_set = resource.kind() == Some(sets::TYPE);
                let link = Link { id: resource.id.text.clone(), at: resource.id.span, location, child, is_set };
                out.entry(template.file).or_default().push(link);
            }
        }
    }
    out
}

/// A path without `.` and, as far as can be, `..`.
fn plain(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for piece in path.split(['/', '\\']).filter(|piece| !matches!(*piece, "" | ".")) {
        match (piece, out.last()) {
            ("..", Some(last)) if *last != ".." => drop(out.pop()),
            _ => out.push(piece),
        }
    }
    out.join("/")
}

/// Readings under construction.
struct Reading<'r> {
    nested: &'r mut Nested,
    sources: &'r mut Sources,
    plan: &'r Plan,
    /// The first scenario of each, with what it is passed.
    defaults: Assignment,
    problems: &'r mut Vec<InputProblem>,
}

impl Reading<'_> {
    /// Reads every stack in the one at `models[at]`, and those in them.
    fn below(&mut self, models: &mut Vec<FileModel>, at: usize) {
        let top = models[at].file;
        let mut left = vec![(at, vec![top])];
        while let Some((at, around)) = left.pop() {
            let parent = models[at].file;
            let links = self.nested.links.remove(&self.nested.original(parent)).unwrap_or_default();
            if !links.is_empty() {
                self.default(&models[at], &links);
            }
            for link in &links {
                if around.contains(&link.child) {
                    self.circle(link);
                } else if self.nested.stacks.len() == MAX_STACKS || around.len() == MAX_DEPTH {
                    let why = "nested stacks are read only so deep, and only so many".into();
                    self.problems.push(InputProblem::from_unknown(Unknown { at: link.location, why }));
                } else if !self.share(models, at, link)
                    && let Some(made) = self.read(models, at, link, top)
                {
                    models.push(made);
                    left.push((models.len() - 1, around.iter().copied().chain([link.child]).collect()));
                }
            }
            self.nested.links.insert(self.nested.original(parent), links);
        }
    }

    /// The default scenario of a template that makes stacks.
    fn default(&mut self, model: &FileModel, links: &[Link]) {
        let template = template(model, self.sources);
        let given = self.nested.given(model.file, template.path, &self.plan.given);
        let place = self.nested.place(model.file, self.sources, self.plan);
        let ways = ways(&template, links.iter().map(|link| link.id.as_str()), given, &place);
        let mut scenario = ways.all.into_iter().next().unwrap_or_default();
        if let Some(stack) = self.nested.stacks.iter().find(|stack| stack.file == model.file) {
            scenario.stack.parameters = stack.passed.clone();
            scenario.stack.home = Some(stack.home);
        }
        self.defaults.insert(model.file, scenario);
    }

    fn circle(&mut self, link: &Link) {
        let message = "the template leads back to itself through nested stacks".to_owned();
        let circle = Invalid { at: link.location, message, fix: "break the circle".into(), lacks: None };
        if !self.nested.circles.contains(&circle) {
            self.nested.circles.push(circle);
        }
    }

    /// Whether a stack is the same as one that is read already: a top-level template passes the same literals, and
    /// neither of the two makes anything of its outputs.
    fn share(&mut self, models: &[FileModel], at: usize, link: &Link) -> bool {
        let parent = &models[at];
        let Some(one) =
            literals(parent, link.id.as_str(), self.sources).filter(|_| !link.is_set && !self.nested.is_stack(parent.file))
        else {
            return false;
        };
        let same = |stack: &Stack| {
            let around = models.iter().find(|model| model.file == stack.parent && !self.nested.is_stack(stack.parent));
            !stack.is_set
                && self.nested.original(stack.file) == link.child
                && around.and_then(|around| literals(around, &stack.id, self.sources)).as_ref() == Some(&one)
        };
        let Some(found) = self.nested.stacks.iter().position(same) else { return false };
        let title = format!(" and {} in {}", link.id, self.sources.get(parent.file).path);
        self.nested.stacks[found].title += &title;
        true
    }

    /// The reading of one stack.
    fn read(&mut self, models: &[FileModel], at: usize, link: &Link, top: FileId) -> Option<FileModel> {
        let parent = &models[at];
        let around_it = self.nested.stacks.iter().find(|stack| stack.file == parent.file);
        let home = around_it.map_or(top, |stack| stack.home);
        let written = self.nested.written.iter().find(|model| model.file == link.child)?;
        let is_first = models.iter().all(|model| model.file != link.child);
        let file = if is_first { link.child } else { self.sources.push(self.sources.get(link.child).clone()) };
        let mut root = moved(&written.root, link.child, file);
        let around = template(parent, self.sources);
        let (exports, open) = (Exports::new(), open(&around));
        let scenario = self.defaults.get(&parent.file)?;
        let usual = passed(&around, &link.id, &Resolver::under(around, &exports, scenario));
        let always = passed(&around, &link.id, &Resolver::under(around, &exports, &open));
        let known = |texts: &BTreeMap<SmolStr, Text>, name: &SmolStr| stack::known(texts.get(name)?);
        let passed = |name: &SmolStr| match (known(&always, name), known(&usual, name)) {
            (Some(value), _) => Passed::Always(value),
            (None, Some(value)) => Passed::Usually(value),
            (None, None) => Passed::Something,
        };
        let mut passed: BTreeMap<SmolStr, Passed> = usual.keys().map(|name| (name.clone(), passed(name))).collect();
        if let Some(set) = around.resource(&link.id).filter(|_| link.is_set) {
            let overrides = sets::overrides(&Resolver::under(around, &exports, scenario), &set);
            passed.extend(sets::varied(overrides, &usual, &root));
        }
        pin(&mut root, &passed);
        let title = format!("{} in {}", link.id, around.path);
        let span = Span { file: parent.file, ..link.at };
        if !is_first {
            self.nested.copies.insert(file, link.child);
        }
        let (id, home) = (link.id.clone(), if link.is_set { file } else { home });
        let stack = Stack { file, parent: parent.file, top, home, id, at: span, title, passed: usual, is_set: link.is_set };
        self.nested.stacks.push(stack);
        Some(FileModel { file, kind: Kind::Template, root })
    }
}

/// What a stack that is always made is passed, if that is nothing but literals and none of its outputs is read.
fn literals(model: &FileModel, id: &str, sources: &Sources) -> Option<BTreeMap<SmolStr, SmolStr>> {
    let template = template(model, sources);
    let resource = template.resource(id)?;
    let parameters = resource.property("Parameters").map(Node::entries).unwrap_or_default();
    let literal = |entry: &Entry| Some((entry.key.text.clone(), entry.value.scalar_text()?));
    let always = resource.node.get("Condition").is_none() && !stack::reads_outputs(&template, id);
    parameters.iter().map(literal).collect::<Option<_>>().filter(|_| always)
}

/// Every parameter may be anything it is allowed to be.
fn open(template: &Template<'_>) -> Scenario {
    let setting = |entry: &Entry| {
        let only = match entry.value.get("AllowedValues").map(Node::items) {
            Some([only]) => only.scalar_text(),
            _ => None,
        };
        (entry.key.text.clone(), only.map_or(Setting::Not(Vec::new()), Setting::Is))
    };
    Scenario { parameters: template.section("Parameters").iter().map(setting).collect(), ..Scenario::open() }
}
