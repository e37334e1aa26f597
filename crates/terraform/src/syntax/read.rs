//! From a text to its tree.

use super::{Attribute, Block, Body, Expr, For, Literal, Name, Part, Step, Syntax};
use bucketlint_text::source::{FileId, Span};
use bucketlint_text::syntax::parse::{Problem, ProblemKind};
use hcl_edit::Span as _;
use hcl_edit::expr::{self, BinaryOperator, Expression, ObjectKey, TraversalOperator, UnaryOperator};
use hcl_edit::structure::{self, BlockLabel, Structure};
use hcl_edit::{parser, template};
use smol_str::{SmolStr, format_smolstr};
use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

/// Reads a file.
///
/// # Errors
/// What `hcl-edit` does not take, which ends the reading of this file.
pub fn file(file: FileId, text: &str) -> Result<Body, Problem> {
    let reader = BodyReader::new(file, text);
    let body = parser::parse_body(reader.text).map_err(|error| reader.problem(&error))?;
    reader.finish(reader.body(&body))
}

/// Reads an expression that is a text of its own.
///
/// # Errors
/// As [`file`].
pub fn expression(file: FileId, text: &str) -> Result<Expr, Problem> {
    let reader = BodyReader::new(file, text);
    let read = parser::parse_expr(reader.text).map_err(|error| reader.problem(&error))?;
    reader.finish(reader.expr(&read, Span::new(file, 0, text.len())))
}

/// Reads a file that is all of it a template, as `templatefile` does.
///
/// # Errors
/// As [`file`].
pub fn template(file: FileId, text: &str) -> Result<Vec<Part>, Problem> {
    let reader = BodyReader::new(file, text);
    let read: template::Template = parser::parse_template(reader.text).map_err(|error| reader.problem(&error))?;
    reader.finish(reader.parts(&read, Span::new(file, 0, text.len())))
}

pub(super) struct BodyReader<'t> {
    pub(super) file: FileId,
    pub(super) text: &'t str,
    /// Where the text begins in its file: Terraform takes a byte order mark, which the parser does not.
    pub(super) base: usize,
    /// The first thing that goes too deep, which the parser takes.
    deep: Cell<Option<Span>>,
}

/// How many steps an expression may take from its root: walks over it recurse.
const MAX_STEPS: usize = 200;

impl<'t> BodyReader<'t> {
    fn new(file: FileId, text: &'t str) -> Self {
        let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { file, text: bare, base: text.len() - bare.len(), deep: Cell::new(None) }
    }

    fn finish<T>(&self, read: T) -> Result<T, Problem> {
        let message = || format!("this HCL cannot be read: more than {MAX_STEPS} steps in one expression");
        let problem = |span| Problem { span, kind: ProblemKind::Syntax, message: message(), related: None };
        self.deep.get().map_or(Ok(read), |span| Err(problem(span)))
    }

    fn problem(&self, error: &parser::Error) -> Problem {
        let at = error.location().offset().min(self.text.len());
        let at = (0..=at).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let rest = self.text.get(at..).unwrap_or_default();
        let word = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-')).unwrap_or(rest.len());
        let first = rest.chars().next().filter(|c| !matches!(c, '\n' | '\r')).map_or(0, char::len_utf8);
        Problem {
            span: Span::new(self.file, self.base + at, self.base + at + word.max(first)),
            kind: ProblemKind::Syntax,
            message: format!("this HCL cannot be read: {}", error.message()),
            related: None,
        }
    }

    fn span(&self, range: Option<Range<usize>>, otherwise: Span) -> Span {
        range.map_or(otherwise, |range| Span::new(self.file, self.base + range.start, self.base + range.end))
    }

    fn body(&self, body: &structure::Body) -> Body {
        let mut out = Body::default();
        for structure in body.iter() {
            match structure {
                Structure::Attribute(one) => {
                    let whole = self.span(one.span(), Span::new(self.file, self.base, self.base));
                    let name = Name { span: self.span(one.key.span(), whole), text: one.key.as_str().into() };
                    out.attributes.push(Attribute { name, value: Arc::new(self.expr(&one.value, whole)) });
                }
                Structure::Block(one) => {
                    let span = self.span(one.span(), Span::new(self.file, self.base, self.base));
                    let label = |label: &BlockLabel| {
                        let (range, text) = match label {
                            BlockLabel::Ident(name) => (name.span(), name.as_str()),
                            BlockLabel::String(text) => (text.span(), text.as_str()),
                        };
                        Name { span: self.span(range, span), text: text.into() }
                    };
                    out.blocks.push(Block {
                        span,
                        kind: Name { span: self.span(one.ident.span(), span), text: one.ident.as_str().into() },
                        labels: one.labels.iter().map(label).collect(),
                        body: self.body(&one.body),
                    });
                }
            }
        }
        out
    }

