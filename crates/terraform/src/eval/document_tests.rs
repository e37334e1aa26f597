//! Documents as the provider makes them, by its own rules.

use crate::eval::Evaluator;
use crate::eval::testing::Lab;
use crate::syntax::expression;
use crate::value::json::render;
use bucketlint_text::source::FileId;

fn json(evaluator: &Evaluator<'_>) -> String {
    let value = evaluator.eval(&expression(FileId(0), "data.aws_iam_policy_document.x.json").unwrap(), &evaluator.top(0));
    match &value.kind {
        crate::value::ValueKind::Json(inner) => render(inner).to_string(),
        other => panic!("{other:?}"),
    }
}

fn document(text: &str) -> String {
    let world = Lab::new(&[("main.tf", text)]);
    json(&world.evaluator(""))
}

fn x(body: &str) -> String {
    document(&format!("data \"aws_iam_policy_document\" \"x\" {{\n{body}\n}}\n"))
}

#[test]
fn statements_are_written_as_the_provider_does() {
    let body = "statement {\n  sid = \"A\"\n  actions = [\"s3:GetObject\", \"s3:GetObject\"]\n  resources = [\"arn:aws:s3:::lab/&{aws:username}/$${aws:username}\"]
  principals {\n    type = \"AWS\"\n    identifiers = [\"1\"]\n  }\n  principals {\n    type = \"AWS\"\n    identifiers = [\"2\"]\n  }
  condition {\n    test = \"StringEquals\"\n    variable = \"aws:x\"\n    values = [\"1\"]\n  }\n  condition {\n    test = \"StringEquals\"\n    variable = \"aws:x\"\n    values = [\"2\"]\n  }\n}";
    assert_eq!(
        x(body),
        r#"{"Statement":[{"Action":["s3:GetObject"],"Condition":{"StringEquals":{"aws:x":["1","2"]}},"Effect":"Allow","Principal":{"AWS":["1","2"]},"Resource":["arn:aws:s3:::lab/${aws:username}/${aws:username}"],"Sid":"A"}],"Version":"2012-10-17"}"#
    );
    assert_eq!(x(""), r#"{"Version":"2012-10-17"}"#);
}

#[test]
fn only_a_star_alone_has_no_type() {
    let with = |blocks: &str| x(&format!("statement {{\n  effect = \"Deny\"\n{blocks}\n}}"));
    let block = |kind: &str| format!("  principals {{\n    type = \"{kind}\"\n    identifiers = [\"*\"]\n  }}\n");
    assert_eq!(with(&block("*")), r#"{"Statement":[{"Effect":"Deny","Principal":"*"}],"Version":"2012-10-17"}"#);
    assert_eq!(with(&block("AWS")), r#"{"Statement":[{"Effect":"Deny","Principal":{"AWS":["*"]}}],"Version":"2012-10-17"}"#);
    assert_eq!(
        with(&(block("*") + &block("AWS"))),
        r#"{"Statement":[{"Effect":"Deny","Principal":{"*":["*"],"AWS":["*"]}}],"Version":"2012-10-17"}"#
    );
}

#[test]
fn documents_are_merged_by_sid() {
    let one = |name: &str, sid: &str, effect: &str| {
        format!(
            "data \"aws_iam_policy_document\" \"{name}\" {{\n  statement {{\n    sid = \"{sid}\"\n    effect = \"{effect}\"\n    actions = [\"{name}\"]\n  }}\n}}\n"
        )
    };
    let text = one("a", "A", "Allow")
        + &one("b", "", "Allow")
        + &one("o", "A", "Deny")
        + "data \"aws_iam_policy_document\" \"x\" {
  source_policy_documents   = [data.aws_iam_policy_document.a.json, null, \"\", data.aws_iam_policy_document.b.json]
  override_policy_documents = [data.aws_iam_policy_document.o.json]
  statement {\n    actions = [\"own\"]\n  }\n}\n";
    assert_eq!(
        document(&text),
        r#"{"Statement":[{"Action":["o"],"Effect":"Deny","Sid":"A"},{"Action":["b"],"Effect":"Allow"},{"Action":["own"],"Effect":"Allow"}],"Version":"2012-10-17"}"#
    );
}

#[test]
fn a_document_given_as_text_is_read_by_the_provider() {
    let body = r#"source_policy_documents = [<<EOT
{"Version": "2008-10-17", "Id": "i", "Statement": [{"Effect": "Allow", "Principal": "arn:aws:iam::1:root", "Condition": {"NumericEquals": {"a": 1, "b": "2"}}}]}
EOT
]"#;
    assert_eq!(
        x(body),
        r#"{"Id":"i","Statement":[{"Condition":{"NumericEquals":{"b":"2"}},"Effect":"Allow","Principal":"*"}],"Version":"2012-10-17"}"#
    );
}

#[test]
fn what_is_not_known_leaves_open_what_it_may_change() {
    let shown = document(
        "variable \"d\" { type = string }\nvariable \"s\" {}\ndata \"aws_iam_policy_document\" \"x\" {
  override_policy_documents = [var.d]
  statement {\n    sid = \"A\"\n  }\n  statement {\n    actions = [\"kept\"]\n  }
  dynamic \"statement\" {\n    for_each = var.s\n    content {\n      sid = statement.value\n    }\n  }\n}\n",
    );
    assert_eq!(
        shown,
        r#"{"Statement":[${var.d},{"Action":["kept"],"Effect":"Allow"},${var.s},${var.d}],"Version":"2012-10-17"}"#
    );
}

#[test]
fn dynamic_blocks_are_written_out() {
    let body = "dynamic \"statement\" {\n  for_each = { b = [\"2\"], a = [\"1\"] }\n  iterator = each_one\n  content {\n    sid = each_one.key\n    actions = each_one.value\n  }\n}";
    assert_eq!(
        x(body),
        r#"{"Statement":[{"Action":["1"],"Effect":"Allow","Sid":"a"},{"Action":["2"],"Effect":"Allow","Sid":"b"}],"Version":"2012-10-17"}"#
    );
}

#[test]
fn heredocs_have_places_for_each_of_their_strings() {
    let text = "variable \"account\" { default = \"123456780912\" }\nresource \"aws_s3_bucket_policy\" \"p\" {
  bucket = \"lab\"
  policy = <<-EOT
    {
      \"Statement\": [{
        \"Effect\": \"Allow\",
        \"Principal\": {\"AWS\": \"arn:aws:iam::${var.account}:root\"}
      }]
    }
  EOT
}\n";
    let world = Lab::new(&[("main.tf", text)]);
    let unit = world.evaluator("").unit(|_| true);
    let policy = unit.resources[0].body.get("policy").unwrap();
    let statement = &policy.get("Statement").unwrap().items()[0];
    assert_eq!(world.at(statement.get("Effect").unwrap().span), "main.tf:7:19 \"Allow\"");
    let principal = statement.path(&["Principal", "AWS"]).unwrap();
    assert_eq!(world.at(principal.span), "main.tf:8:30 \"arn:aws:iam::${var.account}:root\"");
    let bucketlint_text::syntax::node::Value::Text(made) = &principal.value else { panic!("{principal:?}") };
    assert_eq!(made.as_known(), Some("arn:aws:iam::123456780912:root"));
    assert_eq!(made.origins().map(|at| world.at(at)).collect::<Vec<_>>(), ["main.tf:1:32 \"123456780912\""]);
    assert_eq!(world.at(statement.entry("Effect").unwrap().key.span), "main.tf:7:9 \"Effect\"");
}
