//! Facts about CloudTrail: trails, their selectors' faults, and what is logged of each bucket.

use super::Scene;
use super::fact::{Fact, title};
use super::{gap, reference, sight};
use crate::edit::{Applicability, Edit, Fix};
use crate::finding::Label;
use crate::inventory::FoundTrail;
use crate::link::LinkedBucket;
use crate::outcome::CoverageLine;
use crate::paste::Style;
use crate::source::Span;
use crate::syntax::node::Node;
use crate::text::Text;
use crate::trail::Target;
use crate::trail::coverage::{Cover, Coverage, coverage as covers};
use crate::trail::fault::faults;
use crate::trail::selector::{AdvancedSelector, FieldSelector, Selectors, Ternary, Trail};
use serde_json::json;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The trails of which something is to be said.
pub(super) fn asked<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a FoundTrail> {
    let scene = *scene;
    scene.inventory.trails.iter().filter(move |found| scene.asks(found.file))
}

/// `$.trails`: one for each trail, reported at `IsLogging` where that is written.
pub(super) fn trails(scene: &Scene<'_>) -> Vec<Node> {
    let each = asked(scene).map(|found| {
        let (span, logging, reason) = match &found.trail.logging {
            Ternary::Yes(at) => (*at, "yes", None),
            Ternary::No(at) => (*at, "no", None),
            Ternary::Unknown { why, at } => (*at, "unknown", Some(why.to_string())),
        };
        let is_hcl = Style::of(scene.sources.get(found.trail.span.file)).is_hcl();
        Fact::at(span)
            .text("name", name(found))
            .text("switch", if is_hcl { "enable_logging = true" } else { "IsLogging: true" })
            .text("file", scene.sources.get(found.file).path.as_ref())
            .text("logging", logging)
            .flag("required", scene.profile.logged)
            .maybe("reason", reason)
            .fix(switched_on(scene, found, span))
            .flag("data_events", !found.trail.selectors.basic.is_empty() || !found.trail.selectors.advanced.is_empty())
            .node()
    });
    each.collect()
}

/// `true` for the value of a trail that is off, where that is written in the trail itself.
fn switched_on(scene: &Scene<'_>, found: &FoundTrail, value: Span) -> Option<Fix> {
    let source = scene.sources.get(value.file);
    let style = Style::of(source);
    let written = source.slice(value).trim_matches(['"', '\'']).eq_ignore_ascii_case("false");
    // what a trail logs costs, so that somebody has to want it
    let edit = || Fix::new(Applicability::Unsafe, style.value_edit(&json!(true), value));
    (written && found.logical_id.is_some() && !style.is_escaped()).then(edit)
}

/// What to call a trail: its logical ID, or its name where it has none.
pub(super) fn name(found: &FoundTrail) -> String {
    found.logical_id.as_ref().map_or_else(|| found.trail.name.to_string(), ToString::to_string)
}

/// `$.selectors`: one for each fault of a selector, reported at the value to change.
pub(super) fn selectors(scene: &Scene<'_>) -> Vec<Node> {
    let each = asked(scene).flat_map(|found| {
        let (style, template) = (Style::of(scene.sources.get(found.trail.span.file)), found.logical_id.is_some());
        faults(&found.trail).into_iter().map(move |fault| {
            // a value may be from elsewhere; the operator before it is not
            let is_it = |text: &&Text| text.span == fault.span && text.to_string() == fault.value;
            let member = fault.suggestion.as_ref().is_some_and(|text| text.contains(": ["));
            let text = found.trail.selectors.texts().find(is_it).filter(|text| !member && text.place() != text.span);
            let write = fault.suggestion.map(|new| match text.and_then(|text| Some((text.place(), text.replaced(&new)?))) {
                Some((place, whole)) => Style::of(scene.sources.get(place.file)).value_edit(&json!(whole), place),
                None => Edit { span: fault.span, text: style.replacement(&new, template) },
            });
            // where another operator goes beside this one, more is to be changed than the value; and others may use one that
            // stands elsewhere
            let exact = !fault.beside && template && text.is_none() && !style.is_escaped();
            // all buckets there are cost
            let whole = write.as_ref().is_some_and(|edit| edit.text.trim_matches('"').ends_with(":s3"));
            let applicability = if whole { Applicability::Unsafe } else { Applicability::Safe };
            let fix = write.clone().filter(|_| exact).map(|edit| Fix::new(applicability, edit));
            text.map_or_else(|| Fact::at(fault.span), Fact::on)
                .text("trail", name(found))
                .text("value", fault.value.as_str())
                .text("problem", fault.problem.as_str())
                .flag("rejected", fault.rejected)
                .flag("unconfirmed", fault.unconfirmed)
                .maybe("paste", write.map(|write| format!("{}: {}", if fault.beside { BESIDE } else { "write" }, write.text)))
                .fix(fix)
                .node()
        })
    });
    each.collect()
}

