//! Resource policies: what they say, and what they allow.

pub mod condition;
pub mod document;
pub mod principal;
pub mod read;
pub mod resource;
