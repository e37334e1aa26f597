//! Repositories that have nothing in common, checked apart and together.

use super::*;
use std::sync::LazyLock;

/// A resource of a small repository. A bucket is named by a number: see [`name`].
#[derive(Clone, Debug)]
enum Thing {
    Bucket {
        name: usize,
        enforced: bool,
        encrypted: bool,
    },
    /// Who is granted how much.
    Policy {
        bucket: usize,
        principal: usize,
        all: bool,
    },
    Trail {
        bucket: usize,
        reads_only: bool,
    },
    Key {
        granting: bool,
    },
    Export {
        bucket: usize,
    },
}

/// The first of these names is one the folder alone has; further ones are of a bucket that no file declares, a parameter
/// with a value, one without, and a value that is imported. Parameters and exports are called the same in every folder.
const NAMES: usize = 5;

fn name(number: usize, folder: &str) -> String {
    match number {
        0 => format!("{folder}-data"),
        1 => format!("{folder}-elsewhere"),
        2 => "!Ref Named".into(),
        3 => "!Ref Unnamed".into(),
        _ => "!ImportValue shared-name".into(),
    }
}

const PRINCIPALS: [&str; 4] =
    ["{AWS: '123456789012'}", "{AWS: '210987654321'}", "{Service: logging.s3.amazonaws.com}", "{AWS: !Ref Account}"];

fn thing() -> impl Strategy<Value = Thing> {
    let flag = any::<bool>;
    prop_oneof![
        3 => (0..NAMES - 1, flag(), flag()).prop_map(|(name, enforced, encrypted)| Thing::Bucket { name, enforced, encrypted }),
        4 => (0..NAMES, 0..PRINCIPALS.len(), flag()).prop_map(|(bucket, principal, all)| Thing::Policy { bucket, principal, all }),
        1 => (0..NAMES, flag()).prop_map(|(bucket, reads_only)| Thing::Trail { bucket, reads_only }),
        1 => flag().prop_map(|granting| Thing::Key { granting }),
        1 => (0..NAMES - 1).prop_map(|bucket| Thing::Export { bucket }),
    ]
}

/// One resource, or an output, in the words of CloudFormation.
fn written(thing: &Thing, at: usize, folder: &str) -> String {
    let resource = |kind: &str, properties: String| format!("  R{at}: {{Type: 'AWS::{kind}', Properties: {{{properties}}}}}\n");
    match thing {
        Thing::Bucket { name: number, enforced, encrypted } => {
            let own = if *enforced { "BucketOwnerEnforced" } else { "ObjectWriter" };
            let key = "BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms', KMSMasterKeyID: !Ref KeyId}}]}, ";
            let key = if *encrypted { key } else { "" };
            let name = name(*number, folder);
            resource("S3::Bucket", format!("BucketName: {name}, {key}OwnershipControls: {{Rules: [{{ObjectOwnership: {own}}}]}}"))
        }
        Thing::Policy { bucket, principal, all } => {
            let (bucket, principal) = (name(*bucket, folder), PRINCIPALS[*principal]);
            let action = if *all { "'s3:*'" } else { "'s3:Get*'" };
            let arn = |end: &str| format!("!Join ['', ['arn:aws:s3:::', {bucket}, '{end}']]");
            let (own, objects) = (arn(""), arn("/*"));
            let allow = format!("{{Effect: Allow, Principal: {principal}, Action: {action}, Resource: [{own}, {objects}]}}");
            let document = format!("{{Version: '2012-10-17', Statement: [{allow}]}}");
            resource("S3::BucketPolicy", format!("Bucket: {bucket}, PolicyDocument: {document}"))
        }
        Thing::Trail { bucket, reads_only } => {
            let which = if *reads_only { "ReadOnly" } else { "All" };
            let value = format!("!Join ['', ['arn:aws:s3:::', {}, '/']]", name(*bucket, folder));
            let data = format!("[{{Type: 'AWS::S3::Object', Values: [{value}]}}]");
            let selectors = format!("[{{ReadWriteType: {which}, DataResources: {data}}}]");
            resource("CloudTrail::Trail", format!("IsLogging: true, S3BucketName: {folder}-logs, EventSelectors: {selectors}"))
        }
        Thing::Key { granting } => {
            let who = if *granting { PRINCIPALS[0] } else { PRINCIPALS[1] };
            let allow = format!("{{Effect: Allow, Principal: {who}, Action: 'kms:*', Resource: '*'}}");
            resource("KMS::Key", format!("KeyPolicy: {{Version: '2012-10-17', Statement: [{allow}]}}"))
        }
        Thing::Export { bucket } => {
            let output = format!("{{Value: {}, Export: {{Name: shared-name}}}}", name(*bucket, folder));
            format!("  W{at}: {{Type: AWS::CloudFormation::WaitConditionHandle}}\nOutputs:\n  O{at}: {output}\n")
        }
    }
}

