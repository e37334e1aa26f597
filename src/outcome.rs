//! What one run found out, as plain data for any report to print.

use crate::date::Date;
use crate::finding::{BucketRef, Finding, Label};
use crate::iam::witness::Witness;
use crate::source::{Sources, Span};
use crate::syntax::node::Node;
use std::collections::{BTreeMap, BTreeSet};

/// Everything a report may say about one run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The texts that spans point into.
    pub sources: Sources,
    /// What files are called however their paths are spelt, by their path as shown, where that is something else.
    pub identities: BTreeMap<String, String>,
    /// What was looked at and how much was found.
    pub summary: Summary,
    /// The findings in report order.
    pub findings: Vec<Finding>,
    /// Every bucket seen, in source order.
    pub buckets: Vec<BucketReport>,
    /// Every bucket there is for some values of the parameters, as it is called then.
    pub known: BTreeSet<BucketRef>,
    /// What was found but is not reported, in report order.
    pub dismissed: Vec<Dismissed>,
    /// The resources of all templates, by where they are written.
    pub resources: Resources,
    /// Whether something could not be looked at, so that what is not found may be there all the same.
    pub partial: bool,
    /// What a baseline came to, where there is one.
    pub baseline: Option<Baseline>,
    /// For each rule that is on, how many subjects it judged in the deployment where those were most.
    pub considered: BTreeMap<String, usize>,
    /// The tree that rules select over, where it was asked for.
    pub facts: Option<Node>,
}

/// A finding that is not reported.
#[derive(Clone, Debug)]
pub struct Dismissed {
    /// The finding.
    pub finding: Finding,
    /// What keeps it out of the report.
    pub by: Dismissal,
}

/// Why a finding is not reported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dismissal {
    /// A suppression.
    Allowed {
        /// Where that is written in a linted file; none for one of the settings.
        place: Option<Span>,
        /// The reason it gives.
        reason: Option<String>,
        /// The last day it holds.
        until: Option<Date>,
    },
    /// The baseline has it.
    Known,
}

/// What a baseline came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Baseline {
    /// Its path as shown.
    pub path: String,
    /// How many of its findings are there no more.
    pub fixed: usize,
    /// Whether it was written by this run.
    pub written: bool,
}

/// Where the resources of templates are written.
#[derive(Clone, Debug, Default)]
pub struct Resources(Vec<(Span, String)>);

impl Resources {
    /// Takes where each is written and its logical ID.
    pub fn new(mut all: Vec<(Span, String)>) -> Self {
        all.sort();
        Self(all)
    }

    /// The logical ID of the resource in which a place lies.
    pub fn at(&self, place: Span) -> Option<&str> {
        let before = self.0.partition_point(|(span, _)| (span.file, span.start) <= (place.file, place.start));
        let (span, id) = self.0[..before].last()?;
        (span.file == place.file && place.start < span.end).then_some(id.as_str())
    }
}

impl Outcome {
    /// Leaves out the findings that neither lie in one of the `wanted` files, by path as shown, nor are explained by a place
    /// in one.
    pub fn narrow(&mut self, wanted: &dyn Fn(&str) -> bool) {
        let sources = &self.sources;
        let files: BTreeMap<&str, bool> = self.sources.iter().map(|(_, source)| (&*source.path, wanted(&source.path))).collect();
        let is_of = |path: &str| files.get(path) == Some(&true);
        let is_in = |label: &Label| is_of(&sources.get(label.span.file).path);
        let declared = |bucket: &BucketRef| is_of(&bucket.file);
        let concerned = |finding: &Finding| {
            is_in(&finding.primary) || finding.related.iter().any(is_in) || finding.buckets.iter().any(declared)
        };
        let before = self.findings.len();
        self.findings.retain(concerned);
        self.dismissed.retain(|dismissed| concerned(&dismissed.finding));
        self.summary.hidden = before - self.findings.len();
    }

    /// How many findings a suppression keeps out of the report, and how many the baseline.
    pub fn dismissals(&self) -> (usize, usize) {
        let known = self.dismissed.iter().filter(|dismissed| dismissed.by == Dismissal::Known).count();
        (self.dismissed.len() - known, known)
    }
}

/// Counts and settings of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Files read as ours or named on the command line.
    pub files: usize,
    /// CloudFormation templates among them.
    pub templates: usize,
    /// Buckets seen.
    pub buckets: usize,
    /// Buckets that were judged.
    pub in_scope: usize,
    /// Bucket policies seen.
    pub policies: usize,
    /// Trails seen.
    pub trails: usize,
    /// Ways to deploy the templates that were looked at, each template's own counted.
    pub scenarios: usize,
    /// Findings that are not reported because they have nothing to do with the changed files.
    pub hidden: usize,
    /// The control accounts judged for, twelve digits each.
    pub control_accounts: Vec<String>,
    /// How the control account became known, where it was not given; names what to pass where it is not known.
    pub account_note: Option<String>,
    /// The profile's name.
    pub profile: String,
    /// What keeps some of it from being checked, or has it checked otherwise.
    pub altered: Altered,
}

/// What the files of a repository do to the checks of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Altered {
    /// The settings file, by path as shown, if there is one.
    pub settings: Option<String>,
    /// Rules that are off.
    pub off: Vec<String>,
    /// Rules that are replaced, and the files that do so, by path as shown.
    pub replaced: Vec<(String, String)>,
    /// Files that look like ours and are tracked by git, but hidden by ignore files, by path as shown.
    pub ignored: Vec<String>,
}

/// What is known of one bucket.
#[derive(Clone, Debug, Default)]
pub struct BucketReport {
    /// Which bucket.
    pub bucket: BucketRef,
    /// Whether it was judged.
    pub in_scope: bool,
    /// Why it was judged or left out.
    pub reason: String,
    /// Whether it is shared with a control account, or meant to be.
    pub shared: bool,
    /// What shows that, or that nothing does.
    pub shared_reason: String,
    /// The declared `ObjectOwnership`, `missing` or `unknown`.
    pub ownership: String,
    /// One line for each required action (and control account, where there are several).
    pub access: Vec<AccessLine>,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
    /// What CloudTrail logs of the bucket's object-level events.
    pub coverage: CoverageLine,
}

/// The verdict on one required action.
#[derive(Clone, Debug)]
pub struct AccessLine {
    /// For example `s3:GetObject`.
    pub action: String,
    /// The control account judged for.
    pub account: String,
    /// `granted`, `denied`, `conditional`, `wrong-principal`, `wrong-resource`, `missing` or `unresolved`.
    pub verdict: &'static str,
    /// The place that decides it.
    pub span: Option<Span>,
    /// A request that is refused.
    pub witness: Option<Witness>,
}

/// How far trails log a bucket's object-level events: `full`, `partial`, `none` or `unknown` each.
#[derive(Clone, Debug, Default)]
pub struct CoverageLine {
    /// Read events such as GetObject.
    pub read: &'static str,
    /// Write events such as PutObject.
    pub write: &'static str,
    /// The trails that log any of it.
    pub trails: Vec<String>,
}
