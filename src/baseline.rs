//! Findings that were there before: a file of them, and what of a run is new.

use crate::finding::Finding;
use crate::outcome::{Dismissal, Dismissed, Outcome};
use crate::report::{fingerprint, home, subject};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the file is called where no name is given.
pub const FILE_NAME: &str = "bucketlint-baseline.json";

const VERSION: u32 = 1;

/// The findings that are known. Places do not count, so that moving text keeps them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Baseline {
    entries: Vec<Entry>,
}

/// Findings of one rule in one file about one thing. The order of its members is the order of the file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Path of the file, relative to the baseline, with `/` separators.
    pub file: String,
    /// The rule's id.
    pub rule: String,
    /// What they are about, for people.
    pub subject: String,
    /// Made of all that.
    pub fingerprint: String,
    /// How many there are.
    pub count: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    findings: Vec<Entry>,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Baseline {
    /// Reads the text of a baseline.
    ///
    /// # Errors
    /// Tells why it is none.
    pub fn read(text: &str) -> Result<Self, String> {
        let version = serde_json::from_str(text).map(|Version { version }| version);
        if let Some(other) = version.ok().filter(|version| *version != VERSION) {
            return Err(format!("is a baseline of version {other}, and this is a program for version {VERSION}"));
        }
        let file: File = serde_json::from_str(text).map_err(|error| format!("is no baseline: {error}"))?;
        Ok(Self { entries: file.findings })
    }

    /// Its text: the same for the same findings, in order of files, rules and subjects.
    pub fn text(&self) -> String {
        let file = File { version: VERSION, findings: self.entries.clone() };
        // only maps with other keys than strings, and types that refuse, can fail: there are none here
        serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
    }

    /// What a run reports; `relative` is the path of a file as the baseline has it.
    pub fn of(outcome: &Outcome, relative: &dyn Fn(&str) -> String) -> Self {
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        for finding in &outcome.findings {
            let file = relative(&outcome.sources.get(finding.primary.span.file).path);
            let subject = subject(outcome, finding);
            let home = home(outcome, finding).map(relative).unwrap_or_default();
            let fingerprint = fingerprint(&home, &finding.rule, &subject);
            let mut parts: Vec<&str> = subject.into_iter().filter(|part| !part.is_empty()).collect();
            // most findings about a bucket stand in it
            parts.dedup();
            let subject = parts.join(", ");
            let none = || Entry { file, rule: finding.rule.clone(), subject, fingerprint: fingerprint.clone(), count: 0 };
            entries.entry(fingerprint.clone()).or_insert_with(none).count += 1;
        }
        Self::sorted(entries.into_values().collect())
    }

    /// The same, and of `old` all that the run did not look at, as `judged` tells of an entry.
    #[must_use]
    pub fn keeping(mut self, old: &Self, judged: &dyn Fn(&Entry) -> bool) -> Self {
        for entry in old.entries.iter().filter(|entry| !judged(entry)) {
            match self.entries.iter_mut().find(|found| found.fingerprint == entry.fingerprint) {
                Some(found) => found.count = found.count.max(entry.count),
                None => self.entries.push(entry.clone()),
            }
        }
        Self::sorted(self.entries)
    }

    fn sorted(mut entries: Vec<Entry>) -> Self {
        entries.sort();
        Self { entries }
    }

    /// Takes what is known out of the report, the first of several alike first, and tells how many findings are fixed: they
    /// are neither reported nor allowed, though they are `judged`.
    pub fn apply(&self, outcome: &mut Outcome, relative: &dyn Fn(&str) -> String, judged: &dyn Fn(&Entry) -> bool) -> usize {
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in &self.entries {
            *left.entry(&entry.fingerprint).or_default() += entry.count;
        }
        let mut take = |outcome: &Outcome, finding: &Finding| {
            let home = home(outcome, finding).map(relative).unwrap_or_default();
            let id = fingerprint(&home, &finding.rule, &subject(outcome, finding));
            let more = left.get_mut(id.as_str()).filter(|more| **more > 0);
            more.map(|more| *more -= 1).is_some()
        };
        let findings = std::mem::take(&mut outcome.findings);
        let (known, new): (Vec<_>, Vec<_>) = findings.into_iter().partition(|finding| take(outcome, finding));
        for one in &outcome.dismissed {
            take(outcome, &one.finding);
        }
        outcome.findings = new;
        outcome.dismissed.extend(known.into_iter().map(|finding| Dismissed { finding, by: Dismissal::Known }));
        let judged = self.entries.iter().filter(|entry| judged(entry));
        judged.filter_map(|entry| left.remove(entry.fingerprint.as_str())).sum()
    }
}

#[cfg(test)]
mod tests;
