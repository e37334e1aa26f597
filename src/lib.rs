//! `bucketlint` tells, before anything is deployed, whether S3 buckets can really be used from another AWS account.

pub mod allow;
pub mod app;
pub mod ask;
pub mod baseline;
pub mod buckets;
pub mod cfn;
pub mod cli;
pub mod config;
pub mod disk;
pub mod facts;
pub mod finding;
pub mod inventory;
pub mod link;
pub mod load;
pub mod outcome;
pub mod parameters;
pub mod paste;
pub mod profile;
pub mod progress;
pub mod report;
pub mod rule;
pub mod run;
pub mod scope;
pub mod secret;
pub mod settings;
pub mod sniff;
pub mod trial;
pub mod walk;

pub use bucketlint_aws::{iam, trail};
pub use bucketlint_text::{date, language, resolve, source, syntax, text};
