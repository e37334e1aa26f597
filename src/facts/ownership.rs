//! Facts about object ownership: one for each bucket that is declared or whose ownership a command's output tells.

use super::Scene;
use super::fact::Fact;
use super::reference;
use crate::edit::{Applicability, Fix};
use crate::link::LinkedBucket;
use crate::paste::Style;
use crate::syntax::node::Node;
use crate::text::Text;
use serde_json::json;

/// What is asked for.
const RIGHT: &str = "BucketOwnerEnforced";

/// The `$.ownership` facts.
pub(super) fn facts(scene: &Scene<'_>) -> Vec<Node> {
    let judged = scene.asked().filter(|bucket| bucket.declared.is_some() || told(scene, bucket).is_some());
    judged.map(|bucket| fact(scene, bucket)).collect()
}

/// What `get-bucket-ownership-controls` told, where the run is about one bucket only.
fn told<'a>(scene: &'a Scene<'_>, bucket: &LinkedBucket) -> Option<&'a Text> {
    let only = scene.index.in_scope == 1;
    scene.inventory.ownership.first().map(|output| &output.value).filter(|_| only && bucket.in_scope)
}

fn value<'a>(scene: &'a Scene<'_>, bucket: &LinkedBucket) -> Option<&'a Text> {
    let declared = bucket.declared.and_then(|at| scene.inventory.buckets[at].ownership.as_ref());
    declared.or_else(|| told(scene, bucket))
}

/// The declared value, `missing`, or `unknown`.
pub(super) fn word(scene: &Scene<'_>, bucket: &LinkedBucket) -> String {
    match value(scene, bucket) {
        Some(text) => text.as_known().map_or_else(|| "unknown".to_owned(), str::to_owned),
        None if bucket.declared.is_some() => "missing".into(),
        None => "unknown".into(),
    }
}

/// Whether S3 refuses a bucket with this ACL and this ownership. Where none is declared, new buckets have no ACLs either.
/// ACLs that grant to the bucket's owner alone are ignored by S3
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>), while CloudFormation's page has it that all
/// but `Private` fail (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html>).
fn conflicts(acl: &str, ownership: &str) -> bool {
    [RIGHT, "missing"].contains(&ownership) && !["Private", "BucketOwnerRead", "BucketOwnerFullControl"].contains(&acl)
}

fn fact(scene: &Scene<'_>, bucket: &LinkedBucket) -> Node {
    let value = value(scene, bucket);
    let controls = json!({ "Rules": [{ "ObjectOwnership": RIGHT }] });
    let declared = bucket.declared.map(|at| &scene.inventory.buckets[at]);
    let body = declared.map_or(bucket.span, |bucket| bucket.body);
    let style = Style::of(scene.sources.get(body.file));
    let whole = json!({ "OwnershipControls": controls });
    let of_terraform = declared.and_then(|bucket| style.hcl_ownership(&bucket.logical_id, RIGHT));
    let (into, paste, edit) = if let Some(resource) = of_terraform {
        ("the module of the bucket", resource, None)
    } else if style.is_call(body) {
        ("each mapping that Properties may be", style.alone(&whole), None)
    } else if declared.is_none_or(|bucket| bucket.has_properties) {
        (
            "Properties",
            style.property("OwnershipControls", &controls, body),
            style.property_edit("OwnershipControls", &controls, body),
        )
    } else {
        ("the bucket", style.property("Properties", &whole, body), style.property_edit("Properties", &whole, body))
    };
    let acl = bucket.declared.and_then(|at| scene.inventory.buckets[at].acl.as_ref());
    let span = value.map_or(bucket.span, Text::place);
    let why = value.and_then(|value| value.symbols().next()).map(|symbol| symbol.why.clone());
    let whole = value.and_then(|value| value.replaced(RIGHT)).unwrap_or_else(|| RIGHT.into());
    let written = Style::of(scene.sources.get(span.file)).value_edit(&json!(whole), span);
    // of what a resource for another bucket may set nothing stands here
    let elsewhere = value.and_then(Text::as_symbol).is_some_and(|symbol| symbol.shown == "${…}");
    let write = match declared.filter(|_| elsewhere).and_then(|bucket| style.hcl_ownership(&bucket.logical_id, RIGHT)) {
        Some(resource) => format!("\n{resource}"),
        None => written.text.clone(),
    };
    let edit = if value.is_some() { Some(written) } else { edit };
    // what a command told is no place to change
    let edit = edit.filter(|_| declared.is_some());
    // nor is a value that others may use
    let edit = edit.filter(|_| value.is_none_or(|value| value.place() == value.span));
    // where no ACL is in use nobody loses anything
    let policies = bucket.policies.iter().map(|&at| &scene.inventory.policies[at].document);
    let mut keys = policies.flat_map(|document| &document.statements).flat_map(|one| &one.conditions).map(|test| &test.key);
    let asks = keys.any(|key| ["s3:x-amz-acl", "s3:x-amz-grant"].iter().any(|acl| key.to_ascii_lowercase().starts_with(acl)));
    let uses_acls = acl.is_some() || bucket.excluded || asks;
    let applicability = if uses_acls { Applicability::Unsafe } else { Applicability::Safe };
    let mut fact = value
        .map_or_else(|| Fact::at(bucket.span), Fact::on)
        .bucket(bucket)
        .flag("excluded", bucket.excluded)
        .text("value", word(scene, bucket))
        .flag("explained", value.is_some_and(|value| reference::breaks_text(scene, value)))
        .flag("required", scene.profile.owned)
        .maybe("reason", why)
        .text("into", into)
        .text("write", write)
        .text("paste", paste)
        .fix(edit.map(|edit| Fix::new(applicability, edit)));
    let conflict = acl.and_then(|acl| acl.as_known()).is_some_and(|acl| conflicts(acl, &word(scene, bucket)));
    if let Some(acl) = acl {
        let inner = Fact::at(acl.span).bucket(bucket).flag("excluded", bucket.excluded);
        let inner =
            inner.text("value", acl.to_string()).flag("known", acl.as_known().is_some()).text("ownership", word(scene, bucket));
        let which = if value.is_some() { "BucketOwnerEnforced" } else { "BucketOwnerEnforced, the default of new buckets," };
        fact = fact.inner("acl", inner.flag("conflict", conflict).text("which", which));
    }
    fact.flag("acl_conflict", conflict).node()
}
