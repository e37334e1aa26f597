//! `check --watch`: checks again whenever a file is saved.

use super::check::check;
use super::desk::Desk;
use super::{Answer, Status, Trouble};
use crate::cli::{CheckOptions, can_clear, sheets};
use crate::disk;
use crate::report::Style;
use crate::walk;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// How long nothing may happen before what happened counts as one change: editors save in several steps.
const QUIET: Duration = Duration::from_millis(150);

/// Clears the screen and what was scrolled out of it.
const CLEAR: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H";

/// Checks until nobody listens.
pub(super) fn watch(options: &CheckOptions, style: Style, tell: &mut dyn FnMut(&Answer) -> bool) -> Status {
    match Watch::new(options) {
        Ok(mut watch) => watch.run(style, tell),
        Err(why) => {
            let answer = Trouble::Plain(why).answer(style);
            tell(&answer);
            answer.status
        }
    }
}

struct Watch<'o> {
    options: &'o CheckOptions,
    roots: Vec<PathBuf>,
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    /// The directories that are watched for files outside the roots.
    beside: BTreeSet<PathBuf>,
    /// What the program itself writes.
    written: BTreeSet<PathBuf>,
    /// The files that the last run read.
    read: BTreeSet<PathBuf>,
    /// The files there are in the roots.
    walked: BTreeSet<PathBuf>,
    /// The working directory, which may be deleted and made again.
    here: Option<PathBuf>,
}

impl<'o> Watch<'o> {
    fn new(options: &'o CheckOptions) -> Result<Self, String> {
        let here = [PathBuf::from(".")];
        let roots = if options.changed || options.paths.is_empty() { &here[..] } else { &options.paths };
        if roots.iter().any(|root| root.as_os_str() == walk::STDIN) {
            return Err("--watch cannot read standard input again; name a file".to_owned());
        }
        let (sender, events) = channel();
        let failed = |error: notify::Error| format!("files cannot be watched: {error}");
        let mut watcher = notify::recommended_watcher(sender).map_err(failed)?;
        for root in roots.iter().filter(|root| root.is_dir()) {
            watcher.watch(root, RecursiveMode::Recursive).map_err(failed)?;
            // where a root that is deleted may be made again; one that cannot be watched is none of the user's
            if let Some(around) = disk::real(root).as_deref().and_then(Path::parent) {
                let _ = watcher.watch(around, RecursiveMode::NonRecursive);
            }
        }
        let sheets = sheets(&options.formats, options.output.as_deref())?;
        let written = sheets.into_iter().filter_map(|sheet| disk::real(&sheet.file?)).collect();
        let (beside, read, walked) = Default::default();
        let here = disk::real(Path::new("."));
        Ok(Self { options, roots: roots.to_vec(), watcher, events, beside, written, read, walked, here })
    }

    fn run(&mut self, style: Style, tell: &mut dyn FnMut(&Answer) -> bool) -> Status {
        let clear = if can_clear() { CLEAR } else { "" };
        let mut changed: Option<PathBuf> = None;
        loop {
            let mut desk = Desk::default();
            // before the check, which may take long: what is saved meanwhile is to be seen
            self.look(&[]);
            let mut answer = check(self.options, style, &mut desk).unwrap_or_else(|trouble| trouble.answer(style));
            self.look(&desk.opened);
            let again = changed.map_or(String::new(), |path| format!("bucketlint: {} was saved\n", walk::shown(&path)));
            let before = Answer { out: clear.to_owned(), err: again, status: answer.status };
            answer.err += "bucketlint: watching; save a file to check again, Ctrl-C to end\n";
            if !tell(&before) || !tell(&answer) {
                return answer.status;
            }
            changed = self.wait();
            if changed.is_none() {
                return answer.status;
            }
        }
    }

    /// Notes the files that are read, and watches those that do not lie in a directory of the roots.
    fn look(&mut self, opened: &[PathBuf]) {
        let extra = opened.iter().chain(&self.options.chosen.baseline).chain(self.roots.iter().filter(|root| !root.is_dir()));
        let extra: Vec<PathBuf> = extra.filter_map(|path| disk::real(path)).collect();
        for dir in extra.iter().filter_map(|path| path.parent()) {
            let inside = self.roots.iter().any(|root| root.is_dir() && disk::below(root, dir).is_some());
            if !inside && self.beside.insert(dir.to_path_buf()) {
                // one that cannot be watched is read all the same
                let _ = self.watcher.watch(dir, RecursiveMode::NonRecursive);
            }
        }
        self.walked = self.walk();
        self.read.extend(self.walked.iter().cloned());
        self.read.extend(extra);
    }

    /// The files there are in the roots. A root that was made again is watched again before they are looked for.
    fn walk(&mut self) -> BTreeSet<PathBuf> {
        if let Some(here) = self.here.as_ref().filter(|_| disk::real(Path::new(".")).is_none()) {
            // until it is there again, nothing is found
            let _ = std::env::set_current_dir(here);
        }
        for root in self.roots.iter().filter(|root| root.is_dir()) {
            let _ = self.watcher.watch(root, RecursiveMode::Recursive);
        }
        walk::collect(&self.roots, &[]).files.into_iter().filter_map(|file| disk::real(&file.path)).collect()
    }

    /// Waits until a file that matters was saved, and for the end of the changes that came with it. `None` if there will
    /// be none.
    fn wait(&mut self) -> Option<PathBuf> {
        loop {
            let mut paths = saved(self.events.recv().ok()?);
            loop {
                match self.events.recv_timeout(QUIET) {
                    Ok(event) => paths.extend(saved(event)),
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return None,
                }
            }
            let now = self.walk();
            let matters = |path: &PathBuf| (now.contains(path) || self.read.contains(path)) && !self.written.contains(path);
            let saved = paths.iter().filter_map(|path| disk::real(path));
            // a folder that comes or goes as a whole may be all that is told of the files in it
            let moved = now.symmetric_difference(&self.walked).cloned();
            if let Some(path) = saved.chain(moved).find(matters) {
                let here = disk::below(Path::new("."), &path);
                return Some(here.unwrap_or(path));
            }
        }
    }
}

/// The files that an event says are other than before.
fn saved(event: notify::Result<Event>) -> Vec<PathBuf> {
    match event {
        Ok(event) if !matches!(event.kind, EventKind::Access(_)) => event.paths,
        _ => Vec::new(),
    }
}
