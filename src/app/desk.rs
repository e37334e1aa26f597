//! The files a run goes by: settings, rules, profile and parameter values.

use super::Trouble;
use crate::cli::Chosen;
use crate::config::{AllowIn, Config, Deployed, FILE_NAMES};
use crate::disk::{self, Door, ReadProblem};
use crate::finding::{Finding, Label, Severity};
use crate::parameters::{self, Group, Placed, Target};
use crate::profile::{self, Profile, ProfileSource};
use crate::report;
use crate::rule::catalog::Origin;
use crate::rule::{Rule, catalog};
use crate::scope::Scope;
use crate::settings::Settings;
use crate::source::{FileId, Source, Sources, Span};
use crate::syntax::fields::Complaint;
use crate::syntax::node::Node;
use crate::syntax::parse::parse;
use crate::syntax::toml;
use crate::walk;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A settings file as it is written.
pub(super) struct SettingsFile {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its tree.
    pub(super) root: Node,
}

/// The files a run goes by, with every mistake found in them.
#[derive(Default)]
pub(super) struct Desk {
    /// Their texts.
    pub(super) sources: Sources,
    /// Those that were opened, whether or not they could be.
    pub(super) opened: Vec<PathBuf>,
    /// What is wrong with them.
    pub(super) mistakes: Vec<Finding>,
    /// Where each rule comes from, and what it replaces.
    pub(super) origins: report::Origins,
}

impl Desk {
    /// Notes complaints, to be told all at once.
    pub(super) fn complain(&mut self, what: &str, complaints: Vec<Complaint>) {
        self.mistakes.extend(complaints.into_iter().map(|complaint| {
            let primary = Label { span: complaint.span, message: "here".into() };
            Finding::new(what, Severity::Error, complaint.message, primary)
        }));
    }

    /// `value`, unless there is something to complain about.
    pub(super) fn settle<T>(&mut self, value: T) -> Result<T, Trouble> {
        if self.mistakes.is_empty() {
            return Ok(value);
        }
        Err(Trouble::Files(std::mem::take(&mut self.sources), std::mem::take(&mut self.mistakes)))
    }

    /// The tree of a settings text; its syntax mistakes are noted.
    pub(super) fn tree(&mut self, what: &str, shown: &str, text: &str) -> Node {
        let file = self.sources.push(Source::new(shown, text));
        let parsed = parse(file, text);
        let complaints = parsed.problems.into_iter().map(|problem| Complaint::new(problem.span, problem.message)).collect();
        self.complain(what, complaints);
        parsed.root.unwrap_or_default()
    }

    /// The text of a file.
    pub(super) fn read(&mut self, path: &Path) -> Result<String, Trouble> {
        self.opened.push(path.to_path_buf());
        disk::read(path).map_err(|problem| Trouble::Plain(format!("{}: {problem}", walk::shown(path))))
    }

    /// The settings file for a run that begins at `first`, or in the working directory.
    pub(super) fn settings_file(&mut self, first: Option<&Path>, chosen: &Chosen) -> Result<Option<SettingsFile>, Trouble> {
        let start = first.filter(|first| first.as_os_str() != walk::STDIN).unwrap_or(Path::new("."));
        let found = match (&chosen.config, chosen.no_config) {
            (Some(path), _) => Some(path.clone()),
            (None, true) => None,
            (None, false) => disk::find_upwards(start, &FILE_NAMES),
        };
        let Some(path) = found else { return Ok(None) };
        let text = self.read(&path)?;
        let root = self.tree("settings", &walk::shown(&path), &text);
        Ok(Some(SettingsFile { path, root }))
    }

    /// The settings of `file` under the flags, and the rules that they come with.
    pub(super) fn settings(&mut self, file: Option<&SettingsFile>, chosen: &Chosen) -> (Settings, Vec<Rule>) {
        let mut config = Config::default();
        if let (Some(SettingsFile { path, root }), true) = (file, self.mistakes.is_empty()) {
            let read = Config::read(root, path.parent().unwrap_or(Path::new("")));
            config = self.take("settings", read).unwrap_or_default();
            let barred = self.barred(&Door::of(path), &config, root.span);
            if !barred.is_empty() {
                // nothing of these is opened, lest a complaint quotes it
                config = Config::default();
                self.complain("settings", barred);
            }
        }
        let unchecked = config.clone();
        let settings = Settings::resolve(config, chosen);
        let rules = self.rules(&settings.rules, &settings.packs);
        let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        // a rule of a pack may be told its severity whether the pack is in force or not
        let ids: Vec<&str> = ids.into_iter().chain(catalog::pack_files().iter().map(|(id, _)| *id)).collect();
        self.complain("settings", unchecked.unknown_rules(&ids));
        (settings, rules)
    }

