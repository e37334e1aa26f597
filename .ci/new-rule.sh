#!/usr/bin/env bash
# Begins a built-in rule: a rule file with an example, a broken and a quiet fixture, all of which pass at once.
# usage: .ci/new-rule.sh GROUP/NAME [ROOT]
set -euo pipefail
id=${1:?usage: .ci/new-rule.sh GROUP/NAME [ROOT]}
root=${2:-$(cd "$(dirname "$0")/.." && pwd)}
[[ $id =~ ^[a-z0-9-]+/[a-z0-9-]+$ ]] || { echo "$id is not GROUP/NAME in lower-case letters, digits and -" >&2; exit 2; }
rule=$root/rules/$id.yaml
fixtures=$root/fixtures/$id
for path in "$rule" "$fixtures"; do
  [ ! -e "$path" ] || { echo "$path is there already" >&2; exit 2; }
done
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$(dirname "$0")/../Cargo.toml" | head -1)

mkdir -p "$(dirname "$rule")"
cat >"$rule" <<END
title: A bucket is called broken
severity: warning
since: $version
# the facts of a fixture: cargo run -- facts --control-account 123456789012 fixtures/$id/broken/first
each: \$.buckets[?@.in_scope == true && @.declared == true]
check:
  - {every: "@.bucket.name", not: {matches: -broken\$}}
label: this bucket
message: "bucket {bucket.title} is called broken"
why: |
  Say what goes wrong in AWS, and for whom.
fix: |
  call it something else
reference: [https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html]
example:
  broken: |
    Resources:
      Data:
        Type: AWS::S3::Bucket
        Properties: {BucketName: lab-data-broken}
  fixed: |
    Resources:
      Data:
        Type: AWS::S3::Bucket
        Properties: {BucketName: lab-data}
END

# a bucket that all other rules are content with
fixture() {
  mkdir -p "$1"
  printf 'control_accounts: ["123456789012"]\ntrail: elsewhere\n' >"$1/bucketlint.yaml"
  cat >"$1/stack.yaml" <<END
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: $2
      OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
  DataPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: arn:aws:iam::123456789012:root}
            Action:
              - s3:GetObject
              - s3:GetObjectVersion
              - s3:ListBucket
              - s3:ListBucketVersions
              - s3:DeleteObject
              - s3:DeleteObjectVersion
              - s3:PutObject
              - s3:GetBucketNotification
              - s3:PutBucketNotification
            Resource: [!GetAtt Data.Arn, !Sub "\${Data.Arn}/*"]
END
}
fixture "$fixtures/broken/first" lab-data-broken
fixture "$fixtures/quiet/first" lab-data
cat >"$fixtures/broken/first/expected.json" <<END
[
  {
    "rule": "$id",
    "severity": "warning",
    "file": "stack.yaml",
    "line": 2,
    "column": 3,
    "end_line": 2,
    "end_column": 7,
    "actions": [],
    "text": "Data"
  }
]
END
echo "wrote $rule and $fixtures; next: BLESS=1 cargo test --test suite rule_pages && cargo test --test suite catalogue"
