//! A rule file's tree to a [`Rule`], or all of its mistakes at once.

mod clauses;
mod example;

use super::clause::Clause;
use super::message::Template;
use super::selector::{Path, Query, Start};
use super::{Background, Compiled, Gather, Lower, Rule, Selectors};
use crate::finding::Severity;
use crate::source::FileId;
use crate::syntax::fields::{self, Complaint, Fields, did_you_mean};
use crate::syntax::node::{Node, Value};
use crate::syntax::parse::parse;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A mistake in a rule file, on the exact key or value.
pub type RuleProblem = Complaint;

const RULE_KEYS: [&str; 21] = [
    "title",
    "severity",
    "since",
    "let",
    "each",
    "at",
    "when",
    "check",
    "lower",
    "doubt",
    "explains",
    "gather",
    "absorbs",
    "label",
    "message",
    "why",
    "fix",
    "edits",
    "unconfirmed",
    "reference",
    "example",
];

/// Compiles the rule whose file was read into `root`. Repeated keys are the parser's to report.
pub fn load(id: &str, root: &Node) -> Result<Rule, Vec<RuleProblem>> {
    compile(Loader::default(), id, root)
}

/// The same where what is told of the rule is apart, as JSON, and is read once it is asked for.
pub(super) fn load_apart(id: &str, root: &Node, told: &'static str) -> Result<Rule, Vec<RuleProblem>> {
    compile(Loader { told: Some(told), ..Loader::default() }, id, root)
}

/// What is told of a rule, from its JSON.
pub(super) fn told(json: &str) -> Background {
    let root = parse(FileId(0), json).root.unwrap_or_default();
    let mut loader = Loader::default();
    let fields = Fields::of(&root, "a rule", &RULE_KEYS, &mut loader.problems);
    fields.and_then(|fields| loader.told(fields)).unwrap_or_default()
}

fn compile(mut loader: Loader, id: &str, root: &Node) -> Result<Rule, Vec<RuleProblem>> {
    match loader.rule(id, root) {
        Some(rule) if loader.problems.is_empty() => Ok(rule),
        _ => {
            loader.problems.sort();
            Err(loader.problems)
        }
    }
}

#[derive(Default)]
struct Loader {
    problems: Vec<RuleProblem>,
    selectors: Selectors,
    /// What `%name` stands for; `None` for a path that could not be compiled.
    lets: BTreeMap<String, Option<(Start, Vec<Query>)>>,
    /// What is told of the rule, where that is apart.
    told: Option<&'static str>,
}

impl Loader {
    fn rule(&mut self, id: &str, root: &Node) -> Option<Rule> {
        let fields = Fields::of(root, "a rule", &RULE_KEYS, &mut self.problems)?;
        self.lets(fields);
        // every field is read before any of them ends the reading, so that all mistakes are told
        let title = self.line(fields, "title");
        let severity = fields.need("severity", &mut self.problems).and_then(|node| self.severity("severity", node));
        let since = self.since(fields);
        let each = self.each(fields);
        let when = fields.get("when").map_or(Some(Vec::new()), |node| self.clauses("when", node));
        let check = fields.need("check", &mut self.problems).and_then(|node| self.clauses("check", node));
        let at = self.paths(fields, "at");
        let edits = self.paths(fields, "edits");
        let lower = self.lower(fields, severity);
        let doubt = self.doubt(fields);
        let explains = self.flag(fields, "explains");
        let gather = self.gather(fields);
        let absorbs = self.flag(fields, "absorbs");
        let label = self.need_template(fields, "label");
        let message = self.need_template(fields, "message");
        let fix = self.need_template(fields, "fix");
        let told = match self.told {
            Some(_) => OnceLock::new(),
            None => self.told(fields)?.into(),
        };
        let compiled = Compiled {
            id: id.to_owned(),
            title: title?,
            severity: severity?,
            since: since?,
            told,
            told_json: self.told.unwrap_or_default(),
            label: label?,
            message: message?,
            fix: fix?,
            each: each?,
            at,
            edits,
            when: when?,
            check: check?,
            lower,
            doubt,
            explains,
            gather,
            absorbs,
            selectors: std::mem::take(&mut self.selectors),
        };
        Some(Rule(Arc::new(compiled)))
    }

    fn told(&mut self, fields: Fields<'_>) -> Option<Background> {
        let why = fields.need_text("why", &mut self.problems);
        let unconfirmed = fields.text("unconfirmed", &mut self.problems);
        let (reference, example) = (self.reference(fields), self.example(fields));
        let unconfirmed = unconfirmed.map(|text| text.trim_end().to_owned());
        Some(Background { why: why?.trim_end().to_owned(), unconfirmed, reference, example })
    }

