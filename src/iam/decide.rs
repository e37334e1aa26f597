//! Which requests a policy allows, decided on sets: a shortest resource that is refused, or none.

use super::action;
use super::caller;
use super::caller::Requester;
use super::context::{self, Context};
use super::document::{Document, Effect, Statement};
use super::resource::{ResourceSet, Scope, Target};
use crate::language::{self, Found, Letter, Matches, Pattern};

/// Everything a verdict depends on.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The policies attached to the bucket.
    pub policies: &'a [&'a Document],
    /// The bucket.
    pub target: &'a Target,
    /// Who needs access.
    pub requester: &'a Requester,
}

/// A statement that may bear on an action, with its resources seen from the bucket.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The policy it stands in, by its index among the question's policies.
    pub policy: usize,
    /// The statement.
    pub statement: &'a Statement,
    /// Whether it allows.
    pub allows: bool,
    /// Its resources as sets.
    pub resources: Vec<ResourceSet>,
    /// Whether the action itself, or something else in the statement, cannot be told.
    pub unsure: bool,
}

/// What the policies make of one kind of request, over all resources of a scope.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// Every resource is allowed.
    Granted,
    /// This resource is refused: by a Deny (the candidate's index), or because nothing allows it.
    Refused {
        /// A shortest such ARN.
        resource: Vec<Letter>,
        /// The Deny that applies.
        deny: Option<usize>,
    },
    /// An unknown piece decides.
    Unsure,
    /// The sets are too intricate.
    TooComplex,
}

/// The statements of all policies that bear on `action`.
pub fn candidates<'a>(question: &Question<'a>, action: &str) -> Vec<Candidate<'a>> {
    let mut out = Vec::new();
    for (policy, document) in question.policies.iter().enumerate() {
        for statement in &document.statements {
            let Some(effect) = statement.effect else { continue };
            let named = statement.actions.items.iter().map(|item| names(item.as_known(), action));
            let named: Vec<Option<bool>> = named.collect();
            let certain = named.contains(&Some(true));
            let bears = if statement.actions.not { !certain } else { certain || named.contains(&None) };
            if !bears {
                continue;
            }
            let resource = |text| question.target.resource(text, statement.variables);
            out.push(Candidate {
                policy,
                statement,
                allows: effect == Effect::Allow,
                resources: statement.resources.items.iter().map(resource).collect(),
                unsure: !statement.unknown.is_empty() || (!certain && named.contains(&None)),
            });
        }
    }
    out
}

/// Whether an `Action` value names `action`; `None` for a value that is not known.
fn names(pattern: Option<&str>, action: &str) -> Option<bool> {
    pattern.map(|pattern| action::matches(pattern, action))
}

/// Whether a candidate applies to a context, its resources aside; `None` where that cannot be told.
pub fn applies(candidate: &Candidate<'_>, context: &Context, requester: &Requester, action: &str) -> Option<bool> {
    let statement = candidate.statement;
    // a variable without a value makes the whole statement void
    let variables = candidate.resources.iter().flat_map(|set| &set.variables);
    if variables.into_iter().any(|key| context::present(&key.to_ascii_lowercase(), context, requester, action).is_none()) {
        return Some(false);
    }
    let principal = caller::covers(statement, &context.caller, &requester.account);
    let conditions = context::conditions_hold(statement, context, requester, action);
    match (principal, conditions) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) if !candidate.unsure => Some(true),
        _ => None,
    }
}

/// One candidate's patterns among all patterns of a search.
struct Part {
    allows: bool,
    not: bool,
    patterns: std::ops::Range<usize>,
}

impl Part {
    /// Whether the candidate matches, given its patterns' answers.
    fn matches(&self, matches: Matches<'_>) -> Option<bool> {
        let answers = self.patterns.clone().map(matches);
        let any = any_of(answers);
        if self.not { any.map(|any| !any) } else { any }
    }
}

/// Three-valued "or".
fn any_of(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut unsure = false;
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            None => unsure = true,
            Some(false) => {}
        }
    }
    (!unsure).then_some(false)
}

/// What the candidates that apply (`Some(true)`) or may apply (`None`) make of every resource in `scope`.
pub fn answer(candidates: &[Candidate<'_>], applies: &[Option<bool>], target: &Target, scope: Scope) -> Answer {
    let universe = target.universe(scope);
    // refused for certain: not even possibly allowed, or denied for certain
    match refused(candidates, applies, &universe, false) {
        Found::Word(resource) => {
            let deny = denied_by(candidates, applies, &resource);
            return Answer::Refused { resource, deny };
        }
        Found::TooComplex => return Answer::TooComplex,
        Found::None => {}
    }
    // granted for certain: nothing is refused even if every doubt goes against it
    match refused(candidates, applies, &universe, true) {
        Found::Word(_) => Answer::Unsure,
        Found::TooComplex => Answer::TooComplex,
        Found::None => Answer::Granted,
    }
}

/// A shortest resource that is refused, doubts going against the request (`strict`) or in its favour.
fn refused(candidates: &[Candidate<'_>], applies: &[Option<bool>], universe: &Pattern, strict: bool) -> Found {
    let mut patterns: Vec<Pattern> = Vec::new();
    let mut parts = Vec::new();
    for (candidate, applies) in candidates.iter().zip(applies) {
        // a doubtful Allow counts only in favour, a doubtful Deny only against
        let counts = *applies == Some(true) || (applies.is_none() && candidate.allows != strict);
        if !counts {
            continue;
        }
        let from = patterns.len();
        let widest = (candidate.allows != strict) != candidate.statement.resources.not;
        let side = |set: &ResourceSet| if widest { set.possible.clone() } else { set.certain.clone() };
        patterns.extend(candidate.resources.iter().map(side));
        let not = candidate.statement.resources.not;
        parts.push(Part { allows: candidate.allows, not, patterns: from..patterns.len() });
    }
    language::find(&patterns, universe, |matches| {
        let denied = any_of(parts.iter().filter(|part| !part.allows).map(|part| part.matches(matches)));
        let allowed = any_of(parts.iter().filter(|part| part.allows).map(|part| part.matches(matches)));
        match (denied, allowed) {
            (Some(true), _) | (_, Some(false)) => Some(true),
            (Some(false), Some(true)) => Some(false),
            _ => None,
        }
    })
}

/// The first Deny that applies to `resource` for certain.
fn denied_by(candidates: &[Candidate<'_>], applies: &[Option<bool>], resource: &[Letter]) -> Option<usize> {
    candidates.iter().zip(applies).position(|(candidate, applies)| {
        *applies == Some(true) && !candidate.allows && {
            let not = candidate.statement.resources.not;
            let side = |set: &ResourceSet| if not { set.possible.matches(resource) } else { set.certain.matches(resource) };
            candidate.resources.iter().any(side) != not
        }
    })
}
