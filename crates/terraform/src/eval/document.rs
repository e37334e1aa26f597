//! The data source `aws_iam_policy_document`, as the provider puts documents together.
//!
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>,
//! <https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/iam/policy_document_data_source.go>,
//! <https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/iam/policy_model.go>

use crate::eval::function;
use crate::eval::{Evaluator, NestedBlock, Scope, lack_of};
use crate::syntax::{Body, Name};
use crate::value::json;
use crate::value::{Absence, Made, Member, Str, Value, ValueKind};
use bucketlint_text::source::Span;
use bucketlint_text::text::{Part, Symbol, Text};
use smol_str::SmolStr;
use std::sync::Arc;

/// The statements of a document while others are merged into it.
struct Merged {
    statements: Vec<Value>,
    id: Option<Value>,
    version: Option<Value>,
}

impl Merged {
    /// Takes a statement: one with the Sid of an earlier one replaces that, whatever its effect.
    fn take(&mut self, statement: Value) {
        let sid =
            |statement: &Value| statement.get("Sid").and_then(Value::as_known).filter(|sid| !sid.is_empty()).map(SmolStr::from);
        let own = sid(&statement);
        match self.statements.iter_mut().find(|known| own.is_some() && sid(known) == own) {
            Some(known) => *known = statement,
            None => self.statements.push(statement),
        }
    }

    /// Takes the statements of a whole document.
    fn merge(&mut self, document: &Value) {
        match document.get("Statement") {
            Some(Value { kind: ValueKind::List(items), .. }) => items.iter().for_each(|item| self.take(item.clone())),
            Some(Value { kind: ValueKind::Unknown(lack), span }) => self.rest(*span, lack),
            // the provider reads a list alone
            _ => {}
        }
        let text = |key: &str| document.get(key).filter(|value| value.as_known() != Some("")).cloned();
        self.id = text("Id").or(self.id.take());
        let newer = |new: &Value| self.version.as_ref().is_none_or(|old| old.as_known() < new.as_known());
        if let Some(version) = text("Version").filter(newer) {
            self.version = Some(version);
        }
    }

    fn rest(&mut self, at: Span, lack: &Arc<Absence>) {
        self.statements.push(Value::new(at, ValueKind::Rest(Arc::clone(lack))));
    }

    /// Takes a document that is not known: it may have a statement for every Sid.
    fn overridden(&mut self, at: Span, lack: &Arc<Absence>) {
        for statement in &mut self.statements {
            if statement.get("Sid").is_some() {
                *statement = Value::of_lack(statement.span, lack);
            }
        }
        self.rest(at, lack);
    }
}

