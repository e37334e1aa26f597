//! `Resource` elements as sets of ARNs, seen from one bucket:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html>.

use super::wildcard;
use bucketlint_text::language::{Letter, Pattern, Token};
use bucketlint_text::text::{Part, Symbol, SymbolKind, Text};
use smol_str::SmolStr;
use std::rc::Rc;

/// The bucket a policy is judged for, or another resource with a policy of its own.
#[derive(Clone, PartialEq, Debug)]
pub struct Target {
    /// The bucket's name; for [`Scope::Named`] the whole ARN.
    pub name: Text,
    /// The partition its ARN is in: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: SmolStr,
}

/// What an action acts on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// The bucket itself.
    Bucket,
    /// Every object in it.
    Objects,
    /// The one resource whose ARN is the target's name, such as a key or a topic.
    Named,
}

/// A policy variable in a resource, which stands in its patterns as the symbol `id`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Variable {
    /// The condition key as written.
    pub key: SmolStr,
    /// What stands in for a key without a value.
    pub default: Option<SmolStr>,
    /// Its symbol in patterns.
    pub id: SmolStr,
}

/// One resource as two sets: the ARNs it matches for certain, and those it may match.
#[derive(Clone, PartialEq, Debug)]
pub struct ResourceSet {
    /// Matched whatever the unknown pieces are.
    pub certain: Rc<Pattern>,
    /// Matched for some value of the unknown pieces.
    pub possible: Rc<Pattern>,
    /// Its policy variables.
    pub variables: Vec<Variable>,
    /// Whether it matches something only if a `*` stands for colons of an ARN too, which AWS's pages tell in two ways.
    pub spans_colons: bool,
}

/// What a policy variable stands for in requests of one kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Meaning {
    /// Neither a value nor a default.
    Nothing,
    /// The same in all of them.
    Fixed(String),
    /// This in one of them, and in all of them something that the pattern matches.
    Sample(String, Pattern),
    /// An empty value, which AWS's page on variables may count as none.
    Empty,
    /// What AWS's pages do not tell: a key that may have several values is none for variables.
    Untold,
}

/// What variables stand for, by their symbols; of others nothing is known.
pub type Filling = Vec<(SmolStr, Meaning)>;

/// How far an answer reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reading {
    /// For the one request of each kind whose variables have the sampled values.
    Sampled,
    /// For every request of the kind.
    General,
}

impl ResourceSet {
    /// What it matches for certain, or, `widest`, may match, its policy variables filled in; nothing with a variable that has
    /// no value, which takes no other resource of its statement along:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value>.
    pub fn filled(&self, filling: &Filling, widest: bool, reading: Reading) -> Vec<Rc<Pattern>> {
        let pattern = if widest { &self.possible } else { &self.certain };
        if self.variables.is_empty() {
            return vec![Rc::clone(pattern)];
        }
        if self.is_void(filling) {
            return Vec::new();
        }
        // an empty value is a value or none, alike for all variables
        let empty_is_none = [false, true].into_iter().filter(|is_none| !is_none || widest);
        let filled = empty_is_none.filter_map(|empty_is_none| {
            let mut out = Vec::with_capacity(pattern.0.len());
            for token in &pattern.0 {
                let Some(variable) = self.variables.iter().find(|one| matches!(token, Token::Sym(id) if *id == one.id)) else {
                    out.push(token.clone());
                    continue;
                };
                match meaning(filling, variable) {
                    Some(Meaning::Empty) if empty_is_none => out.extend(Pattern::literal(variable.default.as_deref()?).0),
                    Some(Meaning::Empty) if widest => {}
                    Some(Meaning::Fixed(text)) => out.extend(text.chars().map(Token::Char)),
                    Some(Meaning::Sample(text, _)) if reading == Reading::Sampled => out.extend(text.chars().map(Token::Char)),
                    Some(Meaning::Sample(_, any)) if widest => out.extend_from_slice(&any.0),
                    _ if widest => out.push(Token::Many),
                    _ => return None,
                }
            }
            Some(Rc::new(Pattern(out)))
        });
        let mut filled: Vec<_> = filled.collect();
        filled.dedup();
        filled
    }

    /// Whether it has a policy variable without a value.
    fn is_void(&self, filling: &Filling) -> bool {
        self.variables.iter().any(|variable| meaning(filling, variable) == Some(&Meaning::Nothing))
    }

