//! The formats a report can be written in, by name.

use super::{Style, checkstyle, github, gitlab, human, json, junit, rdjsonl, sarif, short};
use crate::outcome::Outcome;
use crate::rule::Rule;
use crate::syntax::fields::did_you_mean;

/// How findings are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    /// For people.
    #[default]
    Pretty,
    /// One line a finding, which editors and terminals make a link of.
    Short,
    /// Everything there is to know, for programs.
    Json,
    /// SARIF 2.1.0: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
    Sarif,
    /// Workflow commands: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>.
    Github,
    /// Code quality: <https://docs.gitlab.com/ci/testing/code_quality/>.
    Gitlab,
    /// JUnit XML, as Jenkins and CodeBuild read it.
    Junit,
    /// Checkstyle XML.
    Checkstyle,
    /// Diagnostics for reviewdog, a line each: <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>.
    Rdjsonl,
}

impl Format {
    /// Every format with the word for it.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Pretty, "pretty"),
        (Self::Short, "short"),
        (Self::Json, "json"),
        (Self::Sarif, "sarif"),
        (Self::Github, "github"),
        (Self::Gitlab, "gitlab"),
        (Self::Junit, "junit"),
        (Self::Checkstyle, "checkstyle"),
        (Self::Rdjsonl, "rdjsonl"),
    ];

    /// The format called `word`.
    pub fn find(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(format, _)| format);
        found.ok_or_else(|| format!("unknown format `{word}`{}", did_you_mean(word, &Self::ALL.map(|(_, known)| known))))
    }

    /// The report in this format, with a newline at its end. `rules` are all rules of the run.
    pub fn write(self, outcome: &Outcome, rules: &[Rule], style: Style) -> String {
        match self {
            Self::Pretty => human::human(outcome, style),
            Self::Short => short::short(outcome),
            Self::Json => json::json(outcome),
            Self::Sarif => sarif::sarif(outcome, rules),
            Self::Github => github::github(outcome),
            Self::Gitlab => gitlab::gitlab(outcome),
            Self::Junit => junit::junit(outcome),
            Self::Checkstyle => checkstyle::checkstyle(outcome),
            Self::Rdjsonl => rdjsonl::rdjsonl(outcome, rules),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_finds_its_format() {
        for (format, word) in Format::ALL {
            assert_eq!(Format::find(word), Ok(format));
        }
        assert_eq!(Format::find("serif"), Err("unknown format `serif`; did you mean `sarif`?".into()));
    }
}
