use super::*;
use bucketlint_text::source::FileId;

const FILE: FileId = FileId(3);

fn value(text: &str) -> Expr {
    expression(FILE, text).unwrap()
}

/// What is written under a span.
fn under(text: &str, span: Span) -> &str {
    assert_eq!(span.file, FILE);
    text.get(span.range()).unwrap()
}

#[test]
fn blocks_labels_and_values_have_their_places() {
    let text = "# é\nresource \"aws_s3_bucket\" \"raw\" {\n  bucket = \"lab-raw\"\n  rule {\n    n = 012345670123\n  }\n}\n";
    let body = file(FILE, text).unwrap();
    let block = &body.blocks[0];
    assert_eq!((block.label(0), block.label(1)), ("aws_s3_bucket", "raw"));
    assert_eq!(under(text, block.labels[1].span), "\"raw\"");
    assert!(under(text, block.span).starts_with("resource") && under(text, block.span).ends_with('}'));
    let name = block.body.get("bucket").unwrap();
    assert_eq!(under(text, name.span), "\"lab-raw\"");
    let rule = block.body.blocks("rule").next().unwrap();
    assert!(matches!(&rule.body.get("n").unwrap().kind, Syntax::Num(number) if number == "012345670123"));
}

#[test]
fn a_byte_order_mark_counts_and_does_not_cost_the_file() {
    let text = "\u{feff}a = \"x\"\n";
    let body = file(FILE, text).unwrap();
    assert_eq!(under(text, body.attributes[0].name.span), "a");
    assert_eq!(under(text, body.get("a").unwrap().span), "\"x\"");
    assert_eq!(body.attributes[0].name.span.start, 3);
}

#[test]
fn what_cannot_be_read_is_told_where_it_stands() {
    for (text, under_it) in
        [("a = {\n  x = 1\n  x = 2\n}\n", "x"), ("a = [1, 2\nb = 3\n", "b"), ("resource \"a\" {\n", ""), ("a = \"é\" é\n", "é")]
    {
        let problem = file(FILE, text).unwrap_err();
        assert_eq!(problem.kind, bucketlint_text::syntax::parse::ProblemKind::Syntax);
        assert!(problem.span.end as usize <= text.len(), "{text}");
        assert!(under(text, problem.span).contains(under_it), "{text}: {:?}", under(text, problem.span));
    }
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow() {
    for text in [
        format!("a = {}1{}\n", "[".repeat(20_000), "]".repeat(20_000)),
        format!("a = {}1\n", "true ? 1 : ".repeat(20_000)),
        format!("a = {}1\n", "1 + ".repeat(20_000)),
        format!("a = {}1\n", "!".repeat(20_000)),
        format!("a = x{}\n", ".y".repeat(20_000)),
        format!("a = x{}\n", "[0]".repeat(20_000)),
        format!("a = \"{}x{}\"\n", "${\"".repeat(2_000), "\"}".repeat(2_000)),
        format!("{}{}", "a {\n".repeat(5_000), "}\n".repeat(5_000)),
    ] {
        drop(file(FILE, &text));
    }
}

/// Each piece of a literal: the text and what is written for it.
fn pieces<'t>(text: &'t str, literal: &'t Literal) -> Vec<(&'t str, &'t str)> {
    let piece = |piece: &Piece| (literal.text.get(piece.at.clone()).unwrap(), under(text, piece.span));
    literal.pieces.iter().map(piece).collect()
}

#[test]
fn escapes_are_followed_to_what_is_written() {
    let text = r#""a\n\"b\" $${c} \u00e9 %%{d}""#;
    let Syntax::Str(literal) = value(text).kind else { panic!("{text}") };
    assert_eq!(literal.text, "a\n\"b\" ${c} é %{d}");
    let all = pieces(text, &literal);
    assert!(all.contains(&("\n", "\\n")) && all.contains(&("${", "$${")) && all.contains(&("é", "\\u00e9")), "{all:?}");
    assert_eq!(all.iter().map(|(text, _)| *text).collect::<String>(), literal.text);
}

#[test]
fn heredocs_lose_their_indentation_and_keep_their_places() {
    let text = "a = <<-EOT\n    {\"x\": \"é\",\n      \"y\": 1}\n  EOT\n";
    let body = file(FILE, text).unwrap();
    let Syntax::Template(parts) = &body.get("a").unwrap().kind else { panic!() };
    let [Part::Text(literal)] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!(literal.text, "{\"x\": \"é\",\n  \"y\": 1}\n");
    let all = pieces(text, literal);
    assert_eq!(all.iter().map(|(text, _)| *text).collect::<String>(), literal.text);
    assert!(all.iter().all(|(text, written)| text == written), "{all:?}");
}

#[test]
fn tildes_take_the_blanks_beside_them() {
    let text = "\"a ${~ x ~} b%{ if y ~}  c  %{~ else }d%{ endif ~}  e\"";
    let Syntax::Template(parts) = value(text).kind else { panic!() };
    let known = |parts: &[Part]| -> Vec<String> {
        parts.iter().filter_map(|part| if let Part::Text(text) = part { Some(text.text.to_string()) } else { None }).collect()
    };
    assert_eq!(known(&parts), ["a", "b", "e"]);
    let Some(Part::If(_, yes, no)) = parts.iter().find(|part| matches!(part, Part::If(..))) else { panic!() };
    assert_eq!((known(yes), known(no)), (vec!["c".to_owned()], vec!["d".to_owned()]));
}

#[test]
fn splats_take_what_follows_as_hcl_has_it() {
    let steps = |text: &str| {
        let mut expr = value(text);
        let mut outer = Vec::new();
        loop {
            match expr.kind {
                Syntax::Attr(base, name) => {
                    outer.push(format!(".{}", name.text));
                    expr = *base;
                }
                Syntax::Index(base, _) => {
                    outer.push("[]".to_owned());
                    expr = *base;
                }
                Syntax::Splat(_, steps) => return (steps.len(), outer),
                _ => panic!("{text}"),
            }
        }
    };
    assert_eq!(steps("a.b[*].c[0].d"), (3, vec![]));
    assert_eq!(steps("a.b.*.c.d[0]"), (2, vec!["[]".to_owned()]));
    assert_eq!(steps("a[*].b[*].c"), (3, vec![]));
}

proptest::proptest! {
    /// No text is too odd.
    #[test]
    fn any_text_can_be_read(words in proptest::collection::vec("a|=|\\{|\\}|\"|\\$\\{|%\\{|if|for|in|<<-?E|\nE\n|\n|\\[|\\]|\\*|\\.|é|~|:|\\?|#|/\\*|\\\\|\\PC{0,3}", 0..30)) {
        let text = words.join(" ");
        if let Err(problem) = file(FILE, &text) {
            proptest::prop_assert!(text.get(problem.span.range()).is_some(), "{:?}", problem.span);
        }
        drop(template(FILE, &text));
    }
}
