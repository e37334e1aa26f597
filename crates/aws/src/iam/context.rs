//! The requests that matter: callers and condition-key values, one of each kind the statements can tell apart.

use super::caller::{self, ANONYMOUS, Caller, Reach, Requester};
use super::choices::{self, Condition, is_textual};
use super::decide::{self, Candidate, Question};
use super::resource::Meaning;
use super::{action, condition, keys, open, wildcard};
use bucketlint_text::language::{self, Budget, Pattern};
use std::collections::{BTreeMap, BTreeSet};

/// The values one condition key has in a request; `None` where the key is absent.
pub type Present = Option<Vec<String>>;

/// One kind of request: who asks, with which values of the condition keys the statements test.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Context {
    /// Who asks.
    pub caller: Caller,
    /// Values by lower-case key, for the keys that are not known beforehand.
    pub values: BTreeMap<String, Present>,
}

/// Contexts considered for one question; more than this is not decided.
const MAX_CONTEXTS: usize = 4_096;

/// Every kind of request that `statements` can tell apart, the plainest first. `None` if there are too many.
pub fn contexts(
    candidates: &[Candidate<'_>],
    requester: &Requester,
    partition: &str,
    action: &str,
    budget: &Budget,
) -> Option<Vec<Context>> {
    let mut tests: BTreeMap<String, Vec<&Condition>> = BTreeMap::new();
    let variables = candidates.iter().flat_map(|candidate| candidate.resources.iter()).flat_map(|set| &set.variables);
    let mut used: BTreeSet<String> = variables.map(|variable| variable.key.to_ascii_lowercase()).collect();
    for condition in candidates.iter().flat_map(|candidate| candidate.conditions.iter()) {
        used.extend(condition.variables().map(str::to_owned));
        if condition.operator.is_some() {
            tests.entry(alias(&condition.key).to_owned()).or_default().push(condition);
        }
    }
    used = used.iter().map(|key| alias(key).to_owned()).collect();
    for key in &used {
        tests.entry(key.clone()).or_default();
    }
    let callers = callers(candidates, requester, partition, &tests, budget)?;
    let sample = |key: &str| sample(key, tests.get(key).map_or(&[], Vec::as_slice), requester, &callers, action, budget);
    let open = || tests.iter().filter(|(key, _)| fixed(key, requester, action).is_none() && !of_caller(key));
    let mut all = vec![BTreeMap::new()];
    for (key, own) in open().filter(|(key, _)| *key != USER_ID) {
        let choices = match known(key, requester, action) {
            Some(values) => choices::among(values, own, used.contains(key)),
            None => choices::of(key, own, used.contains(key), None, &sample, budget)?,
        };
        all = with(&all, key, &choices);
        if all.len() * callers.len() > MAX_CONTEXTS {
            return None;
        }
    }
    let mut out = Vec::new();
    for caller in &callers {
        let mut own = all.clone();
        for (key, tests) in open().filter(|(key, _)| *key == USER_ID) {
            let id = caller.user_id();
            own = with(&all, key, &choices::of(key, tests, used.contains(key), Some(&id), &sample, budget)?);
        }
        if out.len() + own.len() > MAX_CONTEXTS {
            return None;
        }
        out.extend(own.into_iter().map(|values| Context { caller: caller.clone(), values }));
    }
    Some(out)
}

/// The key whose value follows from the caller in part.
const USER_ID: &str = "aws:userid";

/// Each of `all` with each value of one more key.
fn with(all: &[BTreeMap<String, Present>], key: &str, choices: &[Present]) -> Vec<BTreeMap<String, Present>> {
    let one = |values: &BTreeMap<String, Present>, choice: &Present| {
        let mut values = values.clone();
        values.insert(key.to_owned(), choice.clone());
        values
    };
    all.iter().flat_map(|values| choices.iter().map(move |choice| one(values, choice))).collect()
}

/// A value a policy variable may stand for, to be put into the values that use it.
fn sample(
    key: &str,
    tests: &[&Condition],
    requester: &Requester,
    callers: &[Caller],
    action: &str,
    budget: &Budget,
) -> Option<String> {
    match key {
        "aws:principalarn" => callers.first().map(Caller::principal_arn),
        "aws:principalaccount" => Some(requester.account.clone()),
        "aws:principaltype" => callers.first().map(|caller| caller.kind().into()),
        "aws:username" => callers.iter().find_map(|caller| caller.user_name().map(str::to_owned)),
        _ => match fixed(key, requester, action) {
            Some(value) => value.and_then(|values| values.first().cloned()),
            None => {
                let id = callers.first().filter(|_| key == USER_ID).map(Caller::user_id);
                choices::singles(tests, id.as_ref(), budget)?.into_iter().next()
            }
        },
    }
}

/// Keys whose value follows from the caller.
pub fn of_caller(key: &str) -> bool {
    matches!(key, "aws:principalarn" | "aws:principalaccount" | "aws:principaltype" | "aws:username")
}

/// The value a key has in every request that is considered, where it is the same in all.
fn fixed(key: &str, requester: &Requester, action: &str) -> Option<Present> {
    let mut values = known(key, requester, action)?;
    values.pop().filter(|_| values.is_empty())
}

/// All values a key has in requests that are considered, where that is known: of a direct call over TLS, by what the user
/// vouches for, and nothing for keys that such a request does not carry.
fn known(key: &str, requester: &Requester, action: &str) -> Option<Vec<Present>> {
    if !exists_for(key, action) {
        return Some(vec![None]);
    }
    let also = |key| (alias(key) == RESOURCE_ACCOUNT).then_some([RESOURCE_ACCOUNT, S3_RESOURCE_ACCOUNT]);
    let assumed = |key| requester.assume.get(key);
    if let Some(values) = assumed(key).or_else(|| also(key)?.into_iter().find_map(assumed)) {
        // a request has all values of a multivalued key, and one of any other
        let together = values.len() < 2 || keys::is_multivalued(key);
        return Some(match together {
            true => vec![(!values.is_empty()).then(|| values.clone())],
            false => values.iter().map(|value| Some(vec![value.clone()])).collect(),
        });
    }
    let only = |value: &str| Some(vec![Some(vec![value.to_owned()])]);
    let absent = || Some(vec![None]);
    if requester.is_anonymous() && needs_credentials(key) {
        return absent();
    }
    if is_untold(key, requester) {
        return only(UNTOLD);
    }
    if requester.is_service() && (of_service(key) || key == "aws:principalservicenameslist") {
        return None;
    }
    if requester.is_service() && needs_credentials(key) {
        return absent();
    }
    match key {
        // any other ACL fails whatever a policy says:
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
        "s3:x-amz-acl" if requester.acls_off => Some(vec![None, Some(vec!["bucket-owner-full-control".to_owned()])]),
        _ if requester.acls_off && key.starts_with("s3:x-amz-grant-") => absent(),
        USER_ID if requester.is_anonymous() => only(ANONYMOUS),
        "aws:securetransport" => only("true"),
        "aws:principalisawsservice" | "aws:viaawsservice" => only("false"),
        "s3:tlsversion" => Some(["1.3", "1.2"].map(|version| Some(vec![version.to_owned()])).to_vec()),
        _ if of_service(key) => absent(),
        "aws:principalservicename" | "aws:principalservicenameslist" => absent(),
        "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" => absent(),
        _ => None,
    }
}

/// The account of the bucket.
pub(super) const RESOURCE_ACCOUNT: &str = "aws:resourceaccount";
const S3_RESOURCE_ACCOUNT: &str = "s3:resourceaccount";

/// The key that always has the same value as `key`, if it is here.
pub(super) fn alias(key: &str) -> &str {
    if key == S3_RESOURCE_ACCOUNT { RESOURCE_ACCOUNT } else { key }
}

/// Whether some requests for `action` lack `key`: neither does it follow from the caller, nor do all carry it.
pub fn may_lack(key: &str, requester: &Requester, action: &str) -> bool {
    let settled = || known(key, requester, action).is_some();
    !of_caller(key) && !choices::ALWAYS.contains(&key) && !settled()
}

/// The keys that conditions and policy variables of the question's policies look at, in lower case.
pub fn keys_of(question: &Question<'_>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for candidate in decide::all(question) {
        out.extend(candidate.conditions.iter().flat_map(Condition::keys).map(str::to_owned));
        let variables = candidate.resources.iter().flat_map(|set| &set.variables);
        out.extend(variables.map(|variable| variable.key.to_ascii_lowercase()));
    }
    out
}

