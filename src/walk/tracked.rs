//! Files that git tracks and ignore files hide: whoever adds an ignore file can keep a template from being checked.

use super::{EXTENSIONS, STDIN, shown};
use crate::disk::{self, read_whole, repository};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// The files below `roots`, by path as shown, that are tracked by git and have one of our endings, but are not among those
/// `read`; neither hidden ones nor those in or below one of `exclude`.
pub fn passed_over(roots: &[PathBuf], exclude: &[PathBuf], read: &[String]) -> Vec<String> {
    let real = |path: &Path| disk::real(path);
    let read: BTreeSet<PathBuf> = read.iter().filter_map(|path| real(Path::new(path))).collect();
    let exclude: Vec<PathBuf> = exclude.iter().filter_map(|path| real(path)).collect();
    let mut out = BTreeSet::new();
    for root in roots.iter().filter(|root| root.as_os_str() != STDIN && root.is_dir()) {
        let Some(dir) = real(root) else { continue };
        let Some(top) = repository(&dir) else { continue };
        for path in tracked(top).iter().map(|name| top.join(name)) {
            let Ok(below) = path.strip_prefix(&dir) else { continue };
            let hidden = below.components().any(|part| is_hidden(part));
            let ours = path.extension().and_then(OsStr::to_str);
            let ours = ours.is_some_and(|ending| EXTENSIONS.iter().any(|ours| ours.eq_ignore_ascii_case(ending)));
            let left_out = exclude.iter().any(|known| path.starts_with(known));
            if ours && !hidden && !left_out && !read.contains(&path) && path.is_file() && !path.is_symlink() {
                out.insert(shown(&root.join(below)));
            }
        }
    }
    out.into_iter().collect()
}

fn is_hidden(part: Component<'_>) -> bool {
    part.as_os_str().to_string_lossy().starts_with('.')
}

/// The paths that the index of the repository at `top` has; none where there is no index that can be read.
/// <https://git-scm.com/docs/index-format>
fn tracked(top: &Path) -> Vec<String> {
    let git = top.join(".git");
    // of a further working tree, the file `.git` tells where the rest is
    let elsewhere = disk::read(&git).ok().filter(|_| git.is_file());
    let elsewhere = elsewhere.and_then(|text| Some(top.join(text.strip_prefix("gitdir:")?.trim())));
    let index = elsewhere.unwrap_or(git).join("index");
    read_whole(&index).ok().and_then(|bytes| names(&bytes)).unwrap_or_default()
}

/// The bytes of an entry before its flags: times, numbers, and a SHA-1.
const FIXED: usize = 60;

/// The paths in an index of version 2, 3 or 4.
fn names(index: &[u8]) -> Option<Vec<String>> {
    let number = |at: usize| Some(u32::from_be_bytes(index.get(at..at + 4)?.try_into().ok()?));
    let version = number(4).filter(|version| index.starts_with(b"DIRC") && (2..=4).contains(version))?;
    let (count, mut at) = (number(8)?, 12);
    let (mut out, mut name): (Vec<String>, Vec<u8>) = Default::default();
    for _ in 0..count {
        let start = at;
        let extended = index.get(at + FIXED)? & 0x40 != 0;
        at += FIXED + if extended { 4 } else { 2 };
        if version == 4 {
            let (drop, after) = varint(index, at)?;
            name.truncate(name.len().checked_sub(drop)?);
            at = after;
        } else {
            name.clear();
        }
        let rest = index.get(at..)?;
        let end = memchr::memchr(0, rest)?;
        name.extend_from_slice(&rest[..end]);
        // up to version 3, one to eight NUL characters fill an entry to a multiple of eight
        at = if version == 4 { at + end + 1 } else { start + (at + end - start) / 8 * 8 + 8 };
        out.extend(String::from_utf8(name.clone()));
    }
    Some(out)
}

/// A number of as many bytes as it takes, and where it ends.
fn varint(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut byte = *bytes.get(at)?;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        at += 1;
        byte = *bytes.get(at)?;
        value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
    }
    Some((value, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry of version 2, or of version 4 that drops so many bytes of the name before.
    fn entry(name: &str, drop: Option<usize>) -> Vec<u8> {
        let mut out = vec![1; FIXED];
        out.extend([0, 0]);
        out.extend(drop.map(|drop| drop as u8));
        out.extend(name.as_bytes());
        out.push(0);
        while drop.is_none() && !out.len().is_multiple_of(8) {
            out.push(0);
        }
        out
    }

    #[test]
    fn an_index_gives_its_paths() {
        let header = |version: u8| [&b"DIRC"[..], &[0, 0, 0, version, 0, 0, 0, 2]].concat();
        let two = [header(2), entry("a.yaml", None), entry("infra/long-name.yaml", None)].concat();
        assert_eq!(names(&two).unwrap(), ["a.yaml", "infra/long-name.yaml"]);
        // the second drops three bytes of the first
        let four = [header(4), entry("infra/a.yml", Some(0)), entry("json", Some(3))].concat();
        assert_eq!(names(&four).unwrap(), ["infra/a.yml", "infra/a.json"]);
        // the last name has six NUL characters behind it, of which the first ends it
        for cut in 0..=two.len() - 6 {
            assert!(names(&two[..cut]).is_none(), "{cut}");
        }
        assert_eq!((names(b"DIRC"), names(&[&header(9)[..], &two].concat())), (None, None));
        assert_eq!(varint(&[0x81, 0x00], 0), Some((256, 2)), "as git counts");
    }
}
