//! What there is in a repository that its settings hang on.

use crate::buckets::BucketGlobs;
use crate::cfn::given::Given;
use crate::finding::BucketRef;
use crate::iam::principal::PrincipalKind;
use crate::inventory::{self, Inventory};
use crate::link::{LinkedBucket, link};
use crate::load::{Input, load};
use crate::parameters;
use crate::profile::{self, Profile};
use crate::run::grants;
use crate::source::FileId;
use crate::syntax::node::Node;
use crate::syntax::parse::parse;
use crate::walk;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What was seen.
#[derive(Default)]
pub(super) struct Survey {
    /// How many files of ours there are.
    pub(super) files: usize,
    /// Names of the buckets in scope, or else their logical IDs.
    pub(super) buckets: Vec<String>,
    /// How many trails and event data stores there are.
    pub(super) trails: usize,
    /// The accounts that policies grant required actions to, and how many, the most first.
    pub(super) accounts: Vec<(String, usize)>,
    /// ARNs of the roles that policies grant to.
    pub(super) roles: BTreeSet<String>,
    /// Files with parameter values, relative to the directory.
    pub(super) parameters: Vec<String>,
}

impl Survey {
    /// Looks at the `inputs` from `dir`.
    pub(super) fn of(dir: &Path, inputs: Vec<Input>) -> Self {
        let mut parameters: Vec<String> =
            inputs.iter().filter(|input| has_parameters(input)).map(|input| below(dir, &input.shown)).collect();
        if dir.join("samconfig.toml").is_file() {
            parameters.push("samconfig.toml".to_owned());
        }
        let mut loaded = load(inputs);
        inventory::expand_all(&mut loaded.models, &loaded.sources, &Given::default());
        let inventory = inventory::collect(&loaded.models, &loaded.sources, None, &BTreeMap::new());
        let buckets = link(&inventory, &loaded.sources, &BucketGlobs::default(), None);
        Self {
            files: loaded.models.len(),
            buckets: names(&buckets),
            trails: inventory.trails.len(),
            accounts: accounts(&inventory, &buckets),
            roles: roles(&inventory),
            parameters,
        }
    }

    /// The account that gets more grants than any other.
    pub(super) fn likely(&self) -> Option<&str> {
        match self.accounts.as_slice() {
            [(first, most), (_, next), ..] if most > next => Some(first),
            [(only, _)] => Some(only),
            _ => None,
        }
    }

    /// `3 buckets and 1 trail in 2 files`.
    pub(super) fn seen(&self) -> String {
        let count = |many: usize, what: &str| format!("{many} {what}{}", if many == 1 { "" } else { "s" });
        format!("{} and {} in {}", count(self.buckets.len(), "bucket"), count(self.trails, "trail"), count(self.files, "file"))
    }
}

fn names(buckets: &[LinkedBucket]) -> Vec<String> {
    let name = |bucket: &BucketRef| bucket.name.clone().or(bucket.logical_id.clone());
    let names: BTreeSet<String> =
        buckets.iter().filter(|bucket| bucket.in_scope).filter_map(|bucket| name(&bucket.reference)).collect();
    names.into_iter().collect()
}

fn accounts(inventory: &Inventory, buckets: &[LinkedBucket]) -> Vec<(String, usize)> {
    let root = parse(FileId(0), profile::builtin(profile::DEFAULT).unwrap_or_default()).root.unwrap_or_default();
    let actions = Profile::read(profile::DEFAULT, &root).unwrap_or_default().actions;
    let mut accounts: Vec<(String, usize)> =
        grants(inventory, buckets, &actions).into_iter().map(|(account, count)| (account.to_owned(), count)).collect();
    accounts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    accounts
}

fn roles(inventory: &Inventory) -> BTreeSet<String> {
    let statements = inventory.policies.iter().flat_map(|policy| &policy.document.statements);
    let principals = statements.flat_map(|statement| &statement.principals);
    let role = |kind: &PrincipalKind| matches!(kind, PrincipalKind::Identity { resource, .. } if resource.as_known().is_some_and(|text| text.starts_with("role/")));
    principals
        .filter(|principal| role(&principal.kind))
        .filter_map(|principal| Some(principal.text.as_known()?.to_owned()))
        .collect()
}

/// Whether a file is a list of parameters as `aws cloudformation` or CodePipeline take it. A mapping of names to values
/// could be anything.
fn has_parameters(input: &Input) -> bool {
    let Some(text) = input.bytes.as_ref().ok().and_then(|bytes| std::str::from_utf8(bytes).ok()) else { return false };
    if !text.contains("ParameterKey") && !text.contains("Parameters") {
        return false;
    }
    let Some(root) = parse(FileId(0), text).root else { return false };
    let listed = root.items().iter().any(|item| item.get("ParameterKey").is_some());
    let scalars =
        |node: &Node| !node.entries().is_empty() && node.entries().iter().all(|entry| entry.value.scalar_text().is_some());
    let mapped = root.get("Parameters").is_some_and(scalars);
    (listed || mapped) && parameters::read(&root, text, None).is_ok()
}

/// A path as shown, relative to `dir`.
fn below(dir: &Path, shown: &str) -> String {
    let dir = walk::shown(dir);
    shown.strip_prefix(&dir).and_then(|rest| rest.strip_prefix('/')).unwrap_or(shown).to_owned()
}
