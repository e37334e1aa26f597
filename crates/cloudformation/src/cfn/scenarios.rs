//! Which assignments of conditions can be deployed, and the few parameter values that lead to each.

use super::condition::Conditions;
use super::mention::Asked;
use super::place::Place;
use super::scenario::Scenario;
use super::template::Template;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

mod smallest;
#[cfg(test)]
mod tests;
mod variable;

use smallest::Tried;
use variable::{Operand, Value, Variables};

/// Every assignment of the asked conditions and parameters that can be deployed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scenarios {
    /// Each assignment once; the first is the one the defaults and given values lead to.
    pub all: Vec<Scenario>,
    /// Whether there may be more, which were not looked for.
    pub capped: bool,
    tried: Tried,
}

impl Scenarios {
    /// Keeps the first `most` of them.
    pub fn keep(&mut self, most: usize) {
        self.capped |= self.all.len() > most;
        self.all.truncate(most);
    }

    /// The fewest values it takes to come to one of the scenarios whose numbers are in `wanted`, and to no other.
    pub fn smallest(&self, wanted: &BTreeSet<usize>) -> Vec<(SmolStr, SmolStr)> {
        let written_out = || self.all.iter().enumerate().filter(|(number, _)| wanted.contains(number));
        self.tried
            .smallest(wanted)
            .unwrap_or_else(|| written_out().map(|(_, scenario)| scenario.when.clone()).min_by_key(Vec::len).unwrap_or_default())
    }
}

/// What tells scenarios apart: conditions, and the parameters that are asked for themselves.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Outcome {
    conditions: BTreeMap<SmolStr, bool>,
    parameters: Vec<Option<Value>>,
}

/// So many scenarios are told at most.
const MAX_SCENARIOS: usize = 256;

/// So many combinations of values are tried at most.
const MAX_TRIED: usize = 4_096;

/// The scenarios of `template` that differ in what is `asked`, where the parameters `given` have these values,
/// and the pseudo parameters those of `place`.
///
/// Only what the asked conditions depend on is varied: a parameter over its `AllowedValues`, or over the values it is
/// compared with and one that is none of them; and the asked parameters that have `AllowedValues`, over all of these. Those fewest steps from the defaults come first. A condition that cannot
/// be evaluated is left out of every scenario, so that what depends on it is unknown.
pub fn scenarios(template: &Template<'_>, asked: &Asked, given: &BTreeMap<SmolStr, SmolStr>, place: &Place) -> Scenarios {
    let conditions = Conditions::of(template);
    let atoms = conditions.atoms_of(&asked.conditions);
    let atoms = atoms.iter().filter_map(|&atom| Some((atom, conditions.sides(atom)?)));
    let variables = Variables::of(template, atoms, asked, given, place);
    let start = vec![0; variables.count()];
    let mut search = Search {
        conditions,
        asked: &asked.conditions,
        variables,
        found: Vec::new(),
        places: BTreeMap::new(),
        attempts: 0,
        tried: Tried::default(),
        capped: false,
    };
    for steps in 0..=start.len() {
        search.deviate(&mut start.clone(), 0, steps);
    }
    if search.found.is_empty() {
        search.variables.lenient = true;
        search.attempts = 0;
        search.attempt(&start);
    }
    Scenarios { all: search.found, capped: search.capped, tried: search.tried }
}

struct Search<'s, 'n> {
    conditions: Conditions<'n>,
    asked: &'s BTreeSet<SmolStr>,
    variables: Variables<'n>,
    found: Vec<Scenario>,
    /// Which of the found comes to this.
    places: BTreeMap<Outcome, usize>,
    attempts: usize,
    tried: Tried,
    capped: bool,
}

impl Search<'_, '_> {
    /// Tries every choice with so many `steps` away from the default, at variables from number `from` on.
    fn deviate(&mut self, choice: &mut Vec<usize>, from: usize, steps: usize) {
        if steps == 0 {
            return self.attempt(choice);
        }
        for at in from..choice.len() {
            for other in 1..self.variables.choices(at).len() {
                if self.capped {
                    return;
                }
                choice[at] = other;
                self.deviate(choice, at + 1, steps - 1);
            }
            choice[at] = 0;
        }
    }

    fn attempt(&mut self, choice: &[usize]) {
        if self.attempts == MAX_TRIED {
            self.capped = true;
            return;
        }
        self.attempts += 1;
        let kept: Vec<Option<usize>> = choice.iter().copied().map(Some).collect();
        let Some(values) = self.variables.values(&kept) else { return };
        let outcome = self.outcome(&values);
        let place = self.places.get(&outcome).copied();
        if place.is_none() && self.found.len() == MAX_SCENARIOS {
            self.capped = true;
            return;
        }
        let taken = self.told(&kept);
        self.tried.add(taken, place.unwrap_or(self.found.len()));
        if place.is_some_and(|at| at == 0 || self.found[at].when.len() <= 1) {
            return;
        }
        let kept = self.needed(kept, &outcome);
        let scenario = self.scenario(&kept, &outcome);
        match place {
            Some(at) if scenario.when.len() < self.found[at].when.len() => self.found[at] = scenario,
            Some(_) => {}
            None => {
                self.places.insert(outcome, self.found.len());
                self.found.push(scenario);
            }
        }
    }

    fn outcome(&self, values: &[Option<Value>]) -> Outcome {
        let conditions = self.conditions.outcome(self.asked, &|atom| {
            let (left, right) = self.variables.operands(atom)?;
            let value = |operand: &Operand| match operand {
                Operand::Literal(text) => Some(Value::Is(text.clone())),
                Operand::Variable(at) => values[*at].clone(),
            };
            Some(value(left)? == value(right)?)
        });
        let parameters = values.iter().enumerate().filter(|(at, _)| self.variables.is_asked(*at));
        Outcome { conditions, parameters: parameters.map(|(_, value)| value.clone()).collect() }
    }

    /// The values of the variables that are chosen for themselves, as they are told.
    fn told(&self, kept: &[Option<usize>]) -> Vec<(SmolStr, SmolStr)> {
        (0..kept.len()).filter_map(|at| self.variables.told(at, kept)).collect()
    }

    /// The choices it takes to come to `outcome` whatever the others are.
    fn needed(&self, mut kept: Vec<Option<usize>>, outcome: &Outcome) -> Vec<Option<usize>> {
        for at in 0..kept.len() {
            let before = kept[at].take();
            let enough = self.variables.values(&kept).is_some_and(|values| self.outcome(&values) == *outcome);
            if !enough {
                kept[at] = before;
            }
        }
        kept
    }

    fn scenario(&self, kept: &[Option<usize>], outcome: &Outcome) -> Scenario {
        let chosen = || kept.iter().enumerate().filter_map(|(at, choice)| Some((at, (*choice)?)));
        let when = self.told(kept);
        let mut parameters = self.variables.given();
        for (at, choice) in chosen().filter(|&(at, choice)| choice > 0 || self.variables.is_hole(at)) {
            self.variables.set(at, choice, &mut parameters);
        }
        Scenario { conditions: outcome.conditions.clone(), parameters, when, ..Scenario::open() }
    }
}
