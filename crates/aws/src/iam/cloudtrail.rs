//! What the policy of a log bucket allows CloudTrail:
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html>.

use super::caller::Requester;
use super::decide::Question;
use super::document::{Document, Effect, Statement};
use super::plausible;
use super::principal::is_account;
use super::resource::{Scope, Target};
use super::symbols::Symbols;
use super::verdict::{self, Decision, Verdict};
use bucketlint_text::text::Text;

/// The service principal of CloudTrail.
pub const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

/// The key that tells how an upload asks to be encrypted. AWS's page on the policies of log buckets does not say which of
/// these values CloudTrail's have, if any.
const ENCRYPTION: (&str, [Option<&str>; 3]) = ("s3:x-amz-server-side-encryption", [None, Some("AES256"), Some("aws:kms")]);

/// A trail and the bucket it delivers to.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// The bucket's policies.
    pub policies: &'a [&'a Document],
    /// The bucket.
    pub bucket: &'a Target,
    /// `S3KeyPrefix`, without a slash at its end.
    pub prefix: Option<&'a Text>,
    /// The trail's name.
    pub trail: &'a Text,
    /// The trail's account.
    pub account: &'a Text,
    /// Its number, where that is told.
    pub number: Option<&'a str>,
}

impl Delivery<'_> {
    /// Decides `s3:GetBucketAcl` on the bucket and `s3:PutObject` on the trail's log files. The account and the region that
    /// the policy names are taken for the trail's.
    pub fn decide(&self) -> Vec<Decision> {
        let policies: Vec<Document> = self.policies.iter().map(|policy| plausible::concerning(policy, CLOUDTRAIL)).collect();
        let policies: Vec<&Document> = policies.iter().collect();
        let ask = |target: &Target, action: &str, scope: Scope, requester: &Requester| {
            let question = Question { policies: &policies, target, requester };
            verdict::decide_as(&question, &[action.into()], &|_| scope)
        };
        let requester = self.requester();
        let mut out = ask(self.bucket, "s3:GetBucketAcl", Scope::Bucket, &requester);
        let (key, values) = ENCRYPTION;
        let asked = values.map(|value| {
            let mut requester = requester.clone();
            let value = value.map(|value| Text::known(self.bucket.name.span, value));
            requester.carried.insert(key.into(), value.into_iter().collect());
            ask(&self.file_target(), "s3:PutObject", Scope::Named, &requester)
        });
        out.extend(agreed(asked.into_iter().flatten()));
        out
    }

    /// One of the trail's log files, for [`Scope::Named`].
    pub fn file_target(&self) -> Target {
        Target { name: self.file(), partition: self.bucket.partition.clone() }
    }

    /// The ARN of a log file.
    pub(super) fn file(&self) -> Text {
        let mut out = Text::known(self.bucket.name.span, format!("arn:{}:s3:::", self.bucket.partition));
        out.push(&self.bucket.name);
        out.push_str("/");
        if let Some(prefix) = self.prefix {
            out.push(prefix);
            out.push_str("/");
        }
        out.push_str("AWSLogs/");
        let statements = self.policies.iter().flat_map(|policy| &policy.statements);
        let named = || statements.clone().flat_map(|statement| &statement.resources.items).filter_map(account_of_logs);
        let told = || self.number.map(|number| Text::known(self.bucket.name.span, number));
        let account = if named().any(|account| account == *self.account) { None } else { told().or_else(|| named().next()) };
        out.push(account.as_ref().unwrap_or(self.account));
        out.push_str("/CloudTrail/x");
        out
    }

    /// Decides `s3:PutObject` on the log files of the organization's other accounts, which are below its id. The first id that
    /// the policy names is taken for the organization's.
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html#org-trail-bucket-policy>
    pub fn organization(&self) -> Option<Decision> {
        let statements = self.policies.iter().flat_map(|policy| &policy.statements);
        let mut named = statements.flat_map(|statement| &statement.resources.items).filter_map(account_of_logs);
        let is_id = |id: &Text| match id.as_known() {
            Some(known) => known.starts_with("o-"),
            None => id != self.account,
        };
        let id = named.find(is_id).unwrap_or_else(|| Text::known(self.bucket.name.span, "o-exampleorgid"));
        // what is for the logs of one account is for no organization's, whichever account that is
        let of_account = |item: &Text| {
            account_of_logs(item).is_some_and(|account| account == *self.account || account.as_known().is_some_and(is_account))
        };
        let policies: Vec<Document> = self.policies.iter().map(|policy| without(policy, &of_account)).collect();
        let policies: Vec<&Document> = policies.iter().collect();
        let number = id.as_known().filter(|known| known.starts_with("o-"));
        let path = Delivery { policies: &policies, account: &id, number, ..*self };
        path.decide().into_iter().find(|decision| decision.action == "s3:PutObject")
    }

    /// CloudTrail on behalf of the trail.
    pub(super) fn requester(&self) -> Requester {
        let is = |key: &str, value: Text| (key.to_owned(), vec![value]);
        let mut out = Requester::service(CLOUDTRAIL);
        let organization = self.number.filter(|number| number.starts_with("o-"));
        out.carried.extend(organization.map(|id| is("aws:sourceorgid", Text::known(self.bucket.name.span, id))));
        out.carried.extend([
            is("s3:x-amz-acl", Text::known(self.bucket.name.span, "bucket-owner-full-control")),
            is("aws:sourcearn", self.arn("aws:SourceArn")),
            is("aws:sourceaccount", self.named("aws:SourceAccount").next().unwrap_or(self.account).clone()),
        ]);
        out
    }

    /// The trail's ARN, of the account and region that the policy names under this condition key together with the trail,
    /// or else with any.
    pub(super) fn arn(&self, key: &str) -> Text {
        let symbols = Symbols::new(self.named(key).chain([self.trail, self.account]), std::iter::empty());
        let encode = |text: &Text| symbols.encode(text, &self.bucket.partition, None);
        let own = format!(":trail/{}", encode(self.trail));
        let values: Vec<String> = self.named(key).map(encode).collect();
        let like = values.iter().find(|value| value.ends_with(&own)).or(values.first());
        let parts: Vec<&str> = like.map(|value| value.split(':').collect()).unwrap_or_default();
        let account = encode(self.account);
        let (partition, region, account) = match parts.as_slice() {
            ["arn", partition, _, region, account, ..] => (*partition, *region, (*account).to_owned()),
            _ => (self.bucket.partition.as_str(), "us-east-1", account),
        };
        // a wildcard covers some value, whichever
        symbols.decode(&format!("arn:{partition}:cloudtrail:{region}:{account}{own}").replace(['*', '?'], "x"))
    }

    /// The values the policy tests a condition key for.
    fn named<'s>(&'s self, key: &'s str) -> impl Iterator<Item = &'s Text> + 's {
        let tests = self.policies.iter().flat_map(|policy| &policy.statements).flat_map(|statement| &statement.conditions);
        tests.filter(move |test| test.key.eq_ignore_ascii_case(key)).flat_map(|test| &test.values)
    }
}