/// What to do with a value of several that takes another operator.
const BESIDE: &str = "take it out, and add beside the operator";

/// The trails as every bucket's coverage needs them.
pub(super) struct Recorders<'a> {
    trails: &'a [FoundTrail],
    /// All of them switched on, where one is off.
    on: Option<Vec<Trail>>,
    /// The values that are faulty or stand in a faulty selector.
    faulty: Vec<String>,
    /// Whether a faulty selector is for all buckets.
    all_faulty: bool,
    /// What was found of buckets of one name.
    known: RefCell<BTreeMap<Asked, Vec<(Answers, Coverage)>>>,
}

/// A bucket's name and partition, the trails that see it, by their index, and whether those that are off were taken for on.
type Asked = (SmolStr, SmolStr, Vec<usize>, bool);

/// What names that are not known were taken for, in the order of the questions.
type Answers = Vec<(Text, bool)>;

impl<'a> Recorders<'a> {
    pub(super) fn new(scene: &Scene<'a>) -> Self {
        let trails = scene.inventory.trails.as_slice();
        let on = |found: &FoundTrail| match found.trail.logging {
            Ternary::No(at) => Trail { logging: Ternary::Yes(at), ..found.trail.clone() },
            _ => found.trail.clone(),
        };
        let off = trails.iter().any(|found| matches!(found.trail.logging, Ternary::No(_)));
        let on = off.then(|| trails.iter().map(on).collect());
        let (faulty, all): (Vec<_>, Vec<_>) = trails.iter().map(|found| faulty_values(&found.trail)).unzip();
        let (faulty, all_faulty) = (faulty.into_iter().flatten().collect(), all.contains(&true));
        Self { trails, on, faulty, all_faulty, known: RefCell::default() }
    }

    /// What `trails`, which are those `seeing` the bucket, log of it. Buckets of one name differ at most in what names that are
    /// not known may be.
    fn logged(&self, scene: &Scene<'_>, bucket: &LinkedBucket, trails: &[&Trail], (seeing, on): (Vec<usize>, bool)) -> Coverage {
        let target = &bucket.target;
        let Some(name) = target.name.as_known() else { return logged(scene, trails, bucket) };
        let asked = (SmolStr::from(name), target.partition.clone(), seeing, on);
        let may_be = |name: &Text| scene.joins.may_be(name, bucket);
        let same = |(answers, _): &&(Answers, Coverage)| answers.iter().all(|(name, answer)| may_be(name) == *answer);
        if let Some((_, known)) = self.known.borrow().get(&asked).and_then(|all| all.iter().find(same)) {
            return known.clone();
        }
        let answers = RefCell::new(Answers::new());
        let asking = |name: &Text| {
            let answer = may_be(name);
            answers.borrow_mut().push((name.clone(), answer));
            answer
        };
        let found = covers(trails, &Target { name: &target.name, partition: &target.partition, may_be: &asking });
        self.known.borrow_mut().entry(asked).or_default().push((answers.into_inner(), found.clone()));
        found
    }

    /// Whether a faulty selector is for this bucket.
    fn fault_names(&self, bucket: &LinkedBucket) -> bool {
        let name = bucket.target.name.to_string();
        // where `Fn::Sub` was forgotten, the bucket is named by its logical ID
        let id = bucket.reference.logical_id.as_deref();
        let refers =
            |value: &str| id.is_some_and(|id| value.contains(&format!("${{{id}}}")) || value.contains(&format!("${{{id}.")));
        self.all_faulty || self.faulty.iter().any(|value| mentions(value, &name) || refers(value))
    }
}

