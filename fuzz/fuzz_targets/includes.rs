//! Any text as the location of an include, and any bytes as what stands there: nothing outside of the repository is told.
#![no_main]

use bucketlint_fuzz::check;
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

/// What stands in a file beside the repository, and in a hidden one within.
const CANARY: &str = "canary-7f3a";

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let dir = std::env::temp_dir().join(format!("bucketlint-fuzz-{}", std::process::id()));
    for folder in ["repository/.git", "repository/parts"] {
        fs::create_dir_all(dir.join(folder)).expect("a folder");
    }
    let canary = format!("BucketName: {CANARY}\n");
    for file in ["secret.yaml", "repository/.git/config", "repository/.secret.yaml"] {
        fs::write(dir.join(file), &canary).expect("a file");
    }
    #[cfg(unix)]
    let _ = std::os::unix::fs::symlink(dir.join("secret.yaml"), dir.join("repository/link.yaml"));
    dir
});

fuzz_target!(|input: (&str, &[u8])| {
    let (location, part) = input;
    let repository = ROOT.join("repository");
    fs::write(repository.join("parts/part.yaml"), part).expect("a file");
    // the name under which a part that is written here, and one outside, is found at once
    for location in [location, "parts/part.yaml", "../secret.yaml", "link.yaml", ".secret.yaml", ".git/config"] {
        let include = json!({"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": location}}});
        let template = json!({"Resources": {"Data": {"Type": "AWS::S3::Bucket", "Properties": include}}});
        let shown = repository.join("stack.json").to_string_lossy().into_owned();
        let outcome = check(vec![(shown, template.to_string().into_bytes())]);
        let told = format!("{:?}{:?}", outcome.findings, outcome.buckets);
        assert!(!told.contains(CANARY) || part.windows(CANARY.len()).any(|found| found == CANARY.as_bytes()), "{location:?} leads out: {told}");
    }
});
