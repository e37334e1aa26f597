//! Modules from texts, for tests.

use crate::eval::{Evaluator, Readable};
use crate::module::{Module, ParsedFile};
use crate::syntax;
use bucketlint_text::source::{FileId, Source, Sources, Span, folder};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Files by their paths.
pub(crate) struct Lab {
    pub(crate) sources: Sources,
    pub(crate) modules: BTreeMap<String, Module>,
}

impl Lab {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let sources = Sources::new(files.iter().map(|(path, text)| Source::new(path, text)).collect());
        let mut parsed: BTreeMap<String, Vec<ParsedFile>> = BTreeMap::new();
        for (file, source) in sources.iter() {
            let name = source.path.rsplit('/').next().unwrap_or_default();
            if [".tf", ".tofu", ".tfvars"].iter().any(|end| name.ends_with(end)) {
                let body = syntax::file(file, &source.text).map_err(|problem| problem.span);
                parsed.entry(folder(&source.path).into()).or_default().push(ParsedFile { file, name: name.into(), body });
            }
        }
        let modules = parsed.into_iter().map(|(directory, files)| (directory.clone(), Module::new(&directory, files))).collect();
        Self { sources, modules }
    }

    pub(crate) fn evaluator(&self, directory: &str) -> Evaluator<'_> {
        Evaluator::new(&self.modules, directory, self).unwrap()
    }

    /// What is written at a place: the path of its file, the line, and the text.
    pub(crate) fn at(&self, span: Span) -> String {
        let source = self.sources.get(span.file);
        let position = source.position(span.start as usize);
        format!("{}:{}:{} {}", source.path, position.line, position.column, source.slice(span))
    }
}

impl Readable for Lab {
    fn read(&self, path: &str) -> Result<(FileId, Arc<str>), String> {
        let found = self.sources.iter().find(|(_, source)| &*source.path == path);
        found.map(|(file, source)| (file, Arc::clone(&source.text))).ok_or_else(|| "is not there".into())
    }
}
