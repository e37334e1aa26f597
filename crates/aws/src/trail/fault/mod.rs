//! Selectors that CloudTrail refuses, or takes although they match nothing.

mod advanced;
mod basic;
mod item;

pub use basic::MAX_SELECTORS;
pub use item::Fault;

use super::selector::Trail;
use advanced::advanced_faults;
use basic::basic_faults;

/// Everything wrong with a trail's selectors, basic ones first, each kind in source order.
///
/// Values with unknown pieces are judged as far as they are known.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html>
pub fn faults(trail: &Trail) -> Vec<Fault> {
    let mut out = Vec::new();
    basic_faults(&trail.selectors.basic, &mut out);
    advanced_faults(&trail.selectors.advanced, &mut out);
    if let (Some(_), Some(advanced)) = (trail.selectors.basic.first(), trail.selectors.advanced.first()) {
        let problem = "stands beside basic event selectors, and a trail has one kind only";
        out.push(Fault::new(advanced.span, "AdvancedEventSelectors", problem));
    }
    out
}
