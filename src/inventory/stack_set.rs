//! Stack sets whose template is not read.

use super::Inventory;
use crate::cfn::resolve::Resolver;
use crate::cfn::template::Resource;
use crate::resolve::{Resolve, Unknown};
use crate::source::Sources;

impl Inventory {
    /// Notes an `AWS::CloudFormation::StackSet` whose template is neither written out in it nor among the files.
    pub(super) fn stack_set(&mut self, resolver: &Resolver<'_>, set: Resource<'_>, sources: &Sources) {
        match set.property("TemplateBody") {
            Some(body) if body.as_str().is_some() => {}
            Some(_) => {
                let why = "its template is made by a function, which is not followed".into();
                self.unread.push(Unknown { at: set.id.span, why });
            }
            None => self.elsewhere(resolver, set, sources),
        }
    }

    /// A template at an address: nothing is missing if a linted file is called so, which is uploaded to it.
    fn elsewhere(&mut self, resolver: &Resolver<'_>, set: Resource<'_>, sources: &Sources) {
        let Some(url) = set.property("TemplateURL").map(|url| resolver.text(url)) else { return };
        let shown = url.to_string();
        let name = file_name(shown.split(['?', '#']).next().unwrap_or_default());
        if !sources.iter().any(|(_, source)| file_name(&source.path) == name) {
            let why = format!("its template `{url}` is not among the files of this run").into();
            self.unread.push(Unknown { at: set.id.span, why });
        }
    }
}

/// The last segment of a path or an address.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
