//! The flags that stand for settings.

use super::{parameter, profile};
use crate::config::{FailOn, TrailPlace, account};
use crate::profile::ProfileSource;
use crate::rule::catalog;
use clap::Args;
use std::path::PathBuf;

/// What flags settle, for `check` and for `config` alike.
#[derive(Clone, PartialEq, Debug, Default, Args)]
pub struct Chosen {
    /// Account that uses the buckets; repeatable
    #[arg(long = "control-account", value_name = "ID", value_parser = account)]
    pub control_accounts: Vec<String>,
    /// What is required: a built-in profile or a file
    #[arg(long, value_name = "NAME|FILE", value_parser = profile)]
    pub profile: Option<ProfileSource>,
    /// Judge this bucket only: name, ID, glob; repeatable
    #[arg(long = "bucket", value_name = "NAME")]
    pub buckets: Vec<String>,
    /// Where trails are declared: here or elsewhere
    #[arg(long, value_name = "WHERE", hide_possible_values = true)]
    pub trail: Option<TrailPlace>,
    /// Parameter values, as for aws or sam; repeatable
    #[arg(long = "parameters", value_name = "FILE")]
    pub parameter_files: Vec<PathBuf>,
    /// One parameter's value; repeatable
    #[arg(long = "parameter", value_name = "K=V", value_parser = parameter, hide_short_help = true)]
    pub parameters: Vec<(String, String)>,
    /// Directory of further rules; repeatable
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// Optional rules, such as aws-s3; repeatable
    #[arg(long = "pack", value_name = "NAME", value_parser = catalog::pack, hide_short_help = true)]
    pub packs: Vec<String>,
    /// error, warning, note or never [default: warning]
    #[arg(long, value_name = "LEVEL", hide_possible_values = true)]
    pub fail_on: Option<FailOn>,
    /// Pass where no bucket is there to judge
    #[arg(long, hide_short_help = true)]
    pub allow_empty: bool,
    /// Report only what is not in this baseline
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub baseline: Option<PathBuf>,
    /// Read the settings from this file
    #[arg(long, value_name = "FILE", conflicts_with = "no_config", hide_short_help = true)]
    pub config: Option<PathBuf>,
    /// Read no settings file
    #[arg(long, hide_short_help = true)]
    pub no_config: bool,
}
