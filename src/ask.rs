//! One question to a bucket's policies: may this principal do that?

use crate::buckets::BucketGlobs;
use crate::cfn::given::Given;
use crate::cfn::template::Template;
use crate::cfn::usual::usual;
use crate::finding::{Finding, Label, Severity};
use crate::iam::action::{self, Level};
use crate::iam::caller::Requester;
use crate::iam::context;
use crate::iam::decide::Question;
use crate::iam::document::{Document, Effect, Statement};
use crate::iam::keys;
use crate::iam::resource::{Scope, Target};
use crate::iam::verdict::{self, Cause, Decision, Verdict};
use crate::inventory::{self, FileModel, Inventory};
use crate::link::{self, LinkedBucket};
use crate::load::Loaded;
use crate::secret::{self, Secrets};
use crate::sniff::Kind;
use crate::source::{Sources, Span};
use crate::syntax::fields::did_you_mean;
use crate::text::Text;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    /// The bucket's name or, in a template, its logical ID.
    pub bucket: String,
    /// A role, user or session ARN, an account's `:root`, an account ID, an AWS service such as `cloudtrail.amazonaws.com`,
    /// or `*` for requests without credentials.
    pub principal: String,
    /// For example `s3:GetObject`.
    pub action: String,
    /// One object's key; without it the question is about all objects, or the bucket itself.
    pub key: Option<String>,
    /// Values by condition key.
    pub context: BTreeMap<String, Vec<String>>,
}

/// What the policies make of the request, or of all that are asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// Allowed.
    Allow,
    /// Denied, or not always allowed.
    Deny,
    /// It depends on what is not known here.
    Unresolved,
}

impl Said {
    /// The word used in output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Unresolved => "unresolved",
        }
    }
}

/// The answer.
#[derive(Debug)]
pub struct Ruling {
    /// Whether the policies allow it.
    pub said: Said,
    /// The answer in one line.
    pub line: String,
    /// The ARN of the bucket.
    pub bucket: String,
    /// The verdict behind it.
    pub decision: Decision,
    /// Where it is granted, the numbers of the fewest statements that grant it together.
    pub granting: Vec<usize>,
    /// The deciding statement, or what is not known, as a report.
    pub report: Vec<Finding>,
    /// The texts the report points into.
    pub sources: Sources,
}

/// Answers `ask` from the policies that `loaded` files attach to its bucket; a sentence says why it cannot. Templates are
/// deployed with the values in `given`, their other parameters at their defaults.
pub fn ask(mut loaded: Loaded, ask: &Ask, given: &Given) -> Result<Ruling, String> {
    let action = action_of(ask)?;
    let requester = Requester::parse(&ask.principal)?;
    if let Some(problem) = loaded.problems.first() {
        return Err(format!("{}: {}", place(&loaded.sources, problem.span), problem.message));
    }
    let secrets = Secrets::of(&loaded.models, &loaded.sources);
    inventory::expand_all(&mut loaded.models, &loaded.sources, given);
    let scenario = |model: &FileModel| {
        let path = &*loaded.sources.get(model.file).path;
        (model.file, usual(&Template { file: model.file, path, root: &model.root }, given.of(path)))
    };
    let scenarios = loaded.models.iter().filter(|model| model.kind == Kind::Template).map(scenario).collect();
    let inventory = inventory::collect(&loaded.models, &loaded.sources, Some(&ask.bucket), &scenarios);
    let buckets = link::link(&inventory, &loaded.sources, &BucketGlobs::default(), None);
    let Some((bucket, policies)) = find(&buckets, &inventory, &ask.bucket) else {
        let known = buckets.iter().flat_map(|one| [one.reference.name.as_deref(), one.reference.logical_id.as_deref()]);
        let named = inventory.policies.iter().filter_map(|policy| policy.bucket.as_ref()?.as_known());
        let mut known: Vec<&str> = known.flatten().chain(named).collect();
        known.sort_unstable();
        known.dedup();
        return Err(format!("no policy for bucket `{}`{}", ask.bucket, did_you_mean(&ask.bucket, &known)));
    };
    let documents: Vec<&Document> = policies.iter().map(|&at| &inventory.policies[at].document).collect();
    let partition = partition_of(&ask.principal).map_or_else(|| link::partition_of(documents.iter().copied()), SmolStr::from);
    let bucket = Target { name: bucket, partition };
    if let Some(fault) = documents.iter().flat_map(|document| &document.faults).next() {
        let at = place(&loaded.sources, fault.span);
        return Err(format!("{at}: S3 refuses this policy: {}; {}", fault.message, fault.fix));
    }
    let target = match &ask.key {
        Some(key) => object(&bucket, key),
        None => bucket.clone(),
    };
    let question = Question { policies: &documents, target: &target, requester: &requester };
    let mut assume = requester.assume.clone();
    assume.extend(assumed(&question, ask, &action)?);
    let requester = Requester { assume, ..requester.clone() };
    let question = Question { requester: &requester, ..question };
    let scope = |action: &str| if ask.key.is_some() { Scope::Named } else { verdict::scope(action) };
    let decision = verdict::decide_as(&question, std::slice::from_ref(&action), &scope).pop();
    let Some(mut decision) = decision else { return Err("no question was asked".into()) };
    let said = match decision.verdict {
        Verdict::Granted => Said::Allow,
        Verdict::Unresolved => Said::Unresolved,
        _ => Said::Deny,
    };
    let granting = match decision.verdict {
        Verdict::Granted => granting(&question, &action, &scope),
        _ => Vec::new(),
    };
    let line = line(ask, &bucket, &decision, said);
    let mut report = match together(&granting) {
        Some(finding) => vec![finding],
        None => report(&documents, &decision),
    };
    let granting = granting.iter().map(|statement| statement.number).collect();
    secrets.hide_in(&mut loaded.sources, report.iter_mut());
    decision.witness.iter_mut().for_each(secret::clear);
    Ok(Ruling { said, line, bucket: bucket.arn(), decision, granting, report, sources: loaded.sources })
}

