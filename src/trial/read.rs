//! A test file's tree to its cases, or all of its mistakes at once.

use super::{Case, Expectation, Material, Verdict, Wanted, Wish};
use crate::config::Config;
use crate::finding::Severity;
use crate::source::Span;
use crate::syntax::fields::{self, Complaint, Fields, did_you_mean};
use crate::syntax::node::{Entry, Node, Value};
use std::path::Path;

/// Where a test file is.
#[derive(Clone, Copy)]
struct Home<'t> {
    /// Its path as shown.
    shown: &'t str,
    /// Its text.
    text: &'t str,
    /// Its directory, where relative paths begin.
    dir: &'t Path,
}

const CASE: [&str; 6] = ["name", "settings", "parameters", "input", "files", "expectations"];
const WISH: [&str; 6] = ["line", "file", "at", "bucket", "severity", "message"];

/// Reads the cases of the test file that is shown as `shown`, has this `text` and was read into `root`; `dir` is its
/// directory. A file is a list of cases, or a mapping of `settings` for all of them and `cases`.
pub fn read(root: &Node, shown: &str, text: &str, dir: &Path) -> Result<Vec<Case>, Vec<Complaint>> {
    let mut out = Vec::new();
    let home = Home { shown, text, dir };
    let mut cases = Vec::new();
    if let Value::Seq(items) = &root.value {
        cases = items.iter().filter_map(|item| case(item, None, home, &mut out)).collect();
    } else if let Some(fields) = Fields::of(root, "a test file", &["settings", "cases"], &mut out) {
        let items = fields.need("cases", &mut out).and_then(|node| fields::list("cases", node, &mut out));
        let common = fields.get("settings");
        cases = items.unwrap_or_default().iter().filter_map(|item| case(item, common, home, &mut out)).collect();
    }
    if cases.is_empty() && out.is_empty() {
        out.push(Complaint::new(root.span, "there are no cases"));
    }
    if out.is_empty() {
        return Ok(cases);
    }
    out.sort();
    // what is wrong with the settings of a file is wrong in each of its cases
    out.dedup();
    Err(out)
}

fn case(node: &Node, common: Option<&Node>, home: Home<'_>, out: &mut Vec<Complaint>) -> Option<Case> {
    let fields = Fields::of(node, "a case", &CASE, out)?;
    let name = fields.need_text("name", out);
    let config = Config::read(&merged(common, fields.get("settings")), home.dir).map_err(|complaints| out.extend(complaints));
    let parameters = parameters(fields, out);
    let material = material(fields, home, out);
    let expectations = expectations(fields, out);
    Some(Case {
        name: name?.trim().to_owned(),
        span: fields.head(),
        config: config.ok()?,
        parameters,
        material: material?,
        expectations: expectations?,
    })
}

/// The settings of a file with those of a case, which take precedence key by key.
fn merged(common: Option<&Node>, own: Option<&Node>) -> Node {
    match (common, own) {
        (Some(common), Some(own)) if common.is_map() && own.is_map() => {
            let kept = common.entries().iter().filter(|entry| own.get(&entry.key.text).is_none());
            Node::new(own.span, Value::Map(kept.chain(own.entries()).cloned().collect()))
        }
        (common, own) => own.or(common).cloned().unwrap_or_default(),
    }
}

fn parameters(fields: Fields<'_>, out: &mut Vec<Complaint>) -> Vec<(String, String)> {
    let Some(node) = fields.get("parameters") else { return Vec::new() };
    if !node.is_map() {
        out.push(Complaint::new(node.span, format!("`parameters` should be a mapping of names to values, not {}", node.kind())));
    }
    let mut value = |entry: &Entry| match entry.value.scalar_text() {
        Some(value) => Some((entry.key.text.to_string(), value.to_string())),
        None => {
            let message = format!("the value of `{}` should be a string, number or boolean", entry.key.text);
            out.push(Complaint::new(entry.value.span, message));
            None
        }
    };
    node.entries().iter().filter_map(&mut value).collect()
}

