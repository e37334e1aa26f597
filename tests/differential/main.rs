//! Verdicts against npm's `@cloud-copilot/iam-simulate`, run as a program beside us; see `.ci/differential.sh`.

#![allow(clippy::unwrap_used)]

use bucketlint::iam::action;
use bucketlint::iam::caller::Requester;
use bucketlint::iam::decide::Question;
use bucketlint::iam::read;
use bucketlint::iam::resource::Target;
use bucketlint::iam::verdict::{self, Verdict};
use bucketlint::resolve::Plain;
use bucketlint::source::{FileId, Span};
use bucketlint::syntax::parse::parse;
use bucketlint::text::Text;
use policies::{ACTIONS, Circumstances, circumstances, policy, statements};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use std::process::Command;

#[allow(dead_code, unreachable_pub)]
mod policies;

/// A policy with what should be the answer to each request.
struct Case {
    policy: Value,
    requests: Vec<Value>,
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

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("requests.jsonl");
    let lines: Vec<String> =
        cases.iter().map(|case| json!({ "policy": case.policy, "requests": case.requests }).to_string()).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential/simulate.mjs");
    let output = Command::new("node").arg(script).arg(&modules).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Vec<String>> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), cases.len());

    let mut disagreements = 0;
    for (case, answers) in cases.iter().zip(&answers) {
        assert_eq!(answers.len(), case.requests.len());
        for ((request, (allowed, why)), answer) in case.requests.iter().zip(&case.expected).zip(answers) {
            assert!(!answer.starts_with('{'), "{answer}\n{}\n{request}", case.policy);
            if (answer == "Allowed") != *allowed {
                disagreements += 1;
                println!("{why}, but {answer}\n  {}\n  {request}", case.policy);
            }
        }
    }
    println!("{disagreements} disagreements");
    assert_eq!(disagreements, 0);
}

fn case(runner: &mut TestRunner) -> Case {
    let statements = statements(false).new_tree(runner).unwrap().current();
    let policy = policy(&statements);
    let tree = parse(FileId(0), &policy.to_string()).root.unwrap();
    let document = read::document(&tree, &Plain);
    let target = Target { name: Text::known(Span::default(), "lab-data"), partition: "aws".into() };
    let requester = Requester { account: "111122223333".into(), ..Requester::default() };
    let question = Question { policies: &[&document], target: &target, requester: &requester };
    let mut case = Case { policy, requests: Vec::new(), expected: Vec::new() };
    for decision in verdict::decide(&question, &ACTIONS.map(str::to_owned)) {
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
            let context = request.context.into_iter();
            let principal = request.principal.session.unwrap_or(request.principal.arn);
            case.requests.push(request_json(&request.action, &request.resource, &principal, context));
            case.expected.push((false, why));
        }
    }
    case
}

fn concrete(action: &str, chosen: &Circumstances) -> Value {
    let known = action::find(action.trim_start_matches("s3:")).unwrap();
    let context = chosen.context.clone().into_iter().filter(|(key, _)| action::has_condition_key(known, key));
    request_json(action, &chosen.resource(action), chosen.session.unwrap_or(chosen.caller), context)
}

/// The keys that follow from the caller have to be spelt out there.
fn request_json(action: &str, resource: &str, principal: &str, context: impl Iterator<Item = (String, Vec<String>)>) -> Value {
    let caller = bucketlint::iam::caller::Caller::new(principal);
    let mut all: Map<String, Value> = context
        .map(|(key, values)| {
            let many = bucketlint::iam::keys::find(&key).is_some_and(|known| known.multivalued);
            let value = if many { json!(values) } else { json!(values[0]) };
            (bucketlint::iam::keys::canonical(&key).unwrap_or(key), value)
        })
        .collect();
    all.insert("aws:PrincipalArn".into(), json!(caller.arn));
    all.insert("aws:PrincipalAccount".into(), json!("111122223333"));
    if let Some(name) = caller.user_name() {
        all.insert("aws:username".into(), json!(name));
    }
    json!({ "principal": principal, "action": action, "resource": resource, "context": all })
}
