//! What names stand for: variables, locals, modules, resources.
//! <https://developer.hashicorp.com/terraform/language/expressions/references>

use super::{Evaluator, Instance, Scope, operate};
use crate::module;
use crate::syntax::{Block, Expr, Name, Syntax};
use crate::value::{Absence, Each, Made, Member, Value, ValueKind};
use bucketlint_text::source::Span;
use bucketlint_text::text::{Symbol, Text};
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;

/// How many instances of one block are made.
const MAX_INSTANCES: usize = 2_000;

impl<'w> Evaluator<'w> {
    /// What an expression of names comes to; `None` where a value is asked for an attribute.
    pub(super) fn reference(&self, expr: &Expr, scope: &Scope) -> Option<Value> {
        let at = expr.span;
        match &expr.kind {
            Syntax::Name(name) => scope.bound(name).cloned().or_else(|| match name.as_str() {
                "each" | "count" | "var" | "local" | "path" | "terraform" | "module" | "data" => None,
                // an object with all of a kind; nobody takes it as a whole
                _ => Some(Value::wrong(at, format_smolstr!("`{name}` stands for nothing"))),
            }),
            Syntax::Attr(base, name) => match &base.kind {
                Syntax::Name(root) if scope.bound(root).is_none() => Some(self.rooted(root, name, at, scope)),
                Syntax::Attr(data, kind) if matches!(&data.kind, Syntax::Name(word) if word == "data" && scope.bound(word).is_none()) => {
                    Some(self.block_value("data", &kind.text, &name.text, at, scope))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// `root.name`, where `root` is no variable of a loop.
    fn rooted(&self, root: &str, name: &Name, at: Span, scope: &Scope) -> Value {
        let from_each = |value: &Option<Value>| {
            let none = || Value::wrong(at, format_smolstr!("there is no `{root}.{}` here", name.text));
            value.clone().unwrap_or_else(none)
        };
        match (root, name.text.as_str()) {
            ("var", _) => self.variable(scope.instance, name, at),
            ("local", _) => self.local(scope.instance, name, at),
            ("each", "key") => from_each(&scope.each.key),
            ("each", "value") => from_each(&scope.each.value),
            ("count", "index") => from_each(&scope.each.index),
            ("path", what @ ("module" | "root" | "cwd")) => {
                let directory = &self.instance(if what == "module" { scope.instance } else { 0 }).module.directory;
                Value::known(at, if directory.is_empty() { "." } else { directory })
            }
            ("terraform", what) => {
                let shown = format!("terraform.{what}");
                self.symbol(0, &shown, at, format_smolstr!("`{shown}` is chosen when it is deployed"))
            }
            ("module", _) => self.block_value("module", &name.text, "", at, scope),
            ("data", _) => Value::wrong(at, "a data source has two names"),
            ("self", _) => Value::unknown(at, "`self` is known only once it is deployed"),
            _ => self.block_value("resource", root, &name.text, at, scope),
        }
    }

    /// A string that is not known.
    pub(crate) fn symbol(&self, instance: usize, what: &str, at: Span, why: impl Into<SmolStr>) -> Value {
        Value::text(Text::symbol(at, self.lack(instance, what, at, why).symbol))
    }

    fn block_value(&self, kind: &str, first: &str, second: &str, at: Span, scope: &Scope) -> Value {
        let instance = self.instance(scope.instance);
        let Some(block) = instance.module.find(kind, first, second) else {
            let shown = match kind {
                "data" => format!("data.{first}.{second}"),
                "module" => format!("module.{first}"),
                _ => format!("{first}.{second}"),
            };
            return self.undeclared(scope.instance, &shown, at);
        };
        Value { span: at, ..self.expansion(scope.instance, block) }
    }

    /// A name that no file declares: an error, unless a file of the module cannot be read.
    fn undeclared(&self, instance: usize, shown: &str, at: Span) -> Value {
        match self.instance(instance).module.lost.is_empty() {
            true => {
                let lack = self.lack(instance, shown, at, format_smolstr!("`{shown}` is not declared in these files"));
                Value::lacking(lack)
            }
            false => {
                Value::lacking(self.lack(instance, shown, at, format_smolstr!("the file that declares `{shown}` cannot be read")))
            }
        }
    }

    fn local(&self, instance: usize, name: &Name, at: Span) -> Value {
        let shown = format!("local.{}", name.text);
        let Some(expr) = self.instance(instance).module.locals.get(&name.text).cloned() else {
            return self.undeclared(instance, &shown, at);
        };
        self.once(instance, &shown, at, || self.eval(&expr, &self.top(instance)))
    }

    /// What names stand for outside of all blocks that have instances.
    pub(crate) fn top(&self, instance: usize) -> Scope {
        Scope { instance, each: Arc::default(), names: None }
    }

    /// <https://developer.hashicorp.com/terraform/language/values/variables>
    fn variable(&self, instance: usize, name: &Name, at: Span) -> Value {
        let shown = format!("var.{}", name.text);
        self.once(instance, &shown, at, || {
            let here = self.instance(instance);
            let Some(block) = here.module.find("variable", &name.text, "").and_then(|block| here.module.blocks.get(block)) else {
                return self.undeclared(instance, &shown, at);
            };
            let given = match &here.caller {
                None => here.module.given.get(&name.text).map(|given| self.eval(given, &self.top(instance))),
                Some((caller, call, each)) => {
                    let scope = Scope { instance: *caller, each: Arc::clone(each), names: None };
                    let module = self.instance(*caller).module;
                    let argument = module.blocks.get(*call).and_then(|call| call.body.get(&name.text));
                    argument.map(|argument| self.eval(argument, &scope))
                }
            };
            let default = || block.body.get("default").map(|default| self.eval(default, &self.top(instance)));
            let is_no = |expr: &Arc<Expr>| matches!(expr.kind, Syntax::Bool(false));
            let given = match given {
                // `nullable = false` takes null for the default
                Some(value) if matches!(value.kind, ValueKind::Null) && block.body.get("nullable").is_some_and(is_no) => {
                    default().or(Some(value))
                }
                given => given.or_else(default),
            };
            match (given, block.body.get("type")) {
                (Some(value), Some(kind)) => self.typed(value, kind, &self.top(instance)),
                (Some(value), None) => value,
                (None, kind) => {
                    let why = format_smolstr!("variable `{}` has no default", name.text);
                    let lack = self.lack(instance, &shown, at, why);
                    let parameter = Symbol { kind: bucketlint_text::text::SymbolKind::Parameter, ..lack.symbol };
                    if kind.is_some_and(|kind| matches!(&kind.kind, Syntax::Name(word) if word == "string")) {
                        return Value::text(Text::symbol(at, parameter));
                    }
                    Value::lacking(Absence { symbol: parameter, wrong: false })
                }
            }
        })
    }

    /// A value as a type makes it: what `optional()` fills in, and numbers that become strings.
    /// <https://developer.hashicorp.com/terraform/language/expressions/type-constraints>
    fn typed(&self, value: Value, kind: &Expr, scope: &Scope) -> Value {
        let Syntax::Call { name, arguments, .. } = &kind.kind else {
            return match (&kind.kind, &value.kind) {
                (Syntax::Name(word), ValueKind::Num(_) | ValueKind::Bool(_)) if word == "string" => match operate::key(&value) {
                    Ok(text) => Value::known(value.span, text),
                    Err(_) => value,
                },
                _ => value,
            };
        };
        let at = value.span;
        match (name.text.as_str(), arguments.first(), &value.kind) {
            ("object", Some(Expr { kind: Syntax::Object(members), .. }), ValueKind::Map(known)) => {
                let mut out: Vec<Member> = known.to_vec();
                for (key, kind) in members {
                    let Ok(text) = operate::key(&self.eval(key, scope)) else { continue };
                    let (kind, default) = optional(kind);
                    match out.iter_mut().find(|member| member.key.text == text) {
                        Some(member) if !matches!(member.value.kind, ValueKind::Null) || default.is_none() => {
                            member.value = self.typed(member.value.clone(), kind, scope);
                        }
                        found => {
                            let value = default.map_or_else(|| Value::null(at), |default| self.eval(default, scope));
                            let value = self.typed(value, kind, scope);
                            match found {
                                Some(member) => member.value = value,
                                None => out.push(Member { key: Name { span: at, text }, value }),
                            }
                        }
                    }
                }
                Value::map(at, out)
            }
            ("map", Some(kind), ValueKind::Map(known)) => {
                let typed =
                    |member: &Member| Member { key: member.key.clone(), value: self.typed(member.value.clone(), kind, scope) };
                Value::map(at, known.iter().map(typed).collect())
            }
            ("list" | "set", Some(kind), ValueKind::List(items)) => {
                let items = items.iter().map(|item| self.typed(item.clone(), kind, scope)).collect();
                let list = Value::list(at, items);
                if name.text == "set" { crate::eval::function::set(&list) } else { list }
            }
            _ => value,
        }
    }

    /// The instances of a block: itself, a map or a list of them, or one that stands for all where it is not known how many
    /// there are.
    pub(crate) fn expansion(&self, instance: usize, number: usize) -> Value {
        let here = self.instance(instance);
        let Some(block) = here.module.blocks.get(number) else { return Value::null(Span::default()) };
        self.once(instance, &format!("block {number}"), block.span, || self.expand(&here, instance, number, block))
    }

    fn expand(&self, here: &Instance<'w>, instance: usize, number: usize, block: &'w Block) -> Value {
        let at = block.span;
        let base = match block.kind.text.as_str() {
            "module" => format_smolstr!("{}module.{}", here.path, block.label(0)),
            "data" => format_smolstr!("{}data.{}.{}", here.path, block.label(0), block.label(1)),
            _ => format_smolstr!("{}{}.{}", here.path, block.label(0), block.label(1)),
        };
        let made = |each: Each, step: &str, open: Option<Arc<Absence>>| {
            let (address, each) = (format_smolstr!("{base}{step}"), Arc::new(each));
            let child =
                if block.kind.text == "module" { self.child(here, instance, number, block, &each, &address) } else { None };
            self.made(Made { module: instance, block: number, child, each, address, open }, at)
        };
        let scope = self.top(instance);
        if let Some(count) = block.body.get("count") {
            let count = self.eval(count, &scope);
            let Some(count) = operate::whole(&count).filter(|count| *count <= MAX_INSTANCES) else {
                let lack = operate::lack_of(&count);
                let index = Absence::new(
                    count.span,
                    format_smolstr!("{} index", lack.symbol.id),
                    "${count.index}",
                    lack.symbol.why.clone(),
                );
                return made(Each { index: Some(Value::lacking(index)), ..Each::default() }, "[count.index]", Some(lack));
            };
            let one = |at: usize| {
                let index = Some(Value::num(block.span, format_smolstr!("{at}")));
                made(Each { index, ..Each::default() }, &format!("[{at}]"), None)
            };
            return Value::list(at, (0..count).map(one).collect());
        }
        let Some(each) = block.body.get("for_each") else { return made(Each::default(), "", None) };
        let each = self.eval(each, &scope);
        let open = |lack: Arc<Absence>, value: Option<Value>| {
            let part = |what: &str| {
                let id = format_smolstr!("{} {what}", lack.symbol.id);
                Absence::new(each.span, id, format_smolstr!("${{each.{what}}}"), lack.symbol.why.clone())
            };
            let key = Some(Value::text(Text::symbol(each.span, part("key").symbol)));
            let value = Some(value.unwrap_or_else(|| Value::lacking(part("value"))));
            made(Each { key, value, index: None }, "[each.key]", Some(Arc::clone(&lack)))
        };
        let pairs = match (&each.kind, self.each_of(&each)) {
            (ValueKind::Made(other), _) if other.open.is_some() => {
                let lack = other.open.clone().unwrap_or_else(|| operate::lack_of(&each));
                return open(lack, Some(each.clone()));
            }
            (_, Err(_)) => return open(operate::lack_of(&each), None),
            (_, Ok(pairs)) if pairs.len() > MAX_INSTANCES => return open(operate::lack_of(&each), None),
            (_, Ok(pairs)) => pairs,
        };
        let is_set = matches!(each.kind, ValueKind::List(_));
        let mut out = Vec::new();
        for (key, value) in pairs {
            let key = if is_set { value.clone() } else { key };
            let text = match operate::key(&key) {
                Ok(text) => text,
                Err(lack) => return open(lack, None),
            };
            let each = Each { key: Some(key.clone()), value: Some(value), index: None };
            let value = made(each, &format!("[\"{text}\"]"), None);
            out.push(Member { key: Name { span: key.span, text }, value });
        }
        Value::map(at, out)
    }

    /// The instance of the local module that a call makes.
    fn child(
        &self,
        here: &Instance<'w>,
        instance: usize,
        call: usize,
        block: &Block,
        each: &Arc<Each>,
        address: &str,
    ) -> Option<usize> {
        let source = self.eval(block.body.get("source")?, &self.top(instance));
        let directory = module::local(&here.module.directory, source.as_known()?)?;
        let module = self.modules.get(&directory)?;
        let caller = Some((instance, call, Arc::clone(each)));
        self.add_instance(Instance { module, caller, path: format_smolstr!("{address}."), depth: here.depth + 1 })
    }

    /// One instance of a block of which it is not known how many there are.
    pub(super) fn indexed(&self, made: &Made, index: &Value, at: Span) -> Value {
        let mut each = (*made.each).clone();
        let same = |own: &Option<Value>| own.as_ref().is_some_and(|own| own.same(index) == Some(true));
        if !same(&each.key) && !same(&each.index) {
            match each.index.is_some() {
                true => each.index = Some(index.clone()),
                false => {
                    let why = made.open.as_ref().map_or_else(SmolStr::default, |lack| lack.symbol.why.clone());
                    (each.key, each.value) = (Some(index.clone()), Some(Value::unknown(at, why)));
                }
            }
        }
        self.made(Made { each: Arc::new(each), ..made.clone() }, at)
    }
}

/// The type in `optional(type, default)`, and the default.
fn optional(kind: &Expr) -> (&Expr, Option<&Expr>) {
    match &kind.kind {
        Syntax::Call { name, arguments, .. } if name.text == "optional" => (arguments.first().unwrap_or(kind), arguments.get(1)),
        _ => (kind, None),
    }
}
