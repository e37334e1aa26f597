//! What the key that a trail encrypts its logs with allows CloudTrail, and those who read the logs:
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html>.

use super::caller::Requester;
use super::cloudtrail::{CLOUDTRAIL, Delivery};
use super::decide::Question;
use super::document::Document;
use super::kms;
use super::plausible;
use super::resource::{Scope, Target};
use super::verdict::{self, Decision};
use bucketlint_text::source::Span;
use bucketlint_text::text::Text;

/// The key of a request's encryption context that holds the trail's ARN.
const CONTEXT: &str = "kms:EncryptionContext:aws:cloudtrail:arn";

/// A trail and the key of its logs.
#[derive(Clone, Copy, Debug)]
pub struct LogKey<'a> {
    /// The trail and its log bucket, with the policies of the key in place of the bucket's.
    pub delivery: Delivery<'a>,
    /// The key: its whole ARN.
    pub key: &'a Target,
}

impl LogKey<'_> {
    /// Decides `kms:GenerateDataKey` for CloudTrail, which encrypts, and `kms:DescribeKey`, which has no encryption context.
    pub fn encrypts(&self) -> Vec<Decision> {
        let arn = self.delivery.arn(CONTEXT);
        let mut encrypting = self.delivery.requester();
        let context = [(CONTEXT.to_ascii_lowercase(), vec![arn]), keys(&["aws:cloudtrail:arn"])];
        encrypting.carried.extend(context);
        let mut describing = self.delivery.requester();
        describing.carried.extend([(CONTEXT.to_ascii_lowercase(), Vec::new()), ("kms:encryptioncontextkeys".into(), Vec::new())]);
        let mut out = self.decide(&encrypting, CLOUDTRAIL, "kms:GenerateDataKey");
        out.extend(self.decide(&describing, CLOUDTRAIL, "kms:DescribeKey"));
        out
    }

    /// Decides `kms:Decrypt` for an account that reads log files through S3.
    pub fn decrypts(&self, requester: &Requester) -> Vec<Decision> {
        let mut reading = requester.clone();
        reading.carried.extend(kms::carried(&requester.account, &kms::via(self.key), &self.delivery.file()));
        reading.carried.extend([
            (CONTEXT.to_ascii_lowercase(), vec![self.delivery.arn(CONTEXT)]),
            keys(&["aws:cloudtrail:arn", "aws:s3:arn"]),
        ]);
        self.decide(&reading, &requester.account, "kms:Decrypt")
    }

    fn decide(&self, requester: &Requester, whom: &str, action: &str) -> Vec<Decision> {
        let policies: Vec<Document> = self.delivery.policies.iter().map(|policy| plausible::concerning(policy, whom)).collect();
        let policies: Vec<&Document> = policies.iter().collect();
        let question = Question { policies: &policies, target: self.key, requester };
        verdict::decide_as(&question, &[action.into()], &|_| Scope::Named)
    }
}

fn keys(names: &[&str]) -> (String, Vec<Text>) {
    ("kms:encryptioncontextkeys".into(), names.iter().map(|&name| Text::known(Span::default(), name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::read;
    use bucketlint_text::resolve::Plain;

    const KEY: &str = "arn:aws:kms:eu-west-1:444455556666:key/1";

    /// The verdicts for CloudTrail's two actions, and for account 111122223333's `kms:Decrypt`.
    fn said(statements: &str) -> String {
        let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        let document = read::document(&bucketlint_text::syntax::testing::tree(&json), &Plain);
        assert_eq!(document.faults, []);
        let text = |text: &str| Text::known(Span::default(), text);
        let (bucket, key) =
            (Target { name: text("lab-logs"), partition: "aws".into() }, Target { name: text(KEY), partition: "aws".into() });
        let (trail, account) = (text("audit"), text("444455556666"));
        let delivery =
            Delivery { policies: &[&document], bucket: &bucket, prefix: None, trail: &trail, account: &account, number: None };
        let asked = LogKey { delivery, key: &key };
        let requester = Requester { account: "111122223333".into(), ..Requester::default() };
        let all = asked.encrypts().into_iter().chain(asked.decrypts(&requester));
        all.map(|one| one.verdict.word()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn cloudtrail_encrypts_for_its_own_trail() {
        let to = |action: &str, condition: &str| {
            format!(
                r#"{{"Effect": "Allow", "Principal": {{"Service": "cloudtrail.amazonaws.com"}}, "Action": "{action}", "Resource": "*" {condition}}}"#
            )
        };
        let context = |value: &str| {
            format!(r#", "Condition": {{"StringLike": {{"kms:EncryptionContext:aws:cloudtrail:arn": "{value}"}}}}"#)
        };
        assert_eq!(said(&to("kms:*", "")), "granted granted missing");
        let own = to("kms:GenerateDataKey*", &context("arn:aws:cloudtrail:*:444455556666:trail/*"));
        assert_eq!(said(&own), "granted missing missing");
        assert_eq!(said(&format!("{own}, {}", to("kms:DescribeKey", ""))), "granted granted missing");
        let other = to("kms:GenerateDataKey*", &context("arn:aws:cloudtrail:*:444455556666:trail/other"));
        assert_eq!(said(&other), "conditional missing missing");
        // where both are in one statement, the context keeps CloudTrail from describing the key
        let both = to("kms:*", &context("arn:aws:cloudtrail:*:444455556666:trail/*"));
        assert_eq!(said(&both), "granted conditional missing");
    }

    #[test]
    fn readers_decrypt_what_cloudtrail_encrypted() {
        let to = |condition: &str| {
            format!(
                r#"{{"Effect": "Allow", "Principal": {{"AWS": "111122223333"}}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {{{condition}}}}}"#
            )
        };
        let context = "kms:EncryptionContext:aws:cloudtrail:arn";
        assert_eq!(said(&to(&format!(r#""Null": {{"{context}": "false"}}"#))), "missing missing granted");
        assert_eq!(said(&to(&format!(r#""Null": {{"{context}": "true"}}"#))), "missing missing conditional");
        assert_eq!(said(&to(r#""StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}"#)), "missing missing granted");
    }
}
