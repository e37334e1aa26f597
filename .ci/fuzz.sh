#!/bin/sh
# Runs every fuzz target for so many seconds (60 by default). It needs rustup, and a C++ compiler for libFuzzer.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
rustup toolchain list | grep -q '^nightly' || rustup toolchain install nightly --profile minimal
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
for target in policy_text policy_parts template; do
    mkdir -p "fuzz/corpus/$target"
    set -- "fuzz/corpus/$target"
    if [ -d "fuzz/seeds/$target" ]; then set -- "$@" "fuzz/seeds/$target"; fi
    cargo +nightly fuzz run --fuzz-dir fuzz -s none "$target" "$@" -- -max_total_time="$seconds" -max_len=4096 -timeout=10
done
