//! Every text to paste, pasted where its finding says and checked again: the finding is gone, and nothing else has come.
//! Of the fixtures each by itself; of the corpus, where `BUCKETLINT_CORPUS` names it, all of one repository at once.

use crate::common;
use bucketlint::finding::{Finding, Severity};
use bucketlint::load::{Input, load};
use bucketlint::outcome::Outcome;
use bucketlint::rule::Rule;
use bucketlint::run::run;
use bucketlint::source::{FileId, Source, Span};
use bucketlint::syntax::embedded::parse_embedded;
use bucketlint::syntax::node::{Entry, Node};
use bucketlint::syntax::parse::parse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(common::rules);

/// Where something comes up that no text to paste could mend.
const UNMENDED: [(&str, &str); 3] = [
    ("undeliverable/broken/organization", "the organization's id is for somebody to fill in who knows it"),
    ("variable_rendering/render_join", "the bucket's name, `a:b:c`, is one that S3 refuses"),
    ("wrong-principal/broken/all-but-the-control-account", "its condition is a second mistake, told once the first is gone"),
];

fn known(place: &str) -> bool {
    UNMENDED.iter().any(|(path, _)| place.contains(path))
}

/// A text put in the place of some bytes of a file.
#[derive(Clone, Debug)]
struct Edit {
    start: usize,
    end: usize,
    text: String,
}

/// What a finding's help says to do, and the text for it: the lines that follow the first that ends as one of these do.
fn instruction(help: &str) -> Option<(&str, &str)> {
    let known = [
        "add to Statement",
        "add to Action",
        "leave ",
        "so that this Deny spares the account, add to its Condition",
        "write:",
        "write in place of NotPrincipal:",
        "add a bucket policy beside",
        "declare it under Properties",
        "declare it under the bucket",
        "add the bucket's ARN",
    ];
    let after = ["\nfor example ", "\nor state in bucketlint.yaml"].iter().filter_map(|after| help.find(after)).min();
    let help = &help[..after.unwrap_or(help.len())];
    let mut from = 0;
    for line in help.split_inclusive('\n') {
        from += line.len();
        if let Some(value) = line.strip_prefix("write: ").filter(|value| !value.trim().is_empty()) {
            return Some(("write", value.trim()));
        }
        if known.iter().any(|known| line.starts_with(known)) && from < help.len() {
            return Some((line.trim_end().trim_end_matches(':'), help[from..].trim_end()));
        }
    }
    None
}

