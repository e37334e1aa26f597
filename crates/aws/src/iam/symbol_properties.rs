//! Verdicts on policies with dozens of unknown values against every request, the values being equal in one way after
//! another.

use super::caller::{Caller, Requester};
use super::decide::Question;
use super::document::Document;
use super::read;
use super::resource::Target;
use super::simulate::{Outcome, Request, simulate};
use super::verdict::{self, Decision, Verdict};
use super::verdict_tests::Parameters;
use bucketlint_text::resolve::{Plain, Resolve};
use bucketlint_text::source::Span;
use bucketlint_text::text::Text;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ACTION: &str = "s3:ListBucket";
const BUCKET: &str = "arn:aws:s3:::lab-data";
const KEYS: [&str; 2] = ["aws:SourceVpce", "aws:PrincipalTag/team"];
const OPERATORS: [&str; 5] = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIfExists"];
/// More than a policy has places for, so that most meet no other.
const UNKNOWN: usize = 36;

/// A value as a policy has it: something known, an unknown value, or both.
fn value() -> impl Strategy<Value = String> {
    let unknown = || (0..UNKNOWN).prop_map(|number| format!("<{number}>"));
    prop_oneof![
        2 => select(&["a", "b", "lab-a", "lab-*", "?", "\u{f0000}", "\u{f0001}"][..]).prop_map(str::to_owned),
        6 => unknown(),
        1 => unknown().prop_map(|unknown| format!("lab-{unknown}")),
        1 => unknown().prop_map(|unknown| format!("{unknown}*")),
    ]
}

fn statement() -> impl Strategy<Value = Value> {
    let test = (select(&OPERATORS[..]), select(&KEYS[..]), prop::collection::vec(value(), 1..4));
    (prop::bool::weighted(0.75), prop::collection::vec(test, 0..3)).prop_map(|(allow, tests)| {
        let mut conditions: BTreeMap<&str, BTreeMap<&str, Vec<String>>> = BTreeMap::new();
        for (operator, key, values) in tests {
            conditions.entry(operator).or_default().insert(key, values);
        }
        json!({
            "Effect": if allow { "Allow" } else { "Deny" },
            "Principal": {"AWS": "111122223333"},
            "Action": ACTION,
            "Resource": BUCKET,
            "Condition": conditions,
        })
    })
}

fn policy(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn document(text: &str, resolve: &dyn Resolve) -> Document {
    read::document(&bucketlint_text::syntax::testing::tree(text), resolve)
}

fn decide(text: &str) -> Decision {
    let document = document(text, &Parameters);
    let target = Target { name: Text::known(Span::default(), "lab-data"), partition: "aws".into() };
    let requester = Requester { account: "111122223333".into(), ..Requester::default() };
    let question = Question { policies: &[&document], target: &target, requester: &requester };
    verdict::decide(&question, &[ACTION.to_owned()]).remove(0)
}

/// The first request that the policy refuses with these values in place of the unknown ones.
fn refused(text: &str, values: &[String]) -> Option<Request> {
    let fill = |text: String, (number, value): (usize, &String)| text.replace(&format!("<{number}>"), value);
    let document = document(&values.iter().enumerate().fold(text.to_owned(), fill), &Plain);
    // every known text that a policy may compare with, and one that is like none or like `lab-*` alone
    let known = ["a", "b", "lab-a", "lab-*", "?", "\u{f0000}", "\u{f0001}", "z", "zz", "lab-z"];
    let mut some: Vec<Option<String>> = known.iter().map(|known| Some((*known).to_owned())).chain([None]).collect();
    let used = values.iter().enumerate().filter(|(number, _)| text.contains(&format!("<{number}>")));
    some.extend(
        used.flat_map(|(_, value)| [value.clone(), format!("lab-{value}"), format!("{value}*"), format!("{value}z")]).map(Some),
    );
    some.sort();
    some.dedup();
    let all = some.iter().flat_map(|first| some.iter().map(move |second| [first, second]));
    all.map(|values| {
        let present = KEYS.iter().zip(values).filter_map(|(key, value)| Some((key.to_ascii_lowercase(), vec![value.clone()?])));
        Request {
            action: ACTION.into(),
            resource: BUCKET.into(),
            principal: Caller::new("arn:aws:iam::111122223333:role/x"),
            context: present.collect(),
        }
    })
    .find(|request| !matches!(simulate(&[&document], request), Outcome::Allowed { .. }))
}

/// What each unknown value is: one of a few, so that many are equal.
fn values() -> impl Strategy<Value = Vec<String>> {
    let one = select(&["a", "b", "lab-a", "c", "d", "e"][..]).prop_map(str::to_owned);
    prop::collection::vec(one, UNKNOWN)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_grant_holds_whichever_unknown_values_are_equal(
        statements in prop::collection::vec(statement(), 1..7),
        equalities in prop::collection::vec(values(), 6),
    ) {
        let text = policy(&statements);
        let decision = decide(&text);
        let distinct: Vec<String> = (0..UNKNOWN).map(|number| format!("u{number}v")).collect();
        match decision.verdict {
            Verdict::Granted => for values in equalities.iter().chain([&distinct]) {
                prop_assert_eq!(refused(&text, values), None, "{}\n{:?}", text, values);
            },
            Verdict::Unresolved => {}
            // a refusal is one where no two are equal
            _ => prop_assert!(refused(&text, &distinct).is_some(), "{}\n{:?}", text, decision),
        }
    }
}

#[test]
fn dozens_of_unknown_values_are_as_many() {
    let test = |effect: &str, operator: &str, value: &str| {
        json!({"Effect": effect, "Principal": {"AWS": "111122223333"}, "Action": ACTION, "Resource": BUCKET,
            "Condition": {operator: {"aws:SourceVpce": value}}})
    };
    let verdict = |statements: &[Value]| decide(&policy(statements)).verdict.word();
    let names: Vec<String> = (0..48).map(|number| format!("<Zone{number}>")).chain(["<Subnet58>".into()]).collect();
    for pair in names.windows(2) {
        let (one, other) = (pair[0].as_str(), pair[1].as_str());
        let equal = test("Allow", "StringEquals", one);
        assert_eq!(verdict(&[equal.clone(), test("Allow", "StringNotEquals", one)]), "granted", "{one}");
        assert_eq!(verdict(&[equal, test("Allow", "StringNotEquals", other)]), "conditional", "{one} {other}");
        // refused only if both are the same
        let not = [test("Allow", "StringNotEquals", one), test("Allow", "StringNotEquals", other)];
        assert_eq!(verdict(&not), "unresolved", "{one} {other}");
        // or if one is what the other statement names
        let not = [test("Allow", "StringNotEquals", one), test("Allow", "StringNotEquals", "vpce-1")];
        assert_eq!(verdict(&not), "unresolved", "{one}");
        let not = [test("Allow", "StringNotLike", &format!("lab-{one}")), test("Allow", "StringNotEquals", "vpce-1")];
        assert_eq!(verdict(&not), "granted", "{one}");
    }
    // a character that people hardly write is not taken for an unknown value
    let both = [test("Allow", "StringEquals", "\u{f0000}"), test("Allow", "StringNotEquals", "<Zone144>")];
    assert_eq!(verdict(&both), "conditional");
}
