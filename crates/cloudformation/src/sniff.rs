//! Tells from content what a file is.

use crate::cfn::function::call;
use bucketlint_text::syntax::embedded::parse_embedded;
use bucketlint_text::syntax::node::{Entry, Node, Value};

mod broken;
mod lost;
mod policy;

pub use broken::{looks_like_ours, templated, unfilled};
pub use lost::{LostPolicy, lost_policy};

/// What a document is to us.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A CloudFormation, SAM or CDK template.
    Template,
    /// A resource policy on its own.
    Policy,
    /// Output of `aws s3api get-bucket-policy`: the policy is a JSON string, the whole of the output with `--query Policy`.
    WrappedPolicy,
    /// Output of `aws cloudtrail get-event-selectors`.
    EventSelectors,
    /// Output of `aws s3api get-bucket-ownership-controls`.
    Ownership,
    /// All that a root module of Terraform or OpenTofu deploys.
    Terraform,
}

impl Kind {
    /// The word used in facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Policy | Self::WrappedPolicy => "policy",
            Self::EventSelectors => "event-selectors",
            Self::Ownership => "ownership-controls",
            Self::Terraform => "terraform",
        }
    }
}

/// What a document turned out to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// One of ours.
    Ours(Kind),
    /// A policy of something else than a bucket, in words: `a policy of KMS`.
    Foreign(String),
    /// Nothing that is known here.
    Unknown,
}

/// Where commands of AWS give a policy as a string; only the first may be a bucket's.
const WRAPPED: [&[&str]; 6] =
    [&["Policy"], &["Attributes", "Policy"], &["policyText"], &["ResourcePolicy"], &["policy"], &["StackPolicyBody"]];

/// What the document with this root is; `text` is that of its file.
pub fn find(root: &Node, text: &str) -> Found {
    if root.as_str().is_some() {
        return unwrap(root, true, text);
    }
    if is_template(root) {
        return Found::Ours(Kind::Template);
    }
    if let Some(statements) = root.get("Statement").filter(|list| has_principal(list)) {
        return policy::other(statements).map_or(Found::Ours(Kind::Policy), Found::Foreign);
    }
    let selectors = ["EventSelectors", "AdvancedEventSelectors"].iter().any(|key| root.get(key).is_some());
    if selectors && root.get("TrailARN").is_some() {
        return Found::Ours(Kind::EventSelectors);
    }
    if root.path(&["OwnershipControls", "Rules"]).is_some() {
        return Found::Ours(Kind::Ownership);
    }
    let wrapped = WRAPPED.iter().find_map(|path| Some((path, root.path(path)?)));
    wrapped.map_or(Found::Unknown, |(path, policy)| unwrap(policy, path == &WRAPPED[0], text))
}

/// What a policy in a string is.
fn unwrap(policy: &Node, may_be_ours: bool, text: &str) -> Found {
    let Some(inner) = policy.as_str().filter(|inner| inner.trim_start().starts_with('{') && inner.contains("Statement")) else {
        return Found::Unknown;
    };
    let root = parse_embedded(policy, text).root;
    let other = match root.as_ref().and_then(|root| root.get("Statement")) {
        Some(statements) => policy::other(statements),
        None => return if may_be_ours && looks_like_ours(inner) { Found::Ours(Kind::WrappedPolicy) } else { Found::Unknown },
    };
    match other {
        Some(what) => Found::Foreign(what),
        None if may_be_ours => Found::Ours(Kind::WrappedPolicy),
        None => Found::Unknown,
    }
}

fn is_template(root: &Node) -> bool {
    if root.get("AWSTemplateFormatVersion").is_some() {
        return true;
    }
    let Some(resources) = root.get("Resources") else { return false };
    let typed = |entry: &Entry| {
        let kind = entry.value.get("Type");
        // a module's type is a function of Rain
        kind.and_then(Node::as_str).is_some_and(|kind| kind.contains("::")) || kind.is_some_and(|kind| call(kind).is_some())
    };
    // loops and inclusions make resources too
    let made = |entry: &Entry| match &entry.value.value {
        Value::Seq(_) => entry.key.text.starts_with("Fn::ForEach::"),
        Value::Map(_) => entry.key.text == "Fn::Transform",
        _ => false,
    };
    resources.entries().iter().any(|entry| typed(entry) || made(entry))
}

