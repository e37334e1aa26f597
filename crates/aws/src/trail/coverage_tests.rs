//! Coverage held against a plain evaluator of one event at a time.

use super::coverage::{Cover, Coverage, coverage};
use super::selector::{Condition, Operator, Ternary, Test, Trail};
use super::testing::{sub, trail};
use bucketlint_text::source::Span;
use bucketlint_text::text::Text;
use proptest::prelude::*;
use serde_json::{Value, json};

/// An event by one caller, on a bucket in the partition `aws`.
struct Event<'a> {
    name: &'a str,
    read_only: bool,
    arn: &'a str,
}

/// Whether a wholly known trail logs an event, by the plain definition.
fn logs(trail: &Trail, event: &Event<'_>) -> bool {
    let class = if event.read_only { "ReadOnly" } else { "WriteOnly" };
    let basic = trail.selectors.basic.iter().any(|selector| {
        let read_write = selector.read_write.as_ref().map_or("All", |text| text.as_known().unwrap());
        let objects =
            selector.data.iter().filter(|resource| resource.kind.as_ref().unwrap().as_known() == Some("AWS::S3::Object"));
        let mut values = objects.flat_map(|resource| &resource.values).map(|value| value.as_known().unwrap());
        let taken = |value: &str| {
            let path = value.strip_prefix("arn:aws:s3:::");
            value == "arn:aws:s3" || path.is_some_and(|path| path.is_empty() || path.contains('/') && !path.contains('*'))
        };
        (read_write == "All" || read_write == class) && values.any(|value| taken(value) && event.arn.starts_with(value))
    });
    let advanced = trail.selectors.advanced.iter().any(|selector| {
        selector.fields.iter().all(|field| {
            let value = match field.field.as_ref().unwrap().as_known().unwrap() {
                "eventCategory" => "Data",
                "resources.type" => "AWS::S3::Object",
                "eventSource" => "s3.amazonaws.com",
                "readOnly" => {
                    if event.read_only {
                        "true"
                    } else {
                        "false"
                    }
                }
                "eventName" => event.name,
                "resources.ARN" => event.arn,
                _ => "someone",
            };
            let mut naming = field.conditions.iter().filter(|condition| !condition.operator.unwrap().negated).peekable();
            let mut others = field.conditions.iter().filter(|condition| condition.operator.unwrap().negated);
            (naming.peek().is_none() || naming.any(|condition| passes(condition, value)))
                && others.all(|condition| passes(condition, value))
        })
    });
    matches!(trail.logging, Ternary::Yes(_)) && (basic || advanced)
}

fn passes(condition: &Condition, value: &str) -> bool {
    let Operator { test, negated } = condition.operator.unwrap();
    let hit = condition.values.iter().map(|text| text.as_known().unwrap()).any(|text| match test {
        Test::Equals => value == text,
        Test::StartsWith => value.starts_with(text),
        Test::EndsWith => value.ends_with(text),
    });
    hit != negated
}

/// A trail with one basic selector.
fn basic(name: &str, kind: &str, values: &[&str]) -> Trail {
    let data = json!([{"Type": "AWS::S3::Object", "Values": values}]);
    trail(name, json!({"EventSelectors": [{"ReadWriteType": kind, "DataResources": data}]}))
}

/// A trail with one advanced selector on S3 objects and these further field selectors.
fn advanced(name: &str, fields: &[Value]) -> Trail {
    let mut all = vec![
        json!({"Field": "eventCategory", "Equals": ["Data"]}),
        json!({"Field": "resources.type", "Equals": "AWS::S3::Object"}),
    ];
    all.extend_from_slice(fields);
    trail(name, json!({"AdvancedEventSelectors": [{"Name": "n", "FieldSelectors": all}]}))
}

fn arn(operator: &str, values: &[&str]) -> Value {
    json!({"Field": "resources.ARN", operator: values})
}

/// A field selector on the ARN with several operators.
fn operators(mut operators: Value) -> Value {
    operators["Field"] = "resources.ARN".into();
    operators
}

fn text(text: &str) -> Text {
    sub(Span::default(), text)
}

fn of(trails: &[Trail], bucket: &str) -> Coverage {
    coverage(
        &trails.iter().collect::<Vec<_>>(),
        &crate::trail::Target { name: &text(bucket), partition: "aws", may_be: &|_| true },
    )
}

