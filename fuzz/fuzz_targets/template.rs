//! Any bytes as templates that are checked together, the next one after each NUL.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let files = bytes.split(|byte| *byte == 0).take(3).enumerate();
    bucketlint_fuzz::check(files.map(|(at, bytes)| (format!("{at}.yaml"), bytes.to_vec())).collect());
});
