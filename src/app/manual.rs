//! `completions` and `man`: what packages of the program install next to it.

use super::Trouble;
use crate::cli::Cli;
use crate::syntax::fields::did_you_mean;
use clap::CommandFactory;
use clap_complete::Shell;

/// A script that completes commands and flags in `shell`.
pub(super) fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "bucketlint", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual page of the program, or of one of its commands, as `man` formats it.
pub(super) fn page(command: Option<&str>) -> Result<String, Trouble> {
    let mut whole = Cli::command();
    whole.build();
    let names: Vec<String> = whole.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let wanted = match command {
        None => whole.clone(),
        Some(name) => whole.find_subcommand(name).cloned().ok_or_else(|| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            Trouble::Plain(format!("there is no command `{name}`{}", did_you_mean(name, &names)))
        })?,
    };
    let title = command.map_or("bucketlint".to_owned(), |name| format!("bucketlint-{name}"));
    let mut page = Vec::new();
    clap_mangen::Man::new(wanted)
        .title(title)
        .render(&mut page)
        .map_err(|error| Trouble::Plain(format!("the manual page cannot be written: {error}")))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
