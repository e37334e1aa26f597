//! However a configuration of Terraform is written, the verdicts are those of the template that deploys the same.

use crate::program::{Done, folder, run_inside};
use serde_json::Value;
use std::collections::BTreeMap;

const ACTIONS: [&str; 9] = [
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObject",
    "s3:GetBucketNotification",
    "s3:PutBucketNotification",
];

fn check(files: &[(&str, &str)]) -> Done {
    let dir = folder(files);
    run_inside(dir.path(), &["check", "--no-config", "--control-account", "123456789012", "--format", "json"])
}

/// What is said of `lab-raw`: the verdict on each action.
fn verdicts(done: &Done) -> BTreeMap<String, String> {
    let report = done.json();
    let all: Vec<&Value> = report["buckets"].as_array().unwrap().iter().filter(|bucket| bucket["name"] == "lab-raw").collect();
    let [bucket] = all.as_slice() else { panic!("{}", done.out) };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    bucket["access"].as_array().unwrap().iter().map(|line| (text(&line["action"]), text(&line["verdict"]))).collect()
}

/// A grant, right or with one mistake.
struct Grant {
    account: &'static str,
    actions: Vec<&'static str>,
    on_bucket: bool,
    denied: bool,
}

fn grants() -> Vec<Grant> {
    let right = || Grant { account: "123456789012", actions: ACTIONS.to_vec(), on_bucket: true, denied: false };
    vec![
        right(),
        Grant { account: "123456780912", ..right() },
        Grant { actions: ACTIONS[1..].to_vec(), ..right() },
        Grant { actions: vec!["s3:Get*", "s3:List*"], ..right() },
        Grant { on_bucket: false, ..right() },
        Grant { denied: true, ..right() },
    ]
}

fn list(items: &[&str]) -> String {
    format!("[{}]", items.iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", "))
}

fn template(grant: &Grant) -> String {
    let on = if grant.on_bucket { "!GetAtt Raw.Arn, " } else { "" };
    let deny = "          - {Effect: Deny, Principal: '*', Action: 's3:Delete*', Resource: !Sub '${Raw.Arn}/*'}\n";
    format!(
        "Resources:
  Raw:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: lab-raw, OwnershipControls: {{Rules: [{{ObjectOwnership: BucketOwnerEnforced}}]}}}}
  Access:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Raw
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {{AWS: arn:aws:iam::{}:root}}
            Action: {}
            Resource: [{on}!Sub '${{Raw.Arn}}/*']
{}",
        grant.account,
        list(&grant.actions),
        if grant.denied { deny } else { "" },
    )
}

/// The ways to write the account, each with what has to be declared for it; `@` is the account.
const ACCOUNTS: [(&str, &str); 7] = [
    ("@", ""),
    ("${local.account}", "locals {\n  account = \"@\"\n}\n"),
    ("${var.account}", "variable \"account\" {\n  default = \"@\"\n}\n"),
    ("${local.all[\"control\"].id}", "locals {\n  all = { control = { id = \"@\" } }\n}\n"),
    ("${element(local.ids, 1)}", "locals {\n  ids = [\"000000000000\", \"@\"]\n}\n"),
    ("${join(\"\", local.halves)}", "locals {\n  halves = [substr(\"@\", 0, 6), substr(\"@\", 6, 6)]\n}\n"),
    ("${one([for id in toset([\"@\", \"111111111111\"]) : id if id != \"111111111111\"])}", ""),
];

