//! Keys, their aliases, and what buckets encrypt with by default.

use super::{Inventory, followed_text};
use crate::cfn::document::policy_of;
use crate::cfn::resolve::Resolver;
use crate::cfn::template::{Resource, Template};
use crate::iam::document::Document;
use crate::resolve::{Followed, Resolve};
use crate::source::{FileId, Span};
use crate::syntax::parse::ProblemKind;
use crate::text::Text;
use smol_str::SmolStr;

/// A bucket's default encryption:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-s3-bucket-serversideencryptionbydefault.html>.
#[derive(Clone, Debug)]
pub struct Encryption {
    /// `SSEAlgorithm`: `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub algorithm: Text,
    /// `KMSMasterKeyID`.
    pub key: Option<Text>,
    /// `BucketKeyEnabled`, off where it is not written; `None` where it is not known.
    pub bucket_key: Option<bool>,
}

/// An `AWS::KMS::Key` or `AWS::KMS::ReplicaKey`.
#[derive(Clone, Debug)]
pub struct Key {
    /// The file that declares it.
    pub file: FileId,
    /// Its logical ID.
    pub logical_id: SmolStr,
    /// Where the logical ID is written.
    pub span: Span,
    /// What `Ref` gives.
    pub id: Text,
    /// Its ARN.
    pub arn: Text,
    /// `KeyPolicy`; without one the key has the default policy, which grants to its own account only.
    pub policy: Option<Document>,
    /// Whether that is a string that cannot be parsed.
    pub unparsed: bool,
    /// What S3 cannot use it for: the value, where it stands, and why.
    pub unusable: Option<(Text, &'static str)>,
}

/// The properties of a key that S3 asks for, with the value that each has to have and has where it is not written, and why.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kms-key.html>
const USABLE: [(&str, &str, &str); 3] = [
    ("Enabled", "true", "is switched off, so that every request that needs it fails"),
    ("KeySpec", "SYMMETRIC_DEFAULT", "is not symmetric, and S3 encrypts with symmetric keys only"),
    ("KeyUsage", "ENCRYPT_DECRYPT", "is not for encryption, and S3 encrypts with symmetric keys for it only"),
];

/// What S3 cannot use a key for whose properties have these texts.
pub(super) fn unusable(text: &dyn Fn(&str) -> Option<Text>) -> Option<(Text, &'static str)> {
    USABLE.iter().find_map(|(property, needed, why)| {
        let value = text(property)?;
        // truth may be written in capitals
        let other = |known: &str| if *property == "Enabled" { known.eq_ignore_ascii_case("false") } else { known != *needed };
        value.as_known().is_some_and(other).then_some((value, *why))
    })
}

/// An `AWS::KMS::Alias`.
#[derive(Clone, Debug)]
pub struct Alias {
    /// The file that declares it.
    pub file: FileId,
    /// `AliasName`: `alias/…`.
    pub name: Text,
    /// `TargetKeyId`: the ID or ARN of a key.
    pub target: Text,
}

/// The default encryption that a bucket declares; the first rule decides.
pub(super) fn encryption(resolver: &Resolver<'_>, resource: Resource<'_>) -> Option<Encryption> {
    let unknown = |followed| Some(Encryption { algorithm: followed_text(resolver, followed), key: None, bucket_key: None });
    let settings = match resolver.member(resource.properties()?, "BucketEncryption")? {
        Followed::Node(settings) => settings,
        other => return unknown(other),
    };
    let rule = match resolver.list(settings.get("ServerSideEncryptionConfiguration")?).into_iter().next()? {
        Followed::Node(rule) => rule,
        other => return unknown(other),
    };
    let default = match resolver.member(rule, "ServerSideEncryptionByDefault")? {
        Followed::Node(default) => default,
        other => return unknown(other),
    };
    let text = |key: &str| resolver.member(default, key).map(|value| followed_text(resolver, value));
    let bucket_key = match resolver.member(rule, "BucketKeyEnabled") {
        None => Some(false),
        Some(value) => match followed_text(resolver, value).as_known() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        },
    };
    Some(Encryption { algorithm: text("SSEAlgorithm")?, key: text("KMSMasterKeyID"), bucket_key })
}

impl Inventory {
    pub(super) fn key(&mut self, template: &Template<'_>, resolver: &Resolver<'_>, resource: Resource<'_>, source: &str) {
        let (policy, problems) = policy_of(resource, "KeyPolicy", resolver, source).unzip();
        let problems = problems.unwrap_or_default();
        self.keys.push(Key {
            file: template.file,
            logical_id: resource.id.text.clone(),
            span: resource.id.span,
            id: resolver.reference(&resource.id.text, resource.id.span),
            arn: resolver.attribute(&resource.id.text, "Arn", resource.id.span),
            policy,
            unparsed: problems.iter().any(|problem| problem.kind == ProblemKind::Syntax),
            unusable: unusable(&|property| Some(followed_text(resolver, resolver.member(resource.properties()?, property)?))),
        });
        self.problems.extend(problems);
    }

    pub(super) fn alias(&mut self, template: &Template<'_>, resolver: &Resolver<'_>, resource: Resource<'_>) {
        let text = |key: &str| resource.property(key).map(|value| resolver.text(value));
        if let (Some(name), Some(target)) = (text("AliasName"), text("TargetKeyId")) {
            self.aliases.push(Alias { file: template.file, name, target });
        }
    }
}
