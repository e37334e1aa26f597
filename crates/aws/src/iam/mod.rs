//! Resource policies: what they say, and what they allow.

pub mod action;
pub mod anonymous;
pub mod assumed;
mod boundary;
pub mod caller;
mod choices;
mod closest;
pub mod cloudtrail;
pub mod condition;
pub mod context;
pub mod decide;
pub mod document;
pub mod excess;
mod instant;
pub mod keys;
pub mod kms;
pub mod log_key;
mod network;
mod number;
mod open;
#[cfg(test)]
mod open_tests;
pub mod operator;
pub mod own;
pub mod plausible;
pub mod principal;
pub mod public;
pub mod read;
pub mod refusal;
pub mod resource;
pub mod services;
pub mod simulate;
mod size;
pub mod slip;
pub mod sns;
#[cfg(test)]
mod symbol_properties;
mod symbols;
pub mod verdict;
#[cfg(test)]
mod verdict_properties;
#[cfg(test)]
mod verdict_tests;
pub mod wildcard;
pub mod witness;
