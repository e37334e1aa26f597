//! Clauses and operators of a rule file.

use super::Loader;
use crate::rule::clause::{Clause, Test};
use crate::rule::operator::{KINDS, ORDERS, Operand, Operator};
use crate::rule::selector::regex_fault;
use crate::syntax::fields::{self, Complaint, Fields, did_you_mean};
use crate::syntax::node::{Entry, Node, Value};
use regex::{Regex, RegexBuilder};

const HEADS: [&str; 4] = ["every", "some", "or", "and"];
/// `not` is an operator beside `every` and `some`, and a clause of its own without them.
const OPERATORS: [&str; 12] =
    ["exists", "is", "empty", "equals", "in", "matches", "less_than", "at_most", "greater_than", "at_least", "holds", "not"];
/// Bytes a compiled regular expression may take.
const REGEX_SIZE: usize = 1 << 20;

/// What an operator asks: of the selection as a whole, or of each node.
enum Asked {
    Exists(bool),
    Each(Operator),
}

impl Loader {
    pub(super) fn clause(&mut self, node: &Node) -> Option<Clause> {
        let known = [&HEADS[..], &OPERATORS, &["message"]].concat();
        let before = self.problems.len();
        let fields = Fields::of(node, "a clause", &known, &mut self.problems)?;
        // an unknown key is most likely the one that would be missed
        let misspelt = self.problems.len() > before;
        let message = self.template(fields, "message");
        let operators = present(node, &OPERATORS);
        let test = match present(node, &HEADS).as_slice() {
            [] if misspelt => None,
            [] => self.negated(fields, &operators),
            [head] => self.headed(head, &operators, misspelt),
            [first, second, ..] => self.beside(first, second),
        };
        Some(Clause { message, test: test? })
    }

    fn negated(&mut self, fields: Fields<'_>, operators: &[&Entry]) -> Option<Test> {
        if let [only] = operators
            && only.key.text == "not"
        {
            return Some(Test::Not(Box::new(self.clause(&only.value)?)));
        }
        let message = "a clause begins with `every`, `some`, `or`, `and` or `not`";
        self.problems.push(Complaint::new(fields.head(), message));
        None
    }

    fn headed(&mut self, head: &Entry, operators: &[&Entry], misspelt: bool) -> Option<Test> {
        let word = head.key.text.as_str();
        if matches!(word, "or" | "and") {
            if let Some(stray) = operators.first() {
                return self.beside(head, stray);
            }
            let parts = self.clauses(word, &head.value)?;
            return Some(if word == "or" { Test::Or(parts) } else { Test::And(parts) });
        }
        let path = self.path(word, &head.value);
        let asked = if operators.is_empty() && misspelt { None } else { self.sole(head, operators) };
        Some(match (path?, asked?) {
            (path, Asked::Exists(wanted)) => Test::Exists(path, wanted),
            (path, Asked::Each(operator)) if word == "every" => Test::Every(path, operator),
            (path, Asked::Each(operator)) => Test::Some(path, operator),
        })
    }

    fn beside<T>(&mut self, first: &Entry, second: &Entry) -> Option<T> {
        let message = format!("`{}` cannot stand beside `{}`", second.key.text, first.key.text);
        self.problems.push(Complaint::new(second.key.span, message));
        None
    }

    /// The one operator that `head` should have.
    fn sole(&mut self, head: &Entry, operators: &[&Entry]) -> Option<Asked> {
        match operators {
            [only] => self.operator(only),
            [first, second, ..] => self.beside(first, second),
            [] => {
                let message = format!("`{}` needs an operator: `{}`", head.key.text, OPERATORS.join("`, `"));
                self.problems.push(Complaint::new(head.key.span, message));
                None
            }
        }
    }

    fn operator(&mut self, entry: &Entry) -> Option<Asked> {
        let (word, node) = (entry.key.text.as_str(), &entry.value);
        Some(Asked::Each(match word {
            "exists" => return fields::flag(word, node, &mut self.problems).map(Asked::Exists),
            "not" => match self.inner(entry)? {
                Asked::Exists(wanted) => return Some(Asked::Exists(!wanted)),
                Asked::Each(inner) => Operator::Not(Box::new(inner)),
            },
            "is" => Operator::Is(self.kind(node)?),
            "holds" => Operator::Holds(self.clauses(word, node)?),
            "empty" => Operator::Empty(fields::flag(word, node, &mut self.problems)?),
            "matches" => Operator::Matches(self.regex(node)?),
            "equals" => Operator::Equals(self.operand(word, node, "a value", true)?),
            "in" => Operator::In(self.operand(word, node, "a list", is_list(node))?),
            _ => {
                let order = ORDERS.into_iter().find(|order| order.word == word)?;
                Operator::Compare(order, self.operand(word, node, "a decimal number", is_number(node))?)
            }
        }))
    }

    fn inner(&mut self, not: &Entry) -> Option<Asked> {
        let before = self.problems.len();
        Fields::of(&not.value, "`not` after a path", &OPERATORS, &mut self.problems)?;
        let operators = present(&not.value, &OPERATORS);
        if operators.is_empty() && self.problems.len() > before {
            return None;
        }
        self.sole(not, &operators)
    }

    /// A literal, which should be `wanted` and `fits` if it is, or `{from: path}`.
    fn operand(&mut self, word: &str, node: &Node, wanted: &str, fits: bool) -> Option<Operand> {
        if let [from] = node.entries()
            && from.key.text == "from"
        {
            return self.path("from", &from.value).map(Operand::From);
        }
        if !fits {
            self.complain(node, format!("`{word}` should be {wanted} or `{{from: path}}`, not {}", node.kind()));
            return None;
        }
        Some(Operand::Literal(node.clone()))
    }

    fn kind(&mut self, node: &Node) -> Option<&'static str> {
        let word = if node.is_null() { "null" } else { fields::text("is", node, &mut self.problems)? };
        let found = KINDS.into_iter().find(|(known, _)| *known == word);
        if found.is_none() {
            self.complain(node, format!("unknown kind `{word}`{}", did_you_mean(word, &KINDS.map(|(word, _)| word))));
        }
        found.map(|(_, kind)| kind)
    }

    fn regex(&mut self, node: &Node) -> Option<Regex> {
        let pattern = fields::text("matches", node, &mut self.problems)?;
        let built = RegexBuilder::new(pattern).size_limit(REGEX_SIZE).build();
        built.map_err(|error| self.complain(node, regex_fault(&error))).ok()
    }
}

fn is_list(node: &Node) -> bool {
    matches!(node.value, Value::Seq(_))
}

fn is_number(node: &Node) -> bool {
    matches!(&node.value, Value::Num(text) if text.parse::<f64>().is_ok())
}

/// The entries of `node` whose key is one of `keys`, as written.
fn present<'n>(node: &'n Node, keys: &[&str]) -> Vec<&'n Entry> {
    node.entries().iter().filter(|entry| keys.contains(&entry.key.text.as_str())).collect()
}
