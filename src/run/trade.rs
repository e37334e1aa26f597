//! Which templates may take values from which: exports that they import, and outputs of other stacks.

use crate::cfn::function::call;
use crate::cfn::resolve::Export;
use crate::inventory::FileModel;
use crate::sniff::Kind;
use crate::source::{FileId, Sources};
use crate::syntax::node::Node;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// What all templates ask of each other.
#[derive(Default)]
pub(super) struct Trade {
    importers: BTreeMap<FileId, Names>,
    exporters: BTreeMap<FileId, Names>,
    /// The importers and the exporters of each name that is written out, and those of others.
    imported: BTreeMap<SmolStr, BTreeSet<FileId>>,
    exported: BTreeMap<SmolStr, BTreeSet<FileId>>,
    open_importers: BTreeSet<FileId>,
    open_exporters: BTreeSet<FileId>,
    /// Those that may export what hangs on what they import.
    middlemen: BTreeSet<FileId>,
}

/// The names of exports in a template.
#[derive(Default)]
pub(super) struct Names {
    /// Those that are written out.
    written: BTreeSet<SmolStr>,
    /// Whether there are others.
    open: bool,
}

impl Names {
    fn add(&mut self, name: &Node) {
        // a dynamic reference is a value of elsewhere
        match name.scalar_text().filter(|name| !name.contains("{{")) {
            Some(name) => drop(self.written.insert(name)),
            None => self.open = true,
        }
    }

    /// The names of `exports`.
    pub(super) fn of<'e>(exports: impl Iterator<Item = &'e Export>) -> Self {
        let mut out = Self::default();
        for name in exports.filter_map(|export| export.name.as_ref()) {
            match name.as_known() {
                Some(name) => drop(out.written.insert(name.into())),
                None => out.open = true,
            }
        }
        out
    }
}

impl Trade {
    pub(super) fn of(models: &[FileModel], sources: &Sources) -> Self {
        let mut out = Self::default();
        for model in models.iter().filter(|model| model.kind == Kind::Template) {
            if let Some(outputs) = model.root.get("Outputs") {
                let mut names = Names::default();
                let exported = outputs.entries().iter().filter_map(|output| output.value.get("Export"));
                exported.for_each(|export| match export.get("Name") {
                    Some(name) => names.add(name),
                    None => names.open = true,
                });
                // what makes all outputs, or one of them
                names.open |= call(outputs).is_some() || outputs.entries().iter().any(|one| call(&one.value).is_some());
                for name in &names.written {
                    out.exported.entry(name.clone()).or_default().insert(model.file);
                }
                out.open_exporters.extend(names.open.then_some(model.file));
                out.exporters.insert(model.file, names);
            }
            let (mut names, mut calls) = (Names::default(), 0);
            asked(&model.root, &mut names, &mut calls);
            let text = sources.get(model.file).text.as_bytes();
            let written = ["ImportValue", "GetStackOutput"].map(|function| memchr::memmem::find_iter(text, function).count());
            // what stands in a string, or in a comment
            names.open |= written.iter().sum::<usize>() > calls;
            if names.open || calls > 0 && hands_on(&model.root) {
                out.middlemen.insert(model.file);
            }
            if names.open || calls > 0 {
                for name in &names.written {
                    out.imported.entry(name.clone()).or_default().insert(model.file);
                }
                out.open_importers.extend(names.open.then_some(model.file));
                out.importers.insert(model.file, names);
            }
        }
        out
    }

    pub(super) fn imports(&self, file: FileId) -> bool {
        self.importers.contains_key(&file)
    }

    /// The names that `files` import, as far as all are written out.
    pub(super) fn asked(&self, files: &BTreeSet<FileId>) -> Option<BTreeSet<SmolStr>> {
        let all = files.iter().filter_map(|file| self.importers.get(file));
        all.map(|names| (!names.open).then_some(&names.written))
            .collect::<Option<Vec<_>>>()
            .map(|all| all.into_iter().flatten().cloned().collect())
    }

