#!/bin/sh
# Gives the reports to programs that others wrote to read them: the SARIF schema and sarif-tools, reviewdog's format
# validator, junitparser. They are run and never linked or copied.
set -eu
cd "$(dirname "$0")/.."
cache="${BUCKETLINT_CACHE:-${TMPDIR:-/tmp}/bucketlint-formats}/1"
if [ ! -d "$cache/node_modules" ]; then
    npm install --prefix "$cache" --no-save --no-audit --no-fund --ignore-scripts \
        @microsoft/jest-sarif@1.0.0-beta.0 @umbrelladocs/rdformat-validator@1.0.1
fi
python=$(.ci/venv formats sarif-tools==3.0.5 junitparser==5.0.3 jsonschema==4.26.0)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
known="$out/known.json"
cargo run --quiet --locked -- check --no-config --control-account 123456789012 --write-baseline --baseline "$known" \
    --format short fixtures/allow/expired
# inputs: findings over several files, many kinds of trouble with text beyond ASCII, and what is allowed and known
set -- fixtures/example fixtures/policy fixtures/source "fixtures/allow --baseline $known"
number=0
for input; do
    number=$((number + 1))
    status=0
    # shellcheck disable=SC2086 # an input may have flags
    cargo run --quiet --locked -- check --no-config --control-account 123456789012 $input \
        --format json="$out/$number.json" --format sarif="$out/$number.sarif" --format gitlab="$out/$number.gitlab" \
        --format junit="$out/$number.junit" --format checkstyle="$out/$number.checkstyle" \
        --format rdjsonl="$out/$number.rdjsonl" --format github="$out/$number.github" || status=$?
    [ "$status" -le 1 ]
    "$python/bin/sarif" summary "$out/$number.sarif" >"$out/$number.summary"
    while IFS= read -r line; do
        printf '%s' "$line" >"$out/line.json"
        node "$cache/node_modules/@umbrelladocs/rdformat-validator/bin/rdformat-validator.js" --silent "$out/line.json" >/dev/null
    done <<LINES
$(head -n 5 "$out/$number.rdjsonl")
LINES
    "$python/bin/python" tests/formats/agree.py "$out/$number" \
        "$cache/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
done