/// The `$.coverage` fact of a bucket, what reports say of it, and what it takes for granted.
pub(super) fn coverage(scene: &Scene<'_>, bucket: &LinkedBucket, recorders: &Recorders<'_>) -> (Node, CoverageLine, Vec<String>) {
    let trails = recorders.trails;
    let (seeing, blind) = sight::seeing(scene, bucket);
    let indexes = || seeing.iter().map(|(at, _)| *at).collect::<Vec<_>>();
    let actual: Vec<&Trail> = seeing.iter().map(|(_, trail)| &**trail).collect();
    let as_written = seeing.iter().all(|(_, trail)| matches!(trail, Cow::Borrowed(_)));
    let mut actual = match as_written {
        true => recorders.logged(scene, bucket, &actual, (indexes(), false)),
        false => logged(scene, &actual, bucket),
    };
    actual.trails = actual.trails.into_iter().map(|at| seeing[at].0).collect();
    let names = actual.trails.iter().map(|&at| name(&trails[at])).collect();
    let nearest = gap::nearest(scene, bucket, seeing.iter().map(|(at, _)| *at));
    let unseen = gap::unseen(scene, bucket, nearest);
    let word = |cover: &Cover| if unseen { "unknown" } else { word(cover) };
    let line = CoverageLine { read: word(&actual.read), write: word(&actual.write), trails: names };
    let missed = blind.into_iter().any(|at| sight::adds(scene, bucket, &seeing, at));
    let switched_on = |on: &Vec<Trail>| {
        let on: Vec<&Trail> = seeing.iter().map(|(at, _)| &on[*at]).collect();
        recorders.logged(scene, bucket, &on, (indexes(), true))
    };
    let on = recorders.on.as_ref().map(switched_on);
    let switched_off = on.is_some_and(|on| (on.read, on.write) != (actual.read.clone(), actual.write.clone()));
    let assumptions = sight::assumptions(scene, bucket, actual.trails.iter().copied());
    (fact(scene, bucket, &actual, &line, (recorders, nearest), unseen || missed || switched_off), line, assumptions)
}

/// What `trails` log of a bucket.
pub(super) fn logged(scene: &Scene<'_>, trails: &[&Trail], bucket: &LinkedBucket) -> Coverage {
    let may_be = |name: &Text| scene.joins.may_be(name, bucket);
    covers(trails, &Target { name: &bucket.target.name, partition: &bucket.target.partition, may_be: &may_be })
}

fn fact(
    scene: &Scene<'_>,
    bucket: &LinkedBucket,
    actual: &Coverage,
    line: &CoverageLine,
    (recorders, nearest): (&Recorders<'_>, Option<&FoundTrail>),
    unused: bool,
) -> Node {
    let trails = recorders.trails;
    let (why, lost_event, at) = limits(actual, trails, bucket);
    let lost = reference::hides(scene, bucket) || at.is_some_and(|at| reference::breaks(scene, at));
    let fact = Fact::at(at.unwrap_or(bucket.span))
        .bucket(bucket)
        .text("read", line.read)
        .text("write", line.write)
        .text("logged", if line.read == "none" && line.write == "none" { "none" } else { overall(line) })
        .texts("trails", line.trails.iter().map(String::as_str))
        .number("trail_count", trails.len())
        .flag("trail_elsewhere", scene.trail_elsewhere)
        .flag("explained", overall(line) != "full" && (lost || unused || recorders.fault_names(bucket)))
        .flag("required", scene.profile.logged)
        .maybe("reason", why)
        .maybe("example", lost_event.as_ref().map(|event| format!("for example {event} is not logged")))
        .related(
            nearest
                .map(|found| Label {
                    span: found.trail.span,
                    message: format!("this trail does not log {}", title(&bucket.reference)),
                })
                .filter(|_| at.is_none()),
        );
    let fact = match lost_event.as_deref().and_then(|event| unlogged(event, bucket)) {
        Some(request) => fact.inner("witness", request),
        None => fact,
    };
    gap::told(fact, scene, bucket, nearest).node()
}

/// The request behind an event such as `s3:GetObject on lab-data/x`, by whomever.
fn unlogged(event: &str, bucket: &LinkedBucket) -> Option<Fact> {
    let (action, object) = event.split_once(" on ")?;
    let arn = format!("arn:{}:s3:::{object}", bucket.target.partition);
    Some(Fact::at(bucket.span).text("action", action).text("resource", arn).text("principal", "*"))
}

fn word(cover: &Cover) -> &'static str {
    match cover {
        Cover::Full => "full",
        Cover::Partial { .. } => "partial",
        Cover::None => "none",
        Cover::Unknown { .. } => "unknown",
    }
}

