//! The few names that random policies and requests are made of, so that they often meet.

use crate::evaluator::Caller;

pub(crate) const BUCKET: &str = "lab-data";

/// Callers and the account of none of them is the bucket's.
pub(crate) const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];
pub(crate) const USERS: [(&str, &str); 3] = [("/", "Ana"), ("/team/", "bob"), ("/", "Bob")];
pub(crate) const ROLES: [(&str, &str); 3] = [("/", "reader"), ("/", "Deploy"), ("/app/", "writer")];
pub(crate) const SESSIONS: [&str; 2] = ["s1", "i-0abc"];
pub(crate) const SERVICES: [&str; 2] = ["cloudtrail.amazonaws.com", "logging.s3.amazonaws.com"];

/// Actions on the bucket, then those on objects.
pub(crate) const BUCKET_ACTIONS: [&str; 3] = ["s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketAcl"];
pub(crate) const OBJECT_ACTIONS: [&str; 5] =
    ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectTagging", "s3:GetObjectVersion"];

pub(crate) const ACTION_ENTRIES: [&str; 14] = [
    "s3:*",
    "s3:*",
    "*",
    "s3:Get*",
    "s3:GetObject",
    "S3:getobject",
    "s3:Get?bject",
    "s3:GetObject*",
    "s3:PutObject",
    "s3:*Object",
    "s3:List*",
    "s3:ListBucket",
    "s3:DeleteObject",
    "s3:GetBucket*",
];

pub(crate) const KEYS: [&str; 19] = [
    "home/Ana/x1",
    "home/bob/f",
    "home/Bob/f",
    "home/",
    "home//x",
    "red/a",
    "shared/a",
    "blue/b/c",
    "a",
    "a*b",
    "acb",
    "a?b",
    "a$b",
    "a:b:c",
    "111122223333/x",
    "anonymous/x",
    "${aws:username}/f",
    "home/${aws:username}/f",
    "r*d/a",
];

/// What stands after the bucket's ARN.
pub(crate) const RESOURCE_ENTRIES: [&str; 30] = [
    "/*",
    "/*",
    "/*",
    "",
    "",
    "*",
    "/home/*",
    "/home/?ob/*",
    "/*/f",
    "/a?b",
    "/a*",
    "/a",
    "/a:*",
    "/*:c",
    "/red/*",
    "/shared/*",
    "/home/${aws:username}/*",
    "/${aws:username}/*",
    "/home/${AWS:UserName, 'bob'}/?*",
    "/${aws:PrincipalTag/Team}/*",
    "/${aws:PrincipalTag/Team, 'shared'}/*",
    "/${aws:PrincipalAccount}/*",
    "/${aws:userid}/x",
    "/${aws:userid}/*",
    "/a${*}b",
    "/a${?}b",
    "/a${$}b",
    "/${aws:SourceVpce, 'red'}/a",
    "/${aws:CalledVia}/*",
    "/${aws:PrincipalType}/${aws:username}",
];

/// What a key compares as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Bool,
    Number,
    Date,
    Address,
    Arn,
}

/// Whether a request has a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carried {
    Always,
    Maybe,
    Never,
}

pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) multivalued: bool,
    /// Values in requests.
    pub(crate) held: &'static [&'static str],
    /// Values in policies, beside those.
    pub(crate) written: &'static [&'static str],
    /// Who carries it to which action, as AWS's pages have it.
    pub(crate) carried: fn(&Caller, &str) -> Carried,
}

fn always(_: &Caller, _: &str) -> Carried {
    Carried::Always
}

fn maybe(_: &Caller, _: &str) -> Carried {
    Carried::Maybe
}

/// `reference_policies_condition-keys`: of members of an organization, of tagged users and roles, of those who work through a
/// service.
fn of_identity(caller: &Caller, _: &str) -> Carried {
    match caller {
        Caller::Service(_) | Caller::Anonymous => Carried::Never,
        _ => Carried::Maybe,
    }
}

/// `reference_policies_condition-keys`: "only when the principal uses temporary credentials", as a role always does.
fn of_temporary(caller: &Caller, _: &str) -> Carried {
    match caller {
        Caller::Role { .. } | Caller::Session { .. } => Carried::Always,
        Caller::User { .. } => Carried::Maybe,
        _ => Carried::Never,
    }
}

