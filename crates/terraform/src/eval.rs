//! The values of expressions.

mod attributes;
mod block;
mod document;
#[cfg(test)]
mod document_tests;
mod function;
mod loops;
mod operate;
mod reference;
mod template;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use crate::module::Module;
use crate::syntax::{Expr, Name, Step, Syntax};
use crate::value::{Absence, Each, Made, Member, Str, Value, ValueKind};
pub use attributes::Provider;
pub(crate) use block::NestedBlock;
use bucketlint_text::source::{FileId, Span};
use bucketlint_text::syntax::parse::Problem;
use bucketlint_text::text::Text;
pub(crate) use operate::{amount, lack_of, truth, whole};
use smol_str::SmolStr;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
pub(crate) use template::text_of;

/// Reads files that functions such as `file` name, by their path as shown.
pub trait Readable {
    /// A file's id and text.
    ///
    /// # Errors
    /// Why it is not read, as the end of a sentence that begins with its name.
    fn read(&self, path: &str) -> Result<(FileId, Arc<str>), String>;
}

/// How deep expressions and what they refer to may go into each other.
const MAX_DEPTH: usize = 300;
/// How many expressions are evaluated for one root module, so that loops over loops come to an end.
const MAX_STEPS: usize = 3_000_000;
/// How many items a list or map that a function makes may have.
pub(crate) const MAX_ITEMS: usize = 20_000;
/// How many modules may call each other.
const MAX_CALLS: usize = 20;

/// A root module with all that it calls.
pub struct Evaluator<'w> {
    pub(crate) modules: &'w BTreeMap<String, Module>,
    pub(crate) files: &'w dyn Readable,
    /// The root module, and what calls make.
    instances: RefCell<Vec<Arc<Instance<'w>>>>,
    known: RefCell<BTreeMap<(usize, SmolStr), Value>>,
    /// What is being evaluated.
    active: RefCell<BTreeSet<(usize, SmolStr)>>,
    depth: Cell<usize>,
    steps: Cell<usize>,
    /// Policies whose text cannot be read.
    pub(crate) problems: RefCell<Vec<Problem>>,
}

/// A module as one call makes it.
pub(crate) struct Instance<'w> {
    pub(crate) module: &'w Module,
    /// The instance it is called from, the block that calls it, and what `each` is there.
    pub(crate) caller: Option<(usize, usize, Arc<Each>)>,
    /// Its address, such as `module.lab["x"].`; empty for the root.
    pub(crate) path: SmolStr,
    depth: usize,
}

/// What names stand for where an expression is.
#[derive(Clone)]
pub(crate) struct Scope {
    pub(crate) instance: usize,
    pub(crate) each: Arc<Each>,
    pub(crate) names: Option<Arc<Binding>>,
}

/// A name that a loop gives a value.
pub(crate) struct Binding {
    name: SmolStr,
    value: Value,
    outer: Option<Arc<Binding>>,
}

impl Scope {
    pub(crate) fn with(&self, name: &SmolStr, value: Value) -> Self {
        let binding = Binding { name: name.clone(), value, outer: self.names.clone() };
        Self { names: Some(Arc::new(binding)), ..self.clone() }
    }

    fn bound(&self, name: &str) -> Option<&Value> {
        let mut next = self.names.as_deref();
        while let Some(binding) = next {
            if binding.name == name {
                return Some(&binding.value);
            }
            next = binding.outer.as_deref();
        }
        None
    }
}

impl<'w> Evaluator<'w> {
    /// For the root module in `directory`, one of `modules`.
    pub fn new(modules: &'w BTreeMap<String, Module>, directory: &str, files: &'w dyn Readable) -> Option<Self> {
        let root = Instance { module: modules.get(directory)?, caller: None, path: SmolStr::default(), depth: 0 };
        let (known, active, depth, steps, problems) = Default::default();
        let instances = RefCell::new(vec![Arc::new(root)]);
        Some(Self { modules, files, instances, known, active, depth, steps, problems })
    }

