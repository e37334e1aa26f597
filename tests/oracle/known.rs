//! Where the program and the second reading differ all the same, each kind with its reason. A kind that no longer comes up
//! over many requests has to leave.

use serde_json::Value;

use crate::evaluator::{Caller, Request};

/// A kind by words that tell it, and why it may be.
pub(crate) struct Known {
    pub(crate) words: &'static str,
    /// Which policies and requests it is of.
    pub(crate) of: fn(&Value, &Request) -> bool,
    pub(crate) why: &'static str,
}

const fn known(words: &'static str, why: &'static str) -> Known {
    Known { words, of: |_, _| true, why }
}

/// AWS's pages leave it open, for the reason before the comma; the program answers all the same.
pub(crate) const ANSWERED: &[Known] = &[
    Known {
        words: "whether everybody is AWS services too, program Deny",
        of: |_, _| true,
        why: "what denies it is a key with a value of accounts and identities, which no service has",
    },
    // two things are open, of which the first is told: here and below
    Known {
        words: "whether everybody is AWS services too, program Allow",
        of: |policy, _| policy.to_string().contains("NotResource"),
        why: "another statement names the service; what its NotResource leaves out for want of a value is nothing",
    },
    Known {
        words: "a variable whose key has an empty value, program Deny",
        of: |policy, _| policy.to_string().to_lowercase().contains("aws:userid"),
        why: "deny is also said of what is not always allowed: the identifier may be another",
    },
    known("NotPrincipal that names a principal without all above and below it", MIGHT_DENY),
    Known { words: "a multivalued key as a variable, program Deny", of: has_not_principal, why: MIGHT_DENY },
    known(
        "a session by its ARN, and a role by a session unsaid, program Deny",
        "deny is also said of what is not always allowed: other sessions of the role are not named",
    ),
    known(
        "aws:userid of a principal whose identifier is not given",
        "deny is also said of what is not always allowed: the identifier may be another",
    ),
    known(
        "NotResource with a variable that has no value",
        "\"the resource that includes a policy variable with no value will not match any resource\" is read of the entry alone, which then leaves nothing out",
    ),
    known("a variable with Bool", "the page on operators has it as supported, and is the one on this operator"),
    known(
        "of a service principal",
        "no service is an account, identity or type of principal that has a name or a line in a table",
    ),
    known(
        "whether a wildcard spans a colon of an object key",
        "the object key is in the last part of the ARN, whatever is in it",
    ),
    known(
        "whether a wildcard that came with a variable is one",
        "the value of a variable is text, as of every other value in a request",
    ),
    known(
        "a value not in the operator's format",
        "what is neither true nor false equals neither, and an IPv6 address without a prefix is that address",
    ),
    known(
        "ForAnyValue on a key with an empty value, program Deny",
        "an earlier version of the page: \"ForAnyValue returns false\"",
    ),
    known("whether an empty value is null", "a tag with an empty value exists, and Null asks whether the key does"),
];

const MIGHT_DENY: &str = "AWS \"might deny\" it, so that nobody can count on the access";

fn has_not_principal(policy: &Value, _: &Request) -> bool {
    policy.to_string().contains("NotPrincipal")
}

/// The second reading is certain, and the program says something else, or that it does not know.
pub(crate) const DIFFERENT: &[Known] = &[Known {
    words: "unresolved: the ARN of a session does not tell the path of its role",
    of: |_, request| matches!(&request.caller, Caller::Session { path, .. } if path == "/"),
    why: "the second reading knows that the role has no path; one may have colons in it, which a wildcard takes for parts",
}];

/// The program refuses the question or the policy.
pub(crate) const REFUSED: &[Known] = &[];
