use super::*;
use bucketlint_text::source::FileId;
use bucketlint_text::syntax::testing::tree;
use proptest::prelude::*;

/// Each scenario as `A=true B=false when P is v`.
fn told(text: &str, asked: &[&str], given: &[(&str, &str)]) -> Vec<String> {
    told_at(text, asked, given, &Place::unknown())
}

fn told_at(text: &str, asked: &[&str], given: &[(&str, &str)], place: &Place) -> Vec<String> {
    let root = tree(text);
    let template = Template { file: FileId(0), path: "t", root: &root };
    let names = |names: &[&str]| names.iter().map(|name| SmolStr::from(*name)).collect();
    let is_parameter = |name: &&str| template.member("Parameters", name).is_some();
    let (parameters, conditions): (Vec<&str>, Vec<&str>) = asked.iter().copied().partition(is_parameter);
    let asked = Asked { conditions: names(&conditions), parameters: names(&parameters), ..Asked::default() };
    let given = given.iter().map(|(name, value)| (SmolStr::from(*name), SmolStr::from(*value))).collect();
    let found = scenarios(&template, &asked, &given, place);
    assert!(!found.capped);
    let line = |scenario: &Scenario| {
        let conditions: Vec<String> = scenario.conditions.iter().map(|(name, holds)| format!("{name}={holds}")).collect();
        let when: Vec<String> = scenario.when.iter().map(|(name, value)| format!("{name} is {value}")).collect();
        format!("{} when {}", conditions.join(" "), when.join(", "))
    };
    found.all.iter().map(line).collect()
}

fn conditions(names: impl IntoIterator<Item = SmolStr>) -> Asked {
    Asked { conditions: names.into_iter().collect(), ..Asked::default() }
}

const SMALL: &str = "
Parameters:
  Env: {Type: String, Default: dev, AllowedValues: [dev, stage, prod]}
  Acl: {Type: String, Default: ''}
Mappings: {M: {dev: {log: 'no'}, stage: {log: 'yes'}, prod: {log: 'yes'}}}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  Stage: !Equals [stage, !Ref Env]
  Open: !Equals [!Ref Acl, PublicRead]
  HasAcl: !Not [!Equals [!Join ['', [!Ref Acl]], '']]
  Logs: !Equals [!FindInMap [M, !Ref Env, log], 'yes']
  China: !Equals [!Ref AWS::Partition, aws-cn]
  Both: !And [!Condition Prod, !Condition Open]
  Cycle: !Not [!Condition Cycle]
";

#[test]
fn only_what_can_hold_together_is_told_with_what_it_takes() {
    assert_eq!(told(SMALL, &["Prod"], &[]), ["Prod=false when Env is not prod", "Prod=true when Env is prod"]);
    assert_eq!(
        told(SMALL, &["Prod", "Stage"], &[]),
        [
            "Prod=false Stage=false when Env is dev",
            "Prod=false Stage=true when Env is stage",
            "Prod=true Stage=false when Env is prod",
        ]
        .map(String::from)
    );
    assert_eq!(
        told(SMALL, &["HasAcl", "Open"], &[]),
        [
            "HasAcl=false Open=false when Acl is ",
            "HasAcl=true Open=true when Acl is PublicRead",
            "HasAcl=true Open=false when Acl is not \"\" or PublicRead",
        ]
    );
    assert_eq!(
        told(SMALL, &["Both"], &[]),
        ["Both=false when Acl is not PublicRead", "Both=true when Env is prod, Acl is PublicRead"]
    );
    assert_eq!(told(SMALL, &["Logs", "Prod"], &[]).len(), 3);
    assert_eq!(
        told(SMALL, &["China"], &[]),
        ["China=false when AWS::Partition is not aws-cn", "China=true when AWS::Partition is aws-cn"]
    );
}

