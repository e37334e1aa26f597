//! Functions that choose: `If`, `Select`, `FindInMap`; and the lists they choose from.

use super::{Resolver, wrong};
use crate::cfn::function::{self, Call};
use crate::resolve::{Followed, Resolve, Unknown};
use crate::source::Span;
use crate::syntax::node::{Node, Value};
use crate::text::Text;

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
        let (keys, default) = match argument.items() {
            [map, top, second] => ([map, top, second], None),
            [map, top, second, more] => ([map, top, second], more.get("DefaultValue")),
            _ => return Err(wrong(at, "`Fn::FindInMap` takes a mapping and two keys")),
        };
        let mut texts = Vec::new();
        for key in keys {
            let text = self.text(key);
            let name = key.get("Ref").and_then(Node::as_str);
            match text.as_known().or_else(|| self.key(name?)) {
                Some(known) => texts.push(known.to_owned()),
                None => return Err(self.reason(&text)),
            }
        }
        let path: Vec<&str> = std::iter::once("Mappings").chain(texts.iter().map(String::as_str)).collect();
        match self.template.root.path(&path) {
            Some(value) if function::call(value).is_some() => Err(wrong(at, "a mapping holds plain values, not functions")),
            Some(value) => Ok(value),
            None => default.ok_or_else(|| match texts.as_slice() {
                [map, keys @ ..] => wrong(at, &format!("mapping `{map}` has no `{}`", keys.join("."))),
                [] => wrong(at, "`Fn::FindInMap` takes a mapping and two keys"),
            }),
        }
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
    pub(crate) fn elements(&self, list: &Node) -> Result<Vec<Text>, Unknown> {
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
