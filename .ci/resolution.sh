#!/bin/sh
# Compares resolved values of the corpus's templates with cfn-lint's, which is run and never linked or copied.
set -eu
cd "$(dirname "$0")/.."
python=$(.ci/venv resolution cfn-lint==1.58.0)
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
find "${BUCKETLINT_CORPUS:?names the directory of templates}" -type f \
    \( -name '*.yaml' -o -name '*.yml' -o -name '*.json' -o -name '*.template' \) -print0 |
    sort -z | xargs -0 cargo run --quiet --locked --example resolved -- >"$lines"
"$python/bin/python" tests/resolution/agree.py <"$lines"
