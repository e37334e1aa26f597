//! `bucketlint decide` from outside: what is asked, what is answered, and the exit status.

use std::fs;
use std::process::Command;
use tempfile::TempDir;

/// Statement 2 begins in line 4.
const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Catalogue", "Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:*",
   "Resource": ["arn:aws:s3:::lab-data", "arn:aws:s3:::lab-data/*"], "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
  {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::lab-data/locked/*"},
  {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::lab-data/*",
   "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}},
  {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab-data/open/*"}
]}"#;

/// Two policies, of a bucket named by a parameter and of a named one.
const TEMPLATE: &str = "\
Parameters: {Name: {Type: String}, Other: {Type: String}}
Resources:
  Raw: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Name}}
  RawPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Raw
      PolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {AWS: 123456789012}, Action: s3:GetObject, Resource: !Sub \"${Raw.Arn}/*\"}
          - {Effect: Allow, Principal: {AWS: 123456789012}, Action: s3:PutObject, Resource: !Sub \"arn:aws:s3:::${Other}/*\"}
  DataPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: lab-data
      PolicyDocument:
        Statement: {Effect: Allow, Principal: {AWS: 999988887777}, Action: s3:GetObject, Resource: arn:aws:s3:::lab-data/*}
";

const ACCOUNT: &str = "123456789012";
const ROLE: &str = "arn:aws:iam::123456789012:role/R";

/// First line of what is said, the rest, and the status.
fn run(file: &str, text: &str, flags: &[&str]) -> (String, String, i32) {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join(file), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bucketlint"));
    command.current_dir(dir.path()).args(["decide", "--policy", file]).args(flags);
    let done = command.output().unwrap();
    let said = [done.stdout, done.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    let (line, rest) = said.split_once('\n').unwrap();
    (line.to_owned(), rest.to_owned(), done.status.code().unwrap())
}

fn policy(principal: &str, action: &str, more: &[&str]) -> (String, String, i32) {
    let asked = ["--bucket", "lab-data", "--principal", principal, "--action", action];
    run("policy.json", POLICY, &[&asked, more].concat())
}

fn template(bucket: &str, action: &str) -> (String, String, i32) {
    run("stack.yaml", TEMPLATE, &["--bucket", bucket, "--principal", ACCOUNT, "--action", action])
}

#[test]
fn one_request() {
    let arn = "arn:aws:s3:::lab-data";
    let any = "arn:aws:iam::123456789012:role/x";
    for (principal, action, flags, line, status) in [
        (ROLE, "s3:GetObject", &["--key", "a"][..], format!("allow: s3:GetObject on {arn}/a for {ROLE}"), 0),
        (ACCOUNT, "s3:getobject", &["--key", "a"], format!("allow: s3:GetObject on {arn}/a for 123456789012"), 0),
        (ROLE, "s3:GetObject", &["--key", "-a"], format!("allow: s3:GetObject on {arn}/-a for {ROLE}"), 0),
        // TLS is taken for granted, unless it is said otherwise
        (
            ACCOUNT,
            "s3:GetObject",
            &["--key", "a", "--context", "aws:securetransport=false"],
            format!(
                "deny: s3:GetObject on {arn}/a by {any} with aws:SecureTransport = false is allowed by no statement (conditional)"
            ),
            1,
        ),
        (
            ACCOUNT,
            "s3:PutObject",
            &["--key", "locked/a"],
            format!("deny: s3:PutObject on {arn}/locked/a by {any} is denied by statement 2 (denied)"),
            1,
        ),
        (ACCOUNT, "s3:PutObject", &["--key", "locked"], format!("allow: s3:PutObject on {arn}/locked for 123456789012"), 0),
        // a key that is not stated is not there
        (
            ROLE,
            "s3:DeleteObject",
            &["--key", "a"],
            format!("deny: s3:DeleteObject on {arn}/a by {ROLE} with no aws:SourceVpce is denied by statement 3 (denied)"),
            1,
        ),
        (
            ROLE,
            "s3:DeleteObject",
            &["--key", "a", "--context", "aws:SourceVpce=vpce-1"],
            format!("allow: s3:DeleteObject on {arn}/a for {ROLE}"),
            0,
        ),
        (
            "*",
            "s3:GetObject",
            &["--key", "open/a"],
            format!("allow: s3:GetObject on {arn}/open/a for requests without credentials"),
            0,
        ),
        (
            "*",
            "s3:GetObject",
            &["--key", "a"],
            format!("deny: s3:GetObject on {arn}/a by * is allowed by no statement (wrong-resource)"),
            1,
        ),
    ] {
        let done = policy(principal, action, flags);
        assert_eq!((done.0, done.2), (line, status), "{action} {flags:?}");
    }
}

#[test]
fn every_object_and_the_bucket() {
    let all = "every object of arn:aws:s3:::lab-data for 123456789012";
    let any = "by arn:aws:iam::123456789012:role/x";
    let put = "s3:PutObject on arn:aws:s3:::lab-data/locked/";
    let delete = "s3:DeleteObject on arn:aws:s3:::lab-data/x";
    for (action, flags, line, status) in [
        ("s3:GetObject", &[][..], format!("allow: s3:GetObject on {all}"), 0),
        ("s3:ListBucket", &[], "allow: s3:ListBucket on arn:aws:s3:::lab-data for 123456789012".into(), 0),
        (
            "s3:PutObject",
            &[],
            format!("deny: s3:PutObject on {all} (denied), for example {put} {any} is denied by statement 2"),
            1,
        ),
        (
            "s3:DeleteObject",
            &[],
            format!(
                "deny: s3:DeleteObject on {all} (conditional), for example {delete} {any} with no aws:SourceVpce is denied by statement 3"
            ),
            1,
        ),
        ("s3:DeleteObject", &["--context", "aws:SourceVpce=vpce-1"], format!("allow: s3:DeleteObject on {all}"), 0),
        // a request comes through one of them
        (
            "s3:DeleteObject",
            &["--context", "aws:SourceVpce=vpce-1", "--context", "AWS:sourcevpce=vpce-2"],
            format!(
                "deny: s3:DeleteObject on {all} (conditional), for example {delete} {any} with aws:SourceVpce = vpce-2 is denied by statement 3"
            ),
            1,
        ),
    ] {
        let done = policy(ACCOUNT, action, flags);
        assert_eq!((done.0, done.2), (line, status), "{action} {flags:?}");
    }
}

#[test]
fn the_deciding_statement_is_shown_on_its_span() {
    let denied = policy(ACCOUNT, "s3:PutObject", &["--key", "locked/a"]).1;
    assert!(denied.contains("statement 2 decides") && denied.contains("policy.json:4:3"), "{denied}");
    assert!(denied.contains("denies it"), "{denied}");
    let allowed = policy(ACCOUNT, "s3:GetObject", &[]).1;
    assert!(allowed.contains("statement 1 (`Catalogue`) decides") && allowed.contains("policy.json:2:3"), "{allowed}");
    assert!(allowed.contains("allows it"), "{allowed}");
    let conditional = policy(ACCOUNT, "s3:DeleteObject", &[]).1;
    assert!(conditional.contains("denies it only where aws:SourceVpce StringNotEquals vpce-1"), "{conditional}");
}

#[test]
fn a_template_with_several_policies() {
    let (line, _, status) = template("Raw", "s3:GetObject");
    assert_eq!((line.as_str(), status), ("allow: s3:GetObject on every object of arn:aws:s3:::${Name} for 123456789012", 0));
    let (line, rest, status) = template("Raw", "s3:PutObject");
    let why = "parameter `Other` has no default";
    assert_eq!(
        (line, status),
        (format!("unresolved: s3:PutObject on every object of arn:aws:s3:::${{Name}} for 123456789012: {why}"), 2)
    );
    assert!(rest.contains("stack.yaml:11:93"), "{rest}");
    let (line, _, status) = template("lab-data", "s3:GetObject");
    assert!(
        line.starts_with("deny: s3:GetObject on every object of arn:aws:s3:::lab-data for 123456789012 (wrong-principal)"),
        "{line}"
    );
    assert_eq!(status, 1);
    assert_eq!(template("lab-dta", "s3:GetObject").0, "bucketlint: no policy for bucket `lab-dta`; did you mean `lab-data`?");
}

#[test]
fn what_cannot_be_asked_is_said_with_status_2() {
    for (principal, action, flags, line) in [
        (ACCOUNT, "GetObject", &[][..], "`GetObject` is not an S3 action; did you mean `s3:GetObject`?"),
        (ACCOUNT, "s3:HeadObject", &[], "`s3:HeadObject` is not an S3 action; did you mean `s3:GetObject`?"),
        (ACCOUNT, "kms:Decrypt", &[], "`kms:Decrypt` is not an S3 action"),
        (
            ACCOUNT,
            "s3:ListAllMyBuckets",
            &[],
            "`s3:ListAllMyBuckets` acts on no bucket and no object, so no bucket policy is asked about it",
        ),
        (ACCOUNT, "s3:ListBucket", &["--key", "a"], "`s3:ListBucket` acts on the bucket, not on its objects: leave out --key"),
        (ACCOUNT, "s3:GetObject", &["--key", ""], "--key is empty; the key of an object has at least one character"),
        ("12345", "s3:GetObject", &[], "`12345` is neither an account id, an ARN nor `*`"),
        (
            "arn:aws:iam::123456789012:role/*",
            "s3:GetObject",
            &[],
            "`arn:aws:iam::123456789012:role/*` has a wildcard inside an ARN; only a whole `*` may be one",
        ),
        (
            "arn:aws:s3:::lab-data",
            "s3:GetObject",
            &[],
            "`arn:aws:s3:::lab-data` is an ARN of `s3`; a principal is an `iam` or `sts` ARN",
        ),
        (
            ACCOUNT,
            "s3:GetObject",
            &["--context", "aws:SecureTransprot=true"],
            "`aws:SecureTransprot` is not a condition key; did you mean `aws:SecureTransport`?",
        ),
        (ACCOUNT, "s3:GetObject", &["--context", "s3:prefix=a"], "requests for s3:GetObject never carry `s3:prefix`"),
        (ACCOUNT, "s3:GetObject", &["--context", "aws:PrincipalArn=a"], "`aws:PrincipalArn` follows from --principal"),
    ] {
        let (said, _, status) = policy(principal, action, flags);
        assert_eq!((said.as_str(), status), (format!("bucketlint: {line}").as_str(), 2), "{action} {flags:?}");
    }
    let asked = ["--bucket", "lab-data", "--principal", ACCOUNT, "--action", "s3:GetObject"];
    let faulty = POLICY.replace(r#"{"AWS": "123456789012"}"#, r#""123456789012""#);
    let (line, _, status) = run("policy.json", &faulty, &asked);
    assert_eq!(status, 2);
    assert!(line.starts_with("bucketlint: policy.json:2: S3 refuses this policy: `Principal` is a bare value"), "{line}");
    let (line, _, status) = run("policy.json", "{", &asked);
    assert!(line.starts_with("bucketlint: policy.json:1: ") && status == 2, "{line}");
}

/// The second statement hangs on a parameter.
const CHOICE: &str = "\
Parameters: {Name: {Type: String}, Open: {Type: String, Default: 'no'}}
Conditions: {IsOpen: !Equals [!Ref Open, 'yes']}
Resources:
  RawPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Name
      PolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {AWS: 123456789012}, Action: s3:GetObject, Resource: !Sub 'arn:aws:s3:::${Name}/*'}
          - !If [IsOpen, {Effect: Allow, Principal: '*', Action: s3:PutObject, Resource: '*'}, !Ref AWS::NoValue]
";

#[test]
fn a_template_is_deployed_with_the_values_given() {
    let asked = |action: &str, more: &[&str]| {
        let asked = ["--bucket", "lab-raw", "--principal", ACCOUNT, "--action", action, "--parameter", "Name=lab-raw"];
        let (line, rest, status) = run("stack.yaml", CHOICE, &[&asked, more].concat());
        (line, rest.contains("statement 2 decides"), status)
    };
    let on = "on every object of arn:aws:s3:::lab-raw for 123456789012";
    assert_eq!(asked("s3:GetObject", &[]), (format!("allow: s3:GetObject {on}"), false, 0));
    let (line, _, status) = asked("s3:PutObject", &[]);
    assert!(line.starts_with(&format!("deny: s3:PutObject {on} (missing)")) && status == 1, "{line}");
    assert_eq!(asked("s3:PutObject", &["--parameter", "Open=yes"]), (format!("allow: s3:PutObject {on}"), true, 0));
    let unknown = asked("s3:PutObject", &["--parameter", "Opn=yes"]);
    assert!(
        unknown.0.ends_with("no linted template has a parameter `Opn`, so the value given for it is not used"),
        "{unknown:?}"
    );
    assert_eq!(unknown.2, 2);
}

#[test]
fn policy_variables_stand_for_what_the_request_has() {
    let own = r#""arn:aws:s3:::lab-data/home/${aws:username}/*", "arn:aws:s3:::lab-data/${aws:PrincipalAccount}/${aws:PrincipalTag/team, 'all'}/*""#;
    let policy = format!(
        r#"{{"Version": "2012-10-17", "Statement": [
  {{"Effect": "Allow", "Principal": {{"AWS": "123456789012"}}, "Action": "s3:*", "Resource": [{own}, "arn:aws:s3:::lab-data/open/*"]}},
  {{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": ["arn:aws:s3:::lab-data/*/${{aws:PrincipalTag/level}}/*", {own}],
   "Condition": {{"StringEquals": {{"aws:PrincipalTag/team": "${{aws:PrincipalTag/team}}"}}}}}}]}}"#
    );
    let user = "arn:aws:iam::123456789012:user/eng/bob";
    let team = "aws:PrincipalTag/team=red";
    for (principal, key, context, said) in [
        (user, "home/bob/x", &[][..], "allow"),
        (user, "home/eng/x", &[], "deny"),
        (ROLE, "home/R/x", &[], "deny"),
        (ROLE, "open/x", &[], "allow"),
        (ROLE, "123456789012/all/x", &[], "allow"),
        (ROLE, "123456789012/red/x", &[], "deny"),
        (ROLE, "123456789012/red/x", &[team], "allow"),
        (ROLE, "999988887777/red/x", &[team], "deny"),
        (ROLE, "123456789012/all/x", &[team], "deny"),
        // with a team, the Deny is for all but its NotResource
        (ROLE, "open/x", &[team], "deny"),
        (ROLE, "open/1/x", &[team], "deny"),
        (ROLE, "open/1/x", &[team, "aws:PrincipalTag/level=1"], "allow"),
        // AWS's page has it both ways whether an empty value is one
        (ROLE, "123456789012/all/x", &["aws:PrincipalTag/team="], "unresolved"),
        (ROLE, "open/x", &["aws:PrincipalTag/level="], "allow"),
    ] {
        let asked = ["--bucket", "lab-data", "--principal", principal, "--action", "s3:GetObject", "--key", key];
        let context = context.iter().flat_map(|given| ["--context", given]);
        let (line, ..) = run("policy.json", &policy, &asked.into_iter().chain(context).collect::<Vec<_>>());
        assert!(line.starts_with(&format!("{said}: ")), "{principal} {key}: {line}");
    }
}

#[test]
fn a_wildcard_that_may_stand_for_colons_is_not_decided() {
    let policy = r#"{"Version": "2012-10-17", "Statement":
  {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:*", "Resource": "arn:aws:s3:*"}}"#;
    let asked = ["--bucket", "lab-data", "--principal", ROLE, "--action", "s3:GetObject", "--key", "a"];
    let (line, rest, status) = run("policy.json", policy, &asked);
    assert_eq!(status, 2);
    assert!(line.starts_with("unresolved: ") && line.contains("write all six parts"), "{line}");
    assert!(rest.contains("policy.json:2:"), "{rest}");
}

#[test]
fn a_service_asks_in_its_own_name() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::lab-logs"},
  {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::lab-logs/*",
   "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}
]}"#;
    let asked = |service: &str, action: &str, more: &[&str]| {
        let asked = ["--bucket", "lab-logs", "--principal", service, "--action", action];
        let (line, _, status) = run("policy.json", policy, &[&asked, more].concat());
        (line.split_once(": ").unwrap().0.to_owned(), line.contains("conditional"), status)
    };
    let trail = "cloudtrail.amazonaws.com";
    assert_eq!(asked(trail, "s3:GetBucketAcl", &[]), ("allow".into(), false, 0));
    assert_eq!(asked("config.amazonaws.com", "s3:GetBucketAcl", &[]), ("deny".into(), false, 1));
    // for whom it asks is not known, unless it is said
    assert_eq!(asked(trail, "s3:PutObject", &[]), ("deny".into(), true, 1));
    assert_eq!(asked(trail, "s3:PutObject", &["--context", "aws:SourceAccount=111122223333"]), ("allow".into(), false, 0));
    assert_eq!(asked(trail, "s3:PutObject", &["--context", "aws:SourceAccount=444455556666"]), ("deny".into(), true, 1));
}

#[test]
fn programs_get_one_object() {
    let json = |action: &str, more: &[&str]| {
        let (first, rest, status) = policy(ACCOUNT, action, &[&["--format", "json"], more].concat());
        (serde_json::from_str::<serde_json::Value>(&format!("{first}\n{rest}")).unwrap(), status)
    };
    let (denied, status) = json("s3:PutObject", &["--key", "locked/a"]);
    // statement 2 is the whole of line 4 but for its indent and its comma
    let line = POLICY.lines().nth(3).unwrap();
    let (from, to) = (POLICY.find(line).unwrap() + 2, POLICY.find(line).unwrap() + line.len() - 1);
    let expected = serde_json::json!({
        "version": 1,
        "answer": "deny",
        "verdict": "denied",
        "action": "s3:PutObject",
        "bucket": "arn:aws:s3:::lab-data",
        "key": "locked/a",
        "principal": ACCOUNT,
        "statement": 2,
        "location": {
            "file": "policy.json",
            "start": {"line": 4, "column": 3, "offset": from},
            "end": {"line": 4, "column": 111, "offset": to}
        },
        "reason": null,
        "witness": {
            "action": "s3:PutObject",
            "resource": "arn:aws:s3:::lab-data/locked/a",
            "principal": "arn:aws:iam::123456789012:role/x",
            "context": {"aws:SecureTransport": ["true"]},
            "statement": 2
        },
        "granting": []
    });
    assert_eq!((denied, status), (expected, 1));
    let (allowed, status) = json("s3:GetObject", &[]);
    let said = ["answer", "verdict", "statement", "key", "witness"].map(|member| allowed[member].clone());
    assert_eq!(said, ["allow".into(), "granted".into(), 1.into(), serde_json::Value::Null, serde_json::Value::Null]);
    assert_eq!(allowed["granting"], serde_json::json!([1]));
    assert_eq!(status, 0);
}

#[test]
fn statements_that_grant_together_are_all_shown() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab-data/?"},
  {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab-data/a*"},
  {"Sid": "Long", "Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:*", "Resource": "arn:aws:s3:::lab-data/??*"}
]}"#;
    let asked = ["--bucket", "lab-data", "--principal", ACCOUNT, "--action", "s3:GetObject"];
    let (line, rest, status) = run("policy.json", policy, &asked);
    assert_eq!((line, status), (format!("allow: s3:GetObject on every object of arn:aws:s3:::lab-data for {ACCOUNT}"), 0));
    assert!(rest.contains("statement 1 and statement 3 (`Long`) decide together"), "{rest}");
    assert_eq!(rest.matches("allows a part of it").count(), 2, "{rest}");
    let (first, rest, _) = run("policy.json", policy, &[&asked[..], &["--format", "json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&format!("{first}{rest}")).unwrap();
    assert_eq!(json["granting"], serde_json::json!([1, 3]));
}

#[test]
fn an_unknown_value_of_a_condition_is_shown_in_its_place() {
    let template = "\
Parameters: {Vpce: {Type: String}}
Resources:
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: lab-data
      PolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {AWS: 123456789012}, Action: s3:*, Resource: arn:aws:s3:::lab-data/*}
          - Effect: Deny
            Principal: '*'
            Action: s3:*
            Resource: arn:aws:s3:::lab-data/*
            Condition: {StringNotEquals: {aws:PrincipalAccount: !Ref AWS::AccountId}}
";
    let asked = ["--bucket", "lab-data", "--principal", ACCOUNT, "--action", "s3:GetObject"];
    let (line, rest, status) = run("stack.yaml", template, &asked);
    assert!(line.ends_with(": it is the account the template is deployed to") && status == 2, "{line}");
    assert!(rest.contains("stack.yaml:14:65"), "{rest}");
}
