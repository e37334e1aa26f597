//! Which of several declarations of one bucket a policy goes with.

use crate::source::{FileId, folder, shared_folders};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A file and its path.
type Place<'p> = (FileId, &'p str);

/// The place of a policy, and what it stands in.
type PolicyPlace<'p> = (FileId, &'p str, Form);

/// What a policy stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// A template.
    Template,
    /// A document of its own.
    Document,
    /// What a command tells of a bucket that is deployed: the one policy that it has.
    Output,
}

/// The policies of one name, by their place in the list, as its alternatives have them.
#[derive(Default, PartialEq, Eq, Debug)]
pub(super) struct Shares {
    /// Those of each declaration.
    pub(super) declared: Vec<Vec<usize>>,
    /// Those of buckets that policies alone know: none is empty.
    pub(super) alone: Vec<Vec<usize>>,
}

/// Shares the policies of one bucket's name out among its declarations. A policy in the template of one goes with that; one
/// in the folder of some, with these, and where file names tell stages such as `dev-policy.yaml` apart, with those of its
/// stage; another with the nearest that have none by then. What a command tells comes last, and goes only with those that
/// have none. The policies of one folder that go with no declaration are a bucket's of their own, but each that a command
/// tells; where there is none, those of each of its templates are.
pub(super) fn share(homes: &[Place<'_>], policies: &[PolicyPlace<'_>]) -> Shares {
    let mut out = Shares { declared: vec![Vec::new(); homes.len()], alone: Vec::new() };
    let mut rest: BTreeMap<(&str, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (at, (file, path, form)) in policies.iter().enumerate() {
        let mut own = homes.iter().enumerate().filter(|(_, (home, _))| home == file).map(|(home, _)| home).peekable();
        if own.peek().is_none() {
            rest.entry((folder(path), (*form == Form::Output).then_some(*path))).or_default().push(at);
        }
        own.for_each(|home| out.declared[home].push(at));
    }
    let nearest = |path: &str| homes.iter().map(|(_, home)| shared_folders(path, home)).max();
    let split = |group| if homes.is_empty() { by_template(group, policies) } else { vec![group] };
    let split = |((here, _), group)| split(group).into_iter().map(move |own| (here, own));
    let mut groups: Vec<(&str, Vec<usize>)> = rest.into_iter().flat_map(split).collect();
    let is_home = |path: &str| homes.iter().any(|(_, home)| folder(home) == path);
    let is_told = |own: &[usize]| policies[own[0]].2 == Form::Output;
    let order = |own: &[usize]| std::cmp::Reverse(nearest(policies[own[0]].1));
    groups.sort_by_cached_key(|(folder, own)| (is_told(own), std::cmp::Reverse(is_home(folder)), order(own)));
    for (here, group) in groups {
        let beside: Vec<usize> = (0..homes.len()).filter(|&home| folder(homes[home].1) == here).collect();
        let mut near = if beside.is_empty() { free(homes, &out.declared, policies[group[0]].1) } else { beside };
        near.retain(|&home| !is_told(&group) || out.declared[home].is_empty());
        let stages = by_stage(&group, policies);
        let known: BTreeSet<&str> = stages.iter().filter_map(|(stage, _)| *stage).collect();
        let stage = |home: usize| stage_of(homes[home].1).filter(|stage| known.contains(stage));
        let near = near.into_iter().map(|home| (home, if known.is_empty() { None } else { stage(home) }));
        let (of_stage, others): (Vec<_>, Vec<_>) = near.partition(|(_, stage)| stage.is_some());
        let mut others: Vec<usize> = others.into_iter().map(|(home, _)| home).collect();
        for (stage, own) in stages {
            let mut sets = twins(&own, policies).into_iter();
            let first = sets.next().unwrap_or_default();
            let same: Vec<usize> = of_stage.iter().filter(|(_, own)| *own == stage).map(|(home, _)| *home).collect();
            // what is for all stages is deployed with the policy of any one
            let takers = if same.is_empty() { std::mem::take(&mut others) } else { same };
            if takers.is_empty() {
                out.alone.push(first);
            } else {
                takers.into_iter().for_each(|home| out.declared[home].extend(&first));
            }
            out.alone.extend(sets);
        }
    }
    out.declared.iter_mut().for_each(|own| own.sort_unstable());
    out
}

/// Words in the names of files that are there once for each stage of a deployment.
const STAGES: [&str; 13] =
    ["dev", "development", "int", "live", "preprod", "prod", "production", "qa", "sandbox", "stage", "staging", "test", "uat"];

/// The stage a file's name tells.
fn stage_of(path: &str) -> Option<&'static str> {
    let name = Path::new(path).file_name()?.to_str()?.to_ascii_lowercase();
    name.split(|letter: char| !letter.is_ascii_alphanumeric()).find_map(|word| STAGES.iter().copied().find(|one| *one == word))
}

