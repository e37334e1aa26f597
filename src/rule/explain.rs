//! A rule's documentation as plain text.

use super::Rule;
use std::fmt::Write;

/// Everything there is to say about `rule`, for a person, ending in a line break.
pub fn explain(rule: &Rule) -> String {
    let mut out = format!("{} ({}, since {})\n{}\n", rule.id, rule.severity.word(), rule.since, rule.title);
    section(&mut out, "Message", &rule.message.source);
    for lower in &rule.lower {
        let message = lower.message.as_ref().map_or("", |message| &message.source);
        section(&mut out, &format!("Lowered to {}", lower.to.word()), message);
    }
    section(&mut out, "Why it matters", &rule.why);
    section(&mut out, "What to write", &rule.fix.source);
    if let Some(unconfirmed) = &rule.unconfirmed {
        section(&mut out, "Not confirmed", unconfirmed);
    }
    let named = rule.selectors.named.iter().map(|(name, path)| format!("%{name}: {path}"));
    let paths: Vec<String> = std::iter::once(format!("each: {}", rule.selectors.each)).chain(named).collect();
    section(&mut out, "Selectors", &paths.join("\n"));
    section(&mut out, "Reference", &rule.reference.join("\n"));
    out
}

fn section(out: &mut String, title: &str, body: &str) {
    // writing to a string cannot fail
    let _ = writeln!(out, "\n{title}:");
    for line in body.lines() {
        let _ = writeln!(out, "{}", format!("  {line}").trim_end());
    }
}
