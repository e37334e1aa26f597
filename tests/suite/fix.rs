//! `check --fix`, `--fix-only` and `--diff`, from outside.

use crate::program::{Done, folder, run};
use std::fs;
use std::path::Path;

const FLAGS: [&str; 6] = ["check", "--no-config", "--control-account", "123456789012", "--trail", "elsewhere"];

/// A bucket without ownership controls, which is safe to mend, and a policy that lacks all but reading, which is not.
const STACK: &str = "\
Resources:
  # what the lab measures
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: lab-data # for ever
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {AWS: arn:aws:iam::123456789012:root}
            Action: [s3:GetObject, s3:ListBucket]
            Resource: [!GetAtt Data.Arn, !Sub '${Data.Arn}/*']
";

const OWNED: &str = " # for ever
      OwnershipControls:
        Rules:
          - ObjectOwnership: BucketOwnerEnforced
";

const GRANTED: &str = "[s3:GetObjectVersion, s3:ListBucketVersions, s3:DeleteObject, s3:DeleteObjectVersion, s3:PutObject, \
                       s3:GetBucketNotification, s3:PutBucketNotification, s3:GetObject, s3:ListBucket]";

fn checked(dir: &Path, more: &[&str]) -> Done {
    run(dir, &[&FLAGS, more].concat())
}

fn text(dir: &Path) -> String {
    fs::read_to_string(dir.join("stack.yaml")).unwrap()
}

fn owned(text: &str) -> String {
    text.replace(" # for ever\n", OWNED)
}

fn granted(text: &str) -> String {
    text.replace("[s3:GetObject, s3:ListBucket]", GRANTED)
}

#[test]
fn what_is_safe_is_mended_and_the_rest_reported() {
    let dir = folder(&[("stack.yaml", STACK)]);
    let done = checked(dir.path(), &["--fix", "--format", "short", "."]);
    assert_eq!(text(dir.path()), owned(STACK));
    assert_eq!((done.status, done.err.as_str()), (1, "bucketlint: mended 1 finding in 1 file\n"));
    assert!(done.out.contains("policy/missing-actions") && !done.out.contains("ownership/"), "{}", done.out);
    let again = checked(dir.path(), &["--fix", "--unsafe-fixes", "."]);
    assert_eq!(text(dir.path()), granted(&owned(STACK)));
    assert_eq!((again.status, again.err.as_str()), (0, "bucketlint: mended 1 finding in 1 file\n"), "{}", again.out);
    let more = checked(dir.path(), &["--fix", "--unsafe-fixes", "."]);
    assert_eq!((more.status, more.err.as_str()), (0, "bucketlint: nothing was mended\n"));
}

#[test]
fn a_diff_writes_nothing() {
    let dir = folder(&[("stack.yaml", STACK)]);
    let done = checked(dir.path(), &["--diff", "."]);
    let expected = "\
--- a/stack.yaml
+++ b/stack.yaml
@@ -4,6 +4,9 @@
     Type: AWS::S3::Bucket
     Properties:
       BucketName: lab-data # for ever
+      OwnershipControls:
+        Rules:
+          - ObjectOwnership: BucketOwnerEnforced
   Policy:
     Type: AWS::S3::BucketPolicy
     Properties:
";
    assert_eq!(done.out, expected);
    assert_eq!((done.status, done.err.as_str()), (1, "bucketlint: 1 more can be mended with --unsafe-fixes\n"));
    assert_eq!(text(dir.path()), STACK);
    fs::write(dir.path().join("stack.yaml"), granted(&owned(STACK))).unwrap();
    let clean = checked(dir.path(), &["--diff", "--unsafe-fixes", "."]);
    assert_eq!((clean.status, clean.out.as_str(), clean.err.as_str()), (0, "", ""));
}

#[test]
fn fix_only_reports_nothing_of_what_is_left() {
    let dir = folder(&[("stack.yaml", STACK)]);
    let done = checked(dir.path(), &["--fix-only", "."]);
    assert_eq!((done.status, done.out.as_str()), (0, ""));
    assert_eq!(done.err, "bucketlint: mended 1 finding in 1 file\n");
    assert_eq!(text(dir.path()), owned(STACK));
}

