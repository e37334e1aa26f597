//! An id for each finding that outlives edits elsewhere in the file, so that findings of two runs can be compared.

use super::known_as;
use crate::finding::Finding;
use crate::outcome::Outcome;
use std::collections::BTreeMap;

/// One id per finding, in order: sixteen hex digits made of what the finding is about, never of where it stands.
/// Findings about the same thing are told apart by `-2`, `-3` in report order.
pub(super) fn fingerprints<'f>(outcome: &'f Outcome, findings: impl Iterator<Item = &'f Finding>) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let next = |finding: &'f Finding| {
        let shown = home(outcome, finding).unwrap_or_default();
        let path = outcome.identities.get(shown).map_or(shown, String::as_str);
        let id = fingerprint(path, &finding.rule, &subject(outcome, finding));
        let times = seen.entry(id.clone()).or_default();
        *times += 1;
        if *times == 1 { id } else { format!("{id}-{times}") }
    };
    findings.map(next).collect()
}

/// The id of a finding of a rule in the file at `path`, about [`subject`].
pub(crate) fn fingerprint(path: &str, rule: &str, subject: &[&str]) -> String {
    format!("{:016x}", hash([path, rule].iter().chain(subject)))
}

/// The path of the file that a finding belongs to; none for one that belongs to the run.
pub(crate) fn home<'a>(outcome: &'a Outcome, finding: &Finding) -> Option<&'a str> {
    let place = match &finding.cause {
        Some(cause) => cause.place,
        None => Some(finding.primary.span),
    };
    place.map(|place| &*outcome.sources.get(place.file).path)
}

/// What a finding is about, besides its file and rule: where it may be told of several buckets at once, what they have in
/// common and how grave it is, so that one more of them makes no other finding; otherwise the resource it stands in; the bucket, of which the logical ID comes
/// before the name, as that may depend on parameters; the principal and the actions, or else the words underlined, if
/// they are one line. Absent parts are empty.
pub(crate) fn subject<'a>(outcome: &'a Outcome, finding: &'a Finding) -> Vec<&'a str> {
    if let Some(cause) = &finding.cause {
        let resource = cause.place.and_then(|place| outcome.resources.at(place));
        return vec![resource.unwrap_or_default(), &cause.name, finding.severity.word()];
    }
    let at = finding.primary.span;
    let bucket = finding.bucket.as_ref().and_then(|bucket| bucket.logical_id.as_deref().or(known_as(bucket)));
    let fixed = [outcome.resources.at(at), bucket, finding.principal.as_deref()];
    let mut out: Vec<&str> = fixed.into_iter().map(Option::unwrap_or_default).collect();
    out.extend(finding.actions.iter().map(String::as_str));
    if finding.principal.is_none() && finding.actions.is_empty() {
        out.extend(Some(outcome.sources.slice(at)).filter(|text| !text.contains('\n')));
    }
    out
}

/// 64-bit FNV-1a (<https://www.rfc-editor.org/rfc/rfc9923>) over the parts, each closed by a byte that UTF-8 has not.
/// It is the same on every platform and in every release, unlike the standard library's hasher, and nobody gains by
/// forging a collision between two findings of their own.
fn hash<'p>(parts: impl IntoIterator<Item = &'p &'p str>) -> u64 {
    let bytes = parts.into_iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::BucketRef;
    use crate::outcome::Resources;
    use crate::report::fixture::{finding, label, outcome};

    #[test]
    fn known_value() {
        // FNV-1a of the bytes "a", as published, before and after the closing byte
        let of_a = 0xaf63_dc4c_8601_ec8c_u64;
        assert_eq!(hash(&["a"]), (of_a ^ 0xff).wrapping_mul(0x0100_0000_01b3));
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_ne!(hash(&["a", ""]), hash(&["a"]));
    }

    #[test]
    fn place_and_words_do_not_count_but_the_subject_does() {
        let mut outcome = outcome(&[("a.yaml", "one\none\ntwo\nthree\n"), ("b.yaml", "")]);
        outcome.resources = Resources::new(vec![(label(0, 12..17, "").span, "Three".into())]);
        let base = finding(label(0, 0..3, "here"));
        let mut moved = finding(label(0, 4..7, "there"));
        moved.message = "reworded".into();
        let mut third = base.clone();
        third.severity = crate::finding::Severity::Note;
        let mut other = base.clone();
        other.bucket = Some(BucketRef { logical_id: Some("Data".into()), name: Some("lab-data".into()), ..BucketRef::default() });
        let mut renamed = other.clone();
        renamed.bucket.as_mut().unwrap().name = None;
        let elsewhere = finding(label(1, 0..0, ""));
        let mut act = base.clone();
        act.actions = vec!["s3:GetObject".into()];
        let mut long = base.clone();
        long.primary.span.end = 7;
        let two = finding(label(0, 8..11, ""));
        let mut in_resource = long.clone();
        in_resource.primary.span = label(0, 12..18, "").span;
        let all = [base, moved, third, other, renamed, elsewhere, act, two, long, in_resource];
        let ids = fingerprints(&outcome, all.iter());
        assert_eq!(ids[0].len(), 16);
        assert_eq!(ids[1], format!("{}-2", ids[0]));
        assert_eq!(ids[2], format!("{}-3", ids[0]));
        assert_eq!(ids[4], format!("{}-2", ids[3]));
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "{ids:?}");
        let first: std::collections::BTreeSet<_> = ids.iter().filter(|id| !id.contains('-')).collect();
        assert_eq!(first.len(), 7, "{ids:?}");
    }
}