/// `full`, `none`, `unknown: …` or `partial: … | witness`.
fn word(cover: &Cover) -> String {
    match cover {
        Cover::Full => "full".into(),
        Cover::None => "none".into(),
        Cover::Unknown { why, .. } => format!("unknown: {why}"),
        Cover::Partial { why, witness, .. } => format!("partial: {why} | {}", witness.as_deref().unwrap_or("-")),
    }
}

/// Both classes' words, one where they agree.
fn words(trails: &[Trail], bucket: &str) -> String {
    let found = of(trails, bucket);
    let (read, write) = (word(&found.read), word(&found.write));
    if read == write { read } else { format!("{read} / {write}") }
}

const NO_DEFAULT: &str = "unknown: what trail `T` logs cannot be told, since parameter";

#[test]
fn basic_values() {
    let part = |what: &str, key: &str| {
        let of = |event: &str| format!("partial: trail `T` logs only {what} | s3:{event} on lab-data/{key}");
        format!("{} / {}", of("GetObject"), of("PutObject"))
    };
    for (values, expected) in [
        (vec!["arn:aws:s3"], "full".into()),
        (vec!["arn:aws:s3:::"], "full".into()),
        (vec!["arn:aws:s3:::lab-data/"], "full".to_string()),
        (vec!["arn:${PPartition}:s3:::lab-data/"], "full".into()),
        (vec!["arn:aws-cn:s3:::lab-data/"], "none".into()),
        (vec!["arn:aws:s3:::lab-data"], "none".into()),
        (vec!["arn:aws:s3:::lab"], "none".into()),
        (vec!["arn:aws:s3:::lab/"], "none".into()),
        (vec!["arn:aws:s3:::lab-data-2/"], "none".into()),
        (vec!["arn:aws:s3:::lab-data/*"], "none".into()),
        (vec!["arn:aws:s3:::*"], "none".into()),
        (vec!["lab-data/"], "none".into()),
        (vec!["arn:aws:s3:::lab-data/raw/"], part("keys that begin with `raw/`", "x")),
        (vec!["arn:aws:s3:::lab-data/x", "arn:aws:s3:::lab-data/y"], part("keys that begin with `x` or `y`", "z")),
        (vec!["arn:aws:s3:::lab-data/raw/", "arn:aws:s3:::lab-data/"], "full".into()),
        (vec![], "none".into()),
        (vec!["arn:aws:s3:::${PName}/"], format!("{NO_DEFAULT} `PName` has no default")),
        (vec!["arn:aws:s3:::${PName}"], format!("{NO_DEFAULT} `PName` has no default")),
        (vec!["arn:aws:s3:::${PName}-logs/"], "none".into()),
        (vec!["arn:aws:s3:::lab-${PEnv}/"], format!("{NO_DEFAULT} `PEnv` has no default")),
        (vec!["arn:aws:s3:::lab-data/${PPrefix}"], format!("{NO_DEFAULT} `PPrefix` has no default")),
        (vec!["arn:aws:s3:::lab-data/raw/${PPrefix}"], part("keys that begin with `raw/${PPrefix}`", "x")),
        (vec!["${PArn}"], format!("{NO_DEFAULT} `PArn` has no default")),
        (vec!["${PArn}", "arn:aws:s3"], "full".into()),
    ] {
        assert_eq!(words(&[basic("T", "All", &values)], "lab-data"), expected, "{values:?}");
    }
}

#[test]
fn buckets_with_unknown_names() {
    for (value, bucket, expected) in [
        ("arn:aws:s3:::${Data}/", "${Data}", "full"),
        ("arn:aws:s3", "${Data}", "full"),
        ("arn:aws:s3:::${Logs}/", "${Data}", "none"),
        ("arn:aws:s3:::${PData}/", "${PData}", "full"),
        ("arn:aws:s3:::${PData}", "${PData}", "none"),
        ("arn:aws:s3:::${PData}-x/", "${PData}", "none"),
        (
            "arn:aws:s3:::lab-data/",
            "${PData}",
            "unknown: what trail `T` logs cannot be told, since parameter `PData` has no default",
        ),
        (
            "arn:aws:s3:::${PLogs}/",
            "${PData}",
            "unknown: what trail `T` logs cannot be told, since parameter `PLogs` has no default",
        ),
    ] {
        let found = words(&[basic("T", "All", &[value])], bucket);
        assert_eq!(found, expected, "{value} {bucket}");
    }
}

