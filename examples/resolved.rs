//! Prints what the intrinsic functions under the resources we judge come to by default, one JSON object a line: for
//! comparison with other resolvers, see `.ci/resolution.sh`.

#![allow(clippy::print_stdout, reason = "what it prints is all it does")]

use bucketlint::cfn::function;
use bucketlint::cfn::given::Values;
use bucketlint::cfn::judged;
use bucketlint::cfn::mention::asked;
use bucketlint::cfn::place::Place;
use bucketlint::cfn::resolve::{Exports, Resolver};
use bucketlint::cfn::scenarios::scenarios;
use bucketlint::cfn::template::Template;
use bucketlint::load::{Input, load};
use bucketlint::resolve::Resolve;
use bucketlint::sniff::Kind;
use bucketlint::syntax::node::Node;
use serde_json::{Value, json};

fn main() {
    for path in std::env::args().skip(1) {
        let bytes = bucketlint::disk::read_bytes(std::path::Path::new(&path));
        let loaded = load(vec![Input { shown: path.clone(), named: true, bytes }]);
        for model in loaded.models.iter().filter(|model| model.kind == Kind::Template) {
            let template = Template { file: model.file, path: &path, root: &model.root };
            resolved(&template);
        }
    }
}

fn resolved(template: &Template<'_>) {
    let judged: Vec<_> = template.resources().filter(|resource| resource.kind().is_some_and(judged::is_read)).collect();
    let found = scenarios(template, &asked(template, []), &Values::new(), &Place::default());
    let (none, Some(first)) = (Exports::new(), found.all.first()) else { return };
    let resolver = Resolver::under(*template, &none, first);
    for resource in judged {
        if let Some(properties) = resource.properties() {
            let path = vec![json!("Resources"), json!(&*resource.id.text), json!("Properties")];
            each(properties, path, &mut |path, node| {
                let text = resolver.text(node);
                println!(
                    "{}",
                    json!({ "file": template.path, "path": path, "value": text.as_known(), "shown": text.to_string() })
                );
            });
        }
    }
}

/// Calls `tell` with every outermost function and the way to it.
fn each(node: &Node, path: Vec<Value>, tell: &mut dyn FnMut(&[Value], &Node)) {
    if function::call(node).is_some() {
        return tell(&path, node);
    }
    let with = |step: Value| path.iter().cloned().chain([step]).collect();
    node.entries().iter().for_each(|entry| each(&entry.value, with(json!(&*entry.key.text)), tell));
    node.items().iter().enumerate().for_each(|(at, item)| each(item, with(json!(at)), tell));
}
