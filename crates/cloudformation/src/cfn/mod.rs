//! CloudFormation templates: sections, intrinsic functions, and the resources we judge.

mod admits;
pub mod condition;
pub mod document;
pub mod doubt;
pub mod expand;
pub mod exports;
pub mod fragment;
pub mod function;
pub mod given;
pub mod include;
pub mod invalid;
pub mod judged;
pub mod lost;
pub mod mention;
mod names;
pub mod opaque;
pub mod place;
pub mod pseudo;
pub mod resolve;
pub mod sam;
pub mod scenario;
#[allow(clippy::indexing_slicing, reason = "the numbers of variables and scenarios are its own, none is read")]
pub mod scenarios;
pub mod settle;
pub mod stack;
pub mod template;
pub mod usual;
