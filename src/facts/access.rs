//! Facts about access: one for each group of required actions that share a verdict and its cause.

mod written;

use super::fact::{Fact, title};
use super::origin::{self, Elsewhere};
use super::policy::suggestion;
use super::possible::place;
use super::remedy::Remedy;
use super::{Scene, access_point, acl, reference, refusal, slip};
use crate::finding::Label;
use crate::iam::action;
use crate::iam::caller::{self, Reach};
use crate::iam::document::{Document, Effect, Fault, FaultKind, Statement, Test};
use crate::iam::own;
use crate::iam::principal::{Principal, PrincipalKind, near_miss};
use crate::iam::verdict::{Cause, Decision, Verdict};
use crate::iam::witness::Witness;
use crate::inventory::Policy;
use crate::link::LinkedBucket;
use crate::paste::Addition;
use crate::source::{FileId, Span};
use crate::syntax::node::Node;
use std::collections::BTreeMap;

/// What the actions of one group share: verdict, cause, what is not known, and whether another finding tells the cause: the
/// policy misspells them, or S3 refuses the statement that is to grant them.
type Shared = (Verdict, Option<Cause>, Option<(Span, String)>, bool);

/// One `$.access` fact for each group of `decisions` on one bucket for one control account.
pub(super) fn facts(scene: &Scene<'_>, bucket: &LinkedBucket, account: &str, decisions: &[Decision]) -> Vec<Node> {
    let mut groups: BTreeMap<Shared, Vec<Decision>> = BTreeMap::new();
    let refused: Vec<Vec<Fault>> =
        bucket.policies.iter().map(|&at| refusal::of(&scene.inventory.policies[at], Some(bucket))).collect();
    let remedy = Remedy { scene, bucket, account };
    let mut missing: BTreeMap<&Cause, Vec<String>> = BTreeMap::new();
    for decision in decisions.iter().filter(|decision| decision.verdict == Verdict::Missing) {
        decision.cause.iter().for_each(|cause| missing.entry(cause).or_default().push(decision.action.clone()));
    }
    // what a policy that may be its own lacks is told of that policy
    let possible = bucket.possible.iter().map(|&at| &scene.inventory.policies[at]).filter(|policy| policy.bucket.is_some());
    let possible: Vec<Span> = possible.map(place).collect();
    let opened = decisions.iter().filter_map(|one| one.unknown.as_ref()).any(|(at, _)| possible.contains(at));
    let places: BTreeMap<String, Cause> =
        missing.into_iter().flat_map(|(cause, actions)| remedy.places(cause, &actions)).collect();
    for decision in decisions {
        // granted actions need no cause to tell them apart
        let cause = decision.cause.clone().filter(|_| decision.verdict != Verdict::Granted);
        let delegated = || access_point::delegation(deciding(scene, bucket, decision)?);
        // of several reasons not to be met, the one that is always the case
        let shared = match delegated().filter(|_| decision.verdict == Verdict::Conditional) {
            Some(test) => cause.clone().map(|cause| Cause { span: test.span, ..cause }),
            None => cause.clone(),
        };
        let misspelt = decision.verdict == Verdict::Missing && misspelt(scene, bucket, &decision.action);
        let told_there = opened && decision.verdict == Verdict::Missing;
        let told = misspelt || told_there || spoilt(scene, bucket, account, decision, &refused);
        // what no statement can hold takes one of its own
        let is_missing = decision.verdict == Verdict::Missing;
        let shared = if is_missing { places.get(&decision.action).cloned() } else { shared };
        let cause = if is_missing { shared.clone() } else { decision.cause.clone() };
        let decision = Decision { cause, ..decision.clone() };
        groups.entry((decision.verdict, shared, decision.unknown.clone(), told)).or_default().push(decision);
    }
    let each = groups.into_iter();
    let each =
        each.map(|((.., told), group)| Group { scene, bucket, account, group, told, refused: &refused, joined: Vec::new() });
    let mut groups: Vec<Group<'_>> = each.collect();
    join(&mut groups);
    groups.iter().map(Group::fact).collect()
}

/// Where a statement has to be added in any case, it grants what others get under a condition too.
fn join(groups: &mut [Group<'_>]) {
    let takes = |one: &Group<'_>| {
        let first = one.first();
        first.verdict == Verdict::Missing && first.cause.is_none() && one.policy().is_some() && !one.explained()
    };
    let Some(at) = groups.iter().position(takes) else { return };
    let policy = groups[at].first().cause.as_ref().map_or(0, |cause| cause.policy);
    let mut joined = Vec::new();
    for one in groups.iter_mut().filter(|one| one.first().verdict == Verdict::Conditional && one.is_for_others()) {
        if one.first().cause.as_ref().is_some_and(|cause| cause.policy == policy) && !one.explained() {
            let actions: Vec<String> = one.group.iter().map(|decision| decision.action.clone()).collect();
            joined.push((one.span(), actions));
            one.told = true;
        }
    }
    groups[at].joined = joined;
}

