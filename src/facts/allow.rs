//! `$.allows`: what is allowed not to be reported, and whether that is of use. They are made when all else is found.

use super::fact::Fact;
use crate::allow::{Cover, Suppression};
use crate::date::Date;
use crate::source::{Sources, Span};
use crate::syntax::fields::nearest;
use crate::syntax::node::Node;

/// What allows are looked at with.
#[derive(Clone, Copy, Debug)]
pub struct AllowScene<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The ids of all rules.
    pub known: &'a [&'a str],
    /// The ids of those that are off.
    pub off: &'a [&'a str],
    /// The day of the run.
    pub today: Date,
    /// For each suppression, how many findings it is for, and whether all was looked at that could be.
    pub used: &'a [(usize, bool)],
}

/// One fact for each suppression.
pub fn allows(scene: &AllowScene<'_>, allows: &[Suppression]) -> Vec<Node> {
    allows.iter().zip(scene.used).map(|(allow, (used, judged))| fact(scene, allow, *used, *judged)).collect()
}

fn fact(scene: &AllowScene<'_>, allow: &Suppression, used: usize, judged: bool) -> Node {
    let rule = allow.rule.as_str();
    let fact = Fact::at(allow.at)
        .text("rule", rule)
        .flag("known", scene.known.contains(&rule))
        .text("advice", advice(rule, scene.known))
        .flag("on", !scene.off.contains(&rule))
        .text("place", place(scene.sources, &allow.cover))
        .maybe("reason", allow.reason.as_deref())
        .number("used", used)
        .flag("judged", judged)
        .text("paste", paste(scene.sources, allow));
    let until = allow.until.map(|(at, date)| {
        let over = allow.is_over(scene.today);
        Fact::at(at).text("rule", rule).text("date", date.to_string()).flag("over", over).number("used", used)
    });
    match until {
        Some(until) => fact.inner("until", until).node(),
        None => fact.node(),
    }
}

/// What to write in place of a rule there is not.
fn advice(rule: &str, known: &[&str]) -> String {
    meant(rule, known).map_or_else(|| "`bucketlint rules` lists the rules there are".into(), |meant| format!("write: {meant}"))
}

/// The rule that may be meant: one that is spelt alike, or the only one of that name in any group.
fn meant<'k>(rule: &str, known: &[&'k str]) -> Option<&'k str> {
    let mut named = known.iter().filter(|known| known.split_once('/').is_some_and(|(_, name)| name == rule));
    match (named.next(), named.next()) {
        (Some(only), None) => Some(only),
        _ => nearest(rule, known),
    }
}

/// Where it counts, in a sentence.
fn place(sources: &Sources, cover: &Cover) -> String {
    match cover {
        Cover::Text(None) => "below this comment, where nothing begins".into(),
        Cover::Text(Some(block)) => lines(sources, *block),
        Cover::Resource { declared, .. } => {
            let ids: Vec<&str> = declared.iter().map(|(_, id)| id.as_str()).collect();
            format!("on {} {}", if ids.len() == 1 { "resource" } else { "resources" }, ids.join(", "))
        }
        Cover::Template(_) => "in this template".into(),
        Cover::Files { shown, files, .. } if files.is_empty() => format!("in `{shown}`, which matches no file of this run"),
        Cover::Files { shown, buckets, .. } if buckets.is_empty() => format!("in `{shown}`"),
        Cover::Files { shown, buckets, .. } => format!("in `{shown}` about {}", buckets.join(", ")),
    }
}

fn lines(sources: &Sources, block: Span) -> String {
    let source = sources.get(block.file);
    let line = |offset: u32| source.line_of(offset as usize) + 1;
    // the last byte may be a line break
    match (line(block.start), line(block.end.saturating_sub(1).max(block.start))) {
        (first, last) if first == last => format!("on line {first}"),
        (first, last) => format!("on lines {first} to {last}"),
    }
}

/// What gives it a reason.
fn paste(sources: &Sources, allow: &Suppression) -> String {
    match &allow.cover {
        Cover::Text(_) => format!("# bucketlint: allow {} why this is accepted", allow.rule),
        _ if sources.slice(allow.at).starts_with('"') => "\"reason\": \"why this is accepted\"".into(),
        _ => "reason: why this is accepted".into(),
    }
}
