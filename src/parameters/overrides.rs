//! Values in one string, as the AWS and SAM command lines take them: `Stage=prod Name='two words'` or
//! `ParameterKey=Stage,ParameterValue=prod`.
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-deploy.html>

use super::Given;
use crate::source::Span;
use crate::syntax::embedded::Place;
use crate::syntax::fields::Complaint;
use crate::syntax::node::Node;
use smol_str::SmolStr;
use std::ops::Range;

/// Reads the string `node` of the file with the text `source`.
pub(super) fn read(node: &Node, source: &str, out: &mut Vec<Given>, complaints: &mut Vec<Complaint>) {
    let text = node.as_str().unwrap_or_default();
    let place = Place::of(node, source);
    for word in words(text) {
        let written = text.get(word.at.clone()).unwrap_or_default();
        let span = |range: Range<usize>| place.span_of(word.at.start + range.start..word.at.start + range.end);
        let all = span(0..written.len());
        if word.open {
            complaints.push(Complaint::new(all, "the quotation mark is not closed"));
        } else if let Some(given) = given(written, &word.text, span) {
            out.extend(given);
        } else {
            complaints.push(Complaint::new(all, format!("`{written}` is not Name=Value")));
        }
    }
}

/// What a word gives: a value, or nothing where the one before it is kept. `None` if it is not of either form.
fn given(written: &str, text: &str, span: impl Fn(Range<usize>) -> Span) -> Option<Option<Given>> {
    const KEY: &str = "ParameterKey=";
    let long = text.strip_prefix(KEY);
    let separator = if long.is_some() { ",ParameterValue=" } else { "=" };
    let rest = long.unwrap_or(text);
    if long.is_some() && rest.ends_with(",UsePreviousValue=true") {
        return Some(None);
    }
    let (name, value) = rest.split_once(separator).filter(|(name, _)| !name.is_empty())?;
    let start = text.len() - rest.len();
    let at = if written.get(start..).is_some_and(|rest| rest.starts_with(name)) {
        start..start + name.len()
    } else {
        0..written.len()
    };
    let from = written.find(separator).map(|found| found + separator.len());
    let from = from.filter(|&from| from < written.len()).unwrap_or(0);
    Some(Some(Given { name: name.into(), at: span(at), value: value.into(), span: span(from..written.len()) }))
}

/// A word, and what it means without its quotation marks and backslashes.
struct Word {
    at: Range<usize>,
    text: SmolStr,
    /// Whether a quotation mark in it is never closed.
    open: bool,
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some(&(start, letter)) = chars.peek() {
        if letter.is_whitespace() {
            chars.next();
            continue;
        }
        let (mut meant, mut quote, mut end) = (String::new(), None, start);
        while let Some(&(at, letter)) = chars.peek() {
            if quote.is_none() && letter.is_whitespace() {
                break;
            }
            chars.next();
            end = at + letter.len_utf8();
            match (letter, quote) {
                ('\\', None | Some('"')) => {
                    if let Some((at, letter)) = chars.next() {
                        end = at + letter.len_utf8();
                        meant.push(letter);
                    }
                }
                ('"' | '\'', None) => quote = Some(letter),
                (letter, Some(open)) if letter == open => quote = None,
                _ => meant.push(letter),
            }
        }
        words.push(Word { at: start..end, text: meant.into(), open: quote.is_some() });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::toml::parse;

    /// `name=value` with what is underlined for each, of the string under `p`.
    fn told(text: &str) -> (Vec<String>, Vec<String>) {
        let root = parse(FileId(0), text).root.unwrap();
        let (mut out, mut complaints) = (Vec::new(), Vec::new());
        read(root.get("p").unwrap(), text, &mut out, &mut complaints);
        let one =
            |given: &Given| format!("{}={} {} {}", given.name, given.value, &text[given.at.range()], &text[given.span.range()]);
        (out.iter().map(one).collect(), crate::syntax::testing::marked(text, &complaints))
    }

    #[test]
    fn both_forms_are_read_with_their_places() {
        for (text, expected) in [
            (r#"p = "A=1  B='two words' C=x=y""#, &["A=1 A 1", "B=two words B 'two words'", "C=x=y C x=y"][..]),
            (r#"p = 'A="a \"b\"" B=a\ b'"#, &[r#"A=a "b" A "a \"b\"""#, r"B=a b B a\ b"]),
            (r#"p = "ParameterKey=A,ParameterValue=1,2 ParameterKey=B,UsePreviousValue=true""#, &["A=1,2 A 1,2"]),
            (r#"p = "A=\"é\" \u0042=2""#, &[r#"A=é A \"é\""#, r"B=2 \u0042 2"]),
            ("p = \"A=\"", &["A= A A="]),
            // the characters of this string are not followed
            ("p = '''A=1'''", &["A=1 '''A=1''' '''A=1'''"]),
        ] {
            assert_eq!(told(text), (expected.iter().map(|one| (*one).to_owned()).collect(), vec![]), "{text}");
        }
    }

    #[test]
    fn other_words_are_mistakes() {
        let (found, said) = told(r#"p = "A =1 B='x C=1""#);
        assert_eq!(found, Vec::<String>::new());
        assert_eq!(
            said,
            ["A: `A` is not Name=Value", "=1: `=1` is not Name=Value", "B='x C=1: the quotation mark is not closed"]
        );
    }
}
