//! The values of intrinsic functions, as far as one template and the exports of the others tell.

mod choose;
mod deployed;
mod json;
mod levels;
mod reference;
mod stack_output;
mod strings;
#[cfg(test)]
mod tests;

use super::doubt::Doubt;
use super::function::{self, Call};
use super::place::Place;
use super::scenario::Scenario;
use super::template::{Resource, Template};
use bucketlint_text::resolve::{Followed, Resolve, Unknown};
use bucketlint_text::source::{FileId, Span};
use bucketlint_text::syntax::node::{Node, Value};
use bucketlint_text::text::{Symbol, SymbolKind, Text};
use levels::Levels;
pub use reference::{is_hidden, is_list, is_stored, kind};
use smol_str::{SmolStr, format_smolstr};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;

/// What the linted templates give to others.
pub type Exports = Vec<Export>;

/// An output of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Export {
    /// The output's logical ID.
    pub output: SmolStr,
    /// What it is imported by, where it is exported.
    pub name: Option<Text>,
    /// What it is.
    pub value: Text,
    /// The path of the template, as shown.
    pub path: SmolStr,
}

/// Resolves one template's functions under one scenario.
#[derive(Debug)]
pub struct Resolver<'n> {
    template: Template<'n>,
    exports: &'n Exports,
    /// Whether something hangs on these.
    imports: Cell<bool>,
    scenario: &'n Scenario,
    levels: Levels,
    /// Whether its conditions ask where it is deployed.
    partitioned: OnceCell<bool>,
    /// The places of values that stand elsewhere than where they are used: use and place.
    moved: RefCell<BTreeSet<(Span, Span)>>,
    /// The suffix of domain names where the scenario does not tell it.
    suffix: OnceCell<&'static str>,
}

static OPEN: Scenario = Scenario::open();

impl<'n> Resolver<'n> {
    /// A resolver for `template`, its conditions open and its parameters at their defaults.
    pub fn new(template: Template<'n>, exports: &'n Exports) -> Self {
        Self::under(template, exports, &OPEN)
    }

    /// A resolver for `template` as `scenario` has it.
    pub fn under(template: Template<'n>, exports: &'n Exports, scenario: &'n Scenario) -> Self {
        let (imports, levels, partitioned, moved, suffix) = Default::default();
        Self { template, exports, imports, scenario, levels, partitioned, moved, suffix }
    }

    /// What other templates give; whoever asks hangs on it.
    fn given(&self) -> &'n Exports {
        self.imports.set(true);
        self.exports
    }

    /// Whether something that was resolved so far hangs on what other templates give.
    pub fn imports(&self) -> bool {
        self.imports.get()
    }

    /// Where what the template declares is deployed.
    pub fn place(&self) -> &'n Place {
        &self.scenario.stack.place
    }

    /// What keeps from knowing whether a resource is there: its own `Condition`, and those of the stacks around it.
    pub fn doubts(&self, resource: &Resource<'_>) -> Vec<Doubt> {
        let named = resource.node.get("Condition");
        let open = named.filter(|named| named.as_str().is_none_or(|name| !self.scenario.conditions.contains_key(name)));
        self.scenario
            .stack
            .doubts
            .iter()
            .cloned()
            .chain(open.map(|named| Doubt::of(&self.template, &resource.id.text, named)))
            .collect()
    }

    /// Whether a resource or output is there: not if its `Condition` is known not to hold.
    pub fn is_there(&self, node: &Node) -> bool {
        let condition = node.get("Condition").and_then(Node::as_str);
        condition.and_then(|name| self.scenario.conditions.get(name)) != Some(&false)
    }

    /// What was found so far to stand elsewhere than where it is used: each use with the place of its value.
    pub fn moved(&self) -> Vec<(Span, Span)> {
        self.moved.borrow().iter().copied().collect()
    }

    fn note(&self, text: Text) -> Text {
        if text.place() != text.span {
            self.moved.borrow_mut().insert((text.span, text.place()));
        }
        text
    }

    /// The `Outputs` of this template.
    pub fn exports(&self) -> Exports {
        let outputs = self.template.section("Outputs").iter().filter(|output| self.is_there(&output.value));
        outputs
            .filter_map(|output| {
                let name = output.value.path(&["Export", "Name"]).map(|name| self.text(name));
                let value = self.text(output.value.get("Value")?);
                Some(Export { output: output.key.text.clone(), name, value, path: self.template.path.into() })
            })
            .collect()
    }

    fn symbol(&self, at: Span, name: &str, why: &str, kind: SymbolKind) -> Text {
        let id = match kind {
            SymbolKind::Partition => "AWS::Partition".into(),
            _ => format_smolstr!("{} {name}", self.home(name).0),
        };
        Text::symbol(at, Symbol { id, shown: format_smolstr!("${{{name}}}"), why: why.into(), at, kind })
    }

    /// The file that a name belongs to: account and region are those of the outermost stack.
    fn home(&self, name: &str) -> FileId {
        let shared = matches!(name, "AWS::AccountId" | "AWS::Region");
        self.scenario.stack.home.filter(|_| shared).unwrap_or(self.template.file)
    }

    /// A value that is equal to nothing but this very place; the reason tells apart what a loop writes there.
    fn opaque(&self, at: Span, shown: &str, why: &str) -> Text {
        let id = format_smolstr!("{} at {}: {why}", self.template.file.0, at.start);
        Text::symbol(at, Symbol { id, shown: format_smolstr!("${{{shown}}}"), why: why.into(), at, kind: SymbolKind::Other })
    }

    fn circle(&self, at: Span) -> Text {
        self.opaque(at, "…", "the reference leads back to itself")
    }

    /// The string a function makes.
    fn made(&self, call: Call<'_>) -> Text {
        let (at, argument) = (call.span, call.argument);
        let text = match call.name {
            "Ref" => Ok(self.reference(argument.as_str().unwrap_or_default(), at)),
            "GetAtt" => match function::get_att(argument) {
                Some((id, attribute)) => Ok(self.attribute(id, attribute, at)),
                None => Err(wrong(at, "`Fn::GetAtt` takes a logical ID and an attribute")),
            },
            "ImportValue" => Ok(self.import(argument, at)),
            "GetStackOutput" => self.stack_output(argument, at),
            "Sub" => self.sub(argument, at),
            "Join" => self.join(argument, at),
            "Base64" => self.base64(argument, at),
            "Length" => self.elements(argument).map(|items| Text::known(at, items.len().to_string())),
            "ToJsonString" => Ok(self.json(argument).at(at)),
            "Select" => self.select(argument, at),
            "FindInMap" => self.find_in_map(argument, at).map(|value| self.text(value).standing_at(value.span)),
            "Split" => self.split(argument, at).and_then(|items| single(items, at)),
            "Cidr" => Err(wrong(at, "`Fn::Cidr` makes address blocks when the template is deployed")),
            "GetAZs" => Err(wrong(at, "`Fn::GetAZs` depends on the account it is deployed to")),
            name => Err(wrong(at, &format!("`{}` is not resolved", function::full_name(name)))),
        };
        match text {
            Ok(text) => text.at(at),
            Err(unknown) => self.unmade(call, at, &function::full_name(call.name), &unknown.why),
        }
    }

    /// What a function makes that is not known: the same wherever the same is written, as one deployment gives both one value.
    fn unmade(&self, call: Call<'_>, at: Span, shown: &str, why: &str) -> Text {
        match function::written(call.name, call.argument) {
            Some(written) if call.name != "Transform" => {
                let id = format_smolstr!("{} {written}", self.template.file.0);
                Text::symbol(
                    at,
                    Symbol { id, shown: format_smolstr!("${{{shown}}}"), why: why.into(), at, kind: SymbolKind::Other },
                )
            }
            _ => self.opaque(at, shown, why),
        }
    }
}

