//! Templates that stack sets hold in themselves, each read as a file of its own.

use super::nested::Link;
use crate::cfn::expand::expand;
use crate::cfn::place::Place;
use crate::cfn::resolve::Resolver;
use crate::cfn::scenario::Scenario;
use crate::cfn::stack::{self, Passed, moved};
use crate::cfn::template::{Resource, Template};
use crate::facts::InputProblem;
use crate::inventory::FileModel;
use crate::resolve::{Followed, Resolve, Unknown};
use crate::sniff::Kind;
use crate::source::{FileId, Sources};
use crate::syntax::embedded::parse_embedded;
use crate::syntax::node::{Entry, Node, Value};
use crate::syntax::parse::ProblemKind;
use crate::text::Text;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const TYPE: &str = "AWS::CloudFormation::StackSet";

/// Adds the templates in `TemplateBody` of stack sets to `models`, and tells which file holds which. Their outputs are
/// left out: exports are those of the accounts the set is deployed to. What cannot be read is noted.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stackset.html>
pub(super) fn bodies(
    models: &mut Vec<FileModel>,
    sources: &mut Sources,
    problems: &mut Vec<InputProblem>,
) -> Vec<(FileId, Link)> {
    let mut out = Vec::new();
    let mut inner = Vec::new();
    for model in models.iter().filter(|model| model.kind == Kind::Template) {
        for (entry, body) in sets(&model.root) {
            let source = sources.get(body.span.file).clone().with_part(body.span);
            let parsed = parse_embedded(body, &source.text);
            let broken = parsed.problems.iter().any(|problem| problem.kind == ProblemKind::Syntax);
            problems.extend(parsed.problems.into_iter().map(InputProblem::from_parser));
            let Some(mut root) = parsed.root.filter(|root| !broken && root.is_map()) else { continue };
            for (inner, _) in sets(&root) {
                let why = "the template of a stack set inside another one is not read".into();
                problems.push(InputProblem::unread(Unknown { at: inner.key.span, why }));
            }
            if let Value::Map(sections) = &mut root.value {
                sections.retain(|section| section.key.text != "Outputs");
            }
            let file = sources.push(source);
            let mut root = moved(&root, body.span.file, file);
            let path = sources.get(file).path.to_string();
            if let Some(expanded) = expand(&Template { file, path: &path, root: &root }, &Scenario::open()) {
                problems.extend(expanded.open.into_iter().map(InputProblem::from_unknown));
                root = expanded.root;
            }
            inner.push(FileModel { file, kind: Kind::Template, root });
            let (id, at) = (entry.key.text.clone(), entry.key.span);
            out.push((model.file, Link { id, at, location: body.span, child: file, is_set: true }));
        }
    }
    models.append(&mut inner);
    out
}

/// The accounts and Regions of all groups of stack instances of a set, where every group lists them. `home` is the
/// outermost template.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cloudformation-stackset-stackinstances.html>
pub(super) fn place(home: FileId, resolver: &Resolver<'_>, set: &Resource<'_>) -> Place {
    let groups = set.property("StackInstancesGroup").map(|groups| resolver.list(groups)).unwrap_or_default();
    let listed = |path: &[&str]| -> BTreeSet<SmolStr> {
        let texts = |group: &Followed<'_>| {
            let Followed::Node(group) = group else { return None };
            let items = resolver.items(group.path(path)?);
            items.into_iter().map(|item| resolver.text(item).as_known().map(SmolStr::from)).collect::<Option<Vec<_>>>()
        };
        let all: Option<Vec<Vec<SmolStr>>> = groups.iter().map(texts).collect();
        all.into_iter().flatten().flatten().collect()
    };
    let by_unit = |group: &Followed<'_>| match group {
        Followed::Node(group) => group.path(&["DeploymentTargets", "OrganizationalUnitIds"]).is_some(),
        _ => true,
    };
    // accounts beside organizational units may be added to them or taken from them
    let accounts = if groups.iter().any(by_unit) { BTreeSet::new() } else { listed(&["DeploymentTargets", "Accounts"]) };
    Place { home: Some((home, Some(set.id.text.clone()))), accounts, regions: listed(&["Regions"]), ..Place::unknown() }
}

/// What groups of stack instances have for a parameter in place of what the set passes.
#[derive(Default)]
pub(super) struct Overrides {
    values: Vec<Text>,
    /// Whether all groups have.
    pub(super) everywhere: bool,
}

/// The parameters that groups of stack instances of a set have values of their own for.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudformation-stackset-stackinstances.html>
pub(super) fn overrides(resolver: &Resolver<'_>, set: &Resource<'_>) -> BTreeMap<SmolStr, Overrides> {
    let groups = set.property("StackInstancesGroup").map(|groups| resolver.list(groups)).unwrap_or_default();
    let mut out: BTreeMap<SmolStr, Overrides> = BTreeMap::new();
    for group in &groups {
        let Followed::Node(group) = group else { continue };
        for (name, value) in group.get("ParameterOverrides").map(stack::parameters).unwrap_or_default() {
            out.entry(name).or_default().values.push(resolver.text(value));
        }
    }
    out.values_mut().for_each(|overrides| overrides.everywhere = overrides.values.len() >= groups.len());
    out
}

/// What the parameters of the template `root` are, that groups of instances have values of their own for. Where several
/// are, each is taken to vary by itself.
pub(super) fn varied(
    overrides: BTreeMap<SmolStr, Overrides>,
    passed: &BTreeMap<SmolStr, Text>,
    root: &Node,
) -> BTreeMap<SmolStr, Passed> {
    let of = |(name, Overrides { values, everywhere }): (SmolStr, Overrides)| {
        // the instances of other groups have what the set passes, or the default
        let default = || root.path(&["Parameters", &name, "Default"]).cloned();
        let own = (!everywhere).then(|| passed.get(&name).map_or_else(default, stack::known));
        let all: Option<Vec<Node>> = own.into_iter().chain(values.iter().map(stack::known)).collect();
        let each = |mut all: Vec<Node>| {
            let mut seen = BTreeSet::new();
            all.retain(|value| seen.insert(value.scalar_text()));
            Passed::OneOf(all)
        };
        (name, all.map_or(Passed::Something, each))
    };
    overrides.into_iter().map(of).collect()
}

/// The stack sets of a template that hold a template as text.
fn sets(root: &Node) -> impl Iterator<Item = (&Entry, &Node)> {
    let resources = root.get("Resources").map(Node::entries).unwrap_or_default().iter();
    resources.filter_map(|entry| {
        let is_set = entry.value.get("Type").and_then(Node::as_str) == Some(TYPE);
        let body = entry.value.path(&["Properties", "TemplateBody"]).filter(|body| is_set && body.as_str().is_some())?;
        Some((entry, body))
    })
}
