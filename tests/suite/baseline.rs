//! Findings that were there before, from outside.

use crate::program::{Done, folder, run};
use serde_json::Value;
use std::fs;
use std::path::Path;

const SETTINGS: &str = "control_accounts: [\"123456789012\"]\ntrail: elsewhere\n";

/// A bucket with a wrong ownership and no policy.
fn bucket(id: &str, ownership: &str) -> String {
    format!(
        "  {id}:\n    Type: AWS::S3::Bucket\n    Properties:\n      OwnershipControls: {{Rules: [{{ObjectOwnership: {ownership}}}]}}\n"
    )
}

fn stack(buckets: &[String]) -> String {
    format!("Resources:\n{}", buckets.concat())
}

const FILE: &str = "bucketlint-baseline.json";

fn check(dir: &Path, args: &[&str]) -> Done {
    let done = run(dir, &[&["check", "--format", "json"], args].concat());
    assert_eq!(done.err, "");
    done
}

/// Rules that are reported, how many findings are known, and how many fixed.
fn told(done: &Done) -> (Vec<String>, u64, u64) {
    let summary = &done.json()["summary"];
    let number = |key: &str| summary[key].as_u64().unwrap();
    (done.rules(), number("in_baseline"), number("fixed"))
}

/// `file rule subject count` of each entry.
fn entries(dir: &Path) -> Vec<String> {
    let text = fs::read_to_string(dir.join(FILE)).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let word = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
    let line = |one: &Value| ["file", "rule", "subject", "count"].map(|key| word(&one[key])).join(" ");
    file["findings"].as_array().unwrap().iter().map(line).collect()
}

const KNOWN: [&str; 2] = ["--baseline", FILE];

#[test]
fn what_is_new_is_reported_wherever_the_rest_has_moved() {
    let one = bucket("Data", "ObjectWriter");
    let dir = folder(&[("stack.yaml", &stack(std::slice::from_ref(&one))), ("bucketlint.yaml", SETTINGS)]);
    let first = check(dir.path(), &["--write-baseline"]);
    assert_eq!((told(&first), first.status), ((vec![], 2, 0), 0));
    let known = check(dir.path(), &KNOWN);
    assert_eq!((told(&known), known.status), ((vec![], 2, 0), 0));
    // without it all is as it was
    assert_eq!((check(dir.path(), &[]).status, told(&check(dir.path(), &[])).1), (1, 0));
    // another bucket above, comments, and another layout of the same
    let moved = one.replace(
        "{Rules: [{ObjectOwnership: ObjectWriter}]}",
        "\n        Rules:\n          # why\n          - ObjectOwnership: ObjectWriter",
    );
    fs::write(dir.path().join("stack.yaml"), stack(&[bucket("Raw", "ObjectWriter"), moved])).unwrap();
    let more = check(dir.path(), &KNOWN);
    assert_eq!((told(&more), more.status), ((vec!["policy/missing".into(), "ownership/not-enforced".into()], 2, 0), 1));
    let buckets: Vec<Value> =
        more.json()["findings"].as_array().unwrap().iter().map(|one| one["bucket"]["logical_id"].clone()).collect();
    assert_eq!(buckets, ["Raw", "Raw"]);
}

#[test]
fn the_file_is_readable_sorted_and_stable() {
    let files = [
        ("b.yaml", &*stack(&[bucket("Data", "ObjectWriter")])),
        ("a.yaml", &*stack(&[bucket("Zoo", "BucketOwnerEnforced")])),
        ("bucketlint.yaml", SETTINGS),
    ];
    let dir = folder(&files);
    check(dir.path(), &["--write-baseline"]);
    let missing = "arn:aws:iam::123456789012:root, s3:GetObject, s3:GetObjectVersion, s3:ListBucket, s3:ListBucketVersions, s3:DeleteObject, s3:DeleteObjectVersion, s3:PutObject, s3:GetBucketNotification, s3:PutBucketNotification 1";
    assert_eq!(
        entries(dir.path()),
        [
            format!("a.yaml policy/missing Zoo, {missing}"),
            "b.yaml ownership/not-enforced Data, ObjectWriter 1".into(),
            format!("b.yaml policy/missing Data, {missing}"),
        ]
    );
    let text = fs::read_to_string(dir.path().join(FILE)).unwrap();
    check(dir.path(), &["--write-baseline", "b.yaml", "a.yaml", "--baseline", FILE]);
    assert_eq!(fs::read_to_string(dir.path().join(FILE)).unwrap(), text);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4, "nothing else is left");
}

