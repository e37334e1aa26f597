//! Files that templates include, read from beside them.

use super::Loaded;
use crate::cfn::include::include;
use crate::disk::Door;
use crate::facts::InputProblem;
use crate::inventory::FileModel;
use crate::sniff::Kind;
use crate::source::Source;
use crate::syntax::node::Node;
use crate::syntax::parse::parse;
use crate::walk;
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

impl Loaded {
    /// Puts the local files that templates include by `AWS::Include` in their places. A location is relative to its
    /// template, as `aws cloudformation package` takes it:
    /// <https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html>
    pub(super) fn include(&mut self) {
        let mut files = BTreeMap::new();
        let mut including = BTreeSet::new();
        let mut models = std::mem::take(&mut self.models);
        for model in models.iter_mut().filter(|model| model.kind == Kind::Template) {
            let source = self.sources.get(model.file);
            if memchr::memmem::find(source.text.as_bytes(), b"Transform").is_none() {
                continue;
            }
            let beside = Path::new(source.path.as_ref()).parent().unwrap_or(Path::new("")).to_owned();
            let door = Door::of(Path::new(source.path.as_ref()));
            let file = model.file;
            let mut read = |location: &str| {
                including.insert(file);
                self.included(&door, &beside, location, &mut files)
            };
            let unknown = include(&mut model.root, &mut read);
            self.problems.extend(unknown.into_iter().map(InputProblem::from_unknown));
        }
        // what is part of a template is no document of its own
        let path = |model: &FileModel| self.sources.get(model.file).path.to_string();
        models.retain(|model| including.contains(&model.file) || !files.contains_key(&path(model)));
        self.models = models;
    }

    fn included(
        &mut self,
        door: &Door,
        beside: &Path,
        location: &str,
        files: &mut BTreeMap<String, Result<Node, SmolStr>>,
    ) -> Result<Node, SmolStr> {
        if location.contains("://") || Path::new(location).is_absolute() {
            return Err(format_smolstr!("`{location}` is inserted when the template is deployed"));
        }
        let path = beside.join(location);
        let shown = walk::shown(&path);
        if let Some(known) = files.get(&shown) {
            return known.clone();
        }
        let read = door.read(&path).map_err(|problem| format_smolstr!("the file `{shown}`, which it includes, {problem}"));
        let root = read.and_then(|text| {
            let known = self.sources.iter().find(|(_, source)| *source.path == *shown).map(|(file, _)| file);
            let file = known.unwrap_or_else(|| self.sources.push(Source::new(&shown, &text)));
            let parsed = parse(file, &text);
            self.problems.extend(parsed.problems.into_iter().map(InputProblem::from_parser));
            parsed.root.ok_or_else(|| format_smolstr!("the file `{shown}`, which it includes, holds nothing"))
        });
        files.insert(shown, root.clone());
        root
    }
}
