//! One verdict for each required action, with the place that causes it and a request that shows it.

use super::action;
use super::caller::{self, Reach, Requester};
use super::context::{self, Context};
use super::decide::{self, Answer, Candidate, Question};
use super::document::{Effect, Statement};
use super::plausible::Plausible;
use super::resource::{self, Scope};
use crate::finding::Witness;
use crate::language::Letter;
use crate::source::Span;
use std::collections::BTreeMap;

/// The verdict on one required action.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// Allowed on every resource, to every principal the control account may delegate to.
    Granted,
    /// A Deny refuses it.
    Denied,
    /// Allowed only where a condition holds that is not always true.
    Conditional,
    /// Granted, but to somebody else, or to less than the whole account.
    WrongPrincipal,
    /// Granted, but not on the bucket or not on all its objects.
    WrongResource,
    /// Nothing grants it.
    Missing,
    /// Cannot be told from the linted files.
    Unresolved,
}

impl Verdict {
    /// The word used in facts and output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Conditional => "conditional",
            Self::WrongPrincipal => "wrong-principal",
            Self::WrongResource => "wrong-resource",
            Self::Missing => "missing",
            Self::Unresolved => "unresolved",
        }
    }
}

/// The verdict on one action and why.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// For example `s3:GetObject`.
    pub action: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The statement that decides, where one does.
    pub cause: Option<Cause>,
    /// What cannot be told, for `unresolved`.
    pub unknown: Option<(Span, String)>,
    /// A request that fails, for every verdict but `granted` and `unresolved`.
    pub witness: Option<Witness>,
}

/// The statement behind a verdict and the exact part to change.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cause {
    /// The policy's index among the question's policies.
    pub policy: usize,
    /// The statement's number in it, from 1.
    pub statement: usize,
    /// The node to change.
    pub span: Span,
}

/// Decides every action of `actions`, in their order.
pub fn decide(question: &Question<'_>, actions: &[String]) -> Vec<Decision> {
    let plausible = Plausible::new(question, actions);
    actions.iter().map(|action| Decider::new(question, &plausible, action).decide()).collect()
}

/// The scope an action acts on; unknown actions are taken for object actions.
pub fn scope(action: &str) -> Scope {
    let known = action.split_once(':').and_then(|(_, name)| action::find(name));
    if known.is_some_and(|known| known.level == action::Level::Bucket) { Scope::Bucket } else { Scope::Objects }
}

struct Decider<'a> {
    question: &'a Question<'a>,
    plausible: &'a Plausible,
    action: &'a str,
    scope: Scope,
    candidates: Vec<Candidate<'a>>,
}

/// A context with what the policies make of it.
struct Case {
    context: Context,
    applies: Vec<Option<bool>>,
    answer: Answer,
}

impl<'a> Decider<'a> {
    fn new(question: &'a Question<'a>, plausible: &'a Plausible, action: &'a str) -> Self {
        Self { question, plausible, action, scope: scope(action), candidates: decide::candidates(question, action) }
    }

