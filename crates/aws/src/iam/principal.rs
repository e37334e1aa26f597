//! Principals of a resource policy: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.

use bucketlint_text::source::Span;
use bucketlint_text::text::{SymbolKind, Text};
use smol_str::SmolStr;

/// One principal as written.
#[derive(Clone, PartialEq, Debug)]
pub struct Principal {
    /// Where it is written.
    pub span: Span,
    /// The value as written.
    pub text: Text,
    /// What it stands for.
    pub kind: PrincipalKind,
}

/// What a principal stands for.
#[derive(Clone, PartialEq, Debug)]
pub enum PrincipalKind {
    /// `*` or `{"AWS": "*"}`; S3 treats both as equally public.
    Everyone,
    /// A whole account: its id, or `arn:…:iam::<id>:root`.
    Account(Text),
    /// One role, user or session of an account.
    Identity {
        /// The account id.
        account: Text,
        /// What follows the account, for example `role/path/Name`.
        resource: Text,
        /// `iam` or `sts`.
        service: &'static str,
    },
    /// An AWS service.
    Service,
    /// An identity provider.
    Federated,
    /// A canonical user id.
    CanonicalUser,
    /// The unique id S3 shows for a role or user that no longer exists.
    UniqueId,
    /// A value that is not known at all, such as a parameter without a default.
    Unknown,
    /// A placeholder somebody meant to replace, such as `<ACCOUNT-ID>`.
    Placeholder,
    /// Not a principal S3 accepts.
    Invalid(String),
}

/// Reads a value under the `AWS` key.
pub fn aws(text: Text) -> Principal {
    let kind = aws_kind(&text);
    Principal { span: text.span, text, kind }
}

fn aws_kind(text: &Text) -> PrincipalKind {
    if let Some(symbol) = text.as_symbol() {
        return match symbol.kind {
            SymbolKind::OwnAccount => PrincipalKind::Account(text.clone()),
            SymbolKind::Generated => PrincipalKind::Invalid("is the name of a resource; a principal is an ARN".into()),
            _ => PrincipalKind::Unknown,
        };
    }
    if let Some(known) = text.as_known() {
        if known == "*" {
            return PrincipalKind::Everyone;
        }
        if is_account(known) {
            return PrincipalKind::Account(text.clone());
        }
        if is_unique_id(known) {
            return PrincipalKind::UniqueId;
        }
    }
    match arn_parts(text) {
        Some(arn) => arn_kind(arn),
        None if looks_like_placeholder(text) => PrincipalKind::Placeholder,
        None => PrincipalKind::Invalid("is neither an account id, an ARN nor `*`".into()),
    }
}

/// The account, or what stands for it, in the ARN of an account's root.
pub fn root_of(arn: &Text) -> Option<Text> {
    arn_parts(arn).filter(|arn| arn.resource.as_known() == Some("root")).map(|arn| arn.account)
}

/// The account in an ARN.
pub(super) fn account_in(arn: &Text) -> Option<Text> {
    arn_parts(arn).map(|arn| arn.account)
}

/// `arn:partition:service:region:account:resource`, less its partition.
struct Arn {
    service: SmolStr,
    region: Text,
    account: Text,
    resource: Text,
}

