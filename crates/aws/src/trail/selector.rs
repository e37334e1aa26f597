//! Trails and their event selectors, basic and advanced, read from a tree.
//!
//! Keys are those of `AWS::CloudTrail::Trail` and of `aws cloudtrail get-event-selectors`; a lower-case first letter,
//! as in CloudTrail's own logs and the console, is taken too.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudtrail-trail.html>

use bucketlint_text::resolve::Resolve;
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::{Entry, Node};
use bucketlint_text::text::Text;
use smol_str::SmolStr;

/// A yes or no that may not be known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ternary {
    /// Yes, said here.
    Yes(Span),
    /// No, said here, or left out where that means no.
    No(Span),
    /// Not known.
    Unknown {
        /// Why, as the end of a sentence.
        why: String,
        /// Where.
        at: Span,
    },
}

/// One trail.
#[derive(Clone, Debug)]
pub struct Trail {
    /// What to call it in messages.
    pub name: Text,
    /// Where it is declared.
    pub span: Span,
    /// `IsLogging`, which CloudFormation requires; a trail that is not logging records nothing.
    pub logging: Ternary,
    /// `IsMultiRegionTrail`, no by default.
    pub multi_region: Ternary,
    /// `IsOrganizationTrail`, no by default: such a trail is one in every account of the organization.
    pub organization: Ternary,
    /// What it is told to log.
    pub selectors: Selectors,
    /// `S3BucketName`: where the logs go.
    pub log_bucket: Option<Text>,
}

impl Trail {
    /// What to call it in a sentence: its logical ID where its name is not known.
    pub fn title(&self) -> String {
        let shown = self.name.to_string();
        let id = self.name.as_symbol().and_then(|_| shown.strip_prefix("${")?.strip_suffix('}'));
        id.unwrap_or(&shown).to_owned()
    }
}

/// A trail's selectors. CloudTrail takes one kind only; both are kept, so that having both can be reported.
#[derive(Clone, Debug, Default)]
pub struct Selectors {
    /// `EventSelectors`.
    pub basic: Vec<BasicSelector>,
    /// `AdvancedEventSelectors`.
    pub advanced: Vec<AdvancedSelector>,
}

impl Selectors {
    /// Every value in them.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        let data = self.basic.iter().flat_map(|one| &one.data);
        let fields = self.advanced.iter().flat_map(|one| &one.fields);
        let named = self.basic.iter().filter_map(|one| one.read_write.as_ref());
        let named = named.chain(data.clone().filter_map(|data| data.kind.as_ref()));
        let named = named.chain(fields.clone().filter_map(|field| field.field.as_ref()));
        let tested = fields.flat_map(|field| &field.conditions).flat_map(|condition| &condition.values);
        named.chain(data.flat_map(|data| &data.values)).chain(tested)
    }
}

/// One of `EventSelectors`.
#[derive(Clone, Debug)]
pub struct BasicSelector {
    /// The whole selector.
    pub span: Span,
    /// `ReadWriteType`: `All` where it is left out.
    pub read_write: Option<Text>,
    /// `IncludeManagementEvents`: yes where it is left out.
    pub management: Ternary,
    /// `DataResources`.
    pub data: Vec<DataResource>,
}

/// One of `DataResources`.
#[derive(Clone, Debug)]
pub struct DataResource {
    /// The whole entry.
    pub span: Span,
    /// `Type`, such as `AWS::S3::Object`.
    pub kind: Option<Text>,
    /// `Values`: for S3, beginnings of object ARNs.
    pub values: Vec<Text>,
    /// Where they are written, if they are.
    pub values_span: Option<Span>,
}

/// One of `AdvancedEventSelectors`: logs events that pass all its field selectors.
#[derive(Clone, Debug)]
pub struct AdvancedSelector {
    /// The whole selector.
    pub span: Span,
    /// `Name`, free text.
    pub name: Option<Text>,
    /// `FieldSelectors`.
    pub fields: Vec<FieldSelector>,
}

