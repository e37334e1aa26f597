//! How much longer a check takes when the input is twice as long: about 2.0 where the work grows with the input, 4.0 where it
//! grows with its square. Each series is input that once took far more, in three sizes; the last ratio counts.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark ends where it cannot go on")]
#![allow(missing_docs, reason = "the functions are named after what they make")]

#[path = "../tests/common/mod.rs"]
mod common;

use bucketlint::load::{Input, load};
use bucketlint::report::{self, Style};
use bucketlint::rule::Rule;
use bucketlint::run;
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

const STYLE: Style = Style { width: 80, unicode: true, colour: false };
const ACCOUNT: &str = "123456789012";

type Files = Vec<(String, String)>;

/// The name of a series, what makes it in a size, and the first size.
type Series = (&'static str, fn(usize) -> Files, usize);

const SERIES: [Series; 11] = [
    ("files that share a bucket, with conditions of their own", sharing, 20),
    ("files that share a bucket and a parameter", following, 20),
    ("files with buckets and conditions of their own", apart, 40),
    ("files with trails, keys and exports of their own", stores, 40),
    ("files with trails for all buckets", recorders, 10),
    ("event names that selectors leave out", event_names, 100),
    ("keys and buckets", keys, 40),
    ("conditions around statements", statements, 50),
    ("a key that is there many times", duplicates, 500),
    ("parameters with three values", parameters, 4),
    ("JSON on one line", one_line, 100),
];

fn main() {
    let rules = common::rules();
    for (name, make, first) in SERIES {
        let times: Vec<Duration> = (0..3).map(|nth| time(&make(first << nth), &rules)).collect();
        let ratio = |one: usize| times[one + 1].as_secs_f64() / times[one].as_secs_f64();
        println!("{name}: {first} in {:.1?}, per doubling {:.2}, {:.2}", times[0], ratio(0), ratio(1));
    }
}

/// The shortest of three checks.
fn time(files: &Files, rules: &[Rule]) -> Duration {
    let plan = common::plan(ACCOUNT);
    let check = || {
        let input =
            |(path, text): &(String, String)| Input { shown: path.clone(), named: false, bytes: Ok(text.clone().into_bytes()) };
        let inputs = files.iter().map(input).collect();
        let start = Instant::now();
        black_box(report::human(&run::run(load(inputs), &plan, rules), STYLE));
        start.elapsed()
    };
    (0..3).map(|_| check()).min().unwrap_or_default()
}

/// A bucket and its policy under three conditions.
fn stack(at: usize, bucket: &str) -> (String, String) {
    let (mut parameters, mut conditions) = (String::new(), String::new());
    for nth in 0..3 {
        writeln!(parameters, "  P{at}x{nth}: {{Type: String, Default: 'off', AllowedValues: ['on', 'off']}}").unwrap();
        writeln!(conditions, "  C{nth}: !Equals [!Ref P{at}x{nth}, 'on']").unwrap();
    }
    let text = format!(
        "Parameters:\n{parameters}Conditions:\n{conditions}Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: {bucket}
      OwnershipControls: {{Rules: [{{ObjectOwnership: !If [C0, ObjectWriter, BucketOwnerEnforced]}}]}}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: {bucket}
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {{AWS: 'arn:aws:iam::{ACCOUNT}:root'}}
            Action: [!If [C1, 's3:GetObject', 's3:PutObject'], !If [C2, 's3:ListBucket', 's3:GetObjectTagging']]
            Resource: ['arn:aws:s3:::{bucket}', 'arn:aws:s3:::{bucket}/*']
"
    );
    (format!("stacks/{at:05}.yaml"), text)
}

fn sharing(count: usize) -> Files {
    (0..count).map(|at| stack(at, "lab-shared")).collect()
}

/// One parameter moves them all.
fn following(count: usize) -> Files {
    let renamed = |(path, text): (String, String), at: usize| (path, text.replace(&format!("P{at}x0"), "Stage"));
    (0..count).map(|at| renamed(stack(at, "lab-shared"), at)).collect()
}

/// A bucket with a key, a trail that logs it alone, and a policy for the bucket of the file before.
fn stores(count: usize) -> Files {
    let store = |at: usize| {
        let (path, text) = stack(at, &format!("lab-{at}"));
        let (name, grant) = (format!("lab-{at}"), "{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: '*'}");
        let mut resources = format!(
            "  Key: {{Type: AWS::KMS::Key, Properties: {{KeyPolicy: {{Statement: []}}}}}}
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      IsMultiRegionTrail: !If [C0, true, false]
      S3BucketName: logs-{at}
      EventSelectors: [{{DataResources: [{{Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::{name}/']}}]}}]
"
        );
        if at % 3 == 1 {
            writeln!(resources, "  Extra:\n    Type: AWS::S3::BucketPolicy\n    Properties: {{Bucket: !ImportValue lab-{}, PolicyDocument: {{Statement: [{grant}]}}}}", at - 1).unwrap();
        }
        (path, format!("{text}{resources}Outputs:\n  Data: {{Value: !Ref Data, Export: {{Name: {name}}}}}\n"))
    };
    (0..count).map(store).collect()
}

/// A bucket and a trail that logs any, or none.
fn recorders(count: usize) -> Files {
    let recorder = |at: usize| {
        let (path, text) = stack(at, &format!("lab-{at}"));
        let values = "!If [C0, 'arn:aws:s3', !Sub '${Data.Arn}/']";
        let trail = format!(
            "  Trail:
    Type: AWS::CloudTrail::Trail
    Properties: {{IsLogging: true, S3BucketName: logs, EventSelectors: [{{DataResources: [{{Type: 'AWS::S3::Object', Values: [{values}]}}]}}]}}
"
        );
        (path, text + &trail)
    };
    (0..count).map(recorder).collect()
}

fn apart(count: usize) -> Files {
    (0..count).map(|at| stack(at, &format!("lab-{at}"))).collect()
}

fn one(resources: &str) -> Files {
    vec![("stack.yaml".into(), format!("Resources:\n{resources}"))]
}

const BUCKET: &str = "  Data:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: lab-data}\n";

fn event_names(count: usize) -> Files {
    let mut selectors = String::new();
    for selector in 0..4 {
        let names: Vec<String> = (0..count / 4).map(|at| format!("Event{selector}x{at}")).collect();
        let fields = "{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ['AWS::S3::Object']}";
        let names = names.join(", ");
        writeln!(selectors, "        - {{FieldSelectors: [{fields}, {{Field: eventName, NotEquals: [{names}]}}]}}").unwrap();
    }
    let trail = "  Trail:\n    Type: AWS::CloudTrail::Trail\n    Properties:\n      IsLogging: true\n      S3BucketName: logs\n";
    one(&format!("{BUCKET}{trail}      AdvancedEventSelectors:\n{selectors}"))
}

fn keys(count: usize) -> Files {
    let mut resources = String::new();
    for at in 0..count {
        let rule = format!("{{ServerSideEncryptionByDefault: {{SSEAlgorithm: 'aws:kms', KMSMasterKeyID: !GetAtt Key{at}.Arn}}}}");
        write!(
            resources,
            "  Data{at}:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: lab-{at}, BucketEncryption: {{ServerSideEncryptionConfiguration: [{rule}]}}}}
  Key{at}:
    Type: AWS::KMS::Key
    Properties: {{KeyPolicy: {{Statement: [{{Effect: Allow, Principal: {{AWS: '{ACCOUNT}'}}, Action: 'kms:*', Resource: '*'}}]}}}}
"
        )
        .unwrap();
    }
    one(&resources)
}

fn statements(count: usize) -> Files {
    let policy = "  Policy:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: !Ref Data\n      PolicyDocument:\n        Statement:\n";
    let mut all = String::new();
    for at in 0..count {
        let statement = format!(
            "{{Effect: Allow, Principal: {{AWS: '{ACCOUNT}'}}, Action: 's3:GetObject', Resource: 'arn:aws:s3:::lab-data/{at}/*'}}"
        );
        writeln!(all, "          - !If [Is, {statement}, !Ref 'AWS::NoValue']").unwrap();
    }
    let head = "Parameters:\n  Is: {Type: String, Default: 'yes'}\nConditions:\n  Is: !Equals [!Ref Is, 'yes']\n";
    vec![("stack.yaml".into(), format!("{head}Resources:\n{BUCKET}{policy}{all}"))]
}

fn duplicates(count: usize) -> Files {
    one(&BUCKET.repeat(count))
}

fn parameters(count: usize) -> Files {
    let (mut parameters, mut buckets) = (String::new(), String::new());
    for at in 0..count {
        writeln!(parameters, "  P{at}: {{Type: String, Default: a, AllowedValues: [a, b, c]}}").unwrap();
        write!(buckets, "  B{at}:\n    Type: AWS::S3::Bucket\n    Properties: {{BucketName: !Sub 'lab-{at}-${{P{at}}}'}}\n")
            .unwrap();
    }
    vec![("stack.yaml".into(), format!("Parameters:\n{parameters}Resources:\n{buckets}"))]
}

fn one_line(count: usize) -> Files {
    let buckets: Vec<String> =
        (0..count).map(|at| format!("\"Data{at}\":{{\"Type\":\"AWS::S3::Bucket\",\"Properties\":{{}}}}")).collect();
    vec![("stack.json".into(), format!("{{\"Resources\":{{{}}}}}", buckets.join(",")))]
}
