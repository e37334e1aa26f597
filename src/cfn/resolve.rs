//! The values of intrinsic functions, as far as one template and the exports of the others tell.

use super::function::{self, SubPiece};
use super::template::Template;
use crate::resolve::{Followed, Resolve, Unknown};
use crate::source::Span;
use crate::syntax::node::{Node, Value};
use crate::text::{Symbol, SymbolKind, Text};
use smol_str::{SmolStr, format_smolstr};
use std::cell::Cell;

/// Values exported by the linted templates: name and value.
pub type Exports = Vec<(Text, Text)>;

/// Resolves one template's functions.
#[derive(Debug)]
pub struct Resolver<'n> {
    template: Template<'n>,
    exports: &'n Exports,
    /// How many references deep the current value is, and how many it took in all.
    depth: Cell<usize>,
    steps: Cell<usize>,
}

/// References may lead this far before they are taken to lead in a circle.
const MAX_DEPTH: usize = 40;

/// References one value may take in all: names that double each other would otherwise never end.
const MAX_STEPS: usize = 2_000;

impl<'n> Resolver<'n> {
    /// A resolver for `template`.
    pub fn new(template: Template<'n>, exports: &'n Exports) -> Self {
        Self { template, exports, depth: Cell::new(0), steps: Cell::new(0) }
    }

    /// The `Outputs` this template exports.
    pub fn exports(&self) -> Exports {
        let outputs = self.template.section("Outputs").iter();
        outputs
            .filter_map(|output| {
                Some((self.text(output.value.path(&["Export", "Name"])?), self.text(output.value.get("Value")?)))
            })
            .collect()
    }

    /// The name of the resource called `id`: its `property`, or a symbol for the one CloudFormation generates.
    pub fn physical_name(&self, id: &str, property: &str, at: Span) -> Text {
        let declared = self.template.resource(id).and_then(|resource| self.member(resource.properties()?, property));
        match declared {
            Some(Followed::Node(name)) => self.deeper(name, at),
            Some(Followed::Unknown(why)) => self.symbol(at, &format!("{id}.{property}"), &why.why, SymbolKind::Other),
            _ => {
                let why = format!("`{id}` has no `{property}`, so CloudFormation generates it");
                self.symbol(at, id, &why, SymbolKind::Generated)
            }
        }
    }

    /// What is not known, as a text of its own.
    pub fn unknown_text(&self, unknown: &Unknown) -> Text {
        self.opaque(unknown.at, "…", &unknown.why)
    }

    fn symbol(&self, at: Span, name: &str, why: &str, kind: SymbolKind) -> Text {
        let id = match kind {
            SymbolKind::Partition => SmolStr::new_static("AWS::Partition"),
            _ => format_smolstr!("{} {name}", self.template.path),
        };
        Text::symbol(at, Symbol { id, shown: format_smolstr!("${{{name}}}"), why: why.into(), at, kind })
    }

    /// A value that is equal to nothing but this very place.
    fn opaque(&self, at: Span, shown: &str, why: &str) -> Text {
        let id = format_smolstr!("{} at {}", self.template.path, at.start);
        Text::symbol(at, Symbol { id, shown: format_smolstr!("${{{shown}}}"), why: why.into(), at, kind: SymbolKind::Other })
    }

    /// The text of `node`, unless references have led too far; its span is `at`.
    fn deeper(&self, node: &Node, at: Span) -> Text {
        if self.depth.get() == 0 {
            self.steps.set(0);
        }
        self.steps.set(self.steps.get() + 1);
        if self.depth.get() >= MAX_DEPTH || self.steps.get() > MAX_STEPS {
            return self.opaque(at, "…", "the reference leads back to itself");
        }
        self.depth.set(self.depth.get() + 1);
        let text = self.text(node).at(at);
        self.depth.set(self.depth.get() - 1);
        text
    }

    fn reference(&self, name: &str, at: Span) -> Text {
        if let Some(parameter) = self.template.member("Parameters", name) {
            return self.parameter(name, parameter, at);
        }
        if let Some(resource) = self.template.resource(name) {
            return match resource.kind() {
                Some("AWS::S3::Bucket") => self.physical_name(name, "BucketName", at),
                Some("AWS::CloudTrail::Trail") => self.physical_name(name, "TrailName", at),
                _ => self.symbol(at, name, &format!("the name of `{name}` is known only once it is deployed"), SymbolKind::Other),
            };
        }
        match name {
            "AWS::AccountId" => self.symbol(at, name, "it is the account the template is deployed to", SymbolKind::OwnAccount),
            "AWS::Partition" => self.symbol(at, name, "it is the partition the template is deployed to", SymbolKind::Partition),
            _ if name.starts_with("AWS::") => {
                self.symbol(at, name, "it is known only when the template is deployed", SymbolKind::Other)
            }
            _ => self.opaque(at, name, &format!("`{name}` is neither a parameter nor a resource of this template")),
        }
    }

    /// A parameter is its default; without one it is unknown.
    fn parameter(&self, name: &str, parameter: &Node, at: Span) -> Text {
        let kind = parameter.get("Type").and_then(Node::as_str).unwrap_or("String");
        if kind.starts_with("AWS::SSM::Parameter") {
            return self.symbol(at, name, &format!("parameter `{name}` is read from Parameter Store"), SymbolKind::Parameter);
        }
        match parameter.get("Default").and_then(Node::scalar_text) {
            Some(default) if !default.is_empty() => Text::known(at, default),
            _ => self.symbol(at, name, &format!("parameter `{name}` has no default"), SymbolKind::Parameter),
        }
    }

