//! Policy documents of templates: written out, as JSON text, or as text that a function makes.

use super::function::{self, Call};
use super::resolve::Resolver;
use super::template::Resource;
use bucketlint_aws::iam::document::{Document, Fault};
use bucketlint_aws::iam::read;
use bucketlint_text::resolve::{Followed, Plain, Resolve, Unknown};
use bucketlint_text::source::Span;
use bucketlint_text::syntax::embedded::parse_embedded;
use bucketlint_text::syntax::node::Node;
use bucketlint_text::syntax::parse::{Format, Problem};
use bucketlint_text::text::{Part, Symbol, Text};
use std::sync::Arc;

/// Why the properties of a resource are not known which a macro gets to rewrite.
pub fn made(resource: Resource<'_>) -> Option<Unknown> {
    [Some(resource.node), resource.properties()].into_iter().flatten().find_map(read::made_beside)
}

/// Reads the policy document that a resource has as its property `key`, and tells what is wrong with its JSON text; `None`
/// where it has none. What a macro in the resource gets to rewrite is not known.
pub fn policy_of(resource: Resource<'_>, key: &str, resolver: &Resolver<'_>, source: &str) -> Option<(Document, Vec<Problem>)> {
    let made = made(resource);
    let read = resource.property(key).map(|node| policy_document(node, resolver, source));
    let none = || made.is_some().then(|| (Document { span: resource.id.span, ..Document::default() }, Vec::new()));
    let (mut document, problems) = read.or_else(none)?;
    document.unknown.extend(made);
    Some((document, problems))
}

/// Reads the policy document `node` of the template with this `source` text, and tells what is wrong with its JSON text.
fn policy_document(node: &Node, resolver: &Resolver<'_>, source: &str) -> (Document, Vec<Problem>) {
    let node = match resolver.follow(node) {
        Followed::Node(node) => node,
        Followed::Absent => return (Document { span: node.span, ..Document::default() }, Vec::new()),
        Followed::Unknown(unknown) => return (unknown_document(node.span, unknown), Vec::new()),
    };
    if node.as_str().is_some() {
        let parsed = parse_embedded(node, source);
        let mut document = parsed.root.map(|root| read::document(&root, &Plain)).unwrap_or_default();
        document.faults.extend(parsed.not_json.as_ref().map(Fault::of_text));
        return (Document { span: node.span, ..document }, parsed.problems);
    }
    let document = match function::call(node) {
        Some(call) => made_text(call, node, resolver, source),
        None => read::document(node, resolver),
    };
    (Document { span: node.span, ..document }, Vec::new())
}

fn unknown_document(span: Span, unknown: Unknown) -> Document {
    Document { span, unknown: vec![unknown], ..Document::default() }
}

/// The document in the text a function makes.
fn made_text(call: Call<'_>, node: &Node, resolver: &Resolver<'_>, source: &str) -> Document {
    let mut document = Document::default();
    match made_of(call, node, resolver, source, &mut |root, resolve| document = read::document(root, resolve)) {
        Ok(()) => document,
        Err(unknown) => unknown_document(node.span, unknown),
    }
}

/// Calls `tell` with the tree of a JSON text that is written out or that a function makes, and with what resolves its
/// strings.
///
/// # Errors
/// Why the text is not known, or not to be read.
pub fn embedded(
    node: &Node,
    resolver: &Resolver<'_>,
    source: &str,
    tell: &mut dyn FnMut(&Node, &dyn Resolve),
) -> Result<(), Unknown> {
    match resolver.follow(node) {
        Followed::Node(node) => match function::call(node) {
            Some(call) => made_of(call, node, resolver, source, tell),
            None => {
                let root = parse_embedded(node, source).root.filter(Node::is_map);
                root.map(|root| tell(&root, &Plain)).ok_or_else(|| unreadable(node.span))
            }
        },
        Followed::Absent => Ok(()),
        Followed::Unknown(unknown) => Err(unknown),
    }
}

fn unreadable(at: Span) -> Unknown {
    Unknown { at, why: "the text it makes cannot be read as JSON".into() }
}

fn made_of(
    call: Call<'_>,
    node: &Node,
    resolver: &Resolver<'_>,
    source: &str,
    tell: &mut dyn FnMut(&Node, &dyn Resolve),
) -> Result<(), Unknown> {
    match call.name {
        // the argument is the document that the text is made of
        "ToJsonString" => tell(call.argument, resolver),
        "Sub" => {
            let template = call.argument.items().first().unwrap_or(call.argument);
            let parsed = parse_embedded(template, source);
            let root = parsed.root.filter(|root| parsed.format == Format::Json && root.is_map());
            let root = root.ok_or_else(|| unreadable(call.span))?;
            tell(&root, &Substituted { resolver, values: call.argument.items().get(1) });
        }
        _ => {
            let text = resolver.text(node);
            if let Some(symbol) = text.as_symbol() {
                return Err(Unknown { at: node.span, why: symbol.why.clone() });
            }
            let (filled, holes) = Holes::of(&text);
            let parsed = parse_embedded(&Node::string(node.span, filled), source);
            let root = parsed.root.filter(|root| parsed.format == Format::Json && root.is_map());
            tell(&root.ok_or_else(|| unreadable(call.span))?, &holes);
        }
    }
    Ok(())
}

