#!/bin/sh
# Compares resolved values of the corpus's templates with cfn-lint's, which is run and never linked or copied.
set -eu
cd "$(dirname "$0")/.."
version=1.58.0
cache="${BUCKETLINT_CACHE:-${TMPDIR:-/tmp}/bucketlint-resolution}/$version"
if [ ! -x "$cache/bin/cfn-lint" ]; then
    python3 -m venv "$cache"
    "$cache/bin/pip" install --quiet --disable-pip-version-check "cfn-lint==$version"
fi
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
find "${BUCKETLINT_CORPUS:?names the directory of templates}" -type f \
    \( -name '*.yaml' -o -name '*.yml' -o -name '*.json' -o -name '*.template' \) -print0 |
    sort -z | xargs -0 cargo run --quiet --locked --example resolved -- >"$lines"
"$cache/bin/python" tests/resolution/agree.py <"$lines"
