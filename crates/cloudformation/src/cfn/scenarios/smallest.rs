//! The fewest values that lead to some scenarios and to no other.

use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// So many combinations are made smaller value by value, where more than two values are needed.
const MAX_STARTS: usize = 64;

/// The combinations of values that were tried, and the scenario each came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Tried {
    /// What is told of one value, and the combinations that have it.
    values: Vec<((SmolStr, SmolStr), Set)>,
    places: BTreeMap<(SmolStr, SmolStr), usize>,
    /// The scenario of each combination.
    scenarios: Vec<usize>,
    /// The values of each combination, by their number.
    combinations: Vec<Vec<usize>>,
}

impl Tried {
    pub(super) fn add(&mut self, values: Vec<(SmolStr, SmolStr)>, scenario: usize) {
        let number = self.scenarios.len();
        self.scenarios.push(scenario);
        let mut combination = Vec::new();
        for value in values {
            let at = *self.places.entry(value.clone()).or_insert_with(|| {
                self.values.push((value, Set::default()));
                self.values.len() - 1
            });
            self.values[at].1.insert(number);
            combination.push(at);
        }
        self.combinations.push(combination);
    }

    /// The fewest values all of whose combinations come to scenarios in `wanted`; the first of several as few. Exact for
    /// up to two values, else as few as leaving one out after the other makes it. `None` if no combination does.
    pub(super) fn smallest(&self, wanted: &BTreeSet<usize>) -> Option<Vec<(SmolStr, SmolStr)>> {
        let (mut good, mut bad) = (Set::default(), Set::default());
        for (number, scenario) in self.scenarios.iter().enumerate() {
            if wanted.contains(scenario) { &mut good } else { &mut bad }.insert(number);
        }
        let enough = |values: &[usize]| {
            let sets: Vec<&Set> = values.iter().map(|&at| &self.values[at].1).collect();
            !bad.meets(&sets) && good.meets(&sets)
        };
        let told = |values: &[usize]| Some(values.iter().map(|&at| self.values[at].0.clone()).collect());
        if enough(&[]) {
            return told(&[]);
        }
        let all = || 0..self.values.len();
        if let Some(one) = all().find(|&one| enough(&[one])) {
            return told(&[one]);
        }
        let mut pairs = all().flat_map(|one| (one + 1..self.values.len()).map(move |other| [one, other]));
        if let Some(pair) = pairs.find(|pair| enough(pair)) {
            return told(&self.in_order(&pair));
        }
        let starts = self.combinations.iter().zip(&self.scenarios).filter(|(_, scenario)| wanted.contains(scenario));
        let smaller = starts.take(MAX_STARTS).map(|(values, _)| {
            let mut kept = values.clone();
            for value in values.iter().rev() {
                let without: Vec<usize> = kept.iter().copied().filter(|other| other != value).collect();
                if enough(&without) {
                    kept = without;
                }
            }
            kept
        });
        told(&smaller.min_by_key(Vec::len)?)
    }

    /// Values in the order of the variables.
    fn in_order(&self, values: &[usize]) -> Vec<usize> {
        let whole = self.combinations.iter().find(|combination| values.iter().all(|value| combination.contains(value)));
        whole.into_iter().flatten().copied().filter(|value| values.contains(value)).collect()
    }
}

/// A set of small numbers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Set(Vec<u64>);

impl Set {
    fn insert(&mut self, number: usize) {
        let word = number / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (number % 64);
    }

    /// Whether a number is in this set and in all of `others`.
    fn meets(&self, others: &[&Set]) -> bool {
        let word = |at: usize| move |set: &&Set| set.0.get(at).copied().unwrap_or(0);
        self.0.iter().enumerate().any(|(at, own)| others.iter().map(word(at)).fold(*own, |all, next| all & next) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fewest values for some scenarios, where two variables of two values and one of three make twelve.
    fn told(wanted: impl Fn(usize, usize, usize) -> bool) -> Option<String> {
        let mut tried = Tried::default();
        let mut numbers = BTreeSet::new();
        for (a, b, c) in (0..12).map(|at| (at % 2, at / 2 % 2, at / 4)) {
            let number = a + 2 * b + 4 * c;
            let values = [("A", a), ("B", b), ("C", c)].map(|(name, value)| (name.into(), value.to_string().into()));
            tried.add(values.to_vec(), number);
            numbers.extend(wanted(a, b, c).then_some(number));
        }
        let values = tried.smallest(&numbers)?;
        Some(values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn values_that_change_nothing_are_left_out() {
        assert_eq!(told(|_, _, _| true).as_deref(), Some(""));
        assert_eq!(told(|_, b, _| b == 1).as_deref(), Some("B=1"));
        assert_eq!(told(|a, b, c| a == 1 || (b == 0 && c == 2)).as_deref(), Some("A=1"));
        assert_eq!(told(|_, b, c| b == 0 && c == 2).as_deref(), Some("B=0 C=2"));
        assert_eq!(told(|a, b, c| a == 1 && b == 0 && c == 2).as_deref(), Some("A=1 B=0 C=2"));
        assert_eq!(told(|a, b, c| (a, b, c) == (0, 0, 0) || (a == 1 && c == 1)).as_deref(), Some("A=1 C=1"));
        assert_eq!(told(|_, _, _| false), None);
    }
}
