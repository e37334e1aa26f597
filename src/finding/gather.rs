//! Findings of one cause are one finding: a trail that leaves out five buckets is one thing to change.

use super::{BucketRef, Finding, Label, settings};
use crate::edit::{Edit, Fix};
use crate::source::Span;
use crate::text::visible;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// In the texts of a [`Cause`]: how many buckets there are.
pub const COUNT: char = '\u{f0003}';

/// What they are called.
pub const NAMES: char = '\u{f0004}';

/// Each bucket's item: the line that holds this is there once for each. A comma behind it is left out of the last.
pub const ITEMS: char = '\u{f0005}';

/// So many buckets are named in a message; the others are counted.
const NAMED: usize = 12;

/// So many buckets are shown where they stand.
const SHOWN: usize = 8;

/// What a finding has in common with others of its rule, and what is told of all of them together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cause {
    /// Equal for all that are one.
    pub name: String,
    /// Where it lies, which is where all are told; none for one that lies in the run as a whole.
    pub place: Option<Span>,
    /// What this one adds to a list that is to be pasted.
    pub item: String,
    /// What is wrong, with [`COUNT`] and [`NAMES`].
    pub message: String,
    /// What is to be seen at the place.
    pub label: String,
    /// What to do, with [`ITEMS`].
    pub help: String,
    /// The same as changes to files, with [`ITEMS`].
    pub fix: Option<Fix>,
}

/// Makes one finding of those of one rule and cause that are about several buckets, as grave as the gravest of them, which
/// comes first. It takes the parameter values that one of them takes; those take these too, and what more they take is told
/// at each bucket.
pub fn gather(findings: &mut Vec<Finding>) {
    type Key = (String, String, Option<Span>);
    let mut causes: BTreeMap<Key, Vec<Finding>> = BTreeMap::new();
    let mut out = Vec::new();
    for finding in findings.drain(..) {
        match &finding.cause {
            Some(cause) => {
                let key = (finding.rule.clone(), cause.name.clone(), cause.place);
                causes.entry(key).or_default().push(finding);
            }
            None => out.push(finding),
        }
    }
    for mut all in causes.into_values() {
        all.sort_by_key(|finding| Reverse(finding.severity));
        while let Some(when) = all.iter().map(|finding| &finding.when).min_by_key(|when| when.len()).cloned() {
            let takes = |finding: &Finding| when.iter().all(|taken| finding.when.contains(taken));
            let (some, others): (Vec<Finding>, Vec<Finding>) = all.into_iter().partition(takes);
            match together(&some, &when) {
                Some(whole) => out.push(whole),
                None => out.extend(some),
            }
            all = others;
        }
    }
    *findings = out;
}

/// One finding for all of these, which take the values `when` and maybe more, if they are about several buckets.
fn together(all: &[Finding], when: &[(String, String)]) -> Option<Finding> {
    let (first, rest) = all.split_first()?;
    let cause = first.cause.as_ref()?;
    let mut buckets: Vec<BucketRef> = Vec::new();
    for bucket in all.iter().filter_map(|finding| finding.bucket.as_ref()) {
        if !buckets.iter().any(|other| is_same(bucket, other)) {
            buckets.push(bucket.clone());
        }
    }
    if buckets.len() < 2 {
        return None;
    }
    let label = |finding: &Finding| {
        let Label { span, message } = &finding.primary;
        let taken: Vec<_> = finding.when.iter().filter(|taken| !when.contains(taken)).cloned().collect();
        let told = if taken.is_empty() { String::new() } else { format!(" (when {})", settings(&taken)) };
        Label { span: *span, message: format!("{message}{told}") }
    };
    let primary = match cause.place {
        Some(span) => Label { span, message: cause.label.clone() },
        None => label(first),
    };
    let own = if cause.place.is_some() { &[][..] } else { &first.related };
    let shown = all.iter().map(label).filter(|label| label.span != primary.span);
    let related = own.iter().cloned().chain(distinct(shown).into_iter().take(SHOWN)).collect();
    let items = distinct(all.iter().filter_map(|finding| Some(finding.cause.as_ref()?.item.as_str())));
    let message = cause.message.replace(COUNT, &buckets.len().to_string());
    Some(Finding {
        message: message.replace(NAMES, &listed(&names(&buckets))),
        help: (!cause.help.is_empty()).then(|| repeated(&cause.help, &items)),
        fix: cause.fix.as_ref().map(|fix| {
            let edit = |edit: &Edit| Edit { text: repeated(&edit.text, &items), ..edit.clone() };
            Fix { edits: fix.edits.iter().map(edit).collect(), ..fix.clone() }
        }),
        primary,
        related,
        buckets,
        actions: first.actions.iter().filter(|action| rest.iter().all(|other| other.actions.contains(action))).cloned().collect(),
        witness: None,
        when: when.to_vec(),
        ..first.clone()
    })
}

fn distinct<T: Ord + Clone>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}

/// Whether they are one bucket, which may have other names under other values.
fn is_same(one: &BucketRef, other: &BucketRef) -> bool {
    let name = |bucket: &BucketRef| bucket.logical_id.is_none().then(|| bucket.name.clone());
    (&one.file, &one.nested, &one.logical_id) == (&other.file, &other.nested, &other.logical_id) && name(one) == name(other)
}

/// What they are called; files may have buckets of one name.
fn names(buckets: &[BucketRef]) -> Vec<String> {
    let name =
        |bucket: &BucketRef| bucket.name.clone().or_else(|| bucket.logical_id.clone()).unwrap_or_else(|| "(name unknown)".into());
    let all: Vec<String> = buckets.iter().map(name).collect();
    let told = |name: &String| match all.iter().filter(|other| *other == name).count() {
        1 => visible(name).into_owned(),
        times => format!("{} ({times} times)", visible(name)),
    };
    distinct(all.iter()).into_iter().map(told).collect()
}

/// `a, b and c`.
fn listed(names: &[String]) -> String {
    let hidden = names.len().saturating_sub(NAMED);
    let more = format!("{hidden} more");
    let mut names: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    names.extend((hidden > 0).then_some(more.as_str()));
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// `text` with its line of items there once for each.
fn repeated(text: &str, items: &[&str]) -> String {
    let mut out = Vec::new();
    for line in text.lines() {
        match line.split_once(ITEMS) {
            None => out.push(line.to_owned()),
            Some((before, after)) => {
                let last = items.len().saturating_sub(1);
                let after = |at| if at == last { after.strip_prefix(',').unwrap_or(after) } else { after };
                out.extend(items.iter().enumerate().map(|(at, item)| format!("{before}{item}{}", after(at))));
            }
        }
    }
    out.join("\n")
}

#[cfg(test)]
mod tests;
