//! What a root module deploys, with all that it calls.

use crate::eval::{Evaluator, Provider};
use crate::syntax::{Block, Syntax};
use crate::value::{Made, Value, ValueKind, text_node};
use bucketlint_text::resolve::Unknown;
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::{Entry, Key, Node, Value as NodeValue};
use bucketlint_text::syntax::parse::Problem;
use bucketlint_text::text::Text;
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeSet;

/// A resource of a root module or of what that calls.
#[derive(Clone, Debug)]
pub struct UnitResource {
    /// Such as `aws_s3_bucket`.
    pub kind: SmolStr,
    /// Such as `module.lab.aws_s3_bucket.raw["x"]`.
    pub address: SmolStr,
    /// Where its name is written: the second label.
    pub name_span: Span,
    /// Where all of it is written.
    pub span: Span,
    /// Its arguments and blocks, blocks as lists.
    pub body: Node,
    /// What it is called in AWS, where its type has names.
    pub name: Option<Text>,
    /// Its ARN, where its type has one that is made of what is written.
    pub arn: Option<Text>,
    /// Where it is deployed.
    pub provider: Provider,
    /// Why it is not known how many of it there are.
    pub open: Option<Unknown>,
}

/// A module of which nothing is read.
#[derive(Clone, Debug)]
pub struct Unread {
    /// Its address.
    pub address: SmolStr,
    /// Where its name is written.
    pub span: Span,
    /// Why, as the end of a sentence.
    pub why: String,
    /// What it is passed.
    pub arguments: Node,
    /// Whether its source or what it is passed says that it has to do with buckets.
    pub bears: bool,
}

/// All that a root module deploys.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// The resources, in the order of modules and of their files.
    pub resources: Vec<UnitResource>,
    /// The modules that are not read.
    pub unread: Vec<Unread>,
    /// Where files of it cannot be read.
    pub lost: Vec<Span>,
    /// Policies whose text cannot be read as JSON.
    pub problems: Vec<Problem>,
    /// The directories of its modules.
    pub directories: BTreeSet<String>,
    /// Values that are not to be shown: those of variables that are `sensitive`, or called as secrets are.
    /// <https://developer.hashicorp.com/terraform/language/values/variables#suppressing-values-in-cli-output>
    pub secrets: Vec<Node>,
}

impl Evaluator<'_> {
    /// All that the root module deploys; of resources those whose type `is_asked` for.
    pub fn unit(&self, is_asked: impl Fn(&str) -> bool) -> Unit {
        let mut out = Unit::default();
        let mut next = 0;
        // looking at a module makes those that it calls
        while next < self.instance_count() {
            let module = self.instance(next).module;
            out.directories.insert(module.directory.clone());
            out.lost.extend(module.lost.iter().filter(|at| !out.lost.contains(at)).copied().collect::<Vec<_>>());
            for (number, block) in module.blocks.iter().enumerate() {
                if block.kind.text == "variable" && is_secret(block) {
                    let given = if next == 0 { module.given.get(block.label(0)) } else { None };
                    let values = given.into_iter().chain(block.body.get("default"));
                    out.secrets.extend(values.map(|value| self.eval(value, &self.top(next)).node()));
                }
                let is_call = block.kind.text == "module";
                if !(is_call || block.kind.text == "resource" && is_asked(block.label(0))) {
                    continue;
                }
                let expansion = self.expansion(next, number);
                for made in instances(&expansion) {
                    if is_call {
                        out.unread.extend(self.unread(made));
                    } else {
                        out.resources.extend(self.resource(made));
                    }
                }
            }
            next += 1;
        }
        // one that is called for each of many is one place
        out.unread.sort_by_key(|one| one.span);
        out.unread.dedup_by_key(|one| one.span);
        out.problems = self.problems.take();
        out.problems.sort_by_key(|problem| problem.span);
        out.problems.dedup();
        out
    }

    fn unread(&self, made: &Made) -> Option<Unread> {
        let block = self.block_of(made).filter(|_| made.child.is_none())?;
        let source = block.body.get("source").map(|source| self.eval(source, &self.top(made.module)));
        // `cloudposse/s3-bucket/aws`; other modules make networks, and the like
        let of_source =
            source.as_ref().and_then(Value::as_known).is_some_and(|source| source.contains("s3") || source.contains("bucket"));
        let bears = of_source || block.body.attributes.iter().any(|one| one.name.text.contains("bucket"));
        let why = match source.as_ref().and_then(Value::as_known) {
            Some(source) if source.starts_with('.') => format!("there is no module in `{source}`"),
            Some(source) => format!("its source `{source}` is not among these files"),
            None => "its source is not known".to_owned(),
        };
        let name = block.labels.first().unwrap_or(&block.kind);
        let arguments = self.body_node(block.span, &block.body, &self.scope_of(made));
        Some(Unread { address: made.address.clone(), span: name.span, why, arguments, bears })
    }

    fn resource(&self, made: &Made) -> Option<UnitResource> {
        let block = self.block_of(made)?;
        let name_span = block.labels.get(1).unwrap_or(&block.kind).span;
        Some(UnitResource {
            kind: block.label(0).into(),
            address: made.address.clone(),
            name_span,
            span: block.span,
            body: self.body_node(block.span, &block.body, &self.scope_of(made)),
            name: self.name_of(made, name_span),
            arn: self.arn_of(made, name_span),
            provider: self.provider(made, name_span),
            open: made.open.as_ref().map(|lack| Unknown { at: lack.symbol.at, why: lack.symbol.why.clone() }),
        })
    }
}

