//! Profiles: what the control account needs of every bucket.

mod read;

use crate::iam::resource::Scope;
use crate::iam::verdict;
use crate::syntax::fields::did_you_mean;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use read::{ACTION_KEYS, KEYS, NOTIFICATION_KEYS};

/// The profile taken where none is asked for.
pub const DEFAULT: &str = "quilt";

/// Every built-in profile: its name and the text it is read from.
const BUILTIN: [(&str, &str); 5] = [
    (DEFAULT, include_str!("../rules/profiles/quilt.yaml")),
    ("quilt-8", include_str!("../rules/profiles/quilt-8.yaml")),
    ("read-only-consumer", include_str!("../rules/profiles/read-only-consumer.yaml")),
    ("replication-destination", include_str!("../rules/profiles/replication-destination.yaml")),
    ("write-only-producer", include_str!("../rules/profiles/write-only-producer.yaml")),
];

/// The names of the built-in profiles.
pub fn names() -> [&'static str; BUILTIN.len()] {
    BUILTIN.map(|(name, _)| name)
}

/// The YAML text of the built-in profile called `name`.
pub fn builtin(name: &str) -> Option<&'static str> {
    BUILTIN.into_iter().find(|(known, _)| *known == name).map(|(_, text)| text)
}

/// Where a profile is to be had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProfileSource {
    /// Built in, under one of [`names`].
    Builtin(&'static str),
    /// A file of the user's.
    File(PathBuf),
}

impl ProfileSource {
    /// What `text` asks for: a built-in name, or else a file, relative to `dir`, if it has a `/` or ends in `.yaml` or `.yml`.
    pub fn find(text: &str, dir: &Path) -> Result<Self, String> {
        if let Some(name) = names().into_iter().find(|name| *name == text) {
            return Ok(Self::Builtin(name));
        }
        if text.contains(['/', '\\']) || text.ends_with(".yaml") || text.ends_with(".yml") {
            return Ok(Self::File(dir.join(text)));
        }
        Err(format!("unknown profile `{text}`{}", did_you_mean(text, &names())))
    }
}

/// What users of the control account need of a bucket and of what belongs to it. The keys of a profile file are told in
/// `rules/profiles/profile.schema.json`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Profile {
    /// What it is called: a built-in name or the file's path.
    pub name: String,
    /// What it is for, in a few words.
    pub title: String,
    /// The actions as IAM spells them, for example `s3:GetObject`, each once, in the order of the file.
    pub actions: Vec<String>,
    /// What the actions act on that state it.
    pub levels: BTreeMap<String, Scope>,
    /// Whom grants are to name.
    pub principal: PrincipalForm,
    /// Whether every object has to belong to the bucket's owner.
    pub owned: bool,
    /// Whether a trail has to log all object-level events.
    pub logged: bool,
    /// The actions needed on the key of a bucket that is encrypted with one, such as `kms:Decrypt`.
    pub kms: Vec<String>,
    /// The actions needed on the topic that the platform subscribes to, such as `sns:Subscribe`.
    pub topic: Vec<String>,
    /// Whether the platform puts a notification configuration of its own on the bucket.
    pub installs: bool,
    /// Whether it takes one that is there instead, if that sends every creation and removal to an SNS topic.
    pub reuses_topic: bool,
    /// Web addresses of the documents that ask for this.
    pub reference: Vec<String>,
}

/// Whom grants are to name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PrincipalForm {
    /// The whole control account.
    #[default]
    Account,
    /// A role of it will do.
    Role,
}

impl Profile {
    /// What `action` acts on: as the profile says, or else as AWS documents it.
    pub fn scope(&self, action: &str) -> Scope {
        self.levels.get(action).copied().unwrap_or_else(|| verdict::scope(action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::testing::tree;

    const QUILT: [&str; 9] = [
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:PutObject",
        "s3:GetBucketNotification",
        "s3:PutBucketNotification",
    ];

    fn read(name: &str) -> Profile {
        Profile::read(name, &tree(builtin(name).unwrap())).unwrap()
    }

    #[test]
    fn built_in_profiles_ask_for_what_is_documented() {
        assert_eq!(names(), ["quilt", "quilt-8", "read-only-consumer", "replication-destination", "write-only-producer"]);
        let quilt = read("quilt");
        assert_eq!(quilt.actions, QUILT);
        assert_eq!(quilt.title, "Quilt 5.0.x stacks");
        assert_eq!(quilt.reference[0], "https://docs.quilt.bio/version-5.0.x/advanced/crossaccount");
        let later = [
            "s3:GetObjectAttributes",
            "s3:GetObjectTagging",
            "s3:GetObjectVersionAttributes",
            "s3:GetObjectVersionTagging",
            "s3:PutObjectTagging",
        ];
        assert_eq!(read("quilt-8").actions, [&QUILT[..], &later[..]].concat());
        assert_eq!(quilt.topic, ["sns:GetTopicAttributes", "sns:Subscribe"]);
        assert_eq!(read("quilt-8").topic, ["sns:GetTopicAttributes", "sns:Subscribe", "sns:Unsubscribe"]);
        for name in ["quilt", "quilt-8"] {
            let read = read(name);
            assert_eq!(read.kms, ["kms:Decrypt", "kms:GenerateDataKey"]);
            assert!(read.owned && read.logged && read.installs && read.reuses_topic);
        }
        assert_eq!(builtin("quilt-9"), None);
    }

    #[test]
    fn not_only_one_platform_is_served() {
        let reader = read("read-only-consumer");
        assert_eq!(
            (reader.kms, reader.owned, reader.logged, reader.installs),
            (vec!["kms:Decrypt".to_owned()], true, false, false)
        );
        let writer = read("write-only-producer");
        assert_eq!(writer.kms, ["kms:Decrypt", "kms:GenerateDataKey"]);
        let replica = read("replication-destination");
        assert_eq!(
            (replica.principal, replica.owned, replica.kms.clone()),
            (PrincipalForm::Role, false, vec!["kms:Encrypt".to_owned()])
        );
        assert_eq!(replica.scope("s3:GetBucketVersioning"), Scope::Bucket);
        assert_eq!(replica.scope("s3:ReplicateObject"), Scope::Objects);
    }

    #[test]
    fn a_profile_is_named_or_a_file() {
        let find = |text: &str| ProfileSource::find(text, Path::new("conf"));
        assert_eq!(find("quilt-8"), Ok(ProfileSource::Builtin("quilt-8")));
        assert_eq!(find("mine.yaml"), Ok(ProfileSource::File("conf/mine.yaml".into())));
        assert_eq!(find("./quilt"), Ok(ProfileSource::File("conf/./quilt".into())));
        assert_eq!(find("qiult"), Err("unknown profile `qiult`; did you mean `quilt`?".into()));
        assert_eq!(find("other"), Err("unknown profile `other`; known are `quilt`, `quilt-8`, `read-only-consumer`, `replication-destination`, `write-only-producer`".into()));
    }
}
