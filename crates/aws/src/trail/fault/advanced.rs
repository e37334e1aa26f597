//! What is wrong with advanced event selectors.

use super::basic::{guessed, repaired};
use super::item::{Fault, S3_OBJECT, type_fault};
use crate::trail::arn::{Shape, UNFILLED, shape};
use crate::trail::selector::{AdvancedSelector, Condition, FieldSelector, OPERATORS, Operator, Test};
use bucketlint_text::text::Text;

/// Values over all advanced selectors of a trail.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
const MAX_VALUES: usize = 500;

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html>
const FIELDS: [&str; 11] = [
    "eventCategory",
    "resources.type",
    "resources.ARN",
    "readOnly",
    "eventName",
    "eventSource",
    "eventType",
    "userIdentity.arn",
    "sessionCredentialFromConsole",
    "errorCode",
    "vpcEndpointId",
];

/// Categories of events that a trail logs:
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html>
const CATEGORIES: [&str; 3] = ["Data", "Management", "NetworkActivity"];

/// Fields that are about the resource of a data event. Same source.
const OF_DATA: [&str; 2] = ["resources.type", "resources.ARN"];

/// Fields that network activity events alone have, or that management events have in event data stores only. Same source.
const NOT_OF: [(&str, &str, &str); 4] = [
    ("errorCode", "Data", "is a field of network activity events only"),
    ("errorCode", "Management", "is a field of network activity events only"),
    ("vpcEndpointId", "Management", "is a field of network activity events only"),
    ("eventName", "Management", "is a field of management events in event data stores only, not in trails"),
];

/// Fields that take `Equals` alone. Same source.
const EQUALS_ONLY: [&str; 4] = ["eventCategory", "resources.type", "readOnly", "errorCode"];

/// Fields that take `Equals` and `NotEquals`. Same source.
const WHOLE_ONLY: [&str; 1] = ["sessionCredentialFromConsole"];

/// The only value of `errorCode`. Same source.
const ERROR_CODE: &str = "VpceAccessDenied";

pub(super) fn advanced_faults(selectors: &[AdvancedSelector], out: &mut Vec<Fault>) {
    selectors.iter().for_each(|selector| selector_faults(selector, out));
    let conditions = selectors.iter().flat_map(|selector| &selector.fields).flat_map(|field| &field.conditions);
    if let Some(value) = conditions.flat_map(|condition| &condition.values).nth(MAX_VALUES) {
        let problem = format!("is one more than the {MAX_VALUES} values a trail's advanced event selectors may have");
        out.push(Fault::new(value.span, value, problem));
    }
}

fn selector_faults(selector: &AdvancedSelector, out: &mut Vec<Fault>) {
    missing_fields(selector, out);
    let management = values_of(selector, "eventCategory").all(|value| value.as_known() == Some("Management"));
    let management = management && values_of(selector, "eventCategory").next().is_some();
    let objects = values_of(selector, "resources.type").any(|value| value.as_known() == Some(S3_OBJECT));
    for field in &selector.fields {
        let Some(name) = &field.field else {
            out.push(Fault::new(field.span, "FieldSelectors", "has no `Field`"));
            continue;
        };
        let Some(known) = name.as_known() else { continue };
        if !FIELDS.contains(&known) {
            let near = nearest(known, FIELDS.into_iter());
            let fault = Fault::new(name.span, known, "is not a field of advanced event selectors");
            out.push(if near.is_some() { fault.write(near) } else { fault.unconfirmed() });
        }
        let categories: Vec<Option<&str>> = values_of(selector, "eventCategory").map(Text::as_known).collect();
        let of = |category: &str| !categories.is_empty() && categories.iter().all(|one| *one == Some(category));
        let foreign = NOT_OF.iter().find(|(field, category, _)| *field == known && of(category));
        if let Some((.., problem)) = foreign {
            out.push(Fault::new(field.span, known, *problem));
            continue;
        }
        if management && OF_DATA.contains(&known) {
            out.push(Fault::new(name.span, known, "is not a field of management events").unconfirmed());
        }
        if field.conditions.iter().all(|condition| condition.values.is_empty()) {
            out.push(Fault::new(field.span, known, "is compared with no value"));
        }
        field_faults(field, known, objects, out);
    }
}

