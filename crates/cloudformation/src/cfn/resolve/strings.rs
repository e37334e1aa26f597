//! Functions that make strings of strings: `Sub`, `Join`, `Split`, `Base64`, and dynamic references.

use super::{Resolver, wrong};
use crate::cfn::function::{self, SubPiece};
use bucketlint_text::resolve::{Resolve, Unknown};
use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::Node;
use bucketlint_text::text::{Part, Symbol, SymbolKind, Text};
use smol_str::format_smolstr;

/// Strings that functions make are not followed beyond so many bytes and unknown pieces: nothing we read takes as many.
const MAX_LENGTH: usize = 200_000;

const TOO_LONG: &str = "what it makes is too long to be followed";

const DYNAMIC: &str = "{{resolve:";

impl Resolver<'_> {
    /// A string as written, its dynamic references unknown.
    pub(super) fn literal(&self, text: &str, at: Span) -> Text {
        self.dynamic(Text::known(at, text))
    }

    /// `text` with every whole dynamic reference in it unknown; functions may have put one together.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>
    pub(super) fn dynamic(&self, text: Text) -> Text {
        let Some((before, rest)) = text.split_at(DYNAMIC) else { return text };
        let Some((inside, after)) = rest.split_at("}}") else { return text };
        let mut whole = Text::known(text.span, DYNAMIC);
        whole.push(&inside);
        whole.push_str("}}");
        let id = whole.parts().iter().map(|part| match part {
            Part::Lit(text) => text.as_str(),
            Part::Sym(symbol) => symbol.id.as_str(),
        });
        let id = format_smolstr!("{} {}", self.template.path, id.collect::<String>());
        let why = "a dynamic reference is read when the template is deployed".into();
        let shown = whole.to_string().into();
        let mut out = before;
        out.push(&Text::symbol(text.span, Symbol { id, shown, why, at: text.span, kind: SymbolKind::Other }));
        out.push(&self.dynamic(after));
        out
    }

    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html>
    pub(super) fn sub(&self, argument: &Node, at: Span) -> Result<Text, Unknown> {
        let (template, values) = match argument.items() {
            [template, values] => (template, Some(values)),
            [template] => (template, None),
            _ => (argument, None),
        };
        let text = template.scalar_text().ok_or_else(|| wrong(at, "`Fn::Sub` needs a literal string"))?;
        Ok(self.substituted(&text, values, at))
    }

    /// `text` with each `${Name}` replaced, by a member of `values` before anything else.
    pub fn substituted(&self, text: &str, values: Option<&Node>, at: Span) -> Text {
        let mut out = Text::empty(at);
        for piece in function::sub_pieces(text) {
            match piece {
                SubPiece::Text(text) => out.push_str(text),
                SubPiece::Escaped(name) => out.push_str(&format!("${{{name}}}")),
                SubPiece::Name(name) => out.push(&match (values.and_then(|values| values.get(name)), name.split_once('.')) {
                    (Some(value), _) if value.scalar_text().is_some() => self.text(value).standing_at(value.span),
                    (Some(value), _) => self.text(value),
                    (None, Some((id, attribute))) => self.attribute(id, attribute, at),
                    (None, None) => self.reference(name, at),
                }),
            }
            if out.length() > MAX_LENGTH {
                return self.opaque(at, "…", TOO_LONG);
            }
        }
        self.dynamic(out)
    }

    pub(super) fn join(&self, argument: &Node, at: Span) -> Result<Text, Unknown> {
        let [separator, list] = argument.items() else {
            return Err(wrong(at, "`Fn::Join` takes a separator and a list"));
        };
        let separator = self.text(separator);
        let mut out = Text::empty(at);
        for (number, item) in self.elements(list)?.iter().enumerate() {
            if number > 0 {
                out.push(&separator);
            }
            out.push(item);
            if out.length() > MAX_LENGTH {
                return Err(wrong(at, TOO_LONG));
            }
        }
        Ok(self.dynamic(out))
    }

    /// The pieces between a delimiter; not known if an unknown piece may hold one.
    pub(super) fn split(&self, argument: &Node, at: Span) -> Result<Vec<Text>, Unknown> {
        let [delimiter, source] = argument.items() else {
            return Err(wrong(at, "`Fn::Split` takes a delimiter and a string"));
        };
        let (delimiter, source) = (self.text(delimiter), self.text(source));
        let Some(delimiter) = delimiter.as_known().filter(|text| !text.is_empty()) else {
            return Err(wrong(at, "`Fn::Split` needs a delimiter"));
        };
        if let Some(symbol) = source.symbols().find(|symbol| may_hold(symbol, delimiter)) {
            return Err(wrong(at, &symbol.why));
        }
        Ok(source.at(at).split(delimiter))
    }

    pub(super) fn base64(&self, argument: &Node, at: Span) -> Result<Text, Unknown> {
        let text = self.text(argument);
        match text.as_known() {
            Some(known) => Ok(Text::known(at, base64(known.as_bytes()))),
            None => Err(self.reason(&text)),
        }
    }
}

/// Whether an unknown value may hold, or be part of, a delimiter. Names, accounts and partitions have few characters.
fn may_hold(symbol: &Symbol, delimiter: &str) -> bool {
    let plain = matches!(symbol.kind, SymbolKind::Generated | SymbolKind::Partition | SymbolKind::OwnAccount)
        || ["${AWS::Region}", "${AWS::StackName}"].contains(&symbol.shown.as_str());
    !plain || delimiter.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
}

/// <https://www.rfc-editor.org/rfc/rfc4648#section-4>
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let letter = LETTERS.get(bits >> (18 - 6 * at) & 63).filter(|_| at <= chunk.len());
            out.push(letter.map_or('=', |letter| char::from(*letter)));
        }
    }
    out
}
