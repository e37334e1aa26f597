//! One question to a bucket's policies: may this principal do that?

use crate::buckets::BucketGlobs;
use crate::finding::{Finding, Label, Severity};
use crate::iam::action;
use crate::iam::caller::{Caller, Requester};
use crate::iam::decide::Question;
use crate::iam::document::{Document, Statement};
use crate::iam::simulate::{Outcome, Request, simulate};
use crate::iam::verdict::{self, Verdict};
use crate::inventory;
use crate::link;
use crate::load::Loaded;
use crate::source::Sources;
use crate::syntax::fields::did_you_mean;
use std::collections::BTreeMap;

/// The question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    /// The bucket's name.
    pub bucket: String,
    /// A role, user or session ARN, an account's `:root`, or an account ID.
    pub principal: String,
    /// For example `s3:GetObject`.
    pub action: String,
    /// One object's key; without it the question is about all objects, or the bucket itself.
    pub key: Option<String>,
    /// Values by lower-case condition key.
    pub context: BTreeMap<String, Vec<String>>,
}

/// The answer.
#[derive(Debug)]
pub struct Ruling {
    /// Whether the policies allow it.
    pub allowed: bool,
    /// The answer in one line.
    pub line: String,
    /// The deciding statement as a report, where one decides.
    pub report: Vec<Finding>,
    /// The texts the report points into.
    pub sources: Sources,
}

/// Answers `ask` from the policies that `loaded` files attach to its bucket; a sentence says why it cannot.
pub fn ask(loaded: Loaded, ask: &Ask) -> Result<Ruling, String> {
    let name = ask.action.strip_prefix("s3:").unwrap_or(&ask.action);
    if action::find(name).is_none() {
        let meant = action::suggest(name).map_or_else(String::new, |name| format!("; did you mean `s3:{name}`?"));
        return Err(format!("`{}` is not an S3 action{meant}", ask.action));
    }
    let account = account_of(&ask.principal)
        .ok_or_else(|| format!("`{}` is neither an account ID nor a principal's ARN", ask.principal))?;
    if let Some(problem) = loaded.problems.first() {
        let place = loaded.sources.get(problem.span.file);
        return Err(format!("{}:{}: {}", place.path, place.position(problem.span.start as usize).line, problem.message));
    }
    let inventory = inventory::collect(&loaded.models, &loaded.sources, Some(&ask.bucket), &BTreeMap::new());
    let wanted = BucketGlobs::default();
    let buckets = link::link(&inventory, &loaded.sources, &wanted, partition_of(&ask.principal));
    let Some(bucket) = buckets.iter().find(|bucket| bucket.reference.name.as_ref() == Some(&ask.bucket)) else {
        let names: Vec<&str> = buckets.iter().filter_map(|bucket| bucket.reference.name.as_deref()).collect();
        return Err(format!("no policy for bucket `{}`{}", ask.bucket, did_you_mean(&ask.bucket, &names)));
    };
    let documents: Vec<&Document> = bucket.policies.iter().map(|&at| &inventory.policies[at].document).collect();
    let requester = Requester { account: account.to_owned(), roles: roles(&ask.principal), assume: ask.context.clone() };
    let question = Question { policies: &documents, target: &bucket.target, requester: &requester };
    let (allowed, line, statement) = match &ask.key {
        Some(key) => one(&documents, ask, format!("{}/{key}", bucket.target.arn())),
        None => all(&question, ask),
    };
    let report = statement.map(|statement| finding(statement, allowed)).into_iter().collect();
    Ok(Ruling { allowed, line, report, sources: loaded.sources })
}

/// What the policies answer to one request.
fn one<'d>(documents: &[&'d Document], ask: &Ask, resource: String) -> (bool, String, Option<&'d Statement>) {
    let principal = Caller::new(&caller_arn(&ask.principal));
    let line = |word: &str, why: &str| format!("{word}: {} on {resource} for {}{why}", ask.action, principal.arn);
    let request = Request {
        action: ask.action.clone(),
        resource: resource.clone(),
        principal: principal.clone(),
        context: ask.context.clone(),
    };
    let find = |policy: usize, number: usize| documents[policy].statements.iter().find(|statement| statement.number == number);
    match simulate(documents, &request) {
        Outcome::Allowed { policy, statement } => (true, line("allow", ""), find(policy, statement)),
        Outcome::ExplicitDeny { policy, statement } => (false, line("deny", ": denied explicitly"), find(policy, statement)),
        Outcome::ImplicitDeny => (false, line("deny", ": no statement allows it"), None),
    }
}

/// What the policies answer for every object, or for the bucket.
fn all<'d>(question: &Question<'d>, ask: &Ask) -> (bool, String, Option<&'d Statement>) {
    let Some(decision) = verdict::decide(question, std::slice::from_ref(&ask.action)).pop() else {
        return (false, String::new(), None);
    };
    let allowed = decision.verdict == Verdict::Granted;
    let what = match verdict::scope(&ask.action) {
        crate::iam::resource::Scope::Bucket | crate::iam::resource::Scope::Named => question.target.arn(),
        crate::iam::resource::Scope::Objects => format!("every object of {}", question.target.arn()),
    };
    let word = if allowed { "allow" } else { "deny" };
    let example = decision.witness.as_ref().map(|witness| format!(", for example {witness}"));
    let reason = decision.unknown.as_ref().map(|(_, why)| format!(": {why}"));
    let verdict = if allowed { String::new() } else { format!(" ({})", decision.verdict.word()) };
    let line = format!(
        "{word}: {} on {what} for {}{verdict}{}{}",
        ask.action,
        ask.principal,
        reason.unwrap_or_default(),
        example.unwrap_or_default()
    );
    let statement = decision.cause.and_then(|cause| {
        question.policies[cause.policy].statements.iter().find(|statement| statement.number == cause.statement)
    });
    (allowed, line, statement)
}

/// The deciding statement as a report.
fn finding(statement: &Statement, allowed: bool) -> Finding {
    Finding {
        rule: String::new(),
        severity: if allowed { Severity::Note } else { Severity::Error },
        message: format!("{} decides", statement.title()),
        help: None,
        primary: Label { span: statement.span, message: if allowed { "allows it" } else { "stands in the way" }.into() },
        related: Vec::new(),
        bucket: None,
        actions: Vec::new(),
        principal: None,
        witness: None,
        when: Vec::new(),
    }
}

/// The account of an ARN or bare account ID.
fn account_of(principal: &str) -> Option<&str> {
    let id = if principal.starts_with("arn:") { principal.split(':').nth(4)? } else { principal };
    crate::iam::principal::is_account(id).then_some(id)
}

fn partition_of(principal: &str) -> Option<&str> {
    principal.strip_prefix("arn:")?.split(':').next()
}

/// The roles to judge for; none for a whole account.
fn roles(principal: &str) -> Vec<String> {
    if principal.starts_with("arn:") && !principal.ends_with(":root") { vec![principal.to_owned()] } else { Vec::new() }
}

/// A caller's ARN: for an account, a role nobody mentions.
fn caller_arn(principal: &str) -> String {
    match roles(principal).pop() {
        Some(arn) => arn,
        None => Caller::any_role(partition_of(principal).unwrap_or("aws"), account_of(principal).unwrap_or_default()).arn,
    }
}
