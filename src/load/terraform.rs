//! The files of Terraform and OpenTofu: each directory that no other calls as a module is one root module.

use super::Loaded;
use crate::disk::Door;
use crate::facts::InputProblem;
use crate::inventory::{FileModel, is_read_in_terraform};
use crate::sniff::Kind;
use crate::source::{FileId, Source, folder};
use crate::syntax::parse::Problem;
use crate::walk;
use bucketlint_terraform::eval::{Evaluator, Readable};
use bucketlint_terraform::module::{Module, ParsedFile};
use bucketlint_terraform::syntax::Body;
use bucketlint_terraform::unit::Unit;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::thread;

/// Evaluating recurses as deep as expressions and what they refer to.
const STACK: usize = 64 << 20;

impl Loaded {
    /// Makes a model of every root module that deploys something that is judged.
    pub(super) fn terraform(&mut self, files: Vec<(FileId, Result<Body, Problem>)>) {
        let mut directories: BTreeMap<String, Vec<ParsedFile>> = BTreeMap::new();
        let mut problems: BTreeMap<String, Vec<Problem>> = BTreeMap::new();
        for (file, body) in files {
            let path = Arc::clone(&self.sources.get(file).path);
            let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
            let body = body.map_err(|problem| {
                let span = problem.span;
                problems.entry(folder(&path).into()).or_default().push(problem);
                span
            });
            directories.entry(folder(&path).into()).or_default().push(ParsedFile { file, name, body });
        }
        let make = |(directory, files): (String, Vec<ParsedFile>)| (directory.clone(), Module::new(&directory, files));
        let modules: BTreeMap<String, Module> = directories.into_iter().map(make).collect();
        let called: BTreeSet<String> =
            modules.values().flat_map(|module| module.local_calls().filter(|called| *called != module.directory)).collect();
        let roots = modules.values().filter(|module| !module.files.is_empty() && !called.contains(&module.directory));
        let roots: Vec<&Module> = roots.collect();
        let units = thread::scope(|scope| {
            let mut unit = |root| {
                let (unit, read) = self.unit(&modules, root);
                (root, unit, read)
            };
            let all = move || roots.into_iter().map(&mut unit).collect::<Vec<_>>();
            let evaluated = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, all);
            evaluated.ok().and_then(|evaluated| evaluated.join().ok()).unwrap_or_default()
        });
        let (mut judged, mut read) = (BTreeSet::new(), BTreeSet::new());
        for (root, unit, files) in units {
            read.extend(files);
            if unit.resources.is_empty() && !unit.unread.iter().any(|one| one.bears) {
                continue;
            }
            judged.extend(unit.directories.iter().cloned());
            let file = unit.resources.iter().map(|one| one.span.file).find(|file| root.files.contains(file));
            let Some(file) = file.or(root.files.first().copied()) else { continue };
            self.models.push(FileModel { file, kind: Kind::Terraform, root: unit.node() });
        }
        for module in modules.values().filter(|module| !judged.contains(&module.directory)) {
            let what = "Terraform without a bucket or what belongs to one";
            self.passed.extend(module.files.iter().map(|file| (*file, what.to_owned())));
        }
        // a policy that Terraform reads from a file is judged where it goes; the file may be but a template for it
        self.models.retain(|model| !(read.contains(&model.file) && model.kind == Kind::Policy));
        self.problems.retain(|problem| !read.contains(&problem.span.file));
        self.passed.retain(|(file, _)| !read.contains(file));
        for (directory, problems) in problems {
            // what cannot be read may hold what is judged
            let ours = |problem: &Problem| self.sources.get(problem.span.file).text.contains("aws_");
            let told = problems.into_iter().filter(|problem| judged.contains(&directory) || ours(problem));
            let told: Vec<InputProblem> = told.map(InputProblem::from_parser).collect();
            self.problems.extend(told);
        }
        self.models.sort_by_key(|model| model.file);
    }

    /// What a root module deploys, and the files that its functions read.
    fn unit(&mut self, modules: &BTreeMap<String, Module>, root: &Module) -> (Unit, BTreeSet<FileId>) {
        let first = root.files.first().map(|file| Arc::clone(&self.sources.get(*file).path)).unwrap_or_default();
        let reading = Reading { door: Door::of(Path::new(&*first)), loaded: RefCell::new(self), read: RefCell::default() };
        let evaluator = Evaluator::new(modules, &root.directory, &reading);
        let unit = evaluator.map(|evaluator| evaluator.unit(is_read_in_terraform)).unwrap_or_default();
        (unit, reading.read.into_inner())
    }
}

/// Reads what functions such as `file` name, from the repository alone.
struct Reading<'l> {
    door: Door,
    loaded: RefCell<&'l mut Loaded>,
    /// What was read.
    read: RefCell<BTreeSet<FileId>>,
}

impl Readable for Reading<'_> {
    fn read(&self, path: &str) -> Result<(FileId, Arc<str>), String> {
        let shown = walk::shown(Path::new(path));
        let mut loaded = self.loaded.borrow_mut();
        let known = loaded.sources.iter().find(|(_, source)| *source.path == *shown);
        if let Some((file, source)) = known {
            self.read.borrow_mut().insert(file);
            return Ok((file, Arc::clone(&source.text)));
        }
        let text = self.door.read(Path::new(path)).map_err(|problem| problem.to_string())?;
        let source = Source::new(&shown, &text);
        let text = Arc::clone(&source.text);
        Ok((loaded.sources.push(source), text))
    }
}
