//! One way a template may be deployed: what its parameters are and which conditions hold.

use super::stack::Stack;
use bucketlint_text::text::Text;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// What is taken for granted of one parameter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Setting {
    /// It has this value.
    Is(SmolStr),
    /// Mappings are asked for this key; elsewhere it is not known, as templates that are deployed together share it.
    Key(SmolStr),
    /// It has some value, but none of these.
    Not(Vec<SmolStr>),
}

/// An assignment of conditions and parameters that can be deployed. The empty one leaves every condition open and every
/// parameter at its default.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scenario {
    /// Whether a condition holds; one that is not here is not known.
    pub conditions: BTreeMap<SmolStr, bool>,
    /// Parameters and pseudo parameters that are not at their default.
    pub parameters: BTreeMap<SmolStr, Setting>,
    /// The few values it takes to come to these conditions: a parameter, and its value or `not X`.
    pub when: Vec<(SmolStr, SmolStr)>,
    /// Values that were given for parameters, with where those stand.
    pub given: BTreeMap<SmolStr, Text>,
    /// What the stacks around and below it tell.
    pub stack: Stack,
}

impl Scenario {
    /// Every condition open, every parameter at its default.
    pub const fn open() -> Self {
        Self {
            conditions: BTreeMap::new(),
            parameters: BTreeMap::new(),
            when: Vec::new(),
            given: BTreeMap::new(),
            stack: Stack::alone(),
        }
    }

    /// Every condition open, and the parameters in `given` at these values.
    pub fn given(given: &BTreeMap<SmolStr, SmolStr>) -> Self {
        let parameters = given.iter().map(|(name, value)| (name.clone(), Setting::Is(value.clone()))).collect();
        Self { parameters, ..Self::open() }
    }
}
