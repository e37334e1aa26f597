//! Custom resources whose functions write what a bucket has.

use super::notification::Reader;
use super::{Destination, Inventory, Notification, Notifications, Policy, attached, in_text};
use crate::cfn::document::embedded;
use crate::cfn::resolve::Resolver;
use crate::cfn::template::{Resource, Template};
use crate::iam::document::Document;
use crate::iam::read;
use crate::resolve::{Followed, Plain, Resolve, Unknown};
use crate::syntax::embedded::parse_embedded;
use crate::syntax::node::Node;
use crate::text::Text;

impl Inventory {
    /// The Serverless Framework's `Custom::S3`, for events of buckets that are `existing`: its function puts the whole
    /// notification configuration. <https://www.serverless.com/framework/docs/providers/aws/events/s3>
    pub(super) fn existing_bucket(&mut self, template: &Template<'_>, resolver: &Resolver<'_>, resource: Resource<'_>) {
        let (Some(bucket), Some(configs)) = (resource.property("BucketName"), resource.property("BucketConfigs")) else { return };
        let (mut entries, mut unknown) = (Vec::new(), Vec::new());
        for config in resolver.list(configs) {
            match config {
                Followed::Node(config) => entries.push(Notification {
                    span: config.span,
                    kind: Destination::Function,
                    to: None,
                    events: config.get("Event").map(|event| resolver.texts(event).0).unwrap_or_default(),
                    filtered: config.get("Rules").is_some_and(|rules| !rules.items().is_empty()),
                    filter: None,
                }),
                Followed::Unknown(why) => unknown.push(why),
                Followed::Absent => {}
            }
        }
        let bucket = resolver.text(bucket);
        let doubts = resolver.doubts(&resource);
        self.notifications.push(Notifications { file: template.file, span: configs.span, bucket, entries, unknown, doubts });
    }

    /// CDK's `AwsCustomResource`, which calls an API with the JSON in `Create`; without that in `Update`:
    /// <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html>.
    /// A text that is not known may call anything, and is left alone.
    pub(super) fn api_call(&mut self, template: &Template<'_>, resolver: &Resolver<'_>, resource: Resource<'_>, source: &str) {
        let Some(text) = resource.property("Create").or_else(|| resource.property("Update")) else { return };
        let mut found = None;
        // a text that cannot be read calls nothing that is known
        let _ = embedded(text, resolver, source, &mut |root, resolve| found = called(root, resolve, source));
        let (file, doubts) = (template.file, resolver.doubts(&resource));
        match found {
            Some((bucket, Put::Notifications(read))) => {
                let (entries, unknown) = read;
                self.notifications.push(Notifications { file, span: text.span, bucket, entries, unknown, doubts });
            }
            Some((bucket, Put::Policy(document))) => {
                let (bucket, misnamed) = attached::to(bucket);
                self.policies.push(Policy {
                    file,
                    logical_id: Some(resource.id.text.clone()),
                    span: resource.id.span,
                    bucket: Some(bucket),
                    document,
                    text: in_text(text, resolver),
                    partition: resolver.partition(),
                    unparsed: false,
                    misnamed,
                    doubts,
                });
            }
            None => {}
        }
    }
}

/// What a call puts on a bucket.
enum Put {
    Notifications((Vec<Notification>, Vec<Unknown>)),
    Policy(Document),
}

/// The bucket that a call of the SDK is about, and what it puts there; `None` for other calls.
fn called(root: &Node, resolve: &dyn Resolve, source: &str) -> Option<(Text, Put)> {
    let word = |key: &str| Some(resolve.text(root.get(key)?).as_known()?.to_ascii_lowercase());
    // the name of the service, or of the package that calls it
    if !["s3", "@aws-sdk/client-s3"].contains(&word("service")?.as_str()) {
        return None;
    }
    let parameters = root.get("parameters")?;
    let bucket = resolve.text(parameters.get("Bucket")?);
    match word("action")?.trim_end_matches("command") {
        "putbucketnotificationconfiguration" => {
            let mut read = Reader::new(resolve);
            read.configuration(parameters.get("NotificationConfiguration")?);
            Some((bucket, Put::Notifications((read.entries, read.unknown))))
        }
        "putbucketpolicy" => {
            let policy = parameters.get("Policy")?;
            let text = resolve.text(policy);
            let known = text.as_known().map(|text| parse_embedded(&Node::string(policy.span, text), source));
            let document = match known.and_then(|parsed| parsed.root) {
                Some(root) => read::document(&root, &Plain),
                None => {
                    let why = "the text of the policy is not known".into();
                    Document { span: policy.span, unknown: vec![Unknown { at: policy.span, why }], ..Document::default() }
                }
            };
            Some((bucket, Put::Policy(document)))
        }
        _ => None,
    }
}
