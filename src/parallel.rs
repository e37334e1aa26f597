//! Work on all threads.

use rayon::prelude::*;

/// What `each` makes of `items`, in their order; the threads are not even started for one of them.
pub fn map<T: Send, R: Send>(items: Vec<T>, each: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    match items.len() {
        0 | 1 => items.into_iter().map(each).collect(),
        _ => items.into_par_iter().map(each).collect(),
    }
}
