//! How a trail's logs reach their bucket.

use super::followed_text;
use crate::cfn::resolve::Resolver;
use crate::cfn::template::Resource;
use crate::resolve::Resolve;
use crate::syntax::node::{Entry, Key, Node, Value};
use crate::text::Text;
use smol_str::SmolStr;

/// What a template says of the way a trail's logs are delivered.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudtrail-trail.html>
#[derive(Clone, Debug)]
pub struct Delivery {
    /// `S3KeyPrefix`, what stands in the bucket before `/AWSLogs/`.
    pub prefix: Option<Text>,
    /// Whether there is none unless a parameter that is empty by default is given a value.
    pub prefix_by_default: bool,
    /// `KMSKeyId`: the key its logs are encrypted with.
    pub key: Option<Text>,
    /// The account the trail is deployed in.
    pub account: Text,
    /// The logical IDs in `DependsOn`.
    pub depends_on: Vec<SmolStr>,
}

impl Delivery {
    pub(super) fn read(resolver: &Resolver<'_>, resource: Resource<'_>) -> Self {
        let span = resource.id.span;
        let own = Key { span, text: SmolStr::new_static("Ref") };
        let account = Node::new(span, Value::Map(vec![Entry { key: own, value: Node::string(span, "AWS::AccountId") }]));
        let text = |key: &str| {
            let value = resource.properties().and_then(|all| resolver.member(all, key));
            value.map(|value| followed_text(resolver, value)).filter(|text| text.as_known() != Some(""))
        };
        let depends_on = resource.node.get("DependsOn").map(Node::one_or_many).unwrap_or_default();
        let prefix = text("S3KeyPrefix");
        let name = prefix.as_ref().and_then(|text| text.as_symbol()?.shown.strip_prefix("${")?.strip_suffix('}'));
        Self {
            prefix_by_default: name.is_some_and(|name| resolver.is_empty_by_default(name)),
            prefix,
            key: text("KMSKeyId"),
            account: resolver.text(&account),
            depends_on: depends_on.iter().filter_map(Node::as_str).map(SmolStr::from).collect(),
        }
    }
}
