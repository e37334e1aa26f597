//! Actions that fit no resource beside them: `Action does not apply to any resource(s) in statement`.

use crate::iam::action::{self, Level};
use crate::iam::document::Statement;
use crate::iam::resource::Target;
use bucketlint_text::text::{SymbolKind, Text};

/// Values of `Action` in one statement that act on what none of its resources is.
#[derive(Debug)]
pub struct Misfit<'a> {
    /// What they act on: the bucket, objects, or nothing that a bucket policy is about.
    pub level: Level,
    /// The values.
    pub actions: Vec<&'a Text>,
}

impl Misfit<'_> {
    /// Whether a further resource would mend it.
    pub fn resource_helps(&self) -> bool {
        self.level != Level::Account
    }

    pub(super) fn message(&self) -> String {
        let names: Vec<String> = self.actions.iter().map(|action| action.to_string()).collect();
        let (verb, its) = if names.len() == 1 { ("acts", "it") } else { ("act", "they") };
        let names = names.join(", ");
        match self.level {
            Level::Bucket => format!("{names} {verb} on the bucket itself, and `Resource` names objects only"),
            Level::Object => format!("{names} {verb} on objects, and `Resource` names the bucket itself only"),
            _ => format!("{names} {verb} on the whole account: {its} cannot be granted by a bucket's policy"),
        }
    }

    pub(super) fn fix(&self) -> String {
        match self.level {
            Level::Bucket => "add the bucket's ARN to `Resource`".into(),
            Level::Object => "add the bucket's ARN with `/*` to `Resource`".into(),
            _ => "remove it, and grant it in a policy of the role that needs it".into(),
        }
    }
}

/// The actions of a statement that fit none of its resources, by what they act on. A value with wildcards fits if one of
/// the actions it matches does. Where something else in the statement is not known, nothing is said.
pub fn misfits<'a>(statement: &'a Statement, target: Option<&Target>) -> Vec<Misfit<'a>> {
    let (actions, resources) = (&statement.actions, &statement.resources);
    if actions.not || resources.not || resources.items.is_empty() || !statement.unknown.is_empty() {
        return Vec::new();
    }
    let kinds: Vec<Kinds> = resources.items.iter().map(|item| Kinds::of(item, target)).collect();
    let fits = |level: Level| match level {
        Level::Bucket => kinds.iter().any(|kinds| kinds.bucket),
        Level::Object => kinds.iter().any(|kinds| kinds.objects),
        Level::Account => kinds.iter().any(|kinds| kinds.anything),
        // access points and the like
        Level::Other => true,
    };
    let mut out: Vec<Misfit<'a>> = Vec::new();
    for item in &actions.items {
        let Some(pattern) = item.as_known() else { continue };
        let levels: Vec<Level> = action::covered(pattern).map(|one| one.level).collect();
        let Some(level) = levels.first().copied().filter(|_| !levels.iter().any(|level| fits(*level))) else { continue };
        match out.iter_mut().find(|misfit| misfit.level == level) {
            Some(misfit) => misfit.actions.push(item),
            None => out.push(Misfit { level, actions: vec![item] }),
        }
    }
    out
}

/// What a value of `Resource` can name.
#[derive(Clone, Copy)]
struct Kinds {
    bucket: bool,
    objects: bool,
    anything: bool,
}

impl Kinds {
    const ALL: Self = Self { bucket: true, objects: true, anything: true };

    fn of(resource: &Text, target: Option<&Target>) -> Self {
        let own = |id: &str| target.is_some_and(|target| target.name.symbols().any(|symbol| symbol.id == id));
        let open = |symbol: &bucketlint_text::text::Symbol| {
            !own(&symbol.id) && !matches!(symbol.kind, SymbolKind::Partition | SymbolKind::Generated | SymbolKind::OwnAccount)
        };
        let written = resource.to_string();
        let Some((head, rest)) = written.split_once(":s3:::") else { return Self::ALL };
        // what is no ARN of a bucket's is said of the resource itself
        if !head.starts_with("arn:") || rest.starts_with("arn:") || rest.is_empty() {
            return Self::ALL;
        }
        // `${…}`: a policy variable, or a value that is not known, is in no need of being looked into
        let bucket = rest.split('/').next().unwrap_or_default();
        let sure = !resource.symbols().any(|symbol| open(symbol));
        if bucket.len() < rest.len() {
            let slashed =
                resource.parts().iter().any(|part| matches!(part, bucketlint_text::text::Part::Lit(text) if text.contains('/')));
            return if slashed { Self { bucket: false, objects: true, anything: false } } else { Self::ALL };
        }
        if !sure || bucket.contains(':') {
            return Self::ALL;
        }
        let wild = bucket.contains(['*', '?']) || bucket.contains("${aws:");
        Self { bucket: true, objects: wild, anything: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::read;
    use bucketlint_text::resolve::Plain;
    use bucketlint_text::source::Span;

    #[test]
    fn actions_and_resources_of_one_kind_go_together() {
        let (bucket, objects) = (r#""arn:aws:s3:::lab-data""#, r#""arn:aws:s3:::lab-data/*""#);
        for (actions, resources, expected) in [
            (r#""s3:ListBucket""#, objects, vec![(Level::Bucket, 1)]),
            (r#"["s3:ListBucket", "S3:getbucketacl", "s3:GetObject"]"#, objects, vec![(Level::Bucket, 2)]),
            (r#""s3:GetObject""#, bucket, vec![(Level::Object, 1)]),
            (r#"["s3:GetObject", "s3:ListAllMyBuckets"]"#, bucket, vec![(Level::Object, 1), (Level::Account, 1)]),
            (r#""s3:GetObject""#, r#""*""#, vec![]),
            (r#""s3:GetObject""#, r#""arn:aws:s3:::lab-data*""#, vec![]),
            (r#""s3:ListBucket""#, r#""arn:aws:s3:::lab-data*""#, vec![]),
            (r#""s3:ListBucket""#, r#""arn:aws:s3:::*/*""#, vec![(Level::Bucket, 1)]),
            (r#"["s3:ListBucket", "s3:GetObject"]"#, &format!("[{bucket}, {objects}]"), vec![]),
            // some of what it matches fits
            (r#""s3:*""#, objects, vec![]),
            (r#""s3:List*""#, objects, vec![]),
            (r#""s3:ListBucket*""#, objects, vec![(Level::Bucket, 1)]),
            (r#""s3:PutObject*""#, bucket, vec![(Level::Object, 1)]),
            // what is wrong with the resource or the action is said of that
            (r#""s3:GetObject""#, r#""arn:aws:s3:::lab-data:*""#, vec![]),
            (r#""s3:GetObject""#, r#""lab-data""#, vec![]),
            (r#""s3:HeadObject""#, bucket, vec![]),
        ] {
            let json = format!(
                r#"{{"Statement": {{"Effect": "Allow", "Principal": "*", "Action": {actions}, "Resource": {resources}}}}}"#
            );
            let document = read::document(&bucketlint_text::syntax::testing::tree(&json), &Plain);
            let target = Target { name: Text::known(Span::default(), "lab-data"), partition: "aws".into() };
            let found: Vec<(Level, usize)> =
                misfits(&document.statements[0], Some(&target)).iter().map(|one| (one.level, one.actions.len())).collect();
            assert_eq!(found, expected, "{actions} {resources}");
        }
    }
}
