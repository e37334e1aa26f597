//! The condition keys a request to S3 may carry.

use super::closest::closest;
use std::sync::LazyLock;

/// What a condition key tells about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Group {
    /// Who calls: account, ARN, organization, tags, or which AWS service.
    Principal,
    /// The caller's session: its multi-factor authentication, its source identity, the instance it came from.
    Session,
    /// The network the request comes through: address, VPC, VPC endpoint.
    Network,
    /// Whether and how the connection is encrypted.
    Transport,
    /// What is asked for: its owner, its organization, its tags, the access point it is reached by.
    Resource,
    /// The request itself: time, region, parameters, the service that made it.
    Request,
}

/// A condition key.
#[derive(Debug)]
pub struct ConditionKey {
    /// As AWS spells it: `aws:PrincipalArn`. One ending in `/` goes on with a tag key: `aws:PrincipalTag/`.
    pub name: &'static str,
    /// What it tells about.
    pub group: Group,
    /// Whether a request may have several values for it, so that it needs `ForAllValues:` or `ForAnyValue:`.
    pub multivalued: bool,
}

static KEYS: LazyLock<Vec<ConditionKey>> =
    LazyLock::new(|| include_str!("condition-keys.txt").lines().filter_map(read).collect());

/// Every key known here.
pub fn all() -> &'static [ConditionKey] {
    &KEYS
}

/// The key written as `text`; none if it is not known here. Names of keys ignore case:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>.
pub fn find(text: &str) -> Option<&'static ConditionKey> {
    all().iter().find(|key| is_spelled(key.name, text))
}

/// Whether requests may have several values for a key.
pub fn is_multivalued(key: &str) -> bool {
    find(key).is_some_and(|known| known.multivalued)
}

/// `text` as AWS spells that key, its tag key left as it is; none if it is not known here.
pub fn canonical(text: &str) -> Option<String> {
    let name = find(text)?.name;
    Some(format!("{name}{}", text.get(name.len()..)?))
}

/// The known key spelt most like `text`, if `text` is none.
pub fn suggest(text: &str) -> Option<&'static str> {
    if find(text).is_some() {
        return None;
    }
    closest(text, all().iter().map(|key| key.name).filter(|name| !name.ends_with('/')))
}

/// Whether `text` is the key `name`, or, where that ends in `/`, begins with it and has a tag key after it.
pub(super) fn is_spelled(name: &str, text: &str) -> bool {
    if !name.ends_with('/') {
        return name.eq_ignore_ascii_case(text);
    }
    text.split_at_checked(name.len()).is_some_and(|(start, tag)| name.eq_ignore_ascii_case(start) && !tag.is_empty())
}

/// Reads a line of the table; its first lines say how it is written.
fn read(line: &'static str) -> Option<ConditionKey> {
    let mut words = line.split(' ');
    let name = words.next().filter(|name| !name.starts_with('#'))?;
    let group = match words.next()? {
        "principal" => Group::Principal,
        "session" => Group::Session,
        "network" => Group::Network,
        "transport" => Group::Transport,
        "resource" => Group::Resource,
        "request" => Group::Request,
        _ => return None,
    };
    Some(ConditionKey { name, group, multivalued: words.next() == Some("multi") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let written = include_str!("condition-keys.txt").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(all().len(), written);
        assert_eq!(all().iter().filter(|key| key.name.starts_with("s3:")).count(), 61);
        for key in all() {
            let same = all().iter().filter(|other| other.name.eq_ignore_ascii_case(key.name)).count();
            assert_eq!(same, 1, "{}", key.name);
        }
    }

    #[test]
    fn groups() {
        let cases = [
            ("aws:PrincipalAccount", Group::Principal),
            ("AWS:PRINCIPALARN", Group::Principal),
            ("aws:PrincipalTag/team", Group::Principal),
            ("aws:SourceIdentity", Group::Session),
            ("aws:SourceVpce", Group::Network),
            ("aws:SecureTransport", Group::Transport),
            ("s3:tlsversion", Group::Transport),
            ("aws:ResourceAccount", Group::Resource),
            ("s3:DataAccessPointAccount", Group::Resource),
            ("s3:x-amz-acl", Group::Request),
        ];
        for (text, group) in cases {
            assert_eq!(find(text).map(|key| key.group), Some(group), "{text}");
        }
        for unknown in ["aws:SecureTransprot", "aws:PrincipalTag", "aws:PrincipalTag/", "SecureTransport", "s3:", ""] {
            assert!(find(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn multivalued() {
        let names: Vec<_> = all().iter().filter(|key| key.multivalued).map(|key| key.name).collect();
        let expected = [
            "aws:PrincipalOrgPaths",
            "aws:PrincipalServiceNamesList",
            "aws:VpceOrgPaths",
            "aws:ResourceOrgPaths",
            "aws:CalledVia",
            "aws:SourceOrgPaths",
            "aws:TagKeys",
            "s3:InventoryAccessibleOptionalFields",
            "s3:RequestObjectTagKeys",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn spelling() {
        assert_eq!(canonical("AWS:securetransport").as_deref(), Some("aws:SecureTransport"));
        assert_eq!(canonical("aws:principaltag/Team É").as_deref(), Some("aws:PrincipalTag/Team É"));
        assert_eq!(canonical("aws:Nothing"), None);
        assert_eq!(suggest("aws:SecureTransprot"), Some("aws:SecureTransport"));
        assert_eq!(suggest("s3:prefx"), Some("s3:prefix"));
        assert_eq!(suggest("aws:SourceIP"), None);
        assert_eq!(suggest("kms:ViaService"), None);
    }
}
