//! Which buckets are shared, and what weighs less on those that are not.

use super::*;

/// A bucket that does not declare its ownership, with a policy of one statement.
fn stack(statement: &str) -> String {
    format!(
        "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties: {{BucketName: lab-data}}\n  Policy:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: lab-data\n      PolicyDocument: {{Version: '2012-10-17', Statement: [{statement}]}}\n"
    )
}

fn grant(principal: &str, actions: &str) -> String {
    format!("{{Effect: Allow, Principal: {principal}, Action: [{actions}], Resource: 'arn:aws:s3:::lab-data/*'}}")
}

fn report(template: &str, plan: &Plan) -> (bool, String, Severity) {
    let outcome = check_files(&[("a.yaml", template)], plan, &rules());
    let undeclared = outcome.findings.iter().find(|finding| finding.rule == "ownership/missing-controls").unwrap();
    (outcome.buckets[0].shared, outcome.buckets[0].shared_reason.clone(), undeclared.severity)
}

#[test]
fn a_bucket_is_shared_if_a_statement_seems_meant_for_the_control_account() {
    let conditions = |principal: &str, condition: &str| {
        grant(principal, "s3:GetObject").replace("Resource", &format!("Condition: {{{condition}}}, Resource"))
    };
    let everything = "'s3:*'";
    for (statement, shared) in [
        (grant("{AWS: '123456789012'}", "s3:GetObject"), true),
        (grant("{AWS: '123456789012'}", "s3:GetBucketAcl"), true),
        (grant("{AWS: 'arn:aws:iam::123456789012:role/Reader'}", "s3:GetObject"), true),
        // digits swapped, a misspelt ARN, a placeholder
        (grant("{AWS: 'arn:aws:iam::123456780912:root'}", "s3:GetObject"), true),
        (grant("{AWS: 'arn:aws:iam:123456789012:root'}", "s3:GetObject"), true),
        (grant("{AWS: 'arn:aws:iam::ACCOUNT_ID:root'}", "s3:GetObject"), true),
        (grant("{AWS: '999988887777'}", "s3:GetObject"), false),
        // half of what is required
        (grant("{AWS: '999988887777'}", everything), true),
        (grant("{Service: logging.s3.amazonaws.com}", everything), false),
        (grant("'*'", "s3:GetObject"), false),
        (grant("{AWS: '123456789012'}", "s3:GetObject").replace("Allow", "Deny"), false),
        (conditions("'*'", "StringEquals: {'aws:PrincipalOrgID': o-1}"), true),
        (conditions("'*'", "StringEquals: {'aws:PrincipalAccount': '123456789012'}"), true),
        (conditions("'*'", "StringEquals: {'aws:PrincipalAccount': '999988887777'}"), false),
        (conditions("'*'", "StringEquals: {'aws:SourceVpce': vpce-1}"), false),
        (conditions("{AWS: '123456789012'}", "StringEquals: {'aws:SourceVpce': vpce-1}"), true),
    ] {
        let (found, reason, severity) = report(&stack(&statement), &plan());
        let weight = if shared { Severity::Warning } else { Severity::Note };
        assert_eq!((found, severity), (shared, weight), "{statement}: {reason}");
        let told = if shared { "statement 1 of its policy seems" } else { "nothing grants it" };
        assert!(reason.starts_with(told), "{statement}: {reason}");
    }
}

#[test]
fn settings_keys_and_access_points_show_it_too() {
    let bucket = "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms', KMSMasterKeyID: !GetAtt Key.Arn}}]}\n";
    let key = |account: &str| {
        format!(
            "{bucket}  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: {{Version: '2012-10-17', Statement: [{{Effect: Allow, Principal: {{AWS: '{account}'}}, Action: '*', Resource: '*'}}]}}\n"
        )
    };
    let point = |account: &str| {
        format!(
            "{bucket}  Point:\n    Type: AWS::S3::AccessPoint\n    Properties:\n      Bucket: !Ref Data\n      Policy: {{Version: '2012-10-17', Statement: [{{Effect: Allow, Principal: {{AWS: '{account}'}}, Action: s3:GetObject, Resource: '*'}}]}}\n"
        )
    };
    let named = Plan { buckets: BucketGlobs { include: vec!["Da*".into()], exclude: Vec::new() }, ..plan() };
    for (template, plan, told) in [
        (key("arn:aws:iam::123456789012:root"), &plan(), Some("statement 1 of key Key seems")),
        (key("arn:aws:iam::999988887777:root"), &plan(), None),
        (point("123456789012"), &plan(), Some("statement 1 of access point Point seems")),
        (point("999988887777"), &plan(), None),
        (bucket.to_owned(), &named, Some("named by `Da*`")),
    ] {
        let (shared, reason, severity) = report(&template, plan);
        let weight = if shared { Severity::Warning } else { Severity::Note };
        assert_eq!((shared, severity), (told.is_some(), weight), "{template}: {reason}");
        assert!(reason.starts_with(told.unwrap_or("nothing grants it")), "{template}: {reason}");
    }
}

#[test]
fn what_is_shared_under_some_values_weighs_in_full_under_all() {
    let granted = stack(&grant("{AWS: '123456789012'}", "s3:GetObject"));
    let choice = "Parameters:\n  Share: {Type: String, Default: 'no', AllowedValues: ['yes', 'no']}\nConditions:\n  Shared: !Equals [!Ref Share, 'yes']\n";
    let template = format!("{choice}{granted}").replace("BucketPolicy\n", "BucketPolicy\n    Condition: Shared\n");
    let (shared, _, severity) = report(&template, &plan());
    assert_eq!((shared, severity), (false, Severity::Warning));
}