/// Whether the values of a variable are not to be shown.
fn is_secret(variable: &Block) -> bool {
    let sensitive = variable.body.get("sensitive").is_some_and(|value| matches!(value.kind, Syntax::Bool(true)));
    let name = variable.label(0).to_ascii_lowercase();
    sensitive || ["password", "secret", "token", "private_key"].iter().any(|word| name.contains(word))
}

/// The instances in what a block expands to.
fn instances(expansion: &Value) -> Vec<&Made> {
    match &expansion.kind {
        ValueKind::Made(made) => vec![made],
        ValueKind::List(items) => items.iter().flat_map(instances).collect(),
        ValueKind::Map(members) => members.iter().flat_map(|member| instances(&member.value)).collect(),
        _ => Vec::new(),
    }
}

impl Unit {
    /// As a tree: `resources`, each with its `kind`, `address`, `body` and so on, and `unread`.
    pub fn node(&self) -> Node {
        let first = self.resources.first().map(|one| one.span).or_else(|| self.unread.first().map(|one| one.span));
        let span = first.unwrap_or_default();
        let list = |items: Vec<Node>| Node::new(span, NodeValue::Seq(items));
        let unread = self.unread.iter().filter(|one| one.bears).map(|one| {
            let members = vec![
                member("address", Node::string(one.span, one.address.clone())),
                member("why", Node::string(one.span, one.why.as_str())),
                member("arguments", one.arguments.clone()),
            ];
            Node::new(one.span, NodeValue::Map(members))
        });
        let resources = self.resources.iter().map(UnitResource::node).collect();
        let lost = self.lost.iter().map(|at| Node::hidden(*at, "a file of the module cannot be read", true)).collect();
        let problem = |one: &Problem| Node::string(one.span, one.message.as_str());
        let problems = self.problems.iter().map(problem).collect();
        let members = [
            ("resources", resources),
            ("unread", unread.collect()),
            ("lost", lost),
            ("problems", problems),
            ("secrets", self.secrets.clone()),
        ];
        Node::new(span, NodeValue::Map(members.map(|(key, items)| member(key, list(items))).into()))
    }
}

impl UnitResource {
    fn node(&self) -> Node {
        let at = self.name_span;
        let text = |text: &Text| text_node(text.clone());
        let mut members = vec![
            member("kind", Node::string(at, self.kind.clone())),
            member("address", Node::string(at, self.address.clone())),
            member("provider", Node::string(at, self.provider.name.clone())),
            member("account", text(&self.provider.account)),
            member("region", text(&self.provider.region)),
            member("body", self.body.clone()),
        ];
        members.extend(self.name.as_ref().map(|name| member("name", text(name))));
        members.extend(self.arn.as_ref().map(|arn| member("arn", text(arn))));
        members.extend(self.open.as_ref().map(|open| {
            let why = format_smolstr!("how many of `{}` there are is not known, as {}", self.address, open.why);
            member("open", Node::hidden(open.at, why, false))
        }));
        Node::new(self.span, NodeValue::Map(members))
    }
}

fn member(key: &'static str, value: Node) -> Entry {
    Entry { key: Key { span: value.span, text: SmolStr::new_static(key) }, value }
}
