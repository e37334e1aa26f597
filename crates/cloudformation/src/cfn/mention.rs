//! The names a value speaks of, and what the resources that are read hang on.

use super::function::{self, SubPiece};
use super::opaque::opaque;
use super::template::Template;
use super::{judged, stack};
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::{Entry, Node};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

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

/// What the resources that are read hang on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asked {
    /// Conditions.
    pub conditions: BTreeSet<SmolStr>,
    /// Parameters and pseudo parameters whose values are read as they are.
    pub parameters: BTreeSet<SmolStr>,
    /// Parameters and pseudo parameters that choose from mappings, with what they choose from.
    pub keys: BTreeMap<SmolStr, Keys>,
}

/// What a parameter chooses from in mappings.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Keys {
    /// The keys of all of them.
    pub all: BTreeSet<SmolStr>,
    /// Whether one of them has no default value, so that what is no key fails the deployment.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap-enhancements.html>
    pub closed: bool,
}

impl Keys {
    fn add(&mut self, keys: impl IntoIterator<Item = SmolStr>, closed: bool) {
        self.all.extend(keys);
        self.closed |= closed;
    }
}

/// What the resources of `template` hang on as far as they are read: their own `Condition`, every `Fn::If` in them and
/// every parameter in the properties that are read, and those of the resources they speak of; and the same of outputs that give their
/// names away. Of nested stacks those called `linked` are read.
pub fn asked<'n>(template: &Template<'n>, linked: impl IntoIterator<Item = &'n str>) -> Asked {
    let mut out = Asked::default();
    let is_root = |kind: &str| (judged::read(kind).is_some() && !stack::is_nested(kind)) || judged::is_served(kind);
    // what may be anything is looked at for its conditions
    for resource in template.resources().filter(|resource| opaque(resource.node).is_some()) {
        out.conditions.extend(resource.node.get("Condition").and_then(Node::as_str).map(SmolStr::from));
        mentions(resource.node, &mut |mention, _| {
            if let Mention::Condition(name) = mention {
                out.conditions.insert(name.into());
            }
        });
    }
    let read = template.resources().filter(|resource| resource.kind().is_some_and(is_root));
    let mut left: Vec<&'n str> = read.map(|resource| resource.id.text.as_str()).collect();
    let roots: BTreeSet<&str> = left.iter().copied().collect();
    left.extend(linked);
    for output in template.section("Outputs") {
        let mut found = Vec::new();
        let condition = output.value.get("Condition").and_then(Node::as_str).map(SmolStr::from);
        let value = output.value.get("Value").into_iter().chain(output.value.path(&["Export", "Name"]));
        let mut inner = Asked { conditions: condition.into_iter().collect(), ..Asked::default() };
        value.for_each(|value| inner.add(template, value, &mut found));
        if found.iter().any(|id| roots.contains(id)) {
            out.conditions.append(&mut inner.conditions);
            out.parameters.append(&mut inner.parameters);
            inner.keys.into_iter().for_each(|(name, keys)| out.keys.entry(name).or_default().add(keys.all, keys.closed));
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(id) = left.pop() {
        let Some(resource) = template.resource(id).filter(|_| seen.insert(id)) else { continue };
        let Some(kind) = resource.kind() else { continue };
        let (read, served) = (judged::read(kind), judged::is_served(kind));
        if read.is_none() && !served {
            continue;
        }
        out.conditions.extend(resource.node.get("Condition").and_then(Node::as_str).map(SmolStr::from));
        let Some(all) = resource.properties() else { continue };
        if function::call(all).is_some() {
            out.add(template, all, &mut left);
            continue;
        }
        for entry in all.entries() {
            let is_read = read.is_some_and(|read| read.contains(&entry.key.text.as_str()));
            let mut found = Asked::default();
            // rules may ask about the other properties too
            if is_read || served {
                found.add(template, &entry.value, &mut left);
            }
            out.conditions.append(&mut found.conditions);
            if is_read {
                out.parameters.append(&mut found.parameters);
                found.keys.into_iter().for_each(|(name, keys)| out.keys.entry(name).or_default().add(keys.all, keys.closed));
            }
        }
    }
    out
}

impl Asked {
    /// Adds what `node` speaks of; the resources go to `ids`.
    fn add<'n>(&mut self, template: &Template<'n>, node: &'n Node, ids: &mut Vec<&'n str>) {
        mapping_keys(template, node, &mut self.keys);
        mentions(node, &mut |mention, _| match mention {
            Mention::Condition(name) => {
                self.conditions.insert(name.into());
            }
            Mention::Name(name) if template.member("Parameters", name).is_some() => {
                self.parameters.insert(name.into());
            }
            Mention::Name(id) | Mention::Attribute(id, _) => ids.push(id),
        });
    }
}