    /// Whether it matches the same resources in all requests of a kind, whatever is not known.
    pub fn is_settled(&self, filling: &Filling) -> bool {
        let settled = |variable| matches!(meaning(filling, variable), Some(Meaning::Nothing | Meaning::Fixed(_)));
        self.certain == self.possible && self.variables.iter().all(settled)
    }
}

fn meaning<'f>(filling: &'f Filling, variable: &Variable) -> Option<&'f Meaning> {
    filling.iter().find(|(id, _)| *id == variable.id).map(|(_, meaning)| meaning)
}

impl Target {
    /// `arn:<partition>:s3:::<name>` as shown to people.
    pub fn arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.partition, self.name)
    }

    /// All ARNs an action of this scope acts on. A key has at least one character.
    pub fn universe(&self, scope: Scope) -> Pattern {
        let bucket = Pattern::literal(&format!("arn:{}:s3:::", self.partition)).then(&exact(&self.name));
        match scope {
            Scope::Named => exact(&in_partition(&self.name, &self.partition)),
            Scope::Bucket => bucket,
            Scope::Objects => bucket.then(&Pattern(vec![Token::Char('/'), Token::Any, Token::Many])),
        }
    }

    /// The sets a `Resource` value stands for. With `variables`, `${…}` is a policy variable (Version 2012-10-17).
    pub fn resource(&self, resource: &Text, variables: bool) -> ResourceSet {
        let mut names = Vec::new();
        if resource.as_known().is_some() && self.name.as_known().is_some() {
            // nothing is open but policy variables
            let certain = Pattern(tokens(resource, variables, &mut names, |symbol| Token::Sym(symbol.clone())));
            let possible = certain.clone();
            return self.by_parts(certain, possible, names);
        }
        let resource = in_partition(resource, &self.partition);
        let certain = tokens(&resource, variables, &mut names, |symbol| Token::Sym(symbol.clone()));
        let own: Vec<&str> = self.name.symbols().map(|symbol| symbol.id.as_str()).collect();
        let free = |symbol: &SmolStr| if own.contains(&symbol.as_str()) { Token::Sym(symbol.clone()) } else { Token::Many };
        let possible = match self.renamed(&resource) {
            Some(renamed) => tokens(&renamed, variables, &mut Vec::new(), free),
            None => tokens(&resource, variables, &mut Vec::new(), free),
        };
        self.by_parts(Pattern(certain), Pattern(possible), names)
    }

    /// A wildcard before the fifth colon stands for characters of its part of the ARN. Whether a `*` that ends a part goes on
    /// beyond the colon is told in two ways, and the service takes no wildcard:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards>,
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html>.
    fn by_parts(&self, certain: Pattern, possible: Pattern, variables: Vec<Variable>) -> ResourceSet {
        let wild = |part: &[Token]| part.iter().any(|token| matches!(token, Token::One | Token::Many));
        let parts: Vec<&[Token]> = certain.0.splitn(6, is_colon).collect();
        let set = |certain: Pattern, possible: Pattern, spans_colons| ResourceSet {
            certain: Rc::new(certain),
            possible: Rc::new(possible),
            variables,
            spans_colons,
        };
        match parts.as_slice() {
            [head @ .., _] if head.len() == 5 && !head.iter().any(|part| wild(part)) => set(certain, possible, false),
            [_, _, service, _, _, _] if wild(service) => set(Pattern::default(), Pattern::default(), false),
            [head @ .., last] if head.len() == 5 => {
                let own = self.universe(if self.is_whole() { Scope::Named } else { Scope::Bucket });
                let own: Vec<&[Token]> = own.0.splitn(6, is_colon).collect();
                let fits = |(part, own): (&&[Token], &&[Token])| Pattern(part.to_vec()).matches(&letters(own));
                if own.len() < 6 || !head.iter().zip(&own).all(fits) {
                    return set(Pattern::default(), possible, true);
                }
                let mut within = own[..5].join(&Token::Char(':'));
                within.push(Token::Char(':'));
                within.extend_from_slice(last);
                set(Pattern(within), possible, false)
            }
            // all of it, or with something unknown that may have the colons
            [only] if only.iter().all(|token| *token == Token::Many) => set(certain, possible, false),
            _ if certain.0.iter().any(|token| matches!(token, Token::Sym(_))) => set(certain, possible, false),
            [_, partition, service, ..] if wild(service) && partition.last() != Some(&Token::Many) => {
                set(Pattern::default(), Pattern::default(), false)
            }
            _ if !wild(&certain.0) => set(certain, possible, false),
            _ => set(Pattern::default(), possible, true),
        }
    }

    /// Whether its name is the whole ARN.
    fn is_whole(&self) -> bool {
        self.name.strip_prefix("arn:").is_some()
    }

    /// The resource with this bucket's own name, where the bucket it names may turn out to be this one.
    fn renamed(&self, resource: &Text) -> Option<Text> {
        let rest = resource.strip_prefix(&format!("arn:{}:s3:::", self.partition))?;
        let (bucket, key) = match rest.split_once('/') {
            Some((bucket, key)) => (bucket, Some(key)),
            None => (rest, None),
        };
        if self.is_whole() || bucket.to_string().contains(['*', '?']) || same(&bucket, &self.name).is_some() {
            return None;
        }
        let mut out = Text::known(resource.span, format!("arn:{}:s3:::", self.partition));
        out.push(&self.name);
        if let Some(key) = key {
            out.push_str("/");
            out.push(&key);
        }
        Some(out)
    }
}

