//! The mistakes of `docs/field-mistakes.md`, and the plainest besides, planted one by one in the real templates of the corpus
//! (`BUCKETLINT_CORPUS`), each of which is made right first.
//!
//! Two are not planted: the account that YAML reads as an octal number, since the templates are written anew as JSON, and the
//! policy that the CDK does not write, which cannot be seen.

use crate::common;
use bucketlint::finding::Severity;
use bucketlint::load::{Input, load};
use bucketlint::outcome::Outcome;
use bucketlint::rule::Rule;
use bucketlint::run::{Plan, run};
use bucketlint::sniff::Kind;
use bucketlint::syntax::node::{Node, Value};
use rayon::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(common::rules);

const ACCOUNT: &str = "123456789012";

type Resources = Map<String, Json>;

/// A mistake: its number in `docs/field-mistakes.md`, if it is there, the rule that finds it, and how it is planted in a
/// bucket of this logical ID.
pub(crate) type Mistake = (Option<usize>, &'static str, fn(&mut Resources, &str));

const MISTAKES: [Mistake; 32] = [
    (Some(1), "policy/action-resource-mismatch", |all, id| add(all, id, "s3:ListBucket", sub(id, "/*"))),
    (Some(2), "policy/action-resource-mismatch", |all, id| add(all, id, "s3:GetObject", arn(id))),
    (Some(3), "policy/invalid-resource", |all, id| add(all, id, "s3:GetObject", json!("arn:aws:s3:::another-bucket/*"))),
    (Some(4), "policy/invalid-resource", |all, id| {
        add(all, id, "s3:GetObject", json!({ "Fn::Sub": format!("arn:aws:s3:::${{{id}.Arn}}/*") }));
    }),
    (Some(5), "policy/invalid-resource", |all, id| add(all, id, "s3:GetObject", sub(id, ":*"))),
    (Some(6), "policy/partition", |all, id| {
        all[id]["Properties"]["BucketName"] = json!("lab-planted");
        grant(all, id)["Resource"] = json!(["arn:aws:s3:::lab-planted", "arn:aws:s3:::lab-planted/*"]);
    }),
    (Some(7), "policy/placeholder-account", |all, id| {
        grant(all, id)["Principal"] = json!({ "AWS": "arn:aws:iam::CONTROL_ACCOUNT:root" });
    }),
    (Some(8), "policy/invalid-principal", |all, id| grant(all, id)["Principal"] = json!("arn:aws:iam::123456789012:root")),
    (Some(9), "policy/invalid-principal", |all, id| grant(all, id)["Principal"] = json!({ "AWS": "AROAJQABLZS4A3QDU576Q" })),
    (Some(11), "policy/invalid", |all, id| document(all, id)["Version"] = json!("2012-10-17T00:00:00.000Z")),
    (Some(12), "access-block/rejects-policy", |all, id| {
        all[id]["Properties"]["PublicAccessBlockConfiguration"] = json!({ "BlockPublicPolicy": true });
        add(all, id, "s3:GetObject", sub(id, "/*"));
        statements(all, id).last_mut().unwrap()["Principal"] = json!("*");
    }),
    (Some(13), "ownership/acl-conflict", |all, id| {
        let properties = all[id]["Properties"].as_object_mut().unwrap();
        properties.remove("OwnershipControls");
        properties.insert("AccessControl".into(), json!("PublicRead"));
    }),
    (Some(14), "ownership/acl-condition", |all, id| {
        add(all, id, "s3:PutObject", sub(id, "/*"));
        statements(all, id).last_mut().unwrap()["Condition"] = json!({ "StringEquals": { "s3:x-amz-acl": "public-read" } });
    }),
    (Some(15), "policy/duplicate", |all, id| {
        let second = all[&policy_of(id)].clone();
        all.insert("PlantedSecond".into(), second);
    }),
    (Some(17), "kms/key-policy", |all, id| encrypt(all, id, json!({ "Fn::GetAtt": ["PlantedKey", "Arn"] }), &[])),
    (Some(18), "kms/key-policy", |all, id| {
        encrypt(all, id, json!({ "Fn::GetAtt": ["PlantedKey", "Arn"] }), &["kms:GenerateDataKey"]);
    }),
    (Some(19), "kms/not-an-arn", |all, id| {
        encrypt(all, id, json!({ "Ref": "PlantedKey" }), &["kms:Decrypt", "kms:GenerateDataKey*"]);
    }),
    (Some(20), "policy/tagging-copy", |all, id| {
        let filters = json!([{ "Key": "kind", "Value": "scratch" }]);
        let rule = json!({ "Id": "scratch", "Status": "Enabled", "ExpirationInDays": 30, "TagFilters": filters });
        all[id]["Properties"]["LifecycleConfiguration"] = json!({ "Rules": [rule] });
    }),
    (Some(21), "trail/invalid-selector", |all, id| select(all, json!([arn(id)]))),
    (Some(22), "trail/invalid-selector", |all, id| {
        let trail = all[TRAIL]["Properties"].as_object_mut().unwrap();
        trail.remove("EventSelectors");
        let fields = json!([
            { "Field": "eventCategory", "Equals": ["Data"] },
            { "Field": "resources.type", "Equals": ["AWS::S3::Object"] },
            { "Field": "resources.ARN", "Equals": [arn(id)] },
        ]);
        trail.insert("AdvancedEventSelectors".into(), json!([{ "FieldSelectors": fields }]));
    }),
    (Some(23), "trail/undeliverable", |all, _| {
        let service = json!({ "Service": "cloudtrail.amazonaws.com" });
        let objects = json!({ "Fn::Sub": "${PlantedLogs.Arn}/AWSLogs/${AWS::AccountId}/*" });
        let statements = json!([
            { "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": arn("PlantedLogs") },
            { "Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": objects },
        ]);
        all.insert("PlantedLogs".into(), json!({ "Type": "AWS::S3::Bucket", "Properties": {} }));
        all.insert("PlantedLogsPolicy".into(), policy("PlantedLogs", statements));
        all[TRAIL]["Properties"]["S3BucketName"] = json!({ "Ref": "PlantedLogs" });
    }),
    (Some(24), "notification/conflict", |all, id| {
        let bridge = json!({ "EventBridgeEnabled": true });
        all[id]["Properties"]["NotificationConfiguration"] = json!({ "EventBridgeConfiguration": bridge });
    }),
    (Some(25), "notification/topic-policy", |all, id| {
        all.insert("PlantedTopic".into(), json!({ "Type": "AWS::SNS::Topic", "Properties": {} }));
        let topic = json!([{ "Event": "s3:ObjectCreated:*", "Topic": { "Ref": "PlantedTopic" } }]);
        all[id]["Properties"]["NotificationConfiguration"] = json!({ "TopicConfigurations": topic });
    }),
    (None, "policy/missing", |all, id| drop(all.remove(&policy_of(id)))),
    (None, "policy/missing-actions", |all, id| grant(all, id)["Action"] = json!(["s3:GetObject", "s3:ListBucket"])),
    (None, "policy/wrong-principal", |all, id| grant(all, id)["Principal"] = json!({ "AWS": "arn:aws:iam::123456789021:root" })),
    (None, "policy/denied", |all, id| {
        add(all, id, "s3:*", json!([arn(id), sub(id, "/*")]));
        let deny = statements(all, id).last_mut().unwrap();
        (deny["Effect"], deny["Principal"]) = (json!("Deny"), json!("*"));
        deny["Condition"] = json!({ "StringNotEquals": { "aws:PrincipalAccount": { "Ref": "AWS::AccountId" } } });
    }),
    (None, "policy/conditional", |all, id| {
        grant(all, id)["Condition"] = json!({ "StringEquals": { "aws:SourceVpce": "vpce-11111111" } });
    }),
    (None, "ownership/not-enforced", |all, id| {
        all[id]["Properties"]["OwnershipControls"] = json!({ "Rules": [{ "ObjectOwnership": "ObjectWriter" }] });
    }),
    (None, "trail/not-logging", |all, _| all[TRAIL]["Properties"]["IsLogging"] = json!(false)),
    (None, "trail/uncovered-bucket", |all, _| select(all, json!(["arn:aws:s3:::another-bucket/"]))),
    (None, "trail/partial-coverage", |all, _| {
        all[TRAIL]["Properties"]["EventSelectors"][0]["ReadWriteType"] = json!("WriteOnly");
    }),
];

/// What cannot be told of a bucket whose name is written with a value that is not known: a name that is not known may be any
/// other, and may hold a `/`, so that the bucket's ARN may be that of objects.
const HANGS_ON_THE_NAME: [(Option<usize>, &str); 5] = [
    (Some(2), "policy/action-resource-mismatch"),
    (Some(3), "policy/invalid-resource"),
    (Some(21), "trail/invalid-selector"),
    (Some(22), "trail/invalid-selector"),
    (None, "trail/uncovered-bucket"),
];

const TRAIL: &str = "PlantedTrail";

fn policy_of(id: &str) -> String {
    format!("Planted{id}Policy")
}

fn arn(id: &str) -> Json {
    json!({ "Fn::GetAtt": [id, "Arn"] })
}

fn sub(id: &str, end: &str) -> Json {
    json!({ "Fn::Sub": format!("${{{id}.Arn}}{end}") })
}

fn policy(id: &str, statements: Json) -> Json {
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    json!({ "Type": "AWS::S3::BucketPolicy", "Properties": { "Bucket": { "Ref": id }, "PolicyDocument": document } })
}

fn control() -> Json {
    json!({ "AWS": { "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::{ACCOUNT}:root") } })
}

