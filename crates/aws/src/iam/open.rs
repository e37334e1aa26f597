//! Why it is open whether a statement applies although all of it is known: AWS's pages contradict each other there or leave
//! it undefined, or a session's ARN does not tell.

use super::caller::{self, Caller, Requester};
use super::choices::{self, Condition};
use super::condition;
use super::context::{self, Context, Present};
use super::decide::Candidate;
use super::wildcard::Token;
use bucketlint_text::language::{Budget, Pattern};
use bucketlint_text::source::Span;

/// Why it is open whether `candidate` applies to a context, with the place.
pub(super) fn why(candidate: &Candidate<'_>, context: &Context, requester: &Requester, action: &str) -> Option<(Span, String)> {
    let statement = candidate.statement;
    let principals = caller::why_open(statement, &context.caller, &requester.account);
    let principals = principals.map(|why| (statement.principal_span.unwrap_or(statement.span), why.to_owned()));
    let mut tests = candidate.conditions.iter().zip(&statement.conditions);
    principals.or_else(|| {
        tests.find_map(|(condition, test)| {
            let (present, filled) = context::compared(condition, context, requester, action);
            Some((test.span, of_condition(condition, &present, &filled, &context.caller)?.to_owned()))
        })
    })
}

/// Why it is open whether a condition holds where the caller's request has `present` and the policy wants `filled`.
pub(super) fn of_condition(
    condition: &Condition,
    present: &Present,
    filled: &[Vec<Token>],
    caller: &Caller,
) -> Option<&'static str> {
    let operator = condition.operator.as_ref()?;
    let values: Option<Vec<&str>> = present.as_ref().map(|values| values.iter().map(String::as_str).collect());
    let open = condition::why_open(operator, values.as_deref(), &condition.wanted);
    let (before, name) = match caller.around_path() {
        Some(around) if open.is_none() && condition.key == "aws:principalarn" => around,
        _ => return open,
    };
    let groups = [choices::patterns(operator.base, filled)];
    let paths = [format!("{before}{name}"), format!("{before}?*/{name}")];
    let holds = |arn: &String| condition::holds_tokens(operator, Some(&[arn.as_str()]), filled);
    let arns = paths.iter().map(|path| choices::representatives(&groups, &Pattern::glob(path), &Budget::default()));
    let open = arns.collect::<Option<Vec<_>>>().is_none_or(|arns| {
        let mut outcomes = arns.iter().flatten().map(holds);
        let first = outcomes.next();
        outcomes.any(|outcome| Some(outcome) != first)
    });
    open.then_some("the ARN of a session does not tell the path of its role, which `aws:PrincipalArn` has")
}
