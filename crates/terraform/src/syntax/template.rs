//! The parts of a template.

use super::read::BodyReader;
use super::{Literal, Part};
use bucketlint_text::source::Span;
use hcl_edit::Span as _;
use hcl_edit::template::{Directive, Element, Strip, Template};
use smol_str::SmolStr;

fn strips(strip: Strip) -> (bool, bool) {
    (matches!(strip, Strip::Start | Strip::Both), matches!(strip, Strip::End | Strip::Both))
}

impl BodyReader<'_> {
    /// The parts of a template that stands at `span`.
    pub(super) fn parts(&self, template: &Template, span: Span) -> Vec<Part> {
        self.within(template, span, (false, false))
    }

    /// The parts of a template; `outer` says whether what stands around it takes the blanks at its beginning and at its end.
    fn within(&self, template: &Template, span: Span, outer: (bool, bool)) -> Vec<Part> {
        let mut out = Vec::new();
        let mut elements = template.iter().peekable();
        let mut after = outer.0;
        while let Some(element) = elements.next() {
            let before = elements.peek().map_or(outer.1, |next| edges(next).0);
            match element {
                Element::Literal(text) => {
                    let mut literal = match text.span() {
                        Some(range) => {
                            let source = self.text.get(range.clone()).unwrap_or_default();
                            Literal::new(self.file, text, source, self.base + range.start)
                        }
                        None => Literal { text: text.as_str().into(), pieces: Vec::new() },
                    };
                    literal.strip(after, before);
                    out.push(Part::Text(literal));
                }
                Element::Interpolation(value) => out.push(Part::Value(self.expr(&value.expr, span))),
                Element::Directive(directive) => out.push(self.directive(directive, span)),
            }
            after = edges(element).1;
        }
        out
    }

    fn directive(&self, directive: &Directive, span: Span) -> Part {
        match directive {
            Directive::If(one) => {
                let last = strips(one.endif_expr.strip).0;
                let condition = Box::new(self.expr(&one.if_expr.cond_expr, span));
                let otherwise = one.else_expr.as_ref();
                let end = otherwise.map_or(last, |otherwise| strips(otherwise.strip).0);
                let yes = self.within(&one.if_expr.template, span, (strips(one.if_expr.strip).1, end));
                let no = otherwise.map(|no| self.within(&no.template, span, (strips(no.strip).1, last)));
                Part::If(condition, yes, no.unwrap_or_default())
            }
            Directive::For(one) => {
                let ends = (strips(one.for_expr.strip).1, strips(one.endfor_expr.strip).0);
                Part::For {
                    key: one.for_expr.key_var.as_ref().map(|name| SmolStr::from(name.as_str())),
                    value: one.for_expr.value_var.as_str().into(),
                    collection: Box::new(self.expr(&one.for_expr.collection_expr, span)),
                    parts: self.within(&one.for_expr.template, span, ends),
                }
            }
        }
    }
}

/// Whether an element takes the blanks before it, and those behind it.
fn edges(element: &Element) -> (bool, bool) {
    match element {
        Element::Literal(_) => (false, false),
        Element::Interpolation(value) => strips(value.strip),
        Element::Directive(directive) => match &**directive {
            Directive::If(one) => (strips(one.if_expr.strip).0, strips(one.endif_expr.strip).1),
            Directive::For(one) => (strips(one.for_expr.strip).0, strips(one.endfor_expr.strip).1),
        },
    }
}
