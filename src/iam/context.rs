//! The requests that matter: callers and condition-key values, one of each kind the statements can tell apart.

use super::caller::{self, Caller, Reach, Requester};
use super::document::Statement;
use super::operator::{Base, Operator, Quantifier};
use super::{action, boundary, condition, keys, wildcard};
use crate::language::{self, Found, Letter, Pattern, Token};
use crate::text::{Part, SymbolKind, Text};
use smol_str::SmolStr;
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
/// `variables` are keys that resources use as policy variables: what matters of them is whether they are there.
pub fn contexts<'a>(
    statements: &[&Statement],
    variables: impl Iterator<Item = &'a SmolStr>,
    requester: &Requester,
    partition: &str,
    action: &str,
) -> Option<Vec<Context>> {
    let mut tests: BTreeMap<String, Vec<Condition>> = BTreeMap::new();
    for key in variables {
        tests.entry(key.to_ascii_lowercase()).or_default();
    }
    for test in statements.iter().flat_map(|statement| &statement.conditions) {
        if let Some(operator) = Operator::parse(&test.operator) {
            let wanted = test.values.iter().map(|value| encode(value, &requester.account)).collect();
            tests.entry(test.key.to_ascii_lowercase()).or_default().push(Condition { operator, wanted });
        }
    }
    let callers = callers(statements, requester, partition, tests.get("aws:principalarn").map_or(&[], Vec::as_slice));
    let mut all = vec![BTreeMap::new()];
    for (key, tests) in tests.iter().filter(|(key, _)| fixed(key, requester, action).is_none() && !of_caller(key)) {
        let choices = values_of(key, tests);
        if all.len() * choices.len() * callers.len() > MAX_CONTEXTS {
            return None;
        }
        let with = |values: &BTreeMap<String, Present>, choice: &Present| {
            let mut values = values.clone();
            values.insert(key.clone(), choice.clone());
            values
        };
        all = all.iter().flat_map(|values| choices.iter().map(move |choice| with(values, choice))).collect();
    }
    let each =
        |caller: &Caller| all.iter().map(|values| Context { caller: caller.clone(), values: values.clone() }).collect::<Vec<_>>();
    Some(callers.iter().flat_map(each).collect())
}

/// A test with its values as plain strings.
struct Condition {
    operator: Operator,
    wanted: Vec<String>,
}

/// Keys whose value follows from the caller.
fn of_caller(key: &str) -> bool {
    matches!(key, "aws:principalarn" | "aws:principalaccount" | "aws:principaltype" | "aws:username")
}

/// The value a key has in every request that is considered, where it has one: what is known of a direct call over
/// TLS, what the user vouches for, and nothing for keys that such a request does not carry.
fn fixed(key: &str, requester: &Requester, action: &str) -> Option<Present> {
    if let Some(values) = requester.assume.get(key) {
        return Some(Some(values.clone()));
    }
    match key {
        "aws:securetransport" => Some(Some(vec!["true".into()])),
        "aws:principalisawsservice" | "aws:viaawsservice" => Some(Some(vec!["false".into()])),
        "s3:tlsversion" => Some(Some(vec!["1.3".into()])),
        // only AWS services send these along
        "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceowner" | "aws:sourceorgid" | "aws:sourceorgpaths" => Some(None),
        _ if !exists_for(key, action) => Some(None),
        _ => None,
    }
}

/// Whether requests for `action` can carry `key` at all. Keys of other services never come with a request to S3.
fn exists_for(key: &str, action: &str) -> bool {
    let known = action.split_once(':').and_then(|(_, name)| action::find(name));
    known.is_none_or(|known| action::has_condition_key(known, key)) || !key.starts_with("s3:")
}

/// The values of `key` in `context`.
pub fn present(key: &str, context: &Context, requester: &Requester, action: &str) -> Present {
    match key {
        "aws:principalarn" => Some(vec![context.caller.arn.clone()]),
        "aws:principalaccount" => Some(vec![requester.account.clone()]),
        "aws:principaltype" => Some(vec![context.caller.kind().into()]),
        // roles have no user name
        "aws:username" => context.caller.user_name().map(|name| vec![name.to_owned()]),
        _ => fixed(key, requester, action).unwrap_or_else(|| context.values.get(key).cloned().flatten()),
    }
}

/// Whether every condition of `statement` holds; `None` where an unknown value decides.
pub fn conditions_hold(statement: &Statement, context: &Context, requester: &Requester, action: &str) -> Option<bool> {
    let mut unsure = false;
    for test in &statement.conditions {
        let Some(operator) = Operator::parse(&test.operator) else {
            unsure = true;
            continue;
        };
        let present = present(&test.key.to_ascii_lowercase(), context, requester, action);
        let present: Option<Vec<&str>> = present.as_ref().map(|values| values.iter().map(String::as_str).collect());
        let wanted: Vec<String> = test.values.iter().map(|value| encode(value, &requester.account)).collect();
        let filled = |text: &String| {
            let value_of = |key: &str| present_value(key, context, requester, action);
            wildcard::fill(&wildcard::parse(text, statement.variables), value_of)
        };
        let tokens: Vec<_> = wanted.iter().filter_map(filled).collect();
        let holds = condition::holds_tokens(&operator, present.as_deref(), &tokens);
        let open = of_caller(&test.key.to_ascii_lowercase()) && wanted.iter().any(|value| value.contains(is_symbol));
        match (holds, open) {
            (_, true) => unsure = true,
            (false, false) => return Some(false),
            (true, false) => {}
        }
    }
    (!unsure).then_some(true)
}

