//! Reading files and standard input: bytes in, UTF-8 text or a stated problem out.
#![expect(clippy::disallowed_methods, reason = "the one place that opens files")]

use std::fmt;
use std::fs;
use std::io::{self, Read, Write};
#[cfg(unix)]
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

mod door;
pub use door::Door;

/// The longest text taken, in bytes: spans are 32 bits wide, and nothing CloudFormation accepts comes near.
pub const MAX_BYTES: u64 = 512 << 20;

/// A longer file that is not text in its first block is not read any further: CloudFormation takes templates of 1 MB
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>), in UTF-8 alone.
const MAX_BINARY: u64 = 8 << 20;

/// How much of a file tells whether it is text, in bytes.
const BLOCK: usize = 8 << 10;

/// Why a text could not be had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReadProblem {
    /// The system refused, in its own words.
    Unreadable(String),
    /// The bytes are not UTF-8.
    NotUtf8 {
        /// Offset of the first byte that is not.
        at: usize,
        /// Whether they are UTF-16.
        utf16: bool,
    },
    /// There is more than [`MAX_BYTES`].
    TooLarge,
    /// It is long, and holds a NUL character in its first block.
    Binary,
    /// A [`Door`] does not let it through.
    Barred,
}

impl From<io::Error> for ReadProblem {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(in_words(&error))
    }
}

impl fmt::Display for ReadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "cannot be read: {why}"),
            Self::NotUtf8 { utf16: true, .. } => write!(f, "is UTF-16; save it as UTF-8"),
            Self::NotUtf8 { at, .. } => write!(f, "is not UTF-8: the byte at offset {at} is not valid"),
            Self::TooLarge => write!(f, "is larger than {} MiB", MAX_BYTES >> 20),
            Self::Binary => write!(f, "is not text"),
            Self::Barred => write!(f, "is not read: only plain files of this repository are, and no hidden ones"),
        }
    }
}

/// An I/O error without its number, which differs between systems.
pub(crate) fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// The text of the file at `path`.
pub fn read(path: &Path) -> Result<String, ReadProblem> {
    into_text(read_bytes(path)?)
}

/// The bytes of the file at `path`, for callers that look before they ask for text.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, ReadProblem> {
    let mut file = fs::File::open(path)?;
    let size = file.metadata().map_or(0, |known| known.len());
    if size > MAX_BYTES {
        return Err(ReadProblem::TooLarge);
    }
    let mut first = Vec::new();
    if size > MAX_BINARY {
        Read::by_ref(&mut file).take(BLOCK as u64).read_to_end(&mut first)?;
        if first.contains(&0) {
            return Err(ReadProblem::Binary);
        }
    }
    drain(first.as_slice().chain(file), size as usize, MAX_BYTES)
}

/// The bytes of the file at `path`, whatever they are.
pub fn read_whole(path: &Path) -> Result<Vec<u8>, ReadProblem> {
    drain(fs::File::open(path)?, 0, MAX_BYTES)
}

/// The text on standard input.
pub fn read_stdin() -> Result<String, ReadProblem> {
    into_text(drain(io::stdin().lock(), 0, MAX_BYTES)?)
}

/// `bytes` as text.
pub fn into_text(bytes: Vec<u8>) -> Result<String, ReadProblem> {
    if utf16(&bytes).is_some() {
        return Err(ReadProblem::NotUtf8 { at: 0, utf16: true });
    }
    String::from_utf8(bytes).map_err(|error| ReadProblem::NotUtf8 { at: error.utf8_error().valid_up_to(), utf16: false })
}

/// The text of `bytes` that are UTF-16, as a byte order mark says, or zeros beside the first letters: what Windows
/// PowerShell writes for `>`. What is no UTF-16 in it is replaced.
pub fn utf16(bytes: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] | [1..=255, 0, 1..=255, 0, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] | [0, 1..=255, 0, 1..=255, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let (pairs, _) = bytes.as_chunks::<2>();
    let text: String =
        char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).map(|letter| letter.unwrap_or('\u{fffd}')).collect();
    Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Everything `from` gives, where that is at most `limit` bytes: devices and pipes do not tell their size beforehand.
fn drain(from: impl Read, size: usize, limit: u64) -> Result<Vec<u8>, ReadProblem> {
    // one more than the file has, so that its end is seen without growing
    let mut bytes = Vec::with_capacity(size + 1);
    from.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(ReadProblem::TooLarge) } else { Ok(bytes) }
}

