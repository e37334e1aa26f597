//! Whose policy a document on its own is: a bucket's names a bucket or objects of one, which S3 asks of it.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html>

use bucketlint_aws::iam::services::is_service;
use bucketlint_text::syntax::node::Node;
use smol_str::{SmolStr, ToSmolStr};

/// What one value of a policy speaks for.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Sign {
    /// A bucket policy.
    Bucket,
    /// The policy of something else, by the prefix of its service or [`ACCESS_POINT`].
    Other(SmolStr),
    /// Any policy, as `*` does.
    Any,
    /// It cannot be told: a placeholder, or a mistake.
    Open,
}

/// Stands for what has an ARN of S3 and is no bucket.
const ACCESS_POINT: &str = "accesspoint";

/// How ARNs of S3 that are no bucket's go on behind the account.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
const NO_BUCKETS: [&str; 5] = [ACCESS_POINT, "job/", "storage-lens", "access-grants", "async-request/"];

/// What policies are called whose service does not tell it by its prefix.
const CALLED: [(&str, &str); 12] = [
    ("sts", "the trust policy of a role"),
    ("update", "a stack policy of CloudFormation"),
    (ACCESS_POINT, "the policy of an S3 access point"),
    ("kms", "a policy of KMS"),
    ("sns", "a policy of SNS"),
    ("sqs", "a policy of SQS"),
    ("ecr", "a policy of ECR"),
    ("events", "a policy of EventBridge"),
    ("lambda", "a policy of Lambda"),
    ("execute-api", "a policy of API Gateway"),
    ("secretsmanager", "a policy of Secrets Manager"),
    ("es", "a policy of OpenSearch Service"),
];

/// What the policy with these statements is, if it is no bucket's: `a policy of KMS`.
pub(super) fn other(statements: &Node) -> Option<String> {
    let statements = statements.one_or_many();
    // an element that is misspelt is a mistake in the policy, and tells the same
    let of = |element: &str, sign: fn(&str) -> Sign| -> Vec<Sign> {
        let is = |key: &str| key.to_ascii_lowercase().trim_start_matches("not").starts_with(element);
        let values = statements.iter().flat_map(Node::entries).filter(|entry| is(&entry.key.text));
        values.flat_map(|entry| strings(&entry.value)).map(|text| sign(text.trim())).collect()
    };
    let (resources, actions) = (of("resource", resource), of("action", action));
    let may_be = |sign: &Sign| !matches!(sign, Sign::Other(_));
    let is_bucket = resources.contains(&Sign::Bucket)
        || resources.contains(&Sign::Open) && (actions.is_empty() || actions.iter().any(may_be))
        || resources.is_empty() && actions.contains(&Sign::Bucket);
    (!is_bucket && !statements.is_empty()).then(|| called(actions.into_iter().chain(resources)))
}

/// Every string in a value, those in functions included.
fn strings(node: &Node) -> Vec<&str> {
    let inner = node.entries().iter().map(|entry| &entry.value).chain(node.items());
    node.as_str().into_iter().chain(inner.flat_map(strings)).collect()
}

fn resource(text: &str) -> Sign {
    if text.trim_matches(['*', '?']).is_empty() {
        return Sign::Any;
    }
    let fields = fields(text);
    let service = match fields.as_slice() {
        ["arn", "s3", ..] | ["s3", _, ..] => return Sign::Bucket,
        ["arn", _, service, ..] => service.to_ascii_lowercase(),
        [prefix, _, ..] => prefix.to_ascii_lowercase(),
        _ => return Sign::Open,
    };
    if service != "s3" {
        return if is_service(&service) { Sign::Other(service.into()) } else { Sign::Open };
    }
    let is_owned = fields.get(3..5).is_some_and(|owner| owner.iter().any(|field| !field.is_empty()));
    let what = fields.get(5).copied().unwrap_or_default();
    match is_owned && NO_BUCKETS.iter().any(|no_bucket| what.starts_with(no_bucket)) {
        true => Sign::Other(SmolStr::new_static(ACCESS_POINT)),
        false => Sign::Bucket,
    }
}

/// `Update:*` is what stack policies are about:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html>
fn action(text: &str) -> Sign {
    let Some((prefix, _)) = text.split_once(':') else {
        return if text.trim_matches('*').is_empty() { Sign::Any } else { Sign::Open };
    };
    match prefix.to_ascii_lowercase().as_str() {
        "s3" => Sign::Bucket,
        prefix if prefix == "update" || is_service(prefix) => Sign::Other(prefix.to_smolstr()),
        _ => Sign::Open,
    }
}

