//! One run over loaded files: models, links, verdicts, facts, rules, findings.

use crate::buckets::BucketGlobs;
use crate::cfn::scenario::Scenario;
use crate::facts::{self, Scene};
use crate::finding::{self, Finding, Label, Severity};
use crate::iam::action;
use crate::iam::caller::{Reach, Requester, reach};
use crate::iam::document::Effect;
use crate::iam::principal::PrincipalKind;
use crate::inventory::{self, FileModel, Inventory};
use crate::link::{self, LinkedBucket};
use crate::load::Loaded;
use crate::outcome::{Outcome, Summary};
use crate::parameters::Assigned;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule::check::{Undecided, check};
use crate::sniff::Kind;
use crate::source::{Sources, Span};
use crate::syntax::node::{Entry, Key, Node, Value};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// What a run goes by.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The control accounts; none means they are to be inferred.
    pub control_accounts: Vec<String>,
    /// The required actions.
    pub profile: Profile,
    /// Which buckets to judge.
    pub buckets: BucketGlobs,
    /// The bucket of standalone documents that do not say which they belong to.
    pub standalone_bucket: Option<String>,
    /// Changed severities by rule id; `None` turns a rule off.
    pub levels: BTreeMap<String, Option<Severity>>,
    /// Whether trails live outside the linted files.
    pub trail_elsewhere: bool,
    /// A partition to take for granted.
    pub partition: Option<String>,
    /// Role ARNs to judge for.
    pub roles: Vec<String>,
    /// Condition keys the user vouches for.
    pub assume: BTreeMap<String, Vec<String>>,
    /// Values given to template parameters.
    pub parameters: Assigned,
}

/// Checks loaded files against `rules`.
pub fn run(loaded: Loaded, plan: &Plan, rules: &[Rule]) -> Outcome {
    let Loaded { sources, models, mut problems } = loaded;
    let scenario = |model: &FileModel| {
        let given = plan.parameters.values.get(&*sources.get(model.file).path)?;
        Some((model.file, Scenario::given(given)))
    };
    let scenarios = models.iter().filter_map(scenario).collect();
    let inventory = inventory::collect(&models, &sources, plan.standalone_bucket.as_deref(), &scenarios);
    problems.extend(inventory.problems.iter().cloned().map(facts::InputProblem::from_parser));
    problems.extend(inventory.unread.iter().map(facts::InputProblem::unread));
    let buckets = link::link(&inventory, &sources, &plan.buckets, plan.partition.as_deref());
    let (accounts, account_note) = control_accounts(plan, &inventory, &buckets);
    let requester =
        |account: &String| Requester { account: account.clone(), roles: plan.roles.clone(), assume: plan.assume.clone() };
    let requesters: Vec<Requester> = accounts.iter().map(requester).collect();
    let scene = Scene {
        sources: &sources,
        inventory: &inventory,
        buckets: &buckets,
        requesters: &requesters,
        profile: &plan.profile,
        trail_elsewhere: plan.trail_elsewhere,
    };
    let facts = facts::compute(&scene, &problems);
    let summary = Summary {
        files: models.len(),
        templates: models.iter().filter(|model| model.kind == Kind::Template).count(),
        buckets: buckets.len(),
        in_scope: buckets.iter().filter(|bucket| bucket.in_scope).count(),
        policies: inventory.policies.len(),
        trails: inventory.trails.len(),
        control_accounts: accounts,
        account_note,
        profile: plan.profile.name.clone(),
    };
    let root = root(facts.members, models, &sources);
    let checked = check(rules, &root, &plan.levels);
    let mut findings = checked.findings;
    findings.extend(checked.undecided.into_iter().map(|undecided| doubt(undecided, rules)));
    finding::settle(&mut findings);
    Outcome { sources, summary, findings, buckets: facts.reports }
}

/// The tree rules select over: the facts, and the templates as they were written.
pub fn root(mut members: Vec<Entry>, models: Vec<FileModel>, sources: &Sources) -> Node {
    let template = |model: FileModel| {
        let file = Node::string(model.root.span, sources.get(model.file).path.as_ref());
        let entry =
            |key: &'static str, value: Node| Entry { key: Key { span: value.span, text: SmolStr::new_static(key) }, value };
        Node::new(model.root.span, Value::Map(vec![entry("file", file), entry("body", model.root)]))
    };
    let templates = models.into_iter().filter(|model| model.kind == Kind::Template).map(template).collect();
    members.push(facts::member("templates", templates));
    Node::new(Span::default(), Value::Map(members))
}

/// A rule that cannot be judged on a subject is worth a note: silence would read as safe.
fn doubt(undecided: Undecided, rules: &[Rule]) -> Finding {
    let title = rules.iter().find(|rule| rule.id == undecided.rule).map_or("", |rule| rule.title.as_str());
    Finding {
        message: format!("cannot tell whether this holds: {title}"),
        rule: undecided.rule,
        severity: Severity::Note,
        help: None,
        primary: Label { span: undecided.subject, message: undecided.reason.clone() },
        related: vec![Label { span: undecided.at, message: undecided.reason }],
        bucket: None,
        actions: Vec::new(),
        principal: None,
        witness: None,
    }
}

/// The control accounts, and a word on where they come from.
fn control_accounts(plan: &Plan, inventory: &Inventory, buckets: &[LinkedBucket]) -> (Vec<String>, Option<String>) {
    if !plan.control_accounts.is_empty() {
        return (plan.control_accounts.clone(), None);
    }
    let mut grants: BTreeMap<&str, usize> = BTreeMap::new();
    for bucket in buckets.iter().filter(|bucket| bucket.in_scope) {
        for (account, count) in granted(inventory, bucket, &plan.profile.actions) {
            *grants.entry(account).or_default() += count;
        }
    }
    let most = grants.values().copied().max().unwrap_or(0);
    let first: Vec<&str> = grants.iter().filter(|(_, count)| **count == most).map(|(account, _)| *account).collect();
    match first.as_slice() {
        [only] if most > 0 => {
            let note =
                format!("control account {only} was inferred: the policies grant it most; pass --control-account to be sure");
            (vec![(*only).to_owned()], Some(note))
        }
        _ => {
            let note = "the control account is not known, so no access was judged: pass --control-account ID";
            (Vec::new(), Some(note.into()))
        }
    }
}

/// The accounts a bucket's policies grant required actions to, and how many.
fn granted<'a>(inventory: &'a Inventory, bucket: &LinkedBucket, actions: &[String]) -> BTreeMap<&'a str, usize> {
    let mut out = BTreeMap::new();
    let documents = bucket.policies.iter().map(|&at| &inventory.policies[at].document);
    for statement in
        documents.flat_map(|document| &document.statements).filter(|statement| statement.effect == Some(Effect::Allow))
    {
        let named = |wanted: &&String| {
            let listed =
                statement.actions.items.iter().any(|item| item.as_known().is_some_and(|item| action::matches(item, wanted)));
            listed != statement.actions.not
        };
        let count = actions.iter().filter(named).count();
        for principal in statement.principals.iter().filter(|_| !statement.not_principal && count > 0) {
            let (PrincipalKind::Account(id) | PrincipalKind::Identity { account: id, .. }) = &principal.kind else { continue };
            if let Some(account) = id.as_known().filter(|account| matches!(reach(principal, account), Reach::Whole | Reach::Part))
            {
                *out.entry(account).or_default() += count;
            }
        }
    }
    out
}
