//! Gaps of trails that are one finding for several buckets.

use super::*;
use crate::allow::{Cover, Suppression};
use crate::baseline::Baseline;
use crate::finding::BucketRef;
use crate::report::json;
use std::sync::LazyLock;

const RULE: &str = "trail/uncovered-bucket";

const ACTIONS: &str = "[s3:GetObject, s3:GetObjectVersion, s3:ListBucket, s3:ListBucketVersions, s3:DeleteObject, s3:DeleteObjectVersion, s3:PutObject, s3:GetBucketNotification, s3:PutBucketNotification]";

/// A bucket; one that is shared has a policy for the control account.
fn bucket(id: &str, name: &str, shared: bool) -> String {
    let own = "OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}";
    let bucket = format!("  {id}:\n    Type: AWS::S3::Bucket\n    Properties: {{BucketName: {name}, {own}}}\n");
    if !shared {
        return bucket;
    }
    let resources = format!("[!GetAtt {id}.Arn, !Sub '${{{id}.Arn}}/*']");
    let allow = format!("{{Effect: Allow, Principal: {{AWS: '{ACCOUNT}'}}, Action: {ACTIONS}, Resource: {resources}}}");
    let document = format!("{{Version: '2012-10-17', Statement: [{allow}]}}");
    let properties = format!("{{Bucket: !Ref {id}, PolicyDocument: {document}}}");
    format!("{bucket}  {id}Policy:\n    Type: AWS::S3::BucketPolicy\n    Properties: {properties}\n")
}

const TRAIL: &str = "  Audit:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: lab-logs
      EventSelectors:
        - ReadWriteType: All
          DataResources:
            - Type: AWS::S3::Object
              Values:
                - arn:aws:s3:::lab-raw/
";

fn checked(files: &[(&str, String)], plan: &Plan) -> Outcome {
    static RULES: LazyLock<Vec<Rule>> = LazyLock::new(rules);
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    check_files(&files, plan, &RULES)
}

fn here() -> Plan {
    Plan { trail_elsewhere: false, ..plan() }
}

/// The gaps that are told: how grave, where, and of which buckets.
fn gaps(outcome: &Outcome) -> Vec<String> {
    let told = outcome.findings.iter().filter(|finding| finding.rule == RULE).map(|finding| {
        let at = outcome.sources.get(finding.primary.span.file);
        let place = at.position(finding.primary.span.start as usize);
        let name = |bucket: &BucketRef| bucket.name.clone().or(bucket.logical_id.clone()).unwrap();
        let several: Vec<String> = finding.buckets.iter().map(name).collect();
        let buckets = if several.is_empty() { name(finding.bucket.as_ref().unwrap()) } else { several.join(" ") };
        format!("{} {}:{}:{} {buckets}", finding.severity.word(), at.path, place.line, place.column)
    });
    told.collect()
}

fn help(outcome: &Outcome) -> &str {
    outcome.findings.iter().find(|finding| finding.rule == RULE).unwrap().help.as_deref().unwrap()
}

fn three() -> String {
    format!("Resources:\n{}{}{}{TRAIL}", bucket("A", "lab-a", true), bucket("B", "lab-b", false), bucket("C", "lab-c", true))
}

#[test]
fn a_trail_that_leaves_out_several_is_one_finding_at_its_selectors() {
    let outcome = checked(&[("t.yaml", three())], &here());
    // A on lines 2 to 7, B on 8 to 10, C on 11 to 16, the trail from 17 on
    assert_eq!(gaps(&outcome), ["error t.yaml:23:11 lab-a lab-c lab-b"]);
    let finding = outcome.findings.iter().find(|finding| finding.rule == RULE).unwrap();
    assert_eq!(finding.message, "no trail logs the object-level events of 3 buckets: lab-a, lab-c and lab-b");
    assert_eq!(
        help(&outcome),
        "add to the EventSelectors of trail Audit:
        - ReadWriteType: All
          DataResources:
            - Type: AWS::S3::Object
              Values:
                - !Sub ${A.Arn}/
                - !Sub ${C.Arn}/
                - !Sub ${B.Arn}/"
    );
}

