//! What can be told of a text that cannot be read as what it is meant to be.

use bucketlint_text::syntax::node::{Entry, Node};

/// Whether a text that does not parse was meant to be one of ours: a template with something that is judged, a bucket's
/// policy, or a command's output.
pub fn looks_like_ours(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let is_template = has_key(text, "Resources") && ["AWS::S3::", "AWS::CloudTrail::"].into_iter().any(has);
    let is_policy = has("Statement") && has("Effect") && (has(":s3:::") || has("Principal") && has("s3:"));
    is_template || is_policy || has("TrailARN") && has("EventSelectors") || has("OwnershipControls") && has("ObjectOwnership")
}

/// Whether a text has a key at its top: at the beginning of a line, in quotes, or where one is due in a text in brackets.
fn has_key(text: &str, key: &str) -> bool {
    let in_brackets = text.trim_start().starts_with('{');
    let is_due = |before: &str| in_brackets && before.trim_end().ends_with(['{', ',']);
    memchr::memmem::find_iter(text.as_bytes(), key)
        .filter_map(|at| text.get(..at))
        .any(|before| matches!(before.chars().next_back(), None | Some('\n' | '"' | '\'' | '\u{feff}')) || is_due(before))
}

/// So many lines before the one where it is noticed, a tag may stand that breaks a text.
const BEFORE: usize = 2;

/// The place of what a template engine or a script is to fill in, if that is why the text does not parse at byte `at`: a tag
/// on the line of the error or just before it, or `${…}` or `%NAME%` where a value is due, none of them in quotes.
pub fn templated(text: &str, at: usize) -> Option<usize> {
    let (head, tail) = text.split_at_checked(at)?;
    let mut breaks = head.rmatch_indices('\n').map(|(end, _)| end + 1);
    let start = breaks.next().unwrap_or(0);
    let before = breaks.nth(BEFORE - 1).unwrap_or(0);
    let end = tail.find('\n').map_or(text.len(), |length| at + length);
    let mut from = before;
    text.get(before..end)?.split('\n').find_map(|line| {
        let here = from;
        from += line.len() + 1;
        tag(line, here == start).map(|column| here + column)
    })
}

/// The place of what is to be filled in where a text parses all the same: `{{ name }}`, which is a mapping in a mapping's
/// key, or the version of org-formation's templates, which CloudFormation never sees.
/// <https://github.com/org-formation/org-formation-cli>
pub fn unfilled(root: &Node, text: &str) -> Option<usize> {
    let version = root.get("AWSTemplateFormatVersion");
    let is_made = version.and_then(Node::as_str).is_some_and(|version| version.ends_with("-OC"));
    let version = version.filter(|_| is_made).map(|version| version.span.start as usize);
    version.or_else(|| placeholder(root, text))
}

fn placeholder(root: &Node, text: &str) -> Option<usize> {
    memchr::memmem::find(text.as_bytes(), b"{{")?;
    let is_mapping = |entry: &Entry| text.get(entry.key.span.range()).is_some_and(|key| key.starts_with('{'));
    if root.entries().iter().any(is_mapping) {
        return Some(root.span.start as usize);
    }
    root.entries().iter().map(|entry| &entry.value).chain(root.items()).find_map(|inner| placeholder(inner, text))
}

/// Where a tag opens on a line, outside quotes and comments; `${` and `%NAME%` only where `values` of it are looked for.
fn tag(line: &str, values: bool) -> Option<usize> {
    let (mut quote, mut before) = (None, '\n');
    for (at, letter) in line.char_indices() {
        let (head, rest) = line.split_at_checked(at)?;
        let opens = ["{%", "<%", "{#", "%{"].iter().any(|tag| rest.starts_with(tag))
            || rest.starts_with("{{") && !rest.starts_with("{{resolve:");
        let is_due = matches!(before, '\n' | ':' | ',' | '[' | '{');
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (None, '#') if matches!(before, '\n') || head.ends_with(' ') => return None,
            (None, _) if opens || values && is_due && is_place(rest) => return Some(at),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
        if !letter.is_whitespace() {
            before = letter;
        }
    }
    None
}

