//! A request that shows a verdict to be true.

use std::fmt;

/// A concrete request that shows a finding to be true.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Witness {
    /// For example `s3:PutObject`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
    /// ARN of the caller's role or user; `*` for a request without credentials.
    pub principal: String,
    /// ARN of the session, where a policy tells sessions apart.
    pub session: Option<String>,
    /// Condition keys that matter with their values; no value means that the request does not carry the key.
    pub context: Vec<(String, Vec<String>)>,
    /// Those of its condition keys that make the difference, which the sentence names.
    pub deciding: Vec<String>,
    /// The number of the statement that denies it; none where no statement allows it.
    pub statement: Option<usize>,
}

/// Condition keys whose values are shared secrets where they protect anything: reports do not repeat them.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
pub const SECRET_KEYS: [&str; 2] = ["aws:Referer", "aws:UserAgent"];

/// Whether reports do not repeat the values of a condition key, in any case.
pub fn is_secret(key: &str) -> bool {
    SECRET_KEYS.iter().any(|secret| secret.eq_ignore_ascii_case(key))
}

/// What reports have in place of a secret.
pub const MASK: &str = "***";

/// `s3:PutObject on arn:… by arn:… with no aws:SourceVpce is denied by statement 3`.
impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {} by {}", self.action, self.resource, self.session.as_ref().unwrap_or(&self.principal))?;
        let told = self.context.iter().filter(|(key, _)| self.deciding.contains(key));
        for (number, (key, values)) in told.enumerate() {
            f.write_str(if number == 0 { " with " } else { " and " })?;
            match values.is_empty() {
                true => write!(f, "no {key}")?,
                false if is_secret(key) => write!(f, "{key} = {MASK}")?,
                false => write!(f, "{key} = {}", values.join(", "))?,
            }
        }
        match self.statement {
            Some(number) => write!(f, " is denied by statement {number}"),
            None => f.write_str(" is allowed by no statement"),
        }
    }
}
