//! The names a value speaks of, and the conditions that its resources hang on.

use super::function::{self, SubPiece};
use super::template::Template;
use crate::source::Span;
use crate::syntax::node::Node;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// A name in a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mention<'n> {
    /// The condition of `Fn::If`.
    Condition(&'n str),
    /// A parameter, pseudo parameter or resource.
    Name(&'n str),
    /// An attribute of a resource.
    Attribute(&'n str, &'n str),
}

/// Calls `tell` with every name in `node` and where it stands.
pub fn mentions<'n>(node: &'n Node, tell: &mut dyn FnMut(Mention<'n>, Span)) {
    if let Some(call) = function::call(node) {
        match call.name {
            "Ref" => call.argument.as_str().into_iter().for_each(|name| tell(Mention::Name(name), node.span)),
            "GetAtt" => function::get_att(call.argument)
                .into_iter()
                .for_each(|(id, attribute)| tell(Mention::Attribute(id, attribute), node.span)),
            "If" => {
                let condition = call.argument.items().first();
                condition.and_then(|node| Some((node.as_str()?, node.span))).into_iter().for_each(|(name, at)| {
                    tell(Mention::Condition(name), at);
                });
            }
            "Sub" => substituted(call.argument, tell),
            _ => {}
        }
    }
    node.items().iter().for_each(|item| mentions(item, tell));
    node.entries().iter().for_each(|entry| mentions(&entry.value, tell));
}

fn substituted<'n>(argument: &'n Node, tell: &mut dyn FnMut(Mention<'n>, Span)) {
    let template = argument.items().first().unwrap_or(argument);
    let own = argument.items().get(1);
    for piece in template.as_str().map(function::sub_pieces).unwrap_or_default() {
        let SubPiece::Name(name) = piece else { continue };
        if own.is_none_or(|own| own.get(name).is_none()) {
            let mention = name.split_once('.').map_or(Mention::Name(name), |(id, attribute)| Mention::Attribute(id, attribute));
            tell(mention, template.span);
        }
    }
}

/// The conditions the resources called `ids` hang on: their own `Condition`, every `Fn::If` in them, and those of the
/// resources they speak of.
pub fn conditions_of<'n>(template: &Template<'n>, ids: impl IntoIterator<Item = &'n str>) -> BTreeSet<SmolStr> {
    let mut out = BTreeSet::new();
    let mut left: Vec<&'n str> = ids.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = left.pop() {
        let Some(resource) = template.resource(id).filter(|_| seen.insert(id)) else { continue };
        out.extend(resource.node.get("Condition").and_then(Node::as_str).map(SmolStr::from));
        mentions(resource.node, &mut |mention, _| match mention {
            Mention::Condition(name) => {
                out.insert(name.into());
            }
            Mention::Name(id) | Mention::Attribute(id, _) => left.push(id),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::testing::tree;

    #[test]
    fn conditions_are_found_through_references() {
        let root = tree(
            "Resources:
  Policy:
    Condition: HasPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument: {Statement: [!If [Public, {Condition: {Bool: {a: b}}}, {Resource: !Sub '${Key.Arn}${Own}'}]]}
  Bucket: {Properties: {BucketName: !If [Named, a, !Ref Policy]}}
  Key: {Condition: HasKey}
  Own: {Condition: Owned}
  Other: {Condition: Elsewhere}
",
        );
        let template = Template { file: FileId(0), path: "t", root: &root };
        let found: Vec<SmolStr> = conditions_of(&template, ["Policy"]).into_iter().collect();
        assert_eq!(found, ["HasKey", "HasPolicy", "Named", "Owned", "Public"]);
        assert_eq!(conditions_of(&template, ["Own", "Nothing"]).len(), 1);
    }
}
