//! What a run goes by: the flags over the settings file over the defaults.

use crate::buckets::BucketGlobs;
use crate::cli::Chosen;
use crate::config::{AllowIn, Config, Deployed, FailOn, Level, TemplateValues, TrailPlace};
use crate::profile::{self, ProfileSource};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How the control accounts became known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccountOrigin {
    /// By `--control-account`.
    Flag,
    /// By `control_accounts` in the settings file.
    Config,
    /// Not at all, so that the files themselves have to tell.
    Unknown,
}

/// The final value of every setting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The control accounts' IDs, twelve digits each, each once.
    pub control_accounts: Vec<String>,
    /// How they became known.
    pub account_origin: AccountOrigin,
    /// Which profile.
    pub profile: ProfileSource,
    /// Which buckets to judge.
    pub buckets: BucketGlobs,
    /// Changed severities by rule id.
    pub severity: BTreeMap<String, Level>,
    /// Directories of further rules: those of the settings file, then those of the flags.
    pub rules: Vec<PathBuf>,
    /// Packs of rules that are in force: those of the settings file, then those of the flags.
    pub packs: Vec<String>,
    /// Where the trails are.
    pub trail: TrailPlace,
    /// Whether the control accounts read the trails' logs.
    pub logs_read: bool,
    /// When to fail.
    pub fail_on: FailOn,
    /// Whether a run may judge no bucket.
    pub allow_empty: bool,
    /// The AWS partition, where it is settled beforehand.
    pub partition: Option<String>,
    /// ARNs of the roles to judge for; none for the whole account.
    pub principals: Vec<String>,
    /// Values taken for granted, by condition key.
    pub assume: BTreeMap<String, Vec<String>>,
    /// Values that the settings file gives to template parameters.
    pub parameters: Vec<TemplateValues>,
    /// The accounts that templates are deployed to.
    pub accounts: Vec<Deployed>,
    /// The Regions that templates are deployed to.
    pub regions: Vec<Deployed>,
    /// What the settings file allows.
    pub allow: Vec<AllowIn>,
    /// The baseline, where there is one.
    pub baseline: Option<PathBuf>,
}

impl Settings {
    /// Merges `options` over `config`. Flags replace what the file says of the same thing, but rule directories add up;
    /// a bucket named by a flag is judged even where the file excludes it.
    pub fn resolve(config: Config, options: &Chosen) -> Self {
        let (control_accounts, account_origin) = accounts(config.control_accounts, &options.control_accounts);
        let buckets = if options.buckets.is_empty() {
            config.buckets
        } else {
            BucketGlobs { include: options.buckets.clone(), exclude: Vec::new() }
        };
        Self {
            control_accounts,
            account_origin,
            profile: options.profile.clone().or(config.profile).unwrap_or(ProfileSource::Builtin(profile::DEFAULT)),
            buckets,
            severity: config.severity,
            rules: config.rules.into_iter().chain(options.rules.iter().cloned()).collect(),
            packs: config.packs.into_iter().chain(options.packs.iter().cloned()).collect(),
            trail: options.trail.or(config.trail).unwrap_or_default(),
            logs_read: config.logs_read,
            fail_on: options.fail_on.or(config.fail_on).unwrap_or(FailOn::Warning),
            allow_empty: options.allow_empty || config.allow_empty,
            partition: config.partition,
            principals: config.principals,
            assume: config.assume,
            parameters: config.parameters,
            accounts: config.accounts,
            regions: config.regions,
            allow: config.allow,
            baseline: options.baseline.clone().or(config.baseline),
        }
    }
}

fn accounts(config: Vec<String>, flags: &[String]) -> (Vec<String>, AccountOrigin) {
    if flags.is_empty() {
        let origin = if config.is_empty() { AccountOrigin::Unknown } else { AccountOrigin::Config };
        return (config, origin);
    }
    let once = flags.iter().enumerate().filter(|(at, id)| !flags[..*at].contains(id));
    (once.map(|(_, id)| id.clone()).collect(), AccountOrigin::Flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    fn config() -> Config {
        Config {
            control_accounts: strings(&["111111111111"]),
            profile: Some(ProfileSource::File("mine.yaml".into())),
            buckets: BucketGlobs { include: strings(&["lab-*"]), exclude: strings(&["*-logs"]) },
            rules: vec!["lint".into()],
            trail: Some(TrailPlace::Elsewhere),
            fail_on: Some(FailOn::Error),
            partition: Some("aws-cn".into()),
            ..Config::default()
        }
    }

    #[test]
    fn defaults_where_nothing_is_said() {
        let settings = Settings::resolve(Config::default(), &Chosen::default());
        assert_eq!((settings.control_accounts.len(), settings.account_origin), (0, AccountOrigin::Unknown));
        assert_eq!(settings.profile, ProfileSource::Builtin("quilt"));
        assert_eq!((settings.trail, settings.fail_on), (TrailPlace::Here, FailOn::Warning));
        assert_eq!(settings.buckets, BucketGlobs::default());
    }

    #[test]
    fn the_file_holds_where_no_flag_speaks() {
        let settings = Settings::resolve(config(), &Chosen::default());
        assert_eq!(
            (&settings.control_accounts[..], settings.account_origin),
            (&strings(&["111111111111"])[..], AccountOrigin::Config)
        );
        assert_eq!(settings.profile, ProfileSource::File("mine.yaml".into()));
        assert_eq!((settings.trail, settings.fail_on), (TrailPlace::Elsewhere, FailOn::Error));
        assert_eq!((settings.buckets, settings.partition), (config().buckets, Some("aws-cn".into())));
    }

    #[test]
    fn flags_go_before_the_file() {
        let options = Chosen {
            control_accounts: strings(&["222222222222", "333333333333", "222222222222"]),
            profile: Some(ProfileSource::Builtin("quilt-8")),
            buckets: strings(&["lab-logs"]),
            rules: vec!["more".into()],
            trail: Some(TrailPlace::Here),
            fail_on: Some(FailOn::Never),
            ..Chosen::default()
        };
        let settings = Settings::resolve(config(), &options);
        assert_eq!(settings.control_accounts, ["222222222222", "333333333333"]);
        assert_eq!(settings.account_origin, AccountOrigin::Flag);
        assert_eq!(settings.profile, ProfileSource::Builtin("quilt-8"));
        assert_eq!(settings.buckets, BucketGlobs { include: strings(&["lab-logs"]), exclude: vec![] });
        assert_eq!(settings.rules, [PathBuf::from("lint"), PathBuf::from("more")]);
        assert_eq!((settings.trail, settings.fail_on), (TrailPlace::Here, FailOn::Never));
    }
}