fn is_colon(token: &Token) -> bool {
    *token == Token::Char(':')
}

/// The word that tokens without wildcards match.
fn letters(tokens: &[Token]) -> Vec<Letter> {
    let letter = |token: &Token| match token {
        Token::Char(letter) => Some(Letter::Char(*letter)),
        Token::Sym(symbol) => Some(Letter::Sym(symbol.clone())),
        _ => None,
    };
    tokens.iter().filter_map(letter).collect()
}

/// The pattern that matches `text` alone, symbols standing for themselves.
fn exact(text: &Text) -> Pattern {
    let mut out = Vec::new();
    for part in text.parts() {
        match part {
            Part::Lit(text) => out.extend(text.chars().map(Token::Char)),
            Part::Sym(symbol) => out.push(Token::Sym(symbol.id.clone())),
        }
    }
    Pattern(out)
}

/// `arn:${AWS::Partition}:…` with the partition filled in.
pub fn in_partition(text: &Text, partition: &str) -> Text {
    let mut out = Text::empty(text.span);
    for part in text.parts() {
        match part {
            Part::Sym(symbol) if symbol.kind == SymbolKind::Partition => out.push_str(partition),
            Part::Sym(symbol) => out.push(&Text::symbol(text.span, symbol.as_ref().clone())),
            Part::Lit(text) => out.push_str(text),
        }
    }
    out
}

/// Wildcards, escapes and policy variables of a pattern:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.
fn tokens(text: &Text, variables: bool, names: &mut Vec<Variable>, symbol: impl Fn(&SmolStr) -> Token) -> Vec<Token> {
    let mut out = Vec::new();
    for part in wildcard::closed(text, variables).parts() {
        match part {
            Part::Sym(unknown) => out.push(symbol(&unknown.id)),
            // most have no variable
            Part::Lit(text) if !variables || !text.contains("${") => out.extend(Pattern::glob(text).0),
            Part::Lit(text) => out.extend(wildcard::parse(text, variables).into_iter().map(|token| match token {
                wildcard::Token::Char(letter) => Token::Char(letter),
                wildcard::Token::One => Token::One,
                wildcard::Token::Many => Token::Many,
                wildcard::Token::Variable { key, default } => {
                    let id = format!("${{{key},{}}}", default.as_deref().unwrap_or_default()).into();
                    let variable = Variable { key, default, id };
                    let token = Token::Sym(variable.id.clone());
                    names.push(variable);
                    token
                }
            })),
        }
    }
    out
}

/// Whether two names of buckets are the same: certainly, certainly not, or cannot be told.
///
/// A name that CloudFormation generates is no name somebody writes: it is only ever handed on whole, so nothing but one
/// unknown value can be the same.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html>
pub fn same(a: &Text, b: &Text) -> Option<bool> {
    if a == b {
        return Some(true);
    }
    if !is_open(a) && !is_open(b) {
        return Some(false);
    }
    if begin_apart(a, b) || end_apart(a, b) {
        return Some(false);
    }
    let (a, b) = (pieces(a), pieces(b));
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    (differ(a, b) || differ(b, a)).then_some(false)
}

/// Whether a name may turn out to be another that is written.
pub fn is_open(name: &Text) -> bool {
    name.symbols().any(|symbol| symbol.kind != SymbolKind::Generated)
}

