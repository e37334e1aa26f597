//! The S3 actions: their names, what they act on, and the condition keys they accept.

use super::closest::closest;
use super::keys;
use super::wildcard::{self, Case};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What an action acts on, and so which `Resource` its statement must have.
///
/// "Service Authorization Reference", Amazon S3:
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>. An action that names a
/// bucket or an object may name an access point instead, so none of its types is marked as required there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// `arn:aws:s3:::bucket`.
    Bucket,
    /// `arn:aws:s3:::bucket/key`.
    Object,
    /// No resource type at all: only `*` will do.
    Account,
    /// Only something else, such as an access point, a job or a Storage Lens configuration.
    Other,
}

/// One S3 action.
#[derive(Debug)]
pub struct S3Action {
    /// As AWS spells it, without the service prefix: `GetObject`.
    pub name: &'static str,
    /// What it acts on.
    pub level: Level,
    /// Its condition keys in lower case without `s3:`; one ending in `/` goes on with a tag key.
    keys: Vec<&'static str>,
}

static ACTIONS: LazyLock<Vec<S3Action>> = LazyLock::new(|| read(include_str!("s3-actions.txt")));

/// Every S3 action, in alphabetical order.
pub fn all() -> &'static [S3Action] {
    &ACTIONS
}

/// The action called `name`, which has no `s3:` prefix. Action names ignore case:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>.
pub fn find(name: &str) -> Option<&'static S3Action> {
    // the table is sorted without regard to case
    let wanted = name.to_ascii_lowercase();
    let at = all().binary_search_by(|action| action.name.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(wanted.bytes()));
    at.ok().map(|at| &all()[at])
}

/// Names of S3 API operations that are not IAM actions, with the action that permits them. From
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>.
const API_NAMES: &[(&str, &str)] = &[
    ("CompleteMultipartUpload", "PutObject"),
    ("CopyObject", "PutObject"),
    ("CreateBucketMetadataConfiguration", "CreateBucketMetadataTableConfiguration"),
    ("CreateMultipartUpload", "PutObject"),
    ("DeleteBucketAnalyticsConfiguration", "PutAnalyticsConfiguration"),
    ("DeleteBucketCors", "PutBucketCORS"),
    ("DeleteBucketEncryption", "PutEncryptionConfiguration"),
    ("DeleteBucketIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"),
    ("DeleteBucketInventoryConfiguration", "PutInventoryConfiguration"),
    ("DeleteBucketLifecycle", "PutLifecycleConfiguration"),
    ("DeleteBucketMetadataConfiguration", "DeleteBucketMetadataTableConfiguration"),
    ("DeleteBucketMetricsConfiguration", "PutMetricsConfiguration"),
    ("DeleteBucketOwnershipControls", "PutBucketOwnershipControls"),
    ("DeleteBucketReplication", "PutReplicationConfiguration"),
    ("DeleteBucketTagging", "PutBucketTagging"),
    ("DeleteObjects", "DeleteObject"),
    ("DeletePublicAccessBlock", "PutBucketPublicAccessBlock"),
    ("GetBucketAccelerateConfiguration", "GetAccelerateConfiguration"),
    ("GetBucketAnalyticsConfiguration", "GetAnalyticsConfiguration"),
    ("GetBucketEncryption", "GetEncryptionConfiguration"),
    ("GetBucketIntelligentTieringConfiguration", "GetIntelligentTieringConfiguration"),
    ("GetBucketInventoryConfiguration", "GetInventoryConfiguration"),
    ("GetBucketLifecycle", "GetLifecycleConfiguration"),
    ("GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"),
    ("GetBucketMetadataConfiguration", "GetBucketMetadataTableConfiguration"),
    ("GetBucketMetricsConfiguration", "GetMetricsConfiguration"),
    ("GetBucketNotificationConfiguration", "GetBucketNotification"),
    ("GetBucketReplication", "GetReplicationConfiguration"),
    ("GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"),
    ("GetPublicAccessBlock", "GetBucketPublicAccessBlock"),
    ("HeadBucket", "ListBucket"),
    ("HeadObject", "GetObject"),
    ("ListBucketAnalyticsConfigurations", "GetAnalyticsConfiguration"),
    ("ListBucketIntelligentTieringConfigurations", "GetIntelligentTieringConfiguration"),
    ("ListBucketInventoryConfigurations", "GetInventoryConfiguration"),
    ("ListBucketMetricsConfigurations", "GetMetricsConfiguration"),
    ("ListBuckets", "ListAllMyBuckets"),
    ("ListMultipartUploads", "ListBucketMultipartUploads"),
    ("ListObjects", "ListBucket"),
    ("ListObjectsV2", "ListBucket"),
    ("ListObjectVersions", "ListBucketVersions"),
    ("ListParts", "ListMultipartUploadParts"),
    ("PutBucketAccelerateConfiguration", "PutAccelerateConfiguration"),
    ("PutBucketAnalyticsConfiguration", "PutAnalyticsConfiguration"),
    ("PutBucketEncryption", "PutEncryptionConfiguration"),
    ("PutBucketIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"),
    ("PutBucketInventoryConfiguration", "PutInventoryConfiguration"),
    ("PutBucketLifecycle", "PutLifecycleConfiguration"),
    ("PutBucketLifecycleConfiguration", "PutLifecycleConfiguration"),
    ("PutBucketMetricsConfiguration", "PutMetricsConfiguration"),
    ("PutBucketNotificationConfiguration", "PutBucketNotification"),
    ("PutBucketReplication", "PutReplicationConfiguration"),
    ("PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
    ("PutPublicAccessBlock", "PutBucketPublicAccessBlock"),
    ("SelectObjectContent", "GetObject"),
    ("UploadPart", "PutObject"),
    ("UploadPartCopy", "PutObject"),
];

/// The action that was meant by `name`, which has no `s3:` prefix and is not an action: the one that permits the API
/// operation of that name, else the one spelt most like it. None if `name` is an action or like none.
pub fn suggest(name: &str) -> Option<&'static str> {
    if find(name).is_some() {
        return None;
    }
    let api = API_NAMES.iter().find(|(api, _)| api.eq_ignore_ascii_case(name)).map(|(_, action)| *action);
    api.or_else(|| closest(name, all().iter().map(|action| action.name)))
}

