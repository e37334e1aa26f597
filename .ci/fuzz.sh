#!/bin/sh
# Runs every fuzz target, or those named, for so many seconds each (60 by default), two at a time, starting from the
# fixtures, and from the corpus where BUCKETLINT_CORPUS names one. What is found stays in fuzz/corpus for the next run, so
# that a long one (.ci/fuzz.sh 3600) goes on where the last one ended; what fails is put into fuzz/artifacts.
# It needs a C++ compiler for libFuzzer. Where no nightly toolchain can be had, the one there is does as well: no
# sanitizer is asked for.
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
rm -rf fuzz/seeds
python3 fuzz/seeds.py fuzz/seeds
cargo fuzz build --fuzz-dir fuzz -s none
built="${CARGO_TARGET_DIR:-fuzz/target}/$(rustc -vV | sed -n 's/^host: //p')/release"
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export seconds built logs
# shellcheck disable=SC2016 # the shell that xargs starts expands it
run='
    mkdir -p "fuzz/corpus/$1" "fuzz/seeds/$1" "fuzz/artifacts/$1"
    "$built/$1" "fuzz/corpus/$1" "fuzz/seeds/$1" -artifact_prefix="fuzz/artifacts/$1/" -max_total_time="$seconds" \
        -max_len=16384 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 >"$logs/$1" 2>&1 || touch "$logs/$1.failed"
'
printf '%s\n' "$@" | xargs -P 2 -I '{}' sh -c "$run" sh '{}'
for target; do
    printf '\n== %s\n' "$target"
    if [ -e "$logs/$target.failed" ]; then
        tail -n 60 "$logs/$target"
    else
        grep -E '^stat::(number_of_executed_units|peak_rss_mb)|^Done|cov: ' "$logs/$target" | tail -n 4
    fi
done
for target; do [ ! -e "$logs/$target.failed" ]; done
