//! The command line: flags to plain options, and how to draw on the terminal there is.

use crate::date::Date;
use crate::profile::ProfileSource;
use crate::report::{Format, Style};
use clap::{ArgAction, Args, ColorChoice, Parser, Subcommand};
use clap_complete::Shell;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

mod chosen;
mod help;
mod other;
pub use chosen::Chosen;
pub use other::{ConfigOptions, FactsOptions, InitOptions, ListFormat, RulesOptions, SchemaOf, TestOptions, TreeFormat};

/// Tells, before deployment, whether S3 buckets can be used from another account
#[derive(Clone, PartialEq, Debug, Parser)]
#[command(version, max_term_width = 100, disable_help_flag = true, after_help = help::PROGRAM)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// auto, always or never; NO_COLOR is heeded [default: auto]
    #[arg(
        long,
        value_name = "WHEN",
        global = true,
        display_order = 999,
        default_value = "auto",
        hide_possible_values = true,
        hide_default_value = true,
        hide_short_help = true
    )]
    pub color: ColorChoice,
    /// Print help
    #[arg(short, long, global = true, display_order = 1000, action = ArgAction::HelpShort)]
    pub help: Option<bool>,
}

/// What `bucketlint` can do.
#[derive(Clone, PartialEq, Debug, Subcommand)]
pub enum Command {
    /// Check CloudFormation templates and bucket policies
    #[command(after_help = help::CHECK, after_long_help = help::CHECK_LONG)]
    Check(CheckOptions),
    /// Write a settings file that suits this repository
    #[command(after_help = help::INIT)]
    Init(InitOptions),
    /// Show the settings a check goes by, and where each is from
    #[command(after_help = help::CONFIG)]
    Config(ConfigOptions),
    /// Ask one question of a bucket's policy
    #[command(after_help = help::DECIDE)]
    Decide(DecideOptions),
    /// Show the facts that rules select from
    #[command(after_help = help::FACTS)]
    Facts(FactsOptions),
    /// List the rules
    #[command(after_help = help::RULES)]
    Rules(RulesOptions),
    /// Run the test files of rules
    #[command(after_help = help::TEST)]
    Test(TestOptions),
    /// Explain one rule
    #[command(after_help = help::EXPLAIN)]
    Explain {
        /// The rule's id, such as policy/missing-actions
        rule: String,
        /// Directory of further rules; repeatable
        #[arg(long, value_name = "DIR")]
        rules: Vec<PathBuf>,
    },
    /// Print the JSON Schema of settings or profiles
    #[command(after_help = help::SCHEMA)]
    Schema {
        /// settings or profile
        #[arg(value_name = "FILE", default_value = "settings", hide_possible_values = true)]
        of: SchemaOf,
    },
    /// Print a script that completes commands and flags
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// bash, elvish, fish, powershell or zsh
        #[arg(hide_possible_values = true)]
        shell: Shell,
    },
    /// Print a manual page
    #[command(after_help = help::MAN)]
    Man {
        /// A command with a page of its own
        command: Option<String>,
    },
}

/// The flags of `decide`, as given.
#[derive(Clone, PartialEq, Debug, Default, Args)]
pub struct DecideOptions {
    /// Policy document, template, or output of aws s3api get-bucket-policy; - is standard input
    #[arg(long, value_name = "FILE")]
    pub policy: PathBuf,
    /// Name of the bucket, or its logical ID in a template
    #[arg(long, value_name = "NAME")]
    pub bucket: String,
    /// ARN of a role, user or session; an account ID for all of an account; * for no credentials
    ///
    /// ARN of a role, user or session; an account ID for all of an account; a service such as cloudtrail.amazonaws.com; *
    /// for requests without credentials
    #[arg(long, value_name = "ARN")]
    pub principal: String,
    /// Such as s3:GetObject
    #[arg(long)]
    pub action: String,
    /// Key of one object, for one request; without it, for all objects
    ///
    /// Key of one object, for one request that carries what --context states; without it, the answer is for all objects
    /// and all that requests may carry
    #[arg(long, allow_hyphen_values = true)]
    pub key: Option<String>,
    /// What the request carries, as aws:SourceVpce=vpce-1; repeatable
    ///
    /// Condition key and value the request carries, such as aws:SourceVpce=vpce-1; repeatable, also for further values
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub context: Vec<(String, String)>,
    /// Parameter values of a template, as for aws or sam; repeatable
    #[arg(long = "parameters", value_name = "FILE", hide_short_help = true)]
    pub parameter_files: Vec<PathBuf>,
    /// One parameter's value; repeatable
    #[arg(long = "parameter", value_name = "K=V", value_parser = parameter, hide_short_help = true)]
    pub parameters: Vec<(String, String)>,
    /// text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true, hide_short_help = true)]
    pub format: ListFormat,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let named = text.split_once('=').filter(|(key, _)| !key.is_empty());
    let (key, value) = named.ok_or_else(|| format!("`{text}` is not KEY=VALUE"))?;
    Ok((key.to_owned(), value.to_owned()))
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let named = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = named.ok_or_else(|| format!("`{text}` is not K=V"))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| format!("`{text}` is not a day such as 2027-01-31"))
}

