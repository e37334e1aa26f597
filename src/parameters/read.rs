//! Parameter files in every form that the tools around CloudFormation take.

use super::{FLAG, Given, overrides};
use crate::source::{FileId, Source, Span};
use crate::syntax::fields::{Complaint, Fields};
use crate::syntax::node::{Entry, Node};
use smol_str::SmolStr;
use std::collections::BTreeSet;

const FORMS: &str = "a list of ParameterKey and ParameterValue, a mapping of names to values, such a mapping under \
                     Parameters, or a samconfig file";

/// Reads the parameters file with this `root` and text. Its form is told from its content:
///
/// * the list that `--parameters` of `aws cloudformation` takes, of `{"ParameterKey": …, "ParameterValue": …}`, or of
///   strings `Name=Value` as for `--parameter-overrides`:
///   <https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/>
/// * the same list, or a mapping, under `Parameters`, as CodePipeline takes it:
///   <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-cfn-artifacts.html>
/// * `parameter_overrides` of a samconfig file, of the `environment` named:
///   <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html>
/// * a mapping of names to values.
///
/// # Errors
/// Every mistake, in text order.
pub fn read(root: &Node, source: &str, environment: Option<&str>) -> Result<Vec<Given>, Vec<Complaint>> {
    let mut reader = Reader { source, out: Vec::new(), complaints: Vec::new() };
    let sam = is_sam(root);
    if let (Some(name), false) = (environment, sam) {
        reader.complain(start(root), format!("there is no environment `{name}` here: this is not a samconfig file"));
    } else if sam {
        reader.sam(root, environment);
    } else {
        match root.get("Parameters").filter(|inner| inner.is_map() || !inner.items().is_empty()) {
            Some(inner) => reader.any(inner),
            None => reader.any(root),
        }
    }
    reader.done()
}

/// Reads a mapping of names to values, which is part of a file.
///
/// # Errors
/// Every mistake, in text order.
pub fn values(root: &Node) -> Result<Vec<Given>, Vec<Complaint>> {
    let mut reader = Reader { source: "", out: Vec::new(), complaints: Vec::new() };
    reader.mapping(root);
    reader.done()
}

/// The values of `--parameter`, each a name and a value, as a text of their own that would have the number `file`.
///
/// # Errors
/// Complains of a name that is given twice.
pub fn flags(flags: &[(String, String)], file: FileId) -> (Source, Result<Vec<Given>, Vec<Complaint>>) {
    let (mut text, mut out) = (String::new(), Vec::new());
    for (name, value) in flags {
        let start = text.len();
        let middle = start + name.len();
        text.push_str(&format!("{name}={value}"));
        out.push(Given {
            name: name.into(),
            at: Span::new(file, start, middle),
            value: value.into(),
            span: Span::new(file, if value.is_empty() { start } else { middle + 1 }, text.len()),
        });
        text.push('\n');
    }
    let source = Source::new(FLAG, &text);
    (source, Reader { source: "", out, complaints: Vec::new() }.done())
}

struct Reader<'t> {
    source: &'t str,
    out: Vec<Given>,
    complaints: Vec<Complaint>,
}