/// Keys that all signed requests have, those of AWS services too, for which no page tells the values:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-userid>.
pub(super) fn is_untold(key: &str, requester: &Requester) -> bool {
    requester.is_service() && matches!(key, "aws:principalarn" | "aws:principalaccount" | "aws:principaltype" | USER_ID)
}

/// Stands for a value that is not told: no character that a policy has.
pub(super) const UNTOLD: &str = "\u{10FFFF}";

/// Keys that only AWS services send along: for whom they ask.
fn of_service(key: &str) -> bool {
    matches!(key, "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceowner" | "aws:sourceorgid" | "aws:sourceorgpaths")
}

/// Keys that say something of the principal or its session.
fn needs_credentials(key: &str) -> bool {
    let of_principal = key.starts_with("aws:principal") && !of_caller(key);
    of_principal || key.starts_with("aws:multifactorauth") || matches!(key, "aws:tokenissuetime" | "aws:federatedprovider")
}

/// Whether requests for `action` can carry `key` at all. Keys of other services never come with a request to S3.
pub fn exists_for(key: &str, action: &str) -> bool {
    let known = || action.split_once(':').and_then(|(_, name)| action::find(name));
    !key.starts_with("s3:") || known().is_none_or(|known| action::has_condition_key(known, key))
}

