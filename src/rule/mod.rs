//! The rule engine: rule files of JSONPath selectors and clauses, checked against a tree of facts.
//!
//! The language is described in `rules/README.md`.

pub mod catalog;
pub mod check;
mod clause;
mod explain;
#[cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]
pub mod load;
mod message;
mod operator;
mod selector;
#[cfg(test)]
mod tests;

use crate::finding::Severity;
use clause::Clause;
use message::Template;
use selector::{Path, Query};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

pub use explain::{explain, markdown};
pub use selector::select;

/// A rule ready to be checked. Copies share what they hold.
#[derive(Clone, Debug)]
pub struct Rule(Arc<Compiled>);

impl Deref for Rule {
    type Target = Compiled;

    fn deref(&self) -> &Compiled {
        &self.0
    }
}

/// What a rule file says.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// `<group>/<name>`, from the file's path.
    pub id: String,
    /// One line on what is found.
    pub title: String,
    /// How bad a finding is, unless the settings or [`Lower`] say otherwise.
    pub severity: Severity,
    /// The version that brought the rule, such as `0.1.0`.
    pub since: String,
    told: OnceLock<Background>,
    /// What `told` is read from where it is not known yet.
    told_json: &'static str,
    label: Template,
    message: Template,
    fix: Template,
    selectors: Selectors,
    each: Query,
    /// Where findings point: at the first node that the first of these to select any selects, else at the subject.
    at: Vec<Path>,
    /// Where the changes stand that do what `fix` says, as a fact has them.
    edits: Vec<Path>,
    when: Vec<Clause>,
    check: Vec<Clause>,
    lower: Vec<Lower>,
    /// Where these hold, a finding says that something cannot be told; none where it never does.
    doubt: Option<Vec<Clause>>,
    /// Whether its findings say why other things cannot be told.
    explains: bool,
    gather: Option<Gather>,
    absorbs: bool,
}

/// What only those ask for who want to know more of a rule.
#[derive(Clone, Debug, Default)]
pub struct Background {
    /// Why it matters.
    pub why: String,
    /// What AWS behaviour is taken for granted without confirmation.
    pub unconfirmed: Option<String>,
    /// Where AWS documents it; at least one address.
    pub reference: Vec<String>,
    /// Files to look at; every built-in rule that is about text has them.
    pub example: Option<Example>,
}

impl Rule {
    /// What is told of it.
    pub fn told(&self) -> &Background {
        self.told.get_or_init(|| load::told(self.told_json))
    }

    /// Whether it selects over templates as they are written, which are the same whatever their parameters are.
    pub fn reads_templates(&self) -> bool {
        self.mentions("templates")
    }

    /// Whether it selects over suppressions, which takes the findings of all rules that do not.
    pub fn reads_allows(&self) -> bool {
        self.mentions("$.allows")
    }

    /// Whether it selects over what is told of a run as a whole.
    pub fn reads_whole(&self) -> bool {
        ["$.unchecked", "$.unmatched_buckets"].iter().any(|list| self.mentions(list))
    }

    /// Whether it may select over resources as they are deployed, which are costly to make.
    pub fn reads_resources(&self) -> bool {
        let everything = ["$.*", "$..", "$[*"];
        // `$.opaque_resources` is another list
        let named = |path: &str| {
            let before = |at: usize| path[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
            path.match_indices("resources").any(|(at, _)| !before(at))
        };
        self.paths().any(|path| named(path) || everything.iter().any(|start| path.starts_with(start)))
    }

    /// Whether what it says of a fact hangs on nothing else in the tree, so that some facts can be judged without the others.
    pub fn is_local(&self) -> bool {
        let list = self.selectors.each.strip_prefix("$.").unwrap_or_default();
        let rest = list.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
        let one_by_one = rest.len() < list.len() && (rest.starts_with("[*]") || rest.starts_with("[?"));
        one_by_one && !rest.contains('$') && self.selectors.roots.is_empty()
    }

    /// The same rule, which tells each of its subjects alone.
    #[cfg(test)]
    pub(crate) fn told_apart(self) -> Self {
        Self(Arc::new(Compiled { gather: None, absorbs: false, ..(*self).clone() }))
    }

    fn mentions(&self, list: &str) -> bool {
        self.paths().any(|path| path.contains(list))
    }

    /// Its paths from the root.
    fn paths(&self) -> impl Iterator<Item = &String> {
        self.selectors.paths.iter().chain([&self.selectors.each])
    }
}

/// What a rule finds, and how it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Example {
    /// Files in which the rule finds something.
    pub broken: Vec<ExampleFile>,
    /// The same files, in which it finds nothing.
    pub fixed: Vec<ExampleFile>,
}

/// A file of an [`Example`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExampleFile {
    /// Its name, where that matters or there are several.
    pub name: Option<String>,
    /// Its text.
    pub text: String,
}

/// Where a broken subject is less grave.
#[derive(Clone, Debug)]
struct Lower {
    to: Severity,
    when: Vec<Clause>,
    message: Option<Template>,
}

/// What makes several of its findings one, and what is told of them then.
#[derive(Clone, Debug)]
struct Gather {
    /// Findings are one where this selects equal texts.
    by: Path,
    /// Where they are told.
    at: Vec<Path>,
    /// What each adds to a list that is to be pasted.
    item: Template,
    message: Template,
    label: Template,
    fix: Template,
    /// Where the changes stand that mend all of them, with [`ITEMS`](crate::finding::ITEMS).
    edits: Vec<Path>,
}

/// The rule's paths from the root, each evaluated once, and its paths as written, for documentation.
#[derive(Clone, Debug, Default)]
struct Selectors {
    each: String,
    /// Name and path of each `let`.
    named: Vec<(String, String)>,
    /// Every path from the root in a clause or `let`.
    paths: Vec<String>,
    roots: Vec<Query>,
}
