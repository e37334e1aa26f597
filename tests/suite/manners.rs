//! How the program behaves on a command line: pipes, interrupts, saved files, and what it says besides the report.

use crate::program::folder;
use bucketlint::cli::Cli;
use clap::CommandFactory;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Its bucket has no policy, which is one error, and no trail.
const TEMPLATE: &str = "\
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: lab-data
      OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
  Logs:
    Type: AWS::S3::Bucket
    Properties: {BucketName: lab-logs}
  Other:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: lab-other
      LoggingConfiguration: {DestinationBucketName: !Ref Logs}
      OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
";

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bucketlint"));
    command.current_dir(dir).args(args).env_remove("NO_COLOR").env_remove("COLUMNS");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn run(dir: &Path, args: &[&str]) -> Output {
    command(dir, args).output().unwrap()
}

const CHECK: [&str; 4] = ["check", "--control-account", "123456789012", "--no-config"];

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let dir = folder(&[("a.yaml", TEMPLATE)]);
    let mut child = command(dir.path(), &[&CHECK[..], &["-"]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // nobody reads any more before there is anything to write
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(TEMPLATE.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!((done.status.code(), text(&done.stderr).as_str()), (Some(1), ""));
}

#[cfg(unix)]
#[test]
fn a_report_may_be_cut_by_head() {
    let dir = folder(&[("a.yaml", TEMPLATE)]);
    let line = format!("'{}' {} --format short . | head -1", env!("CARGO_BIN_EXE_bucketlint"), CHECK.join(" "));
    let done = Command::new("sh").args(["-c", &line]).current_dir(dir.path()).output().unwrap();
    assert_eq!(text(&done.stderr), "");
    assert!(text(&done.stdout).starts_with("a.yaml:2:3: error[policy/missing]: "), "{}", text(&done.stdout));
    assert_eq!(text(&done.stdout).lines().count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_is_lost_is_an_error() {
    let dir = folder(&[("a.yaml", TEMPLATE)]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let done = command(dir.path(), &CHECK).stdout(full).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).starts_with("bucketlint: the report cannot be written: No space left"), "{}", text(&done.stderr));
}

#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_run_and_leaves_reports_as_they_were() {
    use std::os::unix::process::ExitStatusExt;
    let dir = folder(&[("report.txt", "the report before\n")]);
    let args = [&CHECK[..], &["--output", "report.txt", "-"]].concat();
    let mut child = command(dir.path(), &args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // it waits for the rest
    child.stdin.as_mut().unwrap().write_all(b"Resources:\n").unwrap();
    // where this runs in the background, a shell may have it ignore interrupts until it listens for them
    let status = (0..200).find_map(|_| {
        interrupt(&child);
        std::thread::sleep(Duration::from_millis(50));
        child.try_wait().unwrap()
    });
    let status = status.expect("it ends");
    assert_eq!(status.signal(), Some(2), "of which a shell makes 130");
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["report.txt"]);
    assert_eq!(fs::read_to_string(dir.path().join("report.txt")).unwrap(), "the report before\n");
}

#[test]
fn quiet_leaves_the_findings() {
    let dir = folder(&[("a.yaml", TEMPLATE)]);
    let with = |args: &[&str]| run(dir.path(), &[&CHECK[..], args].concat());
    let (full, quiet) = (with(&[]), with(&["--quiet"]));
    let (all, findings) = (text(&full.stdout), text(&quiet.stdout));
    let rest = all.strip_prefix(&findings).expect("the same findings in the same words");
    assert!(findings.contains("error: ") && rest.starts_with("2 errors, ") && rest.contains("\nchecked 1 file"), "{rest}");
    assert_eq!((quiet.status.code(), text(&quiet.stderr).as_str()), (Some(1), ""));
    let empty = folder(&[]);
    let done = run(empty.path(), &[&CHECK[..], &["-q"]].concat());
    let said = text(&done.stdout);
    assert!(said.starts_with("source/nothing-checked\n"), "{said}");
    assert!(said.ends_with("\n\nnothing was checked: no template or policy was found\n"), "{said}");
    assert_eq!(run(dir.path(), &["check", "-q", "-v"]).status.code(), Some(2));
}

#[test]
fn a_named_policy_of_another_service_is_a_finding_that_says_whose() {
    let key = r#"{"Policy": "{\"Statement\": [{\"Action\": \"kms:*\", \"Resource\": \"*\"}]}", "PolicyName": "default"}"#;
    let dir = folder(&[("key.json", key), ("rest.json", "{\"Statement\": [{\"Principal\": ${WHO}}]}")]);
    let done = run(dir.path(), &["check", "--format", "short", "key.json", "rest.json"]);
    let lines: Vec<String> = text(&done.stdout).lines().map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "key.json:1:1: error[source/unreadable]: this is a policy of KMS; only the policies of buckets are checked",
            "rest.json:1:30: note[source/templated]: this is filled in before the file is what it is meant to be, so it was not read",
        ]
    );
    assert_eq!(done.status.code(), Some(1));
}

