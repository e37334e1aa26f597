//! The one way to a file that another file names: whoever wrote that may not be trusted with the rest of the machine.
#![expect(clippy::disallowed_methods, reason = "asks what kind of thing a path leads to")]

use super::{ReadProblem, real, repository};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Lets through what lies in one repository: plain files and directories that are not hidden, told by where they really
/// are, so that neither `..` nor a link leads out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Door {
    /// A real path; none where there is no such directory.
    root: Option<PathBuf>,
}

impl Door {
    /// The door to the repository of the file at `path`: the nearest directory above it that holds `.git`; without one, the
    /// working directory if the file lies below it, else the directory that the file is in.
    pub fn of(path: &Path) -> Self {
        let dir = real(path).and_then(|path| path.parent().map(Path::to_path_buf));
        let root = dir.map(|dir| {
            let here = || fs::canonicalize(".").ok().filter(|here| dir.starts_with(here));
            repository(&dir).map(Path::to_path_buf).or_else(here).unwrap_or(dir)
        });
        Self { root }
    }

    /// Where the file or directory at `path` really is.
    ///
    /// # Errors
    /// It is not there, or not to be let through.
    pub fn admit(&self, path: &Path) -> Result<PathBuf, ReadProblem> {
        let found = fs::canonicalize(path)?;
        let below = self.root.as_ref().and_then(|root| found.strip_prefix(root).ok());
        let hidden = |part: Component<'_>| part.as_os_str().to_string_lossy().starts_with('.');
        let known = fs::metadata(&found)?;
        if below.is_some_and(|below| !below.components().any(hidden)) && (known.is_file() || known.is_dir()) {
            Ok(found)
        } else {
            Err(ReadProblem::Barred)
        }
    }

    /// The text of the file at `path`.
    ///
    /// # Errors
    /// It is not to be let through, or not to be read.
    pub fn read(&self, path: &Path) -> Result<String, ReadProblem> {
        super::read(&self.admit(path)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_the_repository_is_let_through() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for name in ["repo/.git/config", "repo/infra/t.yaml", "repo/shared/part.yaml", "outside.yaml", "repo/.secret/x.yaml"] {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), name).unwrap();
        }
        let door = Door::of(&at("repo/infra/t.yaml"));
        assert_eq!(door.read(&at("repo/infra/../shared/part.yaml")).as_deref(), Ok("repo/shared/part.yaml"));
        assert!(door.admit(&at("repo/shared")).is_ok());
        for name in ["outside.yaml", "repo/../outside.yaml", "repo/.git/config", "repo/.secret/x.yaml"] {
            assert_eq!(door.read(&at(name)), Err(ReadProblem::Barred), "{name}");
        }
        assert!(matches!(door.read(&at("repo/none.yaml")), Err(ReadProblem::Unreadable(_))));
        // without a repository, what lies beside the file
        let alone = Door::of(&at("outside.yaml"));
        assert!(alone.read(&at("outside.yaml")).is_ok());
        assert!(alone.read(&at("repo/shared/part.yaml")).is_ok());
        assert_eq!(Door::of(&at("repo/none/t.yaml")).read(&at("outside.yaml")), Err(ReadProblem::Barred));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_lead_nowhere() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir_all(at("repo/.git")).unwrap();
        fs::write(at("outside.yaml"), "").unwrap();
        fs::write(at("repo/t.yaml"), "").unwrap();
        symlink(at("outside.yaml"), at("repo/link.yaml")).unwrap();
        symlink(at("repo/t.yaml"), at("repo/inner.yaml")).unwrap();
        symlink("/dev/zero", at("repo/endless.yaml")).unwrap();
        let door = Door::of(&at("repo/t.yaml"));
        assert!(door.read(&at("repo/inner.yaml")).is_ok());
        for name in ["repo/link.yaml", "repo/endless.yaml"] {
            assert_eq!(door.read(&at(name)), Err(ReadProblem::Barred), "{name}");
        }
    }
}
