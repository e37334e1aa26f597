//! The tree of an HCL file, made of what `hcl-edit` reads, so that nothing else depends on that crate.
//!
//! <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>

mod comments;
mod literal;
mod read;
mod template;
#[cfg(test)]
mod tests;

pub use comments::comments;
pub use literal::{Literal, Piece};
pub use read::{expression, file, template};

use bucketlint_text::source::Span;
use smol_str::SmolStr;
use std::sync::Arc;

/// A name with its place: of an attribute, a block, a label, a variable.
#[derive(Clone, Debug)]
pub struct Name {
    /// Where it is written; a label's quotes are within.
    pub span: Span,
    /// Its text.
    pub text: SmolStr,
}

/// What stands in a file or between the braces of a block.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// `name = value`, in source order.
    pub attributes: Vec<Attribute>,
    /// Blocks, in source order.
    pub blocks: Vec<Block>,
}

/// `name = value`.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name.
    pub name: Name,
    /// The value.
    pub value: Arc<Expr>,
}

/// `kind "label" "label" { … }`.
#[derive(Clone, Debug)]
pub struct Block {
    /// All of it.
    pub span: Span,
    /// Its kind, such as `resource`.
    pub kind: Name,
    /// Its labels.
    pub labels: Vec<Name>,
    /// What is in it.
    pub body: Body,
}

impl Body {
    /// The value of the attribute `name`.
    pub fn get(&self, name: &str) -> Option<&Arc<Expr>> {
        self.attributes.iter().find(|attribute| attribute.name.text == name).map(|attribute| &attribute.value)
    }

    /// The blocks of one kind.
    pub fn blocks<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Block> {
        self.blocks.iter().filter(move |block| block.kind.text == kind)
    }
}

impl Body {
    /// Where its attributes, blocks and what is in them are written.
    pub fn places(&self, out: &mut Vec<Span>) {
        for attribute in &self.attributes {
            let end = attribute.value.span.end.max(attribute.name.span.end);
            out.push(Span { end, ..attribute.name.span });
        }
        for block in &self.blocks {
            out.push(block.span);
            block.body.places(out);
        }
    }
}

impl Block {
    /// The text of the label at `index`, or nothing.
    pub fn label(&self, index: usize) -> &str {
        self.labels.get(index).map_or("", |label| label.text.as_str())
    }
}

/// An expression with its place.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Where it is written.
    pub span: Span,
    /// What it is.
    pub kind: Syntax,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum Syntax {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Num(SmolStr),
    /// A string without anything to fill in.
    Str(Literal),
    /// A quoted template or a heredoc.
    Template(Vec<Part>),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{ key = value }`; a bare word as a key is a string.
    Object(Vec<(Expr, Expr)>),
    /// A bare word.
    Name(SmolStr),
    /// `expr.name`.
    Attr(Box<Expr>, Name),
    /// `expr[index]`.
    Index(Box<Expr>, Box<Expr>),
    /// `expr[*]` or `expr.*`, with what is done to each item.
    Splat(Box<Expr>, Vec<Step>),
    /// `name(arguments)`.
    Call {
        /// The function; with its namespace, if it has one.
        name: Name,
        /// The arguments.
        arguments: Vec<Expr>,
        /// Whether the last one is a list of arguments, followed by `...`.
        spread: bool,
    },
    /// `condition ? yes : no`.
    If(Box<[Expr; 3]>),
    /// `!x`.
    Not(Box<Expr>),
    /// `-x`.
    Minus(Box<Expr>),
    /// `left operator right`.
    Binary(&'static str, Box<[Expr; 2]>),
    /// `[for …]` or `{for …}`.
    For(Box<For>),
}

/// What a splat does to each item.
#[derive(Clone, Debug)]
pub enum Step {
    /// `.name`.
    Attr(Name),
    /// `[index]`.
    Index(Expr),
    /// `[*]` once more.
    Splat,
}

/// A `for` expression.
#[derive(Clone, Debug)]
pub struct For {
    /// The variable of the key.
    pub key: Option<SmolStr>,
    /// The variable of the value.
    pub value: SmolStr,
    /// What is gone through.
    pub collection: Expr,
    /// The key that is made, in `{for …}`.
    pub made_key: Option<Expr>,
    /// The value that is made.
    pub made: Expr,
    /// Whether values of the same key become a list: `...`.
    pub grouped: bool,
    /// What has to hold.
    pub condition: Option<Expr>,
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text.
    Text(Literal),
    /// `${…}`.
    Value(Expr),
    /// `%{ if … }…%{ else }…%{ endif }`.
    If(Box<Expr>, Vec<Part>, Vec<Part>),
    /// `%{ for … }…%{ endfor }`.
    For {
        /// The variable of the key.
        key: Option<SmolStr>,
        /// The variable of the value.
        value: SmolStr,
        /// What is gone through.
        collection: Box<Expr>,
        /// What is written for each item.
        parts: Vec<Part>,
    },
}
