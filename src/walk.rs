//! Which files a run looks at: those named, and those of ours in a directory that no ignore file leaves out.
#![expect(clippy::disallowed_methods, reason = "asks what kind of thing each named path is")]

use crate::disk::{in_words, repository};
use ignore::gitignore::Gitignore;
use ignore::{DirEntry, WalkBuilder};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

mod left_out;
mod makers;
mod tracked;
pub use left_out::{LeftOut, left_out};
pub use makers::{Maker, makers};
pub use tracked::passed_over;

/// The endings of files that may be ours, in any case.
pub const EXTENSIONS: [&str; 7] = ["yaml", "yml", "json", "template", "tf", "tofu", "tfvars"];

/// The path that stands for standard input.
pub const STDIN: &str = "-";

/// A file to read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InputFile {
    /// Where it is; [`STDIN`] for standard input.
    pub path: PathBuf,
    /// The path as reported: as given, with `/` separators and without `./`; `<stdin>` for standard input.
    pub shown: String,
    /// Whether it was itself named on the command line, rather than found in a directory.
    pub named: bool,
}

impl InputFile {
    /// Whether this is standard input.
    pub fn is_stdin(&self) -> bool {
        self.path.as_os_str() == STDIN
    }
}

/// What a walk came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Walked {
    /// The files, sorted by the path shown, each once.
    pub files: Vec<InputFile>,
    /// What could not be looked at: the path shown and why, sorted.
    pub problems: Vec<(String, String)>,
}

/// Collects the files under `paths`, or under `.` where there are none.
///
/// A file named in `paths` is always taken, and a directory named there is always walked. Within a directory,
/// `.gitignore` (also outside a Git repository, but none above its root) and `.ignore` files hold, hidden files are skipped, symbolic links are
/// not followed, and only [`EXTENSIONS`] are taken; files in or below one of `exclude` are left out. A machine's own
/// Git settings are not asked, so that every machine sees the same files.
pub fn collect(paths: &[PathBuf], exclude: &[PathBuf]) -> Walked {
    let here = [PathBuf::from(".")];
    let mut walk = Walk { exclude: exclude.iter().filter_map(|path| fs::canonicalize(path).ok()).collect(), ..Walk::default() };
    for path in if paths.is_empty() { &here } else { paths } {
        walk.take(path);
    }
    let mut files: Vec<_> = walk.found.into_values().collect();
    files.sort_by(|a, b| (&a.shown, &a.path).cmp(&(&b.shown, &b.path)));
    walk.problems.sort();
    walk.problems.dedup();
    Walked { files, problems: walk.problems }
}

#[derive(Default)]
struct Walk {
    exclude: Vec<PathBuf>,
    /// By real path, which tells the same file reached twice.
    found: BTreeMap<PathBuf, InputFile>,
    problems: Vec<(String, String)>,
}

impl Walk {
    /// Takes one path of the command line.
    fn take(&mut self, path: &Path) {
        if path.as_os_str() == STDIN {
            return self.add(path.into(), path.into(), true);
        }
        match fs::metadata(path).and_then(|known| Ok((known.is_dir(), fs::canonicalize(path)?))) {
            Err(error) => self.problems.push((shown(path), in_words(&error))),
            Ok((false, real)) => self.add(real, path.into(), true),
            Ok((true, real)) => self.descend(path, &real),
        }
    }

    /// Walks the directory given as `root`, really at `real`.
    fn descend(&mut self, root: &Path, real: &Path) {
        // as given, for what is walked by its real path
        let given = |path: &Path| path.strip_prefix(real).map_or_else(|_| path.into(), |below| root.join(below));
        for entry in builder(real, &self.exclude).build() {
            match entry {
                Ok(entry) if is_ours(&entry) => self.add(entry.path().into(), given(entry.path()), false),
                Ok(_) => {}
                Err(error) => {
                    let at = path_of(&error).map_or_else(|| root.into(), given);
                    let why = error.io_error().map_or_else(|| error.to_string(), in_words);
                    self.problems.push((shown(&at), why));
                }
            }
        }
    }

    /// Keeps a file under the first path it was reached by.
    fn add(&mut self, real: PathBuf, path: PathBuf, named: bool) {
        let file = self.found.entry(real).or_insert_with(|| InputFile { shown: shown(&path), path, named });
        file.named |= named;
    }
}