/// One of `FieldSelectors`: passes events that meet all its negated conditions and one of the others, if it has any.
#[derive(Clone, Debug)]
pub struct FieldSelector {
    /// The whole field selector.
    pub span: Span,
    /// `Field`, such as `resources.ARN`.
    pub field: Option<Text>,
    /// Its operators with their values.
    pub conditions: Vec<Condition>,
}

/// An operator with its values, of which any may match (for a negated operator, none).
#[derive(Clone, Debug)]
pub struct Condition {
    /// The operator's key.
    pub span: Span,
    /// That and the values.
    pub whole: Span,
    /// The operator as written.
    pub written: SmolStr,
    /// What it means, if there is such an operator.
    pub operator: Option<Operator>,
    /// The values.
    pub values: Vec<Text>,
}

/// How a value is compared with an event's field. There are no wildcards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Test {
    /// The whole field.
    Equals,
    /// Its beginning.
    StartsWith,
    /// Its end.
    EndsWith,
}

/// A [`Test`] or its opposite.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operator {
    /// The comparison.
    pub test: Test,
    /// Whether no value may pass it.
    pub negated: bool,
}

/// Every operator with its key.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html>
pub const OPERATORS: [(&str, Operator); 6] = [
    ("Equals", Operator { test: Test::Equals, negated: false }),
    ("StartsWith", Operator { test: Test::StartsWith, negated: false }),
    ("EndsWith", Operator { test: Test::EndsWith, negated: false }),
    ("NotEquals", Operator { test: Test::Equals, negated: true }),
    ("NotStartsWith", Operator { test: Test::StartsWith, negated: true }),
    ("NotEndsWith", Operator { test: Test::EndsWith, negated: true }),
];

impl Trail {
    /// The trail declared by the properties of an `AWS::CloudTrail::Trail`.
    pub fn of_resource(name: Text, span: Span, properties: &Node, resolve: &dyn Resolve) -> Self {
        let missing = Ternary::Unknown { why: "`IsLogging`, which CloudFormation requires, is missing".into(), at: span };
        Self {
            name,
            span,
            logging: ternary(get(properties, "IsLogging"), missing, resolve),
            multi_region: ternary(get(properties, "IsMultiRegionTrail"), Ternary::No(span), resolve),
            organization: ternary(get(properties, "IsOrganizationTrail"), Ternary::No(span), resolve),
            selectors: Selectors::of(properties, resolve),
            log_bucket: text(properties, "S3BucketName", resolve),
        }
    }

    /// The trail in the output of `aws cloudtrail get-event-selectors`, which does not tell whether it is logging.
    pub fn of_output(output: &Node, logging: Ternary, resolve: &dyn Resolve) -> Option<Self> {
        let name = text(output, "TrailARN", resolve)?;
        let untold = |what: &str| {
            let why = format!("`get-event-selectors` does not tell whether the trail is for {what}");
            Ternary::Unknown { why, at: name.span }
        };
        let (multi_region, organization) = (untold("all Regions"), untold("an organization"));
        let selectors = Selectors::of(output, resolve);
        Some(Self { name, span: output.span, logging, multi_region, organization, selectors, log_bucket: None })
    }
}

impl Selectors {
    /// Whether one of them is for data events of S3, as far as is known.
    pub fn may_log_objects(&self) -> bool {
        let may = |text: &Text, wanted: &dyn Fn(&str) -> bool| text.as_known().is_none_or(wanted);
        let of_s3 = |kind: &str| kind.starts_with("AWS::S3::");
        let basic = self.basic.iter().flat_map(|selector| &selector.data);
        let advanced = |selector: &AdvancedSelector| {
            let values = |name: &'static str| {
                let named = move |one: &&FieldSelector| one.field.as_ref().and_then(Text::as_known) == Some(name);
                selector.fields.iter().filter(named).flat_map(|one| &one.conditions).flat_map(|one| &one.values)
            };
            let mut kinds = values("resources.type").peekable();
            values("eventCategory").all(|category| may(category, &|category| category == "Data"))
                && (kinds.peek().is_none() || kinds.any(|kind| may(kind, &of_s3)))
        };
        basic.into_iter().any(|resource| resource.kind.as_ref().is_none_or(|kind| may(kind, &of_s3)))
            || self.advanced.iter().any(advanced)
    }

    /// From the first to the last; none where there are none.
    pub fn span(&self) -> Option<Span> {
        let mut all = self.basic.iter().map(|one| one.span).chain(self.advanced.iter().map(|one| one.span));
        let first = all.next()?;
        let last = all.last().filter(|last| last.file == first.file).unwrap_or(first);
        Some(Span { end: last.end.max(first.end), ..first })
    }

    fn of(node: &Node, resolve: &dyn Resolve) -> Self {
        Self {
            basic: list(node, "EventSelectors", resolve).into_iter().map(|item| basic(item, resolve)).collect(),
            advanced: list(node, "AdvancedEventSelectors", resolve).into_iter().map(|item| advanced(item, resolve)).collect(),
        }
    }
}

