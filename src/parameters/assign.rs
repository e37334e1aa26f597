//! What each template's parameters are, and what of the given cannot be.

use super::{Given, Group};
use crate::cfn::given;
use crate::cfn::resolve::{is_list, is_stored};
use crate::cfn::template::Template;
use crate::facts::InputProblem;
use crate::inventory::{TRAIL_BUCKET, is_empty};
use crate::load::Loaded;
use crate::scope::Scope;
use crate::sniff::Kind;
use crate::source::{FileId, Source, Span};
use crate::syntax::fields::nearest;
use crate::syntax::node::Node;
use crate::text::Text;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// Brings `groups`, the weakest first, to the templates of a run. Only parameters that a template has get values, and only
/// those they may have; what is read from Parameter Store stays unknown. What does not fit becomes a problem of the run.
pub fn assign(groups: &[Group], loaded: &mut Loaded) -> given::Given {
    let mut problems = Problems::new(loaded);
    let mut chosen: BTreeMap<FileId, BTreeMap<&str, (&Group, &Given)>> = BTreeMap::new();
    let mut orphans = Vec::new();
    for group in groups {
        let templates = templates_of(group.scope.as_ref(), problems.loaded);
        if let (Some(scope), [], true) = (&group.scope, templates.as_slice(), has_templates(problems.loaded)) {
            problems.unmatched(&group.source, scope, "the values given for it are");
            continue;
        }
        for given in &group.values {
            let having: Vec<FileId> =
                templates.iter().copied().filter(|&file| parameter(problems.loaded, file, &given.name).is_some()).collect();
            if having.is_empty() && is_no_trail_bucket(given) {
                orphans.push((None, problems.place(&group.source, given.span)));
            } else if having.is_empty() && !templates.is_empty() {
                problems.unknown(group, given, &templates);
            }
            for file in having {
                chosen.entry(file).or_default().insert(&given.name, (group, given));
            }
        }
    }
    let mut out =
        given::Given { explicit: groups.iter().any(|group| group.explicit), no_trail_bucket: orphans, ..given::Given::default() };
    for (file, values) in chosen {
        let path = problems.loaded.sources.get(file).path.to_string();
        let (mut fitting, mut written) = (BTreeMap::new(), BTreeMap::new());
        for (name, (group, given)) in values {
            let Some((_, declared)) = parameter(problems.loaded, file, name) else { continue };
            // its value is the name of the value
            if is_stored(declared) {
                continue;
            }
            match refused(declared, &given.value) {
                Some(allowed) => {
                    let allowed = (allowed.span, allowed.items().iter().filter_map(Node::scalar_text).collect());
                    problems.refused(group, given, &path, allowed);
                }
                None => {
                    let at = problems.place(&group.source, given.span);
                    if is_no_trail_bucket(given) {
                        out.no_trail_bucket.push((Some(path.clone()), at));
                    }
                    fitting.insert(given.name.clone(), given.value.clone());
                    let text = Text::known(at, given.value.clone());
                    // as in `Name=value`
                    let within = group.source.text.get(..given.span.start as usize).is_some_and(|before| before.ends_with('='));
                    let text = if within { text.standing_within(at) } else { text.standing_at(at) };
                    written.insert(given.name.clone(), text);
                }
            }
        }
        out.written.insert(path.clone(), written);
        out.by_file.insert(path, fitting);
    }
    problems.report();
    out
}

/// Whether the platform is given no trail's bucket.
fn is_no_trail_bucket(given: &Given) -> bool {
    given.name == TRAIL_BUCKET && is_empty(&given.value)
}

pub(super) fn has_templates(loaded: &Loaded) -> bool {
    loaded.models.iter().any(|model| model.kind == Kind::Template)
}

/// The templates in a scope; all of them without one.
pub(super) fn templates_of(scope: Option<&Scope>, loaded: &Loaded) -> Vec<FileId> {
    let templates = loaded.models.iter().filter(|model| model.kind == Kind::Template).map(|model| model.file);
    let Some(scope) = scope else { return templates.collect() };
    let path = |file: FileId| &*loaded.sources.get(file).path;
    let wanted: BTreeSet<&str> = scope.of(templates.clone().map(path)).into_iter().collect();
    templates.filter(|file| wanted.contains(path(*file))).collect()
}

