//! Quoted templates, heredocs and template files.
//! <https://developer.hashicorp.com/terraform/language/expressions/strings>

use super::{Evaluator, Scope, operate};
use crate::syntax::{Part, Piece};
use crate::value::json::{moved, render};
use crate::value::{MAX_TEXT, Str, Value, ValueKind, canonical};
use bucketlint_text::source::Span;
use bucketlint_text::text::{Symbol, Text};
use std::sync::Arc;

impl Evaluator<'_> {
    /// What a template that stands at `at` comes to. One that is nothing but `${…}` is that value.
    pub(crate) fn template(&self, parts: &[Part], at: Span, scope: &Scope) -> Value {
        if let [Part::Value(only)] = parts {
            return self.eval(only, scope);
        }
        let mut out = Str { text: Text::empty(at), ..Str::default() };
        match self.write(parts, scope, &mut out) {
            Ok(()) => {
                self.spend(out.text.length() / 16);
                Value::new(at, ValueKind::Str(out))
            }
            Err(value) => Value { span: at, ..value },
        }
    }

    /// Writes the parts.
    ///
    /// # Errors
    /// What all of it comes to where a part cannot be written.
    fn write(&self, parts: &[Part], scope: &Scope, out: &mut Str) -> Result<(), Value> {
        for part in parts {
            let start = out.text.length();
            if start > MAX_TEXT {
                return Err(Value::unknown(out.text.span, "it takes too much to evaluate"));
            }
            self.spend(1);
            match part {
                Part::Text(literal) => {
                    Arc::make_mut(&mut out.pieces).extend(moved(&literal.pieces, start));
                    out.text.push_str(&literal.text);
                }
                Part::Value(expr) => {
                    let text = text_of(&self.eval(expr, scope))?;
                    // the literal keeps its place
                    let place = text.span;
                    out.text.push(&text.standing_at(place));
                    if out.text.length() > start {
                        let piece = Piece { at: start..out.text.length(), span: expr.span };
                        Arc::make_mut(&mut out.pieces).push(piece);
                    }
                }
                Part::If(condition, yes, no) => match operate::truth(&self.eval(condition, scope)) {
                    Ok(true) => self.write(yes, scope, out)?,
                    Ok(false) => self.write(no, scope, out)?,
                    Err(lack) => return Err(Value::of_lack(out.text.span, &lack)),
                },
                Part::For { key, value, collection, parts } => {
                    for (number, item) in self.each_of(&self.eval(collection, scope))? {
                        let mut inner = scope.with(value, item);
                        if let Some(key) = key {
                            inner = inner.with(key, number);
                        }
                        self.write(parts, &inner, out)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A value as a piece of text.
///
/// # Errors
/// What the text comes to where the value is none.
pub(crate) fn text_of(value: &Value) -> Result<Text, Value> {
    Ok(match &value.kind {
        ValueKind::Str(text) => text.text.clone(),
        ValueKind::Bool(truth) => Text::known(value.span, if *truth { "true" } else { "false" }),
        ValueKind::Num(number) => Text::known(value.span, canonical(number)),
        ValueKind::Json(inner) => render(inner).at(value.span),
        ValueKind::Unknown(lack) if !lack.wrong => Text::symbol(value.span, Symbol { at: value.span, ..lack.symbol.clone() }),
        _ => return Err(Value::of_lack(value.span, &operate::lack_of(value))),
    })
}
