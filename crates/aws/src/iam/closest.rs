//! The known word a misspelt one was meant to be.

/// How many characters may be wrong for a word still to be recognised.
const FARTHEST: usize = 2;

/// The word of `known` nearest to `word`, ignoring case and at most two edits away; the first of equally near ones.
pub(super) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    known
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= FARTHEST)
        .map(|candidate| (strsim::levenshtein(&word, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= FARTHEST)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_first_and_never_far() {
        let known = ["GetObject", "PutObject", "ListBucket"];
        assert_eq!(closest("getobject", known), Some("GetObject"));
        assert_eq!(closest("etObject", known), Some("GetObject"));
        assert_eq!(closest("DutObject", known), Some("PutObject"));
        assert_eq!(closest("LstBuket", known), Some("ListBucket"));
        assert_eq!(closest("LstBukt", known), None);
        assert_eq!(closest("", known), None);
    }
}
