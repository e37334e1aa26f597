//! Least privilege: what the control account is granted beyond what is required.

use super::action::{self, Level};
use super::caller::{self, Caller, Reach};
use super::context;
use super::decide::{self, Candidate, Question};
use super::principal::Principal;
use super::resource::{self, Scope};
use bucketlint_text::language::{self, Budget, Found, Matches, Pattern};
use bucketlint_text::source::Span;
use bucketlint_text::text::Text;
use std::collections::BTreeMap;

/// What one statement grants beyond the required actions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excess {
    /// The policy's index among the question's policies.
    pub policy: usize,
    /// The statement's number in it.
    pub statement: usize,
    /// What to change: the one action or resource that goes too far, or the list where several do.
    pub span: Span,
    /// The further actions it grants on this bucket or its objects, as `s3:Name`, in alphabetical order.
    pub actions: Vec<String>,
    /// Whether they change the bucket itself: its policy, its settings, its existence.
    pub administration: bool,
    /// An ARN outside this bucket that a wildcard in a bucket name reaches.
    pub elsewhere: Option<String>,
    /// The identities it is granted to, where it is not the whole account.
    pub identities: Vec<String>,
}

/// What each statement grants the control account beyond `required`; statements that stay within it are left out.
pub fn excess(question: &Question<'_>, required: &[String]) -> Vec<Excess> {
    let mut out: Vec<Excess> = Vec::new();
    let all = decide::all(question);
    let wanted = |name: &str| required.iter().any(|required| required.eq_ignore_ascii_case(name));
    // most statements name required actions only: then no other action needs a look
    let within = |candidate: &Candidate<'_>| {
        let named = |item: &Text| item.as_known().is_some_and(wanted);
        !candidate.statement.actions.not && candidate.statement.actions.items.iter().all(named)
    };
    let further = all.iter().any(|candidate| reaches(candidate, question) && !within(candidate));
    let mut granted = Grants::default();
    let known = action::all().iter().filter(|known| further && matches!(known.level, Level::Bucket | Level::Object));
    for known in known {
        let name = format!("s3:{}", known.name);
        if wanted(&name) {
            continue;
        }
        let candidates = decide::candidates(&all, &name);
        let beyond = |candidate: &&Candidate<'_>| reaches(candidate, question) && may_apply(candidate, question, &name);
        for candidate in candidates.iter().filter(beyond) {
            if !granted.holds(candidate, &candidates, question, &name) {
                continue;
            }
            let entry = entry(&mut out, candidate);
            entry.actions.push(name.clone());
            entry.administration |=
                known.level == Level::Bucket && !["Get", "List"].iter().any(|verb| known.name.starts_with(verb));
        }
    }
    wide(question, &all, required, &mut out);
    for excess in &mut out {
        excess.span = too_far(excess, question).unwrap_or(excess.span);
        excess.identities = identities(excess, question);
    }
    out.sort_by_key(|excess| (excess.policy, excess.statement));
    out
}

/// The only `Action` value that names one of the further actions, or the resources where none does.
fn too_far(excess: &Excess, question: &Question<'_>) -> Option<Span> {
    let statement = question.policies[excess.policy].statements.iter().find(|one| one.number == excess.statement)?;
    if excess.actions.is_empty() {
        return statement.resources.span;
    }
    let names = |item: &&Text| item.as_known().is_some_and(|item| excess.actions.iter().any(|name| action::matches(item, name)));
    let mut items = statement.actions.items.iter().filter(names);
    let only = items.next().filter(|_| !statement.actions.not)?;
    items.next().is_none().then_some(only.span)
}

/// The principals of the account that the statement names, if it does not name the account itself.
fn identities(excess: &Excess, question: &Question<'_>) -> Vec<String> {
    let (account, partition) = (&question.requester.account, question.target.partition.as_str());
    let mut statements = question.policies[excess.policy].statements.iter();
    let principals = statements.find(|one| one.number == excess.statement).map_or(&[][..], |one| &one.principals);
    let reach = |principal: &Principal| caller::reach_in(principal, account, partition);
    if principals.iter().any(|principal| matches!(reach(principal), Reach::Whole | Reach::Assumed)) {
        return Vec::new();
    }
    let part = principals.iter().filter(|principal| reach(principal) == Reach::Part);
    part.map(|principal| caller::identity_arn(principal, account, partition)).collect()
}

