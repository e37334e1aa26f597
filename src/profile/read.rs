//! Reading a profile file. `rules/profiles/profile.schema.json` says the same for editors, and a test keeps them alike.

use super::{PrincipalForm, Profile};
use crate::iam::action::{self, Level};
use crate::iam::resource::Scope;
use crate::syntax::fields::{Complaint, Fields, did_you_mean, text};
use crate::syntax::node::Node;
use std::collections::BTreeMap;

/// The keys of a profile.
pub const KEYS: [&str; 9] = ["title", "reference", "actions", "principal", "ownership", "trail", "kms", "topic", "notifications"];
/// The keys of an action that says what it acts on.
pub const ACTION_KEYS: [&str; 2] = ["action", "level"];
/// The keys of `notifications`.
pub const NOTIFICATION_KEYS: [&str; 2] = ["installs", "reuses"];

impl Profile {
    /// Reads the profile called `name` from its tree.
    pub fn read(name: &str, node: &Node) -> Result<Self, Vec<Complaint>> {
        let mut out = Vec::new();
        let read = Fields::of(node, "a profile", &KEYS, &mut out).map(|fields| profile(name, fields, &mut out));
        match read {
            Some(profile) if out.is_empty() => Ok(profile),
            _ => {
                out.sort();
                Err(out)
            }
        }
    }
}

fn profile(name: &str, fields: Fields<'_>, out: &mut Vec<Complaint>) -> Profile {
    let (actions, levels) = actions(fields, out);
    let principal = word(fields, "principal", &["account", "role"], out);
    let (installs, reuses_topic) = notifications(fields, out);
    Profile {
        name: name.to_owned(),
        title: fields.need_text("title", out).unwrap_or_default().to_owned(),
        principal: if principal == Some("role") { PrincipalForm::Role } else { PrincipalForm::Account },
        owned: word(fields, "ownership", &["enforced", "any"], out) != Some("any"),
        logged: word(fields, "trail", &["data-events", "none"], out) != Some("none"),
        kms: listed(fields, "kms", "kms", out).unwrap_or_else(|| kms(&actions)),
        topic: listed(fields, "topic", "sns", out).unwrap_or_default(),
        installs,
        reuses_topic,
        reference: fields.texts("reference", out).into_iter().map(|(_, text)| text.to_owned()).collect(),
        actions,
        levels,
    }
}

/// One of a few words.
fn word<'n>(fields: Fields<'n>, key: &str, words: &[&str], out: &mut Vec<Complaint>) -> Option<&'n str> {
    let node = fields.get(key)?;
    let found = text(key, node, out)?;
    if words.contains(&found) {
        return Some(found);
    }
    out.push(Complaint::new(node.span, format!("`{key}` is `{found}`{}", did_you_mean(found, words))));
    None
}

fn actions(fields: Fields<'_>, out: &mut Vec<Complaint>) -> (Vec<String>, BTreeMap<String, Scope>) {
    let (mut actions, mut levels) = (Vec::new(), BTreeMap::new());
    let Some(node) = fields.need("actions", out) else { return (actions, levels) };
    if node.one_or_many().is_empty() {
        out.push(Complaint::new(node.span, "`actions` is empty; list at least one, such as `s3:GetObject`"));
    }
    for item in node.one_or_many() {
        let Some((at, name, level)) = action(item, out) else { continue };
        match fault("s3", name, &actions) {
            Some(message) => out.push(Complaint::new(at.span, message)),
            None => {
                levels.extend(level.and_then(|level| leveled(name, level, out)));
                actions.push(name.to_owned());
            }
        }
    }
    (actions, levels)
}

/// An action, alone or with its level: the node of its name, the name, the node of the level.
fn action<'n>(item: &'n Node, out: &mut Vec<Complaint>) -> Option<(&'n Node, &'n str, Option<&'n Node>)> {
    if !item.is_map() {
        if item.as_str().is_none() {
            let message = format!("an item of `actions` should be a string or a mapping, not {}", item.kind());
            out.push(Complaint::new(item.span, message));
        }
        return Some((item, item.as_str()?, None));
    }
    let fields = Fields::of(item, "an action", &ACTION_KEYS, out)?;
    let name = fields.need_text("action", out)?;
    word(fields, "level", &["bucket", "object"], out);
    Some((fields.get("action")?, name, fields.get("level")))
}

/// What an action acts on, unless AWS documents it otherwise.
fn leveled(name: &str, level: &Node, out: &mut Vec<Complaint>) -> Option<(String, Scope)> {
    let (scope, stated) = match level.as_str()? {
        "bucket" => (Scope::Bucket, Level::Bucket),
        "object" => (Scope::Objects, Level::Object),
        _ => return None,
    };
    let known = name.strip_prefix("s3:").and_then(action::find).map(|known| known.level);
    let other = match known {
        Some(Level::Bucket) if stated != Level::Bucket => "the bucket",
        Some(Level::Object) if stated != Level::Object => "objects",
        _ => return Some((name.to_owned(), scope)),
    };
    out.push(Complaint::new(level.span, format!("`{name}` acts on {other}")));
    None
}

