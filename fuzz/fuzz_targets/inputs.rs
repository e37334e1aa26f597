//! Any text as what a run goes by: settings, a profile, rules that are then checked with, parameter files, a baseline.
#![no_main]

use bucketlint::baseline::Baseline;
use bucketlint::config::Config;
use bucketlint::outcome::Outcome;
use bucketlint::parameters::read;
use bucketlint::profile::Profile;
use bucketlint::rule::catalog::load_files;
use bucketlint::source::FileId;
use bucketlint::syntax::toml;
use bucketlint_fuzz::{check, check_by, tree};
use libfuzzer_sys::fuzz_target;
use std::path::Path;
use std::sync::LazyLock;

const STACK: &str = include_str!("../../fixtures/policy/missing-actions/broken/read-only/stack.yaml");

fn stack() -> Vec<(String, Vec<u8>)> {
    vec![("stack.yaml".to_owned(), STACK.as_bytes().to_vec())]
}

fn same(path: &str) -> String {
    path.to_owned()
}

/// A run and the baseline of what it finds.
fn known() -> (Outcome, Baseline) {
    let outcome = check(stack());
    let baseline = Baseline::of(&outcome, &same);
    (outcome, baseline)
}

static KNOWN: LazyLock<String> = LazyLock::new(|| known().1.text());

fuzz_target!(|text: &str| {
    if let Some(root) = tree(text) {
        let _ = Config::read(&root, Path::new("settings"));
        let _ = Profile::read("fuzz", &root);
        for environment in [None, Some("dev")] {
            let _ = read(&root, text, environment);
        }
        let (rules, _) = load_files(&[("fuzz/rule".to_owned(), root)]);
        if !rules.is_empty() {
            check_by(stack(), &rules);
        }
    }
    if let Some(root) = toml::parse(FileId(0), text).root {
        let _ = read(&root, text, None);
    }
    if let Ok(baseline) = Baseline::read(text) {
        assert_eq!(Baseline::read(&baseline.text()).as_ref(), Ok(&baseline), "a baseline is not what it writes");
        let (mut outcome, own) = known();
        baseline.apply(&mut outcome, &same, &|_| true);
        let (mut outcome, _) = known();
        own.apply(&mut outcome, &same, &|_| true);
        assert!(outcome.findings.is_empty(), "what is known is told");
        assert_eq!(own.text(), *KNOWN);
    }
});
