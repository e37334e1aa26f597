//! Keys, topics and profiles over whole runs: what is joined, and what a profile asks for.

use crate::common;
use bucketlint::load::{Input, load};
use bucketlint::profile::{self, Profile};
use bucketlint::run::run;
use bucketlint::source::FileId;
use bucketlint::syntax::parse::parse;

/// Rule, bucket and underlined text of every finding, but those of trails and ownership, in files of these texts.
fn found(profile: &str, files: &[(&str, &str)]) -> Vec<String> {
    let inputs =
        files.iter().map(|(name, text)| Input { shown: (*name).to_owned(), named: true, bytes: Ok(text.as_bytes().to_vec()) });
    let text = profile::builtin(profile).unwrap_or(profile);
    let mut plan = common::plan("111122223333");
    plan.profile = Profile::read("p", &parse(FileId(0), text).root.unwrap()).unwrap();
    let outcome = run(load(inputs.collect()), &plan, &common::rules());
    let said = outcome.findings.iter().filter(|one| !one.rule.starts_with("trail/") && !one.rule.starts_with("ownership/"));
    said.map(|one| format!("{}: {}", one.rule, outcome.sources.slice(one.primary.span))).collect()
}

fn bucket(key: &str) -> String {
    format!(
        r#"{{"Type": "AWS::S3::Bucket", "Properties": {{"BucketName": "b", "BucketEncryption":
        {{"ServerSideEncryptionConfiguration": [{{"ServerSideEncryptionByDefault":
        {{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {key}}}}}]}}}}}}"#
    )
}

const POLICY: &str = r#"{"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "b", "PolicyDocument": {"Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}}}}"#;

/// What is found where a bucket names its key thus, beside a key without a policy and an alias of it.
fn keyed(key: &str) -> Vec<String> {
    let template = format!(
        r#"{{"Parameters": {{"P": {{"Type": "String"}}}}, "Resources": {{"B": {}, "BP": {POLICY}, "K": {{"Type": "AWS::KMS::Key"}},
        "A": {{"Type": "AWS::KMS::Alias", "Properties": {{"AliasName": "alias/k", "TargetKeyId": {{"Fn::GetAtt": ["K", "Arn"]}}}}}}}}}}"#,
        bucket(key)
    );
    found("read-only-consumer", &[("a.json", &template)])
}

