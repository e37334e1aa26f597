//! `config`: the settings that a check would go by, and where each is from.

use super::desk::{Desk, SettingsFile};
use super::{Answer, Trouble, done, schema};
use crate::cli::{Chosen, ConfigOptions, TreeFormat};
use crate::config::KEYS;
use crate::profile::ProfileSource;
use crate::settings::Settings;
use crate::source::Sources;
use crate::syntax::node::{Node, Value as NodeValue};
use crate::walk;
use clap::ValueEnum;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use serde_json::{Map, Value, json};
use std::io;

/// From where on the line comments stand, unless a value needs more room.
const COMMENTS_AT: usize = 44;

/// One setting as it holds.
struct Effective {
    key: &'static str,
    value: Value,
    from: Vec<Origin>,
}

/// Where a value is from.
enum Origin {
    Flag(&'static str),
    File { line: usize },
    Default,
}

/// Shows the settings.
pub(super) fn config(options: &ConfigOptions) -> Result<Answer, Trouble> {
    let mut desk = Desk::default();
    let file = desk.settings_file(options.path.as_deref(), &options.chosen)?;
    let (settings, _) = desk.settings(file.as_ref(), &options.chosen);
    desk.profile(&settings.profile)?;
    let all = KEYS.map(|key| effective(key, file.as_ref(), &desk.sources, &options.chosen, &settings));
    desk.settle(())?;
    let shown = file.map(|file| walk::shown(&file.path));
    done(match options.format {
        TreeFormat::Yaml => yaml(&all, shown.as_deref()),
        TreeFormat::Json => format!("{:#}\n", report(&all, shown.as_deref())),
    })
}

fn effective(
    key: &'static str,
    file: Option<&SettingsFile>,
    sources: &Sources,
    chosen: &Chosen,
    settings: &Settings,
) -> Effective {
    let written = file.and_then(|file| file.root.entry(key));
    let flags = flags(key, chosen, settings);
    let adds = matches!(key, "rules" | "packs" | "parameters");
    let mut from = Vec::new();
    if let Some(entry) = written.filter(|_| flags.is_empty() || adds) {
        let source = sources.get(entry.key.span.file);
        from.push(Origin::File { line: source.position(entry.key.span.start as usize).line });
    }
    let written = written.map(|entry| match (key, plain(&entry.value)) {
        // an unquoted `off` is a boolean in YAML 1.1
        ("severity", Value::Object(levels)) => {
            let word = |level| if level == json!(false) { json!("off") } else { level };
            levels.into_iter().map(|(id, level)| (id, word(level))).collect::<Map<_, _>>().into()
        }
        (_, value) => value,
    });
    let value = match (flags.first(), written) {
        (None, Some(written)) => written,
        (None, None) => {
            from.push(Origin::Default);
            default(key)
        }
        (Some(_), written) if adds => {
            let mut items = written.map_or_else(Vec::new, |written| match written {
                Value::Array(items) => items,
                one => vec![one],
            });
            for (_, value) in &flags {
                items.extend(value.as_array().into_iter().flatten().cloned());
            }
            Value::Array(items)
        }
        (Some((_, value)), _) => value.clone(),
    };
    from.extend(flags.into_iter().map(|(flag, _)| Origin::Flag(flag)));
    Effective { key, value, from }
}

/// The flags that settle `key`, with what they say, in the terms of a settings file.
fn flags(key: &str, chosen: &Chosen, settings: &Settings) -> Vec<(&'static str, Value)> {
    let shown = |paths: &[std::path::PathBuf]| json!(paths.iter().map(|path| walk::shown(path)).collect::<Vec<_>>());
    let all = json!(["*"]);
    let mut said = Vec::new();
    let mut say = |given: bool, flag: &'static str, value: &dyn Fn() -> Value| {
        if given {
            said.push((flag, value()));
        }
    };
    match key {
        "control_accounts" => {
            say(!chosen.control_accounts.is_empty(), "--control-account", &|| json!(settings.control_accounts));
        }
        "profile" => say(chosen.profile.is_some(), "--profile", &|| match &settings.profile {
            ProfileSource::Builtin(name) => json!(name),
            ProfileSource::File(path) => json!(walk::shown(path)),
        }),
        "buckets" => say(!chosen.buckets.is_empty(), "--bucket", &|| json!({"include": chosen.buckets})),
        "rules" => say(!chosen.rules.is_empty(), "--rules", &|| shown(&chosen.rules)),
        "packs" => say(!chosen.packs.is_empty(), "--pack", &|| json!(chosen.packs)),
        "trail" => say(chosen.trail.is_some(), "--trail", &|| word(settings.trail)),
        "fail_on" => say(chosen.fail_on.is_some(), "--fail-on", &|| word(settings.fail_on)),
        "allow_empty" => say(chosen.allow_empty, "--allow-empty", &|| json!(true)),
        "baseline" => {
            let path = chosen.baseline.as_deref();
            say(path.is_some(), "--baseline", &|| json!(path.map(walk::shown)));
        }
        "parameters" => {
            let files = &chosen.parameter_files;
            say(!files.is_empty(), "--parameters", &|| json!([{"templates": all, "file": shown(files)}]));
            let values = || chosen.parameters.iter().map(|(name, value)| (name.clone(), json!(value))).collect::<Map<_, _>>();
            say(!chosen.parameters.is_empty(), "--parameter", &|| json!([{"templates": all, "values": values()}]));
        }
        _ => {}
    }
    said
}

