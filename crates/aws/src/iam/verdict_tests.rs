//! Labelled cases: what a policy comes to for one action, with the text to change and the resource that fails.

use super::caller::Requester;
use super::decide::Question;
use super::read;
use super::resource::Target;
use super::simulate::{Outcome, simulate};
use super::verdict::{self, Decision, Verdict};
use bucketlint_text::resolve::{Followed, Plain, Resolve};
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::Node;
use bucketlint_text::text::{Symbol, SymbolKind, Text};

/// The required actions, as in Quilt's guide: half of them make a statement plausible.
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

/// `<…>` in a string is a parameter without a value, `<own>` the account the template is deployed to, `<ownid>` the unique
/// ID of a role of it.
pub(super) struct Parameters;

impl Resolve for Parameters {
    fn follow<'n>(&'n self, node: &'n Node) -> Followed<'n> {
        Followed::Node(node)
    }

    fn text(&self, node: &Node) -> Text {
        parameters(node.span, &node.scalar_text().unwrap_or_default())
    }
}

fn parameters(span: Span, text: &str) -> Text {
    let mut out = Text::empty(span);
    let mut rest = text;
    while let Some((before, (name, after))) =
        rest.split_once('<').and_then(|(before, rest)| Some((before, rest.split_once('>')?)))
    {
        out.push_str(before);
        let kind = match name {
            "own" => SymbolKind::OwnAccount,
            "ownid" => SymbolKind::OwnIdentity,
            "import" => SymbolKind::Other,
            _ => SymbolKind::Parameter,
        };
        let why = format!("parameter `{name}` has no default").into();
        out.push(&Text::symbol(span, Symbol { id: name.into(), shown: format!("${{{name}}}").into(), why, at: span, kind }));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// In a statement: `ALLOW`, `DENY`, `US` (the control account), `BOTH` (bucket and objects), `NINE` (the required actions)
/// stand for what is written often.
fn expand(statement: &str) -> String {
    statement
        .replace("ALLOW", r#""Effect": "Allow""#)
        .replace("DENY", r#""Effect": "Deny""#)
        .replace("US", r#""Principal": {"AWS": "arn:aws:iam::111122223333:root"}"#)
        .replace("ALL", r#""Principal": "*""#)
        .replace("S3, ", r#""Action": "s3:*", "#)
        .replace("NINE", &format!("{ACTIONS:?}"))
        .replace("BOTH", r#""Resource": ["arn:aws:s3:::lab-data", "arn:aws:s3:::lab-data/*"]"#)
        .replace("IF", r#""Condition""#)
}

fn requester() -> Requester {
    Requester { account: "111122223333".into(), ..Requester::default() }
}

fn decide(json: &str, bucket: &str, requester: &Requester, action: &str) -> Decision {
    let tree = bucketlint_text::syntax::testing::tree(json);
    let document = read::document(&tree, &Parameters);
    let target = Target { name: parameters(Span::default(), bucket), partition: "aws".into() };
    let question = Question { policies: &[&document], target: &target, requester };
    let actions = ACTIONS.map(str::to_owned);
    let mut decisions = verdict::decide(&question, &actions);
    if !ACTIONS.contains(&action) {
        decisions = verdict::decide(&question, &[&actions[..], &[action.to_owned()]].concat());
    }
    let decision = decisions.into_iter().find(|decision| decision.action == action).unwrap();
    if !json.contains('<') && decision.verdict != Verdict::Unresolved {
        let plain = read::document(&tree, &Plain);
        match &decision.witness {
            Some(witness) => {
                let outcome = simulate(&[&plain], &witness.request());
                assert!(!matches!(outcome, Outcome::Allowed { .. }), "{json}\n{decision:?}");
            }
            None => assert_eq!(decision.verdict, Verdict::Granted, "{json}"),
        }
    }
    decision
}

fn policy(version: &str, statements: &str) -> String {
    format!(r#"{{"Version": "{version}", "Statement": [{}]}}"#, expand(statements))
}

/// A row: statements, action, verdict, beginning of the text to change or empty, key that fails or empty.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn check(rows: &[Row], requester: &Requester) {
    for (statements, action, verdict, cause, key) in rows {
        let json = policy("2012-10-17", statements);
        let decision = decide(&json, "lab-data", requester, action);
        assert_eq!(decision.verdict.word(), *verdict, "{statements}\n{decision:?}");
        if !cause.is_empty() {
            let span = decision.cause.as_ref().map(|cause| cause.span).unwrap_or_default();
            let slice = &json[span.start as usize..span.end as usize];
            assert!(slice.starts_with(cause), "{statements}\n{slice}");
        }
        if !key.is_empty() {
            let resource = decision.witness.map(|witness| witness.resource).unwrap_or_default();
            assert_eq!(resource.strip_prefix("arn:aws:s3:::lab-data"), Some(*key), "{statements}");
        }
    }
}

const GET: &str = "s3:GetObject";
const PUT: &str = "s3:PutObject";
const LIST: &str = "s3:ListBucket";

#[rustfmt::skip]
const PRINCIPALS: &[Row] = &[
    ("{ALLOW, US, S3, BOTH}", GET, "granted", r#""s3:*""#, ""),
    ("{ALLOW, US, S3, BOTH}", LIST, "granted", r#""s3:*""#, ""),
    (r#"{ALLOW, "Principal": {"AWS": "111122223333"}, S3, BOTH}"#, GET, "granted", "", ""),
    (r#"{ALLOW, "Principal": {"AWS": ["444455556666", "111122223333"]}, S3, BOTH}"#, GET, "granted", "", ""),
    (r#"{ALLOW, "Principal": {"AWS": "*"}, S3, BOTH}"#, GET, "granted", "", ""),
    ("{ALLOW, ALL, S3, BOTH}", GET, "granted", "", ""),
    (r#"{ALLOW, "Principal": {"AWS": "arn:aws:iam::111122223333:role/R"}, S3, BOTH}"#, GET, "wrong-principal", r#""arn:aws:iam::1111"#, "/x"),
    (r#"{ALLOW, "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, S3, BOTH}"#, GET, "wrong-principal", r#""arn:aws:iam::4444"#, "/x"),
    (r#"{ALLOW, "Principal": {"AWS": "444455556666"}, "Action": "s3:GetObject", BOTH}"#, GET, "missing", "", "/x"),
    (r#"{ALLOW, "Principal": {"AWS": "111122223334"}, "Action": "s3:GetObject", BOTH}"#, GET, "wrong-principal", r#""111122223334""#, ""),
    (r#"{ALLOW, "Principal": {"AWS": "111122232333"}, "Action": "s3:GetObject", BOTH}"#, GET, "wrong-principal", "", ""),
    (r#"{ALLOW, "Principal": {"AWS": "1111222233"}, "Action": "s3:GetObject", BOTH}"#, GET, "wrong-principal", "", ""),
    (r#"{ALLOW, "Principal": {"AWS": "arn:aws:iam::CONTROL_ACCOUNT:root"}, "Action": "s3:GetObject", BOTH}"#, GET, "wrong-principal", "", ""),
    // what the owner lets itself do is no slip, unless it is just what is asked for
    (r#"{ALLOW, "Principal": {"AWS": "arn:aws:iam::<own>:root"}, S3, BOTH}"#, GET, "missing", "", "/x"),
    (r#"{ALLOW, "Principal": {"AWS": "<own>"}, "Action": NINE, BOTH}"#, GET, "wrong-principal", r#""<own>""#, "/x"),
    (r#"{ALLOW, "Principal": {"AWS": "arn:aws:iam::<own>:role/<Name>"}, "Action": ["s3:GetObject", "s3:PutObject"], BOTH}"#, GET, "missing", "", "/x"),
    (r#"{ALLOW, "Principal": {"AWS": ["arn:aws:iam::<own>:root", "444455556666"]}, S3, BOTH}"#, GET, "wrong-principal", r#""444455556666""#, "/x"),
    (r#"{ALLOW, "Principal": {"AWS": ["<own>", "arn:aws:iam::111122223333:role/R"]}, S3, BOTH}"#, GET, "wrong-principal", r#""arn:aws:iam::1111"#, "/x"),
    (r#"{ALLOW, US, "Action": ["s3:Get*", "s3:List*"], BOTH}, {ALLOW, "Principal": {"AWS": "<own>"}, S3, BOTH}"#, PUT, "missing", r#"["s3:Get*""#, "/x"),
    (r#"{ALLOW, ALL, S3, BOTH, IF: {"StringEquals": {"aws:PrincipalAccount": "<own>"}}}"#, GET, "missing", "", "/x"),
    (r#"{ALLOW, ALL, "Action": NINE, BOTH, IF: {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::<own>:role/<Name>"}}}"#, GET, "wrong-principal", r#""aws:PrincipalArn""#, "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringNotEquals": {"aws:PrincipalAccount": "<own>"}}}"#, GET, "denied", r#"{"Effect": "Deny"#, "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::<own>:role/*"}}}"#, GET, "denied", "", "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringNotLike": {"aws:userId": ["<ownid>:*", "<own>"]}}}"#, GET, "denied", "", "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringNotEquals": {"aws:PrincipalAccount": ["<own>", "111122223333"]}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringEquals": {"aws:PrincipalAccount": "<own>"}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringNotEquals": {"aws:PrincipalAccount": ["<own>", "<import>"]}}}"#, GET, "unresolved", "", ""),
    (r#"{ALLOW, "Principal": {"AWS": "arn:aws:iam::<Control>:root"}, S3, BOTH}"#, GET, "granted", "", ""),
    (r#"{ALLOW, "Principal": {"AWS": "<import>"}, S3, BOTH}"#, GET, "unresolved", "", ""),
    (r#"{ALLOW, "Principal": {"AWS": "arn:aws:iam::111122223333:role/*"}, S3, BOTH}"#, GET, "wrong-principal", "", ""),
    (r#"{ALLOW, "Principal": {"AWS": "AROAEXAMPLEID1234567"}, S3, BOTH}"#, GET, "wrong-principal", "", ""),
    (r#"{ALLOW, "Principal": {"AWS": "arn:aws-cn:iam::111122223333:root"}, S3, BOTH}"#, GET, "wrong-principal", r#""arn:aws-cn:iam"#, "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, "Principal": {"AWS": "arn:aws-us-gov:iam::111122223333:role/R"}, S3, BOTH}"#, GET, "granted", "", ""),
    (r#"{ALLOW, "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", BOTH}"#, PUT, "missing", "", "/x"),
    (r#"{ALLOW, "Principal": {"Service": "logging.s3.amazonaws.com"}, S3, BOTH}"#, PUT, "missing", "", "/x"),
    (r#"{ALLOW, "NotPrincipal": {"AWS": "444455556666"}, S3, BOTH}"#, GET, "unresolved", "", ""),
    (r#"{ALLOW, "NotPrincipal": {"AWS": "444455556666"}, S3, BOTH}, {ALLOW, US, S3, BOTH}"#, GET, "granted", "", ""),
    (r#"{ALLOW, "NotPrincipal": {"AWS": "111122223333"}, S3, BOTH}"#, GET, "wrong-principal", "", ""),
    ("", GET, "missing", "", "/x"),
    ("", LIST, "missing", "", ""),
    (r#"{"Effect": "Permit", US, S3, BOTH}"#, GET, "missing", "", ""),
    (r#"{"Effect": "allow", US, S3, BOTH}"#, GET, "granted", "", ""),
];

#[rustfmt::skip]
const ACTIONS_AND_RESOURCES: &[Row] = &[
    (r#"{ALLOW, US, "Action": "S3:getobject", BOTH}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, "Action": "s3:Get*", BOTH}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, "Action": "s3:Get*", BOTH}"#, PUT, "missing", r#""s3:Get*""#, "/x"),
    (r#"{ALLOW, US, "Action": "*", BOTH}"#, PUT, "granted", "", ""),
    (r#"{ALLOW, US, "Action": "s3:?etObject", BOTH}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, "Action": "s3:GetObject*", BOTH}"#, "s3:GetObjectVersion", "granted", "", ""),
    (r#"{ALLOW, US, "Action": "s3:HeadObject", BOTH}"#, GET, "missing", "", ""),
    (r#"{ALLOW, US, "NotAction": "s3:Delete*", BOTH}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, "NotAction": "s3:Delete*", BOTH}"#, "s3:DeleteObject", "missing", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, US, "NotAction": "s3:Get*", BOTH}"#, PUT, "denied", "{\"Effect\": \"Deny\"", "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, US, "NotAction": "s3:Get*", BOTH}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, "NotResource": "arn:aws:s3:::other/*"}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, "NotResource": "arn:aws:s3:::lab-data/raw/*"}"#, GET, "wrong-resource", "\"arn:aws:s3:::lab-data/raw", "/raw/"),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data"}"#, GET, "wrong-resource", "\"arn:aws:s3:::lab-data\"", "/x"),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data"}"#, LIST, "granted", "", ""),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data/*"}"#, LIST, "wrong-resource", "\"arn:aws:s3:::lab-data/*\"", ""),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data/*"}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data/raw/*"}"#, GET, "wrong-resource", "\"arn:aws:s3:::lab-data/raw/*\"", "/x"),
    (r#"{ALLOW, US, S3, "Resource": ["arn:aws:s3:::lab-data/?", "arn:aws:s3:::lab-data/??*"]}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, "Resource": ["arn:aws:s3:::lab-data/?"]}, {ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data/??*"}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, "Resource": ["arn:aws:s3:::lab-data/a*", "arn:aws:s3:::lab-data/b*"]}"#, GET, "wrong-resource", "", "/x"),
    (r#"{ALLOW, US, S3, "Resource": ["arn:aws:s3:::lab-data/?", "arn:aws:s3:::lab-data/*/*"]}"#, GET, "wrong-resource", "", "/xx"),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data*"}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data*"}"#, LIST, "granted", "", ""),
    (r#"{ALLOW, US, S3, "Resource": "*"}"#, LIST, "granted", "", ""),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-dat?/*"}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, "Resource": ["arn:aws:s3:::lab-dat", "arn:aws:s3:::lab-dat/*"]}"#, GET, "wrong-resource", "[", "/x"),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data:*"}"#, GET, "wrong-resource", "\"arn:aws:s3:::lab-data:*\"", "/x"),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws-cn:s3:::lab-data/*"}"#, GET, "wrong-resource", "", "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, "Resource": "arn:aws:s3:::lab-data/raw/*"}"#, GET, "denied", "{\"Effect\": \"Deny\"", "/raw/"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, "Resource": "arn:aws:s3:::lab-data/raw/*"}"#, LIST, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, "NotResource": "arn:aws:s3:::lab-data/raw/*"}"#, GET, "denied", "", "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, "Action": "s3:Delete*", BOTH}"#, "s3:DeleteObject", "denied", "", "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, "Principal": {"AWS": "444455556666"}, S3, BOTH}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, "Principal": {"AWS": "arn:aws:iam::111122223333:role/R"}, S3, BOTH}"#, GET, "denied", "", "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, "NotPrincipal": {"AWS": "111122223333"}, S3, BOTH}"#, GET, "denied", "", "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, "NotPrincipal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:role/R"]}, S3, BOTH}"#, GET, "denied", "", "/x"),
];

#[rustfmt::skip]
const CONDITIONS: &[Row] = &[
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"Bool": {"aws:SecureTransport": "false"}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"Bool": {"aws:SecureTransport": "true"}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}"#, GET, "granted", "", ""),
    // a Deny that is sure beside an Allow that may not be there
    (r#"{ALLOW, "Principal": {"AWS": "<import>"}, S3, BOTH}"#, GET, "unresolved", "", ""),
    (r#"{ALLOW, "Principal": {"AWS": "<import>"}, S3, BOTH}, {DENY, ALL, S3, BOTH}"#, GET, "denied", "{", "/x"),
    (r#"{ALLOW, "Principal": {"AWS": "<import>"}, S3, BOTH}, {DENY, ALL, S3, "Resource": "arn:aws:s3:::lab-data/a/*"}"#, GET, "denied", "{", "/a/"),
    (r#"{ALLOW, "Principal": {"AWS": "<import>"}, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}"#, GET, "conditional", r#"{"StringNotEquals""#, "/x"),
    (r#"{ALLOW, US, S3, BOTH, IF: {"Bool": {"aws:SecureTransport": "<Tls>"}}}, {DENY, ALL, S3, BOTH}"#, GET, "denied", "{", "/x"),
    (r#"{ALLOW, "Fn::Transform": {"Name": "M"}}, {DENY, ALL, S3, BOTH}"#, GET, "denied", "{", "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"Bool": {"aws:SecureTransport": "true"}}}"#, GET, "denied", "", "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}"#, GET, "conditional", r#"{"StringNotEquals""#, "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}}"#, LIST, "conditional", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/q/*"}}}"#, GET, "conditional", r#"{"ArnNotLike""#, "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:*"}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringNotEquals": {"aws:PrincipalAccount": "999988887777"}}}"#, GET, "denied", "", "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringEquals": {"aws:username": "bob"}}}"#, GET, "conditional", "", "/x"),
    (r#"{ALLOW, ALL, S3, BOTH, IF: {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}"#, GET, "conditional", r#"{"StringEquals""#, "/x"),
    (r#"{ALLOW, ALL, S3, BOTH, IF: {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, ALL, S3, BOTH, IF: {"StringEquals": {"aws:PrincipalAccount": ["444455556666", "111122223333"]}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, ALL, S3, BOTH, IF: {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}}"#, GET, "wrong-principal", r#""aws:PrincipalAccount": "#, "/x"),
    (r#"{ALLOW, ALL, S3, BOTH, IF: {"StringEquals": {"aws:SourceVpce": "vpce-1", "aws:PrincipalAccount": "444455556666"}}}"#, GET, "wrong-principal", r#""aws:PrincipalAccount": "#, "/x"),
    (r#"{ALLOW, ALL, S3, BOTH, IF: {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/q/*"}}}"#, GET, "conditional", "", "/x"),
    (r#"{ALLOW, US, S3, BOTH, IF: {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, {ALLOW, US, S3, BOTH, IF: {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}"#, GET, "conditional", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}"#, GET, "conditional", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"IpAddressIfExists": {"aws:SourceIp": "0.0.0.0/0"}}}"#, GET, "conditional", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"IpAddressIfExists": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"Null": {"aws:SourceVpce": "true"}}}, {ALLOW, US, S3, BOTH, IF: {"Null": {"aws:SourceVpce": "false"}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"Null": {"aws:SourceVpce": "true"}}}"#, GET, "conditional", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"StringLikeIfExists": {"aws:SourceVpce": "*"}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}}"#, GET, "conditional", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["a"]}}}"#, PUT, "conditional", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["a"]}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"ForAnyValue:StringEquals": {"s3:RequestObjectTagKeys": ["a"]}}}"#, GET, "conditional", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, US, S3, BOTH, IF: {"ForAnyValue:StringEquals": {"s3:RequestObjectTagKeys": ["a"]}, "ForAnyValue:StringLike": {"s3:RequestObjectTagKeys": "b*"}}}"#, PUT, "conditional", "", "/x"),
    (r#"{ALLOW, US, S3, BOTH, IF: {"StringLike": {"s3:prefix": "raw/*"}}}"#, LIST, "conditional", r#"{"StringLike""#, ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"StringLikeIfExists": {"s3:prefix": "?*"}}}"#, LIST, "conditional", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}"#, PUT, "conditional", r#"{"StringEquals""#, ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}"#, GET, "conditional", r#""s3:x-amz-acl""#, ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringEquals": {"s3:x-amz-acl": "public-read"}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:t"}}}"#, GET, "conditional", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:t"}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}}"#, GET, "conditional", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}}, {ALLOW, US, S3, BOTH, IF: {"DateGreaterThanEquals": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data/${aws:username}/*"}"#, GET, "wrong-resource", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, US, S3, "Resource": "arn:aws:s3:::lab-data/${aws:username}/*"}"#, GET, "denied", "", "/x/"),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data/${*}"}"#, GET, "wrong-resource", "", "/x"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, US, S3, "Resource": "arn:aws:s3:::lab-data/${aws:username, 'all'}"}"#, GET, "denied", "", "/all"),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, US, S3, BOTH, IF: {"StringLike": {"s3:prefix": "${aws:PrincipalTag/team}/*"}}}"#, LIST, "conditional", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"StringEquals": {"aws:PrincipalOrgID": "<Org>"}}}"#, GET, "conditional", "", ""),
    (r#"{ALLOW, US, S3, BOTH, IF: {"Bool": {"aws:SecureTransport": "<Tls>"}}}"#, GET, "unresolved", "", ""),
];

#[test]
fn principals() {
    check(PRINCIPALS, &requester());
}

#[test]
fn actions_and_resources() {
    check(ACTIONS_AND_RESOURCES, &requester());
}

#[test]
fn conditions() {
    check(CONDITIONS, &requester());
}

#[test]
fn the_table_is_large() {
    assert!(PRINCIPALS.len() + ACTIONS_AND_RESOURCES.len() + CONDITIONS.len() >= 80);
}

#[test]
fn values_the_user_vouches_for_are_fixed() {
    let rows = r#"{ALLOW, ALL, S3, BOTH, IF: {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}"#;
    for (value, verdict) in [("o-1", "granted"), ("o-2", "wrong-principal")] {
        let assume = [("aws:principalorgid".to_owned(), vec![value.to_owned()])].into();
        check(&[(rows, GET, verdict, "", "")], &Requester { assume, ..requester() });
    }
}

#[test]
fn of_several_known_values_a_request_has_one() {
    let assume = [("aws:sourcevpce".to_owned(), vec!["vpce-1".to_owned(), "vpce-2".to_owned()])].into();
    let vouched = Requester { assume, ..requester() };
    let when = |test: &str| format!(r#"{{ALLOW, US, S3, BOTH, IF: {{"StringEquals": {{"aws:SourceVpce": {test}}}}}}}"#);
    for (statements, verdict) in [
        (when(r#""vpce-1""#), Verdict::Conditional),
        (when(r#"["vpce-2", "vpce-1"]"#), Verdict::Granted),
        (when(r#""vpce-1""#) + "," + &when(r#""vpce-2""#), Verdict::Granted),
        (when(r#""vpce-3""#), Verdict::Conditional),
    ] {
        let decision = decide(&policy("2012-10-17", &statements), "lab-data", &vouched, GET);
        assert_eq!(decision.verdict, verdict, "{statements}\n{decision:?}");
    }
    // of a multivalued key a request has all
    let paths = |values: &[&str]| Requester {
        assume: [("aws:principalorgpaths".to_owned(), values.iter().map(ToString::to_string).collect())].into(),
        ..requester()
    };
    let any = r#"{ALLOW, US, S3, BOTH, IF: {"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-1/r-1/"}}}"#;
    check(&[(any, GET, "granted", "", "")], &paths(&["o-1/r-1/", "o-1/r-2/"]));
    // both versions of TLS that S3 takes are tried
    let below = r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"NumericLessThan": {"s3:TlsVersion": "1.3"}}}"#;
    check(&[(below, GET, "conditional", "", "/x")], &requester());
    let newest = Requester { assume: [("s3:tlsversion".to_owned(), vec!["1.3".to_owned()])].into(), ..requester() };
    check(&[(below, GET, "granted", "", "")], &newest);
}

#[test]
fn configured_roles_alone_are_judged() {
    let role = "arn:aws:iam::111122223333:role/R";
    let requester = Requester { roles: vec![role.into()], ..requester() };
    let named = r#"{ALLOW, "Principal": {"AWS": "arn:aws:iam::111122223333:role/R"}, S3, BOTH}"#;
    let other = r#"{ALLOW, "Principal": {"AWS": "arn:aws:iam::111122223333:role/Q"}, S3, BOTH}"#;
    let denied = r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/R"}}}"#;
    let rows = [(named, GET, "granted", "", ""), (other, GET, "wrong-principal", "", "/x"), (denied, GET, "granted", "", "")];
    check(&rows, &requester);
    // one session is less than the role, whose path its ARN leaves out
    let session = r#"{ALLOW, "Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/R/s"}, S3, BOTH}"#;
    let pathed = Requester { roles: vec!["arn:aws:iam::111122223333:role/team/R".into()], ..requester.clone() };
    for requester in [requester, pathed] {
        check(&[(session, GET, "wrong-principal", "\"arn:aws:sts", "/x")], &requester);
    }
}

#[test]
fn of_several_tests_the_one_that_fails_is_told() {
    let tests =
        r#"{ALLOW, US, S3, BOTH, IF: {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceVpce": "vpce-1"}}}"#;
    check(&[(tests, GET, "conditional", "\"aws:SourceVpce\"", "/x")], &requester());
    let denied = r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"Bool": {"aws:SecureTransport": "true"}, "StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}"#;
    check(&[(denied, GET, "conditional", "\"aws:SourceVpce\"", "/x")], &requester());
}

#[test]
fn the_buckets_account_is_one_value() {
    let when = |effect: &str, test: &str| format!(r#"{{"Effect": "{effect}", US, S3, BOTH, IF: {{{test}}}}}"#);
    let is = |key: &str, account: &str| format!(r#""StringEquals": {{"{key}": "{account}"}}"#);
    let isnt = |key: &str, account: &str| format!(r#""StringNotEquals": {{"{key}": "{account}"}}"#);
    let two =
        [when("Allow", &is("aws:ResourceAccount", "444455556666")), when("Deny", &is("s3:ResourceAccount", "444455556666"))];
    let complement =
        [when("Allow", &is("aws:ResourceAccount", "444455556666")), when("Allow", &isnt("s3:ResourceAccount", "444455556666"))];
    let given =
        |key: &str, account: &str| Requester { assume: [(key.to_owned(), vec![account.to_owned()])].into(), ..requester() };
    let allow = || when("Allow", &is("aws:ResourceAccount", "444455556666"));
    let own = when("Allow", &is("aws:ResourceAccount", "<own>"));
    let but_own = format!("{{ALLOW, US, S3, BOTH}}, {}", when("Deny", &isnt("aws:ResourceAccount", "<own>")));
    for (statements, requester, verdict) in [
        (allow(), requester(), "conditional"),
        // no value makes the Allow hold and the Deny not
        (two.join(","), requester(), "denied"),
        (two.join(","), given("aws:resourceaccount", "444455556666"), "denied"),
        (complement.join(","), requester(), "granted"),
        (allow(), given("aws:resourceaccount", "444455556666"), "granted"),
        (allow(), given("s3:resourceaccount", "444455556666"), "granted"),
        (own, requester(), "granted"),
        (but_own, requester(), "granted"),
    ] {
        let decision = decide(&policy("2012-10-17", &statements), "lab-data", &requester, GET);
        assert_eq!(decision.verdict.word(), verdict, "{statements}\n{decision:?}");
    }
}

/// Policies made to take long are given up, with the reason.
#[test]
fn what_would_take_too_long_is_unresolved() {
    let marks = "?".repeat(40);
    let subsets = format!(r#"["arn:aws:s3:::lab-data/*a{marks}b{marks}", "arn:aws:s3:::lab-data/*b{marks}a{marks}"]"#);
    // every step drags thousands of positions along
    let wide: Vec<String> = (0..45).map(|at| format!(r#""arn:aws:s3:::lab-data/*{}{at}""#, "?".repeat(400))).collect();
    let far = "z".repeat(300);
    let wide = format!(r#"[{}, "arn:aws:s3:::lab-data/{far}*a{marks}{marks}"]"#, wide.join(","));
    // every character is a letter of its own
    let letters: Vec<String> =
        ('\u{4e00}'..).take(400).map(|it| format!(r#""arn:aws:s3:::lab-data/*{it}*{it}{marks}""#)).collect();
    let letters = format!("[{}]", letters.join(","));
    for resources in [subsets, wide, letters] {
        let json = policy("2012-10-17", &format!(r#"{{ALLOW, US, S3, BOTH}}, {{DENY, ALL, S3, "Resource": {resources}}}"#));
        let decision = decide(&json, "lab-data", &requester(), GET);
        assert_eq!(decision.verdict, Verdict::Unresolved, "{resources}");
        assert_eq!(decision.unknown.unwrap().1, "its wildcards are too intricate to decide");
    }
    let each = |at| format!(r#"{{DENY, US, S3, BOTH, IF: {{"ForAnyValue:StringEquals": {{"aws:TagKeys": "t{at}"}}}}}}"#);
    let sets: Vec<String> = (0..40).map(each).collect();
    let json = policy("2012-10-17", &format!("{{ALLOW, US, S3, BOTH}}, {}", sets.join(",")));
    let decision = decide(&json, "lab-data", &requester(), GET);
    assert_eq!(decision.unknown.unwrap().1, "its conditions combine in more ways than are worth trying");
}

/// Where not every kind of request can be looked at, what refuses one of them is told all the same.
#[test]
fn a_deny_is_told_where_not_every_request_is_looked_at() {
    let deny = |at| {
        let test = format!(r#"IF: {{"StringEquals": {{"aws:PrincipalTag/t{at}": "x"}}}}"#);
        format!(r#"{{DENY, ALL, S3, "Resource": "arn:aws:s3:::lab-data/team-{at:03}/projects/raw/*", {test}}}"#)
    };
    let denies: Vec<String> = (0..11).map(deny).collect();
    let json = policy("2012-10-17", &format!("{{ALLOW, US, S3, BOTH}}, {}", denies.join(",")));
    let decision = decide(&json, "lab-data", &requester(), GET);
    assert_eq!(decision.verdict, Verdict::Conditional);
    assert_eq!(decision.witness.unwrap().resource, "arn:aws:s3:::lab-data/team-000/projects/raw/");
}

#[test]
fn what_is_no_number_is_on_neither_side() {
    let tag =
        |test: &str, value: &str| format!(r#"{{ALLOW, US, S3, BOTH, IF: {{"{test}": {{"aws:PrincipalTag/dept": "{value}"}}}}}}"#);
    let sides = format!("{}, {}", tag("NumericLessThanIfExists", "5"), tag("NumericGreaterThanEqualsIfExists", "5"));
    for statements in [sides, tag("ForAllValues:NumericEqualsIfExists", "")] {
        let decision = decide(&policy("2012-10-17", &statements), "lab-data", &requester(), GET);
        assert_eq!(decision.verdict, Verdict::Conditional, "{statements}");
        let (key, values) = &decision.witness.unwrap().context[0];
        assert!(key == "aws:PrincipalTag/dept" && values[0].parse::<f64>().is_err(), "{values:?}");
    }
}

#[test]
fn variables_need_the_newer_version() {
    let deny = r#"{ALLOW, US, S3, BOTH}, {DENY, US, S3, "Resource": "arn:aws:s3:::lab-data/${aws:username}"}"#;
    let key = |version| decide(&policy(version, deny), "lab-data", &requester(), GET).witness.unwrap().resource;
    assert_eq!(key("2012-10-17"), "arn:aws:s3:::lab-data/x");
    assert_eq!(key("2008-10-17"), "arn:aws:s3:::lab-data/${aws:username}");
}

// roles have no user name; of a tag nothing is known but the default
#[rustfmt::skip]
const VARIABLES: &[Row] = &[
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, "NotResource": ["arn:aws:s3:::lab-data/home/${aws:username}", "arn:aws:s3:::lab-data*"]}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, "NotResource": "arn:aws:s3:::lab-data/home/${aws:username}"}"#, GET, "denied", "{", ""),
    (r#"{ALLOW, US, S3, "Resource": ["arn:aws:s3:::lab-data/${aws:username}", "arn:aws:s3:::lab-data/*"]}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, "NotResource": ["arn:aws:s3:::lab-data/${aws:username}", "arn:aws:s3:::other/*"]}"#, GET, "wrong-resource", "[", "/x"),
    (r#"{ALLOW, US, S3, "NotResource": ["arn:aws:s3:::lab-data/${aws:username}", "arn:aws:s3:::other/*"]}"#, LIST, "granted", "", ""),
    (r#"{ALLOW, US, S3, "NotResource": "arn:aws:s3:::${aws:username}/*"}"#, GET, "unresolved", "", ""),
    (r#"{ALLOW, US, S3, BOTH}, {DENY, US, S3, "NotResource": "arn:aws:s3:::lab-data/${aws:PrincipalAccount, 'x'}*"}"#, GET, "denied", "{", ""),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data/*"}, {DENY, ALL, S3, "Resource": "arn:aws:s3:::${aws:PrincipalAccount}/*"}"#, GET, "granted", "", ""),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data/*"}, {DENY, ALL, S3, "Resource": "arn:aws:s3:::${aws:PrincipalTag/team, 'lab-data'}/*"}"#, GET, "denied", "{", ""),
    (r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data/*", IF: {"StringEquals": {"aws:PrincipalTag/team": "red"}}}, {ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data/${aws:PrincipalTag/team}/*"}"#, GET, "conditional", "", ""),
];

#[test]
fn a_variable_without_a_value_takes_out_its_own_entry() {
    check(VARIABLES, &requester());
    let user = |name: &str| Requester { roles: vec![format!("arn:aws:iam::111122223333:user/{name}")], ..requester() };
    let own = r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, "Resource": ["arn:aws:s3:::lab-data/${aws:username}/*", "arn:aws:s3:::${aws:username}/*"]}"#;
    check(&[(own, GET, "denied", "{", "")], &user("bob"));
    check(&[(own, LIST, "granted", "", "")], &user("bob"));
    let elsewhere = r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, "Resource": "arn:aws:s3:::${aws:username}/*"}"#;
    check(&[(elsewhere, GET, "granted", "", "")], &user("bob"));
    check(&[(elsewhere, GET, "denied", "{", "")], &user("lab-data"));
    check(&[(elsewhere, GET, "unresolved", "", "")], &requester());
}

#[test]
fn a_parameter_is_equal_to_itself_alone() {
    let verdict = |resource: &str, bucket| {
        let allow = format!(r#"{{ALLOW, US, S3, "Resource": ["arn:aws:s3:::{resource}", "arn:aws:s3:::{resource}/*"]}}"#);
        decide(&policy("2012-10-17", &allow), bucket, &requester(), GET).verdict.word()
    };
    assert_eq!(verdict("<Name>", "<Name>"), "granted");
    assert_eq!(verdict("<Name>-data", "<Name>-data"), "granted");
    assert_eq!(verdict("<Other>", "<Name>"), "unresolved");
    assert_eq!(verdict("<Other>", "lab-data"), "unresolved");
    assert_eq!(verdict("<Other>-logs", "lab-data"), "wrong-resource");
    assert_eq!(verdict("*", "<Name>"), "granted");
}

#[test]
fn a_witness_is_a_whole_request() {
    let deny = r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}, "Bool": {"aws:SecureTransport": "true"}}}"#;
    let witness = decide(&policy("2012-10-17", deny), "lab-data", &requester(), GET).witness.unwrap();
    assert_eq!(witness.principal, "arn:aws:iam::111122223333:role/x");
    assert_eq!(witness.context, [("aws:SecureTransport".into(), vec!["true".into()]), ("aws:SourceVpce".into(), vec![])]);
    assert_eq!(witness.statement, Some(2));
}

#[test]
fn a_sentence_names_what_makes_the_difference() {
    let role = "by arn:aws:iam::111122223333:role/x";
    for (statements, action, sentence) in [
        // TLS is in every request
        (
            r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"StringNotEquals": {"AWS:sourcevpce": "vpce-1"}, "Bool": {"aws:SecureTransport": "true"}}}"#,
            GET,
            format!("s3:GetObject on arn:aws:s3:::lab-data/x {role} with no aws:SourceVpce is denied by statement 2"),
        ),
        (
            r#"{ALLOW, US, S3, BOTH}, {DENY, ALL, S3, BOTH, IF: {"Bool": {"aws:SecureTransport": "true"}}}"#,
            GET,
            format!("s3:GetObject on arn:aws:s3:::lab-data/x {role} with aws:SecureTransport = true is denied by statement 2"),
        ),
        // what other statements test does not matter
        (
            r#"{ALLOW, US, S3, BOTH, IF: {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}, {ALLOW, US, S3, BOTH}, {DENY, ALL, S3, "Resource": "arn:aws:s3:::lab-data/locked/*"}"#,
            PUT,
            format!("s3:PutObject on arn:aws:s3:::lab-data/locked/ {role} is denied by statement 3"),
        ),
        (
            r#"{ALLOW, US, S3, "Resource": "arn:aws:s3:::lab-data/a*", IF: {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}"#,
            GET,
            format!("s3:GetObject on arn:aws:s3:::lab-data/x {role} is allowed by no statement"),
        ),
        (
            r#"{ALLOW, US, S3, BOTH, IF: {"StringEquals": {"aws:PrincipalTag/Team": "red", "aws:PrincipalAccount": "111122223333"}}}"#,
            LIST,
            format!("s3:ListBucket on arn:aws:s3:::lab-data {role} with no aws:PrincipalTag/Team is allowed by no statement"),
        ),
    ] {
        let decision = decide(&policy("2012-10-17", statements), "lab-data", &requester(), action);
        assert_eq!(decision.witness.unwrap().to_string(), sentence, "{statements}");
    }
}