#[test]
fn line_breaks_rights_and_links_stay_as_they_are() {
    let dir = folder(&[("real/stack.yaml", &STACK.replace('\n', "\r\n"))]);
    let real = dir.path().join("real/stack.yaml");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("real/stack.yaml", dir.path().join("link.yaml")).unwrap();
        checked(dir.path(), &["--fix", "link.yaml"]);
        assert!(fs::symlink_metadata(dir.path().join("link.yaml")).unwrap().is_symlink());
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    }
    #[cfg(not(unix))]
    checked(dir.path(), &["--fix", "real/stack.yaml"]);
    assert_eq!(fs::read_to_string(&real).unwrap(), owned(STACK).replace('\n', "\r\n"));
}

#[test]
fn what_is_suppressed_known_or_generated_is_left() {
    let suppressed = STACK.replace("Data:\n", "Data: # bucketlint: allow ownership/missing-controls it is an old one\n");
    let dir = folder(&[("stack.yaml", &suppressed)]);
    checked(dir.path(), &["--fix", "."]);
    assert_eq!(text(dir.path()), suppressed);

    let dir = folder(&[("stack.yaml", STACK)]);
    checked(dir.path(), &["--baseline", "known.json", "--write-baseline", "."]);
    checked(dir.path(), &["--baseline", "known.json", "--fix", "--unsafe-fixes", "."]);
    assert_eq!(text(dir.path()), STACK);

    let made =
        STACK.replace("    Type: AWS::S3::Bucket\n", "    Type: AWS::S3::Bucket\n    Metadata: {aws:cdk:path: Lab/Data}\n");
    let dir = folder(&[("stack.yaml", &made)]);
    let done = checked(dir.path(), &["--diff", "--unsafe-fixes", "."]);
    assert_eq!((done.status, done.out.as_str(), done.err.as_str()), (0, "", ""));
}

#[test]
fn what_is_mended_uncovers_more_which_is_mended_too() {
    // a policy that is not there yet, and one edit that waits for another at its place
    let without = STACK.split_once("  Policy:").unwrap().0;
    let dir = folder(&[("stack.yaml", without)]);
    let done = checked(dir.path(), &["--fix", "--unsafe-fixes", "."]);
    assert_eq!((done.status, done.err.as_str()), (0, "bucketlint: mended 2 findings in 1 file\n"), "{}", done.out);
    let mended = text(dir.path());
    assert!(mended.starts_with("Resources:\n  DataPolicy:\n    Type: AWS::S3::BucketPolicy\n"), "{mended}");
    assert!(mended.contains("            AWS: arn:aws:iam::123456789012:root\n"), "{mended}");
    assert!(mended.contains("\n  # what the lab measures\n  Data:\n"), "{mended}");
}

