//! `decide`: one question to one bucket policy.

use super::desk::Desk;
use super::{Answer, Status, Trouble, inputs};
use crate::ask::{Ask, Ruling, Said, ask};
use crate::cli::{DecideOptions, ListFormat};
use crate::load::load;
use crate::parameters;
use crate::report::{self, Style};
use crate::walk;
use serde::Serialize;
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
    let mut desk = Desk::default();
    let groups = desk.parameters_given(&options.parameter_files, &options.parameters)?;
    let groups = desk.settle(groups)?;
    let mut loaded = load(inputs);
    let given = parameters::assign(&groups, &mut loaded);
    let ruling = ask(loaded, &question, &given).map_err(Trouble::Plain)?;
    let status = match ruling.said {
        Said::Allow => Status::Clean,
        Said::Deny => Status::Findings,
        Said::Unresolved => Status::Broken,
    };
    let out = match options.format {
        ListFormat::Json => json(&question, &ruling),
        ListFormat::Text => {
            let report = report::findings(&ruling.sources, &ruling.report, style);
            format!("{}\n\n{report}", ruling.line).trim_end().to_owned() + "\n"
        }
    };
    Ok(Answer { out, err: String::new(), status })
}

/// An answer for programs, version 1: members are only ever added, at the end.
#[derive(Serialize)]
struct Line<'a> {
    version: u32,
    answer: &'static str,
    verdict: &'static str,
    action: &'a str,
    bucket: &'a str,
    key: Option<&'a str>,
    principal: &'a str,
    statement: Option<usize>,
    location: Option<report::Location<'a>>,
    reason: Option<&'a str>,
    witness: Option<report::WitnessLine<'a>>,
    granting: &'a [usize],
}

fn json(question: &Ask, ruling: &Ruling) -> String {
    let decision = &ruling.decision;
    // the statement as the report shows it: what is to be added to one is not its fault
    let shown = ruling.report.first();
    let line = Line {
        version: 1,
        answer: ruling.said.word(),
        verdict: decision.verdict.word(),
        action: &decision.action,
        bucket: &ruling.bucket,
        key: question.key.as_deref(),
        principal: &question.principal,
        statement: decision.cause.as_ref().filter(|_| shown.is_some()).map(|cause| cause.statement),
        location: shown.map(|finding| report::location(&ruling.sources, finding.primary.span)),
        reason: decision.unknown.as_ref().map(|(_, why)| why.as_str()),
        witness: decision.witness.as_ref().map(report::witness_line),
        granting: &ruling.granting,
    };
    report::pretty(&line)
}
