//! Resources of which it is not known whether they are there.

use super::template::Template;
use bucketlint_text::resolve::Unknown;
use bucketlint_text::source::FileId;
use bucketlint_text::syntax::node::Node;
use smol_str::{SmolStr, format_smolstr};

/// A condition that a resource hangs on and that cannot be evaluated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Doubt {
    /// The template that defines the condition, or does not.
    file: FileId,
    condition: SmolStr,
    /// Where the resource names it, and why it is not known whether it holds.
    pub unknown: Unknown,
}

impl Doubt {
    /// The doubt about the resource called `id`, whose `Condition` is `named`.
    pub(super) fn of(template: &Template<'_>, id: &str, named: &Node) -> Self {
        let condition = SmolStr::from(named.as_str().unwrap_or_default());
        let defined = template.member("Conditions", &condition);
        let why = if condition.is_empty() {
            format_smolstr!("whether `{id}` is there is not known, as its `Condition` is not the name of one")
        } else if defined.is_some_and(is_made) || defined.is_none() && template.member("Conditions", "Fn::Transform").is_some() {
            format_smolstr!(
                "whether `{id}` is there depends on condition `{condition}`, which a macro makes when the template is deployed"
            )
        } else {
            format_smolstr!("whether `{id}` is there depends on condition `{condition}`, which cannot be evaluated")
        };
        Self { file: template.file, condition, unknown: Unknown { at: named.span, why } }
    }

    /// A doubt about things of `file` that hang on `what`, which is not known.
    pub fn about(file: FileId, what: SmolStr, unknown: Unknown) -> Self {
        Self { file, condition: what, unknown }
    }

    /// Leaves of the doubts about a thing those that remain where another one is there, about which `others` are.
    pub fn settle(doubts: &mut Vec<Self>, others: &[Self]) {
        doubts.retain(|doubt| doubt.remains(others));
    }

    /// Whether the doubt remains where a thing is there about which `others` are.
    pub fn remains(&self, others: &[Self]) -> bool {
        let same = |other: &Self| (self.file, &self.condition) == (other.file, &other.condition);
        self.condition.is_empty() || !others.iter().any(same)
    }
}

/// Whether a macro makes a condition or a part of it.
fn is_made(node: &Node) -> bool {
    node.entries().iter().any(|entry| entry.key.text == "Fn::Transform" || is_made(&entry.value))
        || node.items().iter().any(is_made)
}
