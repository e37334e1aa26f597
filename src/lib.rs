//! `bucketlint` tells, before anything is deployed, whether S3 buckets can really be used from another AWS account.

pub mod buckets;
pub mod cfn;
pub mod cli;
pub mod config;
pub mod disk;
pub mod finding;
pub mod iam;
pub mod language;
pub mod outcome;
pub mod profile;
pub mod report;
pub mod resolve;
pub mod rule;
pub mod settings;
pub mod sniff;
pub mod source;
pub mod syntax;
pub mod text;
pub mod walk;