/// Whether two texts begin with known characters that are not the same: most do that differ.
fn begin_apart(a: &Text, b: &Text) -> bool {
    match (a.parts().first(), b.parts().first()) {
        (Some(Part::Lit(a)), Some(Part::Lit(b))) => a.chars().next() != b.chars().next(),
        _ => false,
    }
}

/// Whether two texts end with known characters that are not the same.
fn end_apart(a: &Text, b: &Text) -> bool {
    match (a.parts().last(), b.parts().last()) {
        (Some(Part::Lit(a)), Some(Part::Lit(b))) => a.chars().next_back() != b.chars().next_back(),
        _ => false,
    }
}

/// A character of a name, or an unknown piece of it.
#[derive(PartialEq)]
enum Piece<'t> {
    Char(char),
    Sym(&'t Symbol),
}

fn pieces(text: &Text) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    for part in text.parts() {
        match part {
            Part::Lit(text) => out.extend(text.chars().map(Piece::Char)),
            Part::Sym(symbol) => out.push(Piece::Sym(symbol)),
        }
    }
    out
}

/// Whether `a` is certainly not `b`, as far as `a` tells; neither begins or ends like the other.
fn differ(a: &[Piece<'_>], b: &[Piece<'_>]) -> bool {
    let generated = |piece: &Piece<'_>| matches!(piece, Piece::Sym(symbol) if symbol.kind == SymbolKind::Generated);
    let digit = |piece: &Piece<'_>| matches!(piece, Piece::Char(letter) if letter.is_ascii_digit());
    let char = |piece: Option<&Piece<'_>>| matches!(piece, Some(Piece::Char(_)));
    match a {
        [] => b.iter().any(|piece| char(Some(piece))),
        _ if a.iter().any(generated) => !matches!(b, [Piece::Sym(symbol)] if is_handed_on(symbol)),
        [Piece::Sym(account)] if account.kind == SymbolKind::OwnAccount && b.iter().all(|piece| char(Some(piece))) => {
            b.len() != 12 || !b.iter().all(digit)
        }
        _ => char(a.first()) && char(b.first()) || char(a.last()) && char(b.last()),
    }
}

/// Whether a value that is not known may be the whole name of another resource.
fn is_handed_on(symbol: &Symbol) -> bool {
    matches!(symbol.kind, SymbolKind::Parameter | SymbolKind::Other) && !symbol.shown.starts_with("${AWS::")
}

