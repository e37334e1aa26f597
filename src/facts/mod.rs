//! The answers, written into one flat spanned tree that rules select over. This is the rule vocabulary: see
//! `rules/README.md`.

mod access;
mod access_log;
mod access_point;
mod acl;
mod admit;
mod allow;
mod assumptions;
mod delivery;
mod destination;
mod excess;
pub(crate) mod fact;
mod fragment;
mod gap;
mod grant;
mod hindered;
mod kms;
mod log_access;
mod log_key;
mod notification;
mod opaque;
mod origin;
mod own_account;
mod ownership;
mod platform;
mod policy;
mod possible;
mod public_access;
mod reference;
mod refusal;
mod remedy;
mod replica;
mod resource;
mod role;
mod sight;
mod slip;
mod tagging;
mod trail;
mod unchecked;
mod unmatched;

use crate::cfn::fragment::Fragment;
use crate::iam::caller::Requester;
use crate::iam::decide::Question;
use crate::iam::verdict::{Decision, Verdict};
use crate::inventory::{Deployed, Inventory};
use crate::link::{Index, Joins, LinkedBucket};
use crate::outcome::{AccessLine, BucketReport, CoverageLine};
use crate::profile::Profile;
use crate::resolve::Unknown;
use crate::sniff::LostPolicy;
use crate::source::{FileId, Sources, Span};
use crate::syntax::fields::Complaint;
use crate::syntax::node::{Entry, Key, Node, Value};
use crate::syntax::parse::{Problem, ProblemKind};
pub use allow::{AllowScene, allows};
use fact::Fact;
pub use origin::WRITTEN_HERE;
use possible::Possible;
use smol_str::SmolStr;
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
pub use unchecked::{Unchecked, unchecked};
pub use unmatched::{Unmatched, unmatched};

/// Everything the facts are computed from.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// What was found.
    pub inventory: &'a Inventory,
    /// The buckets with what belongs to them.
    pub buckets: &'a [LinkedBucket],
    /// Of which of these nothing is to be said, by their place: it is known already.
    pub told: &'a BTreeSet<usize>,
    /// The files of whose other resources something is to be said; all where there is none.
    pub files: Option<&'a BTreeSet<FileId>>,
    /// The same by name and by owner.
    pub index: &'a Index<'a>,
    /// What their names may be taken for.
    pub joins: &'a Joins<'a>,
    /// The control accounts, as requesters.
    pub requesters: &'a [Requester],
    /// The required actions.
    pub profile: &'a Profile,
    /// Whether trails live outside the linted files.
    pub trail_elsewhere: bool,
    /// Whether the control accounts read the logs of trails from their buckets.
    pub logs_read: bool,
    /// What is to be said of scenarios, made by [`scenarios`].
    pub scenarios: &'a [Node],
    /// Files that are parts of a template.
    pub fragments: &'a BTreeMap<FileId, Fragment>,
    /// Policies in files that cannot be read.
    pub lost: &'a [LostPolicy],
    /// Templates that ask for their Region or name other partitions.
    pub regional: &'a BTreeSet<FileId>,
}

/// A mistake in reading a file, by the display word of its kind.
#[derive(Clone, Debug)]
pub struct InputProblem {
    /// `syntax`, `duplicate-key`, `unreadable`, `templated`, `unresolved`, `unread-template`, `foreign-yaml`, `invalid-allow`, or of a parameter value:
    /// `unknown-parameter`, `parameter-value`, `unmatched-templates`.
    pub kind: &'static str,
    /// The place.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
    /// A place that explains it.
    pub related: Option<(Span, String)>,
}

impl InputProblem {
    /// A parser's problem.
    pub fn from_parser(problem: Problem) -> Self {
        let (kind, fix) = match problem.kind {
            ProblemKind::DuplicateKey => ("duplicate-key", "keep one of the two"),
            _ => ("syntax", "correct the syntax; nothing in this file was checked"),
        };
        Self { kind, span: problem.span, message: problem.message, fix: fix.into(), related: problem.related }
    }

