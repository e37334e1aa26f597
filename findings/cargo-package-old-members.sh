#!/usr/bin/env bash
# cargo: `cargo package --workspace` builds against the members as they were when they were first packaged.
#
# One would guess:  packaging a whole workspace verifies each member against what has just been packaged of the others,
#                   which are put into a registry made for this one run.
# What happens:     what that registry holds is unpacked below CARGO_HOME, built, and taken again by the next run with the
#                   same target folder, as long as the version is the same. A member that uses something its neighbour has
#                   only now is refused, though `cargo build` takes both.
# Versions:         cargo 1.95.0
# Date:             2026-11-28
# Source:           https://doc.rust-lang.org/1.95.0/cargo/commands/cargo-package.html
# Why it matters:   on a machine that keeps CARGO_HOME between runs, CI refuses every change to two crates of a workspace at
#                   once. .ci/run packages in a target folder made for the one run.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export CARGO_HOME="$dir/home" CARGO_TERM_COLOR=never RUSTFLAGS=
unset CARGO_TARGET_DIR
mkdir -p "$dir/workspace"
cd "$dir/workspace"
printf '[workspace]\nresolver = "3"\nmembers = ["lower", "upper"]\n' >Cargo.toml
for name in lower upper; do
    mkdir -p "$name/src"
    printf '[package]\nname = "invented-%s"\nversion = "0.1.0"\nedition = "2024"\n' "$name" >"$name/Cargo.toml"
done
printf '\n[dependencies]\ninvented-lower = { version = "=0.1.0", path = "../lower" }\n' >>upper/Cargo.toml

echo 'pub fn one() -> u8 { 1 }' >lower/src/lib.rs
echo 'pub fn total() -> u8 { invented_lower::one() }' >upper/src/lib.rs
cargo package --quiet --offline --allow-dirty --workspace 2>/dev/null

echo 'pub fn two() -> u8 { 2 }' >lower/src/lib.rs
echo 'pub fn total() -> u8 { invented_lower::two() }' >upper/src/lib.rs
cargo --version
cargo build --quiet --offline && echo 'cargo build: passes'
second=$(cargo package --quiet --offline --allow-dirty --workspace 2>&1) && second=passes
grep '^error' <<<"$second" || true
grep -q '^error\[E0425\]: cannot find function `two`' <<<"$second" || { echo "this changed" >&2; exit 1; }

cargo package --quiet --offline --allow-dirty --workspace --target-dir "$dir/other" 2>/dev/null ||
    { echo "this changed" >&2; exit 1; }
echo 'cargo package in another target folder: passes'
