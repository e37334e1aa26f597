mod bounds;
mod doubtful;
mod gathered;
mod growth;
mod many_files;
mod own_account;
mod places;
mod shared;
mod union;

use super::variants::{Change, Variant};
use super::*;
use crate::load::{Input, load};
use crate::profile::{self};
use crate::rule::catalog::{self, builtin_files, load_files};
use crate::syntax::testing::tree;
use proptest::prelude::*;

const ACCOUNT: &str = "123456789012";
const WORDS: [&str; 3] = ["a", "b", "c"];
const PARAMETERS: usize = 3;
const CONDITIONS: usize = 3;

fn rules() -> Vec<Rule> {
    let files: Vec<(String, Node)> = builtin_files().into_iter().map(|(id, text)| (id.to_owned(), tree(text))).collect();
    load_files(&files).0
}

fn plan() -> Plan {
    Plan {
        control_accounts: vec![ACCOUNT.into()],
        profile: Profile::read(profile::DEFAULT, &tree(profile::builtin(profile::DEFAULT).unwrap())).unwrap(),
        buckets: Default::default(),
        standalone_bucket: None,
        levels: BTreeMap::new(),
        trail_elsewhere: true,
        logs_read: false,
        partition: None,
        roles: Vec::new(),
        assume: BTreeMap::new(),
        given: Given::default(),
        allowing: Default::default(),
        most_looks: MOST_LOOKS,
        facts: false,
    }
}

fn check_files(files: &[(&str, &str)], plan: &Plan, rules: &[Rule]) -> Outcome {
    let input = |(path, text): &(&str, &str)| Input { shown: (*path).into(), named: true, bytes: Ok(text.as_bytes().to_vec()) };
    run(load(files.iter().map(input).collect()), plan, rules)
}

/// A condition in the test's own words.
#[derive(Clone, Debug)]
enum Cond {
    Is(usize, usize),
    Not(Box<Cond>),
    All(Box<Cond>, Box<Cond>),
    Any(Box<Cond>, Box<Cond>),
}

impl Cond {
    fn holds(&self, values: &[usize]) -> bool {
        match self {
            Self::Is(parameter, value) => values[*parameter] == *value,
            Self::Not(inner) => !inner.holds(values),
            Self::All(one, other) => one.holds(values) && other.holds(values),
            Self::Any(one, other) => one.holds(values) || other.holds(values),
        }
    }

    fn written(&self) -> String {
        match self {
            Self::Is(parameter, value) => format!("{{\"Fn::Equals\": [{{Ref: P{parameter}}}, {}]}}", WORDS[*value]),
            Self::Not(inner) => format!("{{\"Fn::Not\": [{}]}}", inner.written()),
            Self::All(one, other) => format!("{{\"Fn::And\": [{}, {}]}}", one.written(), other.written()),
            Self::Any(one, other) => format!("{{\"Fn::Or\": [{}, {}]}}", one.written(), other.written()),
        }
    }
}

fn cond() -> impl Strategy<Value = Cond> {
    let leaf = (0..PARAMETERS, 0..WORDS.len()).prop_map(|(parameter, value)| Cond::Is(parameter, value));
    leaf.prop_recursive(2, 4, 2, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            inner.prop_map(|inner| Cond::Not(Box::new(inner))),
            two.clone().prop_map(|(one, other)| Cond::All(Box::new(one), Box::new(other))),
            two.prop_map(|(one, other)| Cond::Any(Box::new(one), Box::new(other))),
        ]
    })
}

/// What hangs on which condition: the bucket, its ownership, its policy, and one of the statements.
type Shape = [Option<usize>; 4];

