//! The stages of a check in bytes of input per second, on one thread, and what the whole costs beside bare parsing.
//!
//! The input is a made-up repository in two sizes, a template with 60 conditions of which two concern its bucket, and, where the environment variable `BUCKETLINT_CORPUS` names its
//! directory, the corpus.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark ends where it cannot go on")]
#![allow(missing_docs, reason = "the functions are named after what they measure")]

#[path = "../../tests/common/mod.rs"]
mod common;
mod repository;

use bucketlint::disk;
use bucketlint::facts::{self, Facts, Scene};
use bucketlint::iam::caller::Requester;
use bucketlint::inventory::{self, Inventory};
use bucketlint::link::{self, LinkedBucket};
use bucketlint::load::{Input, Loaded, load};
use bucketlint::outcome::Outcome;
use bucketlint::report::{self, Style};
use bucketlint::rule::Rule;
use bucketlint::rule::check::{Checked, check};
use bucketlint::run::{self, Plan};
use bucketlint::walk;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use repository::{CONTROL_ACCOUNT, conditional, generate};
use std::fmt;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

const STYLE: Style = Style { width: 80, unicode: true, colour: false };

/// What is checked: path and text of each file that is ours.
struct Data {
    name: String,
    files: Vec<(String, String)>,
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

static DATA: LazyLock<Vec<Data>> = LazyLock::new(|| {
    let made = |count| Data { name: format!("{count} templates"), files: generate(count) };
    let conditional = Data { name: "60 conditions".into(), files: vec![("stack.yaml".into(), conditional(60))] };
    let mut out = vec![made(100), made(1000), conditional];
    out.extend(common::corpus().map(corpus));
    out
});

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(common::rules);

static PLAN: LazyLock<Plan> = LazyLock::new(|| common::plan(CONTROL_ACCOUNT));

fn corpus(base: PathBuf) -> Data {
    let loaded = load(common::inputs(&base, &base));
    let models = loaded.models.iter().map(|model| loaded.sources.get(model.file));
    Data { name: "corpus".into(), files: models.map(|source| (source.path.to_string(), source.text.to_string())).collect() }
}

fn data() -> &'static [Data] {
    &DATA
}

impl Data {
    fn bytes(&self) -> usize {
        self.files.iter().map(|(_, text)| text.len()).sum()
    }

    fn count(&self) -> BytesCount {
        BytesCount::new(self.bytes())
    }

    fn inputs(&self) -> Vec<Input> {
        let input =
            |(path, text): &(String, String)| Input { shown: path.clone(), named: false, bytes: Ok(text.clone().into_bytes()) };
        self.files.iter().map(input).collect()
    }

    fn load(&self) -> Loaded {
        load(self.inputs())
    }
}

fn main() {
    // stages would otherwise differ in how many threads they can use
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();
    divan::main();
    ratios();
}

#[divan::bench(args = data())]
fn a_read(bencher: Bencher<'_, '_>, data: &Data) {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in &data.files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        put(&path, text);
    }
    bencher.counter(data.count()).bench(|| {
        let files = walk::collect(&[dir.path().to_owned()], &[]).files;
        files.iter().map(|file| disk::read_bytes(&file.path)).collect::<Vec<_>>()
    });
}

