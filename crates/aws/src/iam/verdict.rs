//! One verdict for each required action, with the place that causes it and a request that shows it.

use super::action;
use super::assumed;
use super::caller::{self, Caller, Reach, Requester};
use super::choices::Condition;
use super::context::{self, Context};
use super::decide::{self, Answer, Applies, Candidate, Question};
use super::document::{Effect, Statement, Test};
use super::own;
use super::plausible::Plausible;
use super::principal::{Principal, PrincipalKind};
use super::resource::{self, Filling, Scope};
use super::simulate::Request;
use super::symbols::Symbols;
use super::witness::Witness;
use super::{keys, open};
use bucketlint_text::language::{Budget, Letter, Pattern};
use bucketlint_text::source::Span;
use bucketlint_text::text::Text;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

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

impl Witness {
    /// The request itself.
    pub fn request(&self) -> Request {
        let carried = self.context.iter().filter(|(_, values)| !values.is_empty());
        let context = carried.map(|(key, values)| (key.to_ascii_lowercase(), values.clone())).collect();
        let principal = Caller { arn: self.principal.clone(), session: self.session.clone() };
        Request { action: self.action.clone(), resource: self.resource.clone(), principal, context }
    }
}

/// Decides every action of `actions`, in their order.
pub fn decide(question: &Question<'_>, actions: &[String]) -> Vec<Decision> {
    decide_as(question, actions, &scope)
}

/// Decides every action of `actions`, in their order, each on all resources of the scope that `acts_on` tells.
pub fn decide_as(question: &Question<'_>, actions: &[String], acts_on: &dyn Fn(&str) -> Scope) -> Vec<Decision> {
    let symbols = Rc::new(Symbols::of(question.policies, question.requester));
    let requester = symbols.settled(question.requester, &question.target.partition);
    let question = &Question { requester: &requester, ..*question };
    let plausible = Plausible::new(question, actions);
    let shared = Shared { statements: decide::all_with(question, &symbols), symbols, answers: RefCell::default() };
    let mut known: BTreeMap<Likeness, Decision> = BTreeMap::new();
    let each = |action: &String| {
        let decider = Decider::new(question, &plausible, &shared, action, acts_on(action));
        let like = known.entry(decider.likeness()).or_insert_with(|| decider.decide()).clone();
        let witness = like.witness.map(|witness| Witness { action: action.clone(), ..witness });
        Decision { action: action.clone(), witness, ..like }
    };
    actions.iter().map(each).collect()
}

/// Actions of equal likeness get equal decisions: the scope, the statements that bear, and which keys requests can carry.
type Likeness = (Scope, Vec<(usize, usize, bool)>, Vec<bool>);

/// What the actions of one question have in common.
struct Shared<'a> {
    statements: Vec<Candidate<'a>>,
    symbols: Rc<Symbols>,
    answers: RefCell<BTreeMap<Situation, Answer>>,
}

/// Why a resource such as `arn:aws:s3:*` is not decided.
const SPANS_COLONS: &str = "AWS's pages do not agree on whether a `*` at the end of a part of an ARN stands for colons too; \
                            write all six parts, as in `arn:aws:s3:::bucket/*`";

/// All that an answer depends on: the scope, the statements that bear with what applies, and the variables' values.
type Situation = (Scope, Vec<(usize, usize, Applies)>, Filling);

/// The scope an action acts on; unknown actions are taken for object actions.
pub fn scope(action: &str) -> Scope {
    let known = action.split_once(':').and_then(|(_, name)| action::find(name));
    if known.is_some_and(|known| known.level == action::Level::Bucket) { Scope::Bucket } else { Scope::Objects }
}

struct Decider<'a> {
    question: &'a Question<'a>,
    plausible: &'a Plausible,
    shared: &'a Shared<'a>,
    action: &'a str,
    scope: Scope,
    candidates: Vec<Candidate<'a>>,
    universe: Pattern,
    budget: Budget,
}

/// A context with what the policies make of it.
struct Case {
    context: Context,
    applies: Vec<Applies>,
    filling: Filling,
    answer: Answer,
}

