//! One list of findings out of what each pass found, each with the values it takes.

use super::deployments::Deployments;
use super::passes::Pass;
use super::variants::{Variant, Variants};
use crate::finding::{BucketRef, Finding, Severity};
use crate::source::{FileId, Span};
use std::collections::{BTreeMap, BTreeSet};

/// What one pass found.
pub(super) struct Seen {
    pub(super) findings: Vec<Finding>,
    /// The buckets there are, and every file that is asked about each.
    pub(super) touched: BTreeMap<BucketRef, BTreeSet<FileId>>,
    /// Where each of the buckets is declared, or named where no template declares it.
    pub(super) homes: BTreeSet<Span>,
}

/// What makes two findings the same under different values: the text may name a bucket by a parameter's value, and what is
/// said of a whole bucket is said where a policy names it if it is not declared.
type Identity<'f> = (Option<Span>, &'f str, Option<(&'f str, Option<&'f str>)>, Option<&'f str>, &'f [String]);

/// The buckets of all deployments.
struct Known<'f> {
    /// Those that are declared under some values, by name: under others only a policy may name them.
    declared: BTreeMap<&'f str, &'f BucketRef>,
    homes: BTreeSet<Span>,
}

impl<'f> Known<'f> {
    fn of(seen: impl Iterator<Item = &'f Seen> + Clone) -> Self {
        let buckets = seen.clone().flat_map(|seen| seen.touched.keys()).filter(|bucket| bucket.logical_id.is_some());
        let declared = buckets.filter_map(|bucket| Some((bucket.name.as_deref()?, bucket))).collect();
        Self { declared, homes: seen.flat_map(|seen| &seen.homes).copied().collect() }
    }

    /// The logical ID goes before the name, which may depend on parameters. The name alone makes a bucket that is declared
    /// nowhere: which file names it first may depend on them too.
    fn known_as(&self, bucket: &'f BucketRef) -> (&'f str, Option<&'f str>) {
        let named = bucket.name.as_deref().filter(|_| bucket.logical_id.is_none());
        match named.map(|name| (name, self.declared.get(name))) {
            Some((name, None)) => ("", Some(name)),
            Some((_, Some(declared))) => (&declared.file, declared.logical_id.as_deref()),
            None => (&bucket.file, bucket.logical_id.as_deref()),
        }
    }

    fn identity(&self, finding: &'f Finding) -> Identity<'f> {
        let bucket = finding.bucket.as_ref().map(|bucket| self.known_as(bucket));
        let span = finding.primary.span;
        let span = (bucket.is_none() || !self.homes.contains(&span)).then_some(span);
        // a principal is the same in every partition
        let principal =
            finding.principal.as_deref().map(|arn| match arn.strip_prefix("arn:").and_then(|rest| rest.split_once(':')) {
                Some((_, rest)) => rest,
                None => arn,
            });
        (span, &finding.rule, bucket, principal, &finding.actions)
    }
}

impl Seen {
    fn identities<'f>(&'f self, known: &Known<'f>) -> BTreeSet<Identity<'f>> {
        self.findings.iter().map(|finding| known.identity(finding)).collect()
    }

    /// The files that are asked about a finding.
    fn concerned<'f>(&'f self, finding: &'f Finding, known: &Known<'f>) -> BTreeSet<FileId> {
        let places = std::iter::once(&finding.primary).chain(&finding.related).map(|label| label.span.file);
        let is = |bucket: &&'f BucketRef, other: &'f BucketRef| known.known_as(bucket) == known.known_as(other);
        let files = |bucket| {
            let other = || self.touched.iter().find(|(other, _)| is(&bucket, other)).map(|(_, files)| files);
            self.touched.get(bucket).or_else(other)
        };
        places.chain(finding.bucket.as_ref().and_then(files).into_iter().flatten().copied()).collect()
    }

