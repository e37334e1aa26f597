//! Values as HCL. JSON is HCL as well, inside of `jsonencode`, but for references, which stand without quotes.
//! <https://developer.hashicorp.com/terraform/language/syntax/configuration>

use super::write;
use crate::finding::ITEMS;
use serde_json::{Map, Value as Json, json};

/// Marks around a reference in a string, and in the place of a quote within one, until the text is whole.
const OPEN: char = '\u{f0000}';
const CLOSE: char = '\u{f0001}';
const QUOTE: char = '\u{f0002}';

/// A value with its functions as references.
pub(super) fn spelled(value: &Json) -> Json {
    match value {
        Json::Object(map) if map.len() == 1 => {
            let called = map.iter().next().and_then(|(name, argument)| call(name, argument));
            called.map_or_else(|| members(map), Json::String)
        }
        Json::Object(map) => members(map),
        Json::Array(items) => items.iter().map(spelled).collect(),
        Json::String(text) => Json::String(with_variables(text)),
        other => other.clone(),
    }
}

fn members(map: &Map<String, Json>) -> Json {
    Json::Object(map.iter().map(|(key, value)| (key.clone(), spelled(value))).collect())
}

/// A policy variable, which Terraform would take for a template.
fn with_variables(text: &str) -> String {
    text.replace("${aws:", "$${aws:").replace("${s3:", "$${s3:")
}

/// What a function of CloudFormation is in HCL, as a string with marks.
fn call(name: &str, argument: &Json) -> Option<String> {
    let bare = |reference: String| format!("{OPEN}{}{CLOSE}", reference.replace('"', &QUOTE.to_string()));
    match (name, argument) {
        ("Ref", Json::String(id)) => Some(bare(reference(id))),
        ("Fn::GetAtt", Json::Array(parts)) => {
            let id = parts.first()?.as_str()?;
            Some(bare(format!("{}.arn", local(id))))
        }
        ("Fn::Sub", Json::String(text)) => Some(substituted(text)),
        _ => None,
    }
}

/// `${X.Arn}` and the like in a template of `Fn::Sub`, as templates of HCL.
fn substituted(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inner, after)) = after.split_once('}') else { break };
        let inside = match inner.strip_suffix(".Arn") {
            Some(id) => format!("{}.arn", local(id)),
            None => reference(inner),
        };
        out.push_str(&format!("{before}${{{}}}", inside.replace('"', &QUOTE.to_string())));
        rest = after;
    }
    out + rest
}

fn reference(id: &str) -> String {
    match id {
        "AWS::AccountId" => "data.aws_caller_identity.current.account_id".into(),
        "AWS::Region" => "data.aws_region.current.region".into(),
        "AWS::Partition" => "data.aws_partition.current.partition".into(),
        id if local(id).starts_with("aws_sns_topic.") => format!("{}.arn", local(id)),
        id if local(id).starts_with("aws_s3_bucket.") => format!("{}.id", local(id)),
        // an expression already
        id => id.to_owned(),
    }
}

/// An address as it is written in the module of what it is of.
fn local(address: &str) -> &str {
    let mut rest = address;
    while let Some(inner) = rest.strip_prefix("module.") {
        let end = inner.match_indices('.').find(|(at, _)| inner[..*at].matches('"').count() % 2 == 0).map(|(at, _)| at + 1);
        match end {
            Some(end) => rest = &inner[end..],
            None => break,
        }
    }
    rest
}

/// The label in an address: `raw` of `aws_s3_bucket.raw["x"]`.
fn label(address: &str) -> &str {
    let rest = local(address).split_once('.').map_or(address, |(_, rest)| rest);
    rest.split(['[', '.']).next().unwrap_or(rest)
}

/// The argument that makes as many of a resource as there are of the one with this address, whose number is not known.
fn repeated(address: &str) -> String {
    let own = local(address);
    let keys = own.strip_suffix("[each.key]").map(|all| format!("for_each = {all}\n"));
    let numbers = || own.strip_suffix("[count.index]").map(|all| format!("count = length({all})\n"));
    keys.or_else(numbers).unwrap_or_default()
}

/// A finished text, its references without quotes.
pub(super) fn unmarked(text: &str) -> String {
    text.replace(&format!("\"{OPEN}"), "").replace(&format!("{CLOSE}\""), "").replace(QUOTE, "\"")
}

