//! The command `test`: runs the test files of rules.

use super::check::plan;
use super::desk::Desk;
use super::{Answer, Status, Trouble, inputs};
use crate::cli::{CheckOptions, Chosen, TestOptions};
use crate::disk;
use crate::finding::{Finding, Label, Severity};
use crate::load::{Input, Loaded, load};
use crate::outcome::Outcome;
use crate::parameters;
use crate::report::{self, Style};
use crate::rule::Rule;
use crate::run::{Plan, run};
use crate::settings::Settings;
use crate::source::{FileId, Source, Span};
use crate::syntax::fields::{Complaint, did_you_mean};
use crate::trial::{self, Case, Material, Miss};
use crate::walk;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The rules that cases go by, for each choice of directories and packs.
type Shelves = BTreeMap<(Vec<PathBuf>, Vec<String>), Vec<Rule>>;

/// A test file that was read.
struct TestFile {
    path: PathBuf,
    source: Source,
    /// Where rules are looked for that no setting names.
    rules: Vec<PathBuf>,
    cases: Vec<Case>,
}

/// Runs the test files under the paths asked for.
pub(super) fn test(options: &TestOptions, style: Style) -> Result<Answer, Trouble> {
    let mut desk = Desk::default();
    let files = files(options, &mut desk)?;
    let mut shelves = Shelves::new();
    for case in files.iter().flat_map(|file| file.cases.iter().map(move |case| (file, case))) {
        desk.shelve(case, &mut shelves);
    }
    if !desk.mistakes.is_empty() {
        return desk.settle(Answer { out: String::new(), err: String::new(), status: Status::Broken });
    }
    let (mut out, mut reports, mut failed, mut count) = (String::new(), String::new(), 0, 0);
    for file in &files {
        out += &format!("{}\n", file.source.path);
        for case in &file.cases {
            let shown = desk.run(file, case, &shelves, style)?;
            count += 1;
            failed += usize::from(shown.is_some());
            out += &format!("  {}  {}\n", if shown.is_some() { "FAIL" } else { "pass" }, case.name);
            reports += &shown.unwrap_or_default();
        }
    }
    let cases = if count == 1 { "case" } else { "cases" };
    out += &format!("\n{reports}{count} {cases}: {} passed, {failed} failed\n", count - failed);
    Ok(Answer { out, err: String::new(), status: if failed > 0 { Status::Findings } else { Status::Clean } })
}

/// Reads every test file; mistakes are left at the desk.
fn files(options: &TestOptions, desk: &mut Desk) -> Result<Vec<TestFile>, Trouble> {
    let here = [PathBuf::from(".")];
    let mut out = Vec::new();
    for path in if options.paths.is_empty() { &here[..] } else { &options.paths } {
        let path = path.as_path();
        let found = disk::test_files(path).map_err(|problem| Trouble::Plain(format!("{}: {problem}", walk::shown(path))))?;
        if found.is_empty() {
            let message = "holds no test file; those end in _test.yaml or _tests.yaml";
            return Err(Trouble::Plain(format!("{}: {message}", walk::shown(path))));
        }
        for file in found {
            let dir = file.parent().unwrap_or(Path::new("")).to_path_buf();
            // the tests of rules stand beside them or in a directory of their own
            let beside = if dir.ends_with("tests") { dir.parent().unwrap_or(&dir) } else { &dir };
            let beside = if beside.as_os_str().is_empty() { Path::new(".") } else { beside };
            let root = if path.is_dir() { path } else { beside }.to_path_buf();
            let rules = if options.rules.is_empty() { vec![root] } else { options.rules.clone() };
            out.extend(desk.test_file(file, &dir, rules)?);
        }
    }
    Ok(out)
}

impl Desk {
    fn test_file(&mut self, path: PathBuf, dir: &Path, rules: Vec<PathBuf>) -> Result<Option<TestFile>, Trouble> {
        let (text, shown) = (self.read(&path)?, walk::shown(&path));
        let before = self.mistakes.len();
        let root = self.tree("test", &shown, &text);
        if self.mistakes.len() > before {
            return Ok(None);
        }
        let cases = self.take("test", trial::read(&root, &shown, &text, dir));
        Ok(cases.map(|cases| TestFile { path, source: Source::new(&shown, &text), rules, cases }))
    }

