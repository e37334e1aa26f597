//! Every fix, made and judged again: its finding is gone, nothing else has come, and what it grants it grants to the control
//! account alone.

use crate::common;
use bucketlint::edit::{Applicability, Fix, edited};
use bucketlint::finding::{Finding, Severity};
use bucketlint::load::{Input, load};
use bucketlint::outcome::Outcome;
use bucketlint::rule::Rule;
use bucketlint::run::run;
use bucketlint::source::FileId;
use bucketlint_aws::bucket_policy::BucketPolicy;
use bucketlint_aws::iam::caller::Requester;
use bucketlint_aws::iam::verdict::Verdict;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(common::rules);

const ACCOUNT: &str = common::EXAMPLE_ACCOUNT;

/// Fixtures with a second mistake, which is told once the first is mended.
const UNCOVERS: [(&str, &str); 1] =
    [("wrong-principal/broken/all-but-the-control-account", "the condition lets the account in only sometimes")];

fn judged(files: &BTreeMap<String, String>) -> Outcome {
    let input =
        |(shown, text): (&String, &String)| Input { shown: shown.clone(), named: false, bytes: Ok(text.clone().into_bytes()) };
    run(load(files.iter().map(input).collect()), &common::plan(ACCOUNT), &RULES)
}

/// The files with one fix made.
fn mended(outcome: &Outcome, files: &BTreeMap<String, String>, fix: &Fix) -> BTreeMap<String, String> {
    let mut out = files.clone();
    let touched: BTreeSet<FileId> = fix.edits.iter().map(|edit| edit.span.file).collect();
    for file in touched {
        let text = out.get_mut(&*outcome.sources.get(file).path).unwrap();
        *text = edited(text, fix.edits.iter().filter(|edit| edit.span.file == file));
    }
    out
}

/// How many findings there are of each kind, wherever they have moved to, and whether one of them matters. A bucket that is
/// shared is judged by more rules, and gaps of its trail weigh more; a Deny is told once something grants what it denies.
fn counted(outcome: &Outcome) -> BTreeMap<String, (usize, bool)> {
    let mut out: BTreeMap<String, (usize, bool)> = BTreeMap::new();
    for finding in &outcome.findings {
        let (count, matters) = out.entry(identity(outcome, finding)).or_default();
        *count += 1;
        let later = finding.rule.starts_with("trail/") || ["policy/conditional", "policy/denied"].contains(&&*finding.rule);
        *matters |= !later && finding.severity > Severity::Note;
    }
    out
}

fn identity(outcome: &Outcome, finding: &Finding) -> String {
    let bucket = finding.bucket.as_ref().map(|bucket| (&bucket.logical_id, &bucket.name));
    format!("{} {} {bucket:?} {:?}", finding.rule, outcome.sources.get(finding.primary.span.file).path, finding.principal)
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut out: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    out.sort();
    out
}

/// What is wrong with a fix: its finding stays, others come, or the help shows something else than is written.
fn complaints(before: &Outcome, finding: &Finding, fix: &Fix, after: &Outcome) -> Vec<String> {
    let (old, new) = (counted(before), counted(after));
    let count = |all: &BTreeMap<String, (usize, bool)>, key: &String| all.get(key).map_or(0, |(count, _)| *count);
    let own = identity(before, finding);
    let mut out = Vec::new();
    if count(&new, &own) >= count(&old, &own) {
        out.push(format!("still there: {own}"));
    }
    let come = new.iter().filter(|(key, (now, matters))| *matters && *now > count(&old, key));
    out.extend(come.map(|(key, _)| format!("new: {key}")));
    let help = finding.help.as_deref().unwrap_or_default();
    let shown: BTreeSet<&str> = help.lines().map(bare).collect();
    let hidden = |line: &&str| !line.is_empty() && !shown.iter().any(|shown| shown.contains(*line));
    for edit in fix.edits.iter().filter(|edit| !edit.text.contains("\\n")) {
        out.extend(edit.text.lines().map(bare).filter(hidden).map(|line| format!("not shown: {line}")));
    }
    out
}

/// A line without what hangs on its place.
fn bare(line: &str) -> &str {
    line.trim().trim_end_matches(',').trim_start_matches("write: ").trim_matches(['"', '\''])
}

#[test]
fn every_fix_of_a_fixture_mends_its_finding_and_nothing_else() {
    let mut wrong = Vec::new();
    let mut made: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let groups = folders(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
    for case in groups.iter().flat_map(|group| folders(group)).flat_map(|rule| folders(&rule.join("broken"))) {
        let inputs = common::inputs(&case, &case);
        let text = |input: Input| Some((input.shown, String::from_utf8(input.bytes.ok()?).ok()?));
        let files: BTreeMap<String, String> = inputs.into_iter().filter_map(text).collect();
        let before = judged(&files);
        let shown = case.display().to_string().replace('\\', "/");
        let uncovers = UNCOVERS.iter().any(|(path, _)| shown.contains(path));
        for finding in &before.findings {
            let Some(fix) = &finding.fix else {
                *made.entry((finding.rule.clone(), "none")).or_default() += 1;
                continue;
            };
            *made.entry((finding.rule.clone(), fix.applicability.word())).or_default() += 1;
            let after = mended(&before, &files, fix);
            let found = complaints(&before, finding, fix, &judged(&after));
            let found = found.iter().filter(|told| !(uncovers && told.starts_with("new: ")));
            wrong.extend(found.map(|told| format!("{shown}: {told}\n  by {fix:?}")));
        }
    }
    eprintln!("{made:#?}");
    for (rule, kind) in [
        ("policy/missing-actions", "unsafe"),
        ("policy/missing", "unsafe"),
        ("ownership/missing-controls", "safe"),
        ("policy/action-resource-mismatch", "unsafe"),
    ] {
        assert!(made.contains_key(&(rule.to_owned(), kind)), "no {kind} fix of {rule}");
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// A template with one bucket and a policy of these statements.
fn template(statements: &[Value]) -> String {
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "lab-data"}},
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {
                "Bucket": "lab-data",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
            }},
        },
    });
    serde_json::to_string_pretty(&template).unwrap()
}

