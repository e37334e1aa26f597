//! CloudTrail: what event selectors say, what is wrong with them, and which S3 object events they log.

pub mod selector;
#[cfg(test)]
mod testing;
