//! CloudTrail: what event selectors say, what is wrong with them, and which S3 object events they log.

mod arn;
mod clause;
pub mod coverage;
#[cfg(test)]
mod coverage_tests;
mod events;
pub mod fault;
mod reach;
pub mod selector;
#[cfg(test)]
mod testing;

pub use reach::Target;
