//! The command line program: everything is decided in the library.

use bucketlint::app::{Answer, Status, answer};
use bucketlint::cli::Cli;
use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Answer { out, err, status } = answer(&Cli::parse());
    // a reader that closes the pipe has seen enough
    let _ = std::io::stdout().write_all(out.as_bytes());
    let _ = std::io::stderr().write_all(err.as_bytes());
    ExitCode::from(match status {
        Status::Clean => 0,
        Status::Findings => 1,
        Status::Broken => 2,
    })
}
