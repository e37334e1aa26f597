//! What templates export, through chains of imports.

use super::resolve::{Export, Exports, Resolver};
use super::scenario::Scenario;
use super::template::Template;
use bucketlint_text::text::{Symbol, SymbolKind, Text};
use smol_str::format_smolstr;

/// Values may be handed on over so many templates.
const MAX_CHAIN: usize = 16;

/// A value longer than this, in characters and unknown pieces, is given up: those that lead back to themselves grow.
const MAX_LENGTH: usize = 4_096;

/// The exports of all `templates`, each as its scenario has it. An exported value may be an import; a circle of these is not
/// known.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-importvalue.html>
pub fn exports(templates: &[(Template<'_>, &Scenario)]) -> Exports {
    let none = Exports::new();
    let first: Vec<(Exports, bool)> = templates.iter().map(|one| given(one, &none)).collect();
    let all = || first.iter().flat_map(|(exports, _)| exports.iter().cloned());
    // most templates take nothing from others
    if !first.iter().any(|(_, imports)| *imports) {
        return all().collect();
    }
    let mut known: Exports = all().map(|export| Export { value: open(&export.value), ..export }).collect();
    for _ in 0..MAX_CHAIN {
        let each = templates.iter().zip(&first);
        let next = each.flat_map(|(one, (exports, imports))| if *imports { given(one, &known).0 } else { exports.clone() });
        let next = next.collect();
        if next == known {
            break;
        }
        known = next;
    }
    known
}

/// What a template exports where imports have the values `known`, and whether it hangs on these.
fn given((template, scenario): &(Template<'_>, &Scenario), known: &Exports) -> (Exports, bool) {
    let resolver = Resolver::under(*template, known, scenario);
    let short = |export: Export| match export.value.length() > MAX_LENGTH {
        true => Export { value: open(&export.value), ..export },
        false => export,
    };
    (resolver.exports().into_iter().map(short).collect(), resolver.imports())
}

/// The value of an export that hangs on itself.
fn open(value: &Text) -> Text {
    let (why, at) = ("the export leads back to itself", value.span);
    let id = format_smolstr!("export: {why}");
    Text::symbol(at, Symbol { id, shown: "${…}".into(), why: why.into(), at, kind: SymbolKind::Other })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bucketlint_text::source::FileId;
    use bucketlint_text::syntax::testing::tree;

    /// The exports of templates at some paths: name, value, and why that is not known.
    fn placed(outputs: &[(&str, &str)]) -> Vec<(String, String, String)> {
        let wrapped = |outputs: &str| tree(&format!("Parameters: {{Up: {{Type: String, Default: top}}}}\nOutputs: {outputs}\n"));
        let roots: Vec<_> = outputs.iter().map(|(_, outputs)| wrapped(outputs)).collect();
        let open = Scenario::open();
        let of = |(at, root): (usize, _)| (Template { file: FileId(at as u32), path: outputs[at].0, root }, &open);
        let templates: Vec<_> = roots.iter().enumerate().map(of).collect();
        let why = |text: &Text| text.symbols().next().map(|symbol| symbol.why.to_string()).unwrap_or_default();
        let name = |export: &Export| export.name.as_ref().map(ToString::to_string).unwrap_or_default();
        let told = |export: &Export| (name(export), export.value.to_string(), why(&export.value));
        exports(&templates).iter().map(told).collect()
    }

    /// The same for templates in one folder.
    fn told(outputs: &[&str]) -> Vec<(String, String, String)> {
        placed(&["a", "b", "c"].into_iter().zip(outputs.iter().copied()).collect::<Vec<_>>())
    }

    #[test]
    fn outputs_are_read_by_the_name_of_their_stack() {
        let (store, other) = ("{Name: {Value: lab-raw}, PublishOutputA1B2C3D4: {Value: hashed}}", "{Name: {Value: lab-other}}");
        let reading =
            |stack: &str, output: &str| format!("{{O: {{Value: !GetStackOutput {{StackName: {stack}, OutputName: {output}}}}}}}");
        let read = |places: [&str; 2], stack: &str, output: &str| {
            let own = reading(stack, output);
            let found = placed(&[(places[0], store), (places[1], other), ("dev/own.yaml", &own)]);
            let (_, value, why) = found.last().cloned().unwrap();
            if why.is_empty() { value } else { why }
        };
        let apart = ["store.yaml", "other.template.json"];
        assert_eq!(read(apart, "store", "Name"), "lab-raw");
        assert_eq!(read(apart, "other", "Name"), "lab-other");
        assert_eq!(read(apart, "prod-Store", "PublishOutputA1B2C3D4"), "hashed");
        assert_eq!(read(apart, "elsewhere", "PublishOutputA1B2C3D4"), "hashed", "a hash is in one template only");
        assert_eq!(read(["store.yaml", "x.yaml"], "prod-store", "Name"), "no linted template is stack `prod-store`");
        assert_eq!(read(apart, "elsewhere", "Name"), "no linted template is stack `elsewhere`");
        assert_eq!(read(apart, "store", "Arn"), "`store.yaml`, which is stack `store`, has no output `Arn`");
        assert_eq!(read(["dev/store.yaml", "prod/store.yaml"], "store", "Name"), "lab-raw", "the nearest");
        assert_eq!(
            read(["a/store.yaml", "b/store.yaml"], "store", "Name"),
            "both `a/store.yaml` and `b/store.yaml` may be stack `store`"
        );
        assert_eq!(read(apart, "!Ref Up", "Name"), "no linted template is stack `top`");
        assert_eq!(read(apart, "!Ref Gone", "Name"), "`Gone` is neither a parameter nor a resource of this template");
        assert_eq!(read(apart, "own", "O"), "the export leads back to itself");
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
        let importing = format!("{{O: {}}}", output("y", "!ImportValue x"));
        let imported = |outputs: &[&str]| told(outputs).pop().map(|(_, value, why)| format!("{value} {why}")).unwrap();
        assert_eq!(imported(&[&one, &other, &importing]), "${ImportValue x} both `a` and `b` export `x`");
        assert_eq!(imported(&[&one, &one, &importing]), "a ", "the same value is no doubt");
        let twice = format!("{{O: {}, P: {}}}", output("x", "a"), output("x", "b"));
        assert_eq!(imported(&[&twice, &importing]), "${ImportValue x} `a` exports `x` twice");
    }

    #[test]
    fn the_nearest_template_that_exports_a_value_is_the_one() {
        let (one, other) = (format!("{{O: {}}}", output("x", "a")), format!("{{O: {}}}", output("x", "b")));
        let importing = format!("{{O: {}}}", output("y", "!ImportValue x"));
        for (places, want) in [
            (["dev/t", "prod/t", "dev/u"], "a"),
            (["dev/t", "prod/t", "prod/sub/u"], "b"),
            (["t", "prod/t", "prod/u"], "b"),
            (["t", "prod/t", "dev/u"], "${ImportValue x}"),
        ] {
            let files: Vec<(&str, &str)> = places.into_iter().zip([one.as_str(), &other, &importing]).collect();
            assert_eq!(placed(&files)[2].1, want, "{places:?}");
        }
    }
}
