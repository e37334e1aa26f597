//! The elements `Principal` and `NotPrincipal`.

use serde_json::Value;

use super::context::Caller;
use super::truth::{Truth, any};
use super::values::strings;

/// Whether `Principal` or `NotPrincipal` of `statement` covers `caller`.
pub(super) fn matches(statement: &Value, caller: &Caller) -> Truth {
    let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        // reference_policies_elements_notprincipal denies "all service principals" by "Principal": "*", and two examples of
        // reference_policies_condition-keys except services from such a Deny by a condition
        (Some(element), None) if denies && matches!(caller, Caller::Service(_)) && everybody(element) => Truth::Yes,
        (Some(element), None) => named(element, caller),
        (None, Some(element)) if denies => excepted(element, caller).not(),
        // reference_policies_elements_notprincipal: "Using it with "Effect":"Allow" is not supported."
        (None, Some(_)) => Truth::Open("NotPrincipal with Allow"),
        // reference_policies_elements_principal: "You must use the Principal element in resource-based policies."
        _ => Truth::Open("a statement without exactly one of Principal and NotPrincipal"),
    }
}

/// The entries of the element as pairs of type and value; `*` alone stands as a pair of its own.
fn entries(element: &Value) -> Vec<(&str, &str)> {
    match element {
        Value::Object(types) => {
            types.iter().flat_map(|(kind, list)| strings(list).map(move |one| (kind.as_str(), one))).collect()
        }
        alone => strings(alone).map(|one| ("", one)).collect(),
    }
}

fn everybody(element: &Value) -> bool {
    entries(element).iter().any(|entry| [("", "*"), ("AWS", "*")].contains(entry))
}

fn named(element: &Value, caller: &Caller) -> Truth {
    any(entries(element).into_iter().map(|(kind, value)| entry(kind, value, caller)))
}

/// `reference_policies_elements_principal`.
fn entry(kind: &str, value: &str, caller: &Caller) -> Truth {
    match (kind, value) {
        // "You can use a wildcard (*) to specify all principals". "For anonymous users, the following elements are
        // equivalent"; security_iam_service-with-iam of the Amazon S3 User Guide: "In AWS access control policies, the
        // Principals "*" and {"AWS": "*"} behave identically", which "allows any root user, IAM user, assumed-role session,
        // or federated user in any account": no services, or those of "anyone"?
        ("" | "AWS", "*") => match caller {
            Caller::Service(_) => Truth::Open("whether everybody is AWS services too"),
            _ => Truth::Yes,
        },
        ("", _) => Truth::Open("a Principal that is a bare string"),
        // "You cannot use a wildcard to match part of a principal name or ARN."
        ("AWS", partly) if partly.contains(['*', '?']) => Truth::Open("a wildcard in part of a principal"),
        ("AWS", one) => aws(one, caller),
        // "The service principal in an IAM policy can't be "Service": "*""
        ("Service", partly) if partly.contains(['*', '?']) => Truth::Open("a wildcard in a service principal"),
        ("Service", one) => Truth::from(*caller == Caller::Service(one.to_owned())),
        // a canonical user ID identifies an account, which its digits do not tell
        ("CanonicalUser", _) => match caller {
            Caller::Service(_) | Caller::Anonymous => Truth::No,
            _ => Truth::Open("a canonical user ID"),
        },
        // "OIDC federated principals are not supported in policy types other than role trust policies"
        _ => Truth::Open("a principal of a type that a bucket policy does not take"),
    }
}

/// Whether an account ID or ARN covers `caller`.
fn aws(value: &str, caller: &Caller) -> Truth {
    // "The account ARN and the shortened account ID behave the same way ... does not limit permissions to only the root user"
    if let Some(account) = account(value) {
        return Truth::from(caller.account() == Some(account));
    }
    if !value.starts_with("arn:") {
        return Truth::Open("a principal that is neither an account ID nor an ARN");
    }
    match caller {
        // the role ARN covers its sessions: "When they use those session credentials to perform operations in AWS, they
        // become a role session principal", whose permissions are those of the role named
        Caller::Session { .. } => {
            Truth::from(caller.arn().as_deref() == Some(value) || session_arn(caller).as_deref() == Some(value))
        }
        Caller::Role { .. } if of_role(value, caller) => Truth::Open("a session by its ARN, and a role by a session unsaid"),
        // "In a Principal element, the user name part of the Amazon Resource Name (ARN) is case sensitive."; the whole ARN is
        // compared, path and all
        Caller::User { .. } | Caller::Role { .. } => Truth::from(caller.arn().as_deref() == Some(value)),
        Caller::Root { .. } | Caller::Service(_) | Caller::Anonymous => Truth::No,
    }
}

/// The account that `value` names as a whole.
fn account(value: &str) -> Option<&str> {
    let id = value.strip_prefix("arn:aws:iam::").map_or(Some(value), |rest| rest.strip_suffix(":root"))?;
    (id.len() == 12 && id.bytes().all(|digit| digit.is_ascii_digit())).then_some(id)
}

/// "arn:aws:sts::AWS-account-ID:assumed-role/role-name/role-session-name": without the path of the role.
fn session_arn(caller: &Caller) -> Option<String> {
    match caller {
        Caller::Session { account, name, session, .. } => Some(format!("arn:aws:sts::{account}:assumed-role/{name}/{session}")),
        _ => None,
    }
}

/// Whether `value` names a session of the role of `caller`.
fn of_role(value: &str, caller: &Caller) -> bool {
    match caller {
        Caller::Role { account, name, .. } | Caller::Session { account, name, .. } => {
            value.starts_with(&format!("arn:aws:sts::{account}:assumed-role/{name}/"))
        }
        _ => false,
    }
}

/// Whether `NotPrincipal` leaves `caller` out of its Deny.
///
/// `reference_policies_elements_notprincipal`: "you must also specify the account ARN of the not-denied principal. Otherwise,
/// the policy might deny access to the entire account containing the principal. ... If an assumed-role user (someone who is
/// using a role) is being evaluated, AWS might validate the account first, then the role, and then the assumed-role user." So
/// who stands there with all above them is left out, of whom nothing stands there is not, and the rest is open.
fn excepted(element: &Value, caller: &Caller) -> Truth {
    let entries = entries(element);
    let aws = |test: &dyn Fn(&str) -> bool| entries.iter().any(|&(kind, value)| kind == "AWS" && test(value));
    let plain = named(element, caller);
    if everybody(element) {
        return plain;
    }
    let Some(id) = caller.account() else { return plain };
    let account = aws(&|value| account(value) == Some(id));
    let own = aws(&|value| caller.arn().as_deref() == Some(value));
    let session = aws(&|value| session_arn(caller).as_deref() == Some(value));
    let complete = match caller {
        Caller::Session { .. } => account && own && session,
        // "strongly recommend that you explicitly include ... both the ARN for a role and the ARN for the account": whether
        // they do without the session stays open, and so for a role whose session is not said
        Caller::Role { .. } => false,
        Caller::Root { .. } => account,
        _ => account && own,
    };
    match plain {
        _ if complete => Truth::Yes,
        Truth::Yes => Truth::Open("NotPrincipal that names a principal without all above and below it"),
        other => other,
    }
}
