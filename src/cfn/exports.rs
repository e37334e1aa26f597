//! What templates export, through chains of imports.

use super::resolve::{Exports, Resolver};
use super::scenario::Scenario;
use super::template::Template;
use crate::source::Span;
use crate::text::{Part, Symbol, SymbolKind, Text};
use smol_str::format_smolstr;
use std::collections::BTreeMap;

/// Values may be handed on over so many templates.
const MAX_CHAIN: usize = 16;

/// A value longer than this, in characters and unknown pieces, is given up: those that lead back to themselves grow.
const MAX_LENGTH: usize = 4_096;

/// The exports of all `templates`, each as its scenario has it. What two of them export with different values is not
/// known. An exported value may be an import; a circle of these is not known.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-importvalue.html>
pub fn exports(templates: &[(Template<'_>, &Scenario)]) -> Exports {
    let mut known: Exports = round(templates, &Exports::new()).into_iter().map(|(name, value)| (name, open(&value))).collect();
    for _ in 0..MAX_CHAIN {
        let next = round(templates, &known);
        if next == known {
            break;
        }
        known = next;
    }
    known
}

/// Every export once, where imports have the values `known`.
fn round(templates: &[(Template<'_>, &Scenario)], known: &Exports) -> Exports {
    let mut out: Vec<(Text, Text, &str)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (template, scenario) in templates {
        for (name, value) in Resolver::under(*template, known, scenario).exports() {
            let value = if value.length() > MAX_LENGTH { open(&value) } else { value };
            match places.get(&key(&name)) {
                Some(&at) if out[at].1 != value => {
                    let why = match out[at].2 == template.path {
                        true => format_smolstr!("`{}` exports `{name}` twice", template.path),
                        false => format_smolstr!("both `{}` and `{}` export `{name}`", out[at].2, template.path),
                    };
                    out[at].1 = unknown(value.span, &why, &name.to_string());
                }
                Some(_) => {}
                None => {
                    places.insert(key(&name), out.len());
                    out.push((name, value, template.path));
                }
            }
        }
    }
    out.into_iter().map(|(name, value, _)| (name, value)).collect()
}

/// The value of an export that hangs on itself.
fn open(value: &Text) -> Text {
    unknown(value.span, "the export leads back to itself", "…")
}

fn unknown(at: Span, why: &str, shown: &str) -> Text {
    let id = format_smolstr!("export: {why}");
    Text::symbol(at, Symbol { id, shown: format_smolstr!("${{{shown}}}"), why: why.into(), at, kind: SymbolKind::Other })
}

fn key(name: &Text) -> String {
    let part = |part: &Part| match part {
        Part::Lit(text) => text.to_string(),
        Part::Sym(symbol) => format!("\0{}\0", symbol.id),
    };
    name.parts().iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::testing::tree;

    /// The exports of some templates: name, value, and why that is not known.
    fn told(outputs: &[&str]) -> Vec<(String, String, String)> {
        let wrapped = |outputs: &&str| tree(&format!("Parameters: {{Up: {{Type: String, Default: top}}}}\nOutputs: {outputs}\n"));
        let roots: Vec<_> = outputs.iter().map(wrapped).collect();
        let (names, open) = (["a", "b", "c"], Scenario::open());
        let of = |(at, root)| (Template { file: FileId(at as u32), path: names[at], root }, &open);
        let templates: Vec<_> = roots.iter().enumerate().map(of).collect();
        let why = |text: &Text| text.symbols().next().map(|symbol| symbol.why.to_string()).unwrap_or_default();
        exports(&templates).iter().map(|(name, value)| (name.to_string(), value.to_string(), why(value))).collect()
    }

    fn output(name: &str, value: &str) -> String {
        format!("{{Export: {{Name: {name}}}, Value: {value}}}")
    }

    #[test]
    fn values_are_handed_on() {
        let first = format!("{{O: {}}}", output("end", "!Join ['-', [!ImportValue middle, c]]"));
        let second = format!("{{O: {}}}", output("middle", "{Fn::Sub: ['${T}-b', {T: {Fn::ImportValue: !Sub '${Up}-name'}}]}"));
        let third = format!("{{O: {}}}", output("top-name", "a"));
        let found: Vec<String> = told(&[&first, &second, &third]).into_iter().map(|(_, value, _)| value).collect();
        assert_eq!(found, ["a-b-c", "a-b", "a"]);
    }

    #[test]
    fn circles_end_and_are_told() {
        let circle = "the export leads back to itself";
        let own = format!("{{O: {}}}", output("x", "!ImportValue x"));
        assert_eq!(told(&[&own]), [("x".into(), "${…}".into(), circle.into())]);
        let pair = [format!("{{O: {}}}", output("x", "!ImportValue y")), format!("{{O: {}}}", output("y", "!ImportValue x"))];
        let found = told(&[&pair[0], &pair[1]]);
        assert!(found.iter().all(|(_, _, why)| why == circle), "{found:?}");
        let twice = format!("{{O: {}}}", output("x", "!Sub ['${A}${A}${A}', {A: !ImportValue x}]"));
        assert!(told(&[&twice])[0].1.len() < 100_000);
    }

    #[test]
    fn what_two_export_is_not_known() {
        let (one, other) = (format!("{{O: {}}}", output("x", "a")), format!("{{O: {}}}", output("x", "b")));
        assert_eq!(told(&[&one, &other])[0].2, "both `a` and `b` export `x`");
        assert_eq!(told(&[&one, &one])[0].1, "a", "the same value is no doubt");
        let twice = format!("{{O: {}, P: {}}}", output("x", "a"), output("x", "b"));
        assert_eq!(told(&[&twice])[0].2, "`a` exports `x` twice");
        let importing = format!("{{O: {}}}", output("y", "!ImportValue x"));
        assert_eq!(told(&[&one, &other, &importing])[1].2, "both `a` and `b` export `x`");
    }
}
