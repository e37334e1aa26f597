//! The commands: settings and rules in, a report and an exit status out.

use crate::cli::{Cli, Command, style_of_stdout};
use crate::disk;
use crate::finding::Finding;
use crate::load::Input;
use crate::parallel;
use crate::report::{self, Style};
use crate::source::Sources;
use crate::walk;
use desk::Desk;
use std::path::PathBuf;

mod check;
mod config;
mod decide;
mod desk;
mod facts;
mod fix;
mod follow;
mod guard;
mod init;
mod interrupt;
mod known;
mod manual;
mod nothing;
mod rules;
mod schema;
mod test;
mod unmatched;
mod verbose;
mod watch;

pub use interrupt::finish_writing;
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

impl Status {
    /// Whether something was found.
    fn of(found: bool) -> Self {
        if found { Self::Findings } else { Self::Clean }
    }
}

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

/// Does what the command line asks, and gives each answer to `tell` as soon as it is there. A check that is repeated has
/// several, and ends once `tell` says that nobody listens.
pub fn serve(cli: &Cli, tell: &mut dyn FnMut(&Answer) -> bool) -> Status {
    let style = style_of_stdout(cli.color);
    if let Command::Check(options) = &cli.command
        && options.watch
    {
        return watch::watch(options, style, tell);
    }
    let answer = answer(cli, style);
    tell(&answer);
    answer.status
}

fn answer(cli: &Cli, style: Style) -> Answer {
    let done = match &cli.command {
        Command::Check(options) if options.mends() => fix::fix(options, style),
        Command::Check(options) => check::check(options, style, &mut Desk::default()),
        Command::Init(options) => init::init(options),
        Command::Config(options) => config::config(options),
        Command::Decide(options) => decide::decide(options, style),
        Command::Facts(options) => facts::facts(options),
        Command::Rules(options) => rules::list(options),
        Command::Test(options) => test::test(options, style),
        Command::Explain { rule, rules } => rules::explain(rule, rules),
        Command::Schema { of } => done(schema::text(*of).to_owned()),
        Command::Completions { shell } => done(manual::completions(*shell)),
        Command::Man { command } => manual::page(command.as_deref()).and_then(done),
    };
    done.unwrap_or_else(|trouble| trouble.answer(style))
}

impl Trouble {
    fn answer(self, style: Style) -> Answer {
        let err = match self {
            Self::Files(sources, findings) => report::findings(&sources, &findings, style),
            Self::Plain(message) => format!("bucketlint: {message}\n"),
        };
        Answer { out: String::new(), err, status: Status::Broken }
    }
}

fn done(out: String) -> Result<Answer, Trouble> {
    Ok(Answer { out, err: String::new(), status: Status::Clean })
}

/// Reads every file of the walk on all threads, keeping their order.
fn inputs(paths: &[PathBuf], exclude: &[PathBuf]) -> Vec<Input> {
    let walked = walk::collect(paths, exclude);
    let read = |file: walk::InputFile| {
        let bytes = if file.is_stdin() { disk::read_stdin().map(String::into_bytes) } else { disk::read_bytes(&file.path) };
        Input { shown: file.shown, named: file.named, bytes }
    };
    let mut inputs: Vec<Input> = parallel::map(walked.files, read);
    let failed = |(shown, why): (String, String)| Input { shown, named: true, bytes: Err(disk::ReadProblem::Unreadable(why)) };
    inputs.extend(walked.problems.into_iter().map(failed));
    inputs.sort_by(|a, b| a.shown.cmp(&b.shown));
    inputs
}