fn word(value: impl ValueEnum) -> Value {
    value.to_possible_value().map_or(Value::Null, |word| json!(word.get_name()))
}

/// What holds where `key` is not set.
fn default(key: &str) -> Value {
    schema::setting(key).get("default").cloned().unwrap_or_default()
}

/// A tree of a settings file without its places.
fn plain(node: &Node) -> Value {
    match &node.value {
        // a settings file hides nothing
        NodeValue::Null | NodeValue::Hidden(_) => Value::Null,
        NodeValue::Text(text) => Value::from(text.to_string()),
        NodeValue::Bool(value) => json!(value),
        NodeValue::Num(digits) => digits.parse::<serde_json::Number>().map_or_else(|_| json!(digits.as_str()), Value::Number),
        NodeValue::Str(text) => json!(text.as_str()),
        NodeValue::Seq(items) => items.iter().map(plain).collect(),
        NodeValue::Map(entries) => {
            Value::Object(entries.iter().map(|entry| (entry.key.text.to_string(), plain(&entry.value))).collect())
        }
    }
}

/// The settings as a settings file of their own.
fn yaml(all: &[Effective], file: Option<&str>) -> String {
    let mut out = match file {
        Some(file) => format!("# {file}\n"),
        None => "# there is no settings file\n".to_owned(),
    };
    for Effective { key, value, from } in all {
        let origin = |origin: &Origin| match origin {
            Origin::Flag(flag) => (*flag).to_owned(),
            Origin::File { line } => format!("{}:{line}", file.unwrap_or_default()),
            Origin::Default => "default".to_owned(),
        };
        let text = match value {
            Value::Null => format!("# {key}:"),
            value => format!("{key}: {}", flow(value)),
        };
        let origins: Vec<String> = from.iter().map(origin).collect();
        out += &format!("{text:COMMENTS_AT$}  # {}\n", origins.join(", "));
    }
    out
}

fn report(all: &[Effective], file: Option<&str>) -> Value {
    let origin = |origin: &Origin| match origin {
        Origin::Flag(flag) => json!({"kind": "flag", "flag": flag}),
        Origin::File { line } => json!({"kind": "file", "file": file, "line": line}),
        Origin::Default => json!({"kind": "default"}),
    };
    let setting = |one: &Effective| {
        let from: Vec<Value> = one.from.iter().map(origin).collect();
        (one.key.to_owned(), json!({"value": one.value, "from": from}))
    };
    json!({"version": 1, "file": file, "settings": all.iter().map(setting).collect::<Map<_, _>>()})
}

/// A value on one line, as YAML that reads back to the same: JSON, but for a single plain word.
fn flow(value: &Value) -> String {
    let plain = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
            && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&word)
    };
    if let Some(word) = value.as_str().filter(|word| plain(word)) {
        return word.to_owned();
    }
    let mut out = Vec::new();
    // writing to memory cannot fail
    let _ = value.serialize(&mut Serializer::with_formatter(&mut out, Spaced));
    String::from_utf8_lossy(&out).into_owned()
}

/// JSON with a space behind each comma and colon.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}
