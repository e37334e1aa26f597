//! From bytes to the trees of the files that are ours, every other file left aside.

use crate::disk::{self, ReadProblem};
use crate::facts::InputProblem;
use crate::inventory::FileModel;
use crate::parallel;
use crate::sniff::{self, Found, Kind};
use crate::source::{FileId, Source, Sources, Span};
use crate::syntax::parse::{Parsed, Problem, ProblemKind, parse};
use bucketlint_terraform::{is_terraform, syntax as hcl};
use std::ops::Range;

mod assembly;
mod included;
mod terraform;

pub use assembly::Assembled;

/// A file as it was read.
#[derive(Debug)]
pub struct Input {
    /// The path as reported.
    pub shown: String,
    /// Whether it was named on the command line: then not being ours is worth a word.
    pub named: bool,
    /// Its bytes.
    pub bytes: Result<Vec<u8>, ReadProblem>,
}

/// The files that matter.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Their texts, in path order; then those of the files they include.
    pub sources: Sources,
    /// Those that are ours.
    pub models: Vec<FileModel>,
    /// What could not be read.
    pub problems: Vec<InputProblem>,
    /// What manifests of the CDK tell of templates.
    pub assembled: Vec<Assembled>,
    /// Those that are passed over, and what they are: `a policy of KMS`, or `templated`.
    pub passed: Vec<(FileId, String)>,
}

/// What to do about a file that is not ours.
const NAME_ANOTHER: &str = "name a file that is one, or a directory, in which other files are skipped";

/// Reads inputs, given in path order, on all threads.
pub fn load(inputs: Vec<Input>) -> Loaded {
    let texts: Vec<Text> = parallel::map(inputs, text).into_iter().flatten().collect();
    let parsed = parallel::map(texts.iter().enumerate().collect(), |(at, text): (usize, &Text)| {
        text.problem.is_none().then(|| Read::of(FileId(at as u32), &text.source))
    });
    let (mut out, mut hcl) = (Loaded::default(), Vec::new());
    // a file may turn out not to be ours only once it is parsed; ids are dense all the same
    for (at, (text, read)) in texts.into_iter().zip(parsed).enumerate() {
        let file = FileId(at as u32);
        let parsed = match read {
            Some(Read::Document(parsed)) => Some(parsed),
            Some(Read::Hcl(body)) => {
                hcl.push((file, body));
                None
            }
            None => None,
        };
        out.take(file, text, parsed);
    }
    out.include();
    out.terraform(hcl);
    out
}

/// A text as it is read by its notation.
enum Read {
    /// JSON or YAML.
    Document(Parsed),
    /// A file of Terraform or OpenTofu.
    Hcl(Result<hcl::Body, Problem>),
}

impl Read {
    fn of(file: FileId, source: &Source) -> Self {
        match is_terraform(&source.path) {
            true => Self::Hcl(hcl::file(file, &source.text)),
            false => Self::Document(parse(file, &source.text)),
        }
    }
}

struct Text {
    source: Source,
    named: bool,
    problem: Option<(Range<usize>, String)>,
}

/// The text of an input that may be ours.
fn text(input: Input) -> Option<Text> {
    let Input { shown, named, bytes } = input;
    let unreadable = |message: String| Text { source: Source::new(&shown, ""), named, problem: Some((0..0, message)) };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(ReadProblem::Binary) if !named => return None,
        Err(problem) => return Some(unreadable(format!("the file {problem}"))),
    };
    let (text, problem) = match (disk::utf16(&bytes), String::from_utf8(bytes)) {
        (None, Ok(text)) => (text, None),
        (Some(text), _) => (text, Some(ReadProblem::NotUtf8 { at: 0, utf16: true })),
        (None, Err(error)) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), disk::into_text(error.into_bytes()).err()),
    };
    // in UTF-16 no place is the same as in the text
    let place = |problem: &ReadProblem| match problem {
        ReadProblem::NotUtf8 { at, utf16: false } => {
            *at..at + text.get(*at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
        }
        _ => 0..0,
    };
    let problem = problem.map(|problem| (place(&problem), format!("the file {problem}")));
    let ours = match (is_terraform(&shown), &problem) {
        (true, Some(_)) => text.contains("aws_"),
        (true, None) => true,
        (false, Some(_)) => sniff::looks_like_ours(&text),
        (false, None) => sniff::may_be_ours(&text),
    };
    (named || ours || assembly::may_be(&shown, &text)).then(|| Text { source: Source::new(&shown, &text), named, problem })
}

