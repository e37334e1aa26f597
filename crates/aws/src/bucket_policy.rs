//! The front of the policy engine for a program that has a bucket policy as text and wants to know whom it lets in.

use crate::iam::caller::Requester;
use crate::iam::decide::Question;
use crate::iam::document::{Document, Fault};
use crate::iam::principal::{self, PrincipalKind};
use crate::iam::read;
use crate::iam::resource::Target;
use crate::iam::verdict::{self, Decision};
use bucketlint_text::resolve::Plain;
use bucketlint_text::source::{FileId, Span};
use bucketlint_text::syntax::parse::{self, Problem, ProblemKind};
use bucketlint_text::text::Text;

/// A bucket policy without functions of any template language.
#[derive(Clone, Debug)]
pub struct BucketPolicy {
    document: Document,
}

impl BucketPolicy {
    /// Reads a policy's JSON, or the same in YAML. Spans here and in all that follows are byte ranges of `text`.
    ///
    /// # Errors
    /// What keeps the text from being read; a policy that can be read and that S3 refuses has [`Self::faults`].
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let mut parsed = parse::parse(FileId(0), text);
        parsed.problems.retain(|problem| problem.kind == ProblemKind::Syntax);
        if !parsed.problems.is_empty() {
            return Err(parsed.problems);
        }
        let mut document = read::document(&parsed.root.unwrap_or_default(), &Plain);
        document.faults.extend(parsed.not_json.as_ref().map(Fault::of_text));
        Ok(Self { document })
    }

    /// What S3 refuses the policy for, whatever the bucket; empty for one that may be attached.
    pub fn faults(&self) -> &[Fault] {
        &self.document.faults
    }

    /// The verdict on each of `actions`, in their order, for a bucket of this name in the partition `aws` that has this
    /// policy and no other: whether `requester` may do it, on every object where it is an action on objects.
    pub fn decide(&self, bucket: &str, requester: &Requester, actions: &[&str]) -> Vec<Decision> {
        let target = Target { name: Text::known(Span::default(), bucket), partition: "aws".into() };
        let question = Question { policies: &[&self.document], target: &target, requester };
        verdict::decide(&question, &actions.iter().map(|&action| action.to_owned()).collect::<Vec<_>>())
    }
}

impl Requester {
    /// Who is meant by an account ID or its `:root`, the ARN of a role, user or session, the name of an AWS service such as
    /// `cloudtrail.amazonaws.com`, or `*` for requests without credentials. Nothing else is known of the requests.
    ///
    /// # Errors
    /// A sentence that says what is wrong with `principal`.
    pub fn parse(principal: &str) -> Result<Self, String> {
        let account = |id: &Text| id.as_known().unwrap_or_default().to_owned();
        if principal.ends_with(".amazonaws.com") && !principal.contains([':', '*', '/']) {
            return Ok(Self::service(principal));
        }
        match principal::aws(Text::known(Span::default(), principal)).kind {
            PrincipalKind::Everyone => Ok(Self::anonymous()),
            PrincipalKind::Account(id) => Ok(Self { account: account(&id), may_own: true, ..Self::default() }),
            PrincipalKind::Identity { account: id, .. } => {
                Ok(Self { account: account(&id), roles: vec![principal.to_owned()], may_own: true, ..Self::default() })
            }
            PrincipalKind::Invalid(why) => Err(format!("`{principal}` {why}")),
            _ => Err(format!("`{principal}` is neither an account ID, a service nor the ARN of a role, user or session")),
        }
    }
}
