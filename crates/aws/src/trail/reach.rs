//! Which keys of one bucket a value reaches: certainly, and possibly.

use super::arn::{self, Cut, Shape};
use super::selector::Test;
use crate::iam::resource::same;
use bucketlint_text::language::{Found, Letter, Pattern, Token, find};
use bucketlint_text::text::{Part, SymbolKind, Text};

/// More bytes than any object's ARN has: a key has up to 1024, a bucket's name up to 63.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>
const MAX_ARN: usize = 2048;
/// More bytes than an object's ARN has before the key.
const MAX_HEAD: usize = 128;

/// Keys of one bucket, each non-empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    /// Certainly reached.
    pub(super) sure: Vec<Pattern>,
    /// Reached if the unknown pieces turn out so; includes what is certain.
    pub(super) maybe: Vec<Pattern>,
    /// The part of the value that is compared with the key; none if every key passes or the value is not read.
    pub(super) key: Option<String>,
}

/// The bucket that values are held against.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// Its name, which may hold symbols.
    pub name: &'a Text,
    /// Such as `aws` or `aws-us-gov`.
    pub partition: &'a str,
    /// Whether another name of a bucket, or an ARN of which nothing is known, may turn out to be this one's.
    pub may_be: &'a dyn Fn(&Text) -> bool,
}

impl Reach {
    fn all() -> Self {
        let all = vec![Pattern(vec![Token::Many])];
        Self { sure: all.clone(), maybe: all, key: None }
    }

    fn open() -> Self {
        Self { sure: Vec::new(), ..Self::all() }
    }

    /// Whether unknown pieces decide some keys.
    pub(super) fn in_doubt(&self) -> bool {
        self.sure != self.maybe
    }
}

impl Target<'_> {
    /// A value of `DataResources`: the beginning of an ARN, as far as CloudTrail takes it.
    ///
    /// A value that is rejected logs nothing. With a wildcard, which is compared literally, a value is at best for keys
    /// that hold a `*` themselves; such keys are left out of account.
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html>
    pub(super) fn basic(&self, value: &Text) -> Reach {
        if self.misses(value) {
            return Reach::default();
        }
        match arn::shape(value) {
            Shape::AllBuckets | Shape::Objects { .. } => self.advanced(Test::StartsWith, value),
            Shape::Open if !self.ends_in_own_name(value) => self.advanced(Test::StartsWith, value),
            _ => Reach::default(),
        }
    }

    /// Whether the beginning of an ARN certainly differs from this bucket's: most values of a large trail are of other
    /// buckets, and telling so should cost nothing.
    fn misses(&self, value: &Text) -> bool {
        let Some(name) = self.name.as_known() else { return false };
        let head = ["arn:", self.partition];
        let (mut rest, head) = match value.parts() {
            // whichever partition it is deployed to
            [Part::Lit(start), Part::Sym(symbol), Part::Lit(rest)] if symbol.kind == SymbolKind::Partition && start == "arn:" => {
                (rest.as_bytes(), &[][..])
            }
            _ => match value.as_known() {
                Some(value) => (value.as_bytes(), &head[..]),
                None => return false,
            },
        };
        for piece in head.iter().copied().chain([":s3:::", name, "/"]) {
            let shared = piece.len().min(rest.len());
            if rest[..shared] != piece.as_bytes()[..shared] {
                return true;
            }
            rest = &rest[shared..];
        }
        false
    }

    /// Whether the value is this bucket's ARN without a slash, which makes its symbols names.
    fn ends_in_own_name(&self, value: &Text) -> bool {
        let Cut::S3 { rest, .. } = arn::cut(value) else { return false };
        let own =
            |path: Text| path.symbols().all(|symbol| arn::slash_free(symbol) || self.name.symbols().any(|own| own == symbol));
        rest.strip_prefix(":::").is_some_and(|path| path.split_once('/').is_none() && own(path))
    }

    /// A value of a condition on `resources.ARN`.
    pub(super) fn advanced(&self, test: Test, value: &Text) -> Reach {
        if test == Test::EndsWith {
            return self.ends_with(value);
        }
        if self.misses(value) {
            return Reach::default();
        }
        let head = format!("arn:{}:s3:::", self.partition);
        if test == Test::StartsWith && value.as_known().is_some_and(|known| head.starts_with(known)) {
            return Reach::all();
        }
        if arn::is_unfilled(value) {
            return Reach::default();
        }
        let (partition, rest) = match arn::cut(value) {
            Cut::Other => return Reach::default(),
            Cut::Open if (self.may_be)(&value.split_once('/').map_or_else(|| value.clone(), |(arn, _)| arn)) => {
                return Reach::open();
            }
            Cut::Open => return Reach::default(),
            Cut::S3 { partition, rest } => (partition, rest),
        };
        match arn::same_partition(&partition, self.partition) {
            Some(false) => return Reach::default(),
            None => return Reach::open(),
            Some(true) => {}
        }
        if rest.as_known().is_some_and(|rest| ":::".starts_with(rest)) {
            return if test == Test::StartsWith { Reach::all() } else { Reach::default() };
        }
        match rest.strip_prefix(":::") {
            Some(path) => self.path(test, &path),
            None if matches!(rest.parts(), [Part::Lit(start), Part::Sym(_), ..] if ":::".starts_with(start.as_str())) => {
                Reach::open()
            }
            None => Reach::default(),
        }
    }

    /// `bucket/key`, or the beginning of one.
    fn path(&self, test: Test, path: &Text) -> Reach {
        let mut own = letters(self.name);
        own.push(Letter::Char('/'));
        let given = letters(path);
        let same = given.iter().zip(&own).take_while(|(given, own)| given == own).count();
        if same == own.len() {
            return key(test, path, &given[same..]);
        }
        if same == given.len() {
            return if test == Test::StartsWith { Reach::all() } else { Reach::default() };
        }
        let differ = matches!((&given[same], &own[same]), (Letter::Char(_), Letter::Char(_)));
        if differ || !self.may_be(test, path) { Reach::default() } else { Reach::open() }
    }

    /// Whether a path that holds other symbols than the bucket's name may turn out to be in the bucket. A symbol
    /// before the first `/` is taken to stand within a bucket's name. A name given by CloudFormation differs from every other.
    fn may_be(&self, test: Test, path: &Text) -> bool {
        let any = Pattern(vec![Token::Many]);
        let name = match (path.split_once('/'), test) {
            (Some((name, _)), _) if same(&name, self.name) == Some(false) || !(self.may_be)(&name) => return false,
            (Some((name, _)), _) => loose(&letters(&name)),
            (None, Test::StartsWith) => loose(&letters(path)).then(&any),
            (None, _) if !(self.may_be)(path) || path.symbols().all(|symbol| arn::slash_free(symbol)) => return false,
            (None, _) => loose(&letters(path)).then(&any),
        };
        find(&[name], &loose(&letters(self.name)), |matches| matches.of(0)) != Found::None
    }

    /// The end of an ARN: the end of the key, or all of the key and some of what stands before it.
    fn ends_with(&self, value: &Text) -> Reach {
        let Some(known) = value.as_known() else { return Reach::open() };
        if known.len() > MAX_ARN {
            return Reach::default();
        }
        let mut own: Vec<Letter> = format!("arn:{}:s3:::", self.partition).chars().map(Letter::Char).collect();
        own.extend(letters(self.name));
        own.push(Letter::Char('/'));
        let given: Vec<Letter> = known.chars().map(Letter::Char).collect();
        let end = Pattern(vec![Token::Many]).then(&Pattern::literal(known));
        let mut reach = Reach { sure: vec![end.clone()], maybe: vec![end], key: Some(known.into()) };
        for length in 1..given.len().min(MAX_HEAD) {
            let (before, key) = given.split_at(length);
            let differ = before.iter().rev().zip(own.iter().rev()).find(|(given, own)| given != own);
            match differ {
                None if length <= own.len() => {
                    reach.sure.push(exact(key));
                    reach.maybe.push(exact(key));
                }
                Some((_, Letter::Sym(_))) => reach.maybe.push(exact(key)),
                _ => {}
            }
        }
        reach
    }
}