/// The entry of a candidate's statement.
fn entry<'o>(out: &'o mut Vec<Excess>, candidate: &Candidate<'_>) -> &'o mut Excess {
    let key = (candidate.policy, candidate.statement.number);
    let at = out.iter().position(|excess| (excess.policy, excess.statement) == key).unwrap_or_else(|| {
        let span = candidate.statement.actions.span.unwrap_or(candidate.statement.span);
        out.push(Excess {
            policy: key.0,
            statement: key.1,
            span,
            actions: Vec::new(),
            administration: false,
            elsewhere: None,
            identities: Vec::new(),
        });
        out.len() - 1
    });
    &mut out[at]
}

/// Whether a candidate is an Allow for the control account as such; what everybody gets is reported as public.
fn reaches(candidate: &Candidate<'_>, question: &Question<'_>) -> bool {
    let (account, partition) = (&question.requester.account, question.target.partition.as_str());
    let own = |reach| matches!(reach, Reach::Whole | Reach::Assumed | Reach::Part);
    let mut principals = candidate.statement.principals.iter();
    let everyone = super::principal::PrincipalKind::Everyone;
    candidate.allows
        && principals.any(|principal| principal.kind != everyone && own(caller::reach_in(principal, account, partition)))
}

/// Whether a candidate's conditions can hold at all in a request for this action.
fn may_apply(candidate: &Candidate<'_>, question: &Question<'_>, action: &str) -> bool {
    let (alone, budget) = (std::slice::from_ref(candidate), Budget::default());
    let holds = |context| context::conditions_hold(&candidate.conditions, &context, question.requester, action) != Some(false);
    candidate.conditions.is_empty()
        || context::contexts(alone, question.requester, &question.target.partition, action, &budget)
            .is_none_or(|contexts| contexts.into_iter().any(holds))
}

/// What is known of grants: actions of the same scope and under the same denials share one search.
#[derive(Default)]
struct Grants {
    known: BTreeMap<(Scope, Vec<(usize, usize)>), bool>,
    budget: Budget,
}

impl Grants {
    /// Whether some resource of the bucket is allowed by `candidate` and denied by none that denies every caller.
    fn holds(&mut self, candidate: &Candidate<'_>, all: &[Candidate<'_>], question: &Question<'_>, name: &str) -> bool {
        let caller = Caller::any_role(&question.target.partition, &question.requester.account);
        let denies = all.iter().filter(|other| {
            let covered = || caller::covers(other.statement, &caller, &question.requester.account) == Some(true);
            !other.allows && !other.unsure && other.statement.conditions.is_empty() && covered()
        });
        let denies: Vec<&Candidate<'_>> = denies.collect();
        let scope = super::verdict::scope(name);
        let places = std::iter::once(&candidate).chain(&denies).map(|one| (one.policy, one.statement.number)).collect();
        let search = || {
            decide::allowed_resource(candidate, &denies, &Vec::new(), &question.target.universe(scope), &self.budget).is_some()
        };
        *self.known.entry((scope, places)).or_insert_with(search)
    }
}

