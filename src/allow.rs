//! Leave not to report findings: what comments, `Metadata` and the settings allow, and which findings that takes away.

mod comment;
mod item;
mod lines;
mod metadata;

pub use item::{Item, KEYS};

use crate::buckets::BucketGlobs;
use crate::date::Date;
use crate::finding::{self, BucketRef, Finding};
use crate::inventory::FileModel;
use crate::outcome::{Dismissal, Dismissed};
use crate::source::{FileId, Sources, Span};
use crate::syntax::fields::Complaint;
use crate::syntax::node::{Node, Value};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the ids of rules on suppressions begin with: their findings cannot be allowed.
pub const GROUP: &str = "allow/";

/// Leave not to report one rule's findings in one place.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// The rule's id as it is written.
    pub rule: String,
    /// Where that stands.
    pub at: Span,
    /// Why.
    pub reason: Option<String>,
    /// The last day it holds, and where that stands.
    pub until: Option<(Span, Date)>,
    /// What it covers.
    pub cover: Cover,
}

/// What a suppression covers.
#[derive(Clone, Debug)]
pub enum Cover {
    /// A comment: findings whose place touches one of these bytes; none where nothing follows the comment.
    Text(Option<Span>),
    /// The `Metadata` of a resource: what is found in it, and about the buckets that it declares.
    Resource {
        /// Its template's path as shown and its logical ID; several where one text makes several.
        declared: BTreeSet<(Arc<str>, String)>,
        /// Where it is written.
        places: Vec<Span>,
    },
    /// The `Metadata` of a template with this path.
    Template(Arc<str>),
    /// The settings: what is found in these files, about these buckets if there are any.
    Files {
        /// The first pattern.
        shown: String,
        /// The paths it matches, as shown.
        files: BTreeSet<String>,
        /// Globs; none for all findings.
        buckets: Vec<String>,
    },
}

/// What a run is told of suppressions.
#[derive(Clone, Debug, Default)]
pub struct Allowing {
    /// Those of the settings.
    pub settings: Vec<Suppression>,
    /// The day of the run.
    pub today: Date,
    /// Whether the flags leave out buckets: what suppresses nothing in such a run may be for one of those.
    pub narrowed: bool,
}

/// Every suppression that is written in linted files.
#[derive(Debug, Default)]
pub struct Written {
    /// In text order.
    pub allows: Vec<Suppression>,
    /// What is wrong with comments.
    pub comments: Vec<Complaint>,
    /// What is wrong with `Metadata`.
    pub metadata: Vec<Complaint>,
}

/// Reads the comments and the `Metadata` of all files; `models` have their loops written out.
pub fn read(models: &[FileModel], sources: &Sources) -> Written {
    let mut out = Written::default();
    let marked = |file: FileId| memchr::memmem::find(sources.get(file).text.as_bytes(), b"bucketlint").is_some();
    if sources.iter().all(|(file, _)| !marked(file)) {
        return out;
    }
    let mut files = BTreeSet::new();
    for model in models {
        files.insert(model.file);
        parts(&model.root, &mut files);
    }
    metadata::read(models, sources, &mut out);
    for file in files.into_iter().filter(|file| marked(*file)) {
        lines::read(file, sources.get(file), &mut out);
    }
    out.allows.sort_by_key(|allow| allow.at);
    // each copy that a loop makes has the same mistakes
    out.metadata.sort();
    out.metadata.dedup();
    out
}

/// The files that a tree is put together from.
fn parts(node: &Node, out: &mut BTreeSet<FileId>) {
    out.insert(node.span.file);
    match &node.value {
        Value::Seq(items) => items.iter().for_each(|item| parts(item, out)),
        Value::Map(entries) => entries.iter().for_each(|entry| parts(&entry.value, out)),
        _ => {}
    }
}

/// Says that `text` is no day.
fn not_a_day(text: &str) -> String {
    format!("`{text}` is not a day such as 2027-01-31")
}

impl Suppression {
    /// Whether its last day is over.
    pub fn is_over(&self, today: Date) -> bool {
        self.until.is_some_and(|(_, last)| last < today)
    }

