#!/usr/bin/env bash
# Puts the program of a release into the path: that of VERSION, or the one this action comes with.
set -euo pipefail
version=${VERSION:-}
version=${version#v}
if [ -z "$version" ]; then
  version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/Cargo.toml" | head -n 1)
fi
case "$RUNNER_OS-$RUNNER_ARCH" in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64) target=x86_64-pc-windows-msvc ;;
  *)
    echo "::error::bucketlint has no program for $RUNNER_OS on $RUNNER_ARCH; cargo install builds one"
    exit 2
    ;;
esac
name=bucketlint-$version-$target
file=$name.tar.gz
if [ "$RUNNER_OS" = Windows ]; then file=$name.zip; fi

dir=$RUNNER_TEMP/bucketlint
mkdir -p "$dir"
cd "$dir"
for part in "$file" "$file.sha256"; do
  url=https://github.com/bucketlint/bucketlint/releases/download/v$version/$part
  curl --fail --silent --show-error --location --retry 3 --output "$part" "$url" || {
    echo "::error::bucketlint $version is not to be had: $url"
    exit 2
  }
done
if command -v sha256sum >/dev/null; then sha256sum --check --quiet "$file.sha256"; else shasum -a 256 --check --quiet "$file.sha256"; fi || {
  echo "::error::$file is not what was released: its checksum differs"
  exit 2
}
case $file in
  *.zip) unzip -qo "$file" ;;
  *) tar -xzf "$file" ;;
esac
echo "$dir/$name" >>"$GITHUB_PATH"
"$dir/$name/bucketlint" --version
