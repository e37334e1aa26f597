//! What a comment allows: `# bucketlint: allow policy/denied until 2027-01-31 reason text`.

use crate::date::Date;
use crate::syntax::fields::nearest;
use std::ops::Range;

/// What a comment that is meant for us says. Ranges are bytes of the comment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Directive {
    /// The rules, each once.
    pub(super) rules: Vec<(Range<usize>, String)>,
    /// Why.
    pub(super) reason: Option<String>,
    /// The last day.
    pub(super) until: Option<(Range<usize>, Date)>,
    /// What is wrong with it.
    pub(super) problems: Vec<(Range<usize>, String)>,
}

/// Reads a comment with its `#`, or as HCL has it with `//` or `/* … */`; none if it is not meant for us.
///
/// Several rules have commas between them. `until` and its day may stand before or in the reason.
pub(super) fn directive(comment: &str) -> Option<Directive> {
    // the end of `/* … */`
    let comment = if comment.starts_with("/*") { comment.trim_end_matches("*/") } else { comment };
    let hashes = comment.match_indices('#').filter_map(|(at, _)| comment.get(at + 1..));
    let starts = ["//", "/*"].iter().filter_map(|sign| comment.strip_prefix(sign)).chain(hashes);
    let rest = starts.filter_map(|after| after.trim_start().strip_prefix("bucketlint:")).next()?;
    let mut words = words(rest, comment.len() - rest.len());
    let mut out = Directive::default();
    match words.first().cloned() {
        Some((_, "allow" | "allow:")) => drop(words.remove(0)),
        Some((range, word)) => {
            let hint = nearest(word, &["allow"]).map_or("", |_| "; did you mean `allow`?");
            out.problems.push((range, format!("`{word}` is no word for bucketlint{hint}")));
            return Some(out);
        }
        None => {}
    }
    let first = out.rules(&words);
    words.drain(..first);
    if out.rules.is_empty() {
        let at = comment.len() - rest.len();
        out.problems.push((at - "bucketlint:".len()..comment.trim_end().len(), "this names no rule".into()));
    }
    out.until(&mut words);
    let text = words.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(" ");
    let text = text.trim_start_matches([':', '-', '–', '—', ',', ' ']);
    out.reason = text.contains(char::is_alphanumeric).then(|| text.to_owned());
    Some(out)
}

impl Directive {
    /// Takes the rules and tells how many words they are.
    fn rules(&mut self, words: &[(Range<usize>, &str)]) -> usize {
        let mut taken = 0;
        while let Some((range, word)) = words.get(taken) {
            // behind a comma only what looks like a rule is one: the comma may end them
            if taken > 0 && !word.contains('/') && *word != "," {
                break;
            }
            let mut at = range.start;
            for part in word.split(',') {
                let id = part.trim_end_matches(':');
                if !id.is_empty() && self.rules.iter().all(|(_, known)| known != id) {
                    self.rules.push((at..at + id.len(), id.to_owned()));
                }
                at += part.len() + 1;
            }
            taken += 1;
            let next = words.get(taken).is_some_and(|(_, word)| word.starts_with(','));
            if !word.ends_with(',') && !next {
                break;
            }
        }
        taken
    }

    /// Takes `until` and the day behind it. Without a colon it may be a word of the reason: then no digit follows.
    fn until(&mut self, words: &mut Vec<(Range<usize>, &str)>) {
        let found = words.iter().enumerate().find_map(|(at, (range, word))| {
            let word = word.trim_start_matches('(');
            let behind = words.get(at + 1).map_or((range.end..range.end, ""), |(range, text)| day(range.end, text));
            match word {
                "until:" => Some((at, 2, behind)),
                "until" if behind.1.starts_with(|first: char| first.is_ascii_digit()) => Some((at, 2, behind)),
                _ => word.strip_prefix("until:").map(|text| (at, 1, day(range.end, text))),
            }
            .map(|found| (range.clone(), found))
        });
        let Some((until, (at, count, (range, text)))) = found else { return };
        match Date::parse(text) {
            Some(date) => self.until = Some((range, date)),
            None if text.is_empty() => self.problems.push((until, "no day such as 2027-01-31 follows".into())),
            None => self.problems.push((range, super::not_a_day(text))),
        }
        words.drain(at..(at + count).min(words.len()));
    }
}

/// A word that ends at `end`, without what closes it or the clause around it.
fn day(end: usize, word: &str) -> (Range<usize>, &str) {
    let marks = ['(', ')', ',', ';', ':', '.'];
    let start = end - word.trim_start_matches(marks).len();
    let day = word.trim_matches(marks);
    (start..start + day.len(), day)
}