#[test]
fn a_key_is_found_however_it_is_named() {
    let policy = "kms/key-policy: \"K\"";
    let elsewhere = |key: &str| format!("kms/unresolved-key: {key}");
    let no_arn = |key: &str| format!("kms/not-an-arn: {key}");
    let arn = |resource: &str| format!(r#"{{"Fn::Sub": "arn:aws:kms:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"}}"#);
    for (key, expected) in [
        (r#"{"Fn::GetAtt": ["K", "Arn"]}"#.to_owned(), vec![policy.to_owned()]),
        (arn("key/${K}"), vec![policy.into()]),
        (r#"{"Ref": "K"}"#.into(), vec![no_arn(r#"{"Ref": "K"}"#), policy.into()]),
        (r#"{"Ref": "A"}"#.into(), vec![no_arn(r#"{"Ref": "A"}"#), policy.into()]),
        (r#""alias/k""#.into(), vec![no_arn(r#""alias/k""#), policy.into()]),
        (arn("alias/k"), vec![no_arn(&arn("alias/k")), policy.into()]),
        (r#""alias/other""#.into(), vec![no_arn(r#""alias/other""#), elsewhere(r#""alias/other""#)]),
        (r#"{"Ref": "P"}"#.into(), vec![elsewhere(r#"{"Ref": "P"}"#)]),
        (arn("key/1"), vec![elsewhere(&arn("key/1"))]),
        (r#"{"Fn::ImportValue": "nobody"}"#.into(), vec![elsewhere(r#"{"Fn::ImportValue": "nobody"}"#)]),
        (r#""alias/aws/s3""#.into(), vec![r#"kms/aws-managed-key: "alias/aws/s3""#.into()]),
    ] {
        assert_eq!(keyed(&key), expected, "{key}");
    }
}

#[test]
fn what_the_profile_does_not_ask_for_is_not_missed() {
    let template = format!(r#"{{"Resources": {{"B": {}, "BP": {POLICY}}}}}"#, bucket("\"alias/aws/s3\""));
    let asks = |rest: &str| {
        let profile = format!("title: t\nactions: [s3:GetObject, s3:ListBucket]\n{rest}");
        let mut plan = common::plan("111122223333");
        plan.profile = Profile::read("p", &parse(FileId(0), &profile).root.unwrap()).unwrap();
        let input = Input { shown: "a.json".into(), named: true, bytes: Ok(template.as_bytes().to_vec()) };
        let outcome = run(load(vec![input]), &plan, &common::rules());
        outcome.findings.into_iter().map(|one| one.rule).collect::<Vec<_>>()
    };
    assert_eq!(asks(""), ["ownership/missing-controls", "trail/uncovered-bucket", "kms/aws-managed-key"]);
    assert_eq!(asks("trail: none\n"), ["ownership/missing-controls", "kms/aws-managed-key"]);
    assert_eq!(asks("trail: none\nownership: any\n"), ["kms/aws-managed-key"]);
    assert_eq!(asks("trail: none\nownership: any\nkms: []\n"), [""; 0]);
}

#[test]
fn a_grant_to_one_role_is_enough_where_the_profile_says_so() {
    let policy = |principal: &str, bucket_actions: &str| {
        format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}},
            "Action": ["s3:ReplicateObject", "s3:ReplicateDelete"], "Resource": "arn:aws:s3:::b/*"}}, {{"Effect": "Allow",
            "Principal": {{"AWS": "{principal}"}}, "Action": {bucket_actions}, "Resource": "arn:aws:s3:::b"}}]}}"#
        )
    };
    let both = r#"["s3:GetBucketVersioning", "s3:PutBucketVersioning"]"#;
    let role = "arn:aws:iam::111122223333:role/replication";
    let said = |profile: &str, text: &str| found(profile, &[("policy.json", text)]);
    assert_eq!(said("replication-destination", &policy(role, both)), [""; 0]);
    assert_eq!(said("replication-destination", &policy("111122223333", both)), [""; 0]);
    assert_eq!(
        said("replication-destination", &policy(role, r#"["s3:GetBucketVersioning"]"#)),
        [r#"policy/missing-actions: ["s3:GetBucketVersioning"]"#]
    );
    let strict = profile::builtin("replication-destination").unwrap().replace("principal: role", "principal: account");
    let wrong = format!("policy/wrong-principal: \"{role}\"");
    assert_eq!(said(&strict, &policy(role, both)), [wrong.clone(), wrong]);
}

#[test]
fn a_configuration_is_its_own_templates() {
    let queue = r#"{"QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": "arn:aws:sqs:eu-west-1:444455556666:q"}]}"#;
    let template = |notifications: &str| {
        format!(
            r#"{{"Resources": {{"B": {{"Type": "AWS::S3::Bucket", "Properties": {{"BucketName": "b",
            "NotificationConfiguration": {notifications}}}}}}}}}"#
        )
    };
    let said = found("quilt", &[("a.json", &template(queue)), ("b.json", &template("{}"))]);
    let conflicts: Vec<&String> = said.iter().filter(|one| one.starts_with("notification/")).collect();
    assert_eq!(conflicts.len(), 1, "{said:?}");
    let entry = queue.split_once('[').unwrap().1.trim_end_matches("]}");
    assert_eq!(*conflicts[0], format!("notification/conflict: {entry}"));
}

/// What is encrypted with a key may hang on a parameter; that the key's policy is wrong does not.
#[test]
fn a_key_of_sometimes_more_buckets_is_one_finding() {
    let by_arn = bucket(r#"{"Fn::GetAtt": ["K", "Arn"]}"#);
    let second = by_arn.replace("\"b\"", "\"c\"").replacen('{', r#"{"Condition": "More", "#, 1);
    let template = format!(
        r#"{{"Parameters": {{"Env": {{"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]}}}},
        "Conditions": {{"More": {{"Fn::Equals": [{{"Ref": "Env"}}, "prod"]}}}},
        "Resources": {{"A": {second}, "B": {by_arn}, "K": {{"Type": "AWS::KMS::Key"}}}}}}"#
    );
    let said = found("read-only-consumer", &[("a.json", &template)]);
    assert_eq!(said.iter().filter(|one| *one == "kms/key-policy: \"K\"").count(), 1, "{said:?}");
}

#[test]
fn names_that_lead_in_circles_end() {
    let circle = r#"{"Resources": {"A": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": {"Ref": "A"}, "TargetKeyId": {"Ref": "A"}}},
        "T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::GetAtt": ["T", "TopicName"]}}},
        "B": {"Type": "AWS::S3::Bucket", "Properties": {"NotificationConfiguration": {"TopicConfigurations": {"Ref": "T"}},
        "BucketEncryption": {"ServerSideEncryptionConfiguration": {"ServerSideEncryptionByDefault":
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "A"}}}}}}}}"#;
    let said = found("quilt", &[("a.json", circle)]);
    assert!(said.iter().any(|one| one.starts_with("kms/unresolved-key")), "{said:?}");
}
