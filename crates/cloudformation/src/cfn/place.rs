//! Where a template is deployed.

use super::pseudo;
use bucketlint_text::source::FileId;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// The accounts and Regions a template is deployed to, as far as they are known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// The outermost template, and in it the stack set: what shares it is deployed together.
    pub home: Option<(FileId, Option<SmolStr>)>,
    /// Account IDs; none where they are not known.
    pub accounts: BTreeSet<SmolStr>,
    /// Whether one of them is a control account.
    pub control: bool,
    /// Such as `eu-west-1`; none where they are not known.
    pub regions: BTreeSet<SmolStr>,
    /// Such as `aws-cn`, where it is told rather than implied by the Regions.
    pub partition: Option<SmolStr>,
}

impl Place {
    /// Not known.
    pub const fn unknown() -> Self {
        Self { home: None, accounts: BTreeSet::new(), control: false, regions: BTreeSet::new(), partition: None }
    }

    /// The values that a pseudo parameter may have here; `None` where that is not told.
    pub fn values(&self, name: &str) -> Option<BTreeSet<SmolStr>> {
        let told = match name {
            "AWS::AccountId" => self.accounts.clone(),
            "AWS::Region" => self.regions.clone(),
            "AWS::Partition" => match &self.partition {
                Some(partition) => [partition.clone()].into(),
                None => self.regions.iter().map(|region| pseudo::partition_of(region).into()).collect(),
            },
            _ => BTreeSet::new(),
        };
        (!told.is_empty()).then_some(told)
    }

    /// The account, where there is but one.
    pub fn account(&self) -> Option<&SmolStr> {
        self.accounts.first().filter(|_| self.accounts.len() == 1)
    }

    /// The Region, where there is but one.
    pub fn region(&self) -> Option<&SmolStr> {
        self.regions.first().filter(|_| self.regions.len() == 1)
    }

    /// Whether both are deployed together: in one account and Region, whichever those are.
    pub fn is_with(&self, other: &Self) -> bool {
        self.home.is_some() && self.home == other.home
    }
}

/// Places by the path of the template as shown.
pub type Places = BTreeMap<String, Place>;
