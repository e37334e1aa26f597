//! What the transform `AWS::Serverless-2016-10-31` makes that matters for buckets.
//!
//! It makes no bucket, no bucket policy, no trail and no key; `Globals` has nothing that concerns one, and a connector
//! to a bucket gives identity policies only. An S3 event of a function edits the bucket it names:
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-s3.html>

use super::resolve::Resolver;
use super::template::{Resource, Template};
use bucketlint_text::resolve::{Followed, Resolve};
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::Node;
use bucketlint_text::text::Text;
use smol_str::SmolStr;

/// An S3 event of a function, which becomes a member of `NotificationConfiguration.LambdaConfigurations` of its bucket.
#[derive(Clone, Debug)]
pub struct BucketEvent {
    /// The function's logical ID.
    pub function: SmolStr,
    /// The bucket's name.
    pub bucket: Text,
    /// The key of the event.
    pub span: Span,
}

/// The S3 events of the functions in `template`, in source order. Those whose type or properties are not known are
/// left out.
pub fn bucket_events(template: &Template<'_>, resolver: &Resolver<'_>) -> Vec<BucketEvent> {
    let mut out = Vec::new();
    for function in template.of_type("AWS::Serverless::Function").filter(|function| resolver.is_there(function.node)) {
        let events = function.properties().and_then(|properties| resolver.member(properties, "Events"));
        let Some(Followed::Node(events)) = events else { continue };
        for event in events.entries() {
            let Followed::Node(node) = resolver.follow(&event.value) else { continue };
            if node.get("Type").and_then(Node::as_str) != Some("S3") {
                continue;
            }
            if let Some(bucket) = node.path(&["Properties", "Bucket"]) {
                let bucket = resolver.text(bucket);
                out.push(BucketEvent { function: function.id.text.clone(), bucket, span: event.key.span });
            }
        }
    }
    out
}

/// The function or state machine for which the transform makes a role called `id`, as it has none given.
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html>
pub fn role_maker<'n>(template: &Template<'n>, id: &str) -> Option<Resource<'n>> {
    let maker = template.resource(id.strip_suffix("Role")?)?;
    let (given, globals) = match maker.kind()? {
        "AWS::Serverless::Function" => ("Role", "Function"),
        "AWS::Serverless::WebFunction" => ("ExecutionRoleArn", "WebFunction"),
        "AWS::Serverless::StateMachine" => ("Role", "StateMachine"),
        _ => return None,
    };
    let everywhere = template.member("Globals", globals).and_then(|globals| globals.get(given));
    (maker.property(given).is_none() && everywhere.is_none()).then_some(maker)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::resolve::Exports;
    use bucketlint_text::source::FileId;
    use bucketlint_text::syntax::testing::tree;

    #[test]
    fn roles_are_made_where_none_is_given() {
        let root = tree(
            "
Globals: {StateMachine: {Role: x}}
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {}}
  B: {Type: AWS::Serverless::Function, Properties: {Role: x}}
  C: {Type: AWS::Serverless::WebFunction}
  D: {Type: AWS::Lambda::Function}
  E: {Type: AWS::Serverless::StateMachine}
",
        );
        let template = Template { file: FileId(0), path: "t", root: &root };
        let made = ["A", "ARole", "BRole", "CRole", "DRole", "ERole", "FRole", "Role"];
        let made: Vec<&str> = made.into_iter().filter(|id| role_maker(&template, id).is_some()).collect();
        assert_eq!(made, ["ARole", "CRole"]);
    }

    #[test]
    fn events_name_their_buckets() {
        let text = "
Resources:
  Data: {Type: AWS::S3::Bucket, Properties: {BucketName: lab-data}}
  Index:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Uploaded: {Type: S3, Properties: {Bucket: !Ref Data, Events: 's3:ObjectCreated:*'}}
        Daily: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
        Gone: !If [Nowhere, {Type: S3}, {Type: S3}]
  Bare: {Type: AWS::Serverless::Function}
";
        let root = tree(text);
        let template = Template { file: FileId(0), path: "t", root: &root };
        let exports = Exports::new();
        let found = bucket_events(&template, &Resolver::new(template, &exports));
        let told: Vec<_> = found.iter().map(|event| (event.function.as_str(), event.bucket.as_known())).collect();
        assert_eq!(told, [("Index", Some("lab-data"))]);
        assert_eq!(&text[found[0].span.range()], "Uploaded");
    }
}
