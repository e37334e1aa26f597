//! The commands: settings and rules in, a report and an exit status out.

mod rules;
mod test;

use crate::allow::Allowing;
use crate::ask::{Ask, Said, ask};
use crate::cfn::given::Given;
use crate::cli::{CheckOptions, Cli, Command, DecideOptions, sheets, style_of_stdout, today};
use crate::config::{self, AllowIn, Config, Deployed, FILE_NAMES, TrailPlace};
use crate::disk;
use crate::finding::{Finding, Label, Severity};
use crate::load::{Input, load};
use crate::parameters::{self, Group, Placed, Target};
use crate::profile::{self, Profile, ProfileSource};
use crate::report::{self, Style};
use crate::rule::catalog::Origin;
use crate::rule::{self, Rule, catalog};
use crate::run::{Plan, run};
use crate::scope::Scope;
use crate::settings::Settings;
use crate::source::{FileId, Source, Sources, Span};
use crate::syntax::fields::{Complaint, did_you_mean};
use crate::syntax::node::Node;
use crate::syntax::parse::parse;
use crate::syntax::toml;
use crate::walk;
use known::Known;
use rayon::prelude::*;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

mod known;

/// What the process ends with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Nothing at or above the level to fail on.
    Clean,
    /// Findings.
    Findings,
    /// The tool could not do its job.
    Broken,
}

/// How a report for people is drawn in a file.
const PLAIN: Style = Style { width: 100, unicode: true, colour: false };

/// Text for standard output or standard error, and the status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub err: String,
    /// The exit status.
    pub status: Status,
}

/// Mistakes in settings, profile and rule files, or a sentence where there is no file to show.
enum Trouble {
    Files(Sources, Vec<Finding>),
    Plain(String),
}

/// Does what the command line asks.
pub fn answer(cli: &Cli) -> Answer {
    let done = match &cli.command {
        Command::Check(options) => check(options),
        Command::Decide(options) => decide(options),
        Command::Rules(options) => rules::list(options),
        Command::Test(options) => test::test(options),
        Command::Explain { rule, rules } => explain(rule, rules),
    };
    let color = match &cli.command {
        Command::Check(options) => options.color,
        _ => clap::ColorChoice::Auto,
    };
    done.unwrap_or_else(|trouble| {
        let err = match trouble {
            Trouble::Files(sources, findings) => report::findings(&sources, &findings, style_of_stdout(color)),
            Trouble::Plain(message) => format!("bucketlint: {message}\n"),
        };
        Answer { out: String::new(), err, status: Status::Broken }
    })
}

fn done(out: String) -> Result<Answer, Trouble> {
    Ok(Answer { out, err: String::new(), status: Status::Clean })
}

fn check(options: &CheckOptions) -> Result<Answer, Trouble> {
    let sheets = sheets(&options.formats, options.output.as_deref()).map_err(Trouble::Plain)?;
    let mut desk = Desk::default();
    let (config, config_path) = desk.config(options)?;
    let unchecked = config.clone();
    let settings = Settings::resolve(config, options);
    let rules = desk.rules(&settings.rules, &settings.packs);
    let profile = desk.profile(&settings.profile)?;
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    // a rule of a pack may be told its severity whether the pack is in force or not
    let ids: Vec<&str> = ids.into_iter().chain(catalog::pack_files().iter().map(|(id, _)| *id)).collect();
    desk.complain("settings", unchecked.unknown_rules(&ids));
    let groups = desk.parameters(&settings, options, config_path.as_deref())?;
    let dir = config_path.as_deref().and_then(Path::parent).filter(|dir| !dir.as_os_str().is_empty());
    let dir = dir.unwrap_or(Path::new(".")).to_path_buf();
    let placed = desk.placed(&settings, &dir);
    let allowed = desk.text_of(&settings.allow);
    let known = Known::open(settings.baseline.as_deref(), options.write_baseline).map_err(Trouble::Plain)?;
    let profile = desk.settle(profile)?;
    let mut exclude: Vec<PathBuf> = settings.rules.clone();
    exclude.extend(config_path);
    exclude.extend(known.as_ref().map(|known| known.path().to_path_buf()));
    exclude.extend(groups.iter().map(|group| PathBuf::from(&*group.source.path)));
    let here = [PathBuf::from(".")];
    let roots = if options.changed || options.paths.is_empty() { &here[..] } else { &options.paths };
    let mut loaded = load(inputs(roots, &exclude));
    let mut given = parameters::assign(&groups, &mut loaded);
    given.places = parameters::places(&groups, &placed, &mut loaded);
    let mut allowing = Allowing { narrowed: !options.buckets.is_empty(), ..Allowing::default() };
    allowing.today = options.today.unwrap_or_else(today);
    if let Some(text) = allowed {
        let whole = roots.iter().any(|root| disk::below(root, &dir).is_some());
        allowing.settings = config::allows(&settings.allow, text, &dir, whole, &mut loaded);
    }
    let mut outcome = run(loaded, &Plan { given, allowing, ..plan(&settings, options, profile) }, &rules);
    if let Some(known) = known {
        let off = |rule: &str| settings.severity.get(rule).is_some_and(|level| level.severity.is_none());
        known.apply(&mut outcome, roots, &off).map_err(Trouble::Plain)?;
    }
    if options.changed {
        outcome.narrow(&options.paths.iter().map(|path| walk::shown(path)).collect());
    }
    let mut out = String::new();
    for sheet in sheets {
        match sheet.file {
            None => out = sheet.format.write(&outcome, &rules, style_of_stdout(options.color)),
            Some(path) => {
                let text = sheet.format.write(&outcome, &rules, PLAIN);
                disk::write(&path, &text).map_err(|why| Trouble::Plain(format!("{}: {why}", walk::shown(&path))))?;
            }
        }
    }
    let failed = outcome.findings.iter().any(|finding| settings.fail_on.counts(finding.severity));
    Ok(Answer { out, err: String::new(), status: if failed { Status::Findings } else { Status::Clean } })
}