/// The keys that each parameter chooses from in an `Fn::FindInMap`.
pub(super) fn mapping_keys(template: &Template<'_>, node: &Node, out: &mut BTreeMap<SmolStr, Keys>) {
    if let Some(call) = function::call(node).filter(|call| call.name == "FindInMap")
        && let [map, first, second, rest @ ..] = call.argument.items()
    {
        let closed = rest.is_empty();
        let mapping = map.as_str().and_then(|name| template.member("Mappings", name)).map(Node::entries).unwrap_or_default();
        let texts = |entries: &[Entry]| entries.iter().map(|entry| entry.key.text.clone()).collect::<Vec<_>>();
        if let Some(name) = first.get("Ref").and_then(Node::as_str) {
            out.entry(name.into()).or_default().add(texts(mapping), closed);
        }
        if let Some(name) = second.get("Ref").and_then(Node::as_str) {
            out.entry(name.into()).or_default().add(mapping.iter().flat_map(|entry| texts(entry.value.entries())), closed);
        }
    }
    node.items().iter().for_each(|item| mapping_keys(template, item, out));
    node.entries().iter().for_each(|entry| mapping_keys(template, &entry.value, out));
}

#[cfg(test)]
mod tests {
    use super::*;
    use bucketlint_text::source::FileId;
    use bucketlint_text::syntax::testing::tree;

    #[test]
    fn what_is_read_is_found_through_references() {
        let root = tree(
            "Parameters: {Own: {}, Days: {}, Name: {}, Vpc: {}}
Resources:
  Policy:
    Type: AWS::S3::BucketPolicy
    Condition: HasPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument: {Statement: [!If [Public, {Condition: {Bool: {a: b}}}, {Resource: !Sub '${Key.Arn}${Role}'}]]}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !If [Named, a, !Ref Policy]
      OwnershipControls: !Ref Own
      LifecycleConfiguration: !If [Old, !Ref Days, 1]
  Key: {Type: AWS::KMS::Key, Condition: HasKey}
  Role: {Type: AWS::IAM::Role, Condition: HasRole}
  Stack: {Type: AWS::CloudFormation::Stack, Condition: Nested, Properties: {Parameters: {N: !Ref Name}}}
Outputs:
  Given: {Condition: Exports, Value: !If [Long, !GetAtt Bucket.Arn, !Ref Bucket]}
  Other: {Condition: Elsewhere, Value: !Ref Vpc}
",
        );
        let template = Template { file: FileId(0), path: "t", root: &root };
        let told = |linked: &[&'static str]| {
            let Asked { conditions, parameters, .. } = asked(&template, linked.iter().copied());
            (conditions.into_iter().collect::<Vec<_>>().join(" "), parameters.into_iter().collect::<Vec<_>>().join(" "))
        };
        assert_eq!(told(&[]), ("Exports HasKey HasPolicy Long Named Old Public".into(), "Own".into()));
        assert_eq!(told(&["Stack"]), ("Exports HasKey HasPolicy Long Named Nested Old Public".into(), "Name Own".into()));
    }
}
