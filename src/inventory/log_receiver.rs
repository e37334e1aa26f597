//! Buckets that other resources deliver their logs to.

use super::{Inventory, attached};
use crate::cfn::function;
use crate::cfn::resolve::Resolver;
use crate::cfn::template::Resource;
use crate::resolve::Resolve;
use crate::source::Span;
use crate::syntax::node::{Node, Value};
use crate::text::Text;

/// A bucket that a resource names as the place for its logs.
#[derive(Clone, Debug)]
pub struct LogReceiver {
    /// The bucket's name.
    pub bucket: Text,
    /// Whose logs: `the access logs of Raw`.
    pub logs: String,
    /// The logical ID of the resource that delivers them.
    pub from: Span,
    /// Where the bucket is named.
    pub named: Span,
    /// What the names of a bucket's access logs begin with.
    pub prefix: Option<Text>,
}

/// The resources that deliver logs to a bucket: the type, the way to what names the bucket (its name, ARN, domain name or
/// `s3://` address, with a prefix or without; `key=value` keeps the items of a list that have it), and what the logs are called.
///
/// Types and properties: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/>.
const SENDERS: [(&str, &[&str], &str); 23] = [
    ("AWS::CloudTrail::Trail", &["S3BucketName"], "logs of trail"),
    ("AWS::S3::Bucket", &["LoggingConfiguration", "DestinationBucketName"], "access logs of"),
    ("AWS::CloudFront::Distribution", &["DistributionConfig", "Logging", "Bucket"], "logs of distribution"),
    ("AWS::CloudFront::StreamingDistribution", &["StreamingDistributionConfig", "Logging", "Bucket"], "logs of distribution"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", &["AccessLoggingPolicy", "S3BucketName"], "access logs of"),
    (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        &["LoadBalancerAttributes", "Key=access_logs.s3.bucket", "Value"],
        "access logs of",
    ),
    (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        &["LoadBalancerAttributes", "Key=connection_logs.s3.bucket", "Value"],
        "connection logs of",
    ),
    (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        &["LoadBalancerAttributes", "Key=health_check_logs.s3.bucket", "Value"],
        "health check logs of",
    ),
    ("AWS::EC2::FlowLog", &["LogDestination"], "flow logs of"),
    ("AWS::EC2::VerifiedAccessInstance", &["LoggingConfigurations", "S3", "BucketName"], "logs of"),
    ("AWS::Config::DeliveryChannel", &["S3BucketName"], "records of AWS Config by"),
    ("AWS::WAFv2::LoggingConfiguration", &["LogDestinationConfigs"], "web ACL logs of"),
    (
        "AWS::NetworkFirewall::LoggingConfiguration",
        &["LoggingConfiguration", "LogDestinationConfigs", "LogDestination", "bucketName"],
        "firewall logs of",
    ),
    ("AWS::Route53Resolver::ResolverQueryLoggingConfig", &["DestinationArn"], "query logs of"),
    ("AWS::VpcLattice::AccessLogSubscription", &["DestinationArn"], "access logs of"),
    ("AWS::Logs::DeliveryDestination", &["DestinationResourceArn"], "logs delivered by"),
    ("AWS::MSK::Cluster", &["LoggingInfo", "BrokerLogs", "S3", "Bucket"], "broker logs of"),
    ("AWS::Redshift::Cluster", &["LoggingProperties", "BucketName"], "audit logs of"),
    ("AWS::CodeBuild::Project", &["LogsConfig", "S3Logs", "Location"], "build logs of"),
    ("AWS::KafkaConnect::Connector", &["LogDelivery", "WorkerLogDelivery", "S3", "Bucket"], "worker logs of"),
    ("AWS::EMR::Cluster", &["LogUri"], "logs of"),
    ("AWS::ImageBuilder::InfrastructureConfiguration", &["Logging", "S3Logs", "S3BucketName"], "build logs of"),
    ("AWS::ElasticBeanstalk::Environment", &["OptionSettings", "OptionName=AccessLogsS3Bucket", "Value"], "access logs of"),
];

impl Inventory {
    /// Where a resource delivers logs, whether or not conditions have it deployed: a bucket that may receive logs is made for
    /// them.
    pub(super) fn log_receivers(&mut self, resolver: &Resolver<'_>, resource: Resource<'_>) {
        let Some((kind, properties)) = resource.kind().zip(resource.properties()) else { return };
        for (_, path, logs) in SENDERS.iter().filter(|(sender, ..)| *sender == kind) {
            let logging = resource.property("LoggingConfiguration").filter(|_| kind == "AWS::S3::Bucket");
            let prefix = logging.and_then(|logging| logging.get("LogFilePrefix")).map(|prefix| resolver.text(prefix));
            let mut found = Vec::new();
            walk(properties, path, &mut found);
            self.log_receivers.extend(found.into_iter().map(|node| LogReceiver {
                bucket: bucket_of(resolver.text(node)),
                logs: format!("the {logs} {}", resource.id.text),
                from: resource.id.span,
                named: node.span,
                prefix: prefix.clone(),
            }));
        }
    }
}

/// The bucket in a place for logs; no name of one holds a slash.
fn bucket_of(place: Text) -> Text {
    let place = place.strip_prefix("s3://").unwrap_or(place);
    let bucket = attached::to(place).0;
    bucket.split_once('/').map_or(bucket.clone(), |(name, _prefix)| name)
}

/// What stands at the end of `path`, in all items of lists and both branches of every `Fn::If` on the way.
fn walk<'n>(node: &'n Node, path: &[&str], found: &mut Vec<&'n Node>) {
    if let Some(call) = function::call(node).filter(|call| call.name == "If") {
        return call.argument.items().iter().skip(1).for_each(|branch| walk(branch, path, found));
    }
    if matches!(node.value, Value::Seq(_)) {
        return node.items().iter().for_each(|item| walk(item, path, found));
    }
    match path.split_first() {
        None => found.push(node),
        Some((step, rest)) => match step.split_once('=') {
            Some((key, value)) if node.get(key).and_then(Node::as_str) == Some(value) => walk(node, rest, found),
            Some(_) => {}
            None => node.get(step).into_iter().for_each(|next| walk(next, rest, found)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::template::Template;
    use crate::source::FileId;
    use crate::syntax::testing::tree;

    fn received(resource: &str) -> Vec<String> {
        let root = tree(&format!("Resources: {{Logs: {{Type: AWS::S3::Bucket}}, Sender: {resource}}}"));
        let template = Template { file: FileId(0), path: "t.yaml", root: &root };
        let exports = Vec::new();
        let resolver = Resolver::new(template, &exports);
        let mut inventory = Inventory::default();
        inventory.log_receivers(&resolver, template.resource("Sender").unwrap());
        inventory.log_receivers.iter().map(|one| format!("{}: {}", one.bucket, one.logs)).collect()
    }

    #[test]
    fn buckets_are_found_by_name_arn_domain_name_and_address() {
        for (resource, expected) in [
            (
                "{Type: AWS::Config::DeliveryChannel, Properties: {S3BucketName: !Ref Logs}}",
                "${Logs}: the records of AWS Config by Sender",
            ),
            (
                "{Type: AWS::EC2::FlowLog, Properties: {LogDestination: !Sub '${Logs.Arn}/vpc/'}}",
                "${Logs}: the flow logs of Sender",
            ),
            (
                "{Type: AWS::WAFv2::LoggingConfiguration, Properties: {LogDestinationConfigs: ['arn:aws:s3:::aws-waf-logs-lab']}}",
                "aws-waf-logs-lab: the web ACL logs of Sender",
            ),
            (
                "{Type: AWS::CloudFront::Distribution, Properties: {DistributionConfig: {Logging: {Bucket: !Sub '${Logs}.s3.amazonaws.com'}}}}",
                "${Logs}: the logs of distribution Sender",
            ),
            (
                "{Type: AWS::CodeBuild::Project, Properties: {LogsConfig: {S3Logs: {Location: !Sub '${Logs}/build'}}}}",
                "${Logs}: the build logs of Sender",
            ),
            ("{Type: AWS::EMR::Cluster, Properties: {LogUri: 's3://lab-logs/emr/'}}", "lab-logs: the logs of Sender"),
        ] {
            assert_eq!(received(resource), [expected]);
        }
    }

    #[test]
    fn both_branches_of_a_condition_count_and_other_attributes_do_not() {
        let attributes = "[{Key: idle_timeout.timeout_seconds, Value: lab-other},
            !If [Logged, {Key: access_logs.s3.bucket, Value: !If [Own, !Ref Logs, lab-central]}, !Ref 'AWS::NoValue']]";
        let balancer =
            format!("{{Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {{LoadBalancerAttributes: {attributes}}}}}");
        assert_eq!(received(&balancer), ["${Logs}: the access logs of Sender", "lab-central: the access logs of Sender"]);
        assert!(received("{Type: AWS::EC2::FlowLog, Properties: {LogGroupName: lab}}").is_empty());
    }
}