fn material(fields: Fields<'_>, home: Home<'_>, out: &mut Vec<Complaint>) -> Option<Material> {
    match (fields.get("input"), fields.get("files")) {
        (Some(input), None) => {
            let text = content("input", input, home, out)?;
            Some(Material::Texts(vec![(home.shown.to_owned(), text)]))
        }
        (None, Some(files)) if files.is_map() => {
            let mut read = |entry: &Entry| Some((entry.key.text.to_string(), content(&entry.key.text, &entry.value, home, out)?));
            let mut texts: Vec<_> = files.entries().iter().filter_map(&mut read).collect();
            texts.sort();
            Some(Material::Texts(texts))
        }
        (None, Some(_)) => {
            let paths = fields.texts("files", out);
            Some(Material::Paths(paths.into_iter().map(|(_, path)| home.dir.join(path)).collect()))
        }
        (Some(_), Some(files)) => {
            out.push(Complaint::new(files.span, "`files` cannot stand beside `input`"));
            None
        }
        (None, None) => {
            out.push(Complaint::new(fields.head(), "`input` is missing, or `files` in its place"));
            None
        }
    }
}

/// The text of a file: as a string, or as the mapping it holds.
fn content(key: &str, node: &Node, home: Home<'_>, out: &mut Vec<Complaint>) -> Option<String> {
    if node.is_map() {
        return Some(alone(home.text, node.span));
    }
    let wanted = "should be a template or policy, or its text";
    if node.as_str().is_none() {
        out.push(Complaint::new(node.span, format!("`{key}` {wanted}, not {}", node.kind())));
    }
    node.as_str().map(str::to_owned)
}

/// What stands at `span` of `text`, on the lines and at the offsets it has there.
fn alone(text: &str, span: Span) -> String {
    let range = span.range();
    let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
    let mut out: String = text.as_bytes()[..range.start].iter().map(|byte| blank(*byte)).collect();
    out.push_str(&text[range]);
    out.push('\n');
    out
}

fn expectations(fields: Fields<'_>, out: &mut Vec<Complaint>) -> Option<Vec<Expectation>> {
    let node = fields.need("expectations", out)?;
    let fields = Fields::of(node, "`expectations`", &["rules"], out)?;
    let rules = fields.need("rules", out)?;
    if rules.entries().is_empty() {
        out.push(Complaint::new(rules.span, "`rules` should be a mapping of rule ids to what is expected of them"));
        return None;
    }
    let mut read = |entry: &Entry| {
        let wanted = wanted(&entry.value, out)?;
        Some(Expectation { rule: entry.key.text.to_string(), span: entry.key.span, at: entry.value.span, wanted })
    };
    let read: Vec<Option<Expectation>> = rules.entries().iter().map(&mut read).collect();
    read.into_iter().collect()
}

fn wanted(node: &Node, out: &mut Vec<Complaint>) -> Option<Wanted> {
    if let Some(word) = node.as_str() {
        let found = Verdict::ALL.into_iter().find(|(_, known)| *known == word);
        if found.is_none() {
            let hint = did_you_mean(word, &Verdict::ALL.map(|(_, word)| word));
            out.push(Complaint::new(node.span, format!("unknown verdict `{word}`{hint}")));
        }
        return found.map(|(verdict, _)| Wanted::Verdict(verdict));
    }
    if !matches!(node.value, Value::Seq(_)) || node.items().is_empty() {
        let message = "should be PASS, FAIL, SKIP, UNDECIDED or a list of findings";
        out.push(Complaint::new(node.span, format!("what is expected {message}, not {}", node.kind())));
        return None;
    }
    let wishes: Vec<Option<Wish>> = node.items().iter().map(|item| wish(item, out)).collect();
    wishes.into_iter().collect::<Option<Vec<Wish>>>().map(Wanted::Findings)
}

fn wish(node: &Node, out: &mut Vec<Complaint>) -> Option<Wish> {
    let before = out.len();
    let fields = Fields::of(node, "a finding", &WISH, out)?;
    let mut text = |key: &str| fields.text(key, out).map(str::to_owned);
    let (file, at, bucket, severity, message) = (text("file"), text("at"), text("bucket"), text("severity"), text("message"));
    if let (Some(word), Some(node)) = (&severity, fields.get("severity"))
        && Severity::from_word(word).is_none()
    {
        let hint = did_you_mean(word, &Severity::ALL.map(|(_, word)| word));
        out.push(Complaint::new(node.span, format!("unknown severity `{word}`{hint}")));
    }
    let line = fields.get("line").and_then(|node| {
        let line = if let Value::Num(text) = &node.value { text.parse().ok().filter(|line| *line > 0) } else { None };
        if line.is_none() {
            out.push(Complaint::new(node.span, "`line` should be a number from 1"));
        }
        line
    });
    let span = fields.head();
    (out.len() == before).then_some(Wish { span, line, file, at, bucket, severity, message })
}
