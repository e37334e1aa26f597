//! Whose policy a text may hold that cannot be read.

use bucketlint_aws::iam::resource::same;
use bucketlint_text::source::Span;
use bucketlint_text::text::Text;

/// A bucket's policy in a text that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LostPolicy {
    /// Where the text goes wrong.
    pub at: Span,
    /// The buckets it names.
    names: Vec<Text>,
    /// Whether it may be of others as well: it was cut off, or a name is still to be filled in.
    is_open: bool,
}

/// The policy that `text`, which goes wrong at `at`, may hold.
pub fn lost_policy(at: Span, text: &str) -> Option<LostPolicy> {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let (names, is_open) = if has("AWS::S3::BucketPolicy") {
        let names: Vec<&str> = text.match_indices("Bucket").filter_map(|(at, _)| attached(text, at)).collect();
        // what a function makes is the template's own bucket, if it has one
        let own = text.split("AWS::S3::Bucket").skip(1).any(|rest| !rest.starts_with("Policy"));
        let is_open = !own && names.iter().all(|name| name.is_empty());
        (names, is_open)
    } else if has("\"aws_s3_bucket_policy\"") {
        // which bucket is for expressions to say
        (Vec::new(), true)
    } else if has("Statement") && has("s3:") {
        let names: Vec<&str> = text.split(":s3:::").skip(1).map(name).collect();
        let is_open = names.is_empty() || names.contains(&"");
        (names, is_open)
    } else {
        return None;
    };
    let names = names.into_iter().filter(|name| !name.is_empty()).map(|name| Text::known(Span::default(), name)).collect();
    Some(LostPolicy { at, names, is_open })
}

impl LostPolicy {
    /// Whether it may be that of a bucket called so.
    pub fn may_be_of(&self, name: &Text) -> bool {
        self.is_open || self.names.iter().any(|named| same(named, name) != Some(false))
    }
}

/// The name behind the key `Bucket` that stands at byte `at`, empty where something else is there; `None` if it is no key.
fn attached(text: &str, at: usize) -> Option<&str> {
    let (before, after) = text.split_at_checked(at)?;
    let is_word = before.ends_with(|before: char| before.is_alphanumeric() || before == ':');
    let rest = after.strip_prefix("Bucket").filter(|_| !is_word)?;
    let value = rest.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':')?;
    Some(name(value.trim_start_matches([' ', '"', '\''])))
}

/// The bucket's name that a text begins with.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn name(text: &str) -> &str {
    let ends = |letter: char| !(letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '.' | '-'));
    text.split(ends).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the policy in a text may be that of `lab-raw`.
    fn may_be(text: &str) -> Option<bool> {
        let raw = Text::known(Span::default(), "lab-raw");
        lost_policy(Span::default(), text).map(|policy| policy.may_be_of(&raw))
    }

    #[test]
    fn a_policy_may_be_that_of_the_bucket_it_names_or_has_yet_to_name() {
        for (text, expected) in [
            (r#"{"Statement": [{"Action": "s3:GetObject","#, Some(true)),
            (r#"{"Statement": [{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab-raw/*"#, Some(true)),
            (r#"{"Statement": [{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::${NAME}/*"#, Some(true)),
            (r#"{"Statement": [{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab-raw2/*"#, Some(false)),
            (r#"{"Statement": [{"Action": "kms:Decrypt", "Resource": "*""#, None),
            ("P:\n  Type: AWS::S3::BucketPolicy\n  Properties:\n    Bucket: lab-raw\n   x", Some(true)),
            ("P:\n  Type: AWS::S3::BucketPolicy\n  Properties:\n    Bucket: \"lab-other\"\n   x", Some(false)),
            ("P:\n  Type: AWS::S3::BucketPolicy\n  Properties:\n    Bucket: !ImportValue Raw\n   x", Some(true)),
            ("P:\n  Type: AWS::S3::BucketPolicy\n  Prop", Some(true)),
            ("B:\n  Type: AWS::S3::Bucket\nP:\n  Type: AWS::S3::BucketPolicy\n  Properties: {Bucket: !Ref B", Some(false)),
            (
                "Parameters: {N: {}}\nB:\n  Type: AWS::S3::Bucket\nP:\n  Type: AWS::S3::BucketPolicy\n  Bucket: !Ref N",
                Some(false),
            ),
            ("B:\n  Type: AWS::S3::Bucket\n  x", None),
        ] {
            assert_eq!(may_be(text), expected, "{text}");
        }
    }
}