    /// A mistake in a suppression.
    pub fn of_allow(complaint: Complaint, fix: &str) -> Self {
        let Complaint { span, message } = complaint;
        Self { kind: "invalid-allow", span, message, fix: fix.into(), related: None }
    }

    /// Whether there may be more to be found than is: something is not read.
    pub fn hides(&self) -> bool {
        ["syntax", "unreadable", "templated", "unresolved", "unread-template"].contains(&self.kind)
    }

    /// Whether it is about something in a file that is read.
    pub fn is_within(&self) -> bool {
        ["duplicate-key", "foreign-yaml", "unresolved"].contains(&self.kind)
    }

    /// Whether a whole file is not read.
    pub fn is_unread(&self) -> bool {
        self.keeps() || self.kind == "templated"
    }

    /// Whether a whole file is not read, which is an error.
    pub fn keeps(&self) -> bool {
        ["syntax", "unreadable"].contains(&self.kind)
    }

    /// A template that cannot be read from its stack set.
    pub fn unread(unknown: Unknown) -> Self {
        let message = format!("what this stack set deploys was not checked: {}", unknown.why);
        let fix = "check that template on its own".into();
        Self { kind: "unread-template", span: unknown.at, message, fix, related: None }
    }

    /// A part of a template that is not known, so that it may hold more than is seen.
    pub fn from_unknown(unknown: Unknown) -> Self {
        let fix = "give it a value that can be read here, so that all it makes is checked".into();
        Self { kind: "unresolved", span: unknown.at, message: unknown.why.into(), fix, related: None }
    }
}

/// The facts of a run and what reports say of each bucket.
#[derive(Debug)]
pub struct Facts {
    /// The members of the root that rules see, templates aside.
    pub members: Vec<Entry>,
    /// One report for each linked bucket that nothing earlier is told of, in the same order.
    pub reports: Vec<BucketReport>,
    /// What was decided of each linked bucket, in the same order.
    pub decided: Vec<Decided>,
}

/// What is costly to decide of a bucket.
#[derive(Clone, Debug)]
pub struct Decided {
    grants: Arc<Grants>,
    covered: Arc<Covered>,
}

/// What a bucket's policies grant.
#[derive(Debug, Default)]
struct Grants {
    access: Vec<Node>,
    excess: Vec<Node>,
    tagging: Vec<Node>,
    /// Tests of conditions that are why something is not granted.
    blamed: Vec<Span>,
    lines: Vec<AccessLine>,
}

/// What trails log of a bucket.
#[derive(Debug)]
struct Covered {
    fact: Node,
    line: CoverageLine,
    assumptions: Vec<String>,
}

/// What was decided of a bucket under other circumstances, and how much of it still holds.
#[derive(Clone, Copy, Debug)]
pub struct Earlier<'a> {
    /// What was decided.
    pub decided: &'a Decided,
    /// Whether its policies grant the same.
    pub grants: bool,
    /// Whether trails log the same.
    pub covered: bool,
}