/// The day it is, in UTC.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the clock")]
pub fn today() -> Date {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Date::of_seconds(now.map_or(0, |since| since.as_secs()))
}

/// The flags of `check`, as given.
#[derive(Clone, PartialEq, Debug, Default, Args)]
pub struct CheckOptions {
    /// Files or directories; - is standard input [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The flags that stand for settings.
    #[command(flatten)]
    pub chosen: Chosen,
    /// pretty, short, json, sarif, … [default: pretty]
    ///
    /// pretty, short, json, sarif, github, gitlab, junit, checkstyle or rdjsonl; FORMAT=FILE writes into a file; repeatable
    #[arg(long = "format", value_name = "FORMAT", value_parser = sheet)]
    pub formats: Vec<Sheet>,
    /// Write the report to this file
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub output: Option<PathBuf>,
    /// Take what is found into the baseline: --baseline, or bucketlint-baseline.json
    #[arg(long, conflicts_with_all = ["changed", "buckets"], hide_short_help = true)]
    pub write_baseline: bool,
    /// The day to go by, such as 2027-01-31, for what is allowed until then [default: today, in UTC]
    #[arg(long, value_name = "DATE", value_parser = date, hide_short_help = true)]
    pub today: Option<Date>,
    /// PATHs are changed files: report on them alone, but read everything in .
    #[arg(long, hide_short_help = true)]
    pub changed: bool,
    /// Check again whenever a file is saved; Ctrl-C ends it
    #[arg(long, conflicts_with_all = ["write_baseline", "fix", "fix_only", "diff"], hide_short_help = true)]
    pub watch: bool,
    /// Mend what is safe to mend, and report what is left
    ///
    /// Write into the files what mends findings and cannot widen access or take it from anybody, and report what is left
    #[arg(long, conflicts_with = "write_baseline")]
    pub fix: bool,
    /// As --fix, but report nothing of what is left
    #[arg(long, conflicts_with = "write_baseline", hide_short_help = true)]
    pub fix_only: bool,
    /// With these: also what grants something, or changes to whom
    ///
    /// With --fix, --fix-only or --diff: mend also what grants something, or changes to whom it is granted
    #[arg(long, hide_short_help = true)]
    pub unsafe_fixes: bool,
    /// Print as a diff what --fix would write, and write nothing
    #[arg(long, conflicts_with_all = ["write_baseline", "fix"], hide_short_help = true)]
    pub diff: bool,
    /// How many findings there are of each rule, and how many can be fixed
    #[arg(long, conflicts_with_all = ["formats", "diff", "fix_only"], hide_short_help = true)]
    pub statistics: bool,
    /// The findings alone: no summary for people, no progress bar
    #[arg(short, long, conflicts_with = "verbose", hide_short_help = true)]
    pub quiet: bool,
    /// Tell on standard error what was skipped, and how long each stage took
    #[arg(short, long, hide_short_help = true)]
    pub verbose: bool,
    /// Whether the tree of facts is wanted, which no flag asks for.
    #[arg(skip)]
    pub facts: bool,
}

impl CheckOptions {
    /// Whether files are to be mended, or would be.
    pub fn mends(&self) -> bool {
        self.fix || self.fix_only || self.diff
    }
}