/// The values of `key` in `context`.
pub fn present(key: &str, context: &Context, requester: &Requester, action: &str) -> Present {
    match key {
        "aws:principalarn" | "aws:username" if requester.is_anonymous() => None,
        _ if is_untold(key, requester) => Some(vec![UNTOLD.to_owned()]),
        "aws:username" if requester.is_service() => None,
        "aws:principaltype" if requester.is_anonymous() => Some(vec!["Anonymous".into()]),
        "aws:principalarn" => Some(vec![context.caller.principal_arn()]),
        "aws:principalaccount" => Some(vec![requester.account.clone()]),
        "aws:principaltype" => Some(vec![context.caller.kind().into()]),
        // roles have no user name
        "aws:username" => context.caller.user_name().map(|name| vec![name.to_owned()]),
        _ => fixed(key, requester, action).unwrap_or_else(|| context.values.get(alias(key)).cloned().flatten()),
    }
}

/// What a condition compares in a context: the request's values, and its own with variables filled in, an empty value being
/// a value or none: AWS's page on variables can be read in both ways.
pub(super) fn compared(
    condition: &Condition,
    context: &Context,
    requester: &Requester,
    action: &str,
    empty_is_none: bool,
) -> (Present, Vec<Vec<wildcard::Token>>) {
    let value_of = |key: &str| value(key, context, requester, action).filter(|value| !(empty_is_none && value.is_empty()));
    let filled = condition.wanted.iter().filter_map(|tokens| wildcard::fill(tokens, value_of)).collect();
    (present(&condition.key, context, requester, action), filled)
}

/// Whether every condition holds; `None` where an unknown value decides.
pub fn conditions_hold(conditions: &[Condition], context: &Context, requester: &Requester, action: &str) -> Option<bool> {
    all_of(conditions.iter().map(|condition| {
        let meaning = |key| meaning(key, None, context, requester, action);
        let operator = condition.operator.filter(|_| !condition.variables().any(|key| meaning(key) == Meaning::Untold))?;
        let key = &condition.key;
        // an unknown value compared with one that is fixed, or by order: either outcome is possible
        let settled = || of_caller(key) || known(key, requester, action).is_some();
        agreed(condition, context, requester, action, &|present, filled| {
            if open::of_condition(condition, present, filled, &context.caller).is_some() {
                return None;
            }
            let open = condition.has_symbol() && present.is_some() && (!is_textual(operator.base) || settled());
            if !open && !condition.counts_letters(present) {
                return Some(condition::holds_tokens(&operator, borrowed(present).as_deref(), filled));
            }
            // another caller than this one is not compared
            let compared = is_textual(operator.base) && (!of_caller(key) || key == "aws:principalaccount");
            if open && !compared { None } else { condition.holds_always(present, filled) }
        })
    }))
}

/// Whether every condition holds in all requests of the context's kind, whatever the unknown values are.
pub fn always_hold(conditions: &[Condition], context: &Context, requester: &Requester, action: &str) -> Option<bool> {
    let meaning = |key| meaning(key, None, context, requester, action);
    let settled = |key| matches!(meaning(key), Meaning::Nothing | Meaning::Fixed(_) | Meaning::Empty);
    all_of(conditions.iter().map(|condition| {
        let settled = condition.variables().all(settled);
        let holds = |present: &Present, filled: &Filled| condition.holds_always(present, filled);
        settled.then(|| agreed(condition, context, requester, action, &holds))?
    }))
}

/// A condition's values with their variables filled in.
type Filled = [Vec<wildcard::Token>];

/// What `holds` says of a condition, if that is the same whether an empty value counts or not.
fn agreed(
    condition: &Condition,
    context: &Context,
    requester: &Requester,
    action: &str,
    holds: &dyn Fn(&Present, &Filled) -> Option<bool>,
) -> Option<bool> {
    let read = |empty_is_none| {
        let (present, filled) = compared(condition, context, requester, action, empty_is_none);
        holds(&present, &filled)
    };
    let empty = condition.variables().any(|key| meaning(key, None, context, requester, action) == Meaning::Empty);
    read(false).filter(|holds| !empty || read(true) == Some(*holds))
}

fn all_of(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    language::any_of(answers.map(|holds| holds.map(|holds| !holds))).map(|fails| !fails)
}

