//! What each selector of each trail logs of one bucket, as conditions over class, event name and key.

use super::events::Class;
use super::reach::{Reach, Target, letters, loose};
use super::selector::{AdvancedSelector, BasicSelector, Condition, FieldSelector, Operator, Ternary, Test, Trail};
use crate::language::{Letter, Matches, Pattern, Token};
use crate::source::Span;
use crate::text::{SymbolKind, Text};

/// A sentence part with its place.
#[derive(Clone, Debug)]
pub(super) struct Remark {
    pub(super) text: String,
    pub(super) at: Span,
}

/// Logs the events that meet everything it holds.
#[derive(Debug)]
pub(super) struct Clause<'a> {
    /// Index of its trail.
    pub(super) trail: usize,
    /// Whether it logs at all is certain.
    pub(super) sure: bool,
    /// Whether it logs each class.
    pub(super) classes: [Option<bool>; 2],
    /// Conditions on the event's name.
    pub(super) events: Vec<&'a Condition>,
    /// Conditions on the object's key.
    pub(super) keys: Vec<KeyTest>,
    /// Whether other conditions, such as on the caller, pass some events only.
    pub(super) limited: bool,
    /// Whether those conditions are all of the kind that names what passes.
    pub(super) names_what_passes: bool,
    /// Why it is not certain what it logs.
    pub(super) doubts: Vec<Remark>,
    /// What keeps it from logging everything.
    pub(super) limits: Vec<Remark>,
    /// The one class it logs, in words.
    pub(super) class_limit: Option<Remark>,
}

/// A condition on the key: patterns by number.
#[derive(Debug)]
pub(super) struct KeyTest {
    negated: bool,
    sure: Vec<usize>,
    maybe: Vec<usize>,
}

impl Clause<'_> {
    fn new(trail: usize) -> Self {
        Self {
            trail,
            sure: true,
            classes: [Some(true); 2],
            events: Vec::new(),
            keys: Vec::new(),
            limited: false,
            names_what_passes: true,
            doubts: Vec::new(),
            limits: Vec::new(),
            class_limit: None,
        }
    }

    /// Whether it logs a key, certainly (`sure`) or possibly, class and event name aside.
    pub(super) fn logs(&self, sure: bool, matches: Matches<'_>) -> Option<bool> {
        all(self.keys.iter().map(|test| {
            let patterns = if sure != test.negated { &test.sure } else { &test.maybe };
            let hit = any(patterns.iter().map(|pattern| matches.of(*pattern)));
            hit.map(|hit| hit != test.negated)
        }))
    }

    /// Whether its conditions on the event's name let `name` pass; `None` stands for a name no one has listed.
    pub(super) fn passes_event(&self, name: Option<&str>) -> Option<bool> {
        all(self.events.iter().map(|condition| match name {
            Some(name) => passes(condition, name),
            None if condition.values.iter().all(|value| value.as_known().is_some()) => {
                Some(condition.operator.is_some_and(|operator| operator.negated))
            }
            None => None,
        }))
    }

    fn doubt(&mut self, text: &Text) {
        self.doubts.push(doubt(text, None));
    }
}

/// Why `value` is not known or, if it is, why the bucket it is held against is not.
fn doubt(value: &Text, bucket: Option<&Text>) -> Remark {
    let own: Vec<_> = bucket.into_iter().flat_map(Text::symbols).collect();
    let other = value.symbols().filter(|symbol| !own.contains(symbol) && symbol.kind != SymbolKind::Partition);
    let why = match other.chain(own.iter().copied()).find(|symbol| !symbol.why.is_empty()) {
        Some(symbol) => symbol.why.to_string(),
        None => format!("`{value}` is not known"),
    };
    Remark { text: why, at: value.span }
}

/// Kleene's "some".
pub(super) fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut open = false;
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            Some(false) => {}
            None => open = true,
        }
    }
    (!open).then_some(false)
}

/// Kleene's "every".
pub(super) fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    any(answers.map(|answer| answer.map(|yes| !yes))).map(|no| !no)
}

/// Whether a condition lets a field with this value pass. An operator that does not exist lets nothing pass.
fn passes(condition: &Condition, word: &str) -> Option<bool> {
    let Some(Operator { test, negated }) = condition.operator else { return Some(false) };
    let word: Vec<Letter> = word.chars().map(Letter::Char).collect();
    let many = Pattern(vec![Token::Many]);
    let hit = any(condition.values.iter().map(|value| {
        let value_pattern = loose(&letters(value));
        let pattern = match test {
            Test::Equals => value_pattern,
            Test::StartsWith => value_pattern.then(&many),
            Test::EndsWith => many.clone().then(&value_pattern),
        };
        match (pattern.matches(&word), value.as_known()) {
            (true, None) => None,
            (hit, _) => Some(hit),
        }
    }));
    hit.map(|hit| hit != negated)
}