/// A list of statements of which one names a principal; identity policies name none.
fn has_principal(list: &Node) -> bool {
    let list = match list.value {
        Value::Seq(_) | Value::Map(_) => list.one_or_many(),
        _ => return false,
    };
    list.iter().any(|statement| statement.get("Principal").or(statement.get("NotPrincipal")).is_some())
}

/// Words of which every file of ours has one; a file without any is not parsed.
const MARKS: [&str; 5] = ["Resources", "AWSTemplateFormatVersion", "Statement", "EventSelectors", "OwnershipControls"];

/// Whether a text may be ours at all.
pub fn may_be_ours(text: &str) -> bool {
    MARKS.iter().any(|mark| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bucketlint_text::syntax::testing::tree;

    fn found(text: &str) -> Found {
        find(&tree(text), text)
    }

    #[test]
    fn files_are_known_by_what_they_hold() {
        for (text, kind) in [
            (r#"{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}"#, Kind::Template),
            ("AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n", Kind::Template),
            ("Resources:\n  Fn::ForEach::Each: [A, [B], {'${A}': {Type: AWS::S3::Bucket}}]\n", Kind::Template),
            ("Resources: {'Fn::Transform': {Name: Mine}}", Kind::Template),
            ("Resources: {Site: {Type: !Rain::Module site.yaml}}", Kind::Template),
            (r#"{"Statement": {"Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::lab"}}"#, Kind::Policy),
            (
                r#"{"Policy": "{\"Statement\": [{\"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::lab\"}]}"}"#,
                Kind::WrappedPolicy,
            ),
            (r#"{"Policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Resource\": \"arn:aws:s3:::lab\""}"#, Kind::WrappedPolicy),
            (r#""{\"Statement\": [{\"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::lab\"}]}""#, Kind::WrappedPolicy),
            (r#"'{"Statement": [{"Effect": "Allow", "Resource": "arn:aws:s3:::lab"'"#, Kind::WrappedPolicy),
            (r#"{"TrailARN": "arn", "EventSelectors": []}"#, Kind::EventSelectors),
            (r#"{"OwnershipControls": {"Rules": []}}"#, Kind::Ownership),
        ] {
            assert_eq!(found(text), Found::Ours(kind), "{text}");
        }
        for text in [
            r#"{"Statement": [{"Effect": "Allow", "Action": "*"}]}"#,
            r#"{"Policy": {"Name": "Statement"}}"#,
            "Statement of {the} year",
            r#"{"policyText": "{\"Statement\": [{\"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::lab\"}]}"}"#,
            r#"{"name": "left-pad", "Resources": {"a": 1}}"#,
        ] {
            assert_eq!(found(text), Found::Unknown, "{text}");
        }
    }

    #[test]
    fn policies_of_other_services_are_told_from_ours_in_every_wrapping() {
        for (service, text) in [
            ("KMS", r#"{"Statement": {"Principal": "*", "Action": "kms:*", "Resource": "*"}}"#),
            ("KMS", r#"{"Policy": "{\"Statement\": [{\"Action\": \"kms:*\"}]}", "PolicyName": "default"}"#),
            ("SQS", r#"{"Attributes": {"Policy": "{\"Statement\": [{\"Action\": \"SQS:*\"}]}"}}"#),
            ("ECR", r#"{"policyText": "{\"Statement\": [{\"Action\": \"ecr:*\"}]}", "registryId": "1"}"#),
            ("Secrets Manager", r#"{"ResourcePolicy": "{\"Statement\": [{\"Action\": \"secretsmanager:*\"}]}"}"#),
            ("CloudFormation", r#"{"StackPolicyBody": "{\"Statement\": [{\"Action\": \"Update:*\"}]}"}"#),
        ] {
            assert!(matches!(found(text), Found::Foreign(what) if what.ends_with(service)), "{text}");
        }
    }
}