/// Whether a value of an `Action` or `NotAction` element covers `action`, both with their service prefix: `*`, `s3:*`,
/// `s3:Get*`, `S3:getobject`. Case is ignored; `*` and `?` may stand anywhere after the prefix, which has none itself:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>.
pub fn matches(pattern: &str, action: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (Some((wanted_service, wanted)), Some((service, name))) = (pattern.split_once(':'), action.split_once(':')) else {
        return false;
    };
    wanted_service.eq_ignore_ascii_case(service) && wildcard::matches(wanted, name, Case::Insensitive)
}

/// The S3 actions that a value of `Action` or `NotAction` covers, as [`matches`] has it.
pub fn covered(pattern: &str) -> impl Iterator<Item = &'static S3Action> {
    let name = match pattern.split_once(':') {
        Some((service, name)) => service.eq_ignore_ascii_case("s3").then_some(name),
        None => (pattern == "*").then_some(pattern),
    };
    let (wild, plain) = (name.filter(|name| name.contains(['*', '?'])), name.and_then(find));
    let is_covered = |wild, action: &S3Action| wildcard::matches(wild, action.name, Case::Insensitive);
    let by_pattern = wild.into_iter().flat_map(move |wild| all().iter().filter(move |action| is_covered(wild, action)));
    plain.into_iter().chain(by_pattern)
}

/// Whether a request for `action` can carry the condition key `key`, which is written with its prefix. Keys that belong
/// to no service's own actions, `aws:` ones above all, can always be there.
pub fn has_condition_key(action: &S3Action, key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    match key.strip_prefix("s3:") {
        Some(own) => action.keys.iter().any(|known| keys::is_spelled(known, own)),
        None => key.starts_with("aws:") || keys::find(&key).is_some(),
    }
}

/// Reads the table; its first lines say how it is written.
fn read(table: &'static str) -> Vec<S3Action> {
    let mut groups = BTreeMap::new();
    let mut actions = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let Some(name) = words.next() else { continue };
        if name.starts_with('@') {
            let keys = expand(words, &groups);
            groups.insert(name, keys);
        } else if let Some(level) = words.next().and_then(level) {
            actions.push(S3Action { name, level, keys: expand(words, &groups) });
        }
    }
    actions
}

fn level(word: &str) -> Option<Level> {
    Some(match word {
        "bucket" => Level::Bucket,
        "object" => Level::Object,
        "none" => Level::Account,
        "other" => Level::Other,
        _ => return None,
    })
}

