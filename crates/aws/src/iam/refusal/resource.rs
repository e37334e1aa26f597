//! Resources that no bucket policy may name: `Policy has invalid resource`.

use crate::iam::resource::{Target, same};
use bucketlint_text::text::{Part, Text};

/// How a value of `Resource` is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Problem {
    /// The bucket's name, or something else that is no ARN.
    NoArn,
    /// An ARN that lacks parts, the bucket's name among them.
    Incomplete,
    /// Of another service.
    Service,
    /// With a wildcard for the service.
    AnyService,
    /// An ARN within an ARN.
    Twice,
    /// A colon for a slash.
    Colon,
    /// With `${…}` that is no policy variable.
    Unfilled,
    /// Of another bucket.
    Elsewhere,
}

/// What is wrong with one value of `Resource` in the policy of `target`, and what to write; `None` also where a value that
/// is not known decides. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html>
pub(super) fn fault(resource: &Text, target: Option<&Target>) -> Option<(Problem, String, String)> {
    let own = target.map(|target| target.arn());
    let arns = own.as_ref().map_or_else(|| "write the bucket's ARN".to_owned(), |arn| format!("write `{arn}` or `{arn}/*`"));
    if resource.as_known() == Some("") {
        return Some((Problem::NoArn, "a value of `Resource` is empty".into(), arns));
    }
    if target.is_some_and(|target| begins_with(resource, &target.name)) {
        return Some((Problem::NoArn, format!("`{resource}` is a name, not an ARN"), arns));
    }
    let Some(rest) = resource.strip_prefix("arn:") else {
        let Some(Part::Lit(first)) = resource.parts().first() else { return None };
        let open = first.starts_with('*') || resource.as_known().is_none() && "arn:".starts_with(first.as_str());
        return (!open).then(|| (Problem::NoArn, format!("`{resource}` is not an ARN"), arns));
    };
    if resource.as_known().is_some_and(any_service) {
        return Some((Problem::AnyService, format!("`{resource}` has a wildcard for the service, which takes none"), arns));
    }
    let mut fields = Vec::new();
    let mut rest = rest;
    for _ in 0..4 {
        let Some((field, more)) = rest.split_once(':') else {
            // an unknown value may have the colons that are missing, and a `*` may stand for them
            let known = resource.as_known().filter(|known| !known.ends_with('*') && !known.contains("*:"))?;
            return Some((Problem::Incomplete, format!("`{known}` has too few colons for an ARN"), arns));
        };
        fields.push(field);
        rest = more;
    }
    let service = fields[1].as_known()?;
    if service != "s3" {
        let wild = service.contains(['*', '?']);
        return (!wild).then(|| (Problem::Service, format!("`{resource}` is an ARN of `{service}`, not of S3"), arns));
    }
    let regional = fields[2..].iter().any(|field| field.as_known() != Some(""));
    // such as an access point's
    if regional { None } else { of_bucket(resource, &rest, target, arns) }
}

/// What is wrong with a value in a template that has `${…}` and is none of `Fn::Sub`, and what to write.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html>
pub(super) fn unsubstituted(resource: &Text) -> Option<(Problem, String, String)> {
    let name = unfilled(resource)?;
    let message = format!("`{resource}` has `{name}` without `Fn::Sub`, so S3 gets it as it is written, which names no bucket");
    let fix = format!("put `!Sub` before it; in JSON, write `{{\"Fn::Sub\": \"{resource}\"}}`");
    Some((Problem::Unfilled, message, fix))
}

/// The `${…}` in place of the bucket's name, or of the whole ARN, that S3 does not fill in: variables are named for keys of
/// conditions, which have a colon. `${*}` and the like are letters.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
fn unfilled(resource: &Text) -> Option<&str> {
    let known = resource.as_known()?;
    let path = known.strip_prefix("arn:").map_or(Some(known), |rest| rest.splitn(5, ':').nth(4))?;
    let bucket = path.split('/').next().filter(|bucket| bucket.contains("${")).unwrap_or_default();
    let begin = bucket.find("${")?;
    let name = &bucket[begin..=begin + bucket[begin..].find('}')?];
    let inner = &name[2..name.len() - 1];
    let is_id = inner.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && inner.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '.');
    is_id.then_some(name)
}

/// Whether a wildcard stands for the service, which takes none; it does not if a `*` before it may stand for colons too.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
fn any_service(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let wild = parts.get(2).is_some_and(|service| service.contains(['*', '?']));
    wild && (parts.len() == 6 || !parts[1].ends_with('*'))
}

