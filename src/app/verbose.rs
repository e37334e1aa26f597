//! What `--verbose` tells: what was skipped and why, and how long each stage took.

use crate::load::{Input, Loaded};
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::source::FileId;
use crate::walk::{self, EXTENSIONS};
use bucketlint_terraform::is_terraform;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

/// What is known before the run.
#[derive(Clone, Default)]
pub(super) struct Told {
    lines: Vec<String>,
    /// The files that were read, by path as shown.
    read: Vec<String>,
}

impl Told {
    /// What the walk from `roots` left out, and the `settings` file there is.
    pub(super) fn of(settings: Option<String>, inputs: &[Input], roots: &[PathBuf], exclude: &[PathBuf]) -> Self {
        let mut lines = vec![settings.map_or("no settings file".to_owned(), |path| format!("settings are those of {path}"))];
        let left = walk::left_out(roots, exclude);
        lines.extend(left.paths.into_iter().map(|(path, why)| format!("skipped {path}: {why}")));
        if left.others > 0 {
            let endings = EXTENSIONS.map(|ending| format!(".{ending}")).join(", ");
            lines.push(format!("skipped {} files that end in none of {endings}", left.others));
        }
        Self { lines, read: inputs.iter().map(|input| input.shown.clone()).collect() }
    }

    /// Notes the files that turned out to be none of ours.
    pub(super) fn not_ours(&mut self, loaded: &Loaded) {
        let path = |id: FileId| &*loaded.sources.get(id).path;
        let ids = loaded.models.iter().map(|model| model.file).chain(loaded.problems.iter().map(|problem| problem.span.file));
        let ours: BTreeSet<&str> = ids.map(path).collect();
        let passed: BTreeMap<&str, &str> = loaded.passed.iter().map(|(id, what)| (path(*id), what.as_str())).collect();
        // those of a module are read together
        let is_part = |path: &str| is_terraform(path) && !passed.contains_key(path);
        let others = self.read.iter().filter(|path| !ours.contains(path.as_str()) && !is_part(path));
        let what =
            |path: &str| passed.get(path).copied().unwrap_or("neither a template nor a policy nor output of an aws command");
        self.lines.extend(others.map(|path| format!("skipped {path}: {}", what(path))));
    }

    /// Everything, a line each.
    pub(super) fn text(mut self, outcome: &Outcome, settings: &Settings, laps: &[(&'static str, Duration)]) -> String {
        for report in outcome.buckets.iter().filter(|report| !report.in_scope) {
            let bucket = &report.bucket;
            let name = bucket.name.as_ref().or(bucket.logical_id.as_ref()).map_or("a bucket", String::as_str);
            self.lines.push(format!("skipped bucket {name} ({}): {}", bucket.file, report.reason));
        }
        let off = settings.severity.iter().filter(|(_, level)| level.severity.is_none());
        self.lines.extend(off.map(|(id, _)| format!("skipped rule {id}: the settings turn it off")));
        let all: Duration = laps.iter().map(|(_, took)| *took).sum();
        for (what, took) in laps.iter().chain([&("in all", all)]) {
            self.lines.push(format!("{:>9.1} ms  {what}", took.as_secs_f64() * 1000.0));
        }
        // names in the repository may hold what steers a terminal
        let plain = |line: &String| line.chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect::<String>();
        self.lines.iter().map(|line| format!("bucketlint: {}\n", plain(line))).collect()
    }
}
