//! Verdicts on random policies against one concrete request after another.

use super::caller::{Caller, Requester};
use super::decide::Question;
use super::document::Document;
use super::resource::Target;
use super::simulate::{Outcome, Request, simulate};
use super::verdict::{self, Decision, Verdict};
use super::{action, read};
use bucketlint_text::resolve::Plain;
use bucketlint_text::source::Span;
use bucketlint_text::text::Text;
use proptest::prelude::*;

#[path = "../../../../tests/differential/policies.rs"]
#[allow(unreachable_pub)]
mod policies;

use policies::{ACTIONS, Circumstances, Statement, circumstances, policy, statement, statements};

fn document(statements: &[Statement]) -> Document {
    read::document(&bucketlint_text::syntax::testing::tree(&policy(statements).to_string()), &Plain)
}

fn decide(document: &Document) -> Vec<Decision> {
    let target = Target { name: Text::known(Span::default(), "lab-data"), partition: "aws".into() };
    let requester = Requester { account: "111122223333".into(), ..Requester::default() };
    let question = Question { policies: &[document], target: &target, requester: &requester };
    verdict::decide(&question, &ACTIONS.map(str::to_owned))
}

fn verdicts(document: &Document) -> Vec<Verdict> {
    decide(document).iter().map(|decision| decision.verdict).collect()
}

fn allowed(document: &Document, request: &Request) -> bool {
    matches!(simulate(&[document], request), Outcome::Allowed { .. })
}

fn request(action: &str, circumstances: &Circumstances) -> Request {
    let mut context = circumstances.context.clone();
    let known = action::find(action.trim_start_matches("s3:"));
    context.retain(|key, _| known.is_some_and(|known| action::has_condition_key(known, key)));
    let principal = Caller { arn: circumstances.caller.into(), session: circumstances.session.map(Into::into) };
    Request { action: action.into(), resource: circumstances.resource(action), principal, context }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn grants_hold_and_witnesses_are_refused(
        statements in statements(true),
        circumstances in prop::collection::vec(circumstances(), 30),
    ) {
        let document = document(&statements);
        for decision in decide(&document) {
            match (decision.verdict, &decision.witness) {
                (Verdict::Granted, _) => {
                    for circumstances in &circumstances {
                        let request = request(&decision.action, circumstances);
                        prop_assert!(allowed(&document, &request), "{}\n{request:?}", policy(&statements));
                    }
                }
                (Verdict::Unresolved, _) => {
                    let told = decision.unknown.as_ref().is_some_and(|(_, why)| why.contains("AWS"));
                    prop_assert!(told || policy(&statements).to_string().contains("${aws"), "{}\n{decision:?}", policy(&statements));
                }
                (_, Some(witness)) => {
                    prop_assert!(!allowed(&document, &witness.request()), "{}\n{decision:?}", policy(&statements));
                }
                (_, None) => prop_assert!(false, "{}\n{decision:?}", policy(&statements)),
            }
        }
    }

    #[test]
    fn an_allow_takes_no_grant_and_a_deny_gives_none(mut statements in statements(true), more in statement(true)) {
        let before = verdicts(&document(&statements));
        let allow = more.allow;
        statements.push(more);
        for (before, after) in before.into_iter().zip(verdicts(&document(&statements))) {
            let (kept, gained) = if allow { (before, after) } else { (after, before) };
            // a policy variable may leave either undecided
            let lost = kept == Verdict::Granted && !matches!(gained, Verdict::Granted | Verdict::Unresolved);
            prop_assert!(!lost, "{}\n{before:?} {after:?}", policy(&statements));
        }
    }

    #[test]
    fn order_and_case_change_nothing(mut statements in statements(true)) {
        let before = verdicts(&document(&statements));
        statements.reverse();
        let disguised: Vec<Statement> = statements.iter().map(Statement::disguised).collect();
        prop_assert_eq!(before, verdicts(&document(&disguised)), "{}", policy(&statements));
    }
}
