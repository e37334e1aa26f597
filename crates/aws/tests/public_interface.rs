//! What a program can do that has nothing but this library.
#![allow(clippy::unwrap_used, reason = "a test fails on the spot")]

use bucketlint_aws::bucket_policy::BucketPolicy;
use bucketlint_aws::iam::caller::Requester;
use bucketlint_aws::iam::verdict::Verdict;

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
      "Action": ["s3:GetObject", "s3:ListBucket"],
      "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]
    },
    {
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::reports/secret/*"
    }
  ]
}"#;

fn decided(policy: &BucketPolicy, principal: &str, action: &str) -> Verdict {
    let requester = Requester::parse(principal).unwrap();
    policy.decide("reports", &requester, &[action]).pop().unwrap().verdict
}

#[test]
fn a_policy_as_text_has_a_verdict_for_each_action() {
    let policy = BucketPolicy::parse(POLICY).unwrap();
    assert_eq!(policy.faults(), []);
    assert_eq!(decided(&policy, "111122223333", "s3:ListBucket"), Verdict::Granted);
    assert_eq!(decided(&policy, "111122223333", "s3:GetObject"), Verdict::Denied);
    assert_eq!(decided(&policy, "111122223333", "s3:PutObject"), Verdict::Missing);
    assert_eq!(decided(&policy, "arn:aws:iam::111122223333:role/reader", "s3:ListBucket"), Verdict::Granted);
    assert_eq!(decided(&policy, "444455556666", "s3:ListBucket"), Verdict::WrongPrincipal);
}

#[test]
fn a_verdict_tells_the_statement_and_a_request_that_fails() {
    let policy = BucketPolicy::parse(POLICY).unwrap();
    let requester = Requester::parse("111122223333").unwrap();
    let decision = policy.decide("reports", &requester, &["s3:GetObject"]).pop().unwrap();
    let cause = decision.cause.unwrap();
    assert_eq!(cause.statement, 2);
    assert!(POLICY[..cause.span.start as usize].ends_with("    "), "{}", &POLICY[cause.span.range()]);
    let witness = decision.witness.unwrap();
    assert!(witness.resource.starts_with("arn:aws:s3:::reports/secret/"), "{witness}");
    assert_eq!(witness.statement, Some(2));
}

#[test]
fn what_is_no_policy_is_told_with_its_place() {
    let problems = BucketPolicy::parse("{\"Statement\": [}").unwrap_err();
    assert_eq!(problems.iter().map(|problem| problem.span.start).collect::<Vec<_>>(), [15]);
    let refused = BucketPolicy::parse(&POLICY.replace("\"Allow\"", "\"allow\"")).unwrap();
    assert_eq!(refused.faults().len(), 1, "{:?}", refused.faults());
    assert_eq!(Requester::parse("1111").unwrap_err().split(' ').next(), Some("`1111`"));
}