/// Held while there is a temporary file.
static WRITING: Mutex<()> = Mutex::new(());

/// Does what ends the program: once no temporary file is left, and so that none is made.
pub fn between_writes(end: impl FnOnce()) {
    let _between = WRITING.lock();
    end();
}

/// Writes `text` to the file at `path` as a whole or not at all: a run that is broken off leaves no half of it. What is
/// not a plain file, such as a pipe, is written to as it is. Says why it could not, in the system's words.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot be written: {}", in_words(&error));
    if path.exists() && !path.is_file() {
        return fs::write(path, text).map_err(failed);
    }
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _writing = WRITING.lock();
    let mut builder = tempfile::Builder::new();
    // temporary files are for their owner alone; this one is to be as any other, so far as the user's mask allows
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(dir).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist(path).map(drop).map_err(|error| failed(error.error))
}

/// Writes `text` into the file at `path`, which held `before`, as a whole or not at all: into the file a link leads to, and
/// with the rights it has. Says why it was not written, in words that follow its name.
pub fn rewrite(path: &Path, before: &[u8], text: &str) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot be written: {}", in_words(&error));
    let path = fs::canonicalize(path).map_err(failed)?;
    let rights = fs::metadata(&path).map_err(failed)?.permissions();
    if fs::read(&path).map_err(failed)? != before {
        return Err("was changed meanwhile, so that it was not written".into());
    }
    if rights.readonly() {
        return Err("is for reading only, so that it was not written".into());
    }
    #[cfg(unix)]
    let owner = fs::metadata(&path).map(|known| (known.uid(), known.gid())).map_err(failed)?;
    write(&path, text)?;
    // only some may give a file away; for others it was theirs before
    #[cfg(unix)]
    drop(std::os::unix::fs::chown(&path, Some(owner.0), Some(owner.1)));
    fs::set_permissions(&path, rights).map_err(failed)
}

/// Every `*.yaml` and `*.yml` file under the rule directory `dir`, sorted by path, but test files and what is in directories
/// called `tests`.
pub fn rule_files(dir: &Path) -> Result<Vec<PathBuf>, ReadProblem> {
    yaml_files(dir, |below| !is_test(below) && !below.parent().is_some_and(|dir| dir.iter().any(|name| name == "tests")))
}

/// Every file under `dir` whose name ends in `_test` or `_tests` before `.yaml` or `.yml`, sorted by path; a file given in
/// place of a directory whatever its name.
pub fn test_files(dir: &Path) -> Result<Vec<PathBuf>, ReadProblem> {
    yaml_files(dir, is_test)
}

fn is_test(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    stem.is_some_and(|stem| stem.ends_with("_test") || stem.ends_with("_tests"))
}

/// The YAML files under `dir` whose path below it is `wanted`.
fn yaml_files(dir: &Path, wanted: fn(&Path) -> bool) -> Result<Vec<PathBuf>, ReadProblem> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(dir).sort_by_file_name() {
        let entry = entry.map_err(|error| match error.into_io_error() {
            Some(error) => ReadProblem::from(error),
            None => ReadProblem::Unreadable("a link leads back to where it is".into()),
        })?;
        // a file given in place of a directory is wanted, whatever its name
        let below = entry.path().strip_prefix(dir).unwrap_or(entry.path());
        let wanted = entry.depth() == 0 || (is_yaml(entry.path()) && wanted(below));
        // asked of the link's target; an editor's dangling lock link is no file
        if wanted && entry.path().is_file() {
            found.push(entry.into_path());
        }
    }
    found.sort();
    Ok(found)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// The first file called one of `names` in the directory of `start` or above it, up to the root of the file system.
/// Told relative to the working directory where it lies below that.
pub fn find_upwards(start: &Path, names: &[&str]) -> Option<PathBuf> {
    let dir = if start.is_dir() { start } else { start.parent()? };
    let here = fs::canonicalize(".").ok()?;
    let from = fs::canonicalize(dir).unwrap_or_else(|_| here.clone());
    let all = from.ancestors().flat_map(|dir| names.iter().map(|name| dir.join(name)));
    let found = all.into_iter().find(|path| path.is_file())?;
    Some(found.strip_prefix(&here).map(Path::to_path_buf).unwrap_or(found))
}