    /// An expression within what stands at `around`.
    pub(super) fn expr(&self, read: &Expression, around: Span) -> Expr {
        let span = self.span(read.span(), around);
        let inner = |read: &Expression| self.expr(read, span);
        let kind = match read {
            Expression::Null(_) => Syntax::Null,
            Expression::Bool(value) => Syntax::Bool(*value.value()),
            // the parser makes floats of long ones
            Expression::Number(number) => {
                let written = read.span().and_then(|range| self.text.get(range));
                Syntax::Num(written.map_or_else(|| number.value().to_string().into(), SmolStr::from))
            }
            Expression::String(text) => Syntax::Str(self.literal(text, read.span())),
            Expression::Array(list) => Syntax::List(list.iter().map(inner).collect()),
            Expression::Object(object) => Syntax::Object(self.members(object, span)),
            Expression::StringTemplate(template) => Syntax::Template(self.parts(template, span)),
            Expression::HeredocTemplate(heredoc) => match heredoc.template.as_single_element() {
                Some(hcl_edit::template::Element::Literal(_)) | None if heredoc.template.is_empty() => {
                    Syntax::Str(Literal::default())
                }
                _ => Syntax::Template(self.parts(&heredoc.template, span)),
            },
            // what is in parentheses is the value
            Expression::Parenthesis(one) => return self.expr(one.inner(), span),
            Expression::Variable(name) => Syntax::Name(name.as_str().into()),
            Expression::Conditional(one) => {
                Syntax::If(Box::new([inner(&one.cond_expr), inner(&one.true_expr), inner(&one.false_expr)]))
            }
            Expression::FuncCall(call) => {
                let namespace: String = call.name.namespace.iter().map(|name| format!("{}::", name.as_str())).collect();
                let text = format_smolstr!("{namespace}{}", call.name.name.as_str());
                let name = Name { span: self.span(call.name.name.span(), span), text };
                Syntax::Call { name, arguments: call.args.iter().map(inner).collect(), spread: call.args.expand_final() }
            }
            Expression::Traversal(one) => return self.traversal(one, span),
            Expression::UnaryOp(one) => match one.operator.value() {
                UnaryOperator::Not => Syntax::Not(Box::new(inner(&one.expr))),
                UnaryOperator::Neg => Syntax::Minus(Box::new(inner(&one.expr))),
            },
            Expression::BinaryOp(one) => {
                let operator: &BinaryOperator = one.operator.value();
                Syntax::Binary(operator.as_str(), Box::new([inner(&one.lhs_expr), inner(&one.rhs_expr)]))
            }
            Expression::ForExpr(one) => Syntax::For(Box::new(For {
                key: one.intro.key_var.as_ref().map(|name| name.as_str().into()),
                value: one.intro.value_var.as_str().into(),
                collection: inner(&one.intro.collection_expr),
                made_key: one.key_expr.as_ref().map(inner),
                made: inner(&one.value_expr),
                grouped: one.grouping,
                condition: one.cond.as_ref().map(|condition| inner(&condition.expr)),
            })),
        };
        Expr { span, kind }
    }

    fn members(&self, object: &expr::Object, span: Span) -> Vec<(Expr, Expr)> {
        let member = |(key, value): (&ObjectKey, &expr::ObjectValue)| {
            let key = match key {
                ObjectKey::Ident(name) => {
                    let at = self.span(name.span(), span);
                    Expr { span: at, kind: Syntax::Str(self.literal(name.as_str(), None)) }
                }
                ObjectKey::Expression(key) => self.expr(key, span),
            };
            (key, self.expr(value.expr(), span))
        };
        object.iter().map(member).collect()
    }

    /// A string in quotes at `range`, or a bare word.
    fn literal(&self, text: &str, range: Option<Range<usize>>) -> Literal {
        let inside = range.and_then(|range| {
            let written = self.text.get(range.clone())?.strip_prefix('"')?.strip_suffix('"')?;
            Some((written, self.base + range.start + 1))
        });
        match inside {
            Some((written, start)) => Literal::new(self.file, text, written, start),
            None => Literal { text: text.into(), pieces: Vec::new() },
        }
    }

    fn traversal(&self, read: &expr::Traversal, span: Span) -> Expr {
        let mut out = self.expr(&read.expr, span);
        if read.operators.len() > MAX_STEPS {
            self.deep.set(self.deep.get().or(Some(span)));
            return out;
        }
        let start = span.start;
        let mut operators = read.operators.iter().peekable();
        while let Some(operator) = operators.next() {
            let to = operator.span().map_or(span.end, |range| (self.base + range.end) as u32);
            // the bracket that closes an index is not in its span
            let at = Span { start, end: if operators.peek().is_none() { span.end } else { to }, ..span };
            let kind = match operator.value() {
                TraversalOperator::AttrSplat(_) => {
                    let mut steps = Vec::new();
                    while let Some(TraversalOperator::GetAttr(name)) = operators.peek().map(|next| next.value()) {
                        steps.push(Step::Attr(self.name(name, span)));
                        operators.next();
                    }
                    Syntax::Splat(Box::new(out), steps)
                }
                TraversalOperator::FullSplat(_) => {
                    let steps = operators.by_ref().map(|next| match next.value() {
                        TraversalOperator::GetAttr(name) => Step::Attr(self.name(name, span)),
                        TraversalOperator::Index(index) => Step::Index(self.expr(index, span)),
                        TraversalOperator::LegacyIndex(index) => Step::Index(number(*index.value(), at)),
                        TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Step::Splat,
                    });
                    Syntax::Splat(Box::new(out), steps.collect())
                }
                TraversalOperator::GetAttr(name) => Syntax::Attr(Box::new(out), self.name(name, span)),
                TraversalOperator::Index(index) => Syntax::Index(Box::new(out), Box::new(self.expr(index, span))),
                TraversalOperator::LegacyIndex(index) => Syntax::Index(Box::new(out), Box::new(number(*index.value(), at))),
            };
            out = Expr { span: at, kind };
        }
        out
    }

    fn name(&self, name: &hcl_edit::Decorated<hcl_edit::Ident>, around: Span) -> Name {
        Name { span: self.span(name.span(), around), text: name.as_str().into() }
    }
}

fn number(value: u64, span: Span) -> Expr {
    Expr { span, kind: Syntax::Num(format_smolstr!("{value}")) }
}
