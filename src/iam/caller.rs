//! Who asks: the control account's principals, and which policy principals they match.

use super::document::{Effect, Statement};
use super::principal::{Principal, PrincipalKind};
use crate::text::{SymbolKind, Text};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The side that needs access, as the user describes it.
#[derive(Clone, Debug, Default)]
pub struct Requester {
    /// The control account, twelve digits; or the AWS service that asks, such as `s3.amazonaws.com`.
    pub account: String,
    /// Role ARNs to judge for; empty means every principal the account may delegate to.
    pub roles: Vec<String>,
    /// Condition keys (lower case) that are known, with their values; no value means that no request carries the key.
    pub assume: BTreeMap<String, Vec<String>>,
    /// Further such keys, with values that may be known in part.
    pub carried: BTreeMap<String, Vec<Text>>,
}

/// What `aws:PrincipalAccount` holds in a request without credentials:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalaccount>.
pub const ANONYMOUS: &str = "anonymous";

impl Requester {
    /// Anybody at all: a request without credentials carries no key of a principal's organization, tags or session.
    pub fn anonymous() -> Self {
        Self { account: ANONYMOUS.into(), ..Self::default() }
    }

    /// An AWS service that asks in its own name, such as `cloudtrail.amazonaws.com`, over TLS; for what and for whom is not
    /// known.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalisawsservice>
    pub fn service(name: &str) -> Self {
        let is = |key: &str, value: &str| (key.to_owned(), vec![value.to_owned()]);
        let known =
            [is("aws:principalisawsservice", "true"), is("aws:principalservicename", name), is("aws:securetransport", "true")];
        // what only callers of an account have
        let absent = ["aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:userid"];
        Self {
            account: name.to_owned(),
            roles: vec![name.to_owned()],
            assume: known.into_iter().chain(absent.map(|key| (key.to_owned(), Vec::new()))).collect(),
            ..Self::default()
        }
    }

    /// Whether an AWS service asks in its own name.
    pub fn is_service(&self) -> bool {
        self.account.ends_with(".amazonaws.com")
    }

    /// Whether requests carry no credentials.
    pub fn is_anonymous(&self) -> bool {
        self.account == ANONYMOUS
    }
}

/// One concrete caller.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Caller {
    /// ARN of the role or user, which is what `aws:PrincipalArn` holds also for sessions.
    pub arn: String,
    /// ARN of the session, where a policy names one.
    pub session: Option<String>,
}

impl Caller {
    /// The caller behind a role, user or session ARN.
    pub fn new(arn: &str) -> Self {
        let session = arn.contains(":sts::").then(|| arn.to_owned());
        let role = session.as_deref().and_then(role_of_session).unwrap_or_else(|| arn.to_owned());
        Self { arn: role, session }
    }

    /// A role of `account` that no policy mentions by name.
    pub fn any_role(partition: &str, account: &str) -> Self {
        Self::new(&format!("arn:{partition}:iam::{account}:role/x"))
    }

    /// The partition of its account.
    pub fn partition(&self) -> &str {
        self.arn.split(':').nth(1).unwrap_or("aws")
    }

    /// What `aws:PrincipalType` holds.
    pub fn kind(&self) -> &'static str {
        match self.arn.splitn(6, ':').nth(5).and_then(|resource| resource.split('/').next()) {
            Some("user") => "User",
            Some("federated-user") => "FederatedUser",
            _ => "AssumedRole",
        }
    }

    /// The name of a user; roles have none.
    pub fn user_name(&self) -> Option<&str> {
        self.arn.split_once(":user/")?.1.rsplit('/').next()
    }

    /// Whether this ARN names the caller: its role, user or session.
    fn is(&self, arn: &str) -> bool {
        self.arn == arn || self.session.as_deref() == Some(arn)
    }
}

/// `arn:aws:sts::1:assumed-role/R/s` belongs to role `arn:aws:iam::1:role/R`; the role's path is not in it.
fn role_of_session(arn: &str) -> Option<String> {
    let (head, rest) = arn.split_once(":assumed-role/")?;
    let role = rest.split('/').next()?;
    Some(format!("{}:role/{role}", head.replace(":sts:", ":iam:")))
}

/// How one principal stands towards the control account, callers aside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Every principal of the account.
    Whole,
    /// The same, taking an unknown parameter for the account.
    Assumed,
    /// One identity of the account.
    Part,
    /// Cannot be told.
    Unknown,
    /// No principal of the account.
    Other,
}

/// How `principal` stands towards `account`.
pub fn reach(principal: &Principal, account: &str) -> Reach {
    match &principal.kind {
        PrincipalKind::Everyone => Reach::Whole,
        PrincipalKind::Account(id) => account_reach(id, account),
        PrincipalKind::Identity { account: id, resource, .. } => match account_reach(id, account) {
            Reach::Whole | Reach::Assumed if resource.as_known().is_some() => Reach::Part,
            Reach::Whole | Reach::Assumed => Reach::Unknown,
            other => other,
        },
        PrincipalKind::Unknown => account_reach(&principal.text, account),
        // a service asks in its own name; no account is called like one
        PrincipalKind::Service if principal.text.as_known() == Some(account) => Reach::Whole,
        _ => Reach::Other,
    }
}

fn account_reach(id: &Text, account: &str) -> Reach {
    if let Some(known) = id.as_known() {
        return if known == account { Reach::Whole } else { Reach::Other };
    }
    match id.as_symbol().map(|symbol| symbol.kind) {
        Some(SymbolKind::OwnAccount) => Reach::Other,
        // a parameter is taken for the control account, but never for everybody
        Some(SymbolKind::Parameter) if account != ANONYMOUS => Reach::Assumed,
        _ => Reach::Unknown,
    }
}

