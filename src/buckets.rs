//! Which buckets a run is about: globs over what a bucket is known by.

use crate::finding::BucketRef;

/// The globs that take buckets in and leave buckets out.
///
/// A glob (`*` any characters, `?` one) is held against a bucket's name and against its logical ID; one with a `#`
/// against `path/of/template.yaml#LogicalId` and `template.yaml#LogicalId`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BucketGlobs {
    /// Buckets to judge; where there are none, nothing is said about that.
    pub include: Vec<String>,
    /// Buckets to leave alone, also where `include` names them.
    pub exclude: Vec<String>,
}

impl BucketGlobs {
    /// The first `include` glob that matches `bucket`.
    pub fn included_by(&self, bucket: &BucketRef) -> Option<&str> {
        first_match(&self.include, bucket)
    }

    /// The first `exclude` glob that matches `bucket`.
    pub fn excluded_by(&self, bucket: &BucketRef) -> Option<&str> {
        first_match(&self.exclude, bucket)
    }
}

fn first_match<'a>(globs: &'a [String], bucket: &BucketRef) -> Option<&'a str> {
    globs.iter().map(String::as_str).find(|glob| is_of(glob, bucket))
}

/// Whether `bucket` is one that `glob` names.
pub fn is_of(glob: &str, bucket: &BucketRef) -> bool {
    let file_name = bucket.file.rsplit('/').next().unwrap_or_default();
    let id = bucket.logical_id.as_deref();
    let placed = id.map_or(Vec::new(), |id| vec![format!("{}#{id}", bucket.file), format!("{file_name}#{id}")]);
    if glob.contains('#') {
        return placed.iter().any(|name| matches(glob, name));
    }
    [bucket.name.as_deref(), id].into_iter().flatten().any(|name| matches(glob, name))
}

/// Whether all of `text` matches `glob`, in time of at most their product.
fn matches(glob: &str, text: &str) -> bool {
    let (mut glob, mut text) = (glob.chars(), text.chars());
    // where to go on when what follows the last `*` does not fit: one character further
    let mut retry = None;
    loop {
        let (before, wanted, found) = (text.clone(), glob.next(), text.next());
        match (wanted, found) {
            (Some('*'), _) => {
                text = before;
                retry = Some((glob.clone(), text.clone()));
            }
            (None, None) => return true,
            (Some(wanted), Some(found)) if wanted == '?' || wanted == found => {}
            _ => {
                let Some((after, from)) = &mut retry else { return false };
                if from.next().is_none() {
                    return false;
                }
                (glob, text) = (after.clone(), from.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_texts() {
        for (glob, text, want) in [
            ("lab-*", "lab-raw", true),
            ("lab-*", "my-lab-raw", false),
            ("*-logs", "lab-logs", true),
            ("*-logs", "lab-logs-2", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("?", "é", true),
            ("?", "", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("**a", "bba", true),
            ("Lab", "lab", false),
        ] {
            assert_eq!(matches(glob, text), want, "{glob} {text}");
        }
        assert!(!matches(&"a*".repeat(200), &"b".repeat(2000)));
    }

    #[test]
    fn a_bucket_is_known_by_name_logical_id_and_place() {
        let bucket = BucketRef {
            file: "infra/data.yaml".into(),
            logical_id: Some("Raw".into()),
            name: Some("lab-raw".into()),
            construct: None,
            nested: None,
        };
        let excluded = |glob: &str| {
            let globs = BucketGlobs { include: vec![], exclude: vec!["other".into(), glob.into()] };
            globs.excluded_by(&bucket).map(str::to_owned)
        };
        for glob in ["lab-*", "Raw", "data.yaml#Raw", "infra/data.yaml#R*", "infra/*#*"] {
            assert_eq!(excluded(glob).as_deref(), Some(glob));
        }
        for glob in ["data.yaml", "a.yaml#Raw", "infra/data.yaml#lab-raw"] {
            assert_eq!(excluded(glob), None, "{glob}");
        }
        assert_eq!(BucketGlobs::default().included_by(&bucket), None);
    }
}
