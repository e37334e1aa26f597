//! Templates that a stack set holds in itself.

use super::Inventory;
use crate::cfn::place::Place;
use crate::cfn::resolve::{Exports, Resolver};
use crate::cfn::scenario::{Scenario, Setting};
use crate::cfn::template::{Resource, Template};
use crate::resolve::{Followed, Resolve, Unknown};
use crate::source::Sources;
use crate::syntax::embedded::parse_embedded;
use crate::syntax::node::Node;
use crate::syntax::parse::ProblemKind;
use smol_str::SmolStr;
use std::collections::BTreeSet;

impl Inventory {
    /// Reads the template inside an `AWS::CloudFormation::StackSet`, with the set's parameters and its conditions open.
    /// What cannot be read is noted.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stackset.html>
    pub(super) fn stack_set(&mut self, outer: &Template<'_>, resolver: &Resolver<'_>, set: Resource<'_>, sources: &Sources) {
        let Some(body) = set.property("TemplateBody") else {
            return self.elsewhere(outer, resolver, set, sources);
        };
        let mut unread = |why: &str| self.unread.push(Unknown { at: set.id.span, why: why.into() });
        if outer.path.contains('#') {
            return unread("the template of a stack set inside another one is not read");
        }
        if body.as_str().is_none() {
            return unread("its template is made by a function, which is not followed");
        }
        let source = &*sources.get(body.span.file).text;
        let parsed = parse_embedded(body, source);
        let broken = parsed.problems.iter().any(|problem| problem.kind == ProblemKind::Syntax);
        self.problems.extend(parsed.problems);
        let Some(root) = parsed.root.filter(|_| !broken) else { return };
        let path = format!("{}#{}", outer.path, set.id.text);
        let template = Template { file: outer.file, path: &path, root: &root };
        // exports are those of the accounts the set is deployed to
        let (exports, scenario) = (Exports::new(), parameters(outer, resolver, set));
        let inner = Resolver::under(template, &exports, &scenario);
        for resource in template.resources().filter(|resource| inner.is_there(resource.node)) {
            let settled = inner.settled(resource.node);
            self.resource(&template, &inner, Resource { node: &settled, ..resource }, sources);
        }
    }

    /// A template at an address: nothing is missing if it is the path of a linted file, as before `package`.
    fn elsewhere(&mut self, outer: &Template<'_>, resolver: &Resolver<'_>, set: Resource<'_>, sources: &Sources) {
        let Some(url) = set.property("TemplateURL").map(|url| resolver.text(url)) else { return };
        let dir = outer.path.rsplit_once('/').map_or("", |(dir, _)| dir);
        let linted = |local: &str| {
            let path = normal(&format!("{dir}/{local}"));
            sources.iter().any(|(_, source)| normal(&source.path) == path)
        };
        if !url.as_known().is_some_and(linted) {
            let why = format!("its template `{url}` is not among the files of this run").into();
            self.unread.push(Unknown { at: set.id.span, why });
        }
    }
}

/// A relative path without `.` and `..`.
fn normal(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match (part, out.last()) {
            ("..", Some(last)) if *last != ".." => drop(out.pop()),
            _ => out.push(part),
        }
    }
    out.join("/")
}

/// The parameters that a stack set gives its template; what is not known is not at its default either.
fn parameters(outer: &Template<'_>, resolver: &Resolver<'_>, set: Resource<'_>) -> Scenario {
    let given = set.property("Parameters").map(Node::items).unwrap_or_default().iter().filter_map(|item| {
        let value = resolver.text(item.get("ParameterValue")?);
        let setting = value.as_known().map_or(Setting::Not(Vec::new()), |known| Setting::Is(known.into()));
        Some((item.get("ParameterKey")?.scalar_text()?, setting))
    });
    let mut scenario = Scenario { parameters: given.collect(), ..Scenario::open() };
    scenario.stack.place = place(outer, resolver, set);
    scenario
}

/// The accounts and Regions of all groups of stack instances, where every group lists them.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cloudformation-stackset-stackinstances.html>
fn place(outer: &Template<'_>, resolver: &Resolver<'_>, set: Resource<'_>) -> Place {
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
    let home = resolver.place().home.as_ref().map_or(outer.file, |(home, _)| *home);
    Place { home: Some((home, Some(set.id.text.clone()))), accounts, regions: listed(&["Regions"]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_without_detours() {
        assert_eq!(normal("stacks/../lab/./a.yaml"), "lab/a.yaml");
        assert_eq!(normal("/./a.yaml"), "a.yaml");
        assert_eq!(normal("a/../../b.yaml"), "../b.yaml");
    }
}
