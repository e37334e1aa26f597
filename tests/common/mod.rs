//! What the program does before and around a run, for tests and benchmarks that call the library.
#![allow(dead_code, reason = "each test uses its part")]

use bucketlint::disk;
use bucketlint::load::Input;
use bucketlint::profile::{self, Profile};
use bucketlint::rule::{Rule, catalog};
use bucketlint::run::Plan;
use bucketlint::source::FileId;
use bucketlint::syntax::node::Node;
use bucketlint::syntax::parse::parse;
use bucketlint::walk;
use std::path::{Path, PathBuf};

/// The account that `fixtures/example` and the corpus are judged for.
pub(crate) const EXAMPLE_ACCOUNT: &str = "123456789012";

fn tree(text: &str) -> Node {
    parse(FileId(0), text).root.unwrap()
}

/// The built-in rules.
pub(crate) fn rules() -> Vec<Rule> {
    loaded(catalog::builtin_files())
}

/// The rules of the packs.
pub(crate) fn pack_rules() -> Vec<Rule> {
    loaded(catalog::pack_files())
}

fn loaded(files: Vec<(&'static str, &'static str)>) -> Vec<Rule> {
    let files: Vec<(String, Node)> = files.into_iter().map(|(id, text)| (id.to_owned(), tree(text))).collect();
    let (rules, problems) = catalog::load_files(&files);
    assert_eq!(problems, []);
    rules
}

/// A plan for one control account, everything else as without flags and settings.
pub(crate) fn plan(account: &str) -> Plan {
    Plan {
        control_accounts: vec![account.to_owned()],
        profile: Profile::read(profile::DEFAULT, &tree(profile::builtin(profile::DEFAULT).unwrap())).unwrap(),
        buckets: Default::default(),
        standalone_bucket: None,
        levels: Default::default(),
        trail_elsewhere: false,
        logs_read: false,
        partition: None,
        roles: Vec::new(),
        assume: Default::default(),
        given: Default::default(),
        allowing: Default::default(),
        most_looks: bucketlint::run::MOST_LOOKS,
        facts: false,
    }
}

/// What a walk over `dir` reads, shown relative to `base`.
pub(crate) fn inputs(base: &Path, dir: &Path) -> Vec<Input> {
    let files = walk::collect(&[dir.to_owned()], &[]).files;
    files.into_iter().map(|file| input(base, &file.path, false)).collect()
}

/// One file, shown relative to `base`.
pub(crate) fn input(base: &Path, path: &Path, named: bool) -> Input {
    let shown = walk::shown(path.strip_prefix(base).unwrap_or(path));
    Input { shown, named, bytes: disk::read_bytes(path) }
}

/// The directory of the corpus, where the environment names one.
#[allow(clippy::disallowed_methods, reason = "tests take no flags")]
pub(crate) fn corpus() -> Option<PathBuf> {
    let dir = PathBuf::from(std::env::var_os("BUCKETLINT_CORPUS")?);
    assert!(dir.is_dir(), "BUCKETLINT_CORPUS names no directory: {}", dir.display());
    Some(std::path::absolute(dir).unwrap())
}