/// The members whose values hold `span`, the outermost first; also in documents that are written as strings.
fn path(node: &Node, span: Span, text: &str) -> Vec<(Entry, Span)> {
    let holds = |outer: Span| outer.start <= span.start && span.end <= outer.end;
    for entry in node.entries() {
        let whole = Span { start: entry.key.span.start, ..entry.value.span };
        if holds(whole) || holds(entry.key.span) {
            let mut out = vec![(entry.clone(), node.span)];
            let inner = entry.value.as_str().and_then(|_| parse_embedded(&entry.value, text).root);
            out.extend(path(inner.as_ref().unwrap_or(&entry.value), span, text));
            return out;
        }
    }
    node.items().iter().map(|item| path(item, span, text)).find(|path| !path.is_empty()).unwrap_or_default()
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Puts more into a list: behind its last item, or behind its bracket.
fn into_list(text: &str, list: Span, added: &str) -> Edit {
    let (start, end) = (list.start as usize, list.end as usize);
    if text[start..].starts_with('[') {
        return Edit { start: start + 1, end: start + 1, text: format!("\n{added}\n") };
    }
    let end = start + text[start..end].trim_end().len();
    if !text[start..end].contains('\n') && text[start..end].contains("\\n") {
        // YAML in a string of JSON
        return Edit { start: end, end, text: added.to_owned() };
    }
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    Edit { start: line_end, end: line_end, text: format!("\n{added}") }
}

/// Puts more into a mapping, in front of what it has.
fn into_mapping(text: &str, body: Span, added: &str) -> Edit {
    let start = body.start as usize;
    if text[start..].starts_with('{') {
        return Edit { start: start + 1, end: start + 1, text: format!("\n{added}") };
    }
    if added.starts_with("\\n") {
        // YAML in a string of JSON
        let start = text[..start].trim_end_matches(' ').len() - "\\n".len();
        return Edit { start, end: start, text: added.to_owned() };
    }
    let start = line_start(text, start);
    Edit { start, end: start, text: format!("{added}\n") }
}

/// What the help of a finding comes to in its file; `None` where it has no text to paste.
fn edit(finding: &Finding, source: &Source) -> Option<Edit> {
    let (text, is_hcl) = (&*source.text, bucketlint_terraform::is_terraform(&source.path));
    // comments are no members, and the harness knows none of HCL
    if finding.rule.starts_with("allow/") || is_hcl {
        return None;
    }
    let (how, added) = instruction(finding.help.as_deref()?)?;
    let span = finding.primary.span;
    let root = parse(span.file, text).root?;
    let path = path(&root, span, text);
    let member = |key: &str| path.iter().rev().map(|(entry, _)| entry).find(|entry| entry.key.text == key);
    let at_key = || path.iter().find(|(entry, _)| entry.key.span == span);
    let beside = |entry: &Entry| {
        let key = entry.key.span.start as usize;
        let alone = text[line_start(text, key)..key].trim().is_empty();
        let start = if alone { line_start(text, key) } else { key };
        Edit { start, end: start, text: format!("{added}\n") }
    };
    let edit = match how.trim_end_matches(", in front of the others").rsplit("and ").next().unwrap_or(how) {
        "add to Statement" => into_list(text, member("Statement").map_or(span, |entry| entry.value.span), added),
        "add to Action" => into_list(text, span, added),
        "declare it under Properties" => into_mapping(text, at_key()?.0.value.get("Properties")?.span, added),
        "declare it under the bucket" => into_mapping(text, at_key()?.0.value.span, added),
        "add a bucket policy beside the bucket" => beside(&at_key()?.0),
        how if how.contains("beside the loop") => beside(&path.get(1)?.0),
        how if how.ends_with("its Condition") => into_mapping(text, member("Condition")?.value.span, added),
        _ => {
            let replaced = how.strip_prefix("write in place of ").map(str::to_owned);
            let key: String = added.trim_start().chars().take_while(|c| *c != ':').collect();
            match member(replaced.as_deref().unwrap_or(key.trim_matches('"'))) {
                Some(entry) if added.trim_start().starts_with(&key) && added.contains(':') => {
                    let (start, end) = (entry.key.span.start as usize, entry.value.span.end as usize);
                    Edit { start, end, text: added.trim_start().to_owned() }
                }
                _ if how.starts_with("add the bucket's ARN") => into_list(text, span, added),
                _ => Edit { start: span.start as usize, end: span.end as usize, text: added.trim_start().to_owned() },
            }
        }
    };
    Some(edit)
}

/// What a finding is, wherever it has moved to.
fn identity(outcome: &Outcome, finding: &Finding) -> String {
    let bucket = finding.bucket.as_ref().map(|bucket| (&bucket.logical_id, &bucket.name));
    format!("{} {} {bucket:?} {:?}", finding.rule, outcome.sources.get(finding.primary.span.file).path, finding.principal)
}

/// How many findings there are of each kind, and whether they matter. A bucket that is shared is judged by more rules, and gaps
/// of its trail weigh more; and what a Deny makes of an action is told once something grants that. None of it was pasted.
fn counted(outcome: &Outcome) -> BTreeMap<String, (usize, bool)> {
    let mut out: BTreeMap<String, (usize, bool)> = BTreeMap::new();
    for finding in &outcome.findings {
        let (count, matters) = out.entry(identity(outcome, finding)).or_default();
        *count += 1;
        let other = finding.rule.starts_with("trail/") || ["policy/conditional", "policy/denied"].contains(&&*finding.rule);
        *matters |= !other
            && (finding.severity == Severity::Error
                || finding.rule.starts_with("policy/") && finding.severity == Severity::Warning);
    }
    out
}

fn checked(inputs: &[Input]) -> Outcome {
    let again = inputs.iter().map(|input| Input { shown: input.shown.clone(), named: input.named, bytes: Ok(bytes(input)) });
    run(load(again.collect()), &common::plan(common::EXAMPLE_ACCOUNT), &RULES)
}

fn bytes(input: &Input) -> Vec<u8> {
    input.bytes.clone().unwrap_or_default()
}

/// The inputs with `edits` made, by the name of the file.
fn pasted(inputs: &[Input], edits: &BTreeMap<String, Vec<Edit>>) -> Vec<Input> {
    let each = inputs.iter().map(|input| {
        let mut bytes = bytes(input);
        if let Some(edits) = edits.get(&input.shown) {
            let mut edits = edits.clone();
            edits.sort_by_key(|edit| std::cmp::Reverse(edit.start));
            let mut text = String::from_utf8(bytes).unwrap();
            edits.iter().for_each(|edit| text.replace_range(edit.start..edit.end, &edit.text));
            bytes = text.into_bytes();
        }
        Input { shown: input.shown.clone(), named: input.named, bytes: Ok(bytes) }
    });
    each.collect()
}

/// What is wrong after a paste: findings that are still there, and new errors and warnings.
fn complaints(before: &Outcome, after: &Outcome, cured: &BTreeMap<String, usize>) -> Vec<String> {
    let (old, new) = (counted(before), counted(after));
    let count = |all: &BTreeMap<String, (usize, bool)>, key: &String| all.get(key).map_or(0, |(count, _)| *count);
    let come = new.iter().filter(|(key, (now, matters))| *matters && *now > count(&old, key) && !cured.contains_key(*key));
    let come = come.map(|(key, _)| format!("new: {key}"));
    let stays = cured.iter().filter(|(key, cured)| count(&new, key) + **cured > count(&old, key));
    come.chain(stays.map(|(key, _)| format!("still there: {key}"))).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut out: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    out.sort();
    out
}

#[test]
fn what_fixtures_are_told_to_paste_mends_them() {
    let mut wrong = Vec::new();
    let mut tried: BTreeMap<String, usize> = BTreeMap::new();
    let groups = folders(&root().join("fixtures"));
    let cases = groups.iter().flat_map(|group| folders(group)).flat_map(|rule| folders(&rule.join("broken")));
    for case in cases.filter(|case| !known(&case.display().to_string().replace('\\', "/"))) {
        let inputs = common::inputs(&case, &case);
        let before = checked(&inputs);
        for finding in &before.findings {
            let source = before.sources.get(finding.primary.span.file);
            let Some(edit) = edit(finding, source) else { continue };
            *tried.entry(finding.rule.clone()).or_default() += 1;
            let edits = [(source.path.to_string(), vec![edit.clone()])].into();
            let after = checked(&pasted(&inputs, &edits));
            let cured = [(identity(&before, finding), 1)].into();
            for complaint in complaints(&before, &after, &cured) {
                wrong.push(format!("{}: {complaint}\n  by {edit:?}", case.display()));
            }
        }
    }
    eprintln!("{tried:#?}");
    assert!(
        ["policy/missing-actions", "policy/missing", "ownership/missing-controls"].iter().all(|rule| tried.contains_key(*rule))
    );
    assert!(wrong.is_empty(), "{} {}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_the_corpus_is_told_to_paste_mends_it() {
    let Some(base) = common::corpus() else {
        eprintln!("skipped: BUCKETLINT_CORPUS does not name the directory of the corpus");
        return;
    };
    let mut wrong = Vec::new();
    for source in folders(&base) {
        let inputs = common::inputs(&base, &source);
        let before = checked(&inputs);
        let mut edits: BTreeMap<String, Vec<Edit>> = BTreeMap::new();
        let mut cured: BTreeMap<String, usize> = BTreeMap::new();
        let mut places: BTreeSet<(FileId, usize)> = BTreeSet::new();
        let mut tried = 0;
        for finding in &before.findings {
            let file = before.sources.get(finding.primary.span.file);
            let Some(edit) = edit(finding, file) else { continue };
            // one text for each place: of several scenarios, the first
            if places.insert((finding.primary.span.file, edit.start)) {
                edits.entry(file.path.to_string()).or_default().push(edit);
                *cured.entry(identity(&before, finding)).or_default() += 1;
                tried += 1;
            }
        }
        eprintln!("{}: {tried} texts", source.file_name().unwrap().display());
        let after = checked(&pasted(&inputs, &edits));
        wrong.extend(complaints(&before, &after, &cured).into_iter().filter(|complaint| !known(complaint)));
    }
    assert!(wrong.is_empty(), "{} {}", wrong.len(), wrong.join("\n"));
}
