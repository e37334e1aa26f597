//! Functions on strings and numbers.

use super::texts;
use crate::eval::{amount, lack_of, text_of, whole};
use crate::value::{MAX_TEXT, Value, ValueKind};
use bucketlint_text::source::Span;
use bucketlint_text::text::{Part, Text};
use smol_str::format_smolstr;

/// A value as another type.
pub(super) fn converted(function: &str, value: &Value, at: Span) -> Value {
    match (function, &value.kind) {
        ("issensitive", _) => Value::unknown(at, "`issensitive()` is not evaluated here"),
        ("tostring", ValueKind::Num(_) | ValueKind::Bool(_)) => match text_of(value) {
            Ok(text) => Value::text(text),
            Err(unknown) => unknown,
        },
        ("tonumber", ValueKind::Str(text)) => match (text.text.as_known(), amount(value)) {
            (Some(known), Some(_)) => Value::num(value.span, known),
            (Some(_), None) => Value::wrong(at, "this is no number"),
            (None, _) => Value::of_lack(at, &lack_of(value)),
        },
        ("tobool", ValueKind::Str(_)) => match crate::eval::truth(value) {
            Ok(truth) => Value::bool(value.span, truth),
            Err(lack) => Value::of_lack(at, &lack),
        },
        _ => value.clone(),
    }
}

