//! `check`: from files to a report.

use super::desk::Desk;
use super::follow::Follow;
use super::guard::{Lost, guard};
use super::known::Known;
use super::nothing::Seen;
use super::unmatched::Written;
use super::verbose::Told;
use super::{Answer, Status, Trouble, inputs};
use crate::allow::Allowing;
use crate::cfn::given::Given;
use crate::cli::{CheckOptions, Sheet, can_draw, sheets, today};
use crate::config::{self, TrailPlace};
use crate::disk;
use crate::facts::InputProblem;
use crate::inventory::FileModel;
use crate::load::{Input, load};
use crate::outcome::{Altered, Outcome};
use crate::parameters;
use crate::profile::Profile;
use crate::progress::Progress;
use crate::report::{self, Format, Style};
use crate::rule::Rule;
use crate::rule::catalog::Origin;
use crate::run::{MOST_LOOKS, Plan, follow, tell_whole};
use crate::settings::Settings;
use crate::sniff::{self, Kind};
use crate::source::Sources;
use crate::walk;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// How a report for people is drawn in a file.
const PLAIN: Style = Style { width: 100, unicode: true, colour: false };

/// Checks once, drawing in `style`; what it goes by is left on the `desk`.
pub(super) fn check(options: &CheckOptions, style: Style, desk: &mut Desk) -> Result<Answer, Trouble> {
    judge(options, desk, &BTreeMap::new(), None)?.report(options, style)
}

/// Takes `edited` texts in place of those of the same files.
fn put_in(edited: &BTreeMap<String, String>, inputs: &mut [Input]) {
    for input in inputs {
        if let Some(text) = edited.get(&input.shown) {
            input.bytes = Ok(text.clone().into_bytes());
        }
    }
}

