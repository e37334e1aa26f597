//! Nested stacks: a template that another one deploys, with the values it is given there.

use super::doubt::Doubt;
use super::place::Place;
use super::resolve::is_stored;
use super::template::{Resource, Template};
use bucketlint_text::source::{FileId, Span};
use bucketlint_text::syntax::node::{Entry, Key, Node, Value};
use bucketlint_text::text::Text;
use smol_str::{SmolStr, SmolStrBuilder};
use std::collections::BTreeMap;

/// What a template has from the stacks around and below it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stack {
    /// The outermost template, whose account and region are those of all stacks in it; `None` for that itself.
    pub home: Option<FileId>,
    /// Where it is deployed.
    pub place: Place,
    /// Whether it is not deployed at all, because the `Condition` of its stack does not hold.
    pub absent: bool,
    /// What keeps from knowing whether it is deployed.
    pub doubts: Vec<Doubt>,
    /// Whether it is in another account than the templates around it, whose exports it does not see.
    pub apart: bool,
    /// The values of its parameters in the template that deploys it.
    pub parameters: BTreeMap<SmolStr, Text>,
    /// What the stacks in it give back, by `LogicalId.Outputs.Name`.
    pub outputs: BTreeMap<SmolStr, Text>,
}

impl Stack {
    /// A template that stands alone.
    pub const fn alone() -> Self {
        Self {
            home: None,
            place: Place::unknown(),
            absent: false,
            doubts: Vec::new(),
            apart: false,
            parameters: BTreeMap::new(),
            outputs: BTreeMap::new(),
        }
    }
}

/// Whether resources of type `kind` are nested stacks.
pub(super) fn is_nested(kind: &str) -> bool {
    matches!(kind, "AWS::CloudFormation::Stack" | "AWS::Serverless::Application")
}

/// The template that a resource deploys, as it is written, with its place: a path relative to the template's own, as
/// `aws cloudformation package` and `sam` take it, or the one CDK notes beside the address of its asset.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html>
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html>
pub fn location<'n>(resource: &Resource<'n>) -> Option<(&'n str, Span)> {
    let (property, asset) = match resource.kind()? {
        "AWS::CloudFormation::StackSet" => ("TemplateURL", None),
        "AWS::CloudFormation::Stack" => ("TemplateURL", resource.node.path(&["Metadata", "aws:asset:path"])),
        "AWS::Serverless::Application" => ("Location", None),
        _ => return None,
    };
    let written = resource.property(property)?;
    let path = written.as_str().or_else(|| asset?.as_str()).filter(|path| !path.contains("://"))?;
    Some((path, written.span))
}

/// Names and values of what a stack or stack set passes: a mapping, or a list of `ParameterKey` and `ParameterValue`.
pub fn parameters(node: &Node) -> Vec<(SmolStr, &Node)> {
    let listed = |item: &'_ Node| item.get("ParameterKey").and_then(Node::scalar_text);
    let items = node.items().iter().filter_map(|item| Some((listed(item)?, item.get("ParameterValue")?)));
    items.chain(node.entries().iter().map(|entry| (entry.key.text.clone(), &entry.value))).collect()
}

/// What is known of a parameter of a template that another one deploys.
#[derive(Clone, PartialEq, Debug)]
pub enum Passed {
    /// This string, whatever the parameters of the other are.
    Always(Node),
    /// This string by default.
    Usually(Node),
    /// Each of these strings somewhere; there is at least one.
    OneOf(Vec<Node>),
    /// It is given a value, but that is not known.
    Something,
}

/// A text that is wholly known, as a string where it stands.
pub fn known(text: &Text) -> Option<Node> {
    text.as_known().map(|known| Node::string(text.span, known))
}

/// Writes into a template's `Parameters` what another one passes; a parameter that is not passed has its default.
pub fn pin(root: &mut Node, passed: &BTreeMap<SmolStr, Passed>) {
    let Value::Map(sections) = &mut root.value else { return };
    let Some(section) = sections.iter_mut().find(|entry| entry.key.text == "Parameters") else { return };
    let Value::Map(parameters) = &mut section.value.value else { return };
    for parameter in parameters.iter_mut().filter(|parameter| !is_stored(&parameter.value)) {
        let default = parameter.value.get("Default").filter(|default| default.scalar_text().is_some()).cloned();
        let Value::Map(members) = &mut parameter.value.value else { continue };
        let value = match passed.get(&parameter.key.text) {
            Some(Passed::Something) => {
                members.retain(|member| member.key.text != "Default");
                continue;
            }
            Some(Passed::Always(value)) => (Some(value), Some(std::slice::from_ref(value))),
            Some(Passed::Usually(value)) => (Some(value), None),
            Some(Passed::OneOf(values)) => (values.first(), Some(values.as_slice())),
            None => (default.as_ref(), default.as_ref().map(std::slice::from_ref)),
        };
        let (Some(value), allowed) = value else { continue };
        let at = parameter.key.span;
        let mut set = |name: &'static str, value: Node| {
            members.retain(|member| member.key.text != name);
            members.push(Entry { key: Key { span: at, text: SmolStr::new_static(name) }, value });
        };
        set("Default", value.clone());
        if let Some(allowed) = allowed {
            set("AllowedValues", Node::new(at, Value::Seq(allowed.to_vec())));
        }
    }
}

/// `node` as it stands in `to`, a copy of the file `from`.
pub fn moved(node: &Node, from: FileId, to: FileId) -> Node {
    let place = |span: Span| if span.file == from { Span { file: to, ..span } } else { span };
    let value = match &node.value {
        Value::Seq(items) => Value::Seq(items.iter().map(|item| moved(item, from, to)).collect()),
        Value::Map(entries) => {
            let entry = |entry: &Entry| Entry {
                key: Key { span: place(entry.key.span), text: entry.key.text.clone() },
                value: moved(&entry.value, from, to),
            };
            Value::Map(entries.iter().map(entry).collect())
        }
        scalar => scalar.clone(),
    };
    Node::new(place(node.span), value)
}

/// `LogicalId.Outputs.Name`, as `Fn::GetAtt` names an output.
pub fn output(id: &str, name: &str) -> SmolStr {
    let mut out = SmolStrBuilder::new();
    [id, ".Outputs.", name].into_iter().for_each(|piece| out.push_str(piece));
    out.finish()
}

/// Whether anything in `template` reads an output of the stack called `id`.
pub fn reads_outputs(template: &Template<'_>, id: &str) -> bool {
    let mut found = false;
    super::mention::mentions(template.root, &mut |mention, _| {
        found |= matches!(mention, super::mention::Mention::Attribute(of, name) if of == id && name.starts_with("Outputs."));
    });
    found
}
