//! `bucketlint` tells, before anything is deployed, whether S3 buckets can really be used from another AWS account.

pub mod finding;
pub mod language;
pub mod outcome;
pub mod source;
pub mod syntax;
pub mod text;
pub mod trail;