#[test]
fn json_is_written_as_json() {
    let bucket = |id: &str| format!("\"{id}\": {{\"Type\": \"AWS::S3::Bucket\"}},\n");
    let data = "{\"Type\": \"AWS::S3::Object\", \"Values\": [\"arn:aws:s3:::lab-raw/\"]}";
    let text = format!(
        "{{\"Resources\": {{\n{}{}\"T\": {{\"Type\": \"AWS::CloudTrail::Trail\", \"Properties\": {{\"IsLogging\": true, \"S3BucketName\": \"lab-logs\", \"EventSelectors\": [\n  {{\"DataResources\": [{data}]}}]}}}}}}}}",
        bucket("A"),
        bucket("B")
    );
    let outcome = checked(&[("t.json", text)], &here());
    assert_eq!(gaps(&outcome), ["note t.json:5:3 A B"]);
    let values =
        "        \"Values\": [\n          {\"Fn::Sub\":\"${A.Arn}/\"},\n          {\"Fn::Sub\":\"${B.Arn}/\"}\n        ]";
    assert!(help(&outcome).contains(values), "{}", help(&outcome));
}

#[test]
fn without_a_trail_for_data_events_it_is_told_once_for_the_run() {
    let file = |id: &str, shared| format!("Resources:\n{}", bucket(id, &format!("lab-{}", id.to_lowercase()), shared));
    let files = |shared| [("a/t.yaml", file("A", false)), ("b/t.yaml", file("B", shared))];
    let outcome = checked(&files(true), &here());
    assert_eq!(gaps(&outcome), ["warning b/t.yaml:2:3 lab-b lab-a"]);
    let advice =
        "if the trails live elsewhere, write `trail: elsewhere` in bucketlint.yaml; otherwise add to the properties of a trail:";
    assert_eq!(help(&outcome).lines().next(), Some(advice));
    assert!(help(&outcome).contains("- \"arn:aws:s3:::lab-b/\"\n"), "{}", help(&outcome));
    assert_eq!(gaps(&checked(&files(false), &here())), ["note a/t.yaml:2:3 lab-a lab-b"]);
    // a trail that logs management events alone
    let management = TRAIL.split("      EventSelectors").next().unwrap();
    let trail = ("trail.yaml", format!("Resources:\n{management}"));
    let [one, other] = files(true);
    assert_eq!(gaps(&checked(&[one, other, trail], &here())), ["error b/t.yaml:2:3 lab-b lab-a"]);
}

#[test]
fn each_trail_is_told_of_the_buckets_near_it() {
    let file = |id: &str, trail| format!("Resources:\n{}{}{trail}", bucket(id, &format!("lab-{}", id.to_lowercase()), true), "");
    let more = |id: &str| file(id, "");
    let files = [
        ("one/t.yaml", file("A", TRAIL)),
        ("one/u.yaml", more("B")),
        ("two/t.yaml", file("C", TRAIL)),
        ("two/u.yaml", more("D")),
    ];
    assert_eq!(gaps(&checked(&files, &here())), ["error one/t.yaml:14:11 lab-a lab-b", "error two/t.yaml:14:11 lab-c lab-d"]);
}