fn values_of<'s>(selector: &'s AdvancedSelector, name: &str) -> impl Iterator<Item = &'s Text> {
    let named = move |field: &&FieldSelector| field.field.as_ref().and_then(Text::as_known) == Some(name);
    selector.fields.iter().filter(named).flat_map(|field| &field.conditions).flat_map(|condition| &condition.values)
}

/// `eventCategory` is required, and for data events `resources.type`.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html>
fn missing_fields(selector: &AdvancedSelector, out: &mut Vec<Fault>) {
    if selector.fields.iter().filter_map(|field| field.field.as_ref()).any(|field| field.as_known().is_none()) {
        return;
    }
    let mut missing = |name: &str, write: &str| {
        let fault = Fault::new(selector.span, "FieldSelectors", format!("has no field selector for `{name}`"));
        out.push(fault.write(write.to_string()));
    };
    let mut categories = values_of(selector, "eventCategory").peekable();
    if categories.peek().is_none() {
        missing("eventCategory", "{Field: eventCategory, Equals: [Data]}");
    }
    if categories.any(|value| value.as_known() == Some("Data")) && values_of(selector, "resources.type").next().is_none() {
        missing("resources.type", "{Field: resources.type, Equals: [\"AWS::S3::Object\"]}");
    }
}

fn field_faults(field: &FieldSelector, name: &str, objects: bool, out: &mut Vec<Fault>) {
    for condition in &field.conditions {
        let Some(operator) = condition.operator else {
            let near = nearest(&condition.written, OPERATORS.iter().map(|(key, _)| *key));
            out.push(Fault::new(condition.span, &condition.written, "is not an operator of field selectors").write(near));
            continue;
        };
        if EQUALS_ONLY.contains(&name) && operator != (Operator { test: Test::Equals, negated: false }) {
            let problem = format!("is not an operator for `{name}`");
            out.push(Fault::new(condition.span, &condition.written, problem).write("Equals".to_string()));
        }
        if WHOLE_ONLY.contains(&name) && operator.test != Test::Equals {
            let problem = format!("is not an operator for `{name}`");
            out.push(Fault::new(condition.span, &condition.written, problem).write("Equals".to_string()));
        }
        let known = || condition.values.iter().filter_map(|value| Some((value, value.as_known()?)));
        match name {
            "resources.type" => type_faults(condition, out),
            "eventCategory" => out.extend(known().filter(|(_, text)| !CATEGORIES.contains(text)).map(|(value, text)| {
                let near = nearest(text, CATEGORIES.into_iter());
                Fault::new(value.span, text, "is not a category of events that a trail logs").write(near)
            })),
            "readOnly" => out.extend(known().filter(|(_, text)| !["true", "false"].contains(text)).map(|(value, text)| {
                let meant = text.to_ascii_lowercase();
                let meant = ["true", "false"].contains(&meant.as_str()).then_some(meant);
                Fault::new(value.span, text, "is neither `true` nor `false`").write(meant)
            })),
            "errorCode" if operator.test == Test::Equals => {
                let other = known().filter(|(_, text)| *text != ERROR_CODE);
                out.extend(other.map(|(value, text)| {
                    Fault::new(value.span, text, "is not a value of `errorCode`").write(ERROR_CODE.to_string())
                }));
            }
            "resources.ARN" if objects => {
                let faults = condition.values.iter().filter_map(|value| arn_fault(operator, value));
                out.extend(faults.map(|fault| with_operator(fault, operator, condition)));
            }
            _ => {}
        }
    }
}

fn type_faults(condition: &Condition, out: &mut Vec<Fault>) {
    out.extend(condition.values.iter().filter_map(|value| type_fault(value.span, value.as_known()?, false)));
    if let Some(second) = condition.values.get(1) {
        out.push(Fault::new(second.span, second, "is a second type, and a selector has one only"));
    }
}

