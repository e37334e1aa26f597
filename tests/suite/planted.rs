//! Every mistake planted in the templates of the corpus is found, but what hangs on a name that is not known.

use crate::common;
use crate::plant::{check, plan, plots, said};
use rayon::prelude::*;

#[test]
fn every_planted_mistake_is_found() {
    let Some(base) = common::corpus() else { return eprintln!("skipped: BUCKETLINT_CORPUS names no corpus") };
    let (plots, templates) = plots(&base);
    let missed = plots.par_iter().flat_map_iter(|plot| {
        plot.mistakes().filter_map(move |mistake| {
            let (number, rule, _) = mistake;
            let text = serde_json::to_string_pretty(&plot.planted(mistake)).unwrap();
            let after = said(&check(&plot.path, text, &plan(mistake)));
            let is_found = after.difference(&plot.before).any(|(found, ..)| found == rule);
            (!is_found).then(|| format!("{}: {number:?} {rule}", plot.path))
        })
    });
    let missed: Vec<String> = missed.collect();
    let count: usize = plots.iter().map(|plot| plot.mistakes().count()).sum();
    eprintln!("{count} mistakes in {} templates of {templates}", plots.len());
    assert!(plots.len() > 100, "only {} templates could be made right", plots.len());
    assert!(missed.is_empty(), "{} are missed: {missed:#?}", missed.len());
}