/// A template; `conditions` come last, so that everything before stands at the same place whatever they are.
fn template(shape: Shape, conditions: &[String]) -> String {
    let under = |at: Option<usize>| at.map_or(String::new(), |at| format!("    Condition: C{at}\n"));
    let choice = |at: Option<usize>, yes: &str, no: &str| at.map_or(yes.to_owned(), |at| format!("!If [C{at}, {yes}, {no}]"));
    let mut out = String::from("Parameters:\n");
    for at in 0..PARAMETERS {
        out += &format!("  P{at}: {{Type: String, Default: a, AllowedValues: [a, b, c]}}\n");
    }
    out += &format!(
        "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n{}    Properties:\n      BucketName: lab-data\n      OwnershipControls:\n        Rules:\n        - ObjectOwnership: {}\n",
        under(shape[0]),
        choice(shape[1], "BucketOwnerEnforced", "ObjectWriter")
    );
    let allow = |action: &str| {
        format!(
            "{{Effect: Allow, Principal: {{AWS: '{ACCOUNT}'}}, Action: '{action}', Resource: ['arn:aws:s3:::lab-data', 'arn:aws:s3:::lab-data/*']}}"
        )
    };
    out += &format!(
        "  Policy:\n    Type: AWS::S3::BucketPolicy\n{}    Properties:\n      Bucket: lab-data\n      PolicyDocument:\n        Version: '2012-10-17'\n        Statement:\n        - {}\n        - {}\n",
        under(shape[2]),
        allow("s3:*Object*"),
        choice(shape[3], &allow("s3:*Bucket*"), "!Ref AWS::NoValue")
    );
    out += "Conditions:\n";
    conditions.iter().enumerate().for_each(|(at, condition)| out += &format!("  C{at}: {condition}\n"));
    out
}

type Found = BTreeSet<(String, Span, Vec<String>)>;

fn is(finding: &Finding) -> (String, Span, Vec<String>) {
    (finding.rule.clone(), finding.primary.span, finding.actions.clone())
}

/// Whether the parameter values told by a finding are those of an assignment.
fn agrees(when: &[(String, String)], values: &[usize]) -> bool {
    when.iter().all(|(name, wanted)| {
        let value = WORDS[values[name.strip_prefix('P').unwrap().parse::<usize>().unwrap()]];
        match wanted.strip_prefix("not ") {
            Some(others) => others.split(" or ").all(|other| other != value),
            None => wanted == value,
        }
    })
}

/// Every way to fix fewer than `count` parameters.
fn fewer(count: usize) -> Vec<Vec<Option<usize>>> {
    let number = |all: usize, at: usize| (all / 4_usize.pow(at as u32)) % 4;
    let fixed = |all| (0..PARAMETERS).map(|at| number(all, at).checked_sub(1)).collect::<Vec<_>>();
    let all = (0..4_usize.pow(PARAMETERS as u32)).map(fixed);
    all.filter(|fixed| fixed.iter().flatten().count() < count).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is found, and when, is what is found when every assignment of parameters is checked by itself, with each
    /// condition replaced by what it comes to.
    #[test]
    fn findings_and_their_values_are_those_of_brute_force(
        conditions in prop::collection::vec(cond(), CONDITIONS),
        shape in prop::array::uniform4(prop::option::weighted(0.7, 0..CONDITIONS)),
    ) {
        let (plan, rules) = (plan(), rules().into_iter().map(Rule::told_apart).collect::<Vec<_>>());
        let written: Vec<String> = conditions.iter().map(Cond::written).collect();
        let outcome = check_files(&[("t.yaml", &template(shape, &written))], &plan, &rules);
        let mut left: Found = outcome.findings.iter().map(is).collect();
        prop_assert_eq!(left.len(), outcome.findings.len(), "each is told once");
        let mut all: Vec<(Vec<usize>, Found)> = Vec::new();
        let mut by_values: BTreeMap<Vec<bool>, Found> = BTreeMap::new();
        for number in 0..WORDS.len().pow(PARAMETERS as u32) {
            let values: Vec<usize> = (0..PARAMETERS as u32).map(|at| number / 3_usize.pow(at) % 3).collect();
            let holds: Vec<bool> = conditions.iter().map(|condition| condition.holds(&values)).collect();
            let found = by_values.entry(holds.clone()).or_insert_with(|| {
                let fixed: Vec<String> = holds.iter().map(|holds| format!("{{\"Fn::Equals\": ['1', '{}']}}", u8::from(*holds))).collect();
                check_files(&[("t.yaml", &template(shape, &fixed))], &plan, &rules).findings.iter().map(is).collect()
            });
            for one in found.iter() {
                prop_assert!(outcome.findings.iter().any(|finding| is(finding) == *one), "{one:?} was missed");
            }
            let there = shape[0].is_none_or(|at| holds[at]) || shape[2].is_none_or(|at| holds[at]);
            for finding in outcome.findings.iter().filter(|finding| agrees(&finding.when, &values)) {
                prop_assert!(found.contains(&is(finding)) || !there, "{} does not hold for {values:?}", finding.headline());
                left.remove(&is(finding));
            }
            all.push((values, found.clone()));
        }
        for finding in &outcome.findings {
            for fixed in fewer(finding.when.len()) {
                let fits = |values: &[usize]| fixed.iter().zip(values).all(|(wanted, value)| wanted.is_none_or(|wanted| wanted == *value));
                let enough = all.iter().filter(|(values, _)| fits(values)).all(|(_, found)| found.contains(&is(finding)));
                prop_assert!(!enough, "{} holds for {fixed:?} already", finding.headline());
            }
        }
        prop_assert!(left.is_empty(), "{left:?} hold for no values");
    }
}

