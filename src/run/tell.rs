//! What is said of the scenarios that were looked at.

use super::deployments::Deployments;
use super::merge::{Seen, Touched};
use super::passes::Pass;
use crate::facts;
use crate::finding::{BucketRef, settings};
use crate::inventory::FileModel;
use crate::outcome::BucketReport;
use crate::source::{FileId, Sources};
use crate::syntax::node::Node;
use std::collections::BTreeSet;

/// A fact for each of `models` that can be deployed in more than one way.
pub(super) fn facts<'m>(deployments: &Deployments, models: impl Iterator<Item = &'m FileModel>) -> Vec<Node> {
    let capped: BTreeSet<FileId> = deployments.capped().map(|(file, _)| file).collect();
    let several = models.filter(|model| deployments.count(model.file) > 1 || capped.contains(&model.file));
    let fact = |model: &FileModel| {
        let at = model.root.entry("Conditions").map_or(model.root.span, |entry| entry.key.span);
        let ways = facts::Ways {
            looked_at: deployments.count(model.file),
            capped: capped.contains(&model.file),
            all: deployments.cut(model.file),
        };
        facts::scenarios(at, &ways)
    };
    several.map(fact).collect()
}

/// Verdicts by bucket are those of the default deployment: says so where there are others, and adds the buckets that
/// are there only in others.
pub(super) fn reports(
    reports: &mut Vec<BucketReport>,
    further: Vec<Vec<BucketReport>>,
    passes: &[(Pass<'_>, Seen)],
    touched: &Touched,
    (deployments, sources): (&Deployments, &Sources),
) {
    for report in reports.iter_mut().filter(|report| report.in_scope) {
        let Some((_, files)) = touched.get(&report.bucket) else { continue };
        let varied: BTreeSet<FileId> =
            passes.iter().flat_map(|(pass, _)| pass.concerning(files)).map(|variant| variant.file).collect();
        let taken = distinct(varied.into_iter().map(|file| shown(deployments, file, 0)));
        let cut = files.all().filter_map(|file| Some((file, deployments.cut(file)?)));
        for (file, all) in cut {
            let (path, count) = (&sources.get(file).path, deployments.count(file));
            report.assumptions.push(format!("{count} of the {all} ways to deploy {path} were looked at"));
        }
        if !taken.is_empty() {
            report.assumptions.push(format!("verdicts hold for {}; findings say what else holds when", taken.join(", ")));
        }
    }
    let usual = reports.len();
    for ((pass, seen), more) in passes.iter().zip(further) {
        for mut report in more {
            if reports.iter().any(|other| same(&other.bucket, &report.bucket)) {
                continue;
            }
            let varied = seen.files(&report.bucket, touched).into_iter().flat_map(|files| pass.concerning(files));
            let taken = distinct(varied.map(|variant| shown(deployments, variant.file, variant.number)));
            report.assumptions.push(format!("the bucket is there only in some deployments, such as {}", taken.join(", ")));
            reports.push(report);
        }
    }
    // which pass sees a bucket first is no order
    reports[usual..].sort_by(|one, other| one.bucket.cmp(&other.bucket));
}

/// The texts, each once: a template that is there as YAML and as JSON takes the same values twice.
fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    texts.filter(|text| seen.insert(text.clone())).collect()
}

fn same(one: &BucketRef, other: &BucketRef) -> bool {
    let known = |bucket: &BucketRef| bucket.logical_id.clone().or_else(|| bucket.name.clone());
    one.file == other.file && one.nested == other.nested && known(one) == known(other)
}

fn shown(deployments: &Deployments, file: FileId, number: usize) -> String {
    let when = deployments.when(file, number);
    if when.is_empty() { "default values".into() } else { settings(&when) }
}