fn decide(options: &DecideOptions) -> Result<Answer, Trouble> {
    let mut context: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, value) in &options.context {
        context.entry(key.clone()).or_default().push(value.clone());
    }
    let question = Ask {
        bucket: options.bucket.clone(),
        principal: options.principal.clone(),
        action: options.action.clone(),
        key: options.key.clone(),
        context,
    };
    let inputs = inputs(std::slice::from_ref(&options.policy), &[]);
    if !matches!(inputs.as_slice(), [only] if only.named) {
        return Err(Trouble::Plain(format!("{}: --policy takes one file", walk::shown(&options.policy))));
    }
    let ruling = ask(load(inputs), &question).map_err(Trouble::Plain)?;
    let report = report::findings(&ruling.sources, &ruling.report, style_of_stdout(clap::ColorChoice::Auto));
    let status = match ruling.said {
        Said::Allow => Status::Clean,
        Said::Deny => Status::Findings,
        Said::Unresolved => Status::Broken,
    };
    Ok(Answer { out: format!("{}\n\n{report}", ruling.line).trim_end().to_owned() + "\n", err: String::new(), status })
}

/// Reads every file of the walk on all threads, keeping their order.
fn inputs(paths: &[PathBuf], exclude: &[PathBuf]) -> Vec<Input> {
    let walked = walk::collect(paths, exclude);
    let read = |file: walk::InputFile| {
        let bytes = if file.is_stdin() { disk::read_stdin().map(String::into_bytes) } else { disk::read_bytes(&file.path) };
        Input { shown: file.shown, named: file.named, bytes }
    };
    let mut inputs: Vec<Input> = walked.files.into_par_iter().map(read).collect();
    let failed = |(shown, why): (String, String)| Input { shown, named: true, bytes: Err(disk::ReadProblem::Unreadable(why)) };
    inputs.extend(walked.problems.into_iter().map(failed));
    inputs.sort_by(|a, b| a.shown.cmp(&b.shown));
    inputs
}

fn plan(settings: &Settings, options: &CheckOptions, profile: Profile) -> Plan {
    let single = match options.buckets.as_slice() {
        [only] if !only.contains(['*', '?', '#']) => Some(only.clone()),
        _ => None,
    };
    Plan {
        control_accounts: settings.control_accounts.clone(),
        profile,
        buckets: settings.buckets.clone(),
        standalone_bucket: single,
        levels: settings.severity.iter().map(|(id, level)| (id.clone(), level.severity)).collect(),
        trail_elsewhere: settings.trail == TrailPlace::Elsewhere,
        logs_read: settings.logs_read,
        partition: settings.partition.clone(),
        roles: settings.principals.clone(),
        assume: settings.assume.iter().map(|(key, values)| (key.to_ascii_lowercase(), values.clone())).collect(),
        given: Given::default(),
        allowing: Allowing::default(),
    }
}

fn explain(id: &str, dirs: &[PathBuf]) -> Result<Answer, Trouble> {
    let mut desk = Desk::default();
    let rules = desk.rules(dirs, &catalog::packs());
    let rules = desk.settle(rules)?;
    match rules.iter().find(|rule| rule.id == id) {
        Some(rule) => done(rule::explain(rule)),
        None => {
            let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
            Err(Trouble::Plain(format!("there is no rule `{id}`{}", did_you_mean(id, &ids))))
        }
    }
}