struct Group<'a> {
    scene: &'a Scene<'a>,
    bucket: &'a LinkedBucket,
    account: &'a str,
    group: Vec<Decision>,
    told: bool,
    /// Conditions under which further actions are granted, which it takes a statement without them to be sure of.
    joined: Vec<(Span, Vec<String>)>,
    /// What S3 refuses each of the bucket's policies for.
    refused: &'a [Vec<Fault>],
}

impl Group<'_> {
    fn first(&self) -> &Decision {
        &self.group[0]
    }

    fn remedy(&self) -> Remedy<'_> {
        Remedy { scene: self.scene, bucket: self.bucket, account: self.account }
    }

    /// Whether the Allow that decides names others than the control account, so that its condition keeps somebody out.
    fn is_for_others(&self) -> bool {
        let allow = self.statement().filter(|statement| statement.effect == Some(Effect::Allow));
        self.delegation().is_none() && allow.is_some_and(|statement| !self.remedy().is_only_for(statement))
    }

    fn policy(&self) -> Option<&Policy> {
        let at = self.first().cause.as_ref().map_or(0, |cause| cause.policy);
        self.bucket.policies.get(at).map(|&at| &self.scene.inventory.policies[at])
    }

    fn statement(&self) -> Option<&Statement> {
        deciding(self.scene, self.bucket, self.first())
    }

    /// The condition that is met only through access points.
    fn delegation(&self) -> Option<&Test> {
        access_point::delegation(self.statement()?).filter(|_| self.first().verdict == Verdict::Conditional)
    }

    /// The node to change: the cause's, the unknown piece, the policy's statements, or the bucket where there is no policy.
    fn span(&self) -> Span {
        let first = self.first();
        let document = self.policy().map(|policy| policy.document.statement_span.unwrap_or(policy.document.span));
        let unknown = first.unknown.as_ref().map(|(at, _)| *at).filter(|at| *at != Span::default());
        let delegation = self.delegation().map(|test| test.span);
        let misspelt = self.misspelt().map(|principal| principal.span);
        delegation
            .or(misspelt)
            .or(first.cause.as_ref().map(|cause| cause.span))
            .or(unknown)
            .or(document)
            .unwrap_or(self.bucket.span)
    }

    /// The principal to change, if what it comes to stands elsewhere.
    fn elsewhere(&self) -> Option<Elsewhere> {
        let statement = self.statement().filter(|one| self.first().verdict == Verdict::WrongPrincipal && !one.not_principal)?;
        let (span, near) = (self.span(), |principal: &&&Principal| self.near_miss(principal).is_some());
        let at = |principal: &&Principal| [Some(principal.span), statement.principal_span].contains(&Some(span));
        let all: Vec<&Principal> = statement.principals.iter().filter(at).collect();
        // of several the one that resembles the control account
        let principal = all.iter().find(near).or(all.first().filter(|_| all.len() == 1))?;
        origin::of(principal, &self.expected(), self.account)
    }

    /// Whether a finding on the policy's grammar, the name of an action or an invalid reference tells the cause already.
    fn explained(&self) -> bool {
        let verdict = self.first().verdict;
        let open = matches!(verdict, Verdict::Missing | Verdict::Unresolved);
        let broken = |(at, faults): (&usize, &Vec<Fault>)| {
            let policy = &self.scene.inventory.policies[*at];
            policy.unparsed || faults.iter().any(|fault| self.bears(&policy.document, fault))
        };
        let lost = self.first().unknown.as_ref().is_some_and(|(at, _)| reference::breaks(self.scene, *at));
        let hidden = open && reference::hides(self.scene, self.bucket);
        let told_there =
            open && self.first().unknown.as_ref().is_some_and(|(at, _)| self.possible().any(|one| place(one) == *at));
        self.told || lost || hidden || told_there || open && self.bucket.policies.iter().zip(self.refused).any(broken)
    }

    /// Of several principals the one that is a slip of the pen away from the account, or stands for it.
    fn misspelt(&self) -> Option<&Principal> {
        let statement = self.statement().filter(|statement| statement.principals.len() > 1 && !statement.not_principal)?;
        let whole = self.first().cause.as_ref()?.span == statement.principal_span?;
        let meant = |one: &&Principal| self.near_miss(one).is_some() || one.kind == PrincipalKind::Placeholder;
        statement.principals.iter().find(meant).filter(|_| whole && self.first().verdict == Verdict::WrongPrincipal)
    }

    /// The policies that may be the bucket's.
    fn possible(&self) -> impl Iterator<Item = &Policy> {
        self.bucket.possible.iter().map(|&at| &self.scene.inventory.policies[at])
    }

    /// Whether what stands at a mistake in the grammar may have been meant to grant the control account something, or to
    /// decide it.
    fn bears(&self, document: &Document, fault: &Fault) -> bool {
        if fault.kind != FaultKind::Grammar {
            return false;
        }
        let Some(number) = fault.statement else {
            return document.statement_span.is_none_or(|statements| statements.contains(fault.span));
        };
        let Some(statement) = statement(document, number) else { return true };
        let denies = statement.effect == Some(Effect::Deny) && self.first().verdict == Verdict::Missing;
        !denies && meant(statement, self.account)
    }

    fn expected(&self) -> String {
        format!("arn:{}:iam::{}:root", self.bucket.target.partition, self.account)
    }

    fn fact(&self) -> Node {
        let first = self.first();
        let actions: Vec<&str> = self.group.iter().map(|decision| decision.action.as_str()).collect();
        let paste = self.paste();
        let colon = |paste: &Addition| if paste.text.is_empty() { "" } else { ":" };
        let how = paste.as_ref().map(|paste| paste.how.clone() + colon(paste));
        let elsewhere = self.elsewhere().map(|other| other.place);
        let fact = Fact::at(elsewhere.unwrap_or_else(|| self.span()))
            .used(elsewhere.map(|_| self.span()))
            .bucket(self.bucket)
            .text("account", self.account)
            .text("verdict", first.verdict.word())
            .number("count", actions.len())
            .text("action_word", if actions.len() == 1 { "action" } else { "actions" })
            .text(
                "needs",
                if actions.len() > 1 && actions.len() == self.scene.profile.actions.len() {
                    format!("all {} required actions", actions.len())
                } else {
                    actions.join(", ")
                },
            )
            .texts("actions", actions)
            .text("principal", self.expected())
            .number("policies", self.bucket.policies.len())
            .flag("explained", self.explained())
            .maybe("reason", first.unknown.as_ref().map(|(_, why)| why.as_str()))
            .maybe("statement", self.statement().map(Statement::title))
            .maybe("example", first.witness.as_ref().map(|witness| format!("for example {witness}")))
            .maybe("otherwise", self.otherwise())
            .maybe("access_point", self.delegation().map(access_point::named))
            .maybe("how", how)
            .maybe("paste", paste.as_ref().map(|paste| paste.text.as_str()))
            .fix(paste.as_ref().and_then(Addition::fix).filter(|_| self.remedy().can_be_written(self.policy())))
            .related(self.related());
        let fact = match &first.witness {
            Some(witness) => fact.inner("witness", witness_fact(self.span(), witness)),
            None => fact,
        };
        let fact = self.granted_to(fact);
        self.condition(fact).node()
    }

    /// How a principal's account resembles the control account.
    fn near_miss(&self, principal: &Principal) -> Option<String> {
        match &principal.kind {
            PrincipalKind::Account(id) | PrincipalKind::Identity { account: id, .. } => near_miss(id.as_known()?, self.account),
            _ => None,
        }
    }

    /// Whom the deciding statement names, and how that resembles the control account.
    fn granted_to(&self, fact: Fact) -> Fact {
        let Some(statement) = self.statement() else { return fact };
        let shown: Vec<String> = statement.principals.iter().map(|principal| principal.text.to_string()).collect();
        let kinds = statement.principals.iter().map(|principal| match &principal.kind {
            PrincipalKind::Everyone => "everyone",
            PrincipalKind::Account(id) if own::is_account(id) => "own-account",
            PrincipalKind::Account(_) => "account",
            PrincipalKind::Identity { .. } if caller::reach(principal, self.account) == Reach::Part => "part",
            PrincipalKind::Identity { .. } => "identity",
            PrincipalKind::Service => "service",
            PrincipalKind::Federated => "federated",
            PrincipalKind::CanonicalUser => "canonical-user",
            PrincipalKind::UniqueId => "unique-id",
            PrincipalKind::Unknown => "unknown",
            PrincipalKind::Placeholder => "placeholder",
            PrincipalKind::Invalid(_) => "invalid",
        });
        let near = statement.principals.iter().find_map(|principal| self.near_miss(principal));
        let kinds: Vec<&str> = kinds.collect();
        let elsewhere = statement.principals.iter().find_map(|principal| {
            let partition = caller::partition_of(principal).filter(|spelled| *spelled != self.bucket.target.partition)?;
            Some(format!("an account in partition `{partition}`; the bucket is in `{}`", self.bucket.target.partition))
        });
        let near = near.or(elsewhere).or_else(|| {
            let word = match kinds.as_slice() {
                _ if statement.not_principal => "NotPrincipal allows everybody but those it lists",
                ["own-account"] => "the account the template is deployed to",
                ["part"] => "one identity of the control account",
                ["service"] => "a service",
                _ => return None,
            };
            Some(word.to_owned())
        });
        let who = match shown.as_slice() {
            [] => "nobody".to_owned(),
            // a list of thousands is no sentence
            [first @ .., _, _] if first.len() > 5 => format!("{} and {} more", shown[..5].join(", "), shown.len() - 5),
            all => all.join(", "),
        };
        let who = if statement.not_principal { format!("everybody but {who}") } else { who };
        let by_test = statement.conditions.iter().any(|test| test.span == self.span());
        let who = if by_test { format!("{who} where {}", statement.condition(self.span()).unwrap_or_default()) } else { who };
        fact.text("granted_to", who).maybe("near_miss", near.map(|near| format!(": {near}"))).texts("principal_kinds", kinds)
    }

    /// The condition to satisfy, as one line.
    fn condition(&self, fact: Fact) -> Fact {
        fact.maybe("condition", self.statement().and_then(|statement| statement.condition(self.span())))
    }

    /// What to do about a Deny that is to be another statement, rather than to spare the account too.
    fn instead(&self) -> Option<String> {
        let deny = self.statement().filter(|one| one.effect == Some(Effect::Deny))?;
        if deny.not_principal {
            let account = self.account;
            return Some(format!(
                "write `Principal: \"*\"` in place of NotPrincipal, which spares no more than those it lists, and the Condition \
                 `StringNotEquals: {{aws:PrincipalAccount: \"{account}\"}}`, or `ArnNotLike` with `aws:PrincipalArn` for single roles"
            ));
        }
        if self.is_in_place_of_a_grant(deny) {
            return Some(
                "let its `Effect` be `Allow`: a Deny wins over every Allow, and nothing else grants these actions".into(),
            );
        }
        None
    }

    /// Whether a Deny names nobody but the control account, and no Allow grants it what that denies.
    fn is_in_place_of_a_grant(&self, deny: &Statement) -> bool {
        let policies = self.bucket.policies.iter().map(|&at| &self.scene.inventory.policies[at].document);
        let mut allows = policies.flat_map(|document| &document.statements).filter(|one| one.effect == Some(Effect::Allow));
        let names = |one: &Statement| {
            let mut named = one.actions.items.iter().filter_map(|item| item.as_known());
            named.any(|pattern| action::matches(pattern, &self.first().action)) != one.actions.not
        };
        let own = Statement { effect: Some(Effect::Allow), ..deny.clone() };
        self.remedy().is_only_for(&own) && !allows.any(|one| names(one) && meant(one, self.account))
    }

    /// What else may be right where the grant names one identity of the control account.
    fn otherwise(&self) -> Option<&'static str> {
        let statement = self.statement().filter(|one| self.first().verdict == Verdict::WrongPrincipal && !one.not_principal)?;
        let part = |one: &Principal| caller::reach(one, self.account) == Reach::Part;
        let parts = !statement.principals.is_empty() && statement.principals.iter().all(part);
        parts.then_some(
            "or, where the platform uses the bucket by that identity alone, name it under `principals:` in bucketlint.yaml",
        )
    }

    /// Why the policy in `file` is this bucket's, where it does not spell the bucket's name out.
    fn attached(&self, file: FileId) -> Option<Label> {
        let policies = self.bucket.policies.iter().map(|&at| &self.scene.inventory.policies[at]);
        let policy = policies.into_iter().find(|policy| policy.file == file)?;
        let name = policy.bucket.as_ref()?;
        let written = self.scene.sources.slice(name.span).trim_matches(['"', '\'']);
        let message = format!("this is `{name}`, the name of bucket {}", title(&self.bucket.reference));
        let by_reference = name.span.file == file && name.as_known() != Some(written);
        (by_reference && policy.logical_id.is_some()).then_some(Label { span: name.span, message })
    }

    /// The bucket, where the place is in its policy.
    fn related(&self) -> Vec<Label> {
        let mut out = Vec::new();
        if self.delegation().is_some() {
            out.extend(access_point::related(self.scene, self.bucket, self.account));
        }
        let span = self.span();
        if let Some(statement) = self.statement().filter(|_| self.elsewhere().is_none()) {
            out.extend(origin::labels(statement, span));
        }
        if span.file != self.bucket.span.file && self.bucket.declared.is_some() {
            out.push(Label {
                span: self.bucket.span,
                message: format!("bucket {} is declared here", title(&self.bucket.reference)),
            });
            out.extend(self.attached(span.file));
        }
        let under = |(span, actions): &(Span, Vec<String>)| {
            let message = format!("{} only under this condition", actions.join(", "));
            Label { span: *span, message }
        };
        out.extend(self.joined.iter().map(under));
        out
    }
}