/// One report to be written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sheet {
    /// In which format.
    pub format: Format,
    /// Where to; standard output if none.
    pub file: Option<PathBuf>,
}

fn sheet(text: &str) -> Result<Sheet, String> {
    let (word, file) = text.split_once('=').map_or((text, None), |(word, file)| (word, Some(file)));
    if file == Some("") {
        return Err(format!("`{text}` names no file"));
    }
    Ok(Sheet { format: Format::find(word)?, file: file.map(PathBuf::from) })
}

/// The reports to be written, of which at most one goes to standard output, or to the file `output` in its place.
pub fn sheets(formats: &[Sheet], output: Option<&Path>) -> Result<Vec<Sheet>, String> {
    let mut sheets = if formats.is_empty() { vec![Sheet::default()] } else { formats.to_vec() };
    let open: Vec<&mut Sheet> = sheets.iter_mut().filter(|sheet| sheet.file.is_none()).collect();
    match (open.len(), output) {
        (0, Some(_)) => return Err("--output has nothing to write: every --format has a file of its own".into()),
        (0 | 1, _) => open.into_iter().for_each(|sheet| sheet.file = output.map(Path::to_path_buf)),
        _ => return Err("only one report can be without a file: write --format FORMAT=FILE for the others".into()),
    }
    let twice = sheets.iter().enumerate().find(|(at, sheet)| sheets[..*at].iter().any(|other| other.file == sheet.file));
    match twice.and_then(|(_, sheet)| sheet.file.as_ref()) {
        Some(file) => Err(format!("two reports go to {}", file.display())),
        None => Ok(sheets),
    }
}

fn profile(text: &str) -> Result<ProfileSource, String> {
    ProfileSource::find(text, Path::new(""))
}

/// Whether there is somebody to answer a question.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Whether standard error can show how far a run is: it is a terminal, and nobody's log.
pub fn can_draw() -> bool {
    std::io::stderr().is_terminal() && env("CI").is_none() && env("TERM").as_deref() != Some("dumb")
}

/// Whether a report is to take the place of the one before it on the screen.
pub fn can_clear() -> bool {
    std::io::stdout().is_terminal() && env("TERM").as_deref() != Some("dumb")
}

/// What suits standard output as it is, and the `choice` made.
pub fn style_of_stdout(choice: ColorChoice) -> Style {
    let stdout = std::io::stdout();
    let told = || env("COLUMNS").and_then(|columns| columns.parse().ok());
    let width = terminal_size::terminal_size_of(&stdout).map(|(width, _)| width.0).or_else(told);
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(env);
    Style {
        width: columns(width),
        unicode: supports_unicode::on(supports_unicode::Stream::Stdout) && !is_ascii(locale.as_deref()),
        colour: coloured(choice, stdout.is_terminal(), env("NO_COLOR").is_some(), env("TERM").as_deref()),
    }
}

/// The variable called `name`, unless it is unset or empty.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the environment")]
fn env(name: &str) -> Option<String> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
}

/// As wide as the terminal, but never so wide that lines are hard to follow; 80 where there is none.
fn columns(terminal: Option<u16>) -> usize {
    terminal.map_or(80, |width| usize::from(width).clamp(40, 120))
}

/// Whether the locale asks for ASCII, also in a pipe, where Unicode is taken for granted otherwise.
fn is_ascii(locale: Option<&str>) -> bool {
    matches!(locale, Some("C" | "POSIX"))
}

