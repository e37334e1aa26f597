#!/usr/bin/env bash
# The ignore crate: `require_git(false)` also changes what holds inside a Git repository.
#
# One would guess:  `WalkBuilder::require_git(false)` makes `.gitignore` files count outside a repository too, as its
#                   documentation says, and changes nothing inside one, where Git reads none above the repository's root.
# What happens:     with it, a `.gitignore` in a folder above the root of a repository hides files in the repository, though
#                   `.git` is there; with `require_git(true)`, the default, it does not.
# Versions:         ignore 0.4.34
# Date:             2026-11-28
# Source:           https://docs.rs/ignore/0.4.34/ignore/struct.WalkBuilder.html#method.require_git
# Why it matters:   a checkout below somebody's home or a build folder with a `.gitignore` of its own was linted only in part,
#                   and nothing said so. bucketlint asks for `require_git` wherever it finds `.git` above.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/program/src" "$dir/above/repository/.git"
printf '*.yaml\n' >"$dir/above/.gitignore"
touch "$dir/above/repository/kept.yaml" "$dir/above/repository/kept.json"
cat >"$dir/program/Cargo.toml" <<'TOML'
[package]
name = "walk"
version = "0.0.0"
edition = "2021"

[dependencies]
ignore = "=0.4.34"
TOML
cat >"$dir/program/src/main.rs" <<'RUST'
fn main() {
    let root = std::env::args().nth(1).unwrap();
    for required in [true, false] {
        let walk = ignore::WalkBuilder::new(&root).require_git(required).git_global(false).build();
        let mut names: Vec<String> = walk
            .filter_map(Result::ok)
            .filter(|entry| entry.path().is_file())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        println!("require_git({required}): {}", names.join(" "));
    }
}
RUST
found=$(cargo run --quiet --manifest-path "$dir/program/Cargo.toml" -- "$dir/above/repository")
grep -A 1 'name = "ignore"' "$dir/program/Cargo.lock"
printf '%s\n' "$found"
expected='require_git(true): kept.json kept.yaml
require_git(false): kept.json'
[ "$found" = "$expected" ] || { echo "this changed" >&2; exit 1; }
