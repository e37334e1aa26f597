//! Keeps a check going where the program itself fails on a file: the others are judged without it.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};

/// A file that the program failed on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Lost {
    /// Its path as shown.
    pub(super) file: String,
    /// Where the program failed, and over what.
    pub(super) why: String,
}

/// So many files are left out at most; each costs a run for every time that the number of files can be halved.
const MAX_LOST: usize = 8;

/// What `judge` makes of as many of `files` as it can. It is given the files to judge, and those that are left out because
/// it failed on them, alone or beside those before them in the list.
///
/// # Errors
/// It fails without any file, or over too many: where and over what.
pub(super) fn guard<T>(files: &[String], judge: impl Fn(&BTreeSet<&str>, &[Lost]) -> T) -> Result<(T, Vec<Lost>), String> {
    listen();
    let attempt = |files: &[&str], lost: &[Lost]| {
        let files = files.iter().copied().collect();
        let _guarded = Guarded::new();
        panic::catch_unwind(AssertUnwindSafe(|| judge(&files, lost)))
            .map_err(|_| FAILURE.lock().unwrap_or_else(PoisonError::into_inner).clone())
    };
    search(files, &attempt)
}

/// Where the program failed last under a guard, and over what.
static FAILURE: Mutex<String> = Mutex::new(String::new());

/// How many guards there are: while there is one, the threads of the pool work for it.
static GUARDS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as guarded, until it is dropped.
struct Guarded;

impl Guarded {
    fn new() -> Self {
        IS_GUARDED.set(true);
        GUARDS.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        GUARDS.fetch_sub(1, Ordering::SeqCst);
        IS_GUARDED.set(false);
    }
}

/// Has failures under a guard noted instead of printed. Those of other threads are printed as ever.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |failure| {
            let of_pool = rayon::current_thread_index().is_some() && GUARDS.load(Ordering::SeqCst) > 0;
            if !IS_GUARDED.get() && !of_pool {
                return before(failure);
            }
            let payload = failure.payload();
            let over = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            let over = over.unwrap_or("no words");
            let at = failure.location().map_or_else(String::new, |at| format!("{}:{}: ", at.file(), at.line()));
            *FAILURE.lock().unwrap_or_else(PoisonError::into_inner) = format!("{at}{over}");
        }));
    });
}

type Attempt<'a, T> = dyn Fn(&[&str], &[Lost]) -> Result<T, String> + 'a;

fn search<T>(files: &[String], attempt: &Attempt<'_, T>) -> Result<(T, Vec<Lost>), String> {
    let mut left: Vec<&str> = files.iter().map(String::as_str).collect();
    let mut lost: Vec<Lost> = Vec::new();
    loop {
        let mut why = match attempt(&left, &lost) {
            Ok(done) => return Ok((done, lost)),
            Err(why) if lost.len() == MAX_LOST => return Err(why),
            Err(why) => why,
        };
        // it is well with so many of the first files, and fails with so many
        let (mut well, mut fails) = (0, left.len());
        attempt(&[], &lost)?;
        while well + 1 < fails {
            let half = usize::midpoint(well, fails);
            match attempt(&left[..half], &lost) {
                Ok(_) => well = half,
                Err(other) => (fails, why) = (half, other),
            }
        }
        lost.push(Lost { file: left.remove(well).to_owned(), why });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files that are judged, and those that are lost, where any of `bad` makes the program fail as soon as all of its
    /// files are there.
    fn judged(bad: &[&[&str]]) -> Result<(Vec<String>, Vec<String>), String> {
        let files = ["a", "b", "c", "d", "e", "f"].map(str::to_owned);
        let judge = |files: &BTreeSet<&str>, _: &[Lost]| {
            let fails = bad.iter().find(|all| all.iter().all(|name| files.contains(name)));
            assert_eq!(fails, None, "over these");
            files.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()
        };
        let (left, lost) = guard(&files, judge)?;
        assert!(lost.iter().all(|lost| lost.why.starts_with("src/app/guard.rs:") && lost.why.contains("over these")));
        Ok((left, lost.into_iter().map(|lost| lost.file).collect()))
    }

    #[test]
    fn the_others_are_judged() {
        let told = |bad: &[&[&str]]| judged(bad).map(|(left, lost)| (left.concat(), lost.concat()));
        assert_eq!(told(&[]), Ok(("abcdef".into(), String::new())));
        assert_eq!(told(&[&["c"]]), Ok(("abdef".into(), "c".into())));
        assert_eq!(told(&[&["a"], &["f"]]), Ok(("bcde".into(), "af".into())));
        assert_eq!(told(&[&["b", "e"]]), Ok(("abcdf".into(), "e".into())));
        assert!(told(&[&[]]).unwrap_err().contains("over these"), "no file is to blame");
    }
}
