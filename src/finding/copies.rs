//! One text that makes several buckets, such as the body of a loop, has one mistake, not one for each bucket.

use super::Finding;

/// A bucket's place in a message.
const HOLE: &str = "\u{f0002}";

/// Joins findings of one rule on one place that differ in nothing but the bucket they name: the first stays, and names
/// the others. They must be in order of their places.
pub fn join(findings: &mut Vec<Finding>) {
    let mut out: Vec<Finding> = Vec::new();
    let mut others: Vec<Vec<String>> = Vec::new();
    let mut first = 0;
    for finding in findings.drain(..) {
        if out.get(first).is_some_and(|one: &Finding| one.primary.span != finding.primary.span) {
            first = out.len();
        }
        let copy = (first..out.len()).find(|&at| is_copy(&out[at], &finding));
        match (copy, titles(&finding).last()) {
            (Some(at), Some(title)) => {
                others[at].push((*title).to_owned());
                let further = finding.related.iter().filter(|label| finding.used.contains(&label.span)).cloned();
                out[at].related.extend(further);
                out[at].used.extend(&finding.used);
            }
            _ => {
                out.push(finding);
                others.push(Vec::new());
            }
        }
    }
    for (finding, mut titles) in out.iter_mut().zip(others) {
        titles.dedup();
        let told = titles.split_last().map(|(last, rest)| match rest {
            [] => format!("; likewise {last}"),
            rest => format!("; likewise {} and {last}", rest.join(", ")),
        });
        finding.message.push_str(&told.unwrap_or_default());
    }
    *findings = out;
}

fn is_copy(one: &Finding, other: &Finding) -> bool {
    one.rule == other.rule
        && one.severity == other.severity
        && one.actions == other.actions
        && one.principal == other.principal
        && one.when == other.when
        && one.bucket != other.bucket
        && titled(one).is_some_and(|message| Some(message) == titled(other))
}

/// The ways a bucket is named, the one that messages use last.
fn titles(finding: &Finding) -> Vec<&str> {
    let bucket = finding.bucket.as_ref();
    let name = bucket.and_then(|bucket| bucket.name.as_deref());
    bucket.and_then(|bucket| bucket.logical_id.as_deref()).into_iter().chain(name).collect()
}

/// The message without the bucket.
fn titled(finding: &Finding) -> Option<String> {
    let mut titles = titles(finding);
    titles.sort_by_key(|title| std::cmp::Reverse(title.len()));
    (!titles.is_empty()).then(|| titles.iter().fold(finding.message.clone(), |message, title| message.replace(title, HOLE)))
}

#[cfg(test)]
mod tests {
    use super::super::{BucketRef, Label, Severity, settle};
    use super::*;
    use crate::source::{FileId, Span};

    fn finding(at: usize, id: &str, name: Option<&str>, message: &str) -> Finding {
        let reference = BucketRef {
            file: "a.yaml".into(),
            logical_id: Some(id.into()),
            name: name.map(str::to_owned),
            construct: None,
            nested: None,
        };
        let primary = Label { span: Span::new(FileId(0), at, at + 1), message: "here".into() };
        Finding { bucket: Some(reference), ..Finding::new("a/b", Severity::Error, message, primary) }
    }

    #[test]
    fn one_mistake_in_a_loop_is_one_finding() {
        let mut findings = vec![
            finding(1, "BucketTmp", Some("lab-tmp"), "bucket lab-tmp lacks it"),
            finding(1, "BucketData", Some("lab-data"), "bucket lab-data lacks it"),
            finding(1, "BucketLogs", None, "bucket BucketLogs lacks it"),
            finding(1, "BucketTmp", Some("lab-tmp"), "bucket lab-tmp has too much of it"),
            finding(2, "BucketData", Some("lab-data"), "bucket lab-data lacks it"),
        ];
        settle(&mut findings);
        join(&mut findings);
        let messages: Vec<&str> = findings.iter().map(|one| one.message.as_str()).collect();
        let expected = [
            "bucket BucketLogs lacks it; likewise lab-data and lab-tmp",
            "bucket lab-tmp has too much of it",
            "bucket lab-data lacks it",
        ];
        assert_eq!(messages, expected);
    }
}