    /// Whether nothing is imported.
    pub(super) fn is_empty(&self) -> bool {
        self.importers.is_empty()
    }

    pub(super) fn exports(&self, file: FileId) -> bool {
        self.exporters.contains_key(&file)
    }

    /// The files that may import one of `names`, or read an output that has none.
    pub(super) fn importing(&self, names: &Names) -> BTreeSet<FileId> {
        if names.open {
            return self.importers.keys().copied().collect();
        }
        let named = names.written.iter().filter_map(|name| self.imported.get(name)).flatten();
        named.chain(&self.open_importers).copied().collect()
    }

    /// `files`, and those that may take values from them, be it through others.
    pub(super) fn with_heirs(&self, files: BTreeSet<FileId>) -> BTreeSet<FileId> {
        self.closed(files, |file| self.exporters.get(&file).map(|names| self.importing(names)).unwrap_or_default())
    }

    /// `files`, and those that they may take values from, be it through others.
    pub(super) fn with_givers(&self, files: BTreeSet<FileId>) -> BTreeSet<FileId> {
        self.closed(files, |file| {
            let Some(names) = self.importers.get(&file) else { return BTreeSet::new() };
            if names.open {
                return self.exporters.keys().copied().collect();
            }
            let named = names.written.iter().filter_map(|name| self.exported.get(name)).flatten();
            named.chain(&self.open_exporters).copied().collect()
        })
    }

    /// `files`, with what `next` gives for each of them, and for those that hand it on.
    fn closed(&self, mut files: BTreeSet<FileId>, next: impl Fn(FileId) -> BTreeSet<FileId>) -> BTreeSet<FileId> {
        let mut left: Vec<FileId> = files.iter().copied().collect();
        while let Some(file) = left.pop() {
            let new: Vec<FileId> = next(file).into_iter().filter(|one| files.insert(*one)).collect();
            left.extend(new.into_iter().filter(|one| self.middlemen.contains(one)));
        }
        files
    }
}

/// So many resources are followed at most.
const MAX_FOLLOWED: usize = 200;

/// Whether an output of a template may hang on what it imports: the function stands there, or in a resource that it names, or
/// that another one names which it names.
fn hands_on(root: &Node) -> bool {
    let Some(outputs) = root.get("Outputs") else { return false };
    let imports = |node: &Node| {
        let mut calls = 0;
        asked(node, &mut Names::default(), &mut calls);
        calls > 0
    };
    let resources = root.get("Resources").map(Node::entries).unwrap_or_default();
    if imports(outputs) || resources.len() > MAX_FOLLOWED {
        return true;
    }
    let (mut tainted, mut left): (Vec<_>, Vec<_>) = resources.iter().partition(|entry| imports(&entry.value));
    let mut at = 0;
    while let Some(id) = tainted.get(at).map(|entry| entry.key.text.clone()) {
        if mentions(outputs, &id) {
            return true;
        }
        let (more, rest) = left.into_iter().partition(|entry| mentions(&entry.value, &id));
        (left, at) = (rest, at + 1);
        tainted.extend::<Vec<_>>(more);
    }
    false
}

/// Whether a text somewhere in `node` holds `word`.
fn mentions(node: &Node, word: &str) -> bool {
    node.as_str().is_some_and(|text| text.contains(word))
        || node.entries().iter().map(|entry| &entry.value).chain(node.items()).any(|inner| mentions(inner, word))
}

/// Adds what is imported somewhere in `node`, and counts the functions that import.
fn asked(node: &Node, names: &mut Names, calls: &mut usize) {
    match call(node) {
        Some(call) if call.name == "ImportValue" => {
            *calls += 1;
            names.add(call.argument);
        }
        Some(call) if call.name == "GetStackOutput" => {
            *calls += 1;
            names.open = true;
        }
        _ => {}
    }
    node.entries().iter().map(|entry| &entry.value).chain(node.items()).for_each(|inner| asked(inner, names, calls));
}
