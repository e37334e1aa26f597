//! Every mistake in a rule file, with its place.

use super::rule_text;
use crate::rule::load::load;
use crate::syntax::testing::{marked, tree};

fn problems(text: &str) -> Vec<String> {
    load("group/name", &tree(text)).err().map(|problems| marked(text, &problems)).unwrap_or_default()
}

#[test]
fn one_mistake_each() {
    let operators =
        "`exists`, `is`, `empty`, `equals`, `in`, `matches`, `less_than`, `at_most`, `greater_than`, `at_least`, `holds`, `not`";
    for (key, value, want) in [
        ("titel", "x", "titel: unknown key `titel`; did you mean `title`?"),
        ("title", "[]", "[]: `title` should be a string, not a list"),
        ("title", "''", "'': `title` is empty"),
        ("title", r#""a\nb""#, r#""a\nb": `title` is one line"#),
        ("severity", "eror", "eror: unknown severity `eror`; did you mean `error`?"),
        ("severity", "fatal", "fatal: unknown severity `fatal`; known are `note`, `warning`, `error`"),
        ("severity", "3", "3: `severity` should be a string, not a number"),
        ("since", "0.1", "0.1: `since` should be a version such as 0.1.0"),
        ("since", "v1.0.0", "v1.0.0: `since` should be a version such as 0.1.0"),
        ("each", "'@.x'", "'@.x': `each` is a path that begins with `$`"),
        ("each", "$.s[", "$.s[: not a JSONPath: expected selector"),
        (
            "each",
            "\"$.s[?@.a in 'b']\"",
            "\"$.s[?@.a in 'b']\": `a in` has a blank between two names, which JSONPath takes for one name",
        ),
        ("let", "[]", "[]: `let` should be a mapping of names to paths, not a list"),
        ("let", "{a b: $.x}", "a b: `a b` is not a name: letters, digits, `_` and `-`"),
        ("let", "{a: 1}", "1: `a` should be a string, not a number"),
        ("let", "{a: '%b'}", "'%b': a `let` path begins with `$` or `@`"),
        ("let", "{a: x}", "x: a path begins with `$` (the root), `@` (the subject) or `%name` (a `let`)"),
        ("when", "{}", "{}: `when` should be a list, not a mapping"),
        ("check", "[]", "[]: `check` has no clauses"),
        ("check", "[x]", "x: a clause should be a mapping, not a string"),
        ("check", "[{}]", "{}: a clause begins with `every`, `some`, `or`, `and` or `not`"),
        ("check", "[{equals: 1}]", "equals: a clause begins with `every`, `some`, `or`, `and` or `not`"),
        ("check", "[{evry: '@.a', equals: 1}]", "evry: unknown key `evry`; did you mean `every`?"),
        ("check", "[{every: '@.a', equal: 1}]", "equal: unknown key `equal`; did you mean `equals`?"),
        ("check", "[{every: '@.a'}]", &format!("every: `every` needs an operator: {operators}")),
        ("check", "[{every: '@.a', some: '@.b', equals: 1}]", "some: `some` cannot stand beside `every`"),
        ("check", "[{every: '@.a', equals: 1, in: []}]", "in: `in` cannot stand beside `equals`"),
        ("check", "[{or: [{every: '@', exists: true}], exists: true}]", "exists: `exists` cannot stand beside `or`"),
        ("check", "[{or: []}]", "[]: `or` has no clauses"),
        ("check", "[{and: [{not: x}]}]", "x: a clause should be a mapping, not a string"),
        ("check", "[{every: 1, exists: true}]", "1: `every` should be a string, not a number"),
        ("check", "[{every: a, exists: true}]", "a: a path begins with `$` (the root), `@` (the subject) or `%name` (a `let`)"),
        (
            "check",
            "[{every: '@.a b', exists: true}]",
            "'@.a b': `a b` has a blank between two names, which JSONPath takes for one name",
        ),
        (
            "check",
            "[{every: '@[?@.a == $.b]', exists: true}]",
            "'@[?@.a == $.b]': `$` in a filter is the whole tree only in a path that begins with `$`",
        ),
        ("check", "[{every: '%a', exists: true}]", "'%a': no `let` is called `a`"),
        ("check", "[{every: '@', exists: 1}]", "1: `exists` should be true or false, not a number"),
        ("check", "[{every: '@', empty: {from: '@'}}]", "{from: '@'}: `empty` should be true or false, not a mapping"),
        ("check", "[{every: '@', matches: 'a('}]", "'a(': bad regular expression: unclosed group"),
        (
            "check",
            "[{every: '@', matches: 'a{9}{999}{999}'}]",
            "'a{9}{999}{999}': bad regular expression: Compiled regex exceeds size limit of 1048576 bytes.",
        ),
        ("check", "[{every: '@', matches: {from: '@'}}]", "{from: '@'}: `matches` should be a string, not a mapping"),
        ("check", "[{every: '@', in: a}]", "a: `in` should be a list or `{from: path}`, not a string"),
        ("check", "[{every: '@', at_most: '1'}]", "'1': `at_most` should be a decimal number or `{from: path}`, not a string"),
        ("check", "[{every: '@', equals: {from: '%b'}}]", "'%b': no `let` is called `b`"),
        ("check", "[{every: '@', is: strng}]", "strng: unknown kind `strng`; did you mean `string`?"),
        ("check", "[{every: '@', holds: []}]", "[]: `holds` has no clauses"),
        (
            "check",
            "[{some: '@', holds: {every: '@', exists: true}}]",
            "{every: '@', exists: true}: `holds` should be a list, not a mapping",
        ),
        ("check", "[{some: '@', holds: [{every: '@', equls: 1}]}]", "equls: unknown key `equls`; did you mean `equals`?"),
        ("at", "x", "x: a path begins with `$` (the root), `@` (the subject) or `%name` (a `let`)"),
        ("at", "['@.a', 1]", "1: `at` should be a string, not a number"),
        ("check", "[{every: '@', not: 1}]", "1: `not` after a path should be a mapping, not a number"),
        ("check", "[{every: '@', not: {}}]", &format!("not: `not` needs an operator: {operators}")),
        ("check", "[{every: '@', not: {equal: 1}}]", "equal: unknown key `equal`; did you mean `equals`?"),
        ("check", "[{every: '@', exists: true, message: '{'}]", "'{': `{` is not closed; write `{{` for a brace"),
        ("lower", "{}", "{}: `lower` should be a list, not a mapping"),
        (
            "lower",
            "[{to: error, when: [{every: '@', exists: true}]}]",
            "error: `to` should be lower than the rule's severity, `error`",
        ),
        ("lower", "[{to: nite, when: [{every: '@', exists: true}]}]", "nite: unknown severity `nite`; did you mean `note`?"),
        ("lower", "[{to: note}]", "to: `when` is missing"),
        (
            "lower",
            "[{to: note, when: [], mesage: a}]",
            "[]: `when` has no clauses|mesage: unknown key `mesage`; did you mean `message`?",
        ),
        ("absorbs", "no", "no: `absorbs` is `true`, or left out"),
        ("gather", "[]", "[]: `gather` should be a mapping, not a list"),
        (
            "gather",
            "{by: a, at: '%x', message: '{', lable: l, fix: f}",
            "by: `label` is missing|a: a path begins with `$` (the root), `@` (the subject) or `%name` (a `let`)|'%x': no `let` is called `x`|'{': `{` is not closed; write `{{` for a brace|lable: unknown key `lable`; did you mean `label`?",
        ),
        ("label", "a {b c}", "a {b c}: `{b c}` is not a placeholder such as `{name}` or `{a.b}`; write `{{` for a brace"),
        ("message", "a } b", "a } b: `}` without `{`; write `}}` for a brace"),
        ("fix", "' '", "' ': `fix` is empty"),
        ("unconfirmed", "1", "1: `unconfirmed` should be a string, not a number"),
        ("reference", "[]", "[]: `reference` should name at least one address"),
        ("reference", "[http://x]", "http://x: a reference is an address that begins with https://"),
        ("example", "text", "text: `example` should be a mapping, not a string"),
        ("example", "{broken: a, fixd: b}", "broken: `fixed` is missing|fixd: unknown key `fixd`; did you mean `fixed`?"),
        ("example", "{broken: [], fixed: {a: b}}", "[]: `broken` should be a string, not a list"),
        ("reference", "[1]", "1: an item of `reference` should be a string, not a number"),
    ] {
        assert_eq!(problems(&rule_text(&[(key, value)])).join("|"), want, "{key}: {value}");
    }
}

#[test]
fn the_nearest_let_is_named() {
    let changes =
        [("let", "{trails: '$.t', a: '$..['}"), ("check", "[{every: '%trail', exists: true}, {every: '%a.b', exists: true}]")];
    let want = ["'$..[': not a JSONPath: expected selector", "'%trail': no `let` is called `trail`; did you mean `trails`?"];
    let mut found = problems(&rule_text(&changes));
    found.sort();
    assert_eq!(found, want);
}

#[test]
fn all_mistakes_at_once_in_file_order() {
    let text = "severity: eror\neach: x\ncheck: [{every: y, exists: true}, {}]\nfix: '{'\n";
    assert_eq!(
        problems(text),
        [
            "severity: `label` is missing",
            "severity: `message` is missing",
            "severity: `reference` is missing",
            "severity: `since` is missing",
            "severity: `title` is missing",
            "severity: `why` is missing",
            "eror: unknown severity `eror`; did you mean `error`?",
            "x: `each` is a path that begins with `$`",
            "y: a path begins with `$` (the root), `@` (the subject) or `%name` (a `let`)",
            "{}: a clause begins with `every`, `some`, `or`, `and` or `not`",
            "'{': `{` is not closed; write `{{` for a brace",
        ]
    );
    assert_eq!(problems(""), [": a rule should be a mapping, not nothing"]);
}
