//! Facts about encryption: what each bucket encrypts with, and what the keys in the linted files allow.

use super::Scene;
use super::fact::{Fact, title};
use super::grant::{self, Grant};
use crate::finding::Label;
use crate::iam::document::{Document, FaultKind};
use crate::iam::kms::{self, KeyUse};
use crate::iam::resource::Target;
use crate::inventory::{Encryption, Key};
use crate::link::{KeyForm, LinkedBucket};
use crate::paste::{self, Style};
use crate::syntax::node::Node;
use crate::text::Text;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// The declared default encryption of a bucket.
fn declared<'a>(scene: &Scene<'a>, bucket: &LinkedBucket) -> Option<&'a Encryption> {
    scene.inventory.buckets[bucket.declared?].encryption.as_ref()
}

/// How a bucket's key is named, and its index where a linted file declares it; `None` where no KMS key encrypts for certain.
fn key_of(scene: &Scene<'_>, bucket: &LinkedBucket) -> Option<(KeyForm, Option<usize>)> {
    let encryption = declared(scene, bucket)?;
    match (encryption.algorithm.as_known(), &encryption.key) {
        (Some("aws:kms" | "aws:kms:dsse"), Some(key)) => Some(scene.index.keys.find(key, bucket.file)),
        // without a key S3 takes its own:
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html
        (Some("aws:kms" | "aws:kms:dsse"), None) => Some((KeyForm::Managed, None)),
        _ => None,
    }
}

/// The policy of the key that encrypts a bucket, where a linted file declares it.
pub(super) fn policy_of<'a>(scene: &Scene<'a>, bucket: &LinkedBucket) -> Option<&'a Document> {
    let (_, key) = key_of(scene, bucket)?;
    scene.inventory.keys[key?].policy.as_ref()
}

/// The declared keys, by their index, that `buckets` in scope encrypt with.
fn users<'b>(scene: &Scene<'_>, buckets: impl Iterator<Item = &'b LinkedBucket>) -> BTreeMap<usize, Vec<&'b LinkedBucket>> {
    let mut out: BTreeMap<usize, Vec<&LinkedBucket>> = BTreeMap::new();
    for bucket in buckets.filter(|bucket| bucket.in_scope) {
        if let Some((_, Some(key))) = key_of(scene, bucket) {
            out.entry(key).or_default().push(bucket);
        }
    }
    out
}

/// `$.key_principals`: one for each principal in the policy of a key of buckets in scope that cannot be one.
pub(super) fn principals_of_keys(scene: &Scene<'_>) -> Vec<Node> {
    let each = users(scene, scene.asked()).into_keys().flat_map(|at| {
        let key = &scene.inventory.keys[at];
        let faults = key.policy.iter().flat_map(|document| &document.faults);
        faults.filter(|fault| fault.kind == FaultKind::Principal).map(|fault| {
            let place = fault.statement.map(|number| format!("statement {number}: ")).unwrap_or_default();
            Fact::at(fault.span)
                .used(fault.used)
                .text("key", key.logical_id.as_str())
                .text("message", fault.message.as_str())
                .text("fix", fault.fix.as_str())
                .text("place", place)
                .node()
        })
    });
    each.collect()
}

/// `$.unusable_keys`: one for each declared key that S3 cannot use and buckets in scope encrypt with, at what makes it so.
pub(super) fn unusable(scene: &Scene<'_>) -> Vec<Node> {
    let each = users(scene, scene.asked()).into_iter().filter_map(|(at, buckets)| {
        let key = &scene.inventory.keys[at];
        let (value, why) = key.unusable.as_ref()?;
        let names: Vec<String> = buckets.iter().map(|bucket| title(&bucket.reference)).collect();
        let uses = |bucket: &&LinkedBucket| {
            let span = declared(scene, bucket).and_then(|one| one.key.as_ref()).map_or(bucket.span, |text| text.span);
            Label { span, message: grant::uses(&title(&bucket.reference)) }
        };
        let fact = Fact::at(value.span)
            .text("key", key.logical_id.as_str())
            .text("value", value.to_string())
            .text("why", *why)
            .text("buckets", names.join(", "))
            .related(buckets.iter().take(3).map(uses));
        Some(fact.node())
    });
    each.collect()
}

/// `$.encryption`: one for each bucket that declares a default encryption, at its key or else at its algorithm.
pub(super) fn encryption(scene: &Scene<'_>) -> Vec<Node> {
    let all = scene.asked().filter_map(|bucket| Some((bucket, declared(scene, bucket)?)));
    all.map(|(bucket, encryption)| encryption_fact(scene, bucket, encryption)).collect()
}

