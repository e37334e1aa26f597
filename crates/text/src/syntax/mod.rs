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

#[allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test may panic")]
pub mod testing;
