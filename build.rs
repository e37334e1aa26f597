//! Lists the rule files under `rules/`, so that adding one is all it takes to build it in: the text of each, and the same as
//! JSON, which every start of the program reads, as that takes a fraction of the time. What is told of a rule is apart.
#![expect(clippy::disallowed_methods, reason = "cargo tells a build script where to write through the environment")]

use std::fmt::Write;
use std::path::Path;
use std::{env, fs, io};

/// What only those ask for who want to know more of a rule.
const TOLD: [&str; 4] = ["why", "unconfirmed", "reference", "example"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=rules");
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("rules");
    for (name, root) in [("rules.rs", root.clone()), ("packs.rs", root.join("packs"))] {
        let mut table = String::from("&[\n");
        for id in ids(&root)? {
            let path = root.join(format!("{id}.yaml"));
            let mut rule: serde_json::Map<String, serde_json::Value> = serde_yaml::from_str(&fs::read_to_string(&path)?)?;
            let told: serde_json::Map<_, _> = TOLD.iter().filter_map(|key| rule.remove_entry(*key)).collect();
            let [rule, told] = [rule, told].map(|part| serde_json::Value::Object(part).to_string());
            writeln!(table, "    File {{ id: {id:?}, text: include_str!({path:?}), rule: {rule:?}, told: {told:?} }},")?;
        }
        table.push_str("]\n");
        fs::write(Path::new(&env::var("OUT_DIR")?).join(name), table)?;
    }
    Ok(())
}

/// `<group>/<name>` of every `.yaml` file one folder down, sorted.
fn ids(root: &Path) -> io::Result<Vec<String>> {
    let mut ids = Vec::new();
    for group in names(root)?.into_iter().filter(|name| name != "profiles" && name != "packs" && root.join(name).is_dir()) {
        let files = names(&root.join(&group))?;
        ids.extend(files.iter().filter_map(|file| Some(format!("{group}/{}", file.strip_suffix(".yaml")?))));
    }
    ids.sort();
    Ok(ids)
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}
