//! The commands: settings and rules in, a report and an exit status out.

use crate::cfn::given::Given;
use crate::cli::{CheckOptions, Chosen, Cli, Command, sheets, style_of_stdout};
use crate::config::{Config, FILE_NAMES, TrailPlace};
use crate::disk;
use crate::finding::{Finding, Label, Severity};
use crate::load::{Input, load};
use crate::parameters::{self, Group, Scope};
use crate::profile::{self, Profile, ProfileSource};
use crate::report::{self, Style};
use crate::rule::{Rule, catalog};
use crate::run::{Plan, run};
use crate::settings::Settings;
use crate::source::{FileId, Source, Sources, Span};
use crate::syntax::fields::Complaint;
use crate::syntax::node::Node;
use crate::syntax::parse::parse;
use crate::syntax::toml;
use crate::walk;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

mod config;
mod decide;
mod init;
mod manual;
mod rules;
mod schema;
pub use schema::SETTINGS as SCHEMA;

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
    let style = style_of_stdout(cli.color);
    let done = match &cli.command {
        Command::Check(options) => check(options, style),
        Command::Init(options) => init::init(options),
        Command::Config(options) => config::config(options),
        Command::Decide(options) => decide::decide(options, style),
        Command::Rules => rules::list(),
        Command::Explain { rule } => rules::explain(rule),
        Command::Schema { of } => done(schema::text(*of).to_owned()),
        Command::Completions { shell } => done(manual::completions(*shell)),
        Command::Man { command } => manual::page(command.as_deref()).and_then(done),
    };
    done.unwrap_or_else(|trouble| {
        let err = match trouble {
            Trouble::Files(sources, findings) => report::findings(&sources, &findings, style),
            Trouble::Plain(message) => format!("bucketlint: {message}\n"),
        };
        Answer { out: String::new(), err, status: Status::Broken }
    })
}

fn done(out: String) -> Result<Answer, Trouble> {
    Ok(Answer { out, err: String::new(), status: Status::Clean })
}

fn check(options: &CheckOptions, style: Style) -> Result<Answer, Trouble> {
    let sheets = sheets(&options.formats, options.output.as_deref()).map_err(Trouble::Plain)?;
    let mut desk = Desk::default();
    let file = desk.settings_file(options.paths.first().map(PathBuf::as_path), &options.chosen)?;
    let (settings, rules) = desk.settings(file.as_ref(), &options.chosen);
    let config_path = file.map(|file| file.path);
    let profile = desk.profile(&settings.profile)?;
    let groups = desk.parameters(&settings, options, config_path.as_deref())?;
    let profile = desk.settle(profile)?;
    let mut exclude: Vec<PathBuf> = settings.rules.clone();
    exclude.extend(config_path);
    exclude.extend(groups.iter().map(|group| PathBuf::from(&*group.source.path)));
    let here = [PathBuf::from(".")];
    let mut loaded = load(inputs(if options.changed { &here } else { &options.paths }, &exclude));
    let given = parameters::assign(&groups, &mut loaded);
    let mut outcome = run(loaded, &Plan { given, ..plan(&settings, options, profile) }, &rules);
    if options.changed {
        outcome.narrow(&options.paths.iter().map(|path| walk::shown(path)).collect());
    }
    let mut out = String::new();
    for sheet in sheets {
        match sheet.file {
            None => out = sheet.format.write(&outcome, &rules, style),
            Some(path) => {
                let text = sheet.format.write(&outcome, &rules, PLAIN);
                disk::write(&path, &text).map_err(|why| Trouble::Plain(format!("{}: {why}", walk::shown(&path))))?;
            }
        }
    }
    let failed = outcome.findings.iter().any(|finding| settings.fail_on.counts(finding.severity));
    Ok(Answer { out, err: String::new(), status: if failed { Status::Findings } else { Status::Clean } })
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
    let single = match options.chosen.buckets.as_slice() {
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
        partition: settings.partition.clone(),
        roles: settings.principals.clone(),
        assume: settings.assume.iter().map(|(key, values)| (key.to_ascii_lowercase(), values.clone())).collect(),
        given: Given::default(),
    }
}

/// A settings file as it is written.
struct SettingsFile {
    path: PathBuf,
    root: Node,
}

/// The files a run goes by, with every mistake found in them.
#[derive(Default)]
struct Desk {
    sources: Sources,
    mistakes: Vec<Finding>,
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

    /// The settings file for a run that begins at `first`, or in the working directory.
    fn settings_file(&mut self, first: Option<&Path>, chosen: &Chosen) -> Result<Option<SettingsFile>, Trouble> {
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
    fn settings(&mut self, file: Option<&SettingsFile>, chosen: &Chosen) -> (Settings, Vec<Rule>) {
        let mut config = Config::default();
        if let (Some(SettingsFile { path, root }), true) = (file, self.mistakes.is_empty()) {
            let read = Config::read(root, path.parent().unwrap_or(Path::new("")));
            config = self.take("settings", read).unwrap_or_default();
        }
        let unchecked = config.clone();
        let settings = Settings::resolve(config, chosen);
        let rules = self.rules(&settings.rules);
        let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        self.complain("settings", unchecked.unknown_rules(&ids));
        (settings, rules)
    }

    fn take<T>(&mut self, what: &str, read: Result<T, Vec<Complaint>>) -> Option<T> {
        read.map_err(|complaints| self.complain(what, complaints)).ok()
    }

    /// The built-in rules and those of `dirs`.
    fn rules(&mut self, dirs: &[PathBuf]) -> Vec<Rule> {
        let mut files: Vec<(String, Node)> = Vec::new();
        for (id, text) in catalog::builtin_files() {
            files.push((id.to_owned(), self.tree("rule", &format!("rules/{id}.yaml"), text)));
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
                files.push((id, root));
            }
        }
        let (rules, problems) = catalog::load_files(&files);
        if self.mistakes.is_empty() {
            self.complain("rule", problems);
        }
        rules
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
            groups.push(Group { source, scope, explicit: false, values: entry.values.clone() });
        }
        for path in &options.chosen.parameter_files {
            groups.push(self.parameters_file(path, None)?);
        }
        if !options.chosen.parameters.is_empty() {
            let file = FileId(u32::try_from(self.sources.iter().count()).unwrap_or(u32::MAX));
            let (source, read) = parameters::flags(&options.chosen.parameters, file);
            self.sources.push(source.clone());
            let values = self.take("parameters", read).unwrap_or_default();
            groups.push(Group { source, scope: None, explicit: true, values });
        }
        Ok(groups)
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
        let read = match (parsed.root, complaints.is_empty()) {
            (Some(root), true) => parameters::read(&root, &text, environment.as_deref()),
            (None, true) => Err(vec![Complaint::new(Span::new(file, 0, 0), "the file is empty")]),
            _ => Err(complaints),
        };
        let values = self.take("parameters", read).unwrap_or_default();
        Ok(Group { source: self.sources.get(file).clone(), scope, explicit: true, values })
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
