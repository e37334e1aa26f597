//! What a key's or topic's policy makes of the actions it has to allow: one fact for each group that shares a verdict and
//! its cause.

use super::access::{statement, witness_fact};
use super::admit;
use super::fact::Fact;
use super::origin::{self, Elsewhere};
use super::remedy::is_only_for;
use crate::edit::{Applicability, Fix};
use crate::finding::Label;
use crate::iam::document::{Document, Effect, Statement, Test};
use crate::iam::kms;
use crate::iam::operator::{Base, Operator};
use crate::iam::principal::Principal;
use crate::iam::verdict::{Cause, Decision, Verdict};
use crate::paste::{Addition, Style};
use crate::source::{Sources, Span};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// A policy that has to allow something.
pub(super) struct Grant<'a> {
    /// The key or topic, by its logical ID.
    pub(super) home: Span,
    /// All files.
    pub(super) sources: &'a Sources,
    /// How its file is written.
    pub(super) style: Style<'a>,
    /// Its policies.
    pub(super) documents: Vec<&'a Document>,
    /// Whether one of them cannot be parsed, which is a finding of its own.
    pub(super) unparsed: bool,
    /// What to say of a bucket, given its name, at the place of its decision.
    pub(super) told: fn(&str) -> String,
    /// Whom the policy has to name.
    pub(super) principal: String,
    /// Each decision with the name of its bucket, and where that bucket refers to the key or topic.
    pub(super) decisions: Vec<(String, Span, Decision)>,
}

/// How a bucket stands to its key or topic.
pub(super) fn uses(name: &str) -> String {
    format!("bucket {name} uses it")
}

/// Those of a grant's decisions that share a verdict and its cause.
type Group<'g> = Vec<&'g (String, Span, Decision)>;

