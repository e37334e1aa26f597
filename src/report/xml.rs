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
    out
}