/// Decides everything and writes it down. What `earlier` tells of a bucket, in the order of the buckets, is not decided
/// again; it may be empty.
pub fn compute(scene: &Scene<'_>, input: &[InputProblem], earlier: &[Option<Earlier<'_>>]) -> Facts {
    let possible = Possible::of(scene);
    let mut lists: Vec<(&'static str, Vec<Node>)> = vec![
        ("input", input.iter().filter(|problem| scene.asks(problem.span.file)).map(input_fact).collect()),
        ("buckets", scene.asked().map(bucket_fact).collect()),
        ("references", reference::facts(scene)),
        ("fragments", fragment::facts(scene)),
        ("opaque_resources", opaque::facts(scene)),
        ("ownership", ownership::facts(scene)),
        ("policies", policy::policies(scene)),
        ("possible_policies", possible.facts()),
        ("grammar", policy::grammar(scene)),
        ("refusals", refusal::facts(scene)),
        ("actions", policy::actions(scene)),
        ("statements", policy::statements(scene)),
        ("acl_conditions", acl::facts(scene)),
        ("public_access", public_access::facts(scene)),
        ("trails", trail::trails(scene)),
        ("selectors", trail::selectors(scene)),
        ("blind_trails", sight::blind(scene)),
        ("deliveries", delivery::deliveries(scene)),
        ("log_access", log_access::facts(scene)),
        ("log_loops", delivery::loops(scene)),
        ("event_stores", delivery::stores(scene)),
        ("deployments", platform::deployments(scene)),
        ("encryption", kms::encryption(scene)),
        ("keys", kms::keys(scene)),
        ("unusable_keys", kms::unusable(scene)),
        ("replica_buckets", replica::facts(scene)),
        ("key_principals", kms::principals_of_keys(scene)),
        ("topics", notification::topics(scene)),
        ("destinations", destination::facts(scene, &notification::configured(scene))),
        ("access_logs", access_log::facts(scene)),
        ("scenarios", scene.scenarios.iter().filter(|fact| scene.asks(fact.span.file)).cloned().collect()),
        // it takes all findings to tell of these
        ("allows", Vec::new()),
        ("unchecked", Vec::new()),
        ("unmatched_buckets", Vec::new()),
    ];
    let recorders = LazyCell::new(|| trail::Recorders::new(scene));
    let earlier = || earlier.iter().copied().chain(std::iter::repeat(None));
    let decide = |(bucket, earlier): (&LinkedBucket, Option<Earlier<'_>>)| {
        let grants = earlier.filter(|earlier| earlier.grants).map(|earlier| earlier.decided.grants.clone());
        let covered = earlier.filter(|earlier| earlier.covered).map(|earlier| earlier.decided.covered.clone());
        Decided {
            grants: grants.unwrap_or_else(|| Arc::new(Grants::of(scene, bucket, &possible))),
            covered: covered.unwrap_or_else(|| Arc::new(Covered::of(scene, bucket, &recorders))),
        }
    };
    let decided: Vec<Decided> = scene.buckets.iter().zip(earlier()).map(decide).collect();
    let asked = || decided.iter().enumerate().filter(|(at, _)| !scene.told.contains(at)).map(|(_, one)| one);
    let granted = |list: fn(&Grants) -> &Vec<Node>| asked().flat_map(move |one| list(&one.grants)).cloned().collect();
    let fresh = scene.buckets.iter().zip(&decided).zip(earlier()).filter(|(_, earlier)| earlier.is_none());
    let reports = fresh.map(|((bucket, decided), _)| report(scene, bucket, decided)).collect();
    lists.push(("access", granted(|grants| &grants.access)));
    lists.push(("excess", granted(|grants| &grants.excess)));
    lists.push(("tagging", granted(|grants| &grants.tagging)));
    let blamed = decided.iter().flat_map(|one| one.grants.blamed.iter().copied()).collect();
    lists.push(("condition_slips", slip::facts(scene, &blamed)));
    lists.push(("coverage", asked().map(|one| one.covered.fact.clone()).collect()));
    let may = |(_, decided): &(_, &Decided)| decided.grants.lines.iter().any(|line| line.verdict == Verdict::Granted.word());
    let open: Vec<&LinkedBucket> = scene.buckets.iter().zip(&decided).filter(may).map(|(bucket, _)| bucket).collect();
    lists.push(("notifications", notification::notifications(scene, &open)));
    lists.push(("run", vec![run_fact(scene)]));
    Facts { members: lists.into_iter().map(|(key, nodes)| member(key, nodes)).collect(), reports, decided }
}

impl<'a> Scene<'a> {
    /// The buckets of which something is to be said.
    fn asked(&self) -> impl Iterator<Item = &'a LinkedBucket> {
        let told = self.told;
        self.buckets.iter().enumerate().filter(move |(at, _)| !told.contains(at)).map(|(_, bucket)| bucket)
    }

    /// Whether something is to be said of what else is in a file.
    fn asks(&self, file: FileId) -> bool {
        self.files.is_none_or(|files| files.contains(&file))
    }
}

