//! One fault, and the faults in types that both kinds of selectors share.

use bucketlint_text::source::Span;
use std::fmt::Display;

/// One thing wrong with a trail's selectors.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The exact value, key or selector.
    pub span: Span,
    /// What is written there.
    pub value: String,
    /// What is wrong with it, as a sentence without its subject: "does not end its bucket's name with `/`".
    pub problem: String,
    /// The exact text to write instead, where there is one.
    pub suggestion: Option<String>,
    /// Whether that is to be written beside the operator, of which only this value is to be taken out.
    pub beside: bool,
    /// Whether CloudTrail refuses the selectors; otherwise it takes them and they match nothing, or too much.
    pub rejected: bool,
    /// Whether that is not confirmed by documentation or a report from the field.
    pub unconfirmed: bool,
}

impl Fault {
    /// A value that CloudTrail refuses.
    pub(super) fn new(span: Span, value: impl Display, problem: impl Into<String>) -> Self {
        let (value, problem) = (value.to_string(), problem.into());
        Self { span, value, problem, suggestion: None, beside: false, rejected: true, unconfirmed: false }
    }

    /// CloudTrail takes it all the same.
    pub(super) fn accepted(self) -> Self {
        Self { rejected: false, ..self }
    }

    /// Not confirmed.
    pub(super) fn unconfirmed(self) -> Self {
        Self { unconfirmed: true, ..self }
    }

    /// What to write instead.
    pub(super) fn write(self, text: impl Into<Option<String>>) -> Self {
        Self { suggestion: text.into(), ..self }
    }
}

/// The only type of general-purpose buckets' objects.
pub(super) const S3_OBJECT: &str = "AWS::S3::Object";

/// S3's types that advanced selectors take, and basic ones by the API's own description do not.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cloudtrail-trail-dataresource.html>
const ADVANCED_S3_TYPES: [&str; 4] =
    ["AWS::S3::AccessPoint", "AWS::S3ObjectLambda::AccessPoint", "AWS::S3Outposts::Object", "AWS::S3Express::Object"];

/// Judges a type as far as it is one of S3's.
pub(super) fn type_fault(span: Span, written: &str, basic: bool) -> Option<Fault> {
    if written == S3_OBJECT {
        return None;
    }
    if ADVANCED_S3_TYPES.contains(&written) {
        let problem = "is a type for advanced event selectors only";
        return basic.then(|| Fault::new(span, written, problem).unconfirmed());
    }
    let s3 = written.to_ascii_lowercase().starts_with("aws::s3::");
    s3.then(|| Fault::new(span, written, "is not a type that CloudTrail logs").write(S3_OBJECT.to_string()))
}
