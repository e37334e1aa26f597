//! What the settings say of where templates are deployed.

use super::{account_of, mapping};
use crate::scope::pattern;
use crate::source::Span;
use crate::syntax::fields::{Complaint, Fields};
use crate::syntax::node::Node;

/// The accounts or Regions that the templates matching one pattern are deployed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deployed {
    /// Where the pattern stands.
    pub at: Span,
    /// As in `.gitignore`, relative to the settings file.
    pub pattern: String,
    /// Account IDs, or names of Regions; at least one.
    pub to: Vec<String>,
}

/// Reads the mapping under `accounts`, the weakest first.
pub(super) fn accounts(fields: Fields<'_>, out: &mut Vec<Complaint>) -> Vec<Deployed> {
    read("accounts", account_of, fields, out)
}

/// Reads the mapping under `regions`, the weakest first.
pub(super) fn regions(fields: Fields<'_>, out: &mut Vec<Complaint>) -> Vec<Deployed> {
    read("regions", region, fields, out)
}

fn read(key: &str, value: fn(&Node) -> Result<String, String>, fields: Fields<'_>, out: &mut Vec<Complaint>) -> Vec<Deployed> {
    let mut read = Vec::new();
    for entry in mapping(fields, key, out) {
        let text = entry.key.text.as_str();
        let pattern = match pattern(text) {
            Ok(()) if text.starts_with('!') => Err(format!("`{text}` takes nothing in; a later pattern replaces an earlier one")),
            other => other,
        };
        out.extend(pattern.err().map(|message| Complaint::new(entry.key.span, message)));
        let nodes = entry.value.one_or_many();
        if nodes.is_empty() {
            out.push(Complaint::new(entry.value.span, format!("`{text}` under `{key}` needs at least one value")));
        }
        let mut to: Vec<String> = Vec::new();
        for node in nodes {
            match value(node) {
                Ok(value) => to.push(value),
                Err(message) => out.push(Complaint::new(node.span, message)),
            }
        }
        read.push(Deployed { at: entry.key.span, pattern: text.to_owned(), to });
    }
    read
}

/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
fn region(node: &Node) -> Result<String, String> {
    let Some(text) = node.as_str() else { return Err(format!("a Region should be a string, not {}", node.kind())) };
    let lower = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_region = match text.rsplit_once('-') {
        Some((words, number)) => words.contains('-') && words.split('-').all(|word| lower(&word)) && number.parse::<u8>().is_ok(),
        None => false,
    };
    if is_region { Ok(text.to_owned()) } else { Err(format!("`{text}` is not an AWS Region, such as eu-west-1")) }
}
