//! CloudFormation templates, and what else is read beside them, as values with places: what it is, what its functions give,
//! and the ways to deploy it.

// what reads files takes nothing by an index or a range that may be out of bounds
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

pub mod cfn;
pub mod sniff;
