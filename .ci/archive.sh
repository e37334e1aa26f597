#!/bin/sh
# Packs a built program for a release: `.ci/archive.sh TARGET PROGRAM DIRECTORY` writes
# DIRECTORY/bucketlint-VERSION-TARGET.tar.gz, or .zip for Windows, and its .sha256. Names are those of
# package.metadata.binstall in Cargo.toml, action/install.sh and docs/ci.md.
set -eu
target=$1
program=$(realpath "$2")
mkdir -p "$3"
out=$(realpath "$3")
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
name=bucketlint-$version-$target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/$name"
cp "$program" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$work/$name/"
case $target in
*-windows-*)
    file=$name.zip
    (cd "$work" && python3 -m zipfile -c "$file" "$name")
    ;;
*)
    file=$name.tar.gz
    tar -C "$work" -czf "$work/$file" "$name"
    ;;
esac
mv "$work/$file" "$out/"
cd "$out"
if command -v sha256sum >/dev/null; then sha256sum "$file" >"$file.sha256"; else shasum -a 256 "$file" >"$file.sha256"; fi
echo "$out/$file"
