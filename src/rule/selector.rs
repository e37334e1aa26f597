//! Paths of rule files: JSONPath from the root (`$`), the subject (`@`) or a named selection (`%name`).

mod lint;
mod plain;

pub(super) use lint::regex_fault;

use crate::syntax::node::Node;
use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::model::JpQuery;
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use plain::PlainPath;

/// A compiled JSONPath query.
#[derive(Clone, Debug)]
pub(super) enum Query {
    Plain(PlainPath),
    General(JpQuery),
}

impl Query {
    /// Compiles what follows the `$`, `@` or `%name` of a path; a `$` in a filter is the whole tree only if `from_root`.
    pub(super) fn compile(rest: &str, from_root: bool) -> Result<Self, String> {
        if let Some(plain) = PlainPath::read(rest) {
            return Ok(Self::Plain(plain));
        }
        lint::text(rest, from_root)?;
        let query = parse_json_path(&format!("${rest}")).map_err(|error| match error {
            JsonPathError::PestError(error) => format!("not a JSONPath: {}", error.variant.message()),
            error => format!("not a JSONPath: {error}"),
        })?;
        lint::query(&query)?;
        Ok(Self::General(query))
    }

    /// The nodes it selects, in document order.
    pub(super) fn select<'n>(&self, from: &'n Node) -> Vec<&'n Node> {
        let query = match self {
            Self::Plain(plain) => return plain.select(from),
            Self::General(query) => query,
        };
        // an error would be a result that is no node, which only the queries refused by `lint` can have
        let hits = js_path_process(query, from).unwrap_or_default();
        hits.into_iter().map(|hit| hit.val).collect()
    }
}

/// The nodes of `root` that a path from `$` selects, as the `each` of a rule does.
///
/// # Errors
/// Tells what is wrong with the path.
pub fn select<'n>(root: &'n Node, path: &str) -> Result<Vec<&'n Node>, String> {
    let rest = path.strip_prefix('$').ok_or("a path begins with `$`")?;
    Ok(Query::compile(rest, true)?.select(root))
}

/// Where a path starts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start {
    /// At the subject, which `holds` changes.
    Subject,
    /// At the rule's subject.
    Whole,
    /// At the nodes the rule's root query of this index selected.
    Root(usize),
}

/// A compiled path of a clause: each step is taken from every node the one before selected.
#[derive(Clone, Debug)]
pub(super) struct Path {
    /// As written.
    pub(super) text: String,
    pub(super) start: Start,
    pub(super) steps: Vec<Query>,
}

/// What paths are evaluated on.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a, 'n> {
    pub(super) subject: &'n Node,
    /// The rule's subject, of which `subject` may be a part.
    pub(super) whole: &'n Node,
    /// What each of the rule's root queries selected.
    pub(super) roots: &'a [Vec<&'n Node>],
}

impl Path {
    /// The nodes it selects.
    pub(super) fn select<'n>(&self, scene: Scene<'_, 'n>) -> Vec<&'n Node> {
        let start = match self.start {
            Start::Subject => vec![scene.subject],
            Start::Whole => vec![scene.whole],
            Start::Root(at) => scene.roots.get(at).cloned().unwrap_or_default(),
        };
        self.steps.iter().fold(start, |nodes, step| nodes.into_iter().flat_map(|node| step.select(node)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::testing::tree;

    fn hits(path: &str, text: &str) -> Vec<String> {
        let root = tree(text);
        let query = Query::compile(&path[1..], true).unwrap();
        query.select(&root).into_iter().map(|node| text[node.span.range()].to_owned()).collect()
    }

    #[test]
    fn hits_carry_their_spans() {
        let text = "a: [{n: x, k: 1}, {n: y}]\nb: x\nl: [x, z]\n";
        for (path, want) in [
            ("$", vec![text.trim_end()]),
            ("$.a[*].n", vec!["x", "y"]),
            ("$.a[?@.n == $.b].k", vec!["1"]),
            ("$.a[?in(@.n, $.l)].n", vec!["x"]),
            ("$.a[?match(@.n, '[yz]')].n", vec!["y"]),
            ("$['a'][0]['n']", vec!["x"]),
            ("$.a[?@.n == 'no']", vec![]),
            ("$.a[?@.k == 1 && @.n=='x'].n", vec!["x"]),
        ] {
            assert_eq!(hits(path, text), want, "{path}");
        }
    }

    #[test]
    fn traps_are_refused() {
        let one_name = "has a blank between two names, which JSONPath takes for one name";
        for (rest, from_root, want) in [
            (".a[?@.Type in ['x']]", true, format!("`Type in` {one_name}")),
            (".bucket name", true, format!("`bucket name` {one_name}")),
            (".a[?@.b == $.c]", false, "`$` in a filter is the whole tree only in a path that begins with `$`".into()),
            (".a[?match(@.n, 'x(')]", true, "bad regular expression: unclosed group".into()),
            (".a[?@.b && length(@.c) > 1 || !search(@.n, '[')]", true, "bad regular expression: unclosed character class".into()),
            (".a[?@[?@.b]]", true, "a filter directly on `@` selects nothing; name a member first".into()),
            (".a[?in(@.n, 'xyz')]", true, "`in` takes a path to a list, not a literal, as its second argument".into()),
            ("[(((((((((((1", true, "nested deeper than 8 brackets".into()),
            (".a[", true, "not a JSONPath: expected selector".into()),
            ("a", true, "not a JSONPath: expected EOI or segment".into()),
        ] {
            assert_eq!(Query::compile(rest, from_root).unwrap_err(), want, "{rest}");
        }
        for rest in ["['a b'].c", ".a[?@.n == 'x in y' && @.m]", "[?@.n == 'it\\'s $ ok']", ""] {
            assert!(Query::compile(rest, false).is_ok(), "{rest}");
        }
    }

    #[test]
    fn unclosed_calls_end_soon() {
        assert!(Query::compile(&format!("[?{}", "length(".repeat(7)), true).is_err());
    }
}
