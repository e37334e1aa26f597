//! Parameter values that the user gave.

use super::place::Places;
use bucketlint_text::source::Span;
use bucketlint_text::text::Text;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Values by parameter name.
pub type Values = BTreeMap<SmolStr, SmolStr>;

/// The values each template is deployed with, as far as they were given.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Given {
    /// By the template's path as shown. Only parameters that the template has, and values that they may have; what is read
    /// from Parameter Store is not known.
    pub by_file: BTreeMap<String, Values>,
    /// The same, with where those values stand.
    pub written: BTreeMap<String, BTreeMap<SmolStr, Text>>,
    /// Whether any is of a flag or a parameters file, which are about one deployment.
    pub explicit: bool,
    /// Where the bucket of a trail that the platform asks for is given as nothing, by the template's path; without one where
    /// no template has the parameter.
    pub no_trail_bucket: Vec<(Option<String>, Span)>,
    /// Where templates are deployed, as far as that was told.
    pub places: Places,
}

static NONE: Values = Values::new();

impl Given {
    /// What was given for the template at `path`.
    pub fn of(&self, path: &str) -> &Values {
        self.by_file.get(path).unwrap_or(&NONE)
    }
}
