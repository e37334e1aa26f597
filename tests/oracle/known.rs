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
        words: "a session by its ARN, and a role by a session unsaid, program Allow",
        of: |policy, _| policy.to_string().contains("${aws:CalledVia}"),
        why: "the statement that names the session covers no resource, as of a multivalued key as a variable",
    },
    Known {
        words: "whether everybody is AWS services too, program Deny",
        of: |_, _| true,
        why: "what denies it is a key that AWS's table has not for a service, which counts as absent",
    },
    Known {
        words: "whether everybody is AWS services too, program Allow",
        of: |policy, _| ["NotPrincipal", "NotResource"].iter().any(|element| policy.to_string().contains(element)),
        why: "another statement decides: a NotPrincipal that leaves out everybody, or a NotResource as above",
    },
    known(
        "NotPrincipal that names a principal without all above and below it",
        "AWS \"might deny\" it, so that nobody can count on the access",
    ),
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
    known(
        "a list with a variable that has no value",
        "the other values of the list are compared as ever: the page only says so of a variable that stands alone",
    ),
    known(
        "a variable whose key has an empty value",
        "the value is there and is empty, which makes a difference only in the odd list or default",
    ),
    known("a multivalued key as a variable", "AWS does not take it as a variable, so that it stands for no value"),
    known(
        "a multivalued key without a set operator",
        "with the one value that it has here there is nothing that a set operator could change",
    ),
    known("a variable with Bool", "the page on operators has it as supported, and is the one on this operator"),
    known("of a service principal", "the table of principal key values has no service: the key counts as absent"),
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

/// The second reading is certain, and the program says something else, or that it does not know.
pub(crate) const DIFFERENT: &[Known] = &[
    Known {
        words: "unresolved: ",
        of: |_, request| matches!(&request.caller, Caller::Session { .. }),
        why: "the ARN of a session does not hold the path of its role, which the second reading knows",
    },
    Known {
        words: "",
        of: |policy, request| matches!(&request.caller, Caller::Service(_)) && policy.to_string().contains("\"Null\""),
        why: "to be mended: AWS has aws:userid, aws:PrincipalType and aws:PrincipalArn in the requests of services too",
    },
    Known {
        words: "Allow, program Deny",
        of: about_user_id,
        why: "to be mended: the program takes aws:userid for any text, where AWS gives an AIDA or AROA identifier and the session",
    },
    Known { words: "unresolved: ", of: about_user_id, why: "to be mended: the same, in a resource" },
    Known {
        words: "unresolved: ",
        of: |policy, request| policy.to_string().contains("${") && request.context.values().any(|held| *held == [""]),
        why: "whether an empty value counts is open, and the program does not see that nothing hangs on it",
    },
];

fn about_user_id(policy: &Value, _: &Request) -> bool {
    policy.to_string().contains("aws:userid")
}

/// The program refuses the question or the policy.
pub(crate) const REFUSED: &[Known] = &[];