#[test]
fn given_values_go_first_and_unknown_conditions_are_left_out() {
    assert_eq!(
        told(SMALL, &["Prod", "Logs"], &[("Env", "prod")]),
        [
            "Logs=true Prod=true when Env is prod",
            "Logs=false Prod=false when Env is dev",
            "Logs=true Prod=false when Env is stage",
        ]
    );
    // not an allowed value, but it was given
    assert_eq!(told(SMALL, &["Prod"], &[("Env", "qa")])[0], "Prod=false when Env is qa");
    assert_eq!(told(SMALL, &["Open"], &[("Acl", "PublicRead")])[0], "Open=true when Acl is PublicRead");
    assert_eq!(told(SMALL, &["Cycle", "Nowhere"], &[]), [" when "]);
    assert_eq!(told(SMALL, &[], &[]), [" when "]);
}

#[test]
fn parameters_that_are_read_as_they_are_have_every_allowed_value() {
    let text = "
Parameters:
  Own: {Type: String, AllowedValues: [BucketOwnerEnforced, ObjectWriter]}
  Acl: {Type: String, Default: Private, AllowedValues: [PublicRead, Private]}
  Free: {Type: String, Default: x}
  Key: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a, AllowedValues: [/a, /b]}
  Names: {Type: CommaDelimitedList, Default: 'a', AllowedValues: [a, b]}
Conditions: {Public: !Equals [!Ref Acl, PublicRead]}
";
    // without a default the first of them is as good as any
    assert_eq!(told(text, &["Own"], &[]), [" when Own is BucketOwnerEnforced", " when Own is ObjectWriter"]);
    assert_eq!(told(text, &["Own"], &[("Own", "ObjectWriter")])[0], " when Own is ObjectWriter");
    assert_eq!(told(text, &["Acl", "Public"], &[]), ["Public=false when Acl is Private", "Public=true when Acl is PublicRead"]);
    assert_eq!(told(text, &["Own", "Acl"], &[]).len(), 4);
    assert_eq!(told(text, &["Free", "Key", "Names"], &[]), [" when "]);
    let root = tree(text);
    let template = Template { file: FileId(0), path: "t", root: &root };
    let asked = Asked { parameters: ["Own".into(), "Acl".into()].into(), ..Asked::default() };
    let found = scenarios(&template, &asked, &BTreeMap::new(), &Place::unknown());
    let set = |number: usize| found.all[number].parameters.keys().map(SmolStr::as_str).collect::<Vec<_>>();
    assert_eq!((set(0), set(1)), (vec!["Own"], vec!["Acl", "Own"]), "what has no default is set");
}

#[test]
fn what_no_mapping_holds_is_no_scenario() {
    let text = "
Parameters:
  Stage: {Type: String, Default: ''}
Mappings:
  R: {us-east-1: {k: 'no'}, eu-west-1: {k: 'yes'}}
  A: {'111122223333': {k: 'no'}, '444455556666': {k: 'yes'}}
  S: {dev: {k: 'no', l: a}, prod: {k: 'yes'}}
  T: {prod: {k: 'yes'}}
Conditions:
  Region: !Equals [!FindInMap [R, !Ref AWS::Region, k], 'yes']
  Account: !Equals [!FindInMap [A, !Ref AWS::AccountId, k], 'yes']
  Staged: !Equals [!FindInMap [S, !Ref Stage, k], 'yes']
  Prod: !Equals [!FindInMap [T, !Ref Stage, k], 'yes']
  Else: !Equals [!FindInMap [T, !Ref Stage, k, {DefaultValue: 'no'}], 'yes']
  Direct: !Equals [!Ref AWS::Region, ap-south-1]
";
    let both = |name: &str, variable: &str, values: [&str; 2]| {
        [format!("{name}=false when {variable} is {}", values[0]), format!("{name}=true when {variable} is {}", values[1])]
    };
    assert_eq!(
        told(text, &["Region"], &[]).iter().collect::<BTreeSet<_>>(),
        both("Region", "AWS::Region", ["us-east-1", "eu-west-1"]).iter().collect()
    );
    assert_eq!(told(text, &["Account"], &[]), both("Account", "AWS::AccountId", ["111122223333", "444455556666"]));
    assert_eq!(told(text, &["Staged"], &[]), both("Staged", "Stage", ["dev", "prod"]), "an empty default is a hole");
    assert_eq!(told(text, &["Staged", "Prod"], &[]), ["Prod=true Staged=true when Stage is prod"], "T lacks dev");
    assert_eq!(told(text, &["Else"], &[]), ["Else=false when Stage is not prod", "Else=true when Stage is prod"]);
    assert_eq!(told(text, &["Region", "Direct"], &[]).len(), 2, "ap-south-1 is no key");
    // what can be deployed nowhere is read all the same
    assert_eq!(told("Mappings: {M: {a: {k: v}}}\nConditions: {C: !Equals [!FindInMap [M, b, k], v]}", &["C"], &[]).len(), 1);
}

