//! What comments, `Metadata` and the settings allow, from outside.

use crate::program::{Done, folder, run};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const SETTINGS: &str = "control_accounts: [\"123456789012\"]\ntrail: elsewhere\n";

const ACTIONS: &str = "[s3:GetObject, s3:GetObjectVersion, s3:ListBucket, s3:ListBucketVersions, s3:DeleteObject, \
                       s3:DeleteObjectVersion, s3:PutObject, s3:GetBucketNotification, s3:PutBucketNotification]";

/// A bucket on lines 1 to 5, whose ownership is wrong in columns 53 to 64 of line 5, and a policy from line 6 on, whose
/// second statement, on line 13, denies deleting.
fn stack() -> String {
    format!(
        "Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: lab-data,
      OwnershipControls: {{Rules: [{{ObjectOwnership: ObjectWriter}}]}}}}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: lab-data
      PolicyDocument:
        Statement:
          - {{Effect: Allow, Principal: {{AWS: 123456789012}}, Action: {ACTIONS}, Resource: [\"arn:aws:s3:::lab-data\", \"arn:aws:s3:::lab-data/*\"]}}
          - {{Effect: Deny, Principal: \"*\", Action: s3:DeleteObject, Resource: \"arn:aws:s3:::lab-data/*\"}}
"
    )
}

/// The stack with `comment` behind line `number`.
fn behind(number: usize, comment: &str) -> String {
    edited(number, |line| format!("{line} {comment}"))
}

/// The stack with `comment`, indented as line `number` is, above it.
fn above(number: usize, comment: &str) -> String {
    edited(number, |line| {
        let indent = &line[..line.len() - line.trim_start().len()];
        comment.lines().map(|text| format!("{indent}{text}\n")).collect::<String>() + line
    })
}

fn edited(number: usize, edit: impl Fn(&str) -> String) -> String {
    let stack = stack();
    let lines = stack.lines().enumerate().map(|(at, line)| if at + 1 == number { edit(line) } else { line.to_owned() });
    lines.map(|line| line + "\n").collect()
}

fn check(dir: &Path, args: &[&str]) -> Done {
    let done = run(dir, &[&["check", "--format", "json"], args].concat());
    assert_eq!(done.err, "");
    done
}

/// `rule file:line:column` of each finding, and how many are allowed.
fn found(done: &Done) -> (Vec<String>, u64) {
    let report = done.json();
    let line = |one: &Value| {
        let at = &one["location"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        format!("{} {}:{}:{}", text(&one["rule"]), text(&at["file"]), at["start"]["line"], at["start"]["column"])
    };
    let findings = report["findings"].as_array().unwrap().iter().map(line).collect();
    (findings, report["summary"]["suppressed"].as_u64().unwrap())
}

fn found_in(files: &[(&str, &str)], args: &[&str]) -> (Vec<String>, u64) {
    let dir = folder(files);
    if files.iter().all(|(name, _)| *name != "bucketlint.yaml") {
        fs::write(dir.path().join("bucketlint.yaml"), SETTINGS).unwrap();
    }
    found(&check(dir.path(), args))
}

/// What is found in the stack as it is.
const BOTH: [&str; 2] = ["ownership/not-enforced stack.yaml:5:53", "policy/denied stack.yaml:13:13"];

#[test]
fn without_a_word_both_are_reported() {
    assert_eq!(found_in(&[("stack.yaml", &stack())], &[]), (BOTH.map(str::to_owned).to_vec(), 0));
}

#[test]
fn a_comment_behind_or_above_the_place_counts() {
    let ownership = "# bucketlint: allow ownership/not-enforced the uploader sets ACLs";
    let denied = "# bucketlint: allow policy/denied nothing is deleted";
    for (text, left) in [
        (behind(5, ownership), "policy/denied stack.yaml:13:13"),
        (above(5, ownership), "policy/denied stack.yaml:14:13"),
        // the block that begins there: a key, a logical ID, all resources
        (behind(4, ownership), "policy/denied stack.yaml:13:13"),
        (above(4, ownership), "policy/denied stack.yaml:14:13"),
        (behind(2, ownership), "policy/denied stack.yaml:13:13"),
        (above(2, ownership), "policy/denied stack.yaml:14:13"),
        (above(2, &format!("{ownership}\n# a word on the bucket")), "policy/denied stack.yaml:15:13"),
        (above(1, ownership), "policy/denied stack.yaml:14:13"),
        (behind(13, denied), "ownership/not-enforced stack.yaml:5:53"),
        (above(13, denied), "ownership/not-enforced stack.yaml:5:53"),
        (behind(11, denied), "ownership/not-enforced stack.yaml:5:53"),
        (above(6, denied), "ownership/not-enforced stack.yaml:5:53"),
    ] {
        assert_eq!(found_in(&[("stack.yaml", &text)], &[]), (vec![left.to_owned()], 1), "{text}");
    }
}

#[test]
fn a_comment_elsewhere_suppresses_nothing_and_says_so() {
    let ownership = "# bucketlint: allow ownership/not-enforced the uploader sets ACLs";
    let [five, thirteen] = BOTH.map(str::to_owned);
    // `# bucketlint: allow ` has 20 columns
    for (text, want) in [
        // another statement, resource or line; 4 columns of indent, or as many as the line has and a blank
        (
            above(3, ownership),
            vec!["allow/unused stack.yaml:3:25", "ownership/not-enforced stack.yaml:6:53", "policy/denied stack.yaml:14:13"],
        ),
        (behind(6, ownership), vec![&five, "allow/unused stack.yaml:6:31", &thirteen]),
        // an empty line, or the end of the file, cuts it off
        (
            above(2, &format!("{ownership}\n\n# more")),
            vec!["allow/unused stack.yaml:2:23", "ownership/not-enforced stack.yaml:8:53", "policy/denied stack.yaml:16:13"],
        ),
        (stack() + "  # bucketlint: allow policy/denied too late\n", vec![&five, &thirteen, "allow/unused stack.yaml:14:23"]),
        // no comment at all
        (
            edited(9, |_| "      Bucket: 'lab-data'\n      Note: \"# bucketlint: allow policy/denied x\"".into()),
            vec![&five, "policy/denied stack.yaml:14:13"],
        ),
    ] {
        let want: Vec<String> = want.into_iter().map(str::to_owned).collect();
        assert_eq!(found_in(&[("stack.yaml", &text)], &[]), (want, 0), "{text}");
    }
}

#[test]
fn what_is_underlined_on_several_lines_is_covered_from_each() {
    let stack = |key: &str, first: &str, last: &str| {
        format!(
            "Resources:
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: lab-data
      PolicyDocument:
        Statement:
          Effect: Allow
          Principal: {{AWS: 123456789012}}
          Action:{key}
            - s3:GetObject{first}
            - s3:ListBucket
            - s3:PutObject{last}
          Resource: [\"arn:aws:s3:::lab-data\", \"arn:aws:s3:::lab-data/*\"]
"
        )
    };
    let allow = " # bucketlint: allow policy/missing-actions the rest is not used here";
    let want = vec!["policy/missing-actions stack.yaml:11:13".to_owned()];
    assert_eq!(found_in(&[("stack.yaml", &stack("", "", ""))], &[]), (want, 0));
    for text in [stack(allow, "", ""), stack("", allow, ""), stack("", "", allow)] {
        assert_eq!(found_in(&[("stack.yaml", &text)], &[]), (vec![], 1), "{text}");
    }
}

#[test]
fn line_breaks_and_wide_characters_do_not_matter() {
    let text = behind(5, "# bucketlint: allow ownership/not-enforced, policy/denied ü€😀").replace("Data:", "Data: # ü€😀");
    // 68 columns of stack, a blank, 20 of `# bucketlint: allow `, 22 of the rule, a comma and a blank
    let want = ["allow/unused stack.yaml:5:114", "policy/denied stack.yaml:13:13"].map(str::to_owned).to_vec();
    assert_eq!(found_in(&[("stack.yaml", &text)], &[]), (want.clone(), 1));
    assert_eq!(found_in(&[("stack.yaml", &text.replace('\n', "\r\n"))], &[]), (want.clone(), 1));
    assert_eq!(found_in(&[("stack.yaml", &format!("\u{feff}{text}"))], &[]), (want, 1));
}

/// The bucket of the stack, with `Metadata`, and its policy in a file of its own.
fn apart(metadata: &str) -> [(&'static str, String); 2] {
    let stack = stack();
    let lines: Vec<&str> = stack.lines().collect();
    let bucket = format!("{}\n    Metadata: {metadata}\n", lines[..5].join("\n"));
    [("bucket.yaml", bucket), ("policy.yaml", format!("Resources:\n{}\n", lines[5..].join("\n")))]
}

#[test]
fn metadata_of_a_bucket_covers_what_is_found_about_it_in_any_file() {
    let [five, denied] = ["ownership/not-enforced bucket.yaml:5:53", "policy/denied policy.yaml:9:13"].map(str::to_owned);
    let check = |metadata: &str| {
        let files = apart(metadata);
        found_in(&files.each_ref().map(|(name, text)| (*name, text.as_str())), &[])
    };
    assert_eq!(check("{Owner: lab}"), (vec![five.clone(), denied], 0));
    let allow = |rule: &str| format!("{{bucketlint: {{allow: [{{rule: {rule}, reason: nothing is deleted}}]}}}}");
    assert_eq!(check(&allow("policy/denied")), (vec![five], 1));
    assert_eq!(check(&allow("[policy/denied, ownership/not-enforced]")), (vec![], 2));
}

#[test]
fn metadata_of_a_policy_and_of_the_template_cover_what_is_in_them() {
    let allow = |rule: &str| format!("Metadata: {{bucketlint: {{allow: {{rule: {rule}, reason: agreed}}}}}}");
    let of_policy = |rule: &str| above(7, &allow(rule));
    let [five, _] = BOTH.map(str::to_owned);
    assert_eq!(found_in(&[("stack.yaml", &of_policy("policy/denied"))], &[]), (vec![five.clone()], 1));
    // an indent of 4, and `Metadata: {bucketlint: {allow: {rule: ` with 38
    let unused = "allow/unused stack.yaml:7:43".to_owned();
    let want = (vec![five, unused, "policy/denied stack.yaml:14:13".into()], 0);
    assert_eq!(found_in(&[("stack.yaml", &of_policy("ownership/not-enforced"))], &[]), want);
    let of_template = above(1, &allow("[policy/denied, ownership/not-enforced]"));
    assert_eq!(found_in(&[("stack.yaml", &of_template)], &[]), (vec![], 2));
}

/// The policy of the stack as JSON on its own, one line.
fn policy() -> String {
    let actions: Vec<String> = ACTIONS.trim_matches(['[', ']']).split(", ").map(|action| format!("\"{action}\"")).collect();
    format!(
        "{{\"Statement\": [{{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:DeleteObject\", \"Resource\": \
         \"arn:aws:s3:::lab-data/*\"}}, {{\"Effect\": \"Allow\", \"Principal\": {{\"AWS\": \"123456789012\"}}, \"Action\": [{}], \
         \"Resource\": [\"arn:aws:s3:::lab-data\", \"arn:aws:s3:::lab-data/*\"]}}]}}",
        actions.join(", ")
    )
}

#[test]
fn settings_cover_files_and_in_them_buckets() {
    let check = |item: &str, args: &[&str]| {
        let settings = format!("{SETTINGS}allow:\n  - {{{item}}}\n");
        found_in(&[("bucketlint.yaml", &settings), ("legacy/old.json", &policy()), ("new.json", "{}")], args)
    };
    // `{"Statement": [` has 15 columns; `  - {rule: ` has 11
    let denied = || "policy/denied legacy/old.json:1:16".to_owned();
    let unused = || "allow/unused bucketlint.yaml:4:12".to_owned();
    for paths in ["legacy", "legacy/*.json", "[old.json]", "\"/legacy/**\""] {
        assert_eq!(check(&format!("rule: policy/denied, paths: {paths}, reason: agreed"), &[]), (vec![], 1), "{paths}");
    }
    let wrong = "rule: policy/denied, paths: old.yaml, reason: agreed";
    assert_eq!(check(wrong, &[]), (vec![denied(), unused()], 0));
    // a run on a part of the files is not one in which the others are missing
    assert_eq!(check(wrong, &["legacy"]), (vec![denied()], 0));
    for buckets in ["lab-*", "[other, lab-data]"] {
        assert_eq!(check(&format!("rule: policy/denied, paths: '*', buckets: {buckets}, reason: agreed"), &[]), (vec![], 1));
    }
    let other = "rule: policy/denied, paths: '*', buckets: other, reason: agreed";
    assert_eq!(check(other, &["."]), (vec![denied(), unused()], 0));
    let over = "rule: policy/denied, paths: '*', until: 2027-06-30, reason: agreed";
    assert_eq!(check(over, &["--today", "2027-06-30"]), (vec![], 1));
    // `  - {rule: policy/denied, paths: '*', until: ` has 45 columns
    let expired = "allow/expired bucketlint.yaml:4:46".to_owned();
    assert_eq!(check(over, &["--today", "2027-07-01"]), (vec![denied(), expired], 0));
}

#[test]
fn mistakes_in_the_settings_are_those_of_any_setting() {
    let dir = folder(&[("bucketlint.yaml", "allow:\n  - {rule: a/b, pths: x}\n  - {rule: a/b, paths: x, until: 2027-02-29}\n")]);
    let done = run(dir.path(), &["check", "--color", "never"]);
    assert_eq!((done.status, done.out.as_str()), (2, ""));
    for part in [
        "unknown key `pths`; did you mean `paths`?",
        "`paths` is missing",
        "`2027-02-29` is not a day such as 2027-01-31",
        "bucketlint.yaml:3:34",
    ] {
        assert!(done.err.contains(part), "{part}: {}", done.err);
    }
}

#[test]
fn what_follows_from_a_finding_stays_as_it_was() {
    // a reference to nothing hides the ownership, which is not said besides, whether that is allowed or not
    let text = |comment: &str| {
        stack().replace("ObjectOwnership: ObjectWriter}]}}", &format!("ObjectOwnership: !Ref Gone}}]}}}} {comment}"))
    };
    let (plain, none) = found_in(&[("stack.yaml", &text(""))], &[]);
    assert_eq!((plain.len(), none), (2, 0), "{plain:?}");
    assert!(plain[0].starts_with("template/invalid-reference stack.yaml:5:"), "{plain:?}");
    let allowed = text("# bucketlint: allow template/invalid-reference made by another tool");
    assert_eq!(found_in(&[("stack.yaml", &allowed)], &[]), (vec![plain[1].clone()], 1));
    // nor is a suppression of the ownership called unused while that is hidden
    let hidden = text("# bucketlint: allow ownership/not-enforced the uploader sets ACLs");
    assert_eq!(found_in(&[("stack.yaml", &hidden)], &[]), (plain, 0));
}

#[test]
fn the_exit_status_is_that_of_what_is_reported() {
    let both = behind(13, "# bucketlint: allow policy/denied a")
        .replace("Resources:\n", "Resources: # bucketlint: allow ownership/not-enforced b\n");
    let status = |text: &str, args: &[&str]| {
        let dir = folder(&[("stack.yaml", text), ("bucketlint.yaml", SETTINGS)]);
        check(dir.path(), args).status
    };
    assert_eq!(status(&both, &["--fail-on", "note"]), 0);
    assert_eq!(status(&stack(), &[]), 1);
    let no_reason = both.replace("denied a", "denied");
    assert_eq!((status(&no_reason, &[]), status(&no_reason, &["--fail-on", "error"])), (1, 0));
}

#[test]
fn nothing_is_called_unused_that_was_not_looked_for() {
    let text = above(2, "# bucketlint: allow policy/missing, ownership/not-enforced, policy/denied x");
    let unused = "allow/unused stack.yaml:2:23".to_owned();
    let denied = "policy/denied stack.yaml:14:13".to_owned();
    let also = "allow/unused stack.yaml:2:63".to_owned();
    let files = |settings: &'static str| [("stack.yaml", text.clone()), ("bucketlint.yaml", settings.to_owned())];
    let check = |settings: &'static str, more: &[(&str, &str)], args: &[&str]| {
        let files = files(settings);
        let files: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (*name, text.as_str())).chain(more.iter().copied()).collect();
        found_in(&files, args).0
    };
    assert_eq!(check(SETTINGS, &[], &[]), [unused, also.clone(), denied.clone()]);
    // a rule that is off
    let off = "control_accounts: [\"123456789012\"]\ntrail: elsewhere\nseverity: {policy/missing: off}\n";
    assert_eq!(check(off, &[], &[]), [also, denied.clone()]);
    // the buckets that are not judged
    assert_eq!(check(SETTINGS, &[], &["--bucket", "Data"]), std::slice::from_ref(&denied));
    // what stands in a file that cannot be read
    let broken = check(SETTINGS, &[("broken.yaml", "Resources:\n  A: {Type: AWS::S3::Bucket\n")], &[]);
    assert_eq!(broken.len(), 2, "{broken:?}");
    assert!(broken[0].starts_with("source/syntax broken.yaml"), "{broken:?}");
}

#[test]
fn without_a_control_account_nothing_is_called_unused() {
    let text = above(2, "# bucketlint: allow policy/missing x").replace("{AWS: 123456789012}", "\"*\"");
    let dir = folder(&[("stack.yaml", &text)]);
    let rules = check(dir.path(), &["--trail", "elsewhere"]).rules();
    assert!(rules.contains(&"account/unknown".to_owned()) && !rules.contains(&"allow/unused".to_owned()), "{rules:?}");
}

#[test]
fn findings_of_some_scenarios_are_allowed_alike() {
    let head = "Parameters:\n  Mode: {Type: String, Default: closed, AllowedValues: [closed, open]}\nConditions:\n  Open: !Equals [!Ref Mode, open]\n";
    let text = |comment: &str| {
        let ownership = "ObjectOwnership: !If [Open, ObjectWriter, BucketOwnerEnforced]}]}}";
        head.to_owned() + &stack().replace("ObjectOwnership: ObjectWriter}]}}", &format!("{ownership} {comment}"))
    };
    // four lines of head; `!If [Open, ` has 11 columns behind the 52 before the value
    let ownership = "ownership/not-enforced stack.yaml:9:64".to_owned();
    let denied = "policy/denied stack.yaml:17:13".to_owned();
    assert_eq!(found_in(&[("stack.yaml", &text(""))], &[]), (vec![ownership, denied.clone()], 0));
    let allowed = text("# bucketlint: allow ownership/not-enforced open is for tests");
    assert_eq!(found_in(&[("stack.yaml", &allowed)], &[]), (vec![denied], 1));
}

#[test]
fn a_nested_stack_is_one_text() {
    let parent = "Resources:
  One: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Name: lab-one}}}
  Two: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Name: lab-two}}}
