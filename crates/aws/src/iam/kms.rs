//! What a key policy allows the control account in the requests S3 makes to KMS on its behalf:
//! <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>.

use super::caller::Requester;
use super::choices::{self, Condition};
use super::decide::Question;
use super::document::{Document, Test};
use super::plausible;
use super::resource::{Scope, Target};
use super::symbols::Symbols;
use super::verdict::{self, Decision, Verdict};
use super::wildcard;
use bucketlint_text::language::{Budget, Pattern};
use bucketlint_text::source::Span;
use bucketlint_text::text::{Symbol, SymbolKind, Text};
use std::rc::Rc;

/// A key and the bucket whose objects it encrypts.
#[derive(Clone, Copy, Debug)]
pub struct KeyUse<'a> {
    /// The key's policies.
    pub policies: &'a [&'a Document],
    /// The key: its whole ARN.
    pub key: &'a Target,
    /// The bucket.
    pub bucket: &'a Target,
    /// Whether the bucket has a bucket key; `None` where that is not known.
    pub bucket_key: Option<bool>,
    /// Who uses the bucket.
    pub requester: &'a Requester,
}

/// The key of a request's encryption context that holds the ARN of the object, or of the bucket where it has a bucket key:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>.
const CONTEXT: &str = "kms:encryptioncontext:aws:s3:arn";

/// Decides every action of `actions`, such as `kms:Decrypt`, for all objects of the bucket.
pub fn decide(given: &KeyUse<'_>, actions: &[String]) -> Vec<Decision> {
    let policies: Vec<Document> =
        given.policies.iter().map(|policy| plausible::concerning(policy, &given.requester.account)).collect();
    let policies: Vec<&Document> = policies.iter().collect();
    let statements = policies.iter().flat_map(|policy| &policy.statements);
    let tests: Vec<(&Test, bool)> = statements.flat_map(|one| one.conditions.iter().map(|test| (test, one.variables))).collect();
    let service = via(given.key);
    let mut worst: Vec<Decision> = Vec::new();
    for arn in encrypted(given, &tests) {
        let mut requester = given.requester.clone();
        requester.carried.extend(carried(&requester.account, &service, &arn));
        let question = Question { policies: &policies, target: given.key, requester: &requester };
        let decided = verdict::decide_as(&question, actions, &|_| Scope::Named);
        if worst.is_empty() {
            worst = decided;
            continue;
        }
        for (old, new) in worst.iter_mut().zip(decided) {
            if rank(new.verdict) > rank(old.verdict) {
                *old = new;
            }
        }
    }
    worst
}

/// Keys that come with requests for certain actions only, none of which is for objects; in lower case, with those actions.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>
const ELSEWHERE: [(&str, &str); 14] = [
    ("kms:grantconstrainttype", "kms:CreateGrant"),
    ("kms:grantisforawsresource", "kms:CreateGrant, kms:ListGrants and kms:RevokeGrant"),
    ("kms:grantoperations", "kms:CreateGrant"),
    ("kms:granteeprincipal", "kms:CreateGrant"),
    ("kms:retiringprincipal", "kms:CreateGrant"),
    ("kms:macalgorithm", "kms:GenerateMac and kms:VerifyMac"),
    ("kms:messagetype", "kms:Sign and kms:Verify"),
    ("kms:signingalgorithm", "kms:Sign and kms:Verify"),
    ("kms:primaryregion", "kms:UpdatePrimaryRegion"),
    ("kms:replicaregion", "kms:ReplicateKey"),
    ("kms:reencryptonsamekey", "kms:ReEncryptFrom and kms:ReEncryptTo"),
    ("kms:schedulekeydeletionpendingwindowindays", "kms:ScheduleKeyDeletion"),
    ("kms:wrappingalgorithm", "kms:GetParametersForImport"),
    ("kms:wrappingkeyspec", "kms:GetParametersForImport"),
];

