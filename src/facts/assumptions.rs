//! What was taken for granted about a bucket.

use super::{Scene, kms, own_account};
use crate::iam::assumed;
use crate::iam::own;
use crate::iam::principal;
use crate::link::LinkedBucket;
use crate::source::FileId;
use crate::text::SymbolKind;

/// All of it, in sentences.
pub(super) fn of(scene: &Scene<'_>, bucket: &LinkedBucket, accounts: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    let documents = bucket.policies.iter().map(|&at| &scene.inventory.policies[at].document);
    let statements = documents.clone().flat_map(|document| &document.statements);
    let key = kms::policy_of(scene, bucket).into_iter().flat_map(|document| &document.statements);
    if statements.clone().chain(key).any(own::is_named) {
        out.push("the account it is deployed to is not the control account".into());
    }
    let own = accounts.iter().filter(|account| own_account::is_in(scene, bucket, account));
    out.extend(own.map(|account| own_account::assumption(bucket, account)));
    for statement in statements {
        for taken in accounts.iter().flat_map(|account| assumed::all(statement, account)) {
            let whose = if taken.as_symbol().is_some() || principal::root_of(taken).is_some() { "" } else { "of " };
            out.push(format!("`{taken}` in {} is {whose}the control account", statement.title()));
        }
        let tests = statement.conditions.iter().map(|test| test.key.to_ascii_lowercase());
        if tests.into_iter().any(|key| key == "aws:securetransport" || key == "s3:tlsversion") {
            out.push("requests use TLS 1.2 or newer".into());
        }
    }
    let mentions_partition = documents.flat_map(|document| &document.statements).flat_map(|statement| &statement.resources.items);
    if mentions_partition.into_iter().any(|text| text.symbols().any(|symbol| symbol.kind == SymbolKind::Partition)) {
        out.push(format!("the partition is `{}`", bucket.target.partition));
    }
    let policies = bucket.policies.iter().map(|&at| scene.inventory.policies[at].file);
    let files: Vec<FileId> = policies.chain([bucket.span.file]).collect();
    for (file, name) in scene.inventory.macros.iter().filter(|(file, _)| files.contains(file)) {
        out.push(format!("macro `{name}` leaves buckets and policies of {} as they are", scene.sources.get(*file).path));
    }
    if let Some(other) = namesake(scene, bucket) {
        let name = &bucket.target.name;
        out.push(format!("the policy of bucket `{name}` is its own as much as that of {other}, which has that name too"));
    }
    out.sort();
    out.dedup();
    out
}

/// Another declared bucket with the same policy, as `Data in data.yaml`.
fn namesake(scene: &Scene<'_>, bucket: &LinkedBucket) -> Option<String> {
    bucket.declared?;
    let other = scene.index.namesake(bucket)?;
    let id = other.reference.logical_id.as_deref().unwrap_or_default();
    Some(format!("{id} in {}", other.reference.file))
}
