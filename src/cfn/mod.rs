//! CloudFormation templates: sections, intrinsic functions, and the resources we judge.

pub mod condition;
pub mod function;
pub mod mention;
pub mod resolve;
pub mod scenario;
pub mod settle;
pub mod template;
