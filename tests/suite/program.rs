//! Runs the program on files of a test's own.

use bucketlint::app::{Status, serve};
use bucketlint::cli::Cli;
use clap::Parser;
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

/// What [`run`] gives for a command that takes paths, without a new process: `dir` is given as its path, and left out of what
/// is said.
pub(crate) fn run_inside(dir: &Path, args: &[&str]) -> Done {
    let done = serve_inside(&[args, &[dir.to_str().unwrap()]].concat());
    let shown = format!("{}/", bucketlint::walk::shown(dir));
    Done { status: done.status, out: done.out.replace(&shown, ""), err: done.err.replace(&shown, "") }
}

/// What the library answers to `bucketlint ARGS`.
pub(crate) fn serve_inside(args: &[&str]) -> Done {
    let mut done = Done { status: 0, out: String::new(), err: String::new() };
    let status = serve(&Cli::try_parse_from([&["bucketlint"], args].concat()).unwrap(), &mut |answer| {
        done.out.push_str(&answer.out);
        done.err.push_str(&answer.err);
        true
    });
    done.status = match status {
        Status::Clean => 0,
        Status::Findings => 1,
        Status::Broken => 2,
    };
    done
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
