//! The JSONPath that nearly all rules are written in, walked directly: `.name`, `[*]` and filters by what an item's members
//! are. It selects what jsonpath-rust does, which takes all other paths.

use crate::syntax::node::{Node, Value};
use jsonpath_rust::query::queryable::Queryable;

/// How deep parentheses may go.
const MAX_DEPTH: usize = 4;

/// A path of such steps.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::rule) struct PlainPath(Vec<Step>);

#[derive(Clone, PartialEq, Debug)]
enum Step {
    Name(String),
    All,
    Filter(Filter),
}

#[derive(Clone, PartialEq, Debug)]
enum Filter {
    Any(Vec<Filter>),
    All(Vec<Filter>),
    Not(Box<Filter>),
    /// Whether the member is there.
    Has(Vec<String>),
    Compare(Vec<String>, Order, Node),
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Order {
    Equal,
    Unequal,
    More,
    Less,
}

impl PlainPath {
    /// Reads what follows the `$`, `@` or `%name` of a path; `None` where it is more than this.
    pub(super) fn read(rest: &str) -> Option<Self> {
        let (mut text, mut steps) = (rest, Vec::new());
        while !text.is_empty() {
            let (step, after) = step(text)?;
            steps.push(step);
            text = after;
        }
        Some(Self(steps))
    }

    /// The nodes it selects, in document order.
    pub(super) fn select<'n>(&self, from: &'n Node) -> Vec<&'n Node> {
        self.0.iter().fold(vec![from], |nodes, step| {
            let mut out = Vec::new();
            nodes.into_iter().for_each(|node| step.select(node, &mut out));
            out
        })
    }
}

impl Step {
    fn select<'n>(&self, node: &'n Node, out: &mut Vec<&'n Node>) {
        let mut each = |wanted: &dyn Fn(&Node) -> bool| match node.as_array() {
            Some(items) => out.extend(items.iter().filter(|item| wanted(item))),
            None => out.extend(node.entries().iter().map(|entry| &entry.value).filter(|value| wanted(value))),
        };
        match self {
            Self::Name(name) => out.extend(Queryable::get(node, name)),
            Self::All => each(&|_| true),
            Self::Filter(filter) => each(&|item| filter.holds(item)),
        }
    }
}

impl Filter {
    fn holds(&self, item: &Node) -> bool {
        let member = |path: &[String]| path.iter().try_fold(item, |node, name| Queryable::get(node, name));
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.holds(item)),
            Self::All(parts) => parts.iter().all(|part| part.holds(item)),
            Self::Not(inner) => !inner.holds(item),
            Self::Has(path) => member(path).is_some(),
            Self::Compare(path, Order::Equal, wanted) => member(path).is_some_and(|node| node == wanted),
            Self::Compare(path, Order::Unequal, wanted) => member(path).is_none_or(|node| node != wanted),
            Self::Compare(path, order, wanted) => member(path).is_some_and(|node| match (&node.value, &wanted.value) {
                (Value::Num(_), Value::Num(_)) => {
                    let (more, less) = if *order == Order::More { (node, wanted) } else { (wanted, node) };
                    less.as_f64().zip(more.as_f64()).is_some_and(|(less, more)| less < more)
                }
                (Value::Str(node), Value::Str(wanted)) => {
                    if *order == Order::More {
                        node > wanted
                    } else {
                        node < wanted
                    }
                }
                _ => false,
            }),
        }
    }
}

fn step(text: &str) -> Option<(Step, &str)> {
    if let Some(after) = text.strip_prefix("[*]") {
        return Some((Step::All, after));
    }
    if let Some(filter) = text.strip_prefix("[?") {
        let (filter, after) = any(filter, 0)?;
        return Some((Step::Filter(filter), after.strip_prefix(']')?));
    }
    let (name, after) = name(text)?;
    Some((Step::Name(name), after))
}