/// Grants whose wildcard in a bucket name reaches other buckets.
fn wide(question: &Question<'_>, all: &[Candidate<'_>], required: &[String], out: &mut Vec<Excess>) {
    let own = [question.target.universe(Scope::Bucket), question.target.universe(Scope::Bucket).then(&Pattern::glob("/*"))];
    // a bucket's name has three letters at least, and does not end in a hyphen
    let names = ["??*x", "???*"].map(|name| Pattern::glob(&format!("arn:{}:s3:::{name}", question.target.partition)));
    for action in required {
        for candidate in decide::candidates(all, action).iter().filter(|candidate| reaches(candidate, question)) {
            let items = candidate.statement.resources.items.iter().zip(candidate.resources.iter());
            let spread = items.filter(|(text, _)| {
                let shown = text.to_string();
                let bucket = shown.split(":::").nth(1).unwrap_or(&shown).split('/').next().unwrap_or_default().to_owned();
                // no bucket's name has a colon
                bucket.contains(['*', '?']) && !bucket.contains(':')
            });
            for (_, set) in spread {
                let patterns = [Pattern::clone(&set.certain), own[0].clone(), own[1].clone()];
                let beyond = |matches: Matches<'_>| match (matches.of(0), matches.of(1), matches.of(2)) {
                    (Some(false), ..) | (_, Some(true), _) | (_, _, Some(true)) => Some(false),
                    (Some(true), Some(false), Some(false)) => Some(true),
                    _ => None,
                };
                let found = names.iter().find_map(|names| match language::find(&patterns, names, beyond) {
                    Found::Word(word) => Some(word),
                    Found::None | Found::TooComplex => None,
                });
                if let Some(word) = found {
                    let shown = |id: &str| decide::shown(id, std::slice::from_ref(candidate), question.target);
                    entry(out, candidate).elsewhere.get_or_insert_with(|| resource::spell(&word, shown));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::caller::Requester;
    use crate::iam::read;
    use crate::iam::resource::Target;
    use bucketlint_text::resolve::Plain;

    fn beyond(statements: &str) -> Vec<Excess> {
        let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        let document = read::document(&bucketlint_text::syntax::testing::tree(&json), &Plain);
        let target = Target { name: Text::known(Span::default(), "lab-data"), partition: "aws".into() };
        let requester = Requester { account: "111122223333".into(), ..Requester::default() };
        let question = Question { policies: &[&document], target: &target, requester: &requester };
        excess(&question, &["s3:GetObject".into(), "s3:ListBucket".into()])
    }

    fn allow(principal: &str, actions: &str, resources: &str) -> String {
        format!(r#"{{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": {actions}, "Resource": {resources}}}"#)
    }

    const BOTH: &str = r#"["arn:aws:s3:::lab-data", "arn:aws:s3:::lab-data/*"]"#;

    #[test]
    fn nothing_beyond_is_nothing_to_say() {
        assert_eq!(beyond(&allow("111122223333", r#"["s3:GetObject", "s3:ListBucket"]"#, BOTH)), []);
        assert_eq!(beyond(&allow("444455556666", r#""s3:*""#, BOTH)), []);
    }

    #[test]
    fn wildcards_and_administration_are_told() {
        let all = beyond(&allow("111122223333", r#""s3:*""#, BOTH));
        assert_eq!((all.len(), all[0].actions.len(), all[0].administration), (1, 62 + 44 - 2, true));
        assert_eq!(all[0].identities, Vec::<String>::new());
        let one = beyond(&allow("arn:aws:iam::111122223333:role/R", r#""s3:*""#, BOTH));
        assert_eq!(one[0].identities, ["arn:aws:iam::111122223333:role/R"]);
        let reading = beyond(&allow("111122223333", r#"["s3:GetObject*"]"#, r#""arn:aws:s3:::lab-data/*""#));
        assert!(reading[0].actions.contains(&"s3:GetObjectTagging".to_owned()) && !reading[0].administration);
        let on_objects_only = beyond(&allow("111122223333", r#""s3:PutBucketPolicy""#, r#""arn:aws:s3:::lab-data/*""#));
        assert_eq!(on_objects_only, []);
    }

    #[test]
    fn what_is_denied_to_all_is_not_granted() {
        let deny =
            r#", {"Effect": "Deny", "Principal": "*", "Action": "s3:PutBucketPolicy", "Resource": "arn:aws:s3:::lab-data"}"#;
        let statements = allow("111122223333", r#""s3:PutBucketPolicy""#, r#""arn:aws:s3:::lab-data""#) + deny;
        assert_eq!(beyond(&statements), []);
    }

    #[test]
    fn a_name_with_a_star_reaches_other_buckets() {
        let found = beyond(&allow("111122223333", r#""s3:GetObject""#, r#""arn:aws:s3:::lab-data*""#));
        assert_eq!(found[0].elsewhere.as_deref(), Some("arn:aws:s3:::lab-datax"));
        let elsewhere = |resource: &str| beyond(&allow("111122223333", r#""s3:GetObject""#, resource))[0].elsewhere.clone();
        assert_eq!(elsewhere(r#""arn:aws:s3:::lab-*""#).as_deref(), Some("arn:aws:s3:::lab-x"));
        assert_eq!(elsewhere(r#""*""#).as_deref(), Some("arn:aws:s3:::xxx"));
        assert_eq!(elsewhere(r#""arn:aws:s3:::lab-*-raw/*""#).as_deref(), Some("arn:aws:s3:::lab--raw/x"));
        assert_eq!(beyond(&allow("111122223333", r#""s3:GetObject""#, r#""arn:aws:s3:::lab-data/*""#)), []);
    }

    #[test]
    fn a_grant_whose_condition_never_holds_is_none() {
        let when = |test: &str| {
            let allow = allow("111122223333", r#""s3:PutBucketPolicy""#, BOTH);
            allow.replace("\"Action\"", &format!("\"Condition\": {{{test}}}, \"Action\""))
        };
        let found = |test: &str| beyond(&when(test)).len();
        assert_eq!(found(r#""Bool": {"aws:SecureTransport": "true"}"#), 1);
        assert_eq!(found(r#""Bool": {"aws:SecureTransport": "false"}"#), 0);
        assert_eq!(found(r#""StringEquals": {"aws:PrincipalAccount": "444455556666"}"#), 0);
        assert_eq!(found(r#""StringEquals": {"aws:SourceVpce": "vpce-1"}"#), 1);
    }
}
