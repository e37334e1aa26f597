//! Which of a bucket's object events trails log: all, some, none, or not to be told.

use super::clause::{Clause, KeyTest, all, any, clauses};
use super::events::{Class, is_listed};
use super::reach::{Target, exact, letters};
use super::selector::{Condition, Test, Trail};
use bucketlint_text::language::{Budget, Found, Letter, Matches, Pattern, Token, find_within};
use bucketlint_text::source::Span;
use bucketlint_text::text::Text;
use std::collections::{BTreeSet, HashMap};

/// How far one class of a bucket's object events is logged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cover {
    /// Every event on every key.
    Full,
    /// Some events certainly, and some certainly not.
    Partial {
        /// What each trail logs, in words.
        why: String,
        /// An event that is not logged, such as `s3:GetObject on lab-data/x`; none if no known event tells it.
        witness: Option<String>,
        /// The first selector value that limits.
        at: Span,
    },
    /// No event.
    None,
    /// Cannot be told.
    Unknown {
        /// Why not.
        why: String,
        /// The value it depends on.
        at: Span,
    },
}

/// What trails log of one bucket's object events.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coverage {
    /// Read events such as `GetObject`.
    pub read: Cover,
    /// Write events such as `PutObject`.
    pub write: Cover,
    /// Indexes of the trails that certainly log some of it.
    pub trails: Vec<usize>,
}

/// What all `trails` together log of the objects of `bucket`.
///
/// An event is logged if any selector of any trail that is logging takes it. In place of a partition such as
/// `${AWS::Partition}`, any symbol stands for that of the bucket. Regions and accounts are left to the caller: a trail sees
/// only its own Region unless it is multi-Region, and only its own account's calls on other accounts' buckets.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>
pub fn coverage(trails: &[&Trail], bucket: &Target<'_>) -> Coverage {
    let (clauses, patterns) = clauses(trails, bucket);
    let budget = Budget::of(QUESTIONS);
    let question =
        Question { trails, bucket: bucket.name, clauses: clauses.iter().collect(), patterns: &patterns, budget: &budget };
    let logs = |trail: &usize| {
        let own: Vec<_> = clauses.iter().filter(|clause| clause.trail == *trail).collect();
        let alone = Question { clauses: own, ..question };
        !alone.clauses.is_empty() && Class::ALL.iter().any(|class| alone.evidence(*class).logged)
    };
    Coverage {
        read: question.cover(Class::Read),
        write: question.cover(Class::Write),
        trails: (0..trails.len()).filter(logs).collect(),
    }
}

/// Whether a trail logs the writing of its own log files, `[prefix/]AWSLogs/…` in `bucket`; `None` where that cannot be told.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-find-log-files.html>
pub fn logs_deliveries(trail: &Trail, bucket: &Target<'_>, prefix: Option<&Text>) -> Option<bool> {
    let (clauses, patterns) = clauses(&[trail], bucket);
    let states = clauses.iter().map(|clause| (clause, state(clause, Class::Write, Some("PutObject"))));
    let active: Active<'_> = states.filter(|(_, state)| *state != Some(false)).collect();
    let mut start = prefix.cloned().unwrap_or_default();
    start.push_str(if prefix.is_some() { "/AWSLogs/" } else { "AWSLogs/" });
    let keys = exact(&letters(&start)).then(&Pattern(vec![Token::One, Token::Many]));
    match solve(&active, &patterns, &keys, &Budget::default()) {
        Evidence { logged: true, .. } => Some(true),
        Evidence { loggable: false, .. } => Some(false),
        _ => None,
    }
}

struct Question<'a> {
    trails: &'a [&'a Trail],
    bucket: &'a Text,
    clauses: Vec<&'a Clause<'a>>,
    patterns: &'a [Pattern],
    /// The work that may be done for one bucket.
    budget: &'a Budget,
}

/// So many questions about keys may be as hard as one may be alone.
const QUESTIONS: usize = 8;

/// So many event names that are not S3's are asked for at most: CloudTrail takes 500 values in the selectors of a trail.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
const MAX_ODD_NAMES: usize = 500;

