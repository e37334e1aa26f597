//! What a request without credentials may do: the proof that a grant is public.

use super::action::{self, Level};
use super::caller::{self, Requester};
use super::context;
use super::decide::{self, Applies, Candidate, Question};
use super::document::Document;
use super::resource::{self, Target};
use bucketlint_text::language::Budget;

/// A request without credentials that is allowed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Open {
    /// For example `s3:GetObject`.
    pub action: String,
    /// A shortest ARN it is allowed on.
    pub resource: String,
    /// Condition keys that matter with their values; no value means that the request does not carry the key.
    pub context: Vec<(String, Vec<String>)>,
}

/// A request without credentials that statement `number` of `policies[policy]` allows and no statement denies.
pub fn open(policies: &[&Document], policy: usize, number: usize, target: &Target) -> Option<Open> {
    let requester = Requester::anonymous();
    let question = Question { policies, target, requester: &requester };
    let all = decide::all(&question);
    // reading objects is the plainest example, and what most public grants are for
    let get = |known: &&action::S3Action| known.name != "GetObject";
    let mut known: Vec<_> = action::all().iter().filter(|one| matches!(one.level, Level::Bucket | Level::Object)).collect();
    known.sort_by_key(get);
    let budget = Budget::default();
    known.into_iter().find_map(|known| allowed(&all, (policy, number), &question, &format!("s3:{}", known.name), &budget))
}

fn allowed(all: &[Candidate<'_>], place: (usize, usize), question: &Question<'_>, action: &str, budget: &Budget) -> Option<Open> {
    let candidates = decide::candidates(all, action);
    let at = candidates.iter().position(|one| one.allows && (one.policy, one.statement.number) == place)?;
    let universe = question.target.universe(super::verdict::scope(action));
    let contexts = context::contexts(&candidates, question.requester, &question.target.partition, action, budget)?;
    contexts.into_iter().find_map(|context| {
        let applies: Vec<Applies> =
            candidates.iter().map(|one| decide::applies(one, &context, question.requester, action)).collect();
        // what AWS does not support in an Allow may well open it
        let statement = candidates[at].statement;
        let unsupported = || {
            let conditions = context::conditions_hold(&candidates[at].conditions, &context, question.requester, action);
            let account = &question.requester.account;
            let open = caller::why_open(statement, &context.caller, account).is_some();
            statement.not_principal && open && !candidates[at].unsure && conditions == Some(true)
        };
        if applies[at].here != Some(true) && !unsupported() {
            return None;
        }
        let filling = decide::filling(&candidates, &context, question.requester, action);
        let denies = candidates.iter().zip(&applies).filter(|(one, applies)| !one.allows && applies.here != Some(false));
        let denies: Vec<&Candidate<'_>> = denies.map(|(one, _)| one).collect();
        let resource = decide::allowed_resource(&candidates[at], &denies, &filling, &universe, budget)?;
        let values = context.values.into_iter().map(|(key, values)| (key, values.unwrap_or_default()));
        let resource = resource::spell(&resource, |id| decide::shown(id, &candidates, question.target));
        Some(Open { action: action.to_owned(), resource, context: values.collect() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::read;
    use bucketlint_text::resolve::Plain;
    use bucketlint_text::source::Span;
    use bucketlint_text::text::Text;

    #[test]
    fn what_anybody_may_do_is_shown_and_nothing_else() {
        let get = r#""Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab-data/*""#;
        let all = format!(r#"{{"Effect": "Allow", "Principal": "*", {get}}}"#);
        let deny =
            |rest: &str| format!(r#"{all}, {{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"{rest}}}"#);
        let when = |test: &str| format!(r#"{{"Effect": "Allow", "Principal": {{"AWS": "*"}}, {get}, "Condition": {{{test}}}}}"#);
        let on = |key: &str| Some(format!("s3:GetObject on arn:aws:s3:::lab-data/{key}"));
        for (statements, expected) in [
            (all.clone(), on("x")),
            (all.replace("Principal", "NotPrincipal").replace("\"*\", ", "{\"AWS\": \"111122223333\"}, "), on("x")),
            (all.replace("lab-data/*", "lab-data/open/*"), on("open/")),
            (all.replace("s3:GetObject", "s3:PutObject*"), Some("s3:PutObject on arn:aws:s3:::lab-data/x".into())),
            (all.replace("\"*\", ", "{\"AWS\": \"111122223333\"}, "), None),
            (all.replace("lab-data", "other"), None),
            (deny(""), None),
            (deny(r#", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}"#), None),
            (deny(r#", "Condition": {"Bool": {"aws:SecureTransport": "false"}}"#), on("x")),
            (when(r#""StringEquals": {"aws:PrincipalAccount": "111122223333"}"#), None),
            (when(r#""StringEquals": {"aws:PrincipalAccount": "anonymous"}"#), on("x")),
            (when(r#""StringEquals": {"aws:PrincipalOrgID": "o-1"}"#), None),
            (when(r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}"#), None),
            (when(r#""StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}"#), on("x")),
            (when(r#""StringEquals": {"aws:PrincipalType": "Anonymous"}"#), on("x")),
            (when(r#""StringEquals": {"aws:SourceVpc": "vpc-1"}"#), on("x")),
        ] {
            let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
            let document = read::document(&bucketlint_text::syntax::testing::tree(&json), &Plain);
            let target = Target { name: Text::known(Span::default(), "lab-data"), partition: "aws".into() };
            let found = open(&[&document], 0, 1, &target).map(|open| format!("{} on {}", open.action, open.resource));
            assert_eq!(found, expected, "{statements}");
        }
    }
}
