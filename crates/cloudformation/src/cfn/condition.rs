//! The `Conditions` section as boolean expressions over equalities, evaluated with unknowns.

use super::function;
use super::template::Template;
use bucketlint_text::syntax::node::Node;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// A condition's expression.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html>
#[derive(Clone, PartialEq, Eq, Debug)]
enum Expr<'n> {
    /// `Fn::Equals`, by its index among the atoms.
    Equals(usize),
    And(Vec<Expr<'n>>),
    Or(Vec<Expr<'n>>),
    Not(Box<Expr<'n>>),
    /// Another condition.
    Named(&'n str),
    /// Nothing CloudFormation knows, or what a macro makes.
    Unknown,
}

/// Every condition of a template.
#[derive(Debug)]
pub struct Conditions<'n> {
    named: BTreeMap<&'n str, Expr<'n>>,
    atoms: Vec<(&'n Node, &'n Node)>,
}

impl<'n> Conditions<'n> {
    /// Reads the section.
    pub fn of(template: &Template<'n>) -> Self {
        let mut out = Self { named: BTreeMap::new(), atoms: Vec::new() };
        for entry in template.section("Conditions") {
            let expr = out.read(&entry.value);
            out.named.insert(&entry.key.text, expr);
        }
        out
    }

    fn read(&mut self, node: &'n Node) -> Expr<'n> {
        if let Some(name) = named(node) {
            return Expr::Named(name);
        }
        let Some(call) = function::call(node) else { return Expr::Unknown };
        let items = call.argument.items();
        match (call.name, items) {
            ("Equals", [left, right]) => {
                self.atoms.push((left, right));
                Expr::Equals(self.atoms.len() - 1)
            }
            ("And" | "Or", []) => Expr::Unknown,
            ("And", _) => Expr::And(items.iter().map(|item| self.read(item)).collect()),
            ("Or", _) => Expr::Or(items.iter().map(|item| self.read(item)).collect()),
            ("Not", [only]) => Expr::Not(Box::new(self.read(only))),
            _ => Expr::Unknown,
        }
    }

    /// The two sides of an equality.
    pub(super) fn sides(&self, atom: usize) -> Option<(&'n Node, &'n Node)> {
        self.atoms.get(atom).copied()
    }

    /// The equalities that the conditions in `asked` depend on.
    pub(super) fn atoms_of(&self, asked: &BTreeSet<SmolStr>) -> BTreeSet<usize> {
        let mut out = BTreeSet::new();
        let mut left: Vec<&str> = asked.iter().map(SmolStr::as_str).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = left.pop() {
            if let Some(expr) = self.named.get(name).filter(|_| seen.insert(name)) {
                expr.visit(&mut |expr| match expr {
                    Expr::Equals(atom) => {
                        out.insert(*atom);
                    }
                    Expr::Named(name) => left.push(name),
                    _ => {}
                });
            }
        }
        out
    }

    /// The conditions in `asked` that are known once `atom` tells which equalities hold.
    pub(super) fn outcome(&self, asked: &BTreeSet<SmolStr>, atom: &dyn Fn(usize) -> Option<bool>) -> BTreeMap<SmolStr, bool> {
        let mut evaluation = Evaluation { conditions: self, atom, known: BTreeMap::new() };
        asked.iter().filter_map(|name| Some((name.clone(), evaluation.named(name)?))).collect()
    }
}

/// The name of `{Condition: Name}`.
pub(super) fn named(node: &Node) -> Option<&str> {
    match node.entries() {
        [only] if only.key.text == "Condition" => only.value.as_str(),
        _ => None,
    }
}

impl<'n> Expr<'n> {
    fn visit<'e>(&'e self, tell: &mut dyn FnMut(&'e Expr<'n>)) {
        tell(self);
        match self {
            Self::And(items) | Self::Or(items) => items.iter().for_each(|item| item.visit(tell)),
            Self::Not(inner) => inner.visit(tell),
            _ => {}
        }
    }
}

struct Evaluation<'c, 'n> {
    conditions: &'c Conditions<'n>,
    atom: &'c dyn Fn(usize) -> Option<bool>,
    /// What is evaluated already; a condition under evaluation is unknown to itself, which cuts circles.
    known: BTreeMap<&'c str, Option<bool>>,
}

impl<'c> Evaluation<'c, '_> {
    /// Evaluates what a condition leads to before itself, by a list rather than by recursion: chains may be of any length.
    fn named(&mut self, name: &str) -> Option<bool> {
        let conditions = self.conditions;
        let (name, expr) = conditions.named.get_key_value(name)?;
        let mut left = vec![(*name, expr, false)];
        while let Some((name, expr, ready)) = left.pop() {
            if ready {
                let value = self.expr(expr);
                self.known.insert(name, value);
            } else if !self.known.contains_key(name) {
                self.known.insert(name, None);
                left.push((name, expr, true));
                expr.visit(&mut |expr| {
                    if let Expr::Named(name) = expr
                        && let Some((name, expr)) = conditions.named.get_key_value(name)
                    {
                        left.push((*name, expr, false));
                    }
                });
            }
        }
        self.known.get(name).copied().flatten()
    }

    fn expr(&self, expr: &Expr<'_>) -> Option<bool> {
        match expr {
            Expr::Equals(atom) => (self.atom)(*atom),
            Expr::And(items) => self.all(items, true),
            Expr::Or(items) => self.all(items, false),
            Expr::Not(inner) => self.expr(inner).map(|value| !value),
            Expr::Named(name) => self.known.get(name).copied().flatten(),
            Expr::Unknown => None,
        }
    }

    /// `unit` if all items are that, its opposite if one is, else unknown.
    fn all(&self, items: &[Expr<'_>], unit: bool) -> Option<bool> {
        let values: Vec<Option<bool>> = items.iter().map(|item| self.expr(item)).collect();
        if values.contains(&Some(!unit)) {
            return Some(!unit);
        }
        values.iter().all(Option::is_some).then_some(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bucketlint_text::source::FileId;
    use bucketlint_text::syntax::testing::tree;

    #[test]
    fn unknowns_spread_only_where_they_matter() {
        let root = tree(
            "Conditions:
  T: !Equals [a, a]
  U: !Equals [a, !Ref X]
  Both: !And [!Condition T, {Condition: U}]
  Either: !Or [!Condition U, !Condition T]
  Neither: !Not [!Condition Either]
  Round: !Or [!Condition Trip, !Condition U]
  Trip: !Not [!Condition Round]
  Odd: !Not [a, b]
  Lost: !Condition Nowhere
",
        );
        let conditions = Conditions::of(&Template { file: FileId(0), path: "t", root: &root });
        let asked = root.get("Conditions").unwrap().entries().iter().map(|entry| entry.key.text.clone()).collect();
        let told = conditions.outcome(&asked, &|atom| (atom == 0).then_some(true));
        assert_eq!(told, [("Either".into(), true), ("Neither".into(), false), ("T".into(), true)].into());
        assert_eq!(conditions.atoms_of(&["Neither".into()].into()), [0, 1].into());
        assert_eq!(conditions.atoms_of(&["Round".into()].into()), [1].into());
    }

    #[test]
    fn chains_may_be_of_any_length() {
        let links: String = (0..20_000).map(|at| format!("  C{at}: !Not [!Condition C{}]\n", at + 1)).collect();
        let root = tree(&format!("Conditions:\n{links}  C20000: !Equals [a, a]\n"));
        let conditions = Conditions::of(&Template { file: FileId(0), path: "t", root: &root });
        let told = conditions.outcome(&["C0".into(), "C19999".into()].into(), &|_| Some(true));
        assert_eq!(told, [("C0".into(), true), ("C19999".into(), false)].into());
    }
}
