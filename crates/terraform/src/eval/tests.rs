use crate::eval::testing::Lab;
use crate::value::json::render;
use crate::value::{Value, ValueKind};
use bucketlint_text::text::Text;

/// The local `x` of a module: a string as it is, anything else as JSON; what is not known shows why.
fn shown(value: &Value) -> String {
    match &value.kind {
        ValueKind::Str(text) => text.text.to_string(),
        ValueKind::Unknown(lack) => format!("<{}>", lack.symbol.why),
        _ => render(value).to_string(),
    }
}

fn local(text: &str) -> String {
    files(&[("main.tf", text)])
}

fn files(files: &[(&str, &str)]) -> String {
    let world = Lab::new(files);
    let evaluator = world.evaluator("");
    shown(&evaluator.eval(&crate::syntax::expression(bucketlint_text::source::FileId(0), "local.x").unwrap(), &evaluator.top(0)))
}

fn x(expression: &str) -> String {
    local(&format!("locals {{\n  x = {expression}\n}}\n"))
}

#[test]
fn operators_and_conditionals() {
    for (expression, expected) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("7 % 4 - 1 / 2", "2.5"),
        ("!(1 < 2) || 2 >= 2", "true"),
        ("\"a\" == \"a\" && 1 != 2", "true"),
        ("\"1\" == 1", "false"),
        ("[1, \"a\"] == [1, \"a\"]", "true"),
        ("true ? \"yes\" : \"no\"", "yes"),
        ("null == null ? -3 : 4", "-3"),
        ("false && var.missing", "false"),
        ("{ a = 1, (\"b\") = 2, \"c\" = 3 }", r#"{"a":1,"b":2,"c":3}"#),
        ("{ a = { b = [1, 2] } }.a.b[1]", "2"),
        ("{ a = { b = [1, 2] } }[\"a\"].b.0", "1"),
        ("012345670123", "12345670123"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
    ] {
        assert_eq!(x(expression), expected, "{expression}");
    }
}

#[test]
fn templates() {
    for (expression, expected) in [
        (r#""a${1 + 1}b${true}""#, "a2btrue"),
        (r#""${[1, 2]}""#, "[1,2]"),
        (r#""$${aws:username}/%%{x}""#, "${aws:username}/%{x}"),
        (r#""%{ if 1 < 2 }yes%{ else }no%{ endif }""#, "yes"),
        (r#""%{ for k, v in { b = 2, a = 1 } }${k}${v},%{ endfor }""#, "a1,b2,"),
        (r#""%{ for v in ["x", "y"] ~} ${v} %{~ endfor }""#, "xy"),
        ("<<EOT\n  a\n    b\nEOT", "  a\n    b\n"),
        ("<<-EOT\n  a\n    ${1}\n  EOT", "a\n  1\n"),
    ] {
        assert_eq!(x(expression), expected, "{expression}");
    }
}

#[test]
fn loops_and_splats() {
    for (expression, expected) in [
        ("[for v in [1, 2, 3] : v * 2 if v != 2]", "[2,6]"),
        ("[for i, v in [\"a\", \"b\"] : \"${i}${v}\"]", r#"["0a","1b"]"#),
        ("{for k, v in { b = 1, a = 2 } : upper(k) => v}", r#"{"A":2,"B":1}"#),
        ("{for v in [\"ab\", \"ac\", \"b\"] : substr(v, 0, 1) => v...}", r#"{"a":["ab","ac"],"b":["b"]}"#),
        ("[{ a = 1 }, { a = 2 }][*].a", "[1,2]"),
        ("[{ a = [1] }, { a = [2] }].*.a[0]", "[1]"),
        ("[{ a = [1] }, { a = [2] }][*].a[0]", "[1,2]"),
        ("null[*]", "[]"),
        ("\"x\"[*]", r#"["x"]"#),
        ("[[{ a = 1 }], [{ a = 2 }]][*][*].a", "[[1],[2]]"),
    ] {
        assert_eq!(x(expression), expected, "{expression}");
    }
}

#[test]
fn variables_have_what_is_given_or_their_default() {
    let variables = "variable \"a\" {}\nvariable \"b\" { default = \"of-b\" }\nvariable \"c\" { default = null }
variable \"d\" {\n  type = object({ x = string, y = optional(number, 7), z = optional(string) })\n  default = { x = 012 }\n}
variable \"e\" {\n  type = set(string)\n  default = [\"q\", \"p\", \"q\"]\n}\n";
    let with = |expression: &str, more: &[(&str, &str)]| {
        let main = format!("{variables}locals {{ x = {expression} }}\n");
        files(&[&[("main.tf", main.as_str())], more].concat())
    };
    assert_eq!(with("var.a", &[]), "<variable `a` has no default>");
    assert_eq!(with("\"n-${var.a}\"", &[]), "n-${var.a}");
    assert_eq!(with("var.b", &[]), "of-b");
    assert_eq!(with("var.c == null", &[]), "true");
    assert_eq!(with("var.d", &[]), r#"{"x":"12","y":7,"z":null}"#);
    assert_eq!(with("var.e", &[]), r#"["p","q"]"#);
    assert_eq!(with("var.a", &[("terraform.tfvars", "a = 1\n")]), "1");
    let auto =
        [("a.auto.tfvars", "a = 2\n"), ("b.auto.tfvars", "a = 3\n"), ("terraform.tfvars", "a = 1\n"), ("prod.tfvars", "a = 9\n")];
    assert_eq!(with("var.a", &auto), "3");
    assert_eq!(with("var.nothing", &[]), "<`var.nothing` is not declared in these files>");
    assert_eq!(with("var.nothing", &[("z.tf", "a = [\n")]), "<the file that declares `var.nothing` cannot be read>");
}

#[test]
fn what_refers_to_itself_comes_to_an_end() {
    assert!(local("locals {\n  x = local.y\n  y = \"${local.x}\"\n}\n").contains("refers to itself"));
    let deep: String = (0..2_000).map(|at| format!("  y{at} = local.y{}\n", at + 1)).collect();
    assert_eq!(local(&format!("locals {{\n  x = local.y0\n{deep}  y2000 = 1\n}}\n")), "<it takes too much to evaluate>");
}

#[test]
fn what_grows_comes_to_an_end() {
    let doubled = |first: &str, next: &dyn Fn(usize) -> String| {
        let all: String = (0..60).map(|at| format!("  y{} = {}\n", at + 1, next(at))).collect();
        let world = Lab::new(&[("main.tf", &format!("locals {{\n  y0 = {first}\n{all}  x = local.y60\n}}\n"))]);
        let evaluator = world.evaluator("");
        let expr = crate::syntax::expression(bucketlint_text::source::FileId(0), "local.x").unwrap();
        let value = evaluator.eval(&expr, &evaluator.top(0));
        drop(value.node());
        drop(render(&value));
        let again = world.evaluator("");
        let _ = value.same(&again.eval(&expr, &again.top(0)));
    };
    doubled("\"ab\"", &|at| format!("\"${{local.y{at}}}${{local.y{at}}}\""));
    doubled("[1]", &|at| format!("[local.y{at}, local.y{at}]"));
    doubled("[1]", &|at| format!("concat(local.y{at}, local.y{at})"));
    doubled("[1]", &|at| format!("flatten([local.y{at}, local.y{at}])"));
    doubled("[1]", &|at| format!("[for a in local.y{at} : [for b in local.y{at} : a]]"));
    doubled("{ a = 1 }", &|at| format!("{{ a = local.y{at}, b = local.y{at} }}"));
    doubled("[1, 2]", &|at| format!("setproduct(local.y{at}, local.y{at})"));
    doubled("\"a\"", &|at| format!("format(\"%s%s\", local.y{at}, local.y{at})"));
    doubled("\"a\"", &|at| format!("join(\"\", [local.y{at}, local.y{at}])"));
    doubled("\"a\"", &|at| format!("jsonencode([local.y{at}, local.y{at}])"));
    doubled("\"aa\"", &|at| format!("replace(local.y{at}, \"a\", local.y{at})"));
}

#[test]
fn a_literal_keeps_its_place_through_everything() {
    let world = Lab::new(&[
        (
            "main.tf",
            "variable \"a\" { type = string }\nmodule \"m\" {\n  source = \"./m\"\n  b      = local.c\n}\nlocals {\n  c = var.a\n}\n",
        ),
        ("terraform.tfvars", "a = \"123456780912\"\n"),
        (
            "m/main.tf",
            "variable \"b\" {}\nlocals { x = \"arn:aws:iam::${var.b}:root\" }\noutput \"o\" { value = local.x }\noutput \"b\" { value = var.b }\n",
        ),
    ]);
    let evaluator = world.evaluator("");
    let eval = |text: &str| {
        let expr = crate::syntax::expression(bucketlint_text::source::FileId(0), text).unwrap();
        evaluator.eval(&expr, &evaluator.top(0))
    };
    let whole = eval("module.m.b");
    assert_eq!(world.at(whole.span), "terraform.tfvars:1:5 \"123456780912\"");
    let ValueKind::Str(made) = eval("module.m.o").kind else { panic!() };
    assert_eq!(made.text.as_known(), Some("arn:aws:iam::123456780912:root"));
    assert_eq!(world.at(made.text.span), "m/main.tf:2:14 \"arn:aws:iam::${var.b}:root\"");
    assert_eq!(made.text.origins().map(|at| world.at(at)).collect::<Vec<_>>(), ["terraform.tfvars:1:5 \"123456780912\""]);
    let account: Vec<Text> = made.text.split(":");
    assert_eq!(world.at(account[4].place()), "terraform.tfvars:1:5 \"123456780912\"");
}

#[test]
fn modules_are_instances_with_their_own_values() {
    let main = "module \"m\" {\n  source   = \"../m\"\n  for_each = { a = 1, b = 2 }\n  name     = \"lab-${each.key}\"\n  n        = each.value\n}
module \"c\" {\n  source = \"../m\"\n  count  = 2\n  name   = \"c${count.index}\"\n}
module \"far\" {\n  source = \"terraform-aws-modules/s3-bucket/aws\"\n}\nlocals {\n  x = [module.m[\"b\"].out, module.c[*].out, module.far.id]\n}\n";
    let module = "variable \"name\" {}\nvariable \"n\" { default = 0 }\noutput \"out\" { value = \"${var.name}:${var.n}\" }\n";
    let world = Lab::new(&[("root/main.tf", main), ("m/main.tf", module)]);
    let evaluator = world.evaluator("root");
    let expr = crate::syntax::expression(bucketlint_text::source::FileId(0), "local.x").unwrap();
    let value = evaluator.eval(&expr, &evaluator.top(0));
    assert_eq!(shown(&value), r#"["lab-b:2",["c0:0","c1:0"],${module.far.id}]"#);
    assert!(value.items()[2].lack().unwrap().symbol.why.contains("comes from elsewhere"));
}

#[test]
fn a_module_that_calls_itself_comes_to_an_end() {
    let world = Lab::new(&[("main.tf", "module \"m\" {\n  source = \"./\"\n}\nresource \"aws_s3_bucket\" \"b\" {}\n")]);
    let unit = world.evaluator("").unit(|kind| kind == "aws_s3_bucket");
    assert!(unit.resources.len() < 100, "{}", unit.resources.len());
}

/// Every bucket's address, name and ARN.
fn buckets(text: &str) -> Vec<String> {
    let world = Lab::new(&[("main.tf", text)]);
    let unit = world.evaluator("").unit(|kind| kind == "aws_s3_bucket");
    let shown = unit.resources.iter().map(|resource| {
        let open = resource.open.as_ref().map_or(String::new(), |open| format!(" <{}>", open.why));
        format!("{} {} {}{open}", resource.address, resource.name.as_ref().unwrap(), resource.arn.as_ref().unwrap())
    });
    shown.collect()
}

#[test]
fn buckets_have_their_names_and_instances() {
    let partition = "${data.aws_partition.current.partition}";
    assert_eq!(
        buckets("resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"lab\"\n}\n"),
        [format!("aws_s3_bucket.a lab arn:{partition}:s3:::lab")]
    );
    assert_eq!(
        buckets(
            "provider \"aws\" {\n  region = \"cn-north-1\"\n}\nresource \"aws_s3_bucket\" \"a\" {\n  for_each = toset([\"y\", \"x\"])\n  bucket   = \"lab-${each.key}\"\n}\n"
        ),
        ["aws_s3_bucket.a[\"x\"] lab-x arn:aws-cn:s3:::lab-x", "aws_s3_bucket.a[\"y\"] lab-y arn:aws-cn:s3:::lab-y"]
    );
    let made = "${aws_s3_bucket.a.bucket}";
    assert_eq!(
        buckets("resource \"aws_s3_bucket\" \"a\" {\n  bucket_prefix = \"lab-\"\n}\n"),
        [format!("aws_s3_bucket.a lab-{made} arn:{partition}:s3:::lab-{made}")]
    );
    assert_eq!(
        buckets("variable \"on\" {}\nresource \"aws_s3_bucket\" \"a\" {\n  count  = var.on ? 1 : 0\n  bucket = \"lab\"\n}\n"),
        [format!("aws_s3_bucket.a[count.index] lab arn:{partition}:s3:::lab <variable `on` has no default>")]
    );
    assert!(buckets("resource \"aws_s3_bucket\" \"a\" {\n  count = 0\n}\n").is_empty());
}

#[test]
fn resources_are_joined_by_what_they_refer_to() {
    let text =
        "variable \"names\" {}\nresource \"aws_s3_bucket\" \"a\" {\n  for_each = var.names\n  bucket   = \"lab-${each.key}\"\n}
resource \"aws_s3_bucket_policy\" \"a\" {\n  for_each = aws_s3_bucket.a\n  bucket   = each.value.id\n}
resource \"aws_s3_bucket_policy\" \"b\" {\n  for_each = var.names\n  bucket   = aws_s3_bucket.a[each.key].bucket\n}
resource \"aws_s3_bucket\" \"c\" {\n  count = var.names ? 1 : 0\n}
resource \"aws_s3_bucket_policy\" \"c\" {\n  bucket = one(aws_s3_bucket.c[*].id)\n}
resource \"aws_s3_bucket_policy\" \"d\" {\n  bucket = aws_s3_bucket.c[0].id\n}\n";
    let world = Lab::new(&[("main.tf", text)]);
    let unit = world.evaluator("").unit(|_| true);
    let name = |address: &str| unit.resources.iter().find(|one| one.address == address).unwrap().name.clone().unwrap();
    let bucket = |address: &str| {
        let resource = unit.resources.iter().find(|one| one.address == address).unwrap();
        bucketlint_text::resolve::Resolve::text(&bucketlint_text::resolve::Plain, resource.body.get("bucket").unwrap())
    };
    assert_eq!(bucket("aws_s3_bucket_policy.a[each.key]"), name("aws_s3_bucket.a[each.key]"));
    assert_eq!(bucket("aws_s3_bucket_policy.b[each.key]"), name("aws_s3_bucket.a[each.key]"));
    assert_eq!(bucket("aws_s3_bucket_policy.c"), name("aws_s3_bucket.c[count.index]"));
    assert_eq!(bucket("aws_s3_bucket_policy.d"), name("aws_s3_bucket.c[count.index]"));
}

#[test]
fn providers_say_where_things_are() {
    let text = "provider \"aws\" {\n  region = \"eu-west-1\"\n}
provider \"aws\" {\n  alias = \"audit\"\n  assume_role {\n    role_arn = \"arn:aws:iam::111122223333:role/x\"\n  }\n}
module \"m\" {\n  source    = \"./m\"\n  providers = { aws = aws.audit }\n}
resource \"aws_sns_topic\" \"t\" {\n  name = \"n\"\n}\n";
    let world = Lab::new(&[("main.tf", text), ("m/main.tf", "resource \"aws_sns_topic\" \"t\" {\n  name = \"n\"\n}\n")]);
    let unit = world.evaluator("").unit(|_| true);
    let arns: Vec<String> =
        unit.resources.iter().map(|one| format!("{} {}", one.provider.name, one.arn.as_ref().unwrap())).collect();
    assert_eq!(
        arns,
        [
            "aws arn:aws:sns:eu-west-1:${data.aws_caller_identity.current.account_id}:n",
            "aws.audit arn:${data.aws_partition.current.partition}:sns:${data.aws_region.audit.region}:111122223333:n",
        ]
    );
}

#[test]
fn files_and_templates_are_read_from_beside_the_module() {
    let main =
        "locals {\n  x = [file(\"${path.module}/a.txt\"), templatefile(\"b.tpl\", { who = \"you\" }), file(\"none.txt\")]\n}\n";
    let shown = files(&[("main.tf", main), ("a.txt", "raw ${x}"), ("b.tpl", "hello ${who}%{ if who == \"you\" }!%{ endif }")]);
    assert_eq!(shown, r#"["raw ${x}","hello you!",${…}]"#);
}