/// A member of CloudFormation's as Terraform writes it: an argument, blocks, or a resource of its own.
pub(super) fn member(key: &str, value: &Json) -> Option<String> {
    let property = |name: &str| value.get("Properties").and_then(|all| all.get(name));
    let id = |value: Option<&Json>| value.and_then(|value| value.get("Ref")).and_then(Json::as_str).unwrap_or("NAME").to_owned();
    let policy = |value: &Json| format!("policy = jsonencode({})", write::pretty(&spelled(value)));
    let apart = |kind: &str, target: &str, address: &str, document: Option<&Json>| {
        let document = document.map(policy).unwrap_or_default();
        let body = write::indented(&format!("{}{target} = {}\n{document}", repeated(address), reference(address)), "  ");
        format!("resource \"{kind}\" \"{}\" {{\n{body}\n}}", label(address))
    };
    Some(match (key, value.get("Type").and_then(Json::as_str)) {
        (_, Some("AWS::S3::BucketPolicy")) => {
            apart("aws_s3_bucket_policy", "bucket", &id(property("Bucket")), property("PolicyDocument"))
        }
        (_, Some("AWS::SNS::TopicPolicy")) => {
            let topic = property("Topics").and_then(|topics| topics.get(0));
            apart("aws_sns_topic_policy", "arn", &id(topic), property("PolicyDocument"))
        }
        ("KeyPolicy" | "PolicyDocument" | "Policy", _) => policy(value),
        ("EventSelectors" | "AdvancedEventSelectors", _) => {
            let items: Vec<String> = value.as_array()?.iter().filter_map(selector).collect();
            items.join("\n")
        }
        ("IsMultiRegionTrail", _) => format!("is_multi_region_trail = {value}"),
        ("IsLogging", _) => format!("enable_logging = {value}"),
        ("DependsOn", _) => {
            let one = value.as_str().map(|id| vec![local(id)]);
            let all = one.unwrap_or_else(|| value.as_array().into_iter().flatten().filter_map(Json::as_str).map(local).collect());
            format!("depends_on = [{}]", all.join(", "))
        }
        _ => return None,
    })
}

/// `BucketOwnerEnforced` for a bucket: a resource of its own.
pub(super) fn ownership(address: &str, value: &str) -> String {
    let rule = format!("rule {{\n  object_ownership = \"{value}\"\n}}");
    let body = write::indented(&format!("{}bucket = {}\n{rule}", repeated(address), reference(address)), "  ");
    format!("resource \"aws_s3_bucket_ownership_controls\" \"{}\" {{\n{body}\n}}", label(address))
}

/// A selector of a trail as its block.
pub(super) fn selector(value: &Json) -> Option<String> {
    let name = match (value.get("DataResources"), value.get("FieldSelectors"), value.get("Field")) {
        (Some(_), ..) => "event_selector",
        (_, Some(_), _) => "advanced_event_selector",
        (.., Some(_)) => "field_selector",
        _ => return None,
    };
    Some(block(name, &spelled(value)))
}

