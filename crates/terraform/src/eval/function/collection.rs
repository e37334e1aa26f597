//! Functions on lists, sets and maps.

use super::texts;
use crate::eval::{MAX_ITEMS, key, lack_of, truth, whole};
use crate::syntax::Name;
use crate::value::{Absence, MAX_TEXT, Member, Value, ValueKind, number, order};
use bucketlint_text::source::Span;
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;

pub(super) fn call(name: &str, values: &[Value], at: Span) -> Option<Value> {
    let first = values.first();
    Some(match name {
        "concat" => {
            let mut out = Vec::new();
            for value in values {
                match &value.kind {
                    ValueKind::List(items) => out.extend(items.iter().cloned()),
                    ValueKind::Unknown(lack) if !lack.wrong => out.push(rest(value.span, lack)),
                    _ => return Some(refused(value, at)),
                }
            }
            Value::list(at, out)
        }
        "flatten" => {
            let mut out = Vec::new();
            match flatten(first?, &mut out, 0) {
                Ok(()) => Value::list(at, out),
                Err(value) => value,
            }
        }
        "merge" => {
            let mut out = Vec::new();
            for value in values {
                match &value.kind {
                    ValueKind::Map(members) => out.extend(members.iter().cloned()),
                    ValueKind::Null => {}
                    _ => return Some(refused(value, at)),
                }
            }
            Value::map(at, out)
        }
        "tolist" => listed(first?, at),
        "toset" => set(&listed(first?, at)),
        "tomap" => first?.clone(),
        "distinct" => set_as_written(first?),
        "setunion" => {
            let all: Vec<Value> = values.iter().map(|value| listed(value, at)).collect();
            match all.iter().find(|value| !matches!(value.kind, ValueKind::List(_))) {
                Some(value) => refused(value, at),
                None => set(&Value::list(at, all.iter().flat_map(|value| value.items().to_vec()).collect())),
            }
        }
        "setintersection" | "setsubtract" => {
            let [one, other] = values else { return None };
            let (one, other) = (known_list(one, at), known_list(other, at));
            let (Ok(one), Ok(other)) = (&one, &other) else {
                return Some(one.err().or(other.err()).unwrap_or_else(|| Value::null(at)));
            };
            let mut out = Vec::new();
            for item in one.iter() {
                match has(other, item) {
                    Some(found) if found == (name == "setintersection") => out.push(item.clone()),
                    Some(_) => {}
                    None => return Some(refused(item, at)),
                }
            }
            set(&Value::list(at, out))
        }
        "compact" => match &first?.kind {
            ValueKind::List(items) => {
                let is_empty = |item: &&Value| matches!(item.kind, ValueKind::Null) || item.as_known() == Some("");
                // what is not known may be nothing
                let kept = items.iter().filter(|item| !is_empty(item)).cloned();
                Value::list(at, kept.collect())
            }
            _ => refused(first?, at),
        },
        "element" => {
            let [list, index] = values else { return None };
            match known_list(list, at) {
                Ok([]) => Value::wrong(at, "the list is empty"),
                Ok(items) => match whole(index) {
                    Some(index) => items.get(index % items.len()).cloned()?,
                    None => refused(index, at),
                },
                Err(unknown) => unknown,
            }
        }
        "length" => match &first?.kind {
            ValueKind::List(_) => match known_list(first?, at) {
                Ok(items) => Value::num(at, format_smolstr!("{}", items.len())),
                Err(unknown) => unknown,
            },
            ValueKind::Map(members) => Value::num(at, format_smolstr!("{}", members.len())),
            ValueKind::Str(text) => match text.text.as_known() {
                Some(text) => Value::num(at, format_smolstr!("{}", text.chars().count())),
                None => refused(first?, at),
            },
            _ => refused(first?, at),
        },
        "lookup" => {
            let [map, wanted, ..] = values else { return None };
            match (&map.kind, key(wanted)) {
                (ValueKind::Map(_), Some(wanted)) => match (map.get(&wanted), values.get(2)) {
                    (Some(value), _) | (None, Some(value)) => value.clone(),
                    (None, None) => Value::wrong(at, format_smolstr!("there is no `{wanted}` in this map")),
                },
                (ValueKind::Map(_), None) => refused(wanted, at),
                _ => refused(map, at),
            }
        }
        "contains" => {
            let [list, item] = values else { return None };
            let ValueKind::List(items) = &list.kind else { return Some(refused(list, at)) };
            match has(items, item) {
                Some(found) => Value::bool(at, found),
                None => refused(items.iter().find(|item| item.lack().is_some()).unwrap_or(item), at),
            }
        }
        "keys" | "values" => match &first?.kind {
            ValueKind::Map(members) => {
                let mut members: Vec<&Member> = members.iter().collect();
                members.sort_by(|one, other| one.key.text.cmp(&other.key.text));
                let item = |member: &Member| match name {
                    "keys" => Value::known(member.key.span, member.key.text.clone()),
                    _ => member.value.clone(),
                };
                Value::list(at, members.into_iter().map(item).collect())
            }
            _ => refused(first?, at),
        },
        "zipmap" => {
            let [keys, values] = values else { return None };
            let (keys, values) = match (known_list(keys, at), known_list(values, at)) {
                (Ok(keys), Ok(values)) if keys.len() == values.len() => (keys, values),
                (Ok(_), Ok(_)) => return Some(Value::wrong(at, "there are not as many keys as values")),
                (Err(unknown), _) | (_, Err(unknown)) => return Some(unknown),
            };
            let pair = |(made, value): (&Value, &Value)| Some(member(made.span, key(made)?, value.clone()));
            match keys.iter().zip(values).map(pair).collect() {
                Some(members) => Value::map(at, members),
                None => refused(keys.iter().find(|made| key(made).is_none())?, at),
            }
        }
        "sort" | "reverse" => match known_list(first?, at) {
            Ok(items) => {
                let mut items = items.to_vec();
                if name == "sort" {
                    items.sort_by(order)
                } else {
                    items.reverse()
                }
                Value::list(at, items)
            }
            Err(unknown) => unknown,
        },
        "slice" => {
            let [list, from, to] = values else { return None };
            match (known_list(list, at), whole(from), whole(to)) {
                (Ok(items), Some(from), Some(to)) => match items.get(from..to) {
                    Some(items) => Value::list(at, items.to_vec()),
                    None => Value::wrong(at, "the list has no such items"),
                },
                (Err(unknown), ..) => unknown,
                _ => refused(if whole(from).is_none() { from } else { to }, at),
            }
        }
        "chunklist" => {
            let [list, size] = values else { return None };
            match (known_list(list, at), whole(size)) {
                (Ok(items), Some(size)) if size > 0 => {
                    Value::list(at, items.chunks(size).map(|items| Value::list(at, items.to_vec())).collect())
                }
                (Err(unknown), _) => unknown,
                _ => refused(size, at),
            }
        }
        "range" => {
            let numbers: Option<Vec<f64>> = values
                .iter()
                .map(|value| match &value.kind {
                    ValueKind::Num(text) => Some(number(text)),
                    _ => None,
                })
                .collect();
            let Some(numbers) = numbers else {
                return Some(refused(values.iter().find(|value| !matches!(value.kind, ValueKind::Num(_)))?, at));
            };
            let (mut next, end, step) = match numbers[..] {
                [end] => (0.0, end, 1.0),
                [start, end] => (start, end, if start <= end { 1.0 } else { -1.0 }),
                [start, end, step] => (start, end, step),
                _ => return None,
            };
            let mut out = Vec::new();
            while step != 0.0 && (if step > 0.0 { next < end } else { next > end }) && out.len() < 1024 {
                out.push(Value::num(at, format_smolstr!("{next}")));
                next += step;
            }
            Value::list(at, out)
        }
        "index" => {
            let [list, item] = values else { return None };
            match known_list(list, at) {
                Ok(items) => {
                    let same: Vec<Option<bool>> = items.iter().map(|one| one.same(item)).collect();
                    match same.iter().position(|same| *same != Some(false)) {
                        Some(found) if same.get(found) == Some(&Some(true)) => Value::num(at, format_smolstr!("{found}")),
                        Some(found) => refused(items.get(found)?, at),
                        None => Value::wrong(at, "the list has no such item"),
                    }
                }
                Err(unknown) => unknown,
            }
        }
        "one" => match &first?.kind {
            ValueKind::Null => Value::null(at),
            ValueKind::List(items) => match items.as_slice() {
                [] => Value::null(at),
                [only] if only.lack().is_none() => only.clone(),
                // an instance that may not be there: what asks for it is of no use without it
                [only, Value { kind: ValueKind::Rest(_), .. }] if !matches!(only.kind, ValueKind::Rest(_)) => only.clone(),
                _ => match items.iter().find(|item| item.lack().is_some()) {
                    Some(item) => refused(item, at),
                    None => Value::wrong(at, "`one` takes a list of at most one item"),
                },
            },
            _ => refused(first?, at),
        },
        "coalesce" | "coalescelist" => {
            for value in values {
                let is_empty = match &value.kind {
                    ValueKind::Null => true,
                    ValueKind::List(items) => items.is_empty(),
                    _ => name == "coalesce" && value.as_known() == Some(""),
                };
                if !is_empty {
                    return Some(value.clone());
                }
            }
            Value::wrong(at, format_smolstr!("no argument of `{name}` has a value"))
        }
        "alltrue" | "anytrue" => match known_list(first?, at) {
            Ok(items) => {
                let decides = name == "anytrue";
                let mut unknown = None;
                for item in items {
                    match truth(item) {
                        Ok(value) if value == decides => return Some(Value::bool(at, decides)),
                        Ok(_) => {}
                        Err(lack) => unknown = Some(lack),
                    }
                }
                unknown.map_or_else(|| Value::bool(at, !decides), |lack| Value::of_lack(at, &lack))
            }
            Err(unknown) => unknown,
        },
        "setproduct" => {
            let lists: Result<Vec<&[Value]>, Value> = values.iter().map(|value| known_list(value, at)).collect();
            let lists = match lists {
                Ok(lists) => lists,
                Err(unknown) => return Some(unknown),
            };
            if lists
                .iter()
                .map(|list| list.len().max(1))
                .try_fold(1usize, |all, len| all.checked_mul(len))
                .is_none_or(|all| all > MAX_ITEMS)
            {
                return Some(Value::unknown(at, "it takes too much to evaluate"));
            }
            let mut out: Vec<Vec<Value>> = vec![Vec::new()];
            for list in lists {
                let longer = |made: &Vec<Value>| {
                    list.iter().map(|item| [made.as_slice(), std::slice::from_ref(item)].concat()).collect::<Vec<_>>()
                };
                out = out.iter().flat_map(longer).collect();
            }
            Value::list(at, out.into_iter().map(|items| Value::list(at, items)).collect())
        }
        "join" => {
            let [separator, lists @ ..] = values else { return None };
            let mut items = Vec::new();
            for list in lists {
                match &list.kind {
                    ValueKind::List(list) => items.extend(list.iter().cloned()),
                    _ => return Some(refused(list, at)),
                }
            }
            // the way to name an instance that may not be there
            if separator.as_known() == Some("")
                && matches!(items.as_slice(), [one, other] if one.lack().is_none() && matches!(other.kind, ValueKind::Rest(_)))
            {
                items.truncate(1);
            }
            if let Some(unknown) = items.iter().find(|item| matches!(item.kind, ValueKind::Rest(_))) {
                return Some(refused(unknown, at));
            }
            match (texts(std::slice::from_ref(separator)), texts(&items)) {
                (Ok(separator), Ok(items)) => {
                    let mut out = bucketlint_text::text::Text::empty(at);
                    for (number, item) in items.iter().enumerate() {
                        if number > 0 {
                            separator.iter().for_each(|separator| out.push(separator));
                        }
                        out.push(&item.clone().standing_at(item.span));
                        if out.length() > MAX_TEXT {
                            return Some(Value::unknown(at, "it takes too much to evaluate"));
                        }
                    }
                    Value::text(out)
                }
                (Err(unknown), _) | (_, Err(unknown)) => Value { span: at, ..unknown },
            }
        }
        _ => return None,
    })
}

