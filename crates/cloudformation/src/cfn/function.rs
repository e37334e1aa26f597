//! Long-form intrinsic functions in a tree; the parser has already rewritten the short forms.

use bucketlint_text::source::Span;
use bucketlint_text::syntax::node::{Node, Value};

/// A function call: `{Name: argument}`.
#[derive(Clone, Copy, Debug)]
pub struct Call<'n> {
    /// `Ref`, what follows `Fn::`, or `Rain::Module` and the like.
    pub name: &'n str,
    /// The argument.
    pub argument: &'n Node,
    /// The whole call.
    pub span: Span,
}

/// The call `node` is, if it is one.
pub fn call(node: &Node) -> Option<Call<'_>> {
    let [only] = node.entries() else { return None };
    let name = match only.key.text.as_str() {
        "Ref" => "Ref",
        // Rain's are written without: <https://github.com/aws-cloudformation/rain>
        key if key.starts_with("Rain::") => key,
        key => key.strip_prefix("Fn::")?,
    };
    Some(Call { name, argument: &only.value, span: node.span })
}

/// The name of a function as its long form has it.
pub fn full_name(name: &str) -> String {
    if name == "Ref" || name.starts_with("Rain::") { name.to_owned() } else { format!("Fn::{name}") }
}

/// Logical ID and attribute of `Fn::GetAtt`, dotted or as a list.
pub fn get_att(argument: &Node) -> Option<(&str, &str)> {
    match argument.items() {
        [id, attribute] => Some((id.as_str()?, attribute.as_str()?)),
        _ => argument.as_str()?.split_once('.'),
    }
}

/// What is longer is no help to anybody.
const MAX_WRITTEN: usize = 2_000;

/// A call as it is told in a sentence, such as `Fn::Select [0, Names]`; `None` if that is very long.
pub fn written(name: &str, argument: &Node) -> Option<String> {
    let mut out = match name {
        "Ref" => String::new(),
        name => format!("{} ", full_name(name)),
    };
    write(argument, &mut out)?;
    Some(out)
}

fn write(node: &Node, out: &mut String) -> Option<()> {
    if let Some(call) = call(node) {
        out.push_str(&written(call.name, call.argument)?);
    } else if let Value::Seq(items) = &node.value {
        out.push('[');
        for (at, item) in items.iter().enumerate() {
            out.push_str(if at > 0 { ", " } else { "" });
            write(item, out)?;
        }
        out.push(']');
    } else if let Value::Map(entries) = &node.value {
        out.push('{');
        for (at, entry) in entries.iter().enumerate() {
            out.push_str(if at > 0 { ", " } else { "" });
            out.push_str(&entry.key.text);
            out.push_str(": ");
            write(&entry.value, out)?;
        }
        out.push('}');
    } else {
        out.push_str(&node.scalar_text().unwrap_or_default());
    }
    (out.len() <= MAX_WRITTEN).then_some(())
}

/// A piece of an `Fn::Sub` string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SubPiece<'t> {
    /// Characters to keep.
    Text(&'t str),
    /// `${name}`.
    Name(&'t str),
    /// `${!name}`, which becomes `${name}`.
    Escaped(&'t str),
}

/// The pieces of an `Fn::Sub` string; a `${` that is never closed is text.
pub fn sub_pieces(text: &str) -> Vec<SubPiece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, (name, behind))) = rest.split_once("${").and_then(|(text, rest)| Some((text, rest.split_once('}')?)))
    {
        if !before.is_empty() {
            out.push(SubPiece::Text(before));
        }
        out.push(name.strip_prefix('!').map_or(SubPiece::Name(name.trim()), SubPiece::Escaped));
        rest = behind;
    }
    if !rest.is_empty() {
        out.push(SubPiece::Text(rest));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_strings_fall_into_pieces() {
        use SubPiece::{Escaped, Name, Text};
        assert_eq!(sub_pieces("a${B}/${!aws:username}*"), [Text("a"), Name("B"), Text("/"), Escaped("aws:username"), Text("*")]);
        assert_eq!(sub_pieces("${A.Arn"), [Text("${A.Arn")]);
        assert_eq!(sub_pieces(""), []);
    }
}