#[test]
fn advanced_values() {
    let both = |what: &str, key: &str| {
        let of = |event: &str| format!("partial: trail `T` logs {what} | s3:{event} on lab-data/{key}");
        format!("{} / {}", of("GetObject"), of("PutObject"))
    };
    for (fields, expected) in [
        (vec![], "full".to_string()),
        (vec![arn("StartsWith", &["arn:aws:s3:::lab-data/"])], "full".into()),
        (vec![arn("StartsWith", &["arn:aws:s3:::lab"])], "full".into()),
        (vec![arn("StartsWith", &["arn:"])], "full".into()),
        (vec![arn("StartsWith", &["arn:aws:s3:::lab/"])], "none".into()),
        (vec![arn("Equals", &["arn:aws:s3:::lab-data"])], "none".into()),
        (vec![arn("Equals", &["arn:aws:s3:::lab-data/"])], "none".into()),
        (vec![arn("Equals", &["arn:aws:s3:::lab-data/x"])], both("only keys that are `x`", "y")),
        (vec![arn("StartsWith", &["arn:aws:s3:::lab-data/*"])], both("only keys that begin with `*`", "x")),
        (vec![arn("NotStartsWith", &["arn:aws:s3:::other/"])], "full".into()),
        (vec![arn("NotStartsWith", &["arn:aws:s3:::lab"])], "none".into()),
        (vec![arn("NotStartsWith", &["arn:aws:s3:::lab-data/tmp/"])], both("no keys that begin with `tmp/`", "tmp/")),
        (vec![arn("EndsWith", &[".csv"])], both("only keys that end with `.csv`", "x")),
        (vec![arn("EndsWith", &["data/x"])], both("only keys that end with `data/x`", "y")),
        (vec![arn("NotEndsWith", &[".tmp"])], both("no keys that end with `.tmp`", ".tmp")),
        // of one field, the operators without Not are alternatives, and each with Not holds
        (vec![operators(json!({"Equals": ["arn:aws:s3:::other/o"], "StartsWith": ["arn:aws:s3:::lab-data/"]}))], "full".into()),
        (
            vec![operators(json!({"EndsWith": [".csv"], "Equals": ["arn:aws:s3:::lab-data/x"]}))],
            both("only keys that are `x` or end with `.csv`", "y"),
        ),
        (
            vec![operators(
                json!({"StartsWith": ["arn:aws:s3:::lab-data/"], "EndsWith": [".c"], "NotStartsWith": ["arn:aws:s3:::lab-data/t"]}),
            )],
            both("no keys that begin with `t`", "t"),
        ),
        (
            vec![arn("StartsWith", &["arn:aws:s3:::lab-data/a"]), arn("NotStartsWith", &["arn:aws:s3:::lab-data/ab"])],
            both("only keys that begin with `a` and no keys that begin with `ab`", "x"),
        ),
        (vec![arn("StartsWith", &["arn:aws:s3:::${PName}/"])], format!("{NO_DEFAULT} `PName` has no default")),
        (vec![arn("NotStartsWith", &["arn:aws:s3:::${PName}/"])], format!("{NO_DEFAULT} `PName` has no default")),
        (vec![arn("EndsWith", &["${PEnd}"])], format!("{NO_DEFAULT} `PEnd` has no default")),
        (vec![json!({"Field": "eventSource", "Equals": ["s3.amazonaws.com"]})], "full".into()),
        (vec![json!({"Field": "eventSource", "NotEquals": ["s3.amazonaws.com"]})], "none".into()),
        (vec![json!({"Field": "resources.type", "Equals": ["AWS::S3::Bucket"]})], "none".into()),
        (
            vec![json!({"Field": "userIdentity.arn", "Equals": ["arn:aws:iam::1:role/R"]})],
            both("only `userIdentity.arn` values that are `arn:aws:iam::1:role/R`", "x"),
        ),
        (vec![json!({"Fn::If": ["C", {}, {}]})], format!("{NO_DEFAULT} `PElse` has no default")),
        (vec![json!({"Field": "eventName", "Equal": ["GetObject"]})], "none".into()),
    ] {
        assert_eq!(words(&[advanced("T", &fields)], "lab-data"), expected, "{fields:?}");
    }
}

