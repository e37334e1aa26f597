//! Tests of a condition that cannot do what they are written for.

use super::action::{self, S3Action};
use super::closest::closest;
use super::document::{Effect, Statement, Test};
use super::instant::Instant;
use super::keys::{self, Group};
use super::network;
use super::number::Decimal;
use super::operator::{Base, Operator, Quantifier};
use super::principal::is_account;
use super::wildcard::{self, Token};
use bucketlint_text::source::Span;

/// What is wrong with a test.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlipKind {
    /// There is no such key, or not in requests to S3.
    Key,
    /// Requests for some or all actions of the statement lack the key.
    Action,
    /// A value that the key never has.
    Value,
}

impl SlipKind {
    /// The word used in facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Action => "action",
            Self::Value => "value",
        }
    }
}

/// A test that cannot do what it is written for.
#[derive(Clone, PartialEq, Debug)]
pub struct Slip {
    /// What is wrong.
    pub kind: SlipKind,
    /// The test.
    pub test: Span,
    /// The test or its value.
    pub at: Span,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
    /// What to write instead.
    pub fix: String,
    /// Whether the test holds for every request, or for none; `None` if neither follows.
    pub holds: Option<bool>,
}

impl Slip {
    /// What comes of it in a statement of this effect, as the end of a sentence; empty where nothing certain does.
    pub fn outcome(&self, effect: Option<Effect>) -> &'static str {
        match (effect, self.holds) {
            (Some(Effect::Allow), Some(false)) => ", so the condition is never met and nothing is granted",
            (Some(Effect::Deny), Some(false)) => ", so the condition is never met and nothing is denied",
            (Some(Effect::Allow), Some(true)) => ", so the condition is always met and keeps nobody out",
            (Some(Effect::Deny), Some(true)) => ", so the condition is always met and everything is denied",
            _ => "",
        }
    }

    /// Whether it takes access away: an Allow that never grants, or a Deny that always denies.
    pub fn takes(&self, effect: Option<Effect>) -> bool {
        matches!((effect, self.holds), (Some(Effect::Allow), Some(false)) | (Some(Effect::Deny), Some(true)))
    }
}

/// Every slip in the condition of a statement of a bucket policy.
pub fn slips(statement: &Statement) -> Vec<Slip> {
    statement.conditions.iter().flat_map(|test| of_test(statement, test)).collect()
}

fn of_test(statement: &Statement, test: &Test) -> Vec<Slip> {
    let Some(operator) = Operator::parse(&test.operator) else { return Vec::new() };
    // a function may make it, or a macro
    if test.key.contains("${") || test.key.starts_with("Fn::") {
        return Vec::new();
    }
    if let Some((message, fix)) = no_key(&test.key) {
        return vec![Slip { kind: SlipKind::Key, test: test.span, at: test.span, message, fix, holds: absent(operator) }];
    }
    let mut out: Vec<Slip> = of_actions(statement, test, operator).into_iter().collect();
    let values =
        test.values.iter().map(|value| (value, value.as_known().and_then(|known| of_value(statement, test, operator, known))));
    let values: Vec<_> = values.collect();
    let all = values.iter().all(|(_, wrong)| wrong.as_ref().is_some_and(|wrong| wrong.never));
    out.extend(values.into_iter().filter_map(|(value, wrong)| {
        let Wrong { message, fix, .. } = wrong?;
        let holds = if all { unmatched(operator) } else { None };
        Some(Slip { kind: SlipKind::Value, test: test.span, at: value.span, message, fix, holds })
    }));
    out
}

/// Whether a test holds whose key no request has.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
fn absent(operator: Operator) -> Option<bool> {
    match operator {
        Operator { base: Base::Null, .. } => None,
        Operator { if_exists: true, .. } | Operator { quantifier: Quantifier::ForAllValues, .. } => Some(true),
        Operator { quantifier: Quantifier::ForAnyValue, .. } => Some(false),
        Operator { negated, .. } => Some(negated),
    }
}

/// Whether a test holds whose values match nothing that a request has.
fn unmatched(operator: Operator) -> Option<bool> {
    match (operator.negated, absent(operator)) {
        _ if operator.base == Base::Null => Some(false),
        (negated, Some(absent)) if negated == absent => Some(negated),
        _ => None,
    }
}

