//! Texts with the place they stand at: sources and spans, trees of YAML, JSON and TOML, values that may not be known,
//! and the sets of strings that patterns stand for. Nothing here knows policies, rules or reports.

pub mod date;
pub mod language;
pub mod resolve;
pub mod source;
// what reads files takes nothing by an index or a range that may be out of bounds
#[cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]
pub mod syntax;
pub mod text;