/// A parameter that a template declares, with where its name stands.
fn parameter<'l>(loaded: &'l Loaded, file: FileId, name: &str) -> Option<(Span, &'l Node)> {
    parameters(loaded, file).find(|(key, ..)| *key == name).map(|(_, at, node)| (at, node))
}

fn parameters(loaded: &Loaded, file: FileId) -> impl Iterator<Item = (&str, Span, &Node)> {
    let root = loaded.models.iter().find(|model| model.file == file).map(|model| &model.root);
    let entries = root.map(|root| Template { file, path: "", root }.section("Parameters")).unwrap_or_default();
    entries.iter().map(|entry| (entry.key.text.as_str(), entry.key.span, &entry.value))
}

/// The `AllowedValues` that a value is not among. Those of a list hold for each item.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
fn refused<'n>(parameter: &'n Node, value: &str) -> Option<&'n Node> {
    let allowed = parameter.get("AllowedValues").filter(|allowed| !allowed.items().is_empty())?;
    let equal = |allowed: &Node, value: &str| {
        allowed
            .scalar_text()
            .is_none_or(|text| text == value || matches!((text.parse::<f64>(), value.parse::<f64>()), (Ok(a), Ok(b)) if a == b))
    };
    let listed = |value: &str| allowed.items().iter().any(|item| equal(item, value));
    let fits = if is_list(parameter) { value.split(',').all(|item| listed(item.trim())) } else { listed(value) };
    (!fits).then_some(allowed)
}

/// What is wrong with what was given.
pub(super) struct Problems<'l> {
    pub(super) loaded: &'l mut Loaded,
    /// The texts of groups that were shown, by path.
    files: BTreeMap<String, FileId>,
    found: Vec<InputProblem>,
}

impl<'l> Problems<'l> {
    pub(super) fn new(loaded: &'l mut Loaded) -> Self {
        Self { loaded, files: BTreeMap::new(), found: Vec::new() }
    }

    /// Makes them problems of the run.
    pub(super) fn report(self) {
        self.loaded.problems.extend(self.found);
    }

    /// The place `span` of a text in the sources of the run.
    fn place(&mut self, source: &Source, span: Span) -> Span {
        let path = source.path.to_string();
        let sources = &mut self.loaded.sources;
        let file = *self.files.entry(path).or_insert_with(|| sources.push(source.clone()));
        Span { file, ..span }
    }

    fn add(&mut self, kind: &'static str, span: Span, message: String, fix: String, related: Option<(Span, String)>) {
        self.found.push(InputProblem { kind, span, message, fix, related });
    }

    /// Nothing matches a scope, so what was said of it is not used.
    pub(super) fn unmatched(&mut self, source: &Source, scope: &Scope, unused: &str) {
        let Some((span, first)) = scope.patterns.first() else { return };
        let span = self.place(source, *span);
        let message = format!("no template of this run matches `{first}`, so {unused} not used");
        self.add(
            "unmatched-templates",
            span,
            message,
            "correct the pattern, if this run was to have such templates".into(),
            None,
        );
    }

    fn unknown(&mut self, group: &Group, given: &Given, templates: &[FileId]) {
        let known: BTreeSet<(&str, Span)> =
            templates.iter().flat_map(|&file| parameters(self.loaded, file)).map(|(name, at, _)| (name, at)).collect();
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let near = nearest(&given.name, &names).and_then(|near| known.iter().find(|(name, _)| *name == near));
        let related = near.map(|(name, at)| (*at, format!("parameter `{name}` is declared here")));
        let fix = match near {
            Some((name, _)) => format!("write: {name}"),
            None => "drop it, or name the templates it is for".into(),
        };
        let message = format!("no linted template has a parameter `{}`, so the value given for it is not used", given.name);
        let span = self.place(&group.source, given.at);
        self.add("unknown-parameter", span, message, fix, related);
    }

    fn refused(&mut self, group: &Group, given: &Given, path: &str, (at, allowed): (Span, Vec<SmolStr>)) {
        let message = format!("`{}` is not among the allowed values of parameter `{}` in {path}", given.value, given.name);
        let fix = format!("write one of: {}", allowed.join(", "));
        let span = self.place(&group.source, given.span);
        self.add("parameter-value", span, message, fix, Some((at, format!("`{}` takes one of these", given.name))));
    }
}
