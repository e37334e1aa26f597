//! A bucket that no trail logs: which trail leaves it out, and what to add to it.

use super::Scene;
use super::fact::Fact;
use super::trail::name;
use crate::edit::{Applicability, Edit, Fix};
use crate::finding::ITEMS;
use crate::inventory::FoundTrail;
use crate::link::LinkedBucket;
use crate::paste::Style;
use crate::source::{FileId, Span, shared_folders};
use crate::syntax::node::Node;
use crate::text::Text;
use crate::trail::fault::MAX_SELECTORS;
use crate::trail::selector::Selectors;
use serde_json::{Value as Json, json};

/// Of the trails that see a bucket, by their index, the one to change: the nearest in the folders, and of several as near one
/// that logs data events of S3.
pub(super) fn nearest<'a>(
    scene: &Scene<'a>,
    bucket: &LinkedBucket,
    seeing: impl Iterator<Item = usize>,
) -> Option<&'a FoundTrail> {
    let path = |file| &*scene.sources.get(file).path;
    let near = |found: &&FoundTrail| {
        let folders = shared_folders(path(found.file), path(bucket.file));
        (found.file == bucket.file, folders, found.trail.selectors.may_log_objects())
    };
    let trails: Vec<&FoundTrail> = seeing.map(|at| &scene.inventory.trails[at]).collect();
    // the last of several is taken
    trails.into_iter().rev().max_by_key(near)
}

/// Whether a trail that is not seen may log a bucket. As with names that are not known, a place where more may be than is seen
/// is taken for one of the nearest buckets; and a trail that is as near is taken for the only one.
pub(super) fn unseen(scene: &Scene<'_>, bucket: &LinkedBucket, found: Option<&FoundTrail>) -> bool {
    let near = |one: FileId, other: FileId| shared_folders(&scene.sources.get(one).path, &scene.sources.get(other).path);
    scene.index.hidden_trails().iter().any(|&(file, nearest)| {
        let here = near(file, bucket.file);
        nearest.is_none_or(|nearest| here >= nearest) && found.is_none_or(|found| near(found.file, bucket.file) < here)
    })
}

/// Adds to the fact of a bucket what buckets that are left out alike have in common: a trail that logs data events of S3
/// leaves them out, or there is none that does.
pub(super) fn told(fact: Fact, scene: &Scene<'_>, bucket: &LinkedBucket, found: Option<&FoundTrail>) -> Fact {
    let selecting = found.filter(|found| found.trail.selectors.may_log_objects());
    let Selector { into, paste, frame, fix, gathered_fix } = selector_for(scene, bucket, found);
    let declared = if scene.inventory.trails.is_empty() { "no linted file declares a trail that" } else { "no trail" };
    let advice = match selecting {
        Some(_) => "add to",
        None => "if the trails live elsewhere, write `trail: elsewhere` in bucketlint.yaml; otherwise add to",
    };
    let fact = fact
        .text("no_trail", declared)
        .text("advice", advice)
        .text("into", into)
        .text("paste", paste)
        .text("frame", frame)
        .fix(fix)
        .fix_of_all(gathered_fix)
        .text("item", item(scene, bucket, found));
    match selecting.and_then(|found| Some((found, found.trail.selectors.span()?))) {
        Some((found, span)) => {
            let name = format!("trail {}", name(found));
            fact.node_of("selectors", Node::string(span, name.as_str())).text("cause", name)
        }
        None => fact.text("cause", "no trail for data events of S3"),
    }
}

/// The selector that a bucket lacks.
struct Selector {
    /// What to add it to.
    into: String,
    /// The selector in the style of the trail's file and kind.
    paste: String,
    /// The same with a line for each of several buckets.
    frame: String,
    /// The selector as a change of the file, where the trail has others.
    fix: Option<Fix>,
    /// The change for several buckets.
    gathered_fix: Option<Fix>,
}