/// Judges a value of `resources.ARN` where the type is `AWS::S3::Object`. None of these is refused.
///
/// No wildcards: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html>. For a
/// whole bucket, `StartsWith` its ARN with a `/`:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cloudtrail-trail-advancedfieldselector.html>
fn arn_fault(operator: Operator, value: &Text) -> Option<Fault> {
    let fault = |problem: &str| Some(Fault::new(value.span, value, problem).accepted());
    let exact = operator.test == Test::Equals;
    let prefix = if operator.negated { "NotStartsWith" } else { "StartsWith" };
    let begin = |text: String| if exact { format!("{prefix}: [\"{text}\"]") } else { text };
    let star = "has a `*`, which is compared literally and not as a wildcard";
    if operator.test == Test::EndsWith {
        let (before, after) = value.split_once('*')?;
        let rest = after.to_string();
        let ending = before.parts().is_empty() && !rest.is_empty() && !rest.contains('*');
        return Some(fault(star)?.write(ending.then_some(rest)));
    }
    match shape(value) {
        Shape::Unfilled => Some(fault(UNFILLED)?.write(value.to_string())),
        Shape::AnyBucket(all) => Some(fault(star)?.write(begin(all))),
        Shape::StarInName => fault(star),
        Shape::StarInKey(before) => Some(fault(star)?.write(begin(before))),
        Shape::Doubled(inner) => {
            Some(fault("has an ARN within an ARN, so it matches nothing")?.write(repaired(&inner).map(begin)))
        }
        Shape::NoBucket => fault("names no bucket, so it matches nothing"),
        Shape::NotS3 if !exact && value.as_known().is_some_and(|known| "arn:aws:s3:::".starts_with(known)) => None,
        Shape::NotS3 => Some(fault("is not an S3 ARN, so it matches no object")?.write(guessed(value).map(begin))),
        Shape::AllBuckets | Shape::Objects { bare: true } if exact => {
            Some(fault("is not the whole ARN of an object, so it matches nothing")?.write(begin(value.to_string())))
        }
        Shape::BucketOnly if exact => {
            Some(fault("is a bucket's ARN, so it matches no object")?.write(begin(format!("{value}/"))))
        }
        Shape::BucketOnly => Some(
            fault("also matches every bucket whose name only begins like this, for want of a `/`")?.write(format!("{value}/")),
        ),
        Shape::AllBuckets | Shape::Objects { .. } | Shape::Open => None,
    }
}

/// Where another operator is to be written, the fault is at the whole of this one, or that one goes beside it for the sake of
/// the other values.
fn with_operator(fault: Fault, operator: Operator, condition: &Condition) -> Fault {
    match condition.values.len() {
        _ if operator.test != Test::Equals || fault.suggestion.is_none() => fault,
        1 => Fault { span: condition.whole, ..fault },
        _ => Fault { beside: true, ..fault },
    }
}

/// The word meant by a misspelt one.
fn nearest<'a>(written: &str, words: impl Iterator<Item = &'a str>) -> Option<String> {
    let distance = |word: &str| strsim::damerau_levenshtein(&word.to_ascii_lowercase(), &written.to_ascii_lowercase());
    let best = words.min_by_key(|word| distance(word))?;
    (written.len() < 64 && distance(best) <= 2).then(|| best.to_string())
}

#[cfg(test)]
mod tests {
    use crate::trail::fault::{Fault, faults};
    use crate::trail::testing::trail;
    use serde_json::{Value, json};

    fn of(fields: Value) -> Vec<Fault> {
        faults(&trail("T", json!({"AdvancedEventSelectors": [{"FieldSelectors": fields}]})))
    }

    /// One field selector beside the required ones.
    fn with(field: Value) -> Vec<Fault> {
        of(
            json!([{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}, field]),
        )
    }

    fn one(found: Vec<Fault>) -> Fault {
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    }

    #[test]
    fn arns_are_judged() {
        for (operator, value, write) in [
            ("Equals", "arn:aws:s3:::lab", Some("StartsWith: [\"arn:aws:s3:::lab/\"]")),
            ("Equals", "arn:aws:s3:::lab/", Some("StartsWith: [\"arn:aws:s3:::lab/\"]")),
            ("Equals", "arn:aws:s3:::lab/*", Some("StartsWith: [\"arn:aws:s3:::lab/\"]")),
            ("NotEquals", "arn:aws:s3:::${Name}", Some("NotStartsWith: [\"arn:aws:s3:::${Name}/\"]")),
            ("StartsWith", "arn:aws:s3:::lab", Some("arn:aws:s3:::lab/")),
            ("StartsWith", "arn:aws:s3:::lab/*", Some("arn:aws:s3:::lab/")),
            ("StartsWith", "arn:aws:s3:::*", Some("arn:aws:s3")),
            ("StartsWith", "arn:aws:s3:::arn:aws:s3:::lab/", Some("arn:aws:s3:::lab/")),
            ("StartsWith", "lab-data", Some("arn:aws:s3:::lab-data/")),
            ("EndsWith", "*.csv", Some(".csv")),
        ] {
            let fault = one(with(json!({"Field": "resources.ARN", operator: [value]})));
            assert_eq!(
                (fault.value.as_str(), fault.suggestion.as_deref(), fault.rejected),
                (value, write, false),
                "{operator} {value}"
            );
        }
        for (operator, value) in [
            ("StartsWith", "arn:aws:s3:::lab/"),
            ("StartsWith", "arn:aws:s3"),
            ("StartsWith", "arn:"),
            ("StartsWith", "${PArn}/"),
            ("Equals", "arn:aws:s3:::lab/key"),
            ("EndsWith", ".csv"),
        ] {
            assert_eq!(with(json!({"Field": "resources.ARN", operator: [value]})), [], "{operator} {value}");
        }
    }

