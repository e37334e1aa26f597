//! One list of findings out of what each pass found, each with the values it takes.

use super::deployments::Deployments;
use super::passes::Pass;
use super::touch::Files;
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
    files: Vec<Files>,
    places: BTreeMap<BucketRef, usize>,
}

impl Touched {
    pub(super) fn new(all: impl Iterator<Item = (BucketRef, Files)>) -> Self {
        let all: BTreeMap<BucketRef, Files> = all.collect();
        let places = all.keys().enumerate().map(|(at, bucket)| (bucket.clone(), at)).collect();
        Self { files: all.into_values().collect(), places }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.files.len()
    }

    /// The place of a bucket among them, and its files.
    pub(super) fn get(&self, bucket: &BucketRef) -> Option<(usize, &Files)> {
        let at = *self.places.get(bucket)?;
        Some((at, &self.files[at]))
    }
}

/// What one pass found.
#[derive(Default)]
pub(super) struct Seen {
    /// All of them or, where there is `before`, those that may be other than by default.
    pub(super) findings: Vec<Finding>,
    /// What is found by default where that was looked at: what is found elsewhere is the same in the pass.
    pub(super) before: Option<Vec<Finding>>,
    /// The buckets there are, and every file that is asked about each, but those of which that is as by default.
    pub(super) touched: BTreeMap<BucketRef, Files>,
    /// The buckets that are not there as by default, asked about by the same files: by their place there.
    pub(super) changed: BTreeSet<usize>,
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
    pub(super) fn files<'f>(&'f self, bucket: &BucketRef, default: &'f Touched) -> Option<&'f Files> {
        let same = || default.get(bucket).filter(|(at, _)| !self.changed.contains(at)).map(|(_, files)| files);
        self.touched.get(bucket).or_else(same)
    }
}

/// The files where labels of a finding stand.
fn places(finding: &Finding) -> Files {
    let labels = std::iter::once(&finding.primary).chain(&finding.related);
    Files { own: labels.map(|label| label.span.file).collect(), ..Files::default() }
}

/// What was found by default, by what findings have in common.
struct Index<'f> {
    known: Known<'f>,
    default: &'f Usually,
    /// By what a bucket is known as, its places by default.
    buckets: BTreeMap<(&'f str, Option<&'f str>), Vec<usize>>,
    /// For each finding, its places among those found by default.
    findings: BTreeMap<Identity<'f>, Vec<usize>>,
}

impl<'f> Index<'f> {
    fn of(default: &'f Usually, seen: impl Iterator<Item = &'f Seen> + Clone) -> Self {
        let known = Known::of(default, seen);
        let mut buckets: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (bucket, at) in &default.touched.places {
            buckets.entry(known.known_as(bucket)).or_default().push(*at);
        }
        let mut findings: BTreeMap<Identity<'_>, Vec<usize>> = BTreeMap::new();
        for (at, finding) in default.findings.iter().enumerate() {
            findings.entry(known.identity(finding)).or_default().push(at);
        }
        Self { known, default, buckets, findings }
    }

