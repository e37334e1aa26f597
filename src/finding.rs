//! What a rule reports: one root cause, on one exact place.

use crate::source::Span;
use std::fmt;

mod copies;
mod explained;

pub use copies::join;

/// How bad a finding is. Ordered: `Note < Warning < Error`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth knowing; nothing is broken by it alone.
    Note,
    /// May break, or cannot be shown to work.
    Warning,
    /// Will not work when deployed.
    Error,
}

impl Severity {
    /// Every level, mildest first, with the word used in rule files, flags and output.
    pub const ALL: [(Severity, &'static str); 3] = [(Self::Note, "note"), (Self::Warning, "warning"), (Self::Error, "error")];

    /// The level called `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(level, _)| level)
    }

    /// The word for this level.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place with a few words.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there.
    pub message: String,
}

/// The bucket a finding is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct BucketRef {
    /// Display path of the file that declares or first names it.
    pub file: String,
    /// The resource's logical ID; none where only a policy document or event selector names the bucket.
    pub logical_id: Option<String>,
    /// The bucket name where it is known.
    pub name: Option<String>,
    /// The path of the CDK construct that makes it.
    pub construct: Option<String>,
    /// The nested stack that deploys the template: `Data in parent.yaml`.
    pub nested: Option<String>,
}

/// A concrete request that shows a finding to be true.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Witness {
    /// For example `s3:PutObject`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
    /// ARN of the caller's role or user; `*` for a request without credentials.
    pub principal: String,
    /// ARN of the session, where a policy tells sessions apart.
    pub session: Option<String>,
    /// Condition keys that matter with their values; no value means that the request does not carry the key.
    pub context: Vec<(String, Vec<String>)>,
    /// Those of its condition keys that make the difference, which the sentence names.
    pub deciding: Vec<String>,
    /// The number of the statement that denies it; none where no statement allows it.
    pub statement: Option<usize>,
}

/// Condition keys whose values are shared secrets where they protect anything: reports do not repeat them.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
pub const SECRET_KEYS: [&str; 2] = ["aws:Referer", "aws:UserAgent"];

/// Whether reports do not repeat the values of a condition key, in any case.
pub fn is_secret(key: &str) -> bool {
    SECRET_KEYS.iter().any(|secret| secret.eq_ignore_ascii_case(key))
}

/// What reports have in place of a secret.
pub const MASK: &str = "***";

/// `s3:PutObject on arn:… by arn:… with no aws:SourceVpce is denied by statement 3`.
impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {} by {}", self.action, self.resource, self.session.as_ref().unwrap_or(&self.principal))?;
        let told = self.context.iter().filter(|(key, _)| self.deciding.contains(key));
        for (number, (key, values)) in told.enumerate() {
            f.write_str(if number == 0 { " with " } else { " and " })?;
            match values.is_empty() {
                true => write!(f, "no {key}")?,
                false if is_secret(key) => write!(f, "{key} = {MASK}")?,
                false => write!(f, "{key} = {}", values.join(", "))?,
            }
        }
        match self.statement {
            Some(number) => write!(f, " is denied by statement {number}"),
            None => f.write_str(" is allowed by no statement"),
        }
    }
}

/// One reported root cause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The rule's id, for example `policy/missing-actions`.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Why it matters and what to write instead, ready to paste; may have several lines.
    pub help: Option<String>,
    /// The exact node to change, with a few words.
    pub primary: Label,
    /// Further places, in any file, that explain the finding.
    pub related: Vec<Label>,
    /// The bucket it concerns.
    pub bucket: Option<BucketRef>,
    /// The S3 actions it concerns, in the profile's order.
    pub actions: Vec<String>,
    /// The principal it concerns.
    pub principal: Option<String>,
    /// A request that shows it.
    pub witness: Option<Witness>,
    /// The template parameters it takes, with their values or `not X`; empty if it holds whatever they are.
    pub when: Vec<(String, String)>,
}

impl Finding {
    /// A finding of nothing but a place.
    pub fn new(rule: impl Into<String>, severity: Severity, message: impl Into<String>, primary: Label) -> Self {
        Self {
            rule: rule.into(),
            severity,
            message: message.into(),
            help: None,
            primary,
            related: Vec::new(),
            bucket: None,
            actions: Vec::new(),
            principal: None,
            witness: None,
            when: Vec::new(),
        }
    }

    /// What is wrong, and under which parameter values: `…, when Access = PublicRead`.
    pub fn headline(&self) -> String {
        if self.when.is_empty() {
            return self.message.clone();
        }
        format!("{}, when {}", self.message, settings(&self.when))
    }
}

/// Parameters with their values in a sentence: `Access = PublicRead and Env is not dev or test`.
pub fn settings(when: &[(String, String)]) -> String {
    let each = when.iter().map(|(name, value)| match value.as_str() {
        "" => format!("{name} is empty"),
        value if value.starts_with("not ") || value == "anything" => format!("{name} is {value}"),
        value => format!("{name} = {value}"),
    });
    each.collect::<Vec<_>>().join(" and ")
}

/// Puts findings in their one order, and drops exact repetitions and what others explain.
pub fn settle(findings: &mut Vec<Finding>) {
    fn key(finding: &Finding) -> (Span, &str, &str, &Option<BucketRef>) {
        (finding.primary.span, &finding.rule, &finding.message, &finding.bucket)
    }
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
    findings.dedup_by(|a, b| key(a) == key(b));
    explained::drop_explained(findings);
}