impl<'a> Decider<'a> {
    fn new(question: &'a Question<'a>, plausible: &'a Plausible, shared: &'a Shared<'a>, action: &'a str, scope: Scope) -> Self {
        let candidates = decide::candidates(&shared.statements, action);
        let universe = question.target.universe(scope);
        Self { question, plausible, shared, action, scope, candidates, universe, budget: Budget::default() }
    }

    fn likeness(&self) -> Likeness {
        let bearing = self.candidates.iter().map(|one| (one.policy, one.statement.number, one.unsure)).collect();
        let own = |key: &str| key.starts_with("s3:").then(|| context::exists_for(key, self.action));
        let tested = self.candidates.iter().flat_map(|one| one.conditions.iter()).flat_map(Condition::keys);
        let variables = self.candidates.iter().flat_map(|one| one.resources.iter()).flat_map(|set| &set.variables);
        let variables = variables.filter_map(|variable| own(&variable.key.to_ascii_lowercase()));
        let carried = tested.filter_map(own).chain(variables).collect();
        (self.scope, bearing, carried)
    }

    fn requester(&self) -> &'a Requester {
        self.question.requester
    }

    fn decide(&self) -> Decision {
        let partition = &self.question.target.partition;
        let contexts = context::contexts(&self.candidates, self.requester(), partition, self.action, &self.budget);
        let Some(contexts) = contexts else {
            return self.unresolved("its conditions combine in more ways than are worth trying");
        };
        let cases = self.cases(contexts);
        let mut decision = self.decided(&cases);
        if decision.verdict == Verdict::Unresolved && self.question.policies.iter().all(|policy| policy.unknown.is_empty()) {
            decision.unknown = self.left_open(&cases).or(decision.unknown);
        }
        decision
    }

    /// What is open although it is known.
    fn left_open(&self, cases: &[Case]) -> Option<(Span, String)> {
        cases.iter().filter(|case| case.answer == Answer::Unsure).find_map(|case| {
            let mut open = self.candidates.iter().zip(&case.applies).filter(|(_, applies)| applies.here.is_none());
            open.find_map(|(candidate, _)| open::why(candidate, &case.context, self.requester(), self.action))
        })
    }

    fn decided(&self, cases: &[Case]) -> Decision {
        if let Some(unknown) = self.question.policies.iter().find_map(|policy| policy.unknown.first()) {
            let denied = cases.iter().all(|case| matches!(case.answer, Answer::Refused { deny: Some(_), .. }));
            if !denied {
                return self.decision(Verdict::Unresolved, None, Some((unknown.at, unknown.why.to_string())), None);
            }
        }
        if cases.iter().all(|case| case.answer == Answer::Granted) {
            return self.decision(Verdict::Granted, self.granting(cases), None, None);
        }
        match cases.iter().find(|case| matches!(case.answer, Answer::Refused { .. })) {
            Some(_) => self.refused(cases),
            None if cases.iter().any(|case| case.answer == Answer::TooComplex) => {
                self.unresolved("its wildcards are too intricate to decide")
            }
            None => self.unresolved("it depends on a value that is not known here"),
        }
    }

    /// Every context with its answer.
    fn cases(&self, contexts: Vec<Context>) -> Vec<Case> {
        let each = |context: Context| {
            let applies = |candidate| decide::applies(candidate, &context, self.requester(), self.action);
            let applies: Vec<Applies> = self.candidates.iter().map(applies).collect();
            let filling = decide::filling(&self.candidates, &context, self.requester(), self.action);
            let answer = self.answer(&applies, &filling);
            Case { context, applies, filling, answer }
        };
        contexts.into_iter().map(each).collect()
    }

    /// Contexts and actions to which the same statements apply share one search.
    fn answer(&self, applies: &[Applies], filling: &Filling) -> Answer {
        let bearing = self.candidates.iter().zip(applies).enumerate().filter(|(_, (_, applies))| **applies != Applies::NEVER);
        let (places, (statements, applies)): (Vec<usize>, (Vec<Candidate<'_>>, Vec<Applies>)) =
            bearing.map(|(at, (candidate, applies))| (at, (candidate.clone(), *applies))).unzip();
        let key = statements.iter().zip(&applies).map(|(one, applies)| (one.policy, one.statement.number, *applies)).collect();
        let situation = (self.scope, key, filling.clone());
        let known = self.shared.answers.borrow().get(&situation).cloned();
        let answer = known.unwrap_or_else(|| {
            let answer = decide::answer(&statements, &applies, filling, &self.universe, &self.budget);
            self.shared.answers.borrow_mut().insert(situation, answer.clone());
            answer
        });
        match answer {
            Answer::Refused { resource, deny } => Answer::Refused { resource, deny: deny.and_then(|at| places.get(at).copied()) },
            other => other,
        }
    }

    /// The Allow that grants, for the place of a `granted`.
    fn granting(&self, cases: &[Case]) -> Option<Cause> {
        let case = cases.first()?;
        let at = self
            .candidates
            .iter()
            .zip(&case.applies)
            .position(|(candidate, applies)| candidate.allows && applies.here == Some(true))?;
        self.cause(at, self.candidates[at].statement.actions.span)
    }

    fn refused(&self, cases: &[Case]) -> Decision {
        let granted = |case: &&Case| case.answer == Answer::Granted;
        if !cases.iter().any(|case| granted(&case)) {
            // too much to look at everything: what refuses one request is known all the same
            let unseen = cases.iter().any(|case| case.answer == Answer::TooComplex);
            return if unseen { self.at_least(cases) } else { self.never_granted(cases) };
        }
        let any_caller = &cases[0].context.caller;
        let role_judged = !self.requester().roles.is_empty();
        // one session is less than its role
        let is_any = |caller: &Caller| if role_judged { caller.session.is_none() } else { caller == any_caller };
        let reaches_any = cases.iter().any(|case| granted(&case) && is_any(&case.context.caller));
        let Some(case) = cases.iter().find(|case| matches!(case.answer, Answer::Refused { .. })) else {
            return self.unresolved("it depends on a value that is not known here");
        };
        let Answer::Refused { deny, .. } = case.answer else { return self.unresolved("it cannot be told") };
        match deny.map(|at| (at, self.candidates[at].statement)) {
            Some((at, statement)) if !statement.conditions.is_empty() => {
                // what a granted request has otherwise is what to look at
                let otherwise = |test| cases.iter().any(|case| granted(&case) && self.fails(at, test, case));
                self.because(Verdict::Conditional, at, self.only_test(at, otherwise).or(statement.condition_span), case)
            }
            Some((at, statement)) => self.because(Verdict::Denied, at, Some(statement.span), case),
            None => self.narrow(cases, case, reaches_any),
        }
    }

    /// The Deny of a refused request, where not all requests have been looked at.
    fn at_least(&self, cases: &[Case]) -> Decision {
        let denied = |case: &Case| match case.answer {
            Answer::Refused { deny, .. } => deny,
            _ => None,
        };
        let Some((case, at)) = cases.iter().find_map(|case| Some((case, denied(case)?))) else {
            return self.unresolved("its conditions combine in more ways than are worth trying");
        };
        let statement = self.candidates[at].statement;
        let conditional = !statement.conditions.is_empty();
        let verdict = if conditional { Verdict::Conditional } else { Verdict::Denied };
        self.because(verdict, at, statement.condition_span.or(Some(statement.span)), case)
    }

    /// An Allow that helps in some requests only: best one that is for this caller too, if a condition holds.
    fn narrow(&self, cases: &[Case], refused: &Case, reaches_any: bool) -> Decision {
        let granted = || cases.iter().filter(|case| case.answer == Answer::Granted);
        let helps = |at: &usize| {
            self.candidates[*at].allows
                && refused.applies[*at].here != Some(true)
                && granted().any(|case| case.applies[*at].here == Some(true))
        };
        let account = &self.requester().account;
        let for_caller =
            |at: &usize| caller::covers(self.candidates[*at].statement, &refused.context.caller, account) == Some(true);
        let helping: Vec<usize> = (0..self.candidates.len()).filter(helps).collect();
        let chosen = helping.iter().copied().find(for_caller);
        let Some(at) = chosen.or(helping.first().copied()) else {
            // what its policy variables stand for makes the difference
            let varies = |at: &usize| self.candidates[*at].resources.iter().any(|set| !set.variables.is_empty());
            let mut varying = (0..self.candidates.len()).filter(|at| self.candidates[*at].allows && varies(at));
            if let Some(at) = varying.find(|at| refused.applies[*at].here == Some(true)) {
                return self.because(Verdict::WrongResource, at, self.candidates[at].statement.resources.span, refused);
            }
            return self.unresolved("it depends on a value that is not known here");
        };
        let statement = self.candidates[at].statement;
        if chosen.is_none() && !reaches_any {
            return self.because(Verdict::WrongPrincipal, at, named(statement), refused);
        }
        let test = self.only_test(at, |test| self.fails(at, test, refused));
        let span = test.or(statement.condition_span).or(statement.principal_span);
        self.because(Verdict::Conditional, at, span, refused)
    }

    /// Whether a candidate's condition test of this place does not hold.
    fn fails(&self, at: usize, test: usize, case: &Case) -> bool {
        let alone = &self.candidates[at].conditions[test..=test];
        context::conditions_hold(alone, &case.context, self.requester(), self.action) == Some(false)
    }

    /// The only one of several tests that `decides`.
    fn only_test(&self, at: usize, decides: impl Fn(usize) -> bool) -> Option<Span> {
        let tests = &self.candidates[at].statement.conditions;
        let mut deciding = (0..tests.len()).filter(|test| decides(*test));
        let only = deciding.next().filter(|_| tests.len() > 1)?;
        deciding.next().is_none().then(|| tests[only].span)
    }

    /// No request is granted on every resource: what stands in the way?
    fn never_granted(&self, cases: &[Case]) -> Decision {
        let without_denies = |case: &Case| {
            let candidates = self.candidates.iter().zip(&case.applies);
            let applies =
                |(candidate, applies): (&Candidate<'_>, &Applies)| if candidate.allows { *applies } else { Applies::NEVER };
            self.answer(&candidates.map(applies).collect::<Vec<_>>(), &case.filling)
        };
        let denied = |case: &&Case| matches!(case.answer, Answer::Refused { deny: Some(_), .. });
        // what may be allowed otherwise is refused as surely as what is
        let unseen = self.question.policies.iter().any(|policy| !policy.unknown.is_empty());
        let may_be = |case: &&Case| unseen || without_denies(case) == Answer::Unsure;
        let first = |than: &dyn Fn(&&Case) -> bool| cases.iter().filter(denied).find(|case| than(case));
        if let Some(case) = first(&|case| without_denies(case) == Answer::Granted).or_else(|| first(&may_be)) {
            let Answer::Refused { deny: Some(at), .. } = case.answer else { return self.unresolved("it cannot be told") };
            let statement = self.candidates[at].statement;
            let refused = cases.iter().all(|case| matches!(case.answer, Answer::Refused { .. }));
            return match statement.condition_span.filter(|_| !refused) {
                Some(condition) => self.because(Verdict::Conditional, at, Some(condition), case),
                None => self.because(Verdict::Denied, at, Some(statement.span), case),
            };
        }
        if let Some(decision) = self.denied_alone(cases) {
            return decision;
        }
        let Some(case) = cases.iter().find(|case| matches!(case.answer, Answer::Refused { .. })) else {
            return self.unresolved("it depends on a value that is not known here");
        };
        let allows = || self.candidates.iter().enumerate().filter(|(_, candidate)| candidate.allows);
        let principal =
            |candidate: &Candidate<'_>| caller::covers(candidate.statement, &case.context.caller, &self.requester().account);
        let meant = |candidate: &Candidate<'_>| self.plausible.meant(candidate.policy, candidate.statement);
        if let Some(decision) = self.impossible_condition(cases, case) {
            return decision;
        }
        if let Some((at, candidate)) = allows().find(|(_, candidate)| principal(candidate) != Some(false) && meant(candidate)) {
            return self.because(Verdict::WrongResource, at, candidate.statement.resources.span, case);
        }
        if let Some((at, candidate)) = allows().find(|(_, candidate)| principal(candidate) == Some(false) && meant(candidate)) {
            return self.because(Verdict::WrongPrincipal, at, named(candidate.statement), case);
        }
        let cause = self.plausible.best.as_ref().map(|(policy, statement, span)| Cause {
            policy: *policy,
            statement: *statement,
            span: *span,
        });
        self.decision(Verdict::Missing, cause, None, self.witness(case))
    }

    /// A Deny that names nobody but the account: to allow the action beside it would change nothing.
    fn denied_alone(&self, cases: &[Case]) -> Option<Decision> {
        let denied = cases.iter().all(|case| matches!(case.answer, Answer::Refused { deny: Some(_), .. }));
        let first = cases.first().filter(|_| denied)?;
        let applies = |at: &usize| cases.iter().all(|case| case.applies[*at].here == Some(true));
        let is_one = |at: &usize| !self.candidates[*at].allows && self.names_us_alone(self.candidates[*at].statement);
        let at = (0..self.candidates.len()).filter(is_one).find(applies)?;
        Some(self.because(Verdict::Denied, at, Some(self.candidates[at].statement.span), first))
    }

    /// Whether a statement without conditions is for the whole account and nobody else.
    fn names_us_alone(&self, statement: &Statement) -> bool {
        let whole = |one: &Principal| {
            one.kind != PrincipalKind::Everyone
                && matches!(caller::reach(one, &self.requester().account), Reach::Whole | Reach::Assumed)
        };
        !statement.not_principal
            && statement.condition_span.is_none()
            && !statement.principals.is_empty()
            && statement.principals.iter().all(whole)
    }

    /// An Allow with the right principal and resources whose condition never holds for the control account.
    fn impossible_condition(&self, cases: &[Case], refused: &Case) -> Option<Decision> {
        let account = &self.requester().account;
        let mut by_principal = None;
        for (at, candidate) in self.candidates.iter().enumerate().filter(|(_, candidate)| candidate.allows) {
            let statement = candidate.statement;
            let alone = (0..self.candidates.len()).map(|other| if other == at { Applies::ALWAYS } else { Applies::NEVER });
            let covers = caller::covers(statement, &refused.context.caller, account) == Some(true);
            if statement.conditions.is_empty()
                || !covers
                || !matches!(self.answer(&alone.collect::<Vec<_>>(), &refused.filling), Answer::Granted | Answer::Unsure)
            {
                continue;
            }
            let mut tests = 0..candidate.conditions.len();
            let never = tests.clone().find(|test| cases.iter().all(|case| self.fails(at, *test, case)));
            let Some(test) = never.or_else(|| tests.find(|test| self.fails(at, *test, refused))) else { continue };
            let test = &statement.conditions[test];
            let who = test.key.to_ascii_lowercase().starts_with("aws:principal");
            if who && !self.plausible.meant(candidate.policy, statement) {
                continue;
            }
            if !who {
                return Some(self.because(Verdict::Conditional, at, Some(test.span), refused));
            }
            by_principal = by_principal.or_else(|| Some(self.because(Verdict::WrongPrincipal, at, Some(test.span), refused)));
        }
        by_principal
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
            let open = |principal: &&Principal| match caller::reach(principal, account) {
                Reach::Unknown => true,
                Reach::Assumed | Reach::Part => assumed::is(principal, account) && !assumed::in_principals(statement),
                Reach::Whole | Reach::Other => false,
            };
            let strange = statement.principals.iter().filter(open);
            let texts =
                strange.map(|principal| &principal.text).chain(&statement.resources.items).chain(&statement.actions.items);
            let may_own = self.requester().may_own;
            let values = |test: &'a Test| {
                let key = test.key.to_ascii_lowercase();
                let taken = assumed::in_test(statement, test);
                let open =
                    move |value: &&Text| (may_own || !own::is_value(&key, value)) && !(taken && assumed::has_account(value));
                test.values.iter().filter(open)
            };
            let texts = texts.chain(statement.conditions.iter().flat_map(values));
            let symbol = texts
                .flat_map(|text| text.symbols())
                .find(|symbol| !own.contains(&symbol.id) && symbol.kind != bucketlint_text::text::SymbolKind::Partition);
            let mut spanning = candidate.resources.iter().zip(&statement.resources.items).filter(|(set, _)| set.spans_colons);
            let spanning = spanning.next().map(|(_, item)| (item.span, SPANS_COLONS.to_owned()));
            let stated = statement.unknown.first().map(|unknown| (unknown.at, unknown.why.to_string()));
            let symbol = symbol.map(|symbol| (symbol.at, symbol.why.to_string()));
            stated.or(symbol).or(spanning).or_else(|| open::of_resources(candidate))
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
        let deciding = self.deciding(case, resource, *deny);
        let decoded = |text: &str| self.shared.symbols.decode(text).to_string();
        let resource = decoded(&resource::spell(resource, |symbol| self.shown(symbol)));
        let Caller { arn, session } = case.context.caller.clone();
        let principal = if self.requester().is_anonymous() { "*".to_owned() } else { decoded(&arn) };
        let context = self.context_of(case);
        Some(Witness { action: self.action.to_owned(), resource, principal, session, context, deciding, statement })
    }

    /// The keys that make the difference: of the Deny that applies, or of the tests and variables that keep an Allow away.
    fn deciding(&self, case: &Case, resource: &[Letter], deny: Option<usize>) -> Vec<String> {
        let mut keys = BTreeSet::new();
        let variables = |at: usize| self.candidates[at].resources.iter().flat_map(|set| &set.variables);
        let allows = |at: &usize| {
            let candidate = &self.candidates[*at];
            let covers = caller::covers(candidate.statement, &case.context.caller, &self.requester().account);
            candidate.allows && covers != Some(false)
        };
        let near: Vec<usize> = match deny {
            Some(at) => vec![at],
            None => (0..self.candidates.len()).filter(allows).collect(),
        };
        for at in near {
            let candidate = &self.candidates[at];
            keys.extend(variables(at).map(|variable| variable.key.to_ascii_lowercase()));
            let is_on = deny.is_some() || decide::is_on(candidate, resource, &case.filling);
            let tests = candidate.conditions.iter().enumerate();
            let tests = tests.filter(|(test, _)| deny.is_some() || is_on && self.fails(at, *test, case));
            keys.extend(tests.flat_map(|(_, test)| test.keys()).map(str::to_owned));
        }
        let varying = |key: &&String| case.context.values.contains_key(context::alias(key));
        let some: BTreeSet<String> = keys.iter().filter(varying).cloned().collect();
        // what is the same in every request makes a difference only where nothing else does
        let keys = if some.is_empty() { keys } else { some };
        keys.iter().map(|key| self.spelled(key)).collect()
    }

    /// A condition key as AWS spells it, or else as the policy does.
    fn spelled(&self, key: &str) -> String {
        let tested = self.candidates.iter().flat_map(|candidate| &candidate.statement.conditions).map(|test| test.key.as_str());
        let sets = self.candidates.iter().flat_map(|candidate| candidate.resources.iter());
        let used = sets.flat_map(|set| &set.variables).map(|variable| variable.key.as_str());
        let written = tested.chain(used).find(|written| written.eq_ignore_ascii_case(key)).unwrap_or(key);
        keys::canonical(written).unwrap_or_else(|| written.to_owned())
    }

    /// The values of every key that the candidates test or use.
    fn context_of(&self, case: &Case) -> Vec<(String, Vec<String>)> {
        let tests = self.candidates.iter().flat_map(|candidate| &candidate.statement.conditions);
        let mut keys: BTreeSet<String> = case.context.values.keys().cloned().collect();
        keys.extend(tests.map(|test| test.key.to_ascii_lowercase()).filter(|key| !context::of_caller(key)));
        keys.retain(|key| !context::is_untold(key, self.requester()));
        let values = |key: String| {
            let values = context::present(&key, &case.context, self.requester(), self.action).unwrap_or_default();
            (self.spelled(&key), values.iter().map(|value| self.shared.symbols.decode(value).to_string()).collect())
        };
        keys.into_iter().map(values).collect()
    }

    /// A symbol as it is written in the policy or bucket name.
    fn shown(&self, id: &str) -> String {
        decide::shown(id, &self.candidates, self.question.target)
    }
}

/// The place of a statement's only principal, those of the template's own account aside, or of all where there are several.
fn named(statement: &Statement) -> Option<Span> {
    let others = statement.principals.iter().filter(|principal| !own::is_principal(principal));
    match (others.collect::<Vec<_>>().as_slice(), statement.principals.as_slice()) {
        ([only], _) => Some(only.span),
        (_, [only]) => Some(only.span),
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