/// The files a run goes by, with every mistake found in them.
#[derive(Default)]
struct Desk {
    sources: Sources,
    mistakes: Vec<Finding>,
    /// Where each rule comes from, and what it replaces.
    origins: report::Origins,
}

impl Desk {
    /// Notes complaints, to be told all at once.
    fn complain(&mut self, what: &str, complaints: Vec<Complaint>) {
        self.mistakes.extend(complaints.into_iter().map(|complaint| Finding {
            rule: what.to_owned(),
            severity: Severity::Error,
            message: complaint.message.clone(),
            help: None,
            primary: Label { span: complaint.span, message: "here".into() },
            related: Vec::new(),
            bucket: None,
            actions: Vec::new(),
            principal: None,
            witness: None,
            when: Vec::new(),
        }));
    }

    /// `value`, unless there is something to complain about.
    fn settle<T>(self, value: T) -> Result<T, Trouble> {
        if self.mistakes.is_empty() { Ok(value) } else { Err(Trouble::Files(self.sources, self.mistakes)) }
    }

    /// The tree of a settings text; its syntax mistakes are noted.
    fn tree(&mut self, what: &str, shown: &str, text: &str) -> Node {
        let file = self.sources.push(Source::new(shown, text));
        let parsed = parse(file, text);
        let complaints = parsed.problems.into_iter().map(|problem| Complaint::new(problem.span, problem.message)).collect();
        self.complain(what, complaints);
        parsed.root.unwrap_or_default()
    }

    fn read(&mut self, path: &Path) -> Result<String, Trouble> {
        disk::read(path).map_err(|problem| Trouble::Plain(format!("{}: {problem}", walk::shown(path))))
    }

    /// The settings file and where it is.
    fn config(&mut self, options: &CheckOptions) -> Result<(Config, Option<PathBuf>), Trouble> {
        let first = options.paths.first().map_or(Path::new("."), PathBuf::as_path);
        let start = if first.as_os_str() == walk::STDIN { Path::new(".") } else { first };
        let found = match (&options.config, options.no_config) {
            (Some(path), _) => Some(path.clone()),
            (None, true) => None,
            (None, false) => disk::find_upwards(start, &FILE_NAMES),
        };
        let Some(path) = found else { return Ok((Config::default(), None)) };
        let text = self.read(&path)?;
        let root = self.tree("settings", &walk::shown(&path), &text);
        if !self.mistakes.is_empty() {
            return Ok((Config::default(), Some(path)));
        }
        let config = Config::read(&root, path.parent().unwrap_or(Path::new("")));
        Ok((self.take("settings", config).unwrap_or_default(), Some(path)))
    }

    fn take<T>(&mut self, what: &str, read: Result<T, Vec<Complaint>>) -> Option<T> {
        read.map_err(|complaints| self.complain(what, complaints)).ok()
    }

    /// The built-in rules, those of `packs` and those of `dirs`.
    fn rules(&mut self, dirs: &[PathBuf], packs: &[String]) -> Vec<Rule> {
        let mut files: Vec<(String, Node)> = Vec::new();
        for (id, text) in catalog::builtin_files() {
            files.push((id.to_owned(), self.tree("rule", &format!("rules/{id}.yaml"), text)));
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
        rules
    }

    fn comes_from(&mut self, id: &str, origin: Origin) {
        let replaced = self.origins.remove(id).map(|(origin, _)| origin);
        self.origins.insert(id.to_owned(), (origin, replaced));
    }

    /// The text of the settings, if they allow anything.
    fn text_of(&self, allow: &[AllowIn]) -> Option<Source> {
        let (at, _) = allow.first()?.paths.first()?;
        Some(self.sources.get(at.file).clone())
    }

    /// The values given to parameters, the weakest first: of the settings, of the files, of the flags.
    fn parameters(&mut self, settings: &Settings, options: &CheckOptions, config: Option<&Path>) -> Result<Vec<Group>, Trouble> {
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
        for path in &options.parameter_files {
            groups.push(self.parameters_file(path, None)?);
        }
        if !options.parameters.is_empty() {
            let file = FileId(u32::try_from(self.sources.iter().count()).unwrap_or(u32::MAX));
            let (source, read) = parameters::flags(&options.parameters, file);
            self.sources.push(source.clone());
            let values = self.take("parameters", read).unwrap_or_default();
            groups.push(Group { source, scope: None, explicit: true, values, region: None });
        }
        Ok(groups)
    }

    /// Where the settings say that templates are deployed; their patterns are relative to `dir`.
    fn placed(&self, settings: &Settings, dir: &Path) -> Vec<Placed> {
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

    fn profile(&mut self, source: &ProfileSource) -> Result<Profile, Trouble> {
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
