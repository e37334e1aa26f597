//! Whether a grant is public by S3's definition:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.

use super::document::{Effect, Statement, Test};
use super::operator::{Base, Operator};
use super::principal::{Principal, PrincipalKind};
use bucketlint_text::text::Text;

/// Keys that pin a grant down when compared with fixed values. The page does not name `aws:PrincipalAccount`,
/// `aws:PrincipalArn` and `aws:PrincipalOrgPaths`; that they count as "an AWS principal" is not confirmed.
const PINNING: [&str; 14] = [
    "aws:principalorgid",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgpaths",
    "aws:sourceip",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "aws:userid",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
];

/// Whether `statement` grants to everybody with nothing that pins it to fixed values.
pub fn is_public(statement: &Statement) -> bool {
    if statement.effect != Some(Effect::Allow) || !statement.unknown.is_empty() {
        return false;
    }
    let anybody = |principal: &Principal| match principal.kind {
        PrincipalKind::Everyone => true,
        // anybody with an account there; an ARN is that of one fixed provider
        PrincipalKind::Federated => principal.text.as_known().is_some_and(|text| !text.starts_with("arn:")),
        _ => false,
    };
    let everyone = statement.not_principal || statement.principals.iter().any(anybody);
    everyone && !statement.conditions.iter().any(pins)
}

/// Whether a test leaves only fixed values of a key that counts.
fn pins(test: &Test) -> bool {
    let key = test.key.to_ascii_lowercase();
    let Some(operator) = Operator::parse(&test.operator) else { return true };
    let positive = !operator.negated && !operator.if_exists && operator.base != Base::Null;
    positive && PINNING.contains(&key.as_str()) && test.values.iter().all(|value| fixed(&key, value))
}

/// A value without wildcard or policy variable; an address range that is not too wide.
fn fixed(key: &str, value: &Text) -> bool {
    let Some(known) = value.as_known() else { return true };
    match key {
        "aws:sourceip" => {
            let (address, bits) = known.split_once('/').unwrap_or((known, "128"));
            let least = if address.contains(':') { 32 } else { 8 };
            bits.parse::<u8>().is_ok_and(|bits| bits >= least)
        }
        // the access point's name may be a wildcard where its account is fixed
        "s3:dataaccesspointarn" => !known.split(':').nth(4).unwrap_or("*").contains('*'),
        "aws:principalarn" => !known.split(':').nth(4).unwrap_or("*").contains(['*', '?']),
        _ => !known.contains(['*', '?']) && !known.contains("${"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::read;
    use bucketlint_text::resolve::Plain;

    #[test]
    fn pinned_grants_are_not_public() {
        for (rest, expected) in [
            (r#""Principal": "*""#, true),
            (r#""Principal": {"AWS": "*"}"#, true),
            (r#""Principal": {"AWS": "111122223333"}"#, false),
            (r#""Principal": {"Federated": "graph.facebook.com"}"#, true),
            (r#""Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/P"}"#, false),
            (r#""NotPrincipal": {"AWS": "111122223333"}"#, true),
            (r#""Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}"#, false),
            (r#""Principal": "*", "Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}"#, true),
            (r#""Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}"#, true),
            (r#""Principal": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}"#, true),
            (r#""Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#, false),
            (r#""Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}"#, true),
            (r#""Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}"#, true),
            (r#""Principal": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}"#, false),
        ] {
            let json = format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "*", {rest}}}}}"#);
            let document = read::document(&bucketlint_text::syntax::testing::tree(&json), &Plain);
            assert_eq!(is_public(&document.statements[0]), expected, "{rest}");
        }
    }
}
