//! A template's sections and logical IDs; no meaning of functions.

use bucketlint_text::source::FileId;
use bucketlint_text::syntax::node::{Entry, Key, Node};

/// A CloudFormation template.
#[derive(Clone, Copy, Debug)]
pub struct Template<'n> {
    /// The file it is in.
    pub file: FileId,
    /// Its path as shown.
    pub path: &'n str,
    /// Its whole tree.
    pub root: &'n Node,
}

/// One entry of `Resources`.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'n> {
    /// The logical ID.
    pub id: &'n Key,
    /// The whole resource.
    pub node: &'n Node,
}

impl<'n> Template<'n> {
    /// The entries of a top-level section such as `Parameters`.
    pub fn section(&self, name: &str) -> &'n [Entry] {
        self.root.get(name).map(Node::entries).unwrap_or_default()
    }

    /// One member of a section.
    pub fn member(&self, section: &str, name: &str) -> Option<&'n Node> {
        self.root.get(section)?.get(name)
    }

    /// The macros of the user's that get the whole template to rewrite; AWS's own transforms only add to it.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html>
    pub fn macros(&self) -> impl Iterator<Item = &'n str> + use<'n> {
        let all = self.root.get("Transform").map(Node::one_or_many).unwrap_or_default();
        let name = |node: &'n Node| node.as_str().or_else(|| node.get("Name")?.as_str());
        all.iter().filter_map(name).filter(|name| !name.starts_with("AWS::"))
    }

    /// Every resource in source order.
    pub fn resources(&self) -> impl Iterator<Item = Resource<'n>> + use<'n> {
        self.section("Resources").iter().map(|entry| Resource { id: &entry.key, node: &entry.value })
    }

    /// Every resource of one type.
    pub fn of_type(&self, kind: &str) -> impl Iterator<Item = Resource<'n>> {
        self.resources().filter(move |resource| resource.kind() == Some(kind))
    }

    /// The resource with this logical ID.
    pub fn resource(&self, id: &str) -> Option<Resource<'n>> {
        let entry = self.root.get("Resources")?.entry(id)?;
        Some(Resource { id: &entry.key, node: &entry.value })
    }
}

impl<'n> Resource<'n> {
    /// For example `AWS::S3::Bucket`.
    pub fn kind(&self) -> Option<&'n str> {
        self.node.get("Type")?.as_str()
    }

    /// `Properties`, where there are any.
    pub fn properties(&self) -> Option<&'n Node> {
        self.node.get("Properties")
    }

    /// One property.
    pub fn property(&self, name: &str) -> Option<&'n Node> {
        self.properties()?.get(name)
    }
}