fn arn_parts(text: &Text) -> Option<Arn> {
    let (_partition, rest) = text.strip_prefix("arn:")?.split_once(':')?;
    let (service, rest) = rest.split_once(':')?;
    let (region, rest) = rest.split_once(':')?;
    let (account, resource) = rest.split_once(':')?;
    Some(Arn { service: service.as_known()?.into(), region, account, resource })
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>
fn arn_kind(Arn { service, region, account, resource }: Arn) -> PrincipalKind {
    let (service, kinds) = match service.as_str() {
        "iam" => ("iam", ["role/", "user/"]),
        "sts" => ("sts", ["assumed-role/", "federated-user/"]),
        other => return PrincipalKind::Invalid(format!("is an ARN of `{other}`; a principal is an `iam` or `sts` ARN")),
    };
    if region.as_known().is_some_and(|region| !region.is_empty()) {
        return PrincipalKind::Invalid(format!("names Region `{region}`; the ARN of a principal has none"));
    }
    let origin = account.as_known() == Some("cloudfront") && resource.strip_prefix(ORIGIN_ACCESS_IDENTITY).is_some();
    if account.as_known().is_some_and(|id| !is_account(id)) && !origin {
        return if looks_like_placeholder(&account) {
            PrincipalKind::Placeholder
        } else {
            PrincipalKind::Invalid(format!("names account `{account}`, which is not 12 digits"))
        };
    }
    if service == "iam" && resource.as_known() == Some("root") {
        return PrincipalKind::Account(account);
    }
    let shown = resource.to_string();
    if shown.contains(['*', '?']) && !shown.contains("${") {
        return PrincipalKind::Invalid("has a wildcard inside an ARN; only a whole `*` may be one".into());
    }
    if shown.starts_with("group/") {
        return PrincipalKind::Invalid("is a group; groups cannot be principals".into());
    }
    if resource.as_known().is_some() && !kinds.iter().any(|kind| shown.starts_with(kind)) {
        return PrincipalKind::Invalid(format!("ends in `{shown}`, which names no role, user or session of `{service}`"));
    }
    PrincipalKind::Identity { account, resource, service }
}

/// How CloudFront names itself to a bucket:
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html>.
const ORIGIN_ACCESS_IDENTITY: &str = "user/CloudFront Origin Access Identity ";

/// Twelve digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `AROA…` or `AIDA…`: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html>.
fn is_unique_id(text: &str) -> bool {
    (text.starts_with("AROA") || text.starts_with("AIDA"))
        && text.len() >= 16
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Words in capitals, angle brackets, `XXXX…` and the like, where an account id belongs.
fn looks_like_placeholder(text: &Text) -> bool {
    let Some(known) = text.as_known() else { return false };
    let known = known.strip_prefix("arn:aws:iam::").unwrap_or(known).trim();
    let upper = known.to_ascii_uppercase();
    let bracketed = known.starts_with(['<', '{', '[', '$', '%', '_']) || known.ends_with(['>', '}', ']', '%', '_']);
    let spoken = ["ACCOUNT", "PLACEHOLDER", "REPLACE", "CHANGE", "TODO", "FIXME", "YOUR", "CONTROL", "EXAMPLE"];
    let masked = !known.is_empty() && known.bytes().all(|byte| matches!(byte, b'X' | b'x' | b'#' | b'.' | b'-'));
    bracketed || masked || spoken.iter().any(|word| upper.contains(word))
}

/// How two different account ids resemble each other, in words, where one is likely a slip for the other.
pub fn near_miss(given: &str, wanted: &str) -> Option<String> {
    if given == wanted {
        return None;
    }
    let differing: Vec<usize> =
        given.bytes().zip(wanted.bytes()).enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at).collect();
    if given.len() == wanted.len() {
        match differing.as_slice() {
            [at] => return Some(format!("digit {} is `{}`, not `{}`", at + 1, &given[*at..=*at], &wanted[*at..=*at])),
            [a, b] if given[*a..=*a] == wanted[*b..=*b] && given[*b..=*b] == wanted[*a..=*a] => {
                return Some(format!("digits {} and {} are swapped", a + 1, b + 1));
            }
            [a, b] => return Some(format!("digits {} and {} differ", a + 1, b + 1)),
            _ => {}
        }
    }
    (strsim::levenshtein(given, wanted) <= 2).then(|| "it differs in two places or fewer".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> PrincipalKind {
        aws(Text::known(Span::default(), text)).kind
    }

    #[test]
    fn every_documented_form_is_told_apart() {
        let account = |id: &str| PrincipalKind::Account(Text::known(Span::default(), id));
        assert_eq!(kind("*"), PrincipalKind::Everyone);
        assert_eq!(kind("111122223333"), account("111122223333"));
        assert_eq!(kind("arn:aws-cn:iam::111122223333:root"), account("111122223333"));
        assert!(matches!(kind("arn:aws:iam::111122223333:role/p/R"), PrincipalKind::Identity { service: "iam", .. }));
        let cloudfront = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1A2B3C4D5E6F7";
        assert!(matches!(kind(cloudfront), PrincipalKind::Identity { .. }));
        assert!(matches!(kind("arn:aws:sts::111122223333:assumed-role/R/s"), PrincipalKind::Identity { service: "sts", .. }));
        for none in [
            "iam:eu-west-1:111122223333:root",
            "sts::111122223333:root",
            "sts::111122223333:role/R",
            "iam::111122223333:assumed-role/R/s",
        ] {
            assert!(matches!(kind(&format!("arn:aws:{none}")), PrincipalKind::Invalid(_)), "{none}");
        }
        assert_eq!(kind("AROAEXAMPLEID1234567"), PrincipalKind::UniqueId);
        for placeholder in
            ["CONTROL_ACCOUNT", "<ACCOUNT-ID>", "arn:aws:iam::<ACCOUNT-ID>:root", "arn:aws:iam::XXXXXXXXXXXX:root", "${ACCOUNT}"]
        {
            assert_eq!(kind(placeholder), PrincipalKind::Placeholder, "{placeholder}");
        }
        for invalid in [
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::1111222233:root",
            "arn:aws:s3:::b",
            "somebody",
            "arn:aws:iam::111122223333:group/G",
        ] {
            assert!(matches!(kind(invalid), PrincipalKind::Invalid(_)), "{invalid}");
        }
    }

    #[test]
    fn slips_are_named() {
        assert_eq!(near_miss("123456789021", "123456789012").as_deref(), Some("digits 11 and 12 are swapped"));
        assert_eq!(near_miss("123456789013", "123456789012").as_deref(), Some("digit 12 is `3`, not `2`"));
        assert_eq!(near_miss("023456789012", "123456789012").as_deref(), Some("digit 1 is `0`, not `1`"));
        assert_eq!(near_miss("999999999999", "123456789012"), None);
    }
}