#[test]
fn classes_and_event_names() {
    let names = |operator: &str, names: &[&str]| json!({"Field": "eventName", operator: names});
    for (field, expected) in [
        (json!({"Field": "readOnly", "Equals": ["true"]}), "full / none"),
        (json!({"Field": "readOnly", "Equals": [false]}), "none / full"),
        (json!({"Field": "readOnly", "Equals": ["true", "false"]}), "full"),
        (
            json!({"Field": "readOnly", "Equals": {"Ref": "PRead"}}),
            "unknown: what trail `T` logs cannot be told, since parameter `PRead` has no default",
        ),
        (
            names("Equals", &["GetObject", "HeadObject"]),
            "partial: trail `T` logs only event names that are `GetObject` or `HeadObject` | s3:GetObjectAcl on lab-data/x / none",
        ),
        (
            names("NotEquals", &["PutObject"]),
            "full / partial: trail `T` logs no event names that are `PutObject` | s3:PutObject on lab-data/x",
        ),
        (names("NotEquals", &["ListObjects", "DeleteObjects"]), "full"),
        (
            names("StartsWith", &["Get", "Head", "List", "Select"]),
            "partial: trail `T` logs only event names that begin with `Get` or `Head` or `List` or `Select` | - / none",
        ),
        (names("NotEquals", &["Frobnicate"]), "unknown: whether `Frobnicate` is an event on S3 objects is not known"),
        (names("Equals", &["${PEvent}"]), "unknown: what trail `T` logs cannot be told, since parameter `PEvent` has no default"),
    ] {
        assert_eq!(words(&[advanced("T", std::slice::from_ref(&field))], "lab-data"), expected, "{field}");
    }
    assert_eq!(words(&[basic("T", "ReadOnly", &["arn:aws:s3"])], "lab-data"), "full / none");
    assert_eq!(words(&[basic("T", "Everything", &["arn:aws:s3"])], "lab-data"), "none");
}

/// A trail with several advanced selectors on data events, each with these types and further field selectors.
fn several(selectors: &[(&[&str], &[Value])]) -> Trail {
    let selector = |(types, fields): &(&[&str], &[Value])| {
        let mut all =
            vec![json!({"Field": "eventCategory", "Equals": ["Data"]}), json!({"Field": "resources.type", "Equals": types})];
        all.extend_from_slice(fields);
        json!({"FieldSelectors": all})
    };
    trail("T", json!({"AdvancedEventSelectors": selectors.iter().map(selector).collect::<Vec<_>>()}))
}

#[test]
fn fields_are_joined_by_and_and_selectors_by_or() {
    const OBJECT: &[&str] = &["AWS::S3::Object"];
    let class = |word: &str| json!({"Field": "readOnly", "Equals": [word]});
    let raw = || arn("StartsWith", &["arn:aws:s3:::lab-data/raw/"]);
    let rest = || arn("NotStartsWith", &["arn:aws:s3:::lab-data/raw/"]);
    let all = |selectors: &[(&[&str], &[Value])]| words(&[several(selectors)], "lab-data");
    // reads and writes, each by a selector of its own
    assert_eq!(all(&[(OBJECT, &[class("true")]), (OBJECT, &[class("false")])]), "full");
    // reads below raw/ and nothing else
    assert_eq!(
        all(&[(OBJECT, &[class("true"), raw()])]),
        "partial: trail `T` logs only keys that begin with `raw/` | s3:GetObject on lab-data/x / none"
    );
    // what one selector leaves out, the other has
    assert_eq!(all(&[(OBJECT, &[raw()]), (OBJECT, &[rest()])]), "full");
    // of writes, those below raw/ are missing
    let found = of(&[several(&[(OBJECT, &[class("true")]), (OBJECT, &[class("false"), rest()])])], "lab-data");
    assert_eq!(found.read, Cover::Full);
    assert!(matches!(&found.write, Cover::Partial { witness: Some(event), .. } if event == "s3:PutObject on lab-data/raw/"));
    // a list of names holds reads and writes, and leaves some of each out
    let names = json!({"Field": "eventName", "Equals": ["GetObject", "PutObject"]});
    let found = of(&[several(&[(OBJECT, &[names])])], "lab-data");
    let lost = |cover: &Cover| if let Cover::Partial { witness, .. } = cover { witness.clone() } else { None };
    assert!(lost(&found.read).is_some_and(|event| event != "s3:GetObject on lab-data/x"));
    assert!(lost(&found.write).is_some_and(|event| !event.contains("s3:PutObject on")));
    // several exclusions in one list
    let excluded = arn("NotStartsWith", &["arn:aws:s3:::lab-logs/", "arn:aws:s3:::lab-data/tmp/"]);
    assert_eq!(words(&[several(&[(OBJECT, std::slice::from_ref(&excluded))])], "lab-logs"), "none");
    assert_eq!(words(&[several(&[(OBJECT, &[excluded])])], "lab-raw"), "full");
}