/// `.name`.
fn name(text: &str) -> Option<(String, &str)> {
    let text = text.strip_prefix('.')?;
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    // a letter beyond ASCII may go on with the name
    let whole = after.chars().next().is_none_or(|letter| letter.is_ascii());
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    (whole && begins).then(|| (name.to_owned(), after))
}

/// Filters between `||`.
fn any(text: &str, depth: usize) -> Option<(Filter, &str)> {
    let (parts, after) =
        list(text, "||", &|text| list(text, "&&", &|text| one(text, depth)).map(|(all, rest)| (of(all, Filter::All), rest)))?;
    Some((of(parts, Filter::Any), after))
}

fn of(mut parts: Vec<Filter>, several: fn(Vec<Filter>) -> Filter) -> Filter {
    if parts.len() == 1 { parts.remove(0) } else { several(parts) }
}

/// Filters between operators, each read by `part`.
fn list<'t>(
    text: &'t str,
    operator: &str,
    part: &dyn Fn(&'t str) -> Option<(Filter, &'t str)>,
) -> Option<(Vec<Filter>, &'t str)> {
    let (first, mut text) = part(text)?;
    let mut parts = vec![first];
    while let Some(after) = text.trim_start().strip_prefix(operator) {
        let (next, after) = part(after)?;
        parts.push(next);
        text = after;
    }
    Some((parts, text.trim_start()))
}

fn one(text: &str, depth: usize) -> Option<(Filter, &str)> {
    let text = text.trim_start();
    let (negated, text) = text.strip_prefix('!').map_or((false, text), |after| (true, after.trim_start()));
    let negate = |filter| if negated { Filter::Not(Box::new(filter)) } else { filter };
    if let Some(inner) = text.strip_prefix('(').filter(|_| depth < MAX_DEPTH) {
        let (inner, after) = any(inner, depth + 1)?;
        return Some((negate(inner), after.strip_prefix(')')?));
    }
    let (mut path, mut text) = (Vec::new(), text.strip_prefix('@')?);
    while text.starts_with('.') {
        let (name, after) = name(text)?;
        path.push(name);
        text = after;
    }
    let orders = [("==", Order::Equal), ("!=", Order::Unequal), (">", Order::More), ("<", Order::Less)];
    let rest = text.trim_start();
    match orders.into_iter().find_map(|(sign, order)| Some((order, rest.strip_prefix(sign)?))) {
        Some((order, after)) if !negated => {
            let (wanted, after) = literal(after.trim_start())?;
            Some((Filter::Compare(path, order, wanted), after))
        }
        // what follows the path is the end of the filter, or more than is read here
        None if !path.is_empty() => Some((negate(Filter::Has(path)), text)),
        _ => None,
    }
}

