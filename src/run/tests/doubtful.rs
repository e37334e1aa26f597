//! Resources whose condition cannot be evaluated.

use super::*;

/// The default verdict on `s3:GetObject`, and how far reads are logged, for the first bucket in scope.
fn told(files: &[(&str, &str)]) -> (&'static str, &'static str) {
    let outcome = check_files(files, &Plan { trail_elsewhere: false, ..plan() }, &[]);
    let bucket = outcome.buckets.iter().find(|bucket| bucket.in_scope).unwrap();
    let line = bucket.access.iter().find(|line| line.action == "s3:GetObject").unwrap();
    (line.verdict, bucket.coverage.read)
}

/// A template of one bucket; each `#` is where a resource may get a condition.
const TEMPLATE: &str = r##"
Conditions:
  Made: {"Fn::Transform": {Name: Decide}}
  Led: !Not [!Condition Made]
  Slip: {"Fn::Equal": [a, a]}
  Always: !Equals [a, a]
  Either: !Or [!Condition Made, !Condition Always]
Resources:
  Data: {Type: AWS::S3::Bucket, #bucket, Properties: {BucketName: lab-data}}
  Policy:
    Type: AWS::S3::BucketPolicy
    "#policy": 1
    Properties:
      Bucket: !Ref Data
      PolicyDocument: {Statement: [{Effect: Allow, Principal: {AWS: "123456789012"}, Action: "s3:*", Resource: "arn:aws:s3:::lab-data/*"}]}
  Deny:
    Type: AWS::S3::BucketPolicy
    "#deny": 1
    Properties:
      Bucket: !Ref Data
      PolicyDocument: {Statement: [{Effect: Deny, Principal: "*", Action: "s3:*", Resource: "arn:aws:s3:::lab-data/*"}]}
  Trail:
    Type: AWS::CloudTrail::Trail
    "#trail": 1
    Properties:
      IsLogging: true
      IsMultiRegionTrail: true
      S3BucketName: lab-logs
      EventSelectors: [{DataResources: [{Type: AWS::S3::Object, Values: [!Sub "${Data.Arn}/"]}]}]
"##;

fn with(conditions: &[(&str, &str)]) -> String {
    let set = |name: &str| {
        let found = conditions.iter().find(|(of, _)| *of == name);
        found.map_or_else(|| "Note: none".to_owned(), |(_, condition)| format!("Condition: {condition}"))
    };
    let text = TEMPLATE.replace("#bucket", &set("bucket"));
    ["policy", "deny", "trail"].iter().fold(text, |text, name| text.replace(&format!("\"#{name}\": 1"), &set(name)))
}

/// The conditions of resources, and what is told then.
type Case = (&'static [(&'static str, &'static str)], &'static str, &'static str);

#[test]
fn what_may_not_be_there_decides_nothing() {
    let cases: &[Case] = &[
        (&[("deny", "Made")], "unresolved", "full"),
        (&[("deny", "Led")], "unresolved", "full"),
        (&[("deny", "Slip"), ("trail", "Slip")], "unresolved", "unknown"),
        (&[("deny", "Nowhere"), ("trail", "[Made]")], "unresolved", "unknown"),
        (&[("deny", "Always"), ("trail", "Always")], "denied", "full"),
        (&[("deny", "Either"), ("trail", "Either")], "denied", "full"),
        // it is there wherever its bucket is
        (&[("bucket", "Made"), ("deny", "Made"), ("trail", "Made")], "denied", "full"),
        (&[("bucket", "Made"), ("deny", "Slip"), ("trail", "Led")], "unresolved", "unknown"),
    ];
    for (conditions, access, read) in cases {
        assert_eq!(told(&[("t.yaml", &with(conditions))]), (*access, *read), "{conditions:?}");
    }
}

#[test]
fn of_two_policies_that_may_not_be_there_none_is_one_too_many() {
    let outcome = |conditions| check_files(&[("t.yaml", &with(conditions))], &plan(), &rules());
    let duplicates = |outcome: Outcome| outcome.findings.iter().filter(|finding| finding.rule == "policy/duplicate").count();
    assert_eq!(duplicates(outcome(&[])), 1);
    assert_eq!(duplicates(outcome(&[("policy", "Made"), ("deny", "Led")])), 0);
    assert_eq!(duplicates(outcome(&[("deny", "Led")])), 0);
    assert_eq!(duplicates(outcome(&[("bucket", "Led"), ("deny", "Led"), ("policy", "Led")])), 1);
}

#[test]
fn a_stack_that_may_not_be_there_takes_what_it_deploys_along() {
    let around = |condition: &str| {
        format!(
            "Conditions: {{Made: {{'Fn::Transform': {{Name: Decide}}}}}}
Resources:
  Inner: {{Type: AWS::CloudFormation::Stack, {condition} Properties: {{TemplateURL: ./inner.yaml}}}}
  Data: {{Type: AWS::S3::Bucket, Properties: {{BucketName: lab-data}}}}
"
        )
    };
    let inner = "Resources:
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: lab-data
      PolicyDocument: {Statement: [{Effect: Allow, Principal: {AWS: '123456789012'}, Action: 's3:*', Resource: 'arn:aws:s3:::lab-data/*'}]}
";
    for (condition, verdict) in [("", "granted"), ("Condition: Made,", "unresolved")] {
        let around = around(condition);
        assert_eq!(told(&[("a.yaml", &around), ("inner.yaml", inner)]).0, verdict, "{condition}");
    }
}