/// A word as people write it; `shown` gives a symbol's spelling.
pub fn spell(word: &[Letter], shown: impl Fn(&str) -> String) -> String {
    word.iter()
        .map(|letter| match letter {
            Letter::Char(letter) => letter.to_string(),
            Letter::Sym(symbol) => shown(symbol),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bucketlint_text::source::Span;

    fn lit(text: &str) -> Text {
        Text::known(Span::default(), text)
    }

    fn parameter(id: &str, kind: SymbolKind) -> Text {
        let symbol = Symbol { id: id.into(), shown: format!("${{{id}}}").into(), why: "".into(), at: Span::default(), kind };
        Text::symbol(Span::default(), symbol)
    }

    #[test]
    fn names_are_equal_different_or_undecided() {
        let (a, b) = (parameter("A", SymbolKind::Parameter), parameter("B", SymbolKind::Parameter));
        let mut suffixed = a.clone();
        suffixed.push_str("-data");
        assert_eq!(same(&a, &a), Some(true));
        assert_eq!(same(&a, &b), None);
        assert_eq!(same(&a, &lit("lab")), None);
        assert_eq!(same(&suffixed, &lit("lab-logs")), Some(false));
        assert_eq!(same(&suffixed, &lit("lab-data")), None);
    }

    #[test]
    fn a_generated_name_is_only_ever_handed_on_whole() {
        let generated = parameter("G", SymbolKind::Generated);
        let mut prefixed = lit("lab-");
        prefixed.push(&parameter("A", SymbolKind::Parameter));
        let (mut logs, mut other_logs) = (generated.clone(), parameter("A", SymbolKind::Parameter));
        logs.push_str("-logs");
        other_logs.push_str("-logs");
        for (other, want) in [
            (lit("lab"), Some(false)),
            (parameter("H", SymbolKind::Generated), Some(false)),
            (prefixed.clone(), Some(false)),
            (parameter("AWS::AccountId", SymbolKind::OwnAccount), Some(false)),
            (parameter("AWS::StackName", SymbolKind::Other), Some(false)),
            (logs.clone(), Some(false)),
            (parameter("A", SymbolKind::Parameter), None),
            (parameter("ImportValue x", SymbolKind::Other), None),
        ] {
            assert_eq!(same(&generated, &other), want, "{other}");
            assert_eq!(same(&other, &generated), want, "{other}");
        }
        assert_eq!(same(&logs, &other_logs), None, "the same value with the same end");
        assert_eq!(same(&logs, &prefixed), Some(false));
    }

    #[test]
    fn what_names_share_is_taken_off_before_they_are_compared() {
        let of = |pieces: &[(&str, SymbolKind)]| {
            let mut out = Text::default();
            for (text, kind) in pieces {
                match kind {
                    SymbolKind::Generated => out.push_str(text),
                    kind => out.push(&parameter(text, *kind)),
                }
            }
            out
        };
        // a kind for what is written out
        let (lit, param, own) = (SymbolKind::Generated, SymbolKind::Parameter, SymbolKind::OwnAccount);
        let account = of(&[("lab-", lit), ("AWS::AccountId", own), ("-raw", lit)]);
        for (a, b, want) in [
            (of(&[("lab-", lit), ("E", param)]), of(&[("E", param)]), Some(false)),
            (of(&[("lab-", lit), ("E", param)]), of(&[("F", param)]), None),
            (of(&[("lab-", lit), ("E", param)]), of(&[("lab-", lit), ("E", param), ("-logs", lit)]), Some(false)),
            (of(&[("E", param), ("-raw", lit)]), of(&[("E", param), ("-logs", lit)]), Some(false)),
            (account.clone(), of(&[("lab-dev-raw", lit)]), Some(false)),
            (account.clone(), of(&[("lab-12345678901x-raw", lit)]), Some(false)),
            (account.clone(), of(&[("lab-123456789012-raw", lit)]), None),
            (account, of(&[("lab-", lit), ("E", param), ("-raw", lit)]), None),
        ] {
            assert_eq!(same(&a, &b), want, "{a} {b}");
            assert_eq!(same(&b, &a), want, "{b} {a}");
        }
    }

    #[test]
    fn a_partition_symbol_is_the_targets_partition() {
        let target = Target { name: lit("b"), partition: "aws-cn".into() };
        let mut resource = lit("arn:");
        resource.push(&parameter("AWS::Partition", SymbolKind::Partition));
        resource.push_str(":s3:::b");
        let set = target.resource(&resource, false);
        assert_eq!(*set.certain, target.universe(Scope::Bucket));
    }

    #[test]
    fn wildcards_stay_in_their_part_of_an_arn() {
        let target = Target { name: lit("lab-data"), partition: "aws".into() };
        let own = letters(&target.universe(Scope::Bucket).0);
        for (resource, expected) in [
            ("*", (true, true)),
            ("arn:aws:s3:::*", (true, true)),
            ("arn:*:s3:::lab-data", (true, true)),
            ("arn:aw?:s3:*:*:lab-*", (true, true)),
            ("arn:aws-*:s3:::lab-data", (false, false)),
            // no wildcard stands for a service
            ("arn:aws:*:::lab-data", (false, false)),
            ("arn:aws:s?:::lab-data", (false, false)),
            ("arn:*:*:*:*:*", (false, false)),
            ("arn:aws:*", (false, false)),
            // whether it goes on beyond a colon is told in two ways
            ("arn:aws:s3:*", (false, true)),
            ("arn:aws:s3:*:lab-data", (false, true)),
            ("arn:*", (false, true)),
            ("arn:*:lab-data", (false, true)),
            ("arn:aws:s3::lab-data", (false, false)),
        ] {
            let set = target.resource(&lit(resource), true);
            assert_eq!((set.certain.matches(&own), set.possible.matches(&own)), expected, "{resource}");
            assert_eq!(set.spans_colons, expected == (false, true) || resource.contains("-*:"), "{resource}");
        }
    }

    #[test]
    fn escapes_and_variables_need_the_newer_version() {
        let target = Target { name: lit("b"), partition: "aws".into() };
        let set = target.resource(&lit("arn:aws:s3:::b/${*}/${aws:username, 'x'}"), true);
        let id: SmolStr = "${aws:username,x}".into();
        assert_eq!(set.variables, [Variable { key: "aws:username".into(), default: Some("x".into()), id: id.clone() }]);
        assert!(set.certain.0.ends_with(&[Token::Char('*'), Token::Char('/'), Token::Sym(id)]));
        assert!(target.resource(&lit("arn:aws:s3:::b/${aws:username}"), false).variables.is_empty());
    }
}