/// `no_color` as https://no-color.org has it: a flag overrules it.
fn coloured(choice: ColorChoice, terminal: bool, no_color: bool, term: Option<&str>) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => terminal && !no_color && term != Some("dumb"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{FailOn, TrailPlace};
    use clap::CommandFactory;

    fn check(flags: &str) -> Result<CheckOptions, String> {
        let words = ["bucketlint", "check"].into_iter().chain(flags.split_whitespace());
        match Cli::try_parse_from(words).map_err(|error| error.to_string())?.command {
            Command::Check(options) => Ok(options),
            other => panic!("{other:?}"),
        }
    }

    /// The first line of a usage error, which ends the program with status 2.
    fn refused(flags: &str) -> String {
        check(flags).unwrap_err().lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn flags_become_options() {
        Cli::command().debug_assert();
        assert_eq!(check(""), Ok(CheckOptions::default()));
        let all = "a - --control-account 123456789012 --control-account 012345678901 --profile quilt-8 --bucket a --bucket b \
                   --rules r --pack aws-s3 --format json --format sarif=out.sarif --output o.json --fail-on never --allow-empty --color always --config c.yaml --verbose --trail elsewhere --parameters p.json --parameters s.toml#prod --parameter A=b=c";
        let json = Sheet { format: Format::Json, file: None };
        let want = CheckOptions {
            paths: vec!["a".into(), "-".into()],
            chosen: Chosen {
                control_accounts: vec!["123456789012".into(), "012345678901".into()],
                profile: Some(ProfileSource::Builtin("quilt-8")),
                buckets: vec!["a".into(), "b".into()],
                trail: Some(TrailPlace::Elsewhere),
                parameter_files: vec!["p.json".into(), "s.toml#prod".into()],
                parameters: vec![("A".into(), "b=c".into())],
                rules: vec!["r".into()],
                packs: vec!["aws-s3".into()],
                fail_on: Some(FailOn::Never),
                allow_empty: true,
                config: Some("c.yaml".into()),
                no_config: false,
                baseline: None,
            },
            formats: vec![json, Sheet { format: Format::Sarif, file: Some("out.sarif".into()) }],
            output: Some("o.json".into()),
            write_baseline: false,
            today: None,
            changed: false,
            watch: false,
            fix: false,
            fix_only: false,
            unsafe_fixes: false,
            diff: false,
            statistics: false,
            quiet: false,
            verbose: true,
            facts: false,
        };
        assert_eq!(check(all), Ok(want));
        assert_eq!(check("--profile p.yaml").unwrap().chosen.profile, Some(ProfileSource::File("p.yaml".into())));
        assert!(check("--no-config").unwrap().chosen.no_config);
        assert!(check("--changed a.yaml").unwrap().changed);
        let known = check("--write-baseline --baseline b.json --today 2027-01-31").unwrap();
        assert_eq!(
            (known.chosen.baseline, known.write_baseline, known.today),
            (Some("b.json".into()), true, Date::parse("2027-01-31"))
        );
    }

    #[test]
    fn other_commands() {
        let command = |words: &[&str]| Cli::try_parse_from([&["bucketlint"], words].concat()).map(|cli| cli.command).ok();
        assert_eq!(command(&["rules"]), Some(Command::Rules(RulesOptions::default())));
        let json = RulesOptions { rules: vec!["r".into()], packs: vec!["aws-s3".into()], format: ListFormat::Json };
        assert_eq!(command(&["rules", "--rules", "r", "--pack", "aws-s3", "--format", "json"]), Some(Command::Rules(json)));
        let test = TestOptions { paths: vec!["d".into()], rules: vec!["r".into()] };
        assert_eq!(command(&["test", "--rules", "r", "d"]), Some(Command::Test(test)));
        assert_eq!(
            command(&["explain", "policy/missing"]),
            Some(Command::Explain { rule: "policy/missing".into(), rules: Vec::new() })
        );
        assert_eq!(command(&["explain"]), None);
        assert_eq!(command(&[]), None);
    }

    #[test]
    fn mistaken_flags_are_refused_in_plain_words() {
        let account = |id: &str| {
            format!(
                "error: invalid value '{id}' for '--control-account <ID>': `{id}` is not an AWS account ID, which has twelve digits and nothing else"
            )
        };
        for id in ["12345", "1234567890123", "1234-5678-9012", "12345678901x", "١٢٣٤٥٦"] {
            assert_eq!(refused(&format!("--control-account {id}")), account(id));
        }
        assert_eq!(
            refused("--profile qiult"),
            "error: invalid value 'qiult' for '--profile <NAME|FILE>': unknown profile `qiult`; did you mean `quilt`?"
        );
        assert_eq!(
            refused("--format serif"),
            "error: invalid value 'serif' for '--format <FORMAT>': unknown format `serif`; did you mean `sarif`?"
        );
        assert_eq!(refused("--format json="), "error: invalid value 'json=' for '--format <FORMAT>': `json=` names no file");
        assert_eq!(
            refused("--today 2027-02-29"),
            "error: invalid value '2027-02-29' for '--today <DATE>': `2027-02-29` is not a day such as 2027-01-31"
        );
        // what is not looked at would be lost from the baseline
        for flags in ["--write-baseline --changed a", "--write-baseline --bucket a"] {
            assert!(refused(flags).contains("'--write-baseline' cannot be used with '--"), "{}", refused(flags));
        }
        assert_eq!(refused("--parameter =x"), "error: invalid value '=x' for '--parameter <K=V>': `=x` is not K=V");
        assert_eq!(refused("--fail-on fatal"), "error: invalid value 'fatal' for '--fail-on <LEVEL>'");
        assert_eq!(refused("--config a --no-config"), "error: the argument '--config <FILE>' cannot be used with '--no-config'");
        let error = Cli::try_parse_from(["bucketlint", "check", "--fail-on", "fatal"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn one_report_at_most_goes_without_a_file() {
        let asked = |flags: &str| {
            let options = check(flags).unwrap();
            let sheets = sheets(&options.formats, options.output.as_deref())?;
            Ok::<_, String>(sheets.into_iter().map(|sheet| (sheet.format, sheet.file)).collect::<Vec<_>>())
        };
        let file = |name: &str| Some(PathBuf::from(name));
        assert_eq!(asked(""), Ok(vec![(Format::Pretty, None)]));
        assert_eq!(asked("--output o"), Ok(vec![(Format::Pretty, file("o"))]));
        assert_eq!(asked("--format sarif=s --format short"), Ok(vec![(Format::Sarif, file("s")), (Format::Short, None)]));
        assert_eq!(asked("--format sarif=s"), Ok(vec![(Format::Sarif, file("s"))]));
        let refused = |flags: &str| asked(flags).unwrap_err();
        let wanted = "only one report can be without a file: write --format FORMAT=FILE for the others";
        assert_eq!(refused("--format sarif --format short"), wanted);
        assert_eq!(refused("--format sarif=s --output o"), "--output has nothing to write: every --format has a file of its own");
        assert_eq!(refused("--format sarif=o --format short=o"), "two reports go to o");
    }

    #[test]
    fn the_help_of_every_command_fits_one_screen_and_has_an_example() {
        let mut whole = Cli::command().term_width(80);
        whole.build();
        let names: Vec<String> = whole.get_subcommands().map(|command| command.get_name().to_owned()).collect();
        let mut shown = vec![whole.render_help().to_string()];
        for name in names.iter().filter(|name| *name != "help") {
            let help = whole.find_subcommand_mut(name).unwrap().render_help().to_string();
            assert!(help.contains(&format!("bucketlint {name}")), "{help}");
            shown.push(help);
        }
        for help in shown {
            assert!(help.lines().count() <= 24, "{help}");
            // clap does not break the line on usage
            assert!(help.lines().all(|line| line.len() <= 80 || line.starts_with("Usage: ")), "{help}");
            assert!(help.contains("\nExample"), "{help}");
        }
        assert_eq!(
            Cli::try_parse_from(["bucketlint", "check", "--help"]).unwrap_err().kind(),
            clap::error::ErrorKind::DisplayHelp
        );
    }

    #[test]
    fn colour_needs_a_terminal_unless_asked_for() {
        use ColorChoice::{Always, Auto, Never};
        assert!(coloured(Auto, true, false, Some("xterm")));
        assert!(coloured(Auto, true, false, None));
        assert!(!coloured(Auto, false, false, None));
        assert!(!coloured(Auto, true, true, None));
        assert!(!coloured(Auto, true, false, Some("dumb")));
        assert!(coloured(Always, false, true, None));
        assert!(!coloured(Never, true, false, None));
    }

    #[test]
    fn width_and_characters_follow_the_terminal() {
        assert_eq!([None, Some(100), Some(300), Some(0)].map(columns), [80, 100, 120, 40]);
        assert!(is_ascii(Some("C")) && is_ascii(Some("POSIX")));
        assert!(!is_ascii(Some("C.UTF-8")) && !is_ascii(None));
    }
}