#[test]
fn what_is_fixed_is_told_and_dropped_when_it_is_written_again() {
    let dir = folder(&[
        ("stack.yaml", &stack(&[bucket("Data", "ObjectWriter"), bucket("Raw", "ObjectWriter")])),
        ("bucketlint.yaml", SETTINGS),
    ]);
    check(dir.path(), &["--write-baseline"]);
    assert_eq!(entries(dir.path()).len(), 4);
    fs::write(dir.path().join("stack.yaml"), stack(&[bucket("Data", "BucketOwnerEnforced")])).unwrap();
    assert_eq!(told(&check(dir.path(), &KNOWN)), (vec![], 1, 3));
    let pretty = run(dir.path(), &[&["check"], &KNOWN[..]].concat());
    assert!(pretty.out.contains("\n3 findings of the baseline are fixed; write it again to keep it so\n"), "{}", pretty.out);
    let written = run(dir.path(), &[&["check", "--write-baseline"], &KNOWN[..]].concat());
    assert!(!written.out.contains("fixed"), "{}", written.out);
    assert_eq!(entries(dir.path()).len(), 1);
    // so it cannot come back unseen
    fs::write(dir.path().join("stack.yaml"), stack(&[bucket("Data", "ObjectWriter")])).unwrap();
    assert_eq!(told(&check(dir.path(), &KNOWN)), (vec!["ownership/not-enforced".into()], 1, 0));
}

#[test]
fn several_alike_are_counted() {
    // nothing tells one of these statements from another
    let policy = |count: usize| {
        let statement = "{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"s3:GetObjet\", \"Resource\": \"arn:aws:s3:::lab-data/*\"}";
        format!("{{\"Statement\": [{}]}}", vec![statement; count].join(",\n"))
    };
    let dir = folder(&[("p.json", &policy(2)), ("bucketlint.yaml", SETTINGS)]);
    check(dir.path(), &["--write-baseline"]);
    let counted = |count: usize| {
        fs::write(dir.path().join("p.json"), policy(count)).unwrap();
        let done = check(dir.path(), &KNOWN);
        let rules = done.rules().into_iter().filter(|rule| rule == "policy/unknown-action").count();
        (rules, told(&done).2)
    };
    assert!(
        entries(dir.path()).contains(&"p.json policy/unknown-action lab-data, \"s3:GetObjet\" 2".to_owned()),
        "{:?}",
        entries(dir.path())
    );
    assert_eq!(counted(2), (0, 0));
    assert_eq!(counted(3), (1, 0));
    assert_eq!(counted(1).0, 0);
    assert!(counted(1).1 >= 1);
}

#[test]
fn what_is_not_looked_at_is_not_called_fixed_and_not_dropped() {
    let one = |id: &str| stack(&[bucket(id, "ObjectWriter")]);
    let dir = folder(&[("a.yaml", &one("A")), ("b.yaml", &one("B")), ("bucketlint.yaml", SETTINGS)]);
    check(dir.path(), &["--write-baseline"]);
    let before = entries(dir.path());
    assert_eq!(before.len(), 4);
    assert_eq!(told(&check(dir.path(), &[&KNOWN[..], &["a.yaml"]].concat())), (vec![], 2, 0));
    assert_eq!(told(&check(dir.path(), &[&KNOWN[..], &["--bucket", "A"]].concat())).2, 0);
    // with --changed everything is read: what is known elsewhere is not counted, and nothing is fixed
    assert_eq!(told(&check(dir.path(), &[&KNOWN[..], &["--changed", "a.yaml"]].concat())), (vec![], 2, 0));
    // a rule that is off finds nothing
    fs::write(dir.path().join("off.yaml"), format!("{SETTINGS}severity: {{policy/missing: off}}\n")).unwrap();
    assert_eq!(told(&check(dir.path(), &[&KNOWN[..], &["--config", "off.yaml"]].concat())), (vec![], 2, 0));
    check(dir.path(), &[&KNOWN[..], &["--write-baseline", "a.yaml"]].concat());
    assert_eq!(entries(dir.path()), before);
    // a file that cannot be read
    fs::write(dir.path().join("b.yaml"), "Resources:\n  B: {Type: AWS::S3::Bucket\n").unwrap();
    assert_eq!(told(&check(dir.path(), &KNOWN)), (vec!["source/syntax".into()], 2, 0));
    // one that is gone
    fs::remove_file(dir.path().join("b.yaml")).unwrap();
    assert_eq!(told(&check(dir.path(), &KNOWN)), (vec![], 2, 2));
}

