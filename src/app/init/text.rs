//! The settings file that `init` writes: every key with what it is for, those that are settled with their values.

use super::survey::Survey;
use crate::app::schema;
use crate::config::KEYS;
use crate::profile;
use serde_json::{Value, json};

/// Columns of the comments.
const WIDTH: usize = 100;
/// How many names are listed before the rest is only counted.
const LISTED: usize = 8;

/// The text of the file.
pub(super) fn settings(survey: &Survey, accounts: &[String]) -> String {
    let schema: Value = serde_json::from_str(schema::SETTINGS).unwrap_or_default();
    let address = schema["$id"].as_str().unwrap_or_default();
    let mut out = format!("# yaml-language-server: $schema={address}\n");
    out += &comment(&format!("Settings of bucketlint, which saw {} here. All keys are optional.", survey.seen()));
    for key in KEYS {
        let setting = schema::setting(key);
        out += &format!("\n{}", comment(setting["description"].as_str().unwrap_or_default()));
        out += &remark(key, survey).map_or(String::new(), |remark| comment(&remark));
        let (value, settled) = match settled(key, survey, accounts) {
            Some(value) => (value, true),
            None => (suggested(key, survey).unwrap_or_else(|| setting["examples"][0].clone()), false),
        };
        let text = serde_yaml::to_string(&json!({ key: value })).unwrap_or_default();
        for line in text.lines() {
            out += &format!("{}{line}\n", if settled { "" } else { "# " });
        }
    }
    out
}

/// The value of a key that goes into the file as it is.
fn settled(key: &str, survey: &Survey, accounts: &[String]) -> Option<Value> {
    match key {
        "control_accounts" if !accounts.is_empty() => Some(json!(accounts)),
        "profile" => Some(json!(profile::DEFAULT)),
        "trail" if survey.trails > 0 => Some(json!("here")),
        "fail_on" => Some(json!("warning")),
        _ => None,
    }
}

/// A value that suits this repository, for a key that stays a comment.
fn suggested(key: &str, survey: &Survey) -> Option<Value> {
    match key {
        "principals" if !survey.roles.is_empty() => Some(json!(survey.roles)),
        "parameters" => {
            let file = survey.parameters.first()?;
            Some(json!([{"templates": "*", "file": file}]))
        }
        _ => None,
    }
}

/// What was seen that a key hangs on.
fn remark(key: &str, survey: &Survey) -> Option<String> {
    match key {
        "control_accounts" => {
            let granted: Vec<String> =
                survey.accounts.iter().map(|(account, count)| format!("{account} ({count} times)")).collect();
            Some(match granted.len() {
                0 => "No policy seen here grants to one.".to_owned(),
                _ => format!("The policies seen here grant to {}.", list(&granted)),
            })
        }
        "profile" => Some(format!("Built in are {}.", profile::names().join(", "))),
        "buckets" if !survey.buckets.is_empty() => Some(format!("Seen and judged: {}.", list(&survey.buckets))),
        "trail" if survey.trails == 0 => Some("No trail was seen here.".to_owned()),
        "parameters" if survey.parameters.len() > 1 => Some(format!("Seen: {}.", list(&survey.parameters))),
        _ => None,
    }
}

fn list(names: &[String]) -> String {
    let more = names.len().saturating_sub(LISTED);
    let shown = names[..names.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// Text as a comment, broken between words.
fn comment(text: &str) -> String {
    let mut out = String::new();
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.len() > 1 && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out += &format!("{line}\n");
            line = String::from("#");
        }
        line += &format!(" {word}");
    }
    out + &line + "\n"
}
