//! Functions that choose: `If`, `Select`, `FindInMap`; and the lists they choose from.

use super::{Resolver, wrong};
use crate::cfn::function::{self, Call};
use crate::cfn::scenario::Setting;
use bucketlint_text::resolve::{Followed, Resolve, Unknown};
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::{Node, Value};
use bucketlint_text::text::Text;

impl Resolver<'_> {
    /// The branch an assigned condition takes.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html>
    pub(super) fn branch<'m>(&self, call: Call<'m>) -> Result<&'m Node, Unknown> {
        let [condition, yes, no] = call.argument.items() else {
            return Err(wrong(call.span, "`Fn::If` takes a condition and two values"));
        };
        let name = condition.as_str().unwrap_or_default();
        match self.scenario.conditions.get(name) {
            Some(true) => Ok(yes),
            Some(false) => Ok(no),
            None if self.template.member("Conditions", name).is_none() => {
                Err(wrong(call.span, &format!("condition `{name}` is not defined")))
            }
            None => Err(wrong(call.span, &format!("it depends on condition `{name}`"))),
        }
    }

    /// The node `Fn::Select` picks of a list that is written out; `None` if the list is made by a function.
    pub(super) fn selected<'m>(&'m self, call: Call<'m>) -> Result<Option<&'m Node>, Unknown> {
        let [index, list] = call.argument.items() else {
            return Err(wrong(call.span, "`Fn::Select` takes an index and a list"));
        };
        let Some(_level) = self.levels.enter() else { return Err(wrong(call.span, "the reference leads back to itself")) };
        let list = match self.follow(list) {
            Followed::Node(list) if matches!(list.value, Value::Seq(_)) => list,
            Followed::Unknown(unknown) => return Err(unknown),
            _ => return Ok(None),
        };
        let index = self.index(index)?;
        let items = self.list(list);
        let count = items.len();
        // an item before it that is not known may be none, which moves the others
        for item in items.into_iter().take(index.saturating_add(1)).enumerate() {
            match item {
                (_, Followed::Unknown(unknown)) => return Err(unknown),
                (at, Followed::Node(node)) if at == index => return Ok(Some(node)),
                _ => {}
            }
        }
        Err(beyond(call.span, index, count))
    }

    fn index(&self, node: &Node) -> Result<usize, Unknown> {
        let text = self.text(node);
        let Some(known) = text.as_known() else { return Err(self.reason(&text)) };
        known.trim().parse().map_err(|_| wrong(node.span, &format!("`{known}` is not an index")))
    }

    /// The item of a list that is made by a function.
    pub(super) fn select(&self, argument: &Node, at: Span) -> Result<Text, Unknown> {
        let [index, list] = argument.items() else { return Err(wrong(at, "`Fn::Select` takes an index and a list")) };
        let (index, items) = (self.index(index)?, self.elements(list)?);
        items.get(index).cloned().ok_or_else(|| beyond(at, index, items.len()))
    }

    /// Why `text` is not known.
    pub(super) fn reason(&self, text: &Text) -> Unknown {
        let why = text.symbols().next().map(|symbol| symbol.why.clone()).unwrap_or_default();
        Unknown { at: text.span, why }
    }

    /// The node a mapping holds, or the default value.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap-enhancements.html>
    pub(super) fn find_in_map<'m>(&'m self, argument: &'m Node, at: Span) -> Result<&'m Node, Unknown> {
        let default = argument.items().get(3).and_then(|more| more.get("DefaultValue"));
        match self.entry(argument, at)? {
            Ok(value) if function::call(value).is_some() => Err(wrong(at, "a mapping holds plain values, not functions")),
            Ok(value) => Ok(value),
            Err(lacks) => default.ok_or(lacks),
        }
    }

    /// The entry of a mapping that `Fn::FindInMap` asks for, or what the mapping lacks.
    ///
    /// # Errors
    /// Tells why it is not known which entry that is.
    fn entry<'m>(&'m self, argument: &'m Node, at: Span) -> Result<Result<&'m Node, Unknown>, Unknown> {
        let [map, first, second, ..] = argument.items() else {
            return Err(wrong(at, "`Fn::FindInMap` takes a mapping and two keys"));
        };
        let (mut found, mut path) = (self.template.root.get("Mappings"), Vec::new());
        for key in [map, first, second] {
            let text = self.text(key);
            let name = key.get("Ref").and_then(Node::as_str);
            let known = match (text.as_known().or_else(|| self.key(name?)), found) {
                (Some(known), _) => known.to_owned(),
                (None, Some(entries)) if self.is_none_of(name, entries) => text.to_string(),
                (None, _) => return Err(self.reason(&text)),
            };
            found = found.and_then(|found| found.get(&known));
            path.push(known);
        }
        let lacks = |path: &[String]| match path {
            [map, keys @ ..] => wrong(at, &format!("mapping `{map}` has no `{}`", keys.join("."))),
            [] => wrong(at, "`Fn::FindInMap` takes a mapping and two keys"),
        };
        Ok(found.ok_or_else(|| lacks(&path)))
    }

    /// Whether the scenario has a value for a parameter that is none of the keys of a mapping.
    fn is_none_of(&self, name: Option<&str>, mapping: &Node) -> bool {
        let Some(Setting::Not(others)) = name.and_then(|name| self.scenario.parameters.get(name)) else { return false };
        mapping.entries().iter().all(|entry| others.contains(&entry.key.text))
    }

    /// Whether anything in `node` asks a mapping for an entry that it lacks, which fails the deployment.
    pub fn fails(&self, node: &Node) -> bool {
        let here = function::call(node).filter(|call| call.name == "FindInMap" && call.argument.items().len() == 3);
        here.is_some_and(|call| matches!(self.entry(call.argument, call.span), Ok(Err(_))))
            || node.items().iter().any(|item| self.fails(item))
            || node.entries().iter().any(|entry| self.fails(&entry.value))
    }

    /// The strings of a function that makes a list; `None` for any other node.
    pub(super) fn values(&self, node: &Node) -> Option<Result<Vec<Text>, Unknown>> {
        let call = function::call(node)?;
        let Some(_level) = self.levels.enter() else { return Some(Err(self.reason(&self.circle(call.span)))) };
        match call.name {
            "Ref" => self.list_parameter(call.argument.as_str()?, call.span),
            "Split" => Some(self.split(call.argument, call.span)),
            "FindInMap" => match self.find_in_map(call.argument, call.span) {
                Ok(value) if matches!(value.value, Value::Seq(_)) || function::call(value).is_some() => {
                    let items = self.elements(value);
                    let stored = |item: Text| {
                        let at = item.span;
                        item.standing_at(at).at(call.span)
                    };
                    Some(items.map(|items| items.into_iter().map(stored).collect()))
                }
                Ok(_) => None,
                Err(unknown) => Some(Err(unknown)),
            },
            _ => None,
        }
    }

    /// The strings of a list, all of which must be there to be counted.
    pub fn elements(&self, list: &Node) -> Result<Vec<Text>, Unknown> {
        let list = match self.follow(list) {
            Followed::Node(list) => list,
            Followed::Absent => return Ok(Vec::new()),
            Followed::Unknown(unknown) => return Err(unknown),
        };
        if function::call(list).is_some() {
            return self.values(list).unwrap_or_else(|| {
                let text = self.text(list);
                match text.as_symbol() {
                    Some(_) => Err(self.reason(&text)),
                    None => Ok(vec![text]),
                }
            });
        }
        let (items, mut unknown) = self.texts(list);
        match unknown.pop() {
            Some(unknown) => Err(unknown),
            None => Ok(items),
        }
    }
}

fn beyond(at: Span, index: usize, count: usize) -> Unknown {
    wrong(at, &format!("`Fn::Select` asks for item {index} of a list of {count}"))
}
