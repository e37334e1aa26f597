//! The program from outside: what goes in, what comes out, and the exit status.

use crate::program::{Done, command, finish, folder, run};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;

const ACCOUNT: [&str; 2] = ["--control-account", "123456789012"];

/// Line 5 has characters of two, three and four bytes before the value.
const TEMPLATE: &str = "Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      Tags: [{Key: ü€😀, Value: x}, {Key: ü€😀, AccessControl: y}]
      OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Statement:
          Effect: Allow
          Principal: {AWS: [\"123456789012\"]} # ü
          Action: [s3:GetObject, s3:GetObjectVersion, s3:ListBucket, s3:ListBucketVersions, s3:DeleteObject, s3:DeleteObjectVersion, s3:PutObject, s3:GetBucketNotification, s3:PutBucketNotification]
          Resource: [!GetAtt Data.Arn, !Sub \"${Data.Arn}/*\"]
";

const GOOD: &str = "Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: lab-data
      OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: lab-data
      PolicyDocument:
        Statement:
          Effect: Allow
          Principal: {AWS: \"arn:aws:iam::123456789012:root\"}
          Action: [s3:GetObject, s3:ListBucket,
            s3:GetObjectVersion, s3:ListBucketVersions,
            s3:DeleteObject, s3:DeleteObjectVersion, s3:PutObject,
            s3:GetBucketNotification, s3:PutBucketNotification]
          Resource: [\"arn:aws:s3:::lab-data\", \"arn:aws:s3:::lab-data/*\"]
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: elsewhere
      EventSelectors: [{DataResources: [{Type: \"AWS::S3::Object\", Values: [\"arn:aws:s3\"]}]}]
";

/// `check --format json` for the account of the tests.
fn check(dir: &Path, args: &[&str]) -> Done {
    run(dir, &[&["check", "--format", "json"], &ACCOUNT[..], args].concat())
}

#[test]
fn exit_status_tells_clean_from_findings_from_failure() {
    let dir = folder(&[("good.yaml", GOOD), ("bad.yaml", TEMPLATE)]);
    assert_eq!(check(dir.path(), &["good.yaml"]).status, 0);
    assert_eq!(check(dir.path(), &["bad.yaml"]).status, 1);
    assert_eq!(check(dir.path(), &["bad.yaml", "--fail-on", "never"]).status, 0);
    for args in [&["check", "--no-such-flag"][..], &["check", "--control-account", "12345"], &["explain", "policy/none"]] {
        let done = run(dir.path(), args);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{args:?}");
        assert_ne!(done.err, "");
    }
    assert!(run(dir.path(), &["explain", "policy/mising"]).err.contains("`policy/missing`"));
}

#[test]
fn json_keeps_its_contract() {
    let dir = folder(&[("a.yaml", TEMPLATE)]);
    let report = check(dir.path(), &[]).json();
    let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>();
    let holds = |value: &Value, wanted: &[&str]| {
        let fields = fields(value);
        wanted.iter().for_each(|name| assert!(fields.contains(*name), "{name} in {fields:?}"));
    };
    assert_eq!(report["version"], 1);
    let summary = &report["summary"];
    holds(summary, &["files", "templates", "buckets", "in_scope", "policies", "trails", "errors", "warnings", "notes"]);
    let counts = ["files", "templates", "buckets", "in_scope", "policies", "trails", "errors", "warnings", "notes"];
    assert_eq!(counts.map(|name| summary[name].as_u64().unwrap()), [1, 1, 1, 1, 1, 0, 1, 1, 0]);
    let findings = report["findings"].as_array().unwrap();
    for finding in findings {
        let names =
            ["rule", "severity", "message", "help", "bucket", "actions", "principal", "location", "related", "fingerprint"];
        holds(finding, &names);
        holds(&finding["location"], &["file", "start", "end"]);
    }
    // a bucket without a name of its own; `ü€😀` is three characters and nine bytes, twice
    assert_eq!(findings[0]["rule"], "trail/uncovered-bucket");
    assert_eq!(findings[0]["bucket"], json!({"file": "a.yaml", "logical_id": "Data", "name": null}));
    assert_eq!(findings[1]["rule"], "ownership/not-enforced");
    let before = TEMPLATE.find("ObjectWriter").unwrap();
    let place = json!({"file": "a.yaml", "start": {"line": 6, "column": 53, "offset": before},
        "end": {"line": 6, "column": 65, "offset": before + 12}});
    assert_eq!(findings[1]["location"], place);
    let bucket = &report["buckets"][0];
    holds(
        bucket,
        &[
            "file",
            "logical_id",
            "name",
            "in_scope",
            "reason",
            "ownership",
            "access",
            "assumptions",
            "coverage",
            "shared",
            "shared_reason",
        ],
    );
    assert_eq!((&bucket["name"], &bucket["ownership"]), (&Value::Null, &json!("ObjectWriter")));
    assert_eq!(bucket["access"].as_array().unwrap().len(), 9);
    assert_eq!((&bucket["access"][0]["action"], &bucket["access"][0]["verdict"]), (&json!("s3:GetObject"), &json!("granted")));
    assert_eq!(bucket["coverage"], json!({"read": "none", "write": "none", "trails": []}));
}

#[test]
fn columns_count_characters() {
    let wrong = TEMPLATE.replace("{AWS: [\"123456789012\"]}", "{Federated: ü€😀, AWS: \"123456789021\"}");
    let dir = folder(&[("a.yaml", &wrong)]);
    let report = check(dir.path(), &[]).json();
    let findings = report["findings"].as_array().unwrap();
    let place = |one: &Value| (one["location"]["start"].clone(), one["location"]["end"].clone());
    let found = findings.iter().find(|one| one["rule"] == "policy/wrong-principal").map(place).unwrap();
    // `          Principal: {Federated: ü€😀, AWS: "123456789021"}`; of the two the one that is a slip of the pen away
    let start = wrong.find("\"123456789021\"").unwrap();
    assert_eq!(found.0, json!({"line": 14, "column": 44, "offset": start}));
    assert_eq!(found.1, json!({"line": 14, "column": 58, "offset": start + 14}));
}

#[test]
fn paths_that_are_missing_or_nothing_of_ours_are_findings() {
    let dir = folder(&[("good.yaml", GOOD), ("package.json", "{\"name\": \"x\"}"), ("empty.yaml", "")]);
    let missing = check(dir.path(), &["good.yaml", "none.yaml"]);
    assert_eq!((missing.status, missing.rules()), (2, vec!["source/unreadable".to_owned()]), "and the rest is judged");
    let message = missing.json()["findings"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("No such file or directory"), "{message}");
    assert_eq!(check(dir.path(), &["package.json", "good.yaml"]).rules(), ["source/unreadable"]);
    assert_eq!(check(dir.path(), &["empty.yaml", "good.yaml"]).rules(), ["source/unreadable"]);
    assert_eq!(check(dir.path(), &["."]).rules(), [""; 0]);
}

#[test]
fn fingerprints_do_not_hang_on_how_a_path_is_spelt() {
    let dir = folder(&[("infra/a.yaml", TEMPLATE), ("infra/sub/b.yaml", TEMPLATE)]);
    let prints = |from: &str, path: &str| -> Vec<String> {
        let report = check(&dir.path().join(from), &[path]).json();
        let findings = report["findings"].as_array().unwrap();
        findings.iter().map(|finding| finding["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    let absolute = dir.path().join("infra");
    let expected = prints("", "infra");
    assert!(expected.len() > 2 && expected[0] != expected[expected.len() / 2], "{expected:?}");
    for spelling in ["./infra", "infra/", "infra/../infra", "infra/sub/..", absolute.to_str().unwrap()] {
        assert_eq!(prints("", spelling), expected, "{spelling}");
    }
    // in a repository, nor on where the check begins
    fs::create_dir(dir.path().join(".git")).unwrap();
    assert_eq!(prints("", "infra"), expected);
    assert_eq!(prints("infra", "."), expected);
}

#[test]
fn a_report_is_not_written_over_what_is_read() {
    let dir = folder(&[("infra/a.yaml", GOOD), ("old.json", "{}"), ("bucketlint.yaml", "trail: elsewhere\n")]);
    let to = |file: &str| {
        let before = fs::read_to_string(dir.path().join(file)).ok();
        let done = run(dir.path(), &["check", "--control-account", "123456789012", "--output", file, "."]);
        let kept = fs::read_to_string(dir.path().join(file)).ok() == before;
        (done.status, done.err, kept)
    };
    for file in ["infra/a.yaml", "./infra/../infra/a.yaml", "bucketlint.yaml"] {
        let (status, said, kept) = to(file);
        assert_eq!((status, kept), (2, true), "{said}");
        assert!(said.contains(": the report would be written over a file that is read; name another"), "{said}");
    }
    // an older report, though it lies in the folder, is none of what is checked
    for file in ["old.json", "new.json"] {
        assert_eq!(to(file), (0, String::new(), false), "{file}");
    }
}

#[test]
fn what_the_repository_does_to_its_checks_is_told() {
    let denied = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/policy/denied.yaml")).unwrap();
    let dir = folder(&[
        ("good.yaml", GOOD),
        ("infra/hidden.yaml", TEMPLATE),
        ("infra/other.yaml", "kind: none of ours\n"),
        (".ignore", "infra/\n"),
        ("lint/policy/denied.yaml", &denied),
        ("bucketlint.yaml", "severity:\n  policy/missing: off\nrules: [lint]\n"),
    ]);
    let git = |args: &[&str]| std::process::Command::new("git").current_dir(dir.path()).args(args).status().unwrap().success();
    assert!(git(&["init", "--quiet"]) && git(&["add", "--force", "."]));
    let summary = |path: &str| check(dir.path(), &[path]).json()["summary"].clone();
    let found = summary(".");
    assert_eq!(found["rules_off"], json!(["policy/missing"]));
    assert_eq!(found["rules_replaced"], json!([{"rule": "policy/denied", "by": "lint/policy/denied.yaml"}]));
    assert_eq!(found["ignored_files"], json!(["infra/hidden.yaml"]));
    assert_eq!(summary("infra")["ignored_files"], json!([]), "a folder that is named is read");
    let text = run(dir.path(), &[&["check"], &ACCOUNT[..], &["."]].concat()).out;
    for line in [
        "\n1 rule off by bucketlint.yaml: policy/missing\n",
        "\n1 rule replaced: policy/denied by lint/policy/denied.yaml\n",
        "\n1 file tracked by git but hidden by ignore files, not checked: infra/hidden.yaml\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    // nor what is not tracked
    assert!(git(&["rm", "--quiet", "--cached", "infra/hidden.yaml"]));
    assert_eq!(summary(".")["ignored_files"], json!([]));
}

#[test]
fn standard_input_is_a_path() {
    let dir = folder(&[]);
    let mut command = command(dir.path(), &[&["check", "--format", "json"], &ACCOUNT[..], &["-"]].concat());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(TEMPLATE.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(report["findings"][1]["location"]["file"], "<stdin>");
    assert_eq!(done.status.code(), Some(1));
}

#[test]
fn ignored_files_are_read_when_named() {
    let dir = folder(&[(".gitignore", "skipped.yaml\n"), ("skipped.yaml", TEMPLATE), ("good.yaml", GOOD)]);
    assert_eq!(check(dir.path(), &[]).json()["summary"]["files"], 1);
    let named = check(dir.path(), &[".", "skipped.yaml"]).json();
    assert_eq!(named["summary"]["files"], 2);
}

#[test]
fn bad_settings_are_shown_on_their_place() {
    for (text, message, line) in [
        ("control_acounts: [\"123456789012\"]\n", "did you mean `control_accounts`", ":1:1"),
        ("trail: nowhere\n", "nowhere", ":1:8"),
        ("profile: quilt\nseverity:\n  policy/mising: note\n", "unknown rule `policy/mising`", ":3:3"),
        ("profile: [\n", "", ":1:"),
    ] {
        let dir = folder(&[("bucketlint.yaml", text), ("good.yaml", GOOD)]);
        let done = run(dir.path(), &["check"]);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{text}");
        let flat = done.err.split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
        assert!(flat.contains(message) && flat.contains(&format!("bucketlint.yaml{line}")), "{}", done.err);
    }
}

const CHOSEN: &str = "Parameters:
  Control: {Type: String}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>'}
";

/// `GOOD`, for an account that is a parameter.
fn chosen() -> String {
    format!("{CHOSEN}{}", GOOD.replace("\"arn:aws:iam::123456789012:root\"", "!Sub 'arn:aws:iam::${Control}:root'"))
}

#[test]
fn parameters_come_from_flags_over_files_over_settings() {
    let settings = "parameters: [{templates: '*.yaml', file: base.json, values: {Control: '111111111111'}}]\n";
    let sam = "version = 0.1\n[prod.deploy.parameters]\nparameter_overrides = \"Control='123456789012'\"\n";
    let list = r#"[{"ParameterKey": "Control", "ParameterValue": "222222222222"}]"#;
    let dir = folder(&[
        ("bucketlint.yaml", settings),
        ("a.yaml", &chosen()),
        ("base.json", r#"{"Control": "123456789012"}"#),
        ("list.json", list),
        ("samconfig.toml", sam),
    ]);
    let right = ["--parameter", "Control=123456789012"];
    for (flags, granted) in [
        (&[][..], false),
        (&["--no-config", "--parameters", "base.json"], true),
        (&["--parameters", "samconfig.toml"], true),
        (&["--parameters", "samconfig.toml", "--parameters", "list.json"], false),
        (&["--parameters", "list.json", "--parameters", "samconfig.toml#prod"], true),
        (&[&["--parameters", "list.json"], &right[..]].concat(), true),
    ] {
        let done = check(dir.path(), flags);
        let wanted: &[&str] = if granted { &[] } else { &["policy/wrong-principal"] };
        assert_eq!(done.rules(), wanted, "{flags:?}");
        assert_eq!(done.json()["summary"]["files"], 1);
    }
}

#[test]
fn given_values_are_the_deployment() {
    let text =
        GOOD.replace("ObjectOwnership: BucketOwnerEnforced", "ObjectOwnership: !If [Open, ObjectWriter, BucketOwnerEnforced]");
    let access = "Parameters:\n  Access: {Type: String, Default: Open, AllowedValues: [Open, Shut]}\n\
                  Conditions:\n  Open: !Equals [!Ref Access, Open]\n";
    let dir = folder(&[("a.yaml", &format!("{access}{text}"))]);
    for (flags, severity) in
        [(&[][..], "error"), (&["--parameter", "Access=Open"], "error"), (&["--parameter", "Access=Shut"], "warning")]
    {
        let found = check(dir.path(), flags).json()["findings"][0].clone();
        let told = (&found["rule"], &found["severity"], &found["when"]);
        assert_eq!(told, (&json!("ownership/not-enforced"), &json!(severity), &json!({"Access": "Open"})), "{flags:?}");
    }
}

#[test]
fn a_parameters_file_is_no_policy() {
    // a plain mapping that reads like the output of a command
    let text = r#"{"Policy": "{\"Statement\": []}", "Control": "123456789012"}"#;
    let dir = folder(&[("a.yaml", &chosen().replace("Stored:", "Policy: {Type: String}\n  Stored:")), ("params.json", text)]);
    assert_eq!(check(dir.path(), &[]).json()["summary"]["files"], 2);
    let report = check(dir.path(), &["--parameters", "params.json"]);
    assert_eq!((report.json()["summary"]["files"].clone(), report.rules()), (json!(1), vec![]));
}

#[test]
fn values_from_parameter_store_are_not_known() {
    let stored = chosen().replace("${Control}", "${Stored}");
    let dir = folder(&[("a.yaml", &stored)]);
    let report = check(dir.path(), &["--parameter", "Stored=222222222222", "--parameter", "Control=x"]).json();
    // as without a value: a principal that is not known is taken for the control account
    assert_eq!(report["buckets"][0]["access"][0]["verdict"], "granted");
    assert!(report["buckets"][0]["assumptions"][0].as_str().unwrap().contains("Stored"));
}

#[test]
fn bad_parameter_files_are_shown_on_their_place() {
    for (name, text, message, at) in [
        ("p.json", r#"[{"ParameterKey": "A", "ParameterValue": {}}]"#, "not a mapping", "p.json:1:42"),
        ("p.json", "7", "a number is no form of parameters", "p.json:1:1"),
        ("p.json", r#"{"A": 1, "A": 2}"#, "`A`", "p.json:1:10"),
        ("p.toml", "version = 0.1\n[default.deploy.parameters]\nparameter_overrides = \"A=1 B\"\n", "`B` is not", "p.toml:3:28"),
        ("p.toml", "version = 0.1\nversion = 0.2\n", "duplicate key", "p.toml:2:1"),
        ("p.yaml", "", "the file is empty", "p.yaml:1:1"),
    ] {
        let dir = folder(&[(name, text), ("good.yaml", GOOD)]);
        let done = run(dir.path(), &["check", "--parameters", name]);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{text}");
        let flat = done.err.split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
        assert!(flat.contains(message) && flat.contains(at), "{}", done.err);
    }
    let dir = folder(&[("good.yaml", GOOD)]);
    let twice = run(dir.path(), &["check", "--parameter", "A=1", "--parameter", "A=2"]);
    assert!(twice.status == 2 && twice.err.contains("--parameter:2:1"), "{}", twice.err);
    let none = run(dir.path(), &["check", "--parameters", "none.json"]);
    assert_eq!((none.status, none.err.as_str()), (2, "bucketlint: none.json: cannot be read: No such file or directory\n"));
    let report = check(dir.path(), &["--parameter", "A=1"]).json();
    let place = json!({"file": "--parameter", "start": {"line": 1, "column": 1, "offset": 0}, "end": {"line": 1, "column": 2, "offset": 1}});
    assert_eq!((&report["findings"][0]["rule"], &report["findings"][0]["location"]), (&json!("parameters/unknown-name"), &place));
}

#[test]
fn stack_sets_hold_templates() {
    let yaml = GOOD.replace("ObjectOwnership: BucketOwnerEnforced", "ObjectOwnership: ObjectWriter");
    let block: String = yaml.lines().map(|line| format!("        {line}\n")).collect();
    let set = "Resources:\n  Set:\n    Type: AWS::CloudFormation::StackSet\n    Properties:\n      TemplateBody:";
    let folded = format!(
        "{set} >\n        {{Resources: {{Data: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: lab-data,\n        \
         OwnershipControls: {{Rules: [{{ObjectOwnership: ObjectWriter}}]}}}}}}}}}}\n"
    );
    let json = r#"{"Resources": {"Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "lab-data",
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}}}}"#;
    let quoted = format!(
        "{{\"Resources\": {{\"Set\": {{\"Type\": \"AWS::CloudFormation::StackSet\", \"Properties\": {{\"TemplateBody\": {}}}}}}}}}",
        json!(json)
    );
    for (text, place) in [(format!("{set} |\n{block}"), "ObjectWriter"), (quoted, "\\\"ObjectWriter\\\""), (folded, ">")] {
        let dir = folder(&[("set.yaml", &text)]);
        let report = check(dir.path(), &["--trail", "elsewhere"]).json();
        let found = report["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "ownership/not-enforced");
        let offset = |end: &str| usize::try_from(found.unwrap()["location"][end]["offset"].as_u64().unwrap()).unwrap();
        assert!(text[offset("start")..offset("end")].starts_with(place), "{}", &text[offset("start")..offset("end")]);
        assert_eq!(report["buckets"][0]["name"], "lab-data");
    }
}

/// A rule of the user's with this `each` and `check`.
fn rule(each: &str, clauses: &str) -> String {
    format!(
        "title: t\nseverity: error\nsince: 0.1.0\neach: {each}\ncheck:\n  - {clauses}\nlabel: here\nmessage: \"{{bucket.title}}\"\n\
         why: w\nfix: f\nreference: [https://docs.aws.amazon.com/]\n"
    )
}

#[test]
fn rules_of_the_user_ask_what_the_built_in_ones_ask() {
    let own = rule("$.access[*]", "{every: \"@.verdict\", in: [granted]}");
    let raw = rule(
        "$.templates[*].body.Resources[?@.Type == 'AWS::S3::Bucket']",
        "{every: \"@.Properties.VersioningConfiguration\", exists: true}",
    );
    let dir = folder(&[
        ("stack.yaml", &GOOD.replace(" s3:PutObject,", "")),
        ("lint/mine/granted.yaml", &own),
        ("lint/mine/versioned.yaml", &raw),
    ]);
    let done = check(dir.path(), &["--rules", "lint"]);
    let mut rules = done.rules();
    rules.sort();
    assert_eq!(rules, ["mine/granted", "mine/versioned", "policy/missing-actions"]);
}

#[test]
fn bad_rules_are_failures() {
    for text in ["title: only\n", &rule("$.access[", "{every: \"@\", exists: true}"), "a: [\n"] {
        let dir = folder(&[("good.yaml", GOOD), ("lint/mine/bad.yaml", text)]);
        let done = check(dir.path(), &["--rules", "lint"]);
        assert_eq!(done.status, 2, "{text}");
        assert!(done.err.contains("lint/mine/bad.yaml"), "{}", done.err);
    }
    let dir = folder(&[("good.yaml", GOOD)]);
    assert_eq!(check(dir.path(), &["--rules", "none"]).status, 2);
}

#[test]
fn severities_decide_what_fails() {
    let settings = |text: &str| folder(&[("bucketlint.yaml", text), ("a.yaml", TEMPLATE)]);
    let quiet = settings("severity:\n  ownership/not-enforced: off\n  trail/uncovered-bucket: note\n");
    let done = check(quiet.path(), &[]);
    assert_eq!((done.status, done.rules()), (0, vec!["trail/uncovered-bucket".to_owned()]));
    assert_eq!(done.json()["findings"][0]["severity"], "note");
    assert_eq!(check(quiet.path(), &["--fail-on", "note"]).status, 1);
    let warning = settings("severity: {ownership/not-enforced: warning}\n");
    assert_eq!(check(warning.path(), &["--fail-on", "error"]).status, 0);
    assert_eq!(check(warning.path(), &[]).status, 1);
}

#[test]
fn buckets_can_be_picked() {
    let dir = folder(&[("a.yaml", TEMPLATE), ("good.yaml", GOOD)]);
    let done = check(dir.path(), &["--bucket", "lab-*"]);
    assert_eq!((done.status, done.json()["summary"]["in_scope"].as_u64()), (0, Some(1)));
    // a policy that names no bucket belongs to the one that is given
    let policy = "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"123456789012\"}, \"Action\": \"s3:GetObject\", \"Resource\": [\"arn:aws:s3:::*\"]}]}";
    let dir = folder(&[("policy.json", policy)]);
    let done = check(dir.path(), &["--bucket", "lab-data", "--trail", "elsewhere"]);
    assert_eq!(done.rules(), ["policy/missing-actions", "policy/excessive-grant"]);
    let bucket = done.json()["findings"][0]["bucket"].clone();
    assert_eq!(bucket, json!({"file": "policy.json", "logical_id": null, "name": "lab-data"}));
}

#[test]
fn the_account_is_inferred_and_said() {
    let dir = folder(&[("good.yaml", GOOD)]);
    let done = run(dir.path(), &["check", "--format", "json"]);
    let summary = &done.json()["summary"];
    assert_eq!((done.status, &summary["control_accounts"]), (0, &json!(["123456789012"])));
    assert!(summary["account_note"].as_str().unwrap().contains("was inferred"));
    let alone = GOOD.replace("123456789012", "${AWS::AccountId}");
    fs::write(dir.path().join("good.yaml"), alone.replace("\"arn:aws:iam", "!Sub \"arn:aws:iam")).unwrap();
    let done = run(dir.path(), &["check", "--format", "json"]);
    assert_eq!((done.status, done.rules()), (1, vec!["account/unknown".to_owned()]));
}

#[test]
fn changed_files_narrow_the_report_and_not_what_is_read() {
    let (bucket, policy) = TEMPLATE.split_once("  Policy:").unwrap();
    let bucket = bucket.replace("    Properties:\n", "    Properties:\n      BucketName: lab-own\n");
    let policy = format!("Resources:\n  Policy:{policy}").replace("!Ref Data", "lab-own").replace("s3:PutObject, ", "");
    let policy = policy
        .replace("!GetAtt Data.Arn", "'arn:aws:s3:::lab-own'")
        .replace("!Sub \"${Data.Arn}/*\"", "'arn:aws:s3:::lab-own/*'");
    let dir = folder(&[("a/bucket.yaml", &bucket), ("a/policy.yaml", &policy), ("good.yaml", GOOD), ("new.txt", "")]);
    let all = check(dir.path(), &["."]);
    assert_eq!(all.rules(), ["ownership/not-enforced", "policy/missing-actions"]);
    // the bucket's own finding, and that of its policy, which shows where the bucket is declared
    let real = dir.path().join("a/bucket.yaml").display().to_string();
    for changed in ["a/bucket.yaml", "./a/bucket.yaml", "a/../a/bucket.yaml", &real] {
        assert_eq!(check(dir.path(), &["--changed", changed]).rules(), all.rules());
    }
    let narrow = check(dir.path(), &["--changed", "a/policy.yaml", "new.txt", "gone.yaml"]);
    assert_eq!(
        (narrow.rules(), narrow.json()["summary"]["hidden"].clone()),
        (vec!["policy/missing-actions".to_owned()], json!(1))
    );
    assert_eq!(narrow.err, "bucketlint: gone.yaml is not there, from here: nothing is reported on it\n");
    let none = check(dir.path(), &["--changed", "good.yaml"]);
    assert_eq!((none.status, none.rules().len(), none.json()["summary"]["buckets"].clone()), (0, 0, json!(2)));
}

#[test]
fn a_run_with_nothing_to_check_says_so() {
    for (dir, why) in [
        (folder(&[]), "no template or policy was found"),
        (folder(&[("a.yaml", "Resources: {A: {Type: \"AWS::SNS::Topic\"}}\n")]), "no bucket was found"),
        (folder(&[("a.yaml", GOOD), ("bucketlint.yaml", "buckets: {exclude: [\"*\"]}\n")]), "no bucket is in scope"),
    ] {
        let done = run(dir.path(), &[&["check"], &ACCOUNT[..]].concat());
        assert!(done.out.contains(&format!("nothing was checked: {why}")), "{}", done.out);
    }
}

#[test]
fn a_run_that_judges_nothing_fails_in_every_format_unless_that_is_allowed() {
    let key = "{\"Statement\": [{\"Principal\": \"*\", \"Action\": \"kms:*\", \"Resource\": \"*\"}]}";
    let dir = folder(&[("key.json", key), ("infra/cdk.json", "{}"), (".gitignore", "cdk.out\n")]);
    let with = |args: &[&str]| run(dir.path(), &[&["check"], &ACCOUNT[..], args].concat());
    for format in ["pretty", "short", "json", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjsonl"] {
        let done = with(&["--format", format]);
        assert_eq!(done.status, 1, "{format}");
        assert!(done.out.contains("source/nothing-checked") && done.out.contains("a CDK app"), "{format}: {}", done.out);
        let allowed = with(&["--format", format, "--allow-empty"]);
        assert!(allowed.status == 0 && !allowed.out.contains("source/nothing-checked"), "{format}: {}", allowed.out);
    }
    // neither a baseline nor a choice of changed files hides it
    assert_eq!(with(&["--write-baseline"]).status, 1);
    let rules = check(dir.path(), &["--baseline", "bucketlint-baseline.json"]).rules();
    assert_eq!(rules, ["source/nothing-checked"]);
    assert_eq!(with(&["--changed", "key.json"]).status, 1);
    fs::write(dir.path().join("bucketlint.yaml"), "allow_empty: true\n").unwrap();
    assert_eq!(with(&[]).status, 0);
    fs::write(dir.path().join("bucketlint.yaml"), "severity: {source/nothing-checked: off}\n").unwrap();
    assert_eq!(with(&[]).status, 0);
    // a file that cannot be read is told once
    assert_eq!(check(dir.path(), &["--no-config", "key.json"]).rules(), ["source/unreadable"]);
}

#[test]
fn a_bucket_that_is_not_there_is_told() {
    let dir = folder(&[("a.yaml", GOOD)]);
    for (name, says) in [("lab-dta", "did you mean `lab-data`?"), ("archive", "name one that is there, such as `lab-data`")] {
        let done = check(dir.path(), &["--bucket", name]);
        assert_eq!((done.status, done.rules()), (1, vec!["source/nothing-checked".to_owned()]));
        let finding = &done.json()["findings"][0];
        assert!(finding["message"].as_str().unwrap().contains(&format!("none is called `{name}`")), "{finding}");
        assert!(finding["help"].as_str().unwrap().starts_with(says), "{finding}");
    }
}

#[test]
fn one_broken_file_does_not_hide_the_others() {
    let dir = folder(&[("a.yaml", TEMPLATE), ("broken.yaml", "Resources:\n  A: {Type: AWS::S3::Bucket\n")]);
    let rules = check(dir.path(), &[]).rules();
    assert_eq!(rules, ["trail/uncovered-bucket", "ownership/not-enforced", "source/syntax"]);
}

#[test]
fn duplicate_keys_are_told() {
    let dir = folder(&[("good.yaml", &GOOD.replace("      Bucket: lab-data\n", "      Bucket: x\n      Bucket: lab-data\n"))]);
    assert_eq!(check(dir.path(), &[]).rules(), ["source/duplicate-key"]);
}

#[test]
fn line_endings_and_byte_order_marks_move_nothing() {
    let plain = folder(&[("a.yaml", TEMPLATE)]);
    let other = folder(&[("a.yaml", &format!("\u{feff}{}", TEMPLATE.replace('\n', "\r\n")))]);
    let places = |dir: &TempDir| {
        let report = check(dir.path(), &[]).json();
        let place = |one: &Value| {
            let at = |end: &str| (one["location"][end]["line"].clone(), one["location"][end]["column"].clone());
            (one["rule"].clone(), at("start"), at("end"))
        };
        report["findings"].as_array().unwrap().iter().map(place).collect::<Vec<_>>()
    };
    assert_eq!(places(&plain), places(&other));
    assert_eq!(places(&plain).len(), 2);
}

#[test]
fn hostile_files_end_in_a_finding() {
    let bomb: String = (1..30).map(|at| format!("a{at}: &a{at} [*a{0}, *a{0}, *a{0}, *a{0}]\n", at - 1)).collect();
    let bomb =
        format!("AWSTemplateFormatVersion: \"2010-09-09\"\na0: &a0 [x]\n{bomb}Resources: {{A: {{Type: AWS::S3::Bucket}}}}\n");
    let nested = format!("{{\"Resources\": {}", "[".repeat(100_000));
    let flow = format!("AWSTemplateFormatVersion: x\nResources: {}", "[".repeat(100_000));
    for (name, text) in [("bomb.yaml", &bomb), ("nested.json", &nested), ("flow.yaml", &flow)] {
        let dir = folder(&[("good.yaml", GOOD), (name, text)]);
        let done = check(dir.path(), &["good.yaml", name]);
        assert_eq!(done.status, 1, "{name}");
        let report = done.json();
        assert_eq!(report["findings"][0]["location"]["file"], name);
        assert_eq!(report["findings"][0]["rule"], "source/syntax", "{name}");
    }
}

#[test]
fn threads_do_not_change_a_byte() {
    let files: Vec<(String, String)> =
        (0..40).map(|at| (format!("d{}/s{at}.yaml", at % 7), TEMPLATE.replace("Data", &format!("Data{at}")))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let dir = folder(&files);
    for format in ["json", "pretty"] {
        let with = |threads: &str| {
            let mut command = command(dir.path(), &[&["check", "--format", format], &ACCOUNT[..]].concat());
            command.env("RAYON_NUM_THREADS", threads);
            finish(command).out
        };
        let one = with("1");
        assert!(one.len() > 1000);
        assert_eq!(one, with("8"));
    }
}

#[test]
fn output_fits_and_colours_only_when_wanted() {
    let dir = folder(&[("good.yaml", &GOOD.replace("123456789012", "123456789021"))]);
    for width in [60, 80] {
        let mut command = command(dir.path(), &[&["check"], &ACCOUNT[..]].concat());
        command.env("COLUMNS", width.to_string()).env("LC_ALL", "C.UTF-8");
        let out = finish(command).out;
        let widest = out.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width, "{widest} of {width}\n{out}");
        assert!(!out.contains('\u{1b}'), "{out}");
    }
    let coloured = |no_color: Option<&str>, choice: &str| {
        let mut command = command(dir.path(), &[&["check", "--color", choice], &ACCOUNT[..]].concat());
        no_color.into_iter().for_each(|value| {
            command.env("NO_COLOR", value);
        });
        finish(command).out.contains('\u{1b}')
    };
    assert!(coloured(None, "always"));
    assert!(!coloured(Some("1"), "auto"));
    let mut ascii = command(dir.path(), &[&["check"], &ACCOUNT[..]].concat());
    ascii.env("LC_ALL", "C");
    let out = finish(ascii).out;
    assert!(out.is_ascii(), "{out}");
}