/// What cannot be known, as a value.
fn wrong(at: Span, why: &str) -> Unknown {
    Unknown { at, why: why.into() }
}

/// The one item of a list that stands where a string belongs.
fn single(mut items: Vec<Text>, at: Span) -> Result<Text, Unknown> {
    match (items.pop(), items.len()) {
        (Some(only), 0) => Ok(only),
        (last, rest) => {
            let count = rest + usize::from(last.is_some());
            Err(wrong(at, &format!("a list of {count} values stands where a string belongs")))
        }
    }
}

impl Resolve for Resolver<'_> {
    fn follow<'m>(&'m self, mut node: &'m Node) -> Followed<'m> {
        while let Some(call) = function::call(node) {
            let next = match call.name {
                "Ref" if call.argument.as_str() == Some("AWS::NoValue") => return Followed::Absent,
                "If" => self.branch(call).map(Some),
                "Select" => self.selected(call),
                "Transform" => Err(wrong(node.span, inserted(call.argument))),
                _ => return Followed::Node(node),
            };
            match next {
                Ok(Some(next)) => node = next,
                Ok(None) => return Followed::Node(node),
                Err(unknown) => return Followed::Unknown(unknown),
            }
        }
        Followed::Node(node)
    }

    /// A macro beside the members may add the one that is not there.
    fn member<'m>(&'m self, map: &'m Node, key: &str) -> Option<Followed<'m>> {
        let Some(value) = map.get(key) else {
            let entry = map.entry("Fn::Transform")?;
            let at = entry.value.path(&["Parameters", "Location"]).map_or(entry.key.span, |location| location.span);
            return Some(Followed::Unknown(wrong(at, inserted(&entry.value))));
        };
        match self.follow(value) {
            Followed::Absent => None,
            other => Some(other),
        }
    }

    fn text(&self, node: &Node) -> Text {
        let at = node.span;
        if let Some(text) = node.scalar_text() {
            return self.literal(&text, at);
        }
        let Some(call) = function::call(node) else {
            let shown = if matches!(node.value, Value::Null) { "nothing" } else { "…" };
            return self.opaque(at, shown, &format!("{} stands where a string belongs", node.kind()));
        };
        let Some(_level) = self.levels.enter() else { return self.circle(at) };
        match self.follow(node) {
            Followed::Absent => self.opaque(at, "AWS::NoValue", "`AWS::NoValue` stands where a string belongs"),
            Followed::Unknown(unknown) => self.unmade(call, unknown.at, "…", &unknown.why),
            Followed::Node(chosen) if std::ptr::eq(chosen, node) => self.note(self.made(call)),
            Followed::Node(chosen) => self.text(chosen),
        }
    }

    fn texts(&self, node: &Node) -> (Vec<Text>, Vec<Unknown>) {
        let (mut texts, mut unknown) = (Vec::new(), Vec::new());
        for item in self.list(node) {
            match item {
                Followed::Node(item) => match self.values(item) {
                    Some(Ok(items)) => texts.extend(items.into_iter().map(|item| self.note(item))),
                    _ => texts.push(self.text(item)),
                },
                Followed::Unknown(why) => unknown.push(why),
                Followed::Absent => {}
            }
        }
        (texts, unknown)
    }
}

/// Why what a macro inserts is not known.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-include.html>
fn inserted(argument: &Node) -> &'static str {
    match argument.get("Name").and_then(Node::as_str) {
        Some("AWS::Include") => "`AWS::Include` inserts a file from S3 when the template is deployed",
        _ => "a macro writes it when the template is deployed",
    }
}