/// Why there is no such key in requests to S3, and what to write.
fn no_key(key: &str) -> Option<(String, String)> {
    if keys::find(key).is_some() {
        return None;
    }
    let whole = |name: &&str| name.strip_suffix('/').is_some_and(|name| name.eq_ignore_ascii_case(key.trim_end_matches('/')));
    if let Some(tagged) = keys::all().iter().map(|known| known.name).find(whole) {
        return Some((format!("`{key}` lacks the tag's key"), format!("write `{tagged}<key of the tag>`")));
    }
    let prefixed = || ["aws:", "s3:"].into_iter().find_map(|prefix| keys::canonical(&format!("{prefix}{key}")));
    let meant = match key.split_once(':') {
        Some(("aws" | "s3", _)) => keys::suggest(key).map(str::to_owned),
        None => prefixed(),
        // what an identity provider tells of a session may be compared too
        Some((service, _)) if service.contains('.') || service == "saml" => return None,
        Some(_) => {
            let fix = "use a key that starts with `s3:` or `aws:`".to_owned();
            return Some((format!("`{key}` is a key of another service, which no request to S3 carries"), fix));
        }
    };
    let fix = match &meant {
        Some(meant) => format!("write `{meant}`"),
        None => "see whether AWS has this key, which this version of bucketlint does not know".to_owned(),
    };
    Some((format!("there is no condition key `{key}`"), fix))
}

/// What is wrong where actions of the statement lack the key: <https://github.com/humanmade/S3-Uploads/issues/239>. A value
/// with wildcards lacks it where all actions do that it matches.
fn of_actions(statement: &Statement, test: &Test, operator: Operator) -> Option<Slip> {
    let items = &statement.actions.items;
    if statement.actions.not || !test.key.to_ascii_lowercase().starts_with("s3:") {
        return None;
    }
    let known: Option<Vec<&str>> = items.iter().map(|item| item.as_known()).collect();
    let known: Vec<&str> = known?.into_iter().filter(|item| action::covered(item).next().is_some()).collect();
    let has = |item: &&&str| action::covered(item).any(|one| action::has_condition_key(one, &test.key));
    let (having, lacking): (Vec<&str>, Vec<&str>) = known.iter().partition(|item| has(item));
    if lacking.is_empty() {
        return None;
    }
    let key = keys::canonical(&test.key).unwrap_or_else(|| test.key.to_string());
    let slip = |message, fix, holds| Slip { kind: SlipKind::Action, test: test.span, at: test.span, message, fix, holds };
    if having.is_empty() {
        let owners: Vec<&S3Action> = action::all().iter().filter(|one| action::has_condition_key(one, &key)).collect();
        let few = owners.iter().take(3).map(|one| format!("s3:{}", one.name)).collect::<Vec<_>>().join(", ");
        let more = if owners.len() > 3 { " and others" } else { "" };
        let message = format!("no request for {} carries `{key}`, which is a key of {few}{more}", lacking.join(", "));
        let fix = match key.as_str() {
            "s3:prefix" => "name the objects in `Resource`, as in `arn:aws:s3:::<bucket>/<prefix>/*`".to_owned(),
            _ => "compare a key that these requests carry".to_owned(),
        };
        return Some(slip(message, fix, absent(operator)));
    }
    // such a test is made for requests that lack the key
    if operator.if_exists || operator.base == Base::Null {
        return None;
    }
    let lacking = lacking.join(", ");
    let message = format!("no request for {lacking} carries `{key}`, as those for {} beside it do", having.join(", "));
    Some(slip(message, format!("put {lacking} into a statement of its own, without this condition"), None))
}

/// What is wrong with a value.
struct Wrong {
    message: String,
    fix: String,
    /// Whether no request has it; otherwise hardly one does.
    never: bool,
}

impl Wrong {
    fn new(message: String, fix: impl Into<String>) -> Option<Self> {
        Some(Self { message, fix: fix.into(), never: true })
    }
}

fn of_value(statement: &Statement, test: &Test, operator: Operator, known: &str) -> Option<Wrong> {
    let tokens = wildcard::parse(known, statement.variables);
    if tokens.iter().any(|token| matches!(token, Token::Variable { .. })) {
        return None;
    }
    let literal = wildcard::literal(&tokens).filter(|_| !tokens.iter().any(is_wild));
    match operator.base {
        Base::Bool | Base::Null => no_truth(known),
        Base::Numeric(_) if Decimal::parse(known).is_none() => {
            Wrong::new(format!("`{known}` is not a number"), "write a number, such as `1.2`")
        }
        Base::Date(_) if Instant::parse(known).is_none() => {
            Wrong::new(format!("`{known}` is not a date"), "write a date, such as `2026-11-28T00:00:00Z`")
        }
        Base::IpAddress if !network::is_range(known) => {
            Wrong::new(format!("`{known}` is not an address or a range of addresses"), "write it as in `203.0.113.0/24`")
        }
        Base::StringEquals | Base::StringEqualsIgnoreCase if literal.is_none() => literal_star(test, operator, known),
        Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike | Base::Arn => foreign(test, operator, &literal?),
        _ => None,
    }
}

fn is_wild(token: &Token) -> bool {
    matches!(token, Token::Many | Token::One)
}