#[test]
fn access_points_are_a_type_of_their_own() {
    const POINT: &[&str] = &["AWS::S3::AccessPoint"];
    const OBJECT: &[&str] = &["AWS::S3::Object"];
    let all = |selectors: &[(&[&str], &[Value])]| words(&[several(selectors)], "lab-data");
    assert_eq!(all(&[(POINT, &[])]), "none");
    assert_eq!(all(&[(POINT, &[arn("StartsWith", &["arn:aws:s3:::lab-data/"])])]), "none");
    assert_eq!(all(&[(POINT, &[]), (OBJECT, &[])]), "full");
    // an access point's ARN is no object's
    assert_eq!(all(&[(OBJECT, &[arn("StartsWith", &["arn:aws:s3:us-east-1:111122223333:accesspoint/lab"])])]), "none");
    // CloudTrail takes one type, and would log objects if it took both
    assert_eq!(all(&[(&["AWS::S3::AccessPoint", "AWS::S3::Object"], &[])]), "full");
}

#[test]
fn trails_add_up() {
    let a = || basic("A", "ReadOnly", &["arn:aws:s3:::lab-data/"]);
    let b = || basic("B", "WriteOnly", &["arn:aws:s3:::lab-data/raw/"]);
    let c = || advanced("C", &[arn("NotStartsWith", &["arn:aws:s3:::lab-data/raw/"])]);
    let off = trail(
        "D",
        json!({"IsLogging": false, "EventSelectors": [{"DataResources": [{"Type": "AWS::S3::Object", "Values": "arn:aws:s3"}]}]}),
    );
    let found = of(&[a(), b(), off], "lab-data");
    assert_eq!(found.read, Cover::Full);
    let why =
        "partial: trail `A` logs only read events; trail `B` logs only keys that begin with `raw/` | s3:PutObject on lab-data/x";
    assert_eq!(word(&found.write), why);
    assert_eq!(found.trails, [0, 1]);
    assert_eq!(
        words(&[b(), c()], "lab-data"),
        "partial: trail `B` logs only write events; trail `C` logs no keys that begin with `raw/` | s3:GetObject on lab-data/raw/ / full"
    );
    assert_eq!(words(&[], "lab-data"), "none");
    assert_eq!(words(&[trail("E", json!({}))], "lab-data"), "none");
}

#[test]
fn a_trail_that_may_not_be_logging_counts_only_where_it_matters() {
    let values = json!([{"DataResources": [{"Type": "AWS::S3::Object", "Values": "arn:aws:s3:::lab-data/"}]}]);
    let open = |logging: Value| trail("T", json!({"IsLogging": logging, "EventSelectors": values}));
    let unknown = open(json!({"Ref": "PLog"}));
    assert_eq!(of(&[open(json!({"Ref": "PLog"})), basic("A", "All", &["arn:aws:s3"])], "lab-data").read, Cover::Full);
    assert_eq!(words(std::slice::from_ref(&unknown), "other"), "none");
    let found = of(&[unknown], "lab-data");
    assert_eq!(word(&found.read), format!("{NO_DEFAULT} `PLog` has no default"));
    // nodes and keys in reading order: 1 map, 2 IsLogging, 3 its value
    assert!(matches!(found.read, Cover::Unknown { at, .. } if at.start == 3));
    assert_eq!(found.trails, [0; 0]);
    let missing = open(Value::Null);
    assert_eq!(
        words(&[missing], "lab-data"),
        "unknown: what trail `T` logs cannot be told, since `IsLogging`, which CloudFormation requires, is missing"
    );
}

