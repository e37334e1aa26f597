//! Who asks: the control account's principals, and which policy principals they match.

use super::assumed;
use super::document::{Effect, Statement};
use super::principal::{Principal, PrincipalKind};
use super::wildcard;
use bucketlint_text::language::Pattern;
use bucketlint_text::text::{Part, SymbolKind, Text};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// The side that needs access, as the user describes it.
#[derive(Clone, Debug, Default)]
pub struct Requester {
    /// The control account, twelve digits; or the AWS service that asks, such as `s3.amazonaws.com`.
    pub account: String,
    /// Other control accounts, each a requester of its own: what is for one of them is no slip of a grant to this one.
    pub beside: Vec<String>,
    /// Role ARNs to judge for; empty means every principal the account may delegate to.
    pub roles: Vec<String>,
    /// Condition keys (lower case) that are known, with their values; no value means that no request carries the key.
    pub assume: BTreeMap<String, Vec<String>>,
    /// Further such keys, with values that may be known in part.
    pub carried: BTreeMap<String, Vec<Text>>,
    /// Whether its account may be the one that templates are deployed to, as that of anybody who is asked about.
    pub may_own: bool,
    /// Whether the bucket has ACLs switched off: uploads carry none, or that of its owner.
    pub acls_off: bool,
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
        Self { account: name.to_owned(), roles: vec![name.to_owned()], assume: known.into(), ..Self::default() }
    }

    /// Whether an AWS service asks in its own name.
    pub fn is_service(&self) -> bool {
        is_service(&self.account)
    }

    /// Whether requests carry no credentials.
    pub fn is_anonymous(&self) -> bool {
        self.account == ANONYMOUS
    }
}

/// Whether this is the name of an AWS service, not an account.
fn is_service(account: &str) -> bool {
    account.ends_with(".amazonaws.com")
}

/// One concrete caller.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Caller {
    /// ARN of the role or user; that of the session where the path of its role is not known.
    pub arn: String,
    /// ARN of the session, where a policy names one.
    pub session: Option<String>,
}

impl Caller {
    /// The caller behind a role, user or session ARN.
    pub fn new(arn: &str) -> Self {
        Self { arn: arn.to_owned(), session: arn.contains(":sts::").then(|| arn.to_owned()) }
    }

    /// The same, with the path of its role if just one of `roles` can be it: names of roles are unique in an account.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
    pub(super) fn among(self, roles: &BTreeSet<String>) -> Self {
        let its: Vec<&String> = roles.iter().filter(|role| is_session_of(&self.arn, role)).collect();
        match its.as_slice() {
            [role] => Self { arn: (*role).clone(), ..self },
            _ => self,
        }
    }

    /// What `aws:PrincipalArn` holds, for sessions too the ARN of the role; a path that is not known left out.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn>
    pub(super) fn principal_arn(&self) -> String {
        role_of_session(&self.arn).map_or_else(|| self.arn.clone(), |(head, name)| format!("{head}{name}"))
    }

    /// What stands before and after the path in the ARN of its role, if that path is not known.
    pub(super) fn around_path(&self) -> Option<(String, &str)> {
        role_of_session(&self.arn)
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
            Some("root") => "Account",
            _ => "AssumedRole",
        }
    }

    /// What `aws:userid` may hold: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>,
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>.
    pub(super) fn user_id(&self) -> Pattern {
        let account = self.arn.split(':').nth(4).unwrap_or_default();
        let name = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
        match (self.kind(), &self.session) {
            ("User", _) => Pattern::glob("AIDA?*"),
            ("Account", _) => Pattern::literal(account),
            ("FederatedUser", _) => Pattern::literal(&format!("{account}:{}", name(&self.arn))),
            (_, None) => Pattern::glob("AROA?*:?*"),
            (_, Some(session)) => Pattern::glob("AROA?*:").then(&Pattern::literal(&name(session))),
        }
    }

    /// Whether its requests are those of a role's sessions.
    fn is_role(&self) -> bool {
        self.kind() == "AssumedRole"
    }

    /// The name of a user; roles have none.
    pub fn user_name(&self) -> Option<&str> {
        self.arn.split_once(":user/")?.1.rsplit('/').next()
    }

    /// Whether this ARN names its role or user.
    fn is(&self, arn: &str) -> bool {
        self.arn == arn && !self.is_in(arn) || is_session_of(&self.arn, arn)
    }

    /// Whether this ARN names its session.
    fn is_in(&self, arn: &str) -> bool {
        self.session.as_deref() == Some(arn)
    }
}

