//! Which declared key a bucket's `KMSMasterKeyID` means.

use super::joins::shared_folders;
use crate::inventory::{Inventory, Key};
use crate::source::{FileId, Sources};
use crate::text::Text;
use std::cmp::Reverse;

/// How a key is named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyForm {
    /// The key that AWS manages for S3, `alias/aws/s3`.
    Managed,
    /// A key ID.
    Id,
    /// `alias/…`.
    Alias,
    /// The ARN of an alias.
    AliasArn,
    /// The ARN of a key.
    Arn,
    /// Not known here, such as a parameter without a default.
    Unknown,
}

impl KeyForm {
    /// The word used in facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::Id => "id",
            Self::Alias => "alias",
            Self::AliasArn => "alias-arn",
            Self::Arn => "arn",
            Self::Unknown => "unknown",
        }
    }
}

/// How `text` names a key, and that key's index in the inventory where a linted file declares it; `file` is where `text`
/// is written, as equal aliases may be declared in several files: the nearest counts.
pub fn key(inventory: &Inventory, text: &Text, file: FileId, sources: &Sources) -> (KeyForm, Option<usize>) {
    let resource = arn_resource(text);
    let rest = resource.as_ref().unwrap_or(text);
    if rest.as_known() == Some("alias/aws/s3") {
        return (KeyForm::Managed, None);
    }
    let named = inventory.aliases.iter().filter(|alias| alias.name == *rest);
    // the first of several that are as near
    if let Some(alias) = named.min_by_key(|alias| (alias.file != file, Reverse(shared_folders(alias.file, file, sources)))) {
        let form = if resource.is_some() { KeyForm::AliasArn } else { KeyForm::Alias };
        return (form, declared(inventory, &alias.target));
    }
    let form = match (resource.is_some(), rest.strip_prefix("alias/").is_some()) {
        (true, true) => KeyForm::AliasArn,
        (true, false) => KeyForm::Arn,
        (false, true) => KeyForm::Alias,
        (false, false) if text.as_known().is_some() || inventory.keys.iter().any(|key| key.id == *text) => KeyForm::Id,
        (false, false) => KeyForm::Unknown,
    };
    (form, declared(inventory, text))
}

/// The key with this ID or ARN.
fn declared(inventory: &Inventory, text: &Text) -> Option<usize> {
    let id = arn_resource(text).and_then(|rest| rest.strip_prefix("key/"));
    let is = |key: &Key| key.id == *text || id.as_ref() == Some(&key.id);
    inventory.keys.iter().position(is)
}

/// What follows the account in an ARN.
fn arn_resource(text: &Text) -> Option<Text> {
    (0..4).try_fold(text.strip_prefix("arn:")?, |rest, _| Some(rest.split_once(':')?.1))
}
