//! Which trails see a bucket at all: a trail sees the calls of its own account and, unless it is for all Regions, of its
//! own Region.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>

use super::Scene;
use super::fact::{Fact, title};
use super::trail::{logged, name};
use crate::cfn::place::Place;
use crate::finding::Label;
use crate::inventory::FoundTrail;
use crate::link::LinkedBucket;
use crate::paste::Style;
use crate::source::Span;
use crate::syntax::node::Node;
use crate::trail::selector::{Ternary, Trail};
use serde_json::json;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Whether a trail sees a bucket.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Sight {
    /// As far as is known.
    Sees,
    /// Not, as one of these differs.
    Blind(Cause),
    /// The places differ, and whether that matters is not known.
    Unknown { why: String, at: Span },
}

/// What a trail and a bucket do not share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cause {
    Account,
    Region,
}

impl Cause {
    fn of(self, place: &Place) -> &BTreeSet<SmolStr> {
        match self {
            Self::Account => &place.accounts,
            Self::Region => &place.regions,
        }
    }

    /// Whether `other` is known not to be within `place`.
    fn differs(self, place: &Place, other: &Place) -> bool {
        let (all, some) = (self.of(place), self.of(other));
        !all.is_empty() && !some.is_empty() && !some.is_subset(all)
    }

    /// Whether the trail sees beyond its own.
    fn wide(self, trail: &Trail) -> &Ternary {
        match self {
            Self::Account => &trail.organization,
            Self::Region => &trail.multi_region,
        }
    }
}

fn sight(found: &FoundTrail, bucket: &Place) -> Sight {
    if found.place.is_with(bucket) {
        return Sight::Sees;
    }
    for cause in [Cause::Account, Cause::Region].into_iter().filter(|cause| cause.differs(&found.place, bucket)) {
        match cause.wide(&found.trail) {
            Ternary::Yes(_) => {}
            Ternary::No(_) => return Sight::Blind(cause),
            Ternary::Unknown { why, at } => {
                let what = if cause == Cause::Account { "an organization" } else { "all Regions" };
                let why = format!("whether trail {} is for {what} is not known: {why}", name(found));
                return Sight::Unknown { why, at: *at };
            }
        }
    }
    Sight::Sees
}

/// Where a bucket is; not known of one that no template declares.
fn place<'a>(scene: &Scene<'a>, bucket: &LinkedBucket) -> Cow<'a, Place> {
    bucket.declared.map_or(Cow::Owned(Place::unknown()), |at| Cow::Borrowed(&scene.inventory.buckets[at].place))
}

