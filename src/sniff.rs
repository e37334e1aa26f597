//! Tells from content what a file is.

use crate::syntax::node::{Entry, Node, Value};

/// What a document is to us.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A CloudFormation, SAM or CDK template.
    Template,
    /// A resource policy on its own.
    Policy,
    /// Output of `aws s3api get-bucket-policy`: the policy is a JSON string.
    WrappedPolicy,
    /// Output of `aws cloudtrail get-event-selectors`.
    EventSelectors,
    /// Output of `aws s3api get-bucket-ownership-controls`.
    Ownership,
}

impl Kind {
    /// The word used in facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Policy | Self::WrappedPolicy => "policy",
            Self::EventSelectors => "event-selectors",
            Self::Ownership => "ownership-controls",
        }
    }
}

/// What the document with this root is; `None` for anything that is not ours.
pub fn kind(root: &Node) -> Option<Kind> {
    if is_template(root) {
        return Some(Kind::Template);
    }
    if root.get("Statement").is_some_and(has_principal) {
        return Some(Kind::Policy);
    }
    let selectors = ["EventSelectors", "AdvancedEventSelectors"].iter().any(|key| root.get(key).is_some());
    if selectors && root.get("TrailARN").is_some() {
        return Some(Kind::EventSelectors);
    }
    if root.path(&["OwnershipControls", "Rules"]).is_some() {
        return Some(Kind::Ownership);
    }
    let wrapped = root.get("Policy").and_then(Node::as_str);
    wrapped.filter(|text| text.trim_start().starts_with('{') && text.contains("Statement")).map(|_| Kind::WrappedPolicy)
}

fn is_template(root: &Node) -> bool {
    if root.get("AWSTemplateFormatVersion").is_some() {
        return true;
    }
    let Some(resources) = root.get("Resources") else { return false };
    let typed = |entry: &Entry| entry.value.get("Type").and_then(Node::as_str).is_some_and(|kind| kind.contains("::"));
    // loops and inclusions make resources too
    let made = |entry: &Entry| match &entry.value.value {
        Value::Seq(_) => entry.key.text.starts_with("Fn::ForEach::"),
        Value::Map(_) => entry.key.text == "Fn::Transform",
        _ => false,
    };
    resources.entries().iter().any(|entry| typed(entry) || made(entry))
}

/// A list of statements of which one names a principal; identity policies name none.
fn has_principal(list: &Node) -> bool {
    let list = match list.value {
        Value::Seq(_) | Value::Map(_) => list.one_or_many(),
        _ => return false,
    };
    list.iter().any(|statement| statement.get("Principal").or(statement.get("NotPrincipal")).is_some())
}

/// Words of which every file of ours has one; a file without any is not parsed.
const MARKS: [&str; 5] = ["Resources", "AWSTemplateFormatVersion", "Statement", "EventSelectors", "OwnershipControls"];

/// Whether a text may be ours at all.
pub fn may_be_ours(text: &str) -> bool {
    MARKS.iter().any(|mark| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some())
}

/// Whether a text that does not parse was meant to be one of ours: it has the words only our files have.
pub fn looks_like_ours(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    // a template engine's braces mean that something else reads this file first
    let generated = has("{{") && !has("{{resolve:");
    !generated
        && (has("AWSTemplateFormatVersion")
            || (has("Resources") && has("AWS::"))
            || (has("Statement") && has("Principal") && has("Effect")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::testing::tree;

    #[test]
    fn files_are_known_by_what_they_hold() {
        for (text, expected) in [
            (r#"{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}"#, Some(Kind::Template)),
            ("AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n", Some(Kind::Template)),
            ("Resources:\n  Fn::ForEach::Each: [A, [B], {'${A}': {Type: AWS::S3::Bucket}}]\n", Some(Kind::Template)),
            ("Resources: {'Fn::Transform': {Name: Mine}}", Some(Kind::Template)),
            (r#"{"Statement": {"Effect": "Allow", "Principal": "*"}}"#, Some(Kind::Policy)),
            (r#"{"Statement": [{"Effect": "Allow", "Action": "*"}]}"#, None),
            (r#"{"Policy": "{\"Statement\": []}"}"#, Some(Kind::WrappedPolicy)),
            (r#"{"TrailARN": "arn", "EventSelectors": []}"#, Some(Kind::EventSelectors)),
            (r#"{"OwnershipControls": {"Rules": []}}"#, Some(Kind::Ownership)),
            (r#"{"name": "left-pad", "Resources": {"a": 1}}"#, None),
        ] {
            assert_eq!(kind(&tree(text)), expected, "{text}");
        }
    }

    #[test]
    fn broken_texts_are_ours_only_with_our_words() {
        assert!(looks_like_ours("Resources:\n  A:\n    Type: AWS::S3::Bucket\n  b: ["));
        assert!(!looks_like_ours("{{- if .Values.x }}\nResources: AWS::"));
        assert!(!looks_like_ours("// comment\n{\"compilerOptions\": {}}"));
    }
}
