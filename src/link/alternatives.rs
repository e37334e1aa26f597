//! Which of several declarations of one bucket a policy goes with.

use crate::source::{FileId, folder, shared_folders};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A file and its path.
type Place<'p> = (FileId, &'p str);

/// The place of a policy, and whether it is in a template rather than a document of its own.
type PolicyPlace<'p> = (FileId, &'p str, bool);

/// The policies of one name, by their place in the list, as its alternatives have them.
#[derive(Default, PartialEq, Eq, Debug)]
pub(super) struct Shares {
    /// Those of each declaration.
    pub(super) declared: Vec<Vec<usize>>,
    /// Those of buckets that policies alone know: none is empty.
    pub(super) alone: Vec<Vec<usize>>,
}

/// Shares the policies of one bucket's name out among its declarations. A policy in the template of one goes with that; one
/// in the folder of some, with these; another with the nearest that have none by then. The policies of one folder that go
/// with no declaration are a bucket's of their own; where there is none, those of each of its templates are.
pub(super) fn share(homes: &[Place<'_>], policies: &[PolicyPlace<'_>]) -> Shares {
    let mut out = Shares { declared: vec![Vec::new(); homes.len()], alone: Vec::new() };
    let mut rest: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, (file, path, _)) in policies.iter().enumerate() {
        let mut own = homes.iter().enumerate().filter(|(_, (home, _))| home == file).map(|(home, _)| home).peekable();
        if own.peek().is_none() {
            rest.entry(folder(path)).or_default().push(at);
        }
        own.for_each(|home| out.declared[home].push(at));
    }
    let nearest = |path: &str| homes.iter().map(|(_, home)| shared_folders(path, home)).max();
    let split = |group| if homes.is_empty() { by_template(group, policies) } else { vec![group] };
    let split = |(here, group)| split(group).into_iter().map(move |own| (here, own));
    let mut groups: Vec<(&str, Vec<usize>)> = rest.into_iter().flat_map(split).collect();
    let is_home = |path: &str| homes.iter().any(|(_, home)| folder(home) == path);
    groups.sort_by_key(|(folder, own)| std::cmp::Reverse((is_home(folder), nearest(policies[own[0]].1))));
    for (here, group) in groups {
        let mut sets = twins(&group, policies).into_iter();
        let first = sets.next().unwrap_or_default();
        let beside: Vec<usize> = (0..homes.len()).filter(|&home| folder(homes[home].1) == here).collect();
        let takers = if beside.is_empty() { free(homes, &out.declared, policies[group[0]].1) } else { beside };
        if takers.is_empty() {
            out.alone.push(first);
        } else {
            takers.into_iter().for_each(|home| out.declared[home].extend(&first));
        }
        out.alone.extend(sets);
    }
    out.declared.iter_mut().for_each(|own| own.sort_unstable());
    out
}

/// The nearest of the declarations that have no policy yet.
fn free(homes: &[Place<'_>], taken: &[Vec<usize>], path: &str) -> Vec<usize> {
    let free = || (0..homes.len()).filter(|&home| taken[home].is_empty());
    let nearest = free().map(|home| shared_folders(path, homes[home].1)).max();
    free().filter(|&home| Some(shared_folders(path, homes[home].1)) == nearest).collect()
}

/// The policies of each template of a folder, with the documents beside it: nothing tells that several templates are meant to
/// be deployed for one bucket, and each would be refused after the first.
fn by_template(group: Vec<usize>, policies: &[PolicyPlace<'_>]) -> Vec<Vec<usize>> {
    let templates: BTreeSet<FileId> = group.iter().filter(|&&at| policies[at].2).map(|&at| policies[at].0).collect();
    if templates.is_empty() {
        return vec![group];
    }
    let is_of = |at: usize, file: FileId| !policies[at].2 || policies[at].0 == file;
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

    /// What declarations and policies come to, such as `0 1, 2; 3`; equal paths are one file, and `p` and `q` documents.
    fn shared(homes: &str, policies: &str) -> String {
        let all: BTreeSet<&str> = homes.split_whitespace().chain(policies.split_whitespace()).collect();
        let number = |path: &str| all.iter().zip(0..).find(|(one, _)| **one == path).map_or(0, |(_, at)| at);
        let homes: Vec<Place<'_>> = homes.split_whitespace().map(|path| (FileId(number(path)), path)).collect();
        let is_template = |path: &str| !matches!(Path::new(path).file_stem().unwrap().to_str(), Some("p" | "q"));
        let policy = |path| (FileId(number(path)), path, is_template(path));
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
            // one policy in two forms
            ("", "p.json p.yaml", "; 0, 1"),
            ("t.yaml", "p.json p.yaml q.json", "0 2; 1 2"),
        ] {
            assert_eq!(shared(homes, policies), want, "{homes} with {policies}");
        }
    }
}
