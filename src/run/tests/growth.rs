//! That the work grows with what there is: counted, as time is not the same twice.

use super::*;
use crate::progress::Progress;
use std::sync::Mutex;

/// The passes that a run takes, and the buckets it knows.
fn passes_and_buckets(files: &[(String, String)]) -> (usize, usize) {
    #[derive(Default)]
    struct Counted(Mutex<usize>);
    impl Progress for Counted {
        fn stage(&self, what: &'static str, total: usize) {
            if what == "judging each way to deploy" {
                *self.0.lock().unwrap() = total;
            }
        }
        fn step(&self) {}
    }
    let input =
        |(path, text): &(String, String)| Input { shown: path.clone(), named: true, bytes: Ok(text.clone().into_bytes()) };
    let counted = Counted::default();
    let plan = Plan { trail_elsewhere: false, ..plan() };
    let outcome = follow(load(files.iter().map(input).collect()), &plan, &rules(), &counted);
    (counted.0.into_inner().unwrap(), outcome.buckets.len())
}

/// A bucket whose name hangs on a parameter, with its policy, its key and a trail that logs it alone and to a bucket of its
/// own; and a policy for the bucket of the file before, whose name is imported.
fn store(at: usize) -> (String, String) {
    let grant = "{Effect: Allow, Principal: {AWS: 'arn:aws:iam::123456789012:root'}, Action: 's3:GetObject', Resource: '*'}";
    let before = at.checked_sub(1).map_or(String::new(), |before| {
        format!(
            "  Extra{at}:\n    Type: AWS::S3::BucketPolicy\n    Properties: {{Bucket: !ImportValue lab-{before}, PolicyDocument: {{Statement: [{grant}]}}}}\n"
        )
    });
    let text = format!(
        "Parameters:
  Env{at}: {{Type: String, Default: dev, AllowedValues: [dev, prod]}}
Conditions:
  Prod: !Equals [!Ref Env{at}, prod]
Resources:
  Data{at}:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub 'lab-{at}-${{Env{at}}}'
      OwnershipControls: {{Rules: [{{ObjectOwnership: !If [Prod, BucketOwnerEnforced, ObjectWriter]}}]}}
      BucketEncryption: {{ServerSideEncryptionConfiguration: [{{ServerSideEncryptionByDefault: {{SSEAlgorithm: 'aws:kms', KMSMasterKeyID: !GetAtt Key{at}.Arn}}}}]}}
  Key{at}:
    Type: AWS::KMS::Key
    Properties: {{KeyPolicy: {{Statement: [{{Effect: Allow, Principal: {{AWS: !If [Prod, '123456789012', '210987654321']}}, Action: 'kms:*', Resource: '*'}}]}}}}
  Trail{at}:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      IsMultiRegionTrail: !If [Prod, true, false]
      S3BucketName: lab-logs-{at}
      EventSelectors: [{{DataResources: [{{Type: 'AWS::S3::Object', Values: [!Sub '${{Data{at}.Arn}}/']}}]}}]
{before}Outputs:
  Bucket{at}: {{Value: !Ref Data{at}, Export: {{Name: lab-{at}}}}}
"
    );
    (format!("store-{at}.yaml"), text)
}

#[test]
fn as_many_passes_do_for_more_files() {
    let count = |files: usize| passes_and_buckets(&(0..files).map(store).collect::<Vec<_>>());
    let (few, buckets) = count(6);
    assert_eq!((few, buckets), (4, 6), "what files that import make is seen apart from those they import from");
    assert_eq!(count(12), (few, 2 * buckets));
    assert_eq!(count(24), (few, 4 * buckets));
}

/// Both are seen in one pass, and the trail of each looks at the bucket of the other.
#[test]
fn a_trail_that_stays_is_no_cause_of_what_its_template_varies() {
    let text = |at: usize| {
        format!(
            "Parameters:
  P{at}: {{Type: String, Default: 'off', AllowedValues: ['on', 'off']}}
Conditions:
  On: !Equals [!Ref P{at}, 'on']
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: lab-{at}
      OwnershipControls: {{Rules: [{{ObjectOwnership: !If [On, ObjectWriter, BucketOwnerEnforced]}}]}}
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: lab-logs
      EventSelectors: [{{DataResources: [{{Type: 'AWS::S3::Object', Values: ['arn:aws:s3']}}]}}]
"
        )
    };
    let texts = [text(0), text(1)];
    let outcome = check_files(&[("0.yaml", &texts[0]), ("1.yaml", &texts[1])], &plan(), &rules());
    let found = outcome.findings.iter().filter(|finding| finding.rule == "ownership/not-enforced");
    let found: Vec<_> =
        found.map(|finding| (outcome.sources.get(finding.primary.span.file).path.to_string(), &finding.when)).collect();
    let when = |at: usize| vec![(format!("P{at}"), "on".to_owned())];
    assert_eq!(found, [("0.yaml".to_owned(), &when(0)), ("1.yaml".to_owned(), &when(1))]);
}