pub(super) fn call(name: &str, values: &[Value], at: Span) -> Option<Value> {
    let first = values.first()?;
    match name {
        "format" => return Some(formatted(first, values.get(1..)?, at)),
        "formatlist" => return Some(format_list(first, values.get(1..)?, at)),
        "split" => {
            let (separator, text) = (first.as_known()?, values.get(1)?);
            return Some(match text_of(text) {
                Ok(text) if separator.is_empty() => match text.as_known() {
                    Some(known) => {
                        Value::list(at, known.chars().map(|letter| Value::known(text.span, letter.to_string())).collect())
                    }
                    None => Value::of_lack(at, &lack_of(values.get(1)?)),
                },
                // an unknown piece may hold the separator
                Ok(text) if text.as_known().is_none() => Value::of_lack(at, &lack_of(values.get(1)?)),
                Ok(text) => Value::list(at, text.split(separator).into_iter().map(Value::text).collect()),
                Err(unknown) => unknown,
            });
        }
        "min" | "max" => {
            let amounts: Option<Vec<f64>> = values.iter().map(amount).collect();
            let Some(amounts) = amounts else {
                return Some(Value::of_lack(at, &lack_of(values.iter().find(|value| amount(value).is_none())?)));
            };
            let pick = if name == "min" { f64::min } else { f64::max };
            return amounts.into_iter().reduce(pick).map(|made| Value::num(at, format_smolstr!("{made}")));
        }
        "abs" | "ceil" | "floor" => {
            let made = match (amount(first), name) {
                (Some(value), "abs") => value.abs(),
                (Some(value), "ceil") => value.ceil(),
                (Some(value), _) => value.floor(),
                (None, _) => return Some(Value::of_lack(at, &lack_of(first))),
            };
            return Some(Value::num(at, format_smolstr!("{made}")));
        }
        "lower" | "upper" | "title" | "trimspace" | "chomp" | "trim" | "trimprefix" | "trimsuffix" | "replace" | "startswith"
        | "endswith" | "strcontains" | "substr" | "strrev" | "basename" | "dirname" | "indent" | "abspath" | "pathexpand" => {}
        _ => return None,
    }
    let texts = match texts(values) {
        Ok(texts) => texts,
        Err(unknown) => return Some(Value { span: at, ..unknown }),
    };
    let text = texts.first()?;
    // what is about the beginning or the end can be told of a text that is known there
    match (name, texts.get(1).and_then(Text::as_known)) {
        ("trimprefix", Some(prefix)) => {
            if let Some(Part::Lit(known)) =
                text.parts().first().filter(|part| matches!(part, Part::Lit(known) if known.len() >= prefix.len()))
            {
                let rest = if known.starts_with(prefix) { text.strip_prefix(prefix)? } else { text.clone() };
                return Some(Value::text(rest));
            }
        }
        ("startswith", Some(prefix)) => {
            if let Some(Part::Lit(known)) =
                text.parts().first().filter(|part| matches!(part, Part::Lit(known) if known.len() >= prefix.len()))
            {
                return Some(Value::bool(at, known.starts_with(prefix)));
            }
        }
        ("endswith", Some(suffix)) => {
            if let Some(Part::Lit(known)) =
                text.parts().last().filter(|part| matches!(part, Part::Lit(known) if known.len() >= suffix.len()))
            {
                return Some(Value::bool(at, known.ends_with(suffix)));
            }
        }
        _ => {}
    }
    let known: Option<Vec<&str>> = texts.iter().map(Text::as_known).collect();
    let Some(known) = known else {
        let open = values.iter().zip(&texts).find(|(_, text)| text.as_known().is_none())?.0;
        return Some(changed(name, values, &lack_of(open), at));
    };
    let text = *known.first()?;
    let second = known.get(1).copied();
    let made = match name {
        "lower" => text.to_lowercase(),
        "upper" => text.to_uppercase(),
        "title" => title(text),
        "trimspace" => text.trim().to_owned(),
        "chomp" => text.trim_end_matches(['\n', '\r']).to_owned(),
        "trim" => {
            let letters: Vec<char> = second?.chars().collect();
            text.trim_matches(letters.as_slice()).to_owned()
        }
        "trimprefix" => text.strip_prefix(second?).unwrap_or(text).to_owned(),
        "trimsuffix" => text.strip_suffix(second?).unwrap_or(text).to_owned(),
        // between slashes it is a regular expression
        "replace" if second?.len() > 1 && second?.starts_with('/') && second?.ends_with('/') => {
            return Some(Value::unknown(at, "`replace()` by a regular expression is not evaluated here"));
        }
        "replace" if text.matches(second?).count().saturating_mul(known.get(2)?.len()) > MAX_TEXT => {
            return Some(Value::unknown(at, "it takes too much to evaluate"));
        }
        "replace" => text.replace(second?, known.get(2)?),
        "startswith" => return Some(Value::bool(at, text.starts_with(second?))),
        "endswith" => return Some(Value::bool(at, text.ends_with(second?))),
        "strcontains" => return Some(Value::bool(at, text.contains(second?))),
        "substr" => {
            let letters: Vec<char> = text.chars().collect();
            let from = match whole(values.get(1)?) {
                Some(from) => from,
                None => letters.len().saturating_sub(amount(values.get(1)?)?.abs() as usize),
            };
            let rest = letters.get(from.min(letters.len())..)?;
            let length = whole(values.get(2)?).unwrap_or(rest.len()).min(rest.len());
            rest.get(..length)?.iter().collect()
        }
        "strrev" => text.chars().rev().collect(),
        "basename" => text.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned(),
        "dirname" => text.rsplit_once('/').map_or(".", |(directory, _)| directory).to_owned(),
        "indent" => {
            let blanks = " ".repeat(whole(first)?.min(1000));
            second?.replace('\n', &format!("\n{blanks}"))
        }
        _ => return None,
    };
    let changed = Text::known(at, made.as_str());
    // what stays as it is keeps its place
    Some(if made == text { first.clone() } else { Value::text(changed) })
}

