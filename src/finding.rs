//! What a rule reports: one root cause, on one exact place.

use crate::edit::{Applicability, Fix};
use crate::iam::witness::Witness;
use crate::source::Span;

mod absorb;
mod copies;
mod explained;
mod gather;

pub use absorb::absorb;
pub use copies::join;
pub use gather::{COUNT, Cause, ITEMS, NAMES, gather};

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

/// What a finding says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Claim {
    /// Something is wrong.
    Wrong,
    /// Something cannot be told.
    Doubt,
    /// Its rule could not be judged.
    Undecided,
    /// Something is such that other things cannot be told.
    Reason,
}

/// One reported root cause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The rule's id, for example `policy/missing-actions`.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// What it says.
    pub claim: Claim,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Why it matters and what to write instead, ready to paste; may have several lines.
    pub help: Option<String>,
    /// The same as changes to files, where it can be told to the byte.
    pub fix: Option<Fix>,
    /// The exact node to change, with a few words.
    pub primary: Label,
    /// Further places, in any file, that explain the finding.
    pub related: Vec<Label>,
    /// Where the value at its place is used, if that is elsewhere; these are among the related places.
    pub used: Vec<Span>,
    /// The bucket it concerns; the first of several.
    pub bucket: Option<BucketRef>,
    /// The buckets it concerns, where it is one finding for several.
    pub buckets: Vec<BucketRef>,
    /// The S3 actions it concerns, in the profile's order.
    pub actions: Vec<String>,
    /// The principal it concerns.
    pub principal: Option<String>,
    /// A request that shows it.
    pub witness: Option<Witness>,
    /// The template parameters it takes, with their values or `not X`; empty if it holds whatever they are.
    pub when: Vec<(String, String)>,
    /// What it has in common with others, if it may be told together with them.
    pub cause: Option<Box<Cause>>,
    /// Whether findings under other values that are a part of it are told with it.
    pub absorbs: bool,
}

impl Finding {
    /// A finding of nothing but a place.
    pub fn new(rule: impl Into<String>, severity: Severity, message: impl Into<String>, primary: Label) -> Self {
        Self {
            rule: rule.into(),
            severity,
            claim: Claim::Wrong,
            message: message.into(),
            help: None,
            fix: None,
            primary,
            related: Vec::new(),
            used: Vec::new(),
            bucket: None,
            buckets: Vec::new(),
            actions: Vec::new(),
            principal: None,
            witness: None,
            when: Vec::new(),
            cause: None,
            absorbs: false,
        }
    }

    /// What is wrong, and under which parameter values: `…, when Access = PublicRead`.
    pub fn headline(&self) -> String {
        self.values().map_or_else(|| self.message.clone(), |values| format!("{}, {values}", self.message))
    }

    /// Under which parameter values it holds, where that is not always.
    fn values(&self) -> Option<String> {
        // what may be anything tells nothing
        let told: Vec<_> = self.when.iter().filter(|(_, value)| value != "anything").cloned().collect();
        match told.as_slice() {
            _ if self.when.is_empty() => None,
            [] => Some("in some of the ways to deploy it".into()),
            told => Some(format!("when {}", settings(told))),
        }
    }
}

/// How many findings can be mended safely, and how many in a way that somebody has to want.
pub fn mendable<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> (usize, usize) {
    let kinds = findings.into_iter().filter_map(|finding| Some(finding.fix.as_ref()?.applicability));
    let (safe, other): (Vec<_>, Vec<_>) = kinds.partition(|kind| *kind == Applicability::Safe);
    (safe.len(), other.len())
}

/// Parameters with their values in a sentence: `Access = PublicRead and Env is not dev or test`.
pub fn settings(when: &[(String, String)]) -> String {
    let each = when.iter().map(|(name, value)| match value.as_str() {
        "" => format!("{name} is empty"),
        value if value.starts_with("not ") => format!("{name} is {value}"),
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
