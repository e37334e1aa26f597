use crate::eval::Evaluator;
use crate::eval::testing::Lab;
use crate::syntax::expression;
use crate::value::ValueKind;
use crate::value::json::render;
use bucketlint_text::source::FileId;

fn shown(evaluator: &Evaluator<'_>, text: &str) -> String {
    let value = evaluator.eval(&expression(FileId(0), text).unwrap(), &evaluator.top(0));
    match &value.kind {
        ValueKind::Str(text) => text.text.to_string(),
        ValueKind::Json(inner) => render(inner).to_string(),
        ValueKind::Unknown(lack) => format!("<{}>", lack.symbol.why),
        _ => render(&value).to_string(),
    }
}

/// The examples of the functions' pages, and what is special about them.
#[test]
fn functions_give_what_their_pages_say() {
    let world = Lab::new(&[("main.tf", "")]);
    let evaluator = world.evaluator("");
    for (expression, expected) in [
        ("abs(-12.4)", "12.4"),
        ("alltrue([\"true\", true])", "true"),
        ("anytrue([])", "false"),
        ("basename(\"foo/bar/baz.txt\")", "baz.txt"),
        ("ceil(5.1)", "6"),
        ("chomp(\"hello\\r\\n\")", "hello"),
        ("chunklist([\"a\", \"b\", \"c\"], 2)", r#"[["a","b"],["c"]]"#),
        ("coalesce(\"\", \"b\")", "b"),
        ("coalesce([\"\", \"b\"]...)", "b"),
        ("coalescelist([], [\"c\"])", r#"["c"]"#),
        ("compact([\"a\", \"\", \"b\", null, \"c\"])", r#"["a","b","c"]"#),
        ("concat([\"a\", \"\"], [\"b\", \"c\"])", r#"["a","","b","c"]"#),
        ("contains([\"a\", \"b\", \"c\"], \"d\")", "false"),
        ("dirname(\"foo/bar/baz.txt\")", "foo/bar"),
        ("distinct([\"a\", \"b\", \"a\", \"c\", \"d\", \"b\"])", r#"["a","b","c","d"]"#),
        ("element([\"a\", \"b\", \"c\"], 3)", "a"),
        ("endswith(\"hello world\", \"world\")", "true"),
        ("flatten([[\"a\", \"b\"], [], [\"c\", [\"d\"]]])", r#"["a","b","c","d"]"#),
        ("floor(4.9)", "4"),
        ("format(\"Hello, %s! %d%% %03d %q\", \"Ander\", 5, 7, \"x\")", "Hello, Ander! 5% 007 \"x\""),
        ("formatlist(\"%s-%s\", \"a\", [\"x\", \"y\"])", r#"["a-x","a-y"]"#),
        ("index([\"a\", \"b\", \"c\"], \"b\")", "1"),
        ("join(\"-\", [\"foo\", 1, true])", "foo-1-true"),
        ("jsondecode(\"{\\\"hello\\\": [1, null]}\").hello", "[1,null]"),
        ("jsonencode({ b = \"<x>\", a = [1, true, null] })", r#"{"a":[1,true,null],"b":"\u003cx\u003e"}"#),
        ("jsondecode(jsonencode({ a = 1 })).a", "1"),
        ("keys({ c = 1, a = 2 })", r#"["a","c"]"#),
        ("length(\"héllo\")", "5"),
        ("length({ a = 1 })", "1"),
        ("lookup({ a = \"ay\" }, \"c\", \"what?\")", "what?"),
        ("lower(\"ÀB\")", "àb"),
        ("max([5, 12, 9]...)", "12"),
        ("min(12, 54, 3)", "3"),
        ("merge({ a = 1, b = 2 }, null, { b = 3 })", r#"{"a":1,"b":3}"#),
        ("one([])", "null"),
        ("one([\"x\"])", "x"),
        ("range(1, 4)", "[1,2,3]"),
        ("range(4, 1)", "[4,3,2]"),
        ("replace(\"1 + 2 + 3\", \"+\", \"-\")", "1 - 2 - 3"),
        ("reverse([1, 2])", "[2,1]"),
        ("setintersection([\"a\", \"b\"], [\"b\", \"c\"])", r#"["b"]"#),
        ("setproduct([\"x\"], [\"a\", \"b\"])", r#"[["x","a"],["x","b"]]"#),
        ("setsubtract([\"a\", \"b\", \"c\"], [\"a\", \"c\"])", r#"["b"]"#),
        ("setunion([\"b\", \"a\"], [\"b\", \"c\"])", r#"["a","b","c"]"#),
        ("slice([\"a\", \"b\", \"c\", \"d\"], 1, 3)", r#"["b","c"]"#),
        ("sort([\"e\", \"d\", \"a\"])", r#"["a","d","e"]"#),
        ("split(\",\", \"foo,,bar\")", r#"["foo","","bar"]"#),
        ("startswith(\"hello\", \"hel\")", "true"),
        ("strcontains(\"hello\", \"ll\")", "true"),
        ("substr(\"hello world\", 1, 4)", "ello"),
        ("substr(\"hello world\", -5, -1)", "world"),
        ("title(\"hello world\")", "Hello World"),
        ("tolist(toset([\"b\", \"a\", \"b\"]))", r#"["a","b"]"#),
        ("tonumber(\"5\") + 1", "6"),
        ("tostring(true)", "true"),
        ("trim(\"?!hello?!\", \"!?\")", "hello"),
        ("trimprefix(\"helloworld\", \"hello\")", "world"),
        ("trimsuffix(\"helloworld\", \"world\")", "hello"),
        ("trimspace(\"  hello\\n\\n\")", "hello"),
        ("try(var.x.y, {}.a, \"fallback\")", "<`var.x` is not declared in these files>"),
        ("try({}.a, [][0], \"fallback\")", "fallback"),
        ("can({}.a)", "false"),
        ("upper(\"hello\")", "HELLO"),
        ("values({ c = 1, a = 2 })", "[2,1]"),
        ("zipmap([\"a\", \"b\"], [1, 2])", r#"{"a":1,"b":2}"#),
        ("md5(\"x\")", "<`md5()` is not evaluated here>"),
        ("provider::local::thing(1)", "<`provider::local::thing()` is not evaluated here>"),
        ("replace(\"ab\", \"/a/\", \"b\")", "<`replace()` by a regular expression is not evaluated here>"),
    ] {
        assert_eq!(shown(&evaluator, expression), expected, "{expression}");
    }
}

#[test]
fn unknown_pieces_stay_where_they_are() {
    let world = Lab::new(&[("main.tf", "variable \"a\" { type = string }\nvariable \"l\" {}\n")]);
    let evaluator = world.evaluator("");
    for (expression, expected) in [
        ("join(\"/\", [\"x\", var.a])", "x/${var.a}"),
        ("format(\"arn:%s:x\", var.a)", "arn:${var.a}:x"),
        ("trimprefix(\"arn:${var.a}\", \"arn:\")", "${var.a}"),
        ("startswith(\"arn:${var.a}\", \"aws\")", "false"),
        ("lower(var.a)", "${lower(${var.a})}"),
        ("lower(var.a) == lower(var.a)", "true"),
        ("concat([\"x\"], var.l)", "[\"x\",${var.l}]"),
        ("length(concat([\"x\"], var.l))", "<variable `l` has no default>"),
        ("concat([\"x\"], var.l)[0]", "x"),
        ("concat(var.l, [\"x\"])[0]", "<variable `l` has no default>"),
        ("[for v in var.l : v]", "[${var.l}]"),
        ("contains(concat([\"x\"], var.l), \"x\")", "true"),
        ("merge({ a = 1 }, var.l)", "<variable `l` has no default>"),
        ("var.l ? \"same\" : \"same\"", "same"),
        ("try(var.l, \"x\")", "<variable `l` has no default>"),
    ] {
        assert_eq!(shown(&evaluator, expression), expected, "{expression}");
    }
}

proptest::proptest! {
    /// No call is too odd.
    #[test]
    fn any_call_has_a_value(
        name in "format|formatlist|join|split|substr|element|slice|range|lookup|zipmap|chunklist|replace|setproduct|one|index|indent|title|trim|merge|coalesce",
        arguments in proptest::collection::vec("-?[0-9]{1,3}|\"[%a-c]{0,3}\"|null|true|\\[\\]|\\[1, \"a\"\\]|\\{\\}|\\{a = 1\\}|var\\.l|\\[for v in var\\.l : v\\]", 0..4),
    ) {
        let world = Lab::new(&[("main.tf", "variable \"l\" {}\n")]);
        let evaluator = world.evaluator("");
        drop(shown(&evaluator, &format!("{name}({})", arguments.join(", "))));
    }
}