impl Loaded {
    fn take(&mut self, file: FileId, text: Text, parsed: Option<Parsed>) {
        let Text { source, named, problem } = text;
        if let Some((at, message)) = problem {
            self.unreadable(file, at, message);
        } else if let Some(parsed) = parsed {
            self.parsed(file, parsed, named, &source);
        }
        self.sources.push(source);
    }

    fn parsed(&mut self, file: FileId, parsed: Parsed, named: bool, source: &Source) {
        let Some(root) = parsed.root else { return self.broken(file, parsed.problems, named, source) };
        if let Some(at) = sniff::unfilled(&root, &source.text) {
            return self.templated(file, at, named, source);
        }
        let span = root.span;
        if assembly::may_be(&source.path, &source.text) {
            return self.assembled.extend(assembly::read(&source.path, &root));
        }
        match sniff::find(&root, &source.text) {
            Found::Ours(kind) => {
                self.problems.extend(parsed.problems.into_iter().map(InputProblem::from_parser));
                if parsed.documents > 1 {
                    let message = format!("the file holds {} YAML documents; a template is one", parsed.documents);
                    let fix = "split it into one file a document; only the first that is not empty was checked";
                    self.problem("syntax", span, message, fix);
                }
                if let Some((at, what)) = parsed.foreign.filter(|_| kind == Kind::Template) {
                    let message = format!("CloudFormation does not take YAML with {what}");
                    self.problem(
                        "foreign-yaml",
                        at,
                        message,
                        "write the value out where it stands, or deploy what `aws cloudformation package` makes of it",
                    );
                }
                self.models.push(FileModel { file, kind, root });
            }
            Found::Foreign(what) => {
                if named {
                    self.problem(
                        "unreadable",
                        span,
                        format!("this is {what}; only the policies of buckets are checked"),
                        NAME_ANOTHER,
                    );
                }
                self.passed.push((file, what));
            }
            Found::Unknown if parsed.documents > 1 && sniff::looks_like_ours(&source.text) => {
                let message = format!("the file holds {} YAML documents, of which only the first is read", parsed.documents);
                self.problem("syntax", span, message, "split it into one file a document; nothing in this file was checked");
            }
            Found::Unknown if named => {
                let message = "the file is neither a CloudFormation template nor a bucket policy nor output of an aws command";
                self.problem("unreadable", span, message.to_owned(), NAME_ANOTHER);
            }
            Found::Unknown => {}
        }
    }

    /// A text that does not parse.
    fn broken(&mut self, file: FileId, problems: Vec<Problem>, named: bool, source: &Source) {
        let mut syntax = problems.into_iter().filter(|problem| problem.kind == ProblemKind::Syntax).peekable();
        let at = syntax.peek().map(|problem| sniff::templated(&source.text, problem.span.start as usize));
        match at {
            Some(Some(at)) => self.templated(file, at, named, source),
            Some(None) if named || sniff::looks_like_ours(&source.text) => {
                self.problems.extend(syntax.map(InputProblem::from_parser));
            }
            None if named => self.unreadable(file, 0..0, "the file is empty".into()),
            _ => {}
        }
    }

    /// A text that something else has to fill in, at byte `at` for the first time.
    fn templated(&mut self, file: FileId, at: usize, named: bool, source: &Source) {
        if named || sniff::looks_like_ours(&source.text) {
            let span = Span::new(file, at, at + 2);
            let message = "this is filled in before the file is what it is meant to be, so it was not read".to_owned();
            self.problem("templated", span, message, "check what your template engine makes of it");
        }
        self.passed.push((file, "templated".into()));
    }

    fn unreadable(&mut self, file: FileId, at: Range<usize>, message: String) {
        self.problem("unreadable", Span::new(file, at.start, at.end), message, "nothing in this file was checked");
    }

    /// Notes that the program failed on the file shown as `path`, so that nothing in it is judged; `why` tells where and over
    /// what.
    pub fn lost(&mut self, path: &str, why: &str) {
        let file = self.sources.push(Source::new(path, ""));
        let message = format!("bucketlint failed on this file, so nothing in it was checked: {why}");
        let fix = "that is a fault of bucketlint's: please report it with the file, or as much of it as may be shown, at \
                   https://github.com/bucketlint/bucketlint/issues; the other files were checked";
        self.problem("unreadable", Span::new(file, 0, 0), message, fix);
    }

    fn problem(&mut self, kind: &'static str, span: Span, message: String, fix: &str) {
        self.problems.push(InputProblem { kind, span, message, fix: fix.into(), related: None });
    }
}