/// What was found of one class, or of one event name.
#[derive(Clone, Default)]
struct Evidence {
    /// An event that is certainly not logged: its name, where one is known, and its key.
    gap: Option<(Option<String>, Vec<Letter>)>,
    /// Some event is not certainly logged.
    unproven: bool,
    /// Some event is certainly logged.
    logged: bool,
    /// Some event is possibly logged.
    loggable: bool,
    /// A name in a selector that is not known to be an S3 object event, where that made a difference.
    odd_name: Option<(String, Span)>,
}

/// The clauses that may log events of one name, and whether that is certain.
type Active<'a> = Vec<(&'a Clause<'a>, Option<bool>)>;

impl Question<'_> {
    fn cover(&self, class: Class) -> Cover {
        let found = self.evidence(class);
        match found {
            Evidence { unproven: false, .. } => Cover::Full,
            Evidence { loggable: false, .. } => Cover::None,
            Evidence { gap: Some((name, key)), logged: true, .. } => self.partial(class, name, &key),
            _ => self.unknown(class, found.odd_name),
        }
    }

    fn evidence(&self, class: Class) -> Evidence {
        let mut total = Evidence::default();
        let mut solved: Vec<(Vec<Option<bool>>, Evidence)> = Vec::new();
        let listed = class.names().iter().map(|name| Some(*name)).chain([None]);
        let mut ask = |name: Option<&str>| -> Evidence {
            let states: Vec<Option<bool>> = self.clauses.iter().map(|clause| state(clause, class, name)).collect();
            if let Some((_, known)) = solved.iter().find(|(known, _)| *known == states) {
                return known.clone();
            }
            let active = self.clauses.iter().copied().zip(states.iter().copied()).filter(|(_, state)| *state != Some(false));
            let keys = Pattern(vec![Token::One, Token::Many]);
            let found = solve(&active.collect(), self.patterns, &keys, self.budget);
            solved.push((states, found.clone()));
            found
        };
        for name in listed {
            let found = ask(name);
            let named = |(_, key)| (name.map(str::to_string), key);
            total.gap = total.gap.or(found.gap.map(named));
            total.unproven |= found.unproven;
            total.logged |= found.logged;
            total.loggable |= found.loggable;
        }
        let mut seen = BTreeSet::new();
        let odd_names: Vec<(&str, Span)> = self.odd_names().filter(|(name, _)| seen.insert(*name)).collect();
        if odd_names.len() > MAX_ODD_NAMES {
            (total.unproven, total.loggable) = (true, true);
        }
        for (name, at) in odd_names.into_iter().take(MAX_ODD_NAMES) {
            let found = ask(Some(name));
            if (found.unproven && !total.unproven) || (found.loggable && !total.loggable) {
                total.odd_name = total.odd_name.or(Some((name.to_string(), at)));
            }
            total.unproven |= found.unproven;
            total.loggable |= found.loggable;
        }
        total
    }

    /// Event names in selectors that are not known to be S3's.
    fn odd_names(&self) -> impl Iterator<Item = (&str, Span)> {
        let whole = |condition: &&Condition| condition.operator.is_some_and(|operator| operator.test == Test::Equals);
        let conditions = self.clauses.iter().flat_map(|clause| &clause.events).flat_map(|field| &field.conditions).filter(whole);
        let values = conditions.flat_map(|condition| &condition.values);
        values.filter_map(|value| Some((value.as_known()?, value.span))).filter(|(name, _)| !is_listed(name))
    }

    fn partial(&self, class: Class, name: Option<String>, key: &[Letter]) -> Cover {
        let key: String = key
            .iter()
            .map(|letter| match letter {
                Letter::Char(letter) => *letter,
                Letter::Sym(_) => '…',
            })
            .collect();
        let witness = name.map(|name| format!("s3:{name} on {}/{key}", self.bucket));
        let mut at = None;
        let mut sentences = Vec::new();
        for (number, trail) in self.trails.iter().enumerate() {
            let own = self.clauses.iter().filter(|clause| clause.trail == number && clause.sure);
            let shown = own.filter_map(|clause| {
                let limits: Vec<_> = match (clause.classes[class as usize], &clause.class_limit) {
                    (Some(false), only) => only.iter().collect(),
                    _ => clause.limits.iter().collect(),
                };
                at = at.or(limits.first().map(|limit| limit.at));
                let texts: Vec<&str> = limits.iter().map(|limit| limit.text.as_str()).collect();
                (!texts.is_empty()).then(|| texts.join(" and "))
            });
            let mut shown: Vec<String> = shown.collect();
            shown.dedup();
            if !shown.is_empty() {
                sentences.push(format!("trail `{}` logs {}", trail.title(), shown.join(", or ")));
            }
        }
        let fallback = self.clauses.first().map_or(self.bucket.span, |clause| self.trails[clause.trail].span);
        Cover::Partial { why: sentences.join("; "), witness, at: at.unwrap_or(fallback) }
    }

    fn unknown(&self, class: Class, odd_name: Option<(String, Span)>) -> Cover {
        let relevant = self.clauses.iter().filter(|clause| clause.classes[class as usize] != Some(false));
        let doubt = relevant.flat_map(|clause| clause.doubts.iter().map(|doubt| (clause.trail, doubt))).next();
        match (doubt, odd_name) {
            (Some((trail, doubt)), _) => {
                let name = self.trails[trail].title();
                Cover::Unknown { why: format!("what trail `{name}` logs cannot be told, since {}", doubt.text), at: doubt.at }
            }
            (None, Some((name, at))) => {
                Cover::Unknown { why: format!("whether `{name}` is an event on S3 objects is not known"), at }
            }
            (None, None) if self.clauses.iter().any(|clause| clause.limited) => {
                let at = self.trails[self.clauses[0].trail].span;
                Cover::Unknown { why: "whether the conditions on callers together let every call pass is not known".into(), at }
            }
            (None, None) => Cover::Unknown { why: "the selectors are too many to compare".into(), at: self.bucket.span },
        }
    }
}

