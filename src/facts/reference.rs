//! `$.references`: references to nothing and functions with wrong arguments, around the resources that are judged.

use super::Scene;
use super::fact::Fact;
use crate::cfn::invalid::Invalid;
use crate::link::LinkedBucket;
use crate::source::Span;
use crate::syntax::node::Node;
use crate::text::Text;

/// One fact for each, in source order.
pub(super) fn facts(scene: &Scene<'_>) -> Vec<Node> {
    let is_part = |one: &&Invalid| one.lacks.is_some() && scene.fragments.contains_key(&one.at.file);
    let each = scene.inventory.invalid.iter().filter(|one| scene.asks(one.at.file) && !is_part(one));
    each.map(|one| Fact::at(one.at).text("message", one.message.as_str()).text("fix", one.fix.as_str()).node()).collect()
}

/// Whether what stands at `at` is not known because of an invalid reference in it, or it in one, or is the place where
/// a template may hold more than is seen.
pub(super) fn breaks(scene: &Scene<'_>, at: Span) -> bool {
    let meets = |one: Span| one == at || one.file == at.file && one.start < at.end && at.start < one.end;
    let lost = scene.inventory.lost.iter().copied().chain(scene.lost.iter().map(|policy| policy.at));
    let broken = scene.inventory.invalid.iter().map(|one| one.at).chain(lost);
    let opaque = scene.inventory.opaque.iter().any(|resource| resource.opaque.at == at);
    broken.into_iter().any(meets) || opaque || scene.inventory.hidden.contains(&at)
}

/// Where the template of a bucket may hold more than is seen.
pub(super) fn hidden(scene: &Scene<'_>, bucket: &LinkedBucket) -> Option<Span> {
    scene.inventory.hidden.iter().copied().find(|at| at.file == bucket.file)
}

/// Where a file goes wrong that may hold the policy of a bucket.
pub(super) fn lost_policy(scene: &Scene<'_>, bucket: &LinkedBucket) -> Option<Span> {
    scene.lost.iter().find(|policy| policy.may_be_of(&bucket.target.name)).map(|policy| policy.at)
}

/// Whether a text is not known because of an invalid reference.
pub(super) fn breaks_text(scene: &Scene<'_>, text: &Text) -> bool {
    text.symbols().any(|symbol| breaks(scene, symbol.at))
}

/// Whether an invalid reference hides a bucket's name, or which bucket a policy is for that may be its.
pub(super) fn hides(scene: &Scene<'_>, bucket: &LinkedBucket) -> bool {
    let mut possible = bucket.possible.iter().filter(|_| bucket.policies.is_empty());
    let lost = |at: &usize| scene.inventory.policies[*at].bucket.as_ref().is_some_and(|name| breaks_text(scene, name));
    breaks_text(scene, &bucket.target.name) || possible.any(lost)
}
