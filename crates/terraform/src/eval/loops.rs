//! `for` expressions, and what loops go through.
//! <https://developer.hashicorp.com/terraform/language/expressions/for>

use super::{Evaluator, Scope, operate};
use crate::syntax::{For, Name};
use crate::value::{Member, Value, ValueKind};
use bucketlint_text::source::Span;
use smol_str::format_smolstr;
use std::sync::Arc;

impl Evaluator<'_> {
    /// The keys and values of a collection, in the order Terraform goes through them.
    ///
    /// # Errors
    /// What the loop comes to where they are not known.
    pub(crate) fn each_of(&self, collection: &Value) -> Result<Vec<(Value, Value)>, Value> {
        let numbered = |(at, item): (usize, &Value)| (Value::num(item.span, format_smolstr!("{at}")), item.clone());
        let keyed = |member: &Member| (Value::known(member.key.span, member.key.text.clone()), member.value.clone());
        let out: Vec<(Value, Value)> = match &collection.kind {
            ValueKind::List(items) => items.iter().enumerate().map(numbered).collect(),
            ValueKind::Map(members) => {
                let mut members: Vec<&Member> = members.iter().collect();
                members.sort_by(|one, other| one.key.text.cmp(&other.key.text));
                members.into_iter().map(keyed).collect()
            }
            _ => return Err(Value::of_lack(collection.span, &operate::lack_of(collection))),
        };
        self.spend(out.len());
        Ok(out)
    }

    pub(super) fn for_expr(&self, one: &For, at: Span, scope: &Scope) -> Value {
        let rest = |lack| Value::new(at, ValueKind::Rest(lack));
        let pairs = match self.each_of(&self.eval(&one.collection, scope)) {
            Ok(pairs) => pairs,
            // how many items there are is not known, but that it is a list is
            Err(value) => {
                return match (value.kind, &one.made_key) {
                    (ValueKind::Unknown(lack), None) if !lack.wrong => Value::list(at, vec![rest(lack)]),
                    (kind, _) => Value::new(at, kind),
                };
            }
        };
        let (mut items, mut members) = (Vec::new(), Vec::<Member>::new());
        for (key, value) in pairs {
            let lacking = match &value.kind {
                ValueKind::Rest(lack) => Some(Arc::clone(lack)),
                _ => None,
            };
            let mut inner = scope.with(&one.value, value);
            if let Some(name) = &one.key {
                inner = inner.with(name, key);
            }
            let holds = match (&one.condition, lacking) {
                (_, Some(lack)) => Err(lack),
                (Some(condition), None) => operate::truth(&self.eval(condition, &inner)),
                (None, None) => Ok(true),
            };
            match holds {
                Ok(true) => {}
                Ok(false) => continue,
                Err(lack) if one.made_key.is_none() => {
                    items.push(rest(lack));
                    continue;
                }
                Err(lack) => return Value::of_lack(at, &lack),
            }
            let made = self.eval(&one.made, &inner);
            let Some(made_key) = &one.made_key else {
                items.push(made);
                continue;
            };
            let key = match operate::key(&self.eval(made_key, &inner)) {
                Ok(text) => Name { span: made_key.span, text },
                Err(lack) => return Value::of_lack(at, &lack),
            };
            let known = if one.grouped { members.iter_mut().find(|member| member.key.text == key.text) } else { None };
            match known {
                Some(Member { value: Value { kind: ValueKind::List(items), .. }, .. }) => Arc::make_mut(items).push(made),
                _ if one.grouped => members.push(Member { key, value: Value::list(at, vec![made]) }),
                _ => members.push(Member { key, value: made }),
            }
        }
        if one.made_key.is_some() { Value::map(at, members) } else { Value::list(at, items) }
    }
}