fn no_truth(known: &str) -> Option<Wrong> {
    let words = ["true", "false"];
    if words.iter().any(|word| word.eq_ignore_ascii_case(known)) {
        return None;
    }
    let fix = closest(known, words).map_or_else(|| "write `true` or `false`".to_owned(), |word| format!("write `{word}`"));
    Wrong::new(format!("`{known}` is neither true nor false"), fix)
}

/// A wildcard under an operator that knows none.
fn literal_star(test: &Test, operator: Operator, known: &str) -> Option<Wrong> {
    let key = keys::find(&test.key)?;
    let kind = if key.name.ends_with("Arn") { "Arn" } else { "String" };
    let other = format!("{kind}{}Like", if operator.negated { "Not" } else { "" });
    let fix = format!("write it under `{other}`");
    // names of files and pages may have a star; in those of AWS there is none
    let open = key.group == Group::Request && !is_of_aws(key.name);
    if open && !known.contains('*') {
        return None;
    }
    let message = format!("`{}` compares `{known}` letter by letter: the wildcard is no wildcard", test.operator);
    Some(Wrong { message, fix, never: !open })
}

/// Keys of requests whose values AWS or its rules for names make.
fn is_of_aws(name: &str) -> bool {
    const HEADERS: [&str; 4] = [
        "s3:x-amz-acl",
        "s3:x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "s3:x-amz-storage-class",
    ];
    name.starts_with("aws:Source")
        || name.starts_with("aws:CalledVia")
        || name == "aws:RequestedRegion"
        || HEADERS.contains(&name)
}

/// A value of another kind than the key's:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.
fn foreign(test: &Test, operator: Operator, known: &str) -> Option<Wrong> {
    let key = keys::canonical(&test.key)?;
    let is_number = |text: &str| is_account(text);
    match key.as_str() {
        "aws:PrincipalOrgID" | "aws:ResourceOrgID" | "aws:SourceOrgID" | "aws:VpceOrgID" if !known.starts_with("o-") => {
            let account = if is_number(known) { ", but the id of an account" } else { "" };
            let fix = "write the organization's id, which begins with `o-`";
            let by_account =
                if is_number(known) && key == "aws:PrincipalOrgID" { ", or compare `aws:PrincipalAccount`" } else { "" };
            Wrong::new(format!("`{known}` is not the id of an organization{account}"), format!("{fix}{by_account}"))
        }
        "aws:PrincipalAccount"
        | "aws:ResourceAccount"
        | "aws:SourceAccount"
        | "aws:VpceAccount"
        | "s3:ResourceAccount"
        | "s3:DataAccessPointAccount"
            if !is_number(known) && !known.eq_ignore_ascii_case("anonymous") =>
        {
            Wrong::new(format!("`{known}` is not the id of an account"), "write the 12 digits of the account")
        }
        "aws:PrincipalArn" if known.starts_with("arn:") && known.contains(":sts::") && known.contains(":assumed-role/") => {
            let fix = "write the ARN of the role, `arn:aws:iam::<account>:role/<name>`";
            Wrong::new(format!("`{known}` is a session; `aws:PrincipalArn` is the ARN of its role"), fix)
        }
        "aws:SourceVpc" if !known.starts_with("vpc-") => {
            Wrong::new(format!("`{known}` is not the id of a VPC"), "write the VPC's id, which begins with `vpc-`")
        }
        "aws:SourceVpce" if !known.starts_with("vpce-") => {
            let fix = "write the endpoint's id, which begins with `vpce-`";
            Wrong::new(format!("`{known}` is not the id of a VPC endpoint"), fix)
        }
        "aws:SourceIp" | "aws:VpcSourceIp" if known.contains('/') => {
            let other = if operator.negated { "NotIpAddress" } else { "IpAddress" };
            let message = format!("`{}` compares the range `{known}` letter by letter with an address", test.operator);
            Wrong::new(message, format!("write it under `{other}`"))
        }
        "s3:x-amz-server-side-encryption" => slip_of_the_pen(known, operator, &["AES256", "aws:kms", "aws:kms:dsse"]),
        _ if operator.base == Base::Arn && !known.starts_with("arn:") => {
            let fix = "write an ARN, or compare it under `StringEquals`";
            Wrong::new(format!("`{known}` is not an ARN, as `{}` takes", test.operator), fix)
        }
        _ => None,
    }
}

/// A value that is spelt almost like one of those there are.
fn slip_of_the_pen(known: &str, operator: Operator, there: &[&str]) -> Option<Wrong> {
    let same = |word: &&&str| match operator.base {
        Base::StringEqualsIgnoreCase => word.eq_ignore_ascii_case(known),
        _ => **word == known,
    };
    if there.iter().any(|word| same(&word)) {
        return None;
    }
    let meant = closest(known, there.iter().copied())?;
    Wrong::new(format!("`{known}` is not spelt as in requests"), format!("write `{meant}`"))
}

#[cfg(test)]
mod tests;
