//! What an interrupt does.

/// Lets a report that is being written into a file be finished before an interrupt ends the program, as it does by
/// default: a shell sees status 130. To be called once, at the beginning.
pub fn finish_writing() {
    #[cfg(unix)]
    unix::finish_writing();
}

#[cfg(unix)]
mod unix {
    use crate::disk;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;
    use std::path::Path;
    use std::thread;

    pub(super) fn finish_writing() {
        let hangup = (!outlives_terminal()).then_some(SIGHUP);
        let Ok(mut signals) = Signals::new([SIGINT, SIGTERM].into_iter().chain(hangup)) else { return };
        thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                // ends the program, so that there is nobody to tell an error
                disk::between_writes(|| drop(emulate_default_handler(signal)));
            }
        });
    }

    /// Whether whoever began the program had it ignore hangups, as `nohup` does: so far as the system tells.
    fn outlives_terminal() -> bool {
        let status = disk::read(Path::new("/proc/self/status")).unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
        ignored & (1 << (SIGHUP - 1)) != 0
    }
}
