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

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(accounts: &[(&str, usize)], typed: &str) -> (Option<String>, String) {
        let accounts = accounts.iter().map(|(account, count)| ((*account).to_owned(), *count)).collect();
        let mut output = Vec::new();
        let answer = account(&Survey { accounts, ..Survey::default() }, &mut typed.as_bytes(), &mut output);
        (answer, String::from_utf8(output).unwrap())
    }

    #[test]
    fn an_empty_line_takes_what_is_offered() {
        let (answer, shown) = asked(&[("123456789012", 18), ("210987654321", 9)], "\n");
        assert_eq!(answer.as_deref(), Some("123456789012"));
        assert_eq!(
            shown,
            "the policies grant to account 123456789012 18 times\n\
             the policies grant to account 210987654321 9 times\n\
             Which AWS account is to use the buckets? [123456789012] "
        );
        let (answer, shown) = asked(&[("123456789012", 9), ("210987654321", 9)], "\n");
        assert_eq!(answer, None, "neither is more likely");
        assert!(shown.ends_with("use the buckets? "), "{shown}");
    }

    #[test]
    fn a_slip_is_asked_again_and_the_end_of_input_is_no_answer() {
        let (answer, shown) = asked(&[], "1234\n012345678901\n");
        assert_eq!(answer.as_deref(), Some("012345678901"));
        assert!(shown.contains("`1234` is not an AWS account ID"), "{shown}");
        assert_eq!(asked(&[], "").0, None);
    }
}
