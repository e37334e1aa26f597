//! What an invalid condition takes along: every place that hangs on it.

use super::condition::named;
use super::invalid::Invalid;
use super::mention::{Mention, mentions};
use super::template::Template;
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::Node;
use std::collections::BTreeSet;

/// Where the resources of `template` name a condition, for themselves or in `Fn::If`, that holds one of the mistakes in `invalid`, or that leads to one
/// that does. What depends on it is not known, and the mistake is the reason.
pub fn lost(template: &Template<'_>, invalid: &[Invalid]) -> Vec<Span> {
    let conditions = template.section("Conditions");
    let within = |at: Span| invalid.iter().any(|one| at.contains(one.at));
    let holds = conditions.iter().filter(|entry| within(entry.value.span));
    let mut broken: BTreeSet<&str> = holds.map(|entry| entry.key.text.as_str()).collect();
    if broken.is_empty() {
        return Vec::new();
    }
    loop {
        let before = broken.len();
        let leads = conditions.iter().filter(|entry| leads_to(&entry.value, &broken));
        let more: Vec<&str> = leads.map(|entry| entry.key.text.as_str()).collect();
        broken.extend(more);
        if broken.len() == before {
            break;
        }
    }
    let mut out = Vec::new();
    for resource in template.resources() {
        let own = resource.node.get("Condition");
        out.extend(own.filter(|own| own.as_str().is_some_and(|name| broken.contains(name))).map(|own| own.span));
        mentions(resource.node, &mut |mention, at| {
            if matches!(mention, Mention::Condition(name) if broken.contains(name)) {
                out.push(at);
            }
        });
    }
    out
}

/// Whether an expression names one of these conditions.
fn leads_to(node: &Node, names: &BTreeSet<&str>) -> bool {
    named(node).is_some_and(|name| names.contains(name))
        || node.items().iter().any(|item| leads_to(item, names))
        || node.entries().iter().any(|entry| leads_to(&entry.value, names))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::invalid::invalid;
    use bucketlint_text::source::FileId;
    use bucketlint_text::syntax::testing::tree;

    #[test]
    fn what_leads_to_a_broken_condition_is_lost_with_it() {
        let text = "
Conditions:
  Ring: !Not [!Condition Round]
  Round: !Not [!Condition Ring]
  After: !Or [!Condition Ring, !Equals [a, b]]
  Last: !Not [!Condition After]
  Fine: !Equals [a, a]
Resources:
  A: {Type: AWS::S3::Bucket, Condition: Ring}
  B: {Type: AWS::S3::Bucket, Condition: Fine, Properties: {BucketName: !If [Last, a, !If [Fine, b, !If [Round, c, d]]]}}
";
        let root = tree(text);
        let template = Template { file: FileId(0), path: "t", root: &root };
        let told = |invalid: &[Invalid]| lost(&template, invalid).iter().map(|at| &text[at.range()]).collect::<Vec<_>>();
        assert_eq!(told(&invalid(&template, text)), ["Ring", "Last", "Round"]);
        assert_eq!(told(&[]), Vec::<&str>::new());
    }
}