#[test]
fn what_is_allowed_at_a_bucket_leaves_the_rest() {
    let marked = |before: &str| three().replacen(before, &format!("  # bucketlint: allow {RULE} not needed\n{before}"), 1);
    let (b, a) = (checked(&[("t.yaml", marked("  B:\n"))], &here()), checked(&[("t.yaml", marked("  A:\n"))], &here()));
    assert_eq!(gaps(&b), ["error t.yaml:24:11 lab-a lab-c"]);
    assert!(!help(&b).contains("B.Arn"));
    assert_eq!(b.dismissed.len(), 1);
    assert_eq!(gaps(&a), ["error t.yaml:24:11 lab-c lab-b"]);
    // where it is told it can be allowed as a whole
    let selectors =
        three().replacen("      EventSelectors:\n", &format!("      EventSelectors: # bucketlint: allow {RULE} no need\n"), 1);
    let all = checked(&[("t.yaml", selectors)], &here());
    assert_eq!((gaps(&all), all.dismissed.len()), (Vec::new(), 1));
    // the settings take a bucket by its name
    let allow = Suppression {
        rule: RULE.into(),
        at: Span::default(),
        reason: None,
        until: None,
        cover: Cover::Files { shown: "*".into(), files: ["t.yaml".to_owned()].into(), buckets: vec!["lab-c".into()] },
    };
    let mut plan = here();
    plan.allowing.settings = vec![allow];
    assert_eq!(gaps(&checked(&[("t.yaml", three())], &plan)), ["error t.yaml:23:11 lab-a lab-b"]);
}

#[test]
fn a_report_on_one_bucket_is_about_it_alone() {
    let mut plan = here();
    plan.buckets.include = vec!["lab-c".into()];
    let outcome = checked(&[("t.yaml", three())], &plan);
    assert_eq!(gaps(&outcome), ["error t.yaml:11:3 lab-c"]);
    assert!(help(&outcome).ends_with("                - !Sub ${C.Arn}/"));
}

#[test]
fn one_more_bucket_makes_no_other_finding() {
    let id = |outcome: &Outcome| {
        let report: serde_json::Value = serde_json::from_str(&json(outcome)).unwrap();
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|one| one["rule"] == RULE).unwrap()["fingerprint"].as_str().unwrap().to_owned()
    };
    let files = |middle: &str, trail: &str| [("t.yaml", format!("Resources:\n{}{middle}{trail}", bucket("M", "lab-m", true)))];
    for trail in [TRAIL, ""] {
        let one = checked(&files("", trail), &here());
        let baseline = Baseline::of(&one, &str::to_owned);
        // in a file that comes first, too
        let two =
            [("a.yaml", format!("Resources:\n{}", bucket("A", "lab-a", true))), files("", trail).into_iter().next().unwrap()];
        for mut more in [checked(&files(&bucket("B", "lab-b", true), trail), &here()), checked(&two, &here())] {
            assert_eq!((gaps(&more).len(), id(&one)), (1, id(&more)));
            baseline.apply(&mut more, &str::to_owned, &|_| true);
            assert_eq!(gaps(&more), Vec::<String>::new());
        }
    }
    // a shared one among others is another thing
    let grave = |shared| id(&checked(&files(&bucket("B", "lab-b", shared), ""), &Plan { buckets: Default::default(), ..here() }));
    assert_eq!(grave(true), grave(false));
    let lone = |shared| id(&checked(&[("t.yaml", format!("Resources:\n{}", bucket("M", "lab-m", shared)))], &here()));
    assert_ne!(lone(true), lone(false));
}

#[test]
fn buckets_that_are_there_under_some_values_are_told_with_them() {
    let only = |text: String, condition: &str| {
        text.replacen("AWS::S3::Bucket\n", &format!("AWS::S3::Bucket\n    Condition: {condition}\n"), 1)
    };
    let text = format!(
        "Parameters:\n  Env: {{Type: String, Default: dev, AllowedValues: [dev, prod]}}\nConditions:\n  Prod: !Equals [!Ref Env, prod]\nResources:\n{}{}{TRAIL}",
        bucket("A", "lab-a", false),
        only(bucket("B", "lab-b", false), "Prod"),
    );
    let outcome = checked(&[("t.yaml", text)], &here());
    assert_eq!(gaps(&outcome).len(), 1);
    let finding = outcome.findings.iter().find(|finding| finding.rule == RULE).unwrap();
    assert_eq!(finding.message, "no trail logs the object-level events of 2 buckets: lab-a and lab-b");
    assert!(finding.when.is_empty());
    let told: Vec<&str> = finding.related.iter().map(|label| label.message.as_str()).collect();
    assert_eq!(told, ["its object-level events are not logged", "its object-level events are not logged (when Env = prod)"]);
}