fn document<'r>(all: &'r mut Resources, id: &str) -> &'r mut Json {
    &mut all[&policy_of(id)]["Properties"]["PolicyDocument"]
}

fn statements<'r>(all: &'r mut Resources, id: &str) -> &'r mut Vec<Json> {
    document(all, id)["Statement"].as_array_mut().unwrap()
}

/// The statement that grants the control account everything.
fn grant<'r>(all: &'r mut Resources, id: &str) -> &'r mut Json {
    &mut statements(all, id)[0]
}

fn add(all: &mut Resources, id: &str, action: &str, resource: Json) {
    let more = json!({ "Effect": "Allow", "Principal": control(), "Action": action, "Resource": resource });
    statements(all, id).push(more);
}

fn encrypt(all: &mut Resources, id: &str, key: Json, actions: &[&str]) {
    let own = json!({ "AWS": { "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" } });
    let mut statements = vec![json!({ "Effect": "Allow", "Principal": own, "Action": "kms:*", "Resource": "*" })];
    if !actions.is_empty() {
        statements.push(json!({ "Effect": "Allow", "Principal": control(), "Action": actions, "Resource": "*" }));
    }
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    all.insert("PlantedKey".into(), json!({ "Type": "AWS::KMS::Key", "Properties": { "KeyPolicy": policy } }));
    let default = json!({ "ServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key } });
    all[id]["Properties"]["BucketEncryption"] = json!({ "ServerSideEncryptionConfiguration": [default] });
}

fn select(all: &mut Resources, values: Json) {
    let data = json!([{ "Type": "AWS::S3::Object", "Values": values }]);
    all[TRAIL]["Properties"]["EventSelectors"] = json!([{ "ReadWriteType": "All", "DataResources": data }]);
}

/// A tree as JSON.
fn written(node: &Node) -> Json {
    match &node.value {
        Value::Bool(value) => json!(value),
        Value::Num(text) => serde_json::from_str(text).unwrap_or_else(|_| json!(text.as_str())),
        Value::Str(text) => json!(text.as_str()),
        Value::Seq(items) => items.iter().map(written).collect(),
        Value::Map(entries) => {
            let member = |key: &str, value: &Node| match value.as_str().and_then(|text| text.split_once('.')) {
                Some((id, name)) if key == "Fn::GetAtt" => json!([id, name]),
                _ => written(value),
            };
            let entries = entries.iter().map(|entry| (entry.key.text.to_string(), member(&entry.key.text, &entry.value)));
            Json::Object(entries.collect())
        }
        _ => Json::Null,
    }
}

/// A template with all of its buckets shared and logged as they should be, in place of what it says of that.
fn made_right(root: &Node, actions: &[String]) -> Option<Json> {
    let mut template = written(root);
    let all = template.get_mut("Resources")?.as_object_mut()?;
    let is = |resource: &Json, kind: &str| resource["Type"] == kind;
    let is_known = |resource: &Json| resource["Type"].as_str().is_some_and(|kind| !kind.ends_with("::MODULE"));
    let replaced = ["AWS::S3::BucketPolicy", "AWS::CloudTrail::Trail"];
    // a resource that may be anything may be a policy or a trail too
    all.retain(|_, resource| is_known(resource) && !replaced.iter().any(|kind| is(resource, kind)));
    let buckets: Vec<String> = all.iter().filter(|(_, one)| is(one, "AWS::S3::Bucket")).map(|(id, _)| id.clone()).collect();
    let mut values = Vec::new();
    for id in &buckets {
        let bucket = all[id].as_object_mut()?;
        let condition = bucket.get("Condition").cloned();
        let properties = bucket.entry("Properties").or_insert_with(|| json!({})).as_object_mut()?;
        for property in ["AccessControl", "BucketEncryption", "NotificationConfiguration"] {
            properties.remove(property);
        }
        let enforced = json!({ "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] });
        properties.insert("OwnershipControls".into(), enforced);
        let resources = json!([arn(id), sub(id, "/*")]);
        let grant = json!({ "Effect": "Allow", "Principal": control(), "Action": actions, "Resource": resources });
        let mut policy = policy(id, json!([grant]));
        let logged = sub(id, "/");
        values.push(match condition {
            Some(name) => {
                policy["Condition"] = name.clone();
                json!({ "Fn::If": [name, logged, { "Ref": "AWS::NoValue" }] })
            }
            None => logged,
        });
        all.insert(policy_of(id), policy);
    }
    let kept: BTreeSet<String> = all.keys().cloned().collect();
    for resource in all.values_mut().filter_map(Json::as_object_mut) {
        let waits = resource.remove("DependsOn").unwrap_or_default();
        let waits: Vec<Json> = waits.as_array().cloned().unwrap_or_else(|| vec![waits]);
        let waits: Vec<Json> = waits.into_iter().filter(|id| id.as_str().is_some_and(|id| kept.contains(id))).collect();
        if !waits.is_empty() {
            resource.insert("DependsOn".into(), json!(waits));
        }
    }
    let trail = json!({ "IsLogging": true, "S3BucketName": "audit-logs-elsewhere" });
    all.insert(TRAIL.into(), json!({ "Type": "AWS::CloudTrail::Trail", "Properties": trail }));
    select(all, json!(values));
    (!buckets.is_empty()).then_some(template)
}

/// What a run says, to be compared.
pub(crate) type Said = BTreeSet<(String, Severity, String)>;

/// Everything a run says.
pub(crate) fn said(outcome: &Outcome) -> Said {
    outcome.findings.iter().map(|one| (one.rule.clone(), one.severity, one.message.clone())).collect()
}

/// Judges one file.
pub(crate) fn check(path: &str, text: String, plan: &Plan) -> Outcome {
    run(load(vec![Input { shown: path.to_owned(), named: true, bytes: Ok(text.into_bytes()) }]), plan, &RULES)
}

/// A template of the corpus that was made right, with the bucket that mistakes are planted in.
pub(crate) struct Plot {
    /// Its path, as JSON.
    pub(crate) path: String,
    template: Json,
    id: String,
    is_open: bool,
    /// What is said of it without any mistake.
    pub(crate) before: Said,
}

impl Plot {
    /// The mistakes that can be told in it.
    pub(crate) fn mistakes(&self) -> impl Iterator<Item = &'static Mistake> {
        // a condition on the Region says of another partition that it is not there
        let is_bound = self.template["Conditions"].to_string().contains("AWS::Region");
        let told = move |number: Option<usize>, rule| !self.is_open || !HANGS_ON_THE_NAME.contains(&(number, rule));
        MISTAKES.iter().filter(move |(number, rule, _)| told(*number, rule) && !(is_bound && *number == Some(6)))
    }

    /// The template with one of them.
    pub(crate) fn planted(&self, (_, _, plant): &Mistake) -> Json {
        let mut planted = self.template.clone();
        plant(planted["Resources"].as_object_mut().unwrap(), &self.id);
        planted
    }
}

/// How a mistake is judged.
pub(crate) fn plan((number, ..): &Mistake) -> Plan {
    let plan = common::plan(ACCOUNT);
    match number {
        Some(6) => Plan { partition: Some("aws-us-gov".into()), ..plan },
        _ => plan,
    }
}

/// The templates that could be made right, and how many there are.
pub(crate) fn plots(base: &Path) -> (Vec<Plot>, usize) {
    let plan = common::plan(ACCOUNT);
    let loaded = load(common::inputs(base, base));
    let templates = loaded.models.iter().filter(|model| model.kind == Kind::Template);
    let templates: Vec<(String, Json)> = templates
        .filter_map(|model| {
            let path = loaded.sources.get(model.file).path.to_string() + ".json";
            Some((path, made_right(&model.root, &plan.profile.actions)?))
        })
        .collect();
    let count = templates.len();
    let plot = |(path, template): (String, Json)| {
        let before = check(&path, serde_json::to_string(&template).unwrap(), &plan);
        let target = &before.buckets.iter().find(|bucket| bucket.in_scope)?.bucket;
        // what is wrong beside that may well be the cause of what is planted
        let clean = before.findings.iter().all(|finding| finding.severity == Severity::Note);
        let id = target.logical_id.clone().filter(|id| clean && template["Resources"].get(id).is_some())?;
        let is_open = target.name.is_none() && template["Resources"][&id]["Properties"].get("BucketName").is_some();
        Some(Plot { path, id, is_open, before: said(&before), template })
    };
    (templates.into_par_iter().filter_map(plot).collect(), count)
}
