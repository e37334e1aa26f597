//! What a topic policy allows: S3 to publish a bucket's events, and the control account to subscribe.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html>.

use super::caller::Requester;
use super::decide::Question;
use super::document::Document;
use super::plausible;
use super::resource::{Scope, Target};
use super::verdict::{self, Decision};
use bucketlint_text::source::Span;
use bucketlint_text::text::{SymbolKind, Text};

/// The service principal of S3.
pub const S3: &str = "s3.amazonaws.com";

/// A topic with its policies.
#[derive(Clone, Copy, Debug)]
pub struct TopicUse<'a> {
    /// The topic's policies.
    pub policies: &'a [&'a Document],
    /// The topic: its whole ARN.
    pub topic: &'a Target,
}

impl TopicUse<'_> {
    /// Decides whether the control account may do `actions`, such as `sns:Subscribe`.
    pub fn allows(&self, requester: &Requester, actions: &[String]) -> Vec<Decision> {
        let policies: Vec<Document> =
            self.policies.iter().map(|policy| plausible::concerning(policy, &requester.account)).collect();
        let policies: Vec<&Document> = policies.iter().collect();
        let question = Question { policies: &policies, target: self.topic, requester };
        verdict::decide_as(&question, actions, &|_| Scope::Named)
    }

    /// Decides whether S3 may publish the events of `bucket`, which is in another account than `control`.
    pub fn publishes(&self, bucket: &Target, control: &str) -> Option<Decision> {
        let is = |key: &str, value: Text| (key.to_owned(), vec![value]);
        let mut arn = Text::known(bucket.name.span, format!("arn:{}:s3:::", bucket.partition));
        arn.push(&bucket.name);
        let mut requester = Requester::service(S3);
        requester.carried.extend([is("aws:sourcearn", arn), is("aws:sourceaccount", self.owner(control))]);
        self.allows(&requester, &["sns:Publish".into()]).pop()
    }

    /// The account of the bucket, which is deployed beside its topic: the first that the policy takes it for, unless that is
    /// the control account.
    fn owner(&self, control: &str) -> Text {
        let tests = self.policies.iter().flat_map(|policy| &policy.statements).flat_map(|statement| &statement.conditions);
        let mut own = tests.filter(|test| test.key.eq_ignore_ascii_case("aws:SourceAccount")).flat_map(|test| &test.values);
        let is_own = |value: &&Text| match value.as_symbol() {
            Some(symbol) => symbol.kind == SymbolKind::OwnAccount,
            None => value.as_known() != Some(control),
        };
        own.find(is_own).cloned().unwrap_or_else(|| Text::known(Span::default(), "${AWS::AccountId}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::read;
    use crate::iam::verdict::Verdict;
    use bucketlint_text::resolve::Plain;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:444455556666:events";

    /// The verdict on publishing, or the request that fails.
    fn publishing(principal: &str, rest: &str) -> String {
        let json = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {principal},
               "Action": "sns:Publish", "Resource": "{TOPIC}"{rest}}}]}}"#
        );
        let document = read::document(&bucketlint_text::syntax::testing::tree(&json), &Plain);
        let target = |name: &str| Target { name: Text::known(Span::default(), name), partition: "aws".into() };
        let topic = TopicUse { policies: &[&document], topic: &target(TOPIC) };
        let decision = topic.publishes(&target("lab-data"), "111122223333").unwrap();
        match decision.witness {
            Some(witness) => format!("{}: {witness}", decision.verdict.word()),
            None => decision.verdict.word().to_owned(),
        }
    }

    #[test]
    fn s3_publishes_in_its_own_name_for_one_bucket() {
        let s3 = r#"{"Service": "s3.amazonaws.com"}"#;
        let by = format!("sns:Publish on {TOPIC} by s3.amazonaws.com");
        let when = |test: &str| format!(r#", "Condition": {{{test}}}"#);
        assert_eq!(publishing(s3, ""), "granted");
        assert_eq!(publishing(s3, &when(r#""ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:lab-data"}"#)), "granted");
        assert_eq!(publishing(s3, &when(r#""StringEquals": {"aws:SourceAccount": "444455556666"}"#)), "granted");
        assert_eq!(
            publishing(s3, &when(r#""ArnEquals": {"aws:SourceArn": "arn:aws:s3:::lab-other"}"#)),
            format!("conditional: {by} with aws:SourceArn = arn:aws:s3:::lab-data is allowed by no statement")
        );
        assert_eq!(
            publishing(s3, &when(r#""StringEquals": {"aws:SourceAccount": "111122223333"}"#)),
            format!("conditional: {by} with aws:SourceAccount = ${{AWS::AccountId}} is allowed by no statement")
        );
        assert_eq!(publishing(r#"{"AWS": "444455556666"}"#, ""), format!("missing: {by} is allowed by no statement"));
    }

    #[test]
    fn the_control_account_subscribes_in_the_name_of_its_roles() {
        let json = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Principal": {{"AWS": "111122223333"}}, "Action": ["SNS:Subscribe"],
               "Resource": "{TOPIC}"}}}}"#
        );
        let document = read::document(&bucketlint_text::syntax::testing::tree(&json), &Plain);
        let target = Target { name: Text::known(Span::default(), TOPIC), partition: "aws".into() };
        let requester = Requester { account: "111122223333".into(), ..Requester::default() };
        let topic = TopicUse { policies: &[&document], topic: &target };
        let both = topic.allows(&requester, &["sns:Subscribe".into(), "sns:GetTopicAttributes".into()]);
        assert_eq!(both.iter().map(|one| one.verdict).collect::<Vec<_>>(), [Verdict::Granted, Verdict::Missing]);
    }
}
