//! Clauses: what has to hold for a subject, in three-valued logic.

use super::message::Template;
use super::operator::{Doubt, Operator};
use super::selector::{Path, Scene};
use crate::syntax::node::Node;

/// A condition on a subject.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    /// Replaces the rule's message when this clause fails.
    pub(super) message: Option<Template>,
    pub(super) test: Test,
}

/// The forms of a clause.
#[derive(Clone, Debug)]
pub(super) enum Test {
    /// The path selects something (or, if false, nothing).
    Exists(Path, bool),
    /// The operator holds for every selected node, if any.
    Every(Path, Operator),
    /// The operator holds for at least one selected node.
    Some(Path, Operator),
    And(Vec<Clause>),
    Or(Vec<Clause>),
    Not(Box<Clause>),
}

/// The three truth values.
#[derive(Clone, Debug)]
pub(super) enum Truth<'r> {
    Holds,
    /// Does not hold; with the message of the clause to blame, if it has its own.
    Fails(Option<&'r Template>),
    Undecided(Doubt),
}

impl From<Result<bool, Doubt>> for Truth<'_> {
    fn from(result: Result<bool, Doubt>) -> Self {
        match result {
            Ok(true) => Self::Holds,
            Ok(false) => Self::Fails(None),
            Err(doubt) => Self::Undecided(doubt),
        }
    }
}

impl Clause {
    /// Whether it holds in `scene`.
    pub(super) fn truth<'r>(&'r self, scene: Scene<'_, '_>) -> Truth<'r> {
        let truth = match &self.test {
            Test::Exists(path, wanted) => exists(&path.select(scene)).map(|exists| exists == *wanted).into(),
            Test::Every(path, operator) => every(path.select(scene).into_iter().map(|node| operator.holds(node, scene).into())),
            Test::Some(path, operator) => some(path.select(scene).into_iter().map(|node| operator.holds(node, scene).into())),
            Test::And(parts) => all(parts, scene),
            Test::Or(parts) => some(parts.iter().map(|part| part.truth(scene))),
            Test::Not(inner) => match inner.truth(scene) {
                Truth::Holds => Truth::Fails(None),
                Truth::Fails(_) => Truth::Holds,
                doubt => doubt,
            },
        };
        match truth {
            Truth::Fails(inner) => Truth::Fails(inner.or(self.message.as_ref())),
            other => other,
        }
    }
}

/// Whether anything is there: what is not known may be nothing.
fn exists(nodes: &[&Node]) -> Result<bool, Doubt> {
    let in_doubt = |node: &Node| {
        let hidden = node.as_hidden().filter(|hidden| hidden.may_be_absent)?;
        Some(Doubt { at: node.span, reason: format!("whether it is there is not known: {}", hidden.why) })
    };
    let mut certain = nodes.iter().filter(|node| in_doubt(node).is_none());
    match (certain.next(), nodes.first().and_then(|node| in_doubt(node))) {
        (None, Some(doubt)) => Err(doubt),
        (certain, _) => Ok(certain.is_some()),
    }
}

/// Whether all clauses hold: the first that fails decides, then the first in doubt.
pub(super) fn all<'r>(clauses: &'r [Clause], scene: Scene<'_, '_>) -> Truth<'r> {
    every(clauses.iter().map(|clause| clause.truth(scene)))
}

fn every<'r>(truths: impl Iterator<Item = Truth<'r>>) -> Truth<'r> {
    let mut sum = Truth::Holds;
    for truth in truths {
        match (&truth, &sum) {
            (Truth::Fails(_), _) => return truth,
            (Truth::Undecided(_), Truth::Holds) => sum = truth,
            _ => {}
        }
    }
    sum
}

/// Whether any holds. None is to blame alone when none does, so the failure has no message.
fn some<'r>(truths: impl Iterator<Item = Truth<'r>>) -> Truth<'r> {
    let mut sum = Truth::Fails(None);
    for truth in truths {
        match (&truth, &sum) {
            (Truth::Holds, _) => return truth,
            (Truth::Undecided(_), Truth::Fails(_)) => sum = truth,
            _ => {}
        }
    }
    sum
}
