//! `bucketlint` tells, before anything is deployed, whether S3 buckets can really be used from another AWS account.

// what reads files takes nothing by an index or a range that may be out of bounds
#[cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]
pub mod allow;
pub mod app;
pub mod ask;
#[cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]
pub mod baseline;
pub mod buckets;
pub mod cli;
#[cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]
pub mod config;
pub mod disk;
pub mod edit;
pub mod facts;
pub mod finding;
pub mod inventory;
pub mod link;
#[cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]
pub mod load;
pub mod outcome;
pub mod parallel;
#[cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]
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
pub mod trial;
pub mod walk;

pub use bucketlint_aws::{iam, trail};
pub use bucketlint_cloudformation::{cfn, sniff};
pub use bucketlint_text::{date, language, resolve, source, syntax, text};
