//! Clauses on one subject: operators, quantifiers, three-valued combinators, references.

use super::run;

/// `good`, `bad`, or `value in doubt: reason` for the subject `s` under `check`.
fn verdict(check: &str, subject: &str, more: &str) -> String {
    let facts = format!("s: [{subject}]\n{more}\n");
    let lets = [("check", check), ("let", "{own: '@.l[*]', all: '$.all[*]'}")];
    let checked = run(&lets, &facts);
    match (checked.findings.as_slice(), checked.undecided.as_slice()) {
        ([], []) => "good".into(),
        ([_], []) => "bad".into(),
        ([], [doubt]) => format!("{}: {}", &facts[doubt.at.range()], doubt.reason),
        other => panic!("{other:?}"),
    }
}

fn table(rows: &[(&str, &str, &str)]) {
    for (check, subject, want) in rows {
        assert_eq!(verdict(&format!("[{check}]"), subject, "all: [{n: 1}, {n: 2}]"), *want, "{check} on {subject}");
    }
}

#[test]
fn each_operator_hits_misses_or_does_not_fit() {
    for (operator, hits, misses, unfit, reason) in [
        ("empty: true", "''", "a", "1", "`empty` needs a string, list or mapping, and this is a number"),
        ("empty: true", "[]", "[a]", "true", "`empty` needs a string, list or mapping, and this is a boolean"),
        ("empty: true", "{}", "{a: b}", "null", "`empty` needs a string, list or mapping, and this is nothing"),
        ("empty: false", "[a]", "''", "1", "`empty` needs a string, list or mapping, and this is a number"),
        ("equals: a", "a", "b", "1", "`equals` needs a string, and this is a number"),
        ("equals: a", "'a'", "null", "[a]", "`equals` needs a string, and this is a list"),
        ("equals: 1", "1.0", "2", "'1'", "`equals` needs a number, and this is a string"),
        ("equals: true", "true", "false", "'true'", "`equals` needs a boolean, and this is a string"),
        ("equals: [a, 1]", "[a, 1]", "[1, a]", "a", "`equals` needs a list, and this is a string"),
        ("equals: {a: 1, b: 2}", "{b: 2, a: 1}", "{a: 1}", "a", "`equals` needs a mapping, and this is a string"),
        ("in: [a, b]", "b", "c", "1", "`in` needs a string, and this is a number"),
        ("in: [a, 2]", "2", "1", "true", "`in` needs a string, and this is a boolean"),
        ("matches: ^a+$", "aa", "ab", "1", "`matches` needs a string, and this is a number"),
        ("less_than: 2", "1", "2", "'1'", "`less_than` needs a decimal number, and this is a string"),
        ("at_most: 2", "2", "2.5", "null", "`at_most` needs a decimal number, and this is nothing"),
        ("greater_than: 2", "3", "2", "[3]", "`greater_than` needs a decimal number, and this is a list"),
        ("at_least: 2", "2", "-3", "{}", "`at_least` needs a decimal number, and this is a mapping"),
    ] {
        let doubt = format!("{unfit}: {reason}");
        for (value, plain, negated) in [(hits, "good", "bad"), (misses, "bad", "good"), (unfit, &doubt, &doubt)] {
            let subject = format!("{{v: {value}}}");
            assert_eq!(verdict(&format!("[{{every: '@.v', {operator}}}]"), &subject, ""), plain, "{operator} on {value}");
            let not = format!("[{{some: '@.v', not: {{{operator}}}}}]");
            assert_eq!(verdict(&not, &subject, ""), negated, "not {operator} on {value}");
        }
    }
    table(&[
        ("{every: '@.v', equals: null}", "{v: null}", "good"),
        ("{every: '@.v', equals: null}", "{v: a}", "bad"),
        ("{every: '@.v', in: []}", "{v: a}", "bad"),
        ("{every: '@.v', not: {not: {equals: a}}}", "{v: a}", "good"),
    ]);
}

#[test]
fn quantifiers_on_none_and_many() {
    table(&[
        ("{every: '@.l[*]', equals: a}", "{l: []}", "good"),
        ("{every: '@.l[*]', not: {equals: a}}", "{l: []}", "good"),
        ("{some: '@.l[*]', equals: a}", "{l: []}", "bad"),
        ("{some: '@.l[*]', not: {equals: a}}", "{}", "bad"),
        ("{every: '@.v', exists: true}", "{}", "bad"),
        ("{every: '@.v', exists: false}", "{}", "good"),
        ("{some: '@.v', exists: false}", "{}", "good"),
        ("{every: '@.v', exists: true}", "{v: null}", "good"),
        ("{every: '@.v', not: {exists: true}}", "{v: 1}", "bad"),
        ("{every: '@', exists: true}", "{}", "good"),
        ("{every: '@.l[*]', equals: a}", "{l: [a, a]}", "good"),
        ("{every: '@.l[*]', equals: a}", "{l: [a, b]}", "bad"),
        ("{some: '@.l[*]', equals: a}", "{l: [b, a]}", "good"),
        // false beats doubt for all of them, true beats doubt for one of them
        ("{every: '@.l[*]', equals: a}", "{l: [1, b]}", "bad"),
        ("{every: '@.l[*]', equals: a}", "{l: [a, 7, 8]}", "7: `equals` needs a string, and this is a number"),
        ("{some: '@.l[*]', equals: a}", "{l: [1, a]}", "good"),
        ("{some: '@.l[*]', equals: a}", "{l: [b, 7]}", "7: `equals` needs a string, and this is a number"),
    ]);
}

