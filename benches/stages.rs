//! Stages of a run, measured.

fn main() {}
