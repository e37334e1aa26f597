//! The tests of the program and of the repository as a whole. They are one binary: each would link everything once more.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails on the spot, and says what it skips"
)]
#![allow(clippy::disallowed_methods, reason = "tests read and write files, and ask the environment")]

mod baseline;
mod catalogue;
mod cdk;
mod cli;
#[path = "../common/mod.rs"]
mod common;
mod decide;
mod differences;
mod docs;
mod documents;
mod facts;
mod field_mistakes;
mod fix;
mod fixes;
mod init;
mod keys;
mod layers;
mod manners;
mod names;
mod paste;
mod plant;
mod planted;
mod profiles;
mod program;
mod readme;
mod release;
mod repaired;
mod rule_pages;
mod scaffold;
mod settings;
mod suppress;
mod terraform;
mod trial;
mod trust;
