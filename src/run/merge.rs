//! One list of findings out of what each pass found, each with the values it takes.

use super::deployments::{Deployments, Pass};
use crate::finding::{BucketRef, Finding, Severity};
use crate::source::{FileId, Span};
use std::collections::{BTreeMap, BTreeSet};

/// What one pass found.
pub(super) struct Seen {
    pub(super) findings: Vec<Finding>,
    /// The buckets there are, and every file that has a say on each.
    pub(super) touched: BTreeMap<BucketRef, BTreeSet<FileId>>,
}

/// What makes two findings the same under different values: the text may name a bucket by a parameter's value.
type Identity<'f> = (Span, &'f str, Option<(&'f str, Option<&'f str>)>, Option<&'f str>, &'f [String]);

fn identity(finding: &Finding) -> Identity<'_> {
    let bucket = finding.bucket.as_ref().map(|bucket| (bucket.file.as_str(), known_as(bucket)));
    (finding.primary.span, &finding.rule, bucket, finding.principal.as_deref(), &finding.actions)
}

/// The logical ID before the name, which may depend on parameters.
fn known_as(bucket: &BucketRef) -> Option<&str> {
    bucket.logical_id.as_deref().or(bucket.name.as_deref())
}

impl Seen {
    /// The files that have a say on a finding.
    fn concerned(&self, finding: &Finding) -> BTreeSet<FileId> {
        let places = std::iter::once(&finding.primary).chain(&finding.related).map(|label| label.span.file);
        let bucket = finding.bucket.as_ref().and_then(|bucket| self.touched.get(bucket));
        places.chain(bucket.into_iter().flatten().copied()).collect()
    }

    /// Whether what a finding is about is there at all.
    fn has_subject(&self, finding: &Finding) -> bool {
        let Some(bucket) = &finding.bucket else { return true };
        self.touched.keys().any(|other| other.file == bucket.file && known_as(other) == known_as(bucket))
    }
}

/// Everything that was found, by default and in the passes.
pub(super) struct Merge<'r> {
    pub(super) deployments: &'r Deployments,
    pub(super) passes: Vec<(Pass, Seen)>,
    /// Files whose parameter values were given: what takes others is less grave.
    pub(super) settled: BTreeSet<FileId>,
    /// Whether a rule's findings are the same under all values.
    pub(super) is_fixed: &'r dyn Fn(&str) -> bool,
}

impl Merge<'_> {
    /// Every finding once, with the values it takes where it does not hold under all.
    pub(super) fn findings(&self, mut default: Seen) -> Vec<Finding> {
        let mut found = std::mem::take(&mut default.findings);
        let present: Vec<BTreeSet<Identity<'_>>> =
            self.passes.iter().map(|(_, seen)| seen.findings.iter().map(identity).collect()).collect();
        let mut others: BTreeMap<Identity<'_>, Finding> = BTreeMap::new();
        {
            let known: BTreeSet<Identity<'_>> = found.iter().map(identity).collect();
            for (pass, seen) in &self.passes {
                for finding in seen.findings.iter().filter(|finding| !known.contains(&identity(finding))) {
                    let Some(made) = self.elsewhere(pass, seen, finding) else { continue };
                    let better = others.get(&identity(finding)).is_none_or(|other| made.when.len() < other.when.len());
                    if better {
                        others.insert(identity(finding), made);
                    }
                }
            }
        }
        for finding in found.iter_mut().filter(|finding| !(self.is_fixed)(&finding.rule)) {
            let files = default.concerned(finding);
            finding.when = files.into_iter().flat_map(|file| self.takes(file, finding, &present)).collect();
        }
        found.extend(others.into_values());
        found
    }

    /// What `finding`, which holds by default, takes of the parameters of `file`: nothing if it holds whatever they are.
    fn takes(&self, file: FileId, finding: &Finding, present: &[BTreeSet<Identity<'_>>]) -> Vec<(String, String)> {
        let mut holds = vec![0];
        let mut always = true;
        for ((pass, seen), present) in self.passes.iter().zip(present) {
            let Some(&number) = pass.varied.get(&file) else { continue };
            if present.contains(&identity(finding)) {
                holds.push(number);
            } else if seen.has_subject(finding) {
                always = false;
            }
        }
        if always {
            return Vec::new();
        }
        let shortest = holds.into_iter().map(|number| self.deployments.when(file, number)).min_by_key(Vec::len);
        shortest.unwrap_or_default()
    }

    /// A finding of a pass that does not hold by default; `None` if it has nothing to do with what is varied.
    fn elsewhere(&self, pass: &Pass, seen: &Seen, finding: &Finding) -> Option<Finding> {
        let files = seen.concerned(finding);
        let varied: Vec<FileId> = pass.varied.keys().filter(|file| files.contains(file)).copied().collect();
        let mut finding = finding.clone();
        finding.when = varied.iter().flat_map(|file| self.deployments.when(*file, pass.varied[file])).collect();
        if varied.iter().any(|file| self.settled.contains(file)) {
            finding.severity = lowered(finding.severity);
        }
        (!varied.is_empty()).then_some(finding)
    }
}

/// One level less grave.
fn lowered(severity: Severity) -> Severity {
    let at = Severity::ALL.iter().position(|(level, _)| *level == severity).unwrap_or(0);
    Severity::ALL[at.saturating_sub(1)].0
}