    /// Complaints of files that the settings at `at` name and that `door` does not let through: only flags lead out of the
    /// repository.
    fn barred(&self, door: &Door, config: &Config, at: Span) -> Vec<Complaint> {
        let profile = config.profile.as_ref().and_then(|source| match source {
            ProfileSource::File(path) => Some(path.clone()),
            ProfileSource::Builtin(_) => None,
        });
        let values = config.parameters.iter().flat_map(|entry| &entry.files).map(|path| parameters::environment(path).0);
        let rules = config.rules.iter().flat_map(|dir| {
            let files = if door.admit(dir).is_ok() { disk::rule_files(dir).unwrap_or_default() } else { Vec::new() };
            std::iter::once(dir.clone()).chain(files)
        });
        let all = profile.into_iter().chain(config.baseline.clone()).chain(values).chain(rules);
        let barred = all.filter(|path| door.admit(path) == Err(ReadProblem::Barred));
        let complain = |path: PathBuf| {
            let shown = walk::shown(&path);
            Complaint::new(at, format!("{shown} {}; name it by a flag, which may lead anywhere", ReadProblem::Barred))
        };
        barred.map(complain).collect()
    }

    /// What was read, unless there are complaints, which are noted.
    pub(super) fn take<T>(&mut self, what: &str, read: Result<T, Vec<Complaint>>) -> Option<T> {
        read.map_err(|complaints| self.complain(what, complaints)).ok()
    }

    /// The built-in rules, those of `packs` and those of `dirs`.
    pub(super) fn rules(&mut self, dirs: &[PathBuf], packs: &[String]) -> Vec<Rule> {
        let mut files: Vec<(String, Node)> = Vec::new();
        let builtin = catalog::builtin();
        for (id, text) in catalog::builtin_files() {
            if builtin.is_none() {
                files.push((id.to_owned(), self.tree("rule", &format!("rules/{id}.yaml"), text)));
            }
            self.comes_from(id, Origin::BuiltIn);
        }
        for (id, text) in catalog::pack_files() {
            if let Some(pack) = packs.iter().find(|pack| catalog::pack_of(id) == Some(pack)) {
                files.push((id.to_owned(), self.tree("rule", &format!("rules/packs/{id}.yaml"), text)));
                self.comes_from(id, Origin::Pack(pack.clone()));
            }
        }
        for dir in dirs {
            let paths = disk::rule_files(dir).unwrap_or_else(|problem| {
                let file = self.sources.push(Source::new(&walk::shown(dir), ""));
                self.complain("rule", vec![Complaint::new(Span::new(file, 0, 0), format!("rule directory: {problem}"))]);
                Vec::new()
            });
            for path in paths {
                let id = walk::shown(path.strip_prefix(dir).unwrap_or(&path).with_extension("").as_path());
                let Ok(text) = self.read(&path) else { continue };
                let root = self.tree("rule", &walk::shown(&path), &text);
                self.comes_from(&id, Origin::User(walk::shown(&path)));
                files.push((id, root));
            }
        }
        let (rules, problems) = catalog::load_files(&files);
        if self.mistakes.is_empty() {
            self.complain("rule", problems);
        }
        let builtin = builtin.into_iter().flatten().cloned();
        let in_force: BTreeMap<String, Rule> = builtin.chain(rules).map(|rule| (rule.id.clone(), rule)).collect();
        in_force.into_values().collect()
    }

    fn comes_from(&mut self, id: &str, origin: Origin) {
        let replaced = self.origins.remove(id).map(|(origin, _)| origin);
        self.origins.insert(id.to_owned(), (origin, replaced));
    }

    /// The text of the settings, if they allow anything.
    pub(super) fn text_of(&self, allow: &[AllowIn]) -> Option<Source> {
        let (at, _) = allow.first()?.paths.first()?;
        Some(self.sources.get(at.file).clone())
    }

