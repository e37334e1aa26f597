//! A trail, whose arguments are those of the API by other names.

use super::{Delivery, FoundTrail, Resource};
use crate::resolve::{Plain, Resolve};
use crate::syntax::node::{Entry, Key, Node, Value};
use crate::text::Text;
use crate::trail::selector::Trail;
use smol_str::SmolStr;

/// The names of the API that are not made of their words alone.
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudtrail>
const NAMES: [(&str, &str); 8] = [
    ("enable_logging", "IsLogging"),
    ("event_selector", "EventSelectors"),
    ("advanced_event_selector", "AdvancedEventSelectors"),
    ("data_resource", "DataResources"),
    ("field_selector", "FieldSelectors"),
    ("s3_bucket_name", "S3BucketName"),
    ("s3_key_prefix", "S3KeyPrefix"),
    ("kms_key_id", "KMSKeyId"),
];

/// The trail that a resource declares.
pub(super) fn read(resource: Resource<'_>) -> FoundTrail {
    let span = resource.span();
    let mut properties = renamed(resource.node.get("body").unwrap_or(resource.node));
    if let Value::Map(entries) = &mut properties.value
        && !entries.iter().any(|entry| entry.key.text == "IsLogging")
    {
        // on, unless it is said to be off
        let key = Key { span, text: SmolStr::new_static("IsLogging") };
        entries.push(Entry { key, value: Node::new(span, Value::Bool(true)) });
    }
    let text = |name: &str| resource.text(name).filter(|text| text.as_known() != Some(""));
    let depends_on = resource.argument("depends_on").map(Node::items).unwrap_or_default();
    let delivery = Delivery {
        prefix: text("s3_key_prefix"),
        prefix_by_default: false,
        key: text("kms_key_id"),
        account: account(resource),
        depends_on: depends_on.iter().filter_map(Node::as_str).map(SmolStr::from).collect(),
    };
    FoundTrail {
        file: resource.file,
        logical_id: Some(resource.address()),
        trail: Trail::of_resource(resource.own("name"), span, &properties, &Plain),
        delivery: Some(delivery),
        place: resource.place(),
        doubts: resource.doubts(),
    }
}

fn account(resource: Resource<'_>) -> Text {
    let account = resource.node.get("account").map(|node| Plain.text(node));
    account.unwrap_or_default().at(resource.span())
}

/// Members by the names that CloudFormation and the API have for them.
fn renamed(node: &Node) -> Node {
    let value = match &node.value {
        Value::Seq(items) => Value::Seq(items.iter().map(renamed).collect()),
        Value::Map(entries) => Value::Map(entries.iter().map(entry).collect()),
        other => other.clone(),
    };
    Node::new(node.span, value)
}

fn entry(entry: &Entry) -> Entry {
    let known = NAMES.iter().find(|(name, _)| *name == entry.key.text);
    let text = known.map_or_else(|| pascal(&entry.key.text), |(_, name)| SmolStr::new_static(name));
    Entry { key: Key { span: entry.key.span, text }, value: renamed(&entry.value) }
}

fn pascal(name: &str) -> SmolStr {
    let word = |word: &str| word.chars().next().map(|first| first.to_uppercase().to_string() + &word[first.len_utf8()..]);
    name.split('_').filter_map(word).collect::<String>().into()
}
