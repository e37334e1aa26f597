//! Grants that hold only for requests through an access point.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html>

use super::Scene;
use crate::finding::Label;
use crate::iam::caller::{self, Reach};
use crate::iam::document::{Effect, Statement, Test};
use crate::link::LinkedBucket;

/// The condition by which a bucket policy leaves it to access points whom to let in.
pub(super) fn delegation(statement: &Statement) -> Option<&Test> {
    let delegates = |test: &&Test| {
        let key = test.key.to_ascii_lowercase();
        let operator = test.operator.to_ascii_lowercase();
        ["s3:dataaccesspointaccount", "s3:dataaccesspointarn"].contains(&key.as_str())
            && ["not", "ifexists", "null"].iter().all(|word| !operator.contains(word))
    };
    statement.conditions.iter().filter(|_| statement.effect == Some(Effect::Allow)).find(delegates)
}

/// Whose access points a delegation is to.
pub(super) fn named(test: &Test) -> String {
    let values: Vec<String> = test.values.iter().map(ToString::to_string).collect();
    let whose = if test.key.to_ascii_lowercase().ends_with("account") { "of account " } else { "" };
    format!("{whose}{}", values.join(" or "))
}

/// The access points of a bucket that let the control account in.
pub(super) fn related(scene: &Scene<'_>, bucket: &LinkedBucket, account: &str) -> Vec<Label> {
    let reached = |statement: &Statement| {
        let reaches = |principal| matches!(caller::reach(principal, account), Reach::Whole | Reach::Part | Reach::Assumed);
        statement.effect == Some(Effect::Allow) && !statement.not_principal && statement.principals.iter().any(reaches)
    };
    scene
        .index
        .points(bucket)
        .filter(|point| point.document.statements.iter().any(reached))
        .map(|point| Label {
            span: point.span,
            message: format!(
                "access point `{}` lets {account} in, but requests for the bucket's own name pass it by",
                point.logical_id
            ),
        })
        .collect()
}