impl Grants {
    fn of(scene: &Scene<'_>, bucket: &LinkedBucket, possible: &Possible<'_>) -> Self {
        let mut out = Self::default();
        for requester in scene.requesters.iter().filter(|_| bucket.in_scope) {
            let decisions = decide(scene, bucket, requester, possible);
            let hindered = hindered::decisions(scene, bucket, requester, &decisions);
            let told: Vec<Decision> = decisions.iter().cloned().chain(hindered).collect();
            out.access.extend(access::facts(scene, bucket, &requester.account, &told));
            if !own_account::is_in(scene, bucket, &requester.account) {
                out.excess.extend(excess::facts(scene, bucket, requester));
                out.tagging.extend(tagging::fact(scene, bucket, requester, &decisions));
            }
            out.blamed.extend(decisions.iter().flat_map(|decision| slip::blamed(scene, bucket, decision)));
            out.lines.extend(decisions.iter().map(|decision| line(&requester.account, decision)));
        }
        out
    }
}

impl Covered {
    fn of(scene: &Scene<'_>, bucket: &LinkedBucket, recorders: &trail::Recorders<'_>) -> Self {
        let (fact, line, assumptions) = trail::coverage(scene, bucket, recorders);
        Self { fact, line, assumptions }
    }
}

fn report(scene: &Scene<'_>, bucket: &LinkedBucket, decided: &Decided) -> BucketReport {
    let accounts: Vec<String> = scene.requesters.iter().map(|requester| requester.account.clone()).collect();
    let assumptions = || assumptions::of(scene, bucket, &accounts).into_iter().chain(decided.covered.assumptions.clone());
    BucketReport {
        bucket: bucket.reference.clone(),
        in_scope: bucket.in_scope,
        reason: bucket.reason.clone(),
        shared: bucket.shared,
        shared_reason: bucket.shared_reason.clone(),
        ownership: ownership::word(scene, bucket),
        access: decided.grants.lines.clone(),
        assumptions: if bucket.in_scope { assumptions().collect() } else { Vec::new() },
        coverage: decided.covered.line.clone(),
    }
}

/// The list `resources` of the root, made of what `deployed` holds.
pub fn resources(deployed: Vec<Deployed>, buckets: &[LinkedBucket], sources: &Sources) -> Entry {
    member("resources", resource::facts(deployed, buckets, sources))
}

/// One list of the root.
pub fn member(key: &'static str, nodes: Vec<Node>) -> Entry {
    let key = Key { span: Span::default(), text: SmolStr::new_static(key) };
    Entry { key, value: Node::new(Span::default(), Value::Seq(nodes)) }
}

fn decide(scene: &Scene<'_>, bucket: &LinkedBucket, requester: &Requester, possible: &Possible<'_>) -> Vec<Decision> {
    let documents: Vec<_> = bucket.policies.iter().map(|&at| &scene.inventory.policies[at].document).collect();
    let own = own_account::is_in(scene, bucket, &requester.account);
    let allowing = own.then(|| own_account::allowing(bucket, &requester.account, &scene.profile.actions));
    let documents: Vec<_> = documents.into_iter().chain(&allowing).collect();
    let acls_off = ["BucketOwnerEnforced", "missing"].contains(&ownership::word(scene, bucket).as_str());
    let requester = &carrying(scene, bucket, Requester { acls_off, ..requester.clone() });
    let mut decisions = role::decide(scene.profile, &Question { policies: &documents, target: &bucket.target, requester });
    let is_bare = bucket.policies.is_empty() && !own;
    let hidden = reference::hidden(scene, bucket).filter(|_| is_bare);
    let lost = reference::lost_policy(scene, bucket).filter(|_| is_bare);
    let opaque = bucket.opaque.first().map(|&at| &scene.inventory.opaque[at]);
    for decision in &mut decisions {
        let unseen = || Some((hidden?, "its template may hold a policy that is not seen here".into()));
        let unread = || Some((lost?, "a file that cannot be read may hold its policy".into()));
        let untold = || Some((opaque?.opaque.at, format!("`{}` may be its policy, and is not read", opaque?.logical_id)));
        let named = possible.grants(bucket, requester, &decision.action).or_else(untold).filter(|_| !own);
        if let Some(unknown) = named.or_else(unseen).or_else(unread) {
            decision.verdict = Verdict::Unresolved;
            decision.unknown = Some(unknown);
            decision.witness = None;
        }
    }
    decisions
}

