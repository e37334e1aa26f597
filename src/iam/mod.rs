//! What IAM means: S3 actions, wildcards, and condition tests against known values.

pub mod action;
mod closest;
pub mod condition;
mod instant;
pub mod keys;
mod network;
mod number;
pub mod operator;
pub mod wildcard;
