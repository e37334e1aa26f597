//! What IAM means: S3 actions, wildcards, and condition tests against known values.

pub mod action;
mod closest;
pub mod keys;
pub mod wildcard;