/// `arn:aws:sts::1:assumed-role/R/s` belongs to role `arn:aws:iam::1:role/…R`; the role's path is not in it:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>.
fn role_of_session(arn: &str) -> Option<(String, &str)> {
    let (head, rest) = arn.split_once(":assumed-role/")?;
    Some((format!("{}:role/", head.replace(":sts:", ":iam:")), rest.split('/').next()?))
}

fn is_session_of(session: &str, role: &str) -> bool {
    let its = role_of_session(session).and_then(|(head, name)| Some((role.strip_prefix(&*head)?, name)));
    its.is_some_and(|(path, name)| path.rsplit('/').next() == Some(name))
}

/// How one principal stands towards the control account, callers aside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Every principal of the account.
    Whole,
    /// The same, if an unknown parameter is the account.
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
        PrincipalKind::Service if is_service(account) && may_be(&principal.text, account) => Reach::Unknown,
        _ => Reach::Other,
    }
}

/// Whether a text that is not known in full may be `service`.
fn may_be(text: &Text, service: &str) -> bool {
    let piece = |part: &Part| match part {
        Part::Lit(text) => text.to_string(),
        Part::Sym(_) => "*".to_owned(),
    };
    let pattern: String = text.parts().iter().map(piece).collect();
    text.as_known().is_none() && wildcard::matches(&pattern, service, wildcard::Case::Sensitive)
}

pub(super) fn account_reach(id: &Text, account: &str) -> Reach {
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
    let arn = |principal: &Principal| identity_arn(principal, account, partition);
    // AWS's pages do not agree. The list of whom an Allow to `*` reaches has no services:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous;
    // a Deny has to spare them, and examples let S3 publish by such an Allow:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalisawsservice
    let disputed = is_service(account) && statement.effect == Some(Effect::Allow) && !statement.not_principal;
    let each = statement.principals.iter().map(|principal| match reach(principal) {
        Reach::Whole if disputed && principal.kind == PrincipalKind::Everyone => None,
        Reach::Assumed if !assumed::in_principals(statement) => None,
        Reach::Whole | Reach::Assumed => Some(true),
        Reach::Part if caller.is(&arn(principal)) || caller.is_in(&arn(principal)) => {
            (assumed::in_principals(statement) || !assumed::is(principal, account)).then_some(true)
        }
        Reach::Part => Some(false),
        Reach::Unknown => None,
        Reach::Other if !statement.not_principal && is_unsaid(principal, caller, account, statement) => None,
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
        (true, Some(Effect::Deny)) => {
            let listed = |of: &dyn Fn(&Principal) -> bool| statement.principals.iter().any(of);
            let part = |names: &dyn Fn(&str) -> bool| listed(&|p| reach(p) == Reach::Part && names(&arn(p)));
            let whole = listed(&|p| matches!(reach(p), Reach::Whole | Reach::Assumed));
            let (named, session) = (part(&|arn| caller.is(arn)), part(&|arn| caller.is_in(arn)));
            if whole && is_service(account) {
                // whether `*` is services too, is open here as well
                return listed(&|p| p.kind == PrincipalKind::Service && reach(p) == Reach::Whole).then_some(false);
            }
            if listed(&|p| p.kind == PrincipalKind::Everyone) {
                return Some(false);
            }
            match (whole, named, session) {
                (true, named, session) if !caller.is_role() && (named || session) => Some(false),
                (true, true, true) => Some(false),
                // the account has to be listed beside the role or user; whether the role's sessions have to, or suffice
                // without it, the pages tell in different ways:
                // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html,
                // https://aws.amazon.com/blogs/security/how-to-restrict-amazon-s3-bucket-access-to-a-specific-iam-role/
                (true, true, false) | (true, false, true) => None,
                _ if answers.contains(&None) => None,
                _ => Some(true),
            }
        }
        // "not supported": https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
        (true, _) => any.filter(|listed| *listed).map(|_| false),
    }
}

/// Whether AWS's pages leave open if a principal is `caller`: they have identity providers in trust policies alone, where one
/// stands for those that it lets assume a role, and no wildcard for a service.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
fn is_unsaid(principal: &Principal, caller: &Caller, account: &str, statement: &Statement) -> bool {
    match principal.kind {
        // what it allows is never all that an account may delegate
        PrincipalKind::Federated => {
            statement.effect == Some(Effect::Deny) && caller.is_role() && account != ANONYMOUS && !is_service(account)
        }
        PrincipalKind::Service => is_service(account) && principal.text.to_string().contains('*'),
        _ => false,
    }
}

/// Why it is open whether `statement`'s principals cover `caller` of `account`, though all of them are known.
pub fn why_open(statement: &Statement, caller: &Caller, account: &str) -> Option<&'static str> {
    if covers(statement, caller, account).is_some() {
        return None;
    }
    match (statement.not_principal, statement.effect) {
        _ if is_service(account) && statement.principals.iter().any(|one| one.kind == PrincipalKind::Everyone) => {
            Some("AWS's pages do not agree on whether `*` is AWS services too; name the service under `Service`")
        }
        (false, _) if statement.principals.iter().any(|one| one.kind == PrincipalKind::Federated) => Some(
            "AWS's pages have identity providers as principals of trust policies alone, not of a bucket policy; name the roles",
        ),
        (true, Some(Effect::Allow)) => Some("AWS does not support `NotPrincipal` with `Allow`, and does not say what it grants"),
        (true, _) => Some(
            "AWS's pages do not agree on which sessions of a role a Deny with `NotPrincipal` spares; a condition on \
             `aws:PrincipalArn` in its place is certain",
        ),
        (false, _) => None,
    }
}