/// How `principal` stands towards `account` as it is in `partition`: the same number in another one is another account.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
pub fn reach_in(principal: &Principal, account: &str, partition: &str) -> Reach {
    if partition_of(principal).is_some_and(|spelled| spelled != partition) { Reach::Other } else { reach(principal, account) }
}

/// The partition that a principal's ARN spells out.
pub fn partition_of(principal: &Principal) -> Option<SmolStr> {
    let (partition, _) = principal.text.strip_prefix("arn:")?.split_once(':')?;
    partition.as_known().map(SmolStr::from)
}

/// Whether `statement`'s principals cover `caller` of `account`; `None` where that cannot be told.
pub fn covers(statement: &Statement, caller: &Caller, account: &str) -> Option<bool> {
    let partition = caller.partition();
    let reach = |principal: &Principal| reach_in(principal, account, partition);
    let is = |principal: &Principal| caller.is(&identity_arn(principal, account, partition));
    let each = statement.principals.iter().map(|principal| match reach(principal) {
        Reach::Whole | Reach::Assumed => Some(true),
        Reach::Part => Some(is(principal)),
        Reach::Unknown => None,
        Reach::Other => Some(false),
    });
    let answers: Vec<Option<bool>> = each.collect();
    let any = if answers.contains(&Some(true)) {
        Some(true)
    } else if answers.contains(&None) {
        None
    } else {
        Some(false)
    };
    match (statement.not_principal, statement.effect) {
        (false, _) => any,
        // exempt only if the account and the role or user are both listed:
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
        (true, Some(Effect::Deny)) => {
            let whole = statement.principals.iter().any(|p| matches!(reach(p), Reach::Whole | Reach::Assumed));
            let named = statement.principals.iter().any(|p| reach(p) == Reach::Part && is(p));
            let everyone = statement.principals.iter().any(|p| p.kind == PrincipalKind::Everyone);
            if everyone || (whole && named) {
                Some(false)
            } else if answers.contains(&None) {
                None
            } else {
                Some(true)
            }
        }
        (true, _) => any.map(|listed| !listed),
    }
}

/// The session that a principal names, where it is one of a role to judge for. A session's ARN leaves the role's path out:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>.
pub fn session_of(principal: &Principal, requester: &Requester) -> Option<Caller> {
    let account = &requester.account;
    let partition = partition_of(principal).unwrap_or_else(|| SmolStr::new_static("aws"));
    let session = (reach(principal, account) == Reach::Part).then(|| identity_arn(principal, account, &partition))?;
    let bare = role_of_session(&session)?;
    let (head, name) = bare.split_once(":role/")?;
    let is_its = |role: &&String| {
        let parts = role.split_once(":role/").map(|(head, path)| (head, path.rsplit('/').next().unwrap_or(path)));
        parts == Some((head, name))
    };
    let role = requester.roles.iter().find(is_its)?;
    Some(Caller { arn: role.clone(), session: Some(session) })
}

/// The ARN of a principal that is one identity, an assumed account and a partition it does not spell out filled in.
pub fn identity_arn(principal: &Principal, account: &str, partition: &str) -> String {
    let PrincipalKind::Identity { resource, service, .. } = &principal.kind else { return String::new() };
    let spelled = partition_of(principal);
    let partition = spelled.as_deref().unwrap_or(partition);
    format!("arn:{partition}:{service}::{account}:{resource}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::read;
    use crate::resolve::Plain;
    use crate::syntax::node::Node;

    fn statement(json: &str) -> Statement {
        let tree: Node = crate::syntax::testing::tree(json);
        let document = read::document(&tree, &Plain);
        document.statements.into_iter().next().unwrap()
    }

    fn covered(principals: &str, caller: &str) -> Option<bool> {
        let json = format!(r#"{{"Statement": {{"Effect": "Deny", {principals}, "Action": "s3:*", "Resource": "*"}}}}"#);
        covers(&statement(&json), &Caller::new(caller), "111122223333")
    }

    #[test]
    fn callers_are_matched_by_account_role_and_session() {
        let role = "arn:aws:iam::111122223333:role/R";
        let session = "arn:aws:sts::111122223333:assumed-role/R/s";
        for (principal, caller, expected) in [
            (r#""Principal": "*""#, role, Some(true)),
            (r#""Principal": {"AWS": "111122223333"}"#, role, Some(true)),
            (r#""Principal": {"AWS": "arn:aws:iam::111122223333:root"}"#, session, Some(true)),
            (r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/R"}"#, session, Some(true)),
            (r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/Q"}"#, role, Some(false)),
            (r#""Principal": {"AWS": "arn:aws-cn:iam::111122223333:root"}"#, role, Some(false)),
            (r#""Principal": {"AWS": "arn:aws-cn:iam::111122223333:root"}"#, "arn:aws-cn:iam::111122223333:role/R", Some(true)),
            (r#""Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/R/s"}"#, role, Some(false)),
            (r#""Principal": {"Service": "s3.amazonaws.com"}"#, role, Some(false)),
            (r#""NotPrincipal": {"AWS": "111122223333"}"#, role, Some(true)),
            (r#""NotPrincipal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:role/R"]}"#, role, Some(false)),
            (
                r#""NotPrincipal": {"AWS": ["arn:aws-cn:iam::111122223333:root", "arn:aws:iam::111122223333:role/R"]}"#,
                role,
                Some(true),
            ),
        ] {
            assert_eq!(covered(principal, caller), expected, "{principal} {caller}");
        }
    }
}
