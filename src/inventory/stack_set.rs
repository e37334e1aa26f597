//! Stack sets whose template is not read.

use super::Inventory;
use crate::cfn::resolve::Resolver;
use crate::cfn::template::{Resource, Template};
use crate::resolve::{Resolve, Unknown};
use crate::source::Sources;

impl Inventory {
    /// Notes an `AWS::CloudFormation::StackSet` whose template is neither written out in it nor among the files.
    pub(super) fn stack_set(&mut self, outer: &Template<'_>, resolver: &Resolver<'_>, set: Resource<'_>, sources: &Sources) {
        match set.property("TemplateBody") {
            Some(body) if body.as_str().is_some() => {}
            Some(_) => {
                let why = "its template is made by a function, which is not followed".into();
                self.unread.push(Unknown { at: set.id.span, why });
            }
            None => self.elsewhere(outer, resolver, set, sources),
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
