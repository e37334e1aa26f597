//! One mistake is one finding, also where the parameters have a say in how much comes of it.

use super::{Finding, Label};
use std::collections::BTreeMap;

/// Lets findings that absorb take in those on the same bucket and principal, under other values of the parameters, of which all
/// actions are among theirs: findings of their own rule at the same place, and less grave ones at that place or within it.
/// What they are is told there.
pub fn absorb(findings: &mut Vec<Finding>) {
    let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        if let (Some(bucket), Some(principal), true) = (&finding.bucket, &finding.principal, finding.buckets.is_empty()) {
            groups.entry((bucket, principal)).or_default().push(at);
        }
    }
    let mut homes: BTreeMap<usize, usize> = BTreeMap::new();
    for group in groups.values().filter(|group| group.len() > 1) {
        let takes = |home: usize, at: usize| findings[home].takes(&findings[at]);
        let is_home = |home: &usize| !group.iter().any(|&other| takes(other, *home));
        let all: Vec<usize> = group.iter().copied().filter(|home| findings[*home].absorbs && is_home(home)).collect();
        for &at in group {
            let may = all.iter().copied().filter(|&home| takes(home, at));
            homes.extend(may.max_by_key(|&home| (findings[home].actions.len(), std::cmp::Reverse(home))).map(|home| (at, home)));
        }
    }
    for (at, home) in &homes {
        let finding = &findings[*at];
        let when = finding.values().unwrap_or_else(|| "whatever the parameters are".into());
        let label = Label { span: finding.primary.span, message: format!("{} ({when})", finding.primary.message) };
        findings[*home].related.push(label);
    }
    let mut at = 0..;
    findings.retain(|_| at.next().is_none_or(|at| !homes.contains_key(&at)));
}

impl Finding {
    fn takes(&self, other: &Self) -> bool {
        let (own, its) = (self.primary.span, other.primary.span);
        let is_less = match self.rule == other.rule {
            true => own == its && self.severity >= other.severity && self.actions.len() > other.actions.len(),
            false => own.contains(its) && self.severity > other.severity,
        };
        let among = |action: &String| self.actions.contains(action);
        self.absorbs && is_less && self.when != other.when && !other.actions.is_empty() && other.actions.iter().all(among)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{BucketRef, Severity};
    use crate::source::{FileId, Span};

    fn finding(rule: &str, severity: Severity, (start, end): (usize, usize), actions: &[&str], when: &[(&str, &str)]) -> Finding {
        let primary = Label { span: Span::new(FileId(0), start, end), message: format!("{} actions", actions.len()) };
        Finding {
            bucket: Some(BucketRef { logical_id: Some("B".into()), ..BucketRef::default() }),
            principal: Some("arn".into()),
            actions: actions.iter().map(ToString::to_string).collect(),
            when: when.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            absorbs: rule == "missing",
            ..Finding::new(rule, severity, "m", primary)
        }
    }

    /// The findings that are left, each with what it takes in.
    fn left(mut all: Vec<Finding>) -> Vec<String> {
        absorb(&mut all);
        let related = |one: &Finding| one.related.iter().map(|label| label.message.clone()).collect::<Vec<_>>().join("; ");
        all.iter().map(|one| format!("{} {} [{}]", one.rule, one.actions.join(" "), related(one))).collect()
    }

    #[test]
    fn what_is_a_part_of_another_is_told_with_it() {
        use Severity::{Error, Warning};
        let (empty, set) = ([("S", "")], [("S", "not ")]);
        let all = finding("missing", Error, (0, 9), &["a", "b", "c"], &empty);
        let some = finding("missing", Error, (0, 9), &["a", "b"], &set);
        let open = finding("open", Warning, (5, 7), &["c"], &set);
        let whole = "missing a b c [2 actions (when S is not ); 1 actions (when S is not )]";
        assert_eq!(left(vec![some.clone(), all.clone(), open.clone()]), [whole]);
        let always = finding("missing", Error, (0, 9), &["a"], &[]);
        assert_eq!(left(vec![all.clone(), always]), ["missing a b c [1 actions (whatever the parameters are)]"]);
    }

    #[test]
    fn what_is_another_mistake_stays() {
        use Severity::{Error, Warning};
        let all = finding("missing", Error, (0, 9), &["a", "b"], &[("S", "")]);
        let set = [("S", "x")];
        for other in [
            finding("missing", Error, (0, 9), &["b", "c"], &set),
            finding("missing", Error, (0, 8), &["a"], &set),
            finding("denied", Error, (5, 7), &["a"], &set),
            finding("open", Warning, (5, 17), &["a"], &set),
            finding("open", Warning, (5, 7), &["a"], &[("S", "")]),
            finding("open", Warning, (5, 7), &[], &set),
            Finding { principal: Some("other".into()), ..finding("open", Warning, (5, 7), &["a"], &set) },
        ] {
            assert_eq!(left(vec![all.clone(), other.clone()]).len(), 2, "{other:?}");
        }
    }
}