/// A string that is made of one that is not known: the same for the same.
fn changed(name: &str, values: &[Value], lack: &crate::value::Absence, at: Span) -> Value {
    let shown: Vec<String> =
        values.iter().map(|value| text_of(value).map_or_else(|_| "…".into(), |text| text.to_string())).collect();
    let ids: Vec<String> = values
        .iter()
        .filter_map(|value| text_of(value).ok())
        .map(|text| {
            let part = |part: &Part| match part {
                Part::Lit(text) => format!("{text:?}"),
                Part::Sym(symbol) => symbol.id.to_string(),
            };
            text.parts().iter().map(part).collect()
        })
        .collect();
    // what is made of what is made would have an id twice as long each time
    if ids.iter().chain(&shown).map(String::len).sum::<usize>() > 2_000 {
        return Value::unknown(at, lack.symbol.why.clone());
    }
    let is_text = !matches!(name, "startswith" | "endswith" | "strcontains");
    let made = crate::value::Absence::new(
        at,
        format_smolstr!("{name}({})", ids.join(",")),
        format_smolstr!("${{{name}({})}}", shown.join(", ")),
        lack.symbol.why.clone(),
    );
    if is_text { Value::text(Text::symbol(at, made.symbol)) } else { Value::lacking(made) }
}

fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut starts = true;
    for letter in text.chars() {
        if starts {
            out.extend(letter.to_uppercase())
        } else {
            out.push(letter)
        }
        starts = !letter.is_alphanumeric() && letter != '_' && letter != '\'';
    }
    out
}

/// <https://developer.hashicorp.com/terraform/language/functions/format>
fn formatted(spec: &Value, values: &[Value], at: Span) -> Value {
    let Some(spec) = spec.as_known() else { return Value::of_lack(at, &lack_of(spec)) };
    let mut out = Text::empty(at);
    let (mut rest, mut next) = (spec, values.iter());
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let end = after.find(|letter: char| letter.is_ascii_alphabetic() || letter == '%').map_or(after.len(), |end| end + 1);
        let (verb, after) = after.split_at(end);
        rest = after;
        if verb == "%" {
            out.push_str("%");
            continue;
        }
        let Some(value) = next.next() else { return Value::wrong(at, "`format` has too few arguments") };
        let text = match text_of(value) {
            Ok(text) => text,
            Err(unknown) => return Value { span: at, ..unknown },
        };
        match verb {
            "s" | "v" | "d" => out.push(&text.clone().standing_at(text.span)),
            "q" | "#v" => {
                out.push_str("\"");
                out.push(&text);
                out.push_str("\"");
            }
            _ => {
                let width = verb
                    .strip_suffix('d')
                    .and_then(|width| width.strip_prefix('0'))
                    .and_then(|width| width.parse::<usize>().ok());
                match (width.filter(|width| *width <= 64), text.as_known()) {
                    (Some(width), Some(number)) => out.push_str(&format!("{number:0>width$}")),
                    _ => return Value::unknown(at, format_smolstr!("`%{verb}` of `format()` is not evaluated here")),
                }
            }
        }
    }
    out.push_str(rest);
    Value::text(out)
}

fn format_list(spec: &Value, values: &[Value], at: Span) -> Value {
    let mut length = None;
    for value in values {
        match &value.kind {
            ValueKind::List(items) => {
                if let Some(rest) = items.iter().find(|item| matches!(item.kind, ValueKind::Rest(_))) {
                    return Value::list(at, vec![Value::new(at, rest.kind.clone())]);
                }
                if length.is_some_and(|length| length != items.len()) {
                    return Value::wrong(at, "the lists are not as long as each other");
                }
                length = Some(items.len());
            }
            ValueKind::Unknown(lack) if !lack.wrong => {
                return Value::list(at, vec![Value::new(at, ValueKind::Rest(std::sync::Arc::clone(lack)))]);
            }
            _ => {}
        }
    }
    let row = |number: usize| -> Vec<Value> {
        let one = |value: &Value| match &value.kind {
            ValueKind::List(items) => items.get(number).cloned().unwrap_or_else(|| value.clone()),
            _ => value.clone(),
        };
        values.iter().map(one).collect()
    };
    let (mut out, mut size) = (Vec::new(), 0);
    for number in 0..length.unwrap_or(1) {
        let made = formatted(spec, &row(number), at);
        size += text_of(&made).map_or(0, |text| text.length());
        if size > 16 * MAX_TEXT {
            return Value::unknown(at, "it takes too much to evaluate");
        }
        out.push(made);
    }
    Value::list(at, out)
}
