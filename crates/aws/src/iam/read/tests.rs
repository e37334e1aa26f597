use super::*;
use bucketlint_text::resolve::Plain;

fn faults(json: &str) -> (Document, Vec<String>) {
    let document = document(&bucketlint_text::syntax::testing::tree(json), &Plain);
    let shown = |fault: &Fault| {
        let at = &json[fault.span.start as usize..fault.span.end as usize];
        format!("{at}: {}: {}", fault.message, fault.fix)
    };
    let shown = document.faults.iter().map(shown).collect();
    (document, shown)
}

#[test]
fn a_misspelt_element_is_one_fault_and_is_read_all_the_same() {
    let json = r#"{"Statements": [{"Efect": "Allow", "Principals": {"Aws": "111122223333"}, "NotActions": "s3:PutObject",
        "Resources": "arn:aws:s3:::b/*", "Conditions": {"Bool": {"aws:SecureTransport": "true"}}}]}"#;
    let (document, faults) = faults(json);
    let fault =
        |key: &str, word: &str, what: &str| format!("\"{key}\": `{key}` is not an element of a {what}: did you mean `{word}`?");
    assert_eq!(
        faults,
        [
            fault("Statements", "Statement", "policy"),
            fault("Efect", "Effect", "statement"),
            fault("Principals", "Principal", "statement"),
            fault("NotActions", "NotAction", "statement"),
            fault("Resources", "Resource", "statement"),
            fault("Conditions", "Condition", "statement"),
            fault("Aws", "AWS", "principal"),
        ]
    );
    let [statement] = document.statements.as_slice() else { panic!("{document:?}") };
    assert_eq!(statement.effect, Some(Effect::Allow));
    assert!(matches!(statement.principals[0].kind, PrincipalKind::Account(_)));
    assert!(statement.actions.not && !statement.resources.not && statement.faulty);
    assert_eq!((statement.actions.items.len(), statement.resources.items.len(), statement.conditions.len()), (1, 1, 1));
}

#[test]
fn what_is_spelt_right_counts_before_what_is_not() {
    let json = r#"{"Statement": {"Effect": "Deny", "Effects": "Allow", "Principal": "*", "Action": "s3:*", "NotActions": "s3:Get*",
        "Resource": "*", "Sids": "x"}}"#;
    let (document, faults) = faults(json);
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert_eq!(document.statements[0].effect, Some(Effect::Deny));
    assert!(!document.statements[0].actions.not);
    let nothing = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Resource": "*", "Actual": "s3:*"}}"#;
    let (_, faults) = self::faults(nothing);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[1].ends_with("the statement has no `Action`: add `Action`"), "{faults:?}");
}

#[test]
fn what_stands_beside_a_macro_is_not_known_and_no_fault() {
    let unknown = |json: &str| {
        let (document, faults) = faults(json);
        assert_eq!((faults, document.statements.len()), (vec![], 0), "{json}");
        let shown = |unknown: &Unknown| {
            let at = &json[unknown.at.start as usize..unknown.at.end as usize];
            (at.to_owned(), unknown.why.to_string())
        };
        document.unknown.iter().map(shown).collect::<Vec<_>>()
    };
    let told = [("{\"Name\": \"M\"}".to_owned(), "a macro may change it when the template is deployed".to_owned())];
    let allow = r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#;
    for json in [
        r#"{"Version": "2012-10-17", "Fn::Transform": {"Name": "M"}}"#.to_owned(),
        r#"{"Statement": [{"Effect": "Deny", "Fn::Transform": {"Name": "M"}}]}"#.to_owned(),
        format!(r#"{{"Statement": {{{allow}, "Principal": {{"AWS": "*", "Fn::Transform": {{"Name": "M"}}}}}}}}"#),
        format!(
            r#"{{"Statement": {{{allow}, "Principal": "*", "Condition": {{"Bool": {{"a:b": "true", "Fn::Transform": {{"Name": "M"}}}}}}}}}}"#
        ),
    ] {
        assert_eq!(unknown(&json), told, "{json}");
    }
    let beside = [("[\"C\", {}, {}]".to_owned(), "`Fn::If` stands beside other keys".to_owned())];
    assert_eq!(unknown(r#"{"Statement": [{"Effect": "Deny", "Fn::If": ["C", {}, {}]}]}"#), beside);
}

#[test]
fn conditions_have_keys_and_keys_have_values() {
    let of = |condition: &str| {
        let json = format!(
            r#"{{"Statement": {{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {condition}}}}}"#
        );
        faults(&json).1
    };
    let no_keys = |at: &str, what: &str| {
        [format!("{at}: `Bool` is {what}, not a mapping of condition keys: write {{key: value}}, or remove the operator")]
    };
    assert_eq!(of(r#"{"Bool": null}"#), no_keys("null", "nothing"));
    assert_eq!(of(r#"{"Bool": "true"}"#), no_keys("\"true\"", "a string"));
    assert_eq!(of(r#"{"Bool": {"a:b": null}}"#), ["null: `a:b` is empty: give it a value, or remove it"]);
    assert_eq!(of(r#"{"Bool": {"a:b": ["true", null]}}"#), ["null: an item of `a:b` is empty: fill it in, or remove it"]);
    assert_eq!(of(r#"{"Bool": {"a:b": "true"}}"#), Vec::<String>::new());
}

/// Takes the first branch of every `Fn::If`.
struct FirstBranch;

impl Resolve for FirstBranch {
    fn follow<'n>(&'n self, node: &'n Node) -> Followed<'n> {
        Followed::Node(node.get("Fn::If").and_then(|call| call.items().get(1)).unwrap_or(node))
    }
    fn text(&self, node: &Node) -> Text {
        Plain.text(node)
    }
}

#[test]
fn a_list_within_a_list_is_refused() {
    let told = |statement: &str, action: &str| {
        let json = format!(
            r#"{{"Statement": [{statement}{{"Effect": "Allow", "Principal": "*", "Action": {action}, "Resource": "*"}}]}}"#
        );
        let document = document(&bucketlint_text::syntax::testing::tree(&json), &FirstBranch);
        document.faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>()
    };
    let of = |name: &str| vec![format!("an item of `{name}` is a list, and S3 takes no list within a list")];
    assert_eq!(
        told("", r#"[{"Fn::If": ["C", ["s3:GetObject", "s3:PutObject"], "s3:GetObject"]}, "s3:ListBucket"]"#),
        of("Action")
    );
    let more = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}"#;
    assert_eq!(told(&format!(r#"{{"Fn::If": ["C", [{more}], {more}]}},"#), r#""s3:*""#), of("Statement"));
    // the function stands for the whole list, or for one value
    assert_eq!(told("", r#"{"Fn::If": ["C", ["s3:GetObject", "s3:PutObject"], "s3:GetObject"]}"#), [""; 0]);
    assert_eq!(told("", r#"[{"Fn::If": ["C", "s3:PutObject", "s3:GetObject"]}, "s3:ListBucket"]"#), [""; 0]);
}
