//! Where a text goes, and what it takes around it there: the same texts as edits of the file.

use super::{Form, Style, comma, quoted, write};
use crate::edit::Edit;
use crate::source::Span;
use serde_json::{Value as Json, json};

impl Style<'_> {
    /// `text` in the place of what stands at `span`.
    pub fn replaced(&self, span: Span, text: &str) -> Edit {
        let plain = text.replace("\r\n", "\n");
        let breaks = if self.source.text.contains("\r\n") { plain.replace('\n', "\r\n") } else { plain };
        Edit { span, text: if self.escaped { quoted(text) } else { breaks } }
    }

    fn inserted(&self, span: Span, at: usize, text: &str) -> Edit {
        self.replaced(Span::new(span.file, at, at), text)
    }

    /// Whether the document stands in double quotes, where texts that are made for the file would be quoted twice.
    pub fn is_escaped(&self) -> bool {
        self.escaped
    }

    /// A value in the place of the one at `span`.
    pub fn value_edit(&self, value: &Json, span: Span) -> Edit {
        Edit { span, text: self.value(value, span) }
    }

    /// More for the list that the member `key` is or becomes, whose value stands at `span`; none where a function makes it.
    pub fn extended_edit(&self, key: &str, values: &[Json], span: Span) -> Option<Edit> {
        let written = self.written(span);
        let values: Vec<Json> = values.iter().map(|value| self.spelled(value)).collect();
        let items = || self.plain_items(&values, span);
        if let Some(inner) = written.strip_prefix('[') {
            let text = match (written.contains('\n'), comma(inner)) {
                (true, "") => format!("\n{}", items()),
                (true, _) if !inner.starts_with(['\n', '\r']) => format!("\n{}\n{}", items(), self.first_indent(span)),
                (true, _) => format!("\n{}", items()),
                (false, "") => items(),
                (false, _) => items() + " ",
            };
            return Some(self.inserted(span, span.start as usize + 1, &text));
        }
        if written.starts_with("- ") && !self.json {
            return Some(self.inserted(span, self.behind(span)?, &format!("\n{}", items())));
        }
        if super::makes_list(&written) || key == "Statement" && super::called(&written).is_some() {
            return None;
        }
        let start = self.key_before(key, span)?;
        Some(self.replaced(Span::new(span.file, start, span.end as usize), self.as_list(key, &values, span).trim_start()))
    }

    /// The blanks in front of the first item of a list in brackets, as [`Style::items`] has them.
    pub(super) fn first_indent(&self, span: Span) -> String {
        self.indent(span.start as usize) + "  "
    }

    /// The member `old`, whose value stands at `span`, as the member `key` of another value.
    pub fn member_edit(&self, old: &str, key: &str, value: &Json, span: Span) -> Option<Edit> {
        let start = self.key_before(old, span)?;
        let text = self.plain_member(key, value, Span::new(span.file, start, start), 0);
        let end = span.start as usize + self.source.slice(span).trim_end().len();
        Some(self.replaced(Span::new(span.file, start, end), text.trim_start()))
    }

    /// A mapping of one member in the place of what stands at `span`, be that a mapping or a lone value.
    pub fn mapping_edit(&self, key: &str, value: &Json, span: Span) -> Edit {
        let written = self.source.slice(span);
        let end = span.start as usize + written.trim_end().len();
        let whole = Span { end: u32::try_from(end).unwrap_or(span.end), ..span };
        match self.form(span.start as usize) {
            Form::Block if written.contains('\n') => self.replaced(whole, self.plain_member(key, value, span, 0).trim_start()),
            Form::Block | Form::Flow => self.replaced(whole, &write::flow(&self.spelled(&json!({ key: value })))),
            Form::Json => self.replaced(whole, &self.spelled(&json!({ key: value })).to_string()),
        }
    }

    /// A member more for the mapping at `body`: first in braces, and last by indentation.
    pub fn property_edit(&self, key: &str, value: &Json, body: Span) -> Option<Edit> {
        let (start, written) = (body.start as usize, self.written(body));
        let Some(inner) = written.strip_prefix('{') else {
            // nothing, or a `~`, has no column of its own
            if self.form(start) != Form::Block || !written.contains(':') {
                return None;
            }
            let text = self.plain_member(key, value, body, 0);
            return Some(self.inserted(body, self.behind(body)?, &format!("\n{text}")));
        };
        let text = match (self.json, written.contains('\n')) {
            (true, true) => format!("\n{}", self.plain_member(key, value, body, 1)),
            (true, false) => write::json_member(&self.spelled(&json!({ key: value }))),
            _ => write::flow_member(key, &self.spelled(value)),
        };
        let blank = if comma(inner).is_empty() || text.starts_with('\n') { "" } else { " " };
        Some(self.inserted(body, start + 1, &(text + comma(inner) + blank)))
    }

    /// A member in front of the one whose key stands at `key_span`, and of the comments that stand above that.
    pub fn beside_edit(&self, key: &str, value: &Json, key_span: Span) -> Edit {
        let at = key_span.start as usize;
        let form = self.form(at);
        let text = self.plain_member(key, value, key_span, 0);
        if self.escaped || form == Form::Flow || !self.line_before(at).trim().is_empty() {
            let (comma, text) = if form == Form::Block {
                (format!("\n{}", self.column(at)), text.trim_start())
            } else {
                (", ".into(), text.trim_start())
            };
            return self.inserted(key_span, at, &format!("{text}{comma}"));
        }
        let before = &self.source.text[..at];
        let mut line = before.rfind('\n').map_or(0, |end| end + 1);
        while form == Form::Block && line > self.from {
            let above = before[..line - 1].rfind('\n').map_or(0, |end| end + 1);
            if !before[above..line].trim_start().starts_with('#') {
                break;
            }
            line = above;
        }
        let comma = if form == Form::Json { "," } else { "" };
        self.inserted(key_span, line, &format!("{text}{comma}\n"))
    }

    /// One more item of a list: behind its last one, which stands at `span`, and in brackets in front of that.
    pub fn item_edit(&self, value: &Json, span: Span) -> Option<Edit> {
        let (at, spelled) = (span.start as usize, self.spelled(value));
        match self.form(at) {
            Form::Block => {
                // of several dashes on the line the last one is the item's
                let column = " ".repeat(self.line_before(at).rfind('-')?);
                let text = write::indented(&write::block(&json!([spelled]), self.dash()), &column);
                Some(self.inserted(span, self.behind(span)?, &format!("\n{text}")))
            }
            Form::Flow => Some(self.inserted(span, at, &(write::flow(&spelled) + ", "))),
            Form::Json if self.is_inline(at) => Some(self.inserted(span, at, &format!("{spelled}, "))),
            Form::Json => {
                let indent = self.indent(at);
                let text = write::indented(&format!("{},", write::pretty(&spelled)), &indent);
                Some(self.inserted(span, at, &format!("{}\n{indent}", text.trim_start())))
            }
        }
    }

    /// Where the line ends on which what stands at `span` ends, if nothing but a comment follows there.
    fn behind(&self, span: Span) -> Option<usize> {
        let mut written = self.source.slice(span).trim_end();
        // what is kept behind such a text is its own
        if ["|+", ">+"].iter().any(|kept| written.contains(kept)) {
            return None;
        }
        while let Some(rest) = written.strip_suffix("\\n").filter(|_| self.escaped) {
            written = rest.trim_end_matches(' ');
        }
        let end = span.start as usize + written.len();
        if self.escaped {
            return Some(end);
        }
        let rest = self.source.text[end..].lines().next().unwrap_or_default();
        let comment = rest.trim_start();
        (comment.is_empty() || comment.starts_with('#')).then(|| end + rest.trim_end().len())
    }

    /// Where the key of the member `key` begins, whose value stands at `span`.
    fn key_before(&self, key: &str, span: Span) -> Option<usize> {
        // a folded text has its places where they are, but begins elsewhere
        let text = self.source.text.get(self.from..span.start as usize)?.trim_end().strip_suffix(':')?.trim_end();
        let quoted = [format!("\\\"{key}\\\""), format!("\"{key}\""), format!("'{key}'"), key.to_owned()];
        let before = quoted.iter().find_map(|quoted| text.strip_suffix(quoted.as_str()))?;
        Some(self.from + before.len())
    }
}