    fn requester(&self) -> &'a Requester {
        self.question.requester
    }

    fn decide(&self) -> Decision {
        let statements: Vec<&Statement> = self.candidates.iter().map(|candidate| candidate.statement).collect();
        let variables = self.candidates.iter().flat_map(|candidate| &candidate.resources).flat_map(|set| &set.variables);
        let partition = &self.question.target.partition;
        let contexts = context::contexts(&statements, variables, self.requester(), partition, self.action);
        let Some(contexts) = contexts else {
            return self.unresolved("its conditions combine in more ways than are worth trying");
        };
        let cases = self.cases(contexts);
        if let Some(unknown) = self.question.policies.iter().find_map(|policy| policy.unknown.first()) {
            let denied = cases.iter().all(|case| matches!(case.answer, Answer::Refused { deny: Some(_), .. }));
            if !denied {
                return self.decision(Verdict::Unresolved, None, Some((unknown.at, unknown.why.to_string())), None);
            }
        }
        if cases.iter().all(|case| case.answer == Answer::Granted) {
            return self.decision(Verdict::Granted, self.granting(&cases), None, None);
        }
        match cases.iter().find(|case| matches!(case.answer, Answer::Refused { .. })) {
            Some(_) => self.refused(&cases),
            None if cases.iter().any(|case| case.answer == Answer::TooComplex) => {
                self.unresolved("its wildcards are too intricate to decide")
            }
            None => self.unresolved("it depends on a value that is not known here"),
        }
    }

    /// Every context with its answer; contexts to which the same statements apply share one search.
    fn cases(&self, contexts: Vec<Context>) -> Vec<Case> {
        let mut known: BTreeMap<Vec<Option<bool>>, Answer> = BTreeMap::new();
        let each = |context: Context| {
            let applies = |candidate| decide::applies(candidate, &context, self.requester(), self.action);
            let applies: Vec<Option<bool>> = self.candidates.iter().map(applies).collect();
            let answer = known.entry(applies.clone()).or_insert_with(|| self.answer(&applies)).clone();
            Case { context, applies, answer }
        };
        contexts.into_iter().map(each).collect()
    }

    fn answer(&self, applies: &[Option<bool>]) -> Answer {
        decide::answer(&self.candidates, applies, self.question.target, self.scope)
    }

    /// The Allow that grants, for the place of a `granted`.
    fn granting(&self, cases: &[Case]) -> Option<Cause> {
        let case = cases.first()?;
        let at = self
            .candidates
            .iter()
            .zip(&case.applies)
            .position(|(candidate, applies)| candidate.allows && *applies == Some(true))?;
        self.cause(at, self.candidates[at].statement.actions.span)
    }

    fn refused(&self, cases: &[Case]) -> Decision {
        let granted = |case: &&Case| case.answer == Answer::Granted;
        let Some(some_granted) = cases.iter().find(granted) else { return self.never_granted(cases) };
        let any_caller = &cases[0].context.caller;
        let role_judged = !self.requester().roles.is_empty();
        let reaches_any = role_judged || cases.iter().any(|case| granted(&case) && case.context.caller == *any_caller);
        let Some(case) = cases.iter().find(|case| matches!(case.answer, Answer::Refused { .. })) else {
            return self.unresolved("it depends on a value that is not known here");
        };
        let Answer::Refused { deny, .. } = case.answer else { return self.unresolved("it cannot be told") };
        match deny.map(|at| (at, self.candidates[at].statement)) {
            Some((at, statement)) if !statement.conditions.is_empty() => {
                self.because(Verdict::Conditional, at, statement.condition_span, case)
            }
            Some((at, statement)) => self.because(Verdict::Denied, at, Some(statement.span), case),
            None => self.narrow(case, some_granted, reaches_any),
        }
    }

    /// An Allow that helps in some requests only.
    fn narrow(&self, refused: &Case, granted: &Case, reaches_any: bool) -> Decision {
        let helps = self.candidates.iter().zip(granted.applies.iter().zip(&refused.applies));
        let at = helps
            .into_iter()
            .position(|(candidate, (there, here))| candidate.allows && *there == Some(true) && *here != Some(true));
        let Some(at) = at else { return self.unresolved("it depends on a value that is not known here") };
        let statement = self.candidates[at].statement;
        let by_name = caller::covers(statement, &refused.context.caller, &self.requester().account) != Some(true);
        if by_name && !reaches_any {
            return self.because(Verdict::WrongPrincipal, at, named(statement), refused);
        }
        self.because(Verdict::Conditional, at, statement.condition_span.or(statement.principal_span), refused)
    }

    /// No request is granted on every resource: what stands in the way?
    fn never_granted(&self, cases: &[Case]) -> Decision {
        let without_denies = |case: &&Case| {
            let applies: Vec<Option<bool>> = self
                .candidates
                .iter()
                .zip(&case.applies)
                .map(|(candidate, applies)| if candidate.allows { *applies } else { Some(false) })
                .collect();
            self.answer(&applies) == Answer::Granted
        };
        let denied = |case: &&Case| matches!(case.answer, Answer::Refused { deny: Some(_), .. });
        if let Some(case) = cases.iter().filter(denied).find(without_denies) {
            let Answer::Refused { deny: Some(at), .. } = case.answer else { return self.unresolved("it cannot be told") };
            return self.because(Verdict::Denied, at, Some(self.candidates[at].statement.span), case);
        }
        let Some(case) = cases.iter().find(|case| matches!(case.answer, Answer::Refused { .. })) else {
            return self.unresolved("it depends on a value that is not known here");
        };
        let allows = || self.candidates.iter().enumerate().filter(|(_, candidate)| candidate.allows);
        let principal =
            |candidate: &Candidate<'_>| caller::covers(candidate.statement, &case.context.caller, &self.requester().account);
        if let Some(decision) = self.impossible_condition(case) {
            return decision;
        }
        let meant = |candidate: &Candidate<'_>| self.plausible.meant(candidate.policy, candidate.statement);
        if let Some((at, candidate)) = allows().find(|(_, candidate)| principal(candidate) == Some(true) && meant(candidate)) {
            return self.because(Verdict::WrongResource, at, candidate.statement.resources.span, case);
        }
        if let Some((at, candidate)) = allows().find(|(_, candidate)| principal(candidate) != Some(true) && meant(candidate)) {
            return self.because(Verdict::WrongPrincipal, at, named(candidate.statement), case);
        }
        let cause = self.plausible.best.as_ref().map(|(policy, statement, span)| Cause {
            policy: *policy,
            statement: *statement,
            span: *span,
        });
        self.decision(Verdict::Missing, cause, None, self.witness(case))
    }

    /// An Allow with the right principal and resources whose condition never holds for the control account.
    fn impossible_condition(&self, case: &Case) -> Option<Decision> {
        let account = &self.requester().account;
        for (at, candidate) in self.candidates.iter().enumerate().filter(|(_, candidate)| candidate.allows) {
            let statement = candidate.statement;
            let relaxed: Vec<Option<bool>> = (0..self.candidates.len()).map(|other| Some(other == at)).collect();
            let covers = caller::covers(statement, &case.context.caller, account) == Some(true);
            if statement.conditions.is_empty() || !covers || self.answer(&relaxed) != Answer::Granted {
                continue;
            }
            let fails = |test: &&super::document::Test| {
                let alone = Statement { conditions: vec![(*test).clone()], ..statement.clone() };
                context::conditions_hold(&alone, &case.context, self.requester(), self.action) == Some(false)
            };
            let Some(test) = statement.conditions.iter().find(fails) else { continue };
            let who = test.key.to_ascii_lowercase().starts_with("aws:principal");
            let verdict = if who { Verdict::WrongPrincipal } else { Verdict::Conditional };
            return Some(self.because(verdict, at, Some(test.span), case));
        }
        None
    }

    fn cause(&self, at: usize, span: Option<Span>) -> Option<Cause> {
        let candidate = &self.candidates[at];
        let span = span.unwrap_or(candidate.statement.span);
        Some(Cause { policy: candidate.policy, statement: candidate.statement.number, span })
    }

    fn because(&self, verdict: Verdict, at: usize, span: Option<Span>, case: &Case) -> Decision {
        self.decision(verdict, self.cause(at, span), None, self.witness(case))
    }

    fn unresolved(&self, why: &str) -> Decision {
        let unknown = self.first_unknown().unwrap_or_else(|| {
            let at = self.candidates.first().map_or_else(Span::default, |candidate| candidate.statement.span);
            (at, why.to_owned())
        });
        self.decision(Verdict::Unresolved, None, Some(unknown), None)
    }

    /// The first piece of a bearing statement that is not known.
    fn first_unknown(&self) -> Option<(Span, String)> {
        let account = &self.requester().account;
        self.candidates.iter().find_map(|candidate| {
            let statement = candidate.statement;
            let own: Vec<_> = self.question.target.name.symbols().map(|symbol| symbol.id.clone()).collect();
            let strange = statement.principals.iter().filter(|principal| caller::reach(principal, account) == Reach::Unknown);
            let texts =
                strange.map(|principal| &principal.text).chain(&statement.resources.items).chain(&statement.actions.items);
            let symbol = texts
                .flat_map(|text| text.symbols())
                .find(|symbol| !own.contains(&symbol.id) && symbol.kind != crate::text::SymbolKind::Partition);
            let stated = statement.unknown.first().map(|unknown| (unknown.at, unknown.why.to_string()));
            stated.or_else(|| symbol.map(|symbol| (symbol.at, symbol.why.to_string())))
        })
    }

    fn decision(
        &self,
        verdict: Verdict,
        cause: Option<Cause>,
        unknown: Option<(Span, String)>,
        witness: Option<Witness>,
    ) -> Decision {
        Decision { action: self.action.to_owned(), verdict, cause, unknown, witness }
    }

    fn witness(&self, case: &Case) -> Option<Witness> {
        let Answer::Refused { resource, deny } = &case.answer else { return None };
        let statement = deny.map(|at| self.candidates[at].statement.number);
        let context = case.context.values.iter().map(|(key, values)| (key.clone(), values.clone().unwrap_or_default())).collect();
        let resource = resource::spell(resource, |symbol| self.shown(symbol));
        Some(Witness { action: self.action.to_owned(), resource, principal: case.context.caller.arn.clone(), context, statement })
    }

    /// A symbol as it is written in the policy or bucket name.
    fn shown(&self, id: &str) -> String {
        let resources = self.candidates.iter().flat_map(|candidate| &candidate.statement.resources.items);
        let mut symbols = std::iter::once(&self.question.target.name).chain(resources).flat_map(|text| text.symbols());
        symbols.find(|symbol| symbol.id == id).map_or_else(|| id.to_owned(), |symbol| symbol.shown.to_string())
    }
}

/// The place of a statement's only principal, or of all where there are several.
fn named(statement: &Statement) -> Option<Span> {
    match statement.principals.as_slice() {
        [only] => Some(only.span),
        _ => statement.principal_span,
    }
}

/// Whether a statement is an Allow.
pub fn allows(statement: &Statement) -> bool {
    statement.effect == Some(Effect::Allow)
}

/// The words of an ARN as a plain string, for tests and reports.
pub fn plain(word: &[Letter]) -> String {
    resource::spell(word, |symbol| symbol.to_owned())
}
