//! References to nothing, functions with wrong arguments, and conditions that lead in a circle, as far as they concern
//! what is judged: CloudFormation refuses a template with any of these.

use super::condition;
use super::function::{self, Call, SubPiece};
use super::judged;
use super::opaque::opaque;
use super::template::{Resource, Template};
use bucketlint_text::source::Span;
use bucketlint_text::syntax::fields::did_you_mean;
use bucketlint_text::syntax::node::{Node, Value};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

#[cfg(test)]
mod tests;

/// One mistake.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Invalid {
    /// The reference, name or function.
    pub at: Span,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
    /// The name that stands for nothing, if that is the mistake.
    pub lacks: Option<Lack>,
}

/// A name that a template does not define.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Lack {
    /// The name.
    pub name: SmolStr,
    /// Whether one that it does define may be meant.
    pub is_slip: bool,
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
const PSEUDO: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Among more names than this, none is proposed.
const MAX_COMPARED: usize = 2_000;

/// Functions with the number of their arguments, least and most, and what those are.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>
const ARGUMENTS: [(&str, usize, usize, &str); 9] = [
    ("If", 3, 3, "a condition and two values"),
    ("Join", 2, 2, "a separator and a list"),
    ("Select", 2, 2, "an index and a list"),
    ("Split", 2, 2, "a delimiter and a string"),
    ("FindInMap", 3, 4, "a mapping and two keys"),
    ("Equals", 2, 2, "two values"),
    ("Not", 1, 1, "one condition"),
    ("And", 2, 10, "two to ten conditions"),
    ("Or", 2, 10, "two to ten conditions"),
];

/// The functions whose result is a condition.
const CONDITION_FUNCTIONS: [&str; 4] = ["And", "Equals", "Not", "Or"];

/// The mistakes in the judged resources of a template with its loops written out, and in what those refer to, in source
/// order; `source` is its text. Nothing is said of a template that a macro may still complete.
pub fn invalid(template: &Template<'_>, source: &str) -> Vec<Invalid> {
    if is_incomplete(template) {
        return Vec::new();
    }
    let mut checker = Checker::new(template, source);
    let judged = template.resources().filter(|resource| resource.kind().is_some_and(judged::is_judged));
    checker.resources.extend(judged.map(|resource| resource.id.text.as_str()));
    while let Some(id) = checker.resources.pop() {
        checker.resource(id);
    }
    while let Some(name) = checker.conditions.pop() {
        checker.condition(name);
    }
    checker.circles();
    checker.out.into_iter().collect()
}

/// Whether a macro of the user's, or a file that is not there, may define more names.
fn is_incomplete(template: &Template<'_>) -> bool {
    let known = ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31", "AWS::SecretsManager-", "AWS::CodeDeployBlueGreen"];
    let macros = template.root.get("Transform").map(Node::one_or_many).unwrap_or_default();
    let strange = |node: &Node| node.as_str().is_none_or(|name| !known.iter().any(|known| name.starts_with(known)));
    let inserted = |node: &Node| node.get("Fn::Transform").is_some();
    macros.iter().any(strange)
        || inserted(template.root)
        || ["Resources", "Conditions", "Mappings"].iter().any(|section| template.root.get(section).is_some_and(inserted))
}

struct Checker<'t, 'n> {
    template: &'t Template<'n>,
    source: &'t str,
    /// What the sections hold, by name.
    known: BTreeMap<(&'static str, &'n str), &'n Node>,
    /// Beginnings of logical IDs that a transform makes.
    made: Vec<&'n str>,
    /// Whether loops over unknown collections make resources.
    open: bool,
    out: BTreeSet<Invalid>,
    resources: Vec<&'n str>,
    conditions: Vec<&'n str>,
    seen: BTreeSet<(&'static str, &'n str)>,
    /// The conditions each condition names, and where.
    leads: BTreeMap<&'n str, Vec<(&'n str, Span)>>,
}