";
    let child = |comment: &str| {
        format!(
            "Parameters: {{Name: {{Type: String}}}}\nResources:\n  Data: {comment}\n    Type: AWS::S3::Bucket\n    Properties: {{BucketName: !Ref Name, OwnershipControls: {{Rules: [{{ObjectOwnership: BucketOwnerEnforced}}]}}}}\n"
        )
    };
    let missing = "policy/missing child.yaml:3:3".to_owned();
    let check = |comment: &str| found_in(&[("parent.yaml", parent), ("child.yaml", &child(comment))], &[]);
    assert_eq!(check(""), (vec![missing.clone(), missing], 0));
    assert_eq!(check("# bucketlint: allow policy/missing filled by hand"), (vec![], 2));
}

/// A wrong account in a file of parameters, which has no comments, is allowed where it is used, and a wrong default at both
/// ends.
#[test]
fn a_value_that_stands_elsewhere_is_allowed_there_and_where_it_is_used() {
    let stack = |default: &str, principal: &str| {
        format!(
            "Parameters:
  Peer: {{Type: String{default}
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: lab-data, OwnershipControls: {{Rules: [{{ObjectOwnership: BucketOwnerEnforced}}]}}}}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: lab-data
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {{AWS: !Ref Peer}}{principal}
            Action: {ACTIONS}
            Resource: [\"arn:aws:s3:::lab-data\", \"arn:aws:s3:::lab-data/*\"]
"
        )
    };
    let allow = " # bucketlint: allow policy/wrong-principal the other account asks for us";
    let default = ", Default: \"444455556666\"}";
    let at_default = "policy/wrong-principal stack.yaml:2:33".to_owned();
    assert_eq!(found_in(&[("stack.yaml", &stack(default, ""))], &[]), (vec![at_default], 0));
    assert_eq!(found_in(&[("stack.yaml", &stack(&format!("{default}{allow}"), ""))], &[]), (vec![], 1));
    assert_eq!(found_in(&[("stack.yaml", &stack(default, allow))], &[]), (vec![], 1));
    let settings = format!("{SETTINGS}parameters: [{{templates: stack.yaml, file: prod.json}}]\n");
    let given = |principal: &str, settings: &str| {
        let text = stack("}", principal);
        let files = [("stack.yaml", &*text), ("prod.json", "{\"Peer\": \"444455556666\"}"), ("bucketlint.yaml", settings)];
        found_in(&files, &[])
    };
    assert_eq!(given("", &settings), (vec!["policy/wrong-principal prod.json:1:10".to_owned()], 0));
    assert_eq!(given(allow, &settings), (vec![], 1));
    let rule = "allow: [{rule: policy/wrong-principal, paths: stack.yaml, reason: asked for}]\n";
    assert_eq!(given("", &format!("{settings}{rule}")), (vec![], 1));
}

#[test]
fn a_loop_is_one_text() {
    let text = |metadata: &str| {
        format!(
            "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Buckets:\n    - Name\n    - [Tmp, Data]\n    - Bucket${{Name}}:\n        Type: AWS::S3::Bucket\n        {metadata}\n        Properties: {{OwnershipControls: {{Rules: [{{ObjectOwnership: BucketOwnerEnforced}}]}}}}\n"
        )
    };
    let (plain, _) = found_in(&[("stack.yaml", &text("DeletionPolicy: Delete"))], &[]);
    assert_eq!(plain, ["policy/missing stack.yaml:6:7"]);
    let allow = "Metadata: {bucketlint: {allow: [{rule: policy/missing, reason: filled by hand}]}}";
    assert_eq!(found_in(&[("stack.yaml", &text(allow))], &[]), (vec![], 1));
    // one of its buckets alone
    let settings = format!("{SETTINGS}allow:\n  - {{rule: policy/missing, paths: '*', buckets: BucketTmp, reason: agreed}}\n");
    let plain = text("DeletionPolicy: Delete");
    let dir = folder(&[("stack.yaml", &plain), ("bucketlint.yaml", &settings)]);
    let done = check(dir.path(), &[]);
    assert_eq!(found(&done), (vec!["policy/missing stack.yaml:6:7".into()], 1));
    let message = done.json()["findings"][0]["message"].to_string();
    assert!(message.contains("BucketData") && !message.contains("BucketTmp"), "{message}");
    let comment = text("DeletionPolicy: Delete # bucketlint: allow policy/missing on another line");
    // 8 of indent, `DeletionPolicy: Delete ` with 23 and `# bucketlint: allow ` with 20
    assert_eq!(found_in(&[("stack.yaml", &comment)], &[]).0, ["policy/missing stack.yaml:6:7", "allow/unused stack.yaml:8:52"]);
}

#[test]
fn only_changed_files_are_spoken_of() {
    let text = behind(13, "# bucketlint: allow policy/denied, policy/missing x");
    let files = [("stack.yaml", text.as_str()), ("bucketlint.yaml", SETTINGS), ("other.yaml", "Resources: {}\n")];
    let dir = folder(&files);
    let changed = |file: &str| {
        let done = check(dir.path(), &["--changed", file]);
        let summary = &done.json()["summary"];
        (found(&done), summary["hidden"].as_u64().unwrap())
    };
    let (own, hidden) = changed("stack.yaml");
    // `          - {Effect: Deny, Principal: "*", Action: s3:DeleteObject, Resource: "arn:aws:s3:::lab-data/*"}` has 104 columns
    let unused = "allow/unused stack.yaml:13:141".to_owned();
    assert_eq!((own, hidden), ((vec![BOTH[0].to_owned(), unused], 1), 0));
    assert_eq!(changed("other.yaml"), ((vec![], 0), 2));
}

#[test]
fn rules_of_ones_own_are_allowed_as_any_other() {
    let rule = "title: t\nseverity: error\nsince: 0.1.0\neach: $.templates[*].body.Resources[?@.Type == 'AWS::S3::Bucket']\n\
                check:\n  - {every: \"@.Properties.Tags\", exists: true}\nlabel: l\nmessage: no tags\nwhy: w\nfix: f\n\
                reference: [https://docs.aws.amazon.com/]\n";
    let on_allows = "title: t\nseverity: note\nsince: 0.1.0\neach: $.allows[*]\ncheck:\n  - {every: \"@.until\", exists: true}\n\
                     label: l\nmessage: \"{rule} is allowed for ever\"\nwhy: w\nfix: f\nreference: [https://docs.aws.amazon.com/]\n";
    let check = |text: &str, args: &[&str]| {
        let files = [("stack.yaml", text), ("lint/team/tags.yaml", rule), ("more/team/for-ever.yaml", on_allows)];
        found_in(&files, &[&["--rules", "lint", "stack.yaml"], args].concat())
    };
    // the place is the whole resource, which begins at `Type`
    let tags = "team/tags stack.yaml:3:5".to_owned();
    let [ownership, denied] = BOTH.map(str::to_owned);
    assert_eq!(check(&stack(), &[]), (vec![tags, ownership, denied], 0));
    let text = above(2, "# bucketlint: allow team/tags the tool sets them");
    let want = ["ownership/not-enforced stack.yaml:6:53", "policy/denied stack.yaml:14:13"].map(str::to_owned).to_vec();
    assert_eq!(check(&text, &[]), (want.clone(), 1));
    let all = [vec!["team/for-ever stack.yaml:2:23".to_owned()], want].concat();
    assert_eq!(check(&text, &["--rules", "more"]), (all, 1));
}

#[test]
fn sarif_has_what_is_allowed_as_suppressed() {
    let settings = format!("{SETTINGS}allow:\n  - {{rule: ownership/not-enforced, paths: '*', reason: agreed}}\n");
    let text = behind(13, "# bucketlint: allow policy/denied until 9999-12-31 nothing is deleted");
    let dir = folder(&[("stack.yaml", &text), ("bucketlint.yaml", &settings)]);
    let done = run(dir.path(), &["check", "--format", "sarif"]);
    assert_eq!(done.status, 0);
    let log = done.json();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let suppressions: Vec<(&str, &Value)> =
        results.iter().map(|result| (result["ruleId"].as_str().unwrap(), &result["suppressions"])).collect();
    let place = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": "stack.yaml"},
            "region": {"startLine": 13, "startColumn": 126, "endLine": 13, "endColumn": 139},
        },
    });
    let in_source = json!([{"kind": "inSource", "justification": "nothing is deleted, until 9999-12-31", "location": place}]);
    let external = json!([{"kind": "external", "justification": "agreed"}]);
    assert_eq!(suppressions, [("ownership/not-enforced", &external), ("policy/denied", &in_source)]);
    assert!(results.iter().all(|result| result.get("baselineState").is_none()));
    assert_eq!(log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), 2);
    // what is reported has none
    let plain = folder(&[("stack.yaml", &stack()), ("bucketlint.yaml", SETTINGS)]);
    let log = run(plain.path(), &["check", "--format", "sarif"]).json();
    assert!(log["runs"][0]["results"].as_array().unwrap().iter().all(|result| result.get("suppressions").is_none()));
}

