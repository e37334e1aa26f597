//! Who asks for what, and the request context that comes with it.

use std::collections::BTreeMap;

use super::template::Part;

/// The principal of a request; never one of the bucket's own account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// `path` with both its slashes, `/` for none.
    User {
        account: String,
        path: String,
        name: String,
    },
    /// A role, by a session whose name is not said.
    Role {
        account: String,
        path: String,
        name: String,
    },
    /// The session `session` of a role.
    Session {
        account: String,
        path: String,
        name: String,
        session: String,
    },
    /// The root user of an account.
    Root {
        account: String,
    },
    /// A service with its own principal, like `cloudtrail.amazonaws.com`.
    Service(String),
    Anonymous,
}

impl Caller {
    pub(super) fn account(&self) -> Option<&str> {
        match self {
            Self::User { account, .. } | Self::Role { account, .. } | Self::Session { account, .. } | Self::Root { account } => {
                Some(account)
            }
            Self::Service(_) | Self::Anonymous => None,
        }
    }

    /// The value of `aws:PrincipalArn`. `reference_policies_condition-keys`, "aws:PrincipalArn": "For IAM roles, the request
    /// context returns the ARN of the role, not the ARN of the user that assumed the role."
    pub(super) fn arn(&self) -> Option<String> {
        match self {
            Self::User { account, path, name } => Some(format!("arn:aws:iam::{account}:user{path}{name}")),
            Self::Role { account, path, name } | Self::Session { account, path, name, .. } => {
                Some(format!("arn:aws:iam::{account}:role{path}{name}"))
            }
            Self::Root { account } => Some(format!("arn:aws:iam::{account}:root")),
            Self::Service(_) | Self::Anonymous => None,
        }
    }
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) caller: Caller,
    /// Like `s3:GetObject`.
    pub(crate) action: String,
    /// The ARN of the bucket or of an object.
    pub(crate) resource: String,
    /// The context keys of the request in lower case, with their values. What is not here, and does not follow from the
    /// caller, is absent.
    pub(crate) context: BTreeMap<String, Vec<String>>,
}

/// What a context key holds.
pub(super) enum Held {
    Absent,
    Values(Vec<String>),
    /// It is there with a value of which only this is known here, for this reason.
    Present(Vec<Part>, &'static str),
    /// The pages do not say whether it is there.
    Unsaid(&'static str),
}

fn any() -> Vec<Part> {
    vec![Part::Unknown]
}

/// The unique identifier of a user, or that of a role with the name of its session. `reference_identifiers`, "Understanding
/// unique ID prefixes": `AIDA` for a user, `AROA` for a role.
fn identifier(caller: &Caller) -> Vec<Part> {
    let text = |text: &str| text.chars().map(Part::Plain).collect::<Vec<_>>();
    match caller {
        Caller::User { .. } => [text("AIDA"), any()].concat(),
        Caller::Role { .. } => [text("AROA"), any(), text(":"), any()].concat(),
        Caller::Session { session, .. } => [text("AROA"), any(), text(":"), text(session)].concat(),
        _ => any(),
    }
}

/// Keys whose "Value type" in `reference_policies_condition-keys` is "Multivalued", and those of S3 that take several.
pub(super) fn multivalued(key: &str) -> bool {
    ["aws:calledvia", "aws:principalorgpaths", "aws:principalservicenameslist", "aws:resourceorgpaths", "aws:tagkeys"]
        .contains(&key)
        || key == "s3:requestobjecttagkeys"
}

impl Request {
    /// What the key of this name holds.
    ///
    /// `reference_policies_elements_condition`: "Condition key names are not case-sensitive", the part after the slash
    /// neither.
    pub(super) fn held(&self, key: &str) -> Held {
        let key = key.to_ascii_lowercase();
        let one = |value: &str| Held::Values(vec![value.to_owned()]);
        let of_service = matches!(self.caller, Caller::Service(_));
        // reference_policies_condition-keys, "Properties of the principal", and the table "Principal key values" of
        // reference_policies_variables, which has no line for a service
        match (key.as_str(), &self.caller) {
            // "included in the request context for all signed requests. Anonymous requests do not include this key", of
            // roles, users, federated users and the root user
            ("aws:principalarn", Caller::Service(_)) => Held::Present(any(), "aws:PrincipalArn of a service principal"),
            ("aws:principalarn", caller) => caller.arn().map_or(Held::Absent, |arn| one(&arn)),
            // "For anonymous requests, the request context returns anonymous", included in all requests
            ("aws:principalaccount", Caller::Anonymous) => one("anonymous"),
            ("aws:principalaccount", caller) => {
                caller.account().map_or_else(|| Held::Present(any(), "aws:PrincipalAccount of a service principal"), one)
            }
            ("aws:principaltype", Caller::User { .. }) => one("User"),
            ("aws:principaltype", Caller::Role { .. } | Caller::Session { .. }) => one("AssumedRole"),
            ("aws:principaltype", Caller::Root { .. }) => one("Account"),
            ("aws:principaltype", Caller::Anonymous) => one("Anonymous"),
            ("aws:principaltype", Caller::Service(_)) => Held::Present(any(), "aws:PrincipalType of a service principal"),
            ("aws:username", Caller::User { name, .. }) => one(name),
            ("aws:username", Caller::Service(_)) => Held::Unsaid("aws:username of a service principal"),
            ("aws:username", _) => Held::Absent,
            // the account ID for the root user, anonymous for nobody, else an identifier that only the account knows
            ("aws:userid", Caller::Root { account }) => one(account),
            ("aws:userid", Caller::Anonymous) => one("anonymous"),
            ("aws:userid", caller) => {
                Held::Present(identifier(caller), "aws:userid of a principal whose identifier is not given")
            }
            // "set to true when a service uses a service principal", "Anonymous requests do not include this key"
            ("aws:principalisawsservice", Caller::Anonymous) => Held::Absent,
            ("aws:principalisawsservice", _) => one(if of_service { "true" } else { "false" }),
            ("aws:principalservicename", Caller::Service(name)) => one(name),
            // "an unordered list of all service principal names associated with the Regional instance"
            ("aws:principalservicenameslist", Caller::Service(_)) => Held::Unsaid("aws:PrincipalServiceNamesList of a service"),
            ("aws:principalservicename" | "aws:principalservicenameslist", _) => Held::Absent,
            _ => self.context.get(&key).map_or(Held::Absent, |values| Held::Values(values.clone())),
        }
    }
}
