//! What S3 refuses a bucket policy for beside its grammar, so that its deployment fails.

mod action;
mod partition;
mod resource;

use super::document::{Document, Fault, FaultKind, Statement};
use super::resource::Target;
use bucketlint_text::source::Span;
use resource::Problem;

pub use action::{Misfit, misfits};
pub use partition::{foreign, of_arn};

/// The most bytes a bucket policy may have:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html>.
pub const LIMIT: usize = 20 * 1024;

/// Everything that S3 refuses `document` for as the policy of `target`, where that is known, in the partition `known`,
/// where that is; what its grammar forbids is among the document's own faults. `functions` tells whether it stands in a
/// template.
pub fn refusals(document: &Document, target: Option<&Target>, known: Option<&str>, functions: bool) -> Vec<Fault> {
    let mut out = Vec::new();
    for statement in &document.statements {
        let fault = |kind, span, message: String, fix: String| Fault {
            statement: Some(statement.number),
            ..Fault::new(kind, span, message, fix)
        };
        // the same mistake in several values is one
        let mut resources: Vec<(Problem, Fault)> = Vec::new();
        for item in statement.resources.items.iter().filter(|_| !statement.resources.not) {
            let written = functions.then(|| resource::unsubstituted(item)).flatten();
            let Some((problem, message, fix)) = written.or_else(|| resource::fault(item, target)) else { continue };
            match resources.iter_mut().find(|(known, _)| *known == problem) {
                Some((_, first)) => first.also.push(item.span),
                None => resources.push((problem, fault(FaultKind::Resource, item.span, message, fix))),
            }
        }
        out.extend(resources.into_iter().map(|(_, fault)| fault));
        let span = statement.resources.span.unwrap_or(statement.span);
        let misfits = action::misfits(statement, target);
        out.extend(misfits.into_iter().map(|misfit| {
            let place = if misfit.resource_helps() { span } else { misfit.actions[0].span };
            fault(FaultKind::Action, place, misfit.message(), misfit.fix())
        }));
    }
    out.extend(partition::fault(document, known));
    if document.size > LIMIT {
        let message = format!("the policy has {} bytes even without white space; S3 takes {LIMIT}", document.size);
        let fix = "join statements that differ in one element, use wildcards, or move grants to access points";
        out.push(Fault::new(FaultKind::Size, beginning(document), message, fix));
    }
    out
}

/// Where the statements of a document begin.
pub fn beginning(document: &Document) -> Span {
    let whole = document.statement_span.unwrap_or(document.span);
    Span { end: whole.end.min(whole.start + 1), ..whole }
}

/// Whether a fault lies in a statement.
pub fn within(place: Span, statement: &Statement) -> bool {
    let whole = statement.span;
    whole.contains(place)
}