impl Grant<'_> {
    /// One fact for each group, `extended` with what only keys or only topics have. `needed` makes the statement that
    /// would allow the actions, and `whole` what to write where there is no policy.
    pub(super) fn facts(
        &self,
        extended: impl Fn(Fact) -> Fact,
        needed: impl Fn(&[String]) -> Json,
        whole: impl Fn(&Json) -> (&'static str, String),
    ) -> Vec<Fact> {
        type Shared = (Verdict, Option<Cause>, Option<(Span, String)>);
        let mut groups: BTreeMap<Shared, Group<'_>> = BTreeMap::new();
        for one in &self.decisions {
            let cause = one.2.cause.clone().filter(|_| one.2.verdict != Verdict::Granted);
            groups.entry((one.2.verdict, cause, one.2.unknown.clone())).or_default().push(one);
        }
        let each = groups.into_values().map(|group| {
            let actions = actions(&group);
            let fact = extended(self.fact(&group, &actions));
            if let Some(at) = self.misnamed(&group[0].2).map(|principal| principal.span) {
                // a value that stands elsewhere may be used by others too, so that it is for people to change
                let (write, edit) = match self.elsewhere(&group[0].2) {
                    Some(Elsewhere { place, value }) => (Style::of(self.sources.get(place.file)).scalar(&value, place), None),
                    None => {
                        let edit = self.style.value_edit(&json!(self.principal), at);
                        (edit.text.clone(), Some(edit))
                    }
                };
                let fix = edit.map(|edit| Fix::new(Applicability::Unsafe, edit));
                return fact.text("advice", format!("write: {write}")).fix(fix);
            }
            match group[0].2.verdict {
                Verdict::Missing | Verdict::WrongPrincipal | Verdict::WrongResource => {
                    let statement = needed(&actions);
                    let added = match self.documents.first().and_then(|document| document.statement_span) {
                        Some(list) => self.style.extended("Statement", &[statement], list),
                        None => {
                            let (into, text) = whole(&statement);
                            Addition { text, ..Addition::words(format!("add to {into}")) }
                        }
                    };
                    added_to(fact, &added)
                }
                Verdict::Denied | Verdict::Conditional => {
                    let deny = self.statement(&group[0].2).filter(|one| one.effect == Some(Effect::Deny));
                    match (deny, self.account()) {
                        (Some(deny), Some((partition, account))) => {
                            added_to(fact, &admit::spared(deny, partition, account, &self.style))
                        }
                        (Some(_), None) => fact.text("advice", format!("except {} from this Deny, or narrow it", self.principal)),
                        (None, _) => match self.advice(&group[0].2) {
                            Some(advice) => fact.text("advice", advice),
                            None => match self.documents.first().and_then(|document| document.statement_span) {
                                Some(list) => {
                                    let added = self.style.extended("Statement", &[needed(&actions)], list);
                                    let how = format!("leave the condition, which keeps others out, and {}", added.how);
                                    added_to(fact, &Addition { how, ..added })
                                }
                                None => fact,
                            },
                        },
                    }
                }
                _ => fact.text("advice", "give a parameter a value (a default, or --parameter NAME=VALUE), lint the file that defines an import, or check the template that a macro makes"),
            }
        });
        each.collect()
    }

    fn fact(&self, group: &Group<'_>, actions: &[String]) -> Fact {
        let (.., first) = group[0];
        let statement = self.statement(first);
        let word = if actions.len() == 1 { "action" } else { "actions" };
        let label = match first.verdict {
            Verdict::Granted => String::new(),
            Verdict::Denied => format!("denies {} required {word}", actions.len()),
            Verdict::Conditional => "does not always hold".into(),
            Verdict::Unresolved => "not known here".into(),
            Verdict::WrongPrincipal => format!("not {}", self.principal),
            _ => format!("{} required {word} not allowed here", actions.len()),
        };
        let names = buckets(group);
        let elsewhere = self.elsewhere(first).map(|other| other.place);
        // a few show what is meant
        let users = names.iter().take(3).map(|(name, span)| Label { span: *span, message: (self.told)(name) });
        let origins = statement.filter(|_| elsewhere.is_none()).map(|one| origin::labels(one, self.span(first)));
        let related: Vec<Label> = origins.into_iter().flatten().chain(users).collect();
        let fact = Fact::at(elsewhere.unwrap_or_else(|| self.span(first)))
            .used(elsewhere.map(|_| self.span(first)))
            // of no one bucket: which share the key or topic may hang on parameters
            .text("buckets", names.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "))
            .text("verdict", first.verdict.word())
            .text("label", label)
            .text("needs", actions.join(" and "))
            .texts("actions", actions.iter().map(String::as_str))
            .text("principal", self.principal.as_str())
            .number("policies", self.documents.len())
            .flag("explained", self.unparsed)
            .maybe("reason", first.unknown.as_ref().map(|(_, why)| why.as_str()))
            .maybe("statement", statement.map(Statement::title))
            .maybe("condition", statement.and_then(|statement| statement.condition(self.span(first))))
            .maybe("example", first.witness.as_ref().map(|witness| format!("for example {witness}")))
            .related(related);
        match &first.witness {
            Some(witness) => fact.inner("witness", witness_fact(self.span(first), witness)),
            None => fact,
        }
    }

    fn statement(&self, decision: &Decision) -> Option<&Statement> {
        let cause = decision.cause.as_ref()?;
        statement(self.documents.get(cause.policy)?, cause.statement)
    }

    /// What to do about a condition; none where it keeps others out and is best left alone.
    fn advice(&self, decision: &Decision) -> Option<String> {
        let statement = self.statement(decision)?;
        let cause = decision.cause.as_ref()?.span;
        let tests = &statement.conditions;
        let test = tests.iter().find(|test| test.span == cause).or(tests.first().filter(|_| tests.len() == 1));
        if let Some((key, actions)) = test.and_then(|test| Some((&test.key, kms::only_with(&test.key)?))) {
            return Some(format!("write it without `{key}`, which these requests never carry: it comes with {actions} only"));
        }
        if let Some(advice) = test.and_then(|test| self.value_for(test, decision)) {
            return Some(advice);
        }
        let (_, account) = self.account()?;
        is_only_for(statement, account).then(|| "remove the condition, or let it hold for these requests too".to_owned())
    }

    /// The value to add to a test so that it holds, where all requests through S3 have the same.
    fn value_for(&self, test: &Test, decision: &Decision) -> Option<String> {
        let operator = Operator::parse(&test.operator).filter(|operator| !operator.negated)?;
        let textual = matches!(operator.base, Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike | Base::Arn);
        let carried = &decision.witness.as_ref().filter(|_| textual)?.context;
        let (_, values) = carried.iter().find(|(key, _)| key.eq_ignore_ascii_case(&test.key))?;
        let [value] = values.as_slice() else { return None };
        let (value, why) = match kms::is_context(&test.key) {
            false if ["kms:viaservice", "kms:calleraccount"].contains(&test.key.to_ascii_lowercase().as_str()) => {
                (value.clone(), "")
            }
            false => return None,
            true => match value.split_once('/') {
                None => (value.clone(), ": with a bucket key the encryption context is the ARN of the bucket, not of an object"),
                Some((bucket, _)) => {
                    (format!("{bucket}/*"), ": without a bucket key the encryption context is the ARN of the object")
                }
            },
        };
        Some(format!("add \"{value}\" to the values of {}{why}", test.key))
    }

    /// The account whose root the policy has to name, with its partition, if it is one.
    fn account(&self) -> Option<(&str, &str)> {
        self.principal.strip_prefix("arn:")?.strip_suffix(":root")?.split_once(":iam::")
    }

    /// Where to change the one principal that should be another, if it does not stand where it is used.
    fn elsewhere(&self, decision: &Decision) -> Option<Elsewhere> {
        origin::of(self.misnamed(decision)?, &self.principal, self.account()?.1)
    }

    /// The one principal that should be another.
    fn misnamed(&self, decision: &Decision) -> Option<&Principal> {
        let cause = decision.cause.as_ref().filter(|_| decision.verdict == Verdict::WrongPrincipal)?;
        let mut principals = self.statement(decision)?.principals.iter();
        principals.find(|principal| principal.span == cause.span)
    }

    /// The node to change: the cause's, the unknown piece, the policy's statements, or the key or topic without a policy.
    fn span(&self, decision: &Decision) -> Span {
        let unknown = decision.unknown.as_ref().map(|(at, _)| *at).filter(|at| *at != Span::default());
        let document = self.documents.first().map(|document| document.statement_span.unwrap_or(document.span));
        decision.cause.as_ref().map(|cause| cause.span).or(unknown).or(document).unwrap_or(self.home)
    }
}

/// The actions of a group, each once.
fn actions(group: &Group<'_>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (.., decision) in group {
        if !out.contains(&decision.action) {
            out.push(decision.action.clone());
        }
    }
    out
}

/// The buckets of a group, each once, and where they refer to the key or topic.
fn buckets(group: &Group<'_>) -> Vec<(String, Span)> {
    let mut out: Vec<(String, Span)> = Vec::new();
    for (bucket, span, _) in group {
        if !out.iter().any(|(_, known)| known == span) {
            out.push((bucket.clone(), *span));
        }
    }
    out
}

/// The fact with what to add, and where.
fn added_to(fact: Fact, added: &Addition) -> Fact {
    match added.text.is_empty() {
        true => fact.text("advice", added.how.as_str()),
        false => fact.text("advice", format!("{}:", added.how)).text("paste", added.text.as_str()).fix(added.fix()),
    }
}
