//! What the files of one directory declare together.

use crate::syntax::{Attribute, Block, Body, Expr};
use bucketlint_text::source::{FileId, Span};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file of a module, parsed.
#[derive(Clone, Debug)]
pub struct ParsedFile {
    /// Its id.
    pub file: FileId,
    /// Its name in its directory.
    pub name: String,
    /// Its tree, or the place at which it cannot be read.
    pub body: Result<Body, Span>,
}

/// The module that the files of a directory are.
/// <https://developer.hashicorp.com/terraform/language/files>
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Its directory, as the paths of its files are shown.
    pub directory: String,
    /// Its files, in the order of their names.
    pub files: Vec<FileId>,
    /// The top-level blocks of all files but `locals`.
    pub blocks: Vec<Block>,
    /// Where a file of it cannot be read: what it declares is not known.
    pub lost: Vec<Span>,
    pub(crate) locals: BTreeMap<SmolStr, Arc<Expr>>,
    /// Values of variables of the root module: `terraform.tfvars`, and after it `*.auto.tfvars`.
    pub(crate) given: BTreeMap<SmolStr, Arc<Expr>>,
    index: BTreeMap<(SmolStr, SmolStr, SmolStr), usize>,
}

impl Module {
    /// Puts the files of `directory` together.
    ///
    /// A `.tofu` file stands for the `.tf` file of the same name (<https://opentofu.org/docs/language/files/>), and override
    /// files change what the others declare (<https://developer.hashicorp.com/terraform/language/files/override>).
    pub fn new(directory: &str, mut files: Vec<ParsedFile>) -> Self {
        files.sort_by(|one, other| one.name.cmp(&other.name));
        let replaced = |name: &str| {
            let stem = name.strip_suffix(".tf");
            stem.is_some_and(|stem| files.iter().any(|other| other.name.strip_suffix(".tofu") == Some(stem)))
        };
        let files: Vec<&ParsedFile> = files.iter().filter(|file| !replaced(&file.name)).collect();
        let mut out = Self { directory: directory.to_owned(), ..Self::default() };
        for last in [false, true] {
            for file in files.iter().filter(|file| is_override(&file.name) == last) {
                if file.name.ends_with(".tfvars") {
                    continue;
                }
                out.files.push(file.file);
                match &file.body {
                    Ok(body) => out.add(body, last),
                    Err(at) => out.lost.push(*at),
                }
            }
        }
        out.files.sort();
        // `terraform.tfvars` first, then those that are loaded by themselves, in the order of their names
        for last in [false, true] {
            for file in files.iter().filter(|file| file.name.ends_with(".auto.tfvars") == last) {
                if !last && file.name != "terraform.tfvars" {
                    continue;
                }
                match &file.body {
                    Ok(body) => {
                        out.given.extend(body.attributes.iter().map(|one| (one.name.text.clone(), Arc::clone(&one.value))));
                    }
                    Err(at) => out.lost.push(*at),
                }
            }
        }
        out
    }

    fn add(&mut self, body: &Body, is_override: bool) {
        for block in &body.blocks {
            if block.kind.text == "locals" {
                self.locals.extend(block.body.attributes.iter().map(|one| (one.name.text.clone(), Arc::clone(&one.value))));
                continue;
            }
            let key = (block.kind.text.clone(), SmolStr::from(block.label(0)), SmolStr::from(block.label(1)));
            match self.index.get(&key).and_then(|at| self.blocks.get_mut(*at)) {
                Some(known) if is_override => overrule(&mut known.body, &block.body),
                // a block declared twice is refused; several providers of a name differ by their alias
                Some(_) if block.kind.text != "provider" => {}
                _ => {
                    self.index.entry(key).or_insert(self.blocks.len());
                    self.blocks.push(block.clone());
                }
            }
        }
    }

    /// The number of the block with this kind and these labels.
    pub(crate) fn find(&self, kind: &str, first: &str, second: &str) -> Option<usize> {
        self.index.get(&(kind.into(), first.into(), second.into())).copied()
    }

    /// The directories of local modules that it calls, from its own, such as `../bucket`.
    pub fn local_calls(&self) -> impl Iterator<Item = String> + '_ {
        let calls = self.blocks.iter().filter(|block| block.kind.text == "module");
        calls.filter_map(|call| match &call.body.get("source")?.kind {
            crate::syntax::Syntax::Str(source) => local(&self.directory, &source.text),
            _ => None,
        })
    }
}

fn is_override(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem == "override" || stem.ends_with("_override")
}

/// Takes over the attributes of an overriding block, and its nested blocks for those of the same kind.
fn overrule(known: &mut Body, by: &Body) {
    for attribute in &by.attributes {
        let same = |one: &&mut Attribute| one.name.text == attribute.name.text;
        match known.attributes.iter_mut().find(same) {
            Some(one) => *one = attribute.clone(),
            None => known.attributes.push(attribute.clone()),
        }
    }
    let overruled = |block: &Block| by.blocks.iter().any(|one| one.kind.text == block.kind.text);
    known.blocks.retain(|block| !overruled(block));
    known.blocks.extend(by.blocks.iter().cloned());
}

/// The directory of the local module `source`, called from `directory`; `None` for one from elsewhere.
/// <https://developer.hashicorp.com/terraform/language/modules/sources#local-paths>
pub(crate) fn local(directory: &str, source: &str) -> Option<String> {
    (source.starts_with("./") || source.starts_with("../")).then(|| join(directory, source))
}

/// `path`, as it is from `directory`, without `.` and, as far as that goes, `..`.
pub(crate) fn join(directory: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let is_absolute = directory.starts_with('/');
    let mut out: Vec<&str> = Vec::new();
    for name in directory.split('/').chain(path.split('/')) {
        match name {
            "" | "." => {}
            ".." if out.last().is_some_and(|last| *last != "..") => drop(out.pop()),
            name => out.push(name),
        }
    }
    let out = out.join("/");
    if is_absolute { format!("/{out}") } else { out }
}
