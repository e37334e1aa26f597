//! The arguments of the small commands.

use super::Chosen;
use crate::config::account;
use crate::rule::catalog;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The flags of `config`, as given.
#[derive(Clone, PartialEq, Debug, Default, Args)]
pub struct ConfigOptions {
    /// File or directory from which bucketlint.yaml is searched upwards [default: .]
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// The flags that would be given to `check`.
    #[command(flatten)]
    pub chosen: Chosen,
    /// yaml or json [default: yaml]
    #[arg(long, value_name = "FORMAT", default_value = "yaml", hide_possible_values = true, hide_default_value = true)]
    pub format: TreeFormat,
}

/// How settings or facts are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum TreeFormat {
    /// With comments on where each value is from.
    #[default]
    Yaml,
    /// For programs.
    Json,
}

/// The flags of `facts`, as given.
#[derive(Clone, PartialEq, Debug, Default, Args)]
pub struct FactsOptions {
    /// Files or directories; - is standard input [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Only what this path selects, such as $.access[*]
    #[arg(long, value_name = "JSONPATH")]
    pub each: Option<String>,
    /// The flags that would be given to `check`.
    #[command(flatten)]
    pub chosen: Chosen,
    /// yaml or json [default: yaml]
    #[arg(long, value_name = "FORMAT", default_value = "yaml", hide_possible_values = true, hide_default_value = true)]
    pub format: TreeFormat,
}

/// The flags of `init`, as given.
#[derive(Clone, PartialEq, Debug, Default, Args)]
pub struct InitOptions {
    /// Directory to look at, and to write bucketlint.yaml into [default: .]
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Account that uses the buckets; repeatable
    #[arg(long = "control-account", value_name = "ID", value_parser = account)]
    pub control_accounts: Vec<String>,
    /// Replace the settings file there is
    #[arg(long)]
    pub force: bool,
    /// Write to standard output, and no file
    #[arg(long, conflicts_with = "force")]
    pub stdout: bool,
}

/// A kind of file that has a JSON Schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum SchemaOf {
    /// bucketlint.yaml
    Settings,
    /// Files for --profile
    Profile,
}

/// The flags of `rules`, as given.
#[derive(Clone, PartialEq, Debug, Default, Args)]
pub struct RulesOptions {
    /// Directory of further rules; repeatable
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// Optional rules, such as aws-s3; repeatable
    #[arg(long = "pack", value_name = "NAME", value_parser = catalog::pack)]
    pub packs: Vec<String>,
    /// text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true)]
    pub format: ListFormat,
}

/// How the rules are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum ListFormat {
    /// One line each.
    #[default]
    Text,
    /// One object for programs.
    Json,
}

/// The flags of `test`, as given.
#[derive(Clone, PartialEq, Debug, Default, Args)]
pub struct TestOptions {
    /// Test files, ending in _test.yaml or _tests.yaml, or directories that hold some [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Directory of the rules under test, where the test file names none [default: PATH]; repeatable
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}