/// A walk of the directory really at `real`, without what `exclude` has, which are real paths too.
fn builder(real: &Path, exclude: &[PathBuf]) -> WalkBuilder {
    let mut builder = WalkBuilder::new(real);
    // within a repository, nothing above its root counts; elsewhere, ignore files do all the same
    builder.require_git(repository(real).is_some()).git_global(false).git_exclude(false).parents(!ignored_from_above(real));
    let exclude = exclude.to_vec();
    builder.filter_entry(move |entry| entry.depth() == 0 || !exclude.iter().any(|path| path == entry.path()));
    builder
}

/// Whether an entry is a regular file with one of our endings.
fn is_ours(entry: &DirEntry) -> bool {
    let extension = entry.path().extension().and_then(OsStr::to_str);
    entry.file_type().is_some_and(|kind| kind.is_file())
        && extension.is_some_and(|extension| EXTENSIONS.iter().any(|ours| ours.eq_ignore_ascii_case(extension)))
}

/// Whether ignore files above `dir` leave out everything in it, as they do for `cdk.out`. Whoever names such a
/// directory wants it read all the same.
fn ignored_from_above(dir: &Path) -> bool {
    // stands for any file there: `cdk.out/` and `cdk.out/*` both match it, `*.json` does not
    let probe = dir.join("_");
    for above in dir.ancestors().skip(1) {
        for name in [".ignore", ".gitignore"] {
            let (patterns, _) = Gitignore::new(above.join(name));
            let found = patterns.matched_path_or_any_parents(&probe, false);
            if !found.is_none() {
                return found.is_ignore();
            }
        }
        if above.join(".git").exists() {
            return false;
        }
    }
    false
}

