//! CloudFormation templates: sections, intrinsic functions, and the resources we judge.

pub mod function;
pub mod resolve;
pub mod template;
