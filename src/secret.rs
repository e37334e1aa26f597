//! What reports do not repeat: values that are meant to stay unseen, and what looks like a credential.

use crate::cfn::resolve::is_hidden;
use crate::finding::Finding;
use crate::iam::witness::{MASK, SECRET_KEYS, Witness, is_secret};
use crate::inventory::FileModel;
use crate::outcome::Outcome;
use crate::sniff::Kind;
use crate::source::{FileId, Sources, Span};
use crate::syntax::embedded::parse_embedded;
use crate::syntax::node::{Entry, Node, Value};
use regex::Regex;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A shorter secret is part of too many words to be taken out of sentences; it is hidden where it is written.
const SHORTEST: usize = 5;

/// Access key IDs, private keys, and tokens of services that repositories are kept at, by their fixed beginnings:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>,
/// <https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github>.
static CREDENTIAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let all = [
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*",
        r"\bgh[opsur]_[A-Za-z0-9]{36,}",
        r"\bgithub_pat_[A-Za-z0-9_]{22,}",
        r"\bglpat-[A-Za-z0-9_-]{20,}",
        r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    ];
    Regex::new(&all.join("|")).ok()
});

/// One of these is in every [`CREDENTIAL`]: the expression is not even compiled where none is.
const MARKS: [&str; 11] = ["AKIA", "ASIA", "PRIVATE KEY", "gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "xox"];

/// The expression for credentials, where `text` holds one.
fn credential_in(text: &str) -> Option<&'static Regex> {
    let credential = MARKS.iter().any(|mark| text.contains(mark)).then(|| CREDENTIAL.as_ref())?;
    credential.filter(|credential| credential.is_match(text))
}

/// The secrets of a run.
#[derive(Debug, Default)]
pub struct Secrets {
    /// Where they are written.
    spans: BTreeMap<FileId, Vec<Span>>,
    /// Those to be taken out of sentences.
    texts: BTreeSet<String>,
    /// All of them, where each is written.
    written: Vec<(Span, String)>,
}

impl Secrets {
    /// Finds the defaults of `NoEcho` parameters, the values of secret variables of Terraform, the values of [`SECRET_KEYS`] in conditions, and credentials.
    pub fn of(models: &[FileModel], sources: &Sources) -> Self {
        let mut out = Self::default();
        for model in models {
            let text = &sources.get(model.file).text;
            if model.kind == Kind::Template {
                let parameters = model.root.get("Parameters").map(Node::entries).unwrap_or_default();
                let hidden = parameters.iter().filter(|entry| is_hidden(&entry.value));
                hidden.filter_map(|entry| entry.value.get("Default")).for_each(|default| out.take(default));
            }
            if model.kind == Kind::Terraform {
                model.root.get("secrets").map(Node::items).unwrap_or_default().iter().for_each(|value| out.take(value));
            }
            // nothing to be found costs nothing
            let lower = text.to_ascii_lowercase();
            if SECRET_KEYS.iter().any(|key| lower.contains(&key.to_ascii_lowercase())) {
                out.conditions(&model.root, text);
            }
        }
        for (file, source) in sources.iter() {
            let found = credential_in(&source.text).into_iter().flat_map(|credential| credential.find_iter(&source.text));
            let spans: Vec<Span> = found.map(|found| Span::new(file, found.start(), found.end())).collect();
            if !spans.is_empty() {
                out.spans.entry(file).or_default().extend(spans);
            }
        }
        out
    }

    fn take(&mut self, value: &Node) {
        match &value.value {
            Value::Map(_) => {}
            Value::Seq(items) => items.iter().for_each(|item| self.take(item)),
            // the name of a value is none of it
            _ if value.as_str().is_some_and(is_placeholder) => {}
            _ => {
                self.spans.entry(value.span.file).or_default().push(value.span);
                let text = value.scalar_text().map(|text| text.to_string()).filter(|text| !text.is_empty());
                self.texts.extend(text.clone().filter(|text| text.chars().count() >= SHORTEST));
                self.written.extend(text.map(|text| (value.span, text)));
            }
        }
    }

    /// The values of [`SECRET_KEYS`], also in policies that are written as strings.
    fn conditions(&mut self, node: &Node, text: &str) {
        let secret = |entry: &&Entry| is_secret(&entry.key.text);
        node.entries().iter().filter(secret).for_each(|entry| self.take(&entry.value));
        node.entries().iter().for_each(|entry| self.conditions(&entry.value, text));
        node.items().iter().for_each(|item| self.conditions(item, text));
        let inner = node.as_str().filter(|inner| inner.trim_start().starts_with('{'));
        if let Some(root) = inner.and_then(|_| parse_embedded(node, text).root).filter(|root| root.is_map()) {
            self.conditions(&root, text);
        }
    }

