//! Files that a script merges into one template: CloudFormation never sees one of them alone.

use super::invalid::Invalid;
use super::template::Template;
use bucketlint_text::source::Span;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// A part of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fragment {
    /// The first place that refers to what is not in it.
    pub at: Span,
    /// The names that it does not define, each once, in source order.
    pub names: Vec<SmolStr>,
    /// The paths of the templates that define them; none if that is not known.
    pub elsewhere: Vec<String>,
}

/// A template with its mistakes and the names it defines.
struct Part<'t> {
    template: &'t Template<'t>,
    mistakes: &'t [Invalid],
    names: BTreeSet<&'t str>,
}

/// For each template with its mistakes, whether it is a part of one: others that it can be merged with, as no name is in
/// both, define what it lacks, and it has no parameters and lacks several names, or they lack some of its own; or it has neither a version nor parameters nor conditions of its own, and lacks several names,
/// none of which is a slip of the pen.
pub fn fragments(templates: &[(Template<'_>, Vec<Invalid>)]) -> Vec<Option<Fragment>> {
    let parts: Vec<Part<'_>> =
        templates.iter().map(|(template, mistakes)| Part { template, mistakes, names: names(template) }).collect();
    parts.iter().map(|part| part.fragment(&parts)).collect()
}

fn names<'t>(template: &Template<'t>) -> BTreeSet<&'t str> {
    let sections = ["Parameters", "Mappings", "Conditions", "Resources"];
    sections.iter().flat_map(|section| template.section(section)).map(|entry| entry.key.text.as_str()).collect()
}

impl Part<'_> {
    fn fragment(&self, all: &[Part<'_>]) -> Option<Fragment> {
        let lacks: Vec<_> = self.mistakes.iter().filter_map(|one| Some((one.at, one.lacks.as_ref()?))).collect();
        let (at, _) = *lacks.first()?;
        let mut names: Vec<SmolStr> = Vec::new();
        for (_, lack) in &lacks {
            if !names.contains(&lack.name) {
                names.push(lack.name.clone());
            }
        }
        let defines = |other: &&Part<'_>| names.iter().any(|name| other.names.contains(name.as_str()));
        let is_apart = self.has("Parameters") || self.has_head() && names.len() < 2;
        let fits = |other: &&Part<'_>| other.names.is_disjoint(&self.names) && !(is_apart && other.is_alone(self));
        let others: Vec<&Part<'_>> = all.iter().filter(defines).filter(fits).collect();
        let is_defined = |name: &SmolStr| others.iter().any(|other| other.names.contains(name.as_str()));
        let is_whole = self.has_head() || names.len() < 2;
        if !names.iter().all(is_defined) && (is_whole || lacks.iter().any(|(_, lack)| lack.is_slip)) {
            return None;
        }
        Some(Fragment { at, names, elsewhere: others.iter().map(|other| other.template.path.to_owned()).collect() })
    }

    /// Whether it has what opens a template.
    fn has_head(&self) -> bool {
        ["AWSTemplateFormatVersion", "Parameters", "Conditions"].iter().any(|section| self.has(section))
    }

    fn has(&self, section: &str) -> bool {
        self.template.root.get(section).is_some()
    }

    /// Whether it can do without `other`: names such as `Environment` are parameters of any two templates.
    fn is_alone(&self, other: &Part<'_>) -> bool {
        let mut lacks = self.mistakes.iter().filter_map(|one| one.lacks.as_ref());
        self.has_head() && !lacks.any(|lack| other.names.contains(lack.name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::invalid::invalid;
    use bucketlint_text::source::FileId;
    use bucketlint_text::syntax::testing::tree;

    /// For each text, what it lacks as a part, and in which of the others that is.
    fn told(texts: &[&str]) -> Vec<Option<(String, String)>> {
        let roots: Vec<_> = texts.iter().map(|text| tree(text)).collect();
        let paths: Vec<String> = (0..texts.len()).map(|at| at.to_string()).collect();
        let template = |(at, root): (usize, _)| Template { file: FileId(0), path: &paths[at], root };
        let templates: Vec<Template<'_>> = roots.iter().enumerate().map(template).collect();
        let checked: Vec<_> = templates.iter().zip(texts).map(|(template, text)| (*template, invalid(template, text))).collect();
        let shown = |fragment: Fragment| (fragment.names.join(" "), fragment.elsewhere.join(" "));
        fragments(&checked).into_iter().map(|fragment| fragment.map(shown)).collect()
    }

    const PART: &str = "Resources: {Raw: {Type: 'AWS::S3::Bucket', Condition: IsDev, Properties: {BucketName: !Ref Name}}}";

    #[test]
    fn what_others_define_that_it_can_be_merged_with_is_no_mistake() {
        let parameters = "Parameters: {Name: {Type: String}}\nResources: {Topic: {Type: 'AWS::SNS::Topic'}}";
        let conditions = "Conditions: {IsDev: !Equals [a, b]}\nResources: {}";
        let part = Some(("IsDev Name".to_owned(), "0 2".to_owned()));
        assert_eq!(told(&[parameters, PART, conditions]), [None, part, None]);
        // one that stands on its own, though another has a parameter of that name
        let whole = "Parameters: {Other: {Type: String}}\nResources: {Raw: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Ref Name}}}";
        assert_eq!(told(&[parameters, whole]), [None, None]);
        // what has no parameters may have a version
        let part = "AWSTemplateFormatVersion: '2010-09-09'\nResources: {Raw: {Type: 'AWS::S3::Bucket', Condition: IsDev, Properties: {BucketName: !Ref Name}}}";
        let both = "Parameters: {Name: {Type: String}}\nConditions: {IsDev: !Equals [a, b]}\nResources: {Topic: {Type: 'AWS::SNS::Topic'}}";
        assert_eq!(told(&[both, part]), [None, Some(("IsDev Name".to_owned(), "0".to_owned()))]);
        // unless each lacks what the other has
        let other =
            "Parameters: {Name: {Type: String}}\nResources: {P: {Type: 'AWS::S3::BucketPolicy', Properties: {Bucket: !Ref Raw}}}";
        let parts = [("Raw", "1"), ("Name", "0")].map(|(lack, by)| Some((lack.to_owned(), by.to_owned())));
        assert_eq!(told(&[other, whole]), parts);
    }

    #[test]
    fn a_file_without_parameters_and_conditions_is_a_part_unless_it_misspells_its_own() {
        assert_eq!(told(&[PART]), [Some(("IsDev Name".to_owned(), String::new()))]);
        let slip =
            "Resources: {Raw: {Type: 'AWS::S3::Bucket'}, P: {Type: 'AWS::S3::BucketPolicy', Properties: {Bucket: !Ref Row}}}";
        assert_eq!(told(&[slip]), [None]);
        assert_eq!(told(&[&format!("Parameters: {{Stage: {{Type: String}}}}\n{PART}")]), [None]);
    }
}