/// The path at which a file really is, also one that is not there (any more), or whose directory is not.
pub fn real(path: &Path) -> Option<PathBuf> {
    let there = fs::canonicalize(path).ok();
    there.or_else(|| {
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let dir = if dir == Path::new(".") { fs::canonicalize(dir).ok()? } else { real(dir)? };
        Some(dir.join(path.file_name()?))
    })
}

/// The nearest directory that holds `.git`, of the one at `dir` and those above it.
pub fn repository(dir: &Path) -> Option<&Path> {
    dir.ancestors().find(|above| above.join(".git").exists())
}

/// What a file is called however its path is spelt: the path below its repository, or else from the working directory.
/// `None` where there is no such file.
pub fn identity(path: &Path) -> Option<PathBuf> {
    let found = fs::canonicalize(path).ok()?;
    let below = found.parent().and_then(repository).and_then(|root| found.strip_prefix(root).ok());
    below.map(Path::to_path_buf).or_else(|| relative(Path::new("."), &found))
}

/// `path` relative to `dir`, if it lies below that; both are followed to where they really are.
pub fn below(dir: &Path, path: &Path) -> Option<PathBuf> {
    relative(dir, path).filter(|path| !path.starts_with(".."))
}

/// `path` relative to `dir`, where there is a way; both are followed to where they really are.
pub fn relative(dir: &Path, path: &Path) -> Option<PathBuf> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    let (dir, path) = (fs::canonicalize(dir).ok()?, fs::canonicalize(path).ok()?);
    let (up, above) = dir.ancestors().enumerate().find(|(_, above)| path.starts_with(above))?;
    let down = path.strip_prefix(above).ok()?;
    Some(std::iter::repeat_n("..", up).collect::<PathBuf>().join(down))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_or_a_stated_problem() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        };
        assert_eq!(read(&write("good", "é".as_bytes())), Ok("é".to_owned()));
        let said = |path: &Path| read(path).unwrap_err().to_string();
        assert_eq!(said(&write("latin", b"ab\xe9")), "is not UTF-8: the byte at offset 2 is not valid");
        for wide in [&b"\xff\xfe{\0"[..], b"\xfe\xff\0{", b"{\0 \0", b"\0{\0 "] {
            assert_eq!(said(&write("wide", wide)), "is UTF-16; save it as UTF-8");
        }
        assert_eq!(read(&write("zeros", b"{\0}")), Ok("{\0}".to_owned()));
        assert_eq!(said(&dir.path().join("none")), "cannot be read: No such file or directory");
        assert_eq!(said(dir.path()), "cannot be read: Is a directory");
        // sparse: takes no room on disk
        fs::File::create(dir.path().join("huge")).unwrap().set_len(MAX_BYTES + 1).unwrap();
        assert_eq!(said(&dir.path().join("huge")), "is larger than 512 MiB");
    }

    #[test]
    fn a_long_file_that_is_no_text_is_not_read_to_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("nuls");
        let holds = |first: &[u8], size: u64| {
            fs::write(&path, first).unwrap();
            fs::File::options().write(true).open(&path).unwrap().set_len(size).unwrap();
            read_bytes(&path).map(|bytes| bytes.len() as u64)
        };
        // a block and its last character, and one character more
        let (within, beyond) = ([b'a'; BLOCK - 1], [b'a'; BLOCK]);
        assert_eq!(holds(&within, MAX_BINARY + 1), Err(ReadProblem::Binary));
        assert_eq!(holds(&beyond, MAX_BINARY + 1), Ok(MAX_BINARY + 1));
        assert_eq!(holds(&within, MAX_BINARY), Ok(MAX_BINARY));
        assert_eq!(holds(b"", 500 << 20), Err(ReadProblem::Binary));
    }

    #[test]
    fn a_file_is_the_same_however_its_path_is_spelt() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["repo/.git/HEAD", "repo/infra/a.yaml", "alone.yaml"] {
            fs::create_dir_all(dir.path().join(name).parent().unwrap()).unwrap();
            fs::write(dir.path().join(name), "").unwrap();
        }
        for name in ["repo/infra/a.yaml", "repo/../repo/./infra/a.yaml"] {
            assert_eq!(identity(&dir.path().join(name)), Some(PathBuf::from("infra/a.yaml")), "{name}");
        }
        assert_eq!(identity(&dir.path().join("alone.yaml")), relative(Path::new("."), &dir.path().join("alone.yaml")));
        assert_eq!(identity(&dir.path().join("none.yaml")), None);
        // what is there no more, with its directory
        let gone = fs::canonicalize(dir.path()).unwrap().join("none/further/a.yaml");
        assert_eq!(real(&dir.path().join("none/further/a.yaml")), Some(gone));
    }

    #[test]
    fn utf_16_is_known_with_and_without_its_mark() {
        let all: Vec<u16> = "{\"é😀\"}".encode_utf16().collect();
        let (little, big) = (|unit: &u16| unit.to_le_bytes(), |unit: &u16| unit.to_be_bytes());
        let little: Vec<u8> = all.iter().flat_map(little).collect();
        let big: Vec<u8> = all.iter().flat_map(big).collect();
        for bytes in [&little, &big, &[&b"\xff\xfe"[..], &little].concat(), &[&b"\xfe\xff"[..], &big].concat()] {
            assert_eq!(utf16(bytes).as_deref(), Some("{\"é😀\"}"));
        }
        assert_eq!(utf16(b"\xff\xfe\0\xd8{").as_deref(), Some("\u{fffd}"));
        for text in ["", "{", "{}", "{\0", "\u{feff}{}"] {
            assert_eq!(utf16(text.as_bytes()), None);
        }
    }

    #[test]
    fn endless_input_is_cut_off() {
        assert_eq!(drain(io::repeat(b'a'), 0, 3), Err(ReadProblem::TooLarge));
        assert_eq!(drain(&b"abc"[..], 0, 3), Ok(b"abc".to_vec()));
    }

    #[test]
    fn a_file_is_written_as_a_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        assert_eq!((write(&path, "long before"), write(&path, "new")), (Ok(()), Ok(())));
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left");
        assert_eq!(write(&dir.path().join("none/out"), ""), Err("cannot be written: No such file or directory".into()));
        assert_eq!(write(dir.path(), ""), Err("cannot be written: Is a directory".into()));
    }

    #[test]
    fn rule_files_are_the_yaml_ones_in_order() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        for name in ["z.yml", "sub/b.yaml", "a.yaml", "README.md"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let names = ["a.yaml", "sub/b.yaml", "z.yml"].map(|name| dir.path().join(name)).to_vec();
        assert_eq!(rule_files(dir.path()), Ok(names));
        let single = dir.path().join("README.md");
        assert_eq!(rule_files(&single), Ok(vec![single]));
        assert!(matches!(rule_files(&dir.path().join("none")), Err(ReadProblem::Unreadable(_))));
    }

    #[test]
    fn paths_are_below_where_they_really_are() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("a")).unwrap();
        fs::write(dir.path().join("a/t.yaml"), "").unwrap();
        let path = dir.path().join("a/../a/t.yaml");
        assert_eq!(below(dir.path(), &path), Some("a/t.yaml".into()));
        assert_eq!(below(&dir.path().join("a"), &path), Some("t.yaml".into()));
        assert_eq!(below(&dir.path().join("a"), dir.path()), None);
        assert_eq!(below(dir.path(), Path::new("<stdin>")), None);
        fs::create_dir(dir.path().join("b")).unwrap();
        assert_eq!(relative(&dir.path().join("b"), &path), Some("../a/t.yaml".into()));
        assert_eq!(relative(&dir.path().join("a"), dir.path()), Some("..".into()));
    }

    #[test]
    fn the_nearest_file_upwards_wins() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        fs::create_dir_all(root.join("a/b")).unwrap();
        for name in ["s.yml", "a/s.yml", "a/s.yaml", "a/b/t.json"] {
            fs::write(root.join(name), "").unwrap();
        }
        let names = ["s.yaml", "s.yml"];
        assert_eq!(find_upwards(&root.join("a/b/t.json"), &names), Some(root.join("a/s.yaml")));
        assert_eq!(find_upwards(&root.join("a/b"), &names), Some(root.join("a/s.yaml")));
        assert_eq!(find_upwards(&root, &names), Some(root.join("s.yml")));
        assert_eq!(find_upwards(&root.join("a/none/t.json"), &["no-such-file-anywhere.yaml"]), None);
    }
}
