use super::*;
use crate::iam::read;
use bucketlint_text::resolve::Plain;

/// What is told of a statement with these actions and this condition: its kind, whether it holds, and the sentence.
fn told(effect: &str, actions: &str, condition: &str) -> Vec<(&'static str, Option<bool>, String)> {
    let json = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}", "Principal": "*", "Action": {actions}, "Resource": "*",
            "Condition": {{{condition}}}}}}}"#
    );
    let document = read::document(&bucketlint_text::syntax::testing::tree(&json), &Plain);
    slips(&document.statements[0]).into_iter().map(|slip| (slip.kind.word(), slip.holds, slip.message)).collect()
}

fn one(condition: &str) -> Option<(Option<bool>, String)> {
    let mut all = told("Deny", r#""s3:*""#, condition);
    assert!(all.len() < 2, "{condition}: {all:?}");
    all.pop().map(|(_, holds, message)| (holds, message))
}

#[test]
fn keys_that_there_are_not() {
    for (condition, holds, message) in [
        (r#""Bool": {"aws:SecureTransprot": "false"}"#, Some(false), "there is no condition key `aws:SecureTransprot`"),
        (r#""StringNotEquals": {"SourceVpce": "vpce-1"}"#, Some(true), "there is no condition key `SourceVpce`"),
        (r#""StringEqualsIfExists": {"aws:PrincipalFoo": "a"}"#, Some(true), "there is no condition key `aws:PrincipalFoo`"),
        (r#""Null": {"s3:prefx": "true"}"#, None, "there is no condition key `s3:prefx`"),
        (r#""StringLike": {"aws:PrincipalTag": "a"}"#, Some(false), "`aws:PrincipalTag` lacks the tag's key"),
        (
            r#""StringEquals": {"kms:CallerAccount": "111122223333"}"#,
            Some(false),
            "`kms:CallerAccount` is a key of another service, which no request to S3 carries",
        ),
    ] {
        assert_eq!(one(condition), Some((holds, message.to_owned())), "{condition}");
    }
    for condition in [
        r#""Bool": {"AWS:securetransport": "false"}"#,
        r#""StringEquals": {"token.actions.githubusercontent.com:sub": "repo"}"#,
        r#""StringEquals": {"saml:aud": "a"}"#,
        r#""StringEquals": {"aws:PrincipalTag/team": "lab"}"#,
        r#""ArnLike": {"lambda:SourceFunctionArn": "arn:aws:lambda:*:*:function:f"}"#,
    ] {
        assert_eq!(one(condition), None, "{condition}");
    }
}

#[test]
fn values_that_the_key_never_has() {
    for (condition, holds, message) in [
        (r#""Bool": {"aws:SecureTransport": "flase"}"#, Some(false), "`flase` is neither true nor false"),
        (r#""NumericLessThan": {"s3:TlsVersion": "TLS1.2"}"#, Some(false), "`TLS1.2` is not a number"),
        (r#""DateGreaterThan": {"aws:CurrentTime": "tomorrow"}"#, Some(false), "`tomorrow` is not a date"),
        (r#""NotIpAddress": {"aws:SourceIp": "office"}"#, Some(true), "`office` is not an address or a range of addresses"),
        (
            r#""StringEquals": {"aws:PrincipalOrgId": "111122223333"}"#,
            Some(false),
            "`111122223333` is not the id of an organization, but the id of an account",
        ),
        (
            r#""StringLike": {"aws:SourceAccount": "arn:aws:iam::1:root"}"#,
            Some(false),
            "`arn:aws:iam::1:root` is not the id of an account",
        ),
        (
            r#""StringEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/a-*"}"#,
            Some(false),
            "`StringEquals` compares `arn:aws:iam::111122223333:role/a-*` letter by letter: the wildcard is no wildcard",
        ),
        (
            r#""StringNotEquals": {"aws:userid": "AROAEXAMPLE:*"}"#,
            Some(true),
            "`StringNotEquals` compares `AROAEXAMPLE:*` letter by letter: the wildcard is no wildcard",
        ),
        (
            r#""StringEquals": {"s3:prefix": "home/*"}"#,
            None,
            "`StringEquals` compares `home/*` letter by letter: the wildcard is no wildcard",
        ),
        (
            r#""ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-a/r-b/*"}"#,
            None,
            "`ForAllValues:StringEquals` compares `o-a/r-b/*` letter by letter: the wildcard is no wildcard",
        ),
        (
            r#""ArnLike": {"aws:PrincipalArn": "arn:aws:sts::111122223333:assumed-role/R/s"}"#,
            Some(false),
            "`arn:aws:sts::111122223333:assumed-role/R/s` is a session; `aws:PrincipalArn` is the ARN of its role",
        ),
        (r#""StringNotEquals": {"aws:SourceVpce": "vpc-1"}"#, Some(true), "`vpc-1` is not the id of a VPC endpoint"),
        (
            r#""StringNotEquals": {"s3:x-amz-server-side-encryption": "AES-256"}"#,
            Some(true),
            "`AES-256` is not spelt as in requests",
        ),
        (r#""ArnEquals": {"aws:SourceArn": "lab-data"}"#, Some(false), "`lab-data` is not an ARN, as `ArnEquals` takes"),
        // the other value may be met
        (r#""StringEquals": {"aws:SourceVpc": ["vpc-1", "main"]}"#, None, "`main` is not the id of a VPC"),
    ] {
        assert_eq!(one(condition), Some((holds, message.to_owned())), "{condition}");
    }
    for condition in [
        r#""Bool": {"aws:SecureTransport": "False"}"#,
        r#""NumericLessThan": {"s3:TlsVersion": "1.2"}"#,
        r#""DateLessThan": {"aws:EpochTime": "1795867200"}"#,
        r#""StringLike": {"aws:PrincipalOrgID": "o-*"}"#,
        r#""StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}"#,
        r#""StringEquals": {"s3:prefix": "who?"}"#,
        r#""StringEquals": {"s3:prefix": "${*}"}"#,
        r#""StringLike": {"aws:PrincipalArn": "*"}"#,
        r#""ArnLike": {"aws:PrincipalArn": "*"}"#,
        r#""StringEquals": {"s3:x-amz-server-side-encryption": "aws:fsx"}"#,
        r#""StringEqualsIgnoreCase": {"s3:x-amz-server-side-encryption": "aes256"}"#,
    ] {
        assert_eq!(one(condition), None, "{condition}");
    }
}

#[test]
fn keys_that_actions_lack() {
    let prefix = r#""StringLike": {"s3:prefix": "home/*"}"#;
    for (actions, holds, message) in [
        (
            r#""s3:GetObject""#,
            Some(false),
            "no request for s3:GetObject carries `s3:prefix`, which is a key of s3:ListBucket, s3:ListBucketVersions",
        ),
        (
            r#"["s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketAcl"]"#,
            None,
            "no request for s3:GetBucketLocation, s3:GetBucketAcl carries `s3:prefix`, as those for s3:ListBucket beside it do",
        ),
    ] {
        assert_eq!(told("Allow", actions, prefix), [("action", holds, message.to_owned())], "{actions}");
    }
    for (actions, condition) in [
        (r#"["s3:ListBucket", "s3:List*"]"#, prefix),
        (r#""s3:*""#, prefix),
        (r#"["s3:ListBucket", "s3:GetObject"]"#, r#""StringLikeIfExists": {"s3:prefix": "home/*"}"#),
        (r#"["s3:PutObject", "s3:PutObjectAcl"]"#, r#""StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}"#),
        (r#"["s3:ListBucket", "s3:Nothing"]"#, prefix),
    ] {
        assert_eq!(told("Allow", actions, condition), [], "{actions}");
    }
}
