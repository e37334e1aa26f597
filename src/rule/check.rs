//! Rules over a tree of facts: findings, and what could not be told.

use super::clause::{Truth, all};
use super::message::Template;
use super::operator::Doubt;
use super::selector::{Path, Scene};
use super::{Gather, Rule};
use crate::edit::{Applicability, Edit, Fix};
use crate::finding::{BucketRef, COUNT, Cause, Claim, Finding, ITEMS, Label, NAMES, Severity};
use crate::iam::witness::Witness;
use crate::source::Span;
use crate::syntax::node::{Entry, Key, Node, Value};
use crate::text::visible;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// What the rules made of a tree.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The findings by rule, then in document order.
    pub findings: Vec<Finding>,
    /// The subjects a rule could not judge: no findings, but not sound either.
    pub undecided: Vec<Undecided>,
    /// For each rule that is on, how many subjects it judged: those its `each` selects and its `when` does not skip.
    pub considered: BTreeMap<String, usize>,
}

/// A subject on which a rule is neither kept nor broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Undecided {
    /// The rule's id.
    pub rule: String,
    /// The subject.
    pub subject: Span,
    /// The bucket it is about.
    pub bucket: Option<BucketRef>,
    /// The value that could not be judged.
    pub at: Span,
    /// Why not.
    pub reason: String,
}

/// Checks every rule that `levels`, by rule id, does not turn off with `None`; `Some` replaces the rule's severity.
pub fn check(rules: &[Rule], root: &Node, levels: &BTreeMap<String, Option<Severity>>) -> Checked {
    let mut out = Checked::default();
    for rule in rules {
        if let Some(level) = levels.get(&rule.id).copied().unwrap_or(Some(rule.severity)) {
            rule.check(root, level, &mut out);
        }
    }
    out
}

/// What a rule says of one subject.
enum Verdict<'r> {
    Skipped,
    Sound,
    Broken(Option<&'r Template>),
    Undecided(Doubt),
}

impl Rule {
    fn check(&self, root: &Node, level: Severity, out: &mut Checked) {
        let subjects = self.each.select(root);
        // most rules have nothing to judge in most runs
        let roots: Vec<Vec<&Node>> = match subjects.is_empty() {
            true => Vec::new(),
            false => self.selectors.roots.iter().map(|query| query.select(root)).collect(),
        };
        let mut considered = 0;
        for subject in subjects {
            let scene = Scene { subject, whole: subject, roots: &roots };
            let verdict = self.judge(scene);
            considered += usize::from(!matches!(verdict, Verdict::Skipped));
            match verdict {
                Verdict::Skipped | Verdict::Sound => {}
                Verdict::Broken(message) => out.findings.push(self.finding(scene, level, message)),
                Verdict::Undecided(Doubt { at, reason }) => {
                    let bucket = subject.get("bucket").and_then(bucket);
                    out.undecided.push(Undecided { rule: self.id.clone(), subject: subject.span, bucket, at, reason });
                }
            }
        }
        out.considered.insert(self.id.clone(), considered);
    }

    /// The clauses hold wherever `when` does: in three-valued logic, a doubtful `when` matters only if they do not.
    fn judge(&self, scene: Scene<'_, '_>) -> Verdict<'_> {
        match (all(&self.when, scene), all(&self.check, scene)) {
            (Truth::Fails(_), _) => Verdict::Skipped,
            (_, Truth::Holds) => Verdict::Sound,
            (Truth::Undecided(doubt), _) | (_, Truth::Undecided(doubt)) => Verdict::Undecided(doubt),
            (Truth::Holds, Truth::Fails(message)) => Verdict::Broken(message),
        }
    }

    fn claim(&self, scene: Scene<'_, '_>) -> Claim {
        match &self.doubt {
            _ if self.explains => Claim::Reason,
            Some(when) if matches!(all(when, scene), Truth::Holds) => Claim::Doubt,
            _ => Claim::Wrong,
        }
    }

    fn finding(&self, scene: Scene<'_, '_>, level: Severity, message: Option<&Template>) -> Finding {
        let subject = scene.subject;
        let lower = self.lower.iter().find(|lower| matches!(all(&lower.when, scene), Truth::Holds));
        let message = lower.and_then(|lower| lower.message.as_ref()).or(message).unwrap_or(&self.message);
        let help = self.fix.fill(subject);
        let used: Vec<Span> = subject.get("used").map_or(&[][..], Node::items).iter().map(|place| place.span).collect();
        let place = place(&self.at, scene).unwrap_or(subject.span);
        Finding {
            rule: self.id.clone(),
            severity: lower.map_or(level, |lower| lower.to.min(level)),
            claim: self.claim(scene),
            message: message.show(subject),
            help: (!help.is_empty()).then_some(help),
            fix: first(&self.edits, scene).and_then(fix),
            primary: Label { span: place, message: self.label.show(subject) },
            related: used.iter().map(|at| Label { span: *at, message: "used here".into() }).chain(related(subject)).collect(),
            used,
            bucket: subject.get("bucket").and_then(bucket),
            buckets: Vec::new(),
            actions: subject.get("actions").map(texts).unwrap_or_default(),
            principal: member(subject, "principal"),
            witness: subject.get("witness").map(witness),
            when: Vec::new(),
            absorbs: self.absorbs,
            cause: self.gather.as_ref().and_then(|gather| gather.cause(scene)).map(Box::new),
        }
    }
}

