//! From text to the spanned tree.

pub mod node;