/// A witness as a mapping; its `context` maps keys to lists of values.
pub(super) fn witness_fact(span: Span, witness: &Witness) -> Fact {
    let each =
        witness.context.iter().fold(Fact::at(span), |fact, (key, values)| fact.texts_of(key, values.iter().map(String::as_str)));
    let fact = Fact::at(span)
        .text("action", witness.action.as_str())
        .text("resource", witness.resource.as_str())
        .text("principal", witness.principal.as_str())
        .maybe("session", witness.session.as_deref())
        .inner("context", each);
    match witness.statement {
        Some(number) => fact.number("statement", number),
        None => fact,
    }
}

/// Whether an Allow on the bucket names `action` with a slip of the pen, which is reported where it stands.
fn misspelt(scene: &Scene<'_>, bucket: &LinkedBucket, action: &str) -> bool {
    let documents = bucket.policies.iter().map(|&at| &scene.inventory.policies[at].document);
    let allows = documents.flat_map(|document| &document.statements).filter(|one| one.effect == Some(Effect::Allow));
    let meant = allows.flat_map(|one| &one.actions.items).filter_map(|item| suggestion(item.as_known()?));
    let name = action.split_once(':').map_or(action, |(_, name)| name);
    meant.into_iter().any(|meant| meant.eq_ignore_ascii_case(name))
}