#[expect(clippy::disallowed_methods, reason = "files to be read")]
fn put(path: &std::path::Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

#[divan::bench(args = data())]
fn b_parse(bencher: Bencher<'_, '_>, data: &Data) {
    bencher.counter(data.count()).with_inputs(|| data.inputs()).bench_values(load);
}

#[divan::bench(args = data())]
fn c_model(bencher: Bencher<'_, '_>, data: &Data) {
    let loaded = data.load();
    bencher.counter(data.count()).bench(|| model(black_box(&loaded)));
}

fn model(loaded: &Loaded) -> (Inventory, Vec<LinkedBucket>) {
    let inventory = inventory::collect(&loaded.models, &loaded.sources, None, &std::collections::BTreeMap::new());
    let buckets = link::link(&inventory, &loaded.sources, &PLAN.buckets, None);
    (inventory, buckets)
}

#[divan::bench(args = data())]
fn d_decide_and_facts(bencher: Bencher<'_, '_>, data: &Data) {
    let loaded = data.load();
    let (inventory, buckets) = model(&loaded);
    bencher.counter(data.count()).bench(|| facts(&loaded, &inventory, &buckets));
}

fn facts(loaded: &Loaded, inventory: &Inventory, buckets: &[LinkedBucket]) -> Facts {
    let requester = Requester { account: CONTROL_ACCOUNT.into(), ..Requester::default() };
    let scene = Scene {
        sources: &loaded.sources,
        inventory,
        buckets,
        told: &std::collections::BTreeSet::new(),
        files: None,
        joins: &link::Joins::of(buckets, &loaded.sources),
        index: &link::Index::of(buckets, inventory, &loaded.sources),
        requesters: &[requester],
        profile: &PLAN.profile,
        trail_elsewhere: false,
        logs_read: false,
        scenarios: &[],
        fragments: &std::collections::BTreeMap::new(),
        regional: &std::collections::BTreeSet::new(),
        lost: &[],
    };
    facts::compute(&scene, &loaded.problems, &[])
}

#[divan::bench(args = data())]
fn e_rules(bencher: Bencher<'_, '_>, data: &Data) {
    let loaded = data.load();
    let (inventory, buckets) = model(&loaded);
    let facts = facts(&loaded, &inventory, &buckets);
    let root = run::root(facts.members, loaded.models, &loaded.sources);
    bencher.counter(data.count()).bench(|| -> Checked { check(&RULES, black_box(&root), &PLAN.levels) });
}

#[divan::bench(args = data())]
fn f_report(bencher: Bencher<'_, '_>, data: &Data) {
    let outcome = outcome(data);
    bencher.counter(data.count()).bench(|| report::human(black_box(&outcome), STYLE));
}

fn outcome(data: &Data) -> Outcome {
    run::run(data.load(), &PLAN, &RULES)
}

#[divan::bench(args = data())]
fn g_whole(bencher: Bencher<'_, '_>, data: &Data) {
    bencher.counter(data.count()).bench(|| whole(data));
}

fn whole(data: &Data) -> String {
    report::human(&outcome(data), STYLE)
}

#[divan::bench(args = data())]
fn h_bare_parse(bencher: Bencher<'_, '_>, data: &Data) {
    bencher.counter(data.count()).bench(|| bare(data));
}

/// Draws every event or token out of the parsers, and makes nothing of them.
fn bare(data: &Data) -> usize {
    data.files.iter().map(|(_, text)| if text.starts_with('{') { lex(text) } else { events(text) }).sum()
}

fn events(text: &str) -> usize {
    granit_parser::Parser::new_from_str(text).map(|event| usize::from(black_box(event).is_ok())).sum()
}

fn lex(text: &str) -> usize {
    use hifijson::token::Lex;
    let mut lexer = hifijson::SliceLexer::new(text.as_bytes());
    let next = lexer.ws_peek().unwrap_or(b' ');
    usize::from(black_box(hifijson::ignore::parse(next, &mut lexer)).is_ok())
}

/// Prints what the whole check costs beside bare parsing: the median of pairs measured in turn, so that a busy machine
/// slows both.
fn ratios() {
    for data in data() {
        let mut pairs: Vec<(f64, Duration, Duration)> = (0..9)
            .map(|_| {
                let (parse, check) = (time(|| bare(data)), time(|| whole(data)));
                (check.as_secs_f64() / parse.as_secs_f64(), parse, check)
            })
            .collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (ratio, parse, check) = pairs[pairs.len() / 2];
        println!(
            "{data}: {:.2} MB in {} files, bare parse {parse:.1?}, whole check {check:.1?}, ratio {ratio:.2}",
            data.bytes() as f64 / 1e6,
            data.files.len()
        );
    }
}

fn time<T>(work: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}