/// A word, a whole number or a string without escapes.
fn literal(text: &str) -> Option<(Node, &str)> {
    for (word, value) in [("true", true), ("false", false)] {
        if let Some(after) = text.strip_prefix(word) {
            return Some((value.into(), after));
        }
    }
    if let Some(quote) = text.chars().next().filter(|first| matches!(first, '\'' | '"')) {
        let (inside, after) = text[1..].split_once(quote)?;
        return (!inside.contains('\\') && !inside.chars().any(char::is_control)).then(|| (inside.into(), after));
    }
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (digits, after) = text.split_at(end);
    let whole = (1..=15).contains(&end) && (end == 1 || !digits.starts_with('0')) && !after.starts_with(['.', 'e', 'E']);
    whole.then(|| (digits.parse::<i64>().ok().map(Node::from), after)).and_then(|(node, after)| Some((node?, after)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::testing::tree;
    use jsonpath_rust::parser::parse_json_path;
    use jsonpath_rust::query::js_path_process;

    const PATHS: [&str; 30] = [
        "",
        ".a",
        ".a.b",
        ".l[*]",
        ".l[*].n",
        ".a[*]",
        ".l[?@.n == 1]",
        ".l[?@.n != 1].s",
        ".l[?@.n > 1]",
        ".l[?@.n < 2]",
        ".l[?@.s > 'a']",
        ".l[?@.s < 'b']",
        ".l[?@.s == 'b']",
        ".l[?@.s == \"it's\"]",
        ".l[?@.s != 'b' && @.n > 0]",
        ".l[?@.t == true]",
        ".l[?@.t == false || @.n == 1]",
        ".l[?@.t==true&&@.n==1]",
        ".l[?!@.n]",
        ".l[?@.n]",
        ".l[?@.o.p]",
        ".l[?@.o.p == 1].o",
        ".l[? @.n == 1 && ( @.t == true || !@.s ) ]",
        ".l[?!(@.n == 1 || @.t == true)]",
        ".l[?@ == 'b']",
        ".a[?@ != 'b']",
        ".a[?@.b]",
        ".s[*]",
        ".gone[?@.n == 1]",
        ".l[*].o[?@ > 0]",
    ];

    #[test]
    fn it_selects_what_the_general_engine_does() {
        let texts = [
            "a: {b: x, c: b}\ns: text\nl: [{n: 1, s: b, t: true}, {n: 2.0, s: \"it's\", t: false}, {o: {p: 1}}, b, ~, {n: '1', t: ~}, []]",
            "a: [b, {b: 1}, [x]]\nl: {x: {n: 1}, y: {n: 0, t: true}, z: b}\ns: ~",
            "l: []\na: {}\ns: [1, {n: {s: b}}]",
            "- 1\n- {a: b}",
        ];
        let mut trees: Vec<Node> = texts.iter().map(|text| tree(text)).collect();
        for may_be_absent in [true, false] {
            let hidden = Node::hidden(crate::source::Span::default(), "why", may_be_absent);
            let entry = |key: &str, value: Node| crate::syntax::node::Entry {
                key: crate::syntax::node::Key { span: value.span, text: key.into() },
                value,
            };
            let item = Node::new(hidden.span, Value::Map(vec![entry("n", hidden.clone()), entry("o", hidden.clone())]));
            trees.push(Node::new(
                hidden.span,
                Value::Map(vec![entry("l", vec![item, hidden.clone()].into()), entry("a", hidden)]),
            ));
        }
        let mut hits = 0;
        for path in PATHS {
            let plain = PlainPath::read(path).unwrap_or_else(|| panic!("{path} is not read"));
            let general = parse_json_path(&format!("${path}")).unwrap();
            for tree in &trees {
                let want: Vec<*const Node> =
                    js_path_process(&general, tree).unwrap().into_iter().map(|hit| std::ptr::from_ref(hit.val)).collect();
                let got: Vec<*const Node> = plain.select(tree).into_iter().map(std::ptr::from_ref).collect();
                assert_eq!(got, want, "{path} of {tree:?}");
                hits += got.len();
            }
        }
        assert!(hits > 100, "{hits}");
    }

    #[test]
    fn what_is_more_is_left_to_the_general_engine() {
        for path in [
            "..a",
            ".a[0]",
            ".a['b']",
            ".*",
            ".a b",
            ".aé",
            ".1",
            "[?@.a == $.b]",
            "[?@.a == @.b]",
            "[?@.a == 'x\\n']",
            "[?@.a == 1.5]",
            "[?@.a == 1e3]",
            "[?@.a == 01]",
            "[?@.a >= 1]",
            "[?@.a == null]",
            "[?@.a == truely]",
            "[?!@.a == 1]",
            "[?@[*]]",
            "[?@.a[0]]",
            "[?match(@.a, 'x')]",
            "[?@]",
            "[?(((((@.a)))))]",
            "[?@.a",
            "[?@.a &&]",
            "[?@.a == ]",
        ] {
            assert_eq!(PlainPath::read(path), None, "{path}");
        }
    }
}
