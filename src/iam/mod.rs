//! What IAM means: S3 actions, wildcards, and condition tests against known values.

pub mod wildcard;
