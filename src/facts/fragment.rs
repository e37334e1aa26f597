//! `$.fragments`: files that are parts of a template.

use super::Scene;
use super::fact::Fact;
use crate::syntax::node::Node;

/// So many names, or files, are told.
const TOLD: usize = 3;

/// One fact for each that is deployed as the scene has it, at the first name that it does not define.
pub(super) fn facts(scene: &Scene<'_>) -> Vec<Node> {
    let each = scene.fragments.values().filter(|part| scene.asks(part.at.file)).map(|part| {
        let names: Vec<String> = part.names.iter().map(|name| format!("`{name}`")).collect();
        Fact::at(part.at).text("names", listed(&names)).text("elsewhere", elsewhere(&part.elsewhere)).node()
    });
    each.collect()
}

/// Where they are defined, as the end of a sentence.
fn elsewhere(paths: &[String]) -> String {
    if paths.is_empty() { String::new() } else { format!("; {} does", listed(paths)) }
}

fn listed(items: &[String]) -> String {
    let first = items[..items.len().min(TOLD)].join(", ");
    if items.len() > TOLD { format!("{first} and {} more", items.len() - TOLD) } else { first }
}