/// Both classes in one word.
fn overall(line: &CoverageLine) -> &'static str {
    match (line.read, line.write) {
        ("full", "full") => "full",
        ("unknown", _) | (_, "unknown") => "unknown",
        _ => "partial",
    }
}

/// Why coverage is not full, with an event that is not logged and the value that limits.
fn limits(actual: &Coverage, trails: &[FoundTrail], bucket: &LinkedBucket) -> (Option<String>, Option<String>, Option<Span>) {
    let both = [(&actual.read, &actual.write, "write"), (&actual.write, &actual.read, "read")];
    for (cover, other, name) in both {
        match cover {
            Cover::Partial { why, witness, at } => {
                let nothing = if *other == Cover::None { format!("no {name} events are, and ") } else { String::new() };
                return (Some(format!("{nothing}{why}")), witness.clone(), Some(*at));
            }
            Cover::Unknown { why, at } => return (Some(why.clone()), None, Some(*at)),
            Cover::Full | Cover::None => {}
        }
    }
    let any = |event: &str| Some(format!("s3:{event} on {}/x", bucket.target.name));
    match (&actual.read, &actual.write) {
        (Cover::Full, Cover::None) => (Some("only read events are logged".into()), any("PutObject"), one_class(actual, trails)),
        (Cover::None, Cover::Full) => (Some("only write events are logged".into()), any("GetObject"), one_class(actual, trails)),
        _ => (None, None, None),
    }
}

/// The value that keeps the trails which log the bucket to reads, or to writes.
fn one_class(actual: &Coverage, trails: &[FoundTrail]) -> Option<Span> {
    let only = |found: &FoundTrail| {
        let trail = &found.trail;
        let basic = trail.selectors.basic.iter().filter_map(|selector| selector.read_write.as_ref());
        let basic = basic.filter(|text| text.as_known() != Some("All")).map(|text| text.span);
        let fields = trail.selectors.advanced.iter().flat_map(|selector| &selector.fields);
        let class = fields.filter(|field| field.field.as_ref().and_then(|name| name.as_known()) == Some("readOnly"));
        let advanced = class.flat_map(|field| &field.conditions).flat_map(|condition| &condition.values);
        basic.chain(advanced.map(|value| value.span)).next()
    };
    actual.trails.iter().filter_map(|&at| trails.get(at)).find_map(only)
}

/// The values that are faulty, or that stand in a faulty selector, and whether one of those is for all buckets.
fn faulty_values(trail: &Trail) -> (Vec<String>, bool) {
    let Selectors { basic, advanced } = &trail.selectors;
    let faults: Vec<Span> = faults(trail).into_iter().map(|fault| fault.span).collect();
    // of two kinds of selectors either may be the one that is kept
    let both = !basic.is_empty() && !advanced.is_empty();
    let within = |whole: Span| both || faults.iter().any(|at| whole.contains(*at));
    let basic = basic.iter().filter(|selector| within(selector.span)).flat_map(|selector| &selector.data);
    let basic = basic.flat_map(|resource| &resource.values);
    let advanced = advanced.iter().filter(|selector| within(selector.span));
    let whole =
        basic.clone().any(|value| value.to_string().trim_end_matches(':').ends_with(":s3")) || advanced.clone().any(is_for_all);
    let conditions = advanced.flat_map(|selector| &selector.fields).flat_map(|field| &field.conditions);
    (basic.chain(conditions.flat_map(|condition| &condition.values)).map(ToString::to_string).collect(), whole)
}

/// Whether a selector may be for the objects of all buckets: it is not for management events, and names no ARN.
fn is_for_all(selector: &AdvancedSelector) -> bool {
    let field = |name: &'static str| {
        let named = move |field: &&FieldSelector| field.field.as_ref().and_then(Text::as_known) == Some(name);
        selector.fields.iter().filter(named).flat_map(|field| &field.conditions).flat_map(|condition| &condition.values)
    };
    let management = field("eventCategory").any(|value| value.as_known() == Some("Management"));
    !management && field("resources.ARN").next().is_none()
}

/// Whether a value holds a bucket's whole name.
fn mentions(value: &str, name: &str) -> bool {
    let part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
    let whole = |at: usize| {
        let (before, after) = (&value[..at], &value[at + name.len()..]);
        !before.ends_with(part) && !after.starts_with(part)
    };
    !name.is_empty() && value.match_indices(name).any(|(at, _)| whole(at))
}