#[test]
fn keys_that_resources_choose_by_are_tried() {
    let set = |text: &str, place: &Place| {
        let root = tree(text);
        let template = Template { file: FileId(0), path: "t", root: &root };
        let mut asked = Asked::default();
        crate::cfn::mention::mapping_keys(&template, root.get("V").unwrap(), &mut asked.keys);
        let found = scenarios(&template, &asked, &BTreeMap::new(), place);
        let settings = found.all.iter().map(|scenario| {
            let all = scenario.parameters.iter().map(|(name, setting)| format!("{name} {setting:?}"));
            all.collect::<Vec<_>>().join(", ")
        });
        settings.collect::<Vec<_>>()
    };
    let (open, mut there) = (Place::unknown(), Place::unknown());
    let partition = "Mappings: {M: {aws: {k: a}, aws-us-gov: {k: b}}}\nV: !FindInMap [M, !Ref AWS::Partition, k]";
    assert_eq!(set(partition, &open), ["AWS::Partition Key(\"aws\")", "AWS::Partition Key(\"aws-us-gov\")"]);
    let or_default = "Mappings: {M: {us-east-1: {k: a}}}\nV: !FindInMap [M, !Ref AWS::Region, k, {DefaultValue: b}]";
    assert_eq!(set(or_default, &open), ["AWS::Region Not([\"us-east-1\"])", "AWS::Region Key(\"us-east-1\")"]);
    let regions = "Mappings: {M: {us-east-1: {k: a}, eu-west-1: {k: b}}}\nV: !FindInMap [M, !Ref AWS::Region, k]";
    assert_eq!(set(regions, &open).len(), 2);
    there.regions = ["eu-west-1".into()].into();
    assert_eq!(set(regions, &there), ["AWS::Region Key(\"eu-west-1\")"]);
}

#[test]
fn pseudo_parameters_have_the_values_of_the_place() {
    let text = "
Conditions:
  Us: !Equals [!Ref AWS::Region, us-east-1]
  China: !Equals [!Ref AWS::Partition, aws-cn]
  Hub: !Equals [!Ref AWS::AccountId, '111122223333']
";
    let at = |regions: &[&str], accounts: &[&str], partition: Option<&str>| {
        let set = |names: &[&str]| names.iter().map(|name| SmolStr::from(*name)).collect();
        let place =
            Place { regions: set(regions), accounts: set(accounts), partition: partition.map(SmolStr::from), ..Place::unknown() };
        told_at(text, &["Us", "China", "Hub"], &[], &place)
    };
    assert_eq!(at(&["eu-west-1"], &["444455556666"], None), ["China=false Hub=false Us=false when "]);
    assert_eq!(at(&["us-east-1"], &["111122223333"], None), ["China=false Hub=true Us=true when "]);
    assert_eq!(at(&["cn-north-1"], &["444455556666"], None), ["China=true Hub=false Us=false when "]);
    assert_eq!(at(&["eu-west-1", "us-east-1"], &["444455556666"], Some("aws")).len(), 2);
}

#[test]
fn values_that_a_parameter_cannot_have_are_no_scenarios() {
    let text = "
Parameters:
  Hub: {Type: String, Default: '123456789012', AllowedPattern: '\\d{12}'}
  Vpc: {Type: 'AWS::EC2::VPC::Id'}
  Key: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /key}
Conditions:
  NoHub: !Equals [!Ref Hub, '']
  NoVpc: !Equals [!Ref Vpc, '']
  NoKey: !Equals [!Ref Key, '']