/// The one value a policy variable stands for; none for an absent or multivalued key.
fn present_value(key: &str, context: &Context, requester: &Requester, action: &str) -> Option<String> {
    match present(&key.to_ascii_lowercase(), context, requester, action)?.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// Symbols travel through condition values as characters of a private plane, one for each symbol.
fn is_symbol(letter: char) -> bool {
    ('\u{F0000}'..='\u{FFFFD}').contains(&letter)
}

/// A policy value as a plain string. An unknown parameter where an account id belongs is taken for the control account.
pub fn encode(text: &Text, account: &str) -> String {
    let mut out = String::new();
    for part in text.parts() {
        match part {
            Part::Lit(text) => out.push_str(text),
            Part::Sym(symbol) if symbol.kind == SymbolKind::Partition => out.push_str("aws"),
            Part::Sym(symbol) if symbol.kind == SymbolKind::Parameter && account_belongs_here(&out, text) => {
                out.push_str(account)
            }
            Part::Sym(symbol) => {
                let hash =
                    symbol.id.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
                out.extend(char::from_u32(0xF0000 + hash % 0xFFFD));
            }
        }
    }
    out
}

/// Whether what follows `before` is the account field of an ARN, or the whole value.
fn account_belongs_here(before: &str, whole: &Text) -> bool {
    whole.as_symbol().is_some() || (before.starts_with("arn:") && before.matches(':').count() == 4 && before.ends_with(':'))
}

/// Callers the statements can tell apart: a role nobody mentions, then each that is mentioned.
fn callers(statements: &[&Statement], requester: &Requester, partition: &str, tests: &[Condition]) -> Vec<Caller> {
    if !requester.roles.is_empty() {
        return requester.roles.iter().map(|role| Caller::new(role)).collect();
    }
    let mut out = vec![Caller::any_role(partition, &requester.account)];
    let principals = statements.iter().flat_map(|statement| &statement.principals);
    for principal in principals.filter(|principal| caller::reach(principal, &requester.account) == Reach::Part) {
        out.push(Caller::new(&caller::identity_arn(principal, &requester.account)));
    }
    let patterns: Vec<Pattern> = tests.iter().flat_map(patterns).collect();
    for kind in ["role", "user"] {
        let universe = Pattern::glob(&format!("arn:{partition}:iam::{}:{kind}/?*", requester.account));
        out.extend(representatives(&patterns, &universe).iter().map(|arn| Caller::new(arn)));
    }
    let mut seen = BTreeSet::new();
    out.retain(|caller| seen.insert(caller.clone()));
    out
}

/// One shortest word for each way the patterns can match and not match.
fn representatives(patterns: &[Pattern], universe: &Pattern) -> Vec<String> {
    let mut seen: BTreeSet<Vec<bool>> = BTreeSet::new();
    let mut out = Vec::new();
    while out.len() < 64 {
        let answers = |matches: language::Matches<'_>| (0..patterns.len()).map(matches).collect::<Option<Vec<bool>>>();
        let found = language::find(patterns, universe, |matches| answers(matches).map(|vector| !seen.contains(&vector)));
        let Found::Word(word) = found else { break };
        seen.insert(patterns.iter().map(|pattern| pattern.matches(&word)).collect());
        out.push(word.iter().filter_map(|letter| if let Letter::Char(letter) = letter { Some(*letter) } else { None }).collect());
    }
    out
}

fn is_textual(base: Base) -> bool {
    matches!(base, Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike | Base::Arn | Base::BinaryEquals)
}

/// The sets of strings a test's values stand for.
fn patterns(test: &Condition) -> Vec<Pattern> {
    let make = |value: &String| match test.operator.base {
        Base::StringLike | Base::Arn => Pattern::glob(value),
        Base::StringEqualsIgnoreCase => Pattern::literal(value).fold_case(),
        _ => Pattern::literal(value),
    };
    test.wanted.iter().map(make).collect()
}

/// The values an unknown key may have, one of each kind its tests tell apart; absence comes last.
fn values_of(key: &str, tests: &[Condition]) -> Vec<Present> {
    let mut single: Vec<String> = Vec::new();
    let strings: Vec<Pattern> = tests.iter().filter(|test| is_textual(test.operator.base)).flat_map(patterns).collect();
    if !strings.is_empty() {
        let some = Pattern(vec![Token::Any, Token::Many]);
        single.extend(representatives(&strings, &some));
    }
    for test in tests {
        single.extend(test.wanted.iter().flat_map(|value| boundary::values(test.operator.base, value)));
    }
    if single.is_empty() {
        single.push("x".into());
    }
    let mut seen = BTreeSet::new();
    single.retain(|value| seen.insert(value.clone()));
    let many = keys::find(key).is_some_and(|known| known.multivalued)
        || tests.iter().any(|test| test.operator.quantifier != Quantifier::None);
    let mut out: Vec<Present> = single.iter().map(|value| Some(vec![value.clone()])).collect();
    if many {
        let pairs =
            single.iter().enumerate().flat_map(|(at, a)| single[at + 1..].iter().map(move |b| Some(vec![a.clone(), b.clone()])));
        out.extend(pairs.collect::<Vec<_>>());
    }
    out.push(None);
    out
}
