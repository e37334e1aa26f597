//! `check --fix` and `check --diff`: what mends findings is written into the files, or shown.

use super::check::{Checked, judge};
use super::desk::Desk;
use super::{Answer, Status, Trouble};
use crate::cli::CheckOptions;
use crate::disk;
use crate::edit::{Applicability, Edit, Fix, edited};
use crate::finding::mendable;
use crate::report::{Style, count};
use crate::source::FileId;
use crate::syntax::parse::parse;
use crate::walk::STDIN;
use similar::TextDiff;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// So often files are judged again once something is mended: what is mended may uncover more, and of fixes that meet, one has
/// to wait.
const ROUNDS: usize = 10;

/// Lines around a change that a diff shows, as many as others show.
const CONTEXT: usize = 3;

/// Mends files until nothing more can be mended, and answers as `options` ask.
pub(super) fn fix(options: &CheckOptions, style: Style) -> Result<Answer, Trouble> {
    if options.paths.iter().any(|path| path.as_os_str() == STDIN) {
        return Err(Trouble::Plain("what is read from standard input cannot be mended there; name a file".into()));
    }
    let mut before = BTreeMap::new();
    let checked = judge(options, &mut Desk::default(), &BTreeMap::new(), Some(&mut before))?;
    let mut state = State { checked, before: &before, edited: BTreeMap::new() };
    let (mut mended, mut made) = (0, BTreeSet::new());
    let mut unfinished = true;
    for _ in 0..ROUNDS {
        let chosen = chosen(options, &state, &made);
        let (texts, count) = written(&state, &chosen);
        if texts.is_empty() {
            unfinished = false;
            break;
        }
        mended += count;
        made.extend(chosen.iter().flat_map(|fix| &fix.edits).map(|edit| named(&state, edit)));
        state.edited.extend(texts);
        state.checked = judge(options, &mut Desk::default(), &state.edited, None)?;
    }
    let State { checked, edited, .. } = state;
    let original = |shown: &str| before.get(shown).map(Vec::as_slice).unwrap_or_default();
    if options.diff {
        let diffs = edited.iter().map(|(shown, text)| diff(shown, original(shown), text));
        let status = if checked.broken { Status::Broken } else { Status::of(!edited.is_empty()) };
        return Ok(Answer { out: diffs.collect(), err: more(&checked, options), status });
    }
    let mut err = String::new();
    let mut there = BTreeMap::new();
    for (shown, text) in &edited {
        match disk::rewrite(Path::new(shown), original(shown), text) {
            Ok(()) => drop(there.insert(shown.clone(), text.clone())),
            Err(why) => err.push_str(&format!("bucketlint: {shown} {why}\n")),
        }
    }
    let failed = there.len() < edited.len();
    match mended {
        _ if there.is_empty() => err.push_str("bucketlint: nothing was mended\n"),
        _ if failed => err.push_str(&format!("bucketlint: mended {}\n", count(there.len(), "file"))),
        _ => err.push_str(&format!("bucketlint: mended {} in {}\n", count(mended, "finding"), count(there.len(), "file"))),
    }
    if unfinished {
        err.push_str("bucketlint: there is more to mend; run it again\n");
    }
    // what is reported is what is in the files
    let checked = if failed { judge(options, &mut Desk::default(), &there, None)? } else { checked };
    let broken = failed || checked.broken;
    let answer = match options.fix_only {
        true => Answer { out: String::new(), err: String::new(), status: Status::Clean },
        false => checked.report(options, style)?,
    };
    let status = if broken { Status::Broken } else { answer.status };
    Ok(Answer { err: err + &answer.err, status, ..answer })
}

/// What one round found.
struct State<'b> {
    checked: Checked,
    /// The files as they are.
    before: &'b BTreeMap<String, Vec<u8>>,
    /// Those that are to be written, with their texts.
    edited: BTreeMap<String, String>,
}

