//! The types of resources that are judged, the attributes they have, and the properties that are read.

/// Their types, each with the attributes `Fn::GetAtt` knows; an attribute that is not listed is left alone where it
/// begins like one that has a `.` at its end. Types whose list is empty have attributes that are not looked at.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html>
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-trail.html>
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html>
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html>
const JUDGED: [(&str, &[&str]); 9] = [
    (
        "AWS::S3::Bucket",
        &[
            "Arn",
            "DomainName",
            "DualStackDomainName",
            "RegionalDomainName",
            "WebsiteURL",
            "MetadataConfiguration.",
            "MetadataTableConfiguration.",
        ],
    ),
    ("AWS::S3::BucketPolicy", &[]),
    ("AWS::S3::AccessPoint", &[]),
    ("AWS::CloudFormation::StackSet", &[]),
    ("AWS::CloudTrail::Trail", &["Arn", "SnsTopicArn"]),
    ("AWS::KMS::Key", &["Arn", "KeyId"]),
    ("AWS::SNS::Topic", &["TopicArn", "TopicName"]),
    ("AWS::SNS::TopicPolicy", &[]),
    ("AWS::SNS::TopicInlinePolicy", &[]),
];

/// Types whose properties may be attributes too: cfn-lint's `schema/_getatts.py` takes them, the specification of
/// CloudFormation's types does not list them, so nothing is said of them.
const PROPERTIES_TOO: [(&str, &[&str]); 1] = [(
    "AWS::SNS::Topic",
    &[
        "ArchivePolicy",
        "ContentBasedDeduplication",
        "DataProtectionPolicy",
        "DeliveryStatusLogging",
        "DisplayName",
        "FifoThroughputScope",
        "FifoTopic",
        "KmsMasterKeyId",
        "SignatureVersion",
        "Subscription",
        "Tags",
        "TracingConfig",
    ],
)];

/// The types of resources whose properties are read, with those properties. The values of parameters in others change
/// nothing here.
const READ: [(&str, &[&str]); 17] = [
    (
        "AWS::S3::Bucket",
        &[
            "BucketName",
            "BucketNamePrefix",
            "VersioningConfiguration",
            "AbacStatus",
            "Tags",
            "BucketNamespace",
            "OwnershipControls",
            "AccessControl",
            "LoggingConfiguration",
            "BucketEncryption",
            "NotificationConfiguration",
        ],
    ),
    ("AWS::S3::BucketPolicy", &["Bucket", "PolicyDocument"]),
    ("AWS::S3::AccessPoint", &["Bucket", "Policy"]),
    (
        "AWS::CloudTrail::Trail",
        &["TrailName", "IsLogging", "EventSelectors", "AdvancedEventSelectors", "S3BucketName", "S3KeyPrefix"],
    ),
    ("AWS::CloudTrail::EventDataStore", &[]),
    ("AWS::KMS::Key", &["KeyPolicy", "Enabled", "KeySpec", "KeyUsage"]),
    ("AWS::KMS::ReplicaKey", &["KeyPolicy", "Enabled"]),
    ("AWS::KMS::Alias", &["AliasName", "TargetKeyId"]),
    ("AWS::SNS::Topic", &["TopicName", "KmsMasterKeyId"]),
    ("AWS::SNS::TopicPolicy", &["Topics", "PolicyDocument"]),
    ("AWS::SNS::TopicInlinePolicy", &["TopicArn", "PolicyDocument"]),
    ("AWS::Serverless::Function", &["Events"]),
    ("AWS::CloudFormation::StackSet", &["Parameters", "TemplateBody", "TemplateURL"]),
    ("AWS::CloudFormation::Stack", &["Parameters"]),
    ("Custom::S3BucketNotifications", &["BucketName", "NotificationConfiguration"]),
    ("Custom::S3", &["BucketName", "BucketConfigs"]),
    ("Custom::AWS", &["Create", "Update"]),
];

/// The properties of a type that are read; `None` where none of its resources is.
pub(super) fn read(kind: &str) -> Option<&'static [&'static str]> {
    // applications of SAM are stacks
    let kind = if kind == "AWS::Serverless::Application" { "AWS::CloudFormation::Stack" } else { kind };
    READ.iter().find(|(known, _)| *known == kind).map(|(_, properties)| *properties)
}

/// Whether resources of this type are those of the services that access and auditing hang on: rules may ask about all
/// their properties.
pub(super) fn is_served(kind: &str) -> bool {
    const SERVICES: [&str; 5] = ["AWS::S3::", "AWS::CloudTrail::", "AWS::KMS::", "AWS::SNS::", "Custom::S3"];
    SERVICES.iter().any(|service| kind.starts_with(service))
}

/// Whether anything of resources of this type is read.
pub fn is_read(kind: &str) -> bool {
    read(kind).is_some()
}

/// Whether resources of type `kind` are judged.
pub(super) fn is_judged(kind: &str) -> bool {
    JUDGED.iter().any(|(known, _)| *known == kind)
}

/// The attributes of a judged type; `None` where `attribute` may be one.
pub(super) fn lacks(kind: &str, attribute: &str) -> Option<Vec<&'static str>> {
    let (_, attributes) = JUDGED.iter().find(|(known, attributes)| *known == kind && !attributes.is_empty())?;
    if PROPERTIES_TOO.iter().any(|(known, properties)| *known == kind && properties.contains(&attribute)) {
        return None;
    }
    let is = |known: &&str| if known.ends_with('.') { attribute.starts_with(known) } else { *known == attribute };
    (!attributes.iter().any(is)).then(|| attributes.iter().copied().filter(|known| !known.ends_with('.')).collect())
}