    /// Whether it is for `finding`, be it over or not.
    pub fn is_for(&self, finding: &Finding, sources: &Sources) -> bool {
        self.rule == finding.rule && !self.rule.starts_with(GROUP) && self.covers(finding, sources)
    }

    /// Whether `finding`, of whatever rule, is where it counts, or what is to be changed is used there.
    pub fn covers(&self, finding: &Finding, sources: &Sources) -> bool {
        // what is told of several buckets at their cause is left out there too
        let cause = finding.cause.as_ref().and_then(|cause| cause.place);
        let bucket = finding.bucket.as_ref();
        let mut places = std::iter::once(finding.primary.span).chain(finding.used.iter().copied()).chain(cause);
        places.any(|at| self.covers_at(at, bucket, sources))
    }

    fn covers_at(&self, at: Span, bucket: Option<&BucketRef>, sources: &Sources) -> bool {
        let path = &sources.get(at.file).path;
        // a nested stack's reading is a copy of its file
        let same_file = |place: &Span| place.file == at.file || *sources.get(place.file).path == **path;
        match &self.cover {
            Cover::Text(block) => block.is_some_and(|block| {
                same_file(&block) && at.start < block.end && at.end.max(at.start.saturating_add(1)) > block.start
            }),
            Cover::Resource { declared, places } => {
                let inside = |place: &Span| same_file(place) && place.start <= at.start && at.start < place.end;
                let its = |(file, id): &(Arc<str>, String)| {
                    bucket.is_some_and(|bucket| *bucket.file == **file && bucket.logical_id.as_ref() == Some(id))
                };
                places.iter().any(inside) || declared.iter().any(its)
            }
            Cover::Template(file) => file == path || bucket.is_some_and(|bucket| *bucket.file == **file),
            Cover::Files { files, buckets, .. } => {
                let globs = || BucketGlobs { include: buckets.clone(), exclude: Vec::new() };
                let named = || bucket.is_some_and(|bucket| globs().included_by(bucket).is_some());
                files.contains(&**path) && (buckets.is_empty() || named())
            }
        }
    }

    fn dismissal(&self) -> Dismissal {
        Dismissal::Allowed {
            place: (!matches!(self.cover, Cover::Files { .. })).then_some(self.at),
            reason: self.reason.clone(),
            until: self.until.map(|(_, last)| last),
        }
    }
}

/// Joins what was dismissed of one cause, or of one text that makes several buckets.
pub fn join(dismissed: &mut Vec<Dismissed>) {
    let joined = dismissed.chunk_by(|one, next| one.by == next.by).flat_map(|same| {
        let mut findings: Vec<Finding> = same.iter().map(|one| one.finding.clone()).collect();
        finding::gather(&mut findings);
        finding::join(&mut findings);
        let by = same.first().map(|one| one.by.clone());
        findings.into_iter().zip(by.into_iter().cycle()).map(|(finding, by)| Dismissed { finding, by })
    });
    *dismissed = joined.collect();
}

/// Takes what is allowed out of `findings`, and tells how many findings each suppression is for: all that are for one count it.
pub fn apply(
    allows: &[Suppression],
    today: Date,
    sources: &Sources,
    findings: &mut Vec<Finding>,
) -> (Vec<Dismissed>, Vec<usize>) {
    let used = vec![Cell::new(0); allows.len()];
    let mut dismissed = Vec::new();
    let mut by_rule: BTreeMap<&str, Vec<(&Suppression, &Cell<usize>)>> = BTreeMap::new();
    for (allow, used) in allows.iter().zip(&used) {
        by_rule.entry(&allow.rule).or_default().push((allow, used));
    }
    findings.retain(|finding| {
        let for_rule = by_rule.get(finding.rule.as_str()).into_iter().flatten();
        let its: Vec<_> = for_rule.filter(|(allow, _)| allow.is_for(finding, sources)).collect();
        its.iter().for_each(|(_, used)| used.set(used.get() + 1));
        let holding = its.iter().map(|(allow, _)| allow).find(|allow| !allow.is_over(today));
        dismissed.extend(holding.map(|allow| Dismissed { finding: finding.clone(), by: allow.dismissal() }));
        holding.is_none()
    });
    (dismissed, used.into_iter().map(Cell::into_inner).collect())
}