fn policy(template: &str) -> BucketPolicy {
    let whole: Value = serde_json::from_str(template).unwrap();
    BucketPolicy::parse(&deployed(&whole["Resources"]["Policy"]["Properties"]["PolicyDocument"]).to_string()).unwrap()
}

/// The value as CloudFormation makes it; of functions, fixes write these two.
fn deployed(value: &Value) -> Value {
    match value {
        Value::Object(map) if map.contains_key("Fn::GetAtt") => json!("arn:aws:s3:::lab-data"),
        Value::Object(map) if map.contains_key("Fn::Sub") => {
            json!(map["Fn::Sub"].as_str().unwrap().replace("${Data.Arn}", "arn:aws:s3:::lab-data"))
        }
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), deployed(value))).collect(),
        Value::Array(items) => items.iter().map(deployed).collect(),
        other => other.clone(),
    }
}

fn statement() -> impl Strategy<Value = Value> {
    let account = || {
        prop::sample::select(vec![
            json!({"AWS": "arn:aws:iam::123456789012:root"}),
            // two digits have changed places
            json!({"AWS": "arn:aws:iam::123456780912:root"}),
            json!({"AWS": "123456789012"}),
            json!({"AWS": ["arn:aws:iam::123456780912:root", "arn:aws:iam::444455556666:root"]}),
            json!({"AWS": "arn:aws:iam::444455556666:role/partner"}),
            json!({"AWS": "arn:aws:iam::123456789012:role/one"}),
            json!({"AWS": "arn:aws:iam::777788889999:root"}),
            json!({"Service": "logging.s3.amazonaws.com"}),
            json!("*"),
        ])
    };
    let actions = prop::sample::select(vec![
        json!("s3:GetObject"),
        json!("s3:*"),
        json!(["s3:GetObject", "s3:ListBucket"]),
        json!(["s3:GetObjct", "s3:PutObject"]),
        json!(["s3:ListBucket", "s3:GetBucketNotification"]),
    ]);
    let resources = prop::sample::select(vec![
        json!(["arn:aws:s3:::lab-data", "arn:aws:s3:::lab-data/*"]),
        json!("arn:aws:s3:::lab-data"),
        json!("arn:aws:s3:::lab-data/*"),
        json!("arn:aws:s3:::lab-data/in/*"),
    ]);
    let conditions = prop::option::of(prop::sample::select(vec![
        json!({"Bool": {"aws:SecureTransport": "false"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": "444455556666"}}),
        json!({"StringNotEquals": {"aws:PrincipalAccount": ["444455556666"]}}),
        json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
        json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    ]));
    let effect = prop::sample::select(vec!["Allow", "Allow", "Deny"]);
    (effect, any::<bool>(), account(), actions, resources, conditions).prop_map(
        |(effect, not, principal, actions, resources, condition)| {
            // AWS's page advises against NotPrincipal with Allow; S3 takes it
            let who = if not && effect == "Deny" { "NotPrincipal" } else { "Principal" };
            let mut statement = json!({"Effect": effect, "Action": actions, "Resource": resources});
            statement[who] = principal;
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            statement
        },
    )
}

/// Who may use the bucket but those whom a fix is for: partners, strangers, anybody, the owner. The account with two digits
/// that have changed places loses what it never should have had.
const OTHERS: [&str; 4] = ["444455556666", "arn:aws:iam::444455556666:role/partner", "999988887777", "*"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever else asks, a fix grants nothing to them and takes nothing from them.
    #[test]
    fn a_fix_changes_nothing_for_others(statements in prop::collection::vec(statement(), 1..4)) {
        let text = template(&statements);
        let files: BTreeMap<String, String> = [("t.json".to_owned(), text.clone())].into();
        let outcome = judged(&files);
        let actions = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteBucket"];
        let decide = |text: &str, who: &str| -> Vec<Verdict> {
            let requester = Requester::parse(who).unwrap();
            policy(text).decide("lab-data", &requester, &actions).into_iter().map(|one| one.verdict).collect()
        };
        for fix in outcome.findings.iter().filter_map(|finding| finding.fix.as_ref()) {
            let after = mended(&outcome, &files, fix).remove("t.json").unwrap();
            for who in OTHERS {
                for ((before, after), action) in decide(&text, who).into_iter().zip(decide(&after, who)).zip(actions) {
                    let may = |verdict: Verdict| matches!(verdict, Verdict::Granted | Verdict::Conditional | Verdict::Unresolved);
                    let widened = !may(before) && may(after) || before == Verdict::Conditional && after == Verdict::Granted;
                    let narrowed = may(before) && !may(after) || before == Verdict::Granted && after == Verdict::Conditional;
                    let safe = fix.applicability == Applicability::Safe;
                    prop_assert!(!widened && !narrowed, "{who} {action}: {before:?} becomes {after:?}, safe: {safe}\n{text}\n{fix:?}");
                }
            }
        }
    }
}