/// Reads the strings of a document in the text of an `Fn::Sub`, each as if it were substituted on its own.
struct Substituted<'r, 'n> {
    resolver: &'r Resolver<'n>,
    values: Option<&'r Node>,
}

impl Resolve for Substituted<'_, '_> {
    fn follow<'n>(&'n self, node: &'n Node) -> Followed<'n> {
        Followed::Node(node)
    }

    fn text(&self, node: &Node) -> Text {
        self.resolver.substituted(&node.scalar_text().unwrap_or_default(), self.values, node.span)
    }
}

/// The unknown values of a text, which hold their places by private characters while it is parsed.
struct Holes {
    symbols: Vec<Arc<Symbol>>,
}

const OPEN: char = '\u{f0000}';
const CLOSE: char = '\u{f0001}';

impl Holes {
    fn of(text: &Text) -> (String, Self) {
        let (mut filled, mut symbols) = (String::new(), Vec::new());
        for part in text.parts() {
            match part {
                Part::Lit(text) => filled.push_str(text),
                Part::Sym(symbol) => {
                    filled.push_str(&format!("{OPEN}{}{CLOSE}", symbols.len()));
                    symbols.push(Arc::clone(symbol));
                }
            }
        }
        (filled, Self { symbols })
    }

    fn hole<'t>(&self, text: &'t str) -> Option<(&'t str, &Symbol, &'t str)> {
        let (before, rest) = text.split_once(OPEN)?;
        let (number, after) = rest.split_once(CLOSE)?;
        Some((before, self.symbols.get(number.parse::<usize>().ok()?)?, after))
    }
}

impl Resolve for Holes {
    fn follow<'n>(&'n self, node: &'n Node) -> Followed<'n> {
        Followed::Node(node)
    }

    fn text(&self, node: &Node) -> Text {
        let text = node.scalar_text().unwrap_or_default();
        let (mut out, mut rest) = (Text::empty(node.span), text.as_str());
        while let Some((before, symbol, after)) = self.hole(rest) {
            out.push_str(before);
            out.push(&Text::symbol(node.span, symbol.clone()));
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::template::Template;
    use bucketlint_text::source::FileId;
    use bucketlint_text::syntax::testing::tree;

    /// The first resource of a document, the text under its span, and why the document is not known.
    fn first(text: &str) -> (String, String, Vec<String>) {
        let root = tree(text);
        let exports = Vec::new();
        let resolver = Resolver::new(Template { file: FileId(0), path: "t", root: &root }, &exports);
        let (document, problems) = policy_document(root.get("PolicyDocument").unwrap(), &resolver, text);
        assert!(problems.is_empty() && document.faults.is_empty(), "{problems:?} {:?}", document.faults);
        let whys = document.unknown.iter().map(|unknown| unknown.why.to_string()).collect();
        let resource = document.statements.first().map(|statement| &statement.resources.items[0]);
        let under = resource.map(|text| text.span.range()).unwrap_or_default();
        (resource.map(ToString::to_string).unwrap_or_default(), text[under].to_owned(), whys)
    }

    const JSON: &str =
        r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::${Name}/*"}}"#;

    #[test]
    fn documents_are_read_in_every_form() {
        let name = "Parameters: {Name: {Type: String}}\n";
        let shown = "arn:aws:s3:::${Name}/*";
        let sub = format!("{name}PolicyDocument: !Sub '{JSON}'\n");
        assert_eq!(first(&sub), (shown.into(), "\"arn:aws:s3:::${Name}/*\"".into(), vec![]));
        let block = format!("{name}PolicyDocument:\n  Fn::Sub:\n    - |\n      {JSON}\n    - {{Name: mine}}\n");
        assert_eq!(first(&block), ("arn:aws:s3:::mine/*".into(), "\"arn:aws:s3:::${Name}/*\"".into(), vec![]));
        let json = JSON.replace("\"arn:aws:s3:::${Name}/*\"", "!Sub 'arn:aws:s3:::${Name}/*'");
        let to_json = format!("{name}PolicyDocument:\n  Fn::ToJsonString: {json}\n");
        assert_eq!(first(&to_json), (shown.into(), "!Sub 'arn:aws:s3:::${Name}/*'".into(), vec![]));
        let (before, after) = JSON.split_once("${Name}").unwrap();
        let join = format!("!Join ['', ['{before}', !Ref Name, '{after}']]");
        let joined = format!("{name}PolicyDocument: {join}\n");
        assert_eq!(first(&joined), (shown.into(), join, vec![]));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let why = |text: &str| first(text).2;
        assert_eq!(why("PolicyDocument: !Sub '{\"Statement\": ${All}}'\n"), ["the text it makes cannot be read as JSON"]);
        assert_eq!(why("Parameters: {P: {Type: String}}\nPolicyDocument: !Ref P\n"), ["parameter `P` has no default"]);
        assert_eq!(why("PolicyDocument: !If [C, {}, {}]\n"), ["condition `C` is not defined"]);
        let included = "PolicyDocument: {Fn::Transform: {Name: 'AWS::Include'}, Statement: []}\n";
        assert_eq!(why(included), ["a macro may change it when the template is deployed"]);
    }
}