/// The policies of a folder by stage, each with those of no stage.
fn by_stage(group: &[usize], policies: &[PolicyPlace<'_>]) -> Vec<(Option<&'static str>, Vec<usize>)> {
    let stage = |at: usize| stage_of(policies[at].1);
    let stages: BTreeSet<Option<&'static str>> = group.iter().map(|&at| stage(at)).collect();
    let named = stages.iter().any(Option::is_some);
    let with = |one: Option<&'static str>| group.iter().copied().filter(|&at| stage(at).is_none() || stage(at) == one).collect();
    stages.into_iter().filter(|one| one.is_some() || !named).map(|one| (one, with(one))).collect()
}

/// The nearest of the declarations that have no policy yet.
fn free(homes: &[Place<'_>], taken: &[Vec<usize>], path: &str) -> Vec<usize> {
    let free = (0..homes.len()).filter(|&home| taken[home].is_empty());
    let near: Vec<(usize, usize)> = free.map(|home| (home, shared_folders(path, homes[home].1))).collect();
    let nearest = near.iter().map(|(_, near)| *near).max();
    near.into_iter().filter(|(_, near)| Some(*near) == nearest).map(|(home, _)| home).collect()
}

/// The policies of each template of a folder, with the documents beside it: nothing tells that several templates are meant to
/// be deployed for one bucket, and each would be refused after the first.
fn by_template(group: Vec<usize>, policies: &[PolicyPlace<'_>]) -> Vec<Vec<usize>> {
    let is_template = |at: usize| policies[at].2 == Form::Template;
    let templates: BTreeSet<FileId> = group.iter().filter(|&&at| is_template(at)).map(|&at| policies[at].0).collect();
    if templates.is_empty() {
        return vec![group];
    }
    let is_of = |at: usize, file: FileId| !is_template(at) || policies[at].0 == file;
    templates.into_iter().map(|file| group.iter().copied().filter(|&at| is_of(at, file)).collect()).collect()
}

/// The policies of a folder; once more for every further form of a file that is there in several, such as `data.json` beside
/// `data.yaml`.
fn twins(group: &[usize], policies: &[PolicyPlace<'_>]) -> Vec<Vec<usize>> {
    let stem = |at: usize| Path::new(policies[at].1).file_stem();
    let form = |at: usize| policies[at].1;
    let is_further = |at: usize| group.iter().any(|&other| stem(other) == stem(at) && form(other) < form(at));
    let first: Vec<usize> = group.iter().copied().filter(|&at| !is_further(at)).collect();
    let further: BTreeSet<&str> = group.iter().filter(|&&at| is_further(at)).map(|&at| form(at)).collect();
    let replaced = |path: &str| {
        let twin = group.iter().copied().filter(|&at| form(at) == path);
        let others = first.iter().copied().filter(|&at| stem(at) != Path::new(path).file_stem());
        let mut set: Vec<usize> = twin.chain(others).collect();
        set.sort_unstable_by_key(|&at| (form(at) != path, at));
        set
    };
    let further = further.into_iter().map(replaced).collect::<Vec<_>>();
    std::iter::once(first).chain(further).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What declarations and policies come to, such as `0 1, 2; 3`; equal paths are one file, `p` and `q` documents, and `o` and
    /// `w` outputs.
    fn shared(homes: &str, policies: &str) -> String {
        let all: BTreeSet<&str> = homes.split_whitespace().chain(policies.split_whitespace()).collect();
        let number = |path: &str| all.iter().zip(0..).find(|(one, _)| **one == path).map_or(0, |(_, at)| at);
        let homes: Vec<Place<'_>> = homes.split_whitespace().map(|path| (FileId(number(path)), path)).collect();
        let form = |path: &str| match path.rsplit('/').next().unwrap().split('.').next().unwrap() {
            "p" | "q" => Form::Document,
            "o" | "w" => Form::Output,
            _ => Form::Template,
        };
        let policy = |path| (FileId(number(path)), path, form(path));
        let policies: Vec<PolicyPlace<'_>> = policies.split_whitespace().map(policy).collect();
        let Shares { declared, alone } = share(&homes, &policies);
        let list = |one: &Vec<usize>| one.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let lists = |all: &[Vec<usize>]| all.iter().map(list).collect::<Vec<_>>().join(", ");
        format!("{}; {}", lists(&declared), lists(&alone))
    }

    #[test]
    fn a_policy_goes_with_the_declaration_it_stands_by() {
        for (homes, policies, want) in [
            // each template its own; what is for none of them in particular goes with all
            ("dev.yaml prod.yaml", "dev.yaml prod.yaml", "0, 1; "),
            ("dev.yaml prod.yaml", "p.json", "0, 0; "),
            ("dev/t.yaml prod/t.yaml", "policies/p.json", "0, 0; "),
            // the folder, and then the nearest that has none
            ("dev/t.yaml prod/t.yaml", "dev/p.json prod/p.json", "0, 1; "),
            ("dev/t.yaml prod/t.yaml", "dev/policies/p.json prod/policies/p.json", "0, 1; "),
            ("dev/t.yaml prod/t.yaml", "dev/p.json p.json", "0, 1; "),
            ("a/t.yaml", "a/t.yaml b/p.json", "0; 1"),
            // two in one template or folder are two for one bucket
            ("t.yaml", "t.yaml t.yaml", "0 1; "),
            ("t.yaml", "t.yaml p.json", "0 1; "),
            ("", "dev/p.json dev/q.json prod/p.json", "; 0 1, 2"),
            // templates of one folder for a bucket that none declares
            ("", "t.yaml t.yaml", "; 0 1"),
            ("", "a/t.yaml a/u.yaml b/t.yaml", "; 0, 1, 2"),
            ("", "t.yaml p.json u.yaml u.yaml", "; 0 1, 1 2 3"),
            ("t.yaml", "t.yaml u.yaml u.yaml", "0 1 2; "),
            // stages that the files' names tell
            ("dev-b.yaml prod-b.yaml", "dev-q.yaml prod-q.yaml", "0, 1; "),
            ("dev-b.yaml prod-b.yaml", "dev-q.yaml prod-q.yaml r.yaml", "0 2, 1 2; "),
            ("b.yaml", "p.dev.json p.prod.json", "0; 1"),
            ("", "p.dev.json p.prod.json", "; 0, 1"),
            // what a command tells of the bucket
            ("t.yaml", "t.yaml o.json", "0; 1"),
            ("t.yaml", "o.json", "0; "),
            ("t.yaml", "p.json o.json", "0; 1"),
            ("t.yaml", "o.json w.json", "0; 1"),
            ("dev/t.yaml prod/t.yaml", "dev/t.yaml dev/o.json prod/o.json", "0, 2; 1"),
            ("", "p.json o.json w.json", "; 0, 1, 2"),
            ("", "t.yaml o.json", "; 0, 1"),
            // one policy in two forms
            ("", "p.json p.yaml", "; 0, 1"),
            ("t.yaml", "p.json p.yaml q.json", "0 2; 1 2"),
        ] {
            assert_eq!(shared(homes, policies), want, "{homes} with {policies}");
        }
    }
}
