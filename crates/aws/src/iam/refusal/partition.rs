//! ARNs of several partitions in one policy: a bucket and whom it can let in are in the same.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

use crate::iam::document::{Document, Fault, FaultKind};
use bucketlint_text::text::Text;
use smol_str::SmolStr;

/// The partition an ARN spells out.
pub fn of_arn(text: &Text) -> Option<SmolStr> {
    let (partition, _) = text.strip_prefix("arn:")?.split_once(':')?;
    let known = partition.as_known()?;
    (known == "aws" || known.starts_with("aws-")).then(|| known.into())
}

/// The ARNs that are in another partition than `known`, or else than the first resource, or else than the first
/// principal; with that partition.
pub fn foreign<'a>(document: &'a Document, known: Option<&str>) -> Option<(SmolStr, Vec<(&'a Text, SmolStr)>)> {
    let resources = document.statements.iter().flat_map(|statement| &statement.resources.items);
    let principals = document.statements.iter().flat_map(|statement| &statement.principals).map(|principal| &principal.text);
    let spelled: Vec<(&Text, SmolStr)> = resources.chain(principals).filter_map(|text| Some((text, of_arn(text)?))).collect();
    let home = known.map(SmolStr::from).or_else(|| spelled.first().map(|(_, partition)| partition.clone()))?;
    let mut strange: Vec<_> = spelled.into_iter().filter(|(_, partition)| *partition != home).collect();
    strange.sort_by_key(|(text, _)| text.span);
    Some((home, strange))
}

/// One fault for a whole policy, at the first such ARN.
pub(super) fn fault(document: &Document, known: Option<&str>) -> Option<Fault> {
    let (home, strange) = foreign(document, known)?;
    let (text, partition) = strange.first()?;
    let at = document.statements.iter().find(|statement| super::within(text.span, statement));
    let message = format!("`{text}` is in partition {partition}; the bucket is in {home}");
    let fix = format!("write `arn:{home}:`, or `arn:${{AWS::Partition}}:` in an Fn::Sub");
    Some(Fault {
        statement: at.map(|statement| statement.number),
        also: strange[1..].iter().map(|(text, _)| text.span).collect(),
        ..Fault::new(FaultKind::Partition, text.span, message, fix)
    })
}
