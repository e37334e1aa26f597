//! `bucketlint` tells, before anything is deployed, whether S3 buckets can really be used from another AWS account.

pub mod buckets;
pub mod cfn;
pub mod finding;
pub mod iam;
pub mod language;
pub mod outcome;
pub mod resolve;
pub mod report;
pub mod source;
pub mod syntax;
pub mod text;