    /// The places by default of the buckets that a bucket is taken for.
    fn alike(&self, bucket: &'f BucketRef) -> &[usize] {
        self.buckets.get(&self.known.known_as(bucket)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The files that are asked about a finding by default.
    fn usually(&self, finding: &'f Finding) -> Files {
        let mut out = places(finding);
        if let Some(bucket) = &finding.bucket {
            let touched = &self.default.touched;
            let files = touched.get(bucket).map(|(_, files)| files);
            files.or_else(|| Some(&touched.files[*self.alike(bucket).first()?])).into_iter().for_each(|files| out.extend(files));
        }
        out
    }

    /// The files that are asked about a finding in a pass.
    fn concerned(&self, seen: &'f Seen, finding: &'f Finding) -> Files {
        let mut out = places(finding);
        if let Some(bucket) = &finding.bucket {
            let is = |other: &BucketRef| self.known.known_as(other) == self.known.known_as(bucket);
            let changed = || seen.touched.iter().find(|(other, _)| is(other)).map(|(_, files)| files);
            let same =
                || self.alike(bucket).iter().find(|at| !seen.changed.contains(at)).map(|at| &self.default.touched.files[*at]);
            let files = seen.files(bucket, &self.default.touched).or_else(changed).or_else(same);
            files.into_iter().for_each(|files| out.extend(files));
        }
        out
    }

    /// The findings by default that do not hold in a pass, by their places.
    fn failing(&self, seen: &'f Seen) -> Losses {
        let present: BTreeSet<Identity<'_>> = seen.findings.iter().map(|finding| self.known.identity(finding)).collect();
        let mut before: BTreeMap<Identity<'_>, usize> = BTreeMap::new();
        for finding in seen.before.iter().flatten() {
            *before.entry(self.known.identity(finding)).or_default() += 1;
        }
        let gone = |(identity, places): &(&Identity<'_>, &Vec<usize>)| {
            // one of those that were looked at may be found elsewhere too
            let all = seen.before.is_none() || before.get(*identity).is_some_and(|count| *count >= places.len());
            all && !present.contains(*identity)
        };
        let looked_at: Vec<(&Identity<'_>, &Vec<usize>)> = match seen.before {
            Some(_) => before.keys().filter_map(|identity| self.findings.get_key_value(identity)).collect(),
            None => self.findings.iter().collect(),
        };
        let places = looked_at.into_iter().filter(gone).flat_map(|(_, places)| places);
        places.map(|at| (*at, self.lost(&self.default.findings[*at], seen))).collect()
    }

    /// Why a finding by default is not found in a pass.
    fn lost(&self, finding: &'f Finding, seen: &'f Seen) -> Lost {
        let Some(bucket) = &finding.bucket else { return Lost::Gone };
        let there = self.alike(bucket).iter().any(|at| !seen.changed.contains(at))
            || seen.touched.keys().any(|other| self.known.known_as(other) == self.known.known_as(bucket));
        if there { Lost::Gone } else { Lost::Moot }
    }
}

/// Why a finding by default is not found in a pass.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    /// It does not hold.
    Gone,
    /// What it is about is not there.
    Moot,
}

/// The passes that a finding by default is not found in, by their place, in order.
type Losses = Vec<(usize, Lost)>;

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
        let mut lost: Vec<Losses> = vec![Vec::new(); default.findings.len()];
        let mut numbers: BTreeMap<FileId, Vec<(usize, usize)>> = BTreeMap::new();
        for (nth, (pass, seen)) in self.passes.iter().enumerate() {
            index.failing(seen).into_iter().for_each(|(at, how)| lost[at].push((nth, how)));
            pass.variants.iter().for_each(|variant| numbers.entry(variant.file).or_default().push((nth, variant.number)));
        }
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
        let told = default.findings.iter().zip(&lost).map(|(finding, lost)| {
            let files = self.decisive(finding, lost, &index).into_iter().filter(|_| !(self.is_fixed)(&finding.rule));
            let mut when: Vec<(String, String)> = Vec::new();
            for taken in files.flat_map(|file| self.takes(file, lost, &numbers)) {
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
    fn decisive<'f>(&'f self, finding: &'f Finding, lost: &Losses, index: &Index<'f>) -> BTreeSet<FileId> {
        let mut out = BTreeSet::new();
        for (nth, _) in lost.iter().filter(|(_, how)| *how == Lost::Gone) {
            let (pass, seen) = &self.passes[*nth];
            let mut files = index.usually(finding);
            files.extend(&index.concerned(seen, finding));
            out.extend(pass.concerning(&files).map(|variant| variant.file));
        }
        out
    }

    /// What a finding that holds by default takes of the parameters of `file`: nothing if it holds whatever they are.
    /// `numbers` tells of each template the passes it is varied in, and its scenario there.
    fn takes(&self, file: FileId, lost: &Losses, numbers: &BTreeMap<FileId, Vec<(usize, usize)>>) -> Vec<(String, String)> {
        let how = |nth: usize| lost.binary_search_by_key(&nth, |(nth, _)| *nth).ok().map(|at| lost[at].1);
        let passes = numbers.get(&file).map(Vec::as_slice).unwrap_or_default();
        if passes.iter().all(|(nth, _)| how(*nth) != Some(Lost::Gone)) {
            return Vec::new();
        }
        let holds = passes.iter().filter(|(nth, _)| how(*nth).is_none()).map(|(_, number)| *number);
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
            files.extend(&index.usually(finding));
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