const CONDITIONAL: &str = "Parameters: {Own: {Type: String, Default: BucketOwnerEnforced}}
Conditions: {Weak: !Equals [!Ref Own, ObjectWriter]}
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: NAME
      OwnershipControls: {Rules: [{ObjectOwnership: !If [Weak, ObjectWriter, BucketOwnerEnforced]}]}
";

#[test]
fn templates_that_share_no_bucket_are_varied_together() {
    // the number of a file, and those it changes with the mark of what it makes of them
    let variant = |file: u32, changes: &[(u32, u64)], watches: bool| {
        let change = |mark| Change { mark, watches, reaches_out: false, names: Some(BTreeSet::new()) };
        let changes = changes.iter().map(|(file, mark)| (FileId(*file), change(*mark))).collect();
        Variant { file: FileId(file), number: 1, parts: BTreeMap::new(), changes, heirs: [FileId(file)].into() }
    };
    let near = |pairs: &[(u32, u32)]| -> BTreeMap<FileId, BTreeSet<FileId>> {
        let mut out: BTreeMap<FileId, BTreeSet<FileId>> = BTreeMap::new();
        for (one, other) in pairs.iter().flat_map(|(one, other)| [(*one, *other), (*other, *one)]) {
            out.entry(FileId(one)).or_default().insert(FileId(other));
        }
        out
    };
    let count = |variants: &[Variant], apart: &[(u32, u32)], watched: &[(u32, u32)]| {
        passes(variants, &Near { apart: near(apart), watched: near(watched), names: BTreeMap::new() }).len()
    };
    let all: Vec<Variant> = (0..6).map(|at| variant(at, &[(at, 1)], false)).collect();
    assert_eq!(count(&all, &[], &[]), 1);
    let pairs: Vec<(u32, u32)> = (0..6).flat_map(|one| (0..one).map(move |other| (one, other))).collect();
    assert_eq!(count(&all, &pairs, &[]), 6, "one at a time where all have a bucket in common");
    assert_eq!(count(&all, &[], &pairs), 1, "that they have trails is nothing as long as these are the same");
    let watching: Vec<Variant> = (0..6).map(|at| variant(at, &[(at, 1)], true)).collect();
    assert_eq!(count(&watching, &[], &pairs), 6);
    // all have the same parameter as the trail's template, which is number 9
    let following: Vec<Variant> = (0..6).map(|at| variant(at, &[(at, 1), (9, 1)], true)).collect();
    let trail: Vec<(u32, u32)> = (0..6).map(|at| (at, 9)).collect();
    assert_eq!(count(&following, &[], &trail), 1, "they make the same of what they share");
    let differing: Vec<Variant> = (0..6).map(|at| variant(at, &[(at, 1), (9, u64::from(at))], true)).collect();
    assert_eq!(count(&differing, &[], &trail), 6);
}

