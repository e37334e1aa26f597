//! Trees for the tests of those who read them.

use super::fields::Complaint;
use super::node::Node;
use crate::source::FileId;

/// The tree of a JSON or YAML text that must parse, in file 0; nothing at all is null.
pub fn tree(text: &str) -> Node {
    let parsed = super::parse::parse(FileId(0), text);
    let broken = |problem: &super::parse::Problem| problem.kind == super::parse::ProblemKind::Syntax;
    assert!(!parsed.problems.iter().any(broken), "{:?}", parsed.problems);
    parsed.root.unwrap_or_default()
}

/// Complaints as `text under the span: message`.
pub fn marked(text: &str, complaints: &[Complaint]) -> Vec<String> {
    complaints.iter().map(|complaint| format!("{}: {}", &text[complaint.span.range()], complaint.message)).collect()
}