    /// Loads the rules of a case, unless they are there; every rule it names has to be one of them.
    fn shelve(&mut self, (file, case): (&TestFile, &Case), shelves: &mut Shelves) {
        let shelf = shelf(file, case);
        if !shelves.contains_key(&shelf) {
            let rules = self.rules(&shelf.0, &shelf.1);
            shelves.insert(shelf.clone(), rules);
        }
        let ids: Vec<&str> = shelves[&shelf].iter().map(|rule| rule.id.as_str()).collect();
        let mut complaints = case.config.unknown_rules(&ids);
        let unknown = case.expectations.iter().filter(|one| !ids.contains(&one.rule.as_str()));
        complaints.extend(unknown.map(|one| {
            let hint = if did_you_mean(&one.rule, &ids).contains("did you mean") {
                did_you_mean(&one.rule, &ids)
            } else {
                String::new()
            };
            Complaint::new(one.span, format!("there is no rule `{}`{hint}", one.rule))
        }));
        self.complain("test", complaints);
    }

    /// Runs one case; gives the report of what is not as expected.
    fn run(&mut self, file: &TestFile, case: &Case, shelves: &Shelves, style: Style) -> Result<Option<String>, Trouble> {
        let chosen = Chosen { parameters: case.parameters.clone(), ..Chosen::default() };
        let options = CheckOptions { chosen, ..CheckOptions::default() };
        let settings = Settings::resolve(case.config.clone(), &options.chosen);
        let profile = self.profile(&settings.profile)?;
        let groups = self.parameters(&settings, &options.chosen, Some(&file.path))?;
        if !self.mistakes.is_empty() {
            return self.settle(None);
        }
        let mut loaded = loaded(&case.material);
        let given = parameters::assign(&groups, &mut loaded);
        let rules = &shelves[&shelf(file, case)];
        let mut outcome = run(loaded, &Plan { given, ..plan(&settings, &options, profile) }, rules);
        let misses = trial::misses(case, &outcome);
        Ok((!misses.is_empty()).then(|| report(file, case, &mut outcome, misses, style)))
    }
}

fn shelf(file: &TestFile, case: &Case) -> (Vec<PathBuf>, Vec<String>) {
    let dirs = if case.config.rules.is_empty() { &file.rules } else { &case.config.rules };
    (dirs.clone(), case.config.packs.clone())
}

fn loaded(material: &Material) -> Loaded {
    // an empty template is an input too, which a file named on the command line would not be
    let text =
        |(shown, text): &(String, String)| Input { shown: shown.clone(), named: false, bytes: Ok(text.clone().into_bytes()) };
    load(match material {
        Material::Paths(paths) => inputs(paths, &[]),
        Material::Texts(texts) => texts.iter().map(text).collect(),
    })
}

/// The expectations that are not met, in the test file, with what was found.
fn report(file: &TestFile, case: &Case, outcome: &mut Outcome, misses: Vec<Miss>, style: Style) -> String {
    let home = outcome.sources.push(file.source.clone());
    // what the test file itself holds has the same offsets there, and more around it to be seen
    let inside = |id: FileId, outcome: &Outcome| outcome.sources.get(id).path == file.source.path;
    let moved = |label: &Label, outcome: &Outcome| {
        let same = inside(label.span.file, outcome) && outcome.sources.slice(label.span) == file.source.slice(label.span);
        Label { span: Span { file: if same { home } else { label.span.file }, ..label.span }, message: label.message.clone() }
    };
    let finding = |miss: &Miss| {
        let primary = Label { span: Span { file: home, ..miss.at }, message: "expected here".into() };
        let related = miss.found.iter().map(|label| moved(label, outcome)).collect();
        let message = format!("{}: {}", case.name, miss.message);
        Finding { related, ..Finding::new(miss.rule.as_str(), Severity::Error, message, primary) }
    };
    let findings: Vec<Finding> = misses.iter().map(finding).collect();
    report::findings(&outcome.sources, &findings, style)
}