/// The parts between colons; those of a placeholder, such as `${AWS::Partition}`, count not.
fn fields(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let separates = |letter| {
        match letter {
            '{' | '<' => depth += 1,
            '}' | '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ':' && depth == 0
    };
    text.split(separates).collect()
}

fn called(signs: impl Iterator<Item = Sign>) -> String {
    let mut services: Vec<SmolStr> = Vec::new();
    for sign in signs {
        if let Sign::Other(service) = sign
            && !services.contains(&service)
        {
            services.push(service);
        }
    }
    let own = |service: &SmolStr| CALLED.iter().find(|(known, _)| *known == service).map(|(_, called)| (*called).to_owned());
    match services.as_slice() {
        [] => "a policy that names no bucket, as that of an endpoint or an organization".into(),
        [first, ..] => own(first).unwrap_or_else(|| format!("a policy of `{first}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bucketlint_text::syntax::testing::tree;

    fn of(statements: &str) -> Option<String> {
        other(&tree(statements))
    }

    #[test]
    fn a_bucket_policy_names_a_bucket_or_may() {
        for statement in [
            "{Action: 's3:*', Resource: 'arn:aws:s3:::lab-raw'}",
            "{Action: [kms:Decrypt], Resource: ['arn:aws:s3:::lab-raw/*']}",
            "{Action: '*', Resource: 'arn:${AWS::Partition}:s3:::${Bucket}/*'}",
            "{Action: '*', NotResource: 'ARN:aws:S3:::lab-raw/*'}",
            "{Action: 's3:GetObject', Resource: '${BUCKET_ARN}/*'}",
            "{Action: '*', Resource: '{{ bucket:arn }}'}",
            "{Action: '<ACTIONS>', Resource: '<BUCKET_ARN>'}",
            "{Action: 's3:GetObject', Resource: 'arn:aws:<SERVICE>:::lab-raw/*'}",
            "{NotAction: 's3:GetObject', Resource: {'Fn::Join': ['', ['arn:aws:s3:::', {Ref: Raw}]]}}",
            // mistakes
            "{Action: 's3:GetObject', Resource: 'lab-raw/*'}",
            "{Action: 's3:GetObject', Resource: 'arn:s3:::lab-raw/*'}",
            "{Action: 's3:GetObject', Resource: 's3://lab-raw/*'}",
            "{Action: 's3:GetObject', Resource: 'arn:aws:s3:eu-west-1:111122223333:lab-raw/*'}",
            "{Action: 's3:GetObject', Resource: 'arn:aws:s4:::lab-raw/*'}",
            "{Action: 's3:GetObject', Resources: 'arn:aws:s3:::lab-raw/*'}",
            "{Action: 's3:GetObject'}",
            "{Resource: 'lab-raw'}",
            "[{Action: 'kms:*', Resource: '*'}, {Action: 's3:*', Resource: 'arn:aws:s3:::lab-raw'}]",
        ] {
            assert_eq!(of(statement), None, "{statement}");
        }
    }

    #[test]
    fn others_are_known_by_their_service() {
        for (statement, called) in [
            ("{Action: 'kms:*', Resource: '*'}", "a policy of KMS"),
            ("{Action: 'sts:AssumeRole'}", "the trust policy of a role"),
            ("{Action: 'Update:*', Resource: 'LogicalResourceId/Raw'}", "a stack policy of CloudFormation"),
            ("{Action: 'ecr:BatchGetImage'}", "a policy of ECR"),
            ("{Action: 'glue:*', Resource: '${CATALOG_ARN}'}", "a policy of `glue`"),
            ("{Action: '*', Resource: 'arn:aws:sqs:eu-west-1:111122223333:lab'}", "a policy of SQS"),
            ("{Action: ['SNS:Publish', 'SNS:Subscribe'], Resource: 'arn:aws:sns:*:*:lab'}", "a policy of SNS"),
            ("{Action: 'execute-api:Invoke', Resource: 'execute-api:/*'}", "a policy of API Gateway"),
            ("{Action: 's3:*', Resource: 'arn:aws:s3:eu-west-1:1:accesspoint/lab'}", "the policy of an S3 access point"),
            ("{Action: 's3express:*', Resource: 'arn:aws:s3express:eu-west-1:1:bucket/lab--x-s3'}", "a policy of `s3express`"),
            ("{Action: '*', Resource: '*'}", "a policy that names no bucket, as that of an endpoint or an organization"),
            ("{Action: 's3:*', Resource: ['*']}", "a policy that names no bucket, as that of an endpoint or an organization"),
            ("[{Action: 'ec2:*', Resource: '*'}, {Action: '*', Resource: '*'}]", "a policy of `ec2`"),
        ] {
            assert_eq!(of(statement).as_deref(), Some(called), "{statement}");
        }
    }
}