/// The clauses of every trail that may log, and the patterns they number.
pub(super) fn clauses<'a>(trails: &[&'a Trail], target: &Target<'_>) -> (Vec<Clause<'a>>, Vec<Pattern>) {
    let mut out = Vec::new();
    let mut patterns = Vec::new();
    for (at, trail) in trails.iter().enumerate() {
        if matches!(trail.logging, Ternary::No(_)) {
            continue;
        }
        let first = out.len();
        for selector in &trail.selectors.basic {
            basic(at, selector, target, &mut patterns, &mut out);
        }
        out.extend(trail.selectors.advanced.iter().filter_map(|selector| advanced(at, selector, target, &mut patterns)));
        let mut doubts = Vec::new();
        if let Ternary::Unknown { why, at } = &trail.logging {
            doubts.push(Remark { text: why.clone(), at: *at });
        }
        if let (Some(_), Some(other)) = (trail.selectors.basic.first(), trail.selectors.advanced.first()) {
            let text = "it has both basic and advanced event selectors, and CloudTrail keeps one kind".into();
            doubts.push(Remark { text, at: other.span });
        }
        for clause in &mut out[first..] {
            clause.sure &= doubts.is_empty();
            clause.doubts.splice(..0, doubts.iter().cloned());
        }
    }
    (out, patterns)
}

/// Adds one clause for each of the selector's data resources that concerns the bucket's objects.
fn basic<'a>(trail: usize, selector: &'a BasicSelector, target: &Target<'_>, pool: &mut Vec<Pattern>, out: &mut Vec<Clause<'a>>) {
    for resource in &selector.data {
        let Some(kind) = &resource.kind else { continue };
        let mut clause = Clause::new(trail);
        if kind.as_known().is_none() {
            clause.sure = false;
            clause.doubt(kind);
        } else if kind.as_known() != Some("AWS::S3::Object") {
            continue;
        }
        if let Some(text) = &selector.read_write {
            clause.classes = match text.as_known() {
                Some("All") => [Some(true); 2],
                Some("ReadOnly") => [Some(true), Some(false)],
                Some("WriteOnly") => [Some(false), Some(true)],
                Some(_) => continue,
                None => [None; 2],
            };
            if clause.classes == [None; 2] {
                clause.doubt(text);
            }
            clause.class_limit = only_class(clause.classes, text.span);
        }
        let reaches: Vec<_> = resource.values.iter().map(|value| (value, target.basic(value))).collect();
        if add_keys(&mut clause, Operator { test: Test::StartsWith, negated: false }, &reaches, target.name, pool) {
            out.push(clause);
        }
    }
}

fn only_class(classes: [Option<bool>; 2], at: Span) -> Option<Remark> {
    let class = match classes {
        [_, Some(false)] => "read",
        [Some(false), _] => "write",
        _ => return None,
    };
    Some(Remark { text: format!("only {class} events"), at })
}

/// Adds a condition on the ARN; false if it lets no key of the bucket pass.
fn add_keys(
    clause: &mut Clause<'_>,
    operator: Operator,
    hold: &[(&Text, Reach)],
    bucket: &Text,
    pool: &mut Vec<Pattern>,
) -> bool {
    let mut number = |patterns: &[Pattern]| -> Vec<usize> {
        let start = pool.len();
        pool.extend_from_slice(patterns);
        (start..pool.len()).collect()
    };
    let sure = hold.iter().flat_map(|(_, reach)| number(&reach.sure)).collect();
    let maybe: Vec<usize> = hold.iter().flat_map(|(_, reach)| number(&reach.maybe)).collect();
    let hits = hold.iter().filter(|(_, reach)| !reach.maybe.is_empty());
    for (value, _) in hits.clone().filter(|(_, reach)| reach.in_doubt()) {
        clause.doubts.push(doubt(value, Some(bucket)));
    }
    let whole = |reach: &Reach| reach.key.is_none() && !reach.in_doubt();
    if !hits.clone().any(|(_, reach)| whole(reach)) {
        let shown = hits.clone().filter_map(|(_, reach)| reach.key.clone()).collect();
        clause.limits.extend(limit("keys", operator, shown, hits.clone().map(|(value, _)| *value).next()));
    }
    let possible = operator.negated || !maybe.is_empty();
    clause.keys.push(KeyTest { negated: operator.negated, sure, maybe });
    possible
}

