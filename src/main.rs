//! The command line program: everything is decided in the library.

use bucketlint::app::{Answer, Status, finish_writing, serve};
use bucketlint::cli::Cli;
use clap::Parser;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    finish_writing();
    let mut lost = false;
    let status = serve(&Cli::parse(), &mut |answer| match print(answer) {
        Ok(()) => true,
        // a reader that closes the pipe has seen enough
        Err(error) if error.kind() == ErrorKind::BrokenPipe => false,
        Err(error) => {
            lost = true;
            let _ = writeln!(io::stderr(), "bucketlint: the report cannot be written: {error}");
            false
        }
    });
    ExitCode::from(match status {
        _ if lost => 2,
        Status::Clean => 0,
        Status::Findings => 1,
        Status::Broken => 2,
    })
}

fn print(answer: &Answer) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(answer.out.as_bytes()).and_then(|()| out.flush());
    // where even this fails there is nobody left to tell
    let _ = io::stderr().write_all(answer.err.as_bytes());
    written
}
