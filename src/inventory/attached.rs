//! Which bucket a bucket policy is attached to.

use crate::cfn::document::made;
use crate::cfn::resolve::Resolver;
use crate::cfn::template::Resource;
use crate::iam::document::{Fault, FaultKind};
use crate::resolve::Resolve;
use crate::source::Span;
use crate::text::{Part, Text};

/// The bucket of an `AWS::S3::BucketPolicy`, which has to say it, and what is wrong with what it says.
pub(super) fn of(resource: Resource<'_>, resolver: &Resolver<'_>) -> (Option<Text>, Option<Fault>) {
    let value = resource.property("Bucket");
    match value {
        Some(value) if value.is_null() || value.as_str() == Some("") => (None, Some(none(value.span, "`Bucket` is empty"))),
        Some(value) => {
            let (bucket, fault) = to(resolver.text(value));
            (Some(bucket), fault)
        }
        None if made(resource).is_some() => (None, None),
        None => (None, Some(none(resource.id.span, "the policy has no `Bucket`"))),
    }
}

fn none(span: Span, message: &str) -> Fault {
    Fault::new(FaultKind::Resource, span, message, "name the bucket it is for: Bucket: !Ref <logical ID>")
}

/// The bucket that `Bucket` names, and what is wrong with it if it is an ARN or a domain name instead:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucketpolicy.html>.
pub(super) fn to(value: Text) -> (Text, Option<Fault>) {
    let meant = of_arn(&value).map(|name| (name, "an ARN")).or_else(|| Some((of_domain(&value)?, "a domain name")));
    let Some((name, what)) = meant else { return (value, None) };
    let fix = match (name.as_known(), name.as_symbol()) {
        (None, Some(symbol)) if symbol.shown.starts_with("${") => {
            format!("write the name: !Ref {}", symbol.shown.trim_matches(['$', '{', '}']))
        }
        _ => format!("write the name: {name}"),
    };
    let message = format!("`Bucket` takes a bucket's name; `{value}` is {what}");
    let fault = Fault::new(FaultKind::Resource, value.span, message, fix);
    (name.at(value.span), Some(fault))
}

/// The bucket in `arn:<partition>:s3:::<bucket>`.
fn of_arn(value: &Text) -> Option<Text> {
    let mut rest = value.strip_prefix("arn:")?;
    for _ in 0..4 {
        rest = rest.split_once(':')?.1;
    }
    Some(rest.split_once('/').map_or_else(|| rest.clone(), |(bucket, _)| bucket))
}

/// The bucket in `<bucket>.s3.amazonaws.com` and its regional forms.
fn of_domain(value: &Text) -> Option<Text> {
    let Some(Part::Lit(end)) = value.parts().last() else { return None };
    if ![".amazonaws.com", ".amazonaws.com.cn"].iter().any(|suffix| end.ends_with(suffix) || suffix.ends_with(end.as_str())) {
        return None;
    }
    let mut name = Text::empty(value.span);
    for part in value.parts() {
        match part {
            Part::Lit(text) => match text.split_once(".s3") {
                Some((before, _)) => {
                    name.push_str(before);
                    return Some(name);
                }
                None => name.push_str(text),
            },
            Part::Sym(symbol) => name.push(&Text::symbol(value.span, symbol.as_ref().clone())),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn names_are_found_in_what_is_none() {
        for (value, name, wrong) in [
            ("lab-data", "lab-data", false),
            ("lab.s3.data", "lab.s3.data", false),
            ("arn:aws:s3:::lab-data", "lab-data", true),
            ("arn:aws:s3:::lab-data/*", "lab-data", true),
            ("lab-data.s3.amazonaws.com", "lab-data", true),
            ("lab.data.s3.eu-west-1.amazonaws.com", "lab.data", true),
            ("lab-data.s3-eu-west-1.amazonaws.com", "lab-data", true),
        ] {
            let (found, fault) = to(Text::known(Span::default(), value));
            assert_eq!((found.as_known(), fault.is_some()), (Some(name), wrong), "{value}");
        }
    }
}