impl Gather {
    /// What the subject has in common with others; none for one that stands alone.
    fn cause(&self, scene: Scene<'_, '_>) -> Option<Cause> {
        let name = self.by.select(scene).first()?.as_str()?.to_owned();
        // what stands for all of them is filled in once they are known
        let marks = [("count", COUNT), ("names", NAMES), ("items", ITEMS)];
        let mut subject = scene.subject.clone();
        if let Value::Map(entries) = &mut subject.value {
            entries.retain(|entry| marks.iter().all(|(key, _)| entry.key.text != *key));
            let member = |(key, mark): (&'static str, char)| {
                let key = Key { span: subject.span, text: SmolStr::new_static(key) };
                Entry { value: Node::string(key.span, mark.to_string()), key }
            };
            entries.extend(marks.map(member));
        }
        Some(Cause {
            name,
            place: place(&self.at, scene),
            item: self.item.fill(scene.subject),
            message: self.message.show(&subject),
            label: self.label.show(scene.subject),
            help: self.fix.fill(&subject),
            fix: first(&self.edits, scene).and_then(fix),
        })
    }
}

/// The first node that the first of `paths` to select any selects.
fn first<'t>(paths: &[Path], scene: Scene<'t, '_>) -> Option<&'t Node> {
    paths.iter().find_map(|path| path.select(scene).first().copied())
}

fn place(paths: &[Path], scene: Scene<'_, '_>) -> Option<Span> {
    first(paths, scene).map(|node| node.span)
}

fn member(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.as_str().map(str::to_owned)
}

fn texts(node: &Node) -> Vec<String> {
    node.one_or_many().iter().filter_map(Node::as_str).map(str::to_owned).collect()
}

fn bucket(node: &Node) -> Option<BucketRef> {
    Some(BucketRef {
        file: member(node, "file")?,
        logical_id: member(node, "logical_id"),
        name: member(node, "name"),
        construct: member(node, "construct"),
        nested: member(node, "nested"),
    })
}

fn related(subject: &Node) -> Vec<Label> {
    let places = subject.get("related").map_or(&[][..], Node::items);
    places
        .iter()
        .filter_map(|place| Some(Label { span: place.span, message: visible(place.get("message")?.as_str()?).into_owned() }))
        .collect()
}

/// The changes that an `edits` member of a fact tells.
fn fix(node: &Node) -> Option<Fix> {
    let edit = |node: &Node| Some(Edit { span: node.span, text: node.as_str()?.to_owned() });
    let edits: Vec<Edit> = node.get("texts")?.items().iter().filter_map(edit).collect();
    let applicability = Applicability::from_word(node.get("applicability")?.as_str()?)?;
    Some(Fix { applicability, edits }).filter(|fix| !fix.edits.is_empty())
}

/// The request a subject's `witness` member tells.
fn witness(node: &Node) -> Witness {
    let text = |key| member(node, key).unwrap_or_default();
    let values = |node: &Node| node.items().iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
    let context = node.get("context").map(Node::entries).unwrap_or_default();
    Witness {
        action: text("action"),
        resource: text("resource"),
        principal: text("principal"),
        session: member(node, "session"),
        context: context.iter().map(|entry| (entry.key.text.to_string(), values(&entry.value))).collect(),
        // the sentence is a fact of its own
        deciding: Vec::new(),
        statement: node.get("statement").and_then(Node::scalar_text).and_then(|text| text.parse().ok()),
    }
}
