//! A bound on how deep functions and references lead, so that circles end and nothing blows up.

use std::cell::Cell;

/// Functions and references may be nested this deep before they are taken to lead in a circle.
const MAX_DEPTH: usize = 80;

/// Functions one value may take in all: names that double each other would otherwise never end.
const MAX_STEPS: usize = 5_000;

/// How deep the current value is, and how many functions it took so far.
#[derive(Debug, Default)]
pub(super) struct Levels {
    depth: Cell<usize>,
    steps: Cell<usize>,
}

/// One level down, until dropped.
pub(super) struct Level<'l>(&'l Levels);

impl Levels {
    /// Goes one level down, unless that leads too far.
    pub(super) fn enter(&self) -> Option<Level<'_>> {
        if self.depth.get() == 0 {
            self.steps.set(0);
        }
        self.steps.set(self.steps.get() + 1);
        if self.depth.get() >= MAX_DEPTH || self.steps.get() > MAX_STEPS {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        Some(Level(self))
    }
}

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get().saturating_sub(1));
    }
}
