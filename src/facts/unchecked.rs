//! `$.unchecked`: that no bucket was judged. It is made when all else is found.

use super::fact::Fact;
use crate::source::Span;
use crate::syntax::node::Node;

/// A run that judged no bucket.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unchecked {
    /// What shows it, or the beginning of what was looked at.
    pub at: Span,
    /// Why, as the end of a sentence.
    pub why: String,
    /// What to do about it, a line each.
    pub advice: Vec<String>,
    /// Whether a finding tells already that something could not be read.
    pub told: bool,
}

/// The fact.
pub fn unchecked(one: &Unchecked) -> Node {
    let fact = Fact::at(one.at).text("why", one.why.as_str()).text("advice", one.advice.join("\n"));
    fact.flag("told", one.told).node()
}