fn rest(at: Span, lack: &Arc<Absence>) -> Value {
    Value::new(at, ValueKind::Rest(Arc::clone(lack)))
}

fn member(span: Span, text: SmolStr, value: Value) -> Member {
    Member { key: Name { span, text }, value }
}

/// What a function comes to that cannot take a value.
fn refused(value: &Value, at: Span) -> Value {
    Value::of_lack(at, &lack_of(value))
}

/// The items of a list of which it is known how many there are.
fn known_list(value: &Value, at: Span) -> Result<&[Value], Value> {
    match &value.kind {
        ValueKind::List(items) => match items.iter().find(|item| matches!(item.kind, ValueKind::Rest(_))) {
            Some(rest) => Err(refused(rest, at)),
            None => Ok(items),
        },
        _ => Err(refused(value, at)),
    }
}

fn has(items: &[Value], wanted: &Value) -> Option<bool> {
    let mut out = Some(false);
    for item in items {
        match item.same(wanted) {
            Some(true) => return Some(true),
            None => out = None,
            Some(false) => {}
        }
    }
    out
}

fn flatten(value: &Value, out: &mut Vec<Value>, depth: usize) -> Result<(), Value> {
    if depth > 64 || out.len() > MAX_ITEMS {
        return Err(Value::unknown(value.span, "it takes too much to evaluate"));
    }
    match &value.kind {
        ValueKind::List(items) => items.iter().try_for_each(|item| flatten(item, out, depth + 1)),
        // it may be a list as well
        ValueKind::Unknown(lack) if !lack.wrong => {
            out.push(rest(value.span, lack));
            Ok(())
        }
        _ if depth == 0 => Err(refused(value, value.span)),
        _ => {
            out.push(value.clone());
            Ok(())
        }
    }
}

