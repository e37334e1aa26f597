use super::*;
use crate::outcome::Resources;
use crate::report::fixture::{finding, label, outcome};

/// Two mistakes on one resource that are alike, and one of another rule.
fn found() -> Outcome {
    let mut outcome = outcome(&[("dir/a.yaml", "Data:\n  - x\n  - x\n")]);
    let mut other = finding(label(0, 0..4, ""));
    other.rule = "policy/missing".into();
    outcome.findings = vec![other, finding(label(0, 10..11, "")), finding(label(0, 16..17, ""))];
    outcome.resources = Resources::new(vec![(label(0, 0..17, "").span, "Data".into())]);
    outcome
}

fn plain(path: &str) -> String {
    path.strip_prefix("dir/").unwrap_or(path).to_owned()
}

#[test]
fn the_file_is_sorted_and_is_read_as_it_was_written() {
    let baseline = Baseline::of(&found(), &plain);
    let text = baseline.text();
    assert_eq!(Baseline::read(&text), Ok(baseline));
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    let lines: Vec<String> = told["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {} {} {}", one["file"], one["rule"], one["subject"], one["count"]))
        .collect();
    assert_eq!(lines, ["\"a.yaml\" \"policy/missing\" \"Data\" 1", "\"a.yaml\" \"policy/missing-actions\" \"Data, x\" 2"]);
    // as told for the finding in reports, if the baseline lies where the paths begin
    let whole = Baseline::of(&found(), &|path| path.to_owned());
    let json: serde_json::Value = serde_json::from_str(&crate::report::json(&found())).unwrap();
    assert_eq!(json["findings"][0]["fingerprint"], whole.entries[0].fingerprint.as_str());
}

#[test]
fn known_ones_go_and_those_that_are_no_more_are_counted() {
    let baseline = Baseline::of(&found(), &plain);
    let all = |_: &Entry| true;
    let mut same = found();
    assert_eq!(baseline.apply(&mut same, &plain, &all), 0);
    assert_eq!((same.findings.len(), same.dismissed.len()), (0, 3));
    // of three alike, the last is new
    let mut more = found();
    more.findings.push(finding(label(0, 16..17, "new")));
    assert_eq!(baseline.apply(&mut more, &plain, &all), 0);
    assert_eq!(more.findings.iter().map(|one| one.primary.message.as_str()).collect::<Vec<_>>(), ["new"]);
    let mut fewer = found();
    fewer.findings.truncate(1);
    assert_eq!(baseline.apply(&mut fewer.clone(), &plain, &all), 2);
    assert_eq!(baseline.apply(&mut fewer, &plain, &|entry| entry.rule == "policy/missing"), 0);
    // what is allowed is not fixed
    let mut allowed = found();
    let finding = allowed.findings.remove(0);
    allowed.dismissed.push(Dismissed { finding, by: Dismissal::Allowed { place: None, reason: None, until: None } });
    assert_eq!(baseline.apply(&mut allowed, &plain, &all), 0);
}

#[test]
fn what_was_not_looked_at_is_kept() {
    let old = Baseline::of(&found(), &plain);
    let mut now = found();
    now.findings.truncate(2);
    let kept = |judged: bool| {
        Baseline::of(&now, &plain).keeping(&old, &|_| judged).entries.iter().map(|one| one.count).collect::<Vec<_>>()
    };
    assert_eq!((kept(true), kept(false)), (vec![1, 1], vec![1, 2]));
    let none = Baseline::default().keeping(&old, &|entry| entry.rule == "policy/missing");
    assert_eq!(none.entries, old.entries[1..]);
}

#[test]
fn what_is_no_baseline_is_refused() {
    let refused = |text: &str| Baseline::read(text).unwrap_err();
    assert_eq!(refused("{\"version\": 2, \"all\": []}"), "is a baseline of version 2, and this is a program for version 1");
    assert_eq!(refused("{}"), "is no baseline: missing field `version` at line 1 column 2");
    assert_eq!(refused("<<<<<<< HEAD"), "is no baseline: expected value at line 1 column 1");
    assert_eq!(
        refused("{\"version\": 1, \"findings\": [], \"more\": 1}"),
        "is no baseline: unknown field `more`, expected `version` or `findings` at line 1 column 37"
    );
    assert_eq!(Baseline::read("{\"version\": 1, \"findings\": []}"), Ok(Baseline::default()));
}