/// `file:line`
fn place(sources: &Sources, span: Span) -> String {
    let source = sources.get(span.file);
    format!("{}:{}", source.path, source.position(span.start as usize).line)
}

/// The action as AWS spells it.
fn action_of(ask: &Ask) -> Result<String, String> {
    let given = &ask.action;
    let (service, name) = given.split_once(':').unwrap_or(("", given));
    let Some(known) = action::find(name).filter(|_| service.eq_ignore_ascii_case("s3")) else {
        let meant = action::find(name).map(|known| known.name).or_else(|| action::suggest(name));
        let meant = meant.filter(|_| service.is_empty() || service.eq_ignore_ascii_case("s3"));
        let meant = meant.map_or_else(String::new, |name| format!("; did you mean `s3:{name}`?"));
        return Err(format!("`{given}` is not an S3 action{meant}"));
    };
    match (known.level, &ask.key) {
        (Level::Account | Level::Other, _) => {
            Err(format!("`s3:{}` acts on no bucket and no object, so no bucket policy is asked about it", known.name))
        }
        (Level::Bucket, Some(_)) => Err(format!("`s3:{}` acts on the bucket, not on its objects: leave out --key", known.name)),
        (_, Some(key)) if key.is_empty() => Err("--key is empty; the key of an object has at least one character".into()),
        _ => Ok(format!("s3:{}", known.name)),
    }
}

fn partition_of(principal: &str) -> Option<&str> {
    principal.strip_prefix("arn:")?.split(':').next()
}

/// The bucket of this name, or else of this logical ID, with its policies; or a name that policies alone know.
fn find(buckets: &[LinkedBucket], inventory: &Inventory, name: &str) -> Option<(Text, Vec<usize>)> {
    let by =
        |known: fn(&LinkedBucket) -> Option<&String>| buckets.iter().find(|one| known(one).is_some_and(|known| known == name));
    let found = by(|one| one.reference.name.as_ref()).or_else(|| by(|one| one.reference.logical_id.as_ref()));
    if let Some(bucket) = found {
        return Some((bucket.target.name.clone(), bucket.policies.clone()));
    }
    // a declared bucket whose name is not known may be it, which is no reason not to answer
    let is_named = |at: &usize| inventory.policies[*at].bucket.as_ref().and_then(Text::as_known) == Some(name);
    let policies: Vec<usize> = (0..inventory.policies.len()).filter(is_named).collect();
    (!policies.is_empty()).then(|| (Text::known(Span::default(), name), policies))
}

/// One object of a bucket.
fn object(bucket: &Target, key: &str) -> Target {
    let mut name = Text::known(bucket.name.span, format!("arn:{}:s3:::", bucket.partition));
    name.push(&bucket.name);
    name.push_str(&format!("/{key}"));
    Target { name, partition: bucket.partition.clone() }
}

/// What the requests carry: what is stated, and in the one request for an object no other key that they need not have.
fn assumed(question: &Question<'_>, ask: &Ask, action: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    let looked_at = context::keys_of(question);
    let mut out = BTreeMap::new();
    for (key, values) in &ask.context {
        let lower = key.to_ascii_lowercase();
        if context::of_caller(&lower) {
            return Err(format!("`{key}` follows from --principal"));
        }
        if !context::exists_for(&lower, action) {
            return Err(format!("requests for {action} never carry `{key}`"));
        }
        if keys::find(key).is_none() && !looked_at.contains(&lower) {
            let meant = keys::suggest(key).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
            return Err(format!("`{key}` is not a condition key{meant}"));
        }
        out.entry(lower).or_insert_with(Vec::new).extend(values.iter().cloned());
    }
    if ask.key.is_some() {
        for key in looked_at.into_iter().filter(|key| context::may_lack(key, question.requester, action)) {
            out.entry(key).or_default();
        }
    }
    Ok(out)
}

