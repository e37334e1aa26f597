//! How long a policy is: S3 takes 20 KB. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html>

use super::read::is_function;
use bucketlint_text::resolve::{Followed, Resolve};
use bucketlint_text::syntax::node::{Node, Value};
use bucketlint_text::text::{Part, Text};

/// The bytes of `node` as JSON without white space. What is not known counts for nothing, so it is never too many.
pub(super) fn compact(node: &Node, resolve: &dyn Resolve) -> usize {
    match resolve.follow(node) {
        Followed::Node(node) => followed(node, resolve),
        Followed::Absent | Followed::Unknown(_) => 0,
    }
}

fn followed(node: &Node, resolve: &dyn Resolve) -> usize {
    // brackets, and a comma between any two
    let list = |sizes: Vec<usize>| 2 + sizes.len().saturating_sub(1) + sizes.iter().sum::<usize>();
    match &node.value {
        Value::Map(_) if is_function(node) => string(&resolve.text(node)),
        Value::Map(entries) => {
            let member = |size: usize, key: &str| size + quoted(key) + 3;
            list(entries.iter().map(|entry| member(compact(&entry.value, resolve), &entry.key.text)).collect())
        }
        Value::Seq(items) => list(items.iter().map(|item| compact(item, resolve)).collect()),
        Value::Str(_) | Value::Text(_) => string(&resolve.text(node)),
        _ => node.scalar_text().map_or(0, |text| text.len()),
    }
}

fn string(text: &Text) -> usize {
    let known = text.parts().iter().map(|part| match part {
        Part::Lit(text) => quoted(text),
        Part::Sym(_) => 0,
    });
    2 + known.sum::<usize>()
}

/// The bytes of a text between its quotes.
fn quoted(text: &str) -> usize {
    let escaped = text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\t' | b'\r')).count();
    text.len() + escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use bucketlint_text::resolve::Plain;

    #[test]
    fn white_space_does_not_count() {
        for json in [r#"{}"#, r#"[1,"a",{"b":[],"c\"":"é","d":true}]"#, r#"{"Statement":[{"Effect":"Allow"},{"Sid":"x"}]}"#] {
            assert_eq!(compact(&bucketlint_text::syntax::testing::tree(json), &Plain), json.len(), "{json}");
            let spread = json.replace(',', " ,\n  ").replace('[', "[ ");
            assert_eq!(compact(&bucketlint_text::syntax::testing::tree(&spread), &Plain), json.len(), "{spread}");
        }
    }
}
