//! Anchored nodes, and the budget that keeps their aliases from exploding.

use crate::source::Span;
use crate::syntax::node::{Node, Value};
use crate::syntax::parse::{MAX_DEPTH, Problem};
use std::collections::BTreeMap;

/// How many nodes anchors may hold and aliases may stand for, all together.
const BUDGET: usize = 500_000;

#[derive(Default)]
pub(super) struct Anchors {
    defined: BTreeMap<usize, Anchored>,
    spent: usize,
}

struct Anchored {
    node: Node,
    size: usize,
    height: usize,
}

impl Anchors {
    /// Remembers the finished `node` as that of `anchor`.
    pub(super) fn define(&mut self, anchor: usize, node: &Node) -> Result<(), Problem> {
        let (size, height) = measure(node);
        self.spend(size, node.span)?;
        self.defined.insert(anchor, Anchored { node: node.clone(), size, height });
        Ok(())
    }

    /// A copy of the node of `anchor` for the alias `at`, inside of `depth` collections.
    pub(super) fn expand(&mut self, anchor: usize, depth: usize, at: Span) -> Result<Node, Problem> {
        // the parser knows the anchor, so it can only be unfinished
        let Some(Anchored { size, height, .. }) = self.defined.get(&anchor) else {
            return Err(Problem::syntax(at, "this alias stands inside of what it names"));
        };
        if depth + height > MAX_DEPTH {
            return Err(Problem::too_deep(at));
        }
        self.spend(*size, at)?;
        Ok(self.defined.get(&anchor).map(|anchored| anchored.node.clone()).unwrap_or_default())
    }

    fn spend(&mut self, size: usize, at: Span) -> Result<(), Problem> {
        self.spent += size;
        if self.spent <= BUDGET {
            return Ok(());
        }
        Err(Problem::syntax(at, format!("aliases expand to more than {BUDGET} nodes")))
    }
}

/// How many nodes there are in `node`, itself included, and how many collections are nested in each other.
fn measure(node: &Node) -> (usize, usize) {
    let sum = |(size, height), (more, other): (usize, usize)| (size + more, usize::max(height, other));
    match &node.value {
        Value::Seq(items) => {
            let (size, height) = items.iter().map(measure).fold((0, 0), sum);
            (size + 1, height + 1)
        }
        Value::Map(entries) => {
            let (size, height) = entries.iter().map(|entry| measure(&entry.value)).fold((0, 0), sum);
            (size + 1, height + 1)
        }
        _ => (1, 0),
    }
}
