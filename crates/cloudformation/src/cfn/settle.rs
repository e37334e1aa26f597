//! A resource as a scenario leaves it: branches taken, removed members gone.

use super::function;
use super::resolve::Resolver;
use bucketlint_text::resolve::{Followed, Resolve};
use bucketlint_text::syntax::node::{Entry, Node, Value};
use std::borrow::Cow;

impl Resolver<'_> {
    /// `node` with the branch of every assigned condition in place of its `Fn::If`, and without what `AWS::NoValue`
    /// removes. What is not known stays as it is written.
    pub fn settled<'m>(&'m self, node: &'m Node) -> Cow<'m, Node> {
        if chooses(node) { Cow::Owned(self.settle(node).unwrap_or_default()) } else { Cow::Borrowed(node) }
    }

    fn settle(&self, node: &Node) -> Option<Node> {
        let node = match self.follow(node) {
            Followed::Node(node) => node,
            Followed::Absent => return None,
            Followed::Unknown(_) => return Some(node.clone()),
        };
        let value = match &node.value {
            // a list that a branch brings in stays one within the list
            Value::Seq(items) => Value::Seq(items.iter().filter_map(|item| self.settle(item)).collect()),
            Value::Map(entries) => {
                let settle = |entry: &Entry| Some(Entry { key: entry.key.clone(), value: self.settle(&entry.value)? });
                Value::Map(entries.iter().filter_map(settle).collect())
            }
            scalar => scalar.clone(),
        };
        Some(Node::new(node.span, value))
    }
}

/// Whether anything in `node` is chosen by a condition or removed.
fn chooses(node: &Node) -> bool {
    let here = function::call(node)
        .is_some_and(|call| call.name == "If" || (call.name == "Ref" && call.argument.as_str() == Some("AWS::NoValue")));
    here || node.items().iter().any(chooses) || node.entries().iter().any(|entry| chooses(&entry.value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::scenario::Scenario;
    use crate::cfn::template::Template;
    use bucketlint_text::source::FileId;
    use bucketlint_text::syntax::testing::tree;

    #[test]
    fn branches_are_taken_and_removed_members_are_gone() {
        let text = "
Statement:
  - !If [Holds, {Sid: a, Condition: !Ref AWS::NoValue}, !Ref AWS::NoValue]
  - !If [Never, {Sid: b}, !Ref AWS::NoValue]
  - !If [Holds, [{Sid: c}, {Sid: d}], {Sid: e}]
  - !If [Maybe, {Sid: f}, !Ref AWS::NoValue]
Other: !If [Never, 1, !Ref AWS::NoValue]
";
        let root = tree(text);
        let exports = Vec::new();
        let mut scenario = Scenario::open();
        scenario.conditions = [("Holds".into(), true), ("Never".into(), false)].into();
        let resolver = Resolver::under(Template { file: FileId(0), path: "t", root: &root }, &exports, &scenario);
        let settled = resolver.settled(&root);
        assert_eq!(*settled, tree("Statement: [{Sid: a}, [{Sid: c}, {Sid: d}], !If [Maybe, {Sid: f}, !Ref AWS::NoValue]]"));
        let first = &settled.get("Statement").unwrap().items()[0];
        assert_eq!(&text[first.get("Sid").unwrap().span.range()], "a");
        let plain = tree("{a: [1, !Ref X]}");
        assert!(matches!(resolver.settled(&plain), Cow::Borrowed(_)));
    }
}
