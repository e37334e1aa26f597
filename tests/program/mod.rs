//! Runs the program on files of a test's own.
#![allow(dead_code, reason = "each test uses its part")]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

pub(crate) struct Done {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    pub(crate) fn rules(&self) -> Vec<String> {
        let report = self.json();
        report["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
    }
}

pub(crate) fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bucketlint"));
    for name in ["NO_COLOR", "COLUMNS", "LC_ALL", "LC_CTYPE", "LANG", "RAYON_NUM_THREADS"] {
        command.env_remove(name);
    }
    command.current_dir(dir).args(args);
    command
}

pub(crate) fn finish(mut command: Command) -> Done {
    let done = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Done { status: done.status.code().expect("no signal"), out: text(done.stdout), err: text(done.stderr) }
}

pub(crate) fn run(dir: &Path, args: &[&str]) -> Done {
    finish(command(dir, args))
}

pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}