fn basic(node: &Node, resolve: &dyn Resolve) -> BasicSelector {
    let keys = ["ReadWriteType", "IncludeManagementEvents", "DataResources", "ExcludeManagementEventSources"];
    let yes = Ternary::Yes(node.span);
    if foreign(node, &keys) {
        let text = resolve.text(node);
        let data =
            vec![DataResource { span: node.span, kind: Some(text.clone()), values: vec![text.clone()], values_span: None }];
        return BasicSelector { span: node.span, read_write: Some(text), management: yes, data };
    }
    BasicSelector {
        span: node.span,
        read_write: text(node, "ReadWriteType", resolve),
        management: ternary(get(node, "IncludeManagementEvents"), yes, resolve),
        data: list(node, "DataResources", resolve).into_iter().map(|item| data_resource(item, resolve)).collect(),
    }
}

fn data_resource(node: &Node, resolve: &dyn Resolve) -> DataResource {
    if foreign(node, &["Type", "Values"]) {
        let text = resolve.text(node);
        return DataResource { span: node.span, kind: Some(text.clone()), values: vec![text], values_span: None };
    }
    let values = get(node, "Values");
    DataResource {
        span: node.span,
        kind: text(node, "Type", resolve),
        values: texts(values, resolve),
        values_span: values.map(|values| values.span),
    }
}

fn advanced(node: &Node, resolve: &dyn Resolve) -> AdvancedSelector {
    if foreign(node, &["Name", "FieldSelectors"]) {
        let field = FieldSelector { span: node.span, field: Some(resolve.text(node)), conditions: Vec::new() };
        return AdvancedSelector { span: node.span, name: None, fields: vec![field] };
    }
    let fields = list(node, "FieldSelectors", resolve).into_iter().map(|item| field_selector(item, resolve)).collect();
    AdvancedSelector { span: node.span, name: text(node, "Name", resolve), fields }
}

fn field_selector(node: &Node, resolve: &dyn Resolve) -> FieldSelector {
    let known: Vec<&str> = std::iter::once("Field").chain(OPERATORS.iter().map(|(key, _)| *key)).collect();
    if foreign(node, &known) {
        return FieldSelector { span: node.span, field: Some(resolve.text(node)), conditions: Vec::new() };
    }
    let operators = node.entries().iter().filter(|entry| !is(entry, "Field") && !entry.value.is_null());
    let condition = |entry: &Entry| Condition {
        span: entry.key.span,
        whole: Span { end: entry.value.span.end, ..entry.key.span },
        written: entry.key.text.clone(),
        operator: OPERATORS.iter().find(|(key, _)| is(entry, key)).map(|(_, operator)| *operator),
        values: texts(Some(&entry.value), resolve),
    };
    FieldSelector { span: node.span, field: text(node, "Field", resolve), conditions: operators.map(condition).collect() }
}

/// Whether this is not the mapping it should be, such as an intrinsic function in its place. It is then kept as one
/// text, so that what is unknown about it is not lost.
fn foreign(node: &Node, keys: &[&str]) -> bool {
    let known = |entry: &Entry| keys.iter().any(|key| is(entry, key));
    !node.is_map() || !(node.entries().is_empty() || node.entries().iter().any(known))
}