/// The ways to write the policy. `#` is the account, `%` the actions, and `&` the bucket's resource.
fn policies(grant: &Grant, bucket: &str) -> Vec<String> {
    let arn = format!("{bucket}.arn");
    let resources = if grant.on_bucket { format!("[{arn}, \"${{{arn}}}/*\"]") } else { format!("[\"${{{arn}}}/*\"]") };
    let json = if grant.on_bucket { format!("[\"${{{arn}}}\", \"${{{arn}}}/*\"]") } else { format!("[\"${{{arn}}}/*\"]") };
    let deny = if grant.denied {
        format!(", {{ Effect = \"Deny\", Principal = \"*\", Action = \"s3:Delete*\", Resource = \"${{{arn}}}/*\" }}")
    } else {
        String::new()
    };
    let deny_json = if grant.denied {
        format!(", {{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:Delete*\", \"Resource\": \"${{{arn}}}/*\"}}")
    } else {
        String::new()
    };
    let deny_block = if grant.denied {
        format!(
            "  statement {{\n    effect = \"Deny\"\n    actions = [\"s3:Delete*\"]\n    resources = [\"${{{arn}}}/*\"]\n    principals {{\n      type = \"*\"\n      identifiers = [\"*\"]\n    }}\n  }}\n"
        )
    } else {
        String::new()
    };
    let principal = "arn:aws:iam::#:root";
    let encode = format!(
        "jsonencode({{\n    Version = \"2012-10-17\"\n    Statement = [{{ Effect = \"Allow\", Principal = {{ AWS = \"{principal}\" }}, Action = %, Resource = {resources} }}{deny}]\n  }})"
    );
    let heredoc = format!(
        "<<-EOT\n    {{\"Version\": \"2012-10-17\", \"Statement\": [{{\"Effect\": \"Allow\", \"Principal\": {{\"AWS\": \"{principal}\"}},\n      \"Action\": ${{jsonencode(%)}}, \"Resource\": {json}}}{deny_json}]}}\n  EOT"
    );
    let body = format!(
        "  statement {{\n    actions = %\n    resources = {resources}\n    principals {{\n      type = \"AWS\"\n      identifiers = [\"{principal}\"]\n    }}\n  }}\n{deny_block}"
    );
    let data = |name: &str, body: &str| format!("data \"aws_iam_policy_document\" \"{name}\" {{\n{body}}}\n");
    let attach =
        |policy: &str| format!("resource \"aws_s3_bucket_policy\" \"raw\" {{\n  bucket = {bucket}.id\n  policy = {policy}\n}}\n");
    let dynamic = body
        .replacen("  statement {\n", "  dynamic \"statement\" {\n    for_each = [%]\n    content {\n", 1)
        .replacen("actions = %", "actions = statement.value", 1)
        .replacen("    }\n  }\n", "    }\n    }\n  }\n", 1);
    vec![
        attach(&encode),
        attach(&heredoc),
        attach("data.aws_iam_policy_document.raw.json") + &data("raw", &body),
        attach("data.aws_iam_policy_document.raw.json") + &data("raw", &dynamic),
        attach("data.aws_iam_policy_document.all.json")
            + &data("raw", &body)
            + &data("all", "  source_policy_documents = [data.aws_iam_policy_document.raw.json]\n"),
        attach("local.policy") + &format!("locals {{\n  policy = {encode}\n}}\n"),
    ]
}

const BUCKET: &str = "resource \"aws_s3_bucket\" \"raw\" {\n  bucket = \"lab-raw\"\n}\n
resource \"aws_s3_bucket_ownership_controls\" \"raw\" {\n  bucket = aws_s3_bucket.raw.id\n  rule {\n    object_ownership = \"BucketOwnerEnforced\"\n  }\n}\n";

#[test]
fn every_way_to_write_a_policy_has_the_verdicts_of_the_template() {
    for grant in grants() {
        let of_template = check(&[("t.yaml", &template(&grant))]);
        let expected = verdicts(&of_template);
        let rules = of_template.rules();
        for policy in policies(&grant, "aws_s3_bucket.raw") {
            for (written, declared) in ACCOUNTS {
                let text = format!("{BUCKET}{}{declared}", policy.replace('#', written))
                    .replace('@', grant.account)
                    .replace('%', &list(&grant.actions));
                let done = check(&[("main.tf", &text)]);
                assert_eq!(verdicts(&done), expected, "{text}\n{}", done.out);
                assert_eq!(done.rules(), rules, "{text}\n{}", done.out);
            }
        }
    }
}

#[test]
fn modules_values_and_instances_change_no_verdict() {
    for grant in grants() {
        let expected = verdicts(&check(&[("t.yaml", &template(&grant))]));
        let fill = |text: &str| text.replace('#', "${var.account}").replace('%', &list(&grant.actions));
        let policy = fill(&policies(&grant, "aws_s3_bucket.raw")[0]);
        let variable = "variable \"account\" {\n  type = string\n}\n";
        let module = format!("{variable}{BUCKET}{policy}");
        let call = |more: &str, account: &str| {
            format!("module \"lab\" {{\n  source = \"../modules/bucket\"\n  account = {account}\n{more}}}\n")
        };
        let literal = format!("\"{}\"", grant.account);
        let values = format!("account = {literal}\n");
        let counted = |count: &str| {
            let text = format!("{variable}{BUCKET}{}", fill(&policies(&grant, "aws_s3_bucket.raw[0]")[0]));
            let text = text.replace("aws_s3_bucket.raw.id", "aws_s3_bucket.raw[0].id");
            text.replace("\" \"raw\" {\n", &format!("\" \"raw\" {{\n  count = {count}\n"))
        };
        let each = counted("1").replace("count = 1", "for_each = toset([\"a\"])").replace("raw[0]", "raw[\"a\"]");
        let main = |text: &str| vec![("main.tf".to_owned(), text.to_owned()), ("terraform.tfvars".to_owned(), values.clone())];
        let called = |text: String| vec![("env/main.tf".to_owned(), text), ("modules/bucket/main.tf".to_owned(), module.clone())];
        let mut passed = called(format!("{variable}{}", call("", "var.account")));
        passed.push(("env/x.auto.tfvars".to_owned(), values.clone()));
        for files in [
            main(&module),
            main(&counted("1")),
            main(&format!("{}variable \"on\" {{}}\n", counted("var.on ? 1 : 0"))),
            main(&each),
            called(call("", &literal)),
            called(call("  count = 1\n", &literal)),
            called(call("  for_each = { a = 1 }\n", &literal)),
            passed,
        ] {
            let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            let done = check(&files);
            assert_eq!(verdicts(&done), expected, "{files:?}\n{}", done.out);
        }
    }
}