/// The trails that a bucket is seen by, by their index; where that is not known, one of which it is not known whether it
/// logs. Beside them those that do not see it.
pub(super) fn seeing<'a>(scene: &Scene<'a>, bucket: &LinkedBucket) -> (Vec<(usize, Cow<'a, Trail>)>, Vec<usize>) {
    let (place, mut seeing, mut blind) = (place(scene, bucket), Vec::new(), Vec::new());
    let doubts = bucket.declared.map_or(&[][..], |at| &scene.inventory.buckets[at].doubts);
    for (at, found) in scene.inventory.trails.iter().enumerate() {
        let open = match sight(found, &place) {
            Sight::Sees => {
                let open = found.doubts.iter().find(|doubt| doubt.remains(doubts));
                open.map(|doubt| (doubt.unknown.why.to_string(), doubt.unknown.at))
            }
            Sight::Blind(_) => {
                blind.push(at);
                continue;
            }
            Sight::Unknown { .. } if matches!(found.trail.logging, Ternary::No(_)) => continue,
            Sight::Unknown { why, at } => Some((why, at)),
        };
        let open = open.filter(|_| !matches!(found.trail.logging, Ternary::No(_)));
        let open = open.map(|(why, at)| Trail { logging: Ternary::Unknown { why, at }, ..found.trail.clone() });
        seeing.push((at, open.map_or(Cow::Borrowed(&found.trail), Cow::Owned)));
    }
    (seeing, blind)
}

/// `$.blind_trails`: one for each trail that would log buckets in scope, were they in its account and Region.
pub(super) fn blind(scene: &Scene<'_>) -> Vec<Node> {
    let trails = scene.inventory.trails.iter().enumerate();
    let each = trails.flat_map(|(at, found)| [Cause::Account, Cause::Region].map(|cause| (at, found, cause)));
    each.filter_map(|(at, found, cause)| fact(scene, at, found, cause)).collect()
}

fn fact(scene: &Scene<'_>, at: usize, found: &FoundTrail, cause: Cause) -> Option<Node> {
    if cause.of(&found.place).is_empty() {
        return None;
    }
    let missed = |bucket: &&LinkedBucket| {
        bucket.in_scope
            && sight(found, &place(scene, bucket)) == Sight::Blind(cause)
            && adds(scene, bucket, &seeing(scene, bucket).0, at)
    };
    let buckets: Vec<&LinkedBucket> = scene.buckets.iter().filter(missed).collect();
    if buckets.is_empty() {
        return None;
    }
    let own = cause.of(&found.place);
    let shown = |bucket: &&LinkedBucket| {
        let places: Vec<String> = cause.of(&place(scene, bucket)).iter().map(ToString::to_string).collect();
        format!("{} ({})", title(&bucket.reference), places.join(", "))
    };
    let span = match cause.wide(&found.trail) {
        Ternary::No(at) => *at,
        _ => found.trail.span,
    };
    let style = Style::of(scene.sources.get(found.trail.span.file));
    let (advice, paste) = if span == found.trail.span {
        let paste = style.added("IsMultiRegionTrail", &json!(true), span, 2);
        (format!("add to the properties of {}:", name(found)), paste)
    } else {
        ("write:".into(), "true".into())
    };
    let control = own.iter().any(|account| scene.requesters.iter().any(|requester| requester.account == account.as_str()));
    let fact = Fact::at(span)
        .text("trail", name(found))
        .text("cause", if cause == Cause::Account { "account" } else { "region" })
        .texts("own", own.iter().cloned())
        .flag("control", control)
        .text("buckets", buckets.iter().map(shown).collect::<Vec<_>>().join(", "))
        .flag("required", scene.profile.logged && !scene.trail_elsewhere)
        .text("advice", advice)
        .text("paste", paste)
        .related(buckets.iter().take(3).map(|bucket| Label {
            span: bucket.span,
            message: format!("trail {} does not see bucket {}", name(found), title(&bucket.reference)),
        }));
    Some(fact.node())
}

/// Whether one more trail adds to what is logged of a bucket.
pub(super) fn adds(scene: &Scene<'_>, bucket: &LinkedBucket, seeing: &[(usize, Cow<'_, Trail>)], blind: usize) -> bool {
    let trails: Vec<&Trail> = seeing.iter().map(|(_, trail)| &**trail).collect();
    let all: Vec<&Trail> = trails.iter().copied().chain([&scene.inventory.trails[blind].trail]).collect();
    let (before, after) = (logged(scene, &trails, bucket), logged(scene, &all, bucket));
    (before.read, before.write) != (after.read, after.write)
}

/// What is taken for granted of the places of a bucket and of the trails `logging` it.
pub(super) fn assumptions(scene: &Scene<'_>, bucket: &LinkedBucket, logging: impl Iterator<Item = usize>) -> Vec<String> {
    let place = place(scene, bucket);
    let mut out = Vec::new();
    for found in logging.map(|at| &scene.inventory.trails[at]).filter(|found| !found.place.is_with(&place)) {
        let trail = name(found);
        let known = |cause: Cause| (!cause.of(&found.place).is_empty(), !cause.of(&place).is_empty());
        let own = |cause: Cause, place: &Place| cause.of(place).iter().map(SmolStr::as_str).collect::<Vec<_>>().join(", ");
        let member = matches!(found.trail.organization, Ternary::Yes(_));
        match known(Cause::Account) {
            (true, true) if member && Cause::Account.differs(&found.place, &place) => {
                out.push(format!("account {} is of the organization of trail {trail}", own(Cause::Account, &place)));
            }
            (true, false) if !member => {
                out.push(format!("it is in account {} of trail {trail}", own(Cause::Account, &found.place)));
            }
            (false, true) if !member => {
                out.push(format!("trail {trail} is in its account, {}", own(Cause::Account, &place)));
            }
            _ => {}
        }
        if matches!(found.trail.multi_region, Ternary::No(_)) && known(Cause::Region) != (true, true) {
            out.push(format!("it is in the Region of trail {trail}, which logs that Region alone"));
        }
    }
    out
}