impl Evaluator<'_> {
    /// The text that the data source makes.
    pub(crate) fn policy_document(&self, made: &Made, at: Span) -> Value {
        let Some(block) = self.block_of(made) else { return Value::unknown(at, "it is not declared") };
        let key = format!("{} json", made.address);
        let work = || self.document(made, block.span, &block.body);
        let document = if made.open.is_some() { work() } else { self.once(made.module, &key, at, work) };
        match document.lack() {
            Some(lack) => Value::of_lack(at, lack),
            None => Value::new(at, ValueKind::Json(Arc::new(document))),
        }
    }

    fn document(&self, made: &Made, at: Span, body: &Body) -> Value {
        let scope = self.scope_of(made);
        let mut out = Merged { statements: Vec::new(), id: None, version: None };
        self.merge_all(made, "source_policy_documents", &mut out, |out, at, lack| out.rest(at, lack));
        for nested in self.blocks(body, "statement", &scope) {
            match nested {
                NestedBlock::Block(span, body, scope) => out.take(self.statement(span, body, &scope)),
                NestedBlock::Unknown(span, lack) => out.rest(span, &lack),
            }
        }
        let own = |name: &str| {
            body.get(name).map(|expr| self.eval(expr, &scope)).filter(|value| !matches!(value.kind, ValueKind::Null))
        };
        out.id = own("policy_id").or(out.id);
        let version = own("version").unwrap_or_else(|| Value::known(at, "2012-10-17"));
        if out.version.as_ref().is_none_or(|old| old.as_known() < version.as_known()) {
            out.version = Some(version);
        }
        self.merge_all(made, "override_policy_documents", &mut out, Merged::overridden);
        let mut members = Vec::new();
        let mut add = |key: &str, value: Option<Value>| {
            members.extend(value.map(|value| Member { key: Name { span: value.span, text: key.into() }, value }));
        };
        add("Version", out.version);
        add("Id", out.id);
        let first = out.statements.first().map_or(at, |first| first.span);
        add("Statement", (!out.statements.is_empty()).then(|| Value::list(first, out.statements)));
        Value::map(at, members)
    }

    fn merge_all(&self, made: &Made, name: &str, out: &mut Merged, unknown: impl Fn(&mut Merged, Span, &Arc<Absence>)) {
        let Some(list) = self.argument(made, name) else { return };
        let items: Vec<Value> = match &list.kind {
            ValueKind::List(items) => items.to_vec(),
            _ => vec![list],
        };
        for item in items {
            match &item.kind {
                ValueKind::Json(document) => out.merge(document),
                // the provider passes over what is empty
                ValueKind::Null => {}
                ValueKind::Str(text) if text.text.as_known().is_some_and(|text| text.trim().is_empty()) => {}
                ValueKind::Str(text) if text.text.as_symbol().is_none() => match read(text) {
                    Ok(document) => out.merge(&document),
                    Err(lack) => unknown(out, item.span, &lack),
                },
                _ => unknown(out, item.span, &lack_of(&item)),
            }
        }
    }

    fn statement(&self, at: Span, body: &Body, scope: &Scope) -> Value {
        let mut members: Vec<Member> = Vec::new();
        let mut effect = None;
        for attribute in &body.attributes {
            let value = self.eval(&attribute.value, scope);
            let (key, takes_variables) = match attribute.name.text.as_str() {
                "sid" => ("Sid", false),
                "effect" => ("Effect", false),
                "actions" => ("Action", false),
                "not_actions" => ("NotAction", false),
                "resources" => ("Resource", true),
                "not_resources" => ("NotResource", true),
                _ => continue,
            };
            let is_empty = matches!(value.kind, ValueKind::Null)
                || key == "Sid" && value.as_known() == Some("")
                || matches!(&value.kind, ValueKind::List(items) if items.is_empty());
            if is_empty {
                continue;
            }
            if key == "Effect" {
                effect = Some(());
            }
            let value = if takes_variables { with_variables(&value) } else { value };
            let value = if key == "Sid" || key == "Effect" { value } else { function::set_as_written(&value) };
            members.push(Member { key: Name { span: attribute.name.span, text: key.into() }, value });
        }
        if effect.is_none() {
            members.insert(0, member(at, "Effect", Value::known(at, "Allow")));
        }
        for (block, key) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
            members.extend(self.principals(body, block, scope).map(|value| member(value.span, key, value)));
        }
        members.extend(self.conditions(body, scope).map(|value| member(value.span, "Condition", value)));
        Value::map(at, members)
    }

    /// Principals by their type. Only `"*"` alone is a principal without a type.
    fn principals(&self, body: &Body, kind: &str, scope: &Scope) -> Option<Value> {
        let blocks = self.blocks(body, kind, scope);
        let alone = blocks.len() == 1;
        let mut out: Vec<Member> = Vec::new();
        let mut whole = None;
        for nested in blocks {
            let (span, body, scope) = match nested {
                NestedBlock::Block(span, body, scope) => (span, body, scope),
                NestedBlock::Unknown(span, lack) => return Some(Value::of_lack(span, &lack)),
            };
            whole.get_or_insert(span);
            let kind = body.get("type").map(|kind| self.eval(kind, &scope));
            let ids = with_variables(&body.get("identifiers").map_or_else(|| Value::null(span), |ids| self.eval(ids, &scope)));
            let name = match kind.as_ref().map(|kind| (kind.as_known().map(SmolStr::from), kind.span)) {
                Some((Some(text), span)) => Name { span, text },
                _ => {
                    return Some(
                        kind.map_or_else(|| Value::unknown(span, "the principal has no type"), |kind| Value { span, ..kind }),
                    );
                }
            };
            if alone && name.text == "*" && matches!(ids.items(), [only] if only.as_known() == Some("*")) {
                return ids.items().first().cloned();
            }
            gather(&mut out, name, &ids);
        }
        (!out.is_empty()).then(|| Value::map(whole.unwrap_or_default(), out))
    }

    /// Conditions: the values of several blocks with the same test and variable are alternatives.
    fn conditions(&self, body: &Body, scope: &Scope) -> Option<Value> {
        let mut out: Vec<(Name, Vec<Member>)> = Vec::new();
        let mut whole = None;
        for nested in self.blocks(body, "condition", scope) {
            let (span, body, scope) = match nested {
                NestedBlock::Block(span, body, scope) => (span, body, scope),
                NestedBlock::Unknown(span, lack) => return Some(Value::of_lack(span, &lack)),
            };
            whole.get_or_insert(span);
            let name = |attribute: &str| -> Result<Name, Value> {
                let value = body.get(attribute).map_or_else(|| Value::null(span), |expr| self.eval(expr, &scope));
                let text = value.as_known().map(SmolStr::from);
                text.map(|text| Name { span: value.span, text }).ok_or_else(|| Value::of_lack(span, &lack_of(&value)))
            };
            let (test, variable) = match (name("test"), name("variable")) {
                (Ok(test), Ok(variable)) => (test, variable),
                (Err(unknown), _) | (_, Err(unknown)) => return Some(unknown),
            };
            let values =
                with_variables(&body.get("values").map_or_else(|| Value::null(span), |values| self.eval(values, &scope)));
            match out.iter_mut().find(|(known, _)| known.text == test.text) {
                Some((_, members)) => gather(members, variable, &values),
                None => {
                    let mut members = Vec::new();
                    gather(&mut members, variable, &values);
                    out.push((test, members));
                }
            }
        }
        let whole = whole?;
        let tests = out.into_iter().map(|(test, members)| Member { value: Value::map(test.span, members), key: test }).collect();
        Some(Value::map(whole, tests))
    }
}

