//! Which files bear on buckets, and what is told or unknown of those that are read in part or not at all.

use super::nested::Nested;
use crate::cfn::fragment::{Fragment, fragments as of_templates};
use crate::cfn::invalid::invalid;
use crate::cfn::opaque::opaque;
use crate::cfn::template::Template;
use crate::facts::InputProblem;
use crate::inventory::FileModel;
use crate::sniff::{Kind, LostPolicy, lost_policy};
use crate::source::{FileId, Sources};
use crate::syntax::node::{Entry, Node};
use std::collections::{BTreeMap, BTreeSet};

/// The files that hold something that is judged, or may, and those that do not.
pub(super) struct Bearing {
    holding: BTreeSet<FileId>,
    others: BTreeSet<FileId>,
}

impl Bearing {
    /// Looks at the resources of `models`. A template that deploys others bears on what those do.
    pub(super) fn of(models: &[FileModel], nested: &Nested) -> Self {
        let holds = |model: &&FileModel| model.kind != Kind::Template || is_judged(&model.root);
        let own: BTreeSet<FileId> = models.iter().filter(holds).map(|model| model.file).collect();
        let holds = |model: &&FileModel| nested.family(model.file).any(|file| own.contains(&file));
        let (holding, others): (Vec<&FileModel>, Vec<&FileModel>) = models.iter().partition(holds);
        let files = |models: Vec<&FileModel>| models.into_iter().map(|model| model.file).collect();
        Self { holding: files(holding), others: files(others) }
    }

    /// Whether a file holds something that is judged.
    pub(super) fn holds(&self, file: FileId) -> bool {
        self.holding.contains(&file)
    }

    /// Whether a problem is one of a file that holds something that is judged, or of one that is not read.
    pub(super) fn concerns(&self, problem: &InputProblem) -> bool {
        !problem.is_within() || !self.others.contains(&problem.span.file)
    }
}

/// Whether a template has a resource that is judged, or one of which it is not known what it is.
fn is_judged(root: &Node) -> bool {
    let kinds = ["AWS::S3::", "AWS::CloudTrail::", "Custom::S3", "Custom::AWS"];
    let is = |entry: &Entry| match entry.value.get("Type").and_then(Node::as_str) {
        Some(kind) => kinds.iter().any(|known| kind.starts_with(known)) || opaque(&entry.value).is_some(),
        None => true,
    };
    root.get("Resources").map(Node::entries).unwrap_or_default().iter().any(is)
}

/// The files that are parts of a template.
pub(super) fn fragments(models: &[FileModel], sources: &Sources) -> BTreeMap<FileId, Fragment> {
    let templates = models.iter().filter(|model| model.kind == Kind::Template).map(|model| {
        let source = sources.get(model.file);
        let template = Template { file: model.file, path: &source.path, root: &model.root };
        (template, invalid(&template, &source.text))
    });
    let templates: Vec<_> = templates.collect();
    let found = of_templates(&templates);
    templates.iter().zip(found).filter_map(|((template, _), found)| Some((template.file, found?))).collect()
}

/// The templates that ask for their Region or name other partitions. Told once, as each text is read as a whole for it.
pub(super) fn regional(models: &[FileModel], sources: &Sources) -> BTreeSet<FileId> {
    let templates = models.iter().filter(|model| model.kind == Kind::Template).map(|model| model.file);
    let signs = ["aws-cn", "us-gov", "AWS::Region"];
    templates.filter(|file| signs.iter().any(|sign| sources.get(*file).text.contains(sign))).collect()
}

/// The policies that files may hold which are not read.
pub(super) fn lost(models: &[FileModel], sources: &Sources, problems: &[InputProblem]) -> Vec<LostPolicy> {
    let read: BTreeSet<FileId> = models.iter().map(|model| model.file).collect();
    let unread = problems.iter().filter(|problem| problem.is_unread() && !read.contains(&problem.span.file));
    unread.filter_map(|problem| lost_policy(problem.span, &sources.get(problem.span.file).text)).collect()
}