/// Statements as blocks of `aws_iam_policy_document`.
pub(super) fn statements(values: &[Json]) -> String {
    let one = |statement: &Json| {
        let mut lines = Vec::new();
        for (key, value) in spelled(statement).as_object().into_iter().flatten() {
            let listed = || if value.is_array() { value.clone() } else { Json::Array(vec![value.clone()]) };
            match key.as_str() {
                "Sid" | "Effect" => lines.push(format!("{} = {value}", snake(key))),
                "Action" => lines.push(format!("actions = {}", write::pretty(&listed()))),
                "NotAction" => lines.push(format!("not_actions = {}", write::pretty(&listed()))),
                "Resource" => lines.push(format!("resources = {}", write::pretty(&listed()))),
                "NotResource" => lines.push(format!("not_resources = {}", write::pretty(&listed()))),
                "Principal" | "NotPrincipal" => lines.extend(principals(key, value)),
                "Condition" => lines.extend(conditions(value)),
                _ => {}
            }
        }
        format!("statement {{\n{}\n}}", write::indented(&lines.join("\n"), "  "))
    };
    values.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn list(value: &Json) -> String {
    if value.is_array() { value.to_string() } else { format!("[{value}]") }
}

fn principals(key: &str, value: &Json) -> Vec<String> {
    let name = if key == "Principal" { "principals" } else { "not_principals" };
    let one = |kind: &str, ids: &Json| format!("{name} {{\n  type = \"{kind}\"\n  identifiers = {}\n}}", list(ids));
    match value {
        Json::Object(kinds) => kinds.iter().map(|(kind, ids)| one(kind, ids)).collect(),
        other => vec![one("*", other)],
    }
}

fn conditions(value: &Json) -> Vec<String> {
    let each = |(test, keys): (&String, &Json)| -> Vec<String> {
        let one = |(key, values): (&String, &Json)| {
            format!("condition {{\n  test = \"{test}\"\n  variable = \"{key}\"\n  values = {}\n}}", list(values))
        };
        keys.as_object().into_iter().flatten().map(one).collect()
    };
    value.as_object().into_iter().flatten().flat_map(each).collect()
}

fn block(name: &str, value: &Json) -> String {
    let mut lines = Vec::new();
    for (key, value) in value.as_object().into_iter().flatten() {
        match (key.as_str(), value) {
            ("DataResources", Json::Array(items)) => lines.extend(items.iter().map(|item| block("data_resource", item))),
            ("FieldSelectors", Json::Array(items)) => lines.extend(items.iter().map(|item| block("field_selector", item))),
            _ => {
                // what stands for several items has a line of its own, which each of them gets
                let several = value.as_array().is_some_and(|items| items.iter().any(|item| *item == json!(ITEMS.to_string())));
                let value = if several { write::pretty(value) } else { value.to_string() };
                lines.push(format!("{} = {value}", snake(key)));
            }
        }
    }
    format!("{name} {{\n{}\n}}", write::indented(&lines.join("\n"), "  "))
}

/// `ReadWriteType` as `read_write_type`.
fn snake(key: &str) -> String {
    let mut out = String::new();
    for letter in key.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_several_times_has_its_settings_as_often() {
        let text = ownership("module.lab.aws_s3_bucket.raw[each.key]", "BucketOwnerEnforced");
        assert!(
            text.contains("  for_each = aws_s3_bucket.raw\n  bucket = aws_s3_bucket.raw[each.key].id\n  rule {\n    object"),
            "{text}"
        );
        let text = ownership("aws_s3_bucket.raw[count.index]", "BucketOwnerEnforced");
        assert!(text.contains("  count = length(aws_s3_bucket.raw)\n  bucket = aws_s3_bucket.raw[count.index].id\n"), "{text}");
        assert!(!ownership("aws_s3_bucket.raw[0]", "x").contains("count"));
    }

    #[test]
    fn several_items_stand_on_lines_of_their_own() {
        let items = json!({ "DataResources": [{ "Type": "AWS::S3::Object", "Values": [ITEMS.to_string()] }] });
        let whole = selector(&items).unwrap();
        assert!(whole.lines().any(|line| line.trim() == format!("\"{ITEMS}\"")), "{whole}");
    }

    #[test]
    fn functions_become_references() {
        let bucket = "module.lab.aws_s3_bucket.raw[\"a.b\"]";
        let value = json!({
            "AWS": { "Fn::Sub": "arn:${AWS::Partition}:iam::1:root" },
            "R": [{ "Fn::GetAtt": [bucket, "Arn"] }, { "Fn::Sub": format!("${{{bucket}.Arn}}/*") }],
            "B": { "Ref": bucket },
            "A": { "Ref": "AWS::AccountId" },
            "V": "arn:aws:s3:::lab/${aws:username}",
        });
        assert_eq!(
            unmarked(&spelled(&value).to_string()),
            "{\"AWS\":\"arn:${data.aws_partition.current.partition}:iam::1:root\",\
             \"R\":[aws_s3_bucket.raw[\"a.b\"].arn,\"${aws_s3_bucket.raw[\"a.b\"].arn}/*\"],\
             \"B\":aws_s3_bucket.raw[\"a.b\"].id,\"A\":data.aws_caller_identity.current.account_id,\
             \"V\":\"arn:aws:s3:::lab/$${aws:username}\"}"
        );
    }

    #[test]
    fn statements_become_blocks() {
        let statement = json!({
            "Sid": "A", "Effect": "Allow", "Principal": { "AWS": "1" }, "Action": "s3:GetObject",
            "Condition": { "StringEquals": { "aws:x": ["1"] } },
        });
        assert_eq!(
            statements(&[statement]),
            "statement {\n  sid = \"A\"\n  effect = \"Allow\"\n  principals {\n    type = \"AWS\"\n    identifiers = [\"1\"]\n  }\n  \
             actions = [\n    \"s3:GetObject\"\n  ]\n  condition {\n    test = \"StringEquals\"\n    variable = \"aws:x\"\n    \
             values = [\"1\"]\n  }\n}"
        );
    }

    #[test]
    fn members_become_arguments_blocks_and_resources() {
        let policy = json!({
            "Type": "AWS::S3::BucketPolicy",
            "Properties": { "Bucket": { "Ref": "aws_s3_bucket.raw" }, "PolicyDocument": { "Statement": [] } },
        });
        assert_eq!(
            member("X", &policy).unwrap(),
            "resource \"aws_s3_bucket_policy\" \"raw\" {\n  bucket = aws_s3_bucket.raw.id\n  policy = jsonencode({\n    \"Statement\": []\n  })\n}"
        );
        let selectors = json!([{ "ReadWriteType": "All", "DataResources": [{ "Type": "T", "Values": [{ "Fn::Sub": "${aws_s3_bucket.raw.Arn}/" }] }] }]);
        assert_eq!(
            member("EventSelectors", &selectors).unwrap(),
            "event_selector {\n  read_write_type = \"All\"\n  data_resource {\n    type = \"T\"\n    values = [\"${aws_s3_bucket.raw.arn}/\"]\n  }\n}"
        );
        assert_eq!(member("DependsOn", &json!("aws_s3_bucket_policy.logs")).unwrap(), "depends_on = [aws_s3_bucket_policy.logs]");
        assert_eq!(
            ownership("aws_s3_bucket.raw[0]", "BucketOwnerEnforced"),
            "resource \"aws_s3_bucket_ownership_controls\" \"raw\" {\n  bucket = aws_s3_bucket.raw[0].id\n  rule {\n    object_ownership = \"BucketOwnerEnforced\"\n  }\n}"
        );
        assert_eq!(member("NotificationConfiguration", &json!({})), None);
    }
}