";
    assert_eq!(told(text, &["NoHub", "NoVpc", "NoKey"], &[]), ["NoHub=false NoKey=false NoVpc=false when "]);
}

#[test]
fn what_is_compared_with_each_other_is_told_by_what_it_is() {
    let text = "
Parameters: {Dest: {Type: String}, Other: {Type: String}, M: {Type: CommaDelimitedList}, N: {Type: CommaDelimitedList}}
Conditions:
  IsDest: !Equals [!Ref Dest, !Ref AWS::AccountId]
  Same: !Equals [!Ref Dest, !Ref Other]
  First: !Equals [!Select [0, !Ref M], c]
  Second: !Equals [!Select [0, !Ref N], c]
";
    assert_eq!(
        told(text, &["IsDest"], &[]),
        ["IsDest=true when Dest is ${AWS::AccountId}", "IsDest=false when Dest is not ${AWS::AccountId}"]
    );
    assert_eq!(told(text, &["Same"], &[]), ["Same=true when Other is ${Dest}", "Same=false when Other is not ${Dest}"]);
    let selects = told(text, &["First", "Second"], &[]);
    assert_eq!(selects.len(), 4);
    assert!(selects.contains(&"First=true Second=false when Fn::Select [0, M] is c, Fn::Select [0, N] is not c".into()));
}

#[test]
fn parameters_take_what_the_scenario_needs() {
    let root = tree(SMALL);
    let template = Template { file: FileId(0), path: "t", root: &root };
    let found = scenarios(&template, &conditions(["Prod".into()]), &BTreeMap::new(), &Place::unknown());
    assert_eq!(found.all[0].parameters, BTreeMap::new());
    assert_eq!(found.all[1].parameters, [("Env".into(), super::super::scenario::Setting::Is("prod".into()))].into());
}

#[test]
fn only_the_asked_conditions_cost_anything_and_the_cap_is_told() {
    let mut text = String::from("Parameters:\n");
    (0..60).for_each(|at| text.push_str(&format!("  P{at}: {{Type: String, Default: 'no'}}\n")));
    text.push_str("Conditions:\n");
    (0..60).for_each(|at| text.push_str(&format!("  C{at}: !Equals [!Ref P{at}, 'yes']\n")));
    assert_eq!(told(&text, &["C3", "C50"], &[]).len(), 4);
    let root = tree(&text);
    let template = Template { file: FileId(0), path: "t", root: &root };
    let asked = conditions((0..60).map(|at| format!("C{at}").into()));
    let found = scenarios(&template, &asked, &BTreeMap::new(), &Place::unknown());
    assert_eq!((found.all.len(), found.capped), (MAX_SCENARIOS, true));
    assert!(found.all[1..=60].iter().all(|scenario| scenario.conditions.values().filter(|holds| **holds).count() == 1));
}

/// A condition in the test's own words.
#[derive(Clone, Debug)]
enum Cond {
    Equals(usize, usize),
    Same(usize, usize),
    And(Vec<Cond>),
    Or(Vec<Cond>),
    Not(Box<Cond>),
}

const WORDS: [&str; 3] = ["a", "b", "c"];

impl Cond {
    fn yaml(&self) -> String {
        let list = |items: &[Cond]| items.iter().map(Cond::yaml).collect::<Vec<_>>().join(", ");
        match self {
            Self::Equals(parameter, word) => format!("!Equals [!Ref P{parameter}, {}]", WORDS[*word]),
            Self::Same(one, other) => format!("!Equals [!Ref P{one}, !Ref P{other}]"),
            Self::And(items) => format!("!And [{}]", list(items)),
            Self::Or(items) => format!("!Or [{}]", list(items)),
            Self::Not(inner) => format!("!Not [{}]", inner.yaml()),
        }
    }

    fn holds(&self, values: &[String]) -> bool {
        match self {
            Self::Equals(parameter, word) => values[*parameter] == WORDS[*word],
            Self::Same(one, other) => values[*one] == values[*other],
            Self::And(items) => items.iter().all(|item| item.holds(values)),
            Self::Or(items) => items.iter().any(|item| item.holds(values)),
            Self::Not(inner) => !inner.holds(values),
        }
    }
}

