//! Operators, and what Terraform converts to what.
//! <https://developer.hashicorp.com/terraform/language/expressions/operators>

use crate::value::{Absence, Value, ValueKind, canonical, number};
use bucketlint_text::source::Span;
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;

fn refused(at: Span, why: &str) -> Arc<Absence> {
    let id = format_smolstr!("{} at {}: {why}", at.file.0, at.start);
    Arc::new(Absence { wrong: true, ..Absence::new(at, id, "${…}", why) })
}

/// Whether a value is true.
pub(crate) fn truth(value: &Value) -> Result<bool, Arc<Absence>> {
    match (&value.kind, value.as_known()) {
        (ValueKind::Bool(value), _) => Ok(*value),
        (_, Some("true")) => Ok(true),
        (_, Some("false")) => Ok(false),
        (_, Some(_)) => Err(refused(value.span, "a condition is true or false")),
        _ => Err(lack_of(value)),
    }
}

/// Why a value cannot be told, or not be used here.
pub(crate) fn lack_of(value: &Value) -> Arc<Absence> {
    let unusable = || refused(value.span, "a value of another type is needed here");
    match &value.kind {
        ValueKind::Unknown(lack) | ValueKind::Rest(lack) => Arc::clone(lack),
        ValueKind::Str(text) => match text.text.symbols().next() {
            Some(symbol) => Arc::new(Absence { symbol: (**symbol).clone(), wrong: false }),
            None => unusable(),
        },
        ValueKind::Made(made) => {
            let why = format_smolstr!("`{}` is known only once it is deployed", made.address);
            Arc::new(Absence::new(value.span, made.address.clone(), format_smolstr!("${{{}}}", made.address), why))
        }
        ValueKind::List(items) => items.iter().find_map(Value::lack).cloned().unwrap_or_else(unusable),
        _ => unusable(),
    }
}

/// A value as a key of a map.
pub(crate) fn key(value: &Value) -> Result<SmolStr, Arc<Absence>> {
    match &value.kind {
        ValueKind::Str(text) => text.text.as_known().map(SmolStr::from).ok_or_else(|| lack_of(value)),
        ValueKind::Num(number) => Ok(canonical(number)),
        ValueKind::Bool(value) => Ok(if *value { "true".into() } else { "false".into() }),
        _ => Err(lack_of(value)),
    }
}

/// A whole number that is not negative.
pub(crate) fn whole(value: &Value) -> Option<usize> {
    let value = amount(value)?;
    (value >= 0.0 && value.fract() == 0.0 && value < 1e9).then_some(value as usize)
}

pub(crate) fn amount(value: &Value) -> Option<f64> {
    let text = match &value.kind {
        ValueKind::Num(text) => text.as_str(),
        _ => value.as_known()?,
    };
    Some(number(text)).filter(|value| value.is_finite())
}

pub(super) fn minus(value: &Value, at: Span) -> Value {
    match (&value.kind, amount(value)) {
        (ValueKind::Num(text), _) if !text.starts_with('-') => Value::num(at, format_smolstr!("-{text}")),
        (_, Some(amount)) => Value::num(at, format_smolstr!("{}", -amount)),
        _ => Value::of_lack(at, &lack_of(value)),
    }
}

pub(super) fn binary(operator: &str, left: &Value, right: impl FnOnce() -> Value, at: Span) -> Value {
    if matches!(operator, "&&" | "||") {
        let decides = operator == "||";
        let left = truth(left);
        if left.as_ref().is_ok_and(|left| *left == decides) {
            return Value::bool(at, decides);
        }
        return match (left, truth(&right())) {
            (_, Ok(right)) if right == decides => Value::bool(at, decides),
            (Ok(_), Ok(_)) => Value::bool(at, !decides),
            (Err(lack), _) | (_, Err(lack)) => Value::of_lack(at, &lack),
        };
    }
    let right = right();
    if matches!(operator, "==" | "!=") {
        return match left.same(&right) {
            Some(same) => Value::bool(at, same == (operator == "==")),
            None => {
                let open = |side: &&Value| {
                    !matches!(&side.kind, ValueKind::Null | ValueKind::Bool(_) | ValueKind::Num(_)) && side.as_known().is_none()
                };
                Value::of_lack(at, &lack_of([left, &right].into_iter().find(open).unwrap_or(left)))
            }
        };
    }
    let (Some(one), Some(other)) = (amount(left), amount(&right)) else {
        let bad = if amount(left).is_none() { left } else { &right };
        return Value::of_lack(at, &lack_of(bad));
    };
    let made = match operator {
        "<" => return Value::bool(at, one < other),
        "<=" => return Value::bool(at, one <= other),
        ">" => return Value::bool(at, one > other),
        ">=" => return Value::bool(at, one >= other),
        "+" => one + other,
        "-" => one - other,
        "*" => one * other,
        "/" if other != 0.0 => one / other,
        "%" if other != 0.0 => one % other,
        _ => return Value::wrong(at, "there is no such result"),
    };
    Value::num(at, format_smolstr!("{made}"))
}
