//! From text to the spanned tree.

pub mod fields;
pub mod node;
#[cfg(test)]
pub(crate) mod testing;