/// `reference_policies_condition-keys`: "only when the call to your resource is made directly by an AWS service principal".
fn of_service(caller: &Caller, _: &str) -> Carried {
    if matches!(caller, Caller::Service(_)) { Carried::Maybe } else { Carried::Never }
}

/// A key that S3 itself fills, for these actions.
macro_rules! with {
    ($($action:literal)|+) => {
        |_, action| if matches!(action, $($action)|+) { Carried::Maybe } else { Carried::Never }
    };
}

/// A key that follows from the caller.
fn follows(_: &Caller, _: &str) -> Carried {
    Carried::Never
}

const ANA: &str = "arn:aws:iam::111122223333:user/Ana";
const READER: &str = "arn:aws:iam::111122223333:role/reader";
const VARIABLES: &[&str] =
    &["${aws:username}", "x${*}", "${aws:PrincipalTag/Team}", "${aws:PrincipalTag/Team, 'red'}", "${s3:prefix}"];

const fn key(name: &'static str, kind: Kind, held: &'static [&'static str], written: &'static [&'static str]) -> Key {
    Key { name, kind, multivalued: false, held, written, carried: maybe }
}

pub(crate) const CONDITION_KEYS: [Key; 32] = [
    Key { carried: always, ..key("aws:SecureTransport", Kind::Bool, &["true", "false"], &["${aws:SecureTransport}"]) },
    key(
        "aws:SourceIp",
        Kind::Address,
        &["203.0.113.7", "198.51.100.1", "2001:db8:1::9"],
        &["203.0.113.0/24", "2001:db8::/32", "0.0.0.0/0"],
    ),
    key("aws:SourceVpce", Kind::Text, &["vpce-1", "vpce-2", "red"], &["vpce-*", "VPCE-1", "vpce-?"]),
    key("aws:SourceVpc", Kind::Text, &["vpc-1", "vpc-2"], &["vpc-*", "*"]),
    key("aws:UserAgent", Kind::Text, &["cli/2", "Ana", "x*", ""], &["cli/*", "${aws:username}", "x${*}", "", "*"]),
    key(
        "aws:Referer",
        Kind::Text,
        &["https://example.com/a", "https://example.com/A", "red"],
        &["https://example.com/*", "${aws:PrincipalTag/Team}"],
    ),
    Key { carried: of_identity, ..key("aws:PrincipalOrgID", Kind::Text, &["o-1", "o-2"], &["o-*", "O-1"]) },
    Key {
        carried: of_identity,
        ..key(
            "aws:PrincipalTag/Team",
            Kind::Text,
            &["red", "blue", "", "r*d", "Red"],
            &["r*", "?ed", "RED", "${aws:username}", ""],
        )
    },
    Key { carried: of_identity, ..key("aws:PrincipalTag/team", Kind::Text, &[], &["red", "${aws:PrincipalTag/TEAM}"]) },
    Key {
        carried: of_identity,
        multivalued: true,
        ..key(
            "aws:PrincipalOrgPaths",
            Kind::Text,
            &["o-1/r-1/ou-1/", "o-1/r-1/ou-2/", "o-2/r-1/"],
            &["o-1/*", "o-1/r-1/ou-?/", "*"],
        )
    },
    Key {
        carried: of_identity,
        multivalued: true,
        ..key("aws:CalledVia", Kind::Text, &["athena.amazonaws.com", "cloudformation.amazonaws.com"], &["athena.*", "*"])
    },
    Key {
        carried: of_temporary,
        ..key(
            "aws:TokenIssueTime",
            Kind::Date,
            &["2024-05-01T10:00:00Z", "2024-05-02T00:00:00Z"],
            &["1714557600", "2024-05-01T12:00:00+02:00"],
        )
    },
    Key { carried: of_identity, ..key("aws:MultiFactorAuthPresent", Kind::Bool, &["true", "false"], &[]) },
    Key { carried: of_identity, ..key("aws:MultiFactorAuthAge", Kind::Number, &["10", "3600", "10.5"], &["100", "10.0"]) },
    Key {
        carried: always,
        ..key(
            "aws:CurrentTime",
            Kind::Date,
            &["2024-05-01T10:00:00Z", "2026-01-01T00:00:00Z"],
            &["1714557600", "2024-05-01T12:00:00+02:00", "2025-06-01T00:00:00.5Z"],
        )
    },
    Key { carried: always, ..key("aws:EpochTime", Kind::Date, &["1714557600", "1800000000"], &["2024-05-01T10:00:00Z"]) },
    Key { carried: of_service, ..key("aws:SourceAccount", Kind::Text, &["111122223333", "444455556666"], &["1111*", "*"]) },
    Key {
        carried: of_service,
        ..key(
            "aws:SourceArn",
            Kind::Arn,
            &["arn:aws:cloudtrail:us-east-1:111122223333:trail/t", "arn:aws:s3:::src:x"],
            &["arn:aws:cloudtrail:*:111122223333:trail/*", "arn:aws:s3:::*", "arn:*:*:*:*:t*"],
        )
    },
    Key {
        carried: with!("s3:ListBucket"),
        ..key(
            "s3:prefix",
            Kind::Text,
            &["home/Ana/", "home/", "", "red"],
            &["home/${aws:username}/", "home/*", "home/${aws:username, 'Ana'}/*", "${aws:PrincipalTag/Team}", "*"],
        )
    },
    Key { carried: with!("s3:ListBucket"), ..key("s3:delimiter", Kind::Text, &["/", ""], &["?", "*"]) },
    Key { carried: with!("s3:ListBucket"), ..key("s3:max-keys", Kind::Number, &["10", "1000"], &["100", "9.5"]) },
    Key {
        carried: with!("s3:PutObject"),
        ..key("s3:x-amz-acl", Kind::Text, &["private", "bucket-owner-full-control"], &["bucket-owner-*", "PRIVATE"])
    },
    Key {
        carried: with!("s3:PutObject"),
        ..key("s3:x-amz-server-side-encryption", Kind::Text, &["AES256", "aws:kms"], &["aws:*", "aes256"])
    },
    Key {
        carried: with!("s3:PutObject"),
        multivalued: true,
        ..key("s3:RequestObjectTagKeys", Kind::Text, &["env", "cost", "Env"], &["e*", "dept", "*"])
    },
    Key {
        carried: with!("s3:GetObject" | "s3:GetObjectTagging"),
        ..key(
            "s3:ExistingObjectTag/Team",
            Kind::Text,
            &["red", "blue", ""],
            &["${aws:PrincipalTag/Team}", "${aws:PrincipalTag/team, 'red'}", "r*"],
        )
    },
    Key {
        carried: follows,
        ..key(
            "aws:PrincipalArn",
            Kind::Arn,
            &[],
            &[
                ANA,
                READER,
                "arn:aws:iam::111122223333:role/app/writer",
                "arn:aws:iam::*:role/*",
                "arn:aws:iam::111122223333:*",
                "arn:aws:sts::111122223333:assumed-role/reader/s1",
                "arn:aws:iam::*:user/team/${aws:username}",
                "arn:*:iam::4444?5556666:*/*",
            ],
        )
    },
    Key {
        carried: follows,
        ..key("AWS:principalaccount", Kind::Text, &[], &["111122223333", "444455556666", "anonymous", "1111*"])
    },
    Key {
        carried: follows,
        ..key("aws:PrincipalType", Kind::Text, &[], &["User", "AssumedRole", "Anonymous", "Account", "assumedrole", "A*"])
    },
    Key { carried: follows, ..key("aws:username", Kind::Text, &[], &["Ana", "bob", "BOB", "?ob", "${aws:username}"]) },
    Key { carried: follows, ..key("aws:userid", Kind::Text, &[], &["anonymous", "AIDAEXAMPLE", "AROAEXAMPLE:*", "*:s1", "*"]) },
    Key { carried: follows, ..key("aws:PrincipalIsAWSService", Kind::Bool, &[], &["true", "false"]) },
    Key {
        carried: follows,
        ..key("aws:PrincipalServiceName", Kind::Text, &[], &["cloudtrail.amazonaws.com", "*.s3.amazonaws.com", "*"])
    },
];

/// Variables for text keys that have none of their own.
pub(crate) fn variable(at: usize) -> &'static str {
    VARIABLES[at % VARIABLES.len()]
}