    /// Takes them out of everything that may be printed of a run.
    pub fn hide(&self, outcome: &mut Outcome) {
        let dismissed = outcome.dismissed.iter_mut().map(|dismissed| &mut dismissed.finding);
        self.hide_in(&mut outcome.sources, outcome.findings.iter_mut().chain(dismissed));
        for bucket in &mut outcome.buckets {
            bucket.access.iter_mut().filter_map(|line| line.witness.as_mut()).for_each(clear);
            let texts = [&mut bucket.reason, &mut bucket.shared_reason].into_iter().chain(&mut bucket.assumptions);
            texts.for_each(|text| self.clear_text(text));
        }
        outcome.facts.iter_mut().for_each(|facts| self.hide_below(facts, false));
    }

    /// Takes them out of a tree; `secret` says whether a key tells that this is one.
    fn hide_below(&self, node: &mut Node, secret: bool) {
        let span = node.span;
        match &mut node.value {
            Value::Null | Value::Bool(_) => {}
            Value::Seq(items) => items.iter_mut().for_each(|item| self.hide_below(item, secret)),
            Value::Map(entries) => {
                for entry in entries {
                    self.hide_below(&mut entry.value, is_secret(&entry.key.text));
                    self.hide_word(&mut entry.key.text, entry.key.span);
                }
            }
            Value::Hidden(hidden) => self.hide_word(&mut hidden.why, span),
            Value::Num(text) | Value::Str(text) if secret && !is_placeholder(text) => *text = SmolStr::new_static(MASK),
            Value::Str(text) => self.hide_word(text, span),
            Value::Text(made) if secret => {
                let text = if is_placeholder(&made.to_string()) { made.to_string().into() } else { SmolStr::new_static(MASK) };
                node.value = Value::Str(text);
            }
            Value::Text(made) => {
                let mut text = SmolStr::from(made.to_string());
                self.hide_word(&mut text, span);
                node.value = Value::Str(text);
            }
            Value::Num(digits) => {
                let mut text = digits.clone();
                self.hide_word(&mut text, span);
                if text != *digits {
                    node.value = Value::Str(text);
                }
            }
        }
    }

    /// Takes them out of a text that stands at `span`: a short one where the text is it, or is made of the text it stands in.
    fn hide_word(&self, word: &mut SmolStr, span: Span) {
        let mut text = word.to_string();
        for (at, secret) in self.written.iter().filter(|(at, _)| at.overlaps(span)) {
            if text == *secret || *at != span {
                text = text.replace(secret.as_str(), MASK);
            }
        }
        self.clear_text(&mut text);
        if text != *word {
            *word = text.into();
        }
    }

    /// Takes them out of findings and the texts that these point into.
    pub fn hide_in<'f>(&self, sources: &mut Sources, findings: impl Iterator<Item = &'f mut Finding>) {
        for (file, spans) in &self.spans {
            sources.mask(*file, spans);
        }
        for finding in findings {
            finding.witness.iter_mut().for_each(clear);
            let labels = std::iter::once(&mut finding.primary).chain(&mut finding.related).map(|label| &mut label.message);
            let values = finding.when.iter_mut().map(|(_, value)| value);
            let texts = [&mut finding.message].into_iter().chain(&mut finding.help).chain(labels).chain(values);
            texts.for_each(|text| self.clear_text(text));
            // what would be written has to be whole
            let clear = |text: &str| {
                let mut cleared = text.to_owned();
                self.clear_text(&mut cleared);
                cleared == text
            };
            finding.fix.take_if(|fix| !fix.edits.iter().all(|edit| clear(&edit.text)));
        }
    }

    fn clear_text(&self, text: &mut String) {
        for secret in self.texts.iter().filter(|secret| text.contains(secret.as_str())).collect::<Vec<_>>() {
            *text = text.replace(secret.as_str(), MASK);
        }
        if let Some(credential) = credential_in(text) {
            *text = credential.replace_all(text, MASK).into_owned();
        }
    }
}

/// Whether a text has nothing but placeholders such as `${AWS::AccountId}`, with punctuation between them.
fn is_placeholder(text: &str) -> bool {
    let mut pieces = text.split("${");
    let blank = |text: &str| !text.contains(char::is_alphanumeric);
    pieces.next().is_some_and(blank)
        && text.contains("${")
        && pieces.all(|piece| piece.split_once('}').is_some_and(|(_, after)| blank(after)))
}

/// Takes the values of secret keys out of a request.
pub fn clear(witness: &mut Witness) {
    let secret = witness.context.iter_mut().filter(|(key, _)| is_secret(key));
    secret.flat_map(|(_, values)| values).for_each(|value| MASK.clone_into(value));
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn what_only_names_a_value_is_no_secret() {
        for text in ["${AWS::AccountId}", "${A}-${B}/*", "${aws:PrincipalTag/x}"] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["open-sesame", "${A}open", "open-${A}", "${A", "***", ""] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