/// "only keys that begin with `raw/`"; none without values.
fn limit(noun: &str, operator: Operator, mut values: Vec<String>, at: Option<&Text>) -> Option<Remark> {
    let verb = match operator.test {
        Test::Equals => "are",
        Test::StartsWith => "begin with",
        Test::EndsWith => "end with",
    };
    let more = values.len().saturating_sub(4);
    values.truncate(4);
    let mut listed = values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" or ");
    if more > 0 {
        listed.push_str(&format!(" or one of {more} more"));
    }
    let only = if operator.negated { "no" } else { "only" };
    (!listed.is_empty())
        .then(|| Remark { text: format!("{only} {noun} that {verb} {listed}"), at: at.map_or(Span::default(), |text| text.span) })
}

/// The clause of an advanced selector; none if it certainly logs nothing of the bucket's objects.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html>
fn advanced<'a>(
    trail: usize,
    selector: &'a AdvancedSelector,
    target: &Target<'_>,
    pool: &mut Vec<Pattern>,
) -> Option<Clause<'a>> {
    let mut clause = Clause::new(trail);
    let named = |name: &str| selector.fields.iter().any(|field| field.field.as_ref().and_then(Text::as_known) == Some(name));
    let unknown = selector.fields.iter().filter_map(|field| field.field.as_ref()).any(|field| field.as_known().is_none());
    if !(unknown || named("eventCategory") && named("resources.type")) {
        return None;
    }
    for field in &selector.fields {
        let name = field.field.as_ref()?;
        match name.as_known() {
            None => {
                clause.sure = false;
                clause.doubt(name);
            }
            Some(_) if field.conditions.is_empty() => return None,
            Some("eventCategory") => constant(&mut clause, field, "Data")?,
            Some("resources.type") => constant(&mut clause, field, "AWS::S3::Object")?,
            Some("eventSource") => constant(&mut clause, field, "s3.amazonaws.com")?,
            Some("readOnly") => read_only(&mut clause, field),
            Some("eventName") => event_name(&mut clause, field),
            Some("resources.ARN") => arn(&mut clause, field, target, pool)?,
            Some(other) => caller(&mut clause, field, other)?,
        }
    }
    Some(clause)
}

/// A field that has one value for all S3 object events; none if that value does not pass.
fn constant(clause: &mut Clause<'_>, field: &FieldSelector, value: &str) -> Option<()> {
    match all(field.conditions.iter().map(|condition| passes(condition, value))) {
        Some(true) => Some(()),
        Some(false) => None,
        None => {
            clause.sure = false;
            doubt_values(clause, field);
            Some(())
        }
    }
}

fn doubt_values(clause: &mut Clause<'_>, field: &FieldSelector) {
    let values = field.conditions.iter().flat_map(|condition| &condition.values);
    for value in values.filter(|value| value.as_known().is_none()) {
        clause.doubt(value);
    }
}

fn read_only(clause: &mut Clause<'_>, field: &FieldSelector) {
    for (at, class) in Class::ALL.iter().enumerate() {
        let passing = field.conditions.iter().map(|condition| passes(condition, class.read_only()));
        clause.classes[at] = all([clause.classes[at], all(passing)].into_iter());
    }
    doubt_values(clause, field);
    clause.class_limit = only_class(clause.classes, field.span);
}

fn event_name<'a>(clause: &mut Clause<'a>, field: &'a FieldSelector) {
    for condition in &field.conditions {
        clause.events.push(condition);
        let shown = condition.values.iter().map(Text::to_string).collect();
        clause
            .limits
            .extend(condition.operator.and_then(|operator| limit("event names", operator, shown, condition.values.first())));
    }
    doubt_values(clause, field);
}

fn arn(clause: &mut Clause<'_>, field: &FieldSelector, target: &Target<'_>, pool: &mut Vec<Pattern>) -> Option<()> {
    for condition in &field.conditions {
        let operator = condition.operator?;
        let reaches: Vec<_> = condition.values.iter().map(|value| (value, target.advanced(operator.test, value))).collect();
        if !add_keys(clause, operator, &reaches, target.name, pool) {
            return None;
        }
    }
    Some(())
}

/// A field that differs from call to call, such as `userIdentity.arn`.
fn caller(clause: &mut Clause<'_>, field: &FieldSelector, name: &str) -> Option<()> {
    for condition in &field.conditions {
        let operator = condition.operator?;
        let shown = condition.values.iter().map(Text::to_string).collect();
        clause.limits.extend(limit(&format!("`{name}` values"), operator, shown, condition.values.first()));
        clause.limited = true;
        clause.names_what_passes &= !operator.negated;
    }
    Some(())
}
