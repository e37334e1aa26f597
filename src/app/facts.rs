//! `facts`: what rules select from.

use super::check::judge;
use super::desk::Desk;
use super::{Answer, Status, Trouble};
use crate::cli::{CheckOptions, FactsOptions, TreeFormat};
use crate::report;
use crate::rule::select;
use crate::source::Span;
use crate::syntax::node::{Node, Value};
use std::collections::BTreeMap;

/// Shows the facts that a check with these flags would have.
pub(super) fn facts(options: &FactsOptions) -> Result<Answer, Trouble> {
    let (paths, chosen) = (options.paths.clone(), options.chosen.clone());
    let check = CheckOptions { paths, chosen, facts: true, quiet: true, ..CheckOptions::default() };
    let checked = judge(&check, &mut Desk::default(), &BTreeMap::new(), None)?;
    let outcome = &checked.outcome;
    let mut root = outcome.facts.clone().unwrap_or_default();
    if let Some(path) = &options.each {
        let selected = select(&root, path).map_err(|why| Trouble::Plain(format!("--each {path}: {why}")))?;
        root = Node::new(Span::default(), Value::Seq(selected.into_iter().cloned().collect()));
    }
    let out = match options.format {
        TreeFormat::Yaml => report::facts_yaml(&outcome.sources, &root),
        TreeFormat::Json => report::facts_json(&outcome.sources, &root),
    };
    let (err, status) = match checked.broken {
        false => (String::new(), Status::Clean),
        true => ("bucketlint: something could not be read; the facts say what under `input`\n".to_owned(), Status::Broken),
    };
    Ok(Answer { out, err, status })
}
