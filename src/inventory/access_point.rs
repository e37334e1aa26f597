//! Access points: other names for a bucket, with policies of their own.

use crate::cfn::document::policy_of;
use crate::cfn::doubt::Doubt;
use crate::cfn::resolve::Resolver;
use crate::cfn::template::Resource;
use crate::iam::document::Document;
use crate::resolve::Resolve;
use crate::source::Span;
use crate::syntax::parse::Problem;
use crate::text::Text;
use smol_str::SmolStr;

/// An `AWS::S3::AccessPoint`.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-accesspoint.html>
#[derive(Clone, Debug)]
pub struct AccessPoint {
    /// Its logical ID.
    pub logical_id: SmolStr,
    /// Where the logical ID is written.
    pub span: Span,
    /// The name of its bucket.
    pub bucket: Text,
    /// Its policy; without statements where it has none.
    pub document: Document,
    /// What keeps from knowing whether it is there.
    pub doubts: Vec<Doubt>,
}

impl AccessPoint {
    /// Reads the resource, whose template has this `source` text; without a bucket it is none.
    pub(super) fn read(resource: Resource<'_>, resolver: &Resolver<'_>, source: &str) -> Option<(Self, Vec<Problem>)> {
        let bucket = resolver.text(resource.property("Bucket")?);
        let (document, problems) = policy_of(resource, "Policy", resolver, source).unwrap_or_default();
        let (logical_id, doubts) = (resource.id.text.clone(), resolver.doubts(&resource));
        Some((Self { logical_id, span: resource.id.span, bucket, document, doubts }, problems))
    }
}
