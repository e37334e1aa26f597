//! Yes, no, or left open by AWS's pages.

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    /// AWS's pages do not settle it, for this reason.
    Open(&'static str),
}

impl Truth {
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Open(reason), _) | (_, Self::Open(reason)) => Self::Open(reason),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Open(reason) => Self::Open(reason),
        }
    }

    /// Open for `reason`, unless all of `readings` say the same.
    pub(super) fn agreed(readings: &[bool], reason: &'static str) -> Self {
        match (readings.contains(&true), readings.contains(&false)) {
            (true, true) => Self::Open(reason),
            (yes, _) => Self::from(yes),
        }
    }
}

impl From<bool> for Truth {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

pub(super) fn all(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.fold(Truth::Yes, Truth::and)
}

pub(super) fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.fold(Truth::No, Truth::or)
}
