//! The rules in force: those built in, and those of the user, which may replace them.

use super::Rule;
use super::load::{RuleProblem, load};
use crate::syntax::node::Node;
use std::collections::BTreeMap;

/// The rule files of `rules/` in this binary, without `rules/profiles/`: id and text, sorted by id.
pub fn builtin_files() -> Vec<(&'static str, &'static str)> {
    BUILTIN.to_vec()
}

const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Loads `files`, ids and trees, the built-in ones first: a later file replaces an earlier one of the same id.
/// The rules are sorted by id; the mistakes are those of the files in force.
pub fn load_files(files: &[(String, Node)]) -> (Vec<Rule>, Vec<RuleProblem>) {
    let in_force: BTreeMap<&str, &Node> = files.iter().map(|(id, root)| (id.as_str(), root)).collect();
    let (mut rules, mut problems) = (Vec::new(), Vec::new());
    for (id, root) in in_force {
        match load(id, root) {
            Ok(rule) => rules.push(rule),
            Err(found) => problems.extend(found),
        }
    }
    (rules, problems)
}