/// The actions whose requests alone carry `key`, where no request for objects does.
pub fn only_with(key: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, actions)| *actions)
}

/// Whether `key` holds the ARN of the object, or of the bucket where it has a bucket key.
pub fn is_context(key: &str) -> bool {
    key.eq_ignore_ascii_case(CONTEXT)
}

/// The condition keys of requests that S3 makes for a caller of `account`.
pub(super) fn carried(account: &str, service: &Text, arn: &Text) -> Vec<(String, Vec<Text>)> {
    let is = |key: &str, value: Text| (key.to_owned(), vec![value]);
    let known = |value: &str| Text::known(Span::default(), value);
    let mut out = vec![
        is("kms:viaservice", service.clone()),
        is("kms:calleraccount", known(account)),
        is(CONTEXT, arn.clone()),
        is("kms:encryptioncontextkeys", known("aws:s3:arn")),
        is("aws:viaawsservice", known("true")),
    ];
    out.extend(ELSEWHERE.iter().map(|(key, _)| ((*key).to_owned(), Vec::new())));
    out
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Granted => 0,
        Verdict::Unresolved => 1,
        _ => 2,
    }
}

/// The value of `kms:ViaService`: `s3.<region>.amazonaws.com` in every partition, with the bucket's Region, which is the key's.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service>
pub(super) fn via(key: &Target) -> Text {
    let at = key.name.span;
    let field = |text: Text| Some(text.split_once(':')?.1);
    let region = key.name.strip_prefix("arn:").and_then(field).and_then(field).and_then(|rest| Some(rest.split_once(':')?.0));
    let why = "the Region of the key is not known here".into();
    let unknown = Symbol { id: "region of the key".into(), shown: "${Region}".into(), why, at, kind: SymbolKind::Other };
    let mut out = Text::known(at, "s3.");
    out.push(&region.unwrap_or_else(|| Text::symbol(at, unknown)));
    out.push_str(".amazonaws.com");
    out
}

