//! Follows a check: how long each stage takes, and a bar for whoever has to wait.

use crate::progress::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a run takes before it is worth a bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// The stages of one check.
pub(super) struct Follow {
    laps: Mutex<Vec<(&'static str, Instant)>>,
    bar: Option<Bar>,
}

impl Follow {
    /// Begins. `draw` says whether there may be a bar on standard error.
    pub(super) fn new(draw: bool) -> Self {
        Self { laps: Mutex::default(), bar: draw.then(Bar::new) }
    }

    /// Ends: the bar is gone. How long each stage took, in order.
    pub(super) fn done(self) -> Vec<(&'static str, Duration)> {
        let end = Instant::now();
        let laps = self.laps.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ends = laps.iter().skip(1).map(|(_, began)| *began).chain([end]);
        laps.iter().zip(ends).map(|((what, began), end)| (*what, end.duration_since(*began))).collect()
    }
}

impl Progress for Follow {
    fn stage(&self, what: &'static str, steps: usize) {
        self.laps.lock().unwrap_or_else(PoisonError::into_inner).push((what, Instant::now()));
        if let Some(bar) = &self.bar {
            bar.stage(what, steps);
        }
    }

    fn step(&self) {
        if let Some(bar) = &self.bar {
            bar.shown.inc(1);
        }
    }
}

/// A bar that is not to be seen at first, and is gone once it is dropped.
struct Bar {
    shown: ProgressBar,
    /// Dropped, it tells that nobody waits any more.
    waiting: Option<Sender<()>>,
}

impl Bar {
    fn new() -> Self {
        let shown = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let (waiting, ended) = channel::<()>();
        let late = shown.clone();
        thread::spawn(move || {
            if ended.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                late.set_draw_target(ProgressDrawTarget::stderr());
                late.enable_steady_tick(Duration::from_millis(100));
            }
        });
        Self { shown, waiting: Some(waiting) }
    }

    fn stage(&self, what: &'static str, steps: usize) {
        let template = if steps > 1 { "{spinner} {msg} [{bar:20}] {pos} of {len}" } else { "{spinner} {msg}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.shown.set_style(style.progress_chars("=> ").tick_chars("|/-\\ "));
        }
        self.shown.set_position(0);
        self.shown.set_length(steps as u64);
        self.shown.set_message(what);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        drop(self.waiting.take());
        self.shown.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_told_in_order_and_last_until_the_next() {
        let follow = Follow::new(false);
        follow.stage("first", 0);
        thread::sleep(Duration::from_millis(20));
        follow.stage("second", 2);
        follow.step();
        let laps = follow.done();
        assert_eq!(laps.iter().map(|(what, _)| *what).collect::<Vec<_>>(), ["first", "second"]);
        assert!(laps[0].1 >= Duration::from_millis(20), "{laps:?}");
    }

    #[test]
    fn a_bar_waits_and_counts_the_steps_of_its_stage() {
        let bar = Bar::new();
        assert!(bar.shown.is_hidden());
        bar.stage("judging", 3);
        bar.shown.inc(2);
        assert_eq!((bar.shown.position(), bar.shown.length(), bar.shown.message()), (2, Some(3), "judging".into()));
        bar.stage("reporting", 0);
        assert_eq!(bar.shown.position(), 0);
    }
}
