//! `init`: a settings file that suits the repository.

mod question;
mod survey;
mod text;

use super::{Answer, Trouble, done, inputs};
use crate::cli::{InitOptions, can_ask};
use crate::config::FILE_NAMES;
use crate::{disk, walk};
use std::io;
use std::path::{Path, PathBuf};
use survey::Survey;

/// Looks at the directory and writes its settings file.
pub(super) fn init(options: &InitOptions) -> Result<Answer, Trouble> {
    let dir = options.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    if !dir.is_dir() {
        return Err(Trouble::Plain(format!("{} is no directory", walk::shown(&dir))));
    }
    let there = FILE_NAMES.iter().map(|name| dir.join(name)).find(|path| path.exists());
    let path = there.clone().unwrap_or_else(|| dir.join(FILE_NAMES[0]));
    let shown = walk::shown(&path);
    if there.is_some() && !options.force && !options.stdout {
        return Err(Trouble::Plain(format!(
            "{shown} is there already; --force replaces it, --stdout shows what would be written"
        )));
    }
    let survey = Survey::of(&dir, inputs(std::slice::from_ref(&dir), std::slice::from_ref(&path)));
    let mut accounts = options.control_accounts.clone();
    if accounts.is_empty() && can_ask() {
        accounts.extend(question::account(&survey, &mut io::stdin().lock(), &mut io::stderr()));
    }
    if accounts.is_empty() {
        accounts.extend(survey.likely().map(str::to_owned));
    }
    let text = text::settings(&survey, &accounts);
    if options.stdout {
        return done(text);
    }
    disk::write(&path, &text).map_err(|why| Trouble::Plain(format!("{shown}: {why}")))?;
    done(told(&shown, &survey, &accounts, &dir))
}

/// What to say once the file is written.
fn told(shown: &str, survey: &Survey, accounts: &[String], dir: &Path) -> String {
    let mut out = format!("wrote {shown}, having seen {}\n", survey.seen());
    out += &match accounts {
        [] => format!("the control account is not known: put it into {shown}\n"),
        accounts => format!("control account: {}\n", accounts.join(", ")),
    };
    let dir = walk::shown(dir);
    out + &format!("next: bucketlint check{}\n", if dir == "." { String::new() } else { format!(" {dir}") })
}
