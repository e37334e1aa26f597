//! What the fuzz targets have in common: a whole run from memory whose reports are read again, real templates to start
//! from, and verdicts held against concrete requests.

use bucketlint::iam::caller::Requester;
use bucketlint::iam::decide::Question;
use bucketlint::iam::document::Document;
use bucketlint::iam::read;
use bucketlint::iam::resource::Target;
use bucketlint::iam::simulate::{self, Request, simulate};
use bucketlint::iam::verdict::{self, Decision, Verdict};
use bucketlint::load::{Input, load};
use bucketlint::outcome::Outcome;
use bucketlint::report::{Format, Style};
use bucketlint::resolve::Plain;
use bucketlint::rule::Rule;
use bucketlint::run::{Plan, run};
use bucketlint::source::{FileId, Span};
use bucketlint::syntax::node::Node;
use bucketlint::syntax::parse::parse;
use bucketlint::text::Text;
use std::sync::LazyLock;

#[path = "../../tests/common/mod.rs"]
mod common;

/// The account every verdict is for.
pub const ACCOUNT: &str = "111122223333";

/// Two actions on objects, two on the bucket.
pub const ACTIONS: [&str; 4] = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:GetBucketNotification"];

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(common::rules);
static PLAN: LazyLock<Plan> = LazyLock::new(|| common::plan(ACCOUNT));

pub mod reports;
pub mod seeds;

/// Checks files of these names and bytes and writes every kind of report: nothing may keep it from that, and each has to
/// be what it says it is.
pub fn check(files: Vec<(String, Vec<u8>)>) -> Outcome {
    check_by(files, &RULES)
}

/// As [`check`], by other rules.
pub fn check_by(files: Vec<(String, Vec<u8>)>, rules: &[Rule]) -> Outcome {
    let input = |(shown, bytes)| Input { shown, named: true, bytes: Ok(bytes) };
    let outcome = run(load(files.into_iter().map(input).collect()), &PLAN, rules);
    for (format, word) in Format::ALL {
        let text = format.write(&outcome, rules, Style { width: 80, unicode: true, colour: false });
        reports::parse(format, &text).unwrap_or_else(|why| panic!("{word} is none: {why}\n{text}"));
    }
    outcome
}

/// A text as settings, rules and profiles are read.
pub fn tree(text: &str) -> Option<Node> {
    parse(FileId(0), text).root
}

/// The policy document in a text, if there is one.
pub fn document(text: &str) -> Option<Document> {
    parse(FileId(0), text).root.map(|root| read::document(&root, &Plain))
}

/// The verdicts on [`ACTIONS`]; every request that is to show one has to be refused by `document`.
pub fn decide(document: &Document) -> Vec<Decision> {
    let target = Target { name: Text::known(Span::default(), "lab-data"), partition: "aws".into() };
    let requester = Requester { account: ACCOUNT.into(), ..Requester::default() };
    let question = Question { policies: &[document], target: &target, requester: &requester };
    let decisions = verdict::decide(&question, &ACTIONS.map(str::to_owned));
    for decision in &decisions {
        match (&decision.witness, decision.verdict) {
            (None, verdict) => assert!(matches!(verdict, Verdict::Granted | Verdict::Unresolved), "no witness: {decision:?}"),
            (Some(witness), _) => assert!(!allows(document, &witness.request()), "the witness is allowed: {decision:?}"),
        }
    }
    decisions
}

/// Whether `document` allows one request.
pub fn allows(document: &Document, request: &Request) -> bool {
    matches!(simulate(&[document], request), simulate::Outcome::Allowed { .. })
}
