//! The settings file `bucketlint.yaml`.

use crate::buckets::BucketGlobs;
use crate::finding::Severity;
use crate::profile::ProfileSource;
use crate::rule::catalog;
use crate::scope::pattern;
use crate::source::Span;
use crate::syntax::fields::{Complaint, Fields, did_you_mean, text};
use crate::syntax::node::{Entry, Node, Value};
use clap::ValueEnum;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

mod allow;
mod parameters;
mod places;
mod trail;
pub use allow::{AllowIn, allows};
pub use parameters::TemplateValues;
pub use places::Deployed;

/// What the file is called, the preferred name first.
pub const FILE_NAMES: [&str; 2] = ["bucketlint.yaml", "bucketlint.yml"];

/// Every key, in the order in which they are shown.
pub const KEYS: [&str; 17] = [
    "control_accounts",
    "profile",
    "buckets",
    "severity",
    "rules",
    "packs",
    "trail",
    "fail_on",
    "allow_empty",
    "partition",
    "principals",
    "assume",
    "parameters",
    "accounts",
    "regions",
    "allow",
    "baseline",
];

/// The mildest finding that makes a run fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum FailOn {
    /// Errors alone.
    Error,
    /// Errors and warnings.
    Warning,
    /// Any finding.
    Note,
    /// None at all.
    Never,
}

impl FailOn {
    /// Whether a finding of this `severity` makes the run fail.
    pub fn counts(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Note => true,
            Self::Never => false,
        }
    }
}

/// Where the trails are declared that should log the buckets' object-level events.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum TrailPlace {
    /// In the files of the run.
    #[default]
    Here,
    /// In files that the run does not see.
    Elsewhere,
}

/// A rule's severity as the settings change it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Level {
    /// Where the rule's id is written.
    pub span: Span,
    /// The severity its findings get; none where the rule is off.
    pub severity: Option<Severity>,
}

/// Everything the settings file says. What it does not say is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Config {
    /// The control accounts' IDs, twelve digits each, each once.
    pub control_accounts: Vec<String>,
    /// The profile asked for.
    pub profile: Option<ProfileSource>,
    /// Which buckets to judge.
    pub buckets: BucketGlobs,
    /// Changed severities by rule id.
    pub severity: BTreeMap<String, Level>,
    /// Further rule directories.
    pub rules: Vec<PathBuf>,
    /// Packs of rules that are in force.
    pub packs: Vec<String>,
    /// Where the trails are.
    pub trail: Option<TrailPlace>,
    /// Whether the platform reads the trails' logs from their buckets.
    pub logs_read: bool,
    /// When to fail.
    pub fail_on: Option<FailOn>,
    /// Whether a run may judge no bucket.
    pub allow_empty: bool,
    /// The AWS partition, for example `aws-cn`.
    pub partition: Option<String>,
    /// ARNs of the roles in the control account that use the buckets; none for the whole account.
    pub principals: Vec<String>,
    /// Values taken for granted, by condition key as it is written there.
    pub assume: BTreeMap<String, Vec<String>>,
    /// Values of template parameters, the weakest first.
    pub parameters: Vec<TemplateValues>,
    /// The accounts that templates are deployed to, the weakest first.
    pub accounts: Vec<Deployed>,
    /// The Regions that templates are deployed to, the weakest first.
    pub regions: Vec<Deployed>,
    /// What is not reported.
    pub allow: Vec<AllowIn>,
    /// The findings that are known.
    pub baseline: Option<PathBuf>,
}

impl Config {
    /// Reads the settings from their tree; `dir`, the directory of the file, is where relative paths begin.
    pub fn read(node: &Node, dir: &Path) -> Result<Self, Vec<Complaint>> {
        if node.is_null() {
            return Ok(Self::default());
        }
        let mut out = Vec::new();
        let fields = Fields::of(node, "the settings", &KEYS, &mut out);
        let (trail, logs_read) = fields.map_or((None, false), |fields| trail::read(fields, &mut out));
        let read = fields.map(|fields| Self {
            control_accounts: accounts(fields, &mut out),
            profile: profile(fields, dir, &mut out),
            buckets: buckets(fields, &mut out),
            severity: severity(fields, &mut out),
            rules: checked(fields, "rules", not_empty, &mut out).into_iter().map(|text| dir.join(text)).collect(),
            packs: checked(fields, "packs", |name| catalog::pack(name).map(drop), &mut out),
            trail,
            logs_read,
            fail_on: choice(fields, "fail_on", &mut out),
            allow_empty: flag(fields, "allow_empty", &mut out),
            partition: partition(fields, &mut out),
            principals: checked(fields, "principals", role, &mut out),
            assume: assume(fields, &mut out),
            parameters: parameters::read(fields, dir, &mut out),
            accounts: places::accounts(fields, &mut out),
            regions: places::regions(fields, &mut out),
            allow: allow::read(fields, &mut out),
            baseline: fields.text("baseline", &mut out).map(|path| dir.join(path)),
        });
        match read {
            Some(config) if out.is_empty() => Ok(config),
            _ => {
                out.sort();
                Err(out)
            }
        }
    }

