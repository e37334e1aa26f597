//! Deciding large and awkward policies for Quilt's nine actions.

#![expect(clippy::expect_used, reason = "a policy that does not parse is a mistake of this file")]

use bucketlint::iam::caller::Requester;
use bucketlint::iam::decide::Question;
use bucketlint::iam::document::Document;
use bucketlint::iam::resource::Target;
use bucketlint::iam::{read, verdict};
use bucketlint::resolve::Plain;
use bucketlint::source::{FileId, Span};
use bucketlint::syntax::parse::parse;
use bucketlint::text::Text;

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

const WHOLE: &str = r#"["arn:aws:s3:::lab-data", "arn:aws:s3:::lab-data/*"]"#;

const UNLESS_OURS: &str = r#", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}"#;

fn main() {
    divan::main();
}

fn statement(effect: &str, resource: &str, condition: &str) -> String {
    let principal = if effect == "Allow" { r#"{"AWS": "arn:aws:iam::111122223333:root"}"# } else { r#""*""# };
    format!(r#"{{"Effect": "{effect}", "Principal": {principal}, "Action": "s3:*", "Resource": {resource}{condition}}}"#)
}

fn prefix(number: usize) -> String {
    format!(r#""arn:aws:s3:::lab-data/team-{number:03}/projects/raw/*""#)
}

fn literal_allows() -> String {
    (0..100).map(|number| statement("Allow", &prefix(number), "")).collect::<Vec<_>>().join(",")
}

fn prefix_denies() -> String {
    let denies = (0..99).map(|number| statement("Deny", &prefix(number), ""));
    std::iter::once(statement("Allow", WHOLE, "")).chain(denies).collect::<Vec<_>>().join(",")
}

/// Granted: every Deny and every other Allow hangs on something that does not matter.
fn mixed() -> String {
    let one = |number: usize| match number % 4 {
        0 => statement("Allow", &prefix(number), ""),
        1 => statement("Deny", &prefix(number), r#", "Condition": {"Bool": {"aws:SecureTransport": "false"}}"#),
        2 => statement("Allow", &prefix(number), r#", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}"#),
        _ => {
            statement("Deny", &prefix(number), r#", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}"#)
        }
    };
    std::iter::once(statement("Allow", WHOLE, "")).chain((1..100).map(one)).collect::<Vec<_>>().join(",")
}

/// Which letters have been seen, how often, multiplies: a search through every combination, up to its bound.
fn stars() -> String {
    let patterns: Vec<String> = ('a'..='t').map(|letter| format!(r#""arn:aws:s3:::lab-data/*{letter}*{letter}*""#)).collect();
    [statement("Allow", WHOLE, ""), statement("Deny", &format!("[{}]", patterns.join(",")), UNLESS_OURS)].join(",")
        + ","
        + &statement("Deny", &format!("[{}]", patterns.join(",")), "")
            .replace("\"*\"", r#"{"AWS": "arn:aws:iam::111122223333:role/R"}"#)
}

/// Nothing but such patterns, whose union leaves no short gap.
fn only_stars() -> String {
    let patterns: Vec<String> = ('a'..='t').map(|letter| format!(r#""arn:aws:s3:::lab-data/*{letter}*""#)).collect();
    [statement("Allow", WHOLE, ""), statement("Allow", &format!("[{}]", patterns.join(",")), "")].join(",")
}

/// Every subset of forty places can be open at once.
fn question_marks() -> String {
    let tail = "?".repeat(40);
    let denied = format!(r#"["arn:aws:s3:::lab-data/*a{tail}b{tail}", "arn:aws:s3:::lab-data/*b{tail}a{tail}"]"#);
    [statement("Allow", WHOLE, ""), statement("Deny", &denied, "")].join(",")
}

/// Every step drags thousands of positions along, and after many of them there are as many ways to go on as in
/// `question_marks`.
fn wide() -> String {
    let wide: Vec<String> = (0..45).map(|at| format!(r#""arn:aws:s3:::lab-data/*{}{at}""#, "?".repeat(400))).collect();
    let late = format!(r#""arn:aws:s3:::lab-data/{}*a{}""#, "z".repeat(300), "?".repeat(80));
    [statement("Allow", WHOLE, ""), statement("Deny", &format!("[{},{late}]", wide.join(",")), "")].join(",")
}

/// As `question_marks`, with four hundred letters to try in each step.
fn letters() -> String {
    let tail = "?".repeat(40);
    let one = |letter| format!(r#""arn:aws:s3:::lab-data/*{letter}*{letter}{tail}""#);
    let patterns: Vec<String> = ('\u{4e00}'..).take(400).map(one).collect();
    [statement("Allow", WHOLE, ""), statement("Deny", &format!("[{}]", patterns.join(",")), "")].join(",")
}

/// Sets of tag keys that forty tests tell apart.
fn sets() -> String {
    let test = |at| format!(r#", "Condition": {{"ForAnyValue:StringEquals": {{"aws:TagKeys": "t{at}"}}}}"#);
    let denies: Vec<String> = (0..40).map(|at| statement("Deny", WHOLE, &test(at))).collect();
    format!("{},{}", statement("Allow", WHOLE, ""), denies.join(","))
}

/// As many requests to tell apart as are looked at, each denied by another statement.
fn requests() -> String {
    let test = |at| format!(r#", "Condition": {{"StringEquals": {{"aws:PrincipalTag/t{at}": "x"}}}}"#);
    let denies: Vec<String> = (0..11).map(|at| statement("Deny", &prefix(at), &test(at))).collect();
    format!("{},{}", statement("Allow", WHOLE, ""), denies.join(","))
}

fn document(statements: &str) -> Document {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    let tree = parse(FileId(0), &text).root.expect("the policy parses");
    read::document(&tree, &Plain)
}

fn decide(bencher: divan::Bencher<'_, '_>, statements: &str, actions: &[&str]) {
    let document = document(statements);
    let target = Target { name: Text::known(Span::default(), "lab-data"), partition: "aws".into() };
    let requester = Requester { account: "111122223333".into(), ..Requester::default() };
    let actions: Vec<String> = actions.iter().map(|&action| action.to_owned()).collect();
    let question = Question { policies: &[&document], target: &target, requester: &requester };
    bencher.bench(|| verdict::decide(&question, &actions));
}

#[divan::bench(args = ["literal_allows", "prefix_denies", "mixed", "stars", "only_stars"])]
fn nine_actions(bencher: divan::Bencher<'_, '_>, shape: &str) {
    decide(bencher, &policy(shape), &ACTIONS);
}

/// Made to take long: these are given up, `requests` aside.
#[divan::bench(args = ["question_marks", "wide", "letters", "sets", "requests"])]
fn worst(bencher: divan::Bencher<'_, '_>, shape: &str) {
    decide(bencher, &policy(shape), &ACTIONS);
}

#[divan::bench(args = ["literal_allows", "prefix_denies", "mixed"])]
fn one_action(bencher: divan::Bencher<'_, '_>, shape: &str) {
    decide(bencher, &policy(shape), &ACTIONS[..1]);
}

fn policy(shape: &str) -> String {
    match shape {
        "literal_allows" => literal_allows(),
        "prefix_denies" => prefix_denies(),
        "mixed" => mixed(),
        "stars" => stars(),
        "only_stars" => only_stars(),
        "wide" => wide(),
        "letters" => letters(),
        "sets" => sets(),
        "requests" => requests(),
        _ => question_marks(),
    }
}
