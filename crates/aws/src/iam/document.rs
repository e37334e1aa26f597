//! A resource policy as typed statements: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.

use super::principal::Principal;
use bucketlint_text::resolve::Unknown;
use bucketlint_text::source::Span;
use bucketlint_text::syntax::parse::Problem;
use bucketlint_text::text::Text;
use smol_str::SmolStr;

/// A policy document.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The whole document.
    pub span: Span,
    /// The `Statement` key's value, where there is one.
    pub statement_span: Option<Span>,
    /// The statements in order.
    pub statements: Vec<Statement>,
    /// Statements, or a whole document, that cannot be known here.
    pub unknown: Vec<Unknown>,
    /// What the grammar forbids, principals that S3 does not accept among it.
    pub faults: Vec<Fault>,
    /// Its bytes as JSON without white space; what is not known counts for nothing.
    pub size: usize,
}

/// `Effect`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The whole statement.
    pub span: Span,
    /// Its place in the document, from 1.
    pub number: usize,
    /// Whether the document's `Version` is `2012-10-17`, so that policy variables mean something.
    pub variables: bool,
    /// Its `Sid`, where that is a plain string.
    pub sid: Option<SmolStr>,
    /// `None` where it is missing or not known.
    pub effect: Option<Effect>,
    /// Whether `NotPrincipal` is used.
    pub not_principal: bool,
    /// Where the principals are written.
    pub principal_span: Option<Span>,
    /// The principals.
    pub principals: Vec<Principal>,
    /// `Action` or `NotAction`.
    pub actions: List,
    /// `Resource` or `NotResource`.
    pub resources: List,
    /// The condition tests, all of which must hold.
    pub conditions: Vec<Test>,
    /// Where the `Condition` block is written.
    pub condition_span: Option<Span>,
    /// Parts of the statement that cannot be known here.
    pub unknown: Vec<Unknown>,
    /// Whether the grammar forbids something in this statement.
    pub faulty: bool,
}

/// The values of `Action`, `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// Whether it is the `Not…` form.
    pub not: bool,
    /// Where the values are written.
    pub span: Option<Span>,
    /// The values.
    pub items: Vec<Text>,
}

/// One operator applied to one condition key.
#[derive(Clone, Debug)]
pub struct Test {
    /// From the key to its last value.
    pub span: Span,
    /// For example `StringEquals`.
    pub operator: SmolStr,
    /// For example `aws:PrincipalOrgID`, as written.
    pub key: SmolStr,
    /// The values, any of which may match.
    pub values: Vec<Text>,
    /// Where they are written.
    pub values_span: Span,
}

/// What S3 refuses a policy for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// The grammar of policies.
    Grammar,
    /// A principal it does not accept.
    Principal,
    /// A resource that is none of the bucket's.
    Resource,
    /// Actions that fit none of the resources beside them.
    Action,
    /// An ARN in another partition.
    Partition,
    /// More bytes than a bucket policy may have.
    Size,
}

impl FaultKind {
    /// The word used in facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Grammar => "grammar",
            Self::Principal => "principal",
            Self::Resource => "resource",
            Self::Action => "action",
            Self::Partition => "partition",
            Self::Size => "size",
        }
    }
}

/// Something for which S3 refuses the policy.
#[derive(Clone, PartialEq, Debug)]
pub struct Fault {
    /// What kind of mistake it is.
    pub kind: FaultKind,
    /// The exact node.
    pub span: Span,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
    /// What to write instead.
    pub fix: String,
    /// The one value that was meant, where it is certain.
    pub write: Option<&'static str>,
    /// The statement's number, where it is inside one.
    pub statement: Option<usize>,
    /// Further places with the same mistake.
    pub also: Vec<Span>,
    /// Where the node's value is used, if that is elsewhere.
    pub used: Option<Span>,
}

impl Fault {
    /// A fault outside any statement, of the whole value at `span`.
    pub fn new(kind: FaultKind, span: Span, message: impl Into<String>, fix: impl Into<String>) -> Self {
        let (message, fix) = (message.into(), fix.into());
        Self { kind, span, message, fix, write: None, statement: None, also: Vec::new(), used: None }
    }

    /// That of a policy which is given to S3 as text and is no JSON:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>.
    pub fn of_text(problem: &Problem) -> Self {
        let message = format!("S3 takes a policy as JSON alone, and this is none: {}", problem.message);
        let fix = "write it as JSON: keys and texts in double quotes, no comma behind the last, no comments";
        Self::new(FaultKind::Grammar, problem.span, message, fix)
    }
}

impl Statement {
    /// `statement 2`, with its `Sid` where it has one.
    pub fn title(&self) -> String {
        match &self.sid {
            Some(sid) => format!("statement {} (`{sid}`)", self.number),
            None => format!("statement {}", self.number),
        }
    }

    /// The condition test that stands at `cause`, or else all of them, as one line; none where there are none.
    pub fn condition(&self, cause: Span) -> Option<String> {
        let only = self.conditions.iter().any(|test| test.span == cause);
        let told = self.conditions.iter().filter(|test| !only || test.span == cause);
        let each = told.map(|test| {
            let values: Vec<String> = test.values.iter().map(ToString::to_string).collect();
            format!("{} {} {}", test.key, test.operator, values.join(" or "))
        });
        (!self.conditions.is_empty()).then(|| each.collect::<Vec<_>>().join(" and "))
    }
}
