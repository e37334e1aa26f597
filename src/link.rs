//! Joins buckets, policies and trails across files, and says which buckets are judged.

mod alternatives;
mod index;
mod joins;
mod key;
mod logs;
mod shared;

pub use index::Index;
pub use joins::Joins;
pub use key::{KeyForm, KeyIndex};
pub use shared::share;

use crate::buckets::BucketGlobs;
use crate::finding::BucketRef;
use crate::iam::document::Document;
use crate::iam::resource::{Target, is_open};
use crate::inventory::{Inventory, Policy};
use crate::source::{FileId, Sources, Span};
use crate::text::Text;
use alternatives::Form;
use index::{Named, by_name};
use joins::{may_name, shared_folders};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// A bucket with everything that belongs to it.
#[derive(Clone, Debug)]
pub struct LinkedBucket {
    /// How it is named in reports.
    pub reference: BucketRef,
    /// The file that declares or first names it.
    pub file: FileId,
    /// Its logical ID, or the policy that names it.
    pub span: Span,
    /// Its index among the inventory's buckets, where a template declares it.
    pub declared: Option<usize>,
    /// Its name and partition.
    pub target: Target,
    /// Whether that partition was given, or is the one of a scenario, rather than read off the policies.
    pub partition_given: bool,
    /// Indexes of the policies that are attached to it.
    pub policies: Vec<usize>,
    /// Indexes of the policies that may be attached to it, where none is: their bucket, or its name, is not known.
    pub possible: Vec<usize>,
    /// Indexes of the resources that may be its policy, where none is: it is not known what they are.
    pub opaque: Vec<usize>,
    /// Whether it is judged.
    pub in_scope: bool,
    /// Whether the user has left it out, so that nothing is said of it.
    pub excluded: bool,
    /// Why it is judged or not.
    pub reason: String,
    /// Whether it is shared with a control account, or meant to be: see [`share`].
    pub shared: bool,
    /// What shows that, or that nothing does.
    pub shared_reason: String,
}

/// Every bucket of the inventory, and those known from a policy alone, in source order. `wanted` says which to judge;
/// `partition`, where it is given, is that of all.
///
/// A bucket exists once, so what is declared under one name twice, or has policies in several folders, are alternatives:
/// each is a bucket of its own, with its own policy.
pub fn link(inventory: &Inventory, sources: &Sources, wanted: &BucketGlobs, partition: Option<&str>) -> Vec<LinkedBucket> {
    let mut out: Vec<LinkedBucket> = Vec::new();
    for (at, bucket) in inventory.buckets.iter().enumerate() {
        let mut made = empty(bucket.file, bucket.span, &bucket.name, sources);
        made.reference.logical_id = Some(bucket.logical_id.to_string());
        made.reference.construct = bucket.construct.as_ref().map(ToString::to_string);
        made.declared = Some(at);
        out.push(made);
    }
    attach(&mut out, inventory, sources);
    let receivers = by_name(inventory.log_receivers.iter().map(|one| &one.bucket));
    for bucket in &mut out {
        let documents = bucket.policies.iter().map(|&at| &inventory.policies[at].document);
        let own = bucket.declared.map(|at| &inventory.buckets[at].partition).into_iter();
        let theirs = bucket.policies.iter().map(|&at| &inventory.policies[at].partition);
        let given = partition.map(SmolStr::from).or_else(|| own.chain(theirs).flatten().next().cloned());
        bucket.partition_given = given.is_some();
        bucket.target.partition = given.unwrap_or_else(|| partition_of(documents));
        let excluded = excluded(&bucket.reference, wanted);
        bucket.excluded = excluded.is_some();
        (bucket.in_scope, bucket.reason) = match excluded {
            Some(reason) => (false, reason),
            None => judge(bucket, inventory, &receivers, wanted),
        };
    }
    leave_open(&mut out, inventory, sources);
    out.sort_by_key(|bucket| bucket.span);
    out
}

fn empty(file: FileId, span: Span, name: &Text, sources: &Sources) -> LinkedBucket {
    LinkedBucket {
        reference: BucketRef {
            file: sources.get(file).path.to_string(),
            logical_id: None,
            name: name.as_known().map(str::to_owned),
            construct: None,
            nested: None,
        },
        file,
        span,
        declared: None,
        target: Target { name: name.clone(), partition: "aws".into() },
        partition_given: false,
        policies: Vec::new(),
        possible: Vec::new(),
        opaque: Vec::new(),
        in_scope: false,
        excluded: false,
        reason: String::new(),
        shared: false,
        shared_reason: String::new(),
    }
}

/// Attaches every policy to the buckets of its name, and makes those that policies alone know.
fn attach(buckets: &mut Vec<LinkedBucket>, inventory: &Inventory, sources: &Sources) {
    let mut declared: BTreeMap<&Text, Vec<usize>> = BTreeMap::new();
    for (at, bucket) in inventory.buckets.iter().enumerate() {
        declared.entry(&bucket.name).or_default().push(at);
    }
    let mut named: BTreeMap<&Text, Vec<usize>> = BTreeMap::new();
    for (at, policy) in inventory.policies.iter().enumerate() {
        policy.bucket.iter().for_each(|name| named.entry(name).or_default().push(at));
    }
    for (name, policies) in named {
        let place = |file: FileId| (file, &*sources.get(file).path);
        let of = |policy: &Policy| (policy.file, &*sources.get(policy.file).path, form(policy));
        let files = policies.iter().map(|&at| of(&inventory.policies[at])).collect::<Vec<_>>();
        let homes = declared.get(name).map(Vec::as_slice).unwrap_or_default();
        let home_files = homes.iter().map(|&at| place(inventory.buckets[at].file)).collect::<Vec<_>>();
        let shared = alternatives::share(&home_files, &files);
        for (home, own) in homes.iter().zip(shared.declared) {
            buckets[*home].policies = own.into_iter().map(|at| policies[at]).collect();
        }
        for alone in shared.alone {
            let first = &inventory.policies[policies[alone[0]]];
            let span = first.bucket.as_ref().map_or(first.span, |name| name.span);
            let mut made = empty(first.file, span, name, sources);
            // a name as it is written tells more than none
            made.reference.name = made.reference.name.or_else(|| first.logical_id.is_none().then(|| name.to_string()));
            made.policies = alone.into_iter().map(|at| policies[at]).collect();
            buckets.push(made);
        }
    }
}