#[test]
fn given_values_are_the_deployment_and_others_less_grave() {
    let text = CONDITIONAL.replace("NAME", "lab-data");
    let severity = |value: Option<&str>| {
        let mut plan = plan();
        if let Some(value) = value {
            let values = BTreeMap::from([("Own".into(), value.into())]);
            plan.given.explicit = true;
            plan.given.by_file.insert("t.yaml".into(), values);
        }
        let outcome = check_files(&[("t.yaml", &text)], &plan, &rules());
        let found: Vec<_> = outcome.findings.iter().filter(|finding| finding.rule == "ownership/not-enforced").collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].when, [("Own".to_owned(), "ObjectWriter".to_owned())]);
        found[0].severity
    };
    assert_eq!(severity(None), Severity::Error);
    assert_eq!(severity(Some("ObjectWriter")), Severity::Error);
    assert_eq!(severity(Some("BucketOwnerEnforced")), Severity::Warning);
}

/// The findings of some rules, each with the values it takes.
fn taken(outcome: &Outcome, group: &str) -> Vec<String> {
    let of_group = outcome.findings.iter().filter(|finding| finding.rule.starts_with(group));
    of_group.map(|finding| format!("{} {}", finding.rule, crate::finding::settings(&finding.when))).collect()
}

#[test]
fn values_that_are_used_as_they_are_vary_too() {
    let text = "Parameters:
  Own: {Type: String, AllowedValues: [BucketOwnerEnforced, ObjectWriter]}
  Acl: {Type: String, Default: Private, AllowedValues: [Private, PublicRead]}
  Days: {Type: String, AllowedValues: ['1', '2']}
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: !Ref Acl
      OwnershipControls: {Rules: [{ObjectOwnership: !Ref Own}]}
      LifecycleConfiguration: {Rules: [{ExpirationInDays: !Ref Days}]}
";
    let outcome = check_files(&[("t.yaml", text)], &plan(), &rules());
    assert_eq!(outcome.summary.scenarios, 4, "days matter to nothing");
    let expected =
        ["ownership/acl-conflict Acl = PublicRead and Own = BucketOwnerEnforced", "ownership/not-enforced Own = ObjectWriter"];
    let mut found = taken(&outcome, "ownership/");
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn only_the_values_that_a_finding_takes_are_told() {
    let mut text = String::from("Parameters:\n");
    (0..60).for_each(|at| text += &format!("  P{at}: {{Type: String, Default: 'no'}}\n"));
    text += "Conditions:\n";
    (0..60).for_each(|at| text += &format!("  C{at}: !Equals [!Ref P{at}, 'yes']\n"));
    text += "Resources:\n";
    (0..60).for_each(|at| text += &format!("  B{at}: {{Type: AWS::S3::Bucket, Condition: C{at}}}\n"));
    let outcome = check_files(&[("t.yaml", &text)], &plan(), &rules());
    let expected: Vec<String> = (0..60).map(|at| format!("policy/missing P{at} = yes")).collect();
    assert_eq!(taken(&outcome, "policy/"), expected);
}

#[test]
fn a_policy_of_another_file_is_linked_by_what_its_bucket_comes_to() {
    let bucket =
        format!("{}Outputs: {{N: {{Value: !Ref B, Export: {{Name: lab-name}}}}}}\n", CONDITIONAL.replace("NAME", "lab-data"));
    let policy = "Resources:
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !ImportValue lab-name
      PolicyDocument: {Statement: [{Effect: Allow, Principal: {AWS: '999988887777'}, Action: 's3:*', Resource: '*'}]}
";
    let linked = |policy: &str| {
        let outcome = check_files(&[("b.yaml", &bucket), ("p.yaml", policy)], &plan(), &rules());
        let wrong = outcome.findings.iter().find(|finding| finding.rule == "policy/wrong-principal").unwrap();
        let related = wrong.related.iter().map(|label| format!("{}: {}", outcome.sources.slice(label.span), label.message));
        related.collect::<Vec<_>>()
    };
    let declared = "B: bucket lab-data is declared here";
    let named = "!ImportValue lab-name: this is `lab-data`, the name of bucket lab-data";
    assert_eq!(linked(policy), [declared, named]);
    assert_eq!(linked(&policy.replace("!ImportValue lab-name", "'lab-data'")), [declared]);
}

#[test]
fn what_is_there_in_some_deployments_only_is_not_mixed_up() {
    let under = |name: &str, resource: &str| {
        format!(
            "Parameters: {{{name}: {{Type: String, Default: 'no'}}}}
Conditions: {{On: !Equals [!Ref {name}, 'yes']}}
Resources: {{R: {{Condition: On, {resource}}}}}
"
        )
    };
    let bucket = under("Data", "Type: AWS::S3::Bucket, Properties: {BucketName: lab-data}");
    let trail = under(
        "Log",
        "Type: AWS::CloudTrail::Trail, Properties: {IsLogging: true, S3BucketName: logs, \
         EventSelectors: [{DataResources: [{Type: 'AWS::S3::Object', Values: ['arn:aws:s3']}]}]}",
    );
    let plan = Plan { trail_elsewhere: false, ..plan() };
    let outcome = check_files(&[("a.yaml", &bucket), ("b.yaml", &trail)], &plan, &rules());
    assert_eq!(taken(&outcome, "trail/"), ["trail/uncovered-bucket Data = yes"]);
}

#[test]
fn rules_on_resources_take_values_of_their_own_template_alone() {
    let packs = catalog::pack_files().into_iter().filter(|(id, _)| *id == "aws-s3/access-logs");
    let files: Vec<(String, Node)> = packs.map(|(id, text)| (id.to_owned(), tree(text))).collect();
    let plain = "Resources: {A: {Type: AWS::S3::Bucket}}\n";
    let logs = "LoggingConfiguration: !If [Weak, !Ref AWS::NoValue, {DestinationBucketName: lab-logs}]\n";
    let varying = format!("{}      {logs}", CONDITIONAL.replace("NAME", "lab-data"));
    let outcome = check_files(&[("a.yaml", plain), ("b.yaml", &varying)], &plan(), &load_files(&files).0);
    assert_eq!(taken(&outcome, "aws-s3/"), ["aws-s3/access-logs ", "aws-s3/access-logs Own = ObjectWriter"]);
}

#[test]
fn two_buckets_of_one_name_are_said() {
    let bucket = CONDITIONAL.replace("NAME", "lab-data");
    let policy = "Resources: {P: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: lab-data, PolicyDocument: {Statement: []}}}}";
    let files = [("a.yaml", bucket.as_str()), ("b.yaml", &bucket), ("p.yaml", policy)];
    let outcome = check_files(&files, &plan(), &rules());
    let said: Vec<&str> = outcome.buckets.iter().map(|report| report.assumptions[0].as_str()).collect();
    let one =
        |other| format!("the policy of bucket `lab-data` is its own as much as that of B in {other}, which has that name too");
    assert_eq!(said, [one("b.yaml"), one("a.yaml")]);
}

#[test]
fn what_a_macro_of_the_users_is_taken_to_leave_is_said() {
    let bucket = |transform: &str| format!("Transform: {transform}\n{}", CONDITIONAL.replace("NAME", "lab-data"));
    let said = |transform: &str| {
        let outcome = check_files(&[("a.yaml", &bucket(transform))], &plan(), &rules());
        outcome.buckets[0].assumptions.iter().filter(|one| one.contains("macro")).cloned().collect::<Vec<_>>()
    };
    let one = |name: &str| format!("macro `{name}` leaves buckets and policies of a.yaml as they are");
    assert_eq!(said("Mine"), [one("Mine")]);
    assert_eq!(said("[AWS::LanguageExtensions, {Name: Other, Parameters: {A: b}}, Mine]"), [one("Mine"), one("Other")]);
    assert_eq!(said("AWS::Serverless-2016-10-31"), Vec::<String>::new());
}

const CHILD: &str = "Parameters: {Name: {Type: String}, Own: {Type: String, Default: BucketOwnerEnforced}}
Conditions: {Weak: !Equals [!Ref Own, ObjectWriter]}
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Ref Name
      OwnershipControls: {Rules: [{ObjectOwnership: !If [Weak, ObjectWriter, BucketOwnerEnforced]}]}
Outputs: {Bucket: {Value: !Ref B}}
";

fn stack(id: &str, parameters: &str) -> String {
    format!(
        "  {id}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: ../child.yaml, Parameters: {{{parameters}}}}}}}\n"
    )
}

/// Message, parameter values and the stack's logical ID of a finding.
type Told = (String, Vec<(String, String)>, String);

/// The findings of one rule.
fn told(outcome: &Outcome, rule: &str) -> Vec<Told> {
    let of_rule = outcome.findings.iter().filter(|finding| finding.rule == rule);
    let each = of_rule.map(|finding| {
        let stack = finding.related.iter().find(|label| label.message == "deployed as a nested stack here");
        let stack = stack.map_or("", |label| outcome.sources.slice(label.span));
        (finding.message.clone(), finding.when.clone(), stack.to_owned())
    });
    each.collect()
}

#[test]
fn nested_stacks_are_read_with_what_they_are_passed() {
    let policy = "  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !GetAtt Safe.Outputs.Bucket
      PolicyDocument: {Statement: [{Effect: Allow, Principal: {AWS: '123456789012'}, Action: 's3:*', Resource: '*'}]}\n";
    let parent = format!(
        "Parameters: {{Env: {{Type: String, Default: dev}}}}\nResources:\n{}{}{policy}",
        stack("Weak", "Name: !Sub 'lab-${Env}', Own: ObjectWriter"),
        stack("Safe", "Name: lab-safe")
    );
    let outcome = check_files(&[("child.yaml", CHILD), ("top/parent.yaml", &parent)], &plan(), &rules());
    let message =
        "bucket lab-dev (nested stack Weak in top/parent.yaml) has ObjectOwnership ObjectWriter, not BucketOwnerEnforced";
    assert_eq!(told(&outcome, "ownership/not-enforced"), [(message.to_owned(), vec![], "Weak".to_owned())]);
    let missing = told(&outcome, "policy/missing");
    assert_eq!(missing.iter().map(|(_, _, stack)| stack.as_str()).collect::<Vec<_>>(), ["Weak"], "the other has its policy");
    assert_eq!((outcome.summary.files, outcome.buckets.len()), (2, 2));
}

#[test]
fn conditions_of_a_nested_stack_vary_with_what_it_is_passed() {
    let parent = format!(
        "Parameters: {{Own: {{Type: String, Default: BucketOwnerEnforced}}}}\nResources:\n{}",
        stack("Data", "Name: lab-data, Own: !Ref Own")
    );
    let outcome = check_files(&[("child.yaml", CHILD), ("top/parent.yaml", &parent)], &plan(), &rules());
    let found = told(&outcome, "ownership/not-enforced");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1, [("Own".to_owned(), "ObjectWriter".to_owned())]);
    let absent = format!(
        "Parameters: {{On: {{Type: String, Default: 'no', AllowedValues: ['no', 'yes']}}}}\nConditions: {{On: !Equals [!Ref On, 'yes']}}\nResources:\n{}",
        stack("Data", "Name: lab-data, Own: ObjectWriter").replace("Properties", "Condition: On, Properties")
    );
    let outcome = check_files(&[("child.yaml", CHILD), ("top/parent.yaml", &absent)], &plan(), &rules());
    let found = told(&outcome, "ownership/not-enforced");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1, [("On".to_owned(), "yes".to_owned())]);
}

#[test]
fn one_stack_of_two_templates_is_read_once() {
    let parent = format!("Resources:\n{}", stack("Data", "Name: lab-data, Own: ObjectWriter"));
    let files = [("child.yaml", CHILD), ("top/a.yaml", parent.as_str()), ("top/b.yaml", parent.as_str())];
    let found = told(&check_files(&files, &plan(), &rules()), "ownership/not-enforced");
    assert_eq!(found.len(), 1);
    assert!(found[0].0.starts_with("bucket lab-data (nested stack Data in top/a.yaml and Data in top/b.yaml) has"));
}