#[test]
fn a_baseline_of_the_settings_holds_from_any_directory() {
    let settings = format!("{SETTINGS}baseline: known/{FILE}\n");
    let dir = folder(&[
        ("infra/stack.yaml", &stack(&[bucket("Data", "ObjectWriter")])),
        ("bucketlint.yaml", SETTINGS),
        ("known/.keep", ""),
    ]);
    fs::write(dir.path().join("bucketlint.yaml"), settings).unwrap();
    check(dir.path(), &["--write-baseline"]);
    assert!(dir.path().join("known").join(FILE).exists());
    assert_eq!(told(&check(dir.path(), &[])), (vec![], 2, 0));
    assert_eq!(told(&check(dir.path(), &["./infra/../infra"])), (vec![], 2, 0));
}

#[test]
fn paths_are_relative_to_the_baseline() {
    let settings = format!("{SETTINGS}baseline: {FILE}\n");
    let dir = folder(&[("infra/stack.yaml", &stack(&[bucket("Data", "ObjectWriter")])), ("bucketlint.yaml", &settings)]);
    check(dir.path(), &["--write-baseline"]);
    assert!(entries(dir.path()).iter().all(|line| line.starts_with("infra/stack.yaml ")), "{:?}", entries(dir.path()));
    assert_eq!(told(&check(&dir.path().join("infra"), &[])), (vec![], 2, 0));
}

#[test]
fn a_lost_or_broken_baseline_is_an_error() {
    let dir = folder(&[
        ("stack.yaml", &stack(&[bucket("Data", "ObjectWriter")])),
        ("merged.json", "<<<<<<< HEAD\n"),
        ("package.json", "{\"name\": \"x\"}"),
    ]);
    for (args, said) in [
        (
            &["--baseline", "lost.json"][..],
            "bucketlint: the baseline lost.json cannot be read: No such file or directory; --write-baseline makes one, of all that is found now\n",
        ),
        (&["--baseline", "merged.json"], "bucketlint: merged.json is no baseline: expected value at line 1 column 1\n"),
        // nor is another file written over
        (
            &["--baseline", "package.json", "--write-baseline"],
            "bucketlint: package.json is no baseline: unknown field `name`, expected `version` or `findings` at line 1 column 7\n",
        ),
        (
            &["--baseline", "none/b.json", "--write-baseline"],
            "bucketlint: none/b.json: cannot be written: No such file or directory\n",
        ),
    ] {
        let done = run(dir.path(), &[&["check"], args].concat());
        assert_eq!((done.status, done.out.as_str(), done.err.as_str()), (2, "", said), "{args:?}");
    }
    fs::write(dir.path().join("bucketlint.yaml"), "baseline: lost.json\n").unwrap();
    assert_eq!(run(dir.path(), &["check"]).status, 2);
}

#[test]
fn sarif_tells_what_is_new() {
    let dir = folder(&[("stack.yaml", &stack(&[bucket("Data", "ObjectWriter")])), ("bucketlint.yaml", SETTINGS)]);
    check(dir.path(), &["--write-baseline"]);
    fs::write(dir.path().join("more.yaml"), stack(&[bucket("Raw", "BucketOwnerEnforced")])).unwrap();
    let log = run(dir.path(), &[&["check", "--format", "sarif"], &KNOWN[..]].concat()).json();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let states: Vec<(&str, &str, Option<&str>)> = results
        .iter()
        .map(|one| {
            let word = |key: &str| one[key].as_str().unwrap();
            (word("ruleId"), word("baselineState"), one["suppressions"][0]["justification"].as_str())
        })
        .collect();
    let why = Some("in the baseline bucketlint-baseline.json");
    let want =
        [("policy/missing", "new", None), ("policy/missing", "unchanged", why), ("ownership/not-enforced", "unchanged", why)];
    assert_eq!(states, want);
}
