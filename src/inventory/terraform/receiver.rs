//! Buckets that resources deliver their logs to.

use super::{LogReceiver, Resource, attached};
use crate::resolve::{Plain, Resolve};
use crate::source::Span;
use crate::syntax::node::{Node, Value};
use crate::text::Text;

/// The types that deliver logs, the way to what names the bucket, and what the logs are called.
///
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs>
const SENDERS: [(&str, &[&str], &str); 9] = [
    ("aws_cloudtrail", &["s3_bucket_name"], "logs of trail"),
    ("aws_s3_bucket_logging", &["target_bucket"], "access logs of"),
    ("aws_s3_bucket", &["logging", "target_bucket"], "access logs of"),
    ("aws_flow_log", &["log_destination"], "flow logs of"),
    ("aws_lb", &["access_logs", "bucket"], "access logs of"),
    ("aws_lb", &["connection_logs", "bucket"], "connection logs of"),
    ("aws_elb", &["access_logs", "bucket"], "access logs of"),
    ("aws_cloudfront_distribution", &["logging_config", "bucket"], "logs of distribution"),
    ("aws_config_delivery_channel", &["s3_bucket_name"], "records of AWS Config by"),
];

/// Where a resource delivers logs to. A bucket that keeps its own access logs holds data all the same.
pub(super) fn read(resource: Resource<'_>) -> Vec<LogReceiver> {
    let mut found = Vec::new();
    for (_, path, logs) in SENDERS.iter().filter(|(kind, ..)| *kind == resource.kind()) {
        let mut nodes = Vec::new();
        resource.node.get("body").into_iter().for_each(|body| walk(body, path, &mut nodes));
        found.extend(nodes.into_iter().map(|node| (bucket_of(Plain.text(node)), *logs, node.span)));
    }
    found.retain(|(bucket, ..)| *bucket != resource.bucket() && *bucket != resource.own("name"));
    let prefix = || resource.text("target_prefix").filter(|_| resource.kind() == "aws_s3_bucket_logging");
    let receiver = |(bucket, logs, named): (Text, &str, Span)| {
        let logs = format!("the {logs} {}", resource.address());
        LogReceiver { bucket, logs, from: resource.span(), named, prefix: prefix() }
    };
    found.into_iter().map(receiver).collect()
}

/// The bucket in a place for logs; no name of one holds a slash.
fn bucket_of(place: Text) -> Text {
    let bucket = attached::to(place).0;
    bucket.split_once('/').map_or(bucket.clone(), |(name, _prefix)| name)
}

fn walk<'n>(node: &'n Node, path: &[&str], found: &mut Vec<&'n Node>) {
    match (&node.value, path.split_first()) {
        (Value::Seq(items), _) => items.iter().for_each(|item| walk(item, path, found)),
        (_, None) => found.push(node),
        (_, Some((step, rest))) => node.get(step).into_iter().for_each(|next| walk(next, rest, found)),
    }
}