    pub(crate) fn instance(&self, number: usize) -> Arc<Instance<'w>> {
        // instances are only ever added
        Arc::clone(&self.instances.borrow()[number])
    }

    pub(crate) fn instance_count(&self) -> usize {
        self.instances.borrow().len()
    }

    fn add_instance(&self, instance: Instance<'w>) -> Option<usize> {
        if instance.depth > MAX_CALLS {
            return None;
        }
        self.instances.borrow_mut().push(Arc::new(instance));
        Some(self.instance_count() - 1)
    }

    /// A name for what is told apart by `what` in one instance of a module of this root.
    pub(crate) fn id(&self, instance: usize, what: &str) -> SmolStr {
        let root = &self.instance(0).module.directory;
        smol_str::format_smolstr!("{root}: {}{what}", self.instance(instance).path)
    }

    pub(crate) fn lack(&self, instance: usize, what: &str, at: Span, why: impl Into<SmolStr>) -> Absence {
        let shown = smol_str::format_smolstr!("${{{what}}}");
        Absence::new(at, self.id(instance, what), shown, why)
    }

    /// What `make` gives, worked out once; `what` tells it apart in its instance.
    pub(crate) fn once(&self, instance: usize, what: &str, at: Span, make: impl FnOnce() -> Value) -> Value {
        let key = (instance, SmolStr::from(what));
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        if !self.active.borrow_mut().insert(key.clone()) {
            return Value::wrong(at, smol_str::format_smolstr!("`{what}` refers to itself"));
        }
        let value = make();
        self.active.borrow_mut().remove(&key);
        self.known.borrow_mut().insert(key, value.clone());
        value
    }

    /// The value of an expression.
    pub(crate) fn eval(&self, expr: &Expr, scope: &Scope) -> Value {
        let (depth, steps) = (self.depth.get(), self.steps.get());
        if depth >= MAX_DEPTH || steps >= MAX_STEPS {
            return Value::unknown(expr.span, "it takes too much to evaluate");
        }
        self.depth.set(depth + 1);
        self.steps.set(steps + 1);
        let value = self.value(expr, scope);
        self.depth.set(depth);
        value
    }

    /// Counts the work that a loop or function does over many values.
    pub(crate) fn spend(&self, steps: usize) {
        self.steps.set(self.steps.get().saturating_add(steps));
    }

    fn value(&self, expr: &Expr, scope: &Scope) -> Value {
        let at = expr.span;
        match &expr.kind {
            Syntax::Null => Value::null(at),
            Syntax::Bool(value) => Value::bool(at, *value),
            Syntax::Num(number) => Value::num(at, number.clone()),
            Syntax::Str(literal) => {
                let pieces = Arc::new(literal.pieces.clone());
                Value::new(at, ValueKind::Str(Str { text: Text::known(at, literal.text.clone()), pieces }))
            }
            Syntax::Template(parts) => self.template(parts, at, scope),
            Syntax::List(items) => Value::list(at, items.iter().map(|item| self.eval(item, scope)).collect()),
            Syntax::Object(members) => self.object(members, at, scope),
            Syntax::Name(_) | Syntax::Attr(..) => match self.reference(expr, scope) {
                Some(value) => value,
                None => match &expr.kind {
                    Syntax::Attr(base, name) => self.attr(&self.eval(base, scope), name, at),
                    _ => Value::wrong(at, "this name stands for nothing"),
                },
            },
            Syntax::Index(base, index) => {
                let index = self.eval(index, scope);
                self.index(&self.eval(base, scope), &index, at)
            }
            Syntax::Splat(base, steps) => self.splat(&self.eval(base, scope), steps, at, scope),
            Syntax::Call { name, arguments, spread } => self.call(name, arguments, *spread, at, scope),
            Syntax::If(parts) => {
                let [condition, yes, no] = &**parts;
                let condition = self.eval(condition, scope);
                match operate::truth(&condition) {
                    Ok(true) => self.eval(yes, scope),
                    Ok(false) => self.eval(no, scope),
                    Err(lack) => {
                        let (yes, no) = (self.eval(yes, scope), self.eval(no, scope));
                        if yes.same(&no) == Some(true) { yes } else { Value::of_lack(at, &lack) }
                    }
                }
            }
            Syntax::Not(inner) => match operate::truth(&self.eval(inner, scope)) {
                Ok(value) => Value::bool(at, !value),
                Err(lack) => Value::of_lack(at, &lack),
            },
            Syntax::Minus(inner) => operate::minus(&self.eval(inner, scope), at),
            Syntax::Binary(operator, sides) => {
                let [left, right] = &**sides;
                operate::binary(operator, &self.eval(left, scope), || self.eval(right, scope), at)
            }
            Syntax::For(one) => self.for_expr(one, at, scope),
        }
    }

    fn object(&self, members: &[(Expr, Expr)], at: Span, scope: &Scope) -> Value {
        let mut out = Vec::with_capacity(members.len());
        for (key, value) in members {
            let made = self.eval(key, scope);
            match operate::key(&made) {
                Ok(text) => out.push(Member { key: Name { span: key.span, text }, value: self.eval(value, scope) }),
                Err(lack) => return Value::of_lack(at, &lack),
            }
        }
        Value::map(at, out)
    }

    /// `base.name`.
    pub(crate) fn attr(&self, base: &Value, name: &Name, at: Span) -> Value {
        match &base.kind {
            ValueKind::Map(_) => match base.get(&name.text) {
                Some(value) => value.clone(),
                None => Value::wrong(at, smol_str::format_smolstr!("there is no `{}` in this object", name.text)),
            },
            ValueKind::Made(made) => self.attribute(made, &name.text, at),
            ValueKind::Unknown(lack) | ValueKind::Rest(lack) => Value::lacking(below(lack, &format!(".{}", name.text), at)),
            // the old way to write an index
            ValueKind::List(_) if name.text.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.index(base, &Value::num(at, name.text.clone()), at)
            }
            _ => Value::wrong(at, smol_str::format_smolstr!("what is not an object has no `{}`", name.text)),
        }
    }

    /// `base[index]`.
    pub(crate) fn index(&self, base: &Value, index: &Value, at: Span) -> Value {
        match &base.kind {
            ValueKind::Made(made) if made.open.is_some() => self.indexed(made, index, at),
            ValueKind::Unknown(lack) | ValueKind::Rest(lack) => {
                let shown = operate::key(index).map_or_else(|lack| lack.symbol.shown.to_string(), |key| format!("\"{key}\""));
                Value::lacking(below(lack, &format!("[{shown}]"), at))
            }
            ValueKind::List(items) => {
                if let Some(lack) = index.lack() {
                    return Value::of_lack(at, lack);
                }
                let Some(wanted) = operate::whole(index) else { return Value::wrong(at, "a list is indexed by a whole number") };
                let mut until = items.iter().take(wanted.saturating_add(1));
                if let Some(lack) =
                    until.clone().find_map(|item| if let ValueKind::Rest(lack) = &item.kind { Some(lack) } else { None })
                {
                    return Value::of_lack(at, lack);
                }
                until
                    .next_back()
                    .filter(|_| wanted < items.len())
                    .cloned()
                    .unwrap_or_else(|| Value::wrong(at, smol_str::format_smolstr!("the list has no item {wanted}")))
            }
            ValueKind::Map(_) => match operate::key(index) {
                Ok(key) => base
                    .get(&key)
                    .cloned()
                    .unwrap_or_else(|| Value::wrong(at, smol_str::format_smolstr!("there is no `{key}` in this map"))),
                Err(lack) => Value::of_lack(at, &lack),
            },
            ValueKind::Made(made) => match operate::key(index) {
                Ok(key) => self.attribute(made, &key, at),
                Err(lack) => Value::of_lack(at, &lack),
            },
            _ => Value::wrong(at, "what is not a list or map has no items"),
        }
    }

    /// `base[*]…`: what is no list is one of one, and `null` is one of none.
    /// <https://developer.hashicorp.com/terraform/language/expressions/splat>
    fn splat(&self, base: &Value, steps: &[Step], at: Span, scope: &Scope) -> Value {
        let several;
        let items: &[Value] = match &base.kind {
            ValueKind::List(items) => items,
            ValueKind::Null => &[],
            ValueKind::Unknown(lack) => return Value::list(at, vec![Value::new(at, ValueKind::Rest(Arc::clone(lack)))]),
            // one of them stands for all, and there may be more or none
            ValueKind::Made(made) if made.open.is_some() => {
                let rest = made.open.iter().map(|lack| Value::new(at, ValueKind::Rest(Arc::clone(lack))));
                several = std::iter::once(base.clone()).chain(rest).collect::<Vec<_>>();
                &several
            }
            _ => std::slice::from_ref(base),
        };
        self.spend(items.len());
        let step = |item: &Value| match &item.kind {
            ValueKind::Rest(_) => item.clone(),
            _ => self.steps(item, steps, at, scope),
        };
        Value::list(at, items.iter().map(step).collect())
    }

    fn steps(&self, item: &Value, steps: &[Step], at: Span, scope: &Scope) -> Value {
        let mut value = item.clone();
        for (number, step) in steps.iter().enumerate() {
            value = match step {
                Step::Attr(name) => self.attr(&value, name, at),
                Step::Index(index) => self.index(&value, &self.eval(index, scope), at),
                Step::Splat => return self.splat(&value, steps.get(number + 1..).unwrap_or_default(), at, scope),
            };
        }
        value
    }

    pub(crate) fn made(&self, made: Made, at: Span) -> Value {
        Value::new(at, ValueKind::Made(Arc::new(made)))
    }
}

/// What is not known because it is a part of something that is not.
fn below(lack: &Arc<Absence>, step: &str, at: Span) -> Absence {
    let bare = lack.symbol.shown.trim_start_matches("${").trim_end_matches('}');
    let shown = if bare == "…" { "${…}".into() } else { smol_str::format_smolstr!("${{{bare}{step}}}") };
    let mut out = Absence::new(at, smol_str::format_smolstr!("{}{step}", lack.symbol.id), shown, lack.symbol.why.clone());
    out.wrong = lack.wrong;
    out
}

/// A value as a key of a map, if it is known.
pub(crate) fn key(value: &Value) -> Option<SmolStr> {
    operate::key(value).ok()
}