fn expand<'a>(words: impl Iterator<Item = &'a str>, groups: &BTreeMap<&str, Vec<&'a str>>) -> Vec<&'a str> {
    words.flat_map(|word| groups.get(word).cloned().unwrap_or_else(|| vec![word])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(level: Level) -> usize {
        all().iter().filter(|action| action.level == level).count()
    }

    #[test]
    fn what_is_covered_matches_and_nothing_else_does() {
        for (pattern, count) in [
            ("*", 180),
            ("S3:*", 180),
            ("s3:getobject", 1),
            ("s3:GetBucketAc?", 1),
            ("s3:HeadObject", 0),
            ("sns:*", 0),
            ("s3", 0),
        ] {
            let names: Vec<&str> = covered(pattern).map(|action| action.name).collect();
            let matching = all().iter().filter(|action| matches(pattern, &format!("s3:{}", action.name)));
            assert_eq!(names, matching.map(|action| action.name).collect::<Vec<_>>(), "{pattern}");
            assert_eq!(names.len(), count, "{pattern}");
        }
    }

    #[test]
    fn the_table_is_whole() {
        assert_eq!(all().len(), 180);
        assert_eq!(count(Level::Bucket), 62);
        assert_eq!(count(Level::Object), 44);
        assert_eq!(count(Level::Account), 15);
        assert_eq!(count(Level::Other), 59);
        assert!(all().is_sorted_by_key(|action| action.name.to_ascii_lowercase()));
        for action in all() {
            for key in &action.keys {
                let whole = format!("s3:{key}");
                let known = keys::all().iter().any(|known| known.name.eq_ignore_ascii_case(&whole));
                assert!(known, "{} has an unknown key {whole}", action.name);
            }
        }
    }

    #[test]
    fn levels_of_well_known_actions() {
        let levels = [
            ("listbucket", Level::Bucket),
            ("GetBucketNotification", Level::Bucket),
            ("CreateBucket", Level::Bucket),
            ("GETOBJECT", Level::Object),
            ("AbortMultipartUpload", Level::Object),
            ("ListMultipartUploadParts", Level::Object),
            ("ListAllMyBuckets", Level::Account),
            ("GetAccessPointPolicy", Level::Other),
        ];
        for (name, level) in levels {
            assert_eq!(find(name).map(|action| action.level), Some(level), "{name}");
        }
        assert!(find("HeadObject").is_none());
        assert!(find("s3:GetObject").is_none());
        assert!(find("").is_none());
    }

    #[test]
    fn condition_keys_of_actions() {
        let cases = [
            ("ListBucket", "s3:prefix", true),
            ("ListBucket", "S3:Max-Keys", true),
            ("GetObject", "s3:prefix", false),
            ("PutObject", "s3:x-amz-acl", true),
            ("GetObject", "s3:x-amz-acl", false),
            ("GetObjectVersion", "s3:VersionId", true),
            ("GetObject", "s3:VersionId", false),
            ("GetObject", "s3:ExistingObjectTag/team", true),
            ("GetObject", "s3:ExistingObjectTag/", false),
            ("GetObject", "s3:ExistingObjectTag", false),
            ("GetObject", "s3:DataAccessPointAccount", true),
            ("GetObject", "s3:TlsVersion", true),
            ("GetObject", "s3:prefixes", false),
            ("GetObject", "aws:SecureTransport", true),
            ("GetObject", "AWS:NewerThanThisTable", true),
            ("GetObject", "ec2:SourceInstanceArn", true),
            ("GetObject", "ec2:Region", false),
            ("GetObject", "", false),
        ];
        for (action, key, expected) in cases {
            assert_eq!(has_condition_key(find(action).unwrap(), key), expected, "{action} {key}");
        }
    }

    #[test]
    fn names_of_the_api_lead_to_actions() {
        for (name, action) in API_NAMES {
            assert!(find(name).is_none(), "{name} is an action");
            assert_eq!(find(action).map(|known| known.name), Some(*action), "{name}");
        }
        assert!(API_NAMES.is_sorted_by_key(|(name, _)| name.to_ascii_lowercase()));
    }

    #[test]
    fn suggestions() {
        let cases = [
            ("HeadObject", Some("GetObject")),
            ("headbucket", Some("ListBucket")),
            ("ListObjects", Some("ListBucket")),
            ("ListObjectsV2", Some("ListBucket")),
            ("ListObjectVersions", Some("ListBucketVersions")),
            ("DeleteObjects", Some("DeleteObject")),
            ("CopyObject", Some("PutObject")),
            ("CreateMultipartUpload", Some("PutObject")),
            ("PutBucketNotificationConfiguration", Some("PutBucketNotification")),
            ("DeleteBucketCors", Some("PutBucketCORS")),
            ("PutBucketLifecycle", Some("PutLifecycleConfiguration")),
            ("DeletePublicAccessBlock", Some("PutBucketPublicAccessBlock")),
            ("ListBucketInventoryConfigurations", Some("GetInventoryConfiguration")),
            ("GetObjects", Some("GetObject")),
            ("GetObejct", Some("GetObject")),
            ("LisBucket", Some("ListBucket")),
            ("GetObject", None),
            ("Frobnicate", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(suggest(name), expected, "{name}");
        }
        for (api, action) in API_NAMES {
            assert!(find(api).is_none(), "{api} is an action");
            assert!(find(action).is_some_and(|found| found.name == *action), "{action} is no action");
        }
    }

    #[test]
    fn action_patterns() {
        let cases = [
            ("*", true),
            ("s3:*", true),
            ("S3:GETOBJECT", true),
            ("s3:Get*", true),
            ("s3:*Object", true),
            ("s3:?etObj*", true),
            ("s3:G*t*", true),
            ("s3:GetObject?", false),
            ("s3:", false),
            ("s3", false),
            ("", false),
            ("s*:GetObject", false),
            ("**", false),
            ("s3*", false),
            ("ec2:*", false),
        ];
        for (pattern, expected) in cases {
            assert_eq!(matches(pattern, "s3:GetObject"), expected, "{pattern}");
        }
    }
}