/// The answer in one line.
fn line(ask: &Ask, bucket: &Target, decision: &Decision, said: Said) -> String {
    let what = match (&ask.key, verdict::scope(&decision.action)) {
        (Some(key), _) => format!("{}/{key}", bucket.arn()),
        (None, Scope::Objects) => format!("every object of {}", bucket.arn()),
        (None, _) => bucket.arn(),
    };
    let who = if ask.principal == "*" { "requests without credentials" } else { &ask.principal };
    let question = format!("{} on {what} for {who}", decision.action);
    match said {
        Said::Allow => format!("allow: {question}"),
        Said::Unresolved => {
            let why = decision.unknown.as_ref().map_or("", |(_, why)| why);
            format!("unresolved: {question}: {why}")
        }
        Said::Deny => {
            // a Deny says more than that nothing allows it
            let denied = decision.witness.as_ref().is_some_and(|witness| witness.statement.is_some());
            let word = if denied && decision.verdict == Verdict::Missing { Verdict::Denied } else { decision.verdict }.word();
            match &decision.witness {
                Some(witness) if ask.key.is_some() => format!("deny: {witness} ({word})"),
                Some(witness) => format!("deny: {question} ({word}), for example {witness}"),
                None => format!("deny: {question} ({word})"),
            }
        }
    }
}

/// The Allows without any of which `action` would not be granted any more.
fn granting<'q>(question: &Question<'q>, action: &String, acts_on: &dyn Fn(&str) -> Scope) -> Vec<&'q Statement> {
    let mut policies: Vec<Document> = question.policies.iter().map(|&policy| policy.clone()).collect();
    let allows = |statement: &Statement| statement.effect == Some(Effect::Allow);
    let mut needed = Vec::new();
    for (at, policy) in question.policies.iter().enumerate().rev() {
        for statement in policy.statements.iter().rev().filter(|statement| allows(statement)) {
            let before = policies[at].clone();
            policies[at].statements.retain(|other| other.number != statement.number);
            let left: Vec<&Document> = policies.iter().collect();
            let without = Question { policies: &left, ..*question };
            let decision = verdict::decide_as(&without, std::slice::from_ref(action), acts_on).pop();
            if decision.is_none_or(|decision| decision.verdict != Verdict::Granted) {
                policies[at] = before;
                needed.push(statement);
            }
        }
    }
    needed.reverse();
    needed
}

/// A report on several statements that grant together what none does alone.
fn together(granting: &[&Statement]) -> Option<Finding> {
    let [first, others @ .., last] = granting else { return None };
    let label = |statement: &&Statement| Label { span: statement.span, message: "allows a part of it".into() };
    let titles: Vec<String> = std::iter::once(first).chain(others).map(|statement| statement.title()).collect();
    let message = format!("{} and {} decide together", titles.join(", "), last.title());
    let related = others.iter().chain([last]).map(label).collect();
    Some(Finding { related, ..Finding::new("", Severity::Note, message, label(first)) })
}

/// The deciding statement, or what is not known.
fn report(documents: &[&Document], decision: &Decision) -> Vec<Finding> {
    let statement = |cause: &Cause| documents[cause.policy].statements.iter().find(|one| one.number == cause.statement);
    match (&decision.cause, &decision.unknown, decision.verdict) {
        (_, Some((at, why)), Verdict::Unresolved) if *at != Span::default() => {
            vec![finding(Severity::Warning, "this is not known here".into(), *at, why.clone())]
        }
        // what is to be added to a statement is not its fault, but a Deny would refuse it all the same
        (_, _, Verdict::Missing) => {
            denier(documents, decision).map(|deny| told(deny, Verdict::Denied, deny.span)).into_iter().collect()
        }
        (Some(cause), _, verdict) => statement(cause).map(|statement| told(statement, verdict, cause.span)).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The Deny that refuses what no statement allows.
fn denier<'d>(documents: &[&'d Document], decision: &Decision) -> Option<&'d Statement> {
    let number = decision.witness.as_ref()?.statement?;
    let mut all = documents.iter().flat_map(|document| &document.statements);
    all.find(|statement| statement.number == number && statement.effect == Some(Effect::Deny))
}

fn told(statement: &Statement, verdict: Verdict, cause: Span) -> Finding {
    let severity = if verdict == Verdict::Granted { Severity::Note } else { Severity::Error };
    let word = if statement.effect == Some(Effect::Deny) { "denies" } else { "allows" };
    let condition = statement.condition(cause).unwrap_or_default();
    let (title, label) = match verdict {
        Verdict::WrongPrincipal => ("comes nearest", "allows it to others".into()),
        Verdict::WrongResource => ("comes nearest", "does not cover all that is asked about".into()),
        Verdict::Conditional => ("decides", format!("{word} it only where {condition}")),
        _ => ("decides", format!("{word} it")),
    };
    finding(severity, format!("{} {title}", statement.title()), statement.span, label)
}

fn finding(severity: Severity, message: String, span: Span, label: String) -> Finding {
    Finding::new("", severity, message, Label { span, message: label })
}