/// The ARNs in the encryption contexts that the policy can tell apart.
fn encrypted(given: &KeyUse<'_>, tests: &[(&Test, bool)]) -> Vec<Text> {
    let (account, partition) = (&given.requester.account, &given.bucket.partition);
    let values = tests.iter().flat_map(|(test, variables)| test.values.iter().map(|value| (value, *variables)));
    let compared: Vec<_> = values.map(|(value, variables)| wildcard::closed(value, variables)).collect();
    let texts = compared.iter().map(|value| value.as_ref()).chain([&given.bucket.name]);
    let symbols = Rc::new(Symbols::new(texts, std::iter::once(account.as_str())));
    let bucket = format!("arn:{partition}:s3:::{}", symbols.encode(&given.bucket.name, partition, None));
    let mut out = Vec::new();
    if given.bucket_key != Some(true) {
        let own = tests.iter().filter(|(test, _)| test.key.eq_ignore_ascii_case(CONTEXT));
        let groups: Vec<Vec<Pattern>> =
            own.map(|(test, variables)| Condition::new(test, *variables, None, partition, &symbols).patterns()).collect();
        let objects = Pattern::literal(&bucket).then(&Pattern::glob("/?*"));
        out = choices::representatives(&groups, &objects, &Budget::default()).unwrap_or_default();
        if out.is_empty() {
            out.push(format!("{bucket}/x"));
        }
    }
    if given.bucket_key != Some(false) {
        out.push(bucket);
    }
    out.iter().map(|arn| symbols.decode(arn)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::read;
    use bucketlint_text::resolve::Plain;

    const KEY: &str = "arn:aws:kms:eu-west-1:444455556666:key/1";

    fn target(name: &str) -> Target {
        Target { name: Text::known(Span::default(), name), partition: "aws".into() }
    }

    /// The verdict on both actions, and what fails of the second.
    fn said(rest: &str, bucket_key: Option<bool>) -> String {
        let us = r#""Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"]"#;
        let rest = rest.replace("US", &format!(r#""Effect": "Allow", {us}, "Resource": "*""#));
        let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{rest}]}}"#);
        let document = read::document(&bucketlint_text::syntax::testing::tree(&json), &Plain);
        assert_eq!(document.faults, []);
        let requester = Requester { account: "111122223333".into(), ..Requester::default() };
        let given =
            KeyUse { policies: &[&document], key: &target(KEY), bucket: &target("lab-data"), bucket_key, requester: &requester };
        let both = decide(&given, &["kms:Decrypt".into(), "kms:GenerateDataKey".into()]);
        let shown = both[1].witness.as_ref().map(|witness| format!(": {witness}")).unwrap_or_default();
        format!("{} {}{shown}", both[0].verdict.word(), both[1].verdict.word())
    }

    #[test]
    fn grants_are_decided_for_requests_through_s3() {
        let fails = |context: &str| {
            let asks = format!("kms:GenerateDataKey on {KEY} by arn:aws:iam::111122223333:role/x");
            format!("conditional conditional: {asks} with {context} is allowed by no statement")
        };
        let granted = "granted granted";
        for (rest, expected) in [
            ("{US}".to_owned(), granted.to_owned()),
            (r#"{US, "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}"#.into(), granted.into()),
            (r#"{US, "Condition": {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}}"#.into(), granted.into()),
            (
                r#"{US, "Condition": {"StringEquals": {"kms:ViaService": "ec2.eu-west-1.amazonaws.com"}}}"#.into(),
                fails("kms:ViaService = s3.eu-west-1.amazonaws.com"),
            ),
            // neither without a Region nor with the suffix of a partition
            (
                r#"{US, "Condition": {"StringEquals": {"kms:ViaService": ["s3.amazonaws.com", "s3.eu-west-1.amazonaws.com.cn"]}}}"#.into(),
                fails("kms:ViaService = s3.eu-west-1.amazonaws.com"),
            ),
            (
                r#"{US, "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}"#.into(),
                fails("kms:ViaService = s3.eu-west-1.amazonaws.com"),
            ),
            (r#"{US, "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333"}}}"#.into(), granted.into()),
            (
                r#"{US, "Condition": {"StringEquals": {"kms:CallerAccount": "444455556666"}}}"#.into(),
                fails("kms:CallerAccount = 111122223333"),
            ),
        ] {
            assert_eq!(said(&rest, Some(false)), expected, "{rest}");
        }
        // the default key policy lets the key's own account decide, and nobody else; that is no slip
        let own = r#"{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "kms:*", "Resource": "*"}"#;
        assert!(said(own, None).starts_with("missing missing"), "{}", said(own, None));
    }

    #[test]
    fn a_bucket_key_changes_the_encryption_context() {
        let on = |arn: &str| {
            format!(r#"{{US, "Condition": {{"StringLike": {{"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::{arn}"}}}}}}"#)
        };
        const SPELLED: &str = "kms:EncryptionContext:aws:s3:arn";
        let granted = "granted granted";
        assert_eq!(said(&on("lab-data/*"), Some(false)), granted);
        assert_eq!(said(&on("lab-data"), Some(true)), granted);
        assert_eq!(said(&on("lab-data*"), None), granted);
        let fails = |bucket_key, arn: &str| said(&on(arn), bucket_key).split(" with ").nth(1).unwrap().to_owned();
        let with = |value: &str| format!("{SPELLED} = arn:aws:s3:::{value} is allowed by no statement");
        assert_eq!(fails(Some(true), "lab-data/*"), with("lab-data"));
        assert_eq!(fails(None, "lab-data/*"), with("lab-data"));
        assert_eq!(fails(Some(false), "lab-data"), with("lab-data/x"));
        assert!(fails(Some(false), "lab-data/x*").starts_with(&format!("{SPELLED} = arn:aws:s3:::lab-data/")));
    }
}
