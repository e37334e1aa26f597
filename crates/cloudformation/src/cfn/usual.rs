//! The one way a template is deployed with some values: every other parameter at its default.

use super::condition::Conditions;
use super::given::Values;
use super::resolve::{Exports, Resolver};
use super::scenario::Scenario;
use super::template::Template;
use bucketlint_text::resolve::Resolve;

/// The scenario of `template` in which its parameters have the values in `given`, and all others their defaults. A condition
/// that depends on a parameter with neither is left open.
pub fn usual(template: &Template<'_>, given: &Values) -> Scenario {
    let (scenario, exports) = (Scenario::given(given), Exports::new());
    let resolver = Resolver::under(*template, &exports, &scenario);
    let conditions = Conditions::of(template);
    let holds = |atom: usize| {
        let (left, right) = conditions.sides(atom)?;
        Some(resolver.text(left).as_known()? == resolver.text(right).as_known()?)
    };
    let names = template.section("Conditions").iter().map(|entry| entry.key.text.clone()).collect();
    let conditions = conditions.outcome(&names, &holds);
    Scenario { conditions, ..scenario }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bucketlint_text::source::FileId;
    use bucketlint_text::syntax::testing::tree;

    #[test]
    fn conditions_follow_from_values_and_defaults() {
        let root = tree(
            "Parameters: {A: {Type: String, Default: x}, B: {Type: String}}
Conditions:
  One: !Equals [!Ref A, x]
  Two: !Equals [!Ref B, y]
  Both: !And [!Condition One, !Condition Two]
  Nested: !Not [!Condition One]
",
        );
        let template = Template { file: FileId(0), path: "t.yaml", root: &root };
        let told = |given: &[(&str, &str)]| {
            let given = given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            let conditions = usual(&template, &given).conditions;
            conditions.iter().map(|(name, holds)| format!("{name}={}", u8::from(*holds))).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told(&[]), "Nested=0 One=1", "nothing is known of B");
        assert_eq!(told(&[("B", "y")]), "Both=1 Nested=0 One=1 Two=1");
        assert_eq!(told(&[("A", "z")]), "Both=0 Nested=1 One=0", "one that does not hold is enough");
    }
}
