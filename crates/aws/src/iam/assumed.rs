//! Parameters without a value that are taken for the ID of the control account: only where that lets it in, as somebody who
//! writes a template for it will pass it.

use super::caller::{Reach, account_reach};
use super::document::{Effect, Statement, Test};
use super::operator::Operator;
use super::principal::{Principal, PrincipalKind};
use super::symbols::account_belongs_here;
use bucketlint_text::text::{Part, SymbolKind, Text};

/// Whether that is so of the principals of a statement.
pub(super) fn in_principals(statement: &Statement) -> bool {
    (statement.effect == Some(Effect::Deny)) == statement.not_principal
}

/// Keys whose values hold the caller's account ID, in lower case.
const KEYS: [&str; 3] = ["aws:principalaccount", "aws:principalarn", "kms:calleraccount"];

/// Whether that is so of the values of a test in `statement`.
pub(super) fn in_test(statement: &Statement, test: &Test) -> bool {
    let negated = Operator::parse(&test.operator).is_some_and(|operator| operator.negated);
    let effect = if negated { Effect::Deny } else { Effect::Allow };
    statement.effect == Some(effect) && KEYS.contains(&test.key.to_ascii_lowercase().as_str())
}

/// Whether the account of `principal` is a parameter that may be `account`.
pub(super) fn is(principal: &Principal, account: &str) -> bool {
    let id = match &principal.kind {
        PrincipalKind::Account(id) | PrincipalKind::Identity { account: id, .. } => id,
        PrincipalKind::Unknown => &principal.text,
        _ => return false,
    };
    account_reach(id, account) == Reach::Assumed
}

/// What of a statement's principals and conditions is taken for `account`, or for one of its identities.
pub fn all<'s>(statement: &'s Statement, account: &'s str) -> impl Iterator<Item = &'s Text> {
    let principals = statement.principals.iter().filter(move |one| in_principals(statement) && is(one, account));
    let tests = statement.conditions.iter().filter(|test| in_test(statement, test));
    let values = tests.flat_map(|test| &test.values).filter(|value| has_account(value));
    principals.map(|principal| &principal.text).chain(values)
}

/// Whether a parameter stands where a value has an account ID.
pub(super) fn has_account(value: &Text) -> bool {
    let mut before = String::new();
    value.parts().iter().any(|part| match part {
        Part::Lit(text) => {
            before.push_str(text);
            false
        }
        Part::Sym(symbol) if symbol.kind == SymbolKind::Partition => {
            before.push_str("aws");
            false
        }
        Part::Sym(symbol) => symbol.kind == SymbolKind::Parameter && account_belongs_here(&before, value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::caller::Requester;
    use crate::iam::decide::Question;
    use crate::iam::read;
    use crate::iam::resource::Target;
    use crate::iam::verdict;
    use crate::iam::verdict_tests::Parameters;
    use bucketlint_text::source::Span;

    /// The verdict on an Allow for the control account beside `statement`, and what is taken for it; `<P>` is a parameter.
    fn told(statement: &str) -> (&'static str, Vec<String>) {
        let rest = r#""Action": "s3:*", "Resource": "arn:aws:s3:::lab-data/*""#;
        let allow = format!(r#"{{"Effect": "Allow", "Principal": {{"AWS": "111122223333"}}, {rest}}}"#);
        let json = format!(r#"{{"Statement": [{allow}, {{{statement}, {rest}}}]}}"#);
        let document = read::document(&bucketlint_text::syntax::testing::tree(&json), &Parameters);
        let target = Target { name: Text::known(Span::default(), "lab-data"), partition: "aws".into() };
        let requester = Requester { account: "111122223333".into(), ..Requester::default() };
        let question = Question { policies: &[&document], target: &target, requester: &requester };
        let verdict = verdict::decide(&question, &["s3:GetObject".to_owned()])[0].verdict.word();
        (verdict, all(&document.statements[1], "111122223333").map(ToString::to_string).collect())
    }

    #[test]
    fn a_parameter_is_the_control_account_only_where_that_lets_it_in() {
        let deny = r#""Effect": "Deny""#;
        let when = |test: &str, key: &str, value: &str| {
            format!(r#"{deny}, "Principal": "*", "Condition": {{"{test}": {{"{key}": {value}}}}}"#)
        };
        let other = r#"["<P>", "444455556666"]"#;
        let own = r#"["<P>", "111122223333"]"#;
        let root = r#""arn:aws:iam::<P>:root""#;
        let role = r#""arn:aws:iam::<P>:role/*""#;
        for (statement, verdict, taken) in [
            (when("StringNotEquals", "aws:PrincipalAccount", r#""<P>""#), "granted", vec!["${P}"]),
            (when("StringNotEquals", "aws:PrincipalAccount", other), "granted", vec!["${P}"]),
            (when("StringEquals", "aws:PrincipalAccount", r#""<P>""#), "unresolved", vec![]),
            (when("StringEquals", "aws:PrincipalAccount", other), "unresolved", vec![]),
            // whatever the parameter is
            (when("StringEquals", "aws:PrincipalAccount", own), "denied", vec![]),
            (when("ArnNotLike", "aws:PrincipalArn", role), "conditional", vec!["arn:aws:iam::${P}:role/*"]),
            (when("ArnLike", "aws:PrincipalArn", role), "unresolved", vec![]),
            (format!(r#"{deny}, "Principal": {{"AWS": "<P>"}}"#), "unresolved", vec![]),
            (format!(r#"{deny}, "Principal": {{"AWS": {root}}}"#), "unresolved", vec![]),
            (format!(r#"{deny}, "Principal": {{"AWS": "arn:aws:iam::<P>:role/R"}}"#), "unresolved", vec![]),
            (r#""Effect": "Allow", "Principal": {"AWS": "<P>"}"#.to_owned(), "granted", vec!["${P}"]),
            (
                r#""Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "<P>"}}"#
                    .to_owned(),
                "granted",
                vec!["${P}"],
            ),
        ] {
            assert_eq!(told(&statement), (verdict, taken.into_iter().map(str::to_owned).collect()), "{statement}");
        }
    }
}
