//! The baseline of a check: read before it, compared with or written after it.

use crate::baseline::{Baseline, Entry, FILE_NAME};
use crate::disk;
use crate::outcome::{self, Outcome};
use crate::walk;
use std::path::{Path, PathBuf};

/// The baseline a check goes by.
pub(super) struct Known {
    path: PathBuf,
    /// None where it is to be written for the first time.
    read: Option<Baseline>,
    write: bool,
}

impl Known {
    /// Reads the one at `path`, which may be missing only if it is to be written.
    ///
    /// # Errors
    /// Tells what is wrong with the file.
    pub(super) fn open(path: Option<&Path>, write: bool) -> Result<Option<Self>, String> {
        let path = match path {
            Some(path) => path.to_path_buf(),
            None if write => FILE_NAME.into(),
            None => return Ok(None),
        };
        let shown = walk::shown(&path);
        if write && !path.exists() {
            return Ok(Some(Self { path, read: None, write }));
        }
        let text = disk::read(&path)
            .map_err(|problem| format!("the baseline {shown} {problem}; --write-baseline makes one, of all that is found now"))?;
        let read = Baseline::read(&text).map_err(|why| format!("{shown} {why}"))?;
        Ok(Some(Self { path, read: Some(read), write }))
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what was found if that is asked for, and takes what is known out of the report. `roots` are the paths of the
    /// check; of the rules that are `off`, nothing is told.
    ///
    /// # Errors
    /// Tells why the file could not be written.
    pub(super) fn apply(self, outcome: &mut Outcome, roots: &[PathBuf], off: &dyn Fn(&str) -> bool) -> Result<(), String> {
        let shown = walk::shown(&self.path);
        let dir = self.path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let relative =
            |path: &str| disk::relative(dir, Path::new(path)).map_or_else(|| path.to_owned(), |path| walk::shown(&path));
        let partial = outcome.partial;
        let judged = |entry: &Entry| !partial && !off(&entry.rule) && looked_at(&entry.file, dir, roots);
        let mut known = self.read.unwrap_or_default();
        if self.write {
            known = Baseline::of(outcome, &relative).keeping(&known, &judged);
            disk::write(&self.path, &known.text()).map_err(|why| format!("{shown}: {why}"))?;
        }
        let fixed = known.apply(outcome, &relative, &judged);
        outcome.baseline = Some(outcome::Baseline { path: shown, fixed, written: self.write });
        Ok(())
    }
}

/// Whether a check of `roots` has a say on the file that a baseline in `dir` calls `file`. One that is gone has no findings.
fn looked_at(file: &str, dir: &Path, roots: &[PathBuf]) -> bool {
    let is_stdin = |root: &PathBuf| root.as_os_str() == walk::STDIN;
    if file == walk::shown(Path::new(walk::STDIN)) {
        return roots.iter().any(is_stdin);
    }
    let path = dir.join(file);
    !path.exists() || roots.iter().any(|root| disk::below(root, &path).is_some())
}