/// Judges once, with `edited` texts in place of what is in files, by path as shown; what that goes by is left on the `desk`,
/// and what was in the files in `taken`, where that is asked for.
pub(super) fn judge(
    options: &CheckOptions,
    desk: &mut Desk,
    edited: &BTreeMap<String, String>,
    taken: Option<&mut BTreeMap<String, Vec<u8>>>,
) -> Result<Checked, Trouble> {
    // a bar would get in the way of what is typed
    let typed = options.paths.iter().any(|path| path.as_os_str() == walk::STDIN);
    let progress = Follow::new(!options.quiet && !typed && can_draw());
    let sheets = sheets(&options.formats, options.output.as_deref()).map_err(Trouble::Plain)?;
    progress.stage("reading settings and rules", 0);
    let file = desk.settings_file(options.paths.first().map(PathBuf::as_path), &options.chosen)?;
    let (settings, rules) = desk.settings(file.as_ref(), &options.chosen);
    let written = file.as_ref().and_then(|file| file.root.get("buckets")).filter(|_| options.chosen.buckets.is_empty());
    let written = written.map(|node| (desk.sources.get(node.span.file).clone(), node.clone()));
    let config_path = file.map(|file| file.path);
    let profile = desk.profile(&settings.profile)?;
    let groups = desk.parameters(&settings, &options.chosen, config_path.as_deref())?;
    let dir = config_path.as_deref().and_then(Path::parent).filter(|dir| !dir.as_os_str().is_empty());
    let dir = dir.unwrap_or(Path::new(".")).to_path_buf();
    let placed = desk.placed(&settings, &dir);
    let allowed = desk.text_of(&settings.allow);
    let profile = desk.settle(profile)?;
    let known = Known::open(settings.baseline.as_deref(), options.write_baseline).map_err(Trouble::Plain)?;
    let mut exclude: Vec<PathBuf> = settings.rules.clone();
    let settings_shown = config_path.as_deref().map(walk::shown);
    exclude.extend(config_path);
    exclude.extend(known.as_ref().map(|known| known.path().to_path_buf()));
    exclude.extend(groups.iter().map(|group| PathBuf::from(&*group.source.path)));
    let here = [PathBuf::from(".")];
    let roots = if options.changed || options.paths.is_empty() { &here[..] } else { &options.paths };
    let whole = roots.iter().any(|root| disk::below(root, &dir).is_some());
    let written = written.map_or(Written::Flags, |(source, buckets)| Written::Settings { source, buckets, whole });
    progress.stage("reading files", 0);
    let mut first = inputs(roots, &exclude);
    put_in(edited, &mut first);
    if let Some(taken) = taken {
        let read = first.iter().filter(|input| input.shown != walk::STDIN);
        taken.extend(read.filter_map(|input| Some((input.shown.clone(), input.bytes.as_ref().ok()?.clone()))));
    }
    let settings_path = settings_shown.clone();
    let told = if options.verbose { Told::of(settings_shown, &first, roots, &exclude) } else { Told::default() };
    let shown: Vec<String> = first.iter().map(|input| input.shown.clone()).collect();
    let altered = Altered {
        settings: settings_path.clone(),
        off: settings.severity.iter().filter(|(_, level)| level.severity.is_none()).map(|(id, _)| id.clone()).collect(),
        replaced: replaced(&desk.origins),
        ignored: walk::passed_over(roots, &exclude, &shown).into_iter().filter(|path| looks_like_ours(path)).collect(),
    };
    let missing = roots.iter().any(|root| root.as_os_str() != walk::STDIN && !root.exists());
    let first = Cell::new(Some(first));
    let judge = |files: &BTreeSet<&str>, lost: &[Lost]| {
        let mut inputs = first.take().unwrap_or_else(|| {
            let mut again = inputs(roots, &exclude);
            put_in(edited, &mut again);
            again
        });
        inputs.retain(|input| files.contains(input.shown.as_str()));
        progress.stage("parsing", 0);
        let mut loaded = load(inputs);
        lost.iter().for_each(|lost| loaded.lost(&lost.file, &lost.why));
        let mut told = told.clone();
        told.not_ours(&loaded);
        let passed = loaded.passed.iter().map(|(file, what)| (loaded.sources.get(*file).path.to_string(), what.clone()));
        // a module that is not read is told of too
        let unread = |model: &FileModel| {
            model.kind == Kind::Terraform && model.root.get("unread").is_some_and(|all| !all.items().is_empty())
        };
        let keeps = loaded.problems.iter().any(InputProblem::keeps) || loaded.models.iter().any(unread);
        let passed = passed.collect();
        let files = loaded.models.iter().map(|model| model.file).chain(loaded.problems.iter().map(|problem| problem.span.file));
        let ours = files.map(|file| PathBuf::from(&*loaded.sources.get(file).path)).collect();
        let mut given = parameters::assign(&groups, &mut loaded);
        given.places = parameters::places(&groups, &placed, &mut loaded);
        let mut allowing = Allowing { narrowed: !options.chosen.buckets.is_empty(), ..Allowing::default() };
        allowing.today = options.today.unwrap_or_else(today);
        if let Some(text) = &allowed {
            allowing.settings = config::allows(&settings.allow, text.clone(), &dir, whole, &mut loaded);
        }
        let plan = Plan { given, allowing, ..plan(&settings, options, profile.clone()) };
        let outcome = follow(loaded, &plan, &rules, &progress);
        Judged { outcome, plan, told, passed, keeps, ours }
    };
    let (judged, lost) = guard(&shown, judge)
        .map_err(|why| Trouble::Plain(format!("bucketlint failed, which is a fault of its own: {why}; please report it")))?;
    let Judged { mut outcome, plan, told, passed, keeps, ours } = judged;
    let read = ours.iter().chain(roots).chain(&desk.opened).map(PathBuf::as_path);
    refuse_to_overwrite(&sheets, read.chain(known.as_ref().map(Known::path)))?;
    outcome.identities = identities(&outcome.sources);
    outcome.summary.altered = altered;
    if let Some(known) = known {
        let off = |rule: &str| settings.severity.get(rule).is_some_and(|level| level.severity.is_none());
        known.apply(&mut outcome, roots, &off).map_err(Trouble::Plain)?;
    }
    if options.changed {
        let changed: BTreeSet<PathBuf> = options.paths.iter().filter_map(|path| disk::real(path)).collect();
        outcome.narrow(&|shown| disk::real(Path::new(shown)).is_some_and(|path| changed.contains(&path)));
    }
    let seen = Seen { roots, passed, told: keeps, wanted: &settings.buckets, written: &written };
    let unchecked = if settings.allow_empty { None } else { seen.unchecked(&mut outcome) };
    // what names no bucket is why none was checked
    let unmatched = if unchecked.is_some() { Vec::new() } else { written.unmatched(&settings.buckets, &mut outcome) };
    tell_whole(&mut outcome, (unchecked.as_ref(), &unmatched), &plan, &rules);
    let broken = missing || !lost.is_empty();
    Ok(Checked { outcome, rules, settings, sheets, told, progress, broken })
}

/// What a check comes to.
pub(super) struct Checked {
    pub(super) outcome: Outcome,
    rules: Vec<Rule>,
    settings: Settings,
    sheets: Vec<Sheet>,
    told: Told,
    progress: Follow,
    /// Whether something could not be judged at all.
    pub(super) broken: bool,
}