    fn complain(&mut self, node: &Node, message: impl Into<String>) {
        self.problems.push(Complaint::new(node.span, message));
    }

    fn line(&mut self, fields: Fields<'_>, key: &str) -> Option<String> {
        let text = fields.need_text(key, &mut self.problems)?.trim();
        if text.contains('\n') {
            self.complain(fields.get(key)?, format!("`{key}` is one line"));
        }
        Some(text.to_owned())
    }

    /// `true`, or nothing.
    fn flag(&mut self, fields: Fields<'_>, key: &str) -> bool {
        let node = fields.get(key);
        let is_true = |node: &&Node| matches!(node.value, Value::Bool(true));
        if let Some(other) = node.filter(|node| !is_true(node)) {
            self.complain(other, format!("`{key}` is `true`, or left out"));
        }
        node.is_some()
    }

    fn severity(&mut self, key: &str, node: &Node) -> Option<Severity> {
        let word = fields::text(key, node, &mut self.problems)?;
        let level = Severity::from_word(word);
        if level.is_none() {
            let hint = did_you_mean(word, &Severity::ALL.map(|(_, word)| word));
            self.complain(node, format!("unknown severity `{word}`{hint}"));
        }
        level
    }

    fn since(&mut self, fields: Fields<'_>) -> Option<String> {
        let node = fields.need("since", &mut self.problems)?;
        let text = node.scalar_text().unwrap_or_default();
        let numbers = text.split('.').filter(|part| part.parse::<u32>().is_ok()).count();
        if numbers != 3 || text.split('.').count() != 3 {
            self.complain(node, "`since` should be a version such as 0.1.0");
            return None;
        }
        Some(text.into())
    }

    fn each(&mut self, fields: Fields<'_>) -> Option<Query> {
        let node = fields.need("each", &mut self.problems)?;
        let text = fields::text("each", node, &mut self.problems)?;
        self.selectors.each = text.to_owned();
        match text.strip_prefix('$') {
            Some(rest) => self.query(node, rest, true),
            None => {
                self.complain(node, "`each` is a path that begins with `$`");
                None
            }
        }
    }

    /// The path under `key`, or several of them.
    fn paths(&mut self, fields: Fields<'_>, key: &'static str) -> Vec<Path> {
        let Some(node) = fields.get(key) else { return Vec::new() };
        node.one_or_many().iter().filter_map(|item| self.path(key, item)).collect()
    }

    fn lets(&mut self, fields: Fields<'_>) {
        let Some(node) = fields.get("let") else { return };
        if !node.is_map() {
            self.complain(node, format!("`let` should be a mapping of names to paths, not {}", node.kind()));
        }
        for entry in node.entries() {
            let name = entry.key.text.as_str();
            if name.is_empty() || !name.chars().all(name_char) {
                let message = format!("`{name}` is not a name: letters, digits, `_` and `-`");
                self.problems.push(Complaint::new(entry.key.span, message));
            }
            let selection = self.selection(name, &entry.value);
            self.lets.insert(name.to_owned(), selection);
        }
    }

    fn selection(&mut self, name: &str, node: &Node) -> Option<(Start, Vec<Query>)> {
        let text = fields::text(name, node, &mut self.problems)?;
        if text.starts_with('%') {
            self.complain(node, "a `let` path begins with `$` or `@`");
            return None;
        }
        let path = self.path(name, node)?;
        self.selectors.named.push((name.to_owned(), path.text));
        let start = if matches!(path.start, Start::Subject) { Start::Whole } else { path.start };
        Some((start, path.steps))
    }

    /// A path from `$`, `@` or `%name`, under `key`.
    fn path(&mut self, key: &str, node: &Node) -> Option<Path> {
        let text = fields::text(key, node, &mut self.problems)?;
        let (start, steps) = if let Some(rest) = text.strip_prefix('$') {
            let query = self.query(node, rest, true)?;
            self.selectors.roots.push(query);
            self.selectors.paths.push(text.to_owned());
            (Start::Root(self.selectors.roots.len() - 1), Vec::new())
        } else if let Some(rest) = text.strip_prefix('@') {
            (Start::Subject, vec![self.query(node, rest, false)?])
        } else if let Some(rest) = text.strip_prefix('%') {
            self.named(node, rest)?
        } else {
            self.complain(node, "a path begins with `$` (the root), `@` (the subject) or `%name` (a `let`)");
            return None;
        };
        Some(Path { text: text.to_owned(), start, steps })
    }