/// Whether a clause logs events of this class and name, keys aside.
fn state(clause: &Clause<'_>, class: Class, name: Option<&str>) -> Option<bool> {
    let sure = if clause.sure { Some(true) } else { None };
    all([sure, clause.classes[class as usize], clause.passes_event(name)].into_iter())
}

/// What clauses that log the same keys have in common: whether they certainly log events of the name, whether they are
/// limited otherwise, and their conditions on keys.
type Alike = (bool, bool, BTreeSet<KeyTest>);

/// Looks at all keys of a set for events of one name.
fn solve(active: &Active<'_>, patterns: &[Pattern], key: &Pattern, budget: &Budget) -> Evidence {
    let limited: Vec<&&Clause<'_>> = active.iter().map(|(clause, _)| clause).filter(|clause| clause.limited).collect();
    // one limit, or limits that each name what they let pass, leave a caller no one logs
    let outsider = limited.len() < 2 || limited.iter().all(|clause| clause.names_what_passes);
    // most trails of a repository log the same
    let (mut used, mut numbers): (Vec<&Pattern>, HashMap<&Pattern, usize>) = Default::default();
    let mut number = |pattern: usize| {
        *numbers.entry(&patterns[pattern]).or_insert_with(|| {
            used.push(&patterns[pattern]);
            used.len() - 1
        })
    };
    let mut alike = |(clause, state): &(&Clause<'_>, Option<bool>)| -> Alike {
        (*state == Some(true), clause.limited, clause.keys.iter().map(|test| test.renumbered(&mut number)).collect())
    };
    let active: BTreeSet<Alike> = active.iter().map(&mut alike).collect();
    let logs = |sure: bool, limits: bool, matches: Matches<'_>| {
        let taken = active.iter().filter(|(certain, limited, _)| (!sure || *certain) && (limits || !limited));
        any(taken.map(|(_, _, keys)| all(keys.iter().map(|test| test.passes(sure, matches)))))
    };
    let not = |answer: Option<bool>| answer.map(|yes| !yes);
    let missed = find_within(budget, &used, key, |matches| not(logs(false, !outsider, matches)));
    let doubtful = find_within(budget, &used, key, |matches| not(logs(true, false, matches)));
    let taken = find_within(budget, &used, key, |matches| logs(true, true, matches));
    let possible = find_within(budget, &used, key, |matches| logs(false, true, matches));
    let gap = match missed {
        Found::Word(word) => Some((None, word)),
        Found::None | Found::TooComplex => None,
    };
    Evidence {
        gap,
        unproven: doubtful != Found::None,
        logged: matches!(taken, Found::Word(_)),
        loggable: possible != Found::None,
        odd_name: None,
    }
}
