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
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;
    use std::thread;

    pub(super) fn finish_writing() {
        let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
        thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                // ends the program, so that there is nobody to tell an error
                disk::between_writes(|| drop(emulate_default_handler(signal)));
            }
        });
    }
}