/// Whether a text begins with `${` or `%NAME%`.
fn is_place(text: &str) -> bool {
    let named = |rest: &str| rest.split_once('%').is_some_and(|(name, _)| !name.is_empty() && name.chars().all(is_of_name));
    text.starts_with("${") || text.strip_prefix('%').is_some_and(named)
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use bucketlint_text::syntax::testing::tree;

    #[test]
    fn broken_texts_are_ours_only_with_our_words() {
        for (text, ours) in [
            ("Resources:\n  A:\n    Type: AWS::S3::Bucket\n  b: [", true),
            (r#"{"Resources": {"A": {"Type": "AWS::CloudTrail::Trail""#, true),
            (r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject","#, true),
            (r#"{"Statement": [{"Effect": "Allow", "Resource": "arn:aws-cn:s3:::lab-raw","#, true),
            (r#"{"TrailARN": "arn", "EventSelectors": ["#, true),
            ("{\n  Resources: {A: {Type: AWS::S3::Bucket}", true),
            ("Resources:\n  A:\n    Type: AWS::EC2::Instance\n  b: [", false),
            ("resources:\n  Resources:\n    A:\n      Type: AWS::S3::Bucket\n  b: [", false),
            (r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*","#, false),
            ("// comment\n{\"compilerOptions\": {}}", false),
        ] {
            assert_eq!(looks_like_ours(text), ours, "{text}");
        }
    }

    #[test]
    fn what_an_engine_fills_in_is_no_mistake() {
        // the error is at `|`, the tag at `^`
        for text in [
            "{\"AWS\": ^|${PRINCIPALS}}",
            "{\"AWS\": [\"a\", ^$|{PRINCIPALS}]}",
            "Resources:\n^{|% for b in buckets %}\n",
            "Resources:\n  ^<% if x %>\n  Raw|:\n",
            "Tags:\n  ^{{- toYaml .tags }}\n\nA|:\n",
            "A: ^{{ a }|} b\n",
            "{\"a\": 1,\n^{# note #}\n|\"b\": 2}",
            "{\"a\": [\n^|%{ for a in b ~}\n1\n]}",
            "{\"a\": ^|%ACCOUNT_ID%}",
        ] {
            let plain = text.replace(['|', '^'], "");
            let at = text.replace('^', "").find('|').unwrap();
            assert_eq!(templated(&plain, at), text.replace('|', "").find('^'), "{text}");
        }
    }

    #[test]
    fn a_value_to_fill_in_may_look_like_a_mapping() {
        for (text, at) in [
            ("A:\n  - B: {{ name }}\n", Some(10)),
            ("{\"A\": [{{ name }}]}", Some(7)),
            ("AWSTemplateFormatVersion: 2010-09-09-OC\n", Some(26)),
            ("AWSTemplateFormatVersion: 2010-09-09\n", None),
            ("A: '{{ name }}'\n", None),
            ("'{{ name }}': A\n", None),
        ] {
            assert_eq!(unfilled(&tree(text), text), at, "{text}");
        }
    }

    #[test]
    fn other_mistakes_are() {
        for text in [
            "A: \"{{ a }}\"\n b|: 1\n",
            "A: '{{resolve:ssm:a}}'\n b|: 1\n",
            "A: {{resolve:ssm:a}}\n b|: 1\n",
            "# {{ a }}\n b|: 1\n",
            "A: !Sub ${B}-x\n b|: 1\n",
            "A: !Sub ${B|}: x\n",
            "A: 5|% of 100% b: x\n",
            "{{ a }}\n1: 1\n2: 2\n3: 3\n b|: 1\n",
        ] {
            assert_eq!(templated(&text.replace('|', ""), text.find('|').unwrap()), None, "{text}");
        }
    }
}
