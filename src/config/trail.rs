//! What the settings say of trails: `trail: here`, or a mapping.

use super::{TrailPlace, choice, word};
use crate::syntax::fields::{Complaint, Fields};

/// Where the trails are, and whether the platform reads their logs.
pub(super) fn read(fields: Fields<'_>, out: &mut Vec<Complaint>) -> (Option<TrailPlace>, bool) {
    let Some(node) = fields.get("trail") else { return (None, false) };
    if !node.is_map() {
        return (word("trail", node, out), false);
    }
    let Some(inner) = Fields::of(node, "`trail`", &["place", "read_by_platform"], out) else { return (None, false) };
    (choice(inner, "place", out), inner.flag("read_by_platform", out).unwrap_or(false))
}