/// The keys reached where `rest` of `path` is compared with the key.
fn key(test: Test, path: &Text, rest: &[Letter]) -> Reach {
    let (sure, maybe) = match test {
        Test::StartsWith if rest.is_empty() => return Reach::all(),
        _ if rest.is_empty() => return Reach::default(),
        Test::StartsWith => {
            let any = Pattern(vec![Token::Many]);
            (exact(rest).then(&any), loose(rest).then(&any))
        }
        _ => (exact(rest), loose(rest)),
    };
    let shown = rest.iter().map(|letter| match letter {
        Letter::Char(letter) => letter.to_string(),
        Letter::Sym(id) => {
            path.symbols().find(|symbol| symbol.id == *id).map_or_else(String::new, |symbol| symbol.shown.to_string())
        }
    });
    Reach { sure: vec![sure], maybe: vec![maybe], key: Some(shown.collect()) }
}

/// A text's characters and symbols.
pub(super) fn letters(text: &Text) -> Vec<Letter> {
    let of = |part: &Part| match part {
        Part::Lit(text) => text.chars().map(Letter::Char).collect(),
        Part::Sym(symbol) => vec![Letter::Sym(symbol.id.clone())],
    };
    text.parts().iter().flat_map(of).collect()
}

/// These letters alone.
pub(super) fn exact(letters: &[Letter]) -> Pattern {
    let token = |letter: &Letter| match letter {
        Letter::Char(letter) => Token::Char(*letter),
        Letter::Sym(symbol) => Token::Sym(symbol.clone()),
    };
    Pattern(letters.iter().map(token).collect())
}

/// These letters with anything in place of a symbol.
pub(super) fn loose(letters: &[Letter]) -> Pattern {
    let token = |letter: &Letter| match letter {
        Letter::Char(letter) => Token::Char(*letter),
        Letter::Sym(_) => Token::Many,
    };
    Pattern(letters.iter().map(token).collect())
}