    /// Complains of severities for rules that are not among `known`, in text order. Known rules include those of
    /// [`Config::rules`], so this is asked after they are read.
    pub fn unknown_rules(&self, known: &[&str]) -> Vec<Complaint> {
        let unknown = self.severity.iter().filter(|(id, _)| !known.contains(&id.as_str()));
        let complain = |(id, level): (&String, &Level)| {
            Complaint::new(level.span, format!("unknown rule `{id}`{}", did_you_mean(id, known)))
        };
        let mut out: Vec<_> = unknown.map(complain).collect();
        out.sort();
        out
    }
}

/// `text`, if it is an AWS account ID: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
pub fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err(format!("`{text}` is not an AWS account ID, which has twelve digits and nothing else"))
}

fn account_of(node: &Node) -> Result<String, String> {
    match &node.value {
        // YAML readers differ in what such a number is: 1.1 takes one of low digits for octal
        Value::Num(digits) if digits.starts_with('0') => Err(format!("put the account ID in quotes: \"{digits}\"")),
        Value::Str(digits) | Value::Num(digits) => account(digits),
        _ => Err(format!("an AWS account ID should be a string of twelve digits, not {}", node.kind())),
    }
}

fn accounts(fields: Fields<'_>, out: &mut Vec<Complaint>) -> Vec<String> {
    let mut accounts = Vec::new();
    for node in fields.get("control_accounts").map_or(&[][..], Node::one_or_many) {
        match account_of(node) {
            Ok(account) if accounts.contains(&account) => {}
            Ok(account) => accounts.push(account),
            Err(message) => out.push(Complaint::new(node.span, message)),
        }
    }
    accounts
}

fn profile(fields: Fields<'_>, dir: &Path, out: &mut Vec<Complaint>) -> Option<ProfileSource> {
    let node = fields.get("profile")?;
    let found = ProfileSource::find(text("profile", node, out)?, dir);
    found.map_err(|message| out.push(Complaint::new(node.span, message))).ok()
}

fn buckets(fields: Fields<'_>, out: &mut Vec<Complaint>) -> BucketGlobs {
    let inner = fields.get("buckets").and_then(|node| Fields::of(node, "`buckets`", &["include", "exclude"], out));
    let mut globs = |key| inner.map_or_else(Vec::new, |inner| checked(inner, key, not_empty, out));
    BucketGlobs { include: globs("include"), exclude: globs("exclude") }
}

fn severity(fields: Fields<'_>, out: &mut Vec<Complaint>) -> BTreeMap<String, Level> {
    let mut levels = BTreeMap::new();
    for entry in mapping(fields, "severity", out) {
        let severity = match &entry.value.value {
            // an unquoted `off` is a boolean in YAML 1.1
            Value::Bool(false) => Some(None),
            Value::Str(word) if word == "off" => Some(None),
            Value::Str(word) => Severity::from_word(word).map(Some),
            _ => None,
        };
        let id = entry.key.text.as_str();
        match severity {
            Some(severity) => drop(levels.insert(id.to_owned(), Level { span: entry.key.span, severity })),
            None => {
                let message = format!("the severity of `{id}` should be one of error, warning, note, off");
                out.push(Complaint::new(entry.value.span, message));
            }
        }
    }
    levels
}

fn partition(fields: Fields<'_>, out: &mut Vec<Complaint>) -> Option<String> {
    let node = fields.get("partition")?;
    let name = text("partition", node, out)?;
    let lower = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if lower && (name == "aws" || name.starts_with("aws-")) {
        return Some(name.to_owned());
    }
    let message = format!("`{name}` is not an AWS partition, such as aws, aws-cn or aws-us-gov");
    out.push(Complaint::new(node.span, message));
    None
}