impl Checked {
    /// Writes the reports that are asked for, drawing in `style`.
    pub(super) fn report(self, options: &CheckOptions, style: Style) -> Result<Answer, Trouble> {
        let Self { outcome, rules, settings, sheets, told, progress, broken } = self;
        progress.stage("reporting", 0);
        let mut out = String::new();
        for sheet in sheets {
            let text = |style| match sheet.format {
                Format::Pretty if options.statistics => report::statistics(&outcome),
                Format::Pretty if options.quiet => report::brief(&outcome, style),
                format => format.write(&outcome, &rules, style),
            };
            match &sheet.file {
                None => out = text(style),
                Some(path) => {
                    disk::write(path, &text(PLAIN)).map_err(|why| Trouble::Plain(format!("{}: {why}", walk::shown(path))))?
                }
            }
        }
        let laps = progress.done();
        let mut err = if options.verbose { told.text(&outcome, &settings, &laps) } else { String::new() };
        if options.changed {
            // such as one that `git diff --name-only` tells from the root of the repository
            for path in options.paths.iter().filter(|path| !path.exists()) {
                err.push_str(&format!("bucketlint: {} is not there, from here: nothing is reported on it\n", walk::shown(path)));
            }
        }
        let failed = outcome.findings.iter().any(|finding| settings.fail_on.counts(finding.severity));
        let status = if broken { Status::Broken } else { Status::of(failed) };
        Ok(Answer { out, err, status })
    }
}

/// What a check comes to, before it is compared with what is known.
struct Judged {
    outcome: Outcome,
    plan: Plan,
    told: Told,
    /// Files that were passed over, by path as shown, and what they are.
    passed: Vec<(String, String)>,
    /// Whether something could not be read.
    keeps: bool,
    /// The files that are ours, or may be.
    ours: BTreeSet<PathBuf>,
}

/// Complains of a report that would be written over a file in `read`.
fn refuse_to_overwrite<'p>(sheets: &[Sheet], read: impl Iterator<Item = &'p Path>) -> Result<(), Trouble> {
    let read: BTreeSet<PathBuf> = read.filter_map(disk::real).collect();
    let mut files = sheets.iter().filter_map(|sheet| sheet.file.as_ref());
    let taken = files.find(|file| file.is_file() && disk::real(file).is_some_and(|file| read.contains(&file)));
    taken.map_or(Ok(()), |file| {
        let shown = walk::shown(file);
        Err(Trouble::Plain(format!("{shown}: the report would be written over a file that is read; name another")))
    })
}

/// The rules of which those of the user stand in the place, and the files they are in.
fn replaced(origins: &report::Origins) -> Vec<(String, String)> {
    let by_user = origins.iter().filter_map(|(id, origins)| match origins {
        (Origin::User(file), Some(_)) => Some((id.clone(), file.clone())),
        _ => None,
    });
    by_user.collect()
}

fn looks_like_ours(path: &str) -> bool {
    disk::read(Path::new(path)).is_ok_and(|text| sniff::looks_like_ours(&text))
}

/// What the files of a run are called however their paths are spelt, where that is not how they are.
fn identities(sources: &Sources) -> BTreeMap<String, String> {
    let each = sources.iter().filter_map(|(_, source)| {
        let identity = walk::shown(&disk::identity(Path::new(&*source.path))?);
        (*identity != *source.path).then(|| (source.path.to_string(), identity))
    });
    each.collect()
}

/// What a run goes by, under these settings.
pub(super) fn plan(settings: &Settings, options: &CheckOptions, profile: Profile) -> Plan {
    let single = match options.chosen.buckets.as_slice() {
        [only] if !only.contains(['*', '?', '#']) => Some(only.clone()),
        _ => None,
    };
    Plan {
        control_accounts: settings.control_accounts.clone(),
        profile,
        buckets: settings.buckets.clone(),
        standalone_bucket: single,
        levels: settings.severity.iter().map(|(id, level)| (id.clone(), level.severity)).collect(),
        trail_elsewhere: settings.trail == TrailPlace::Elsewhere,
        logs_read: settings.logs_read,
        partition: settings.partition.clone(),
        roles: settings.principals.clone(),
        assume: settings.assume.iter().map(|(key, values)| (key.to_ascii_lowercase(), values.clone())).collect(),
        given: Given::default(),
        allowing: Allowing::default(),
        most_looks: MOST_LOOKS,
        facts: options.facts,
    }
}
