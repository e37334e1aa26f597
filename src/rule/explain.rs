//! A rule's documentation, as plain text and as Markdown.

use super::{ExampleFile, Rule};
use std::fmt::Write;

/// Everything there is to say about `rule`, for a person, ending in a line break.
pub fn explain(rule: &Rule) -> String {
    let mut out = format!("{} ({}, since {})\n{}\n", rule.id, rule.severity.word(), rule.since, rule.title);
    for Section { title, body, .. } in sections(rule) {
        // writing to a string cannot fail
        let _ = writeln!(out, "\n{title}:");
        for line in body.lines() {
            let _ = writeln!(out, "{}", format!("  {line}").trim_end());
        }
    }
    out
}

/// The same as a page of Markdown.
pub fn markdown(rule: &Rule) -> String {
    let mut out = format!("# {}\n\n{}.\n\nSeverity: {}. Since {}.\n", rule.id, rule.title, rule.severity.word(), rule.since);
    for Section { title, body, kind } in sections(rule) {
        let body = body.trim_end();
        // writing to a string cannot fail
        let _ = match kind {
            Kind::Prose => writeln!(out, "\n## {title}\n\n{body}"),
            Kind::Literal => writeln!(out, "\n## {title}\n\n```text\n{body}\n```"),
            Kind::Links => {
                let links: Vec<String> = body.lines().map(|link| format!("* <{link}>")).collect();
                writeln!(out, "\n## {title}\n\n{}", links.join("\n"))
            }
        };
    }
    out
}

struct Section {
    title: String,
    body: String,
    kind: Kind,
}

enum Kind {
    Prose,
    Literal,
    Links,
}

fn sections(rule: &Rule) -> Vec<Section> {
    let section = |title: &str, body: &str, kind| Section { title: title.to_owned(), body: body.to_owned(), kind };
    let mut out = vec![section("Message", &rule.message.source, Kind::Literal)];
    for lower in &rule.lower {
        let message = lower.message.as_ref().map_or("", |message| &message.source);
        out.push(section(&format!("Lowered to {}", lower.to.word()), message, Kind::Literal));
    }
    if let Some(gather) = &rule.gather {
        let text = format!("by: {}\n{}", gather.by.text, gather.message.source);
        out.push(section("Told once for several buckets", &text, Kind::Literal));
    }
    out.push(section("Why it matters", &rule.told().why, Kind::Prose));
    out.push(section("What to write", &rule.fix.source, Kind::Literal));
    out.extend(rule.told().unconfirmed.as_deref().map(|body| section("Not confirmed", body, Kind::Prose)));
    if let Some(example) = &rule.told().example {
        out.push(section("Broken", &texts(&example.broken), Kind::Literal));
        out.push(section("Fixed", &texts(&example.fixed), Kind::Literal));
    }
    let named = rule.selectors.named.iter().map(|(name, path)| format!("%{name}: {path}"));
    let paths: Vec<String> = std::iter::once(format!("each: {}", rule.selectors.each)).chain(named).collect();
    out.push(section("Selectors", &paths.join("\n"), Kind::Literal));
    out.push(section("Reference", &rule.told().reference.join("\n"), Kind::Links));
    out
}

/// Files one below the other, each under its name where it has one.
fn texts(files: &[ExampleFile]) -> String {
    let each = files.iter().map(|file| {
        let name = file.name.as_ref().map_or(String::new(), |name| format!("# {name}\n"));
        format!("{name}{}", file.text.trim_end())
    });
    each.collect::<Vec<_>>().join("\n\n")
}