#[test]
fn reports_for_programs_have_the_edits() {
    let dir = folder(&[("stack.yaml", STACK)]);
    let report = checked(dir.path(), &["--format", "json", "."]).json();
    let findings = report["findings"].as_array().unwrap();
    let fix = |rule: &str| &findings.iter().find(|one| one["rule"] == rule).unwrap()["fix"];
    let edit = &fix("ownership/missing-controls")["edits"][0];
    assert_eq!(fix("ownership/missing-controls")["applicability"], "safe");
    assert_eq!(edit["text"], "\n      OwnershipControls:\n        Rules:\n          - ObjectOwnership: BucketOwnerEnforced");
    // behind the comment of line 6, which has 37 columns
    let place = serde_json::json!({"line": 6, "column": 38, "offset": 124});
    assert_eq!((&edit["location"]["start"], &edit["location"]["end"]), (&place, &place));
    let edit = &fix("policy/missing-actions")["edits"][0];
    assert_eq!(fix("policy/missing-actions")["applicability"], "unsafe");
    assert_eq!((&edit["location"]["start"]["line"], &edit["location"]["start"]["column"]), (&15.into(), &22.into()));

    let sarif = checked(dir.path(), &["--format", "sarif", "."]).json();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let owned = results.iter().find(|one| one["ruleId"] == "ownership/missing-controls").unwrap();
    let change = &owned["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "stack.yaml");
    let region = serde_json::json!({"startLine": 6, "startColumn": 38, "endLine": 6, "endColumn": 38});
    assert_eq!(change["replacements"][0]["deletedRegion"], region);

    let lines = checked(dir.path(), &["--format", "rdjsonl", "."]).out;
    let line = lines.lines().find(|line| line.contains("missing-controls")).unwrap();
    let suggestion = &serde_json::from_str::<serde_json::Value>(line).unwrap()["suggestions"][0];
    assert_eq!(suggestion["range"]["start"], serde_json::json!({"line": 6, "column": 38}));
    assert_eq!(
        suggestion["text"],
        "\n      OwnershipControls:\n        Rules:\n          - ObjectOwnership: BucketOwnerEnforced"
    );
}

#[test]
fn the_summary_says_what_can_be_mended() {
    let dir = folder(&[("stack.yaml", STACK)]);
    let done = checked(dir.path(), &["."]);
    assert!(done.out.contains("\n1 can be mended with --fix, 1 more with --unsafe-fixes; --diff shows how\n"), "{}", done.out);
}

/// What is mended in `text`, by everything there is.
fn mended(text: &str, flags: &[&str]) -> String {
    let dir = folder(&[("stack.yaml", text)]);
    checked(dir.path(), &[&["--fix-only", "--unsafe-fixes"], flags, &["."]].concat());
    self::text(dir.path())
}

#[test]
fn what_others_use_too_is_left_to_people() {
    let grants = |principal: &str| STACK.replace("{AWS: arn:aws:iam::123456789012:root}", principal);
    // a default may be the principal of something else as well
    let default = format!("Parameters:\n  Peer: {{Type: String, Default: '123456789021'}}\n{}", grants("{AWS: !Ref Peer}"));
    let after = mended(&default, &[]);
    assert!(after.contains("Default: '123456789021'") && after.contains("Principal: {AWS: !Ref Peer}"), "{after}");
    // whoever else a condition lets in would be shut out
    let condition = STACK.replace(
        "            Resource:",
        "            Condition: {StringEquals: {aws:PrincipalAccount: ['444455556666']}}\n            Resource:",
    );
    assert!(mended(&condition, &[]).contains("aws:PrincipalAccount: ['444455556666']}}"));
    // an alias is no place of its own
    let alias = STACK.replace("Action: [s3:GetObject, s3:ListBucket]", "Action: &acts [s3:GetObject, s3:ListBucket]")
        + "          - {Effect: Allow, Principal: {AWS: '444455556666'}, Action: *acts, Resource: !GetAtt Data.Arn}\n";
    assert_eq!(mended(&alias, &[]), alias);
}

#[test]
fn a_fix_that_would_break_the_file_keeps_no_other_from_being_made() {
    // the resource that would be added is there already, and is something else
    let taken = STACK.split_once("  Policy:").unwrap().0.to_owned() + "  DataPolicy:\n    Type: AWS::IAM::ManagedPolicy\n";
    assert_eq!(mended(&taken, &[]), owned(&taken).replace("          - ObjectOwnership", "        - ObjectOwnership"));
}

#[test]
fn nothing_is_written_at_a_column_there_is_not() {
    for none in ["Properties:\n", "Properties: # later\n", "Properties: ~\n"] {
        let text = format!("Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    {none}");
        let dir = folder(&[("stack.yaml", &text)]);
        checked(dir.path(), &["--fix-only", "."]);
        assert_eq!(self::text(dir.path()), text);
    }
    let kept = "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: |+\n        lab-data\n\n\n";
    assert_eq!(mended(kept, &["--bucket", "Data"]).matches("lab-data\n\n\n").count(), 1);
}

#[test]
fn a_policy_in_a_folded_text_is_judged() {
    let text = STACK.split_once("      PolicyDocument:").unwrap().0.to_owned()
        + "      PolicyDocument: >-\n        {\"Statement\": {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"123456789012\"},\n        \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::lab-data/*\"}}\n";
    let dir = folder(&[("stack.yaml", &text)]);
    let done = checked(dir.path(), &["--format", "short", "."]);
    assert!(done.status == 1 && done.out.contains("policy/missing-actions") && !done.out.contains("source/"), "{}", done.out);
}

#[test]
fn a_statement_has_a_sid_of_its_own() {
    let text = STACK.replace("          - Effect: Allow\n            Principal: {AWS: arn:aws:iam::123456789012:root}\n", "          - Sid: CrossAccountAccess\n            Effect: Allow\n            Principal: {AWS: arn:aws:iam::444455556666:root}\n");
    let mended = mended(&text, &[]);
    assert!(mended.contains("Sid: CrossAccountAccess2\n") && mended.matches("Sid: ").count() == 2, "{mended}");
}

#[test]
fn standard_input_is_not_mended() {
    let dir = folder(&[]);
    let done = checked(dir.path(), &["--fix", "-"]);
    assert_eq!((done.status, done.out.as_str()), (2, ""));
    assert_eq!(done.err, "bucketlint: what is read from standard input cannot be mended there; name a file\n");
}