    fn named(&mut self, node: &Node, text: &str) -> Option<(Start, Vec<Query>)> {
        let (name, rest) = text.split_at(text.find(|char| !name_char(char)).unwrap_or(text.len()));
        let Some(known) = self.lets.get(name).cloned() else {
            let names: Vec<&str> = self.lets.keys().map(String::as_str).collect();
            let hint = did_you_mean(name, &names);
            self.complain(node, format!("no `let` is called `{name}`{hint}"));
            return None;
        };
        let rest = (!rest.is_empty()).then(|| self.query(node, rest, false));
        let (start, mut steps) = known?;
        if let Some(rest) = rest {
            steps.push(rest?);
        }
        Some((start, steps))
    }

    fn query(&mut self, node: &Node, rest: &str, from_root: bool) -> Option<Query> {
        Query::compile(rest, from_root).map_err(|message| self.complain(node, message)).ok()
    }

    fn lower(&mut self, fields: Fields<'_>, severity: Option<Severity>) -> Vec<Lower> {
        let items = fields.list("lower", &mut self.problems).unwrap_or_default();
        items.iter().filter_map(|item| self.lower_item(item, severity)).collect()
    }

    fn lower_item(&mut self, item: &Node, severity: Option<Severity>) -> Option<Lower> {
        let fields = Fields::of(item, "an item of `lower`", &["to", "when", "message"], &mut self.problems)?;
        let to_node = fields.need("to", &mut self.problems);
        let to = to_node.and_then(|node| self.severity("to", node));
        if let (Some(node), Some(to), Some(severity)) = (to_node, to, severity)
            && to >= severity
        {
            self.complain(node, format!("`to` should be lower than the rule's severity, `{}`", severity.word()));
        }
        let when = fields.need("when", &mut self.problems).and_then(|node| self.clauses("when", node));
        let message = self.template(fields, "message");
        Some(Lower { to: to?, when: when?, message })
    }

    /// Under which clauses a finding is a doubt: `true` for all of them.
    fn doubt(&mut self, fields: Fields<'_>) -> Option<Vec<Clause>> {
        let node = fields.get("doubt")?;
        match node.value {
            Value::Bool(always) => always.then(Vec::new),
            _ => self.clauses("doubt", node),
        }
    }

    fn gather(&mut self, fields: Fields<'_>) -> Option<Gather> {
        let keys = ["by", "at", "item", "message", "label", "fix", "edits"];
        let fields = Fields::of(fields.get("gather")?, "`gather`", &keys, &mut self.problems)?;
        let by = fields.need("by", &mut self.problems).and_then(|node| self.path("by", node));
        let (at, edits) = (self.paths(fields, "at"), self.paths(fields, "edits"));
        let [message, label, fix] = ["message", "label", "fix"].map(|key| self.need_template(fields, key));
        let item = self.template(fields, "item").or_else(|| Template::parse("").ok());
        Some(Gather { by: by?, at, item: item?, message: message?, label: label?, fix: fix?, edits })
    }

    fn need_template(&mut self, fields: Fields<'_>, key: &str) -> Option<Template> {
        fields.need_text(key, &mut self.problems)?;
        self.template(fields, key)
    }

    fn template(&mut self, fields: Fields<'_>, key: &str) -> Option<Template> {
        let node = fields.get(key)?;
        let text = fields::text(key, node, &mut self.problems)?;
        // a test reads those of the built-in rules
        if self.told.is_some() {
            return Some(Template::unread(text));
        }
        Template::parse(text).map_err(|message| self.complain(node, message)).ok()
    }

    fn reference(&mut self, fields: Fields<'_>) -> Vec<String> {
        let addresses = fields.texts("reference", &mut self.problems);
        if let Some(node) = fields.need("reference", &mut self.problems)
            && node.one_or_many().is_empty()
        {
            self.complain(node, "`reference` should name at least one address");
        }
        for (node, _) in addresses.iter().filter(|(_, text)| !text.starts_with("https://")) {
            self.complain(node, "a reference is an address that begins with https://");
        }
        addresses.into_iter().map(|(_, text)| text.to_owned()).collect()
    }

    /// A list of clauses under `key`.
    fn clauses(&mut self, key: &str, node: &Node) -> Option<Vec<Clause>> {
        let items = fields::list(key, node, &mut self.problems)?;
        if items.is_empty() {
            self.complain(node, format!("`{key}` has no clauses"));
        }
        let loaded: Vec<_> = items.iter().map(|item| self.clause(item)).collect();
        loaded.into_iter().collect()
    }
}

fn name_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '-')
}
