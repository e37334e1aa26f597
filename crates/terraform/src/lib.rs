//! The values of a Terraform or OpenTofu configuration as far as its files tell them, each with the place it is written at.
//! Nothing here knows rules or reports.
//!
//! <https://developer.hashicorp.com/terraform/language>, <https://opentofu.org/docs/language/>

pub mod eval;
pub mod module;
pub mod syntax;
pub mod unit;
pub mod value;

/// Whether a file is Terraform's or OpenTofu's, by its path.
pub fn is_terraform(path: &str) -> bool {
    [".tf", ".tofu", ".tfvars"].iter().any(|end| path.ends_with(end))
}