    /// Whether what a finding is about is there at all.
    fn has_subject<'f>(&'f self, finding: &'f Finding, known: &Known<'f>) -> bool {
        let Some(bucket) = &finding.bucket else { return true };
        self.touched.keys().any(|other| known.known_as(other) == known.known_as(bucket))
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
    pub(super) variants: &'r Variants,
    pub(super) passes: Vec<(Pass<'r>, Seen)>,
    /// Files whose parameter values were given: what takes others is less grave.
    pub(super) settled: BTreeSet<FileId>,
    /// Whether a rule's findings are the same under all values.
    pub(super) is_fixed: &'r dyn Fn(&str) -> bool,
}

impl Merge<'_> {
    /// Every finding once, with the values it takes where it does not hold under all.
    pub(super) fn findings(&self, default: &Seen) -> Vec<Finding> {
        let buckets = Known::of(self.passes.iter().map(|(_, seen)| seen).chain([default]));
        let identities = |seen| Seen::identities(seen, &buckets);
        let present: Vec<BTreeSet<Identity<'_>>> = self.passes.iter().map(|(_, seen)| identities(seen)).collect();
        let known = identities(default);
        let mut others: BTreeMap<Identity<'_>, Vec<(&Pass<'_>, &Seen, &Finding)>> = BTreeMap::new();
        let mut gravest: BTreeMap<(Identity<'_>, &str), Severity> = BTreeMap::new();
        for (pass, seen) in &self.passes {
            let settled = pass.variants.iter().any(|variant| self.settled.contains(&variant.file));
            for finding in &seen.findings {
                let identity = buckets.identity(finding);
                if !settled {
                    let most = gravest.entry((identity, &finding.message)).or_insert(finding.severity);
                    *most = (*most).max(finding.severity);
                }
                if !known.contains(&identity) {
                    others.entry(identity).or_default().push((pass, seen, finding));
                }
            }
        }
        let others = others.values().filter_map(|found| self.elsewhere(found, default, &buckets));
        let held = |finding: &Finding, (seen, present): (&Seen, &BTreeSet<Identity<'_>>)| match finding {
            finding if present.contains(&buckets.identity(finding)) => Held::Yes,
            finding if seen.has_subject(finding, &buckets) => Held::No,
            _ => Held::Moot,
        };
        let told = default.findings.iter().map(|finding| {
            let held: Vec<Held> =
                self.passes.iter().map(|(_, seen)| seen).zip(&present).map(|pass| held(finding, pass)).collect();
            let files = self.decisive(default, finding, &held, &buckets).into_iter().filter(|_| !(self.is_fixed)(&finding.rule));
            let mut when: Vec<(String, String)> = Vec::new();
            for taken in files.flat_map(|file| self.takes(file, &held)) {
                // what a template passes on to a nested stack is told once
                if !when.contains(&taken) {
                    when.push(taken);
                }
            }
            // a bucket that is shared under some values is meant to be
            let graver = gravest.get(&(buckets.identity(finding), &finding.message));
            let severity = graver.map_or(finding.severity, |graver| finding.severity.max(*graver));
            Finding { when, severity, ..finding.clone() }
        });
        told.chain(others).collect()
    }

    /// The templates whose values a finding that holds by default may take: where these are others, it does not hold.
    fn decisive<'f>(&'f self, default: &'f Seen, finding: &'f Finding, held: &[Held], buckets: &Known<'f>) -> BTreeSet<FileId> {
        let mut out = BTreeSet::new();
        for ((pass, seen), _) in self.passes.iter().zip(held).filter(|(_, held)| **held == Held::No) {
            let mut files = default.concerned(finding, buckets);
            files.extend(seen.concerned(finding, buckets));
            out.extend(pass.concerning(&files).map(|variant| variant.file));
        }
        out
    }

    /// What a finding that holds by default takes of the parameters of `file`: nothing if it holds whatever they are.
    /// `held` tells for each pass.
    fn takes(&self, file: FileId, held: &[Held]) -> Vec<(String, String)> {
        let passes = self.passes.iter().zip(held).filter_map(|((pass, _), held)| Some((pass.number(file)?, *held)));
        let passes: Vec<(usize, Held)> = passes.collect();
        if passes.iter().all(|(_, held)| *held != Held::No) {
            return Vec::new();
        }
        let holds = passes.iter().filter(|(_, held)| *held == Held::Yes).map(|(number, _)| *number);
        self.smallest(file, std::iter::once(0).chain(holds))
    }

    /// The fewest values it takes to come to scenarios that make what these make, and to no others.
    fn smallest(&self, file: FileId, numbers: impl Iterator<Item = usize>) -> Vec<(String, String)> {
        self.deployments.smallest(file, &numbers.flat_map(|number| self.variants.alike(file, number)).collect())
    }

    /// A finding that does not hold by default, but in some passes; `None` if it has nothing to do with what is varied.
    fn elsewhere<'f>(
        &'f self,
        found: &[(&Pass<'_>, &'f Seen, &'f Finding)],
        default: &'f Seen,
        buckets: &Known<'f>,
    ) -> Option<Finding> {
        let concerned = found.iter().flat_map(|(pass, seen, finding)| {
            let mut files = seen.concerned(finding, buckets);
            files.extend(default.concerned(finding, buckets));
            pass.concerning(&files).map(|variant| (variant, *finding)).collect::<Vec<_>>()
        });
        let concerned: Vec<(&Variant, &Finding)> = concerned.collect();
        let mut holds: BTreeMap<FileId, BTreeSet<usize>> = BTreeMap::new();
        for (variant, _) in &concerned {
            holds.entry(variant.file).or_default().insert(variant.number);
        }
        let takes: BTreeMap<FileId, Vec<(String, String)>> =
            holds.into_iter().map(|(file, numbers)| (file, self.smallest(file, numbers.into_iter()))).collect();
        // what shares a pass does not see each other: any one of them brings it about
        let made = concerned.into_iter().map(|(variant, finding)| {
            let settled = self.settled.contains(&variant.file);
            let severity = if settled { lowered(finding.severity) } else { finding.severity };
            Finding { when: takes[&variant.file].clone(), severity, ..finding.clone() }
        });
        made.min_by_key(|finding| finding.when.len())
    }
}

/// One level less grave.
fn lowered(severity: Severity) -> Severity {
    let at = Severity::ALL.iter().position(|(level, _)| *level == severity).unwrap_or(0);
    Severity::ALL[at.saturating_sub(1)].0
}