fn selector_for(scene: &Scene<'_>, bucket: &LinkedBucket, found: Option<&FoundTrail>) -> Selector {
    let style = Style::of(scene.sources.get(found.map_or(bucket.span, |found| found.trail.span).file));
    let advanced = found.is_some_and(|found| !found.trail.selectors.advanced.is_empty());
    let key = if advanced { "AdvancedEventSelectors" } else { "EventSelectors" };
    let last = found.map(|found| &found.trail.selectors).and_then(|all| {
        let span = all.advanced.last().map(|one| one.span);
        span.or(all.basic.last().map(|one| one.span))
    });
    let full = found.filter(|found| found.trail.selectors.basic.len() >= MAX_SELECTORS);
    let open = full.and_then(|found| open_values(&found.trail.selectors));
    let write = |objects: Json| {
        if full.is_some() {
            let Some(at) = open else { return style.inline(&objects) };
            return style.extended("Values", &[objects], at).text;
        }
        let selector = selector(advanced, objects);
        match (found, last) {
            (None, _) => style.added(key, &json!([selector]), bucket.span, 2),
            (Some(_), Some(at)) => style.item(&selector, at),
            (Some(found), None) => {
                let levels = if found.logical_id.is_some() { 2 } else { 0 };
                style.added(key, &json!([selector]), found.trail.span, levels)
            }
        }
    };
    let into = match (found, last) {
        (Some(found), _) if open.is_some() => format!("the Values of a selector of trail {}", name(found)),
        (Some(found), _) if full.is_some() => {
            format!("a selector of trail {}, which has the {MAX_SELECTORS} it may have", name(found))
        }
        (None, _) => "the properties of a trail".into(),
        (Some(found), Some(_)) => format!("the {key} of trail {}", name(found)),
        (Some(found), None) => format!("trail {}", name(found)),
    };
    // the line of one item is that of all; in JSON it is quoted, and others follow
    let framed = |text: &str| text.replace(&format!("\"{ITEMS}\""), &format!("{ITEMS},"));
    // what a command told is no place to change
    let own = bucket.declared.is_some() && found.is_some_and(|found| found.file == bucket.file);
    let named = own || bucket.target.name.as_known().is_some();
    let at = last.filter(|_| named && !style.is_escaped() && found.is_some_and(|found| found.logical_id.is_some()));
    let edit = |objects: Json| match full {
        Some(_) => style.extended_edit("Values", &[objects], at.and(open)?),
        None => style.item_edit(&selector(advanced, objects), at?),
    };
    // what a trail logs costs, so that somebody has to want it
    let fix = |edit: Edit| Fix::new(Applicability::Unsafe, edit);
    let objects = objects(bucket, found);
    let gathered = edit(json!(ITEMS.to_string())).map(|edit| Edit { text: framed(&edit.text), ..edit });
    let alone = |line: &str| line.trim_start_matches([' ', '-']).trim_end_matches(',').chars().eq([ITEMS]);
    Selector {
        into,
        frame: framed(&write(json!(ITEMS.to_string()))),
        fix: edit(objects.clone()).map(fix),
        gathered_fix: gathered.filter(|edit| edit.text.lines().any(alone)).map(fix),
        paste: write(objects),
    }
}

/// The values of a selector that logs all object-level events of the buckets it names.
fn open_values(selectors: &Selectors) -> Option<Span> {
    let is = |text: &Option<Text>, word: &str| text.as_ref().and_then(Text::as_known) == Some(word);
    let all = selectors.basic.iter().filter(|one| one.read_write.is_none() || is(&one.read_write, "All"));
    all.flat_map(|one| &one.data).find(|data| is(&data.kind, "AWS::S3::Object"))?.values_span
}

fn selector(advanced: bool, objects: Json) -> Json {
    if !advanced {
        return json!({ "ReadWriteType": "All", "DataResources": [{ "Type": "AWS::S3::Object", "Values": [objects] }] });
    }
    json!({ "FieldSelectors": [
        { "Field": "eventCategory", "Equals": ["Data"] },
        { "Field": "resources.type", "Equals": ["AWS::S3::Object"] },
        { "Field": "resources.ARN", "StartsWith": [objects] },
    ] })
}

/// How a bucket's objects are named where the trail is, or in the bucket's own template where there is none.
fn objects(bucket: &LinkedBucket, found: Option<&FoundTrail>) -> Json {
    let own = bucket.declared.is_some() && found.is_none_or(|found| found.file == bucket.file);
    match bucket.reference.logical_id.as_deref().filter(|_| own) {
        Some(id) => json!({ "Fn::Sub": format!("${{{id}.Arn}}/") }),
        None if found.is_some() && bucket.target.name.as_known().is_none() => {
            // what the name is made of means nothing in another template
            let id = bucket.reference.logical_id.as_deref().unwrap_or("the bucket");
            json!(format!("arn:{}:s3:::<name of {id}>/", bucket.target.partition))
        }
        None => json!(format!("{}/", bucket.target.arn())),
    }
}

/// The same as one of several. Where there is no trail, they may be of several templates: those with a name go by it, and
/// JSON can be read in YAML as well.
fn item(scene: &Scene<'_>, bucket: &LinkedBucket, found: Option<&FoundTrail>) -> String {
    match found {
        Some(found) => {
            let style = Style::of(scene.sources.get(found.trail.span.file));
            style.inline(&objects(bucket, Some(found)))
        }
        None if bucket.target.name.as_known().is_some() => json!(format!("{}/", bucket.target.arn())).to_string(),
        None => objects(bucket, None).to_string(),
    }
}
