//! Deployments of the platform that ask for the bucket of a trail: Quilt's stack.
//! <https://docs.quilt.bio/version-5.0.x/advanced/crossaccount>

use super::Inventory;
use crate::cfn::place::Place;
use crate::cfn::resolve::Resolver;
use crate::cfn::template::{Resource, Template};
use crate::resolve::{Followed, Resolve};
use crate::source::Span;
use crate::syntax::node::Node;
use crate::text::Text;

/// The parameter of Quilt's template that names the log bucket of the trail it reads.
pub const TRAIL_BUCKET: &str = "CloudTrailBucket";

/// One deployment of a stack that has the parameter.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// What to call it in a sentence.
    pub title: String,
    /// The path of the template that has the parameter, or passes it; `None` where a file gives it to none.
    pub template: Option<String>,
    /// Whether that template has it.
    pub own: bool,
    /// Whether the value is the empty default of a parameter, which may be filled at deployment.
    pub by_default: bool,
    /// Where the value stands.
    pub at: Span,
    /// The value.
    pub value: Text,
    /// Where it is deployed.
    pub place: Place,
}

impl Deployment {
    /// A value given by a parameters file to no linted template.
    pub fn of_file(at: Span) -> Self {
        let (title, value, place) = ("this deployment".into(), Text::known(at, ""), Place::unknown());
        Self { title, template: None, own: false, by_default: false, at, value, place }
    }
}

/// Whether a value is none.
pub fn is_empty(value: &str) -> bool {
    value.trim().is_empty()
}

impl Inventory {
    /// A template that has the parameter. One that another deploys has its value from there.
    pub(super) fn platform(&mut self, template: &Template<'_>, resolver: &Resolver<'_>) {
        let own = resolver.place().home.as_ref().is_none_or(|(home, _)| *home == template.file);
        let Some(entry) = template.section("Parameters").iter().find(|entry| entry.key.text == TRAIL_BUCKET && own) else {
            return;
        };
        let at = entry.value.get("Default").map_or(entry.key.span, |default| default.span);
        let by_default = resolver.is_empty_by_default(TRAIL_BUCKET);
        self.deployments.push(Deployment {
            title: format!("template {}", template.path),
            template: Some(template.path.to_owned()),
            own: true,
            by_default,
            at,
            value: if by_default { Text::known(at, "") } else { resolver.reference(TRAIL_BUCKET, at) },
            place: resolver.place().clone(),
        });
    }

    /// A nested stack that is passed the parameter, unless what its template has itself is the cause.
    pub(super) fn nested_platform(&mut self, template: &Template<'_>, resolver: &Resolver<'_>, resource: Resource<'_>) {
        let all = resource.properties().and_then(|properties| resolver.member(properties, "Parameters"));
        let Some(Followed::Node(parameters)) = all else { return };
        let Some(node) = parameters.get(TRAIL_BUCKET) else { return };
        let own = self.deployments.iter().find(|one| one.own && one.template.as_deref() == Some(template.path));
        if own.is_some_and(|own| own.value.as_known().is_some_and(is_empty)) {
            return;
        }
        if let Followed::Node(value) = resolver.follow(node) {
            let by_default = value.get("Ref").and_then(Node::as_str).is_some_and(|name| resolver.is_empty_by_default(name));
            self.deployments.push(Deployment {
                title: format!("nested stack {}", resource.id.text),
                template: Some(template.path.to_owned()),
                own: false,
                by_default,
                at: node.span,
                value: if by_default { Text::known(node.span, "") } else { resolver.text(value) },
                place: resolver.place().clone(),
            });
        }
    }
}