fn member(at: Span, key: &str, value: Value) -> Member {
    Member { key: Name { span: at, text: key.into() }, value }
}

/// Adds values to the list of a member.
fn gather(members: &mut Vec<Member>, name: Name, values: &Value) {
    let items = match &values.kind {
        ValueKind::List(items) => items.to_vec(),
        ValueKind::Unknown(lack) => vec![Value::new(values.span, ValueKind::Rest(Arc::clone(lack)))],
        _ => vec![values.clone()],
    };
    match members.iter_mut().find(|known| known.key.text == name.text) {
        Some(Member { value: Value { kind: ValueKind::List(known), .. }, .. }) => Arc::make_mut(known).extend(items),
        _ => members.push(Member { key: name, value: Value::list(values.span, items) }),
    }
}

/// `&{…}` stands for a policy variable `${…}`.
fn with_variables(value: &Value) -> Value {
    match &value.kind {
        ValueKind::List(items) => Value::list(value.span, items.iter().map(with_variables).collect()),
        ValueKind::Str(text) if text.text.parts().iter().any(|part| matches!(part, Part::Lit(text) if text.contains("&{"))) => {
            let mut out = Text::empty(text.text.span);
            for part in text.text.parts() {
                match part {
                    Part::Lit(known) => out.push_str(&known.replace("&{", "${")),
                    Part::Sym(symbol) => out.push(&Text::symbol(text.text.span, Symbol::clone(symbol))),
                }
            }
            Value { span: value.span, ..Value::text(out) }
        }
        _ => value.clone(),
    }
}

/// A document that is given as text, as the provider reads it.
fn read(text: &Str) -> Result<Value, Arc<Absence>> {
    let document = json::read(text).map_err(|fault| {
        let at = text.text.span;
        Arc::new(Absence::new(
            at,
            format!("{} at {}", at.file.0, at.start),
            "${…}",
            format!("the text cannot be read: {}", fault.problem.message),
        ))
    })?;
    Ok(reread(&document))
}

/// What the provider makes of a document it reads: a principal that is a string becomes everybody, and numbers in conditions
/// are lost.
fn reread(document: &Value) -> Value {
    let statement = |statement: &Value| {
        let members = statement.members().iter().map(|member| {
            let value = match (member.key.text.as_str(), &member.value.kind) {
                ("Principal" | "NotPrincipal", ValueKind::Str(_)) => Value::known(member.value.span, "*"),
                ("Condition", ValueKind::Map(tests)) => {
                    Value::map(member.value.span, tests.iter().map(without_numbers).collect())
                }
                _ => member.value.clone(),
            };
            Member { key: member.key.clone(), value }
        });
        match &statement.kind {
            ValueKind::Map(_) => Value::map(statement.span, members.collect()),
            _ => statement.clone(),
        }
    };
    let members = document.members().iter().map(|member| match (&*member.key.text, &member.value.kind) {
        ("Statement", ValueKind::List(items)) => {
            Member { key: member.key.clone(), value: Value::list(member.value.span, items.iter().map(statement).collect()) }
        }
        _ => member.clone(),
    });
    Value::map(document.span, members.collect())
}

fn without_numbers(test: &Member) -> Member {
    let kept = test.value.members().iter().filter(|member| !matches!(member.value.kind, ValueKind::Num(_)));
    match &test.value.kind {
        ValueKind::Map(_) => Member { key: test.key.clone(), value: Value::map(test.value.span, kept.cloned().collect()) },
        _ => test.clone(),
    }
}