#[test]
fn the_place_is_the_value_that_limits() {
    let found = of(&[basic("T", "All", &["arn:aws:s3:::other/", "arn:aws:s3:::lab-data/raw/"])], "lab-data");
    // 1 map, 2+3 EventSelectors, 4 map, 5+6 ReadWriteType, 7+8 DataResources, 9 map, 10+11 Type, 12+13 Values, 14, 15
    let Cover::Partial { at, .. } = found.read else { panic!() };
    assert_eq!(at.start, 15);
}

/// Values over few letters, so that prefixes often meet.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[xyz]{0,2}".prop_map(|key| format!("arn:aws:s3:::lab/{key}")),
        1 => Just("arn:aws:s3".to_string()),
        1 => "[ab]?".prop_map(|more| format!("arn:aws:s3:::la{more}")),
        1 => Just("arn:aws:s3:::other/".to_string()),
    ]
}

fn any_trail() -> impl Strategy<Value = Trail> {
    let values = || prop::collection::vec(value(), 1..4);
    let kinds = prop::sample::select(vec!["All", "ReadOnly", "WriteOnly"]);
    let operators = prop::sample::select(vec!["Equals", "StartsWith", "NotEquals", "NotStartsWith"]);
    let ends = ("(Not)?EndsWith", prop::collection::vec("(b/)?[xyz]{1,2}", 1..3));
    let field = prop_oneof![
        3 => (operators.clone(), values()).prop_map(|(operator, values)| json!({"Field": "resources.ARN", operator: values})),
        2 => (operators.clone(), values(), operators, values()).prop_map(
            |(one, values, two, more)| json!({"Field": "resources.ARN", one: values, two: more})
        ),
        1 => ends.prop_map(|(operator, values)| json!({"Field": "resources.ARN", operator: values})),
        1 => any::<bool>().prop_map(|only| json!({"Field": "readOnly", "Equals": [only]})),
        1 => prop::sample::select(vec!["Equals", "NotEquals", "StartsWith"]).prop_map(|operator| json!({"Field": "eventName", operator: ["GetObject", "Put"]})),
        1 => Just(json!({"Field": "userIdentity.arn", "Equals": ["someone else"]})),
    ];
    let old =
        (kinds, values()).prop_map(|(kind, values)| basic("T", kind, &values.iter().map(String::as_str).collect::<Vec<_>>()));
    prop_oneof![old, prop::collection::vec(field, 1..3).prop_map(|fields| advanced("T", &fields))]
}

proptest! {
    #[test]
    fn answers_hold_for_single_events(trails in prop::collection::vec(any_trail(), 1..4), keys in prop::collection::vec("[wxyz]{1,3}", 50)) {
        let found = of(&trails, "lab");
        for (cover, read_only, example) in [(&found.read, true, "GetObject"), (&found.write, false, "PutObject")] {
            let logged = |name: &str, key: &str| {
                let arn = format!("arn:aws:s3:::lab/{key}");
                trails.iter().any(|trail| logs(trail, &Event { name, read_only, arn: &arn }))
            };
            match cover {
                Cover::Full => prop_assert!(keys.iter().all(|key| logged(example, key))),
                Cover::None => prop_assert!(!keys.iter().any(|key| logged(example, key))),
                Cover::Partial { witness: Some(witness), .. } => {
                    let (name, key) = witness.strip_prefix("s3:").and_then(|rest| rest.split_once(" on lab/")).unwrap();
                    prop_assert!(!logged(name, key), "{witness}");
                }
                Cover::Partial { witness: None, .. } => {}
                // only a name that is not S3's leaves anything open here
                Cover::Unknown { why, .. } => prop_assert_eq!(why, "whether `Put` is an event on S3 objects is not known"),
            }
        }
    }
}

#[test]
fn many_values_are_compared_in_time() {
    let begins: Vec<String> = (0..2000).map(|at| format!("arn:aws:s3:::lab-data/{}/", at * 7919)).collect();
    let begins: Vec<&str> = begins.iter().map(String::as_str).collect();
    assert!(matches!(of(&[basic("T", "All", &begins)], "lab-data").read, Cover::Partial { .. }));
    let ends: Vec<String> = (0..300).map(|at| format!("/{}{}", "ab/".repeat(at % 60), at)).collect();
    let ends: Vec<&str> = ends.iter().map(String::as_str).collect();
    assert!(matches!(of(&[advanced("T", &[arn("NotEndsWith", &ends)])], "lab-data").read, Cover::Partial { .. }));
}
