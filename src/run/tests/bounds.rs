//! How much a run looks at.

use super::*;

/// A bucket with a policy under one of three parameters, which make eight ways to deploy it; under the first way that is
/// not the default, its ownership is another.
fn stack(name: &str) -> String {
    let parameters: String =
        (0..3).map(|at| format!("  {name}{at}: {{Type: String, Default: 'off', AllowedValues: ['on', 'off']}}\n")).collect();
    let conditions: String = (0..3).map(|at| format!("  C{at}: !Equals [!Ref {name}{at}, 'on']\n")).collect();
    format!(
        "Parameters:\n{parameters}Conditions:\n{conditions}Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: {name}\n      OwnershipControls: {{Rules: [{{ObjectOwnership: !If [C0, ObjectWriter, BucketOwnerEnforced]}}]}}\n      AccessControl: !If [C1, Private, !Ref AWS::NoValue]\n      Tags: [{{Key: k, Value: !If [C2, a, b]}}]\n  Policy:\n    Type: AWS::S3::BucketPolicy\n    Condition: C2\n    Properties: {{Bucket: !Ref Data, PolicyDocument: {{Statement: [{{Effect: Allow, Principal: {{AWS: '{ACCOUNT}'}}, Action: 's3:*', Resource: '*'}}]}}}}\n"
    )
}

/// The messages of the rule on what was left out, and the rules of all findings that hold under some values.
fn told(files: &[(&str, &str)], most_looks: usize) -> (Vec<String>, BTreeSet<String>, Outcome) {
    let outcome = check_files(files, &Plan { most_looks, ..plan() }, &rules());
    let cut = outcome.findings.iter().filter(|finding| finding.rule == "template/too-many-scenarios");
    let messages = cut.map(|finding| finding.message.clone()).collect();
    let when = outcome.findings.iter().filter(|finding| !finding.when.is_empty()).map(|finding| finding.rule.clone()).collect();
    (messages, when, outcome)
}

#[test]
fn what_is_beyond_the_bound_is_told() {
    let (one, other) = (stack("one"), stack("other"));
    let files = [("one.yaml", one.as_str()), ("other.yaml", other.as_str())];
    // seven ways of each that are not the default, and one file to look at for each
    let (messages, when, outcome) = told(&files, 14);
    assert_eq!((messages.as_slice(), outcome.summary.scenarios, outcome.partial), (&[][..], 16, false));
    assert!(when.contains("ownership/not-enforced"), "{when:?}");

    let (messages, _, outcome) = told(&files, 13);
    let message = "of the 8 ways to deploy this template, only 7 were checked: all templates together have more than one run \
                   looks at";
    assert_eq!((messages.as_slice(), outcome.summary.scenarios, outcome.partial), (&[message.to_owned()][..], 15, true));
    let said = |name: &str| {
        let report = outcome.buckets.iter().find(|report| report.bucket.name.as_deref() == Some(name)).unwrap();
        report.assumptions.iter().filter(|line| line.contains("were looked at")).cloned().collect::<Vec<_>>()
    };
    // of each template those fewest steps from the defaults: the last of the last template goes first
    assert_eq!((said("one"), said("other")), (vec![], vec!["7 of the 8 ways to deploy other.yaml were looked at".to_owned()]));

    let (messages, when, _) = told(&files, 0);
    let message = message.replace("7 were", "that of its default values was");
    assert_eq!(messages, [message.clone(), message]);
    assert_eq!(when, BTreeSet::new());
}

#[test]
fn a_trail_costs_a_look_at_every_bucket() {
    let trail =
        "  Trail:\n    Type: AWS::CloudTrail::Trail\n    Condition: C1\n    Properties: {IsLogging: true, S3BucketName: logs}\n";
    let (one, other) = (stack("one") + trail, stack("other"));
    let files = [("one.yaml", one.as_str()), ("other.yaml", other.as_str())];
    // two files and two buckets for each of the first template, two files for each of the second
    assert_eq!(told(&files, 7 * 4 + 7 * 2).0, [""; 0]);
    assert_eq!(told(&files, 7 * 4 + 7 * 2 - 1).0.len(), 1);
}

#[test]
fn one_thread_or_many_tell_the_same() {
    let files: Vec<(String, String)> = (0..6).map(|at| (format!("{at}.yaml"), stack(&format!("s{at}")))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (messages, _, outcome) = pool.install(|| told(&files, 16));
        (messages, format!("{:?}", outcome.findings))
    };
    let first = on(1);
    // 16 looks are 16 ways at one file each: two or three of each template beside its default
    assert_eq!(first.0.len(), 6);
    assert_eq!(on(4), first);
}
