//! The one question that `init` asks on a terminal.

use super::survey::Survey;
use crate::config;
use std::io::{BufRead, Write};

/// Asks until there is an account, or an empty line, which takes the one that is likely. `None` if the answer is no
/// account, or the input ends.
pub(super) fn account(survey: &Survey, input: &mut impl BufRead, output: &mut impl Write) -> Option<String> {
    for (account, grants) in &survey.accounts {
        writeln!(output, "the policies grant to account {account} {grants} times").ok()?;
    }
    let likely = survey.likely();
    let offered = likely.map_or(String::new(), |likely| format!(" [{likely}]"));
    loop {
        write!(output, "Which AWS account is to use the buckets?{offered} ").and_then(|()| output.flush()).ok()?;
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            writeln!(output).ok()?;
            return None;
        }
        match (line.trim(), likely) {
            ("", likely) => return likely.map(str::to_owned),
            (answer, _) => match config::account(answer) {
                Ok(account) => return Some(account),
                Err(why) => writeln!(output, "{why}").ok()?,
            },
        }
    }
}