#[test]
fn what_is_not_known_is_never_called_missing() {
    let right = Grant { account: "123456789012", actions: ACTIONS.to_vec(), on_bucket: true, denied: false };
    let policy = policies(&right, "aws_s3_bucket.raw")[0].replace('#', right.account).replace('%', &list(&right.actions));
    let open = "variable \"on\" {}\nvariable \"text\" {\n  type = string\n}\n";
    for (what, files) in [
        (
            "a policy that may be there",
            vec![("main.tf", format!("{open}{BUCKET}{}", policy.replace("\"raw\" {\n", "\"raw\" {\n  count = var.on\n")))],
        ),
        (
            "a policy of which the text is not known",
            vec![(
                "main.tf",
                format!(
                    "{open}{BUCKET}resource \"aws_s3_bucket_policy\" \"raw\" {{\n  bucket = aws_s3_bucket.raw.id\n  policy = var.text\n}}\n"
                ),
            )],
        ),
        (
            "a policy of a bucket that is not known",
            vec![("main.tf", format!("{open}{BUCKET}{}", policy.replace("bucket = aws_s3_bucket.raw.id", "bucket = var.text")))],
        ),
        (
            "a module that is passed the bucket",
            vec![(
                "main.tf",
                format!(
                    "{BUCKET}module \"m\" {{\n  source = \"git::https://example.com/m.git\"\n  bucket = aws_s3_bucket.raw.id\n}}\n"
                ),
            )],
        ),
        ("a file that cannot be read", vec![("main.tf", BUCKET.to_owned()), ("policy.tf", format!("{policy}x = [\n"))]),
        (
            "a document that may be replaced",
            vec![(
                "main.tf",
                format!(
                    "{open}{BUCKET}data \"aws_iam_policy_document\" \"d\" {{\n  override_policy_documents = [var.text]\n}}\nresource \"aws_s3_bucket_policy\" \"raw\" {{\n  bucket = aws_s3_bucket.raw.id\n  policy = data.aws_iam_policy_document.d.json\n}}\n"
                ),
            )],
        ),
    ] {
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let done = check(&files);
        assert!(verdicts(&done).values().all(|verdict| verdict == "unresolved"), "{what}: {}", done.out);
        assert!(
            !done.rules().iter().any(|rule| rule.starts_with("policy/missing") || rule.starts_with("ownership/missing")),
            "{what}: {}",
            done.out
        );
    }
}

#[test]
fn help_for_hcl_is_hcl() {
    let done = check(&[("main.tf", "resource \"aws_s3_bucket\" \"raw\" {\n  bucket = \"lab-raw\"\n}\n")]);
    assert!(done.out.contains("aws_s3_bucket_ownership_controls") && done.out.contains("jsonencode"), "{}", done.out);
    for word in ["!Ref", "!Sub", "!GetAtt", "Fn::", "AWS::S3::Bucket"] {
        assert!(!done.out.contains(word), "{word}: {}", done.out);
    }
}

#[test]
fn values_of_sensitive_variables_are_not_shown() {
    let bucket = "variable \"db\" {\n  sensitive = true\n}\nresource \"aws_s3_bucket\" \"raw\" {\n  bucket = var.name\n}\nvariable \"name\" {}\n";
    let values = "db = \"hunter2-hunter2\"\nname = \"lab-raw\"\n";
    let policy = "resource \"aws_s3_bucket_policy\" \"raw\" {\n  bucket = var.name\n  policy = jsonencode({ Statement = [{ Effect = \"Allow\", Principal = { AWS = var.account }, Action = \"s3:*\", Resource = \"*\" }] })\n}\nvariable \"account\" {}\n";
    let dir = folder(&[
        ("main.tf", &format!("{bucket}{policy}")),
        ("terraform.tfvars", &format!("account = \"123456780912\"\n{values}")),
    ]);
    let done = run_inside(dir.path(), &["check", "--no-config", "--control-account", "123456789012"]);
    assert!(done.out.contains("123456780912") && !done.out.contains("hunter2"), "{}", done.out);
}
