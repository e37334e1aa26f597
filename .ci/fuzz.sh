#!/bin/sh
# Runs every fuzz target, or those named, for so many seconds (60 by default), starting from the fixtures, and from the
# corpus where BUCKETLINT_CORPUS names one. It needs a C++ compiler for libFuzzer. Where no nightly toolchain can be had,
# the one there is does as well: no sanitizer is asked for.
# usage: .ci/fuzz.sh [SECONDS [TARGET...]]
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- template structure many_files policy_text policy_parts inputs includes reports
if rustc +nightly --version >/dev/null 2>&1 || rustup toolchain install nightly --profile minimal >/dev/null 2>&1; then
    export RUSTUP_TOOLCHAIN=nightly
else
    export RUSTC_BOOTSTRAP=1
fi
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
seeds=fuzz/seeds
rm -rf "$seeds"
python3 fuzz/seeds.py "$seeds"
# one build for all of them
cargo fuzz build --fuzz-dir fuzz -s none
for target; do
    mkdir -p "fuzz/corpus/$target" "$seeds/$target"
    printf '\n== fuzz %s for %s s\n' "$target" "$seconds"
    cargo fuzz run --fuzz-dir fuzz -s none "$target" "fuzz/corpus/$target" "$seeds/$target" -- \
        -max_total_time="$seconds" -max_len=16384 -timeout=10 -print_final_stats=1
done
