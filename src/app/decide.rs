//! `decide`: one question to one bucket policy.

use super::{Answer, Status, Trouble, inputs};
use crate::ask::{Ask, Said, ask};
use crate::cli::DecideOptions;
use crate::load::load;
use crate::report::{self, Style};
use crate::walk;
use std::collections::BTreeMap;

/// Answers the question, drawn in `style`.
pub(super) fn decide(options: &DecideOptions, style: Style) -> Result<Answer, Trouble> {
    let mut context: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, value) in &options.context {
        context.entry(key.clone()).or_default().push(value.clone());
    }
    let question = Ask {
        bucket: options.bucket.clone(),
        principal: options.principal.clone(),
        action: options.action.clone(),
        key: options.key.clone(),
        context,
    };
    let inputs = inputs(std::slice::from_ref(&options.policy), &[]);
    if !matches!(inputs.as_slice(), [only] if only.named) {
        return Err(Trouble::Plain(format!("{}: --policy takes one file", walk::shown(&options.policy))));
    }
    let ruling = ask(load(inputs), &question).map_err(Trouble::Plain)?;
    let report = report::findings(&ruling.sources, &ruling.report, style);
    let status = match ruling.said {
        Said::Allow => Status::Clean,
        Said::Deny => Status::Findings,
        Said::Unresolved => Status::Broken,
    };
    Ok(Answer { out: format!("{}\n\n{report}", ruling.line).trim_end().to_owned() + "\n", err: String::new(), status })
}