fn cond() -> impl Strategy<Value = Cond> {
    let leaf = prop_oneof![
        3 => (0..3_usize, 0..3_usize).prop_map(|(parameter, word)| Cond::Equals(parameter, word)),
        1 => (0..3_usize, 0..3_usize).prop_map(|(one, other)| Cond::Same(one, other)),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Cond::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Cond::Or),
            inner.prop_map(|inner| Cond::Not(Box::new(inner))),
        ]
    })
}

/// A parameter: the values it may have, with whether they are all, and its default.
fn parameter() -> impl Strategy<Value = (Option<Vec<&'static str>>, Option<&'static str>)> {
    let words = prop::sample::subsequence(vec!["a", "b", "c", "d", "e"], 1..5);
    prop_oneof![
        words.prop_map(|words| (Some(words.clone()), words.last().copied())),
        prop::option::of(prop::sample::select(vec!["a", "b", "z"])).prop_map(|default| (None, default)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_scenarios_are_those_of_brute_force(parameters in prop::collection::vec(parameter(), 3), conds in prop::collection::vec(cond(), 1..4)) {
        let mut text = String::from("Parameters:\n");
        for (at, (allowed, default)) in parameters.iter().enumerate() {
            let allowed = allowed.as_ref().map(|words| format!(", AllowedValues: [{}]", words.join(", "))).unwrap_or_default();
            let default = default.map(|word| format!(", Default: {word}")).unwrap_or_default();
            text.push_str(&format!("  P{at}: {{Type: String{allowed}{default}}}\n"));
        }
        text.push_str("Conditions:\n");
        conds.iter().enumerate().for_each(|(at, cond)| text.push_str(&format!("  C{at}: {}\n", cond.yaml())));
        let root = tree(&text);
        let template = Template { file: FileId(0), path: "t", root: &root };
        let asked = conditions((0..conds.len()).map(|at| format!("C{at}").into()));
        let found = scenarios(&template, &asked, &BTreeMap::new(), &Place::unknown());
        prop_assert!(!found.capped);

        let free = ["a", "b", "c", "d", "e", "x", "y", "z"];
        let domain = |at: usize| parameters[at].0.clone().unwrap_or_else(|| free.to_vec());
        let outcome = |values: &[String]| -> BTreeMap<SmolStr, bool> {
            conds.iter().enumerate().map(|(at, cond)| (format!("C{at}").into(), cond.holds(values))).collect()
        };
        let mut all = BTreeMap::new();
        for (p0, p1, p2) in domain(0).iter().flat_map(|p0| domain(1).into_iter().map(move |p1| (*p0, p1)))
            .flat_map(|(p0, p1)| domain(2).into_iter().map(move |p2| (p0, p1, p2))) {
            let values = [p0, p1, p2].map(String::from);
            all.insert(values.clone(), outcome(&values));
        }
        let reachable: BTreeSet<&BTreeMap<SmolStr, bool>> = all.values().collect();
        let told: BTreeSet<&BTreeMap<SmolStr, bool>> = found.all.iter().map(|scenario| &scenario.conditions).collect();
        prop_assert_eq!(&told, &reachable, "{}", text);
        prop_assert_eq!(told.len(), found.all.len());
        if let [Some(p0), Some(p1), Some(p2)] = [parameters[0].1, parameters[1].1, parameters[2].1] {
            prop_assert_eq!(&found.all[0].conditions, &outcome(&[p0, p1, p2].map(String::from)), "{}", text);
        }
        // what a scenario says it takes is enough, unless it takes a value the test cannot write
        for scenario in &found.all {
            let fits = |values: &[String; 3]| scenario.when.iter().all(|(name, value)| {
                values[name[1..].parse::<usize>().unwrap()] == *value
            });
            for (_, outcome) in all.iter().filter(|(values, _)| !scenario.when.iter().any(|(_, value)| value.starts_with("not ") || value.starts_with("${")) && fits(values)) {
                prop_assert_eq!(outcome, &scenario.conditions, "{:?} in {}", scenario, text);
            }
        }
    }
}
