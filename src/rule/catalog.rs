//! The rules in force: those built in, those of packs that were asked for, and those of the user, which may replace them.

use super::Rule;
use super::load::{RuleProblem, load, load_apart};
use crate::source::FileId;
use crate::syntax::fields::did_you_mean;
use crate::syntax::node::Node;
use crate::syntax::parse::parse;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The rule files of `rules/` in this binary, without `rules/profiles/` and `rules/packs/`: id and text, sorted by id.
pub fn builtin_files() -> Vec<(&'static str, &'static str)> {
    texts(BUILTIN)
}

/// The built-in rules, compiled once however many checks there are; none where one of them has a mistake, which
/// [`load_files`] tells.
pub fn builtin() -> Option<&'static [Rule]> {
    static RULES: LazyLock<Option<Vec<Rule>>> = LazyLock::new(|| {
        let compiled = |file: &File| {
            let parsed = parse(FileId(0), file.rule);
            load_apart(file.id, &parsed.root.filter(|_| parsed.problems.is_empty())?, file.told).ok()
        };
        BUILTIN.iter().map(compiled).collect()
    });
    RULES.as_deref()
}

/// A rule file.
struct File {
    id: &'static str,
    text: &'static str,
    /// The same as JSON, without what is told of the rule.
    rule: &'static str,
    /// That, as JSON.
    told: &'static str,
}

const BUILTIN: &[File] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));
const PACKS: &[File] = include!(concat!(env!("OUT_DIR"), "/packs.rs"));

fn texts(files: &[File]) -> Vec<(&'static str, &'static str)> {
    files.iter().map(|file| (file.id, file.text)).collect()
}

/// The rule files of `rules/packs/`, which are in force only where their pack is asked for. The first part of a rule's id
/// is its pack.
pub fn pack_files() -> Vec<(&'static str, &'static str)> {
    texts(PACKS)
}

/// The pack of the rule called `id`, if that is a rule of one.
pub fn pack_of(id: &str) -> Option<&str> {
    PACKS.iter().find(|file| file.id == id).and_then(|_| id.split_once('/')).map(|(pack, _)| pack)
}

/// Where a rule comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// This program.
    BuiltIn,
    /// An optional pack of this program, by its name.
    Pack(String),
    /// A file of the user, by its path.
    User(String),
}

/// The names of all packs.
pub fn packs() -> Vec<String> {
    let mut names: Vec<String> = PACKS.iter().filter_map(|file| pack_of(file.id)).map(str::to_owned).collect();
    names.dedup();
    names
}

/// `name`, if there is a pack called so.
pub fn pack(name: &str) -> Result<String, String> {
    let packs = packs();
    match packs.iter().find(|pack| *pack == name) {
        Some(pack) => Ok(pack.clone()),
        None => {
            Err(format!("unknown pack `{name}`{}", did_you_mean(name, &packs.iter().map(String::as_str).collect::<Vec<_>>())))
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::node::Value;
    use crate::syntax::testing::tree;

    #[test]
    fn a_rule_says_in_json_what_it_does_in_its_file() {
        for File { id, text, rule, told } in BUILTIN.iter().chain(PACKS) {
            let [text, rule, told] = [text, rule, told].map(|text| tree(text));
            let both = rule.entries().iter().chain(told.entries()).cloned().collect();
            assert_eq!(Node::new(text.span, Value::Map(both)), text, "{id}");
            assert!(load_apart(id, &rule, "").is_ok() && told.get("why").is_some(), "{id}");
        }
    }
}