/// Whether a statement may have been meant for the control account.
fn meant(statement: &Statement, account: &str) -> bool {
    let each = |principal: &Principal| {
        matches!(principal.kind, PrincipalKind::Invalid(_) | PrincipalKind::UniqueId)
            || caller::reach(principal, account) != Reach::Other
    };
    statement.principals.is_empty() || statement.principals.iter().any(each)
}

/// Whether the statement that decides, or one that was to grant the action, is one that S3 refuses.
fn spoilt(scene: &Scene<'_>, bucket: &LinkedBucket, account: &str, decision: &Decision, refused: &[Vec<Fault>]) -> bool {
    if decision.verdict == Verdict::Granted {
        return false;
    }
    if !slip::blamed(scene, bucket, decision).is_empty() {
        return true;
    }
    let decides = deciding(scene, bucket, decision);
    bucket.policies.iter().zip(refused).any(|(&at, faults)| {
        let document = &scene.inventory.policies[at].document;
        let grants = |statement: &Statement| {
            let named = statement.actions.items.iter().filter_map(|item| item.as_known());
            let named = named.into_iter().any(|pattern| action::matches(pattern, &decision.action));
            named != statement.actions.not && statement.effect == Some(Effect::Allow) && meant(statement, account)
        };
        document.statements.iter().any(|statement| {
            let deciding = decides.is_some_and(|one| std::ptr::eq(one, statement));
            let faulty = deciding && (statement.faulty || acl::explains(scene, bucket, statement, &decision.action));
            let bears =
                decision.verdict != Verdict::Denied && grants(statement) || deciding && decision.verdict != Verdict::Missing;
            faulty || bears && faults.iter().any(|fault| refusal::spoils(fault, document, statement, bucket, &decision.action))
        })
    })
}

/// The statement that decides.
fn deciding<'a>(scene: &Scene<'a>, bucket: &LinkedBucket, decision: &Decision) -> Option<&'a Statement> {
    let cause = decision.cause.as_ref()?;
    statement(&scene.inventory.policies[*bucket.policies.get(cause.policy)?].document, cause.statement)
}

/// The statement with this number.
pub(super) fn statement(document: &Document, number: usize) -> Option<&Statement> {
    document.statements.iter().find(|statement| statement.number == number)
}
