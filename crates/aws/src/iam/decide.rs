//! Which requests a policy allows, decided on sets: a shortest resource that is refused, or none.

use super::action;
use super::assumed;
use super::caller;
use super::caller::Requester;
use super::choices::Condition;
use super::context::{self, Context};
use super::document::{Document, Effect, Statement};
use super::own;
use super::resource::{Filling, Reading, ResourceSet, Target};
use super::symbols::Symbols;
use bucketlint_text::language::{self, Budget, Found, Letter, Matches, Pattern};
use std::borrow::Cow;
use std::rc::Rc;

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
    pub resources: Rc<[ResourceSet]>,
    /// Its conditions.
    pub conditions: Rc<[Condition]>,
    /// Whether the action itself, or something else in the statement, cannot be told.
    pub unsure: bool,
}

/// A symbol as it is written in the policy or bucket name.
pub fn shown(id: &str, candidates: &[Candidate<'_>], target: &Target) -> String {
    let resources = candidates.iter().flat_map(|candidate| &candidate.statement.resources.items);
    let mut symbols = std::iter::once(&target.name).chain(resources).flat_map(|text| text.symbols());
    symbols.find(|symbol| symbol.id == id).map_or_else(|| id.to_owned(), |symbol| symbol.shown.to_string())
}

/// Whether a candidate applies to a context, its resources aside; `None` where that cannot be told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Applies {
    /// With the very values of the context.
    pub here: Option<bool>,
    /// With any values of the same kind: what a policy variable stands for may come out otherwise.
    pub always: Option<bool>,
}

impl Applies {
    /// Applies to nothing.
    pub const NEVER: Self = Self { here: Some(false), always: Some(false) };
    /// Applies to everything.
    pub const ALWAYS: Self = Self { here: Some(true), always: Some(true) };
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

/// The statements of all policies, with their resources as sets: candidates for every action.
pub fn all<'a>(question: &Question<'a>) -> Vec<Candidate<'a>> {
    all_with(question, &Rc::new(Symbols::of(question.policies, question.requester)))
}

/// As [`all`], the unknown values being numbered.
pub(super) fn all_with<'a>(question: &Question<'a>, symbols: &Rc<Symbols>) -> Vec<Candidate<'a>> {
    let (account, partition) = (&question.requester.account, &question.target.partition);
    let mut out = Vec::new();
    for (policy, document) in question.policies.iter().enumerate() {
        for statement in &document.statements {
            let resource = |text| question.target.resource(text, statement.variables);
            let resources: Rc<[ResourceSet]> = statement.resources.items.iter().map(resource).collect();
            let condition = |test| {
                let account = Some(account.as_str()).filter(|_| assumed::in_test(statement, test));
                let test = if question.requester.may_own { Cow::Borrowed(test) } else { own::left_out(test) };
                Condition::new(&test, statement.variables, account, partition, symbols)
            };
            let conditions: Rc<[Condition]> = statement.conditions.iter().map(condition).collect();
            let effects = match statement.effect {
                Some(effect) => vec![effect],
                // it may be either, unless it is no effect at all
                None if !statement.unknown.is_empty() => vec![Effect::Allow, Effect::Deny],
                None => Vec::new(),
            };
            out.extend(effects.into_iter().map(|effect| Candidate {
                policy,
                statement,
                allows: effect == Effect::Allow,
                resources: Rc::clone(&resources),
                conditions: Rc::clone(&conditions),
                unsure: !statement.unknown.is_empty(),
            }));
        }
    }
    out
}

/// Those of `all` that bear on `action`.
pub fn candidates<'a>(all: &[Candidate<'a>], action: &str) -> Vec<Candidate<'a>> {
    let bearing = |candidate: &Candidate<'a>| {
        let named = candidate.statement.actions.items.iter().map(|item| names(item.as_known(), action));
        let named = language::any_of(named);
        let bears = if candidate.statement.actions.not { named != Some(true) } else { named != Some(false) };
        bears.then(|| Candidate { unsure: candidate.unsure || named.is_none(), ..candidate.clone() })
    };
    all.iter().filter_map(bearing).collect()
}