impl<'t, 'n> Checker<'t, 'n> {
    fn new(template: &'t Template<'n>, source: &'t str) -> Self {
        let is_sam = |kind: &str| kind.starts_with("AWS::Serverless::");
        let makes = |resource: &Resource<'_>| resource.kind().is_some_and(is_sam) || opaque(resource.node).is_some();
        let makers = template.resources().filter(makes);
        let mut made: Vec<&str> = makers.map(|resource| resource.id.text.as_str()).collect();
        if !made.is_empty() {
            made.push("Serverless");
        }
        let open = template.resources().any(|resource| resource.id.text.contains("${"));
        let section = |name: &'static str| {
            let entries = template.section(name).iter();
            entries.map(move |entry| ((name, entry.key.text.as_str()), &entry.value))
        };
        let known = ["Parameters", "Resources", "Conditions"].into_iter().flat_map(section).collect();
        Self {
            template,
            source,
            known,
            made,
            open,
            out: BTreeSet::new(),
            resources: Vec::new(),
            conditions: Vec::new(),
            seen: BTreeSet::new(),
            leads: BTreeMap::new(),
        }
    }

    fn find(&self, section: &'static str, name: &str) -> Option<&'n Node> {
        self.known.get(&(section, name)).copied()
    }

    fn tell(&mut self, at: Span, message: String, fix: impl Into<String>) {
        self.out.insert(Invalid { at, message, fix: fix.into(), lacks: None });
    }

    /// A name that is not among those that are `known`.
    fn lacks(&mut self, at: Span, name: &str, message: String, known: &[&str], define: String) {
        let meant = nearest(name, known);
        let lacks = Some(Lack { name: name.into(), is_slip: meant.is_some() });
        self.out.insert(Invalid { at, message, fix: meant.unwrap_or(define), lacks });
    }

    fn resource(&mut self, id: &'n str) {
        let Some(resource) = self.find("Resources", id).filter(|_| self.seen.insert(("resource", id))) else { return };
        if let Some(name) = resource.get("Condition") {
            self.condition_name(name);
        }
        for node in resource.get("DependsOn").map(Node::one_or_many).unwrap_or_default() {
            if let Some(id) = node.as_str().filter(|id| self.find("Resources", id).is_none()) {
                self.nothing(node.span, id, "is no resource of this template", false);
            }
        }
        resource.get("Properties").into_iter().for_each(|properties| self.value(properties));
    }

    /// Everything in a value.
    fn value(&mut self, node: &'n Node) {
        if let Some(call) = function::call(node) {
            self.call(call);
        }
        node.items().iter().for_each(|item| self.value(item));
        node.entries().iter().for_each(|entry| self.value(&entry.value));
    }

    fn call(&mut self, call: Call<'n>) {
        self.arity(call);
        match call.name {
            "Ref" => call.argument.as_str().into_iter().for_each(|name| self.name(name, call.span)),
            "GetAtt" => self.get_att(call),
            "Sub" => self.sub(call),
            "If" => call.argument.items().first().into_iter().for_each(|name| self.condition_name(name)),
            "FindInMap" => self.find_in_map(call),
            _ => {}
        }
    }

    fn arity(&mut self, call: Call<'n>) {
        let Some((name, least, most, what)) = ARGUMENTS.iter().find(|(name, ..)| *name == call.name) else { return };
        let Value::Seq(items) = &call.argument.value else {
            // a function may make the list
            if call.argument.is_map() {
                return;
            }
            return self.tell(call.span, format!("`Fn::{name}` takes {what}"), format!("write a list of {what}"));
        };
        if !(*least..=*most).contains(&items.len()) {
            let fix = format!("give it {what}");
            let has = if items.len() == 1 { "1 argument".to_owned() } else { format!("{} arguments", items.len()) };
            self.tell(call.span, format!("`Fn::{name}` takes {what}, and has {has}"), fix);
        }
    }

    fn name(&mut self, name: &'n str, at: Span) {
        if self.find("Resources", name).is_some() {
            self.resources.push(name);
        } else if self.find("Parameters", name).is_none() && !PSEUDO.contains(&name) {
            self.nothing(at, name, "is neither a parameter nor a resource of this template", true);
        }
    }

    fn names(&self, sections: &[&str]) -> Vec<&'n str> {
        sections.iter().flat_map(|section| self.template.section(section)).map(|entry| entry.key.text.as_str()).collect()
    }

    /// A name that stands for nothing.
    fn nothing(&mut self, at: Span, name: &str, what: &str, parameters: bool) {
        if self.made.iter().any(|made| name.starts_with(made)) || self.open {
            return;
        }
        let sections: &[&str] = if parameters { &["Parameters", "Resources"] } else { &["Resources"] };
        let known: Vec<&str> = self.names(sections).into_iter().chain(PSEUDO.into_iter().filter(|_| parameters)).collect();
        match name.split_once(':') {
            Some((service, _)) if parameters && !service.starts_with("AWS") => {
                self.tell(at, format!("`{name}` {what}"), format!("a policy variable is written `${{!{name}}}`"));
            }
            _ => {
                let define = format!("define `{name}`, or refer to something that is");
                self.lacks(at, name, format!("`{name}` {what}"), &known, define);
            }
        }
    }

    fn get_att(&mut self, call: Call<'n>) {
        match function::get_att(call.argument) {
            Some((id, attribute)) => self.attribute(id, attribute, call.span),
            None if call.argument.as_str().is_some() || matches!(call.argument.items(), [_]) => {
                let fix = "add the attribute: `LogicalId.Attribute`";
                self.tell(call.span, "`Fn::GetAtt` takes a logical ID and an attribute".into(), fix);
            }
            None => {}
        }
    }

    fn attribute(&mut self, id: &'n str, attribute: &str, at: Span) {
        let Some(resource) = self.find("Resources", id) else {
            return self.nothing(at, id, "is no resource of this template, so it has no attributes", false);
        };
        self.resources.push(id);
        let kind = resource.get("Type").and_then(Node::as_str).unwrap_or_default();
        if let Some(known) = judged::lacks(kind, attribute) {
            let fix = nearest(attribute, &known).unwrap_or_else(|| format!("its attributes are `{}`", known.join("`, `")));
            self.tell(at, format!("{kind} has no attribute `{attribute}`"), fix);
        }
    }

    fn sub(&mut self, call: Call<'n>) {
        let (template, own) = match call.argument.items() {
            [template, own] => (template, Some(own)),
            [template] => (template, None),
            [] => (call.argument, None),
            items => {
                let message = format!("`Fn::Sub` takes a string and a mapping, and has {} arguments", items.len());
                return self.tell(call.span, message, "give it a string, and a mapping of values");
            }
        };
        for piece in template.as_str().map(function::sub_pieces).unwrap_or_default() {
            let SubPiece::Name(name) = piece else { continue };
            let at = self.within(template.span, name);
            match name.split_once('.') {
                _ if own.is_some_and(|own| own.get(name).is_some()) => {}
                Some((id, attribute)) => self.attribute(id, attribute, at),
                None => self.name(name, at),
            }
        }
    }

    /// The place of `${name}` in a string, or the string where it cannot be found.
    fn within(&self, at: Span, name: &str) -> Span {
        let written = self.source.get(at.range()).filter(|_| at.file == self.template.file).unwrap_or_default();
        let start = at.start as usize;
        written
            .find(&format!("${{{name}}}"))
            .map_or(at, |found| Span::new(at.file, start + found, start + found + name.len() + "${}".len()))
    }

    fn find_in_map(&mut self, call: Call<'n>) {
        let [map, keys @ ..] = call.argument.items() else { return };
        let Some(name) = map.as_str() else { return };
        let Some(mapping) = self.template.member("Mappings", name) else {
            let (known, define) = (self.names(&["Mappings"]), format!("define `{name}` under Mappings"));
            return self.lacks(map.span, name, format!("mapping `{name}` is not defined"), &known, define);
        };
        let [top, second] = keys else { return };
        let (Some(top_key), Some(second_key)) = (top.scalar_text(), second.scalar_text()) else { return };
        if mapping.path(&[&top_key, &second_key]).is_none() {
            let message = format!("mapping `{name}` has no `{top_key}.{second_key}`");
            self.tell(call.span, message, "add the key to the mapping");
        }
    }

    fn condition_name(&mut self, node: &'n Node) {
        let Some(name) = node.as_str() else { return };
        if self.find("Conditions", name).is_some() {
            return self.conditions.push(name);
        }
        let (known, define) = (self.names(&["Conditions"]), format!("define `{name}` under Conditions"));
        self.lacks(node.span, name, format!("condition `{name}` is not defined"), &known, define);
    }

    fn condition(&mut self, name: &'n str) {
        let Some(node) = self.find("Conditions", name).filter(|_| self.seen.insert(("condition", name))) else {
            return;
        };
        let mut leads = Vec::new();
        self.boolean(node);
        self.expression(node, &mut leads);
        self.leads.insert(name, leads);
    }

    fn expression(&mut self, node: &'n Node, leads: &mut Vec<(&'n str, Span)>) {
        if let Some(name) = condition::named(node) {
            node.entries().iter().for_each(|only| self.condition_name(&only.value));
            return leads.push((name, node.span));
        }
        let call = function::call(node);
        if let Some(call) = call {
            let name = call.argument.as_str().unwrap_or_default();
            if call.name == "Ref" && self.find("Resources", name).is_some() {
                let message = format!("`{name}` is a resource, and conditions know parameters only");
                self.tell(call.span, message, "compare a parameter");
            } else if matches!(call.name, "Ref" | "FindInMap" | "Sub") {
                self.call(call);
            } else {
                self.arity(call);
            }
        }
        node.items().iter().for_each(|item| self.expression(item, leads));
        node.entries().iter().for_each(|entry| self.expression(&entry.value, leads));
    }

    /// What stands where a condition or a function that makes one has to: what a macro makes there is not known.
    fn boolean(&mut self, node: &'n Node) {
        let call = function::call(node);
        let items = call.map(|call| call.argument.items()).unwrap_or_default();
        match call.map(|call| call.name) {
            _ if condition::named(node).is_some() => {}
            Some("And" | "Or" | "Not") => items.iter().for_each(|item| self.boolean(item)),
            Some("Equals" | "Transform") => {}
            Some(name) => {
                let written = function::full_name(name);
                let known = CONDITION_FUNCTIONS.map(|name| format!("Fn::{name}"));
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let fix = nearest(&written, &known).unwrap_or_else(|| "compare it with a value by `Fn::Equals`".into());
                self.tell(node.span, format!("`{written}` makes no condition"), fix);
            }
            None => self.tell(
                node.span,
                "this is no condition, but a value".into(),
                "write `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` or `Condition`",
            ),
        }
    }

    /// Conditions that lead back to themselves, each circle once, where it closes.
    fn circles(&mut self) {
        let leads = std::mem::take(&mut self.leads);
        let (mut open, mut closed) = (BTreeSet::new(), BTreeSet::new());
        for start in leads.keys() {
            let mut path = vec![(*start, 0)];
            while let Some((name, next)) = path.pop() {
                if next == 0 && (closed.contains(name) || !open.insert(name)) {
                    continue;
                }
                let Some((to, at)) = leads.get(name).and_then(|leads| leads.get(next)) else {
                    open.remove(name);
                    closed.insert(name);
                    continue;
                };
                path.push((name, next + 1));
                if open.contains(to) {
                    self.tell(*at, format!("condition `{to}` leads back to itself"), "break the circle");
                } else {
                    path.push((to, 0));
                }
            }
        }
    }
}

/// The name that was meant.
fn nearest(name: &str, known: &[&str]) -> Option<String> {
    if known.len() > MAX_COMPARED {
        return None;
    }
    let said = did_you_mean(name, known);
    said.strip_prefix("; did you mean ").map(|rest| format!("write {}", rest.trim_end_matches('?')))
}
