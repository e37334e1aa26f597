//! Texts of rules with placeholders, `{name}` or `{a.b}`, that a subject's members fill.

use crate::finding::{COUNT, NAMES};
use crate::syntax::node::{Node, Value};
use crate::text::visible;
use std::sync::OnceLock;

/// A text ready to be filled.
#[derive(Clone, Debug)]
pub(super) struct Template {
    /// As written, less the blanks at its end.
    pub(super) source: String,
    lines: OnceLock<Vec<Vec<Piece>>>,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Hole(Vec<String>),
}

impl Template {
    /// Reads the placeholders of `text`; `{{` and `}}` stand for braces. The error says what is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let read = Self::unread(text);
        let lines: Vec<Vec<Piece>> = read.source.lines().map(pieces).collect::<Result<_, _>>()?;
        Ok(Self { lines: lines.into(), ..read })
    }

    /// One whose placeholders are known to be right, and are read once it is filled.
    pub(super) fn unread(text: &str) -> Self {
        Self { source: text.trim_end().to_owned(), lines: OnceLock::new() }
    }

    /// Puts in the members of `subject`. What it has not is empty, and a line that would hold nothing else is dropped.
    pub(super) fn fill(&self, subject: &Node) -> String {
        self.filled(subject, &|value| value)
    }

    /// As [`Template::fill`], to be looked at rather than copied: what cannot be seen is named.
    pub(super) fn show(&self, subject: &Node) -> String {
        // marks of what is filled in later are no text of the subject's
        let is_mark = |value: &str| value.chars().eq([COUNT]) || value.chars().eq([NAMES]);
        self.filled(subject, &|value| if is_mark(&value) { value } else { visible(&value).into_owned() })
    }

    fn filled(&self, subject: &Node, value: &dyn Fn(String) -> String) -> String {
        let lines = self.lines.get_or_init(|| self.source.lines().filter_map(|line| pieces(line).ok()).collect());
        let lines: Vec<String> = lines.iter().filter_map(|line| fill_line(line, subject, value)).collect();
        lines.join("\n").trim_end().to_owned()
    }
}

fn fill_line(pieces: &[Piece], subject: &Node, value: &dyn Fn(String) -> String) -> Option<String> {
    let (mut line, mut holes) = (String::new(), 0);
    for piece in pieces {
        match piece {
            Piece::Text(text) => line.push_str(text),
            Piece::Hole(path) => {
                holes += 1;
                let keys: Vec<&str> = path.iter().map(String::as_str).collect();
                line.push_str(&value(subject.path(&keys).map(shown).unwrap_or_default()));
            }
        }
    }
    (holes == 0 || !line.trim().is_empty()).then_some(line)
}

/// A value in running text: a list with commas; a mapping has no such form and is left empty.
fn shown(node: &Node) -> String {
    match &node.value {
        Value::Seq(items) => items.iter().filter_map(Node::scalar_text).collect::<Vec<_>>().join(", "),
        _ => node.scalar_text().unwrap_or_default().into(),
    }
}

fn pieces(line: &str) -> Result<Vec<Piece>, String> {
    let (mut out, mut text, mut rest) = (Vec::new(), String::new(), line);
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if let Some(more) = after.strip_prefix(brace) {
            text.push_str(brace);
            rest = more;
            continue;
        }
        if brace == "}" {
            return Err("`}` without `{`; write `}}` for a brace".into());
        }
        let Some((name, more)) = after.split_once('}') else {
            return Err("`{` is not closed; write `{{` for a brace".into());
        };
        out.extend([Piece::Text(std::mem::take(&mut text)), Piece::Hole(hole(name)?)]);
        rest = more;
    }
    text.push_str(rest);
    out.push(Piece::Text(text));
    Ok(out)
}

fn hole(name: &str) -> Result<Vec<String>, String> {
    let word = |word: &str| !word.is_empty() && word.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-'));
    if !name.split('.').all(word) {
        return Err(format!("`{{{name}}}` is not a placeholder such as `{{name}}` or `{{a.b}}`; write `{{{{` for a brace"));
    }
    Ok(name.split('.').map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::testing::tree;

    #[test]
    fn members_fill_their_places() {
        let subject = tree("n: 7\nyes: true\nl: [a, 2]\nm: {k: v}\npaste: |\n  - a\n    b\n\nnone: ~\n");
        for (template, want) in [
            ("{n} {yes} {l} {m.k}", "7 true a, 2 v"),
            ("<{gone}{none}{m}{m.k.x}>", "<>"),
            ("{{n}} }}{{ {{{n}}}", "{n} }{ {7}"),
            ("write:\n{paste}", "write:\n- a\n  b"),
            ("one\n  {gone} {none}\n\ntwo {gone}\n", "one\n\ntwo"),
            ("{gone}", ""),
            ("plain\n\n", "plain"),
        ] {
            assert_eq!(Template::parse(template).unwrap().fill(&subject), want, "{template}");
        }
    }

    #[test]
    fn bad_placeholders_are_told() {
        for (template, want) in [
            ("a {b", "`{` is not closed; write `{{` for a brace"),
            ("a} b", "`}` without `{`; write `}}` for a brace"),
            ("{}", "`{}` is not a placeholder such as `{name}` or `{a.b}`; write `{{` for a brace"),
            ("{a b}", "`{a b}` is not a placeholder such as `{name}` or `{a.b}`; write `{{` for a brace"),
            ("{a..b}", "`{a..b}` is not a placeholder such as `{name}` or `{a.b}`; write `{{` for a brace"),
            ("{a\n}", "`{` is not closed; write `{{` for a brace"),
        ] {
            assert_eq!(Template::parse(template).unwrap_err(), want, "{template}");
        }
    }
}