#[test]
fn verbose_tells_what_was_skipped_and_leaves_every_report_as_it_is() {
    let dir = folder(&[
        ("a.yaml", TEMPLATE),
        ("package.json", "{\"name\": \"x\"}"),
        ("key.json", r#"{"Statement": [{"Principal": "*", "Action": "kms:*", "Resource": "*"}]}"#),
        ("repository.json", r#"{"Statement": [{"Principal": ${WHO}, "Action": "ecr:*"}]}"#),
        ("notes.md", ""),
        ("main.py", ""),
        (".hidden/b.yaml", TEMPLATE),
        ("out/c.yaml", TEMPLATE),
        (".gitignore", "out/\n"),
        ("bucketlint.yaml", "severity: {trail/uncovered-bucket: off}\n"),
    ]);
    let check = ["check", "--control-account", "123456789012"];
    let done = run(dir.path(), &[&check[..], &["--verbose"]].concat());
    let said = text(&done.stderr);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines[..11],
        [
            "bucketlint: settings are those of bucketlint.yaml",
            "bucketlint: skipped .gitignore: hidden",
            "bucketlint: skipped .hidden: hidden",
            "bucketlint: skipped bucketlint.yaml: read as settings, rules or values",
            "bucketlint: skipped out: left out by .gitignore or .ignore",
            "bucketlint: skipped 2 files that end in none of .yaml, .yml, .json, .template, .tf, .tofu, .tfvars",
            "bucketlint: skipped key.json: a policy of KMS",
            "bucketlint: skipped package.json: neither a template nor a policy nor output of an aws command",
            "bucketlint: skipped repository.json: templated",
            "bucketlint: skipped bucket lab-logs (a.yaml): receives the access logs of Other",
            "bucketlint: skipped rule trail/uncovered-bucket: the settings turn it off",
        ]
    );
    let timings: Vec<&str> = lines[11..].iter().map(|line| line.split(" ms  ").nth(1).expect("a timing")).collect();
    assert_eq!((timings[0], *timings.last().unwrap()), ("reading settings and rules", "in all"));
    for format in ["pretty", "short", "json", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjsonl"] {
        let with = |args: &[&str]| run(dir.path(), &[&check[..], &["--format", format], args].concat());
        let plain = with(&[]);
        assert_eq!(text(&plain.stderr), "", "{format}");
        assert_eq!(with(&["-v"]).stdout, plain.stdout, "{format}");
        if format != "pretty" {
            assert_eq!(with(&["-q"]).stdout, plain.stdout, "{format}");
        }
    }
}

/// The lines of a pipe as they come.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn next(lines: &Receiver<String>) -> String {
    lines.recv_timeout(Duration::from_secs(60)).expect("a line within a minute")
}