fn borrowed(present: &Present) -> Option<Vec<&str>> {
    present.as_ref().map(|values| values.iter().map(String::as_str).collect())
}

/// The one value a policy variable stands for; none for an absent or multivalued key.
pub fn value(key: &str, context: &Context, requester: &Requester, action: &str) -> Option<String> {
    match present(&key.to_ascii_lowercase(), context, requester, action)?.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// What a policy variable stands for in requests of the context's kind.
pub fn meaning(key: &str, default: Option<&str>, context: &Context, requester: &Requester, action: &str) -> Meaning {
    let key = &*key.to_ascii_lowercase();
    let several = present(key, context, requester, action).is_some_and(|values| values.len() > 1);
    let path = context.caller.around_path().filter(|_| key == "aws:principalarn");
    match (value(key, context, requester, action), default) {
        _ if several || is_untold(key, requester) || keys::is_multivalued(key) => Meaning::Untold,
        (Some(value), None) if value.is_empty() => Meaning::Empty,
        (Some(value), Some(default)) if value.is_empty() && !default.is_empty() => Meaning::Empty,
        (Some(value), _) => match path {
            Some((before, name)) => Meaning::Sample(value, Pattern::glob(&format!("{before}*{name}"))),
            None if is_settled(key, requester, action) => Meaning::Fixed(value),
            None if key == USER_ID => Meaning::Sample(value, context.caller.user_id()),
            None => Meaning::Sample(value, Pattern::glob("*")),
        },
        (None, Some(default)) => Meaning::Fixed(default.to_owned()),
        (None, None) => Meaning::Nothing,
    }
}

/// Whether requests of one kind agree on the value of `key`, in lower case: each value it can have makes a kind of its own.
fn is_settled(key: &str, requester: &Requester, action: &str) -> bool {
    match key {
        "aws:principalaccount" | "aws:principaltype" => true,
        key => known(key, requester, action).is_some() || of_caller(key) && !requester.roles.is_empty(),
    }
}

/// Callers the statements can tell apart: a role nobody mentions, then each that is mentioned. `None` if there are too many.
fn callers(
    candidates: &[Candidate<'_>],
    requester: &Requester,
    partition: &str,
    tests: &BTreeMap<String, Vec<&Condition>>,
    budget: &Budget,
) -> Option<Vec<Caller>> {
    let principals = candidates.iter().flat_map(|candidate| &candidate.statement.principals);
    let account = &requester.account;
    let mentioned = principals.clone().filter(|principal| caller::reach_in(principal, account, partition) == Reach::Part);
    let mentioned: BTreeSet<String> = mentioned.map(|one| caller::identity_arn(one, account, partition)).collect();
    let of = |key: &str| tests.get(key).map_or(&[][..], Vec::as_slice);
    let compared = of("aws:principalarn").iter().flat_map(|test| &test.wanted);
    let compared = compared.filter_map(|tokens| wildcard::literal(tokens)).filter(|arn| !arn.contains(['*', '?']));
    let compared: BTreeSet<String> = compared.collect();
    // a principal of a policy exists, or S3 would refuse it; a condition may name anything, but hardly another role
    let with_path = |caller: Caller| caller.among(&mentioned).among(&compared);
    if !requester.roles.is_empty() {
        let sessions = principals.filter_map(|principal| caller::session_of(principal, requester)).collect::<BTreeSet<_>>();
        return Some(requester.roles.iter().map(|role| with_path(Caller::new(role))).chain(sessions).collect());
    }
    let mut out = vec![Caller::any_role(partition, &requester.account)];
    out.extend(mentioned.iter().map(|arn| with_path(Caller::new(arn))).collect::<BTreeSet<_>>());
    let mut groups: Vec<Vec<Pattern>> = of("aws:principalarn").iter().map(|test| test.patterns()).collect();
    let users = Pattern::glob(&format!("arn:{partition}:iam::{}:user/", requester.account));
    let pathed = users.clone().then(&Pattern::glob("*/"));
    groups.extend(of("aws:username").iter().map(|test| {
        let named = |name: Pattern| [users.clone().then(&name), pathed.clone().then(&name)];
        test.patterns().into_iter().flat_map(named).collect()
    }));
    // nothing tells a user from a role but these keys
    let told_apart = tests.keys().any(|key| of_caller(key) && key != "aws:principalaccount" || key == USER_ID);
    for kind in if told_apart { &["role", "user"][..] } else { &[] } {
        let universe = Pattern::glob(&format!("arn:{partition}:iam::{}:{kind}/?*", requester.account));
        out.extend(choices::representatives(&groups, &universe, budget)?.iter().map(|arn| Caller::new(arn)));
    }
    let mut seen = BTreeSet::new();
    out.retain(|caller| seen.insert(caller.clone()));
    Some(out)
}