/// A requester whose requests carry the tags of the bucket, where policies may go by them.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html>
fn carrying(scene: &Scene<'_>, bucket: &LinkedBucket, mut requester: Requester) -> Requester {
    let tags = bucket.declared.and_then(|at| scene.inventory.buckets[at].tags.as_ref());
    for (key, value) in tags.into_iter().flatten() {
        let Some(value) = value.as_known() else { continue };
        for prefix in ["aws:resourcetag/", "s3:buckettag/"] {
            let key = format!("{prefix}{}", key.to_ascii_lowercase());
            requester.assume.entry(key).or_insert_with(|| vec![value.to_owned()]);
        }
    }
    requester
}

fn line(account: &str, decision: &Decision) -> AccessLine {
    let span = decision.cause.as_ref().map(|cause| cause.span).or(decision.unknown.as_ref().map(|(at, _)| *at));
    AccessLine {
        action: decision.action.clone(),
        account: account.to_owned(),
        verdict: decision.verdict.word(),
        span,
        witness: decision.witness.clone(),
    }
}

fn input_fact(problem: &InputProblem) -> Node {
    let related = problem.related.iter().map(|(span, message)| crate::finding::Label { span: *span, message: message.clone() });
    Fact::at(problem.span)
        .text("kind", problem.kind)
        .text("message", problem.message.as_str())
        .text("fix", problem.fix.as_str())
        .related(related)
        .node()
}

fn bucket_fact(bucket: &LinkedBucket) -> Node {
    Fact::at(bucket.span)
        .bucket(bucket)
        .text("reason", bucket.reason.as_str())
        .text("shared_reason", bucket.shared_reason.as_str())
        .flag("declared", bucket.declared.is_some())
        .text("arn", bucket.target.arn())
        .node()
}

/// The ways to deploy a template.
#[derive(Clone, Copy, Debug)]
pub struct Ways {
    /// How many were looked at.
    pub looked_at: usize,
    /// Whether there may be more.
    pub capped: bool,
    /// How many there are at least, where some were left out as those of all templates are too many for one run.
    pub all: Option<usize>,
}

/// The ways to deploy a template; `at` is where its conditions are written.
pub fn scenarios(at: Span, ways: &Ways) -> Node {
    let looked_at = match ways.looked_at {
        1 => "that of its default values was".to_owned(),
        several => format!("{several} were"),
    };
    let fact = Fact::at(at).number("count", ways.looked_at).flag("capped", ways.capped).flag("shortened", ways.all.is_some());
    fact.number("all", ways.all.unwrap_or(ways.looked_at)).text("looked_at", looked_at).node()
}

fn run_fact(scene: &Scene<'_>) -> Node {
    let span = scene.buckets.iter().find(|bucket| bucket.in_scope).map_or(Span::default(), |bucket| bucket.span);
    Fact::at(span)
        .texts("control_accounts", scene.requesters.iter().map(|requester| requester.account.as_str()))
        .number("in_scope", scene.buckets.iter().filter(|bucket| bucket.in_scope).count())
        .text("profile", scene.profile.name.as_str())
        .texts("required", scene.profile.actions.iter().map(String::as_str))
        .flag("trail_elsewhere", scene.trail_elsewhere)
        .node()
}
