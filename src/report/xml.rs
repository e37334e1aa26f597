//! XML documents from typed data.

use serde::Serialize;

/// `value` as a document, indented, with a newline at its end.
pub(super) fn document(value: &impl Serialize) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let mut serializer = quick_xml::se::Serializer::new(&mut out);
    serializer.indent(' ', 2);
    // writing to a string cannot fail, and the types are structs and lists with names
    let _ = value.serialize(serializer);
    out.push('\n');
    out.chars().map(|c| if is_char(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// Whether a document may hold this character, be it written or escaped: <https://www.w3.org/TR/xml/#charsets>.
fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    #[serde(rename = "a")]
    struct Element {
        #[serde(rename = "@b")]
        attribute: &'static str,
        #[serde(rename = "$text")]
        text: &'static str,
    }

    #[test]
    fn no_character_breaks_a_document() {
        let element = Element { attribute: "\u{1}<\u{fffe}", text: "é\u{0}&\u{ffff}\u{10ffff}]]>" };
        let expected = "<a b=\"\u{fffd}&lt;\u{fffd}\">é\u{fffd}&amp;\u{fffd}\u{10ffff}]]&gt;</a>";
        assert_eq!(document(&element).lines().nth(1), Some(expected));
    }
}