/// What follows `arn:<partition>:s3:::`.
fn of_bucket(resource: &Text, rest: &Text, target: Option<&Target>, arns: String) -> Option<(Problem, String, String)> {
    if rest.strip_prefix("arn:").is_some() {
        return Some((Problem::Twice, format!("`{resource}` begins twice as an ARN"), format!("write it once: `{rest}`")));
    }
    let bucket = rest.split_once('/').map_or_else(|| rest.clone(), |(bucket, _)| bucket);
    // a policy variable has colons of its own
    if bucket.as_known().is_some_and(|known| known.contains("${")) {
        return None;
    }
    if let Some((name, _)) = bucket.split_once(':') {
        let fix = format!("write `/` in its place: `arn:…:s3:::{name}/*` is every object");
        return Some((Problem::Colon, format!("`{resource}` has a `:` after the bucket's name, so it matches nothing"), fix));
    }
    if bucket.as_known() == Some("") {
        return Some((Problem::Incomplete, format!("`{resource}` names no bucket"), arns));
    }
    let target = target?;
    let other = match (bucket.as_known(), target.name.as_known()) {
        // a wildcard may also stand for the slash and more
        (Some(known), Some(name)) if known.contains(['*', '?']) => {
            let fixed = known.split(['*', '?']).next().unwrap_or_default();
            !name.starts_with(fixed)
        }
        _ if bucket.to_string().contains(['*', '?']) => false,
        _ => same(&bucket, &target.name) == Some(false),
    };
    other.then(|| (Problem::Elsewhere, format!("`{resource}` is not of bucket {}, whose policy this is", target.name), arns))
}

/// Whether a text is a bucket's name, with or without a key.
fn begins_with(text: &Text, name: &Text) -> bool {
    text == name || text.split_once('/').is_some_and(|(bucket, _)| bucket == *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bucketlint_text::source::Span;
    use bucketlint_text::text::{Symbol, SymbolKind};

    fn known(text: &str) -> Text {
        Text::known(Span::default(), text)
    }

    fn symbol(id: &str, kind: SymbolKind) -> Text {
        let shown = format!("${{{id}}}").into();
        Text::symbol(Span::default(), Symbol { id: id.into(), shown, why: "".into(), at: Span::default(), kind })
    }

    fn told(resource: &Text, name: Text) -> Option<String> {
        fault(resource, Some(&Target { name, partition: "aws".into() })).map(|(_, message, _)| message)
    }

    #[test]
    fn what_is_none_of_the_buckets_is_told() {
        for (resource, expected) in [
            ("arn:aws:s3:::lab-data", None),
            ("arn:aws:s3:::lab-data/raw/*", None),
            ("arn:aws:s3:::lab-*", None),
            ("arn:aws:s3:::*", None),
            ("arn:aws:s3:::*/raw/*", None),
            ("*", None),
            ("arn:aws:s3:::lab-data/${aws:username}/*", None),
            ("arn:aws:s3:::${aws:username}/*", None),
            ("arn:aws:s3:eu-west-1:111122223333:accesspoint/p", None),
            ("arn:aws:s3:::lab-logs/*", Some("is not of bucket lab-data, whose policy this is")),
            ("arn:aws:s3:::other-*", Some("is not of bucket lab-data, whose policy this is")),
            ("arn:aws:s3:::arn:aws:s3:::lab-data/*", Some("begins twice as an ARN")),
            ("arn:aws:s3:::lab-data:*", Some("has a `:` after the bucket's name, so it matches nothing")),
            ("arn:aws:s3:::/*", Some("names no bucket")),
            ("arn:aws:*:::lab-data/*", Some("has a wildcard for the service, which takes none")),
            ("arn:aws:s?:::lab-data", Some("has a wildcard for the service, which takes none")),
            ("arn:aws:*", Some("has a wildcard for the service, which takes none")),
            ("arn:*", None),
            ("arn:aws:s3:*", None),
            ("arn:aws:s3:*:lab-data", None),
            ("arn:aws:s3::lab-data", Some("has too few colons for an ARN")),
            ("arn:aws:sns:eu-west-1:111122223333:t", Some("is an ARN of `sns`, not of S3")),
            ("lab-data/*", Some("is a name, not an ARN")),
            ("s3://lab-data", Some("is not an ARN")),
        ] {
            let expected = expected.map(|rest| format!("`{resource}` {rest}"));
            assert_eq!(told(&known(resource), known("lab-data")), expected, "{resource}");
        }
        assert_eq!(told(&known(""), known("lab-data")).as_deref(), Some("a value of `Resource` is empty"));
    }

    #[test]
    fn unknown_pieces_are_given_the_benefit_of_the_doubt() {
        let (data, logs) = (symbol("Data", SymbolKind::Generated), symbol("Logs", SymbolKind::Generated));
        let parameter = symbol("Name", SymbolKind::Parameter);
        let arn = |name: &Text| {
            let mut arn = known("arn:aws:s3:::");
            arn.push(name);
            arn.push_str("/*");
            arn
        };
        assert_eq!(told(&arn(&data), data.clone()), None);
        assert_eq!(told(&arn(&parameter), data.clone()), None);
        assert_eq!(told(&parameter, data.clone()), None);
        assert!(told(&arn(&logs), data.clone()).unwrap().contains("is not of bucket ${Data}"));
        assert!(told(&data, data.clone()).unwrap().contains("is a name"));
        assert!(fault(&arn(&logs), None).is_none());
    }
}
