//! `$.unmatched_buckets`: patterns for buckets that have no effect. It is made when all else is found.

use super::fact::Fact;
use crate::source::Span;
use crate::syntax::node::Node;

/// A pattern that leaves no bucket in or out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unmatched {
    /// Where it is written.
    pub at: Span,
    /// Why it has no effect, in a sentence.
    pub message: String,
    /// What to do about it.
    pub fix: String,
    /// Whether it leaves buckets out.
    pub excludes: bool,
}

/// One fact for each.
pub fn unmatched(all: &[Unmatched]) -> Vec<Node> {
    let fact = |one: &Unmatched| {
        let fact = Fact::at(one.at).text("message", one.message.as_str()).text("fix", one.fix.as_str());
        fact.flag("excludes", one.excludes).node()
    };
    all.iter().map(fact).collect()
}
