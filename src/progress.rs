//! How far a run is, told while it goes on.

/// Somebody who wants to know.
pub trait Progress: Sync {
    /// A stage begins, of so many steps, or of none that could be counted; the one before has ended.
    fn stage(&self, what: &'static str, steps: usize);
    /// One of its steps is done.
    fn step(&self);
}

/// Nobody.
pub struct Silent;

impl Progress for Silent {
    fn stage(&self, _: &'static str, _: usize) {}
    fn step(&self) {}
}