/// What a policy stands in: the policy that a command tells of is a string.
fn form(policy: &Policy) -> Form {
    match (&policy.logical_id, policy.text) {
        (Some(_), _) => Form::Template,
        (None, Some(_)) => Form::Output,
        (None, None) => Form::Document,
    }
}

/// Tells of the buckets without a policy which policies may be theirs.
fn leave_open(buckets: &mut [LinkedBucket], inventory: &Inventory, sources: &Sources) {
    // a bucket has one policy, and what is the policy of a declared bucket is no other's
    let declared = || buckets.iter().filter(|bucket| bucket.declared.is_some());
    let owned: BTreeSet<usize> = declared().flat_map(|bucket| bucket.policies.iter().copied()).collect();
    let waiting: Vec<usize> = (0..buckets.len()).filter(|&at| buckets[at].policies.is_empty()).collect();
    // a name that is known may be only of a bucket whose own is not
    let open: Vec<usize> = waiting.iter().copied().filter(|&at| is_open(&buckets[at].target.name)).collect();
    for (at, policy) in inventory.policies.iter().enumerate().filter(|(at, _)| !owned.contains(at)) {
        let may_be = |place: &usize| {
            let bucket = &buckets[*place];
            policy.bucket.as_ref().is_none_or(|name| may_name(name, bucket))
        };
        let among = if policy.bucket.as_ref().is_none_or(is_open) { &waiting } else { &open };
        let all: Vec<usize> = among.iter().copied().filter(may_be).collect();
        let near = |place: &usize| shared_folders(policy.file, buckets[*place].file, sources);
        let nearest = all.iter().filter(|place| buckets[**place].in_scope).map(near).max().unwrap_or(0);
        let chosen: Vec<usize> = all.iter().copied().filter(|place| near(place) >= nearest).collect();
        chosen.into_iter().for_each(|place| buckets[place].possible.push(at));
    }
    for (at, resource) in inventory.opaque.iter().enumerate() {
        let open: Vec<&Text> = resource.names.iter().filter(|name| name.as_known().is_none()).collect();
        let may_be = |bucket: &LinkedBucket| {
            // only what is in one template is near enough for a name that is not known
            resource.names.contains(&bucket.target.name)
                || bucket.file == resource.file && open.iter().any(|name| may_name(name, bucket))
        };
        let its: Vec<usize> = waiting.iter().copied().filter(|&place| may_be(&buckets[place])).collect();
        its.into_iter().for_each(|place| buckets[place].opaque.push(at));
    }
}

/// The one partition that a bucket's policies spell out in their resources, else in their principals; `aws` where they
/// spell none or several.
pub fn partition_of<'a>(documents: impl Iterator<Item = &'a Document>) -> SmolStr {
    let statements: Vec<_> = documents.flat_map(|document| &document.statements).collect();
    let resources = statements.iter().flat_map(|statement| &statement.resources.items);
    let principals = statements.iter().flat_map(|statement| &statement.principals).map(|principal| &principal.text);
    let spelled = |texts: &mut dyn Iterator<Item = &Text>| -> BTreeSet<SmolStr> {
        let partition = |text: &Text| text.strip_prefix("arn:")?.split_once(':')?.0.as_known().map(SmolStr::from);
        texts.filter_map(partition).filter(|name| PARTITIONS.contains(&name.as_str())).collect()
    };
    let mut all = spelled(&mut { resources });
    if all.is_empty() {
        all = spelled(&mut { principals });
    }
    if all.len() > 1 { SmolStr::new_static("aws") } else { all.pop_first().unwrap_or_else(|| SmolStr::new_static("aws")) }
}

/// The partitions of AWS.
const PARTITIONS: [&str; 8] = ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// Why the user has left a bucket out.
fn excluded(bucket: &BucketRef, wanted: &BucketGlobs) -> Option<String> {
    if let Some(glob) = wanted.excluded_by(bucket) {
        return Some(format!("excluded by `{glob}`"));
    }
    let among = wanted.include.is_empty() || wanted.included_by(bucket).is_some();
    (!among).then(|| "not among the included buckets".into())
}

/// Whether a bucket that is not left out is judged, and why.
fn judge(bucket: &LinkedBucket, inventory: &Inventory, receivers: &Named<'_>, wanted: &BucketGlobs) -> (bool, String) {
    if let Some(glob) = wanted.included_by(&bucket.reference) {
        return (true, format!("included by `{glob}`"));
    }
    match logs::received(bucket, inventory, receivers) {
        Some(logs) => (false, logs),
        None => (true, "not a log bucket".into()),
    }
}