impl Reader<'_> {
    fn complain(&mut self, span: Span, message: impl Into<String>) {
        self.complaints.push(Complaint::new(span, message));
    }

    fn done(mut self) -> Result<Vec<Given>, Vec<Complaint>> {
        let mut names = BTreeSet::new();
        for given in &self.out {
            if !names.insert(given.name.as_str()) {
                self.complaints.push(Complaint::new(given.at, format!("parameter `{}` is given twice", given.name)));
            }
        }
        self.complaints.sort();
        if self.complaints.is_empty() { Ok(self.out) } else { Err(self.complaints) }
    }

    /// Values in any form but samconfig's.
    fn any(&mut self, node: &Node) {
        match node {
            _ if node.is_map() => self.mapping(node),
            _ if node.as_str().is_some_and(|text| text.contains('=')) => self.overrides(node),
            _ if matches!(node.value, crate::syntax::node::Value::Seq(_)) => {
                node.items().iter().for_each(|item| self.item(item));
            }
            _ => self.complain(start(node), format!("{} is no form of parameters: write {FORMS}", node.kind())),
        }
    }

    fn overrides(&mut self, node: &Node) {
        overrides::read(node, self.source, &mut self.out, &mut self.complaints);
    }

    fn mapping(&mut self, node: &Node) {
        if !node.is_map() {
            self.complain(node.span, format!("parameters should be a mapping of names to values, not {}", node.kind()));
        }
        for entry in node.entries() {
            let value = self.value(&entry.key.text, &entry.value);
            self.out.extend(value.map(|value| Given {
                name: entry.key.text.clone(),
                at: entry.key.span,
                value,
                span: entry.value.span,
            }));
        }
    }

    /// One item of a list: a string, or a key and its value.
    fn item(&mut self, item: &Node) {
        if item.as_str().is_some() {
            return self.overrides(item);
        }
        const KNOWN: [&str; 4] = ["ParameterKey", "ParameterValue", "UsePreviousValue", "ResolvedValue"];
        let Some(fields) = Fields::of(item, "a parameter", &KNOWN, &mut self.complaints) else { return };
        let Some(name) = fields.need_text("ParameterKey", &mut self.complaints) else { return };
        let key = fields.get("ParameterKey").map_or(item.span, |key| key.span);
        let previous = fields.get("UsePreviousValue").and_then(Node::truth).unwrap_or(false);
        if previous && fields.get("ParameterValue").is_none() {
            return;
        }
        let Some(node) = fields.need("ParameterValue", &mut self.complaints) else { return };
        if previous {
            return self.complain(node.span, format!("`{name}` has a value and is to keep its previous one as well"));
        }
        let value = self.value(name, node);
        self.out.extend(value.map(|value| Given { name: name.into(), at: key, value, span: node.span }));
    }

    /// A scalar, or a list of scalars, as CloudFormation takes it.
    fn value(&mut self, name: &str, node: &Node) -> Option<SmolStr> {
        let mut texts: Vec<SmolStr> = Vec::new();
        for item in node.one_or_many() {
            match item.scalar_text() {
                Some(text) => texts.push(text),
                None => {
                    let message =
                        format!("the value of parameter `{name}` should be a string, number or boolean, not {}", item.kind());
                    self.complain(item.span, message);
                    return None;
                }
            }
        }
        Some(texts.join(",").into())
    }

    /// The overrides of one environment, those of its `deploy` command over its `global` ones.
    fn sam(&mut self, root: &Node, environment: Option<&str>) {
        let all: Vec<(&Entry, &Node)> =
            root.entries().iter().filter_map(|entry| Some((entry, overrides_of(&entry.value)?))).collect();
        let wanted = environment.unwrap_or("default");
        let named = |(entry, _): &&(&Entry, &Node)| entry.key.text == wanted;
        let names = || all.iter().map(|(entry, _)| format!("`{}`", entry.key.text)).collect::<Vec<_>>().join(", ");
        match (all.iter().find(named), all.as_slice()) {
            (Some((_, node)), _) => self.overridden(node),
            (None, []) => self.complain(start(root), "no environment of this samconfig file has parameter_overrides"),
            (None, [(_, node)]) if environment.is_none() => self.overridden(node),
            (None, [(first, _), ..]) => {
                let message = match environment {
                    Some(name) => format!("no environment `{name}` has parameter_overrides; these have: {}", names()),
                    None => format!(
                        "several environments have parameter_overrides: {}; put # and one of them behind the file's name",
                        names()
                    ),
                };
                self.complain(first.key.span, message);
            }
        }
    }

    fn overridden(&mut self, node: &Node) {
        match node.items() {
            [] if node.is_map() => self.mapping(node),
            [] if node.as_str().is_some() => self.overrides(node),
            [] if !matches!(node.value, crate::syntax::node::Value::Seq(_)) => {
                self.complain(node.span, format!("parameter_overrides should be a string or a list, not {}", node.kind()));
            }
            items => {
                items.iter().for_each(|item| if item.as_str().is_some() { self.overrides(item) } else { self.mapping(item) })
            }
        }
    }
}

/// Whether a file has `ENVIRONMENT.COMMAND.parameters`.
fn is_sam(root: &Node) -> bool {
    let commands = root.entries().iter().flat_map(|environment| environment.value.entries());
    commands.into_iter().any(|command| command.value.get("parameters").is_some_and(Node::is_map))
}

fn overrides_of(environment: &Node) -> Option<&Node> {
    ["deploy", "global"].iter().find_map(|command| environment.path(&[command, "parameters", "parameter_overrides"]))
}

/// Where a file's content begins, as a place for what concerns all of it.
fn start(root: &Node) -> Span {
    match (root.entries().first(), root.items().first()) {
        (Some(entry), _) => entry.key.span,
        (_, Some(item)) => item.span,
        _ => root.span,
    }
}

#[cfg(test)]
mod tests;
