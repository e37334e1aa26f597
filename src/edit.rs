//! What would mend a finding, as bytes to write in the place of others.

use crate::source::{Source, Span};

/// Whether a fix may be made without being looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Applicability {
    /// It cannot widen access, nor take it from anybody.
    Safe,
    /// It grants something or changes for whom something holds, so that somebody has to want it.
    Unsafe,
}

impl Applicability {
    /// Both, with the words used in reports.
    pub const ALL: [(Applicability, &'static str); 2] = [(Self::Safe, "safe"), (Self::Unsafe, "unsafe")];

    /// The one called `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(one, _)| one)
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// A text to be written in the place of what stands at a span; at an empty span it is put in between.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// All that has to be written to mend one finding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Fix {
    /// Whether it may be made without being looked at.
    pub applicability: Applicability,
    /// The changes, all or none of which are made. They do not overlap.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix by one edit.
    pub fn new(applicability: Applicability, edit: Edit) -> Self {
        Self { applicability, edits: vec![edit] }
    }

    /// Whether it writes where `other` writes, so that the two cannot both be made at once. Of two that put something in at
    /// the same place the second one would have to know of the first.
    pub fn meets(&self, other: &Fix) -> bool {
        let meet = |a: Span, b: Span| a.file == b.file && a.start <= b.end && b.start <= a.end;
        self.edits.iter().any(|one| other.edits.iter().any(|two| meet(one.span, two.span)))
    }
}

/// `text` with edits made that do not overlap.
pub fn edited<'e>(text: &str, edits: impl IntoIterator<Item = &'e Edit>) -> String {
    let mut edits: Vec<&Edit> = edits.into_iter().collect();
    edits.sort_by_key(|edit| edit.span);
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for Edit { span, text: new } in edits {
        let (start, end) = (span.start as usize, span.end as usize);
        out.push_str(text.get(from..start).unwrap_or_default());
        out.push_str(new);
        from = end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Whether a program writes the file, as CDK, SAM and the Serverless Framework do, so that no edit would last.
pub fn is_generated(source: &Source) -> bool {
    let dirs = ["cdk.out", ".aws-sam", ".serverless", "node_modules"];
    source.path.split(['/', '\\']).any(|part| dirs.contains(&part)) || source.text.contains("aws:cdk:path")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn what_programs_write_is_told_by_its_place_or_its_metadata() {
        let made = |path: &str, text: &str| is_generated(&Source::new(path, text));
        assert!(made("cdk.out/A.template.json", "{}"));
        assert!(made("build\\.aws-sam\\t.yaml", ""));
        assert!(made("t.json", "{\"Metadata\": {\"aws:cdk:path\": \"A/B\"}}"));
        assert!(!made("cdk.output/t.json", "{}"));
    }

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit { span: Span::new(FileId(0), start, end), text: text.into() }
    }

    #[test]
    fn bytes_around_edits_stay() {
        let edits = [edit(4, 5, "é"), edit(0, 0, "<"), edit(6, 6, ">")];
        assert_eq!(edited("ab cd!", &edits), "<ab cé!>");
        assert_eq!(edited("ab", &[]), "ab");
    }

    #[test]
    fn fixes_meet_where_one_touches_the_other() {
        let fix = |start, end| Fix::new(Applicability::Safe, edit(start, end, "x"));
        assert!(fix(1, 3).meets(&fix(2, 5)));
        assert!(fix(3, 3).meets(&fix(3, 3)));
        assert!(fix(1, 3).meets(&fix(3, 4)));
        assert!(!fix(1, 3).meets(&fix(4, 4)));
    }
}
