//! What to say of patterns for buckets that have no effect, where others have.

use crate::buckets::{BucketGlobs, is_of};
use crate::facts::Unmatched;
use crate::finding::BucketRef;
use crate::outcome::Outcome;
use crate::source::{Source, Span};
use crate::syntax::fields::nearest;
use crate::syntax::node::Node;

/// Where the patterns are written.
pub(super) enum Written {
    /// `buckets` of the settings, with their text; `whole` tells whether the run looks at all that they are for.
    Settings { source: Source, buckets: Node, whole: bool },
    /// Flags, each a pattern of its own.
    Flags,
}

impl Written {
    /// The place of all patterns in `include`.
    pub(super) fn include(&self, wanted: &BucketGlobs, outcome: &mut Outcome) -> Span {
        let list = match self {
            Self::Settings { buckets, .. } => buckets.get("include").map(|list| list.span),
            Self::Flags => None,
        };
        let places = self.places("include", &wanted.include, outcome);
        let (first, last) = (places.first().copied().unwrap_or_default(), places.last().copied().unwrap_or_default());
        list.map_or(Span { end: last.end, ..first }, |list| Span { file: first.file, ..list })
    }

    fn places(&self, key: &str, globs: &[String], outcome: &mut Outcome) -> Vec<Span> {
        match self {
            Self::Settings { source, buckets, .. } => {
                let file = outcome.sources.push(source.clone());
                let items = buckets.get(key).map(Node::one_or_many).unwrap_or_default();
                items.iter().map(|item| Span { file, ..item.span }).collect()
            }
            Self::Flags => {
                let file = outcome.sources.push(Source::new("--bucket", &globs.join("\n")));
                let mut start = 0;
                let place = |glob: &String| {
                    let span = Span::new(file, start, start + glob.len());
                    start += glob.len() + 1;
                    span
                };
                globs.iter().map(place).collect()
            }
        }
    }

    /// The patterns of `wanted` that are no bucket's, whatever the parameters are, or only of buckets that are left out. Those
    /// of settings may be for what this run does not look at.
    pub(super) fn unmatched(&self, wanted: &BucketGlobs, outcome: &mut Outcome) -> Vec<Unmatched> {
        if outcome.known.is_empty() || matches!(self, Self::Settings { whole: false, .. }) {
            return Vec::new();
        }
        let mut out = Vec::new();
        for (key, globs) in [("include", &wanted.include), ("exclude", &wanted.exclude)] {
            let idle: Vec<(usize, String, String)> = globs
                .iter()
                .enumerate()
                .filter_map(|(at, glob)| told(glob, key, wanted, outcome).map(|(why, fix)| (at, why, fix)))
                .collect();
            if idle.is_empty() {
                continue;
            }
            let places = self.places(key, globs, outcome);
            out.extend(idle.into_iter().filter_map(|(at, message, fix)| {
                Some(Unmatched { at: *places.get(at)?, message, fix, excludes: key == "exclude" })
            }));
        }
        out
    }
}

/// Why a pattern has no effect, and what to do about it.
fn told(glob: &str, key: &str, wanted: &BucketGlobs, outcome: &Outcome) -> Option<(String, String)> {
    let mut named = outcome.known.iter().filter(|bucket| is_of(glob, bucket)).peekable();
    let Some(first) = named.peek().copied() else {
        return Some((format!("no bucket is called `{glob}`"), advice(glob, key, outcome)));
    };
    let left_out = |bucket: &BucketRef| wanted.excluded_by(bucket);
    let by = left_out(first).filter(|_| key == "include" && named.all(|bucket| left_out(bucket).is_some()))?;
    let message = format!("every bucket that `{glob}` names is left out by `{by}`");
    Some((message, format!("take `{by}` out of exclude, or `{glob}` out of include")))
}

fn advice(glob: &str, key: &str, outcome: &Outcome) -> String {
    let buckets = || outcome.known.iter();
    let names: Vec<&str> =
        buckets().flat_map(|bucket| [&bucket.name, &bucket.logical_id]).flatten().map(String::as_str).collect();
    let meant = nearest(glob, &names);
    if let Some(name) = meant {
        return format!("did you mean `{name}`?");
    }
    let mut out = if key == "exclude" { "take it out" } else { "name one that is there, or take it out" }.to_owned();
    if let Some(id) = buckets().find(|bucket| bucket.name.is_none()).and_then(|bucket| bucket.logical_id.as_ref()) {
        out += &format!("; a bucket whose name is not known here goes by its logical ID, such as `{id}`");
    }
    out
}
