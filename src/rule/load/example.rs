//! A rule's example: files that it finds broken, and the same ones as they should be.

use super::Loader;
use crate::rule::{Example, ExampleFile};
use crate::syntax::fields::{self, Fields};
use crate::syntax::node::Node;

impl Loader {
    pub(super) fn example(&mut self, fields: Fields<'_>) -> Option<Example> {
        let fields = Fields::of(fields.get("example")?, "`example`", &["broken", "fixed"], &mut self.problems)?;
        let mut files = |key| fields.need(key, &mut self.problems).map(|node| self.example_files(key, node));
        let (broken, fixed) = (files("broken"), files("fixed"));
        Some(Example { broken: broken?, fixed: fixed? })
    }

    /// One text, or several by the names of their files.
    fn example_files(&mut self, key: &str, node: &Node) -> Vec<ExampleFile> {
        if !node.is_map() {
            let text = fields::text(key, node, &mut self.problems);
            return text.map(|text| ExampleFile { name: None, text: text.to_owned() }).into_iter().collect();
        }
        let file = |entry: &crate::syntax::node::Entry| {
            let text = fields::text(&entry.key.text, &entry.value, &mut self.problems)?;
            Some(ExampleFile { name: Some(entry.key.text.to_string()), text: text.to_owned() })
        };
        node.entries().iter().filter_map(file).collect()
    }
}