/// The actions under `key`, each of `service`; `None` where the key is not there.
fn listed(fields: Fields<'_>, key: &str, service: &str, out: &mut Vec<Complaint>) -> Option<Vec<String>> {
    fields.get(key)?;
    let mut actions = Vec::new();
    for (item, name) in fields.texts(key, out) {
        match fault(service, name, &actions) {
            Some(message) => out.push(Complaint::new(item.span, message)),
            None => actions.push(name.to_owned()),
        }
    }
    Some(actions)
}

/// What objects encrypted with a key need where a profile does not say: reading them Decrypt; writing them GenerateDataKey,
/// and Decrypt too where they are uploaded in parts.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions>
fn kms(actions: &[String]) -> Vec<String> {
    let any = |names: &[&str]| actions.iter().any(|action| names.iter().any(|name| name.eq_ignore_ascii_case(action)));
    let writes = any(&["s3:PutObject"]);
    let reads = writes || any(&["s3:GetObject", "s3:GetObjectVersion"]);
    let wanted = [("kms:Decrypt", reads), ("kms:GenerateDataKey", writes)];
    wanted.into_iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name.to_owned()).collect()
}

/// Whether the platform installs a configuration of its own, and whether it takes one with a topic instead.
fn notifications(fields: Fields<'_>, out: &mut Vec<Complaint>) -> (bool, bool) {
    let inner = fields.get("notifications").and_then(|node| Fields::of(node, "`notifications`", &NOTIFICATION_KEYS, out));
    let Some(inner) = inner else { return (false, false) };
    (inner.flag("installs", out).unwrap_or(false), word(inner, "reuses", &["sns", "none"], out) == Some("sns"))
}

/// What is wrong with `action`, listed after `earlier` ones.
fn fault(service: &str, action: &str, earlier: &[String]) -> Option<String> {
    let Some(name) = action.strip_prefix(service).and_then(|rest| rest.strip_prefix(':')) else {
        let (what, example) = match service {
            "kms" => ("a KMS", "kms:Decrypt"),
            "sns" => ("an SNS", "sns:Subscribe"),
            _ => ("an S3", "s3:GetObject"),
        };
        return Some(format!("`{action}` is not {what} action; those are written `{example}`"));
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

    fn said(text: &str) -> Vec<String> {
        marked(text, &Profile::read("mine", &tree(text)).unwrap_err())
    }

    #[test]
    fn every_mistake_is_told_where_it_stands() {
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
                "[a]: an item of `actions` should be a string or a mapping, not a list",
                "1: an item of `reference` should be a string, not a number",
            ]
        );
        assert_eq!(said("title: t\nactions: []\n"), ["[]: `actions` is empty; list at least one, such as `s3:GetObject`"]);
        assert_eq!(said("title: t\n"), ["title: `actions` is missing"]);
        assert_eq!(said("- s3:GetObject\n"), ["- s3:GetObject: a profile should be a mapping, not a list"]);
        assert_eq!(
            said(
                "title: t\nactions:\n- {action: s3:GetObject, level: bucket}\n- {action: s3:New, level: key}\n- {level: object}\nprincipal: roles\n\
                 ownership: 1\ntrail: x\nkms: [sns:Subscribe]\ntopic: Subscribe\nnotifications: {installs: 'yes', reuses: sqs, and: 1}\n"
            ),
            [
                "bucket: `s3:GetObject` acts on objects",
                "key: `level` is `key`; known are `bucket`, `object`",
                "level: `action` is missing",
                "roles: `principal` is `roles`; did you mean `role`?",
                "1: `ownership` should be a string, not a number",
                "x: `trail` is `x`; known are `data-events`, `none`",
                "sns:Subscribe: `sns:Subscribe` is not a KMS action; those are written `kms:Decrypt`",
                "Subscribe: `Subscribe` is not an SNS action; those are written `sns:Subscribe`",
                "'yes': `installs` should be true or false, not a string",
                "sqs: `reuses` is `sqs`; did you mean `sns`?",
                "and: unknown key `and`; known are `installs`, `reuses`",
            ]
        );
    }

    #[test]
    fn what_is_not_said_is_taken_as_strict() {
        let read = |text: &str| Profile::read("mine", &tree(text)).unwrap();
        let least = read("title: t\nactions: s3:GetObject\n");
        assert_eq!((least.principal, least.owned, least.logged), (PrincipalForm::Account, true, true));
        assert_eq!(
            (least.kms, least.topic, least.installs, least.reuses_topic),
            (vec!["kms:Decrypt".into()], vec![], false, false)
        );
        assert_eq!(read("title: t\nactions: s3:PutObject\n").kms, ["kms:Decrypt", "kms:GenerateDataKey"]);
        assert_eq!(read("title: t\nactions: s3:ListBucket\n").kms, [""; 0]);
        let all = read(
            "title: t\nactions:\n- {action: s3:Future, level: bucket}\nprincipal: role\nownership: any\ntrail: none\nkms: []\n\
             topic: [sns:Subscribe]\nnotifications: {installs: true, reuses: sns}\n",
        );
        assert_eq!(
            (all.scope("s3:Future"), all.principal, all.owned, all.logged),
            (Scope::Bucket, PrincipalForm::Role, false, false)
        );
        assert_eq!((all.kms.len(), all.topic.len(), all.installs, all.reuses_topic), (0, 1, true, true));
    }
}
