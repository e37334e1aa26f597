#!/bin/sh
# Runs every fuzz target for so many seconds (60 by default). It needs a C++ compiler for libFuzzer. Where no nightly
# toolchain can be had, the one there is does as well: no sanitizer is asked for.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
if rustc +nightly --version >/dev/null 2>&1 || rustup toolchain install nightly --profile minimal >/dev/null 2>&1; then
    export RUSTUP_TOOLCHAIN=nightly
else
    export RUSTC_BOOTSTRAP=1
fi
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
for target in policy_text policy_parts template; do
    mkdir -p "fuzz/corpus/$target"
    set -- "fuzz/corpus/$target"
    if [ -d "fuzz/seeds/$target" ]; then set -- "$@" "fuzz/seeds/$target"; fi
    cargo fuzz run --fuzz-dir fuzz -s none "$target" "$@" -- -max_total_time="$seconds" -max_len=4096 -timeout=10
done