/// Whether an `Action` value names `action`; `None` for a value that is not known.
fn names(pattern: Option<&str>, action: &str) -> Option<bool> {
    pattern.map(|pattern| action::matches(pattern, action))
}

/// Whether a candidate applies to a context, its resources aside.
pub fn applies(candidate: &Candidate<'_>, context: &Context, requester: &Requester, action: &str) -> Applies {
    let statement = candidate.statement;
    let own = || requester.may_own && statement.principals.iter().any(own::is_principal);
    let principal = match caller::covers(statement, &context.caller, &requester.account) {
        // unless the requester is of the account the template is deployed to
        Some(covered) if covered == statement.not_principal && own() => None,
        known => known,
    };
    if principal == Some(false) {
        return Applies::NEVER;
    }
    let conditions = context::conditions_hold(&candidate.conditions, context, requester, action);
    let here = match (principal, conditions) {
        (_, Some(false)) => Some(false),
        (Some(true), Some(true)) if !candidate.unsure => Some(true),
        _ => None,
    };
    let always = || context::always_hold(&candidate.conditions, context, requester, action);
    let same = candidate.conditions.iter().all(Condition::is_plain) || conditions.is_some() && conditions == always();
    Applies { here, always: if same { here } else { None } }
}

/// What the variables of all candidates' resources stand for in a context.
pub fn filling(candidates: &[Candidate<'_>], context: &Context, requester: &Requester, action: &str) -> Filling {
    let variables = candidates.iter().flat_map(|candidate| candidate.resources.iter()).flat_map(|set| &set.variables);
    let meaning = |key: &str, default: Option<&str>| context::meaning(key, default, context, requester, action);
    variables.map(|one| (one.id.clone(), meaning(&one.key, one.default.as_deref()))).collect()
}

/// The candidates of a search: patterns of a `Resource` stand for themselves, those of a `NotResource` together.
#[derive(Default)]
struct Parts {
    /// For each pattern, whether its statement allows; `None` for those of a `NotResource`.
    allows: Vec<Option<bool>>,
    /// Each `NotResource`: whether its statement allows, and its patterns.
    not: Vec<(bool, std::ops::Range<usize>)>,
}

impl Parts {
    /// Whether any Deny matches, and any Allow.
    fn any(&self, matches: Matches<'_>) -> (Option<bool>, Option<bool>) {
        let (mut denied, mut allowed) = (Some(false), Some(false));
        let mut add = |allows: bool, answer: Option<bool>| {
            let sum = if allows { &mut allowed } else { &mut denied };
            *sum = language::any_of([*sum, answer].into_iter());
        };
        for (pattern, answer) in matches.open() {
            if let Some(allows) = self.allows[pattern] {
                add(allows, answer);
            }
        }
        for (allows, patterns) in &self.not {
            let listed = language::any_of(patterns.clone().map(|pattern| matches.of(pattern)));
            add(*allows, listed.map(|listed| !listed));
        }
        (denied, allowed)
    }
}

/// What the candidates that apply or may apply make of every resource in `universe`.
pub fn answer(
    candidates: &[Candidate<'_>],
    applies: &[Applies],
    filling: &Filling,
    universe: &Pattern,
    budget: &Budget,
) -> Answer {
    // refused for certain: not even possibly allowed, or denied for certain
    match refused(candidates, applies, universe, budget, (filling, Reading::Sampled)) {
        Found::Word(resource) => {
            let deny = denied_by(candidates, applies, &resource, filling);
            return Answer::Refused { resource, deny };
        }
        Found::TooComplex => return Answer::TooComplex,
        Found::None => {}
    }
    let doubtful = |(candidate, applies): (&Candidate<'_>, &Applies)| {
        let settled = |set: &ResourceSet| set.is_settled(filling);
        applies.always.is_none() || (applies.always == Some(true) && !candidate.resources.iter().all(settled))
    };
    if !candidates.iter().zip(applies).any(doubtful) {
        return Answer::Granted;
    }
    // granted for certain: nothing is refused even if every doubt goes against it
    match refused(candidates, applies, universe, budget, (filling, Reading::General)) {
        Found::Word(_) => Answer::Unsure,
        Found::TooComplex => Answer::TooComplex,
        Found::None => Answer::Granted,
    }
}

/// A shortest resource that is refused: doubts in favour of the one request, or against all of its kind.
fn refused(
    candidates: &[Candidate<'_>],
    applies: &[Applies],
    universe: &Pattern,
    budget: &Budget,
    (filling, reading): (&Filling, Reading),
) -> Found {
    let strict = reading == Reading::General;
    let mut patterns: Vec<Rc<Pattern>> = Vec::new();
    let mut parts = Parts::default();
    for (candidate, applies) in candidates.iter().zip(applies) {
        let applies = if strict { applies.always } else { applies.here };
        // a doubtful Allow counts only in favour, a doubtful Deny only against
        let counts = applies == Some(true) || (applies.is_none() && candidate.allows != strict);
        if !counts {
            continue;
        }
        let from = patterns.len();
        let not = candidate.statement.resources.not;
        let widest = (candidate.allows != strict) != not;
        patterns.extend(candidate.resources.iter().flat_map(|set| set.filled(filling, widest, reading)));
        parts.allows.resize(patterns.len(), (!not).then_some(candidate.allows));
        if not {
            parts.not.push((candidate.allows, from..patterns.len()));
        }
    }
    language::find_within(budget, &patterns, universe, |matches| match parts.any(matches) {
        (Some(true), _) | (_, Some(false)) => Some(true),
        (Some(false), Some(true)) => Some(false),
        _ => None,
    })
}

/// A shortest resource of `universe` that `allow` certainly covers and none of `denies` may.
pub fn allowed_resource(
    allow: &Candidate<'_>,
    denies: &[&Candidate<'_>],
    filling: &Filling,
    universe: &Pattern,
    budget: &Budget,
) -> Option<Vec<Letter>> {
    let mut patterns: Vec<Rc<Pattern>> = Vec::new();
    let mut part = |candidate: &Candidate<'_>| {
        let from = patterns.len();
        let not = candidate.statement.resources.not;
        let widest = candidate.allows == not;
        patterns.extend(candidate.resources.iter().flat_map(|set| set.filled(filling, widest, Reading::General)));
        (from..patterns.len(), not)
    };
    let allowed = part(allow);
    let denied: Vec<(std::ops::Range<usize>, bool)> = denies.iter().map(|deny| part(deny)).collect();
    let found = language::find_within(budget, &patterns, universe, |matches| {
        let hits = |(range, not): &(std::ops::Range<usize>, bool)| {
            language::any_of(range.clone().map(|pattern| matches.of(pattern))).map(|any| any != *not)
        };
        match (hits(&allowed), language::any_of(denied.iter().map(hits))) {
            (Some(false), _) | (_, Some(true)) => Some(false),
            (Some(true), Some(false)) => Some(true),
            _ => None,
        }
    });
    match found {
        Found::Word(word) => Some(word),
        Found::None | Found::TooComplex => None,
    }
}

/// Whether a candidate is for certain about `resource`.
pub(super) fn is_on(candidate: &Candidate<'_>, resource: &[Letter], filling: &Filling) -> bool {
    let not = candidate.statement.resources.not;
    let named = |set: &ResourceSet| set.filled(filling, not, Reading::Sampled).iter().any(|pattern| pattern.matches(resource));
    candidate.resources.iter().any(named) != not
}

/// The first Deny that applies to `resource` for certain, one without conditions before all others.
fn denied_by(candidates: &[Candidate<'_>], applies: &[Applies], resource: &[Letter], filling: &Filling) -> Option<usize> {
    let denies = |at: &usize| {
        let candidate = &candidates[*at];
        applies[*at].here == Some(true) && !candidate.allows && is_on(candidate, resource, filling)
    };
    let denying: Vec<usize> = (0..candidates.len()).filter(denies).collect();
    let plain = denying.iter().find(|&&at| candidates[at].statement.conditions.is_empty());
    plain.or(denying.first()).copied()
}
