//! Real templates and policies, as trees that can be changed: those of `fixtures`, and of the corpus where
//! `BUCKETLINT_CORPUS` names one.

use bucketlint::syntax::node::{Node, Value as Shape};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// No file larger than this is a seed, in bytes: changing it would take too long.
const LARGEST: u64 = 20_000;

/// Of the corpus so many files at most, so that a fuzzer starts soon.
const MOST: usize = 400;

/// The trees, in the order of their paths.
pub static TREES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let corpus = std::env::var_os("BUCKETLINT_CORPUS").map(PathBuf::from);
    let corpus = corpus.into_iter().flat_map(|corpus| files(&corpus));
    let all = files(&fixtures).into_iter().chain(corpus.take(MOST));
    let read = |path: PathBuf| plain(&crate::tree(&std::fs::read_to_string(path).ok()?)?).filter(Value::is_object);
    let trees: Vec<Value> = all.filter_map(read).collect();
    assert!(trees.len() > 100, "there are no fixtures");
    trees
});

/// The files below a directory that may hold templates or policies.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut entries: Vec<_> = std::fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok).collect();
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let (path, known) = (entry.path(), entry.metadata());
        let named = |end: &&str| path.extension().is_some_and(|known| known == *end);
        if path.is_dir() {
            out.extend(files(&path));
        } else if ["yaml", "yml", "json", "template"].iter().any(|end| named(&end)) && known.is_ok_and(|known| known.len() <= LARGEST) {
            out.push(path);
        }
    }
    out
}

/// A tree as JSON, functions in their long form.
fn plain(node: &Node) -> Option<Value> {
    Some(match &node.value {
        Shape::Null => Value::Null,
        Shape::Bool(value) => Value::Bool(*value),
        Shape::Num(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_string())),
        Shape::Str(text) => Value::String(text.to_string()),
        Shape::Seq(items) => Value::Array(items.iter().map(plain).collect::<Option<_>>()?),
        Shape::Map(entries) => {
            let entry = |entry: &bucketlint::syntax::node::Entry| Some((entry.key.text.to_string(), plain(&entry.value)?));
            Value::Object(entries.iter().map(entry).collect::<Option<Map<_, _>>>()?)
        }
        // no file has these
        Shape::Text(_) | Shape::Hidden(_) => return None,
    })
}

/// How many nodes a tree has.
pub fn count(value: &Value) -> usize {
    let inner: usize = match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    };
    inner + 1
}

/// The node of a tree that has this number, in order.
pub fn node(value: &mut Value, mut number: usize) -> &mut Value {
    if number == 0 {
        return value;
    }
    number -= 1;
    let inner: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(members) => members.values_mut().collect(),
        other => return other,
    };
    for one in inner {
        let size = count(one);
        if number < size {
            return node(one, number);
        }
        number -= size;
    }
    unreachable!("a number below the count")
}
