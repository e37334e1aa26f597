//! An id for each finding that outlives edits elsewhere in the file, so that findings of two runs can be compared.

use super::known_as;
use crate::finding::Finding;
use crate::source::Sources;
use std::collections::BTreeMap;

/// One id per finding, in order: sixteen hex digits made of what the finding is about, never of where it stands.
/// Findings about the same thing are told apart by `-2`, `-3` in report order.
pub(super) fn fingerprints(sources: &Sources, findings: &[Finding]) -> Vec<String> {
    let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
    let next = |finding| {
        let id = hash(&subject(sources, finding));
        let times = seen.entry(id).or_default();
        *times += 1;
        if *times == 1 { format!("{id:016x}") } else { format!("{id:016x}-{times}") }
    };
    findings.iter().map(next).collect()
}

/// What a finding is about. The logical ID comes before the name, which may depend on parameters.
fn subject<'a>(sources: &'a Sources, finding: &'a Finding) -> Vec<&'a str> {
    let bucket = finding.bucket.as_ref().and_then(|bucket| bucket.logical_id.as_deref().or(known_as(bucket)));
    let path = &*sources.get(finding.primary.span.file).path;
    let fixed = [path, &finding.rule, bucket.unwrap_or(""), finding.principal.as_deref().unwrap_or("")];
    fixed.into_iter().chain(finding.actions.iter().map(String::as_str)).collect()
}

/// 64-bit FNV-1a (<https://www.rfc-editor.org/rfc/rfc9923>) over the parts, each closed by a byte that UTF-8 has not.
/// It is the same on every platform and in every release, unlike the standard library's hasher, and nobody gains by
/// forging a collision between two findings of their own.
fn hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::BucketRef;
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
        let outcome = outcome(&[("a.yaml", "one\ntwo\n"), ("b.yaml", "")]);
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
        let ids = fingerprints(&outcome.sources, &[base, moved, third, other, renamed, elsewhere, act]);
        assert_eq!(ids[0].len(), 16);
        assert_eq!(ids[1], format!("{}-2", ids[0]));
        assert_eq!(ids[2], format!("{}-3", ids[0]));
        assert_eq!(ids[4], format!("{}-2", ids[3]));
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }
}
