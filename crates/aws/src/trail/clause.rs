//! What each selector of each trail logs of one bucket, as conditions over class, event name and key.

use super::events::Class;
use super::reach::{Reach, Target, letters, loose};
use super::selector::{AdvancedSelector, BasicSelector, Condition, FieldSelector, Operator, Ternary, Test, Trail};
use bucketlint_text::language::{Letter, Matches, Pattern, Token};
use bucketlint_text::source::Span;
use bucketlint_text::text::{SymbolKind, Text};

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
    /// Fields on the event's name.
    pub(super) events: Vec<&'a FieldSelector>,
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
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct KeyTest {
    negated: bool,
    sure: Vec<usize>,
    maybe: Vec<usize>,
}

impl KeyTest {
    /// Whether it lets a key pass, certainly (`sure`) or possibly.
    pub(super) fn passes(&self, sure: bool, matches: Matches<'_>) -> Option<bool> {
        let patterns = if sure != self.negated { &self.sure } else { &self.maybe };
        let hit = any(patterns.iter().map(|pattern| matches.of(*pattern)));
        hit.map(|hit| hit != self.negated)
    }

    /// The same with other numbers, each once.
    pub(super) fn renumbered(&self, number: &mut impl FnMut(usize) -> usize) -> Self {
        let mut all = |patterns: &[usize]| {
            let mut all: Vec<usize> = patterns.iter().map(|pattern| number(*pattern)).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        Self { negated: self.negated, sure: all(&self.sure), maybe: all(&self.maybe) }
    }
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

    /// Whether its conditions on the event's name let `name` pass; `None` stands for a name no one has listed.
    pub(super) fn passes_event(&self, name: Option<&str>) -> Option<bool> {
        let passes = |condition: &Condition| match name {
            Some(name) => passes(condition, name),
            None if condition.values.iter().all(|value| value.as_known().is_some()) => {
                Some(condition.operator.is_some_and(|operator| operator.negated))
            }
            None => None,
        };
        all(self.events.iter().map(|field| field_passes(field, passes)))
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
    let letters_of_word: Vec<Letter> = word.chars().map(Letter::Char).collect();
    let many = Pattern(vec![Token::Many]);
    let hit = any(condition.values.iter().map(|value| {
        if let Some(value) = value.as_known() {
            return Some(match test {
                Test::Equals => word == value,
                Test::StartsWith => word.starts_with(value),
                Test::EndsWith => word.ends_with(value),
            });
        }
        let value_pattern = loose(&letters(value));
        let pattern = match test {
            Test::Equals => value_pattern,
            Test::StartsWith => value_pattern.then(&many),
            Test::EndsWith => many.clone().then(&value_pattern),
        };
        // a piece that is not known may be anything
        if pattern.matches(&letters_of_word) { None } else { Some(false) }
    }));
    hit.map(|hit| hit != negated)
}

/// The conditions of a field that name what passes, of which one is enough, and the others, which all have to let it pass:
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html#filtering-data-events-conditions>.
fn groups(field: &FieldSelector) -> (Vec<&Condition>, Vec<&Condition>) {
    field.conditions.iter().partition(|condition| condition.operator.is_some_and(|operator| !operator.negated))
}

/// Whether a field lets a value pass that each of its conditions `passes` or not.
fn field_passes(field: &FieldSelector, passes: impl Fn(&Condition) -> Option<bool>) -> Option<bool> {
    let (naming, others) = groups(field);
    let named = if naming.is_empty() { Some(true) } else { any(naming.into_iter().map(&passes)) };
    all(std::iter::once(named).chain(others.into_iter().map(&passes)))
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
        let reaches: Vec<_> = resource.values.iter().map(|value| (Test::StartsWith, value, target.basic(value))).collect();
        if add_keys(&mut clause, false, &reaches, target.name, pool) {
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
    negated: bool,
    hold: &[(Test, &Text, Reach)],
    bucket: &Text,
    pool: &mut Vec<Pattern>,
) -> bool {
    let mut number = |patterns: &[Pattern]| -> Vec<usize> {
        let start = pool.len();
        pool.extend_from_slice(patterns);
        (start..pool.len()).collect()
    };
    let sure = hold.iter().flat_map(|(_, _, reach)| number(&reach.sure)).collect();
    let maybe: Vec<usize> = hold.iter().flat_map(|(_, _, reach)| number(&reach.maybe)).collect();
    let hits = hold.iter().filter(|(_, _, reach)| !reach.maybe.is_empty());
    for (_, value, _) in hits.clone().filter(|(_, _, reach)| reach.in_doubt()) {
        clause.doubts.push(doubt(value, Some(bucket)));
    }
    let whole = |reach: &Reach| reach.key.is_none() && !reach.in_doubt();
    if !hits.clone().any(|(_, _, reach)| whole(reach)) {
        let shown = hits.clone().filter_map(|(test, _, reach)| Some((*test, reach.key.clone()?))).collect();
        clause.limits.extend(limit("keys", negated, shown, hits.clone().map(|(_, value, _)| *value).next()));
    }
    let possible = negated || !maybe.is_empty();
    clause.keys.push(KeyTest { negated, sure, maybe });
    possible
}

/// "only keys that are `a` or begin with `raw/` or `tmp/`"; none without values.
fn limit(noun: &str, negated: bool, mut values: Vec<(Test, String)>, at: Option<&Text>) -> Option<Remark> {
    let more = values.len().saturating_sub(4);
    values.truncate(4);
    let verbs = [(Test::Equals, "are"), (Test::StartsWith, "begin with"), (Test::EndsWith, "end with")];
    let listed = verbs.into_iter().filter_map(|(test, verb)| {
        let own = values.iter().filter(|(own, _)| *own == test).map(|(_, value)| format!("`{value}`"));
        let own = own.collect::<Vec<_>>().join(" or ");
        (!own.is_empty()).then(|| format!("{verb} {own}"))
    });
    let mut listed = listed.collect::<Vec<_>>().join(" or ");
    if more > 0 {
        listed.push_str(&format!(" or one of {more} more"));
    }
    let only = if negated { "no" } else { "only" };
    (!listed.is_empty())
        .then(|| Remark { text: format!("{only} {noun} that {listed}"), at: at.map_or(Span::default(), |text| text.span) })
}

/// A [`limit`] for each negated condition of a field, and one for the others together.
fn limits(noun: &str, field: &FieldSelector) -> Vec<Remark> {
    let shown = |condition: &&Condition| {
        let test = condition.operator.map(|operator| operator.test);
        condition.values.iter().filter_map(|value| Some((test?, value.to_string()))).collect::<Vec<_>>()
    };
    let (naming, others) = groups(field);
    let first = naming.iter().flat_map(|condition| &condition.values).next();
    let named = limit(noun, false, naming.iter().flat_map(shown).collect(), first);
    let others = others.iter().filter_map(|condition| limit(noun, true, shown(condition), condition.values.first()));
    named.into_iter().chain(others).collect()
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
    match field_passes(field, |condition| passes(condition, value)) {
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
        let passing = field_passes(field, |condition| passes(condition, class.read_only()));
        clause.classes[at] = all([clause.classes[at], passing].into_iter());
    }
    doubt_values(clause, field);
    clause.class_limit = only_class(clause.classes, field.span);
}

fn event_name<'a>(clause: &mut Clause<'a>, field: &'a FieldSelector) {
    clause.events.push(field);
    clause.limits.extend(limits("event names", field));
    doubt_values(clause, field);
}

fn arn(clause: &mut Clause<'_>, field: &FieldSelector, target: &Target<'_>, pool: &mut Vec<Pattern>) -> Option<()> {
    let (naming, others) = groups(field);
    let mut add = |negated: bool, conditions: &[&Condition]| {
        let mut reaches = Vec::new();
        for condition in conditions {
            let test = condition.operator?.test;
            reaches.extend(condition.values.iter().map(|value| (test, value, target.advanced(test, value))));
        }
        add_keys(clause, negated, &reaches, target.name, pool).then_some(())
    };
    if !naming.is_empty() {
        add(false, &naming)?;
    }
    others.iter().try_for_each(|condition| add(true, &[condition]))
}

/// A field that differs from call to call, such as `userIdentity.arn`.
fn caller(clause: &mut Clause<'_>, field: &FieldSelector, name: &str) -> Option<()> {
    let (_, others) = groups(field);
    if others.iter().any(|condition| condition.operator.is_none()) {
        return None;
    }
    clause.limits.extend(limits(&format!("`{name}` values"), field));
    clause.limited = true;
    clause.names_what_passes &= others.is_empty();
    Some(())
}
