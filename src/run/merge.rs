//! One list of findings out of what each pass found, each with the values it takes.

use super::deployments::Deployments;
use super::passes::Pass;
use super::variants::{Variant, Variants};
use crate::finding::{BucketRef, Finding, Severity};
use crate::source::{FileId, Span};
use std::collections::{BTreeMap, BTreeSet};

/// What was found by default.
pub(super) struct Usually {
    pub(super) findings: Vec<Finding>,
    pub(super) touched: Touched,
    /// Where each of the buckets is declared, or named where no template declares it.
    pub(super) homes: BTreeSet<Span>,
}

/// The buckets there are by default, and every file that is asked about each.
pub(super) struct Touched {
    files: Vec<BTreeSet<FileId>>,
    places: BTreeMap<BucketRef, usize>,
}

impl Touched {
    pub(super) fn new(all: impl Iterator<Item = (BucketRef, BTreeSet<FileId>)>) -> Self {
        let all: BTreeMap<BucketRef, BTreeSet<FileId>> = all.collect();
        let places = all.keys().enumerate().map(|(at, bucket)| (bucket.clone(), at)).collect();
        Self { files: all.into_values().collect(), places }
    }

    /// The place of a bucket among them, and its files.
    pub(super) fn get(&self, bucket: &BucketRef) -> Option<(usize, &BTreeSet<FileId>)> {
        let at = *self.places.get(bucket)?;
        Some((at, &self.files[at]))
    }
}

/// What one pass found.
#[derive(Default)]
pub(super) struct Seen {
    /// Those on buckets that are not `told`.
    pub(super) findings: Vec<Finding>,
    /// The buckets there are, and every file that is asked about each, but those of which that is `same`.
    pub(super) touched: BTreeMap<BucketRef, BTreeSet<FileId>>,
    /// The buckets that are there as by default, asked about by the same files: by their place there.
    pub(super) same: BTreeSet<usize>,
    /// The buckets of which all is found that is found by default.
    pub(super) told: BTreeSet<usize>,
    /// Where those of the buckets are declared, or named, that are not there by default.
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
    fn of(default: &'f Usually, seen: impl Iterator<Item = &'f Seen> + Clone) -> Self {
        let buckets = seen.clone().flat_map(|seen| seen.touched.keys()).chain(default.touched.places.keys());
        let declared = buckets.filter(|bucket| bucket.logical_id.is_some());
        let declared = declared.filter_map(|bucket| Some((bucket.name.as_deref()?, bucket))).collect();
        Self { declared, homes: seen.flat_map(|seen| &seen.homes).chain(&default.homes).copied().collect() }
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
    /// The files that are asked about a bucket, if it is there.
    pub(super) fn files<'f>(&'f self, bucket: &BucketRef, default: &'f Touched) -> Option<&'f BTreeSet<FileId>> {
        let same = || default.get(bucket).filter(|(at, _)| self.same.contains(at)).map(|(_, files)| files);
        self.touched.get(bucket).or_else(same)
    }
}

/// The files where labels of a finding stand.
fn places(finding: &Finding) -> BTreeSet<FileId> {
    std::iter::once(&finding.primary).chain(&finding.related).map(|label| label.span.file).collect()
}

/// What was found by default, by what findings have in common.
struct Index<'f> {
    known: Known<'f>,
    default: &'f Usually,
    /// By what a bucket is known as, its places by default.
    buckets: BTreeMap<(&'f str, Option<&'f str>), Vec<usize>>,
    /// For each finding, the places of the buckets that are found to have it.
    findings: BTreeMap<Identity<'f>, BTreeSet<usize>>,
}

impl<'f> Index<'f> {
    fn of(default: &'f Usually, seen: impl Iterator<Item = &'f Seen> + Clone) -> Self {
        let known = Known::of(default, seen);
        let mut buckets: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (bucket, at) in &default.touched.places {
            buckets.entry(known.known_as(bucket)).or_default().push(*at);
        }
        let mut findings: BTreeMap<Identity<'_>, BTreeSet<usize>> = BTreeMap::new();
        for finding in &default.findings {
            let place = finding.bucket.as_ref().and_then(|bucket| default.touched.get(bucket)).map(|(at, _)| at);
            findings.entry(known.identity(finding)).or_default().extend(place);
        }
        Self { known, default, buckets, findings }
    }