    fn attribute(&self, id: &str, attribute: &str, at: Span) -> Text {
        let kind = self.template.resource(id).and_then(|resource| resource.kind());
        if let (Some("AWS::S3::Bucket"), "Arn") = (kind, attribute) {
            let mut arn = Text::known(at, "arn:");
            arn.push(&self.reference("AWS::Partition", at));
            arn.push_str(":s3:::");
            arn.push(&self.reference(id, at));
            return arn;
        }
        let why = match kind {
            Some(_) => format!("`{id}.{attribute}` is known only once it is deployed"),
            None => format!("`{id}` is not a resource of this template"),
        };
        self.symbol(at, &format!("{id}.{attribute}"), &why, SymbolKind::Other)
    }

    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html>
    fn sub(&self, argument: &Node, at: Span) -> Text {
        let (template, values) = match argument.items() {
            [template, values] => (template, Some(values)),
            _ => (argument, None),
        };
        let Some(text) = template.scalar_text() else {
            return self.opaque(at, "Fn::Sub", "`Fn::Sub` needs a literal string");
        };
        let mut out = Text::empty(at);
        for piece in function::sub_pieces(&text) {
            match piece {
                SubPiece::Text(text) => out.push_str(text),
                SubPiece::Escaped(name) => out.push_str(&format!("${{{name}}}")),
                SubPiece::Name(name) => out.push(&match (values.and_then(|values| values.get(name)), name.split_once('.')) {
                    (Some(value), _) => self.deeper(value, at),
                    (None, Some((id, attribute))) => self.attribute(id, attribute, at),
                    (None, None) => self.reference(name, at),
                }),
            }
        }
        out
    }

    fn join(&self, argument: &Node, at: Span) -> Text {
        let [separator, list] = argument.items() else {
            return self.opaque(at, "Fn::Join", "`Fn::Join` takes a separator and a list");
        };
        let separator = separator.scalar_text().unwrap_or_default();
        let (items, unknown) = self.texts(list);
        if let Some(why) = unknown.first() {
            return self.opaque(at, "Fn::Join", &why.why);
        }
        let mut out = Text::empty(at);
        for (number, item) in items.iter().enumerate() {
            if number > 0 {
                out.push_str(&separator);
            }
            out.push(item);
        }
        out
    }

    fn import(&self, argument: &Node, at: Span) -> Text {
        let name = self.deeper(argument, at);
        match self.exports.iter().find(|(exported, _)| *exported == name) {
            Some((_, value)) => value.clone().at(at),
            None => {
                let why = format!("no linted template exports `{name}`");
                self.symbol(at, &format!("ImportValue {name}"), &why, SymbolKind::Other)
            }
        }
    }

    /// A list parameter's default, cut at its commas.
    fn list_parameter(&self, node: &Node) -> Option<Vec<Text>> {
        let call = function::call(node).filter(|call| call.name == "Ref")?;
        let parameter = self.template.member("Parameters", call.argument.as_str()?)?;
        let kind = parameter.get("Type")?.as_str()?;
        if kind != "CommaDelimitedList" && !kind.starts_with("List<") {
            return None;
        }
        let default = parameter.get("Default")?.scalar_text().filter(|text| !text.is_empty())?;
        Some(default.split(',').map(|item| Text::known(node.span, item.trim())).collect())
    }
}

impl Resolve for Resolver<'_> {
    fn follow<'m>(&'m self, node: &'m Node) -> Followed<'m> {
        let Some(call) = function::call(node) else { return Followed::Node(node) };
        match call.name {
            "Ref" if call.argument.as_str() == Some("AWS::NoValue") => Followed::Absent,
            "If" => Followed::Unknown(Unknown { at: node.span, why: "it depends on a condition".into() }),
            "Transform" => {
                Followed::Unknown(Unknown { at: node.span, why: "a macro writes it when the template is deployed".into() })
            }
            _ => Followed::Node(node),
        }
    }

    fn text(&self, node: &Node) -> Text {
        let at = node.span;
        if let Some(text) = node.scalar_text() {
            if text.contains("{{resolve:") {
                return self.opaque(at, "resolve", "a dynamic reference is read when the template is deployed");
            }
            return Text::known(at, text);
        }
        let Some(call) = function::call(node) else {
            let shown = if matches!(node.value, Value::Null) { "nothing" } else { "…" };
            return self.opaque(at, shown, &format!("{} stands where a string belongs", node.kind()));
        };
        match (call.name, call.argument) {
            ("Ref", argument) => self.reference(argument.as_str().unwrap_or_default(), at),
            ("GetAtt", argument) => match function::get_att(argument) {
                Some((id, attribute)) => self.attribute(id, attribute, at),
                None => self.opaque(at, "Fn::GetAtt", "`Fn::GetAtt` takes a logical ID and an attribute"),
            },
            ("Sub", argument) => self.sub(argument, at),
            ("Join", argument) => self.join(argument, at),
            ("ImportValue", argument) => self.import(argument, at),
            (name, _) => self.opaque(at, &format!("Fn::{name}"), &format!("`Fn::{name}` is not resolved")),
        }
    }

    fn texts(&self, node: &Node) -> (Vec<Text>, Vec<Unknown>) {
        let (mut texts, mut unknown) = (Vec::new(), Vec::new());
        for item in self.list(node) {
            match item {
                Followed::Node(item) => match self.list_parameter(item) {
                    Some(mut items) => texts.append(&mut items),
                    None => texts.push(self.text(item)),
                },
                Followed::Unknown(why) => unknown.push(why),
                Followed::Absent => {}
            }
        }
        (texts, unknown)
    }
}