impl State<'_> {
    /// The text of a file that was judged.
    fn text(&self, shown: &str) -> Option<&str> {
        let written = self.edited.get(shown).map(String::as_str);
        written.or_else(|| std::str::from_utf8(self.before.get(shown)?).ok())
    }
}

/// The file and the text of an edit.
fn named(state: &State<'_>, edit: &Edit) -> (String, String) {
    (state.checked.outcome.sources.get(edit.span.file).path.to_string(), edit.text.clone())
}

/// The fixes to make in one round: of those that meet, the first; of those that were made before, none, as they mended
/// nothing; and none that leaves its file such that it cannot be read. Files that were not among those of the walk stay.
fn chosen<'o>(options: &CheckOptions, state: &'o State<'_>, made: &BTreeSet<(String, String)>) -> Vec<&'o Fix> {
    let sources = &state.checked.outcome.sources;
    let changed: BTreeSet<PathBuf> = options.paths.iter().filter_map(|path| disk::real(path)).collect();
    let is_changed = |shown: &str| !options.changed || disk::real(Path::new(shown)).is_some_and(|path| changed.contains(&path));
    let wanted = |fix: &Fix| fix.applicability == Applicability::Safe || options.unsafe_fixes;
    let there = |edit: &Edit| {
        let shown = &*sources.get(edit.span.file).path;
        state.before.contains_key(shown) && is_changed(shown)
    };
    let again = |fix: &Fix| fix.edits.iter().all(|edit| made.contains(&named(state, edit)));
    let mut out: Vec<&Fix> = Vec::new();
    for fix in state.checked.outcome.findings.iter().filter_map(|finding| finding.fix.as_ref()) {
        if wanted(fix) && fix.edits.iter().all(there) && !again(fix) && !out.iter().any(|other| other.meets(fix)) {
            out.push(fix);
        }
    }
    let files: BTreeSet<FileId> = out.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span.file).collect();
    if written(state, &out).0.len() < files.len() {
        // one that does harm to its file keeps no other from being made
        out.retain(|fix| !written(state, &[fix]).0.is_empty());
    }
    out
}

/// The files with the fixes made, and how many were. A file that could be read no longer afterwards stays as it is.
fn written(state: &State<'_>, fixes: &[&Fix]) -> (BTreeMap<String, String>, usize) {
    let mut files: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in fixes.iter().flat_map(|fix| &fix.edits) {
        files.entry(edit.span.file).or_default().push(edit);
    }
    let sources = &state.checked.outcome.sources;
    let text = |(file, edits): (FileId, Vec<&Edit>)| {
        let shown = sources.get(file).path.to_string();
        let before = state.text(&shown)?;
        let after = edited(before, edits);
        let faults = |text: &str| parse(file, text).problems.len();
        (faults(&after) <= faults(before) && after != before).then_some((file, shown, after))
    };
    let done: Vec<(FileId, String, String)> = files.into_iter().filter_map(text).collect();
    let is_done = |edit: &Edit| done.iter().any(|(file, ..)| *file == edit.span.file);
    let count = fixes.iter().filter(|fix| fix.edits.iter().all(is_done)).count();
    (done.into_iter().map(|(_, shown, text)| (shown, text)).collect(), count)
}

fn diff(shown: &str, before: &[u8], after: &str) -> String {
    let before = String::from_utf8_lossy(before);
    let diff = TextDiff::from_lines(&*before, after);
    // tools that apply diffs take off the first part of the path, unless it leads elsewhere
    let elsewhere = Path::new(shown).is_absolute() || shown.starts_with("..");
    let path = |side: &str| if elsewhere { shown.to_owned() } else { format!("{side}/{shown}") };
    diff.unified_diff().context_radius(CONTEXT).header(&path("a"), &path("b")).to_string()
}

/// What `--unsafe-fixes` would change besides.
fn more(checked: &Checked, options: &CheckOptions) -> String {
    match mendable(&checked.outcome.findings) {
        (_, 0) => String::new(),
        _ if options.unsafe_fixes => String::new(),
        (_, other) => format!("bucketlint: {other} more can be mended with --unsafe-fixes\n"),
    }
}