/// Condition keys are case-insensitive: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
fn assume(fields: Fields<'_>, out: &mut Vec<Complaint>) -> BTreeMap<String, Vec<String>> {
    let (mut assumed, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for entry in mapping(fields, "assume", out) {
        let key = entry.key.text.as_str();
        if !key.contains(':') {
            let message = format!("`{key}` is not a condition key; those are written like `aws:PrincipalOrgID`");
            out.push(Complaint::new(entry.key.span, message));
        }
        if !seen.insert(key.to_ascii_lowercase()) {
            out.push(Complaint::new(entry.key.span, format!("`{key}` is assumed twice; case makes no difference")));
        }
        assumed.insert(key.to_owned(), assumed_values(key, &entry.value, out));
    }
    assumed
}

fn assumed_values(key: &str, value: &Node, out: &mut Vec<Complaint>) -> Vec<String> {
    let nodes = value.one_or_many();
    if nodes.is_empty() {
        out.push(Complaint::new(value.span, format!("`{key}` is assumed to have no value; list at least one")));
    }
    let mut values = Vec::new();
    for node in nodes {
        match node.scalar_text() {
            Some(value) => values.push(value.to_string()),
            None => out.push(Complaint::new(node.span, format!("a value of `{key}` should be a string, not {}", node.kind()))),
        }
    }
    values
}

/// Objects to what is not the ARN of one role: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
fn role(text: &str) -> Result<(), String> {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, "iam", "", owner, resource]
            if partition.starts_with("aws")
                && account(owner).is_ok()
                && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty() && !name.contains(['*', '?'])) =>
        {
            Ok(())
        }
        _ => Err(format!("`{text}` is not a role's ARN, such as arn:aws:iam::123456789012:role/Name")),
    }
}

fn not_empty(text: &str) -> Result<(), String> {
    if text.is_empty() { Err("an empty string matches nothing".to_owned()) } else { Ok(()) }
}

/// Whether what is under `key` is true.
fn flag(fields: Fields<'_>, key: &str, out: &mut Vec<Complaint>) -> bool {
    let Some(node) = fields.get(key) else { return false };
    let Value::Bool(value) = node.value else {
        out.push(Complaint::new(node.span, format!("`{key}` should be true or false, not {}", node.kind())));
        return false;
    };
    value
}

/// The members of the mapping under `key`, whose keys are the user's.
fn mapping<'n>(fields: Fields<'n>, key: &str, out: &mut Vec<Complaint>) -> &'n [Entry] {
    let Some(node) = fields.get(key) else { return &[] };
    if !node.is_map() {
        out.push(Complaint::new(node.span, format!("`{key}` should be a mapping, not {}", node.kind())));
    }
    node.entries()
}

/// The strings under `key` to which `check` has no objection.
fn checked(fields: Fields<'_>, key: &str, check: fn(&str) -> Result<(), String>, out: &mut Vec<Complaint>) -> Vec<String> {
    let mut texts = fields.texts(key, out);
    texts.retain(|(node, text)| check(text).map_err(|message| out.push(Complaint::new(node.span, message))).is_ok());
    texts.into_iter().map(|(_, text)| text.to_owned()).collect()
}

/// The patterns for files under `key`, which must be there, and where they stand.
fn patterns(fields: Fields<'_>, key: &str, out: &mut Vec<Complaint>) -> Option<Vec<(Span, String)>> {
    fields.need(key, out)?;
    fields.not_empty(key, out);
    let mut patterns = Vec::new();
    for (node, text) in fields.texts(key, out) {
        match pattern(text) {
            Ok(()) => patterns.push((node.span, text.to_owned())),
            Err(message) => out.push(Complaint::new(node.span, message)),
        }
    }
    Some(patterns)
}

/// The word under `key`, which must be one of `T`'s.
fn choice<T: ValueEnum>(fields: Fields<'_>, key: &str, out: &mut Vec<Complaint>) -> Option<T> {
    word(key, fields.get(key)?, out)
}

/// The word that `node`, the value of `key`, should be.
fn word<T: ValueEnum>(key: &str, node: &Node, out: &mut Vec<Complaint>) -> Option<T> {
    let word = text(key, node, out)?;
    let found = T::from_str(word, false).ok();
    if found.is_none() {
        let words: Vec<_> =
            T::value_variants().iter().filter_map(|known| Some(known.to_possible_value()?.get_name().to_owned())).collect();
        out.push(Complaint::new(node.span, format!("`{key}` should be one of {}, not `{word}`", words.join(", "))));
    }
    found
}

#[cfg(test)]
mod tests;