/// What is allowed or known is as many as are reported otherwise, and verdicts stay.
#[test]
fn whatever_is_found_can_be_allowed_and_be_known() {
    let ids = run(Path::new("."), &["rules"]).out;
    let ids = ids.lines().map(|line| line.split_whitespace().next().unwrap()).filter(|id| !id.starts_with("allow/"));
    let allow: String = ids.map(|id| format!("  - {{rule: {id}, paths: '*', reason: agreed}}\n")).collect();
    let dir = folder(&[("all.yaml", &format!("allow:\n{allow}severity: {{allow/unused: off}}\n"))]);
    let mut total = 0;
    for group in ["example", "ownership"] {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(group);
        for entry in walkdir::WalkDir::new(&fixtures).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file())
        {
            let to = dir.path().join(group).join(entry.path().strip_prefix(&fixtures).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(entry.path(), to).unwrap();
        }
        let report = |args: &[&str]| {
            let done = check(dir.path(), &[&["--control-account", "123456789012", group], args].concat());
            (done.json(), done.status)
        };
        let (plain, _) = report(&["--no-config"]);
        let count = plain["findings"].as_array().unwrap().len();
        let baseline = format!("{group}-known.json");
        for (args, member) in [
            (&["--config", "all.yaml"][..], "suppressed"),
            (&["--no-config", "--write-baseline", "--baseline", &baseline], "in_baseline"),
            (&["--no-config", "--baseline", &baseline], "in_baseline"),
        ] {
            let (report, status) = report(args);
            assert_eq!((&report["findings"], status), (&json!([]), 0), "{group}");
            assert_eq!((&report["summary"][member], &report["summary"]["fixed"]), (&json!(count), &json!(0)), "{group}");
            assert_eq!(report["buckets"], plain["buckets"], "{group}");
        }
        total += count;
    }
    assert!(total > 10, "{total}");
}
