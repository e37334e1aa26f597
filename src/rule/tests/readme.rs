//! The worked example of `rules/README.md` is what it says it is.

use crate::rule::check::check;
use crate::rule::load::load;
use crate::syntax::testing::tree;
use std::collections::BTreeMap;

const README: &str = include_str!("../../../rules/README.md");

#[test]
fn the_worked_example_works() {
    let blocks: Vec<&str> = README.split("```").skip(1).step_by(2).collect();
    let [rule, facts, shown] = blocks.as_slice() else { panic!("three blocks") };
    let [rule, facts] = [rule, facts].map(|block| block.strip_prefix("yaml\n").unwrap());
    let rule = load("policy/wrong-principal", &tree(rule)).unwrap();
    let checked = check(&[rule], &tree(facts), &BTreeMap::new());
    let [found] = checked.findings.as_slice() else { panic!("one finding") };
    let help = found.help.as_deref().unwrap();
    let (level, message, label) = (found.severity.word(), &found.message, &found.primary.message);
    assert_eq!(format!("text\n{level}: {message}\nlabel: {label}\nhelp:\n{help}\n"), *shown);
    assert!(facts[found.primary.span.range()].starts_with("in_scope: true\n    verdict: wrong-principal\n"));
    assert_eq!((checked.undecided.len(), checked.considered["policy/wrong-principal"]), (0, 2));
}
