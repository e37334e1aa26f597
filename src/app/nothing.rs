//! What to say of a run that judged no bucket: why, what was seen instead, and what to run.

use super::unmatched::Written;
use crate::buckets::BucketGlobs;
use crate::facts::Unchecked;
use crate::outcome::Outcome;
use crate::source::{Source, Span};
use crate::syntax::fields::nearest;
use crate::walk;
use std::path::PathBuf;

/// What is known before the run.
pub(super) struct Seen<'a> {
    /// Where it looked.
    pub(super) roots: &'a [PathBuf],
    /// Files that were passed over, by path as shown, and what they are.
    pub(super) passed: Vec<(String, String)>,
    /// Whether something could not be read, which is a finding.
    pub(super) told: bool,
    /// Which buckets are to be judged.
    pub(super) wanted: &'a BucketGlobs,
    /// Where that is written.
    pub(super) written: &'a Written,
}

impl Seen<'_> {
    /// What there is to say, if no bucket was judged.
    pub(super) fn unchecked(&self, outcome: &mut Outcome) -> Option<Unchecked> {
        if outcome.buckets.iter().any(|report| report.in_scope) {
            return None;
        }
        let is_named = outcome.buckets.iter().any(|report| self.wanted.included_by(&report.bucket).is_some());
        let told = match outcome.buckets.is_empty() {
            true => self.none(outcome),
            false if is_named || self.wanted.include.is_empty() => left_out(outcome),
            false => self.misnamed(outcome),
        };
        Some(Unchecked { told: self.told, ..told })
    }

    /// No bucket is called what was asked for.
    fn misnamed(&self, outcome: &mut Outcome) -> Unchecked {
        let include = &self.wanted.include;
        let names = outcome.buckets.iter().flat_map(|report| [&report.bucket.name, &report.bucket.logical_id]);
        let names: Vec<&str> = names.flatten().map(String::as_str).collect();
        let meant: Vec<String> =
            include.iter().filter_map(|glob| nearest(glob, &names)).map(|name| format!("`{name}`")).collect();
        let advice = match meant.is_empty() {
            true => format!("name one that is there, such as `{}`", names.first().copied().unwrap_or_default()),
            false => format!("did you mean {}?", meant.join(" or ")),
        };
        let asked: Vec<String> = include.iter().map(|glob| format!("`{glob}`")).collect();
        let why = format!("of {}, none is called {}", counted(outcome.buckets.len(), "bucket"), asked.join(" or "));
        let at = self.written.include(self.wanted, outcome);
        Unchecked { at, why, advice: vec![advice], told: false }
    }

    /// There is no bucket.
    fn none(&self, outcome: &mut Outcome) -> Unchecked {
        let makers = walk::makers(self.roots);
        let seen = &outcome.summary;
        let mut why = match (seen.templates, seen.policies) {
            (0, 0) => "no template and no bucket policy was found".to_owned(),
            (0, _) => "no policy says which bucket it is for".to_owned(),
            (templates, _) => format!("{} declared none", counted(templates, "template")),
        };
        let passed = self.passed.iter().map(|(path, what)| (path.as_str(), format!("is {what}")));
        let made = makers.iter().map(|maker| (maker.path.as_str(), format!("belongs to {}", maker.what)));
        let instead: Vec<(&str, String)> = made.chain(passed).collect();
        for (path, what) in instead.iter().take(3) {
            why += &format!("; {path} {what}");
        }
        let mut advice: Vec<String> = makers.iter().map(|maker| maker.advice.clone()).collect();
        if seen.policies > 0 {
            advice.push("pass --bucket NAME, which says whose policy it is".into());
        } else if advice.is_empty() {
            advice.push("name the files or directories to check; --verbose tells what was skipped, and why".into());
        }
        let first = outcome.sources.iter().next().map(|(_, source)| source.path.to_string()).filter(|_| seen.files > 0);
        let root = || self.roots.first().map_or_else(|| ".".to_owned(), |root| walk::shown(root));
        let path = instead.first().map(|(path, _)| (*path).to_owned()).or(first).unwrap_or_else(root);
        Unchecked { at: beginning(outcome, &path), why, advice, told: false }
    }
}

/// There are buckets, and all of them are left out.
fn left_out(outcome: &mut Outcome) -> Unchecked {
    let count = counted(outcome.buckets.len(), "bucket");
    let Some(first) = outcome.buckets.first() else { return Unchecked::default() };
    let bucket = &first.bucket;
    let name = bucket.name.as_ref().or(bucket.logical_id.as_ref()).map_or("one", String::as_str).to_owned();
    let why = format!("{count} left out, such as `{name}`: {}", first.reason);
    let path = bucket.file.clone();
    Unchecked {
        at: beginning(outcome, &path),
        why,
        advice: vec![format!("pass --bucket {name}, which has it judged whatever it is")],
        told: false,
    }
}

/// The beginning of a file, or of what stands for it.
fn beginning(outcome: &mut Outcome, path: &str) -> Span {
    let known = outcome.sources.iter().find(|(_, source)| *source.path == *path).map(|(file, _)| file);
    Span::new(known.unwrap_or_else(|| outcome.sources.push(Source::new(path, ""))), 0, 0)
}

fn counted(many: usize, what: &str) -> String {
    format!("{many} {what}{}", if many == 1 { "" } else { "s" })
}
