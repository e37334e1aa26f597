//! Test files of rules: inputs, and what each rule is expected to make of them.

mod judge;
mod read;

pub use judge::{Miss, misses};
pub use read::read;

use crate::config::Config;
use crate::source::Span;
use std::path::PathBuf;

/// One input and what is expected of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is called in reports.
    pub name: String,
    /// Where its first key is written.
    pub span: Span,
    /// The settings it goes by.
    pub config: Config,
    /// Values of template parameters.
    pub parameters: Vec<(String, String)>,
    /// What is checked.
    pub material: Material,
    /// One for each rule that is looked at.
    pub expectations: Vec<Expectation>,
}

/// What a case checks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Material {
    /// Files and directories.
    Paths(Vec<PathBuf>),
    /// Texts, each with the path it is reported under.
    Texts(Vec<(String, String)>),
}

/// What one rule should come to.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The rule's id.
    pub rule: String,
    /// Where the id is written.
    pub span: Span,
    /// Where what is wanted is written.
    pub at: Span,
    /// What is wanted.
    pub wanted: Wanted,
}

/// What a rule should come to.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// No more than a word is said of it.
    Verdict(Verdict),
    /// Exactly these findings.
    Findings(Vec<Wish>),
}

/// What a rule comes to on an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It judged something and found nothing.
    Pass,
    /// It found something.
    Fail,
    /// There was nothing to judge.
    Skip,
    /// It found nothing, but something could not be told.
    Undecided,
}

impl Verdict {
    /// Every verdict with its word.
    pub const ALL: [(Self, &'static str); 4] =
        [(Self::Pass, "PASS"), (Self::Fail, "FAIL"), (Self::Skip, "SKIP"), (Self::Undecided, "UNDECIDED")];

    /// Its word in test files.
    pub fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(verdict, _)| *verdict == self).map_or("", |(_, word)| word)
    }
}

/// A finding as far as a test says what it is like; what is `None` may be anything.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Where it is written.
    pub span: Span,
    /// The line it points at, from 1.
    pub line: Option<usize>,
    /// The end of the path of the file it points into.
    pub file: Option<String>,
    /// How the text begins that it points at.
    pub at: Option<String>,
    /// The bucket's name or logical ID.
    pub bucket: Option<String>,
    /// The word of its severity.
    pub severity: Option<String>,
    /// A part of its message.
    pub message: Option<String>,
}