/// The words of a text with their places, which begin at `base`.
fn words(text: &str, base: usize) -> Vec<(Range<usize>, &str)> {
    let mut at = base;
    let mut out = Vec::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        if !bare.is_empty() {
            out.push((at..at + bare.len(), bare));
        }
        at += word.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rules, reason, day, and what is wrong with the words it is about.
    type Shown = (Vec<String>, Option<String>, Option<String>, Vec<String>);

    fn shown(comment: &str) -> Option<Shown> {
        let found = directive(comment)?;
        let slice = |range: &Range<usize>| comment[range.clone()].to_owned();
        for (range, rule) in &found.rules {
            assert_eq!(slice(range), *rule);
        }
        let until = found.until.map(|(range, date)| {
            assert_eq!(slice(&range), date.to_string());
            date.to_string()
        });
        let problems = found.problems.iter().map(|(range, message)| format!("{}: {message}", slice(range))).collect();
        Some((found.rules.into_iter().map(|(_, rule)| rule).collect(), found.reason, until, problems))
    }

    #[test]
    fn rules_reason_and_day() {
        type Case = (&'static str, &'static [&'static str], Option<&'static str>, Option<&'static str>);
        let cases: [Case; 16] = [
            ("# bucketlint: allow policy/denied the vendor's role", &["policy/denied"], Some("the vendor's role"), None),
            ("#bucketlint:allow policy/denied é", &["policy/denied"], Some("é"), None),
            ("# bucketlint: allow: policy/denied: why\r", &["policy/denied"], Some("why"), None),
            ("# bucketlint: allow policy/denied -- see #12", &["policy/denied"], Some("see #12"), None),
            ("# cfn-lint: x # bucketlint: allow a/b why", &["a/b"], Some("why"), None),
            ("# bucketlint: allow a/b, c/d why, and how", &["a/b", "c/d"], Some("why, and how"), None),
            ("# bucketlint: allow a/b,c/d , e/f,a/b why", &["a/b", "c/d", "e/f"], Some("why"), None),
            ("# bucketlint: allow a/b, because", &["a/b"], Some("because"), None),
            ("# bucketlint: allow a/b", &["a/b"], None, None),
            ("# bucketlint: allow a/b - --", &["a/b"], None, None),
            ("# bucketlint: allow a/b until 2027-01-31 why", &["a/b"], Some("why"), Some("2027-01-31")),
            ("# bucketlint: allow a/b until: 2027-01-31: why", &["a/b"], Some("why"), Some("2027-01-31")),
            ("# bucketlint: allow a/b why (until 2027-01-31)", &["a/b"], Some("why"), Some("2027-01-31")),
            ("// bucketlint: allow a/b why", &["a/b"], Some("why"), None),
            ("/* bucketlint: allow a/b why */", &["a/b"], Some("why"), None),
            ("# bucketlint: allow a/b kept until they move", &["a/b"], Some("kept until they move"), None),
        ];
        for (comment, rules, reason, until) in cases {
            let rules = rules.iter().map(|rule| (*rule).to_owned()).collect();
            let want = (rules, reason.map(str::to_owned), until.map(str::to_owned), Vec::new());
            assert_eq!(shown(comment), Some(want), "{comment}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_at_the_word() {
        let problems = |comment: &str| shown(comment).unwrap().3;
        assert_eq!(problems("# bucketlint: alow a/b c"), ["alow: `alow` is no word for bucketlint; did you mean `allow`?"]);
        assert_eq!(problems("# bucketlint: ignore a/b"), ["ignore: `ignore` is no word for bucketlint"]);
        assert_eq!(problems("# bucketlint:"), ["bucketlint:: this names no rule"]);
        assert_eq!(problems("# bucketlint: allow "), ["bucketlint: allow: this names no rule"]);
        assert_eq!(
            problems("# bucketlint: allow a/b until 2027-02-30 x"),
            ["2027-02-30: `2027-02-30` is not a day such as 2027-01-31"]
        );
        assert_eq!(problems("# bucketlint: allow a/b x (until 1.2.27)."), ["1.2.27: `1.2.27` is not a day such as 2027-01-31"]);
        assert_eq!(problems("# bucketlint: allow a/b x until:soon"), ["soon: `soon` is not a day such as 2027-01-31"]);
        assert_eq!(problems("# bucketlint: allow a/b x until:"), ["until:: no day such as 2027-01-31 follows"]);
    }

    proptest::proptest! {
        /// No comment is too odd, and every place is one in it.
        #[test]
        fn any_comment_can_be_read(words in proptest::collection::vec("a/b|,|c/d,|allow|until:?|\\(until|2027-01-3[01]|\\PC{0,4}|[\u{a0}\u{3000} ]", 0..9)) {
            let comment = format!("# bucketlint: {}", words.join(" "));
            let found = directive(&comment).unwrap();
            let places = found.rules.iter().map(|(at, _)| at).chain(found.problems.iter().map(|(at, _)| at));
            for at in places.chain(found.until.iter().map(|(at, _)| at)) {
                proptest::prop_assert!(comment.get(at.clone()).is_some_and(|text| !text.is_empty()), "{comment}: {at:?}");
            }
        }
    }

    #[test]
    fn other_comments_are_left_alone() {
        for comment in [
            "#",
            "# see https://example.com/bucketlint: allow a/b c",
            "# bucketlint",
            "# run bucketlint: allow it",
            "# see bucketlint.yaml",
            "# BucketLint: allow a/b c",
        ] {
            assert_eq!(directive(comment), None, "{comment}");
        }
    }
}