    /// The places by default of the buckets that a bucket is taken for.
    fn alike(&self, bucket: &'f BucketRef) -> &[usize] {
        self.buckets.get(&self.known.known_as(bucket)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The files that are asked about a finding by default.
    fn usually(&self, finding: &'f Finding) -> BTreeSet<FileId> {
        let mut out = places(finding);
        if let Some(bucket) = &finding.bucket {
            let touched = &self.default.touched;
            let files = touched.get(bucket).map(|(_, files)| files);
            out.extend(files.or_else(|| Some(&touched.files[*self.alike(bucket).first()?])).into_iter().flatten());
        }
        out
    }

    /// The files that are asked about a finding in a pass.
    fn concerned(&self, seen: &'f Seen, finding: &'f Finding) -> BTreeSet<FileId> {
        let mut out = places(finding);
        if let Some(bucket) = &finding.bucket {
            let is = |other: &BucketRef| self.known.known_as(other) == self.known.known_as(bucket);
            let changed = || seen.touched.iter().find(|(other, _)| is(other)).map(|(_, files)| files);
            let same = || self.alike(bucket).iter().find(|at| seen.same.contains(at)).map(|at| &self.default.touched.files[*at]);
            let files = seen.files(bucket, &self.default.touched).or_else(changed).or_else(same);
            out.extend(files.into_iter().flatten());
        }
        out
    }

    /// What becomes in a pass, of which `present` was found, of a finding by default.
    fn held(&self, finding: &'f Finding, seen: &'f Seen, present: &BTreeSet<Identity<'f>>) -> Held {
        let identity = self.known.identity(finding);
        let told = || self.findings.get(&identity).is_some_and(|places| places.iter().any(|at| seen.told.contains(at)));
        if present.contains(&identity) || told() {
            return Held::Yes;
        }
        let Some(bucket) = &finding.bucket else { return Held::No };
        let there = self.alike(bucket).iter().any(|at| seen.same.contains(at))
            || seen.touched.keys().any(|other| self.known.known_as(other) == self.known.known_as(bucket));
        if there { Held::No } else { Held::Moot }
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
    pub(super) fn findings(&self, default: &Usually) -> Vec<Finding> {
        let index = Index::of(default, self.passes.iter().map(|(_, seen)| seen));
        let findings = self.passes.iter().map(|(_, seen)| &seen.findings);
        let present = findings.map(|found| found.iter().map(|finding| index.known.identity(finding)).collect());
        let present: Vec<BTreeSet<Identity<'_>>> = present.collect();
        let mut others: BTreeMap<Identity<'_>, Vec<(&Pass<'_>, &Seen, &Finding)>> = BTreeMap::new();
        let mut gravest: BTreeMap<(Identity<'_>, &str), Severity> = BTreeMap::new();
        for (pass, seen) in &self.passes {
            let settled = pass.variants.iter().any(|variant| self.settled.contains(&variant.file));
            for finding in &seen.findings {
                let identity = index.known.identity(finding);
                if !settled {
                    let most = gravest.entry((identity, &finding.message)).or_insert(finding.severity);
                    *most = (*most).max(finding.severity);
                }
                if !index.findings.contains_key(&identity) {
                    others.entry(identity).or_default().push((pass, seen, finding));
                }
            }
        }
        let others = others.values().filter_map(|found| self.elsewhere(found, &index));
        let told = default.findings.iter().map(|finding| {
            let passes = self.passes.iter().zip(&present);
            let held: Vec<Held> = passes.map(|((_, seen), present)| index.held(finding, seen, present)).collect();
            let files = self.decisive(finding, &held, &index).into_iter().filter(|_| !(self.is_fixed)(&finding.rule));
            let mut when: Vec<(String, String)> = Vec::new();
            for taken in files.flat_map(|file| self.takes(file, &held)) {
                // what a template passes on to a nested stack is told once
                if !when.contains(&taken) {
                    when.push(taken);
                }
            }
            // a bucket that is shared under some values is meant to be
            let graver = gravest.get(&(index.known.identity(finding), &finding.message));
            let severity = graver.map_or(finding.severity, |graver| finding.severity.max(*graver));
            Finding { when, severity, ..finding.clone() }
        });
        told.chain(others).collect()
    }

    /// The templates whose values a finding that holds by default may take: where these are others, it does not hold.
    fn decisive<'f>(&'f self, finding: &'f Finding, held: &[Held], index: &Index<'f>) -> BTreeSet<FileId> {
        let mut out = BTreeSet::new();
        for ((pass, seen), _) in self.passes.iter().zip(held).filter(|(_, held)| **held == Held::No) {
            let mut files = index.usually(finding);
            files.extend(index.concerned(seen, finding));
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
    fn elsewhere<'f>(&'f self, found: &[(&Pass<'_>, &'f Seen, &'f Finding)], index: &Index<'f>) -> Option<Finding> {
        let concerned = found.iter().flat_map(|(pass, seen, finding)| {
            let mut files = index.concerned(seen, finding);
            files.extend(index.usually(finding));
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
