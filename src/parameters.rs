//! Values given to template parameters: what the flags, parameter files and settings say, and what that is for each
//! template.

mod assign;
mod overrides;
mod places;
mod read;

pub use assign::assign;
pub use places::{Placed, Target, places, region};
pub use read::{flags, read, values};

use crate::scope::Scope;
use crate::source::{Source, Span};
use smol_str::SmolStr;
use std::path::{Path, PathBuf};

/// What the values given by `--parameter` are shown as a file of.
pub const FLAG: &str = "--parameter";

/// One parameter's value as it is given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// The parameter.
    pub name: SmolStr,
    /// Where its name stands.
    pub at: Span,
    /// The value, as CloudFormation takes it: lists are joined by commas.
    pub value: SmolStr,
    /// Where the value stands.
    pub span: Span,
}

/// Values that were given together.
#[derive(Clone, Debug)]
pub struct Group {
    /// The text they stand in.
    pub source: Source,
    /// The templates they are for; none for all.
    pub scope: Option<Scope>,
    /// Whether they are of a flag or a parameters file, which are about one deployment.
    pub explicit: bool,
    /// The values, each name once.
    pub values: Vec<Given>,
    /// The Region to deploy to.
    pub region: Option<SmolStr>,
}

/// A parameters file and the environment named behind it, as in `samconfig.toml#prod`.
pub fn environment(path: &Path) -> (PathBuf, Option<String>) {
    let split = path.to_str().and_then(|text| text.rsplit_once('#'));
    match split.filter(|(file, _)| [".toml", ".yaml", ".yml"].iter().any(|ending| file.ends_with(ending))) {
        Some((file, name)) => (file.into(), Some(name.to_owned())),
        None => (path.to_path_buf(), None),
    }
}