/// The files of a repository, one template for each list, half of them in a folder further down.
fn repository(templates: &[Vec<Thing>], folder: &str) -> Vec<(String, String)> {
    let parameters = format!(
        "Parameters:\n  Named: {{Type: String, Default: {folder}-named}}\n  Unnamed: {{Type: String}}\n  Account: {{Type: String}}\n  KeyId: {{Type: String}}\n"
    );
    let template = |things: &[Thing]| {
        // an output ends its template, as one has one section of them
        let mut things: Vec<&Thing> = things.iter().collect();
        things.sort_by_key(|thing| matches!(thing, Thing::Export { .. }));
        let exports = things.iter().filter(|thing| matches!(thing, Thing::Export { .. })).count();
        things.truncate(things.len() + 1 - exports.max(1));
        let things = things.iter().enumerate().map(|(at, thing)| written(thing, at, folder));
        format!("{parameters}Resources:\n{}", things.collect::<String>())
    };
    // a policy or trail without a bucket of its own is looked for in all linted files, as the folders of one repository
    // are no different from two repositories; so each has buckets that such a policy may be for, and the value it imports
    let anchor = [
        Thing::Bucket { name: 0, enforced: true, encrypted: false },
        Thing::Bucket { name: 3, enforced: true, encrypted: false },
        Thing::Export { bucket: 0 },
    ];
    let path = |at: usize| if at.is_multiple_of(2) { format!("{folder}/t{at}.yaml") } else { format!("{folder}/sub/t{at}.yaml") };
    let files = templates.iter().map(Vec::as_slice).chain([&anchor[..]]);
    files.enumerate().map(|(at, things)| (path(at), template(things))).collect()
}

/// Every finding: rule, severity, message, places by path, and bucket. Of what no trail logs, the buckets alone: that is told
/// once for all of them, and how grave it is hangs on whether any file declares a trail.
fn told(files: &[(String, String)], (plan, rules): (&Plan, &[Rule])) -> Vec<String> {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let outcome = check_files(&files, plan, rules);
    let place = |span: Span| format!("{}:{}-{}", outcome.sources.get(span.file).path, span.start, span.end);
    let shown = outcome.findings.iter().flat_map(|finding| {
        if finding.rule == "trail/uncovered-bucket" {
            let buckets = if finding.buckets.is_empty() { finding.bucket.as_slice() } else { &finding.buckets };
            return buckets.iter().map(|bucket| format!("{} {bucket:?}", finding.rule)).collect::<BTreeSet<_>>();
        }
        let labels = std::iter::once(&finding.primary).chain(&finding.related);
        let labels: Vec<_> = labels.map(|label| (place(label.span), &label.message)).collect();
        let bucket = finding.bucket.as_ref();
        let told =
            format!("{} {:?} {} {labels:?} {bucket:?} {:?}", finding.rule, finding.severity, finding.message, finding.when);
        BTreeSet::from([told])
    });
    let mut shown: Vec<String> = shown.collect();
    shown.sort();
    shown
}

fn templates() -> impl Strategy<Value = Vec<Vec<Thing>>> {
    prop::collection::vec(prop::collection::vec(thing(), 1..4), 1..4)
}

/// What is found in one of two ways only: apart, and together.
fn differing(one: &[Vec<Thing>], other: &[Vec<Thing>], rules: &[Rule]) -> [Vec<String>; 2] {
    let plan = Plan { trail_elsewhere: false, ..plan() };
    let (one, other) = (repository(one, "one"), repository(other, "other"));
    let found = |files: &[(String, String)]| told(files, (&plan, rules));
    let mut apart = [found(&one), found(&other)].concat();
    let mut together = found(&[one, other].concat());
    for line in apart.clone() {
        if let Some(at) = together.iter().position(|other| *other == line) {
            together.remove(at);
            apart.remove(apart.iter().position(|other| *other == line).unwrap());
        }
    }
    [apart, together]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn unrelated_repositories_give_the_union_of_their_findings(one in templates(), other in templates()) {
        static RULES: LazyLock<Vec<Rule>> = LazyLock::new(rules);
        let [lost, new] = differing(&one, &other, &RULES);
        prop_assert!(lost.is_empty() && new.is_empty(), "lost {lost:#?}\nnew {new:#?}");
    }
}