#[test]
fn combinators_follow_kleene() {
    let clause = |truth: char| match truth {
        'T' => "{every: '@.t', equals: x}",
        'F' => "{every: '@.t', equals: y}",
        _ => "{every: '@.t', less_than: 1}",
    };
    let doubt = "x: `less_than` needs a decimal number, and this is a string";
    let shown = |truth: char| match truth {
        'T' => "good",
        'F' => "bad",
        _ => doubt,
    };
    for (a, b, and, or) in [
        ('T', 'T', 'T', 'T'),
        ('T', 'F', 'F', 'T'),
        ('T', 'U', 'U', 'T'),
        ('F', 'T', 'F', 'T'),
        ('F', 'F', 'F', 'F'),
        ('F', 'U', 'F', 'U'),
        ('U', 'T', 'U', 'T'),
        ('U', 'F', 'F', 'U'),
        ('U', 'U', 'U', 'U'),
    ] {
        let pair = format!("[{}, {}]", clause(a), clause(b));
        assert_eq!(verdict(&format!("[{{and: {pair}}}]"), "{t: x}", ""), shown(and), "{a} and {b}");
        assert_eq!(verdict(&pair, "{t: x}", ""), shown(and), "check {a}, {b}");
        assert_eq!(verdict(&format!("[{{or: {pair}}}]"), "{t: x}", ""), shown(or), "{a} or {b}");
    }
    for (a, not) in [('T', 'F'), ('F', 'T'), ('U', 'U')] {
        assert_eq!(verdict(&format!("[{{not: {}}}]", clause(a)), "{t: x}", ""), shown(not), "not {a}");
    }
}

#[test]
fn references_and_selections() {
    table(&[
        ("{every: '@.a', equals: {from: '@.b'}}", "{a: x, b: x}", "good"),
        ("{every: '@.a', equals: {from: '@.b'}}", "{a: x, b: y}", "bad"),
        ("{every: '@.a', equals: {from: '@.b'}}", "{a: x}", "x: `@.b` selects 0 values where one is needed"),
        ("{every: '@.a', equals: {from: '%all.n'}}", "{a: 1}", "1: `%all.n` selects 2 values where one is needed"),
        ("{every: '@.a', in: {from: '%all.n'}}", "{a: 2}", "good"),
        ("{every: '@.a', in: {from: '$.all[*].n'}}", "{a: 3}", "bad"),
        ("{every: '@.a', in: {from: '%all.n'}}", "{a: x}", "x: `in` needs a number, and this is a string"),
        ("{every: '@.a', in: {from: '@.l'}}", "{a: x, l: [x]}", "good"),
        ("{every: '@.a', in: {from: '@.l'}}", "{a: x}", "bad"),
        ("{every: '@.a', at_most: {from: '$.all[1].n'}}", "{a: 2}", "good"),
        ("{every: '@.a', at_most: {from: '@.b'}}", "{a: 2, b: x}", "2: `at_most` needs a decimal number, and this is a string"),
        ("{every: '%own', equals: x}", "{l: [x, x]}", "good"),
        ("{every: '%own', equals: x}", "{l: [x, y]}", "bad"),
        ("{some: '%own.k[0]', equals: x}", "{l: [{k: [y]}, {k: [x]}]}", "good"),
        ("{some: '%all', equals: {n: 2}}", "{}", "good"),
        ("{every: '%all[?@.n > 1]', exists: true}", "{}", "bad"),
        ("{every: '$.all[?@.n > 1]', exists: true}", "{}", "good"),
    ]);
}

#[test]
fn clauses_hold_of_a_part() {
    let key = |first: &str| format!("{{some: '@.l[*]', holds: [{first}, {{some: '@.n', at_least: 2}}]}}");
    let same = key("{some: '@.k', equals: {from: '@.want'}}");
    let outer = "{every: '@.l[*]', holds: [{some: '@.k', in: {from: '%own.k'}}]}";
    table(&[
        // both of one item, not each of another
        (&key("{some: '@.k', equals: x}"), "{l: [{k: x, n: 1}, {k: y, n: 2}]}", "bad"),
        (&key("{some: '@.k', equals: x}"), "{l: [{k: x, n: 1}, {k: x, n: 2}]}", "good"),
        (&key("{some: '@.k', equals: x}"), "{l: [{k: x, n: z}]}", "z: `at_least` needs a decimal number, and this is a string"),
        (&key("{some: '@.k', equals: x}"), "{l: []}", "bad"),
        ("{every: '@.l[*]', holds: [{some: '@.k', exists: true}]}", "{l: []}", "good"),
        ("{every: '@.l[*]', holds: [{some: '@.k', exists: true}]}", "{l: [{k: 1}, {}]}", "bad"),
        ("{every: '@.l[*]', not: {holds: [{some: '@.k', equals: x}]}}", "{l: [{k: y}]}", "good"),
        ("{every: '@.l[*]', not: {holds: [{some: '@.k', equals: x}]}}", "{l: [{k: y}, {k: x}]}", "bad"),
        // `@` is the item, a `let` from `@` is of the subject
        (&same, "{want: x, l: [{k: x, n: 2, want: y}]}", "bad"),
        (outer, "{l: [{k: x}]}", "good"),
    ]);
}
