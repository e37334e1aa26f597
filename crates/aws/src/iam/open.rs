//! Why it is open whether a statement applies although all of it is known: AWS's pages contradict each other there or leave
//! it undefined, or a session's ARN does not tell.

use super::caller::{self, Caller, Requester};
use super::choices::{self, Condition};
use super::condition;
use super::context::{self, Context, Present, UNTOLD};
use super::decide::Candidate;
use super::keys;
use super::operator::{Base, Quantifier};
use super::wildcard::{self, Token};
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
            let (present, filled) = context::compared(condition, context, requester, action, false);
            Some((test.span, of_condition(condition, &present, &filled, &context.caller)?.to_owned()))
        })
    })
}

/// Why it is open which resources `candidate` is about, with the place.
pub(super) fn of_resources(candidate: &Candidate<'_>) -> Option<(Span, String)> {
    let variables = candidate.resources.iter().zip(&candidate.statement.resources.items);
    let mut variables = variables.flat_map(|(set, item)| set.variables.iter().map(|one| (one.key.as_str(), item.span)));
    let (key, at) = variables.find(|(key, _)| keys::is_multivalued(key))?;
    Some((at, format!("`{key}` may have several values, and AWS does not say what such a key is as a policy variable")))
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
    let is_plain = operator.quantifier == Quantifier::None && operator.base != Base::Null && values.is_some();
    if is_plain && keys::is_multivalued(&condition.key) {
        return Some(condition::WITHOUT_SET);
    }
    let holds = |wanted: &[Vec<Token>]| condition::holds_tokens(operator, values.as_deref(), wanted);
    if filled.len() < condition.wanted.len() && !operator.negated && holds(filled) && !holds(&[]) {
        return Some("AWS's pages do not agree on whether a policy variable without a value takes the other values along");
    }
    if open.is_none() && values.as_deref() == Some(&[UNTOLD]) && may_match_untold(condition, filled) {
        return Some(
            "AWS's pages do not tell what this key holds where an AWS service asks; `aws:PrincipalServiceName` is certain",
        );
    }
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

/// Values of `aws:PrincipalType`, none of them for AWS services:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>.
const TYPES: [&str; 5] = ["Account", "User", "FederatedUser", "AssumedRole", "Anonymous"];

/// Whether a test may hold for a value of a service's that is not told, which is no account, identity or type of others.
fn may_match_untold(condition: &Condition, filled: &[Vec<Token>]) -> bool {
    let wild = matches!(condition.base(), Some(Base::StringLike | Base::Arn));
    let any = |tokens: &Vec<Token>| wild && tokens.iter().all(|token| *token == Token::Many);
    let other = |tokens: &Vec<Token>| match wildcard::literal(tokens) {
        Some(text) if !wild || !tokens.iter().any(|token| matches!(token, Token::One | Token::Many)) => {
            condition.key == "aws:principaltype" && !TYPES.contains(&text.as_str())
        }
        _ => wild,
    };
    condition.base() != Some(Base::Null) && !filled.iter().any(any) && filled.iter().any(other)
}
