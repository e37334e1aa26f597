//! CloudTrail: what event selectors say, what is wrong with them, and which S3 object events they log.

mod arn;
pub mod fault;
pub mod selector;
#[cfg(test)]
mod testing;
