//! Trees for tests.

use super::node::Node;
use crate::source::FileId;

/// The tree of a JSON or YAML text that must parse.
pub(crate) fn json(text: &str) -> Node {
    super::parse::parse(FileId(0), text).root.expect("the test's text parses")
}