    /// The values given to parameters, the weakest first: of the settings, of the files, of the flags.
    pub(super) fn parameters(
        &mut self,
        settings: &Settings,
        chosen: &Chosen,
        config: Option<&Path>,
    ) -> Result<Vec<Group>, Trouble> {
        let mut groups = Vec::new();
        for entry in &settings.parameters {
            let dir = config.and_then(Path::parent).unwrap_or(Path::new("")).to_path_buf();
            let scope = Some(Scope { dir, patterns: entry.templates.clone() });
            for path in &entry.files {
                groups.push(self.parameters_file(path, scope.clone())?);
            }
            let at = entry.templates.first().map_or(Default::default(), |(span, _)| span.file);
            let source = self.sources.get(at).clone();
            groups.push(Group { source, scope, explicit: false, values: entry.values.clone(), region: None });
        }
        groups.extend(self.parameters_given(&chosen.parameter_files, &chosen.parameters)?);
        Ok(groups)
    }

    /// The values given to parameters in files and by flags, the weakest first.
    pub(super) fn parameters_given(&mut self, files: &[PathBuf], flags: &[(String, String)]) -> Result<Vec<Group>, Trouble> {
        let mut groups = files.iter().map(|path| self.parameters_file(path, None)).collect::<Result<Vec<_>, _>>()?;
        if !flags.is_empty() {
            let file = FileId(u32::try_from(self.sources.iter().count()).unwrap_or(u32::MAX));
            let (source, read) = parameters::flags(flags, file);
            self.sources.push(source.clone());
            let values = self.take("parameters", read).unwrap_or_default();
            groups.push(Group { source, scope: None, explicit: true, values, region: None });
        }
        Ok(groups)
    }

    /// Where the settings say that templates are deployed; their patterns are relative to `dir`.
    pub(super) fn placed(&self, settings: &Settings, dir: &Path) -> Vec<Placed> {
        let placed = |one: &Deployed, to: fn(Vec<SmolStr>) -> Target| Placed {
            source: self.sources.get(one.at.file).clone(),
            scope: Scope { dir: dir.to_path_buf(), patterns: vec![(one.at, one.pattern.clone())] },
            to: to(one.to.iter().map(SmolStr::from).collect()),
        };
        let accounts = settings.accounts.iter().map(|one| placed(one, Target::Accounts));
        accounts.chain(settings.regions.iter().map(|one| placed(one, Target::Regions))).collect()
    }

    fn parameters_file(&mut self, path: &Path, scope: Option<Scope>) -> Result<Group, Trouble> {
        let (path, environment) = parameters::environment(path);
        let text = self.read(&path)?;
        let file = self.sources.push(Source::new(&walk::shown(&path), &text));
        let parsed = if path.extension().is_some_and(|extension| extension == "toml") {
            toml::parse(file, &text)
        } else {
            parse(file, &text)
        };
        let complaints =
            parsed.problems.into_iter().map(|problem| Complaint::new(problem.span, problem.message)).collect::<Vec<_>>();
        let region = parsed.root.as_ref().and_then(|root| parameters::region(root, environment.as_deref()));
        let read = match (parsed.root, complaints.is_empty()) {
            (Some(root), true) => parameters::read(&root, &text, environment.as_deref()),
            (None, true) => Err(vec![Complaint::new(Span::new(file, 0, 0), "the file is empty")]),
            _ => Err(complaints),
        };
        let values = self.take("parameters", read).unwrap_or_default();
        Ok(Group { source: self.sources.get(file).clone(), scope, explicit: true, values, region })
    }

    /// The profile that `source` names.
    pub(super) fn profile(&mut self, source: &ProfileSource) -> Result<Profile, Trouble> {
        let (name, text) = match source {
            ProfileSource::Builtin(name) => ((*name).to_owned(), profile::builtin(name).unwrap_or_default().to_owned()),
            ProfileSource::File(path) => (walk::shown(path), self.read(path)?),
        };
        let root = self.tree("profile", &name, &text);
        let read = Profile::read(&name, &root);
        let none = Profile { name, ..Profile::default() };
        Ok(self.take("profile", read).unwrap_or(none))
    }
}
