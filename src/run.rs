//! One run over loaded files: models, links, verdicts, facts, rules, findings; once by default, and once more for each
//! other way to deploy the templates.

mod allowed;
mod basis;
mod bearing;
mod deployments;
mod merge;
mod nested;
mod passes;
mod same;
mod sets;
mod tell;
#[cfg(test)]
mod tests;
mod touch;
mod trade;
mod variants;
mod world;

use crate::allow::Allowing;
use crate::buckets::BucketGlobs;
use crate::cfn::given::Given;
use crate::cfn::place::Place;
use crate::edit::{Edit, is_generated};
use crate::facts::{self, Unchecked, Unmatched};
use crate::finding::{self, Claim, Finding, Label, Severity};
use crate::iam::action;
use crate::iam::caller::{Reach, Requester, reach};
use crate::iam::document::Effect;
use crate::iam::principal::PrincipalKind;
use crate::inventory::{self, FileModel, Inventory};
use crate::link::LinkedBucket;
use crate::load::Loaded;
use crate::outcome::{Altered, BucketReport, Outcome, Resources, Summary};
use crate::parallel;
use crate::profile::Profile;
use crate::progress::{Progress, Silent};
use crate::rule::Rule;
use crate::rule::check::{Undecided, check};
use crate::secret::Secrets;
use crate::sniff::Kind;
use crate::source::{FileId, Sources, Span};
use crate::syntax::node::{Entry, Key, Node, Value};
use crate::syntax::parse::ProblemKind;
use allowed::Allowed;
use basis::Basis;
use bearing::Bearing;
use bucketlint_terraform::is_terraform;
use deployments::Deployments;
pub use deployments::MOST_LOOKS;
use merge::{Merge, Seen, Usually};
use nested::Nested;
use passes::{Near, Pass, passes};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use trade::Trade;
use variants::Variants;
use world::{Usual, Varied, World};

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
    /// Whether the control accounts read the logs of trails from their buckets.
    pub logs_read: bool,
    /// A partition to take for granted.
    pub partition: Option<String>,
    /// Role ARNs to judge for.
    pub roles: Vec<String>,
    /// Condition keys the user vouches for.
    pub assume: BTreeMap<String, Vec<String>>,
    /// Parameter values of templates.
    pub given: Given,
    /// What is allowed, and when.
    pub allowing: Allowing,
    /// How much is looked at for the ways to deploy templates: see [`MOST_LOOKS`].
    pub most_looks: usize,
    /// Whether the tree that rules select over is wanted, with all that a rule may ask for.
    pub facts: bool,
}

impl Plan {
    /// Where the template at `path` is deployed, in the outermost stack of `home`, as far as that is told.
    fn place(&self, home: &str, path: &str) -> Place {
        let told = [home, path].into_iter().find_map(|path| self.given.places.get(path));
        let place = told.cloned().unwrap_or_default();
        self.marked(Place { partition: self.partition.as_deref().map(SmolStr::from), ..place })
    }

    /// `place` with whether a control account is there.
    fn marked(&self, place: Place) -> Place {
        let control = self.control_accounts.iter().any(|account| place.accounts.contains(account.as_str()));
        Place { control, ..place }
    }
}

/// Checks loaded files against `rules`.
pub fn run(loaded: Loaded, plan: &Plan, rules: &[Rule]) -> Outcome {
    follow(loaded, plan, rules, &Silent)
}

