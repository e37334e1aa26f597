//! Which declared key a bucket's `KMSMasterKeyID` means.

use super::index::{Named, by_name, places};
use super::joins::shared_folders;
use crate::inventory::Inventory;
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

/// The declared keys by what they are called.
#[derive(Debug)]
pub struct KeyIndex<'a> {
    inventory: &'a Inventory,
    sources: &'a Sources,
    /// The places of aliases.
    aliases: Named<'a>,
    /// The places of keys, by their IDs.
    ids: Named<'a>,
}

impl<'a> KeyIndex<'a> {
    /// The keys and aliases of `inventory`.
    pub fn of(inventory: &'a Inventory, sources: &'a Sources) -> Self {
        let aliases = by_name(inventory.aliases.iter().map(|alias| &alias.name));
        Self { inventory, sources, aliases, ids: by_name(inventory.keys.iter().map(|key| &key.id)) }
    }

    /// How `text` names a key, and that key's index in the inventory where a linted file declares it; `file` is where `text`
    /// is written, as equal aliases may be declared in several files: the nearest counts.
    pub fn find(&self, text: &Text, file: FileId) -> (KeyForm, Option<usize>) {
        let resource = arn_resource(text);
        let rest = resource.as_ref().unwrap_or(text);
        // the name itself is no alias and no ID, and means no other key
        if rest.as_known().is_some_and(|known| known.trim_start_matches("alias/") == "aws/s3") {
            return (KeyForm::Managed, None);
        }
        let named = places(&self.aliases, rest).iter().map(|&at| &self.inventory.aliases[at]);
        // the first of several that are as near
        let near = named.min_by_key(|alias| (alias.file != file, Reverse(shared_folders(alias.file, file, self.sources))));
        if let Some(alias) = near {
            let form = if resource.is_some() { KeyForm::AliasArn } else { KeyForm::Alias };
            return (form, self.declared(&alias.target));
        }
        let form = match (resource.is_some(), rest.strip_prefix("alias/").is_some()) {
            (true, true) => KeyForm::AliasArn,
            (true, false) => KeyForm::Arn,
            (false, true) => KeyForm::Alias,
            (false, false) if text.as_known().is_some() || self.ids.contains_key(text) => KeyForm::Id,
            (false, false) => KeyForm::Unknown,
        };
        (form, self.declared(text))
    }

    /// The key with this ID or ARN.
    fn declared(&self, text: &Text) -> Option<usize> {
        let id = arn_resource(text).and_then(|rest| rest.strip_prefix("key/"));
        let all = std::iter::once(text).chain(&id).flat_map(|id| places(&self.ids, id));
        all.min().copied()
    }
}

/// What follows the account in an ARN.
fn arn_resource(text: &Text) -> Option<Text> {
    (0..4).try_fold(text.strip_prefix("arn:")?, |rest, _| Some(rest.split_once(':')?.1))
}