/// Whether the entry's key is `key`, the case of its first letter aside.
fn is(entry: &Entry, key: &str) -> bool {
    let written = entry.key.text.as_str();
    let (Some(first), Some(rest)) = (written.get(..1), written.get(1..)) else { return false };
    key.get(1..) == Some(rest) && key.get(..1).is_some_and(|letter| letter.eq_ignore_ascii_case(first))
}

fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.entries().iter().find(|entry| is(entry, key)).map(|entry| &entry.value).filter(|value| !value.is_null())
}

fn list<'n>(node: &'n Node, key: &str, resolve: &'n dyn Resolve) -> Vec<&'n Node> {
    let items = get(node, key).map(|list| resolve.items(list)).unwrap_or_default();
    items.into_iter().filter(|item| !item.is_null()).collect()
}

fn text(node: &Node, key: &str, resolve: &dyn Resolve) -> Option<Text> {
    get(node, key).map(|value| resolve.text(value))
}

fn texts(node: Option<&Node>, resolve: &dyn Resolve) -> Vec<Text> {
    let items = node.map(|list| resolve.items(list)).unwrap_or_default();
    items.into_iter().filter(|item| !item.is_null()).map(|item| resolve.text(item)).collect()
}

/// A boolean, which may be a string.
pub fn ternary(node: Option<&Node>, missing: Ternary, resolve: &dyn Resolve) -> Ternary {
    let Some(node) = node else { return missing };
    let text = resolve.text(node);
    let truth = node.truth().or_else(|| text.as_known().and_then(|known| known.to_ascii_lowercase().parse().ok()));
    match (truth, text.symbols().next()) {
        (Some(true), _) => Ternary::Yes(node.span),
        (Some(false), _) => Ternary::No(node.span),
        (None, Some(symbol)) => Ternary::Unknown { why: symbol.why.to_string(), at: node.span },
        (None, None) => Ternary::Unknown { why: format!("`{text}` is neither true nor false"), at: node.span },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trail::testing::{Subs, node, trail};
    use serde_json::json;

    #[test]
    fn command_line_output_is_read_in_either_case() {
        for (arn, basic, kind) in
            [("TrailARN", "EventSelectors", "ReadWriteType"), ("trailARN", "eventSelectors", "readWriteType")]
        {
            let output = node(&json!({arn: "arn:aws:cloudtrail:us-east-1:1:trail/T", basic: [{kind: "All"}]}));
            let trail = Trail::of_output(&output, Ternary::Yes(Span::default()), &Subs).unwrap();
            assert_eq!(trail.name.as_known(), Some("arn:aws:cloudtrail:us-east-1:1:trail/T"));
            assert_eq!(trail.selectors.basic[0].read_write.as_ref().and_then(Text::as_known), Some("All"));
        }
        assert!(Trail::of_output(&node(&json!({"EventSelectors": []})), Ternary::Yes(Span::default()), &Subs).is_none());
    }

    #[test]
    fn what_cannot_be_read_stays_a_symbol() {
        let choice = json!({"Fn::If": ["C", {}, {}]});
        let trail = trail("T", json!({"EventSelectors": [choice, {"DataResources": choice}], "AdvancedEventSelectors": choice}));
        let [first, second] = trail.selectors.basic.as_slice() else { panic!() };
        assert!(first.read_write.as_ref().unwrap().as_symbol().is_some());
        assert!(second.read_write.is_none());
        assert!(second.data[0].kind.as_ref().unwrap().as_symbol().is_some());
        assert!(trail.selectors.advanced[0].fields[0].field.as_ref().unwrap().as_symbol().is_some());
    }

    #[test]
    fn flags_have_three_values_and_a_place() {
        let of = |value: serde_json::Value| trail("T", json!({"IsLogging": value})).logging;
        let at = |start| Span::new(Default::default(), start, start + 1);
        assert_eq!(of(json!("false")), Ternary::No(at(3)));
        assert_eq!(of(json!(true)), Ternary::Yes(at(3)));
        assert_eq!(of(json!({"Ref": "PLog"})), Ternary::Unknown { why: "parameter `PLog` has no default".into(), at: at(3) });
        assert_eq!(of(json!("maybe")), Ternary::Unknown { why: "`maybe` is neither true nor false".into(), at: at(3) });
    }
}
