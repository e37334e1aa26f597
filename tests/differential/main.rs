//! Verdicts against npm's `@cloud-copilot/iam-simulate`, run as a program beside us; see `.ci/differential.sh`.

#![allow(clippy::unwrap_used)]

use bucketlint::iam::action;
use bucketlint::iam::caller::Caller;
use bucketlint::iam::caller::Requester;
use bucketlint::iam::decide::Question;
use bucketlint::iam::document::Document;
use bucketlint::iam::read;
use bucketlint::iam::resource::Target;
use bucketlint::iam::simulate::{self, Outcome, simulate};
use bucketlint::iam::verdict::{self, Verdict};
use bucketlint::resolve::Plain;
use bucketlint::source::{FileId, Span};
use bucketlint::syntax::parse::parse;
use bucketlint::text::Text;
use known::{DIFFERENCES, Request};
use policies::{ACTIONS, Circumstances, circumstances, statements, version, versioned};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::process::Command;

#[allow(unreachable_pub)]
mod known;
#[allow(dead_code, unreachable_pub)]
mod policies;

/// A policy with what should be the answer to each request.
struct Case {
    policy: Value,
    document: Document,
    requests: Vec<Request>,
    expected: Vec<(bool, String)>,
}

#[test]
#[allow(clippy::disallowed_methods)]
fn the_reference_implementation_agrees() {
    let Ok(modules) = std::env::var("BUCKETLINT_SIMULATE") else {
        println!("skipped: BUCKETLINT_SIMULATE does not name a node_modules directory; run .ci/differential.sh");
        return;
    };
    let number = |name: &str, default: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let seed = number("BUCKETLINT_SEED", 1);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let cases: Vec<Case> = (0..number("BUCKETLINT_POLICIES", 2_000)).map(|_| case(&mut runner)).collect();
    let requests: usize = cases.iter().map(|case| case.requests.len()).sum();
    println!("seed {seed}: {} policies, {requests} requests", cases.len());

    let examples = DIFFERENCES.iter().map(|known| {
        let (policy, request) = (known.example)();
        (policy, vec![request])
    });
    let asked = cases.iter().map(|case| (case.policy.clone(), case.requests.clone())).chain(examples).collect::<Vec<_>>();
    let answers = answers(&modules, &asked);

    let (mut disagreements, mut differences) = (0, BTreeMap::new());
    for (case, answers) in cases.iter().zip(&answers) {
        assert_eq!(answers.len(), case.requests.len());
        for ((request, (allowed, why)), answer) in case.requests.iter().zip(&case.expected).zip(answers) {
            assert!(!answer.starts_with('{'), "{answer}\n{}\n{request:?}", case.policy);
            if (answer == "Allowed") == *allowed {
                continue;
            }
            // a known difference counts as one only if our evaluator of single requests says what the sets say
            let policy = case.policy.to_string();
            let known = DIFFERENCES.iter().find(|known| (known.concerns)(&policy, request));
            match known.filter(|_| allows(&case.document, request) == *allowed) {
                Some(known) => *differences.entry(known.name).or_insert(0) += 1,
                None => {
                    disagreements += 1;
                    println!("{why}, but {answer}\n  {policy}\n  {request:?}");
                }
            }
        }
    }
    println!("{disagreements} disagreements; known differences met: {differences:?}");
    assert_eq!(disagreements, 0);
    for (known, answers) in DIFFERENCES.iter().zip(&answers[cases.len()..]) {
        assert_eq!(answers[0] == "Allowed", !known.allowed, "no longer so: {}; see {}", known.name, known.address());
    }
}

/// What is documented holds without the package too.
#[test]
fn documented_answers_are_ours() {
    for known in DIFFERENCES {
        let (policy, request) = (known.example)();
        assert_eq!(allows(&document(&policy), &request), known.allowed, "{}; see {}", known.name, known.address());
    }
}

/// The package's answers to each policy's requests.
#[allow(clippy::disallowed_methods)]
fn answers(modules: &str, asked: &[(Value, Vec<Request>)]) -> Vec<Vec<String>> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("requests.jsonl");
    let line = |(policy, requests): &(Value, Vec<Request>)| {
        json!({ "policy": policy, "requests": requests.iter().map(request_json).collect::<Vec<_>>() }).to_string()
    };
    std::fs::write(&file, asked.iter().map(line).collect::<Vec<_>>().join("\n")).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential/simulate.mjs");
    let output = Command::new("node").arg(script).arg(modules).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Vec<String>> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), asked.len());
    answers
}

fn document(policy: &Value) -> Document {
    read::document(&parse(FileId(0), &policy.to_string()).root.unwrap(), &Plain)
}

/// Whether our own evaluator of single requests allows it.
fn allows(document: &Document, request: &Request) -> bool {
    let context = request.context.iter().map(|(key, values)| (key.to_ascii_lowercase(), values.clone())).collect();
    let request = simulate::Request {
        action: request.action.clone(),
        resource: request.resource.clone(),
        principal: Caller::new(&request.principal),
        context,
    };
    matches!(simulate(&[document], &request), Outcome::Allowed { .. })
}

fn case(runner: &mut TestRunner) -> Case {
    let statements = statements(true).new_tree(runner).unwrap().current();
    let policy = versioned(&statements, version().new_tree(runner).unwrap().current());
    let document = document(&policy);
    let target = Target { name: Text::known(Span::default(), "lab-data"), partition: "aws".into() };
    let requester = Requester { account: "111122223333".into(), ..Requester::default() };
    let question = Question { policies: &[&document], target: &target, requester: &requester };
    let decisions = verdict::decide(&question, &ACTIONS.map(str::to_owned));
    let mut case = Case { policy, document, requests: Vec::new(), expected: Vec::new() };
    for decision in decisions {
        let why = format!("{} is {}", decision.action, decision.verdict.word());
        if decision.verdict == Verdict::Granted {
            for _ in 0..8 {
                let chosen = circumstances().new_tree(runner).unwrap().current();
                case.requests.push(concrete(&decision.action, &chosen));
                case.expected.push((true, why.clone()));
            }
        }
        if let Some(witness) = &decision.witness {
            let request = witness.request();
            let principal = request.principal.session.unwrap_or(request.principal.arn);
            let context = request.context.into_iter().collect();
            case.requests.push(Request { action: request.action, resource: request.resource, principal, context });
            case.expected.push((false, why));
        }
    }
    case
}

fn concrete(action: &str, chosen: &Circumstances) -> Request {
    let known = action::find(action.trim_start_matches("s3:")).unwrap();
    let context = chosen.context.clone().into_iter().filter(|(key, _)| action::has_condition_key(known, key)).collect();
    let principal = chosen.session.unwrap_or(chosen.caller).to_owned();
    Request { action: action.to_owned(), resource: chosen.resource(action), principal, context }
}

/// The keys that follow from the caller have to be spelt out there.
fn request_json(request: &Request) -> Value {
    let caller = Caller::new(&request.principal);
    let each = request.context.iter().map(|(key, values)| {
        let many = bucketlint::iam::keys::find(key).is_some_and(|known| known.multivalued);
        let value = if many { json!(values) } else { json!(values[0]) };
        (bucketlint::iam::keys::canonical(key).unwrap_or(key.clone()), value)
    });
    let mut all: Map<String, Value> = each.collect();
    all.insert("aws:PrincipalArn".into(), json!(caller.arn));
    all.insert("aws:PrincipalAccount".into(), json!("111122223333"));
    if let Some(name) = caller.user_name() {
        all.insert("aws:username".into(), json!(name));
    }
    json!({ "principal": request.principal, "action": request.action, "resource": request.resource, "context": all })
}
