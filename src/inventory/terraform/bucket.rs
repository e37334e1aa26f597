//! A bucket with the settings that are resources of their own.

use super::super::{Bucket, Encryption, PublicAccess};
use super::{Resource, Resources, first, member};
use crate::iam::resource::same;
use crate::resolve::{Plain, Resolve, Unknown};
use crate::syntax::node::Node;
use crate::text::Text;
use crate::trail::selector::{Ternary, ternary};

/// What a resource for a bucket sets, or why that is not known.
enum Setting<'n> {
    Set(Resource<'n>),
    Unknown(Unknown),
}

/// The bucket that a resource declares.
pub(super) fn read(resource: Resource<'_>, all: &Resources<'_>) -> Bucket {
    let name = resource.own("name");
    let setting = |kind: &'static str| setting(kind, resource, &name, all);
    Bucket {
        file: resource.file,
        logical_id: resource.address(),
        span: resource.span(),
        body: resource.node.span,
        has_properties: true,
        ownership: setting("aws_s3_bucket_ownership_controls").and_then(|found| {
            of(found, |controls| {
                let rule = controls.block("rule")?;
                Some(rule.get("object_ownership").map_or_else(|| Plain.text(rule), |value| Plain.text(value)))
            })
        }),
        acl: setting("aws_s3_bucket_acl")
            .and_then(|found| of(found, |acl| acl.text("acl").or_else(|| acl.text("access_control_policy"))))
            .or_else(|| resource.text("acl"))
            .map(canned),
        versioning: setting("aws_s3_bucket_versioning")
            .and_then(|found| of(found, |one| Some(Plain.text(one.block("versioning_configuration")?.get("status")?)))),
        construct: None,
        encryption: match setting("aws_s3_bucket_server_side_encryption_configuration") {
            Some(Setting::Set(own)) => own.block("rule").and_then(encryption),
            Some(Setting::Unknown(unknown)) => Some(Encryption { algorithm: unknown.text(), key: None, bucket_key: None }),
            None => {
                let inline = resource.block("server_side_encryption_configuration");
                inline.and_then(|inline| first(inline.get("rule")?)).and_then(encryption)
            }
        },
        tag_filter: None,
        tags: None,
        public_access: setting("aws_s3_bucket_public_access_block").map(public_access),
        place: resource.place(),
        doubts: resource.doubts(),
        partition: resource.partition(),
        condition: None,
        macros: None,
        name,
    }
}

/// The last resource of `kind` that is about the bucket; else one that may be. One of which it is not known whether it is
/// there does not count unless the bucket is there only with it.
fn setting<'n>(kind: &'static str, bucket: Resource<'n>, name: &Text, all: &Resources<'n>) -> Option<Setting<'n>> {
    let own = all.of(kind).filter(|one| one.bucket() == *name).last();
    if let Some(own) = own {
        let others = bucket.doubts();
        let doubt = own.doubts().into_iter().find(|doubt| doubt.remains(&others));
        return Some(doubt.map_or(Setting::Set(own), |doubt| Setting::Unknown(doubt.unknown)));
    }
    let declared = |one: &Text| all.of("aws_s3_bucket").any(|bucket| bucket.own("name") == *one);
    let open = all.of(kind).find(|one| {
        let own = one.bucket();
        !declared(&own) && same(&own, name).is_none()
    });
    let symbol = open.and_then(|open| Some((open.span(), open.bucket().symbols().next()?.why.clone())));
    // of a key that may be there nothing is said: that a file cannot be read is told
    let matters = ["aws_s3_bucket_ownership_controls", "aws_s3_bucket_public_access_block"].contains(&kind);
    let lost = || all.lost.first().filter(|_| matters).and_then(|lost| Some((lost.span, lost.as_hidden()?.why.clone())));
    symbol.or_else(lost).map(|(at, why)| Setting::Unknown(Unknown { at, why }))
}

fn of<'n>(setting: Setting<'n>, read: impl Fn(Resource<'n>) -> Option<Text>) -> Option<Text> {
    match setting {
        Setting::Set(resource) => read(resource),
        Setting::Unknown(unknown) => Some(unknown.text()),
    }
}

/// A canned ACL as CloudFormation calls it: `log-delivery-write` is `LogDeliveryWrite`.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl>
fn canned(acl: Text) -> Text {
    let Some(known) = acl.as_known() else { return acl };
    let word = |word: &str| word.chars().next().map(|first| first.to_uppercase().to_string() + &word[first.len_utf8()..]);
    let words: String = known.split('-').filter_map(word).collect();
    Text::known(acl.span, words)
}

/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_server_side_encryption_configuration>
fn encryption(rule: &Node) -> Option<Encryption> {
    let Some(default) = rule.get("apply_server_side_encryption_by_default") else {
        let unknown = rule.as_hidden()?;
        let unknown = Unknown { at: rule.span, why: unknown.why.clone() };
        return Some(Encryption { algorithm: unknown.text(), key: None, bucket_key: None });
    };
    let default = first(default)?;
    let bucket_key = match rule.get("bucket_key_enabled") {
        Some(value) => value.truth(),
        None => Some(false),
    };
    let key = member(default, "kms_master_key_id").filter(|key| key.as_known() != Some(""));
    Some(Encryption { algorithm: member(default, "sse_algorithm")?, key, bucket_key })
}

/// Each setting is off where it is left out.
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_public_access_block>
fn public_access(setting: Setting<'_>) -> PublicAccess {
    match setting {
        Setting::Set(resource) => {
            let read = |name: &str| ternary(resource.argument(name), Ternary::No(resource.node.span), &Plain);
            PublicAccess { block: read("block_public_policy"), restrict: read("restrict_public_buckets") }
        }
        Setting::Unknown(unknown) => {
            let open = || Ternary::Unknown { why: unknown.why.to_string(), at: unknown.at };
            PublicAccess { block: open(), restrict: open() }
        }
    }
}