fn encryption_fact(scene: &Scene<'_>, bucket: &LinkedBucket, encryption: &Encryption) -> Node {
    let found = key_of(scene, bucket);
    let known = encryption.algorithm.as_known().unwrap_or("unknown");
    let place = encryption.key.as_ref().unwrap_or(&encryption.algorithm);
    let why = place.symbols().next().map(|symbol| symbol.why.clone());
    let fact = Fact::at(place.span)
        .bucket(bucket)
        .text("algorithm", known)
        .text("key_form", found.map_or("none", |(form, _)| form.word()))
        .flag("key_declared", found.is_some_and(|(_, key)| key.is_some()))
        .flag("required", !scene.profile.kms.is_empty() && !scene.requesters.is_empty())
        .maybe("key", encryption.key.as_ref().map(ToString::to_string))
        .maybe("reason", why);
    let style = Style::of(scene.sources.get(bucket.span.file));
    let statement = statement(&scene.profile.kms, &principals(scene, bucket));
    let fact = fact.text("statement", style.item(&statement, place.span));
    let Some((form, key)) = found else { return fact.node() };
    let arn = key_arn(encryption.key.as_ref(), form, key.map(|at| &scene.inventory.keys[at]), bucket);
    fact.text("paste", style.member("KMSMasterKeyID", &arn, place.span, 0)).node()
}

/// The `Principal` values of all control accounts: one alone, several as a list.
fn principals(scene: &Scene<'_>, bucket: &LinkedBucket) -> Json {
    let mut each: Vec<Json> =
        scene.requesters.iter().map(|one| json!(principal(&bucket.target.partition, &one.account))).collect();
    if each.len() == 1 { each.remove(0) } else { Json::Array(each) }
}

fn principal(partition: &str, account: &str) -> String {
    format!("arn:{partition}:iam::{account}:root")
}

/// The value to write in place of an ID or alias.
fn key_arn(text: Option<&Text>, form: KeyForm, key: Option<&Key>, bucket: &LinkedBucket) -> Json {
    let id = text.and_then(Text::as_known).filter(|_| form == KeyForm::Id);
    match (key, id) {
        (Some(key), _) if key.file == bucket.file => json!({ "Fn::GetAtt": [key.logical_id.as_str(), "Arn"] }),
        (_, Some(id)) => {
            json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:kms:${{AWS::Region}}:${{AWS::AccountId}}:key/{id}") })
        }
        _ => json!(format!("arn:{}:kms:REGION:ACCOUNT-ID:key/KEY-ID", bucket.target.partition)),
    }
}

/// A statement of a key policy, in which `*` is the key itself:
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html>.
fn statement(actions: &[String], principal: &Json) -> Json {
    json!({
        "Sid": "CrossAccountUse",
        "Effect": "Allow",
        "Principal": { "AWS": principal },
        "Action": actions,
        "Resource": "*",
    })
}

/// `$.keys`: what each declared key's policy allows each control account, for the buckets in scope that it encrypts.
pub(super) fn keys(scene: &Scene<'_>) -> Vec<Node> {
    let actions = &scene.profile.kms;
    let mut out = Vec::new();
    let asked = |(_, key): &(usize, &Key)| !actions.is_empty() && scene.asks(key.file);
    let users = users(scene, scene.buckets.iter());
    for (at, key) in scene.inventory.keys.iter().enumerate().filter(asked) {
        let Some(users) = users.get(&at) else { continue };
        for requester in scene.requesters {
            let documents: Vec<_> = key.policy.iter().collect();
            let decide = |bucket: &&'_ LinkedBucket| {
                let target = Target { name: key.arn.clone(), partition: bucket.target.partition.clone() };
                let encryption = declared(scene, bucket);
                let bucket_key = encryption.and_then(|encryption| encryption.bucket_key);
                let given = KeyUse { policies: &documents, key: &target, bucket: &bucket.target, bucket_key, requester };
                kms::decide(&given, actions)
            };
            let at = |bucket: &LinkedBucket| {
                declared(scene, bucket).and_then(|one| one.key.as_ref()).map_or(bucket.span, |text| text.span)
            };
            let decisions = users
                .iter()
                .flat_map(|bucket| decide(bucket).into_iter().map(|decision| (title(&bucket.reference), at(bucket), decision)))
                .collect();
            let partition = &users[0].target.partition;
            let grant = Grant {
                home: key.span,
                told: grant::uses,
                sources: scene.sources,
                style: Style::of(
                    scene.sources.get(key.policy.as_ref().and_then(|policy| policy.statement_span).unwrap_or(key.span).file),
                ),
                documents: documents.clone(),
                unparsed: key.unparsed,
                principal: principal(partition, &requester.account),
                decisions,
            };
            let facts = grant.facts(
                |fact| {
                    let fact = fact.text("account", requester.account.as_str()).text("key", key.logical_id.as_str());
                    fact.flag("shared", users.iter().any(|bucket| bucket.shared))
                },
                |actions| statement(actions, &json!(grant.principal)),
                |needed| ("the properties of the key", whole(&grant.style, key, needed)),
            );
            out.extend(facts.into_iter().map(Fact::node));
        }
    }
    out
}

/// A key policy for a key that has none: the default one, and what is needed.
pub(super) fn whole(style: &Style<'_>, key: &Key, needed: &Json) -> String {
    let own = json!({
        "Effect": "Allow",
        "Principal": { "AWS": { "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" } },
        "Action": "kms:*",
        "Resource": "*",
    });
    style.added("KeyPolicy", &paste::document(vec![own, needed.clone()]), key.span, 2)
}
