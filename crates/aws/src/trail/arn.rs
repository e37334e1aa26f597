//! What a selector's value is, as an S3 ARN that may be known only in part.

use bucketlint_text::text::{Part, Symbol, SymbolKind, Text};

/// A value cut after its service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Cut {
    /// `arn:<partition>:s3` and the rest: nothing, `:::`, or `:::bucket/key`.
    S3 {
        /// The partition, or the one symbol in its place.
        partition: Text,
        /// What follows the service.
        rest: Text,
    },
    /// Certainly something else.
    Other,
    /// Not known.
    Open,
}

/// Cuts a value after its service.
pub(super) fn cut(value: &Text) -> Cut {
    let Ok(after) = strip(value, "arn:") else { return open_if_unknown(value, "arn:") };
    let Some((partition, service)) = after.split_once(':') else {
        return if after.symbols().next().is_some() { Cut::Open } else { Cut::Other };
    };
    match strip(&service, "s3") {
        Err(()) => open_if_unknown(&service, "s3"),
        Ok(rest) => match rest.parts().first() {
            None => Cut::S3 { partition, rest },
            Some(Part::Lit(text)) if text.starts_with(':') => Cut::S3 { partition, rest },
            Some(Part::Lit(_)) => Cut::Other,
            Some(Part::Sym(_)) => Cut::Open,
        },
    }
}

fn strip(text: &Text, prefix: &str) -> Result<Text, ()> {
    text.strip_prefix(prefix).ok_or(())
}

/// A text that does not begin with `prefix`: open if a symbol stands where it could complete it.
fn open_if_unknown(text: &Text, prefix: &str) -> Cut {
    match text.parts() {
        [Part::Sym(_), ..] => Cut::Open,
        [Part::Lit(start), Part::Sym(_), ..] if prefix.starts_with(start.as_str()) => Cut::Open,
        _ => Cut::Other,
    }
}

/// Whether a partition written in a value is `partition`; a symbol in its place is taken to be the right one.
pub(super) fn same_partition(written: &Text, partition: &str) -> Option<bool> {
    match (written.as_known(), written.as_symbol()) {
        (Some(known), _) => Some(known == partition),
        (None, Some(_)) => Some(true),
        (None, None) => None,
    }
}

/// Whether the symbol cannot hold a `/`.
pub(super) fn slash_free(symbol: &Symbol) -> bool {
    matches!(symbol.kind, SymbolKind::Generated | SymbolKind::OwnAccount)
}

/// The forms a value for S3 objects takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// `arn:aws:s3` or `arn:aws:s3:::`.
    AllBuckets,
    /// `bucket/` or `bucket/key`.
    Objects {
        /// Whether nothing follows the slash.
        bare: bool,
    },
    /// A bucket without a slash.
    BucketOnly,
    /// `*` for every bucket; the ARN of S3 in its partition.
    AnyBucket(String),
    /// A wildcard in the bucket's name.
    StarInName,
    /// A `*` in the key, and what stands before it.
    StarInKey(String),
    /// An ARN after `arn:aws:s3:::`.
    Doubled(Text),
    /// No bucket name before the slash.
    NoBucket,
    /// With `${…}` as it stands, which no ARN has.
    Unfilled,
    /// Not an S3 ARN.
    NotS3,
    /// Not known.
    Open,
}

/// Tells which form a value has, as far as it is known.
pub(super) fn shape(value: &Text) -> Shape {
    if is_unfilled(value) {
        return Shape::Unfilled;
    }
    let (partition, rest) = match cut(value) {
        Cut::Other => return Shape::NotS3,
        Cut::Open => return before_star(value).map_or(Shape::Open, Shape::StarInKey),
        Cut::S3 { partition, rest } => (partition, rest),
    };
    if rest.parts().is_empty() || rest.as_known() == Some(":::") {
        return Shape::AllBuckets;
    }
    let Some(path) = rest.strip_prefix(":::") else {
        return if rest.symbols().next().is_some() { Shape::Open } else { Shape::NotS3 };
    };
    if path.strip_prefix("arn:").is_some() {
        return Shape::Doubled(path);
    }
    let (bucket, key) = match path.split_once('/') {
        Some((bucket, key)) => (bucket, Some(key)),
        None => (path, None),
    };
    let any = matches!(bucket.as_known(), Some("*"));
    match key {
        _ if any => Shape::AnyBucket(format!("arn:{partition}:s3")),
        _ if literals(&bucket).any(|text| text.contains(['*', '?'])) => Shape::StarInName,
        None if bucket.symbols().all(|symbol| slash_free(symbol)) => Shape::BucketOnly,
        None => Shape::Open,
        Some(_) if bucket.parts().is_empty() => Shape::NoBucket,
        Some(key) => before_star(value).map_or(Shape::Objects { bare: key.parts().is_empty() }, Shape::StarInKey),
    }
}

/// Whether `Fn::Sub` was forgotten: no name of a bucket has a `$`, so such a value begins no object's ARN.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
pub(super) fn is_unfilled(value: &Text) -> bool {
    literals(value).any(|text| text.contains("${"))
}

/// What is wrong with such a value.
pub(super) const UNFILLED: &str =
    "has `${…}` and no `!Sub` (`Fn::Sub`) before it, so it stands as it is written and matches nothing";

fn literals(text: &Text) -> impl Iterator<Item = &str> {
    text.parts().iter().filter_map(|part| match part {
        Part::Lit(text) => Some(text.as_str()),
        Part::Sym(_) => None,
    })
}

/// What stands before the first known `*`, as it would be written.
pub(super) fn before_star(value: &Text) -> Option<String> {
    value.split_once('*').map(|(before, _)| before.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trail::testing::sub;
    use bucketlint_text::source::Span;

    #[test]
    fn every_form_is_told_apart() {
        let of = |text: &str| shape(&sub(Span::default(), text));
        for (text, expected) in [
            ("arn:aws:s3", Shape::AllBuckets),
            ("arn:${PPartition}:s3:::", Shape::AllBuckets),
            ("arn:aws:s3:::b/", Shape::Objects { bare: true }),
            ("arn:aws:s3:::${Name}/raw/", Shape::Objects { bare: false }),
            ("arn:aws:s3:::${Name}", Shape::BucketOnly),
            ("arn:aws:s3:::${PName}", Shape::Open),
            ("${PArn}/", Shape::Open),
            ("arn:${PRest}", Shape::Open),
            ("arn:aws:${PService}:::b", Shape::Open),
            ("arn:aws:s3${PRest}", Shape::Open),
            ("${PArn}/*", Shape::StarInKey("${PArn}/".into())),
            ("arn:aws-cn:s3:::*/*", Shape::AnyBucket("arn:aws-cn:s3".into())),
            ("arn:aws:s3:::b-?/", Shape::StarInName),
            ("arn:aws:s3:::b/raw/*.csv", Shape::StarInKey("arn:aws:s3:::b/raw/".into())),
            ("arn:aws:s3:::/key", Shape::NoBucket),
            ("arn:aws:s3-object-lambda:::b/", Shape::NotS3),
            ("arn:aws:s3:us-east-1:123456789012:accesspoint/a", Shape::NotS3),
            ("arn", Shape::NotS3),
            ("", Shape::NotS3),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }
}
