//! Profiles: which S3 actions the control account needs on every bucket.

use crate::syntax::fields::{Complaint, Fields, did_you_mean};
use crate::syntax::node::Node;
use std::path::{Path, PathBuf};

/// The profile taken where none is asked for.
pub const DEFAULT: &str = "quilt";

/// Every built-in profile: its name and the text it is read from.
const BUILTIN: [(&str, &str); 2] =
    [(DEFAULT, include_str!("../rules/profiles/quilt.yaml")), ("quilt-8", include_str!("../rules/profiles/quilt-8.yaml"))];

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

/// The S3 actions that users of the control account need.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Profile {
    /// What it is called: a built-in name or the file's path.
    pub name: String,
    /// What it is for, in a few words.
    pub title: String,
    /// The actions as IAM spells them, for example `s3:GetObject`, each once, in the order of the file.
    pub actions: Vec<String>,
    /// Web addresses of the documents that ask for these actions.
    pub reference: Vec<String>,
}

impl Profile {
    /// Reads the profile called `name` from its tree.
    pub fn read(name: &str, node: &Node) -> Result<Self, Vec<Complaint>> {
        let mut out = Vec::new();
        let read = Fields::of(node, "a profile", &["title", "reference", "actions"], &mut out).map(|fields| Self {
            name: name.to_owned(),
            title: fields.need_text("title", &mut out).unwrap_or_default().to_owned(),
            actions: actions(fields, &mut out),
            reference: fields.texts("reference", &mut out).into_iter().map(|(_, text)| text.to_owned()).collect(),
        });
        match read {
            Some(profile) if out.is_empty() => Ok(profile),
            _ => {
                out.sort();
                Err(out)
            }
        }
    }
}

fn actions(fields: Fields<'_>, out: &mut Vec<Complaint>) -> Vec<String> {
    let Some(node) = fields.need("actions", out) else { return Vec::new() };
    if node.one_or_many().is_empty() {
        out.push(Complaint::new(node.span, "`actions` is empty; list at least one, such as `s3:GetObject`"));
    }
    let mut actions: Vec<String> = Vec::new();
    for (item, action) in fields.texts("actions", out) {
        match fault(action, &actions) {
            Some(message) => out.push(Complaint::new(item.span, message)),
            None => actions.push(action.to_owned()),
        }
    }
    actions
}

/// What is wrong with `action`, listed after `earlier` ones.
fn fault(action: &str, earlier: &[String]) -> Option<String> {
    let Some(name) = action.strip_prefix("s3:") else {
        return Some(format!("`{action}` is not an S3 action; those are written `s3:GetObject`"));
    };
    if name.contains(['*', '?']) {
        return Some(format!("`{action}` has a wildcard; list each action by its name"));
    }
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Some(format!("`{action}` is not the name of an action"));
    }
    // action names are case-insensitive: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    let twice = earlier.iter().any(|known| known.eq_ignore_ascii_case(action));
    twice.then(|| format!("`{action}` is listed twice"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::testing::{marked, tree};

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
        assert_eq!(names(), ["quilt", "quilt-8"]);
        let quilt = read("quilt");
        assert_eq!(quilt.actions, QUILT);
        assert_eq!(quilt.title, "Quilt 5.0.x stacks");
        assert_eq!(quilt.reference, ["https://docs.quilt.bio/version-5.0.x/advanced/crossaccount"]);
        let later = [
            "s3:GetObjectAttributes",
            "s3:GetObjectTagging",
            "s3:GetObjectVersionAttributes",
            "s3:GetObjectVersionTagging",
            "s3:PutObjectTagging",
        ];
        assert_eq!(read("quilt-8").actions, [&QUILT[..], &later[..]].concat());
        assert_eq!(builtin("quilt-9"), None);
    }

    #[test]
    fn a_profile_is_named_or_a_file() {
        let find = |text: &str| ProfileSource::find(text, Path::new("conf"));
        assert_eq!(find("quilt-8"), Ok(ProfileSource::Builtin("quilt-8")));
        assert_eq!(find("mine.yaml"), Ok(ProfileSource::File("conf/mine.yaml".into())));
        assert_eq!(find("./quilt"), Ok(ProfileSource::File("conf/./quilt".into())));
        assert_eq!(find("qiult"), Err("unknown profile `qiult`; did you mean `quilt`?".into()));
        assert_eq!(find("other"), Err("unknown profile `other`; known are `quilt`, `quilt-8`".into()));
    }

    #[test]
    fn every_mistake_is_told_where_it_stands() {
        let said = |text: &str| marked(text, &Profile::read("mine", &tree(text)).unwrap_err());
        assert_eq!(
            said(
                "action: [x]\nactions:\n- s3:GetObject\n- s3:Get*\n- sns:Publish\n- s3:getobject\n- s3:Get Object\n- [a]\nreference: 1\n"
            ),
            [
                "action: `title` is missing",
                "action: unknown key `action`; did you mean `actions`?",
                "s3:Get*: `s3:Get*` has a wildcard; list each action by its name",
                "sns:Publish: `sns:Publish` is not an S3 action; those are written `s3:GetObject`",
                "s3:getobject: `s3:getobject` is listed twice",
                "s3:Get Object: `s3:Get Object` is not the name of an action",
                "[a]: an item of `actions` should be a string, not a list",
                "1: an item of `reference` should be a string, not a number",
            ]
        );
        assert_eq!(said("title: t\nactions: []\n"), ["[]: `actions` is empty; list at least one, such as `s3:GetObject`"]);
        assert_eq!(said("title: t\n"), ["title: `actions` is missing"]);
        assert_eq!(said("- s3:GetObject\n"), ["- s3:GetObject: a profile should be a mapping, not a list"]);
    }
}
