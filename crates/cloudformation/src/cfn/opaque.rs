//! Resources of which it is not known what they are: their `Type` is that of a module, or none that can be read.

use super::function;
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::Node;

/// What keeps from knowing what a resource is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opaque {
    /// Its `Type`.
    pub at: Span,
    /// Why that says nothing, as a sentence without its end.
    pub why: &'static str,
    /// What to check instead.
    pub fix: &'static str,
}

/// What keeps from knowing what `resource` is; `None` where its type is written out, or a macro writes it, which is told
/// with all that macros write.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/modules.html>
/// <https://github.com/aws-cloudformation/rain>
pub fn opaque(resource: &Node) -> Option<Opaque> {
    let kind = resource.get("Type")?;
    let made = function::call(kind).map(|call| call.name);
    let (why, fix) = match (made, kind.as_str().unwrap_or_default()) {
        (Some("Transform"), _) => return None,
        (Some("Rain::Module"), _) => RAIN,
        // an alias of a package: `$alias.module`
        (None, alias) if alias.starts_with('$') => RAIN,
        (None, name) if name.ends_with("::MODULE") => (
            "CloudFormation puts the resources of a module in its place when the template is deployed",
            "check the template with its modules written out, as `aws cloudformation get-template --template-stage Processed` \
             prints that of a stack",
        ),
        (None, name) if name.contains("::") => return None,
        _ => ("its `Type` is no type of resource as it stands here", "write the type out, or check what the template becomes"),
    };
    Some(Opaque { at: kind.span, why, fix })
}

const RAIN: (&str, &str) = (
    "`rain` puts the resources of a module in its place when it packages the template",
    "check what `rain pkg` makes of the template",
);

#[cfg(test)]
mod tests {
    use super::*;
    use bucketlint_text::syntax::testing::tree;

    #[test]
    fn a_type_that_is_written_out_says_what_a_resource_is() {
        for (text, what) in [
            ("Type: AWS::S3::Bucket", None),
            ("Type: Custom::S3BucketNotifications", None),
            ("Type: {'Fn::Transform': {Name: Mine}}", None),
            ("'Fn::Transform': {Name: Mine}", None),
            ("Type: !Rain::Module bucket.yaml", Some(("!Rain::Module bucket.yaml", "`rain` puts"))),
            ("{\"Type\": {\"Rain::Module\": \"b.yaml\"}}", Some(("{\"Rain::Module\": \"b.yaml\"}", "`rain` puts"))),
            ("Type: $s3.bucket", Some(("$s3.bucket", "`rain` puts"))),
            ("Type: My::S3::Bucket::MODULE", Some(("My::S3::Bucket::MODULE", "CloudFormation puts"))),
            ("Type: !Ref Kind", Some(("!Ref Kind", "its `Type` is no"))),
            ("Type: __KIND__", Some(("__KIND__", "its `Type` is no"))),
        ] {
            let found = opaque(&tree(text));
            let told = found.map(|one| (&text[one.at.range()], one.why));
            assert_eq!(told.map(|(at, _)| at), what.map(|(at, _)| at), "{text}");
            assert!(told.zip(what).is_none_or(|((_, why), (_, start))| why.starts_with(start)), "{text}: {told:?}");
        }
    }
}