/// The one decision where all have the same verdict; else none can be told.
fn agreed(mut decisions: impl Iterator<Item = Decision>) -> Option<Decision> {
    let first = decisions.next()?;
    let Some(other) = decisions.find(|other| other.verdict != first.verdict) else { return Some(first) };
    let refusal = if first.verdict == Verdict::Granted { other } else { first };
    let why = "AWS does not say whether CloudTrail asks by a header for its files to be encrypted".to_owned();
    let unknown = refusal.cause.as_ref().map(|cause| (cause.span, why));
    Some(Decision { verdict: Verdict::Unresolved, cause: None, unknown, witness: None, ..refusal })
}

/// A policy without the resources of its Allows that are `left_out`.
fn without(policy: &Document, left_out: &dyn Fn(&Text) -> bool) -> Document {
    let mut out = policy.clone();
    let allows = |statement: &Statement| statement.effect == Some(Effect::Allow) && !statement.resources.not;
    for statement in out.statements.iter_mut().filter(|statement| allows(statement)) {
        statement.resources.items.retain(|item| !left_out(item));
    }
    out.statements.retain(|statement| !allows(statement) || !statement.resources.items.is_empty());
    out
}

/// The account in `…/AWSLogs/<account>/…`, unless that is a wildcard.
fn account_of_logs(resource: &Text) -> Option<Text> {
    let mut rest = resource.clone();
    loop {
        let (piece, after) = rest.split_once('/')?;
        if piece.as_known() == Some("AWSLogs") {
            let account = after.split_once('/')?.0;
            return (!account.to_string().contains(['*', '?'])).then_some(account);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::read;
    use bucketlint_text::resolve::Plain;
    use bucketlint_text::source::Span;

    /// The verdicts on both actions, for a trail `audit` of account 444455556666.
    fn said(prefix: Option<&str>, put: &str) -> String {
        let json = format!(
            r#"{{"Version": "2012-10-17", "Statement": [
              {{"Effect": "Allow", "Principal": {{"Service": "cloudtrail.amazonaws.com"}}, "Action": "s3:GetBucketAcl",
                "Resource": "arn:aws:s3:::lab-logs"}},
              {{"Effect": "Allow", "Principal": {{"Service": "cloudtrail.amazonaws.com"}}, "Action": "s3:PutObject", {put}}}]}}"#
        );
        let document = read::document(&bucketlint_text::syntax::testing::tree(&json), &Plain);
        let text = |text: &str| Text::known(Span::default(), text);
        let bucket = Target { name: text("lab-logs"), partition: "aws".into() };
        let prefix = prefix.map(text);
        let (trail, account) = (text("audit"), text("444455556666"));
        let given = Delivery {
            policies: &[&document],
            bucket: &bucket,
            prefix: prefix.as_ref(),
            trail: &trail,
            account: &account,
            number: None,
        };
        given.decide().iter().map(|one| one.verdict.word()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn log_files_go_where_the_prefix_says() {
        let on = |path: &str| format!(r#""Resource": "arn:aws:s3:::lab-logs/{path}""#);
        assert_eq!(said(None, &on("AWSLogs/444455556666/*")), "granted granted");
        assert_eq!(said(None, &on("*")), "granted granted");
        assert_eq!(said(Some("trail"), &on("trail/AWSLogs/444455556666/*")), "granted granted");
        assert_eq!(said(Some("trail"), &on("AWSLogs/444455556666/*")), "granted missing");
        assert_eq!(said(None, &on("trail/AWSLogs/*")), "granted missing");
    }

    #[test]
    fn what_aws_does_not_say_of_uploads_is_not_decided() {
        let deny = |test: &str| {
            format!(
                r#""Resource": "arn:aws:s3:::lab-logs/*"}}, {{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::lab-logs/*", "Condition": {{{test}}}"#
            )
        };
        for test in [
            r#""StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}"#,
            r#""StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption": "aws:kms"}"#,
        ] {
            assert_eq!(said(None, &deny(test)), "granted unresolved", "{test}");
        }
        assert_eq!(said(None, &deny(r#""StringEquals": {"s3:x-amz-acl": "public-read"}"#)), "granted granted");
    }

    #[test]
    fn conditions_hold_for_the_trail_itself() {
        let when =
            |test: &str| format!(r#""Resource": "arn:aws:s3:::lab-logs/AWSLogs/*", "Condition": {{"StringEquals": {{{test}}}}}"#);
        assert_eq!(said(None, &when(r#""s3:x-amz-acl": "bucket-owner-full-control""#)), "granted granted");
        assert_eq!(said(None, &when(r#""s3:x-amz-acl": "private""#)), "granted conditional");
        let arn = |name: &str| when(&format!(r#""aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:444455556666:trail/{name}""#));
        assert_eq!(said(None, &arn("audit")), "granted granted");
        assert_eq!(said(None, &arn("other")), "granted conditional");
    }
}