#[cfg(unix)]
#[test]
fn watching_checks_again_when_a_file_is_saved() {
    use std::os::unix::process::ExitStatusExt;
    let dir = folder(&[
        ("infra/a.yaml", "Resources:\n  Data: {Type: AWS::S3::Bucket}\n"),
        ("profile/p.yaml", "title: t\nactions: s3:GetObject\n"),
    ]);
    // the report that it writes is no reason to begin again, nor is a file that is none of ours
    let args = "check --watch --no-config --control-account 123456789012 --trail elsewhere --profile profile/p.yaml --format short --format json=infra/out.json infra";
    let args: Vec<&str> = args.split(' ').collect();
    let mut child = command(dir.path(), &args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (out, err) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
    let waits = "bucketlint: watching; save a file to check again, Ctrl-C to end";
    let first = [next(&out), next(&out)];
    assert!(first.iter().any(|line| line.contains("error[policy/missing]")), "{first:?}");
    assert_eq!(next(&err), waits);

    fs::write(dir.path().join("infra/notes.txt"), "nothing").unwrap();
    fs::write(dir.path().join("infra/a.yaml"), "Resources:\n  Renamed: {Type: AWS::S3::Bucket}\n").unwrap();
    assert_eq!(next(&err), "bucketlint: infra/a.yaml was saved");
    assert_eq!(next(&err), waits);
    while !next(&out).contains("error[policy/missing]: bucket Renamed ") {}

    // a file outside the paths that the check goes by; saved in the way of editors
    fs::write(dir.path().join("profile/new"), "titel: t\nactions: s3:GetObject\n").unwrap();
    fs::rename(dir.path().join("profile/new"), dir.path().join("profile/p.yaml")).unwrap();
    assert_eq!(next(&err), "bucketlint: profile/p.yaml was saved");
    while !next(&err).contains("unknown key `titel`; did you mean `title`?") {}

    interrupt(&child);
    assert_eq!(child.wait().unwrap().signal(), Some(2));
}

#[cfg(unix)]
#[test]
fn watching_outlives_its_folder() {
    let dir = folder(&[("infra/a.yaml", "Resources:\n  Data: {Type: AWS::S3::Bucket}\n")]);
    let infra = dir.path().join("infra");
    for (from, root) in [(dir.path(), "infra"), (&infra, ".")] {
        let args = [
            "check",
            "--watch",
            "--no-config",
            "--control-account",
            "123456789012",
            "--trail",
            "elsewhere",
            "--format",
            "short",
            root,
        ];
        let mut child = command(from, &args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        let waits = "bucketlint: watching; save a file to check again, Ctrl-C to end";
        while next(&err) != waits {}
        for name in ["Second", "Third"] {
            fs::remove_dir_all(&infra).unwrap();
            while next(&err) != waits {}
            fs::create_dir(&infra).unwrap();
            fs::write(infra.join("a.yaml"), format!("Resources:\n  {name}: {{Type: AWS::S3::Bucket}}\n")).unwrap();
            while !next(&out).contains(&format!("error[policy/missing]: bucket {name} ")) {}
            while next(&err) != waits {}
        }
        interrupt(&child);
        assert!(child.wait().unwrap().code().is_none());
    }
}

#[cfg(unix)]
#[test]
fn a_terminal_that_closes_ends_a_run() {
    use std::os::unix::process::ExitStatusExt;
    let dir = folder(&[]);
    let mut child =
        command(dir.path(), &[&CHECK[..], &["-"]].concat()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let hang_up = |child: &std::process::Child| Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap();
    let status = (0..200).find_map(|_| {
        assert!(hang_up(&child).success());
        std::thread::sleep(Duration::from_millis(50));
        child.try_wait().unwrap()
    });
    assert_eq!(status.expect("it ends").signal(), Some(1));
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_to_outlive_its_terminal_does() {
    let dir = folder(&[]);
    let line = format!("trap '' HUP; exec '{}' {} -", env!("CARGO_BIN_EXE_bucketlint"), CHECK.join(" "));
    let mut shell = Command::new("sh");
    let mut child =
        shell.args(["-c", &line]).current_dir(dir.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap().success());
    std::thread::sleep(Duration::from_millis(100));
    child.stdin.take().unwrap().write_all(TEMPLATE.as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "it goes on to its findings");
}

#[test]
fn standard_input_cannot_be_watched() {
    let dir = folder(&[]);
    let done = run(dir.path(), &["check", "--watch", "-"]);
    assert_eq!(done.status.code(), Some(2));
    assert_eq!(text(&done.stderr), "bucketlint: --watch cannot read standard input again; name a file\n");
}

/// Every command with the flags it has, as the program itself knows them.
fn flags() -> Vec<(String, Vec<String>)> {
    let mut whole = Cli::command();
    whole.build();
    let of = |command: &clap::Command| {
        let longs = command.get_arguments().filter_map(|argument| argument.get_long().map(str::to_owned));
        (command.get_name().to_owned(), longs.collect())
    };
    whole.get_subcommands().filter(|command| command.get_name() != "help").map(of).collect()
}

#[test]
fn manual_pages_and_completions_know_every_flag() {
    let dir = folder(&[]);
    let page = text(&run(dir.path(), &["man"]).stdout);
    let shells = ["bash", "elvish", "fish", "powershell", "zsh"];
    let scripts = shells.map(|shell| text(&run(dir.path(), &["completions", shell]).stdout));
    assert!(flags().len() >= 9);
    for (name, longs) in flags() {
        assert!(page.contains(&format!("bucketlint\\-{name}(1)")), "{name}: {page}");
        let own = text(&run(dir.path(), &["man", &name]).stdout);
        assert!(own.contains("Example"), "{own}");
        for long in longs {
            assert!(own.contains(&format!("\\-\\-{}", long.replace('-', "\\-"))), "--{long} in {own}");
            for (shell, script) in shells.iter().zip(&scripts) {
                assert!(script.contains(&name) && script.contains(&long), "{shell}: {name} --{long}");
            }
        }
    }
}

#[test]
fn slips_are_answered_by_what_was_meant() {
    let dir = folder(&[("s.yaml", "severity: {policy/mising: off}\n"), ("k.yaml", "fail-on: note\n")]);
    for (args, meant) in [
        (&["chekc"][..], "'check'"),
        (&["check", "--fomrat", "json"], "'--format'"),
        (&["check", "--format", "jsno"], "`json`"),
        (&["check", "--fail-on", "eror"], "'error'"),
        (&["check", "--profile", "qiult"], "`quilt`"),
        (&["check", "--config", "s.yaml"], "`policy/missing`"),
        (&["config", "--config", "s.yaml"], "`policy/missing`"),
        (&["config", "--config", "k.yaml"], "`fail_on`"),
        (&["explain", "policy/mising"], "`policy/missing`"),
        (&["explain", "missing-actions"], "`policy/missing-actions`"),
        (&["man", "chek"], "`check`"),
        (&["schema", "setings"], "'settings'"),
        (&["completions", "bsh"], "'bash'"),
    ] {
        let done = run(dir.path(), args);
        assert_eq!((done.status.code(), text(&done.stdout).as_str()), (Some(2), ""), "{args:?}");
        assert!(text(&done.stderr).contains(meant), "{args:?}: {}", text(&done.stderr));
    }
}

#[test]
fn colour_is_for_every_command() {
    let dir = folder(&[("a.yaml", TEMPLATE), ("k.yaml", "fail-on: note\n")]);
    for args in
        [&["--color", "always", "config", "--config", "k.yaml"][..], &["check", "--config", "k.yaml", "--color", "always"]]
    {
        assert!(text(&run(dir.path(), args).stderr).contains("\u{1b}["), "{args:?}");
    }
    for args in [&["--color", "never", "check"][..], &["rules", "--color", "never"], &["check"], &["check", "-v"]] {
        let done = run(dir.path(), args);
        assert!(!text(&[done.stdout, done.stderr].concat()).contains('\u{1b}'), "{args:?}");
    }
}
