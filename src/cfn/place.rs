//! Where a template is deployed.

use crate::source::FileId;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// The accounts and Regions a template is deployed to, as far as they are known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// The outermost template, and in it the stack set: what shares it is deployed together.
    pub home: Option<(FileId, Option<SmolStr>)>,
    /// Account IDs; none where they are not known.
    pub accounts: BTreeSet<SmolStr>,
    /// Such as `eu-west-1`; none where they are not known.
    pub regions: BTreeSet<SmolStr>,
}

impl Place {
    /// Not known.
    pub const fn unknown() -> Self {
        Self { home: None, accounts: BTreeSet::new(), regions: BTreeSet::new() }
    }

    /// Whether both are deployed together: in one account and Region, whichever those are.
    pub fn is_with(&self, other: &Self) -> bool {
        self.home.is_some() && self.home == other.home
    }
}

/// Places by the path of the template as shown.
pub type Places = BTreeMap<String, Place>;