/// The path a walk's error is about.
fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// A path as it is reported.
pub fn shown(path: &Path) -> String {
    if path.as_os_str() == STDIN {
        return "<stdin>".to_owned();
    }
    let mut out = String::new();
    for part in path.components() {
        match part {
            Component::CurDir => continue,
            Component::RootDir => out.push('/'),
            _ => {
                if !out.is_empty() && !out.ends_with('/') {
                    out.push('/');
                }
                out.push_str(&part.as_os_str().to_string_lossy());
            }
        }
    }
    if out.is_empty() { ".".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory holding empty files, or `.gitignore` files whose lines follow a `:`.
    fn tree(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        for file in files {
            let (name, text) = file.split_once(':').unwrap_or((file, ""));
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        (dir, root)
    }

    /// The paths shown, below `root`; named ones with a `!`.
    fn names(root: &Path, walked: &Walked) -> Vec<String> {
        let below = |file: &InputFile| file.shown.strip_prefix(&format!("{}/", shown(root))).unwrap().to_owned();
        walked.files.iter().map(|file| below(file) + if file.named { "!" } else { "" }).collect()
    }

    fn walk(root: &Path, paths: &[&str]) -> Vec<String> {
        let walked = collect(&paths.iter().map(|path| root.join(path)).collect::<Vec<_>>(), &[]);
        assert_eq!(walked.problems, []);
        names(root, &walked)
    }

    #[test]
    fn ours_in_order_and_nothing_ignored_or_hidden() {
        let files = ["b/z.json", "b.yaml", "A.YML", "c.Template", "d.txt", "out/x.json", ".hidden.yaml", "b/skip.yaml"];
        let (_dir, root) = tree(&[&files[..], &[".gitignore:out/\n", "b/.ignore:skip.yaml\n"]].concat());
        assert_eq!(walk(&root, &[""]), ["A.YML", "b.yaml", "b/z.json", "c.Template"]);
    }

    #[test]
    fn a_named_file_is_read_whatever_ignores_it() {
        let (_dir, root) = tree(&[".gitignore:*.json\n", "a.json", "b.json", "c.txt", "d.yaml"]);
        assert_eq!(walk(&root, &["a.json", "c.txt"]), ["a.json!", "c.txt!"]);
        assert_eq!(walk(&root, &["", "a.json"]), ["a.json!", "d.yaml"]);
    }

    #[test]
    fn a_named_directory_is_walked_though_ignored() {
        for pattern in ["cdk.out", "cdk.out/", "/cdk.out/*", "cdk.out/**"] {
            let (_dir, root) = tree(&[&format!(".gitignore:{pattern}\n"), "cdk.out/s.template.json", "cdk.out/asset/t.yaml"]);
            assert_eq!(walk(&root, &[""]), [""; 0], "{pattern}");
            let both = ["cdk.out/asset/t.yaml", "cdk.out/s.template.json"];
            assert_eq!(walk(&root, &["cdk.out"]), both, "{pattern}");
            assert_eq!(walk(&root, &["cdk.out/asset"]), both[..1], "{pattern}");
        }
    }

    #[test]
    fn ignore_files_above_hold_in_a_named_directory_that_is_not_ignored() {
        let (_dir, root) = tree(&[".gitignore:node_modules/\n", "src/a.yaml", "src/node_modules/b.yaml"]);
        assert_eq!(walk(&root, &["src"]), ["src/a.yaml"]);
    }

    #[test]
    fn ignore_files_above_the_repository_do_not_hold() {
        let files =
            [".gitignore:*.yaml\n", "repo/.git/HEAD", "repo/.gitignore:*.json\n", "repo/infra/a.yaml", "repo/infra/b.json"];
        let (_dir, root) = tree(&files);
        for named in ["repo", "repo/infra"] {
            assert_eq!(walk(&root, &[named]), ["repo/infra/a.yaml"], "{named}");
        }
    }

    #[test]
    fn the_same_file_is_taken_once() {
        let (_dir, root) = tree(&["a/b.yaml", "c.yaml"]);
        assert_eq!(walk(&root, &["a", "c.yaml", "a/../c.yaml", "a/b.yaml", "."]), ["a/b.yaml!", "c.yaml!"]);
    }

    #[test]
    fn excluded_files_and_directories_are_left_out_unless_named() {
        let (_dir, root) = tree(&["bucketlint.yaml", "lint/rules/r.yaml", "a.yaml"]);
        let exclude = [root.join("lint/rules"), root.join("bucketlint.yaml"), root.join("none")];
        assert_eq!(names(&root, &collect(std::slice::from_ref(&root), &exclude)), ["a.yaml"]);
        assert_eq!(names(&root, &collect(&[root.join("lint/rules")], &exclude)), ["lint/rules/r.yaml"]);
    }

    #[test]
    fn what_does_not_exist_is_a_problem() {
        let (_dir, root) = tree(&["a.yaml"]);
        let walked = collect(&[root.join("none.yaml"), root.join("a.yaml")], &[]);
        let problem = (shown(&root.join("none.yaml")), "No such file or directory".to_owned());
        assert_eq!((names(&root, &walked), walked.problems), (vec!["a.yaml!".to_owned()], vec![problem]));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_where_named_and_never_within() {
        use std::os::unix::fs::symlink;
        let (_dir, root) = tree(&["real/a.yaml", "real/sub/b.yaml"]);
        symlink(&root, root.join("real/sub/loop")).unwrap();
        symlink(root.join("real/a.yaml"), root.join("real/link.yaml")).unwrap();
        symlink(root.join("real"), root.join("alias")).unwrap();
        symlink(root.join("gone"), root.join("dangling.yaml")).unwrap();
        assert_eq!(walk(&root, &[""]), ["real/a.yaml", "real/sub/b.yaml"]);
        assert_eq!(walk(&root, &["alias"]), ["alias/a.yaml", "alias/sub/b.yaml"]);
        assert_eq!(walk(&root, &["real/link.yaml"]), ["real/link.yaml!"]);
        assert_eq!(collect(&[root.join("dangling.yaml")], &[]).problems.len(), 1);
    }

    #[test]
    fn standard_input_is_a_file_of_its_own() {
        let walked = collect(&["-".into(), "-".into()], &[]);
        assert_eq!(walked.files, [InputFile { path: "-".into(), shown: "<stdin>".into(), named: true }]);
        assert!(walked.files[0].is_stdin());
    }

    #[test]
    fn paths_are_shown_as_given() {
        for (given, want) in [
            ("./a//b.yaml", "a/b.yaml"),
            ("a/./b/", "a/b"),
            ("../a", "../a"),
            ("/a/b", "/a/b"),
            ("/", "/"),
            (".", "."),
            ("./-", "-"),
        ] {
            assert_eq!(shown(Path::new(given)), want);
        }
    }
}