    #[test]
    fn names_are_judged() {
        let field = one(with(json!({"Field": "resources.arn", "StartsWith": ["arn:aws:s3:::lab/"]})));
        assert_eq!((field.value.as_str(), field.suggestion.as_deref()), ("resources.arn", Some("resources.ARN")));
        assert!(one(with(json!({"Field": "somethingNew", "Equals": ["x"]}))).unconfirmed);
        let operator = one(with(json!({"Field": "eventName", "StartWith": ["Get"]})));
        assert_eq!((operator.value.as_str(), operator.suggestion.as_deref()), ("StartWith", Some("StartsWith")));
        let operator = one(with(json!({"Field": "readOnly", "NotEquals": ["true"]})));
        assert_eq!((operator.problem.as_str(), operator.rejected), ("is not an operator for `readOnly`", true));
        assert_eq!(one(with(json!({"Field": "readOnly", "Equals": ["True"]}))).suggestion.as_deref(), Some("true"));
        assert_eq!(with(json!({"Field": "readOnly", "Equals": [true]})), []);
        assert_eq!(one(with(json!({"Field": "eventName"}))).problem, "is compared with no value");
        assert_eq!(one(with(json!({"Equals": ["x"]}))).problem, "has no `Field`");
    }

    #[test]
    fn required_fields_are_missed() {
        let category = json!({"Field": "eventCategory", "Equals": ["Data"]});
        let kind = json!({"Field": "resources.type", "Equals": ["AWS::S3::Object"]});
        assert_eq!(one(of(json!([kind]))).problem, "has no field selector for `eventCategory`");
        assert_eq!(one(of(json!([category]))).problem, "has no field selector for `resources.type`");
        assert_eq!(of(json!([{"Field": "eventCategory", "Equals": ["Management"]}])), []);
        let management = json!({"Field": "eventCategory", "Equals": ["Management"]});
        let source = json!({"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]});
        assert_eq!(of(json!([management, source, {"Field": "readOnly", "Equals": ["true"]}])), []);
        let arn = json!({"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::lab/"]});
        assert_eq!(one(of(json!([management, arn]))).problem, "is not a field of management events");
        let lower = one(of(json!([{"Field": "eventCategory", "Equals": ["data"]}, kind])));
        assert_eq!((lower.value.as_str(), lower.suggestion.as_deref(), lower.rejected), ("data", Some("Data"), true));
        assert_eq!(one(of(json!([{"Field": "eventCategory", "Equals": ["Everything"]}]))).suggestion, None);
        assert_eq!(of(json!([category, {"Fn::If": ["C", {}, {}]}])), []);
        let two = json!({"Field": "resources.type", "Equals": ["AWS::S3::Object", "AWS::S3::Bucket"]});
        let problems: Vec<String> = of(json!([category, two])).into_iter().map(|fault| fault.problem).collect();
        assert_eq!(problems, ["is not a type that CloudTrail logs", "is a second type, and a selector has one only"]);
    }

    #[test]
    fn values_have_a_limit_and_kinds_do_not_mix() {
        let names: Vec<String> = (0..499).map(|at| format!("E{at}")).collect();
        assert_eq!(one(with(json!({"Field": "eventName", "Equals": names}))).value, "E498");
        let both = trail(
            "T",
            json!({"EventSelectors": [{}], "AdvancedEventSelectors": [{"FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Management"]}]}]}),
        );
        assert_eq!(one(faults(&both)).problem, "stands beside basic event selectors, and a trail has one kind only");
    }
}
