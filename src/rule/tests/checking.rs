//! Findings, levels, messages and counts.

use super::{rule, rule_text, run};
use crate::finding::{BucketRef, COUNT, ITEMS, NAMES, Severity};
use crate::rule::catalog::{builtin_files, load_files, pack_files};
use crate::rule::check::check;
use crate::rule::{Rule, explain};
use crate::syntax::testing::tree;
use std::collections::BTreeMap;

#[test]
fn a_subject_fills_its_finding() {
    let facts = "s:
  - v: good
  - v: bad
    n: No 2
    paste: [a, b]
    bucket: {file: a.yaml, logical_id: B, name: null}
    actions: [s3:GetObject, s3:PutObject]
    principal: '1'
    related: [{message: here}, {message: there, more: 1}, {other: 1}]
";
    let checked = run(&[], facts);
    let [found] = checked.findings.as_slice() else { panic!("{checked:?}") };
    assert!(facts[found.primary.span.range()].starts_with("v: bad\n"));
    assert_eq!((found.rule.as_str(), found.severity), ("group/name", Severity::Error));
    assert_eq!((found.message.as_str(), found.primary.message.as_str()), ("No 2 is bad", "this"));
    assert_eq!(found.help.as_deref(), Some("do a, b"));
    let bucket = BucketRef { file: "a.yaml".into(), logical_id: Some("B".into()), name: None, construct: None, nested: None };
    assert_eq!(found.bucket, Some(bucket));
    assert_eq!((found.actions.join(" "), found.principal.as_deref()), ("s3:GetObject s3:PutObject".into(), Some("1")));
    let related: Vec<_> = found.related.iter().map(|at| (&facts[at.span.range()], at.message.as_str())).collect();
    assert_eq!(related, [("{message: here}", "here"), ("{message: there, more: 1}", "there")]);
    assert_eq!(checked.considered, BTreeMap::from([("group/name".to_owned(), 2)]));
}

#[test]
fn a_finding_points_where_the_rule_says() {
    let under = |at: &str, facts: &str| {
        let checked = run(&[("at", at)], facts);
        let places: Vec<&str> = checked.findings.iter().map(|found| &facts[found.primary.span.range()]).collect();
        places.join(" ")
    };
    assert_eq!(under("'@.v'", "s: [{v: bad}]"), "bad");
    assert_eq!(
        under("['@.w.x[*]', '@.w', '@.v']", "s: [{v: bad, w: {x: [1, 2]}}, {v: worse, w: {y: 3}}, {v: worst}]"),
        "1 {y: 3} worst"
    );
    assert_eq!(under("'@.w'", "s: [{v: bad}]"), "{v: bad}");
}

#[test]
fn what_findings_have_in_common_is_read_and_filled() {
    let gather =
        "{by: '@.c', at: ['@.w'], item: '{v}', message: '{count} of {names}, {n}', label: 'in {c}', fix: \"do:\\n- {items}\"}";
    let facts = "s: [{v: bad, c: one, n: \"a\\u0007\", count: 7, w: {x: 1}}, {v: worse, c: two}, {v: worst}]";
    let checked = run(&[("gather", gather)], facts);
    let causes: Vec<_> = checked.findings.iter().map(|found| found.cause.as_deref().cloned()).collect();
    let [Some(one), Some(two), None] = causes.as_slice() else { panic!("{causes:?}") };
    assert_eq!(one.place.map(|place| &facts[place.range()]), Some("{x: 1}"));
    assert_eq!((one.name.as_str(), one.item.as_str()), ("one", "bad"));
    assert_eq!(one.message, format!("{COUNT} of {NAMES}, a<U+0007>"));
    assert_eq!((one.label.as_str(), one.help.as_str()), ("in one", format!("do:\n- {ITEMS}").as_str()));
    assert_eq!((two.name.as_str(), two.place), ("two", None));
}

#[test]
fn bare_subjects_make_bare_findings() {
    let checked = run(&[("each", "$.s[*].v"), ("check", "[{every: '@', equals: good}]"), ("fix", "'{paste}'")], "s: [{v: bad}]");
    let found = &checked.findings[0];
    assert_eq!((found.message.as_str(), &found.help, &found.bucket, &found.principal), (" is bad", &None, &None, &None));
    assert_eq!((found.related.len(), found.actions.len()), (0, 0));
}

#[test]
fn when_skips_and_its_doubt_matters_only_for_the_broken() {
    let when = [("when", "[{every: '@.w', less_than: 5}]")];
    let facts = "s: [{w: 1, v: bad}, {w: 9, v: bad}, {w: x, v: good}, {w: y, v: bad}, {v: 3}]";
    let checked = run(&when, facts);
    let found: Vec<_> = checked.findings.iter().map(|found| &facts[found.primary.span.range()]).collect();
    assert_eq!(found, ["{w: 1, v: bad}"]);
    let doubts: Vec<_> =
        checked.undecided.iter().map(|doubt| (&facts[doubt.subject.range()], &facts[doubt.at.range()])).collect();
    assert_eq!(doubts, [("{w: y, v: bad}", "y"), ("{v: 3}", "3")]);
    assert_eq!(checked.undecided[0].rule, "group/name");
    assert_eq!(checked.undecided[0].reason, "`less_than` needs a decimal number, and this is a string");
    assert_eq!(checked.considered["group/name"], 4);
}

const LOWER: &str = "
  - {to: note, when: [{every: '@.k', equals: mild}]}
  - {to: warning, when: [{every: '@.k', in: [mild, fair]}], message: '{n} is so so'}";