/// The session that a principal names, where it is one of a role to judge for.
pub fn session_of(principal: &Principal, requester: &Requester) -> Option<Caller> {
    let account = &requester.account;
    let partition = partition_of(principal).unwrap_or_else(|| SmolStr::new_static("aws"));
    let session = (reach(principal, account) == Reach::Part).then(|| identity_arn(principal, account, &partition))?;
    let role = requester.roles.iter().find(|role| is_session_of(&session, role))?;
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
    use bucketlint_text::resolve::Plain;
    use bucketlint_text::syntax::node::Node;

    fn statement(json: &str) -> Statement {
        let tree: Node = bucketlint_text::syntax::testing::tree(json);
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
            // a session's ARN does not tell the path of its role
            (r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/a/b/R"}"#, session, Some(true)),
            (r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/a/R"}"#, role, Some(false)),
            (r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/R/a"}"#, session, Some(false)),
            (r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/a/rR"}"#, session, Some(false)),
            (r#""Principal": {"AWS": "arn:aws:iam::111122223333:user/R"}"#, session, Some(false)),
            (r#""Principal": {"AWS": "arn:aws:iam::444455556666:role/R"}"#, session, Some(false)),
            (r#""Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/R/t"}"#, session, Some(false)),
        ] {
            assert_eq!(covered(principal, caller), expected, "{principal} {caller}");
        }
    }

    #[test]
    fn not_principal_spares_for_certain_only_where_all_pages_agree() {
        const ROLE: &str = "arn:aws:iam::111122223333:role/a/R";
        const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/R/s";
        const OTHER: &str = "arn:aws:sts::111122223333:assumed-role/R/t";
        const USER: &str = "arn:aws:iam::111122223333:user/ann";
        const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/bo";
        const ROOT: &str = "arn:aws:iam::111122223333:root";
        let (denied, spared) = (Some(true), Some(false));
        for (listed, caller, expected) in [
            (&["111122223333"][..], ROLE, denied),
            (&[ROLE], ROLE, denied),
            (&[ROLE, SESSION], SESSION, denied),
            (&["arn:aws-cn:iam::111122223333:root", ROLE, SESSION], SESSION, denied),
            (&[ROOT, ROLE, SESSION], SESSION, spared),
            (&["111122223333", ROLE, SESSION], OTHER, None),
            (&[ROOT, ROLE], SESSION, None),
            (&[ROOT, ROLE], ROLE, None),
            (&[ROOT, ROLE, SESSION], ROLE, None),
            (&[ROOT, SESSION], SESSION, None),
            (&[ROOT, SESSION], OTHER, denied),
            (&[ROOT, USER], USER, spared),
            (&[USER], USER, denied),
            (&[ROOT, USER], ROLE, denied),
            (&[ROOT, FEDERATED], FEDERATED, spared),
            (&["*"], SESSION, spared),
        ] {
            let not = format!(r#""NotPrincipal": {{"AWS": {listed:?}}}"#);
            assert_eq!(covered(&not, caller), expected, "{listed:?} {caller}");
        }
        let allow = statement(r#"{"Statement": {"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}}}"#);
        assert_eq!(covers(&allow, &Caller::new(ROLE), "111122223333"), Some(false));
        let other = "arn:aws:iam::444455556666:role/R";
        assert_eq!(covers(&allow, &Caller::new(other), "444455556666"), None);
        assert!(why_open(&allow, &Caller::new(other), "444455556666").unwrap().contains("does not support"));
    }

    #[test]
    fn services_are_named_by_their_own_names() {
        let trail = "cloudtrail.amazonaws.com";
        let by = |effect: &str, principals: &str| {
            let json = format!(r#"{{"Statement": {{"Effect": "{effect}", {principals}}}}}"#);
            covers(&statement(&json), &Caller::new(trail), trail)
        };
        for (principals, allow, deny) in [
            (r#""Principal": {"Service": ["s3.amazonaws.com", "cloudtrail.amazonaws.com"]}"#, Some(true), Some(true)),
            (r#""Principal": {"Service": "s3.amazonaws.com"}"#, Some(false), Some(false)),
            (r#""Principal": {"AWS": "111122223333"}"#, Some(false), Some(false)),
            (r#""Principal": "*""#, None, Some(true)),
            (r#""Principal": {"AWS": "*"}"#, None, Some(true)),
            (r#""NotPrincipal": {"Service": "cloudtrail.amazonaws.com"}"#, Some(false), Some(false)),
            (r#""NotPrincipal": {"AWS": "111122223333"}"#, None, Some(true)),
            (r#""Principal": {"Service": "*"}"#, None, None),
            (r#""Principal": {"Federated": "accounts.google.com"}"#, Some(false), Some(false)),
        ] {
            assert_eq!((by("Allow", principals), by("Deny", principals)), (allow, deny), "{principals}");
        }
    }

    #[test]
    fn identity_providers_may_stand_for_the_sessions_they_let_in() {
        let by = |effect: &str, principals: &str, caller: &str| {
            let json = format!(r#"{{"Statement": {{"Effect": "{effect}", {principals}}}}}"#);
            covers(&statement(&json), &Caller::new(caller), "111122223333")
        };
        let (role, user) = ("arn:aws:iam::111122223333:role/R", "arn:aws:iam::111122223333:user/ann");
        let provider = r#""Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/P"}"#;
        assert_eq!([by("Allow", provider, role), by("Deny", provider, role)], [Some(false), None]);
        assert_eq!([by("Allow", provider, user), by("Deny", provider, user)], [Some(false), Some(false)]);
        let but = r#""NotPrincipal": {"Federated": "accounts.google.com"}"#;
        assert_eq!(by("Deny", but, role), Some(true));
        assert_eq!(by("Deny", r#""Principal": {"Service": "*"}"#, role), Some(false));
    }

    #[test]
    fn the_path_of_a_role_is_taken_from_where_it_is_named_once() {
        let session = || Caller::new("arn:aws:sts::111122223333:assumed-role/R/s");
        let roles = |names: &[&str]| names.iter().map(|name| format!("arn:aws:iam::111122223333:{name}")).collect();
        let arn = |names: &[&str]| session().among(&roles(names)).principal_arn();
        assert_eq!(arn(&["role/a/R", "role/a/Q", "user/R"]), "arn:aws:iam::111122223333:role/a/R");
        assert_eq!(arn(&["role/a/R", "role/b/R"]), "arn:aws:iam::111122223333:role/R");
        assert!(session().around_path().is_some());
        assert!(session().among(&roles(&["role/R"])).around_path().is_none());
    }
}