/// What becomes of a value that has to be a list.
fn listed(value: &Value, at: Span) -> Value {
    match &value.kind {
        ValueKind::List(_) | ValueKind::Unknown(_) | ValueKind::Rest(_) | ValueKind::Null => value.clone(),
        ValueKind::Map(members) => {
            let keys = members.iter().map(|member| Value::known(member.key.span, member.key.text.clone()));
            Value::list(at, keys.collect())
        }
        _ => refused(value, at),
    }
}

/// A list as a set: each item once, in the order of sets.
pub(crate) fn set(list: &Value) -> Value {
    match set_as_written(list) {
        Value { span, kind: ValueKind::List(mut items) } => {
            Arc::make_mut(&mut items).sort_by(order);
            Value::new(span, ValueKind::List(items))
        }
        other => other,
    }
}

/// A list with each item once, in its order.
pub(crate) fn set_as_written(list: &Value) -> Value {
    let ValueKind::List(items) = &list.kind else { return list.clone() };
    let mut strings = std::collections::BTreeSet::new();
    let mut out: Vec<Value> = Vec::with_capacity(items.len());
    for item in items.iter() {
        let is_new = match &item.kind {
            ValueKind::Str(text) => strings.insert(text.text.clone()),
            ValueKind::Rest(_) => true,
            _ => out.len() > 1_000 || out.iter().all(|known| known.same(item) != Some(true)),
        };
        if is_new {
            out.push(item.clone());
        }
    }
    Value::list(list.span, out)
}