#[test]
fn the_first_lower_that_holds_counts() {
    for (k, level, message) in [
        ("mild", Severity::Note, "n is bad"),
        ("fair", Severity::Warning, "n is so so"),
        ("else", Severity::Error, "n is bad"),
        // in doubt, so not lowered
        ("7", Severity::Error, "n is bad"),
    ] {
        let checked = run(&[("lower", LOWER)], &format!("s: [{{v: bad, n: n, k: {k}}}]"));
        let found = &checked.findings[0];
        assert_eq!((found.severity, found.message.as_str()), (level, message), "{k}");
    }
}

#[test]
fn levels_replace_the_severity_and_turn_rules_off() {
    let facts = tree("s: [{v: bad, k: fair}, {v: bad, k: else}]");
    let at = |level| {
        let checked = check(&[rule(&[("lower", LOWER)])], &facts, &BTreeMap::from([("group/name".to_owned(), level)]));
        (checked.findings.iter().map(|found| found.severity).collect::<Vec<_>>(), checked.considered.len())
    };
    assert_eq!(at(None), (vec![], 0));
    assert_eq!(at(Some(Severity::Note)), (vec![Severity::Note, Severity::Note], 1));
    assert_eq!(at(Some(Severity::Error)), (vec![Severity::Warning, Severity::Error], 1));
}

#[test]
fn the_clause_that_fails_first_words_the_message() {
    let check = "
  - {every: '@.a', equals: x, message: 'a of {n}'}
  - {and: [{every: '@.b', equals: x}, {every: '@.c', equals: x, message: 'c of {n}'}], message: 'b or c of {n}'}
  - {or: [{every: '@.d', equals: x, message: unused}], message: 'd of {n}'}
  - {not: {every: '@.e', equals: y, message: unused}, message: 'e of {n}'}
  - {every: '@.f', equals: x}";
    for (bad, message) in
        [("a", "a of n"), ("b", "b or c of n"), ("c", "c of n"), ("d", "d of n"), ("e", "e of n"), ("f", "n is bad")]
    {
        let values = ["a", "b", "c", "d", "e", "f"].map(|key| format!("{key}: {}", if key == bad { 'y' } else { 'x' }));
        let checked = run(&[("check", check)], &format!("s: [{{n: n, {}}}]", values.join(", ")));
        assert_eq!(checked.findings[0].message, message);
    }
}

#[test]
fn the_last_file_of_an_id_is_in_force() {
    let file = |id: &str, changes: &[(&str, &str)]| (id.to_owned(), tree(&rule_text(changes)));
    let files = [file("b/b", &[("severity", "bad")]), file("a/z", &[]), file("a/a", &[]), file("b/b", &[("title", "Mine")])];
    let (rules, problems) = load_files(&files);
    let loaded: Vec<_> = rules.iter().map(|rule| (rule.id.as_str(), rule.title.as_str())).collect();
    assert_eq!(loaded, [("a/a", "Things are good"), ("a/z", "Things are good"), ("b/b", "Mine")]);
    assert_eq!(problems, []);
    assert_eq!(load_files(&files[..2]).1.len(), 1);
}

#[test]
fn builtin_rules_load() {
    let files: Vec<_> = builtin_files().into_iter().map(|(id, text)| (id.to_owned(), tree(text))).collect();
    assert!(files.is_sorted_by_key(|(id, _)| id.clone()));
    assert!(files.iter().all(|(id, _)| id.split('/').count() == 2 && !id.starts_with("profiles/")));
    assert_eq!(load_files(&files).1, []);
}

#[test]
fn only_rules_of_packs_ask_for_resources_as_they_are_deployed() {
    let rules = |files: Vec<(&str, &str)>| {
        let files: Vec<_> = files.into_iter().map(|(id, text)| (id.to_owned(), tree(text))).collect();
        load_files(&files).0
    };
    let asking = |rules: Vec<Rule>| rules.into_iter().filter(Rule::reads_resources).count();
    assert_eq!(asking(rules(builtin_files())), 0);
    assert!(asking(rules(pack_files())) > 10);
    for (each, want) in [
        ("$.opaque_resources[*]", 0),
        ("$.resources[*]", 1),
        ("$['resources'][*]", 1),
        ("$..Bucket", 1),
        ("$.*", 1),
        ("$.access[?@.a == $.resources]", 1),
    ] {
        let text = rule_text(&[("each", &format!("\"{each}\""))]);
        assert_eq!(asking(rules(vec![("a/a", &text)])), want, "{each}");
    }
}

#[test]
fn a_rule_explains_itself() {
    let changes = [
        ("lower", LOWER),
        ("unconfirmed", "that\n"),
        ("let", "{own: '@.l'}"),
        ("fix", "|\n  write\n\n  {paste}\n"),
        ("example", "{broken: 'l: 1', fixed: {a.yaml: 'l: 2', b.yaml: 'l: 3'}}"),
    ];
    let want = "group/name (error, since 0.1.0)
Things are good

Message:
  {n} is bad

Lowered to note:

Lowered to warning:
  {n} is so so

Why it matters:
  so

What to write:
  write

  {paste}

Not confirmed:
  that

Broken:
  l: 1

Fixed:
  # a.yaml
  l: 2

  # b.yaml
  l: 3

Selectors:
  each: $.s[*]
  %own: @.l

Reference:
  https://docs.aws.amazon.com/
";
    assert_eq!(explain(&rule(&changes)), want);
}
