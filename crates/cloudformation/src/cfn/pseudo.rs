//! The values pseudo parameters may have:
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>.

use bucketlint_text::syntax::node::Node;
use std::collections::BTreeSet;

/// The partitions, with the way their Regions begin and the suffix of their domain names. What begins like none of them is in
/// `aws`. <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
const PARTITIONS: [(&str, &str, &str); 7] = [
    ("aws-cn", "cn-", "amazonaws.com.cn"),
    ("aws-us-gov", "us-gov-", "amazonaws.com"),
    ("aws-iso", "us-iso-", "c2s.ic.gov"),
    ("aws-iso-b", "us-isob-", "sc2s.sgov.gov"),
    ("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk"),
    ("aws-iso-f", "us-isof-", "csp.hci.ic.gov"),
    ("aws-eusc", "eusc-", "amazonaws.eu"),
];

/// The partition that a Region is in.
pub fn partition_of(region: &str) -> &'static str {
    PARTITIONS.iter().find(|(_, start, _)| region.starts_with(start)).map_or("aws", |(name, ..)| name)
}

/// The suffix of domain names in a partition.
pub fn suffix_of(partition: &str) -> &'static str {
    PARTITIONS.iter().find(|(name, ..)| *name == partition).map_or("amazonaws.com", |(.., suffix)| suffix)
}

/// The partitions that ARNs in a template spell out.
pub fn spelled(root: &Node) -> BTreeSet<&'static str> {
    let mut out = BTreeSet::new();
    let mut left = vec![root];
    while let Some(node) = left.pop() {
        let written = node.as_str().into_iter().flat_map(|text| text.split("arn:").skip(1));
        let named = written.filter_map(|rest| rest.split_once(':')).map(|(partition, _)| partition);
        let known = |name: &str| ["aws"].into_iter().chain(PARTITIONS.map(|(name, ..)| name)).find(|one| *one == name);
        out.extend(named.filter_map(known));
        left.extend(node.items());
        left.extend(node.entries().iter().map(|entry| &entry.value));
    }
    out
}

/// Whether the pseudo parameter `name` may ever be `value`; other parameters may be anything.
pub fn may_be(name: &str, value: &str) -> bool {
    let letters = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase());
    match name {
        "AWS::AccountId" => value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit()),
        "AWS::Partition" => value == "aws" || value.strip_prefix("aws-").is_some_and(|rest| rest.split('-').all(letters)),
        "AWS::Region" => value
            .rsplit_once('-')
            .is_some_and(|(place, number)| place.contains('-') && place.split('-').all(letters) && number.parse::<u8>().is_ok()),
        "AWS::URLSuffix" => value == suffix_of("aws") || PARTITIONS.iter().any(|(.., suffix)| *suffix == value),
        "AWS::StackName" => {
            value.starts_with(|first: char| first.is_ascii_alphabetic())
                && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        }
        "AWS::StackId" => value.starts_with("arn:"),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudo_parameters_keep_their_shape() {
        for (name, value, expected) in [
            ("AWS::AccountId", "123456789012", true),
            ("AWS::AccountId", "", false),
            ("AWS::AccountId", "12345678901", false),
            ("AWS::AccountId", "prod", false),
            ("AWS::Region", "eu-west-1", true),
            ("AWS::Region", "us-gov-east-1", true),
            ("AWS::Region", "us-east", false),
            ("AWS::Region", "default", false),
            ("AWS::Partition", "aws-us-gov", true),
            ("AWS::Partition", "", false),
            ("AWS::StackName", "lab-data", true),
            ("AWS::StackName", "", false),
            ("AWS::URLSuffix", "amazonaws.com.cn", true),
            ("AWS::URLSuffix", "example.com", false),
            ("Hub", "", true),
        ] {
            assert_eq!(may_be(name, value), expected, "{name} {value}");
        }
        for (region, partition) in [
            ("eu-west-1", "aws"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("cn-north-1", "aws-cn"),
            ("eusc-de-east-1", "aws-eusc"),
        ] {
            assert_eq!(partition_of(region), partition);
        }
    }
}
