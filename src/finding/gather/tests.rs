use super::super::{BucketRef, Severity, settle};
use super::*;
use crate::source::FileId;

fn at(start: usize) -> Span {
    Span::new(FileId(0), start, start + 1)
}

fn finding(start: usize, id: &str, place: Option<usize>) -> Finding {
    let cause = Cause {
        fix: None,
        name: "trail Audit".into(),
        place: place.map(at),
        item: format!("!Sub ${{{id}.Arn}}/"),
        message: format!("not logged of {COUNT}: {NAMES}"),
        label: "these".into(),
        help: format!("add:\n  - {ITEMS}\n  end"),
    };
    Finding {
        bucket: Some(BucketRef { file: "a.yaml".into(), logical_id: Some(id.into()), ..BucketRef::default() }),
        cause: Some(Box::new(cause)),
        related: vec![Label { span: at(50), message: "the trail".into() }],
        ..Finding::new("a/b", Severity::Note, format!("bucket {id}"), Label { span: at(start), message: "here".into() })
    }
}

fn gathered(mut findings: Vec<Finding>) -> Vec<Finding> {
    settle(&mut findings);
    gather(&mut findings);
    findings
}

fn places(labels: &[Label]) -> Vec<(u32, &str)> {
    labels.iter().map(|label| (label.span.start, label.message.as_str())).collect()
}

#[test]
fn several_are_told_at_their_cause_the_gravest_first() {
    let mut grave = finding(3, "C", Some(9));
    grave.severity = Severity::Error;
    let all = gathered(vec![finding(1, "A", Some(9)), finding(2, "B", Some(9)), grave]);
    let [one] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((one.severity, one.message.as_str()), (Severity::Error, "not logged of 3: C, A and B"));
    assert_eq!(places(std::slice::from_ref(&one.primary)), [(9, "these")]);
    assert_eq!(places(&one.related), [(3, "here"), (1, "here"), (2, "here")]);
    assert_eq!(one.help.as_deref(), Some("add:\n  - !Sub ${C.Arn}/\n  - !Sub ${A.Arn}/\n  - !Sub ${B.Arn}/\n  end"));
    assert_eq!(one.bucket.as_ref(), one.buckets.first());
    let ids: Vec<_> = one.buckets.iter().map(|bucket| bucket.logical_id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["C", "A", "B"]);
}

#[test]
fn what_lies_in_the_run_is_told_at_the_first() {
    let all = gathered(vec![finding(2, "B", None), finding(1, "A", None)]);
    let [one] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(places(std::slice::from_ref(&one.primary)), [(1, "here")]);
    assert_eq!(places(&one.related), [(50, "the trail"), (2, "here")]);
}

#[test]
fn one_bucket_and_other_causes_stay_as_they_are() {
    let mut again = finding(1, "A", Some(9));
    again.message = "and again".into();
    let mut other = finding(2, "B", Some(9));
    other.cause.as_mut().unwrap().name = "trail Other".into();
    let mut rule = finding(3, "C", Some(9));
    rule.rule = "a/c".into();
    let elsewhere = finding(4, "D", Some(8));
    let mut alone = finding(5, "E", Some(9));
    alone.cause = None;
    let before = vec![finding(1, "A", Some(9)), again, other, rule, elsewhere, alone];
    let mut after = gathered(before.clone());
    settle(&mut after);
    let mut before = before;
    settle(&mut before);
    assert_eq!(after, before);
}

#[test]
fn values_that_not_all_take_are_told_at_each() {
    let take = |mut finding: Finding, values: &[(&str, &str)]| {
        finding.when = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        finding
    };
    let all = gathered(vec![
        take(finding(1, "A", None), &[("Env", "prod")]),
        take(finding(2, "B", None), &[("Env", "prod"), ("Logs", "yes")]),
    ]);
    let [one] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(one.when, [("Env".to_owned(), "prod".to_owned())]);
    assert_eq!(one.message, "not logged of 2: A and B");
    assert_eq!(places(&one.related)[1], (2, "here (when Logs = yes)"));
}

#[test]
fn values_that_have_nothing_in_common_keep_findings_apart() {
    let take = |mut finding: Finding, name: &str| {
        finding.when = vec![(name.to_owned(), "yes".to_owned())];
        finding
    };
    let all = gathered(vec![
        take(finding(1, "A", None), "One"),
        take(finding(2, "B", None), "Two"),
        take(finding(3, "C", None), "One"),
    ]);
    let told: Vec<_> = all.iter().map(|one| (one.buckets.len(), one.when[0].0.as_str())).collect();
    assert_eq!(told, [(2, "One"), (0, "Two")]);
}

#[test]
fn of_many_the_first_are_named_and_each_has_its_item() {
    let all = gathered((0..20).map(|number| finding(number, &format!("B{number}"), Some(40))).collect());
    let [one] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(one.message, "not logged of 20: B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, B10, B11 and 8 more");
    assert_eq!((one.related.len(), one.buckets.len()), (8, 20));
    assert_eq!(one.help.as_ref().unwrap().lines().count(), 22);
}

#[test]
fn names_of_several_files_are_counted() {
    let mut other = finding(2, "A", None);
    other.bucket.as_mut().unwrap().file = "b.yaml".into();
    let all = gathered(vec![finding(1, "A", None), other, finding(3, "B", None)]);
    assert_eq!(all[0].message, "not logged of 3: A (2 times) and B");
}

#[test]
fn the_last_of_a_list_has_no_comma() {
    assert_eq!(repeated(&format!("[\n  {ITEMS},\n]"), &["\"a\"", "\"b\""]), "[\n  \"a\",\n  \"b\"\n]");
}

#[test]
fn a_bucket_with_other_names_under_other_values_is_one() {
    let mut other = finding(1, "A", None);
    other.bucket.as_mut().unwrap().name = Some("lab-a".into());
    other.message = "lab-a".into();
    assert_eq!(gathered(vec![finding(1, "A", None), other]).len(), 2);
}
