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

/// Buckets that are declared under some values, by name: under others only a policy may name them.
struct Declared<'f>(BTreeMap<&'f str, &'f BucketRef>);

impl<'f> Declared<'f> {
    fn of(seen: impl Iterator<Item = &'f Seen>) -> Self {
        let buckets = seen.flat_map(|seen| seen.touched.keys()).filter(|bucket| bucket.logical_id.is_some());
        Self(buckets.filter_map(|bucket| Some((bucket.name.as_deref()?, bucket))).collect())
    }

    /// The logical ID goes before the name, which may depend on parameters.
    fn known_as(&self, bucket: &'f BucketRef) -> (&'f str, Option<&'f str>) {
        let named = bucket.name.as_deref().filter(|_| bucket.logical_id.is_none());
        let bucket = named.and_then(|name| self.0.get(name).copied()).unwrap_or(bucket);
        (&bucket.file, bucket.logical_id.as_deref().or(bucket.name.as_deref()))
    }

    fn identity(&self, finding: &'f Finding) -> Identity<'f> {
        let bucket = finding.bucket.as_ref().map(|bucket| self.known_as(bucket));
        (finding.primary.span, &finding.rule, bucket, finding.principal.as_deref(), &finding.actions)
    }
}

impl Seen {
    fn identities<'f>(&'f self, declared: &Declared<'f>) -> BTreeSet<Identity<'f>> {
        self.findings.iter().map(|finding| declared.identity(finding)).collect()
    }

    /// The files that have a say on a finding.
    fn concerned(&self, finding: &Finding) -> BTreeSet<FileId> {
        let places = std::iter::once(&finding.primary).chain(&finding.related).map(|label| label.span.file);
        let bucket = finding.bucket.as_ref().and_then(|bucket| self.touched.get(bucket));
        places.chain(bucket.into_iter().flatten().copied()).collect()
    }

    /// Whether what a finding is about is there at all.
    fn has_subject<'f>(&'f self, finding: &'f Finding, declared: &Declared<'f>) -> bool {
        let Some(bucket) = &finding.bucket else { return true };
        self.touched.keys().any(|other| declared.known_as(other) == declared.known_as(bucket))
    }
}

/// Whether a finding was found again in a pass.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Yes,
    No,
    /// What it is about is not there.
    Moot,
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
    pub(super) fn findings(&self, default: &Seen) -> Vec<Finding> {
        let declared = Declared::of(self.passes.iter().map(|(_, seen)| seen).chain([default]));
        let identities = |seen| Seen::identities(seen, &declared);
        let present: Vec<BTreeSet<Identity<'_>>> = self.passes.iter().map(|(_, seen)| identities(seen)).collect();
        let known = identities(default);
        let mut others: BTreeMap<Identity<'_>, Vec<(&Pass, &Seen, &Finding)>> = BTreeMap::new();
        for (pass, seen) in &self.passes {
            for finding in &seen.findings {
                let identity = declared.identity(finding);
                if !known.contains(&identity) {
                    others.entry(identity).or_default().push((pass, seen, finding));
                }
            }
        }
        let others = others.values().filter_map(|found| self.elsewhere(found));
        let held = |finding: &Finding, (seen, present): (&Seen, &BTreeSet<Identity<'_>>)| match finding {
            finding if present.contains(&declared.identity(finding)) => Held::Yes,
            finding if seen.has_subject(finding, &declared) => Held::No,
            _ => Held::Moot,
        };
        let told = default.findings.iter().map(|finding| {
            let held: Vec<Held> =
                self.passes.iter().map(|(_, seen)| seen).zip(&present).map(|pass| held(finding, pass)).collect();
            let files = default.concerned(finding).into_iter().filter(|_| !(self.is_fixed)(&finding.rule));
            let mut when: Vec<(String, String)> = Vec::new();
            for taken in files.flat_map(|file| self.takes(file, &held)) {
                // what a template passes on to a nested stack is told once
                if !when.contains(&taken) {
                    when.push(taken);
                }
            }
            Finding { when, ..finding.clone() }
        });
        told.chain(others).collect()
    }

    /// What a finding that holds by default takes of the parameters of `file`: nothing if it holds whatever they are.
    /// `held` tells for each pass.
    fn takes(&self, file: FileId, held: &[Held]) -> Vec<(String, String)> {
        let passes = self.passes.iter().zip(held).filter_map(|((pass, _), held)| Some((*pass.varied.get(&file)?, *held)));
        let passes: Vec<(usize, Held)> = passes.collect();
        if passes.iter().all(|(_, held)| *held != Held::No) {
            return Vec::new();
        }
        let holds = passes.iter().filter(|(_, held)| *held == Held::Yes).map(|(number, _)| *number);
        self.deployments.smallest(file, &std::iter::once(0).chain(holds).collect())
    }

    /// A finding that does not hold by default, but in some passes; `None` if it has nothing to do with what is varied.
    fn elsewhere(&self, found: &[(&Pass, &Seen, &Finding)]) -> Option<Finding> {
        let mut holds: BTreeMap<FileId, BTreeSet<usize>> = BTreeMap::new();
        for (file, number) in found.iter().flat_map(|(pass, ..)| &pass.varied) {
            holds.entry(*file).or_default().insert(*number);
        }
        let takes: BTreeMap<FileId, Vec<(String, String)>> =
            holds.iter().map(|(file, numbers)| (*file, self.deployments.smallest(*file, numbers))).collect();
        let made = found.iter().filter_map(|(pass, seen, finding)| {
            let files = seen.concerned(finding);
            let varied: Vec<FileId> = pass.varied.keys().filter(|file| files.contains(file)).copied().collect();
            let mut finding =
                Finding { when: varied.iter().flat_map(|file| takes[file].clone()).collect(), ..(*finding).clone() };
            if varied.iter().any(|file| self.settled.contains(file)) {
                finding.severity = lowered(finding.severity);
            }
            (!varied.is_empty()).then_some(finding)
        });
        made.min_by_key(|finding| finding.when.len())
    }
}

/// One level less grave.
fn lowered(severity: Severity) -> Severity {
    let at = Severity::ALL.iter().position(|(level, _)| *level == severity).unwrap_or(0);
    Severity::ALL[at.saturating_sub(1)].0
}
