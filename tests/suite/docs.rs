//! What the README and the pages under `docs/` show is what happens.
//!
//! Commands in ```` ```console ```` blocks are run, in a directory that holds the project's `fixtures` and `rules`, each
//! page in its own: every `$ ` line by a shell, and what follows it is what it has to print. A command that ends with
//! more than 1 has to be followed by `$ echo $?`. A block such as ```` ```yaml title=bucketlint.yaml ```` is first
//! written into that file. `BLESS=1 cargo test --test suite docs` puts the output there is into the pages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every page, relative to the project.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = walkdir::WalkDir::new(Path::new(ROOT).join("docs"))
        .into_iter()
        .map(|entry| entry.unwrap().into_path().strip_prefix(ROOT).unwrap().to_owned())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    let others = ["ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md", "README.md", "SECURITY.md", "rules/README.md"];
    pages.extend(others.map(PathBuf::from));
    pages.sort();
    pages
}

/// A page's text cut at its fences: odd parts are the blocks, each beginning with what stands behind its opening fence.
fn parts(text: &str) -> Vec<&str> {
    text.split("\n```").collect()
}

/// A directory as a reader would have it who tries a page.
fn workshop() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in ["fixtures", "rules"] {
        for entry in walkdir::WalkDir::new(Path::new(ROOT).join(name)) {
            let entry = entry.unwrap();
            let to = dir.path().join(entry.path().strip_prefix(ROOT).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir(to).unwrap();
            } else {
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    dir
}

/// What a shell prints for `command` on 80 columns and in Unicode, where the last one ended with `before`; and its status.
fn run(dir: &Path, command: &str, before: i32) -> (String, i32) {
    let tool = Path::new(env!("CARGO_BIN_EXE_bucketlint")).parent().unwrap();
    let path = std::env::join_paths([tool.to_owned()].into_iter().chain(std::env::split_paths(&std::env::var("PATH").unwrap())));
    let command = command.replace("cargo run --release -- ", "bucketlint ");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("(exit {before})\n{command}")])
        .current_dir(dir)
        .env_remove("NO_COLOR")
        .env_remove("COLUMNS")
        .env("PATH", path.unwrap())
        .env("LC_ALL", "C.UTF-8")
        .env("TERM", "xterm");
    let output = shell.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code().unwrap())
}

/// A console block as it has to be, and what is wrong with its statuses.
fn replay(dir: &Path, block: &str) -> (String, Vec<String>) {
    let commands: Vec<&str> = block.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    let (mut told, mut wrong, mut status) = (String::from("console"), Vec::new(), 0);
    for (at, command) in commands.iter().enumerate() {
        let (out, code) = run(dir, command, status);
        status = code;
        told.push_str(&format!("\n$ {command}\n{out}"));
        if told.ends_with('\n') {
            told.pop();
        }
        if code > 1 && commands.get(at + 1) != Some(&"echo $?") {
            wrong.push(format!("`{command}` ends with {code}, which `$ echo $?` has to tell\n{out}"));
        }
    }
    (told, wrong)
}

#[test]
fn shown_commands_print_what_is_shown() {
    let mut wrong = Vec::new();
    let mut ran = 0;
    for page in pages() {
        let text = fs::read_to_string(Path::new(ROOT).join(&page)).unwrap();
        let parts = parts(&text);
        assert!(parts.len() % 2 == 1, "{}: a fence is not closed", page.display());
        if !parts.iter().skip(1).step_by(2).any(|block| block.starts_with("console\n")) {
            continue;
        }
        let dir = workshop();
        let mut told = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let (info, body) = part.split_once('\n').unwrap_or((part, ""));
            if at % 2 == 1 && info == "console" {
                let (block, mistakes) = replay(dir.path(), body);
                wrong.extend(mistakes.into_iter().map(|mistake| format!("{}: {mistake}", page.display())));
                told.push(block);
                ran += 1;
            } else {
                if let (1, Some((_, file))) = (at % 2, info.split_once(" title=")) {
                    let file = dir.path().join(file);
                    fs::create_dir_all(file.parent().unwrap()).unwrap();
                    fs::write(file, format!("{body}\n")).unwrap();
                }
                told.push((*part).to_owned());
            }
        }
        let told = told.join("\n```");
        if told != text {
            if std::env::var_os("BLESS").is_some() {
                fs::write(Path::new(ROOT).join(&page), &told).unwrap();
            } else {
                wrong.push(format!("{} shows other output than this; BLESS=1 rewrites it\n{told}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(ran >= 2, "README alone shows two commands");
}

/// The name that a heading can be linked by.
fn anchor(heading: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    heading.to_lowercase().chars().filter(kept).map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// A page's text outside its blocks.
fn prose(text: &str) -> String {
    parts(text).into_iter().step_by(2).collect::<Vec<_>>().join("\n")
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in pages() {
        let at = Path::new(ROOT).join(&page);
        let text = prose(&fs::read_to_string(&at).unwrap());
        for target in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target) {
            if target.starts_with("https://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let to = if file.is_empty() { at.clone() } else { at.parent().unwrap().join(file) };
            assert!(to.exists(), "{}: there is no {target}", page.display());
            if !heading.is_empty() {
                let there = prose(&fs::read_to_string(to).unwrap());
                let mut headings =
                    there.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
                assert!(headings.any(|known| anchor(known) == heading), "{}: there is no {target}", page.display());
            }
        }
    }
}