/// Checks loaded files against `rules`, telling how far that is.
pub fn follow(loaded: Loaded, plan: &Plan, rules: &[Rule], progress: &dyn Progress) -> Outcome {
    progress.stage("joining files", 0);
    let Loaded { mut sources, mut models, mut problems, passed: _, assembled: _ } = loaded;
    let open = inventory::expand_all(&mut models, &sources, &plan.given);
    problems.extend(open.into_iter().map(facts::InputProblem::from_unknown));
    let secrets = Secrets::of(&models, &sources);
    let allowed = Allowed::read(&models, &sources, plan, &mut problems);
    let (on_allows, rules): (Vec<Rule>, Vec<Rule>) = rules.iter().cloned().partition(Rule::reads_allows);
    let files = models.len();
    let templates = models.iter().filter(|model| model.kind == Kind::Template).count();
    let nested = Nested::of(&mut models, &mut sources, plan, &mut problems);
    let bearing = Bearing::of(&models, &nested);
    problems.retain(|problem| bearing.concerns(problem));
    let fragments = bearing::fragments(&models, &sources);
    let lost = bearing::lost(&models, &sources, &problems);
    let regional = bearing::regional(&models, &sources);
    let mut deployments = Deployments::of(&models, &sources, plan, &nested);
    let trade = Trade::of(&models, &sources);
    let world = World {
        sources: &sources,
        models: &models,
        nested: &nested,
        plan,
        resources: plan.facts || rules.iter().any(Rule::reads_resources),
        problems: &problems,
        scenarios: &[],
        fragments: &fragments,
        lost: &lost,
        regional: &regional,
        trade: &trade,
    };
    let base = Basis::of(&world, deployments.default());
    let mut view = world.view(world.parts(models.iter(), &base.settled, &base.exports));
    let (accounts, account_note) = control_accounts(plan, &view.inventory, &view.buckets);
    let requester = |account: &String| Requester {
        beside: accounts.iter().filter(|other| *other != account).cloned().collect(),
        account: account.clone(),
        roles: plan.roles.clone(),
        assume: plan.assume.clone(),
        ..Requester::default()
    };
    let requesters: Vec<Requester> = accounts.iter().map(requester).collect();
    world.share(&mut view, &requesters);

    let common = world.common(&view);
    let open = world.open_view();
    let together = world.together([&view, &open], &common, true);
    deployments.bound(&models, &together, plan.most_looks);
    let scenarios = tell::facts(&deployments, models.iter().filter(|model| bearing.holds(model.file)));
    let world = World { scenarios: &scenarios, ..world };

    progress.stage("judging the default", 0);
    let (touched, homes) = (world.touched(&view, &common), view.homes());
    let facts::Facts { members, mut reports, decided } = world.facts(&view, &requesters, &[], (&BTreeSet::new(), None, None));

    let made = |(file, number): (FileId, usize)| {
        let changed = base.settle(&world, deployments.changed(file, number, &together));
        (file, number, world.differing(&base, &view, &changed))
    };
    let made = parallel::map(deployments.others(), made);
    let variants = Variants::of(&view.parts, made, |file| world.heirs(file));
    let apart = world.together([&view, &open], &common, false);
    let near = Near { apart, watched: together, names: world.names([&view, &open]) };
    let passes = passes(&variants.all, &near);
    progress.stage("judging each way to deploy", passes.len());
    let varying: Vec<Rule> = rules.iter().filter(|rule| !rule.reads_templates()).cloned().collect();
    let apart = varying.iter().all(Rule::is_local) && !view.counts();
    let doubled = &view.doubled();
    let usual = Usual { view: &view, common: &common, seen: &touched, decided: &decided, homes: &homes, doubled, apart };
    let passes: Vec<(Pass<'_>, Varied)> = parallel::map(passes, |pass| {
        let seen = world.vary(&usual, &pass, &requesters, &varying);
        progress.step();
        (pass, seen)
    });

    let summary = Summary {
        files,
        templates,
        buckets: view.buckets.len(),
        in_scope: view.buckets.iter().filter(|bucket| bucket.in_scope).count(),
        policies: view.inventory.policies.len(),
        trails: view.inventory.trails.len(),
        scenarios: deployments.total(),
        hidden: 0,
        control_accounts: accounts,
        account_note,
        profile: plan.profile.name.clone(),
        altered: Altered::default(),
    };
    let unread = problems.iter().any(facts::InputProblem::hides) || hides(&view.inventory);
    let capped = deployments.capped().next().is_some();
    let partial = plan.allowing.narrowed || summary.control_accounts.is_empty() || capped || unread;
    let resources = resources(&models);
    let settled = models
        .iter()
        .map(|model| model.file)
        .filter(|file| plan.given.explicit && !nested.given(*file, &sources.get(*file).path, &plan.given).is_empty());
    let settled = settled.collect();
    let (stacks, models) = nested.into_written(models);
    let mut root = root(members, models, &sources);
    let (mut findings, mut considered) = found(&rules, &root, &plan.levels);
    trace(&mut findings, &view.inventory.moved);
    let fixed: BTreeSet<&str> = rules.iter().filter(|rule| rule.reads_templates()).map(|rule| rule.id.as_str()).collect();
    for (rule, count) in passes.iter().flat_map(|(_, varied)| &varied.considered) {
        considered.entry(rule.clone()).and_modify(|most| *most = (*most).max(*count)).or_insert(*count);
    }
    let (passes, further): (Vec<(Pass<'_>, Seen)>, Vec<Vec<BucketReport>>) =
        passes.into_iter().map(|(pass, varied)| ((pass, varied.seen), varied.reports)).unzip();
    let known = reports.iter().chain(further.iter().flatten()).map(|report| report.bucket.clone()).collect();
    tell::reports(&mut reports, further, &passes, &touched, (&deployments, &sources));
    let merge = Merge { deployments: &deployments, variants: &variants, passes, settled, is_fixed: &|rule| fixed.contains(rule) };
    let mut findings = merge.findings(&Usually { findings, touched, homes });
    finding::settle(&mut findings);
    stacks.explain(&mut findings);
    let rules = [&rules[..], &on_allows].concat();
    let dismissed = allowed.take(&mut findings, &sources, plan, &rules, partial, &mut root);
    finding::gather(&mut findings);
    finding::absorb(&mut findings);
    let (more, judged) = found(&on_allows, &root, &plan.levels);
    findings.extend(more);
    considered.extend(judged);
    finding::settle(&mut findings);
    finding::join(&mut findings);
    let mut outcome = Outcome {
        sources,
        identities: BTreeMap::new(),
        summary,
        findings,
        buckets: reports,
        known,
        dismissed,
        resources,
        partial,
        baseline: None,
        considered,
        facts: plan.facts.then_some(root),
    };
    secrets.hide(&mut outcome);
    let foreign: BTreeSet<FileId> =
        problems.iter().filter(|problem| problem.kind == "foreign-yaml").map(|problem| problem.span.file).collect();
    keep_unwritten(&mut outcome, &foreign);
    outcome
}

/// Drops the fixes of files that a program writes: the next time it would write them as they were. So it does in `foreign` files,
/// where an alias may bring what is written to another place as well. What is put into HCL has to be looked at: the same place
/// may be for many instances.
fn keep_unwritten(outcome: &mut Outcome, foreign: &BTreeSet<FileId>) {
    let mut known: BTreeMap<FileId, bool> = BTreeMap::new();
    let sources = &outcome.sources;
    let mut is_made = |edit: &Edit| {
        foreign.contains(&edit.span.file)
            || is_terraform(&sources.get(edit.span.file).path)
            || *known.entry(edit.span.file).or_insert_with(|| is_generated(sources.get(edit.span.file)))
    };
    for finding in &mut outcome.findings {
        finding.fix.take_if(|fix| fix.edits.iter().any(&mut is_made));
    }
}

/// Tells of findings on values that stand elsewhere than where they are used, as `moved` has them, where that is.
fn trace(findings: &mut [Finding], moved: &[(Span, Span)]) {
    let mut places: BTreeMap<Span, BTreeSet<Span>> = BTreeMap::new();
    for (at, place) in moved {
        places.entry(*at).or_default().insert(*place);
    }
    for finding in findings {
        let known: Vec<Span> = finding.related.iter().map(|label| label.span).collect();
        let places = places.get(&finding.primary.span).into_iter().flatten().filter(|place| !known.contains(place));
        // a few show what is meant
        let labels = places.take(3).map(|place| Label { span: *place, message: facts::WRITTEN_HERE.into() });
        finding.related.splice(0..0, labels);
    }
}

/// Adds what `rules` say of a run that judged no bucket, or of patterns for buckets that have no effect. It is about the
/// whole of it, so that no baseline and no choice of changed files has a say.
pub fn tell_whole(
    outcome: &mut Outcome,
    (unchecked, unmatched): (Option<&Unchecked>, &[Unmatched]),
    plan: &Plan,
    rules: &[Rule],
) {
    let rules: Vec<Rule> = rules.iter().filter(|rule| rule.reads_whole()).cloned().collect();
    let unchecked = facts::member("unchecked", unchecked.map(facts::unchecked).into_iter().collect());
    let unmatched = facts::member("unmatched_buckets", facts::unmatched(unmatched));
    let root = Node::new(Span::default(), Value::Map(vec![unchecked, unmatched]));
    let (findings, considered) = found(&rules, &root, &plan.levels);
    outcome.findings.extend(findings);
    outcome.considered.extend(considered);
    if let (Some(Node { value: Value::Map(lists), .. }), Value::Map(told)) = (&mut outcome.facts, root.value) {
        lists.retain(|list| list.key.text != "unchecked");
        lists.extend(told);
    }
    finding::settle(&mut outcome.findings);
}

/// Whether something in the files is not read.
fn hides(inventory: &Inventory) -> bool {
    !inventory.unread.is_empty()
        || !inventory.opaque.is_empty()
        || inventory.problems.iter().any(|problem| problem.kind == ProblemKind::Syntax)
}

fn resources(models: &[FileModel]) -> Resources {
    let templates = models.iter().filter(|model| model.kind == Kind::Template);
    let entries = templates.flat_map(|model| model.root.get("Resources").map(Node::entries).unwrap_or_default());
    // what is included stands in another file than its logical ID may
    let whole = |entry: &Entry| match entry.key.span {
        key if key.file == entry.value.span.file => Span { end: entry.value.span.end, ..key },
        _ => entry.value.span,
    };
    Resources::new(entries.map(|entry| (whole(entry), entry.key.text.to_string())).collect())
}

/// What `rules` find in `root`, doubts included, and how many subjects each judged.
fn found(rules: &[Rule], root: &Node, levels: &BTreeMap<String, Option<Severity>>) -> (Vec<Finding>, BTreeMap<String, usize>) {
    let checked = check(rules, root, levels);
    let doubts = checked.undecided.into_iter().map(|one| undecided(one, rules));
    (checked.findings.into_iter().chain(doubts).collect(), checked.considered)
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
fn undecided(undecided: Undecided, rules: &[Rule]) -> Finding {
    let title = rules.iter().find(|rule| rule.id == undecided.rule).map_or("", |rule| rule.title.as_str());
    let primary = Label { span: undecided.subject, message: undecided.reason.clone() };
    let related = vec![Label { span: undecided.at, message: undecided.reason }];
    let bucket = undecided.bucket;
    let message = format!("cannot tell whether this holds: {title}");
    let claim = Claim::Undecided;
    Finding { claim, related, bucket, ..Finding::new(undecided.rule, Severity::Note, message, primary) }
}

/// The control accounts, and a word on where they come from.
fn control_accounts(plan: &Plan, inventory: &Inventory, buckets: &[LinkedBucket]) -> (Vec<String>, Option<String>) {
    if !plan.control_accounts.is_empty() {
        return (plan.control_accounts.clone(), None);
    }
    let grants = grants(inventory, buckets, &plan.profile.actions);
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

/// The accounts that the policies of all buckets in scope grant `actions` to, and how many in all.
pub fn grants<'a>(inventory: &'a Inventory, buckets: &[LinkedBucket], actions: &[String]) -> BTreeMap<&'a str, usize> {
    let mut grants: BTreeMap<&str, usize> = BTreeMap::new();
    for bucket in buckets.iter().filter(|bucket| bucket.in_scope) {
        for (account, count) in granted(inventory, bucket, actions) {
            *grants.entry(account).or_default() += count;
        }
    }
    grants
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
