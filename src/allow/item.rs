//! One item of an `allow` list, in `Metadata` or in the settings.

use super::{Cover, Suppression};
use crate::date::Date;
use crate::source::{FileId, Span};
use crate::syntax::fields::{Complaint, Fields};

/// The keys of an item.
pub const KEYS: [&str; 3] = ["rule", "reason", "until"];

/// What an item says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// The rules, and where each stands.
    pub rules: Vec<(Span, String)>,
    /// Why; none where there is nothing but blanks.
    pub reason: Option<String>,
    /// The last day, and where it stands.
    pub until: Option<(Span, Date)>,
}

impl Item {
    /// Reads the item with these fields, of which [`KEYS`] are its own.
    pub fn read(fields: Fields<'_>, out: &mut Vec<Complaint>) -> Self {
        fields.need("rule", out);
        let rules = fields.texts("rule", out).into_iter().map(|(node, id)| (node.span, id.trim().to_owned())).collect();
        fields.not_empty("rule", out);
        let reason = fields.text("reason", out).map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        let until = fields.get("until").and_then(|node| {
            let text = node.scalar_text().unwrap_or_default();
            let date = Date::parse(&text);
            if date.is_none() {
                let shown = if text.is_empty() { node.kind().to_owned() } else { text.to_string() };
                out.push(Complaint::new(node.span, super::not_a_day(&shown)));
            }
            Some((node.span, date?))
        });
        Self { rules, reason: reason.filter(|text| !text.is_empty()), until }
    }

    /// The same, written in `file`.
    #[must_use]
    pub fn in_file(mut self, file: FileId) -> Self {
        self.rules.iter_mut().for_each(|(at, _)| at.file = file);
        self.until.iter_mut().for_each(|(at, _)| at.file = file);
        self
    }

    /// A suppression for each rule.
    pub fn allows(self, cover: &dyn Fn() -> Cover) -> Vec<Suppression> {
        let Self { rules, reason, until } = self;
        rules.into_iter().map(|(at, rule)| Suppression { rule, at, reason: reason.clone(), until, cover: cover() }).collect()
    }
}
