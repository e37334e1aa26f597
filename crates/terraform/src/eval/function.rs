//! Functions. One that is not here gives a value that is not known.
//! <https://developer.hashicorp.com/terraform/language/functions>

mod collection;
mod string;
#[cfg(test)]
mod tests;

pub(crate) use collection::{set, set_as_written};

use crate::eval::{Evaluator, MAX_ITEMS, Scope, text_of};
use crate::module;
use crate::syntax::{self, Expr, Name, Piece};
use crate::value::json;
use crate::value::{MAX_TEXT, Str, Value, ValueKind};
use bucketlint_text::source::Span;
use bucketlint_text::text::Text;
use smol_str::format_smolstr;
use std::sync::Arc;

impl Evaluator<'_> {
    pub(crate) fn call(&self, name: &Name, arguments: &[Expr], spread: bool, at: Span, scope: &Scope) -> Value {
        // OpenTofu and Terraform know the built-in ones by this name too
        let function = name.text.strip_prefix("core::").unwrap_or(&name.text);
        match function {
            "try" => return self.first_right(arguments, at, scope),
            "can" => {
                let value = arguments.first().map(|argument| self.eval(argument, scope));
                return match value.as_ref().and_then(Value::lack) {
                    Some(lack) if lack.wrong => Value::bool(at, false),
                    Some(lack) => Value::of_lack(at, lack),
                    None => Value::bool(at, value.is_some()),
                };
            }
            _ => {}
        }
        let mut values: Vec<Value> = arguments.iter().map(|argument| self.eval(argument, scope)).collect();
        if spread {
            match values.pop() {
                Some(Value { kind: ValueKind::List(items), .. }) => values.extend(items.iter().cloned()),
                Some(value) => return Value::of_lack(at, &crate::eval::lack_of(&value)),
                None => {}
            }
        }
        let weight = |value: &Value| match &value.kind {
            ValueKind::Str(text) => text.text.length() / 16,
            _ => value.items().len() + value.members().len(),
        };
        self.spend(values.iter().map(weight).sum());
        let made = match function {
            "file" => Some(self.file(&values, at)),
            "templatefile" => Some(self.template_file(&values, at, scope)),
            "fileexists" => None,
            "jsonencode" => values.first().map(|value| match value.lack() {
                Some(lack) => Value::of_lack(at, lack),
                None => Value::new(at, ValueKind::Json(Arc::new(value.clone()))),
            }),
            "jsondecode" => values.first().map(|value| decode(value, at)),
            "sensitive" | "nonsensitive" | "tostring" | "tonumber" | "tobool" | "ephemeralasnull" | "issensitive" => {
                values.first().map(|value| string::converted(function, value, at))
            }
            _ => collection::call(function, &values, at).or_else(|| string::call(function, &values, at)),
        };
        let made = made.unwrap_or_else(|| Value::unknown(at, format_smolstr!("`{}()` is not evaluated here", name.text)));
        let is_too_much = match &made.kind {
            ValueKind::Str(text) => text.text.length() > MAX_TEXT,
            _ => made.items().len() + made.members().len() > MAX_ITEMS,
        };
        if is_too_much { Value::unknown(at, "it takes too much to evaluate") } else { made }
    }

    /// `try`: the first argument that is no error.
    fn first_right(&self, arguments: &[Expr], at: Span, scope: &Scope) -> Value {
        for argument in arguments {
            let value = self.eval(argument, scope);
            if value.lack().is_none_or(|lack| !lack.wrong) {
                return value;
            }
        }
        Value::wrong(at, "no argument of `try` has a value")
    }

    /// The text of a file that an argument names, from the root module or by its whole path.
    fn text_of_file(&self, path: Option<&Value>, at: Span) -> Result<(bucketlint_text::source::FileId, Arc<str>), Value> {
        let path = path.ok_or_else(|| Value::wrong(at, "the function takes a path"))?;
        let Some(written) = path.as_known() else { return Err(Value::of_lack(at, &crate::eval::lack_of(path))) };
        // `path.module` is the directory as it is shown, and so is whole
        let root = &self.instance(0).module.directory;
        let below = |directory: &str| !directory.is_empty() && written.starts_with(&format!("{directory}/"));
        let whole = self.modules.keys().any(|directory| below(directory)) || written.starts_with('/');
        let path = if whole { module::join("", written) } else { module::join(root, written) };
        self.files.read(&path).map_err(|why| Value::unknown(at, format_smolstr!("the file `{path}` {why}")))
    }

    fn file(&self, values: &[Value], at: Span) -> Value {
        match self.text_of_file(values.first(), at) {
            Ok((file, text)) => {
                let span = Span::new(file, 0, text.len());
                let pieces = Arc::new(vec![Piece { at: 0..text.len(), span }]);
                Value::new(span, ValueKind::Str(Str { text: Text::known(span, &*text), pieces }))
            }
            Err(unknown) => unknown,
        }
    }

    fn template_file(&self, values: &[Value], at: Span, scope: &Scope) -> Value {
        let (file, text) = match self.text_of_file(values.first(), at) {
            Ok(found) => found,
            Err(unknown) => return unknown,
        };
        let parts = match syntax::template(file, &text) {
            Ok(parts) => parts,
            Err(problem) => return Value::unknown(at, format_smolstr!("the template cannot be read: {}", problem.message)),
        };
        let variables = match values.get(1).map(|variables| (&variables.kind, variables)) {
            Some((ValueKind::Map(members), _)) => members,
            Some((_, other)) => return Value::of_lack(at, &crate::eval::lack_of(other)),
            None => return Value::wrong(at, "`templatefile` takes two arguments"),
        };
        let empty = Scope { names: None, ..scope.clone() };
        let inner = variables.iter().fold(empty, |scope, member| scope.with(&member.key.text, member.value.clone()));
        self.template(&parts, Span::new(file, 0, text.len()), &inner)
    }
}

/// `jsondecode`.
fn decode(value: &Value, at: Span) -> Value {
    match &value.kind {
        ValueKind::Json(inner) => (**inner).clone(),
        ValueKind::Str(text) => json::read(text).unwrap_or_else(|fault| match text.text.as_known() {
            Some(_) => Value::wrong(at, fault.problem.message),
            None => Value::of_lack(at, &crate::eval::lack_of(value)),
        }),
        _ => Value::of_lack(at, &crate::eval::lack_of(value)),
    }
}

/// The strings that arguments are, if each is one.
fn texts(values: &[Value]) -> Result<Vec<Text>, Value> {
    values.iter().map(text_of).collect()
}
