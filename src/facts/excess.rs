//! Facts about least privilege: one for each statement that grants the control account more than is required.

use super::Scene;
use super::access::statement;
use super::fact::Fact;
use crate::iam::caller::Requester;
use crate::iam::decide::Question;
use crate::iam::excess;
use crate::link::LinkedBucket;
use crate::syntax::node::Node;

/// The actions that the CDK's grant methods write, with and without its feature flags:
/// <https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-s3/lib/perms.ts>.
const CDK: [&str; 13] = [
    "s3:Abort*",
    "s3:DeleteObject*",
    "s3:GetBucket*",
    "s3:GetObject*",
    "s3:List*",
    "s3:PutObject",
    "s3:PutObject*",
    "s3:PutObjectAcl",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionTagging",
];

/// The `$.excess` facts of a bucket.
pub(super) fn facts(scene: &Scene<'_>, bucket: &LinkedBucket, requester: &Requester) -> Vec<Node> {
    let documents: Vec<_> = bucket.policies.iter().map(|&at| &scene.inventory.policies[at].document).collect();
    let question = Question { policies: &documents, target: &bucket.target, requester };
    let found = excess::excess(&question, &scene.profile.actions);
    let each = found.into_iter().map(|excess| {
        let statement = statement(documents[excess.policy], excess.statement);
        let patterns = statement.into_iter().flat_map(|statement| &statement.actions.items).map(ToString::to_string);
        let patterns: Vec<String> = patterns.collect();
        // what reaches other buckets is nothing the CDK writes
        let cdk = bucket.reference.construct.is_some()
            && excess.elsewhere.is_none()
            && patterns.iter().all(|pattern| CDK.contains(&pattern.as_str()));
        let wildcards: Vec<String> = patterns.into_iter().filter(|pattern| pattern.contains(['*', '?'])).collect();
        let grants = match excess.actions.as_slice() {
            [] => String::new(),
            actions if actions.len() <= SHOWN => actions.join(", "),
            actions => format!("{} and {} more actions", actions[..SHOWN].join(", "), actions.len() - SHOWN),
        };
        let whole = format!("arn:{}:iam::{}:root", bucket.target.partition, requester.account);
        let principal = if excess.identities.is_empty() { whole } else { excess.identities.join(", ") };
        let reaches = excess.elsewhere.as_ref().map(|arn| format!("other buckets such as {arn}"));
        let beyond: Vec<String> =
            [grants, reaches.clone().unwrap_or_default()].into_iter().filter(|text| !text.is_empty()).collect();
        Fact::at(excess.span)
            .bucket(bucket)
            .text("account", requester.account.as_str())
            .text("profile", scene.profile.name.as_str())
            .maybe("statement", statement.map(|statement| statement.title()))
            .number("count", excess.actions.len())
            .texts("actions", excess.actions)
            .texts("wildcards", wildcards)
            .flag("administration", excess.administration)
            .maybe("elsewhere", excess.elsewhere)
            .text("beyond", beyond.join(", and "))
            .maybe("grant_method", cdk.then(|| format!("grant methods of the CDK, for {principal}")))
            .text("principal", principal)
            .node()
    });
    each.collect()
}

/// Actions listed before the rest is counted.
const SHOWN: usize = 4;
