//! A made-up repository: templates with buckets, policies, trails, and resources that are nobody's business here.

use std::fmt::Write;

/// The account every policy is meant to grant to.
pub(crate) const CONTROL_ACCOUNT: &str = "123456789012";

/// `count` templates by path, every second one in JSON. Every tenth policy lacks actions, every twentieth template
/// holds a trail for the buckets of the twenty before it.
pub(crate) fn generate(count: usize) -> Vec<(String, String)> {
    (0..count)
        .map(|at| {
            let yaml = template(at);
            match at % 2 {
                0 => (format!("stacks/{at:05}.yaml"), yaml),
                _ => (format!("stacks/{at:05}.json"), as_json(&yaml)),
            }
        })
        .collect()
}

/// A template with so many independent conditions, two of which concern its bucket: it can be deployed in four ways that
/// matter.
pub(crate) fn conditional(count: usize) -> String {
    let (mut parameters, mut conditions, mut queues) = (String::new(), String::new(), String::new());
    for at in 0..count {
        writeln!(parameters, "  Use{at}:\n    Type: String\n    Default: \"no\"").ok();
        writeln!(conditions, "  Uses{at}: {{\"Fn::Equals\": [{{Ref: Use{at}}}, \"yes\"]}}").ok();
        let delay = format!("{{\"Fn::If\": [Uses{at}, 5, 0]}}");
        writeln!(
            queues,
            "  Queue{at}:\n    Type: AWS::SQS::Queue\n    Condition: Uses{at}\n    Properties: {{DelaySeconds: {delay}}}"
        )
        .ok();
    }
    format!("Parameters:\n{parameters}Conditions:\n{conditions}Resources:\n{CHOSEN}{queues}")
}

const CHOSEN: &str = "  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: lab-data
      AccessControl: {\"Fn::If\": [Uses1, PublicRead, Private]}
      OwnershipControls:
        Rules:
          - ObjectOwnership: {\"Fn::If\": [Uses0, ObjectWriter, BucketOwnerEnforced]}
";

fn template(at: usize) -> String {
    let mut out = format!("AWSTemplateFormatVersion: \"2010-09-09\"\nDescription: Stack {at}\n");
    out += "Parameters:\n  ControlAccount:\n    Type: String\n    Default: \"123456789012\"\nResources:\n";
    for nth in 0..4 {
        write!(out, "{}", FUNCTION.replace("NTH", &nth.to_string())).ok();
    }
    out += &BUCKET.replace("AT", &format!("{at:05}"));
    out += if at.is_multiple_of(10) { "              - s3:GetObject\n" } else { "              - s3:*Object*\n" };
    out += RESOURCES;
    if at % 20 == 19 {
        out += TRAIL;
        for covered in at - 19..=at {
            writeln!(out, "                - arn:aws:s3:::lab-data-{covered:05}/").ok();
        }
    }
    out
}

fn as_json(yaml: &str) -> String {
    let value: serde_yaml::Value = serde_yaml::from_str(yaml).unwrap_or_default();
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

const FUNCTION: &str = "  FunctionNTH:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: ingest-NTH
      Description: Moves what sequencers write into its place # and says so
      Handler: index.handler
      Runtime: python3.13
      MemorySize: 512
      Role: {\"Fn::GetAtt\": [Role, Arn]}
      Environment:
        Variables:
          BUCKET: {Ref: Bucket}
          MODE: 'daily'
      Code:
        ZipFile: |
          import os

          def handler(event, context):
              for record in event['Records']:
                  print(record['s3']['object']['key'], os.environ['BUCKET'])
      Tags:
        - {Key: team, Value: sequencing}
        - {Key: cost-centre, Value: \"0042\"}
";

const BUCKET: &str = "  Bucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties:
      BucketName: lab-data-AT
      OwnershipControls:
        Rules:
          - ObjectOwnership: BucketOwnerEnforced
      VersioningConfiguration:
        Status: Enabled
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: true
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: {Ref: Bucket}
      PolicyDocument:
        Version: \"2012-10-17\"
        Statement:
          - Sid: TlsOnly
            Effect: Deny
            Principal: \"*\"
            Action: s3:*
            Resource:
              - {\"Fn::GetAtt\": [Bucket, Arn]}
              - {\"Fn::Sub\": \"${Bucket.Arn}/*\"}
            Condition:
              Bool:
                aws:SecureTransport: \"false\"
          - Sid: Catalogue
            Effect: Allow
            Principal:
              AWS: {\"Fn::Sub\": \"arn:aws:iam::${ControlAccount}:root\"}
            Action:
              - s3:ListBucket*
              - s3:GetBucketNotification
              - s3:PutBucketNotification
";

const RESOURCES: &str = "            Resource:
              - {\"Fn::GetAtt\": [Bucket, Arn]}
              - {\"Fn::Sub\": \"${Bucket.Arn}/*\"}
";

const TRAIL: &str = "  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: lab-audit-logs
      EventSelectors:
        - ReadWriteType: All
          DataResources:
            - Type: AWS::S3::Object
              Values:
";
