//! `schema`: the JSON Schemas of the files that are written for this program.

use crate::cli::SchemaOf;

/// The schema of the settings file, which also says what holds where a key is not set.
pub const SETTINGS: &str = include_str!("../../schema/bucketlint.schema.json");

/// The schema `of` a kind of file.
pub(super) fn text(of: SchemaOf) -> &'static str {
    match of {
        SchemaOf::Settings => SETTINGS,
        SchemaOf::Profile => include_str!("../../rules/profiles/profile.schema.json"),
    }
}

/// What the schema says of one settings key.
pub(super) fn setting(key: &str) -> serde_json::Value {
    let schema: serde_json::Value = serde_json::from_str(SETTINGS).unwrap_or_default();
    schema["properties"][key].clone()
}
