//! The comments of an HCL text.

use std::ops::Range;

/// Every comment, in text order: from `#` or `//` to the end of the line, and `/* … */`. What looks like one in a string or a
/// heredoc is none.
/// <https://developer.hashicorp.com/terraform/language/syntax/configuration#comments>
pub fn comments(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let line_end = |at: usize| text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at + end);
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(&byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1)) {
            (b'#', _) | (b'/', Some(b'/')) => {
                let end = line_end(at);
                let written = text.get(at..end).unwrap_or_default();
                out.push(at..at + written.trim_end_matches('\r').len());
                at = end;
            }
            (b'/', Some(b'*')) => {
                let end = text.get(at + 2..).and_then(|rest| rest.find("*/")).map_or(text.len(), |end| at + end + 4);
                out.push(at..end);
                at = end;
            }
            (b'"', _) => at = string_end(bytes, at + 1, 0),
            (b'<', Some(b'<')) => at = heredoc_end(text, at).unwrap_or(at + 2),
            _ => at += 1,
        }
    }
    out
}

/// How many templates may be in each other's strings; what is deeper is not looked into.
const MAX_DEPTH: usize = 64;

/// Behind the quote that ends a string that begins at `at`. A template in it may hold strings of its own.
fn string_end(bytes: &[u8], mut at: usize, depth: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1)) {
            (b'\\', _) => at += 2,
            (b'"', _) => return at + 1,
            // strings do not span lines, but for what is in templates
            (b'\n', _) => return at,
            (b'$' | b'%', Some(b'{')) if depth < MAX_DEPTH && !escaped(bytes, at) => at = template_end(bytes, at + 2, depth + 1),
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Whether the `$` at `at` is the second of `$${`.
fn escaped(bytes: &[u8], at: usize) -> bool {
    at > 0 && bytes.get(at - 1) == bytes.get(at)
}

/// Behind the brace that ends a template.
fn template_end(bytes: &[u8], mut at: usize, depth: usize) -> usize {
    let mut open = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at + 1, depth);
                continue;
            }
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        at += 1;
        if open == 0 {
            break;
        }
    }
    at
}

/// Behind the heredoc that begins at `at`; `None` where there is none.
fn heredoc_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at + 2..)?;
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    let length = rest.find(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '-'))?;
    let (marker, _) = rest.split_at_checked(length).filter(|(marker, _)| !marker.is_empty())?;
    let mut line = text.len() - rest.len() + rest.find('\n')? + 1;
    loop {
        let written = text.get(line..)?.split_inclusive('\n').next()?;
        line += written.len();
        if written.trim() == marker {
            return Some(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_nothing_that_looks_like_one() {
        let text = "# é top\r\na = \"x # no // ${\"y # no\"} $${ # no\" # end\nb = <<-E\n  # text\n  E\nc = 1 // last\n/* two\nlines */ d = \"a/*b\" /* open";
        let found: Vec<&str> = comments(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["# é top", "# end", "// last", "/* two\nlines */", "/* open"]);
    }

    proptest::proptest! {
        /// No text is too odd, and every comment is one in it.
        #[test]
        fn any_text_can_be_read(words in proptest::collection::vec("#|//|/\\*|\\*/|\"|\\$\\{|\\}|<<-?E|\nE\n|\n|\\\\|é|a", 0..30)) {
            let text = words.concat();
            for range in comments(&text) {
                proptest::prop_assert!(text.get(range.clone()).is_some_and(|text| text.starts_with(['#', '/'])), "{text}: {range:?}");
            }
        }
    }
}
