//! From text to the spanned tree.

pub mod comments;
pub mod embedded;
pub mod fields;
mod json;
mod keys;
pub mod node;
pub mod parse;
mod scalar;
pub mod toml;
mod yaml;

pub mod testing;
