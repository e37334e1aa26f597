//! CloudFormation templates: sections, intrinsic functions, and the resources we judge.

pub mod condition;
pub mod document;
pub mod function;
pub mod given;
pub mod mention;
pub mod resolve;
pub mod scenario;
pub mod scenarios;
pub mod settle;
pub mod template;
